//! Keeps the columns of a table in files, and averages them by station: with npz.
//!
//! Which numbers a column has is not known before the program runs. Values come one at a time and go in
//! blocks, so that a table may be larger than memory.

use ndarray::s;
use npz::{Error, NpyReader, NpyWriter, Result};
use npz_moving_in::random;
use std::collections::BTreeMap;
use std::path::Path;

/// What the user has asked for.
const COLUMNS: [(&str, &str); 3] = [("rain", "<f4"), ("pressure", ">f8"), ("birds", "<i4")];
const STATIONS: [&str; 4] = ["Cádiz", "Ny-Ålesund", "Oslo", "Zürich"];
const ROWS: u64 = 5000;
const BLOCK: usize = 1000;

fn write(folder: &Path) -> Result<()> {
    let mut random_station = random(7);
    let path = folder.join("stations.npy");
    let mut stations = NpyWriter::create(path)?.rows_of("<U16".parse()?, [])?;
    for _ in 0..ROWS {
        stations.push(STATIONS[random_station(4) as usize])?;
    }
    stations.finish()?;
    for (seed, (name, descr)) in COLUMNS.into_iter().enumerate() {
        let mut random_value = random(seed as u64);
        let values = (0..ROWS).map(|_| random_value(1000) as f64);
        let path = folder.join(format!("{name}.npy"));
        let mut column = NpyWriter::create(path)?.rows_of(descr.parse()?, [])?;
        for value in values {
            match &descr[1..] {
                "f4" => column.push(&(value as f32))?,
                "f8" => column.push(&value)?,
                "i4" => column.push(&(value as i32))?,
                _ => return Err(Error::other(format!("no columns are of dtype {descr}"))),
            };
        }
        column.finish()?;
    }
    Ok(())
}

fn read(folder: &Path) -> Result<()> {
    let stations = NpyReader::open(folder.join("stations.npy"))?;
    for (name, _) in COLUMNS {
        let mut sums = BTreeMap::<String, (f64, f64)>::new();
        let values = NpyReader::open(folder.join(format!("{name}.npy")))?;
        let values = values.chunks_cast::<Vec<f64>>(BLOCK)?;
        for (stations, values) in stations.chunks::<Vec<String>>(BLOCK)?.zip(values) {
            for (station, value) in stations?.into_iter().zip(values?) {
                let (sum, count) = sums.entry(station).or_default();
                *sum += value;
                *count += 1.0;
            }
        }
        for (station, (sum, count)) in sums {
            println!("{name} at {station}: {:.3}", sum / count);
        }
    }
    println!("the last row is of {}", stations.get_slice::<String>(s![-1])?);
    Ok(())
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    npz_moving_in::run(write, read)
}
