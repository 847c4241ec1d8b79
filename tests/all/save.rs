//! The public face: what can be saved and loaded, under which names, with which options.

use std::io::{Cursor, Seek, SeekFrom};

use crate::common::{self, data, members, values};
use ndarray::{
    ArcArray2, Array, Array0, Array1, Array2, Array3, ArrayD, ArrayRef2, ArrayView2, CowArray, Ix2,
    Order, arr0, array, s,
};
use npz::{Compression, Endian, ErrorKind, NpzReader, NpzWriter, ReadNpz, WriteNpz, savez};

fn memory() -> NpzWriter<Cursor<Vec<u8>>> {
    NpzWriter::new(Cursor::new(Vec::new()))
}

fn reader(npz: NpzWriter<Cursor<Vec<u8>>>) -> NpzReader<Cursor<Vec<u8>>> {
    NpzReader::new(npz.finish().unwrap()).unwrap()
}

fn x() -> Array2<f64> {
    array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
}

#[test]
fn every_kind_of_array_is_saved_and_loaded() {
    let owned = x();
    let view: ArrayView2<f64> = owned.view();
    let shared: ArcArray2<f64> = owned.to_shared();
    let cow: CowArray<f64, Ix2> = CowArray::from(owned.view());
    let reference: &ArrayRef2<f64> = &owned;
    let mut mutable = owned.clone();
    let dynamic: ArrayD<f64> = owned.clone().into_dyn();

    let mut npz = memory();
    npz.array("owned", &owned).unwrap();
    npz.array("view", &view).unwrap();
    npz.array("mutable view", &mutable.view_mut()).unwrap();
    npz.array("shared", &shared).unwrap();
    npz.array("cow", &cow).unwrap();
    npz.array("reference", reference).unwrap();
    npz.array("dynamic", &dynamic).unwrap();
    let npz = reader(npz);
    assert_eq!(npz.len(), 7);
    for name in npz.names() {
        assert_eq!(npz.get::<Array2<f64>>(name).unwrap(), owned);
    }
    assert_eq!(npz.get::<ArrayD<f64>>("owned").unwrap(), dynamic);
    assert_eq!(npz.get::<ArcArray2<f64>>("owned").unwrap(), owned);
    assert_eq!(npz.get::<CowArray<f64, Ix2>>("owned").unwrap(), owned);
}

#[test]
fn scalars_and_sequences_are_saved_and_loaded() {
    let mut npz = memory();
    npz.array("scalar", &2.5_f32).unwrap();
    npz.array("flag", &true).unwrap();
    npz.array("zero-dimensional", &arr0(7_u16)).unwrap();
    npz.array("vec", &vec![1_i8, -1]).unwrap();
    npz.array("slice", &[1_u64, 2][..]).unwrap();
    npz.array("array", &[1_u64, 2]).unwrap();
    npz.array("empty", &Vec::<f64>::new()).unwrap();
    npz.array("bools", &[true, false]).unwrap();
    let npz = reader(npz);
    assert_eq!(npz.get::<f32>("scalar").unwrap(), 2.5);
    assert!(npz.get::<bool>("flag").unwrap());
    assert_eq!(npz.get::<Array0<u16>>("zero-dimensional").unwrap(), arr0(7));
    assert_eq!(npz.get::<u16>("zero-dimensional").unwrap(), 7);
    assert_eq!(npz.get::<Vec<i8>>("vec").unwrap(), [1, -1]);
    assert_eq!(npz.get::<Array1<u64>>("slice").unwrap(), array![1, 2]);
    assert_eq!(npz.get::<Vec<u64>>("array").unwrap(), [1, 2]);
    assert!(npz.get::<Vec<f64>>("empty").unwrap().is_empty());
    assert_eq!(npz.get::<Vec<bool>>("bools").unwrap(), [true, false]);
    assert_eq!(npz.info("scalar").unwrap().shape(), [0_usize; 0]);
}

