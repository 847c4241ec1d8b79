//! `chunks`: blocks that together are what `get` gives, however they are asked for, and how they are
//! read.

use std::fs;
use std::io::{self, Cursor};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, LazyLock, Mutex};

use ndarray::{Array1, Array2, ArrayD, Axis, Order, SliceInfoElem, concatenate, s};
use npz::npy::Incoming;
use npz::{
    AnyArray, Bytes, Chunks, ErrorKind, FromNpy, Limits, NpyReader, NpzReader, NpzWriter, Raw,
    ReadAt, ReadCost, WriteNpz,
};

use crate::common::{
    self, compressions, data, forged, hostile::npy as forged_npy, on_threads, patience,
    without_index,
};

fn npy(array: &impl WriteNpz) -> Vec<u8> {
    let mut file = Vec::new();
    array.write_npy(&mut file).unwrap();
    file
}

/// The blocks of an array, as `.npy` files, by slices.
fn slices<R>(npz: &NpzReader<R>, name: &str, axis: usize, len: usize) -> Vec<Vec<u8>> {
    let shape = npz.info(name).unwrap().shape().to_vec();
    let block = |start: usize| {
        let part = |(index, &whole): (usize, &usize)| {
            let (start, end) =
                if index == axis { (start, whole.min(start + len)) } else { (0, whole) };
            SliceInfoElem::Slice { start: start as isize, end: Some(end as isize), step: 1 }
        };
        let slice: Vec<_> = shape.iter().enumerate().map(part).collect();
        npy(&npz.get_slice::<AnyArray>(name, slice).unwrap())
    };
    (0..shape[axis]).step_by(len).map(block).collect()
}

/// Checks that the blocks are `expected`, from both ends and by leaps.
fn check<'a, A: WriteNpz>(chunks: impl Fn() -> Chunks<'a, A>, expected: &[Vec<u8>], about: &str) {
    let all = |blocks: &mut dyn Iterator<Item = npz::Result<A>>| -> Vec<Vec<u8>> {
        blocks.map(|block| npy(&block.unwrap())).collect()
    };
    let refs =
        |blocks: &mut dyn Iterator<Item = &Vec<u8>>| -> Vec<Vec<u8>> { blocks.cloned().collect() };
    assert_eq!(chunks().len(), expected.len(), "{about}");
    assert!(all(&mut chunks()) == expected, "{about}");
    assert!(all(&mut chunks().rev()) == refs(&mut expected.iter().rev()), "{about}: rev");
    for by in [1, 3] {
        let about = format!("{about}: by {by}");
        assert!(all(&mut chunks().skip(by)) == refs(&mut expected.iter().skip(by)), "{about}");
        assert!(
            all(&mut chunks().step_by(by)) == refs(&mut expected.iter().step_by(by)),
            "{about}"
        );
        let rev = || chunks().rev();
        assert!(all(&mut rev().skip(by)) == refs(&mut expected.iter().rev().skip(by)), "{about}");
        let (mut found, mut blocks) = (chunks(), expected.iter());
        for turn in 0.. {
            let (found, block) = match turn % 4 {
                0 | 1 => (found.next(), blocks.next()),
                2 => (found.next_back(), blocks.next_back()),
                _ => (found.nth(by - 1), blocks.nth(by - 1)),
            };
            assert!(found.map(|found| npy(&found.unwrap())).as_ref() == block, "{about}: {turn}");
            if block.is_none() {
                break;
            }
        }
        assert!(found.next().is_none() && found.next_back().is_none());
    }
}

