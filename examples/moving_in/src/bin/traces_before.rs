//! Finds a byte of a key in traces of a device's power consumption: with ndarray-npy.
//!
//! `traces.npy` has a row of samples for each encryption, `plaintexts.npy` what was encrypted. All threads
//! correlate batches of them with what the device is supposed to consume, for each of 256 guesses. The sums of
//! the first half are saved, and loaded when it is the turn of the second.

use memmap2::Mmap;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, Ix0, OwnedRepr, arr0, s};
use ndarray_npy::{
    NpzReader, NpzWriter, ReadNpyError, ReadNpzError, ViewNpyError, ViewNpyExt, WriteNpyError,
    WriteNpzError, read_npy, write_npy,
};
use npz_moving_in::device::{self, BYTE, SAMPLES, TRACES};
use rayon::prelude::*;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

const BATCH: usize = 250;

#[derive(Debug, thiserror::Error)]
#[error(transparent)]
enum Error {
    Io(#[from] io::Error),
    ReadNpy(#[from] ReadNpyError),
    WriteNpy(#[from] WriteNpyError),
    ViewNpy(#[from] ViewNpyError),
    ReadNpz(#[from] ReadNpzError),
    WriteNpz(#[from] WriteNpzError),
}

type Result<T> = std::result::Result<T, Error>;

/// What has been summed up of so many traces.
struct Sums {
    count: u64,
    traces: Array1<f64>,
    squared_traces: Array1<f64>,
    models: Array1<f64>,
    squared_models: Array1<f64>,
    products: Array2<f64>,
}

impl Sums {
    fn of(traces: ArrayView2<f32>, plaintexts: ArrayView1<u8>) -> Self {
        let traces = traces.mapv(f64::from);
        let models = Array2::from_shape_fn((traces.nrows(), 256), |(i, guess)| {
            device::model(plaintexts[i], guess as u8)
        });
        Self {
            count: traces.nrows() as u64,
            squared_traces: (&traces * &traces).sum_axis(Axis(0)),
            squared_models: (&models * &models).sum_axis(Axis(0)),
            products: models.t().dot(&traces),
            models: models.sum_axis(Axis(0)),
            traces: traces.sum_axis(Axis(0)),
        }
    }

    fn add(mut self, other: Self) -> Self {
        self.count += other.count;
        self.traces += &other.traces;
        self.squared_traces += &other.squared_traces;
        self.models += &other.models;
        self.squared_models += &other.squared_models;
        self.products += &other.products;
        self
    }

    /// Of each guess and each sample.
    fn correlation(&self) -> Array2<f64> {
        let n = self.count as f64;
        Array2::from_shape_fn(self.products.dim(), |(guess, i)| {
            let (model, trace) = (self.models[guess], self.traces[i]);
            let models = n * self.squared_models[guess] - model * model;
            let traces = n * self.squared_traces[i] - trace * trace;
            (n * self.products[[guess, i]] - model * trace) / (models * traces).sqrt()
        })
    }

    fn save(&self, path: &Path) -> Result<()> {
        let mut npz = NpzWriter::new(File::create(path)?);
        npz.add_array("count", &arr0(self.count))?;
        npz.add_array("traces", &self.traces)?;
        npz.add_array("squared_traces", &self.squared_traces)?;
        npz.add_array("models", &self.models)?;
        npz.add_array("squared_models", &self.squared_models)?;
        npz.add_array("products", &self.products)?;
        npz.finish()?;
        Ok(())
    }

    fn load(path: &Path) -> Result<Self> {
        let mut npz = NpzReader::new(File::open(path)?)?;
        Ok(Self {
            count: npz.by_name::<OwnedRepr<u64>, Ix0>("count")?.into_scalar(),
            traces: npz.by_name("traces")?,
            squared_traces: npz.by_name("squared_traces")?,
            models: npz.by_name("models")?,
            squared_models: npz.by_name("squared_models")?,
            products: npz.by_name("products")?,
        })
    }
}

fn measure(folder: &Path) -> Result<()> {
    let mut traces = Array2::zeros((TRACES, SAMPLES));
    let mut plaintexts = Array2::zeros((TRACES, 16));
    for (i, (samples, plaintext)) in device::measure().enumerate() {
        traces.row_mut(i).assign(&ArrayView1::from(&samples));
        plaintexts.row_mut(i).assign(&ArrayView1::from(&plaintext));
    }
    write_npy(folder.join("traces.npy"), &traces)?;
    write_npy(folder.join("plaintexts.npy"), &plaintexts)?;
    Ok(())
}

fn sum_up(folder: &Path, rows: Range<usize>) -> Result<Sums> {
    // SAFETY: nobody changes the files while they are mapped.
    let map = |name| unsafe { Mmap::map(&File::open(folder.join(name))?) };
    let (traces, plaintexts) = (map("traces.npy")?, map("plaintexts.npy")?);
    let traces = ArrayView2::<f32>::view_npy(&traces)?;
    let plaintexts = ArrayView2::<u8>::view_npy(&plaintexts)?;
    let traces = traces.slice(s![rows.clone(), ..]);
    let plaintexts = plaintexts.slice(s![rows, BYTE]);
    let batches = traces.axis_chunks_iter(Axis(0), BATCH).into_par_iter();
    let sums = batches
        .zip(plaintexts.axis_chunks_iter(Axis(0), BATCH))
        .map(|(traces, plaintexts)| Sums::of(traces, plaintexts))
        .reduce_with(Sums::add);
    Ok(sums.expect("there are traces"))
}

fn print(about: &str, correlation: &Array2<f64>) {
    let best = correlation.indexed_iter().max_by(|(_, a), (_, b)| a.total_cmp(b));
    let ((guess, sample), correlation) = best.expect("there are guesses");
    println!(
        "{about}: byte {BYTE} of the key is {guess:#04x}: {correlation:.9} at sample {sample}"
    );
}

fn write(folder: &Path) -> Result<()> {
    measure(folder)?;
    let sums = sum_up(folder, 0..TRACES / 2)?;
    write_npy(folder.join("correlation.npy"), &sums.correlation())?;
    sums.save(&folder.join("sums.npz"))
}

fn read(folder: &Path) -> Result<()> {
    print("half", &read_npy(folder.join("correlation.npy"))?);
    let sums = Sums::load(&folder.join("sums.npz"))?;
    let sums = sums.add(sum_up(folder, TRACES / 2..TRACES)?);
    print("all", &sums.correlation());
    Ok(())
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    npz_moving_in::run(write, read)
}
