//! What is read is what was saved, in few requests, or an error.

use std::fs;
use std::io::{self, Cursor};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use ndarray::{Array1, Array2, s};
use npz::{NpyReader, NpzReader, NpzWriter, ReadAt, ReadCost, WriteNpz};
use npz_object_store::object_store::local::LocalFileSystem;
use npz_object_store::{Object, open};

use crate::watched::{Fault, Habit, Request, Watched};

/// Every element is the archive's `version`, more or less.
fn archive(version: f64) -> Vec<u8> {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    npz.array("grid", &grid(version)).unwrap().array("row", &row(version)).unwrap();
    npz.finish().unwrap().into_inner()
}

/// 400 KB.
fn grid(version: f64) -> Array2<f64> {
    Array2::from_shape_fn((500, 100), |(i, j)| (i * 100 + j) as f64 + version / 4.0)
}

fn row(version: f64) -> Array1<f64> {
    Array1::from_elem(10, version)
}

/// So little at a time that a small archive takes many requests.
fn object(store: &Watched) -> Object {
    let cost = ReadCost::REMOTE.gap(100).sizes(30_000, 60_000);
    Object::new(store.shared(), "x.npz").with_cost(cost.at_once(3))
}

/// The version of an archive, of which all is read, and is found to be of this version.
fn version(object: Object) -> npz::Result<f64> {
    let npz = NpzReader::from_read_at(object)?;
    let found = npz.get::<Array1<f64>>("row")?;
    let version = found[0];
    assert_eq!(found, row(version));
    assert!(npz.get::<Array2<f64>>("grid")? == grid(version));
    let part = npz.get_slice::<Array2<f64>>("grid", s![100..;100, 3..5])?;
    assert_eq!(part, grid(version).slice(s![100..;100, 3..5]));
    let all = npz.get_all()?;
    assert!(all["grid"].as_array::<f64>().unwrap() == grid(version).into_dyn());
    Ok(version)
}

fn kind(error: &npz::Error) -> io::ErrorKind {
    match error.kind() {
        npz::ErrorKind::Io { source, .. } => source.kind(),
        other => panic!("{other}"),
    }
}

#[test]
fn archives_are_read_in_few_requests() {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    for index in 0..1_000 {
        npz.array(&format!("array{index}"), &Array1::from_elem(125, f64::from(index))).unwrap();
    }
    let store = Watched::with(&npz.finish().unwrap().into_inner());
    let npz = open(store.shared(), "x.npz").unwrap();
    assert!(matches!(store.take_requests()[..], [Request::Get(_)]));
    let all = npz.get_all().unwrap();
    assert!(store.take_requests().len() <= 2);
    let first = |index| all[&format!("array{index}")].as_array::<f64>().unwrap()[0];
    assert!((0..1_000).all(|index| first(index) == f64::from(index)));
    assert_eq!(npz.get::<Vec<f64>>("array7").unwrap(), [7.0; 125]);
    assert!(matches!(store.take_requests()[..], [Request::Get(_)]));
}

#[test]
fn large_arrays_are_read_at_once() {
    let x = Array1::from_iter((0..8 << 20).map(f64::from));
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    npz.array("x", &x).unwrap();
    let store = Watched::with(&npz.finish().unwrap().into_inner());
    for (at_once, requests) in [(3, 8), (16, 13)] {
        let object =
            Object::new(store.shared(), "x.npz").with_cost(ReadCost::REMOTE.at_once(at_once));
        let npz = NpzReader::from_read_at(object).unwrap();
        store.take_requests();
        assert!(npz.get::<Array1<f64>>("x").unwrap() == x);
        let asked = store.take_requests();
        let large = asked.iter().filter(
            |asked| matches!(asked, Request::Get(len) if (3 << 20..=8 << 20).contains(len)),
        );
        assert_eq!(large.count(), requests, "{asked:?}");
        assert!(asked.len() <= requests + 1, "{asked:?}");
        let most = std::mem::take(&mut store.log().most_under_way);
        assert!((2..=at_once).contains(&most), "{most}");
        assert_eq!(store.log().under_way, 0);
    }
}