fn check_array<R: Send + Sync + 'static>(npz: &NpzReader<R>, name: &str, about: &str) {
    let about = format!("{about}, {name}");
    let info = npz.info(name).unwrap();
    if info.dtype().has_object() {
        let error = npz.chunks::<AnyArray>(name, 1).unwrap_err();
        assert!(error.to_string().contains("Python objects"), "{about}: {error}");
        return;
    }
    if let Err(error) = npz.get::<AnyArray>(name) {
        let found = npz.chunks::<AnyArray>(name, 1).unwrap_err();
        assert_eq!(found.to_string(), error.to_string(), "{about}");
        return;
    }
    if info.shape().is_empty() {
        let error = npz.chunks::<AnyArray>(name, 1).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidSlice { .. }), "{about}: {error}");
        return;
    }
    let axis = npz.chunks::<Raw>(name, 1).unwrap().axis();
    let rows = info.shape()[axis];
    for len in [rows.div_ceil(6).max(1), rows.div_ceil(2).max(1), rows + 1] {
        let expected = slices(npz, name, axis, len);
        check(|| npz.chunks::<AnyArray>(name, len).unwrap(), &expected, &about);
        // In the order of the file, they follow each other.
        let whole: Raw = npz.get(name).unwrap();
        let blocks = npz.chunks::<Raw>(name, len).unwrap();
        let bytes: Vec<u8> = blocks.flat_map(|block| block.unwrap().bytes().to_vec()).collect();
        assert!(bytes == whole.bytes(), "{about}");
    }
}

#[test]
fn all_that_numpy_has_written() {
    let mut arrays = 0;
    for file in fs::read_dir(data("")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "npz")
            || path.ends_with("cases.npz")
        {
            continue;
        }
        let about = path.display().to_string();
        let bytes = fs::read(&path).unwrap();
        let file = NpzReader::open(&path).unwrap().allow_duplicates();
        let memory = NpzReader::from_bytes(bytes.clone()).unwrap().allow_duplicates();
        let cursor = NpzReader::new(Cursor::new(bytes)).unwrap().allow_duplicates();
        for name in file.names().filter(|name| file.info(name).is_ok()) {
            check_array(&file, name, &about);
            match arrays % 8 {
                0 => check_array(&memory, name, &about),
                1 => check_array(&cursor, name, &about),
                _ => {}
            }
            arrays += 1;
        }
    }
    assert!(arrays > 300, "{arrays}");
}

/// Of several windows, in rows of 64 KiB, which compress a little.
static LARGE: LazyLock<Array2<f64>> = LazyLock::new(|| {
    // Their sums are exact.
    let scrambled = |i: usize| (i as u32).wrapping_mul(0x9E37_79B9) >> 8;
    Array2::from_shape_fn((330, 8192), |(i, j)| f64::from(scrambled(i * 8192 + j)))
});

/// Its archives, stored and compressed: with an index, and without.
static ARCHIVES: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let archives = compressions(1).into_iter().flat_map(|compression| {
        let mut npz = NpzWriter::stream(Vec::new()).compression(compression);
        npz.array("x", &*LARGE).unwrap();
        npz.entry("f").order(Order::F).array(&LARGE.slice(s![.., ..1024])).unwrap();
        let archive = npz.finish().unwrap();
        let plain = (format!("{compression:?}, no index"), without_index(archive.clone()));
        [(format!("{compression:?}"), archive), plain]
    });
    archives.collect()
});

#[test]
fn blocks_of_large_arrays() {
    let x = &*LARGE;
    for (about, archive) in &*ARCHIVES {
        let npz = NpzReader::from_bytes(archive.clone()).unwrap();
        for (threads, len) in [(1, 16), (2, 150), (3, 7)] {
            on_threads(threads, || {
                let blocks: Vec<_> = x.axis_chunks_iter(Axis(0), len).map(|b| npy(&b)).collect();
                let about = format!("{about}, {threads} threads, {len} rows");
                check(|| npz.chunks::<Array2<f64>>("x", len).unwrap(), &blocks, &about);
                let f = npz.chunks::<Array2<f64>>("f", 1000).unwrap();
                assert_eq!(f.axis(), 1);
                let f: Vec<_> = f.map(Result::unwrap).collect();
                let f: Vec<_> = f.iter().map(|block| block.view()).collect();
                assert!(concatenate(Axis(1), &f).unwrap() == x.slice(s![.., ..1024]));
            });
        }
    }
}