#[test]
fn arrays_larger_than_a_chunk_and_lanes_longer_than_one_are_whole() {
    let a = Array3::from_shape_fn((70, 80, 90), |(i, j, k)| (i * 10_000 + j * 100 + k) as u32);
    let long = Array1::from_iter(0..300_000_u64);
    let mut npz = memory();
    npz.array("a", &a).unwrap();
    npz.array("permuted", &a.view().permuted_axes([1, 0, 2])).unwrap();
    npz.array("strided", &a.slice(s![..;2, .., ..;-3])).unwrap();
    npz.array("long strided", &long.slice(s![..;-2])).unwrap();
    npz.entry("big-endian").endian(Endian::Big).array(&a).unwrap();
    npz.entry("Fortran").order(Order::F).array(&a).unwrap();
    let npz = reader(npz);
    assert_eq!(npz.get::<Array3<u32>>("a").unwrap(), a);
    assert_eq!(npz.get::<Array3<u32>>("permuted").unwrap(), a.view().permuted_axes([1, 0, 2]));
    assert_eq!(npz.get::<Array3<u32>>("strided").unwrap(), a.slice(s![..;2, .., ..;-3]));
    assert_eq!(npz.get::<Array1<u64>>("long strided").unwrap(), long.slice(s![..;-2]));
    assert_eq!(npz.get::<Array3<u32>>("big-endian").unwrap(), a);
    let fortran = npz.get::<Array3<u32>>("Fortran").unwrap();
    assert_eq!(fortran, a);
    assert!(fortran.t().is_standard_layout());
}

#[test]
fn large_views_of_any_strides_are_whole() {
    let x = Array3::from_shape_fn((70, 61, 90), |(i, j, k)| (i * 10_000 + j * 100 + k) as f64);
    let compressions = match cfg!(feature = "deflate") {
        true => &[Compression::Stored, Compression::Deflate(1)][..],
        false => &[Compression::Stored],
    };
    for axes in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        for (step, endian) in [(1, Endian::Little), (-1, Endian::Big), (2, Endian::Little)] {
            let view = x.view().permuted_axes(axes);
            let view = view.slice(s![.., ..;step, ..]);
            for &compression in compressions {
                let mut npz = memory().compression(compression).endian(endian);
                npz.array("x", &view).unwrap();
                let loaded: Array3<f64> = reader(npz).get("x").unwrap();
                assert!(loaded == view, "{axes:?}, {step}, {endian:?}, {compression:?}");
            }
        }
    }
}

/// From files and bytes, which several threads can read at once; and from a cursor.
#[test]
fn large_arrays_of_any_dtype_are_read_whole() {
    let x = Array1::from_iter((0..700_003).map(|i| f64::from(i) * 0.3));
    let words = x.mapv(|x| x as u16);
    let bools = Array1::from_iter((0..5_000_001).map(|i| i % 7 == 0));
    let compressions = match cfg!(feature = "deflate") {
        true => &[Compression::Stored, Compression::Deflate(1)][..],
        false => &[Compression::Stored],
    };
    for &compression in compressions {
        let mut npz = memory().compression(compression);
        npz.array("x", &x).unwrap().array("bools", &bools).unwrap();
        npz.entry("big").endian(Endian::Big).array(&x).unwrap();
        npz.entry("words").endian(Endian::Big).array(&words).unwrap();
        let archive = npz.finish().unwrap();
        fn check<R>(npz: NpzReader<R>, x: &Array1<f64>, words: &Array1<u16>, bools: &Array1<bool>) {
            assert!(npz.get::<Array1<f64>>("x").unwrap() == x);
            assert!(npz.get::<Array1<f64>>("big").unwrap() == x);
            assert!(npz.get::<Array1<u16>>("words").unwrap() == words);
            assert!(npz.get::<Array1<bool>>("bools").unwrap() == bools);
            assert_eq!(npz.get_all().unwrap().len(), 4);
            npz.verify().unwrap();
        }
        let file = common::file();
        std::fs::write(&file, archive.get_ref()).unwrap();
        check(NpzReader::open(&file).unwrap(), &x, &words, &bools);
        check(NpzReader::from_bytes(archive.get_ref()).unwrap(), &x, &words, &bools);
        check(NpzReader::new(archive).unwrap(), &x, &words, &bools);
    }
}

