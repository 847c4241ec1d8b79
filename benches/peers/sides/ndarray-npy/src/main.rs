//! The side of ndarray-npy, used as its documentation shows: over a plain `File`.

use std::any::Any;
use std::fs::File;
use std::path::Path;

use common::{Arrays, Many, Result, Serves, Source, Text, serve};
use ndarray::{Array1, Array3, aview1};
use ndarray_npy::{NpzReader, NpzWriter, ReadableElement, WritableElement};

struct NdarrayNpy;

impl<T: WritableElement + ReadableElement> Arrays<T> for NdarrayNpy {
    fn save(path: &Path, source: &Source<'_, T>, deflated: bool) -> Result<()> {
        let new = if deflated { NpzWriter::new_compressed } else { NpzWriter::new };
        let mut npz = new(File::create(path)?);
        npz.add_array("x", &source.view())?;
        npz.finish()?;
        Ok(())
    }

    fn load(path: &Path) -> Result<impl AsRef<[T]>> {
        let array: Array3<T> = NpzReader::new(File::open(path)?)?.by_name("x")?;
        Ok(array.into_raw_vec_and_offset().0)
    }
}

impl Many for NdarrayNpy {
    fn save_many(path: &Path, arrays: &[(String, Vec<f64>)]) -> Result<()> {
        let mut npz = NpzWriter::new(File::create(path)?);
        for (name, array) in arrays {
            npz.add_array(name, &aview1(array))?;
        }
        npz.finish()?;
        Ok(())
    }

    fn load_many(path: &Path, names: &[String]) -> Result<Vec<Vec<f64>>> {
        let mut npz = NpzReader::new(File::open(path)?)?;
        let load = |name: &String| {
            let array: Array1<f64> = npz.by_name(name)?;
            Ok(array.into_raw_vec_and_offset().0)
        };
        names.iter().map(load).collect()
    }

    fn open(path: &Path) -> Result<(Box<dyn Any>, usize)> {
        let npz = NpzReader::new(File::open(path)?)?;
        let len = npz.len();
        Ok((Box::new(npz), len))
    }
}

impl Text for NdarrayNpy {}

impl Serves for NdarrayNpy {}

fn main() -> Result<()> {
    serve::<NdarrayNpy>()
}
