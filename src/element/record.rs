//! What `record!` generates calls to: structs as NumPy's structured dtypes.
//!
//! A struct whose fields fill it, and whose bytes in memory are those in the file, is
//! copied in bulk. Any other is converted column by column: the bytes of one field, of as
//! many records as fit a chunk, are gathered and then decoded like an array of that
//! field's type. So a file's records may have their fields elsewhere, in other byte
//! orders, and among others that the struct lacks.

use std::marker::PhantomData;

use bytemuck::{Pod, Zeroable};
use ndarray::{ArrayView1, ArrayViewD};

use super::{Body, Element, LoadElement, each, pod};
use crate::dtype::{DType, Endian, Kind, Record};
use crate::error::{Error, ErrorKind, Result};

/// What can be a record's field: elements that are `Copy`, and arrays of them, which are
/// subarrays in NumPy.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a record",
    note = "element types that are `Copy` can, other records, and arrays `[T; N]` of them"
)]
pub trait RecordField: Copy {
    /// The field's dtype.
    fn dtype(endian: Endian) -> DType;
    /// Whether a field of `dtype` can be loaded as this type.
    fn accepts(dtype: &DType) -> bool;
    /// Writes `values`, one after the other.
    fn encode(values: &[Self], dtype: &DType, out: &mut [u8]);
    /// Reads `len` values from `bytes`, which hold them one after the other.
    fn decode(bytes: &[u8], dtype: &DType, len: usize) -> Result<Vec<Self>>;
}

impl<T: LoadElement + Copy> RecordField for T {
    fn dtype(endian: Endian) -> DType {
        <T as Element>::dtype(endian)
    }

    fn accepts(dtype: &DType) -> bool {
        <T as LoadElement>::accepts(dtype)
    }

    fn encode(values: &[Self], dtype: &DType, out: &mut [u8]) {
        <T as Element>::encode(ArrayView1::from(values).into_dyn(), dtype, out);
    }

    fn decode(bytes: &[u8], dtype: &DType, len: usize) -> Result<Vec<Self>> {
        <T as LoadElement>::decode(Body::known(&mut &bytes[..]), dtype, len)
    }
}

#[expect(clippy::expect_used, reason = "other dtypes are not accepted")]
impl<T: RecordField, const N: usize> RecordField for [T; N] {
    fn dtype(endian: Endian) -> DType {
        DType::array_of(T::dtype(endian), N)
    }

    fn accepts(dtype: &DType) -> bool {
        dtype.array_item(N).is_some_and(|item| T::accepts(&item))
    }

    fn encode(values: &[Self], dtype: &DType, out: &mut [u8]) {
        let item = dtype.array_item(N).expect("it is this type's");
        T::encode(values.as_flattened(), &item, out);
    }

    fn decode(bytes: &[u8], dtype: &DType, len: usize) -> Result<Vec<Self>> {
        let item = dtype.array_item(N).expect("it was accepted");
        let all = len.saturating_mul(N);
        let values = T::decode(bytes, &item, all).map_err(|error| match error.into_kind() {
            ErrorKind::InvalidValue { index, problem } => {
                ErrorKind::InvalidValue { index: index.checked_div(N).unwrap_or(0), problem }.into()
            }
            other => Error::from(other),
        })?;
        Ok(match N {
            0 => vec![*values.first_chunk().expect("it takes no value"); len],
            _ => values.as_chunks::<N>().0.to_vec(),
        })
    }
}

/// The dtype of a field, from a function that gives the field.
pub fn field_dtype<T, F: RecordField>(endian: Endian, _: impl Fn(&T) -> F) -> DType {
    F::dtype(endian)
}

/// The dtype of `T` with its fields' names, offsets and dtypes; gaps are padding.
pub fn dtype<T>(fields: Vec<(&str, usize, DType)>) -> DType {
    DType::Record(Record::of(fields, size_of::<T>()))
}

/// Reads `len` records; `read` reads each field of a chunk of them.
pub fn decode<T: Zeroable + Copy + Send>(
    body: Body<'_>,
    dtype: &DType,
    len: usize,
    read: impl Fn(&Columns<'_>, &mut [T]) -> Result<()> + Sync,
) -> Result<Vec<T>> {
    let DType::Record(record) = dtype else { unreachable!("only records are accepted") };
    // Before anything is allocated: whether it has the fields.
    read(&Columns { record, bytes: &[], start: 0 }, &mut [])?;
    each::decode_parts(body, record.itemsize(), len, T::zeroed, |bytes, records, start| {
        read(&Columns { record, bytes, start }, records)
    })
}

/// The fields of a chunk of records in a file.
pub struct Columns<'a> {
    record: &'a Record,
    bytes: &'a [u8],
    /// How many records come before the chunk.
    start: usize,
}

