//! Saves tensors of burn as NumPy arrays, and loads them back.
//!
//! burn's `TensorData` is the elements in C order, and the shape. That is what `Flat` takes, and what
//! `get::<(Vec<f32>, Vec<usize>)>` returns.

use burn::tensor::{Device, Tensor, TensorData};
use npz::{Flat, NpzReader, NpzWriter};
use std::error::Error;
use std::path::Path;

fn save(path: &Path, tensors: &[(&str, &Tensor<3>)]) -> Result<(), Box<dyn Error>> {
    let mut npz = NpzWriter::create(path)?;
    for (name, tensor) in tensors {
        let data: TensorData = tensor.try_to_data_as::<f32>()?;
        npz.array(name, &Flat::new(data.as_slice::<f32>()?, data.shape())?)?;
    }
    npz.finish()?;
    Ok(())
}

fn load(path: &Path, name: &str, device: &Device) -> Result<Tensor<3>, Box<dyn Error>> {
    let (data, shape): (Vec<f32>, Vec<usize>) = NpzReader::open(path)?.get(name)?;
    // burn would panic.
    if shape.len() != 3 {
        return Err(format!("array `{name}` of shape {shape:?} has not three dimensions").into());
    }
    Ok(Tensor::from_data(TensorData::new(data, shape), device))
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::temp_dir().join(format!("burn-{}.npz", std::process::id()));
    let device = Device::flex();
    let data: Vec<f32> = (0_u8..24).map(f32::from).collect();
    let x: Tensor<3> = Tensor::from_data(TensorData::new(data, [2, 3, 4]), &device);
    let transposed = x.clone().swap_dims(0, 2);
    save(&path, &[("x", &x), ("transposed", &transposed)])?;

    assert_eq!(load(&path, "x", &device)?.to_data(), x.to_data());
    assert_eq!(load(&path, "transposed", &device)?.to_data(), transposed.to_data());
    println!("burn: {:?} and {:?} are what was saved", x.dims(), transposed.dims());
    Ok(std::fs::remove_file(path)?)
}
