//! Writers that fail, stop short or are interrupted, at any moment: an error, no archive,
//! no file, and a writer that refuses to go on.

use std::fs;
use std::io::{self, Cursor, Seek, SeekFrom, Write};
use std::path::Path;

use crate::common::corpus::Random;
use crate::common::{add_and_finish, compressions, listing};
use ndarray::{Array1, Array2, s};
use npz::{Compression, ErrorKind, NpzReader, NpzWriter, WriteNpz};

fn memory() -> NpzWriter<Cursor<Vec<u8>>> {
    NpzWriter::new(Cursor::new(Vec::new()))
}

/// Takes `left` bytes, then fails.
struct Failing {
    inner: Cursor<Vec<u8>>,
    left: usize,
}

impl Write for Failing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::other("disk full"));
        }
        let len = bytes.len().min(self.left);
        self.left -= len;
        self.inner.write(&bytes[..len])
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// Two arrays to a writer that fails after `left` bytes: the first error, and whether
/// the archive was completed.
fn write_until_it_fails<W: Write>(mut npz: NpzWriter<W>) -> Result<W, npz::Error> {
    let big = Array1::from_iter(0..40_000_u64); // more than is buffered
    for name in ["a", "b"] {
        if let Err(error) = npz.array(name, &big) {
            assert_eq!(error.array(), Some(name));
            assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
            let source = std::error::Error::source(&error).unwrap().to_string();
            assert_eq!(source, "disk full");
            // From now on it refuses everything.
            let again = npz.array("c", &1).unwrap_err();
            assert!(matches!(again.kind(), ErrorKind::Unusable), "{again}");
            assert!(matches!(npz.finish().err().unwrap().kind(), ErrorKind::Unusable));
            return Err(error);
        }
    }
    npz.finish()
}

#[test]
fn a_writer_that_fails_is_reported_and_leaves_no_archive() {
    let total = write_until_it_fails(memory()).unwrap().into_inner().len();
    let (mut failed, mut whole) = (0, 0);
    for left in (0..total).step_by(total / 20).chain(total - 300..total + 100) {
        let mut inner = Failing { inner: Cursor::new(Vec::new()), left };
        match write_until_it_fails(NpzWriter::new(&mut inner)) {
            Ok(_) => {
                NpzReader::from_bytes(inner.inner.get_ref()).unwrap().verify().unwrap();
                whole += 1;
            }
            Err(_) => {
                assert!(
                    NpzReader::from_bytes(inner.inner.get_ref()).is_err(),
                    "after {left} bytes"
                );
                failed += 1;
            }
        }
        let mut inner = Failing { inner: Cursor::new(Vec::new()), left };
        let stream = write_until_it_fails(NpzWriter::stream(&mut inner)).is_ok();
        assert_eq!(
            NpzReader::from_bytes(inner.inner.get_ref()).is_ok(),
            stream,
            "after {left} bytes"
        );
    }
    assert!(failed > 300 && whole > 50, "{failed} {whole}");
}

#[test]
fn a_writer_dropped_unfinished_leaves_no_archive() {
    let mut bytes = Cursor::new(Vec::new());
    let mut npz = NpzWriter::new(&mut bytes);
    npz.array("x", &Array1::from_iter(0..100_000)).unwrap();
    drop(npz);
    assert!(NpzReader::from_bytes(bytes.get_ref()).is_err());

    let mut bytes = Vec::new();
    let mut npz = NpzWriter::stream(&mut bytes);
    npz.array("x", &Array1::from_iter(0..100_000)).unwrap();
    drop(npz);
    assert!(NpzReader::from_bytes(&bytes).is_err());
}

/// What a writer does at one of its calls.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    Error,
    Interrupted,
    /// Takes a byte, and no more.
    Short,
    /// Takes nothing.
    Nothing,
}

/// Has a fault at its `at`-th call, counting writes, seeks and flushes.
struct Faulty {
    inner: Cursor<Vec<u8>>,
    fault: Fault,
    at: usize,
    calls: usize,
    last_write: usize,
}

impl Faulty {
    fn call(&mut self) -> io::Result<Option<Fault>> {
        let call = self.calls;
        self.calls += 1;
        match self.fault {
            _ if call != self.at => Ok(None),
            Fault::Error => Err(io::Error::other("disk full")),
            Fault::Interrupted => Err(io::ErrorKind::Interrupted.into()),
            fault => Ok(Some(fault)),
        }
    }
}

impl Write for Faulty {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.last_write = self.calls;
        match self.call()? {
            Some(Fault::Short) => self.inner.write(&bytes[..bytes.len().min(1)]),
            Some(Fault::Nothing) => Ok(0),
            _ => self.inner.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.call().map(drop)
    }
}

impl Seek for Faulty {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.call()?;
        self.inner.seek(to)
    }
}