#[test]
fn blocks_of_npy_files() {
    let folder = common::folder();
    let path = folder.path().join("x.npy");
    for order in [Order::C, Order::F] {
        let x = LARGE.slice(s![..40, ..]);
        let x = if order == Order::F { x.reversed_axes() } else { x };
        x.save_npy(&path).unwrap();
        let axis = if order == Order::F { 1 } else { 0 };
        let blocks: Vec<_> = x.axis_chunks_iter(Axis(axis), 7).map(|block| npy(&block)).collect();
        let file = NpyReader::open(&path).unwrap();
        check(|| file.chunks::<Array2<f64>>(7).unwrap(), &blocks, "file");
        let cursor = NpyReader::new(Cursor::new(fs::read(&path).unwrap())).unwrap();
        check(|| cursor.chunks::<Array2<f64>>(7).unwrap(), &blocks, "cursor");
        let cast: Vec<_> =
            file.chunks_cast::<Array2<f32>>(7).unwrap().map(Result::unwrap).collect();
        assert!(cast.len() == 6 && cast[1] == cursor_block(x.view(), axis).mapv(|x| x as f32));
    }
}

fn cursor_block(x: ndarray::ArrayView2<'_, f64>, axis: usize) -> Array2<f64> {
    x.axis_chunks_iter(Axis(axis), 7).nth(1).unwrap().to_owned()
}

#[derive(Debug, Clone, Copy, PartialEq, Default, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Particle {
    id: u32,
    mass: f32,
}
npz::record!(Particle { id, mass });

#[test]
fn every_kind_of_element() {
    let text: Vec<String> = (0..10).map(|i| "é".repeat(i)).collect();
    let particles: Vec<_> = (0..10).map(|id| Particle { id, mass: id as f32 / 2.0 }).collect();
    let bytes: Vec<Bytes> = (0..10_u8).map(|i| vec![i + 1; 3].into()).collect();
    let bools: Vec<bool> = (0..10).map(|i| i % 3 == 0).collect();
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    npz.array("text", &text).unwrap().array("particles", &particles).unwrap();
    npz.array("bytes", &bytes).unwrap().array("bools", &bools).unwrap();
    let npz = NpzReader::new(npz.finish().unwrap()).unwrap();
    fn all<T: Clone>(blocks: Chunks<'_, Vec<T>>) -> Vec<T> {
        blocks.flat_map(Result::unwrap).collect()
    }
    assert_eq!(all::<String>(npz.chunks("text", 3).unwrap()), text);
    assert_eq!(all::<Particle>(npz.chunks("particles", 3).unwrap()), particles);
    assert_eq!(all::<Bytes>(npz.chunks("bytes", 3).unwrap()), bytes);
    assert_eq!(all::<bool>(npz.chunks("bools", 3).unwrap()), bools);
    let mut buffer = Array1::from_elem(4, Particle::default());
    let mut blocks = npz.chunks::<AnyArray>("particles", 3).unwrap();
    assert_eq!(blocks.read_into(&mut buffer).unwrap(), 3);
    assert_eq!(buffer.to_vec(), [&particles[..3], &[Particle::default()]].concat());
    let mut buffer = Array1::from_elem(3, String::new());
    assert_eq!(npz.chunks::<Raw>("text", 3).unwrap().read_into(&mut buffer).unwrap(), 3);
    assert_eq!(buffer.to_vec(), text[..3]);
}