#[test]
fn progress_is_told_of_every_member_from_this_thread() {
    let x = Array2::<f64>::zeros((1000, 1500)); // 12 MB
    let here = std::thread::current().id();
    let (sender, told) = std::sync::mpsc::channel();
    let mut npz = memory().progress(move |p| {
        assert_eq!(std::thread::current().id(), here);
        sender.send((p.name.to_owned(), p.bytes_done, p.bytes_total)).unwrap();
    });
    npz.array("x", &x).unwrap().array("turned", &x.slice(s![..;2, ..]).t()).unwrap();
    npz.array("none", &[0.0; 0]).unwrap().bytes("notes", &[7; 3_000_000]).unwrap();
    if cfg!(feature = "deflate") {
        npz.entry("small").compression(Compression::Deflate(1)).array(&x).unwrap();
    }
    NpzReader::new(npz.finish().unwrap()).unwrap().verify().unwrap();

    let members = [("x", 12_000_000), ("turned", 6_000_000), ("none", 0), ("notes", 3_000_000)];
    let small = cfg!(feature = "deflate").then_some(("small", 12_000_000));
    let mut told = told.into_iter().peekable();
    for (name, total) in members.into_iter().chain(small) {
        let mut last = 0;
        while let Some((_, done, of)) = told.next_if(|(told, ..)| told == name) {
            assert_eq!(of, total);
            assert!(
                done - last <= 2 << 20 && (done > last || total == 0),
                "{name}: {last} to {done}"
            );
            last = done;
        }
        assert_eq!(last, total, "{name}");
    }
    assert_eq!(told.next(), None);
}

#[test]
fn every_nan_and_zero_keeps_its_bits() {
    let bits = [
        0,
        1 << 63,
        0x7ff0_0000_0000_0000,
        0x7ff0_0000_0000_0001,
        0xfff8_dead_beef_0001,
        1,
        u64::MAX,
    ];
    let values: Vec<f64> = bits.iter().map(|&bits| f64::from_bits(bits)).collect();
    for endian in [Endian::Little, Endian::Big] {
        let mut npz = memory().endian(endian);
        npz.array("x", &values).unwrap();
        let loaded: Vec<f64> = reader(npz).get("x").unwrap();
        assert_eq!(loaded.iter().map(|value| value.to_bits()).collect::<Vec<_>>(), bits);
    }
}

#[test]
fn options_of_the_writer_hold_until_an_entry_says_otherwise() {
    let big = Array2::<f32>::zeros((100, 100));
    let deflated =
        if cfg!(feature = "deflate") { Compression::Deflate(1) } else { Compression::Stored };
    let mut npz = memory().compression(deflated).order(Order::F).endian(Endian::Big);
    npz.array("a", &big).unwrap();
    npz.entry("b")
        .compression(Compression::Stored)
        .order(Order::C)
        .endian(Endian::Little)
        .array(&big)
        .unwrap();
    npz.push(&big).unwrap();
    let npz = reader(npz);
    for name in ["a", "arr_0"] {
        let info = npz.info(name).unwrap();
        assert_eq!(info.is_compressed(), cfg!(feature = "deflate"));
        assert_eq!((info.order(), info.dtype().to_string().as_str()), (Order::F, ">f4"));
        assert_eq!(info.nbytes(), 40_000);
    }
    let info = npz.info("b").unwrap();
    assert!(!info.is_compressed());
    assert_eq!((info.order(), info.dtype().to_string().as_str()), (Order::C, "<f4"));
    assert_eq!(info.compressed_size(), 40_128);
}

