//! Saving and loading by each path, in bytes of array data per second.
//!
//! ```text
//! cargo bench --bench save_load --features mmap
//! ```

use std::fs;
use std::hint::black_box;
use std::io::Cursor;
use std::path::Path;

use criterion::{
    BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use ndarray::{Array3, CowArray, Ix3, Order, SliceInfoElem, s};
use npz::{Compression, Endian, NpzReader, NpzWriter, WriteNpz};

const SIDE: usize = 128; // 16 MiB of f64
const SMALL: usize = 1000;
const FOREIGN: Endian = match Endian::NATIVE {
    Endian::Little => Endian::Big,
    Endian::Big => Endian::Little,
};

fn cube() -> Array3<f64> {
    Array3::from_shape_fn((SIDE, SIDE, SIDE), |(i, j, k)| {
        ((i * SIDE + j) as f64 / 1000.0).sin() + k as f64
    })
}

fn group<'a>(c: &'a mut Criterion, name: &str, bytes: usize) -> BenchmarkGroup<'a, WallTime> {
    let mut group = c.benchmark_group(name);
    group.throughput(Throughput::Bytes(bytes as u64)).sample_size(20);
    group
}

fn save(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    let x = cube();
    let bytes = x.len() * size_of::<f64>();
    let mut bench = |name: &str, bytes: usize, array: &dyn Fn(&mut NpzWriter<fs::File>)| {
        group(c, "save", bytes).bench_function(name, |b| {
            b.iter(|| {
                let mut npz = NpzWriter::create(&path).unwrap();
                array(&mut npz);
                npz.finish().unwrap()
            });
        });
    };
    bench("contiguous", bytes, &|npz| x.write_npz(npz, "x").unwrap());
    let permuted = x.view().permuted_axes([1, 0, 2]);
    bench("axes 1, 0, 2", bytes, &|npz| permuted.write_npz(npz, "x").unwrap());
    let turned = x.view().permuted_axes([2, 0, 1]);
    bench("axes 2, 0, 1", bytes, &|npz| turned.write_npz(npz, "x").unwrap());
    bench("transposed, to C order", bytes, &|npz| {
        npz.entry("x").order(Order::C).array(&x.t()).unwrap();
    });
    let strided = x.slice(s![.., ..;2, ..;-1]);
    bench("[.., ..;2, ..;-1]", bytes / 2, &|npz| strided.write_npz(npz, "x").unwrap());
    bench("foreign endian", bytes, &|npz| {
        npz.entry("x").endian(FOREIGN).array(&x).unwrap();
    });
    let table = x.to_shape((2048, 1024)).unwrap();
    let in_rows = |npz: &mut NpzWriter<fs::File>, compression| {
        let entry = npz.entry("x").compression(compression);
        let mut rows = entry.rows::<f64>([table.ncols()]).unwrap();
        for row in table.rows() {
            rows.push(&row).unwrap();
        }
        rows.finish().unwrap();
    };
    bench("in rows of 8 kB", bytes, &|npz| in_rows(npz, Compression::Stored));
    if cfg!(feature = "deflate") {
        bench("deflated at 6", bytes, &|npz| {
            npz.entry("x").compression(Compression::Deflate(6)).array(&x).unwrap();
        });
        bench("deflated at 6, in rows of 8 kB", bytes, &|npz| {
            in_rows(npz, Compression::Deflate(6));
        });
    }
}

