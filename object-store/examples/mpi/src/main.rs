//! Heat that spreads in a plate, which is cut into rows among the ranks of MPI:
//!
//! ```text
//! mpirun -n 4 npz-mpi-example write s3://bucket/heat     each rank saves its rows as a shard
//! mpirun -n 3 npz-mpi-example read s3://bucket/heat      any number of ranks reads them
//! ```

use std::env;
use std::error::Error;
use std::ops::Range;
use std::sync::Arc;

use mpi::datatype::PartitionMut;
use mpi::point_to_point as p2p;
use mpi::topology::SimpleCommunicator;
use mpi::traits::*;
use ndarray::{Array2, ArrayView2, s};
use npz_object_store::object_store::path::Path;
use npz_object_store::object_store::{ObjectStore, parse_url_opts};
use npz_object_store::{Shard, ShardSet};

const PLATE: (usize, usize) = (200, 60);
const STEPS: usize = 50;

fn main() -> Result<(), Box<dyn Error>> {
    let universe = mpi::initialize().ok_or("MPI is there already")?;
    let world = universe.world();
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match &arguments[..] {
        ["write", url] => write(&world, url),
        ["read", url] => read(&world, url),
        _ => Err("usage: npz-mpi-example write URL | read URL".into()),
    }
}

fn write(world: &SimpleCommunicator, url: &str) -> Result<(), Box<dyn Error>> {
    let (store, location) = store(url)?;
    let (rank, of) = (world.rank() as usize, world.size() as usize);
    // One row more on either side: the neighbours'.
    let rows = rows(rank, of);
    let mut heat = Array2::zeros((rows.len() + 2, PLATE.1));
    let own = s![1..=rows.len(), ..];
    heat.slice_mut(own).assign(&initial().slice(s![rows, ..]));
    for _ in 0..STEPS {
        exchange(world, &mut heat);
        heat = step(heat.view());
    }
    let block = heat.slice(own);
    let save = |npz: &mut npz::NpzWriter<_>| npz.array("heat", &block).map(drop);
    let line = Shard::save(store.clone(), location.clone(), rank, of, save)?.to_string();

    let root = world.process_at_rank(0);
    if rank > 0 {
        root.gather_into(&(line.len() as i32));
        root.gather_varcount_into(line.as_bytes());
        return Ok(());
    }
    let mut lens = vec![0; of];
    root.gather_into_root(&(line.len() as i32), &mut lens[..]);
    let starts: Vec<i32> = lens
        .iter()
        .scan(0, |start, len| {
            let this = *start;
            *start += len;
            Some(this)
        })
        .collect();
    let mut text = vec![0; lens.iter().sum::<i32>() as usize];
    let mut parts = PartitionMut::new(&mut text[..], &lens[..], &starts[..]);
    root.gather_varcount_into_root(line.as_bytes(), &mut parts);
    let shards = lens.iter().zip(&starts).map(|(&len, &start)| {
        let line = std::str::from_utf8(&text[start as usize..(start + len) as usize])?;
        Ok(line.parse()?)
    });
    let shards = shards.collect::<Result<Vec<Shard>, Box<dyn Error>>>()?;
    ShardSet::commit(store, location, shards)?;
    println!("{of} ranks have written {PLATE:?}");
    Ok(())
}

/// Each rank reads its share of the rows, whoever wrote them, and compares it with what one rank alone
/// computes.
fn read(world: &SimpleCommunicator, url: &str) -> Result<(), Box<dyn Error>> {
    let (store, location) = store(url)?;
    let (rank, of) = (world.rank() as usize, world.size() as usize);
    let rows = rows(rank, of);
    let set = ShardSet::open(store, location)?;
    let heat: Array2<f64> = set.get_slice("heat", s![rows.clone(), ..])?;

    let mut whole = Array2::zeros((PLATE.0 + 2, PLATE.1));
    whole.slice_mut(s![1..=PLATE.0, ..]).assign(&initial());
    (0..STEPS).for_each(|_| whole = step(whole.view()));
    assert_eq!(heat, whole.slice(s![rows.start + 1..=rows.end, ..]));
    println!("rank {rank} of {of} has read the rows {rows:?}");
    Ok(())
}

fn rows(rank: usize, of: usize) -> Range<usize> {
    PLATE.0 * rank / of..PLATE.0 * (rank + 1) / of
}

fn initial() -> Array2<f64> {
    Array2::from_shape_fn(PLATE, |(i, j)| ((i * 7 + j * 13) % 100) as f64)
}

/// Gives the outermost rows to the neighbours, and takes theirs. Outside of the plate it is cold.
fn exchange(world: &SimpleCommunicator, heat: &mut Array2<f64>) {
    let (rank, of, last) = (world.rank(), world.size(), heat.nrows() - 1);
    for (neighbour, own, theirs) in [(rank - 1, 1, 0), (rank + 1, last - 1, last)] {
        if (0..of).contains(&neighbour) {
            let process = world.process_at_rank(neighbour);
            let (own, mut row) = (heat.row(own).to_vec(), vec![0.0; PLATE.1]);
            p2p::send_receive_into(&own[..], &process, &mut row[..], &process);
            heat.row_mut(theirs).assign(&ndarray::aview1(&row));
        }
    }
}

/// Every point becomes the mean of itself and its four neighbours.
fn step(heat: ArrayView2<'_, f64>) -> Array2<f64> {
    let at = |i: usize, j: usize| heat.get((i, j)).copied().unwrap_or(0.0);
    Array2::from_shape_fn(heat.dim(), |(i, j)| match i == 0 || i + 1 == heat.nrows() {
        true => 0.0,
        false => {
            let around = at(i - 1, j) + at(i + 1, j) + at(i, j.wrapping_sub(1)) + at(i, j + 1);
            (at(i, j) + around) / 5.0
        }
    })
}

fn store(url: &str) -> Result<(Arc<dyn ObjectStore>, Path), Box<dyn Error>> {
    let options = env::vars().map(|(name, value)| (name.to_lowercase(), value));
    let (store, location) = parse_url_opts(&url.parse()?, options)?;
    Ok((store.into(), location))
}
