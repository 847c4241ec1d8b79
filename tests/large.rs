//! More than 4 GiB, where zip's 32-bit fields end. Takes some 11 GiB of memory and of disk,
//! and some minutes, so it is run by hand:
//!
//! ```text
//! NPZ_PYTHON=python3 cargo test --release --test large -- --ignored --nocapture
//! ```

#[path = "all/common/mod.rs"]
mod common;

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use common::corpus::Random;
use ndarray::Array2;
use npz::{Compression, NpzReader, NpzWriter};

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
    numpy_says(&path, &format!("x.npy {size} after.npy 132 {x_is}"));

    // What is appended comes first in the file, so that `after` moves further.
    let mut npz = NpzWriter::append(&path).unwrap();
    npz.array("added", &2).unwrap();
    npz.finish().unwrap();
    numpy_says(&path, &format!("x.npy {size} after.npy 132 added.npy 132 {x_is}"));
    NpzReader::open(&path).unwrap().verify().unwrap();
    // And now to the front.
    let mut npz = NpzWriter::append(&path).unwrap();
    npz.remove("x").unwrap();
    npz.finish().unwrap();
    let npz = NpzReader::open(&path).unwrap();
    npz.verify().unwrap();
    assert_eq!(npz.get_all().unwrap().len(), 2);
}

fn numpy_says(path: &Path, expected: &str) {
    let python = std::env::var_os("NPZ_PYTHON").expect("NPZ_PYTHON names a Python with NumPy");
    let output = Command::new(python).args(["-c", SCRIPT]).arg(path).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text.trim(), expected, "{}", String::from_utf8_lossy(&output.stderr));
}
