//! Blocking calls from asynchronous code are errors, everywhere else they work, and nothing hangs.

use std::io::{self, Write};
use std::time::Duration;

use npz::{NpzReader, ReadAt};
use npz_object_store::{Object, ObjectWriter, create, open, save};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::{LocalSet, block_in_place, coop, spawn_blocking};

use crate::watched::{Fault, Request, Watched};

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// With one thread, so that whoever blocks it blocks everything.
fn multi_thread() -> Runtime {
    let mut runtime = Builder::new_multi_thread();
    runtime.worker_threads(1).thread_name("given").enable_all().build().unwrap()
}

/// Saves, reads, and whether that worked; where it does not, every call says what to do.
fn works(runtime: Option<&Handle>) -> bool {
    let store = Watched::with(b"0123456789");
    let on = |object: Object| runtime.cloned().into_iter().fold(object, Object::runtime);
    let object = on(Object::new(store.shared(), "x.npz"));
    let mut buf = [0; 4];
    let mut errors = vec![
        object.read_at(&mut buf, 3).err(),
        Object::read_ranges(&object, &mut [(3, &mut buf)]).err(),
        on(Object::new(store.shared(), "x.npz")).read_tail(&mut buf).err(),
        on(Object::new(store.shared(), "x.npz")).size().err(),
    ];
    let mut writer = ObjectWriter::new(store.shared(), "x.npz").part_size(2);
    writer = runtime.cloned().into_iter().fold(writer, ObjectWriter::runtime);
    errors.push(writer.write_all(b"abcde").err());
    errors.push(writer.complete().err().map(io::Error::from));
    let is_error = errors[0].is_some();
    for error in errors {
        assert_eq!(error.is_some(), is_error, "{error:?}");
        assert!(error.is_none_or(|error| format!("{error:?}").contains("spawn_blocking")));
    }
    assert_eq!(store.object().unwrap(), if is_error { &b"0123456789"[..] } else { b"abcde" });
    assert_eq!(store.take_requests().is_empty(), is_error);
    assert_eq!(save(store.shared(), "x.npz", |_| Ok(())).is_err(), is_error);
    assert_eq!(create(store.shared(), "x.npz").is_err(), is_error);
    assert_eq!(open(store.shared(), "x.npz").is_err(), is_error);
    !is_error
}

#[test]
fn blocking_code_works() {
    assert!(works(None));
    let waiting = async { spawn_blocking(|| works(None)).await.unwrap() };
    assert!(current_thread().block_on(waiting));
    let runtime = multi_thread();
    let handle = runtime.handle().clone();
    assert!(works(Some(&handle)));
    let entered = runtime.enter();
    assert!(works(None) && works(Some(&handle)));
    drop(entered);
    for given in [None, Some(handle)] {
        let in_place =
            |given: Option<Handle>| async move { block_in_place(|| works(given.as_ref())) };
        assert!(runtime.block_on(runtime.spawn(in_place(given.clone()))).unwrap());
        assert!(runtime.block_on(in_place(given.clone())));
        let waiting = async { spawn_blocking(move || works(given.as_ref())).await.unwrap() };
        assert!(runtime.block_on(waiting));
    }
}

#[test]
fn asynchronous_code_is_told_what_to_do() {
    let runtime = multi_thread();
    for given in [None, Some(runtime.handle().clone())] {
        let (a, b, c, d) = (given.clone(), given.clone(), given.clone(), given);
        assert!(!current_thread().block_on(async { works(a.as_ref()) }));
        assert!(!runtime.block_on(async { works(b.as_ref()) }));
        assert!(!runtime.block_on(runtime.spawn(async move { works(c.as_ref()) })).unwrap());
        let local = LocalSet::new();
        let task = local.spawn_local(async move { works(d.as_ref()) });
        assert!(!local.block_on(&current_thread(), task).unwrap());
    }
}

/// To be told takes nothing from the task.
#[test]
fn the_budget_is_given_back() {
    current_thread().block_on(async {
        assert!(!works(None));
        assert!(coop::has_budget_remaining());
        for _ in 0..100 {
            coop::consume_budget().await;
        }
        assert!(coop::has_budget_remaining());
        assert!(!works(None));
    });
}

/// What other executors poll cannot be told from other blocking code, and works.
#[test]
fn other_executors_are_not_asynchronous() {
    assert!(futures_util::FutureExt::now_or_never(async { works(None) }).unwrap());
}

#[test]
fn requests_are_made_on_the_runtime() {
    let (store, runtime) = (Watched::with(b"0123456789"), multi_thread());
    let object = Object::new(store.shared(), "x.npz").runtime(runtime.handle().clone());
    object.read_at(&mut [0; 4], 3).unwrap();
    let own = Object::new(store.shared(), "x.npz");
    own.size().unwrap();
    let threads: Vec<_> = store.log().threads.iter().flatten().cloned().collect();
    assert_eq!(threads, ["given", "given", "npz-object-store"]);
}

