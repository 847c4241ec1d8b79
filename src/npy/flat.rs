//! [`Flat`]: an array as its elements and its shape, for programs that do not use ndarray.

use ndarray::{ArrayD, ArrayView, ArrayViewD, IxDyn, Order, ShapeBuilder};

use super::{CastFromNpy, FromNpy, Header, Incoming, Outgoing, ToNpy, order_in_memory};
use crate::dtype::Endian;
use crate::element::{Element, LoadElement, Numeric};
use crate::error::{Error, Result, shape_text};

/// An array as its elements, one after the other, and its shape: for the tensors and matrices of
/// libraries that do not use ndarray.
///
/// * To save one, [`Flat::new`] takes a slice and a shape. The elements are not copied.
/// * To load one in C order, which candle, burn, ort and arrow use, no `Flat` is needed:
///   `get::<(Vec<f32>, Vec<usize>)>` returns the elements and the shape, whatever the order in the file.
/// * To load one in Fortran order, which nalgebra, faer and LAPACK use, load a `Flat<Vec<f64>>`, and
///   call [`into_parts`](Self::into_parts).
///
/// Loading copies the elements only if they are in the other order in the file, and then the array
/// is in memory twice for a moment. A loaded `Flat` keeps the order of the file until `into_parts`
/// says which one is needed, so that an array that was saved in Fortran order is loaded in that
/// order without a copy.
///
/// # Examples
///
/// ```
/// use npz::ndarray::Order;
/// use npz::{Flat, NpzReader, NpzWriter};
/// use std::io::Cursor;
///
/// let rows = [1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0];
/// let columns = [1.0_f64, 4.0, 2.0, 5.0, 3.0, 6.0];
///
/// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
/// npz.array("tensor", &Flat::new(&rows, &[2, 3])?)?;
/// npz.array("matrix", &Flat::new(&columns, &[2, 3])?.order(Order::F))?;
///
/// let npz = NpzReader::new(npz.finish()?)?;
/// let (data, shape): (Vec<f32>, Vec<usize>) = npz.get("tensor")?;
/// assert_eq!((&data[..], &shape[..]), (&rows[..], &[2, 3][..]));
///
/// let matrix: Flat<Vec<f64>> = npz.get("matrix")?;
/// assert_eq!(matrix.into_parts(Order::F), (columns.to_vec(), vec![2, 3]));
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Flat<S> {
    pub(super) data: S,
    pub(super) shape: Vec<usize>,
    pub(super) order: Order,
}

impl<'a, T: Element> Flat<&'a [T]> {
    /// The array of `shape` whose elements are `data`, in C order: `data.reshape(shape)`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Npy`](crate::ErrorKind::Npy) if `shape` takes more or fewer elements than there
    /// are, or more than any memory holds; [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported)
    /// for more than 64 dimensions.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::Flat;
    ///
    /// let error = Flat::new(&[0.5; 6], &[2, 4]).unwrap_err();
    /// assert_eq!(error.to_string(), "shape (2, 4) takes 8 elements, but there are 6");
    /// ```
    pub fn new(data: &'a [T], shape: &[usize]) -> Result<Self> {
        let header = Header::new(T::dtype(Endian::NATIVE), Order::C, shape.to_vec())?;
        if header.len() != data.len() {
            return Err(Error::npy(format!(
                "shape {} takes {} elements, but there are {}",
                shape_text(shape),
                header.len(),
                data.len()
            )));
        }
        Ok(Self { data, shape: header.shape, order: Order::C })
    }

    /// Says that the elements are in `order`: `data.reshape(shape, order="F")`.
    ///
    /// # Examples
    ///
    /// See [`Flat`].
    #[must_use]
    pub fn order(self, order: Order) -> Self {
        Self { order, ..self }
    }
}

