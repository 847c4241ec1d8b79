//! Arrays on their way from file to file.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use half::f16;
use npz::dtype::Kind;
use npz::ndarray::{ArrayD, Order};
use npz::{AnyArray, Compression, DType, Endian, NpyWriter, NpzWriter, Numeric, Raw, ToNpy};
use num_complex::Complex;

use crate::Result;
use crate::archive::Archive;
use crate::new_file::new_file;

/// Arrays of more bytes are copied block by block, each of about so many.
const BLOCK: u64 = 8 << 20;

/// What becomes of an array on its way.
#[derive(Default)]
pub struct Change {
    pub order: Option<Order>,
    pub endian: Option<Endian>,
    pub cast: Option<DType>,
}

/// An array that is ready to be written.
pub enum Copied<'a> {
    Whole(Box<dyn ToNpy>),
    /// A large array in C order, row by row.
    Rows {
        count: usize,
        row: Vec<usize>,
        dtype: DType,
        blocks: Blocks<'a>,
    },
    /// Python objects, which are copied as they are: the bytes of an `.npy` file.
    Objects(Vec<u8>),
    /// A member that is not an array.
    Bytes(Vec<u8>),
}

type Blocks<'a> = Box<dyn Iterator<Item = npz::Result<Raw>> + 'a>;

impl<'a> Copied<'a> {
    pub fn load(archive: &'a Archive, name: &str, change: &Change) -> Result<Self> {
        let info = archive.info(name)?;
        if let Some(dtype) = &change.cast {
            let array = archive.get::<AnyArray>(name)?;
            return cast(&array, dtype).map(Self::Whole).with_context(|| format!("array `{name}`"));
        }
        if info.dtype().has_object() {
            return Ok(Self::Objects(archive.npy_bytes(name)?));
        }
        let endian = change.endian;
        let converted = move |raw: Raw| match endian {
            Some(endian) => raw.with_endian(endian),
            None => raw,
        };
        let is_c = info.order() == Order::C && change.order != Some(Order::F);
        match info.shape().split_first() {
            Some((&count, row)) if is_c && count > 0 && info.nbytes() > 4 * BLOCK => {
                let len = BLOCK / (info.nbytes() / count as u64).max(1);
                let blocks = archive.chunks::<Raw>(name, (len as usize).max(1))?;
                let dtype = info.dtype().clone();
                let dtype = match endian {
                    Some(endian) => dtype.with_endian(endian),
                    None => dtype,
                };
                let blocks = Box::new(blocks.map(move |block| block.map(converted)));
                Ok(Self::Rows { count, row: row.to_vec(), dtype, blocks })
            }
            _ => Ok(Self::Whole(Box::new(converted(archive.get::<Raw>(name)?)))),
        }
    }

    /// Writes it as a member of an archive.
    pub fn add<W: Write + Send>(
        self,
        npz: &mut NpzWriter<W>,
        name: &str,
        compression: Compression,
        change: &Change,
    ) -> Result {
        match self {
            Self::Whole(array) => {
                let entry = npz.entry(name).compression(compression).order(change.order);
                entry.endian(change.endian.unwrap_or_default()).array(&*array)?;
            }
            Self::Rows { count, row, dtype, blocks } => {
                let entry = npz.entry(name).compression(compression).count(count);
                let mut rows = entry.rows_of(dtype, row)?;
                for block in blocks {
                    rows.extend(&block?)?;
                }
                rows.finish()?;
            }
            Self::Objects(bytes) => {
                npz.entry(&format!("{name}.npy")).compression(compression).bytes(&bytes)?;
            }
            Self::Bytes(bytes) => {
                npz.entry(name).compression(compression).bytes(&bytes)?;
            }
        }
        Ok(())
    }
}

/// The numbers as numbers of another dtype, each of which has to fit.
fn cast(array: &AnyArray, dtype: &DType) -> Result<Box<dyn ToNpy>> {
    fn numbers<T: Numeric>(array: &AnyArray) -> Result<Box<dyn ToNpy>>
    where
        ArrayD<T>: ToNpy + 'static,
    {
        Ok(Box::new(array.cast::<T>()?))
    }
    let kind = match dtype {
        DType::Scalar(scalar) => (scalar.kind(), scalar.itemsize()),
        _ => bail!("it can be cast to numbers only, not to {dtype}"),
    };
    match kind {
        (Kind::Int, 1) => numbers::<i8>(array),
        (Kind::Int, 2) => numbers::<i16>(array),
        (Kind::Int, 4) => numbers::<i32>(array),
        (Kind::Int, 8) => numbers::<i64>(array),
        (Kind::Uint, 1) => numbers::<u8>(array),
        (Kind::Uint, 2) => numbers::<u16>(array),
        (Kind::Uint, 4) => numbers::<u32>(array),
        (Kind::Uint, 8) => numbers::<u64>(array),
        (Kind::Float, 2) => numbers::<f16>(array),
        (Kind::Float, 4) => numbers::<f32>(array),
        (Kind::Float, 8) => numbers::<f64>(array),
        (Kind::Complex, 8) => numbers::<Complex<f32>>(array),
        (Kind::Complex, 16) => numbers::<Complex<f64>>(array),
        _ => bail!("it can be cast to numbers only, not to {dtype}"),
    }
}

impl Copied<'_> {
    /// Writes it as the `.npy` file `path`.
    pub fn save(self, path: &Path) -> Result {
        match self {
            Self::Whole(array) => NpyWriter::create(path)?.array(&*array)?,
            Self::Rows { count, row, dtype, blocks } => {
                let mut rows = NpyWriter::create(path)?.count(count).rows_of(dtype, row)?;
                for block in blocks {
                    rows.extend(&block?)?;
                }
                rows.finish()?;
            }
            Self::Objects(bytes) | Self::Bytes(bytes) => {
                new_file(path, |file| Ok(file.write_all(&bytes)?))?;
            }
        }
        Ok(())
    }
}

/// Completes an archive if all of it has been written, and else gives it up.
pub fn finish<W: Write>(npz: NpzWriter<W>, written: Result) -> Result<W> {
    match written {
        Ok(()) => Ok(npz.finish()?),
        Err(error) => {
            npz.abandon();
            Err(error)
        }
    }
}
