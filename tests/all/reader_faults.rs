//! Sources that fail, are interrupted, give less than they are asked for, or end too early,
//! at any of their calls.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::{Array1, Array2, s};
use npz::{Compression, ErrorKind, NpzReader, NpzWriter, ReadAt};

use crate::common::on_threads;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    Fails,
    IsInterrupted,
    GivesOneByte,
    Ends,
}

/// An archive in memory, with a fault at one of the calls.
struct Faulty<'a> {
    bytes: &'a [u8],
    fault: Fault,
    at: usize,
    calls: AtomicUsize,
}

impl Faulty<'_> {
    fn read(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let is_now = self.calls.fetch_add(1, Ordering::Relaxed) == self.at;
        match self.fault {
            Fault::Fails if is_now => Err(io::Error::other("broken")),
            Fault::IsInterrupted if is_now => Err(io::ErrorKind::Interrupted.into()),
            Fault::GivesOneByte if is_now => self.bytes.read_at(&mut buf[..1], offset),
            Fault::Ends if is_now => Ok(0),
            _ => self.bytes.read_at(buf, offset),
        }
    }
}

impl ReadAt for &Faulty<'_> {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.read(buf, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.bytes.size()
    }
}

/// The same, through a cursor.
struct FaultyCursor<'a>(&'a Faulty<'a>, u64);

impl Read for FaultyCursor<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let len = self.0.read(buf, self.1)?;
        self.1 += len as u64;
        Ok(len)
    }
}

impl Seek for FaultyCursor<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let mut cursor = Cursor::new(self.0.bytes);
        cursor.set_position(self.1);
        self.1 = cursor.seek(to)?;
        Ok(self.1)
    }
}

/// Of more than one part, and of more than one block.
static LARGE: LazyLock<Array2<f64>> = LazyLock::new(|| {
    let value = |(i, j)| if i % 8 == 0 { ((i + 1) as f64 * j as f64).sqrt() } else { i as f64 };
    Array2::from_shape_fn((560, 500), value)
});

fn small(i: usize) -> Vec<f64> {
    vec![i as f64; 16]
}

fn archive() -> Vec<u8> {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    for i in 0..5 {
        npz.array(&format!("x{i}"), &small(i)).unwrap();
    }
    npz.array("stored", &*LARGE).unwrap();
    if cfg!(feature = "deflate") {
        npz.entry("deflated").compression(Compression::Deflate(6)).array(&*LARGE).unwrap();
    }
    npz.finish().unwrap().into_inner()
}

/// Reads all there is, in every way, and checks it; stops at the first error.
fn read<R>(npz: NpzReader<R>) -> npz::Result<()> {
    for i in 0..5 {
        assert_eq!(npz.get::<Vec<f64>>(&format!("x{i}"))?, small(i));
    }
    for name in npz.names().filter(|name| !name.starts_with('x')) {
        assert_eq!(npz.info(name)?.shape(), [560, 500]);
        assert!(npz.get::<Array2<f64>>(name)?.as_slice() == LARGE.as_slice());
        let part: Array1<f64> = npz.get_slice(name, s![..;-99, 77])?;
        assert_eq!(part, LARGE.slice(s![..;-99, 77]));
        npz.read_into(name, &mut Array2::<f64>::zeros((500, 560)).view_mut().reversed_axes())?;
    }
    npz.verify()
}

fn every_call(name: &str, open: impl Fn(&Faulty<'_>) -> npz::Result<()>) {
    let bytes = archive();
    let faulty = |fault, at| Faulty { bytes: &bytes, fault, at, calls: 0.into() };
    let none = faulty(Fault::Fails, usize::MAX);
    open(&none).unwrap();
    let calls = none.calls.load(Ordering::Relaxed);
    assert!(calls > 30, "{calls}");
    for fault in [Fault::Fails, Fault::IsInterrupted, Fault::GivesOneByte, Fault::Ends] {
        let step = match fault {
            Fault::Fails => 1,
            Fault::Ends => 2,
            _ => 4,
        };
        for at in (0..calls).step_by(step) {
            let result = open(&faulty(fault, at));
            let context = format!("{name} {fault:?} at call {at}: {result:?}");
            match fault {
                Fault::IsInterrupted | Fault::GivesOneByte => assert!(result.is_ok(), "{context}"),
                Fault::Fails => {
                    let error = result.expect_err(&context);
                    assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{context}");
                    let source = std::error::Error::source(&error).unwrap().to_string();
                    assert_eq!(source, "broken", "{context}");
                }
                // What was only asked for in advance may be missing.
                Fault::Ends => assert!(result.is_err() || name == "by position", "{context}"),
            }
        }
    }
}

/// On one thread: on several, how many calls there are depends on which of them holds the
/// read-ahead.
#[test]
fn a_fault_at_any_call_is_an_error_or_harmless_by_position() {
    on_threads(1, || {
        every_call("by position", |faulty| NpzReader::from_read_at(faulty).and_then(read));
    });
}

#[test]
fn a_fault_on_one_of_several_threads_is_an_error() {
    let bytes = archive();
    for at in 0..60 {
        let faulty = Faulty { bytes: &bytes, fault: Fault::Fails, at, calls: 0.into() };
        match NpzReader::from_read_at(&faulty).and_then(read) {
            Err(error) => assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{at}: {error}"),
            Ok(()) => assert!(faulty.calls.load(Ordering::Relaxed) <= at, "{at}"),
        }
    }
}

/// What has been read too early is read again in order, and fails again if the fault stays.
#[test]
#[cfg(feature = "deflate")]
fn a_fault_while_a_stream_is_inflated_on_several_threads_is_an_error_or_harmless() {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new())).compression(Compression::Deflate(6));
    for i in 0..5 {
        npz.array(&format!("x{i}"), &small(i)).unwrap();
    }
    npz.array("deflated", &*LARGE).unwrap();
    let bytes = crate::common::without_index(npz.finish().unwrap().into_inner());
    let mut errors = 0;
    for fault in [Fault::Fails, Fault::IsInterrupted, Fault::GivesOneByte, Fault::Ends] {
        for at in 0..60 {
            let faulty = Faulty { bytes: &bytes, fault, at, calls: 0.into() };
            let result = on_threads(4, || NpzReader::from_read_at(&faulty).and_then(read));
            match (fault, result) {
                (_, Ok(())) => {}
                (Fault::Fails, Err(error)) if matches!(error.kind(), ErrorKind::Io { .. }) => {
                    errors += 1
                }
                (Fault::Ends, Err(_)) => errors += 1,
                (_, result) => panic!("{fault:?} at call {at}: {result:?}"),
            }
        }
    }
    assert!(errors > 10, "{errors}");
}

#[test]
fn a_fault_at_any_call_is_an_error_or_harmless_through_a_cursor() {
    every_call("by cursor", |faulty| NpzReader::new(FaultyCursor(faulty, 0)).and_then(read));
}
