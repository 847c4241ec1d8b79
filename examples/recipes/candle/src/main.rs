//! Saves tensors of candle as NumPy arrays, and loads them back.
//!
//! candle takes a tensor's elements as a `Vec` in C order, and its shape. That is what
//! `get::<(Vec<f32>, Vec<usize>)>` returns.

use candle_core::{Device, Tensor};
use npz::{Flat, NpzReader, NpzWriter};
use std::error::Error;
use std::path::Path;

fn save(path: &Path, tensors: &[(&str, Tensor)]) -> Result<(), Box<dyn Error>> {
    let mut npz = NpzWriter::create(path)?;
    for (name, tensor) in tensors {
        // Also of a transposed tensor, these are the elements in C order.
        let data: Vec<f32> = tensor.flatten_all()?.to_vec1()?;
        npz.array(name, &Flat::new(&data, tensor.dims())?)?;
    }
    npz.finish()?;
    Ok(())
}

fn load(path: &Path, name: &str) -> Result<Tensor, Box<dyn Error>> {
    let (data, shape): (Vec<f32>, Vec<usize>) = NpzReader::open(path)?.get(name)?;
    Ok(Tensor::from_vec(data, shape, &Device::Cpu)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::temp_dir().join(format!("candle-{}.npz", std::process::id()));
    let x = Tensor::arange(0_f32, 24.0, &Device::Cpu)?.reshape((2, 3, 4))?;
    save(&path, &[("x", x.clone()), ("transposed", x.transpose(0, 2)?)])?;

    let transposed = load(&path, "transposed")?;
    assert_eq!(load(&path, "x")?.to_vec3::<f32>()?, x.to_vec3::<f32>()?);
    assert_eq!(transposed.transpose(0, 2)?.to_vec3::<f32>()?, x.to_vec3::<f32>()?);
    println!("candle: {:?} and {:?} are what was saved", x.dims(), transposed.dims());
    Ok(std::fs::remove_file(path)?)
}
