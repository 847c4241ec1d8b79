//! The suite of npyz 0.9: `tests`, `examples/ndarray.rs`, and the tests in `src`.
//!
//! | tests of theirs that differ | why | what is here instead |
//! |---|---|---|
//! | three `description_of…` | descrs are as NumPy writes them, and a scalar's has no quotes | no comma before `]`, `\|u1` for `<u1` |
//! | `test_variable_size` | a dtype has an `itemsize`, as NumPy's | that of a pointer, and `has_object` |
//! | `errors` and `roundtrip` of type strings | dtypes are those that NumPy parses | `>i`, `>m8`, `\|O4`, `\|i8` and `\|U1` are some; `<i1` is `\|i1` |
//! | `datetime_as_int`, `bad_datetime_types`, `roundtrip_datetime` | `i64` is not a date | `Datetime64`, or counts in an `AnyArray` |
//! | `test_methods_after_seek` | blocks follow each other | `nth`, and `get_slice` for what is elsewhere |
//! | `test_{seek,read}_boundary_ng` | they panic | `ErrorKind::InvalidSlice` |
//! | `implicit_finish`, `basic_write` | what is not finished is given up | `finish` |
//! | `write_2d_simple_fortran_order` | columns do not follow rows | `Flat` of the whole array |
//! | two `write_header_only…` | Python objects are not saved | their headers are read |
//! | `length_zero` | NumPy makes no text of no length | read; written as a `Raw` |
//! | `write_wrong_length`, `preserve_interior_nuls`, `serialize_types_that_deref_to_slices` | text is `<U…`: its encoding is not guessed | `Bytes` for `\|S…`, `Raw` for `\|V…` |
//! | five with `arrayvec`: `write_wrong_length…`, `…truncated_reading`, `…no_array_string_from_u`, `…truncated_in_middle…`, `…reading_invalid…` | types of fixed size cut nothing off, and look at their size | `ErrorKind::WrongDtype`, or `Bytes` |
//! | `reading_invalid_utf32_or_utf8`, `writing_invalid_utf32`, `unicode_files` | code points are no element type | the bytes of a `Raw`, which are not looked at |
//! | `roundtrip_byteorder` | a struct is written in one byte order | read in both; a `Raw` is written |
//! | `roundtrip_bytes`, `roundtrip_bytes_byteorder` | void is no element type | a column of a `Raw` |
//! | `derive_hygiene` | `record!` takes at least one field | the same with one |
//! | `read_fortran_order_err` | the order in the file does not matter | it is read |

use std::fmt::Debug;
use std::io::{Cursor, Write};

use ndarray::{Array1, Array2, Array3, ArrayD, Order, ShapeBuilder, array, s};
use npz::dtype::Kind;
use npz::time::{Datetime64, Timedelta64, unit};
use npz::{
    AnyArray, Bytes, DType, Element, Endian, ErrorKind, FixedBytes, FixedStr, Flat, LoadElement,
    NpyReader, NpyWriter, NpzReader, NpzWriter, Raw, ReadNpz, ToNpy, WriteNpz,
};
use num_complex::Complex;

use self::shim::{NpyFile, NpzArchive, WriteOptions, read_one, write_one};
use super::{file, has_kind};
use crate::common::native;

/// The names of npyz.
mod shim {
    use std::io::{Cursor, Read, Seek, Write};

    use ndarray::{Array0, Order};
    use npz::{
        DType, Element, ErrorKind, Flat, LoadElement, NpyReader, NpyWriter, NpzReader, Raw, Result,
        Rows, ToNpy,
    };

