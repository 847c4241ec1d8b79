//! More than 4 GiB, where zip's 32-bit fields end, and more than memory should hold. Takes some 11 GiB of
//! memory, 20 GB of disk, and some minutes, so it is run by hand, one test after the other:
//!
//! ```text
//! NPZ_PYTHON=python3 cargo test --release --test large -- --ignored --nocapture --test-threads 1
//! ```

#[path = "all/common/mod.rs"]
mod common;

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use common::corpus::Random;
use ndarray::{Array1, Array2};
use npz::{Compression, NpyReader, NpyWriter, NpzReader, NpzWriter, Rows};

const SHAPE: (usize, usize) = (5, 1 << 30);

/// What Python's zipfile and NumPy say of an archive: sizes, shape, and a few elements.
const SCRIPT: &str = "\
import sys, zipfile, numpy as np
for member in zipfile.ZipFile(sys.argv[1]).infolist():
    print(member.filename, member.file_size, end=' ')
x = np.load(sys.argv[1])['x']
print(x.dtype, x.shape, x[4, -1], int(x[:, 12345].sum()), np.load(sys.argv[1])['after'])";

#[test]
#[ignore = "takes 10 GiB of memory and of disk"]
fn five_gib_survive_stored_and_deflated() {
    let mut x = Array2::<u8>::zeros(SHAPE);
    let mut random = Random(1);
    for is_noise in [false, true] {
        if is_noise {
            // Compressed, it is still more than 4 GiB.
            for eight in x.as_slice_mut().unwrap().as_chunks_mut::<8>().0 {
                *eight = random.next().to_le_bytes();
            }
        }
        x.column_mut(12345).fill(9);
        x[[4, SHAPE.1 - 1]] = 7;
        for compression in [Compression::Stored, Compression::Deflate(6)] {
            for is_stream in [false, true] {
                survives(&x, compression, is_stream);
            }
        }
    }
}

fn survives(x: &Array2<u8>, compression: Compression, is_stream: bool) {
    fn fill<W: Write>(npz: NpzWriter<W>, x: &Array2<u8>, compression: Compression) {
        let mut npz = npz.compression(compression);
        npz.array("x", x).unwrap().array("after", &1).unwrap();
        npz.finish().unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.npz");
    let start = Instant::now();
    match is_stream {
        true => fill(NpzWriter::stream(File::create(&path).unwrap()), x, compression),
        false => fill(NpzWriter::create(&path).unwrap(), x, compression),
    }
    let written = start.elapsed();
    let start = Instant::now();
    let npz = NpzReader::open(&path).unwrap();
    let loaded: Array2<u8> = npz.get("x").unwrap();
    let read = start.elapsed();
    assert!(loaded == x);
    drop(loaded);
    assert_eq!(npz.get::<i32>("after").unwrap(), 1);
    let on_disk = npz.info("x").unwrap().compressed_size();
    println!(
        "{compression:?} (stream: {is_stream}): written in {written:.1?}, read in {read:.1?}, \
         {on_disk} bytes"
    );

    let size = x.len() + 128;
    let x_is = "uint8 (5, 1073741824) 7 45 1";
    numpy_says(SCRIPT, &path, &format!("x.npy {size} after.npy 132 {x_is}"));

    // What is appended comes first in the file, so that `after` moves further.
    let mut npz = NpzWriter::append(&path).unwrap();
    npz.array("added", &2).unwrap();
    npz.finish().unwrap();
    numpy_says(SCRIPT, &path, &format!("x.npy {size} after.npy 132 added.npy 132 {x_is}"));
    NpzReader::open(&path).unwrap().verify().unwrap();
    // And now to the front.
    let mut npz = NpzWriter::append(&path).unwrap();
    npz.remove("x").unwrap();
    npz.finish().unwrap();
    let npz = NpzReader::open(&path).unwrap();
    npz.verify().unwrap();
    assert_eq!(npz.get_all().unwrap().len(), 2);
}

fn numpy_says(script: &str, path: &Path, expected: &str) {
    let python = std::env::var_os("NPZ_PYTHON").expect("NPZ_PYTHON names a Python with NumPy");
    let output = Command::new(python).args(["-c", script]).arg(path).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text.trim(), expected, "{}", String::from_utf8_lossy(&output.stderr));
}

