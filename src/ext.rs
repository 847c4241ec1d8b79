//! What can be saved, what can be loaded: [`WriteNpy`] and [`ReadNpy`].
//!
//! A type that implements them implements `WriteNpz` and `ReadNpz` too, because an
//! archive's member is an `.npy` file.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;

use ndarray::{
    Array0, Array1, ArrayBase, ArrayRef, ArrayView1, Data, DataOwned, Dimension, arr0, aview0,
};

use crate::dtype::Endian;
use crate::element::{Body, Element, Numeric};
use crate::error::{Error, Result};
use crate::io::{AtomicFile, Source, Span};
use crate::io::{Fill, Plain};
use crate::limits::Limits;
use crate::npy::{self, Encoded, Header, Order, Pace};

/// Saves an array as a single `.npy` file: `numpy.save`.
///
/// Implemented for ndarray's arrays and views of any layout, over any
/// [`Element`] type; for slices, arrays and `Vec`s of elements, as one dimension; and for
/// elements themselves, and `str`, as none.
///
/// # Examples
///
/// ```
/// use ndarray::{Array2, array};
/// use npz::{ReadNpy, WriteNpy};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npy");
/// let x = array![[1.0, 2.0], [3.0, 4.0]];
/// x.save_npy(&path)?;                                // np.load("x.npy")
/// assert_eq!(Array2::<f64>::load_npy(&path)?, x);
/// # Ok::<(), npz::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written as a NumPy array",
    note = "ndarray's arrays and views can, and `Vec`s, slices and single values, \
            if their elements are a type that implements `npz::Element`"
)]
pub trait WriteNpy {
    /// Prepares the array to be written.
    #[doc(hidden)]
    fn to_npy(&self, order: Order, endian: Endian) -> Result<Encoded<'_>>;

    /// Writes the array to the file `path`, which appears, or replaces the old one, when
    /// it is whole, as described at [`NpzWriter::create`](crate::NpzWriter::create).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if the file cannot be written.
    ///
    /// # Examples
    ///
    /// See [`WriteNpy`].
    fn save_npy<P: AsRef<Path>>(&self, path: P) -> Result<()> {
        let (writer, file) = AtomicFile::create(path.as_ref())?;
        let mut writer = BufWriter::new(writer);
        self.write_npy(&mut writer)?;
        writer.flush().map_err(|error| Error::io("write", error))?;
        file.commit(false)
    }

    /// Writes the array to `writer`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if `writer` fails.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{ReadNpy, WriteNpy};
    ///
    /// let mut bytes = Vec::new();
    /// [1, 2].write_npy(&mut bytes)?;
    /// 0.5.write_npy(&mut bytes)?;
    ///
    /// let mut reader = &bytes[..];
    /// assert_eq!(Vec::<i32>::read_npy(&mut reader)?, [1, 2]);
    /// assert_eq!(f64::read_npy(&mut reader)?, 0.5);
    /// # Ok::<(), npz::Error>(())
    /// ```
    fn write_npy<W: Write>(&self, mut writer: W) -> Result<()> {
        let array = self.to_npy(Order::Keep, Endian::NATIVE)?;
        let mut write =
            |bytes: &[u8]| writer.write_all(bytes).map_err(|error| Error::io("write", error));
        write(&array.header.to_bytes())?;
        array.body(Pace::Ahead, &mut write)
    }
}