#[test]
#[cfg(feature = "deflate")]
fn every_level_is_loaded() {
    let a = Array1::from_iter((0..200_000).map(|i| (i / 97) % 10));
    for level in 1..=9 {
        let mut npz = memory().compression(Compression::Deflate(level));
        npz.array("a", &a).unwrap();
        let npz = reader(npz);
        assert!(npz.info("a").unwrap().compressed_size() < 100_000);
        assert_eq!(npz.get::<Array1<i32>>("a").unwrap(), a);
    }
}

#[test]
fn levels_that_deflate_lacks_are_refused_and_the_writer_goes_on() {
    let mut npz = memory();
    for level in [0, 10, 255] {
        let error = npz.entry("x").compression(Compression::Deflate(level)).array(&1).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidOption { .. }));
        let text = format!("array `x`: deflate has the levels 1 to 9, not {level}");
        assert_eq!(error.to_string(), text);
    }
    npz.array("x", &1).unwrap();
    assert_eq!(reader(npz).get::<i32>("x").unwrap(), 1);
}

#[test]
#[cfg(not(feature = "deflate"))]
fn without_deflate_compression_is_refused() {
    let error =
        memory().compression(Compression::Deflate(6)).array("x", &1).unwrap_err().to_string();
    assert!(error.contains("built without `deflate`"), "{error}");
    let error = NpzReader::open(data("compressed.npz"))
        .unwrap()
        .get::<Vec<i64>>("big")
        .unwrap_err()
        .to_string();
    assert!(error.contains("built without `deflate`"), "{error}");
}

#[test]
fn names_are_arbitrary() {
    let long = "x".repeat(65_500);
    let names = [
        "",
        "file",
        "a/b/c",
        "scope//name",
        "/leading",
        "é粒子\u{1f600}",
        "a b\n",
        "x.npz",
        "npy",
        "..",
        &long,
    ];
    let mut npz = memory();
    for (value, name) in names.iter().enumerate() {
        npz.array(name, &(value as u64)).unwrap();
    }
    let npz = reader(npz);
    assert_eq!(npz.names().collect::<Vec<_>>(), names);
    for (value, name) in names.iter().enumerate() {
        assert!(npz.contains(name));
        assert_eq!(npz.get::<u64>(name).unwrap(), value as u64);
    }
}

#[test]
fn names_that_would_be_ambiguous_are_refused_and_the_writer_goes_on() {
    let mut npz = memory();
    npz.array("x", &1).unwrap().array("arr_1", &1).unwrap();
    let too_long = "x".repeat(65_501);
    for (name, expected) in [
        ("x", "already"),
        ("y.npy", "cannot end in `.npy`"),
        (".npy", "cannot end in `.npy`"),
        ("a\0b", "NUL"),
        (too_long.as_str(), "too long"),
    ] {
        let error = npz.array(name, &2).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidName { .. }));
        assert_eq!(error.array(), Some(name));
        assert!(error.to_string().contains(expected), "{error}");
    }
    // arr_0, then arr_1, which is taken: as numpy.savez(f, a, b, arr_1=c).
    npz.push(&0).unwrap();
    assert!(npz.push(&0).unwrap_err().to_string().contains("array `arr_1`: the archive has"));
    npz.array("z", &3).unwrap();
    // Members that are not arrays have their whole names.
    for name in ["x", "x.npy", "w.npy.npy"] {
        let error = npz.bytes(name, b"?").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidName { .. }), "{error}");
    }
    npz.bytes("__MACOSX/._x.npy", b"not an array").unwrap().bytes("w", b"?").unwrap();
    assert!(npz.array("w", &1).is_err() && npz.array("__MACOSX/._x", &1).is_err());
    let npz = reader(npz);
    assert_eq!(npz.names().collect::<Vec<_>>(), ["x", "arr_1", "arr_0", "z"]);
    assert_eq!(npz.other_members().collect::<Vec<_>>(), ["__MACOSX/._x.npy", "w"]);
    npz.verify().unwrap();
}

