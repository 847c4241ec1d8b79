//! How often, for how much, and how many at a time a slow source is asked.

use std::io::{self, Cursor};
use std::sync::Mutex;

use ndarray::{Array1, Array2, Axis, s};
use npz::{NpzReader, NpzWriter, ReadAt, ReadCost};

use crate::common::{compressions, on_threads, without_index};

/// A source over a network: each element of `trips` is what was asked together, in bytes.
pub struct Remote {
    bytes: Vec<u8>,
    cost: ReadCost,
    trips: Mutex<Vec<Vec<usize>>>,
}

impl Remote {
    fn ask(&self, sizes: Vec<usize>) {
        self.trips.lock().unwrap().push(sizes);
    }
}

impl ReadAt for Remote {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.ask(vec![buf.len()]);
        self.bytes.read_at(buf, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.ask(vec![0]);
        self.bytes.size()
    }

    fn read_ranges(&self, ranges: &mut [(u64, &mut [u8])]) -> io::Result<()> {
        self.ask(ranges.iter().map(|(_, buf)| buf.len()).collect());
        self.bytes.read_ranges(ranges)
    }

    fn read_tail(&self, buf: &mut [u8]) -> io::Result<u64> {
        self.ask(vec![buf.len().min(self.bytes.len())]);
        self.bytes.read_tail(buf)
    }

    fn cost(&self) -> ReadCost {
        self.cost
    }
}

/// What an operation asked: how often one waits for an answer, how many requests there were, the most
/// of them at a time, and their bytes.
#[derive(Debug, PartialEq)]
pub struct Asked {
    trips: usize,
    pub requests: usize,
    at_once: usize,
    bytes: usize,
}

impl Asked {
    pub fn by<T>(npz: &NpzReader<Remote>, act: impl FnOnce(&NpzReader<Remote>) -> T) -> (T, Self) {
        let trips = || std::mem::take(&mut *npz.get_ref().unwrap().trips.lock().unwrap());
        trips();
        let result = act(npz);
        (result, Self::of(trips()))
    }

    fn of(trips: Vec<Vec<usize>>) -> Self {
        Self {
            trips: trips.len(),
            requests: trips.iter().map(Vec::len).sum(),
            at_once: trips.iter().map(Vec::len).max().unwrap_or(0),
            bytes: trips.into_iter().flatten().sum(),
        }
    }
}

pub fn remote(bytes: Vec<u8>, cost: ReadCost) -> (NpzReader<Remote>, Asked) {
    let npz = NpzReader::from_read_at(Remote { bytes, cost, trips: Mutex::default() }).unwrap();
    let asked = Asked::of(std::mem::take(&mut *npz.get_ref().unwrap().trips.lock().unwrap()));
    (npz, asked)
}

fn many_small(count: usize) -> Vec<u8> {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    for index in 0..count {
        npz.array(&format!("array{index}"), &Array1::from_elem(125, index as f64)).unwrap();
    }
    npz.finish().unwrap().into_inner()
}

/// An array of 16 MiB, which compresses little, in rows of 64 KiB.
fn large() -> Array2<f64> {
    let mut state = 1_u32;
    Array2::from_shape_simple_fn((256, 8192), || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8)
    })
}

/// Archives of it, each with a name for what it is: stored or deflated, with an index or without.
fn archives() -> impl Iterator<Item = (String, Vec<u8>)> {
    compressions(6).into_iter().flat_map(|compression| {
        let mut npz = NpzWriter::stream(Vec::new()).compression(compression);
        npz.array("x", &large()).unwrap();
        let archive = npz.finish().unwrap();
        let plain = without_index(archive.clone());
        [(format!("{compression:?}"), archive), (format!("{compression:?}, no index"), plain)]
    })
}

#[test]
fn archives_are_opened_by_one_request_or_two() {
    for (count, requests) in [(1, 1), (1_000, 1), (10_000, 2)] {
        let (npz, asked) = remote(many_small(count), ReadCost::REMOTE);
        assert_eq!((npz.len(), asked.requests), (count, requests));
    }
}

