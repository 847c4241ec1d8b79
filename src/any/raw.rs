//! [`Raw`]: an array as the bytes that it is in the file.

use std::fmt;

use ndarray::ArrayD;

use super::{AnyArray, text};
use crate::dtype::{DType, Endian};
use crate::element::{Body, Element, bool};
use crate::error::{ErrorKind, Result};
use crate::ext::{ReadNpy, WriteNpy};
use crate::npy::{self, Encoded, Header, Order};
use crate::visible::Limited;

/// An array as it is in the file: dtype, shape, order, and bytes.
///
/// Every dtype but Python objects loads as `Raw`, and is saved again as the same dtype, to
/// the byte, whatever the writer's byte order. It is how archives are copied, and what
/// [`AnyArray`](crate::AnyArray) holds of records and other dtypes without a Rust type.
///
/// # Examples
///
/// ```
/// use npz::{FixedBytes, NpzReader, NpzWriter, Raw};
/// use std::io::Cursor;
///
/// # #[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)] #[repr(C)]
/// # struct Atom { mass: f64, symbol: FixedBytes<8> }
/// # npz::record!(Atom { mass, symbol });
/// # let atoms = [Atom { mass: 12.011, symbol: "C".try_into()? }, Atom { mass: 15.999, symbol: "O".try_into()? }];
/// # let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
/// # npz.array("atoms", &atoms)?;
/// # let npz = NpzReader::new(npz.finish()?)?;
/// let atoms: Raw = npz.get("atoms")?;
/// assert_eq!(atoms.dtype().to_string(), "[('mass', '<f8'), ('symbol', '|S8')]");
/// assert_eq!(atoms.field::<f64>("mass")?[1], 15.999);
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Raw {
    header: Header,
    bytes: Vec<u8>,
}

impl Raw {
    /// The type of its elements: `ndarray.dtype`.
    pub fn dtype(&self) -> &DType {
        &self.header.dtype
    }

    /// The lengths of its axes: `ndarray.shape`.
    pub fn shape(&self) -> &[usize] {
        &self.header.shape
    }

    /// The order of its elements, [`Order::C`] or [`Order::Fortran`].
    pub fn order(&self) -> Order {
        self.header.order
    }

    /// The number of its elements: `ndarray.size`.
    pub fn len(&self) -> usize {
        self.header.len()
    }

    /// Whether it has no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of its elements, in their order.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its elements as `A`s.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WrongDtype`] if its dtype is not `A`'s; [`ErrorKind::InvalidValue`] if
    /// an element's bytes are no value of `A`.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut bytes = Vec::new();
    /// # npz::WriteNpy::write_npy(&[1.5, 2.5], &mut bytes)?;
    /// use npz::{Raw, ReadNpy};
    ///
    /// let raw = Raw::read_npy(&bytes[..])?;
    /// assert_eq!(raw.to_array::<f64>()?[1], 2.5);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn to_array<A: Element>(&self) -> Result<ArrayD<A>> {
        npy::decode(self.header.clone(), Body::known(&mut &self.bytes[..]))
    }

    /// One field of its records, for all of them: `x["mass"]`. The axes of a field that
    /// is a subarray come last.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WrongDtype`] if its elements are no records, have no field of this
    /// name, or the field's dtype is not `A`'s; [`ErrorKind::InvalidValue`] if a field's
    /// bytes are no value of `A`.
    ///
    /// # Examples
    ///
    /// See [`Raw`].
    pub fn field<A: Element>(&self, name: &str) -> Result<ArrayD<A>> {
        let record = match self.dtype() {
            DType::Record(record) => record.field(name).map(|field| (record, field)),
            _ => None,
        };
        let Some((record, field)) = record else {
            let (expected, found) =
                (format!("a record with the field `{name}`"), self.dtype().to_string());
            return Err(ErrorKind::WrongDtype { expected, found, hint: None }.into());
        };
        let (base, axes) = match field.dtype() {
            DType::Subarray(subarray) => (subarray.base(), subarray.shape()),
            dtype => (dtype, &[][..]),
        };
        let column = record.column(field, &self.bytes);

        // In Fortran order the records come as in C order of the reversed axes.
        let (ndim, is_fortran) = (self.shape().len(), self.order() == Order::Fortran);
        let mut shape = self.shape().to_vec();
        if is_fortran {
            shape.reverse();
        }
        shape.extend(axes);
        let header = Header::new(base.clone(), Order::C, shape)?;
        let column: ArrayD<A> = npy::decode(header, Body::known(&mut &column[..]))?;
        Ok(match is_fortran {
            true => {
                let axes = (0..ndim).rev().chain(ndim..column.ndim()).collect::<Vec<_>>();
                column.permuted_axes(axes)
            }
            false => column,
        })
    }

    /// The array of bools that it is, or itself if some of its bytes are not bools.
    pub(super) fn into_bools(self) -> Result<AnyArray> {
        let Self { header, bytes } = self;
        match bool::from_vec(bytes) {
            Ok(bools) => npy::in_shape(&header, |shape| ArrayD::from_shape_vec(shape, bools))
                .map(AnyArray::Bool),
            Err(bytes) => Ok(AnyArray::Raw(Self { header, bytes })),
        }
    }

    /// The bytes of the element at `index`.
    fn item(&self, index: &[usize]) -> &[u8] {
        let axes = index.iter().zip(self.shape());
        let size = self.dtype().itemsize();
        match self.order() {
            Order::Fortran => text::item_at(axes.rev(), size, &self.bytes),
            _ => text::item_at(axes, size, &self.bytes),
        }
    }
}

impl WriteNpy for Raw {
    fn to_npy(&self, order: Order, _: Endian) -> Result<Encoded<'_>> {
        npy::encode_raw(&self.header, &self.bytes, order)
    }
}

impl ReadNpy for Raw {
    fn from_npy(header: Header, body: Body<'_>) -> Result<Self> {
        let len = header.nbytes() as usize; // checked to be one
        let bytes = u8::dtype(Endian::NATIVE);
        body.check_limits::<u8>(&bytes, len)?;
        Ok(Self { bytes: u8::decode(body, &bytes, len)?, header })
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Raw {
    /// As [`AnyArray`](crate::AnyArray) displays.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let item =
            |index: &[usize], out: &mut Limited| text::item(self.dtype(), self.item(index), out);
        text::array(f, self.dtype(), self.shape(), &item)
    }
}
