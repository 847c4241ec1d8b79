//! Finds a byte of a key in traces of a device's power consumption: with npz.
//!
//! `traces.npy` has a row of samples for each encryption, `plaintexts.npy` what was encrypted. All threads
//! correlate batches of them with what the device is supposed to consume, for each of 256 guesses. The sums of
//! the first half are saved, and loaded when it is the turn of the second.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, s};
use npz::{NpyReader, NpyWriter, Result, read_npy, write_npy};
use npz_moving_in::device::{self, BYTE, SAMPLES, TRACES};
use rayon::prelude::*;
use std::ops::Range;
use std::path::Path;

const BATCH: usize = 250;

/// What has been summed up of so many traces.
struct Sums {
    count: u64,
    traces: Array1<f64>,
    squared_traces: Array1<f64>,
    models: Array1<f64>,
    squared_models: Array1<f64>,
    products: Array2<f64>,
}
npz::archive!(Sums { count, traces, squared_traces, models, squared_models, products });

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
}

fn measure(folder: &Path) -> Result<()> {
    let mut traces = NpyWriter::create(folder.join("traces.npy"))?.rows::<f32>([SAMPLES])?;
    let mut plaintexts = NpyWriter::create(folder.join("plaintexts.npy"))?.rows::<u8>([16])?;
    for (samples, plaintext) in device::measure() {
        traces.push(&samples)?;
        plaintexts.push(&plaintext)?;
    }
    traces.finish()?;
    plaintexts.finish()
}

fn sum_up(folder: &Path, rows: Range<usize>) -> Result<Sums> {
    let traces = NpyReader::open(folder.join("traces.npy"))?;
    let plaintexts = NpyReader::open(folder.join("plaintexts.npy"))?;
    let batches = rows.clone().into_par_iter().step_by(BATCH);
    let sums = batches
        .map(|start| {
            let batch = start..rows.end.min(start + BATCH);
            let traces: Array2<f32> = traces.get_slice(s![batch.clone(), ..])?;
            let plaintexts: Array1<u8> = plaintexts.get_slice(s![batch, BYTE])?;
            Ok(Sums::of(traces.view(), plaintexts.view()))
        })
        .try_reduce_with(|sums, others| Ok(sums.add(others)));
    sums.expect("there are traces")
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
    sums.save(folder.join("sums.npz"))
}

fn read(folder: &Path) -> Result<()> {
    print("half", &read_npy(folder.join("correlation.npy"))?);
    let sums = Sums::load(folder.join("sums.npz"))?;
    let sums = sums.add(sum_up(folder, TRACES / 2..TRACES)?);
    print("all", &sums.correlation());
    Ok(())
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    npz_moving_in::run(write, read)
}
