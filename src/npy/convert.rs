//! What can be saved and what can be loaded: [`ToNpy`] and [`FromNpy`].

use ndarray::{
    Array0, Array1, ArrayBase, ArrayRef, ArrayView1, Data, DataOwned, Dimension, arr0, aview0,
};

use super::{Incoming, Outgoing};
use crate::element::{Element, LoadElement, Numeric};
use crate::error::Result;

/// What can be saved as an array: the argument of `numpy.save`.
///
/// These are ndarray's arrays and views of any layout, over any [`Element`] type; slices, arrays
/// and `Vec`s of elements, as one dimension; elements themselves, and `str`, as none;
/// [`Flat`](crate::Flat), which is a slice and a shape; and [`AnyArray`](crate::AnyArray) and
/// [`Raw`](crate::Raw). What is done with them are the methods of [`WriteNpz`](crate::WriteNpz) and
/// [`NpzWriter`](crate::NpzWriter).
///
/// Unlike things are saved together as `&dyn ToNpy`.
///
/// # Your own types
///
/// Implement it by what ndarray can view. [`Outgoing`] is made of any view or array of elements:
///
/// ```
/// use ndarray::{Array2, ArrayView2, Order, ShapeBuilder};
/// use npz::npy::{Incoming, Outgoing};
/// use npz::{FromNpy, NpzReader, NpzWriter, ToNpy};
/// use std::io::Cursor;
///
/// /// A matrix whose columns follow each other, as those of nalgebra and faer do.
/// #[derive(Debug, PartialEq)]
/// struct Matrix {
///     rows: usize,
///     columns: usize,
///     values: Vec<f64>,
/// }
///
/// impl ToNpy for Matrix {
///     fn to_npy(&self) -> Outgoing<'_> {
///         let shape = (self.rows, self.columns).f();
///         ArrayView2::from_shape(shape, &self.values).expect("as many values as there are").into()
///     }
/// }
///
/// impl FromNpy for Matrix {
///     fn from_npy(array: Incoming<'_>) -> npz::Result<Self> {
///         let array = Array2::from_npy(array)?;
///         let (rows, columns) = array.dim();
///         let values = array.flatten_with_order(Order::F).to_vec();
///         Ok(Self { rows, columns, values })
///     }
/// }
///
/// let matrix = Matrix { rows: 2, columns: 3, values: vec![1.0, 4.0, 2.0, 5.0, 3.0, 6.0] };
/// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
/// npz.array("matrix", &matrix)?.arrays([("again", &matrix as &dyn ToNpy), ("steps", &3)])?;
///
/// let npz = NpzReader::new(npz.finish()?)?;
/// assert_eq!(npz.get::<Matrix>("matrix")?, matrix);
/// assert_eq!(npz.get::<Array2<f64>>("again")?[[1, 0]], 4.0);
/// # Ok::<(), npz::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be saved as a NumPy array",
    label = "not an array that npz can save",
    note = "ndarray's arrays and views can, `Vec`s, slices and single values, and `npz::Flat`, \
            if their elements are a type that implements `npz::Element`",
    note = "the feature `ndarray-0_16` is for arrays of ndarray 0.16",
    note = "`usize` is saved as `u64`"
)]
pub trait ToNpy {
    /// The array as it is to be saved.
    ///
    /// # Examples
    ///
    /// See [`ToNpy`].
    fn to_npy(&self) -> Outgoing<'_>;
}