#[test]
fn neighbours_are_read_together() {
    for (count, requests) in [(1, 1), (1_000, 1), (10_000, 4)] {
        let bytes = many_small(count);
        let size = bytes.len();
        let (npz, _) = remote(bytes, ReadCost::REMOTE);
        let (all, asked) = Asked::by(&npz, |npz| npz.get_all().unwrap());
        assert_eq!(all.len(), count);
        assert!(asked.requests <= requests && asked.trips == 1, "{asked:?}");
        assert!(asked.bytes * 10 <= size * 11, "{asked:?} of {size}");
        let (verified, asked) = Asked::by(&npz, |npz| npz.verify());
        verified.unwrap();
        assert!(asked.requests <= requests, "{asked:?}");
        let name = format!("array{}", count - 1);
        let (last, asked) = Asked::by(&npz, |npz| npz.get::<Vec<f64>>(&name).unwrap());
        assert_eq!((last, asked.requests), (vec![(count - 1) as f64; 125], 1));
        let (infos, asked) =
            Asked::by(&npz, |npz| npz.iter().filter(|(_, info)| info.is_ok()).count());
        assert_eq!(infos, count);
        assert!(asked.requests <= 3 + size / (1 << 20), "{asked:?}");
    }
}

/// Many requests are under way at a time: as many as the source likes, on any number of threads.
#[test]
fn many_reads_are_under_way() {
    for threads in [1, 4] {
        on_threads(threads, ask_for_much);
    }
}

fn ask_for_much() {
    let cost = ReadCost::REMOTE.gap(64 << 10).sizes(128 << 10, 1 << 20).at_once(32);
    let x = large();
    for (about, bytes) in archives() {
        let size = bytes.len();
        let (npz, _) = remote(bytes, cost);
        let (loaded, asked) = Asked::by(&npz, |npz| npz.get::<Array2<f64>>("x").unwrap());
        assert!(loaded == x);
        assert!(asked.trips <= 4 && asked.at_once >= 15, "{about}: {asked:?}");
        assert!(asked.bytes < size + (1 << 20), "{about}: {asked:?}");
        // Elements of another type are made as their bytes come.
        let (cast, asked) = Asked::by(&npz, |npz| npz.get_cast::<Array2<f32>>("x").unwrap());
        assert!(cast == x.mapv(|value| value as f32));
        assert!(asked.trips <= 10 && asked.bytes < size + (1 << 20), "{about}: {asked:?}");
    }
}

/// What is more than may be in memory is read part by part, and once: but for what has been read
/// ahead when it turns out that it can be read in blocks.
#[test]
fn long_streams_are_read_once() {
    let cost = ReadCost::REMOTE.gap(256 << 10).sizes(64 << 10, 128 << 10).at_once(4);
    let x = large();
    for (about, bytes) in archives() {
        let most = bytes.len() + 4 * (128 << 10);
        let (npz, _) = remote(bytes, cost);
        let (loaded, asked) = Asked::by(&npz, |npz| npz.get::<Array2<f64>>("x").unwrap());
        assert!(loaded == x && asked.bytes <= most, "{about}: {asked:?}, {most}");
        let (bytes, asked) = Asked::by(&npz, |npz| npz.bytes("x.npy").unwrap());
        assert_eq!(bytes.len(), 128 + 8 * x.len());
        assert!(asked.bytes <= most, "{about}: {asked:?}, {most}");
        let (all, asked) = Asked::by(&npz, |npz| npz.get_all().unwrap());
        assert!(all["x"].as_array::<f64>().unwrap() == x.view().into_dyn());
        assert!(asked.bytes <= most, "{about}: {asked:?}, {most}");
    }
}

#[test]
fn slices_are_read_at_once() {
    let x = large();
    for (about, bytes) in archives().filter(|(about, _)| !about.ends_with("no index")) {
        let size = bytes.len();
        let (npz, _) = remote(bytes, ReadCost::REMOTE);
        let rows = s![100..103, ..];
        let (part, asked) = Asked::by(&npz, |npz| npz.get_slice::<Array2<f64>>("x", rows).unwrap());
        assert!(part == x.slice(rows));
        let requests = if about == "Stored" { 1 } else { 2 };
        assert!(asked.requests <= requests && asked.bytes < 4 << 20, "{about}: {asked:?}");
        // The header is known by now.
        let rows = s![200..203, ..];
        let (part, asked) = Asked::by(&npz, |npz| npz.get_slice::<Array2<f64>>("x", rows).unwrap());
        assert!(part == x.slice(rows));
        assert_eq!(asked.requests, 1, "{about}: {asked:?}");
        let column = |npz: &NpzReader<_>| npz.get_slice::<Array1<f64>>("x", s![.., 4000]).unwrap();
        let (part, asked) = Asked::by(&npz, column);
        assert!(part == x.index_axis(Axis(1), 4000));
        assert!(asked.trips == 1 && asked.requests <= 5, "{about}: {asked:?}");
        assert!(asked.bytes <= size + (1 << 20), "{about}: {asked:?}");
        // Without a gap worth reading over, each element is asked for, all of them at once.
        let (npz, _) = remote(npz.into_inner().bytes, ReadCost::REMOTE.gap(4 << 10));
        let (part, asked) = Asked::by(&npz, column);
        assert!(part == x.index_axis(Axis(1), 4000));
        assert!(asked.trips <= 3, "{about}: {asked:?}");
    }
}

