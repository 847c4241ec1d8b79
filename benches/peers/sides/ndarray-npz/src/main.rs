//! The side of ndarray-npz, used as its documentation shows: over a plain `File`. It takes
//! the names of members as they are, so `.npy` is added here, as NumPy would.

use std::any::Any;
use std::fs::File;
use std::path::Path;

use common::{Arrays, Cut, Many, Result, Serves, Source, Text, middle, serve};
use ndarray_npz::ndarray::{Array1, Array3, ArrayView3, aview1, s};
use ndarray_npz::ndarray_npy::{ReadableElement, WritableElement};
use ndarray_npz::{NpzReader, NpzWriter};

struct NdarrayNpz;

/// [`Source::view`], in the ndarray that this peer has.
fn view<'a, T>(source: &Source<'a, T>) -> Result<ArrayView3<'a, T>> {
    let whole = ArrayView3::from_shape(source.shape, source.data)?;
    Ok(match source.cut {
        Cut::Whole => whole,
        Cut::Permuted => whole.permuted_axes([1, 0, 2]),
        Cut::Strided => whole.slice_move(s![.., ..;2, ..;-1]),
        Cut::Transposed => whole.reversed_axes().slice_move(s![.., ..;2, ..;-1]),
        Cut::Rows => whole.slice_move(s![middle(source.shape[0]), .., ..]),
    })
}

impl<T: WritableElement + ReadableElement> Arrays<T> for NdarrayNpz {
    fn save(path: &Path, source: &Source<'_, T>, deflated: bool) -> Result<()> {
        let new = if deflated { NpzWriter::new_compressed } else { NpzWriter::new };
        let mut npz = new(File::create(path)?);
        npz.add_array("x.npy", &view(source)?)?;
        npz.finish()?;
        Ok(())
    }

    fn load(path: &Path) -> Result<impl AsRef<[T]>> {
        let array: Array3<T> = NpzReader::new(File::open(path)?)?.by_name("x.npy")?;
        Ok(array.into_raw_vec_and_offset().0)
    }
}

impl Many for NdarrayNpz {
    fn save_many(path: &Path, arrays: &[(String, Vec<f64>)]) -> Result<()> {
        let mut npz = NpzWriter::new(File::create(path)?);
        for (name, array) in arrays {
            npz.add_array(format!("{name}.npy"), &aview1(array))?;
        }
        npz.finish()?;
        Ok(())
    }

    fn load_many(path: &Path, names: &[String]) -> Result<Vec<Vec<f64>>> {
        let mut npz = NpzReader::new(File::open(path)?)?;
        let load = |name: &String| {
            let array: Array1<f64> = npz.by_name(&format!("{name}.npy"))?;
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

impl Text for NdarrayNpz {}

impl Serves for NdarrayNpz {}

fn main() -> Result<()> {
    serve::<NdarrayNpz>()
}
