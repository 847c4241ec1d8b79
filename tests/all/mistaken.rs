//! Files that are something else than they are taken for: the error says what they are, and
//! which file it is, however it was opened.

use std::error::Error;
use std::fs;
use std::io::Cursor;

use crate::common::{self, native};
use ndarray::Array1;
use npz::{AnyArray, ErrorKind, NpzReader, NpzWriter, ReadNpz, WriteNpz};

/// Opens the file in every way there is.
fn errors(bytes: &[u8]) -> Vec<npz::Error> {
    let folder = common::folder();
    let path = folder.path().join("data.npz");
    fs::write(&path, bytes).unwrap();
    let by_path = vec![
        NpzReader::open(&path).map(drop).unwrap_err(),
        NpzWriter::append(&path).map(drop).unwrap_err(),
        Array1::<f64>::load_npz(&path, "x").unwrap_err(),
        #[cfg(feature = "mmap")]
        unsafe { NpzReader::map(&path) }.map(drop).unwrap_err(),
        #[cfg(feature = "mmap")]
        unsafe { npz::NpzMapMut::open(&path) }.map(drop).unwrap_err(),
    ];
    for error in &by_path {
        assert_eq!(error.path(), Some(&*path), "{error}");
        assert!(error.to_string().contains("data.npz`: "), "{error}");
    }
    let others = [
        NpzReader::from_bytes(bytes).map(drop).unwrap_err(),
        NpzReader::new(Cursor::new(bytes)).map(drop).unwrap_err(),
        NpzReader::from_read_at(bytes).map(drop).unwrap_err(),
    ];
    by_path.into_iter().chain(others).collect()
}

fn npy() -> Vec<u8> {
    let mut bytes = Vec::new();
    [1.5, 2.5].write_npy(&mut bytes).unwrap();
    bytes
}

fn archive() -> Vec<u8> {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    npz.array("x", &[1.5; 10_000]).unwrap();
    npz.finish().unwrap().into_inner()
}

#[test]
fn what_is_not_an_archive_says_what_it_is() {
    let whole = archive();
    for (bytes, expected) in [
        (&b""[..], "it is empty"),
        (&whole[..whole.len() / 2], "it begins as an archive but has no end: it was cut short"),
        (&whole[..100], "it was cut short"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "Git LFS"),
        (b"\n<!DOCTYPE HTML><title>404</title>", "it is an HTML page"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "it is an XML document"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03", "it is compressed by gzip"),
        (b"\x80\x04\x95\0\0\0\0\0\0\0\0.", "it is a pickle"),
        (&npy(), "it is a single .npy array (load_npy reads it)"),
        (b"\x89HDF\r\n\x1a\n", "it is an HDF5 file"),
        (b"x,y\n1,2\n", "not an .npz archive, or it is damaged or cut short"),
    ] {
        for error in errors(bytes) {
            assert!(matches!(error.kind(), ErrorKind::Archive { .. }), "{error}");
            assert!(error.to_string().contains(expected), "{error}");
            assert!(error.source().is_none(), "{error:?}");
        }
    }
}

#[test]
fn what_is_not_an_npy_file_says_what_it_is() {
    let folder = common::folder();
    let path = folder.path().join("x.npy");
    for (bytes, expected) in [
        (&archive()[..], "it is an archive (NpzReader reads it)"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (b"<html>", "an HTML page"),
        (b"\x80\x03]", "a pickle"),
        (b"x,y\n1,2\n", "it does not begin with \\x93NUMPY"),
    ] {
        fs::write(&path, bytes).unwrap();
        let by_path = AnyArray::load_npy(&path).unwrap_err();
        assert_eq!(by_path.path(), Some(&*path));
        assert!(by_path.to_string().contains("x.npy`: it is not an array: "), "{by_path}");
        for error in [by_path, AnyArray::read_npy(bytes).unwrap_err()] {
            assert!(matches!(error.kind(), ErrorKind::NotAnArray { .. }), "{error}");
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}

#[test]
fn errors_of_npy_files_name_the_file_and_a_way_out() {
    let folder = common::folder();
    let path = folder.path().join("x.npy");
    fs::write(&path, npy()).unwrap();
    let error = Vec::<f32>::load_npy(&path).unwrap_err().to_string();
    let expected = native("x.npy`: expected dtype <f4, found <f8 (NpyReader::get_cast converts)");
    assert!(error.ends_with(&expected), "{error}");
    let error = f64::load_npy(&path).unwrap_err().to_string();
    assert!(error.contains("x.npy`: expected 0 dimensions"), "{error}");
    let error = Vec::<f32>::read_npy(&npy()[..]).unwrap_err().to_string();
    assert!(error.contains("NpyReader::get_cast"), "{error}");
    // Several arrays in one file.
    fs::write(&path, [npy(), npy()].concat()).unwrap();
    let error = Vec::<f64>::load_npy(&path).unwrap_err().to_string();
    assert!(error.contains("several arrays") && error.contains("read_npy"), "{error}");
    fs::write(&path, [&npy()[..], b"abc"].concat()).unwrap();
    assert_eq!(Vec::<f64>::load_npy(&path).unwrap(), [1.5, 2.5]);
}