#[test]
fn members_are_aligned_and_small_ones_are_not_zip64() {
    let mut npz = memory();
    for (i, len) in [0, 1, 3, 64, 100, 5000].into_iter().enumerate() {
        npz.array(&"n".repeat(i * 7), &vec![i as u8; len]).unwrap();
    }
    let bytes = npz.finish().unwrap().into_inner();
    let mut zip = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
    for index in 0..zip.len() {
        let member = zip.by_index(index).unwrap();
        assert_eq!(member.data_start().unwrap() % 64, 0);
        assert!(member.version_needed() < 45, "zip64 is version 4.5");
    }
}

#[test]
fn a_stream_gets_the_same_members_as_a_file() {
    let mut seekable = memory();
    let mut stream = NpzWriter::stream(Vec::new());
    seekable.array("x", &x()).unwrap().array("t", &x().t()).unwrap();
    stream.array("x", &x()).unwrap().array("t", &x().t()).unwrap();
    if cfg!(feature = "deflate") {
        seekable.entry("z").compression(Compression::Deflate(9)).array(&x()).unwrap();
        stream.entry("z").compression(Compression::Deflate(9)).array(&x()).unwrap();
    }
    let (seekable, stream) = (seekable.finish().unwrap().into_inner(), stream.finish().unwrap());
    assert_eq!(members(&seekable), members(&stream));
    let npz = NpzReader::from_bytes(stream).unwrap();
    npz.verify().unwrap();
    assert_eq!(npz.get::<Array2<f64>>("t").unwrap(), x().t());
}

#[test]
fn an_archive_may_begin_behind_other_bytes() {
    let mut file = Cursor::new(vec![7; 100]);
    file.seek(SeekFrom::Start(50)).unwrap();
    let mut npz = NpzWriter::new(file);
    npz.array("x", &x()).unwrap();
    let bytes = npz.finish().unwrap().into_inner();
    assert_eq!(bytes[..50], [7; 50]);
    assert_eq!(NpzReader::from_bytes(bytes).unwrap().get::<Array2<f64>>("x").unwrap(), x());
}

/// What an archive is written over may be longer: an older archive, for one.
#[test]
fn an_archive_may_replace_other_bytes_that_are_longer() {
    let mut npz = memory();
    npz.array("x", &x()).unwrap();
    let archive = npz.finish().unwrap().into_inner();
    for (fill, longer) in (0..200).chain([100_000]).flat_map(|len| [(7, len), (0, len)]) {
        let mut file = vec![fill; archive.len() + longer];
        file[longer..].copy_from_slice(&archive);
        let mut npz = NpzWriter::new(Cursor::new(file));
        npz.array("y", &x()).unwrap();
        let bytes = npz.finish().unwrap().into_inner();
        assert_eq!(bytes.len(), archive.len() + longer);
        assert_eq!(members(&bytes)[0].0, "y.npy");
        let npz = NpzReader::from_bytes(bytes).unwrap();
        assert_eq!(npz.get::<Array2<f64>>("y").unwrap(), x());
    }
}