#[test]
fn blocks_are_read_into_a_buffer() {
    let x = Array2::from_shape_fn((10, 4), |(i, j)| (10 * i + j) as f64);
    for order in [Order::C, Order::F] {
        let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
        npz.entry("x").order(order).array(&x).unwrap();
        let npz = NpzReader::new(npz.finish().unwrap()).unwrap();
        let mut blocks = npz.chunks::<Array2<f64>>("x", 3).unwrap();
        let axis = Axis(blocks.axis());
        let mut shape = [10, 4];
        shape[axis.0] = 5;
        // Of either layout, and larger than a block.
        for is_reversed in [false, true] {
            let mut buffer = Array2::from_elem(shape, -1.0);
            if is_reversed {
                buffer = Array2::from_elem((shape[1], shape[0]), -1.0).reversed_axes();
            }
            let mut expected = x.axis_chunks_iter(axis, 3);
            let mut blocks = npz.chunks::<Array2<f64>>("x", 3).unwrap();
            while let rows @ 1.. = blocks.read_into(&mut buffer).unwrap() {
                let (block, rest) = buffer.view().split_at(axis, rows);
                assert_eq!(block, expected.next().unwrap());
                assert!(rest.len_of(axis) > 0);
            }
            assert!(expected.next().is_none());
            assert!(buffer.iter().filter(|&&value| value == -1.0).count() >= 8);
        }
        shape[axis.0] = 2;
        let error = blocks.read_into(&mut Array2::<f64>::zeros(shape)).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::WrongShape { .. }), "{error}");
        assert_eq!(error.array(), Some("x"));
        assert_eq!(blocks.read_into(&mut Array2::<f64>::zeros(shape)).unwrap(), 0);
        for wrong in [[10, 3], [11, 4], [4, 10], [3, 3]] {
            let mut blocks = npz.chunks::<Array2<f64>>("x", 3).unwrap();
            if wrong[1 - axis.0] != x.shape()[1 - axis.0] {
                let error = blocks.read_into(&mut Array2::<f64>::zeros(wrong)).unwrap_err();
                assert!(matches!(error.kind(), ErrorKind::WrongShape { .. }), "{error}");
            }
        }
        let mut blocks = npz.chunks::<Array2<f64>>("x", 3).unwrap();
        let error = blocks.read_into(&mut Array1::<f64>::zeros(10)).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::WrongShape { .. }), "{error}");
        let mut blocks = npz.chunks::<Array2<f64>>("x", 3).unwrap();
        let error = blocks.read_into(&mut Array2::<f32>::zeros((10, 4))).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::WrongDtype { .. }), "{error}");
    }
}

#[test]
fn errors_say_where_and_end_it() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    let mut values = vec![1_i64; 100];
    values[77] = 300;
    npz::savez!(&path, x = values, one = 1, none = [0_u8; 0]).unwrap();
    let npz = NpzReader::open(&path).unwrap();
    let mut blocks = npz.chunks_cast::<Vec<u8>>("x", 10).unwrap();
    assert_eq!(blocks.by_ref().take(7).flat_map(Result::unwrap).collect::<Vec<_>>(), [1; 70]);
    let error = blocks.next().unwrap().unwrap_err().to_string();
    let expected = npz.get_cast::<Vec<u8>>("x").unwrap_err().to_string();
    assert!(error == expected && error.contains("element 77"), "{error}");
    assert!(blocks.next().is_none() && blocks.next_back().is_none() && blocks.len() == 0);
    let mut blocks = npz.chunks_cast::<Vec<u8>>("x", 10).unwrap().rev();
    assert_eq!(blocks.nth(2).unwrap().unwrap_err().to_string(), expected);
    assert!(blocks.next().is_none());

    let error = npz.chunks::<Vec<f32>>("x", 10).unwrap().next().unwrap().unwrap_err();
    assert_eq!(error.to_string(), npz.get::<Vec<f32>>("x").unwrap_err().to_string());
    let error = |name, len| npz.chunks::<AnyArray>(name, len).unwrap_err();
    let zero = error("x", 0);
    assert!(matches!(zero.kind(), ErrorKind::InvalidSlice { .. }));
    assert!(zero.to_string().contains("blocks of 0 rows"), "{zero}");
    assert_eq!((zero.array(), zero.path()), (Some("x"), Some(&*path)));
    assert!(error("one", 1).to_string().contains("no axes"), "{}", error("one", 1));
    assert!(matches!(error("y", 1).kind(), ErrorKind::NotFound { .. }));
    assert_eq!(npz.chunks::<Vec<u8>>("none", 5).unwrap().count(), 0);
    let blocks = npz.chunks::<Vec<i64>>("x", 30).unwrap();
    assert_eq!(format!("{blocks:?}"), "Chunks { axis: 0, len: 30, left: 0..4, .. }");
}