impl<T: Clone> Flat<Vec<T>> {
    /// The elements in `order`, and the shape: `x.ravel(order), x.shape`.
    ///
    /// The elements are copied only if they are in the other order in the file.
    ///
    /// # Examples
    ///
    /// See [`Flat`].
    pub fn into_parts(self, order: Order) -> (Vec<T>, Vec<usize>) {
        let array = view(&self.data, &self.shape, self.order);
        let array = if order == Order::F { array.reversed_axes() } else { array };
        let turned = (!array.is_standard_layout()).then(|| array.iter().cloned().collect());
        (turned.unwrap_or(self.data), self.shape)
    }

    /// An array that has just been read, which is contiguous.
    fn loaded(array: ArrayD<T>) -> Self {
        let (shape, order) = (array.shape().to_vec(), order_in_memory(&array.view()));
        Self { data: array.into_raw_vec_and_offset().0, shape, order }
    }
}

/// The array of `shape` whose elements are `data`, in `order`.
#[expect(clippy::expect_used, reason = "there are as many elements as the shape takes")]
fn view<'a, T>(data: &'a [T], shape: &[usize], order: Order) -> ArrayViewD<'a, T> {
    let shape = IxDyn(shape).set_f(order == Order::F);
    ArrayView::from_shape(shape, data).expect("a shape that was checked")
}

impl<T: Element> ToNpy for Flat<&[T]> {
    fn to_npy(&self) -> Outgoing<'_> {
        view(self.data, &self.shape, self.order).into()
    }
}

impl<T: Element> ToNpy for Flat<Vec<T>> {
    fn to_npy(&self) -> Outgoing<'_> {
        view(&self.data, &self.shape, self.order).into()
    }
}

impl<'a, T: Element> From<Flat<&'a [T]>> for Outgoing<'a> {
    fn from(flat: Flat<&'a [T]>) -> Self {
        view(flat.data, &flat.shape, flat.order).into()
    }
}

impl<T: LoadElement> FromNpy for Flat<Vec<T>> {
    fn from_npy(array: Incoming<'_>) -> Result<Self> {
        array.decode().map(Self::loaded)
    }
}

impl<T: Numeric> CastFromNpy for Flat<Vec<T>> {
    fn cast_from_npy(array: Incoming<'_>) -> Result<Self> {
        array.cast().map(Self::loaded)
    }
}

impl<T: LoadElement> FromNpy for (Vec<T>, Vec<usize>) {
    fn from_npy(array: Incoming<'_>) -> Result<Self> {
        Flat::from_npy(array).map(|flat| flat.into_parts(Order::C))
    }
}

impl<T: Numeric> CastFromNpy for (Vec<T>, Vec<usize>) {
    fn cast_from_npy(array: Incoming<'_>) -> Result<Self> {
        Flat::cast_from_npy(array).map(|flat| flat.into_parts(Order::C))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::npy::{Encode, Gather};
    use crate::{ReadNpz, WriteNpz};

    #[test]
    fn nothing_is_copied_unless_the_order_changes() {
        for order in [Order::C, Order::F] {
            let data: Vec<u32> = (0..12).collect();
            let flat = Flat::new(&data, &[3, 4]).unwrap().order(order);
            let array = flat.to_npy();
            let header = array.header(None, Endian::NATIVE).unwrap();
            let mut sink = |bytes: &[u8]| {
                assert!(std::ptr::eq(bytes, bytemuck::cast_slice::<_, u8>(&data)));
                Ok(())
            };
            array.body(&header, Gather::AfterWriting, &mut sink).unwrap();

            let mut npy = Vec::new();
            flat.write_npy(&mut npy).unwrap();
            for wanted in [Order::C, Order::F] {
                let loaded = Flat::<Vec<u32>>::read_npy(&npy[..]).unwrap();
                let at = loaded.data.as_ptr();
                let (data, _) = loaded.into_parts(wanted);
                assert_eq!(data.as_ptr() == at, order == wanted);
            }
        }
    }
}
