//! What a build of the crate writes. `.ci/run` compares it with what a build without rayon does.

#![cfg(feature = "deflate")]

#[path = "all/common/mod.rs"]
mod common;

use std::env;
use std::fs::File;

use common::corpus::corpus;
use npz::{Compression, NpzWriter};

#[test]
#[ignore = "writes the file that NPZ_KEEP names"]
fn keep_a_compressed_archive() {
    let path = env::var_os("NPZ_KEEP").expect("NPZ_KEEP names a file");
    let npz = NpzWriter::new(File::create(path).unwrap());
    let mut npz = npz.compression(Compression::Deflate(6));
    // More than two blocks, and no multiple of anything.
    for (name, bytes) in corpus((2 << 20) + 98_765) {
        npz.array(name, &bytes).unwrap();
    }
    npz.finish().unwrap();
}