/// What compresses in different ways: with matches, in Huffman codes alone, not at all.
#[cfg(feature = "deflate")]
fn compress(c: &mut Criterion) {
    const LEN: usize = 1 << 20; // 8 MiB
    let scrambled = |i: usize| (i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let sorts: [(&str, Vec<f64>); 4] = [
        ("smooth", (0..LEN).map(|i| (i as f64 / 1000.0).sin()).collect()),
        ("rounded", (0..LEN).map(|i| ((i as f64 / 50.0).sin() * 1e5).round() / 1e3).collect()),
        ("labels", (0..LEN).map(|i| (i / 97 % 10) as f64).collect()),
        ("noise", (0..LEN).map(|i| f64::from_bits(scrambled(i) ^ scrambled(i) >> 29)).collect()),
    ];
    for (name, x) in &sorts {
        for level in [1, 6, 9] {
            let mut group = group(c, "compress to memory", size_of_val(&x[..]));
            group.sample_size(10).bench_function(format!("{name} at {level}"), |b| {
                b.iter(|| {
                    let npz = NpzWriter::new(Cursor::new(Vec::new()));
                    let mut npz = npz.compression(Compression::Deflate(level));
                    npz.array("x", x).unwrap();
                    npz.finish().unwrap()
                });
            });
        }
    }
}

#[cfg(not(feature = "deflate"))]
fn compress(_: &mut Criterion) {}

/// The cube in several forms.
fn save_cubes(path: &Path) {
    let x = cube();
    let mut npz = NpzWriter::create(path).unwrap();
    npz.array("stored", &x).unwrap();
    npz.entry("foreign endian").endian(FOREIGN).array(&x).unwrap();
    npz.array("bools", &x.mapv(|x| x > 0.0)).unwrap();
    if cfg!(feature = "deflate") {
        npz.entry("deflated").compression(Compression::Deflate(6)).array(&x).unwrap();
    }
    npz.finish().unwrap();
}

fn load(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    save_cubes(&path);
    let npz = NpzReader::open(&path).unwrap();
    let mut total = 0;
    for name in npz.names() {
        let bytes = npz.info(name).unwrap().nbytes() as usize;
        total += bytes;
        group(c, "load", bytes).bench_function(name, |b| match name {
            "bools" => b.iter(|| npz.get::<Array3<bool>>(name).unwrap()),
            _ => b.iter(|| npz.get::<Array3<f64>>(name).unwrap()),
        });
    }
    for name in npz.names().filter(|name| ["stored", "deflated"].contains(name)) {
        let bytes = npz.info(name).unwrap().nbytes() as usize;
        group(c, "load", bytes).bench_function(format!("{name}, in chunks of 1 MiB"), |b| {
            b.iter(|| {
                let chunks = npz.chunks::<Array3<f64>>(name, SIDE / 16).unwrap();
                chunks.for_each(|chunk| drop(black_box(chunk.unwrap())));
            });
        });
    }
    group(c, "load", total).bench_function("all", |b| b.iter(|| npz.get_all().unwrap()));
    group(c, "load", total).bench_function("verify all", |b| b.iter(|| npz.verify().unwrap()));
}

fn load_slice(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    save_cubes(&path);
    let npz = NpzReader::open(&path).unwrap();
    let mut bench = |name: &str, what: &str, slice: &dyn AsRef<[SliceInfoElem]>| {
        let load = || npz.get_slice::<Array3<f64>>(name, slice).unwrap();
        let bytes = load().len() * size_of::<f64>();
        group(c, "load a slice", bytes).bench_function(format!("{what}, {name}"), |b| b.iter(load));
    };
    let rows = s![60..68, .., ..];
    bench("stored", "rows", &rows);
    bench("stored", "columns", &s![.., .., 60..68]);
    bench("stored", "every other row", &s![..;2, .., ..]);
    bench("stored", "every other column", &s![.., .., ..;2]);
    if cfg!(feature = "deflate") {
        bench("deflated", "rows", &rows);
    }
}

/// Into memory that is there, or where the array is.
fn in_place(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    save_cubes(&path);
    let mut x = cube();
    let mut bench = |name: &str, work: &mut dyn FnMut()| {
        group(c, "in place", SIDE.pow(3) * size_of::<f64>())
            .bench_function(name, |b| b.iter(&mut *work));
    };
    let npz = NpzReader::open(&path).unwrap();
    bench("read into", &mut || npz.read_into("stored", &mut x).unwrap());
    let mut transposed = x.view_mut().reversed_axes();
    bench("read into a transposed view", &mut || {
        npz.read_into("stored", &mut transposed).unwrap();
    });
    let mut bytes = fs::read(&path).unwrap();
    let mut cow = |name: &str, array: &str, bytes: &[u8]| {
        let npz = NpzReader::from_bytes(bytes).unwrap();
        let cow = || -> CowArray<'_, f64, Ix3> { npz.cow(array).unwrap() };
        assert!(cow().is_owned());
        bench(name, &mut || drop(black_box(cow())));
    };
    cow("cow, foreign endian", "foreign endian", &bytes);
    bytes.insert(0, 0);
    cow("cow, not aligned", "stored", &bytes[1..]);
    #[cfg(feature = "mmap")]
    c.bench_function("in place/map and view", |b| {
        b.iter(|| {
            // SAFETY: nobody else has to do with the file.
            let npz = unsafe { NpzReader::map(&path).unwrap() };
            black_box(npz.view::<f64, Ix3>("stored").unwrap());
        });
    });
}

fn convert(c: &mut Criterion) {
    let x = cube().into_shape_with_order(SIDE * SIDE * SIDE).unwrap();
    let particles =
        x.map(|&x| Particle { id: 1, pos: [x; 3], mass: x }).slice_move(s![..x.len() / 5]);
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    npz.array("f8", &x).unwrap();
    npz.array("f4", &x.mapv(|x| x as f32)).unwrap();
    npz.array("i4", &x.mapv(|x| x as i32)).unwrap();
    npz.array("text", &x.slice(s![..100_000]).mapv(|x| x.to_string())).unwrap();
    npz.array("records", &particles).unwrap();
    npz.entry("foreign records").endian(FOREIGN).array(&particles).unwrap();
    let npz = NpzReader::new(npz.finish().unwrap()).unwrap();
    let mut bench = |name: &str, bytes: u64, load: &dyn Fn()| {
        group(c, "convert", bytes as usize).bench_function(name, |b| b.iter(load));
    };
    let nbytes = |name: &str| npz.info(name).unwrap().nbytes();
    bench("f8, as it is", nbytes("f8"), &|| drop(black_box(npz.get::<Vec<f64>>("f8").unwrap())));
    // In bytes of the result, to compare with the line above.
    bench("f4 to f8", nbytes("f8"), &|| drop(black_box(npz.get_cast::<Vec<f64>>("f4").unwrap())));
    bench("i4 to f8", nbytes("f8"), &|| drop(black_box(npz.get_cast::<Vec<f64>>("i4").unwrap())));
    bench("f8 to f4", nbytes("f4"), &|| drop(black_box(npz.get_cast::<Vec<f32>>("f8").unwrap())));
    bench("i4 to i2, checked", nbytes("i4") / 2, &|| {
        drop(black_box(npz.get_cast::<Vec<i16>>("i4").unwrap()))
    });
    bench("text", nbytes("text"), &|| drop(black_box(npz.get::<Vec<String>>("text").unwrap())));
    for name in ["records", "foreign records"] {
        bench(name, nbytes(name), &|| drop(black_box(npz.get::<Vec<Particle>>(name).unwrap())));
    }
}

#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Particle {
    id: u64,
    pos: [f64; 3],
    mass: f64,
}
npz::record!(Particle { id, pos, mass });