/// Nothing would run on such a runtime while the thread waits that would have to run it.
#[test]
fn a_runtime_without_threads_is_refused() {
    let (store, runtime) = (Watched::with(b"0123456789"), current_thread());
    let object = Object::new(store.shared(), "x.npz").runtime(runtime.handle().clone());
    let error = object.read_at(&mut [0; 4], 3).unwrap_err();
    assert!(error.to_string().contains("multi-thread"), "{error}");
    let writer = ObjectWriter::new(store.shared(), "x.npz").runtime(runtime.handle().clone());
    assert!(format!("{:?}", writer.complete().unwrap_err()).contains("multi-thread"));
}

#[test]
fn a_runtime_that_is_shut_down_is_an_error() {
    let store = Watched::with(b"0123456789").fault(1, Fault::Hang);
    let runtime = multi_thread();
    let object = Object::new(store.shared(), "x.npz").runtime(runtime.handle().clone());
    assert_eq!(object.size().unwrap(), 10);
    // While it reads, and again later.
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| object.read_at(&mut [0; 4], 3));
        while store.log().requests.len() < 2 {
            std::thread::yield_now();
        }
        runtime.shutdown_background();
        let error = reader.join().unwrap().unwrap_err();
        assert!(format!("{error:?}").contains("shut down"), "{error:?}");
    });
    let error = object.read_at(&mut [0; 4], 3).unwrap_err();
    assert!(format!("{error:?}").contains("shut down"), "{error:?}");
}

/// A reader that was opened where it may block, and is used where it may not.
#[test]
fn an_open_reader_is_no_way_round() {
    let store = Watched::new(npz_object_store::object_store::memory::InMemory::new());
    save(store.shared(), "x.npz", |npz| npz.array("x", &[1, 2, 3]).map(drop)).unwrap();
    let npz = open(store.shared(), "x.npz").unwrap();
    store.take_requests();
    let error = current_thread().block_on(async { npz.get::<Vec<i32>>("x").unwrap_err() });
    assert!(format!("{error:?}").contains("spawn_blocking"), "{error:?}");
    assert!(store.take_requests().is_empty());
    assert_eq!(npz.get::<Vec<i32>>("x").unwrap(), [1, 2, 3]);
    let object = npz.into_inner();
    drop(NpzReader::from_read_at(object).unwrap());
}

/// What is read on threads of rayon is refused here, where it is known that nobody may wait for it.
#[test]
fn what_is_read_on_several_threads_does_not_hang() {
    let (store, runtime) = (Watched::with(b""), multi_thread());
    let x = ndarray::Array2::from_shape_fn((1_000, 1_000), |(i, j)| (i * j) as f64);
    let save_all = |npz: &mut npz::NpzWriter<ObjectWriter>| {
        npz.entry("x").compression(npz::Compression::Deflate(1)).array(&x)?;
        npz.array("y", &x).map(drop)
    };
    save(store.shared(), "x.npz", save_all).unwrap();
    let object = Object::new(store.shared(), "x.npz").runtime(runtime.handle().clone());
    let npz = std::sync::Arc::new(NpzReader::from_read_at(object).unwrap());
    npz.verify().unwrap();
    let reader = std::sync::Arc::clone(&npz);
    let refused = runtime.spawn(async move {
        let column = ndarray::s![.., 3];
        [
            reader.verify().err(),
            reader.get_all().err(),
            reader.get::<ndarray::Array2<f64>>("x").err(),
            reader.get_slice::<ndarray::Array1<f64>>("x", column).err(),
            reader.get_slice::<ndarray::Array1<f64>>("y", column).err(),
        ]
    });
    for error in runtime.block_on(refused).unwrap() {
        assert!(format!("{:?}", error.expect("it may not wait")).contains("spawn_blocking"));
    }
    npz.verify().unwrap();
}

/// A writer that is dropped in asynchronous code cannot wait for its upload to be aborted.
#[test]
fn uploads_are_aborted_in_the_background() {
    let store = Watched::with(b"old");
    let mut writer = ObjectWriter::new(store.shared(), "x.npz").part_size(2);
    writer.write_all(b"abcde").unwrap();
    assert_eq!(store.log().uploads, 1);
    current_thread().block_on(async {
        assert!(writer.write_all(b"fghij").is_err());
        drop(writer);
        while store.log().uploads > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    assert_eq!(store.log().requests.last(), Some(&Request::Abort));
    assert_eq!(store.object().unwrap(), b"old");
}