/// Loads an array from a single `.npy` file: `numpy.load`.
///
/// Implemented for ndarray's owning arrays over any [`Element`] type, in a fixed or in any
/// number of dimensions; for `Vec`s of elements, for one dimension; and for elements
/// themselves, for none.
///
/// # Examples
///
/// See [`WriteNpy`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a NumPy array",
    note = "ndarray's owning arrays can, and `Vec`s and single values, \
            if their elements are a type that implements `npz::Element`"
)]
pub trait ReadNpy: Sized {
    /// Makes the array of its header and its body.
    #[doc(hidden)]
    fn from_npy(header: Header, body: Body<'_>) -> Result<Self>;

    /// Reads the array in the file `path`.
    ///
    /// # Errors
    ///
    /// Those of [`read_npy`](Self::read_npy); also if the file goes on after the array.
    ///
    /// # Examples
    ///
    /// See [`WriteNpy`].
    fn load_npy<P: AsRef<Path>>(path: P) -> Result<Self> {
        let path = path.as_ref();
        let failed = |error| Error::file("open", path, error);
        let source = File::open(path).and_then(Source::positional).map_err(failed)?;
        let size = source.size();
        let array = read_array(&mut Span::new(source.as_bytes(), 0..size), Some(size));
        array.map_err(|error| several_arrays(&source).unwrap_or(error).in_file(path))
    }

    /// Reads an array from `reader`, and leaves it where the array ends: several may
    /// follow each other.
    ///
    /// # Errors
    ///
    /// * [`ErrorKind::NoArray`](crate::ErrorKind::NoArray): `reader` is at its end.
    /// * [`ErrorKind::WrongDtype`](crate::ErrorKind::WrongDtype),
    ///   [`ErrorKind::WrongNdim`](crate::ErrorKind::WrongNdim): it is not a `Self`.
    /// * [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue): a `bool` that is
    ///   neither 0 nor 1.
    /// * [`ErrorKind::Npy`](crate::ErrorKind::Npy): it is malformed, or cut short.
    /// * [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported): Python objects.
    /// * [`ErrorKind::NotAnArray`](crate::ErrorKind::NotAnArray): something else follows.
    /// * [`ErrorKind::Io`](crate::ErrorKind::Io): `reader` failed.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{ErrorKind, ReadNpy, WriteNpy};
    ///
    /// let mut stream = Vec::new();
    /// for step in 0..3 {
    ///     [step, step * step].write_npy(&mut stream)?;   // np.save(stream, …)
    /// }
    ///
    /// let (mut reader, mut steps) = (&stream[..], Vec::new());
    /// loop {
    ///     match Vec::<i32>::read_npy(&mut reader) {
    ///         Ok(step) => steps.push(step),
    ///         Err(error) if matches!(error.kind(), ErrorKind::NoArray) => break,
    ///         Err(error) => return Err(error),
    ///     }
    /// }
    /// assert_eq!(steps.len(), 3);
    /// # Ok::<(), npz::Error>(())
    /// ```
    fn read_npy<R: Read>(mut reader: R) -> Result<Self> {
        read_array(&mut Plain(&mut reader), None)
    }
}

/// What [`NpzReader::get_cast`](crate::NpzReader::get_cast) can load: ndarray's owning
/// arrays, `Vec`s and single values, of [`Numeric`] elements.
///
/// # Examples
///
/// See [`NpzReader::get_cast`](crate::NpzReader::get_cast).
pub trait CastNpz: Sized {
    /// Makes the array of its header and its body, whatever numbers it holds.
    #[doc(hidden)]
    fn cast_npy(header: Header, body: Body<'_>) -> Result<Self>;
}

impl<T: Numeric, S: DataOwned<Elem = T>, D: Dimension> CastNpz for ArrayBase<S, D> {
    fn cast_npy(header: Header, body: Body<'_>) -> Result<Self> {
        npy::cast(header, body)
    }
}

impl<T: Numeric> CastNpz for Vec<T> {
    fn cast_npy(header: Header, body: Body<'_>) -> Result<Self> {
        let array: Array1<T> = npy::cast(header, body)?;
        Ok(array.into_raw_vec_and_offset().0)
    }
}

impl<T: Numeric> CastNpz for T {
    fn cast_npy(header: Header, body: Body<'_>) -> Result<Self> {
        let array: Array0<T> = npy::cast(header, body)?;
        Ok(array.into_scalar())
    }
}

/// Reads an array from `reader`, which holds `size` bytes, where that is known.
fn read_array<T: ReadNpy>(reader: &mut dyn Fill, size: Option<u64>) -> Result<T> {
    npy::open(reader, size, &Limits::DEFAULT)
        .and_then(|(header, body)| T::from_npy(header, body))
        .map_err(Error::in_npy)
}

/// The error for a file that cannot be loaded, if that is because another array follows the
/// first.
fn several_arrays<R>(source: &Source<R>) -> Option<Error> {
    let from = |start: u64| Span::new(source.as_bytes(), start.min(source.size())..source.size());
    let (header, header_size) = Header::read(&mut from(0), &Limits::DEFAULT).ok()?;
    let mut next = [0; npy::MAGIC.len()];
    from(header_size.saturating_add(header.nbytes())).read_exact(&mut next).ok()?;
    (next == *npy::MAGIC).then(|| {
        Error::npy(
            "several arrays follow each other in the file (read_npy reads one after the other)",
        )
    })
}

impl<T: Element, S: Data<Elem = T>, D: Dimension> WriteNpy for ArrayBase<S, D> {
    fn to_npy(&self, order: Order, endian: Endian) -> Result<Encoded<'_>> {
        npy::encode(self.view().into(), order, endian)
    }
}

impl<T: Element, D: Dimension> WriteNpy for ArrayRef<T, D> {
    fn to_npy(&self, order: Order, endian: Endian) -> Result<Encoded<'_>> {
        npy::encode(self.view().into(), order, endian)
    }
}

impl<T: Element> WriteNpy for [T] {
    fn to_npy(&self, order: Order, endian: Endian) -> Result<Encoded<'_>> {
        npy::encode(ArrayView1::from(self).into(), order, endian)
    }
}

impl<T: Element> WriteNpy for Vec<T> {
    fn to_npy(&self, order: Order, endian: Endian) -> Result<Encoded<'_>> {
        self.as_slice().to_npy(order, endian)
    }
}

impl<T: Element, const N: usize> WriteNpy for [T; N] {
    fn to_npy(&self, order: Order, endian: Endian) -> Result<Encoded<'_>> {
        self.as_slice().to_npy(order, endian)
    }
}

impl WriteNpy for str {
    fn to_npy(&self, order: Order, endian: Endian) -> Result<Encoded<'_>> {
        npy::encode(arr0(self).into(), order, endian)
    }
}

impl<T: Element> WriteNpy for T {
    fn to_npy(&self, order: Order, endian: Endian) -> Result<Encoded<'_>> {
        npy::encode(aview0(self).into(), order, endian)
    }
}

impl<T: Element, S: DataOwned<Elem = T>, D: Dimension> ReadNpy for ArrayBase<S, D> {
    fn from_npy(header: Header, body: Body<'_>) -> Result<Self> {
        npy::decode(header, body)
    }
}

impl<T: Element> ReadNpy for Vec<T> {
    fn from_npy(header: Header, body: Body<'_>) -> Result<Self> {
        let array: Array1<T> = npy::decode(header, body)?;
        Ok(array.into_raw_vec_and_offset().0)
    }
}

impl<T: Element> ReadNpy for T {
    fn from_npy(header: Header, body: Body<'_>) -> Result<Self> {
        let array: Array0<T> = npy::decode(header, body)?;
        Ok(array.into_scalar())
    }
}