#[test]
fn the_macros_take_variables_values_and_references() {
    fn save(path: &std::path::Path, borrowed: &Array2<f64>) -> npz::Result<()> {
        let (vec, r#type) = (vec![1, 2], 0.5);
        savez!(
            path,
            borrowed,
            vec,
            view = borrowed.t(),
            r#type,
            sum = borrowed.sum(),
            path = &[1.0],
        )
    }
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    save(&path, &x()).unwrap();
    let npz = NpzReader::open(&path).unwrap();
    assert_eq!(npz.names().collect::<Vec<_>>(), ["borrowed", "vec", "view", "type", "sum", "path"]);
    assert_eq!(npz.get::<Array2<f64>>("view").unwrap(), x().t());
    assert_eq!(npz.get::<f64>("sum").unwrap(), 21.0);
    drop(npz);
    savez!(&path).unwrap();
    assert!(NpzReader::open(&path).unwrap().is_empty());

    // A `?` in a value leaves the function, with the function's own error.
    fn fails(path: &str) -> Result<(), Box<dyn std::error::Error>> {
        savez!(path, number = "x".parse::<f64>()?)?;
        Ok(())
    }
    assert!(fails("/nowhere").unwrap_err().is::<std::num::ParseFloatError>());
}

#[test]
fn the_traits_save_and_load_files() {
    let folder = common::folder();
    let npz_path = folder.path().join("x.npz");
    let npy_path = folder.path().join("x.npy");
    x().save_npz(&npz_path, "x").unwrap();
    assert_eq!(Array2::<f64>::load_npz(&npz_path, "x").unwrap(), x());
    x().t().save_npy(&npy_path).unwrap();
    let loaded = Array2::<f64>::load_npy(&npy_path).unwrap();
    assert_eq!(loaded, x().t());
    assert!(loaded.t().is_standard_layout());
    let error = Array2::<f64>::load_npy(folder.path().join("none.npy")).unwrap_err();
    assert!(error.to_string().starts_with("cannot open `"), "{error}");

    let mut npz = memory();
    x().write_npz(&mut npz, "again").unwrap();
    assert_eq!(reader(npz).get::<Array2<f64>>("again").unwrap(), x());
}

#[test]
fn long_streams_of_unknown_size_are_read_whole() {
    let a = Array::from_shape_fn((1000, 700), |(i, j)| (i * j) as u32);
    let mut bytes = Vec::new();
    a.write_npy(&mut bytes).unwrap();
    a.t().write_npy(&mut bytes).unwrap();
    let mut rest = &bytes[..];
    assert_eq!(Array2::<u32>::read_npy(&mut rest).unwrap(), a);
    assert_eq!(Array2::<u32>::read_npy(&mut rest).unwrap(), a.t());
    assert!(rest.is_empty());
}

#[test]
#[cfg_attr(target_family = "wasm", ignore = "WebAssembly has no threads")]
fn one_reader_serves_many_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&NpzWriter::stream(Vec::new()));
    shared(&NpzReader::from_read_at(&std::fs::File::open(data("stored.npz")).unwrap()).unwrap());
    let npz = NpzReader::open(data("stored.npz")).unwrap();
    shared(&npz);
    let expected: Array2<f64> = values(&[3, 4]).into_dimensionality().unwrap();
    let seekable = NpzReader::new(std::fs::File::open(data("stored.npz")).unwrap()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..200 {
                    assert_eq!(npz.get::<Array2<f64>>("arr_0").unwrap(), expected);
                    assert_eq!(seekable.get::<Array2<f64>>("arr_1").unwrap(), expected.t());
                }
            });
        }
    });
}

#[test]
fn readers_and_writers_say_what_they_are() {
    let folder = common::folder();
    let path = folder.path().join("run.npz");
    let mut npz = NpzWriter::create(&path).unwrap();
    assert_eq!(format!("{npz:?}"), format!("NpzWriter {path:?} with 0 members"));
    npz.array("x", &1).unwrap().bytes("README", b"?").unwrap();
    assert_eq!(format!("{npz:?}"), format!("NpzWriter {path:?} with 2 members: README, x"));
    npz.finish().unwrap();
    let npz = NpzReader::open(&path).unwrap();
    assert_eq!(npz.to_string(), format!("NpzReader {path:?} with 1 array: x"));
    assert_eq!(format!("{npz:?}"), npz.to_string());
    drop(npz);

    let mut npz = NpzWriter::append(&path).unwrap();
    npz.arrays(["b", "a\n", "d", "c", "e"].map(|name| (name, &2))).unwrap();
    let first = "README, a\\n, b, c, d, …";
    assert_eq!(format!("{npz:?}"), format!("NpzWriter {path:?} with 7 members: {first}"));
    npz.finish().unwrap();
    let npz = NpzReader::from_bytes(std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(npz.to_string(), "NpzReader with 6 arrays: x, b, a\\n, d, c, …");
}

#[test]
fn everything_public_is_debug() {
    let mut npz = memory();
    npz.array("x", &1).unwrap();
    assert!(format!("{:?}", npz.entry("y")).contains("Entry"));
    let npz = reader(npz);
    assert!(format!("{:?}", npz.info("x").unwrap()).contains("ArrayInfo"));
}