impl Columns<'_> {
    /// Reads the field `name` of each record, and passes it to `set`.
    pub fn read<T, F: RecordField>(
        &self,
        name: &str,
        values: &mut [T],
        set: impl Fn(&mut T, F),
    ) -> Result<()> {
        let wrong = |found: DType| {
            let expected = format!("a field `{name}` of dtype {}", F::dtype(Endian::NATIVE));
            Error::from(ErrorKind::WrongDtype { expected, found, hint: None })
        };
        let field =
            self.record.field(name).ok_or_else(|| wrong(DType::Record(self.record.clone())))?;
        if !F::accepts(field.dtype()) {
            return Err(wrong(field.dtype().clone()));
        }
        let column = self.record.column(field, self.bytes);
        let column = F::decode(&column, field.dtype(), values.len());
        let column = column.map_err(|error| match error.further(self.start).into_kind() {
            ErrorKind::InvalidValue { index, problem } => {
                let problem = format!("field `{name}`: {problem}");
                ErrorKind::InvalidValue { index, problem }.into()
            }
            other => Error::from(other),
        })?;
        values.iter_mut().zip(column).for_each(|(value, field)| set(value, field));
        Ok(())
    }
}

/// The fields of records that are being written.
pub struct ColumnsMut<'a, T> {
    /// The records.
    pub values: ArrayViewD<'a, T>,
    /// Their dtype.
    pub dtype: &'a DType,
    /// Where they are written, one after the other.
    pub out: &'a mut [u8],
}

impl<T> ColumnsMut<'_, T> {
    /// Writes the field `name`, which `get` gives, of each record.
    #[expect(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        reason = "the records are in memory, and `out` is as long as their dtype makes them"
    )]
    pub fn write<F: RecordField>(&mut self, name: &str, get: impl Fn(&T) -> F) {
        let DType::Record(record) = self.dtype else {
            unreachable!("records are of no other dtype")
        };
        let field = record.field(name).expect("it is one of the record's own");
        let size = field.dtype().itemsize();
        let values: Vec<F> = self.values.iter().map(get).collect();
        let mut column = vec![0; values.len() * size];
        F::encode(&values, field.dtype(), &mut column);
        let items = self.out.chunks_exact_mut(record.itemsize().max(1));
        for (item, bytes) in items.zip(column.chunks_exact(size.max(1))) {
            item[field.offset()..][..size].copy_from_slice(bytes);
        }
    }
}

/// Whether records of `dtype` can be copied in bulk to and from memory, where their dtype is
/// `native`: both are the same, without padding, and any bytes are a value of each field.
pub fn is_bulk(dtype: &DType, native: &DType) -> bool {
    fn is_plain(dtype: &DType) -> bool {
        match dtype {
            DType::Scalar(scalar) => scalar.kind() != Kind::Str,
            DType::Subarray(subarray) => is_plain(subarray.base()),
            DType::Record(record) => {
                let sizes = record.fields().iter().map(|field| field.dtype().itemsize());
                sizes.sum::<usize>() == record.itemsize()
                    && record.fields().iter().all(|field| is_plain(field.dtype()))
            }
        }
    }
    dtype == native && is_plain(dtype)
}

/// The error for records that are not in memory what they are in a file.
pub fn no_view(dtype: &DType) -> Error {
    super::other_in_memory(dtype)
}

/// Records whose memory is their bytes in the file.
pub struct InBulk<T> {
    /// The bytes of records.
    pub as_bytes: fn(&[T]) -> &[u8],
    /// Reads a number of records.
    pub decode: fn(Body<'_>, &DType, usize) -> Result<Vec<T>>,
    /// Fills records with the next bytes.
    pub fill: fn(&mut [T], &DType, &mut Body<'_>) -> Option<Result<()>>,
    /// The records that bytes are.
    pub from_bytes: for<'a> fn(&'a [u8], &DType) -> Result<&'a [T]>,
    /// The same, to be changed.
    pub from_bytes_mut: for<'a> fn(&'a mut [u8], &DType) -> Result<&'a mut [T]>,
}

/// Stands for `T`, so that a method call finds [`Bulk`] if `T` is `Pod`, and else
/// [`ByField`], which takes one reference more to get at.
pub struct Layout<T>(pub PhantomData<T>);

/// Copies records as they are.
pub trait Bulk<T> {
    /// How to.
    fn in_bulk(&self) -> Option<InBulk<T>>;
}

impl<T: Pod + Send> Bulk<T> for Layout<T> {
    fn in_bulk(&self) -> Option<InBulk<T>> {
        Some(InBulk {
            as_bytes: bytemuck::cast_slice,
            decode: pod::decode,
            fill: pod::fill,
            from_bytes: pod::from_bytes,
            from_bytes_mut: pod::from_bytes_mut,
        })
    }
}

/// Copies nothing in bulk.
pub trait ByField<T> {
    /// There is no way to.
    fn in_bulk(&self) -> Option<InBulk<T>> {
        None
    }
}

impl<T> ByField<T> for &Layout<T> {}
