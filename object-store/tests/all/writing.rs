//! An object appears whole, when it is complete, or not at all, and nothing else is left in the store.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use ndarray::Array1;
use npz::NpzWriter;
use npz_object_store::object_store::ObjectStoreExt;
use npz_object_store::object_store::local::LocalFileSystem;
use npz_object_store::object_store::memory::InMemory;
use npz_object_store::{ObjectWriter, create, open, save};

use crate::watched::{Fault, Habit, Request, Watched};

fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 7 % 251) as u8).collect()
}

fn writer(store: &Watched) -> ObjectWriter {
    ObjectWriter::new(store.shared(), "x.npz").part_size(1_000).at_once(3)
}

/// Writes `bytes`, some at a time.
fn write(mut writer: ObjectWriter, bytes: &[u8]) -> npz::Result<()> {
    for bytes in bytes.chunks(700) {
        writer.write_all(bytes).map_err(npz::Error::other)?;
    }
    writer.complete().map(drop)
}

#[test]
fn objects_are_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let local = Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap());
    for len in [0, 1, 999, 1_000, 1_001, 2_000, 2_001, 12_345] {
        let store = Watched::new(InMemory::new());
        write(writer(&store), &bytes(len)).unwrap();
        assert_eq!(store.object().unwrap(), bytes(len));
        assert_eq!(store.left(), (0, 0));
        let part_size = |writer: ObjectWriter| writer.part_size(1_000);
        write(part_size(ObjectWriter::new(local.clone(), "x.npz")), &bytes(len)).unwrap();
        assert_eq!(std::fs::read(folder.path().join("x.npz")).unwrap(), bytes(len));
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    }
}

#[test]
fn archives_are_what_is_streamed() {
    let x = Array1::from_iter((0..1 << 20).map(f64::from));
    let fill = |npz: &mut NpzWriter<_>| npz.array("x", &x).map(drop);
    let mut streamed = NpzWriter::stream(Vec::new());
    streamed.array("x", &x).unwrap();
    let store = Watched::new(InMemory::new());
    save(store.shared(), "x.npz", fill).unwrap();
    assert!(store.object().unwrap() == streamed.finish().unwrap());
    let npz = open(store.shared(), "x.npz").unwrap();
    npz.verify().unwrap();
    assert!(npz.get::<Array1<f64>>("x").unwrap() == x);
    let asked = store.take_requests();
    assert!(
        matches!(
            asked[..5],
            [
                Request::Begin,
                Request::Part(0x80_0000),
                Request::Part(1..1_000),
                Request::Complete,
                Request::Get(_)
            ]
        ),
        "{asked:?}"
    );
}

#[test]
fn a_small_object_is_one_request() {
    let store = Watched::new(InMemory::new());
    save(store.shared(), "x.npz", |npz| npz.array("x", &[1, 2, 3]).map(drop)).unwrap();
    assert!(matches!(store.take_requests()[..], [Request::Put(_)]));
    let mut writer = writer(&store);
    writer.write_all(&bytes(1_000)).unwrap();
    assert_eq!(writer.write(b"").unwrap(), 0);
    writer.complete().unwrap();
    assert_eq!(store.take_requests(), [Request::Put(1_000)]);
}

#[test]
fn parts_are_of_equal_size_and_bounded_in_number() {
    for at_once in [1, 2, 5] {
        let store = Watched::new(InMemory::new());
        write(writer(&store).at_once(at_once), &bytes(20_500)).unwrap();
        let parts = store.take_requests().into_iter().filter_map(|request| match request {
            Request::Part(len) => Some(len),
            _ => None,
        });
        let expected: Vec<_> = [1_000; 20].into_iter().chain([500]).collect();
        assert_eq!(parts.collect::<Vec<_>>(), expected);
        let most = store.log().most_under_way;
        assert!((at_once.min(2)..=at_once).contains(&most), "{most}");
    }
}

#[test]
fn an_object_appears_when_it_is_complete() {
    let store = Watched::with(b"old");
    let mut writer = writer(&store);
    for bytes in bytes(5_500).chunks(500) {
        writer.write_all(bytes).unwrap();
        writer.flush().unwrap();
        assert_eq!(store.object().unwrap(), b"old");
    }
    let result = writer.complete().unwrap();
    assert!(result.e_tag.is_some());
    assert_eq!(store.object().unwrap(), bytes(5_500));
}

/// After each number of bytes: dropped, an error, a panic.
#[test]
fn what_is_not_completed_is_aborted() {
    for len in (0..6_000).step_by(500) {
        let store = Watched::with(b"old");
        let write = |npz: &mut NpzWriter<ObjectWriter>| npz.array("x", &bytes(len)).map(drop);
        let mut npz = NpzWriter::stream(writer(&store));
        write(&mut npz).unwrap();
        drop(npz);
        // Finished, and not completed.
        let mut npz = NpzWriter::stream(writer(&store));
        write(&mut npz).unwrap();
        drop(npz.finish().unwrap());
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let mut npz = NpzWriter::stream(writer(&store));
            write(&mut npz).unwrap();
            panic!("in between");
        }));
        assert!(panicked.is_err());
        assert_eq!(store.left(), (0, 0));
        assert_eq!(store.object().unwrap(), b"old");
        let asked = store.take_requests();
        let count = |request| asked.iter().filter(|asked| **asked == request).count();
        assert_eq!(count(Request::Abort), count(Request::Begin), "{len}");
        assert_eq!(asked.is_empty(), len < 1_000, "{len}");
    }
    let store = Watched::with(b"old");
    let error = save(store.shared(), "x.npz", |npz| {
        npz.array("x", &vec![0_u8; 9 << 20])?;
        Err(npz::Error::other("no more"))
    });
    assert_eq!(error.unwrap_err().to_string(), "no more");
    assert_eq!(store.take_requests().last(), Some(&Request::Abort));
    assert_eq!((store.left(), store.object().unwrap()), ((0, 0), b"old".to_vec()));
}

