//! Keeps the columns of a table in files, and averages them by station: with npyz.
//!
//! Which numbers a column has is not known before the program runs. Values come and go one at a time, so
//! that a table may be larger than memory.

use npyz::{DType, NpyFile, NpyWriter, Serialize, WriteOptions, WriterBuilder};
use npz_moving_in::random;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter};
use std::path::Path;

/// What the user has asked for.
const COLUMNS: [(&str, &str); 3] = [("rain", "<f4"), ("pressure", ">f8"), ("birds", "<i4")];
const STATIONS: [&str; 4] = ["Cádiz", "Ny-Ålesund", "Oslo", "Zürich"];
const ROWS: u64 = 5000;

fn write(folder: &Path) -> io::Result<()> {
    let mut random_station = random(7);
    let mut stations = begin::<str>(&folder.join("stations.npy"), "<U16")?;
    for _ in 0..ROWS {
        stations.push(STATIONS[random_station(4) as usize])?;
    }
    stations.finish()?;
    for (seed, (name, descr)) in COLUMNS.into_iter().enumerate() {
        let mut random_value = random(seed as u64);
        let values = (0..ROWS).map(|_| random_value(1000) as f64);
        let path = folder.join(format!("{name}.npy"));
        match &descr[1..] {
            "f4" => write_column(&path, descr, values.map(|value| value as f32))?,
            "f8" => write_column(&path, descr, values)?,
            "i4" => write_column(&path, descr, values.map(|value| value as i32))?,
            _ => return Err(invalid(format!("no columns are of dtype {descr}"))),
        }
    }
    Ok(())
}

fn write_column<T: Serialize>(
    path: &Path,
    descr: &str,
    values: impl Iterator<Item = T>,
) -> io::Result<()> {
    let mut column = begin(path, descr)?;
    column.extend(values)?;
    column.finish()
}

fn begin<T: Serialize + ?Sized>(
    path: &Path,
    descr: &str,
) -> io::Result<NpyWriter<T, BufWriter<File>>> {
    let dtype = DType::new_scalar(descr.parse().map_err(invalid)?);
    WriteOptions::new().dtype(dtype).writer(BufWriter::new(File::create(path)?)).begin_1d()
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

fn open(path: &Path) -> io::Result<NpyFile<BufReader<File>>> {
    NpyFile::new(BufReader::new(File::open(path)?))
}

/// The values of a column, whichever numbers they are.
fn values(path: &Path) -> io::Result<Box<dyn Iterator<Item = io::Result<f64>>>> {
    let npy = match open(path)?.try_data::<f64>() {
        Ok(values) => return Ok(Box::new(values)),
        Err(npy) => npy,
    };
    let npy = match npy.try_data::<f32>() {
        Ok(values) => return Ok(Box::new(values.map(|value| value.map(f64::from)))),
        Err(npy) => npy,
    };
    let values = npy.data::<i32>().map_err(invalid)?;
    Ok(Box::new(values.map(|value| value.map(f64::from))))
}

fn read(folder: &Path) -> io::Result<()> {
    let stations = folder.join("stations.npy");
    for (name, _) in COLUMNS {
        let mut sums = BTreeMap::<String, (f64, f64)>::new();
        let stations = open(&stations)?.data::<String>().map_err(invalid)?;
        for (station, value) in stations.zip(values(&folder.join(format!("{name}.npy")))?) {
            let (sum, count) = sums.entry(station?).or_default();
            *sum += value?;
            *count += 1.0;
        }
        for (station, (sum, count)) in sums {
            println!("{name} at {station}: {:.3}", sum / count);
        }
    }
    let last = open(&stations)?.data::<String>().map_err(invalid)?.read_at(ROWS - 1)?;
    println!("the last row is of {last}");
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    npz_moving_in::run(write, read)
}