/// What can be loaded from an array: what `numpy.load` returns.
///
/// These are ndarray's owning arrays over any [`LoadElement`] type, in a fixed or in any number
/// of dimensions; `Vec`s of elements, for one dimension; elements themselves, for none; and for all
/// of them `(Vec<T>, Vec<usize>)`, which is the elements in C order and the shape,
/// [`Flat`](crate::Flat), [`AnyArray`](crate::AnyArray) and [`Raw`](crate::Raw); and for arrays of
/// Python objects (feature `pickle`) arrays of [`Value`](crate::Value)s, `Vec`s of arrays, for arrays of
/// different lengths, and maps from `String`, for dicts. How they are loaded are the methods of
/// [`ReadNpz`](crate::ReadNpz), [`NpzReader`](crate::NpzReader) and [`NpyReader`](crate::NpyReader).
///
/// # Examples
///
/// A type of your own that makes one of an array is at [`ToNpy`]. It can look at the dtype and
/// the shape first:
///
/// ```
/// use ndarray::{Array1, Array2, Axis};
/// use npz::npy::Incoming;
/// use npz::{FromNpy, NpzReader, NpzWriter};
/// use std::io::Cursor;
///
/// /// One vector, or several as the rows of a matrix.
/// struct Batch(Array2<f32>);
///
/// impl FromNpy for Batch {
///     fn from_npy(array: Incoming<'_>) -> npz::Result<Self> {
///         match array.shape() {
///             [_] => Array1::from_npy(array).map(|one| Self(one.insert_axis(Axis(0)))),
///             _ => Array2::from_npy(array).map(Self),
///         }
///     }
/// }
/// # let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
/// # npz.array("x", &[1.0_f32, 2.0])?;
/// # let npz = NpzReader::new(npz.finish()?)?;
/// assert_eq!(npz.get::<Batch>("x")?.0.dim(), (1, 2));
/// # Ok::<(), npz::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be loaded from a NumPy array",
    label = "not an array that npz can load",
    note = "ndarray's owning arrays can, `Vec`s and single values, `(Vec<T>, Vec<usize>)` and \
            `npz::Flat<Vec<T>>`, if their elements are a type that implements `npz::LoadElement`",
    note = "the feature `ndarray-0_16` is for arrays of ndarray 0.16",
    note = "text is loaded as `String`, not as `&str`"
)]
pub trait FromNpy: Sized {
    /// Reads the array.
    ///
    /// # Errors
    ///
    /// Those of [`NpzReader::get`](crate::NpzReader::get) that concern the array, and whatever
    /// else an implementation finds wrong: see [`Error::other`](crate::Error::other).
    ///
    /// # Examples
    ///
    /// See [`FromNpy`].
    fn from_npy(array: Incoming<'_>) -> Result<Self>;
}

/// What [`NpzReader::get_cast`](crate::NpzReader::get_cast) can make of numbers of any type:
/// ndarray's owning arrays, `Vec`s and single values, `(Vec<T>, Vec<usize>)` and
/// [`Flat`](crate::Flat), of [`Numeric`] elements.
///
/// A type of your own implements it as it does [`FromNpy`].
///
/// # Examples
///
/// See [`NpzReader::get_cast`](crate::NpzReader::get_cast).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be cast from other numbers",
    label = "not an array of numbers",
    note = "`get_cast` makes arrays, `Vec`s, single values and `npz::Flat` of numbers; \
            `get` loads the others"
)]
pub trait CastFromNpy: Sized {
    /// Reads the array, whatever numbers it holds.
    ///
    /// # Errors
    ///
    /// Those of [`NpzReader::get_cast`](crate::NpzReader::get_cast) that concern the array.
    ///
    /// # Examples
    ///
    /// See [`FromNpy`].
    fn cast_from_npy(array: Incoming<'_>) -> Result<Self>;
}

impl<T: Element, S: Data<Elem = T>, D: Dimension> ToNpy for ArrayBase<S, D> {
    fn to_npy(&self) -> Outgoing<'_> {
        self.view().into()
    }
}

impl<T: Element, D: Dimension> ToNpy for ArrayRef<T, D> {
    fn to_npy(&self) -> Outgoing<'_> {
        self.view().into()
    }
}

impl<T: Element> ToNpy for [T] {
    fn to_npy(&self) -> Outgoing<'_> {
        ArrayView1::from(self).into()
    }
}

impl<T: Element> ToNpy for Vec<T> {
    fn to_npy(&self) -> Outgoing<'_> {
        self.as_slice().to_npy()
    }
}

impl<T: Element, const N: usize> ToNpy for [T; N] {
    fn to_npy(&self) -> Outgoing<'_> {
        self.as_slice().to_npy()
    }
}

impl ToNpy for str {
    fn to_npy(&self) -> Outgoing<'_> {
        arr0(self).into()
    }
}

impl<T: Element> ToNpy for T {
    fn to_npy(&self) -> Outgoing<'_> {
        aview0(self).into()
    }
}

// `T` is spelled out, so that the compiler sees that an array of Python objects is none of these.
impl<T: LoadElement, S: DataOwned<Elem = T>, D: Dimension> FromNpy for ArrayBase<S, D, T> {
    fn from_npy(array: Incoming<'_>) -> Result<Self> {
        array.decode()
    }
}

impl<T: LoadElement> FromNpy for Vec<T> {
    fn from_npy(array: Incoming<'_>) -> Result<Self> {
        let array: Array1<T> = array.decode()?;
        Ok(array.into_raw_vec_and_offset().0)
    }
}

impl<T: LoadElement> FromNpy for T {
    fn from_npy(array: Incoming<'_>) -> Result<Self> {
        let array: Array0<T> = array.decode()?;
        Ok(array.into_scalar())
    }
}

impl<T: Numeric, S: DataOwned<Elem = T>, D: Dimension> CastFromNpy for ArrayBase<S, D> {
    fn cast_from_npy(array: Incoming<'_>) -> Result<Self> {
        array.cast()
    }
}

impl<T: Numeric> CastFromNpy for Vec<T> {
    fn cast_from_npy(array: Incoming<'_>) -> Result<Self> {
        let array: Array1<T> = array.cast()?;
        Ok(array.into_raw_vec_and_offset().0)
    }
}

impl<T: Numeric> CastFromNpy for T {
    fn cast_from_npy(array: Incoming<'_>) -> Result<Self> {
        let array: Array0<T> = array.cast()?;
        Ok(array.into_scalar())
    }
}
