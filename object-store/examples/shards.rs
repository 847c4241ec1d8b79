//! One array, written by several workers and read as one:
//!
//! ```text
//! shards save URL RANK OF      saves a worker's rows, and prints its line
//! shards commit URL            reads the lines of all workers, and makes them a set
//! shards read URL              prints what a set has, and some of its rows
//! ```
//!
//! A URL is `s3://bucket/run/x` (feature `aws`), or `file:///folder/x`. `shards.py` does the same with Dask.

use std::env;
use std::error::Error;
use std::io;
use std::sync::Arc;

use ndarray::{Array2, s};
use npz_object_store::object_store::path::Path;
use npz_object_store::object_store::{ObjectStore, parse_url_opts};
use npz_object_store::{Shard, ShardSet};

/// The whole array has 1,000 rows of 50 numbers.
const SHAPE: (usize, usize) = (1_000, 50);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match &arguments[..] {
        ["save", url, rank, of] => {
            let (store, location) = store(url)?;
            let (rank, of): (usize, usize) = (rank.parse()?, of.parse()?);
            let rows = SHAPE.0 * rank / of..SHAPE.0 * (rank + 1) / of;
            let x = Array2::from_shape_fn((rows.len(), SHAPE.1), |(i, j)| {
                ((rows.start + i) * SHAPE.1 + j) as f64
            });
            let save = |npz: &mut npz::NpzWriter<_>| npz.array("x", &x).map(drop);
            println!("{}", Shard::save(store, location, rank, of, save)?);
        }
        ["commit", url] => {
            let (store, location) = store(url)?;
            let lines = io::stdin().lines().collect::<Result<Vec<_>, _>>()?;
            let shards =
                lines.iter().map(|line| line.parse()).collect::<Result<Vec<Shard>, _>>()?;
            ShardSet::commit(store, location, shards)?;
        }
        ["read", url] => {
            let (store, location) = store(url)?;
            let set = ShardSet::open(store, location)?;
            for name in set.names() {
                let info = set.info(name)?;
                println!("{name}: {} {:?}", info.dtype(), info.shape());
                let rows: Array2<f64> = set.get_slice(name, s![..;100, ..3])?;
                println!("{rows}");
            }
        }
        _ => return Err("usage: shards save URL RANK OF | commit URL | read URL".into()),
    }
    Ok(())
}

fn store(url: &str) -> Result<(Arc<dyn ObjectStore>, Path), Box<dyn Error>> {
    // object_store knows the options of its stores by names in small letters.
    let options = env::vars().map(|(name, value)| (name.to_lowercase(), value));
    let (store, location) = parse_url_opts(&url.parse()?, options)?;
    Ok((store.into(), location))
}
