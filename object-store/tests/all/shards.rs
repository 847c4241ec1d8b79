//! Sets of shards: all or nothing, and whatever is read of one is what ndarray makes of the whole.

use std::io::{self, Cursor};
use std::sync::Arc;

use futures_util::FutureExt;
use ndarray::{
    Array1, Array2, Array3, ArrayD, Axis, Ix1, Ix2, Ix3, IxDyn, Order, Slice, SliceInfoElem, s,
};
use npz::{Compression, NpzWriter, ReadCost};
use npz_object_store::object_store::local::LocalFileSystem;
use npz_object_store::object_store::memory::InMemory;
use npz_object_store::object_store::path::Path;
use npz_object_store::object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use npz_object_store::{Object, ObjectWriter, Shard, ShardSet};
use tokio::runtime::Builder;

use crate::watched::{Request, Watched};

type Store = Arc<dyn ObjectStore>;

/// The rows that a worker has.
fn block(rank: usize, of: usize, rows: usize) -> Slice {
    Slice::from(rows * rank / of..rows * (rank + 1) / of)
}

fn field() -> Array3<f64> {
    Array3::from_shape_fn((23, 4, 3), |(i, j, k)| (100 * i + 10 * j + k) as f64)
}

fn names() -> Array1<String> {
    Array1::from_iter((0..11).map(|i| "é".repeat(i)))
}

/// Saves one worker's part of both arrays; every other worker compresses it, in Fortran order.
fn save(store: &Store, rank: usize, of: usize) -> npz::Result<Shard> {
    Shard::save(store.clone(), "sim/x", rank, of, |npz: &mut NpzWriter<ObjectWriter>| {
        let (field, names) = (field(), names());
        let part = field.slice_axis(Axis(0), block(rank, of, 23));
        match rank % 2 {
            0 => npz.array("field", &part)?,
            _ => npz
                .entry("field")
                .compression(Compression::Deflate(6))
                .order(Order::F)
                .array(&part)?,
        };
        npz.array("names", &names.slice_axis(Axis(0), block(rank, of, 11))).map(drop)
    })
}

fn committed(store: &Store, of: usize) -> ShardSet {
    // In any order, and as text.
    let lines: Vec<String> =
        (0..of).rev().map(|rank| save(store, rank, of).unwrap().to_string()).collect();
    assert!(lines.iter().all(|line| !line.contains('\n')));
    let shards = lines.iter().map(|line| line.parse().unwrap());
    ShardSet::commit(store.clone(), "sim/x", shards).unwrap();
    ShardSet::open(store.clone(), "sim/x").unwrap()
}

fn memory() -> Store {
    Arc::new(InMemory::new())
}

fn message<T>(result: npz::Result<T>) -> String {
    format!("{:?}", result.err().expect("an error"))
}

#[test]
fn a_set_is_the_array_that_was_cut() {
    let folder = tempfile::tempdir().unwrap();
    let local: Store = Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap());
    // With 23 rows of one array and 11 of the other, some shards of 15 have none.
    for (store, of) in [(local, 3), (memory(), 1), (memory(), 2), (memory(), 7), (memory(), 15)] {
        let set = committed(&store, of);
        assert_eq!(set.names().collect::<Vec<_>>(), ["field", "names"]);
        assert_eq!(set.shards().count(), of);
        let info = set.info("field").unwrap();
        assert_eq!((info.dtype(), info.shape()), ("<f8", &[23, 4, 3][..]));
        assert_eq!(set.get::<f64, _>("field").unwrap(), field());
        assert_eq!(set.info("names").unwrap().dtype(), "<U10");
        assert_eq!(set.get::<String, _>("names").unwrap(), names());
        let mut into = Array3::<f64>::zeros((3, 4, 46)).reversed_axes();
        set.read_into("field", &mut into.slice_mut(s![..;-2, .., ..])).unwrap();
        assert_eq!(into.slice(s![..;-2, .., ..]), field());
    }
}

