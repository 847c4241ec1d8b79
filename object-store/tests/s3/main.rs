//! Against an S3 server, whose address is in NPZ_S3_ENDPOINT, with the bucket `data` and the key of
//! AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: `.ci/stores` starts some, and runs these tests on each.

mod faults;

use std::env;
use std::io::Write;
use std::sync::Arc;

use ndarray::{Array2, s};
use npz::{NpzWriter, ReadAt};
use npz_object_store::object_store::ObjectStore;
use npz_object_store::object_store::aws::AmazonS3Builder;
use npz_object_store::{Object, ObjectWriter, Shard, ShardSet, create, open, save};

/// What S3 takes at least.
const PART: usize = 5 << 20;

fn endpoint() -> String {
    env::var("NPZ_S3_ENDPOINT").expect("NPZ_S3_ENDPOINT is the address of a server")
}

fn builder(endpoint: &str) -> AmazonS3Builder {
    let builder = AmazonS3Builder::from_env().with_endpoint(endpoint).with_allow_http(true);
    builder.with_region("us-east-1").with_bucket_name("data")
}

fn store() -> Arc<dyn ObjectStore> {
    Arc::new(builder(&endpoint()).build().unwrap())
}

/// 16 MiB.
fn large() -> Array2<f64> {
    Array2::from_shape_fn((2048, 1024), |(i, j)| ((i * 31 + j) as f64).sqrt())
}

fn in_parts(store: &Arc<dyn ObjectStore>, location: &str) -> NpzWriter<ObjectWriter> {
    NpzWriter::stream(ObjectWriter::new(store.clone(), location).part_size(PART))
}

fn is_there(store: &Arc<dyn ObjectStore>, location: &str) -> bool {
    Object::new(store.clone(), location).size().is_ok()
}

#[test]
#[ignore = "needs an S3 server"]
fn archives_are_saved_and_loaded() {
    let (store, x) = (store(), large());
    for location in ["tests/whole.npz", "tests/ä b+c%20&d.npz"] {
        let mut npz = in_parts(&store, location);
        npz.array("x", &x).unwrap().array("n", &7).unwrap();
        assert!(npz.finish().unwrap().complete().unwrap().e_tag.is_some());
        let npz = open(store.clone(), location).unwrap();
        npz.verify().unwrap();
        assert_eq!(npz.get::<Array2<f64>>("x").unwrap(), x);
        assert_eq!(npz.get::<i32>("n").unwrap(), 7);
        let column: ndarray::Array1<f64> = npz.get_slice("x", s![.., 3]).unwrap();
        assert_eq!(column, x.column(3));
        assert_eq!(npz.get_all().unwrap().len(), 2);
    }
    let error = open(store, "tests/none.npz").unwrap_err();
    assert!(format!("{error:?}").contains("tests/none.npz"), "{error:?}");
}

#[test]
#[ignore = "needs an S3 server"]
fn a_replaced_object_is_an_error() {
    let store = store();
    let replace = |value: f64| {
        save(store.clone(), "tests/replaced.npz", |npz| {
            npz.array("x", &Array2::from_elem((1000, 1000), value)).map(drop)
        })
        .unwrap();
    };
    replace(1.0);
    let npz = open(store.clone(), "tests/replaced.npz").unwrap();
    replace(2.0);
    let error = npz.get::<Array2<f64>>("x").unwrap_err();
    assert!(format!("{error:?}").contains("was replaced while it was read"), "{error:?}");
    let npz = open(store.clone(), "tests/replaced.npz").unwrap();
    assert_eq!(npz.get::<Array2<f64>>("x").unwrap()[[999, 999]], 2.0);
}

#[test]
#[ignore = "needs an S3 server"]
fn what_is_not_completed_does_not_appear() {
    let (store, x) = (store(), large());
    for location in ["tests/dropped.npz", "tests/failed.npz"] {
        let mut npz = in_parts(&store, location);
        npz.array("x", &x).unwrap();
        if location == "tests/failed.npz" {
            assert!(npz.array("x", &x).is_err(), "of two arrays of one name");
        }
        drop(npz);
        assert!(!is_there(&store, location), "{location}");
    }
    drop(create(store.clone(), "tests/begun.npz").unwrap());
    assert!(!is_there(&store, "tests/begun.npz"));
}

/// Servers that know no `If-None-Match` say so, and nothing is replaced.
#[test]
#[ignore = "needs an S3 server"]
fn what_is_only_to_be_created_is_not_replaced() {
    let store = store();
    let write = |location: &str, len: usize, byte: u8| {
        let mut object = ObjectWriter::new(store.clone(), location).part_size(PART).create_only();
        object.write_all(&vec![byte; len]).map_err(npz::Error::other)?;
        object.complete().map(drop)
    };
    for (name, len) in [("small", 100), ("large", 2 * PART + 7)] {
        let location = format!("tests/created-{name}-{}", std::process::id());
        write(&location, len, 1).unwrap();
        let error = write(&location, len, 2).unwrap_err();
        assert!(format!("{error:?}").contains("already exists"), "{error:?}");
    }
}

#[test]
#[ignore = "needs an S3 server"]
fn shards_are_one_array() {
    let (store, x) = (store(), large());
    let location = format!("tests/shards-{}/x", std::process::id());
    let shards: Vec<_> = (0..4)
        .map(|rank| {
            let rows = s![rank * 512..(rank + 1) * 512, ..];
            let save = |npz: &mut NpzWriter<_>| npz.array("x", &x.slice(rows)).map(drop);
            Shard::save(store.clone(), location.clone(), rank, 4, save).unwrap()
        })
        .collect();
    assert!(ShardSet::open(store.clone(), location.clone()).is_err());
    ShardSet::commit(store.clone(), location.clone(), shards.clone()).unwrap();
    assert!(ShardSet::commit(store.clone(), location.clone(), shards).is_err());
    let set = ShardSet::open(store.clone(), location.clone()).unwrap();
    assert_eq!(set.get::<f64, _>("x").unwrap(), x);
    let slice = s![500..1600;3, ..7];
    assert_eq!(set.get_slice::<f64, _>("x", slice).unwrap(), x.slice(slice));
    // One of them is written again, which nobody should do.
    let rank = format!("{location}-00002-of-00004.npz");
    save(store, rank, |npz| npz.array("x", &[1]).map(drop)).unwrap();
    let error = set.get::<f64, ndarray::Ix2>("x").unwrap_err();
    assert!(error.to_string().contains("00002-of-00004.npz"), "{error}");
}
