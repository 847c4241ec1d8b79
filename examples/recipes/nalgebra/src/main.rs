//! Saves matrices of nalgebra as NumPy arrays, and loads them back.
//!
//! The columns of nalgebra's matrices follow each other: that is Fortran order. A matrix is saved in
//! this order and loaded in it, so that nothing is copied. If Python has saved a matrix in C order,
//! `into_parts` changes the order.

use nalgebra::DMatrix;
use npz::ndarray::Order;
use npz::{Flat, NpzReader, NpzWriter};
use std::error::Error;
use std::path::Path;

fn save(path: &Path, matrix: &DMatrix<f64>) -> Result<(), Box<dyn Error>> {
    let (rows, columns) = matrix.shape();
    let mut npz = NpzWriter::create(path)?;
    npz.array("fortran", &Flat::new(matrix.as_slice(), &[rows, columns])?.order(Order::F))?;
    // As NumPy saves a matrix: row after row.
    npz.array("c", &Flat::new(matrix.transpose().as_slice(), &[rows, columns])?)?;
    npz.finish()?;
    Ok(())
}

fn load(path: &Path, name: &str) -> Result<DMatrix<f64>, Box<dyn Error>> {
    let matrix: Flat<Vec<f64>> = NpzReader::open(path)?.get(name)?;
    let (data, shape) = matrix.into_parts(Order::F);
    let &[rows, columns] = &shape[..] else {
        return Err(format!("array `{name}` of shape {shape:?} is not a matrix").into());
    };
    Ok(DMatrix::from_vec(rows, columns, data))
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::temp_dir().join(format!("nalgebra-{}.npz", std::process::id()));
    let matrix = DMatrix::from_fn(3, 4, |row, column| (10 * row + column) as f64);
    save(&path, &matrix)?;
    assert_eq!(load(&path, "fortran")?, matrix);
    assert_eq!(load(&path, "c")?, matrix);
    println!("nalgebra: {:?} is what was saved, in either order", matrix.shape());
    Ok(std::fs::remove_file(path)?)
}
