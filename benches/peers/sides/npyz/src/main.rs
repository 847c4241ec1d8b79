//! The side of npyz, used as its documentation shows: `create` and `open` (which buffer),
//! an ndarray written by its iterator, and read as a `Vec`.

use std::any::Any;
use std::path::Path;

use common::{Arrays, Many, Result, Serves, Source, Text, serve};
use npyz::npz::{NpzArchive, NpzWriter};
use npyz::zip::{CompressionMethod, write::FileOptions};
use npyz::{AutoSerialize, Deserialize, WriterBuilder};

struct Npyz;

fn options(method: CompressionMethod) -> FileOptions {
    FileOptions::default().compression_method(method)
}

impl<T: AutoSerialize + Deserialize + Copy> Arrays<T> for Npyz {
    fn save(path: &Path, source: &Source<'_, T>, deflated: bool) -> Result<()> {
        let method = if deflated { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        let view = source.view();
        let shape: Vec<u64> = view.shape().iter().map(|&n| n as u64).collect();
        let mut npz = NpzWriter::create(path)?;
        let mut array =
            npz.array("x", options(method))?.default_dtype().shape(&shape).begin_nd()?;
        array.extend(view.iter().copied())?;
        array.finish()?;
        npz.zip_writer().finish()?;
        Ok(())
    }

    fn load(path: &Path) -> Result<impl AsRef<[T]>> {
        let mut npz = NpzArchive::open(path)?;
        let array = npz.by_name("x")?.ok_or("no array `x`")?;
        Ok(array.into_vec()?)
    }
}

impl Many for Npyz {
    fn save_many(path: &Path, arrays: &[(String, Vec<f64>)]) -> Result<()> {
        let mut npz = NpzWriter::create(path)?;
        for (name, data) in arrays {
            let options = options(CompressionMethod::Stored);
            let shape = [data.len() as u64];
            let mut array = npz.array(name, options)?.default_dtype().shape(&shape).begin_nd()?;
            array.extend(data.iter().copied())?;
            array.finish()?;
        }
        npz.zip_writer().finish()?;
        Ok(())
    }

    fn load_many(path: &Path, names: &[String]) -> Result<Vec<Vec<f64>>> {
        let mut npz = NpzArchive::open(path)?;
        let load = |name: &String| {
            let array = npz.by_name(name)?.ok_or_else(|| format!("no array `{name}`"))?;
            Ok(array.into_vec()?)
        };
        names.iter().map(load).collect()
    }

    fn open(path: &Path) -> Result<(Box<dyn Any>, usize)> {
        let npz = NpzArchive::open(path)?;
        let len = npz.array_names().count();
        Ok((Box::new(npz), len))
    }
}

impl Text for Npyz {}

impl Serves for Npyz {}

fn main() -> Result<()> {
    serve::<Npyz>()
}
