//! Readers and writers in the jobs of a rayon pool, behind locks that the jobs share.

use std::sync::mpsc;
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use ndarray::{Array2, Order};
use npz::{NpzReader, NpzWriter, savez};
use rayon::prelude::*;

use crate::common::{self, compressions, patience};

/// How often it is tried: NPZ_ROUNDS, for those who want to be sure.
fn rounds() -> usize {
    std::env::var("NPZ_ROUNDS").map_or(20, |rounds| rounds.parse().unwrap())
}

/// Does something in a pool of 16 threads, and fails if it takes longer than it ever may.
fn in_pool(act: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(16).build().unwrap();
    thread::spawn(move || {
        pool.install(act);
        done.send(()).unwrap();
    });
    let most = patience() + Duration::from_secs(rounds() as u64);
    wait.recv_timeout(most).expect("it ends, and does not panic");
}

/// Large enough to be read, hashed and compressed on several threads.
fn x() -> Array2<f64> {
    Array2::from_shape_fn((600, 900), |(i, j)| (i * j) as f64)
}

#[test]
fn jobs_share_what_one_of_them_loads() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    for compression in compressions(1) {
        let mut npz = NpzWriter::create(&path).unwrap().compression(compression);
        npz.array("x", &x()).unwrap();
        npz.finish().unwrap();
        let path = path.clone();
        in_pool(move || {
            for _ in 0..rounds() {
                let load = || NpzReader::open(&path).unwrap().get::<Array2<f64>>("x").unwrap();
                let behind_lock = Mutex::new(None);
                let once = OnceLock::new();
                let sum: f64 = (0..64_usize)
                    .into_par_iter()
                    .map(|i| {
                        let locked = behind_lock.lock().unwrap().get_or_insert_with(load)[[i, i]];
                        once.get_or_init(load)[[i, i]] + locked
                    })
                    .sum();
                assert_eq!(sum, 2.0 * (0..64).map(|i| i * i).sum::<usize>() as f64);
            }
        });
    }
}

#[test]
fn jobs_write_to_one_archive() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    for compression in compressions(1) {
        let path = path.clone();
        in_pool(move || {
            let x = x();
            for _ in 0..rounds().div_ceil(10) {
                let npz = NpzWriter::create(&path).unwrap().compression(compression);
                let npz = Mutex::new(npz);
                (0..24).into_par_iter().for_each(|i| {
                    let order = if i % 2 == 0 { Order::C } else { Order::F };
                    npz.lock().unwrap().entry(&format!("{i}")).order(order).array(&x).unwrap();
                });
                npz.into_inner().unwrap().finish().unwrap();
            }
            savez!(&path, done = 1).unwrap();
        });
    }
}