#[test]
fn slices_are_those_of_the_whole() {
    let new_axis = SliceInfoElem::NewAxis;
    for of in [1, 2, 5, 15] {
        let set = committed(&memory(), of);
        for slice in [
            s![.., .., ..].as_ref().to_vec(),
            s![3..20, 1.., ..;-1].as_ref().to_vec(),
            s![..;-1, .., 0].as_ref().to_vec(),
            s![2..21;7, 3, ..].as_ref().to_vec(),
            s![-1..;-5, ..2, 1..2].as_ref().to_vec(),
            s![5..5, .., ..].as_ref().to_vec(),
            s![0, .., ..].as_ref().to_vec(),
            s![-1, 2, 1].as_ref().to_vec(),
            [&[new_axis][..], s![4..19;3, .., ..].as_ref(), &[new_axis]].concat(),
        ] {
            let found: ArrayD<f64> = set.get_slice("field", &slice).unwrap();
            assert_eq!(found, field().into_dyn().slice(&slice[..]), "{slice:?} of {of}");
        }
        let rows: Array2<f64> = set.get_slice("field", s![.., 1, ..]).unwrap();
        assert_eq!(rows, field().slice(s![.., 1, ..]));
        for slice in [
            s![..24, .., ..].as_ref(),
            s![23, .., ..].as_ref(),
            s![.., 4, ..].as_ref(),
            s![.., ..].as_ref(),
            [].as_ref(),
        ] {
            assert!(set.get_slice::<f64, IxDyn>("field", slice).is_err(), "{slice:?}");
        }
        message(set.get_slice::<f64, Ix1>("field", s![.., .., ..]));
        message(set.get_slice::<f32, Ix3>("field", s![.., .., ..]));
        message(set.get::<f64, Ix2>("field"));
        assert!(message(set.get::<f64, Ix2>("x")).contains("only field, names"));
        message(set.read_into("field", &mut Array2::<f64>::zeros((23, 12))));
    }
}

#[test]
fn a_set_is_all_or_nothing() {
    let store = memory();
    let shards: Vec<_> = (0..3).map(|rank| save(&store, rank, 3).unwrap()).collect();
    let commit = |shards: &[&Shard]| {
        message(ShardSet::commit(store.clone(), "sim/x", shards.iter().map(|&shard| shard.clone())))
    };
    let other = |change: &dyn Fn(&mut NpzWriter<ObjectWriter>) -> npz::Result<()>| {
        Shard::save(store.clone(), "sim/x", 1, 3, change).unwrap()
    };
    let [a, b, c] = &shards[..] else { unreachable!() };
    assert!(commit(&[]).contains("at least one"));
    assert!(commit(&[a, c]).contains("shard 1 of 3 is missing"));
    assert!(commit(&[a, b]).contains("shard 2 of 3 is missing"));
    assert!(commit(&[a, b, c, b]).contains("shard 1 of 3 is there twice"));
    let of_two = save(&store, 1, 2).unwrap();
    assert!(commit(&[a, &of_two, c]).contains("a shard is one of 3, and number 1 one of 2"));
    let lacks = other(&|npz| npz.array("field", &field()).map(drop));
    assert!(commit(&[a, &lacks, c]).contains("00001-of-00003.npz`: expected the arrays"));
    let narrow = other(&|npz| {
        npz.array("field", &field().slice(s![.., 1.., ..]))?.array("names", &names()).map(drop)
    });
    assert!(
        commit(&[a, &narrow, c])
            .contains("expected rows of <f8 [4, 3], as before it, found <f8 [3, 3]")
    );
    let single = other(&|npz| {
        npz.array("field", &field().mapv(|x| x as f32))?.array("names", &names()).map(drop)
    });
    assert!(commit(&[a, &single, c]).contains("found <f4 [4, 3]"));
    let point = Shard::save(store.clone(), "sim/x", 1, 3, |npz| npz.array("dt", &0.5).map(drop));
    assert!(message(point).contains("`dt` has no axis"));
    assert!(message(save(&store, 3, 3)).contains("no number 3"));
    message(Shard::find(store.clone(), "sim/x", 4, 5));
    message("{}".parse::<Shard>());
    // Nothing of that has made a set.
    assert!(message(ShardSet::open(store.clone(), "sim/x")).contains("sim/x.json"));

    save(&store, 1, 3).unwrap();
    ShardSet::commit(store.clone(), "sim/x", shards.clone()).unwrap();
    // It stays as it is.
    assert!(commit(&[a, b, c]).contains("already exists"));
    assert!(message(save(&store, 1, 3)).contains("the set is complete"));
    assert_eq!(ShardSet::open(store, "sim/x").unwrap().get::<f64, _>("field").unwrap(), field());
}