fn small(c: &mut Criterion) {
    let names: Vec<String> = (0..SMALL).map(|i| format!("layer/{i}")).collect();
    let x = [0.5_f64; 16];
    let write = || {
        let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
        for name in &names {
            npz.array(name, &x).unwrap();
        }
        npz.finish().unwrap().into_inner()
    };
    let bytes = SMALL * size_of_val(&x);
    group(c, "1000 arrays of 16 f64", bytes).bench_function("save to memory", |b| b.iter(write));
    group(c, "1000 arrays of 16 f64", bytes).bench_function("save to a stream", |b| {
        b.iter(|| {
            let mut npz = NpzWriter::stream(std::io::sink());
            for name in &names {
                npz.array(name, &x).unwrap();
            }
            npz.finish().unwrap()
        });
    });
    let archive = write();
    group(c, "1000 arrays of 16 f64", bytes)
        .bench_function("open", |b| b.iter(|| NpzReader::from_bytes(&archive).unwrap()));
    let npz = NpzReader::from_bytes(&archive).unwrap();
    group(c, "1000 arrays of 16 f64", bytes).bench_function("load each", |b| {
        b.iter(|| {
            names.iter().for_each(|name| drop(black_box(npz.get::<Vec<f64>>(name).unwrap())))
        });
    });
    group(c, "1000 arrays of 16 f64", bytes)
        .bench_function("load all", |b| b.iter(|| npz.get_all().unwrap()));
    group(c, "1000 arrays of 16 f64", bytes)
        .bench_function("verify all", |b| b.iter(|| npz.verify().unwrap()));
}

criterion_group!(benches, save, compress, load, load_slice, in_place, convert, small);
criterion_main!(benches);
