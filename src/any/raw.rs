//! [`Raw`]: an array as the bytes that it is in the file.

use std::borrow::Cow;
use std::fmt;

use ndarray::{ArrayD, Order};

use super::{AnyArray, text};
use crate::dtype::{DType, Endian};
use crate::element::{Body, Element, LoadElement, bool};
use crate::error::{Error, ErrorKind, Result};
use crate::io::Sink;
use crate::npy::{self, Encode, FromNpy, Gather, Header, Incoming, Outgoing, ToNpy};
use crate::visible::Limited;

/// An array as it is in the file: dtype, shape, order and bytes.
///
/// An array of any dtype but Python objects can be loaded as a `Raw`, and is saved again byte for
/// byte, whatever the writer's byte order. So archives are copied, and
/// [`AnyArray`](crate::AnyArray) holds records and other dtypes for which there is no Rust type.
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
    /// Makes an array of `dtype` and `shape`, whose elements are `bytes`, in `order`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Npy`] if there are more or fewer bytes than such an array has, or if no
    /// memory could hold it; [`ErrorKind::Unsupported`] for Python objects, and for more than 64
    /// dimensions.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::Order;
    /// use npz::Raw;
    ///
    /// let raw = Raw::new(">i2".parse()?, &[2], Order::C, vec![0, 1, 0, 2])?;
    /// assert_eq!(raw.to_array::<i16>()?[1], 2);
    /// assert!(Raw::new(">i2".parse()?, &[3], Order::C, vec![0, 1, 0, 2]).is_err());
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn new(dtype: DType, shape: &[usize], order: Order, bytes: Vec<u8>) -> Result<Self> {
        if dtype.has_object() {
            return Err(Error::unsupported(format!(
                "the bytes of Python objects (dtype {}) are not those of an array",
                dtype.shown()
            )));
        }
        let header = Header::new(dtype, order, shape.to_vec())?;
        header.check_body(bytes.len() as u64)?;
        Ok(Self { header, bytes })
    }

    /// The type of its elements: `ndarray.dtype`.
    pub fn dtype(&self) -> &DType {
        &self.header.dtype
    }

    /// The lengths of its axes: `ndarray.shape`.
    pub fn shape(&self) -> &[usize] {
        &self.header.shape
    }

    /// The order of its elements.
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

    /// The same values in this byte order, those of records' fields, too:
    /// `x.astype(x.dtype.newbyteorder(…))`. What has no byte order, such as single bytes and void, stays as
    /// it is.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::Order;
    /// use npz::{Endian, Raw};
    ///
    /// let big = Raw::new(">i2".parse()?, &[2], Order::C, vec![0, 1, 0, 2])?;
    /// let little = big.with_endian(Endian::Little);
    /// assert_eq!((little.dtype().to_string(), little.bytes()), ("<i2".to_owned(), &[1, 0, 2, 0][..]));
    /// # Ok::<(), npz::Error>(())
    /// ```
    #[must_use]
    pub fn with_endian(mut self, endian: Endian) -> Self {
        self.header.dtype.swap_to(endian, &mut self.bytes);
        let dtype = self.dtype().with_endian(endian);
        Self { header: self.header.with_dtype(dtype), ..self }
    }

    /// Its elements as an array of `A`s.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WrongDtype`] if its dtype is not `A`'s; [`ErrorKind::InvalidValue`] if
    /// the bytes of an element are not a value of `A`.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut bytes = Vec::new();
    /// # npz::WriteNpz::write_npy(&[1.5, 2.5], &mut bytes)?;
    /// use npz::{Raw, ReadNpz};
    ///
    /// let raw = Raw::read_npy(&bytes[..])?;
    /// assert_eq!(raw.to_array::<f64>()?[1], 2.5);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn to_array<A: LoadElement>(&self) -> Result<ArrayD<A>> {
        decode(self.header.clone(), &self.bytes)
    }

    /// The field `name` of all its records, as an array: `x["mass"]`. If the field is a subarray,
    /// its axes come last.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WrongDtype`] if its elements are not records, if they have no field of this
    /// name, or if the field's dtype is not `A`'s; [`ErrorKind::InvalidValue`] if the bytes of a
    /// field are not a value of `A`.
    ///
    /// # Examples
    ///
    /// See [`Raw`].
    pub fn field<A: LoadElement>(&self, name: &str) -> Result<ArrayD<A>> {
        self.field_as(name)
    }

    /// The field `name` of all its records, of whatever dtype: what [`field`](Self::field) is to
    /// programs that learn the dtype from the file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WrongDtype`] if its elements are not records, or if they have no field of this name.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::Order;
    /// use npz::{AnyArray, DType, Raw};
    ///
    /// let dtype: DType = "[('id', '|u1'), ('charge', '|i1')]".parse()?;
    /// let ions = Raw::new(dtype, &[2], Order::C, vec![0, 1, 1, 255])?;
    /// if let DType::Record(record) = ions.dtype() {
    ///     for field in record.fields() {
    ///         println!("{}: {}", field.name(), ions.any_field(field.name())?);
    ///     }
    /// }
    /// assert_eq!(ions.any_field("charge")?, AnyArray::from(ndarray::arr1(&[1_i8, -1])));
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn any_field(&self, name: &str) -> Result<AnyArray> {
        self.field_as(name)
    }

    fn field_as<T: FromNpy>(&self, name: &str) -> Result<T> {
        let record = match self.dtype() {
            DType::Record(record) => record.field(name).map(|field| (record, field)),
            _ => None,
        };
        let Some((record, field)) = record else {
            let (expected, found) =
                (format!("a record with the field `{name}`"), self.dtype().clone());
            return Err(ErrorKind::WrongDtype { expected, found, hint: None }.into());
        };
        let (base, axes) = match field.dtype() {
            DType::Subarray(subarray) => (subarray.base(), subarray.shape()),
            dtype => (dtype, &[][..]),
        };
        let mut records = Cow::Borrowed(&self.bytes);
        if self.order() == Order::F {
            let mut in_c_order = Vec::with_capacity(self.bytes.len());
            npy::raw_body(
                &self.header,
                &self.bytes,
                Order::C,
                Gather::AfterWriting,
                &mut |part| {
                    in_c_order.extend_from_slice(part);
                    Ok(())
                },
            )?;
            records = Cow::Owned(in_c_order);
        }
        let column = record.column(field, &records);
        let header = Header::new(base.clone(), Order::C, [self.shape(), axes].concat())?;
        T::from_npy(Incoming { header, body: Body::known(&mut &column[..]) })
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
            Order::F => text::item_at(axes.rev(), size, &self.bytes),
            _ => text::item_at(axes, size, &self.bytes),
        }
    }
}