    pub struct NpyFile<'a>(NpyReader<&'a [u8]>);

    impl<'a> NpyFile<'a> {
        pub fn new(bytes: &'a [u8]) -> Result<Self> {
            NpyReader::from_bytes(bytes).map(Self)
        }

        pub fn shape(&self) -> &[usize] {
            self.0.info().shape()
        }

        pub fn order(&self) -> Order {
            self.0.info().order()
        }

        pub fn dtype(&self) -> &DType {
            self.0.info().dtype()
        }

        pub fn len(&self) -> usize {
            self.shape().iter().product()
        }

        pub fn uses_pickled_array(&self) -> bool {
            self.dtype().has_object()
        }

        /// The elements in the order of the file.
        pub fn into_vec<T: LoadElement>(self) -> Result<Vec<T>> {
            Ok(self.0.get::<Flat<Vec<T>>>()?.into_parts(self.order()).0)
        }
    }

    /// `T::reader(&dtype)?.read_one(bytes)`.
    pub fn read_one<T: LoadElement>(descr: &str, bytes: &[u8]) -> Result<T> {
        let raw = Raw::new(descr.parse()?, &[], Order::C, bytes.to_vec())?;
        let array: Array0<T> = raw.to_array()?.into_dimensionality().expect("it has no axes");
        Ok(array.into_scalar())
    }

    /// `T::writer(&dtype)?.write_one(&mut bytes, value)`: the bytes of one element.
    pub fn write_one<T: ToNpy + ?Sized>(descr: &str, value: &T) -> Result<Vec<u8>> {
        let mut file = Vec::new();
        let mut rows = NpyWriter::stream(&mut file).count(1).rows_of(descr.parse()?, [])?;
        rows.push(value)?;
        rows.finish()?;
        let body = NpyReader::from_bytes(&file)?.info().offset();
        Ok(file.split_off(body.expect("it is not compressed") as usize))
    }

    /// What is written in C order, a value or a row at a time.
    pub struct WriteOptions<W>(pub W);

    impl<'a, W: Write + Seek + Send + 'a> WriteOptions<W> {
        pub fn begin_1d<T: Element>(self) -> Result<Rows<'a>> {
            NpyWriter::new(self.0).rows::<T>([])
        }

        /// Theirs takes single values, of which so many are a row.
        pub fn begin_2d<T: Element>(self, row: usize) -> Result<Rows<'a>> {
            NpyWriter::new(self.0).rows::<T>([row])
        }

        pub fn begin_nd<T: Element>(self, shape: &[usize]) -> Result<Rows<'a>> {
            NpyWriter::new(self.0).count(shape[0]).rows::<T>(&shape[1..])
        }

        pub fn begin_1d_of(self, dtype: DType) -> Result<Rows<'a>> {
            NpyWriter::new(self.0).rows_of(dtype, [])
        }
    }

    pub struct NpzArchive<R>(NpzReader<R>);

    impl<R: Read + Seek> NpzArchive<R> {
        pub fn new(reader: R) -> Result<Self> {
            NpzReader::new(reader).map(Self)
        }

        pub fn array_names(&self) -> impl Iterator<Item = &str> {
            self.0.names()
        }

        /// Theirs reads the header, and the elements later.
        pub fn by_name<T: LoadElement>(&self, name: &str) -> Result<Option<(Vec<T>, Vec<usize>)>> {
            match self.0.get(name) {
                Err(error) if matches!(error.kind(), ErrorKind::NotFound { .. }) => Ok(None),
                array => array.map(Some),
            }
        }
    }

    pub fn to_bytes_1d<T: Element>(data: &[T]) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let mut rows = WriteOptions(&mut bytes).begin_1d::<T>().unwrap();
        rows.extend(data).unwrap();
        rows.finish().unwrap();
        bytes.into_inner()
    }
}

/// What is written to a cursor.
fn written(write: impl FnOnce(&mut Cursor<Vec<u8>>)) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    write(&mut bytes);
    bytes.into_inner()
}

fn parse(descr: &str) -> DType {
    descr.parse().unwrap_or_else(|error| panic!("{descr}: {error}"))
}

/// Checks that an element of this descr is read from these bytes, and written as them.
fn both_ways<T: LoadElement + PartialEq + Debug>(descr: &str, bytes: &[u8], value: T) {
    assert_eq!(read_one::<T>(descr, bytes).unwrap(), value, "{descr}");
    assert_eq!(write_one(descr, &value).unwrap(), bytes, "{descr}");
}

/// Checks that an element of this descr is not read, nor written, as `value`.
fn neither_way<T: LoadElement + Debug>(descr: &str, value: T) {
    let bytes = vec![0; parse(descr).itemsize()];
    has_kind!(read_one::<T>(descr, &bytes), ErrorKind::WrongDtype { .. });
    has_kind!(write_one(descr, &value), ErrorKind::WrongDtype { .. });
}

/// Checks a number in both byte orders, from its bytes with the most significant first.
fn number<T: LoadElement + PartialEq + Debug>(code: &str, value: T, big_endian: &[&[u8]]) {
    let little: Vec<u8> = big_endian.iter().flat_map(|part| part.iter().rev().copied()).collect();
    both_ways(&format!(">{code}"), &big_endian.concat(), value.clone());
    both_ways(&format!("<{code}"), &little, value);
}

mod orders;
mod records;
mod sparse;
mod text;
mod types;
mod ways;
mod writing;