const ROWS: usize = 2_500_000;
const COLUMNS: usize = 1000;

/// A row of a table of 20 GB.
fn row(number: usize) -> Array1<f64> {
    Array1::from_iter((0..COLUMNS).map(|column| row_at(number, column)))
}

/// What NumPy says of the table, without having all of it in memory.
const TABLE: &str = "\
import sys, zipfile, numpy as np
if sys.argv[1].endswith('.npy'):
    x = np.load(sys.argv[1], mmap_mode='r')
    print(x.dtype, x.shape, x[0, 0], x[1234567, 89], x[-1, -1])
else:
    with zipfile.ZipFile(sys.argv[1]).open('x.npy') as member:
        assert np.lib.format.read_magic(member) == (1, 0)
        shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(member)
        at, places = 0, [(0, 0), (1234567, 89), (shape[0] - 1, shape[1] - 1)]
        seen = []
        for row, column in places:
            member.seek(128 + (row * shape[1] + column) * 8)
            seen.append(np.frombuffer(member.read(8), dtype)[0])
        while member.read(1 << 24):
            pass  # its CRC is compared at the end
        print(dtype, shape, *seen)";

/// How much memory this process takes at most while it does something, besides what it has.
#[cfg(target_os = "linux")]
fn peak(act: impl FnOnce()) -> u64 {
    let status = |key: &str| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
    };
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = status("VmRSS:");
    act();
    status("VmHWM:") - before
}

#[test]
#[ignore = "takes 20 GB of disk"]
#[cfg(target_os = "linux")]
fn twenty_gb_pass_row_by_row_through_64_mib_of_memory() {
    let folder = tempfile::tempdir().unwrap();
    let write = |mut rows: Rows<'_>| {
        for number in 0..ROWS {
            rows.push(&row(number)).unwrap();
        }
        rows.finish().unwrap();
    };
    let check = |blocks: &mut dyn Iterator<Item = npz::Result<Array2<f64>>>| {
        let mut number = 0;
        for block in blocks {
            for found in block.unwrap().rows() {
                assert!(
                    (found[0], found[COLUMNS - 1])
                        == (row_at(number, 0), row_at(number, COLUMNS - 1))
                );
                number += 1;
            }
        }
        assert_eq!(number, ROWS);
    };
    for way in ["stored.npz", "deflated.npz", "x.npy"] {
        let path = folder.path().join(way);
        let start = Instant::now();
        let to_write = peak(|| match way {
            "x.npy" => write(NpyWriter::create(&path).unwrap().rows::<f64>([COLUMNS]).unwrap()),
            way => {
                let level = if way.starts_with("deflated") {
                    Compression::Deflate(6)
                } else {
                    Compression::Stored
                };
                let mut npz = NpzWriter::create(&path).unwrap().compression(level);
                write(npz.rows::<f64>("x", [COLUMNS]).unwrap());
                npz.finish().unwrap();
            }
        });
        let written = start.elapsed();
        let start = Instant::now();
        let to_read = peak(|| match way {
            "x.npy" => check(&mut NpyReader::open(&path).unwrap().chunks(131).unwrap()),
            _ => check(&mut NpzReader::open(&path).unwrap().chunks("x", 131).unwrap()),
        });
        println!(
            "{way}: {} bytes, written in {written:.1?} with {} MiB, read in {:.1?} with {} MiB",
            path.metadata().unwrap().len(),
            to_write >> 20,
            start.elapsed(),
            to_read >> 20
        );
        assert!(to_write.max(to_read) < 64 << 20);
        numpy_says(TABLE, &path, "float64 (2500000, 1000) 0.0 9876625.0 20000991.0");
        std::fs::remove_file(&path).unwrap();
    }
}

fn row_at(number: usize, column: usize) -> f64 {
    (number * 8 + column) as f64
}
