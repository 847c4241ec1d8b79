//! The side of this crate.

use std::any::Any;
use std::path::Path;

use common::{Arrays, Many, Result, Source, serve};
use ndarray::{Array1, Array3};
use npz::{Compression, Element, NpzReader, NpzWriter};

struct Npz;

impl<T: Element> Arrays<T> for Npz {
    fn save(path: &Path, source: &Source<'_, T>, deflated: bool) -> Result<()> {
        let compression = if deflated { Compression::Deflate(6) } else { Compression::Stored };
        let mut npz = NpzWriter::create(path)?.compression(compression);
        npz.array("x", &source.view())?;
        npz.finish()?;
        Ok(())
    }

    fn load(path: &Path) -> Result<impl AsRef<[T]>> {
        let array: Array3<T> = NpzReader::open(path)?.get("x")?;
        Ok(array.into_raw_vec_and_offset().0)
    }
}

impl Many for Npz {
    fn save_many(path: &Path, arrays: &[(String, Vec<f64>)]) -> Result<()> {
        let mut npz = NpzWriter::create(path)?;
        for (name, array) in arrays {
            npz.array(name, array)?;
        }
        npz.finish()?;
        Ok(())
    }

    fn load_many(path: &Path, names: &[String]) -> Result<Vec<Vec<f64>>> {
        let npz = NpzReader::open(path)?;
        let load = |name: &String| {
            let array: Array1<f64> = npz.get(name)?;
            Ok(array.into_raw_vec_and_offset().0)
        };
        names.iter().map(load).collect()
    }

    fn open(path: &Path) -> Result<(Box<dyn Any>, usize)> {
        let npz = NpzReader::open(path)?;
        let len = npz.len();
        Ok((Box::new(npz), len))
    }
}

fn main() -> Result<()> {
    serve::<Npz>()
}