/// Of each member the beginning is kept, however long its name is, and then a small array needs no
/// request.
#[test]
fn headers_are_read_once() {
    for compression in compressions(6) {
        let mut npz = NpzWriter::new(Cursor::new(Vec::new())).compression(compression);
        let name = "n".repeat(5_000);
        for name in ["small", "large", &name] {
            npz.array(name, &vec![7; if name == "large" { 100_000 } else { 10 }]).unwrap();
        }
        let (npz, _) = remote(npz.finish().unwrap().into_inner(), ReadCost::REMOTE.gap(1 << 10));
        for (name, requests) in [("small", 0), ("large", 1), (&*name, 0)] {
            let (info, asked) = Asked::by(&npz, |npz| npz.info(name).unwrap());
            assert_eq!(asked.requests, 1, "{name}");
            let (values, asked) = Asked::by(&npz, |npz| npz.get::<Vec<i32>>(name).unwrap());
            assert_eq!((values.len(), values[0]), (info.shape()[0], 7));
            assert!(asked.requests <= requests, "{name}: {asked:?}");
        }
    }
}

/// A source that fails at some request, or gives less than it said, gives an error or what was saved.
#[test]
fn a_fault_is_an_error() {
    struct Faulty<'a> {
        bytes: &'a [u8],
        left: Mutex<usize>,
        is_cut: bool,
    }
    impl ReadAt for Faulty<'_> {
        fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
            let mut left = self.left.lock().unwrap();
            *left = left.saturating_sub(1);
            match *left {
                0 if self.is_cut => Ok(0),
                0 => Err(io::ErrorKind::ConnectionReset.into()),
                _ => self.bytes.read_at(buf, offset),
            }
        }
        fn size(&self) -> io::Result<u64> {
            self.bytes.size()
        }
        fn cost(&self) -> ReadCost {
            ReadCost::REMOTE.gap(1 << 10).sizes(64 << 10, 256 << 10)
        }
    }
    for compression in compressions(1) {
        let mut npz = NpzWriter::new(Cursor::new(Vec::new())).compression(compression);
        let x = large().slice_move(s![..40, ..]);
        npz.array("x", &x).unwrap().array("y", &[1, 2]).unwrap();
        let bytes = npz.finish().unwrap().into_inner();
        for is_cut in [false, true] {
            let mut was_whole = false;
            for left in (1..60).chain([1_000]) {
                let source = Faulty { bytes: &bytes, left: left.into(), is_cut };
                let Ok(npz) = NpzReader::from_read_at(source) else { continue };
                let column = npz.get_slice::<Array1<f64>>("x", s![.., 7]);
                assert!(column.is_err() || column.unwrap() == x.column(7));
                if let Ok(all) = npz.get_all() {
                    assert!(all["x"].as_array::<f64>().unwrap() == x.view().into_dyn());
                    was_whole = true;
                }
            }
            assert!(was_whole);
        }
    }
}

/// However little is read at a time, a member's two names are compared to their ends.
#[test]
fn names_are_compared_whole() {
    for len in [1, 40, 5_000, 60_000] {
        let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
        let name = "n".repeat(len);
        npz.array(&name, &[1, 2, 3]).unwrap();
        let mut bytes = npz.finish().unwrap().into_inner();
        for cost in [ReadCost::LOCAL, ReadCost::REMOTE, ReadCost::REMOTE.gap(0).sizes(0, 0)] {
            let (npz, _) = remote(bytes.clone(), cost);
            assert_eq!(npz.get::<Vec<i32>>(&name).unwrap(), [1, 2, 3]);
        }
        // The last letter of the name in front of the array.
        bytes[30 + len - 1] = b'm';
        for cost in [ReadCost::LOCAL, ReadCost::REMOTE, ReadCost::REMOTE.gap(0)] {
            let error = remote(bytes.clone(), cost).0.get::<Vec<i32>>(&name).unwrap_err();
            assert!(error.to_string().ends_with("two headers disagree on its name"), "{error}");
        }
        let error = NpzReader::from_bytes(&bytes).unwrap().get::<Vec<i32>>(&name).unwrap_err();
        assert!(error.to_string().ends_with("two headers disagree on its name"), "{error}");
    }
}