fn bytes(store: &Store, location: &str) -> Vec<u8> {
    let get = async { store.get(&Path::from(location)).await.unwrap().bytes().await.unwrap() };
    get.now_or_never().unwrap().to_vec()
}

fn put(store: &Store, location: &str, bytes: Vec<u8>) {
    let location = Path::from(location);
    let put = store.put(&location, PutPayload::from(bytes));
    put.now_or_never().unwrap().unwrap();
}

/// The index takes one request, and each shard that is needed as many as an archive of its own.
#[test]
fn little_is_requested() {
    let watched = Watched::new(InMemory::new());
    let store = watched.shared();
    committed(&store, 5);
    watched.take_requests();
    let set = ShardSet::open(store, "sim/x").unwrap();
    assert_eq!(watched.take_requests().len(), 1);
    set.info("field").unwrap();
    let slice = s![6..12, .., ..]; // of two of them
    // Two shards are opened, two headers are read, and the rows; then the rows alone.
    for most in [6, 2] {
        set.get_slice::<f64, Ix3>("field", slice).unwrap();
        let requests = watched.take_requests();
        assert!(requests.len() <= most, "{requests:?}");
    }
    // Three shards more.
    set.get::<f64, Ix3>("field").unwrap();
    let requests = watched.take_requests();
    assert!(requests.len() <= 3 * 2 + 5, "{requests:?}");
}

/// Another archive in the place of a shard, a damaged one, or none.
#[test]
fn shards_are_those_that_were_committed() {
    let store = memory();
    committed(&store, 3);
    let key = "sim/x-00001-of-00003.npz";
    let right = bytes(&store, key);
    let open = || ShardSet::open(store.clone(), "sim/x").unwrap();
    let fails = |what: &str| {
        for error in [
            message(open().get::<f64, Ix3>("field")),
            message(open().get_slice::<f64, Ix3>("field", s![5..20, .., ..])),
            message(open().read_into("field", &mut field())),
        ] {
            assert!(error.contains(key), "{what}: {error}");
        }
        // What the other shards have is read.
        let rows: Array3<f64> = open().get_slice("field", s![..7, .., ..]).unwrap();
        assert_eq!(rows, field().slice(s![..7, .., ..]), "{what}");
    };
    // Of one size, with the same arrays.
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    npz.array("field", &field()).unwrap();
    put(&store, key, npz.finish().unwrap().into_inner());
    fails("another");
    put(&store, key, right[..right.len() - 1].to_vec());
    fails("cut short");
    for at in [right.len() - 30, right.len() / 3] {
        let mut changed = right.clone();
        changed[at] ^= 1;
        put(&store, key, changed);
        fails("changed");
    }
    put(&store, key, right);
    let set = open();
    assert_eq!(set.get::<f64, _>("field").unwrap(), field());
    let gone = Path::from(key);
    store.delete(&gone).now_or_never().unwrap().unwrap();
    fails("gone");
}

#[test]
fn a_damaged_index_is_an_error() {
    let store = memory();
    committed(&store, 3);
    let index = String::from_utf8(bytes(&store, "sim/x.json")).unwrap();
    let changes = [
        ("\"version\":1", "\"version\":2"),
        ("[23,4,3]", "[24,4,3]"),
        ("[23,4,3]", "[18446744073709551615,4,3]"),
        ("\"field\":7", "\"field\":8"),
        ("\"rank\":1", "\"rank\":2"),
        ("x-00001-of", "y-00001-of"),
        ("\"shape\":[7,4,3]", "\"shape\":[]"),
        ("\"of\":3", "\"of\":4"),
        ("\"shards\":[", "\"shards\":[7,"),
    ];
    for (from, to) in changes {
        let changed = index.replacen(from, to, 1);
        assert_ne!(changed, index, "{from}");
        put(&store, "sim/x.json", changed.into_bytes());
        let error = message(ShardSet::open(store.clone(), "sim/x"));
        assert!(error.contains("`sim/x.json`: "), "{error}");
    }
    for cut in 0..index.len() {
        put(&store, "sim/x.json", index.as_bytes()[..cut].to_vec());
        message(ShardSet::open(store.clone(), "sim/x"));
    }
    // An array of which there are fewer rows than the index says.
    let more = index.replace("[23,4,3]", "[1000000000023,4,3]").replacen(
        "[8,4,3]",
        "[1000000000008,4,3]",
        1,
    );
    put(&store, "sim/x.json", more.into_bytes());
    let set = ShardSet::open(store.clone(), "sim/x");
    assert!(set.and_then(|set| set.get::<f64, Ix3>("field")).is_err());
}

