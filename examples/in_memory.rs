//! Saves arrays to memory and loads them from there: no files, so that it runs in a browser too.
//!
//! ```text
//! cargo run --example in_memory
//! ```
//!
//! It ends with 0 if all that is loaded is what was saved. `.ci/portability` runs it as WebAssembly.

use std::io::Cursor;

use ndarray::{Array2, ArrayView2, s};
use npz::{Compression, NpzReader, NpzWriter, Raw};

/// An archive that NumPy wrote. A web page would have fetched it.
const VALUES: &[u8] = include_bytes!("../tests/data/values.npz");

fn main() -> npz::Result<()> {
    let numpys = NpzReader::from_bytes(VALUES)?;
    for (name, info) in numpys.iter() {
        let info = info?;
        println!("{name}: {} {:?}", info.dtype(), info.shape());
        numpys.get::<Raw>(name)?;
    }

    let x = Array2::from_shape_fn((300, 500), |(i, j)| (i * j) as f64);
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    npz.array("x", &x)?;
    npz.entry("small").compression(Compression::Deflate(6)).array(&x)?;
    let bytes = npz.finish()?.into_inner();

    let npz = NpzReader::from_bytes(bytes)?;
    npz.verify()?;
    println!("{npz}");
    let small: Array2<f64> = npz.get("small")?;
    let part: Array2<f64> = npz.get_slice("small", s![100..200, ..;7])?;
    let view: ArrayView2<f64> = npz.view("x")?;
    assert_eq!((&small, &part.view(), &view), (&x, &x.slice(s![100..200, ..;7]), &x.view()));
    Ok(())
}