/// Whatever happens to one of the requests, what is read is right, and of one version.
#[test]
fn after_a_fault_there_is_an_error_or_the_right_data() {
    let (old, new) = (archive(1.0), archive(2.0));
    assert_eq!(old.len(), new.len());
    let faults =
        [Fault::Fail, Fault::Stall, Fault::CutOff, Fault::GoOn, Fault::Replace, Fault::Panic];
    for fault in faults {
        for request in 0.. {
            let store = Watched::with(&old).fault(request, fault);
            store.log().replacement = new.clone();
            let result = version(object(&store));
            let about = format!("{fault:?} at {request}");
            store.wait_for_requests();
            let was_hit = store.log().threads.len() > request;
            match (fault, result) {
                // What is known of a small array already is not asked for again.
                (Fault::Replace, Ok(version)) => {
                    assert_eq!(version, if request == 0 { 2.0 } else { 1.0 }, "{about}");
                }
                (Fault::GoOn, result) => assert_eq!(result.unwrap(), 1.0, "{about}"),
                (_, Ok(version)) => assert_eq!(version, 1.0, "{about}"),
                (_, Err(error)) => assert!(was_hit, "{about}: {error:?}"),
            }
            if !was_hit {
                assert!(request > 10, "{about}");
                break;
            }
        }
    }
}

/// All ways by which stores tell versions apart.
#[test]
fn a_replaced_object_is_an_error() {
    let habits = [None, Some(Habit::NoConditions), Some(Habit::NoTags), Some(Habit::WeakTags)];
    for habit in habits {
        let store = Watched::with(&archive(1.0));
        let store = habit.into_iter().fold(store, Watched::habit);
        assert_eq!(version(object(&store)).unwrap(), 1.0, "{habit:?}");
        let requests = store.take_requests().len();
        assert_eq!(store.log().conditions, requests - 1, "{habit:?}");
        let npz = NpzReader::from_read_at(object(&store)).unwrap();
        store.replace(&archive(2.0));
        for result in [npz.get::<Array1<f64>>("row").err(), npz.get_all().err()] {
            let error = format!("{:?}", result.unwrap());
            assert!(
                error.ends_with("cannot read `x.npz`: it was replaced while it was read"),
                "{error}"
            );
        }
        assert_eq!(version(object(&store)).unwrap(), 2.0, "{habit:?}");
    }
}

#[test]
fn stores_without_suffixes_are_asked_for_the_size() {
    let store = Watched::with(&archive(1.0)).habit(Habit::NoSuffix);
    let npz = open(store.shared(), "x.npz").unwrap();
    let asked = store.take_requests();
    assert!(matches!(asked[..], [Request::Get(_), Request::Head, Request::Get(_)]), "{asked:?}");
    assert!(npz.get::<Array2<f64>>("grid").unwrap() == grid(1.0));
}

#[test]
fn what_is_not_there_or_empty_is_an_error() {
    let store = Watched::with(b"");
    let error = open(store.shared(), "no.npz").unwrap_err();
    assert_eq!(kind(&error), io::ErrorKind::NotFound);
    assert_eq!(store.take_requests().len(), 1);
    let error = open(store.shared(), "x.npz").unwrap_err();
    assert!(matches!(error.kind(), npz::ErrorKind::Archive { .. }), "{error}");
}

/// An error has the object's location as its path, and names it, whatever failed.
#[test]
fn errors_name_the_object() {
    let says = |error: npz::Error, expected: &str| {
        assert_eq!(error.path(), Some(Path::new("x.npz")), "{error:?}");
        assert_eq!(error.to_string(), expected);
        assert!(matches!(error.kind(), npz::ErrorKind::Io { .. }), "{:?}", error.kind());
    };
    // Opening takes one request, or, where that fails, another one; and the next one reads the array.
    let open = |requests: Range<usize>| {
        let store = Watched::with(&archive(1.0));
        let store = requests.fold(store, |store, request| store.fault(request, Fault::Fail));
        NpzReader::from_read_at(object(&store))
    };
    says(open(0..2).unwrap_err(), "cannot read `x.npz`");
    let npz = open(1..2).unwrap();
    says(npz.get::<Array2<f64>>("grid").unwrap_err(), "array `grid`: cannot read `x.npz`");
    assert_eq!(npz.to_string(), "NpzReader \"x.npz\" with 2 arrays: grid, row");
    for request in 0..2 {
        let store = Watched::with(&archive(1.0)).fault(request, Fault::Fail);
        let object = Object::new(store.shared(), "x.npz");
        let error = object.read_at(&mut [0; 10], 5).unwrap_err();
        says(error.downcast().unwrap(), "cannot read `x.npz`");
    }
    // What is wrong with the object itself, and with what is asked of it.
    for bytes in [&b"<!doctype html>"[..], b""] {
        let store = Watched::with(bytes);
        let error = NpzReader::from_read_at(object(&store)).unwrap_err();
        assert!(error.to_string().starts_with("`x.npz`: "), "{error}");
        let error = NpyReader::from_read_at(object(&store)).unwrap_err();
        assert!(error.to_string().starts_with("`x.npz`: "), "{error}");
    }
    let npz = NpzReader::from_read_at(object(&Watched::with(&archive(1.0)))).unwrap();
    assert_eq!(npz.get::<Vec<i8>>("row").unwrap_err().path(), Some(Path::new("x.npz")));
}