/// Arrays of several chunks and of few bytes, contiguous and not.
fn save<W: Write>(npz: NpzWriter<W>, compression: Compression) -> npz::Result<()> {
    // Deflated, it is two blocks.
    let big = Array2::from_shape_fn((300, 500), |(i, j)| (i * j) as f64);
    let mut npz = npz.compression(compression);
    let save = |npz: &mut NpzWriter<W>| {
        npz.array("small", &[1, 2, 3])?.array("big", &big)?;
        npz.array("strided", &big.slice(s![..;2, ..;-1]))?.array("again", &1).map(drop)
    };
    if let Err(error) = save(&mut npz) {
        assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
        assert!(error.array().is_some(), "{error}");
        let again = npz.array("c", &1).unwrap_err();
        assert!(matches!(again.kind(), ErrorKind::Unusable), "{again}");
        assert!(npz.finish().is_err());
        return Err(error);
    }
    npz.finish().map(drop)
}

/// Saves with a fault at one call.
fn save_with(
    fault: Fault,
    at: usize,
    compression: Compression,
    is_stream: bool,
) -> (npz::Result<()>, Faulty) {
    let inner = Cursor::new(Vec::new());
    let mut writer = Faulty { inner, fault, at, calls: 0, last_write: 0 };
    let saved = match is_stream {
        true => save(NpzWriter::stream(&mut writer), compression),
        false => save(NpzWriter::new(&mut writer), compression),
    };
    (saved, writer)
}

#[test]
fn a_fault_at_any_call_is_reported_or_made_good() {
    for (compression, is_stream) in compressions(1)
        .into_iter()
        .flat_map(|compression| [(compression, false), (compression, true)])
    {
        let (saved, Faulty { calls, last_write, .. }) =
            save_with(Fault::Error, usize::MAX, compression, is_stream);
        saved.unwrap();
        for fault in [Fault::Error, Fault::Interrupted, Fault::Short, Fault::Nothing] {
            let mut failed = 0;
            for at in 0..calls {
                let what = format!("{compression:?}, stream {is_stream}, {fault:?} at {at}");
                let (saved, writer) = save_with(fault, at, compression, is_stream);
                let archive = NpzReader::from_bytes(writer.inner.into_inner());
                if saved.is_ok() {
                    archive.unwrap().verify().expect(&what);
                } else {
                    failed += 1;
                    // Once all is written, it is whole, whatever comes after.
                    assert!(archive.is_err() || at > last_write, "{what}");
                }
            }
            match fault {
                Fault::Error => assert_eq!(failed, calls, "{compression:?} {is_stream}"),
                Fault::Short => assert_eq!(failed, 0, "{compression:?} {is_stream}"),
                // Seeks and flushes have nothing to take, and are not tried again.
                Fault::Nothing | Fault::Interrupted => assert!(failed < calls),
            }
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_device_that_is_full_is_an_error() {
    for compression in compressions(1) {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let error = save(NpzWriter::stream(full), compression).unwrap_err();
        assert!(error.to_string().contains("write"), "{error}");
    }
}

/// Of a file system of some MiB: arrays around the size of what is free.
#[test]
#[ignore = "fills the small file system that NPZ_SMALL_DISK names"]
fn a_full_disk_is_an_error_and_leaves_the_old_archive() {
    let folder = std::env::var_os("NPZ_SMALL_DISK").expect("NPZ_SMALL_DISK names a folder");
    let folder = Path::new(&folder);
    let path = folder.join("x.npz");
    let mut random = Random(1);
    let noise = Array1::from_iter((0..8_000_000).map(|_| random.next() as u8));
    let kept = noise.slice(s![..600_000]);
    kept.save_npz(&path, "kept").unwrap();
    let old = fs::read(&path).unwrap();
    let (mut failed, mut saved, mut not_copied) = (0, 0, 0);
    for (compression, is_append) in compressions(1)
        .into_iter()
        .flat_map(|compression| [(compression, false), (compression, true)])
    {
        for step in 0..40 {
            let new = noise.slice(s![..step * 200_000]);
            let npz = if is_append { NpzWriter::append(&path) } else { NpzWriter::create(&path) };
            let npz = npz.unwrap().compression(compression).sync(step % 2 == 0);
            match add_and_finish(npz, "new", &new) {
                Ok(()) => {
                    saved += 1;
                    let npz = NpzReader::open(&path).unwrap();
                    assert!(npz.get::<Array1<u8>>("new").unwrap() == new);
                    if is_append {
                        assert!(npz.get::<Array1<u8>>("kept").unwrap() == kept);
                    }
                    drop(npz);
                    fs::write(&path, &old).unwrap();
                }
                Err(error) => {
                    failed += 1;
                    not_copied += usize::from(error.to_string().contains("copy the members"));
                    assert!(fs::read(&path).unwrap() == old);
                }
            }
            assert_eq!(listing(folder), ["x.npz"], "{step}");
        }
    }
    assert!(failed > 20 && saved > 20, "{failed} failed, {saved} saved");
    assert!(not_copied > 0, "the disk was full before what is kept was copied");
}