/// Whatever happens to one of the requests, the object is whole, or it is the old one.
#[test]
fn after_a_fault_nothing_is_left() {
    for fault in [Fault::Fail, Fault::Stall] {
        for request in 0.. {
            let store = Watched::with(b"old").fault(request, fault);
            let result = write(writer(&store), &bytes(6_500));
            let about = format!("{fault:?} at {request}");
            if store.log().threads.len() <= request {
                result.unwrap();
                assert_eq!(store.object().unwrap(), bytes(6_500));
                assert!(request > 8);
                break;
            }
            let error = format!("{:?}", result.unwrap_err());
            assert!(error.contains("told to"), "{about}: {error}");
            assert_eq!(store.object().unwrap(), b"old", "{about}");
            assert_eq!(store.left(), (0, 0), "{about}");
        }
    }
}

/// Whatever request fails, the error is one of the store, and names the object.
#[test]
fn errors_name_the_object() {
    let fill = |npz: &mut NpzWriter<_>| npz.array("x", &vec![0_u8; 9 << 20]).map(drop);
    let few = |npz: &mut NpzWriter<_>| npz.array("x", &[0]).map(drop);
    let failed = |request| Watched::new(InMemory::new()).fault(request, Fault::Fail);
    let errors = [
        (save(failed(0).shared(), "x.npz", few), "cannot complete `x.npz`"),
        (save(failed(0).shared(), "x.npz", fill), "array `x`: cannot write `x.npz`"),
        // A part is waited for when the next one is sent.
        (save(failed(1).shared(), "x.npz", fill), "cannot complete `x.npz`"),
        (save(failed(3).shared(), "x.npz", fill), "cannot complete `x.npz`"),
    ];
    for (result, expected) in errors {
        let error = result.unwrap_err();
        assert_eq!(error.to_string(), expected, "{error:?}");
        assert_eq!(error.path(), Some(Path::new("x.npz")));
        assert!(matches!(error.kind(), npz::ErrorKind::Io { .. }));
    }
}

/// The error is that of the part, even if the abort fails too, and there is no way to go on.
#[test]
fn a_failed_upload_stays_failed() {
    for (fault, message) in [(Fault::Fail, "told to fail"), (Fault::Panic, "told to panic")] {
        for is_aborted in [true, false] {
            let store = Watched::with(b"old").fault(1, fault);
            let store = if is_aborted { store } else { store.fault(2, Fault::Fail) };
            let mut writer = writer(&store).at_once(1);
            let error = writer.write_all(&bytes(5_000)).unwrap_err();
            assert!(format!("{error:?}").contains(message), "{error:?}");
            assert_eq!(store.left(), (usize::from(!is_aborted), 0));
            let error = writer.complete().unwrap_err();
            assert!(format!("{error:?}").contains("failed before"), "{error:?}");
            assert_eq!(store.object().unwrap(), b"old");
            assert_eq!(store.take_requests().last(), Some(&Request::Abort));
        }
    }
}

#[test]
fn create_only_replaces_nothing() {
    for (len, habit) in [(500, None), (5_000, None), (500, Some(Habit::NoConditions))] {
        let mut store = Watched::new(InMemory::new());
        if let Some(habit) = habit {
            store = store.habit(habit);
        }
        write(writer(&store).create_only(), &bytes(len)).unwrap();
        assert_eq!(store.object().unwrap(), bytes(len));
        store.replace(b"old");
        store.take_requests();
        let error = write(writer(&store).create_only(), &bytes(len)).unwrap_err();
        assert!(format!("{error:?}").contains("already exists"), "{error:?}");
        // Nothing is uploaded in vain.
        assert_eq!(store.take_requests(), [Request::Head]);
        assert_eq!(store.object().unwrap(), b"old");
        write(writer(&store), &bytes(len)).unwrap();
        assert_eq!(store.object().unwrap(), bytes(len));
    }
    // One that has appeared meanwhile.
    let store = Watched::new(InMemory::new());
    let mut writer = writer(&store).create_only();
    writer.write_all(&bytes(5_000)).unwrap();
    store.replace(b"other");
    assert!(format!("{:?}", writer.complete().unwrap_err()).contains("already exists"));
    assert_eq!((store.left(), store.object().unwrap()), ((0, 0), b"other".to_vec()));
}

#[test]
fn what_cannot_be_allocated_is_an_error() {
    let store = Watched::with(b"old");
    let mut writer = writer(&store).part_size(usize::MAX);
    let error = writer.write_all(b"new").unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::OutOfMemory);
}

#[test]
fn options_of_the_archive_are_those_of_any() {
    let store = Arc::new(InMemory::new());
    let npz = create(store.clone(), "a/x.npz").unwrap();
    let mut npz = npz.compression(npz::Compression::Deflate(6));
    npz.array("x", &vec![0; 100_000]).unwrap();
    npz.finish().unwrap().complete().unwrap();
    let size = futures_util::FutureExt::now_or_never(async { store.head(&"a/x.npz".into()).await });
    assert!(size.unwrap().unwrap().size < 10_000);
    assert!(open(store, "a/x.npz").unwrap().info("x").unwrap().is_compressed());
}