/// An object is read as bytes in memory are.
#[test]
fn ranges_are_those_of_bytes() {
    for size in [0, 1, 1_000] {
        let bytes: Vec<u8> = (0..size).map(|i| (i * 7 % 251) as u8).collect();
        let store = Watched::with(&bytes);
        let object = Object::new(store.shared(), "x.npz");
        assert_eq!(ReadAt::size(&object).unwrap(), size);
        for (offset, len) in [(0, 1_000), (0, 0), (500, 10), (990, 20), (1_000, 1), (u64::MAX, 9)] {
            let (mut found, mut expected) = (vec![0; len], vec![0; len]);
            let read = object.read_at(&mut found, offset).unwrap();
            assert_eq!(read, bytes.read_at(&mut expected, offset).unwrap());
            assert_eq!(found, expected);
            let ranges = object.read_ranges(&mut [(0, &mut []), (offset, &mut found)]);
            let of_bytes = bytes.read_ranges(&mut [(0, &mut []), (offset, &mut expected)]);
            assert_eq!(ranges.map_err(|e| e.kind()), of_bytes.map_err(|e| e.kind()));
            let (mut found, mut expected) = (vec![0; len], vec![0; len]);
            let fresh = Object::new(store.shared(), "x.npz");
            assert_eq!(fresh.read_tail(&mut found).unwrap(), size);
            bytes.read_tail(&mut expected).unwrap();
            assert_eq!(found, expected);
        }
    }
}

/// Nobody waits for requests whose results are of no use any more.
#[test]
fn an_error_does_not_wait_for_other_requests() {
    let store = Watched::with(&[1; 1_000]).fault(1, Fault::Hang).fault(2, Fault::Fail);
    let object = Object::new(store.shared(), "x.npz");
    assert_eq!(ReadAt::size(&object).unwrap(), 1_000);
    let (mut a, mut b) = ([0; 10], [0; 10]);
    let error = object.read_ranges(&mut [(0, &mut a), (500, &mut b)]).unwrap_err();
    assert!(format!("{error:?}").contains("told to fail"), "{error:?}");
    store.wait_for_requests();
}

#[test]
fn local_files_are_objects_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    fs::write(&path, archive(1.0)).unwrap();
    let store = || Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap());
    assert_eq!(version(Object::new(store(), "x.npz")).unwrap(), 1.0);
    let npz = open(store(), "x.npz").unwrap();
    fs::write(folder.path().join("new"), archive(2.0)).unwrap();
    fs::rename(folder.path().join("new"), &path).unwrap();
    assert!(npz.get::<Array1<f64>>("row").is_err());

    fs::write(&path, [7; 1_000]).unwrap();
    let store = Watched::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap());
    let object = Object::new(store.fault(0, Fault::CutOff).shared(), "x.npz");
    let error = object.read_tail(&mut [0; 500]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
}

#[test]
fn npy_files_are_read_by_ranges() {
    let mut npy = Vec::new();
    grid(1.0).write_npy(&mut npy).unwrap();
    let store = Watched::with(&npy);
    let npy = NpyReader::from_read_at(Object::new(store.shared(), "x.npz")).unwrap();
    assert!(npy.get::<Array2<f64>>().unwrap() == grid(1.0));
}

#[test]
fn threads_share_a_reader() {
    let store = Watched::with(&archive(1.0));
    let npz = NpzReader::from_read_at(object(&store)).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert!(npz.get::<Array2<f64>>("grid").unwrap() == grid(1.0)));
        }
    });
}