/// An error of a shard says what is wrong, with which array, in which object.
#[test]
fn errors_name_the_object() {
    let store = memory();
    let set = committed(&store, 3);
    let key = "sim/x-00001-of-00003.npz";
    let error = set.get_slice::<f32, Ix3>("field", s![8..10, .., ..]).unwrap_err();
    assert!(error.to_string().starts_with(&format!("`{key}`: array `field`: expected dtype")));
    assert!(matches!(error.kind(), npz::ErrorKind::WrongDtype { .. }), "{:?}", error.kind());
    let place = (error.path().unwrap().to_str(), error.array());
    assert_eq!(place, (Some(key), Some("field")));
    store.delete(&Path::from(key)).now_or_never().unwrap().unwrap();
    let gone = ShardSet::open(store.clone(), "sim/x").unwrap().get::<f64, Ix3>("field");
    let none = ShardSet::open(store, "sim/y").err();
    for (error, object) in [(gone.err(), key), (none, "sim/y.json")] {
        let error = error.unwrap();
        assert_eq!(error.to_string(), format!("cannot read `{object}`"));
        let kind = io::Error::from(error).kind();
        assert_eq!(kind, io::ErrorKind::NotFound);
    }
}

/// Numbers of another type than the shards have; what does not fit is an error of its shard.
#[test]
fn numbers_are_cast() {
    for of in [1, 4, 15] {
        let set = committed(&memory(), of);
        let cast: Array3<i16> = set.get_cast("field").unwrap();
        assert_eq!(cast.mapv(f64::from), field());
        let error = message(set.get_cast::<i8, Ix3>("field"));
        assert!(error.contains("`field`: element ") && error.contains("|i1"), "{error}");
        message(set.get_cast::<i16, Ix2>("field"));
        message(set.get_cast::<i16, Ix1>("names"));
    }
}

/// The index and the shards are requested where, and as, the object says.
#[test]
fn sets_have_the_settings_of_an_object() {
    let runtime = Builder::new_multi_thread().thread_name("given").enable_all().build().unwrap();
    let watched = Watched::new(InMemory::new());
    let store = watched.shared();
    let shards: Vec<_> = (0..3).map(|rank| save(&store, rank, 3).unwrap()).collect();
    watched.log().threads.clear();
    let cost = ReadCost::REMOTE.gap(10).sizes(500, 500).at_once(2);
    let object = || {
        let object = Object::new(store.clone(), "sim/x").with_cost(cost);
        object.runtime(runtime.handle().clone())
    };
    ShardSet::commit_with(object(), shards).unwrap();
    let set = ShardSet::open_with(object()).unwrap();
    assert_eq!(set.get::<f64, Ix3>("field").unwrap(), field());
    let log = watched.log();
    assert!(log.threads.iter().all(|thread| thread.as_deref() == Some("given")));
    // Of an array of 736 bytes a shard, which is one request otherwise.
    assert!(log.requests.contains(&Request::Get(500)), "{:?}", log.requests);
}

/// A shard whose description is not of what is in it, as nobody makes it but on purpose.
#[test]
fn a_shard_that_lies_is_an_error() {
    let store = memory();
    let lies: Vec<Shard> = (0..3)
        .map(|rank| {
            let width = if rank == 1 { 5 } else { 4 };
            let x = Array2::from_elem((3, width), 1.5);
            let save = |npz: &mut NpzWriter<_>| npz.array("x", &x).map(drop);
            let line = Shard::save(store.clone(), "x", rank, 3, save).unwrap().to_string();
            line.replace("[3,5]", "[3,4]").parse().unwrap()
        })
        .collect();
    let set = ShardSet::commit(store, "x", lies).unwrap();
    message(set.get::<f64, Ix2>("x"));
    message(set.read_into("x", &mut Array2::<f64>::zeros((9, 4))));
    message(set.get_slice::<f64, Ix2>("x", s![2..8, ..]));
    assert_eq!(set.get_slice::<f64, Ix2>("x", s![1..3, ..]).unwrap()[[1, 3]], 1.5);
}