/// An archive in whose first array one bit is wrong.
fn damaged(archive: &[u8]) -> Vec<u8> {
    let mut bytes = archive.to_vec();
    bytes[3 << 20] ^= 0x10;
    bytes
}

/// A type that does not read its elements.
struct Shape(Vec<usize>);

impl FromNpy for Shape {
    fn from_npy(block: Incoming<'_>) -> npz::Result<Self> {
        Ok(Self(block.shape().to_vec()))
    }
}

#[test]
fn types_may_read_nothing() {
    for (_, archive) in &*ARCHIVES {
        let npz = NpzReader::from_bytes(archive.clone()).unwrap();
        let shapes: Vec<_> =
            npz.chunks::<Shape>("x", 100).unwrap().map(|block| block.unwrap().0).collect();
        assert_eq!(shapes, [[100, 8192], [100, 8192], [100, 8192], [30, 8192]]);
        // Their blocks are verified all the same.
        let npz = NpzReader::from_bytes(damaged(archive)).unwrap();
        assert!(npz.chunks::<Shape>("x", 100).unwrap().any(|block| block.is_err()));
    }
}

#[test]
fn limits_hold_for_blocks() {
    let limits = Limits::STRICT.max_array_bytes(8 * 8192 * 10);
    let npz = limits.open_bytes(ARCHIVES[0].1.clone()).unwrap();
    assert!(matches!(
        npz.get::<Array2<f64>>("x").unwrap_err().kind(),
        ErrorKind::LimitExceeded { .. }
    ));
    let sum: f64 = npz.chunks::<Array2<f64>>("x", 10).unwrap().map(|x| x.unwrap().sum()).sum();
    assert_eq!(sum, LARGE.sum());
    let error = npz.chunks::<Array2<f64>>("x", 11).unwrap().next().unwrap().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::LimitExceeded { .. }), "{error}");
}

fn archive_of(npy: Vec<u8>) -> NpzReader<Vec<u8>> {
    NpzReader::from_bytes(forged::archive(&[forged::stored("x.npy", npy)])).unwrap()
}

#[test]
fn rows_that_are_not_there() {
    let header = |descr: &str, shape: &str| {
        let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
        forged_npy(1, text.as_bytes(), &[])
    };
    let many = 1_usize << (usize::BITS - 6);
    for (descr, shape) in [("<U0", format!("({many},)")), ("|V0", format!("({many}, 3)"))] {
        let npz = archive_of(header(descr, &shape));
        let error = npz.chunks::<AnyArray>("x", 1).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::LimitExceeded { .. }), "{error}");
    }
    let npz = archive_of(header("|u1", &format!("({many}, 0)")));
    assert!(npz.chunks::<AnyArray>("x", 1).is_err());
    let npz = archive_of(header("<U0", "(5,)"));
    let blocks = npz.chunks::<Vec<String>>("x", 2).unwrap();
    assert_eq!(blocks.map(|block| block.unwrap().len()).collect::<Vec<_>>(), [2, 2, 1]);
    let npz = archive_of(header("<f8", "(5, 0)"));
    let blocks = npz.chunks::<Array2<f64>>("x", 2).unwrap();
    assert_eq!(blocks.map(|block| block.unwrap().nrows()).collect::<Vec<_>>(), [2, 2, 1]);
    let npz = archive_of(header("<f8", "(1000,)"));
    let error = npz.chunks::<Vec<f64>>("x", 10).unwrap_err();
    assert_eq!(error.to_string(), npz.get::<Vec<f64>>("x").unwrap_err().to_string());
}

/// What was read of it, and when.
#[derive(Clone)]
struct Watched {
    bytes: Arc<Vec<u8>>,
    reads: Arc<(Mutex<Vec<Range<u64>>>, Condvar)>,
    cost: ReadCost,
}

