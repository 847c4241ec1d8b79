//! More than 4 GiB, where zip's 32-bit fields end. Takes some 10 GiB of memory and of disk,
//! and half a minute, so it is run by hand:
//!
//! ```text
//! NPZ_PYTHON=python3 cargo test --release --test large -- --ignored --nocapture
//! ```

use std::process::Command;
use std::time::Instant;

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
    x.column_mut(12345).fill(9);
    x[[4, SHAPE.1 - 1]] = 7;
    let size = x.len() + 128;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.npz");
    for (compression, stream) in [
        (Compression::Stored, false),
        (Compression::Deflate(1), false),
        (Compression::Stored, true),
    ] {
        let start = Instant::now();
        if stream {
            let mut npz =
                NpzWriter::stream(std::fs::File::create(&path).unwrap()).compression(compression);
            npz.array("x", &x).unwrap().array("after", &1).unwrap();
            npz.finish().unwrap();
        } else {
            let mut npz = NpzWriter::create(&path).unwrap().compression(compression);
            npz.array("x", &x).unwrap().array("after", &1).unwrap();
            npz.finish().unwrap();
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
            "{compression:?} (stream: {stream}): written in {written:.1?}, read in {read:.1?}, {on_disk} bytes"
        );

        let python = std::env::var_os("NPZ_PYTHON").expect("NPZ_PYTHON names a Python with NumPy");
        let output = Command::new(python).args(["-c", SCRIPT]).arg(&path).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let expected = format!("x.npy {size} after.npy 132 uint8 (5, 1073741824) 7 45 1");
        assert_eq!(text.trim(), expected, "{}", String::from_utf8_lossy(&output.stderr));
    }
}
