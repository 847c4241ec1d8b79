//! Saves what a small simulation produced, lists the archive, and loads it back.
//!
//! ```text
//! cargo run --release --example quickstart
//! ```

// In ndarray's slices a negative end counts from the axis' end.
#![allow(clippy::reversed_empty_ranges)]

use std::{error::Error, fs, path::Path};

use ndarray::{Array2, s};
use npz::{Compression, NpzReader, NpzWriter};

/// Heat spreading from a warm spot on a plate with cold edges.
struct Simulation {
    field: Array2<f64>,
    times: Vec<f64>,
    dt: f64,
}

impl Simulation {
    fn new(height: usize, width: usize) -> Self {
        let mut field = Array2::zeros((height, width));
        field.slice_mut(s![height / 4..height / 2, width / 4..width / 2]).fill(100.0);
        Self { field, times: vec![0.0], dt: 0.2 }
    }

    /// One explicit step of du/dt = u_xx + u_yy.
    fn step(&mut self) {
        let u = &self.field;
        let laplacian = &u.slice(s![..-2, 1..-1])
            + &u.slice(s![2.., 1..-1])
            + u.slice(s![1..-1, ..-2])
            + u.slice(s![1..-1, 2..])
            - 4.0 * &u.slice(s![1..-1, 1..-1]);
        self.field.slice_mut(s![1..-1, 1..-1]).scaled_add(self.dt, &laplacian);
        self.times.push(self.times[self.times.len() - 1] + self.dt);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut simulation = Simulation::new(120, 200);
    (0..500).for_each(|_| simulation.step());
    let Simulation { field, times, dt } = simulation;
    let labels: Array2<i32> = field.mapv(|heat| (heat / 5.0) as i32);

    // Save: the file appears when `finish` is called.
    let path = Path::new("target/quickstart.npz");
    fs::create_dir_all("target")?;
    let mut npz = NpzWriter::create(path)?;
    npz.array("field", &field)?;
    npz.array("transposed", &field.t())?;
    npz.array("times", &times)?;
    npz.array("dt", &dt)?;
    npz.entry("labels").compression(Compression::Deflate(6)).array(&labels)?;
    npz.finish()?;

    // List.
    let npz = NpzReader::open(path)?;
    println!("{} holds {} arrays:\n", path.display(), npz.len());
    println!("{:<12}{:<8}{:<12}{:<9}{:>13}", "name", "dtype", "shape", "order", "stored bytes");
    for name in npz.names() {
        let info = npz.info(name)?;
        let (shape, order) = (format!("{:?}", info.shape()), format!("{:?}", info.order()));
        let size = info.compressed_size();
        println!("{name:<12}{:<8}{shape:<12}{order:<9}{size:>13}", info.dtype());
    }

    // Load, each array as its own type.
    assert_eq!(npz.get::<Array2<f64>>("field")?, field);
    assert_eq!(npz.get::<Array2<f64>>("transposed")?, field.t());
    assert_eq!(npz.get::<Vec<f64>>("times")?, times);
    assert_eq!(npz.get::<f64>("dt")?, dt);
    assert_eq!(npz.get::<Array2<i32>>("labels")?, labels);
    println!("\nAll of them are loaded back equal. In Python:\n");
    println!(
        "python3 -c \"import numpy as np; d = np.load('{}'); print(d, d['field'].max())\"",
        path.display()
    );
    Ok(())
}