impl Watched {
    fn new(bytes: &[u8], cost: ReadCost) -> Self {
        Self { bytes: Arc::new(bytes.to_vec()), reads: Arc::default(), cost }
    }

    /// How many bytes have been read since this was asked last.
    fn count(&self) -> u64 {
        let reads = std::mem::take(&mut *self.reads.0.lock().unwrap());
        reads.into_iter().map(|read| read.end - read.start).sum()
    }
}

impl ReadAt for Watched {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.reads.0.lock().unwrap().push(offset..offset + buf.len() as u64);
        self.reads.1.notify_all();
        self.bytes.read_at(buf, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.bytes.size()
    }

    fn cost(&self) -> ReadCost {
        self.cost
    }
}

#[test]
fn what_is_skipped_is_not_read() {
    for (about, archive) in ARCHIVES.iter().filter(|(about, _)| !about.contains("Deflate(1), no")) {
        for cost in [ReadCost::LOCAL, ReadCost::REMOTE.gap(4 << 10)] {
            let about = format!("{about}, {cost:?}");
            let watched = Watched::new(archive, cost);
            let npz = NpzReader::from_read_at(watched.clone()).unwrap();
            // A row is 64 KiB, a block 2 MiB, and the array 20 MiB and more.
            let chunks = || npz.chunks::<Array2<f64>>("x", 32).unwrap();
            let most = |blocks: u64| blocks * (3 << 20) + (256 << 10);
            watched.count();
            drop(chunks());
            assert!(watched.count() < 256 << 10, "{about}");
            assert!(chunks().next_back().unwrap().unwrap() == LARGE.slice(s![320.., ..]));
            assert!(watched.count() < most(1), "{about}");
            assert!(chunks().nth(7).unwrap().unwrap() == LARGE.slice(s![224..256, ..]));
            assert!(watched.count() < most(1), "{about}");
            assert_eq!(chunks().step_by(5).map(Result::unwrap).count(), 3);
            assert!(watched.count() < most(3), "{about}");
            assert_eq!(chunks().rev().step_by(5).map(Result::unwrap).count(), 3);
            assert!(watched.count() < most(3), "{about}");
            // However small blocks are, what they are inflated from is read once.
            let small = npz.chunks::<Array2<f64>>("x", 1).unwrap().step_by(2);
            assert_eq!(small.map(Result::unwrap).count(), 165);
            let read = watched.count();
            assert!(read < archive.len() as u64 + (256 << 10), "{about}: {read}");
            // And what is not skipped, too.
            assert_eq!(chunks().map(Result::unwrap).count(), 11);
            let read = watched.count();
            assert!(read < archive.len() as u64 + (256 << 10), "{about}: {read}");
        }
    }
}

/// When two blocks have been asked for, all of the third is read while nobody asks for it.
#[test]
#[cfg_attr(any(target_family = "wasm", not(feature = "rayon")), ignore = "there is one thread")]
fn the_next_block_is_read_ahead() {
    for (about, archive) in &*ARCHIVES {
        let watched = Watched::new(archive, ReadCost::LOCAL);
        let npz = NpzReader::from_read_at(watched.clone()).unwrap();
        on_threads(2, || {
            let mut blocks = npz.chunks::<Array2<f64>>("x", 100).unwrap();
            watched.count();
            blocks.next().unwrap().unwrap();
            blocks.next().unwrap().unwrap();
            // The other array takes an eighth as much, and the rows of this one all the same.
            let end = archive.len() as u64 * 8 / 9 * 280 / 330;
            let (reads, read) = &*watched.reads;
            let is_waiting = |reads: &mut Vec<Range<u64>>| reads.iter().all(|read| read.end < end);
            let reads = reads.lock().unwrap();
            let (reads, timeout) = read.wait_timeout_while(reads, patience(), is_waiting).unwrap();
            assert!(!timeout.timed_out(), "{about}");
            drop(reads);
            assert!(blocks.next().unwrap().unwrap() == LARGE.slice(s![200..300, ..]));
        });
    }
}