/// The array whose body is `bytes`.
fn decode<A: LoadElement>(header: Header, mut bytes: &[u8]) -> Result<ArrayD<A>> {
    Incoming { header, body: Body::known(&mut bytes) }.decode()
}

impl ToNpy for Raw {
    fn to_npy(&self) -> Outgoing<'_> {
        Outgoing::new(self)
    }
}

impl Encode for &Raw {
    fn header(&self, order: Option<Order>, _: Endian) -> Result<Header> {
        npy::raw_header(&self.header, order)
    }

    fn body(&self, header: &Header, gather: Gather, sink: &mut Sink<'_>) -> Result<()> {
        npy::raw_body(&self.header, &self.bytes, header.order, gather, sink)
    }
}

impl FromNpy for Raw {
    fn from_npy(Incoming { header, body }: Incoming<'_>) -> Result<Self> {
        if header.dtype.has_object() {
            return Err(Error::unsupported(format!(
                "it holds Python objects (dtype {}), which are stored as a pickle and not as bytes of \
                 elements (`bytes` gives the pickle as it is)",
                header.dtype.shown()
            )));
        }
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
    /// Writes what [`AnyArray`](crate::AnyArray) would.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let item =
            |index: &[usize], out: &mut Limited| text::item(self.dtype(), self.item(index), out);
        text::array(f, self.dtype(), self.shape(), &item)
    }
}