/// Counts the reads, and at one of them fails or panics.
struct Broken {
    bytes: &'static [u8],
    reads: AtomicUsize,
    at: usize,
    panics: bool,
}

impl ReadAt for Broken {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        if self.reads.fetch_add(1, Ordering::Relaxed) == self.at {
            if self.panics {
                std::panic::resume_unwind(Box::new("as planned"));
            }
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        self.bytes.read_at(buf, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.bytes.size()
    }
}

/// Opens an archive, and takes all of an array that can be had: the blocks, and the error.
fn all_of(broken: Broken) -> (usize, Option<npz::Error>) {
    let mut count = 0;
    let read = |count: &mut usize| {
        let npz = NpzReader::from_read_at(broken)?;
        for block in npz.chunks::<Array2<f64>>("x", 16)? {
            let rows = *count * 16..330.min(*count * 16 + 16);
            assert!(block? == LARGE.slice(s![rows, ..]));
            *count += 1;
        }
        Ok(())
    };
    let error = read(&mut count).err();
    (count, error)
}

#[test]
fn a_fault_at_any_read_is_an_error() {
    for (about, archive) in &*ARCHIVES {
        for threads in [1, 2] {
            for at in (0..7).chain([9, 15, 1_000_000]) {
                let (count, error) = on_threads(threads, || {
                    let reads = AtomicUsize::new(0);
                    all_of(Broken { bytes: archive, reads, at, panics: false })
                });
                match error {
                    None => assert_eq!(count, 21, "{about}"),
                    Some(error) => {
                        assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{about}: {error}");
                        assert!(count < 21 && at < 1_000, "{about}");
                    }
                }
                assert!(at > 7 || count < 21, "{about}: {at}");
            }
        }
    }
}

#[test]
#[cfg(panic = "unwind")]
fn a_panic_in_the_background_comes_to_the_caller() {
    for (about, archive) in &*ARCHIVES {
        for threads in [1, 2] {
            let mut caught = 0;
            for at in [0, 5, 6, 10, 15, 1_000_000] {
                let panicked = std::panic::catch_unwind(|| {
                    on_threads(threads, || {
                        let reads = AtomicUsize::new(0);
                        all_of(Broken { bytes: archive, reads, at, panics: true })
                    })
                });
                match panicked {
                    Ok((count, error)) => assert!(count == 21 && error.is_none(), "{about}"),
                    Err(panic) => {
                        assert_eq!(panic.downcast_ref(), Some(&"as planned"));
                        caught += 1;
                    }
                }
            }
            assert!(caught > 3, "{about}: {caught}");
        }
    }
}

/// Whatever is done with the blocks, the source comes back.
#[test]
fn a_reader_gives_its_source_back() {
    for (_, archive) in &*ARCHIVES {
        let mut bytes = archive.clone();
        for is_leaked in [false, true] {
            let npz = NpzReader::from_bytes(bytes).unwrap();
            let mut blocks = npz.chunks::<Array2<f64>>("x", 40).unwrap();
            (0..3).for_each(|_| drop(blocks.next().unwrap().unwrap()));
            if is_leaked {
                std::mem::forget(blocks);
            } else {
                drop(blocks);
            }
            bytes = npz.into_inner();
        }
        assert!(bytes == *archive);
    }
}

/// Jobs on all threads of a pool, each of which reads blocks.
#[test]
#[cfg_attr(target_family = "wasm", ignore = "WebAssembly has no threads")]
fn all_threads_of_a_pool_read_blocks() {
    use rayon::prelude::*;
    let expected = LARGE.sum();
    for (_, archive) in &*ARCHIVES {
        let npz = NpzReader::from_bytes(archive.clone()).unwrap();
        for threads in [1, 2, 3] {
            on_threads(threads, || {
                let turn = Mutex::new(());
                (0..5).into_par_iter().for_each(|job| {
                    let _turn = (job % 2 == 0).then(|| turn.lock().unwrap());
                    let blocks = npz.chunks::<Array2<f64>>("x", 20 + job).unwrap();
                    assert_eq!(blocks.map(|block| block.unwrap().sum()).sum::<f64>(), expected);
                });
            });
        }
    }
}

/// Every flipped bit is found out by the last block, or changes nothing; what could be seen of the
/// blocks before does not count then.
#[test]
fn every_flipped_bit() {
    let x = Array2::from_shape_fn((12, 5), |(i, j)| (i * i + j) as u16);
    for compression in compressions(6) {
        let mut npz = NpzWriter::new(Cursor::new(Vec::new())).compression(compression);
        npz.array("x", &x).unwrap();
        let archive = npz.finish().unwrap().into_inner();
        for bit in 0..8 * archive.len() {
            let mut bytes = archive.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let read = |npz: &NpzReader<Vec<u8>>, len| {
                npz.chunks::<Array2<u16>>("x", len)?.collect::<npz::Result<Vec<_>>>()
            };
            for len in [1, 5, 12] {
                let Ok(npz) = NpzReader::from_bytes(bytes.clone()) else { continue };
                if let Ok(blocks) = read(&npz, len) {
                    let views: Vec<_> = blocks.iter().map(|block| block.view()).collect();
                    assert_eq!(concatenate(Axis(0), &views).unwrap(), x, "bit {bit}");
                }
                // All that can be found out, `get` finds out.
                let is_sound = npz.get::<Array2<u16>>("x").is_ok();
                assert_eq!(read(&npz, len).is_ok(), is_sound, "bit {bit}, {len}");
            }
        }
    }
}

/// In a large array, too, the last block is not given if any byte is wrong; if it was skipped to, only
/// its own matter.
#[test]
fn damage_is_found_before_the_last_block() {
    for (about, archive) in &*ARCHIVES {
        let npz = NpzReader::from_bytes(damaged(archive)).unwrap();
        let found: Vec<_> = npz.chunks::<Array2<f64>>("x", 100).unwrap().collect();
        let (last, others) = found.split_last().unwrap();
        assert!(last.is_err(), "{about}");
        assert!(others.iter().all(Result::is_ok) || about.starts_with("Deflate"), "{about}");
        let last = npz.chunks::<Array2<f64>>("x", 100).unwrap().nth(3).unwrap();
        if !about.starts_with("Deflate(1), no") {
            assert!(last.unwrap() == LARGE.slice(s![300.., ..]), "{about}");
        }
        let only = npz.chunks::<Array2<f64>>("x", 1000).unwrap().next_back().unwrap();
        assert!(only.is_err(), "{about}");
        // Blocks that are indexed have checksums of their own.
        if about == "Deflate(1)" {
            let mut blocks = npz.chunks::<Array2<f64>>("x", 20).unwrap().skip(1);
            assert!(blocks.any(|block| block.is_err()), "{about}");
        }
    }
}

/// The whole of it, from both ends at a time.
#[test]
fn an_array_of_any_dimension() {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    let x =
        ArrayD::from_shape_fn(vec![5, 2, 3], |i| i[0] * 100 + i[1] * 10 + i[2]).mapv(|x| x as u64);
    npz.array("x", &x).unwrap();
    npz.array("flat", &Array2::<u8>::zeros((1, 9)).reversed_axes()).unwrap();
    let npz = NpzReader::new(npz.finish().unwrap()).unwrap();
    let mut blocks = npz.chunks::<ArrayD<u64>>("x", 2).unwrap();
    assert_eq!(blocks.size_hint(), (3, Some(3)));
    assert_eq!(blocks.next_back().unwrap().unwrap(), x.slice(s![4.., .., ..]).into_dyn());
    assert_eq!(blocks.next().unwrap().unwrap(), x.slice(s![..2, .., ..]).into_dyn());
    assert_eq!(blocks.next_back().unwrap().unwrap(), x.slice(s![2..4, .., ..]).into_dyn());
    assert!(blocks.next().is_none() && blocks.next_back().is_none());
    assert_eq!(npz.chunks::<Raw>("flat", 1).unwrap().axis(), 0);
}
