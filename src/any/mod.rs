//! [`AnyArray`]: an array whose type and dimension only the file knows.

mod convert;
mod raw;
mod text;

pub use raw::Raw;

use std::any::Any;
use std::fmt;

use ndarray::{Array, ArrayD, ArrayViewD, CowArray, Dimension, IxDyn, Order, aview1};
use num_complex::Complex;

use crate::dtype::calendar::{Count, NAT};
use crate::dtype::{DType, Endian, Kind, Scalar, TimeUnit};
use crate::element::cast::is_numeric;
use crate::element::{Body, Bytes, Element, LoadElement, Numeric};
#[cfg(feature = "pickle")]
use crate::error::Error;
use crate::error::{ErrorKind, Result};
use crate::io::Sink;
use crate::npy::{self, Encode, FromNpy, Gather, Header, Incoming, Outgoing, ToNpy};
use crate::object;
#[cfg(feature = "pickle")]
use crate::object::Value;
use crate::visible::Limited;

/// An array of any dtype and any number of dimensions, for files whose contents are not known when
/// the program is written.
///
/// Loaded arrays are in the machine's byte order and in the layout of the file. What no type of
/// Rust's own stands for, records and `float16` first of all, is [`Raw`](Self::Raw); so are a
/// `bool` array with bytes other than 0 and 1, text with lone surrogates, and text of no length.
/// [`as_array`](Self::as_array) and [`cast`](Self::cast) convert them, and Python objects that are all
/// numbers or text. To copy an array with its dtype as it is, byte order and length of text included,
/// load it as a [`Raw`].
///
/// Arrays of most types convert to an `AnyArray` by [`From`], and back by [`TryFrom`].
///
/// # Examples
///
/// ```
/// use ndarray::{Array2, Ix2, array};
/// use npz::{AnyArray, NpzReader, NpzWriter};
/// use std::io::Cursor;
///
/// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
/// npz.array("x", &array![[1.5_f32, 2.0], [3.0, 4.0]])?.array("title", "run 7")?;
/// let npz = NpzReader::new(npz.finish()?)?;
///
/// for name in npz.names() {
///     match npz.get::<AnyArray>(name)? {
///         AnyArray::F32(x) => println!("{name}: floats, with the sum {}", x.sum()),
///         other => println!("{name} = {other}"),
///     }
/// }
/// let x: AnyArray = npz.get("x")?;
/// assert_eq!((x.dtype().to_string(), x.shape()), ("<f4".to_owned(), &[2, 2][..]));
/// assert_eq!(x.as_array::<f32>()?[[0, 0]], 1.5);
/// assert_eq!(x.cast::<i64>().unwrap_err().to_string(), "element 0: 1.5 is not a value of dtype <i8");
/// let x: Array2<f32> = x.into_array::<f32, Ix2>()?;
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum AnyArray {
    /// `bool`
    Bool(ArrayD<bool>),
    /// `int8`
    I8(ArrayD<i8>),
    /// `int16`
    I16(ArrayD<i16>),
    /// `int32`
    I32(ArrayD<i32>),
    /// `int64`
    I64(ArrayD<i64>),
    /// `uint8`
    U8(ArrayD<u8>),
    /// `uint16`
    U16(ArrayD<u16>),
    /// `uint32`
    U32(ArrayD<u32>),
    /// `uint64`
    U64(ArrayD<u64>),
    /// `float32`
    F32(ArrayD<f32>),
    /// `float64`
    F64(ArrayD<f64>),
    /// `complex64`
    C64(ArrayD<Complex<f32>>),
    /// `complex128`
    C128(ArrayD<Complex<f64>>),
    /// `str`
    Str(ArrayD<String>),
    /// `bytes`
    Bytes(ArrayD<Bytes>),
    /// `datetime64`, as counts of the unit; `None` is NumPy's generic unit.
    Datetime(ArrayD<i64>, Option<TimeUnit>),
    /// `timedelta64`, as counts of the unit; `None` is NumPy's generic unit.
    Timedelta(ArrayD<i64>, Option<TimeUnit>),
    /// Any other dtype: records, `float16`, void, C's long double.
    Raw(Raw),
    /// `object`, which can be loaded, and not saved; also records with such fields, each as a dict.
    #[cfg(feature = "pickle")]
    Object(ArrayD<Value>),
}

/// Does the same with the array of whichever variant it is, but for objects, which are no elements
/// that could be saved.
macro_rules! each_variant {
    (
        $any:expr,
        $array:ident => $do:expr,
        Raw($raw:ident) => $do_raw:expr,
        Object($objects:pat) => $do_objects:expr $(,)?
    ) => {
        match $any {
            AnyArray::Bool($array) => $do,
            AnyArray::I8($array) => $do,
            AnyArray::I16($array) => $do,
            AnyArray::I32($array) => $do,
            AnyArray::I64($array) => $do,
            AnyArray::U8($array) => $do,
            AnyArray::U16($array) => $do,
            AnyArray::U32($array) => $do,
            AnyArray::U64($array) => $do,
            AnyArray::F32($array) => $do,
            AnyArray::F64($array) => $do,
            AnyArray::C64($array) => $do,
            AnyArray::C128($array) => $do,
            AnyArray::Str($array) => $do,
            AnyArray::Bytes($array) => $do,
            AnyArray::Datetime($array, _) | AnyArray::Timedelta($array, _) => $do,
            AnyArray::Raw($raw) => $do_raw,
            #[cfg(feature = "pickle")]
            AnyArray::Object($objects) => $do_objects,
        }
    };
}

impl AnyArray {
    /// The type of its elements, in the machine's byte order: `ndarray.dtype`. For text it is the
    /// shortest dtype that holds all of it.
    pub fn dtype(&self) -> DType {
        fn of<T: Element>(array: &ArrayD<T>) -> DType {
            shortest_dtype(array.view())
        }
        match self.time_kind() {
            Some(kind) => DType::Scalar(Scalar::new(kind, size_of::<i64>(), Endian::NATIVE)),
            None => each_variant!(
                self,
                array => of(array),
                Raw(raw) => raw.dtype().clone(),
                Object(_) => DType::OBJECT,
            ),
        }
    }

    /// The lengths of its axes: `ndarray.shape`.
    pub fn shape(&self) -> &[usize] {
        each_variant!(
            self,
            array => array.shape(),
            Raw(raw) => raw.shape(),
            Object(array) => array.shape(),
        )
    }

    /// The number of its elements: `ndarray.size`.
    pub fn len(&self) -> usize {
        each_variant!(self, array => array.len(), Raw(raw) => raw.len(), Object(array) => array.len())
    }

    /// Whether it has no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The order in which its elements would be written.
    pub fn order(&self) -> Order {
        fn of<T>(array: &ArrayD<T>) -> Order {
            npy::order_in_file(array.shape(), npy::order_in_memory(&array.view()), None)
        }
        each_variant!(
            self,
            array => of(array),
            Raw(raw) => raw.order(),
            Object(array) => of(array),
        )
    }

    /// Its elements as an array of `A`s. It is a view if they are `A`s in memory, and otherwise
    /// converted, if `A` is a type for the same dtype (such as a [`FixedStr`](crate::FixedStr)
    /// for text, or a [`record!`](crate::record!) for a record). Dates and time differences convert
    /// to other units where that is exact.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WrongDtype`] if `A` is not a type for this dtype; [`ErrorKind::InvalidValue`]
    /// for the first element that is not a value of `A`.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{AnyArray, time::{Datetime64, TimeBase, TimeUnit, unit}};
    ///
    /// let every_25_s = TimeUnit { multiple: 25, base: TimeBase::Second };
    /// let any = AnyArray::Datetime(ndarray::arr1(&[0, 4]).into_dyn(), Some(every_25_s));
    /// let seconds = any.as_array::<Datetime64<unit::Second>>()?;
    /// assert_eq!(seconds[1].value(), 100);
    /// assert!(any.as_array::<Datetime64<unit::Minute>>().is_err());
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn as_array<A: LoadElement + 'static>(&self) -> Result<CowArray<'_, A, IxDyn>> {
        if let Some(array) = self.downcast_ref::<A>() {
            return Ok(array.view().into());
        }
        self.convert().map(Into::into)
    }

    /// Turns it into an array of `A`s of the dimension `D`. Nothing is copied where
    /// [`as_array`](Self::as_array) gives a view.
    ///
    /// # Errors
    ///
    /// Those of [`as_array`](Self::as_array); [`ErrorKind::WrongNdim`] if it has another
    /// number of dimensions.
    ///
    /// # Examples
    ///
    /// See [`AnyArray`].
    #[expect(clippy::expect_used, reason = "both are compared before")]
    pub fn into_array<A: LoadElement + 'static, D: Dimension>(self) -> Result<Array<A, D>> {
        if let Some(expected) = D::NDIM.filter(|&ndim| ndim != self.shape().len()) {
            return Err(ErrorKind::WrongNdim { expected, found: self.shape().to_vec() }.into());
        }
        let array = match self.downcast_ref::<A>() {
            Some(_) => {
                let array: Box<dyn Any> = each_variant!(
                    self,
                    array => Box::new(array),
                    Raw(raw) => Box::new(raw),
                    Object(array) => Box::new(array),
                );
                *array.downcast().expect("it was an array of this type")
            }
            None => self.convert()?,
        };
        Ok(array.into_dimensionality().expect("the dimension was compared"))
    }

    /// Its elements as numbers of the type `A`, by the rules of
    /// [`NpzReader::get_cast`](crate::NpzReader::get_cast): values that do not fit are errors.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WrongDtype`] if the elements are not numbers;
    /// [`ErrorKind::InvalidValue`] for the first that does not fit.
    ///
    /// # Examples
    ///
    /// See [`AnyArray`].
    pub fn cast<A: Numeric>(&self) -> Result<ArrayD<A>> {
        match self {
            #[cfg(feature = "pickle")]
            Self::Object(objects) => object::numbers(objects),
            _ => {
                let (header, bytes) = self.to_bytes(is_numeric(&self.dtype()))?;
                Incoming { header, body: Body::known(&mut &bytes[..]) }.cast()
            }
        }
    }

    /// Its array, if that is of `A`s.
    pub(crate) fn downcast_ref<A: 'static>(&self) -> Option<&ArrayD<A>> {
        let array: &dyn Any =
            each_variant!(self, array => array, Raw(raw) => raw, Object(array) => array);
        array.downcast_ref().filter(|_| self.time_kind().is_none())
    }

    /// What an array with this header takes in memory, in an allocation or many.
    #[cfg(feature = "pickle")]
    pub(crate) fn size_in_memory(header: &Header) -> u64 {
        let size = match &header.dtype {
            DType::Scalar(scalar) if scalar.kind() == Kind::Str => {
                String::size_in_memory(&header.dtype)
            }
            DType::Scalar(scalar) if scalar.kind() == Kind::Bytes => {
                Bytes::size_in_memory(&header.dtype)
            }
            dtype => dtype.itemsize(),
        };
        (header.len() as u64).saturating_mul(size as u64)
    }

    /// The unit, as a kind, if it is of dates or time differences.
    fn time_kind(&self) -> Option<Kind> {
        match self {
            Self::Datetime(_, unit) => Some(Kind::Datetime(*unit)),
            Self::Timedelta(_, unit) => Some(Kind::Timedelta(*unit)),
            _ => None,
        }
    }

    /// Its elements as `A`s, which they are not in memory.
    #[expect(clippy::expect_used, reason = "each count becomes a value")]
    pub(crate) fn convert<A: LoadElement>(&self) -> Result<ArrayD<A>> {
        #[cfg(feature = "pickle")]
        if let Self::Object(objects) = self {
            return object::typed(objects);
        }
        // Only types of the same kind have a NaT for it.
        let is_time = |&kind: &Kind| A::from_count(Count { value: NAT, kind }).is_some();
        let (Self::Datetime(counts, _) | Self::Timedelta(counts, _), Some(kind)) =
            (self, self.time_kind().filter(is_time))
        else {
            let (header, bytes) = self.to_bytes(A::accepts(&self.dtype()))?;
            return Incoming { header, body: Body::known(&mut &bytes[..]) }.decode();
        };
        let mut converted = Vec::with_capacity(counts.len());
        for (index, &value) in counts.iter().enumerate() {
            let count = Count { value, kind };
            converted.push(A::from_count(count).ok_or_else(|| ErrorKind::InvalidValue {
                index,
                problem: format!(
                    "{} is not a value of {}",
                    count.text(),
                    A::expected(&self.dtype())
                ),
            })?);
        }
        Ok(ArrayD::from_shape_vec(counts.shape(), converted).expect("as many as there were"))
    }

    /// Header and body of the array, to be read as something else, which may accept its dtype or not.
    fn to_bytes(&self, is_accepted: bool) -> Result<(Header, Vec<u8>)> {
        let array = self.to_npy();
        let header = array.header(None, Endian::NATIVE)?;
        let mut bytes = Vec::new();
        // Whoever refuses the array does not look at its bytes, which may be many: of texts they are as
        // many of each as of the longest.
        if is_accepted {
            bytes.reserve_exact(header.nbytes() as usize);
            array.body(&header, Gather::AfterWriting, &mut |chunk| {
                bytes.extend_from_slice(chunk);
                Ok(())
            })?;
        }
        Ok((header, bytes))
    }
}

impl ToNpy for AnyArray {
    fn to_npy(&self) -> Outgoing<'_> {
        let array = each_variant!(
            self,
            array => array.to_npy(),
            Raw(raw) => raw.to_npy(),
            Object(_) => Outgoing::new(Objects),
        );
        match self.time_kind() {
            Some(kind) => Outgoing::new(Times { counts: array, kind }),
            None => array,
        }
    }
}

/// Dates or time differences, which are written as the integers that they are.
struct Times<'a> {
    counts: Outgoing<'a>,
    kind: Kind,
}

impl Encode for Times<'_> {
    fn header(&self, order: Option<Order>, endian: Endian) -> Result<Header> {
        let dtype = Scalar::new(self.kind, size_of::<i64>(), endian);
        Ok(self.counts.header(order, endian)?.with_dtype(DType::Scalar(dtype)))
    }

    fn body(&self, header: &Header, gather: Gather, sink: &mut Sink<'_>) -> Result<()> {
        self.counts.body(header, gather, sink)
    }
}

/// Python objects, which cannot be written.
#[cfg(feature = "pickle")]
struct Objects;

#[cfg(feature = "pickle")]
impl Encode for Objects {
    fn header(&self, _: Option<Order>, _: Endian) -> Result<Header> {
        Err(Error::unsupported(
            "Python objects (dtype |O) are not saved; `bytes` copies the array from archive to archive",
        ))
    }

    fn body(&self, _: &Header, _: Gather, _: &mut Sink<'_>) -> Result<()> {
        Ok(())
    }
}

impl FromNpy for AnyArray {
    fn from_npy(array: Incoming<'_>) -> Result<Self> {
        if array.dtype().has_object() {
            return object::read(array);
        }
        let &DType::Scalar(scalar) = array.dtype() else {
            return Raw::from_npy(array).map(Self::Raw);
        };
        Ok(match (scalar.kind(), scalar.itemsize()) {
            (Kind::Bool, _) => Raw::from_npy(array)?.into_bools()?,
            (Kind::Int, 1) => Self::I8(array.decode()?),
            (Kind::Int, 2) => Self::I16(array.decode()?),
            (Kind::Int, 4) => Self::I32(array.decode()?),
            (Kind::Int, 8) => Self::I64(array.decode()?),
            (Kind::Uint, 1) => Self::U8(array.decode()?),
            (Kind::Uint, 2) => Self::U16(array.decode()?),
            (Kind::Uint, 4) => Self::U32(array.decode()?),
            (Kind::Uint, 8) => Self::U64(array.decode()?),
            (Kind::Float, 4) => Self::F32(array.decode()?),
            (Kind::Float, 8) => Self::F64(array.decode()?),
            (Kind::Complex, 8) => Self::C64(array.decode()?),
            (Kind::Complex, 16) => Self::C128(array.decode()?),
            // As many as there may be, they take no memory then.
            (Kind::Str | Kind::Bytes, 0) => Self::Raw(Raw::from_npy(array)?),
            (Kind::Str, _) => {
                let Incoming { header, body } = &array;
                body.check_limits::<String>(&header.dtype, header.len())?;
                let raw = Raw::from_npy(array)?;
                match raw.to_array() {
                    Err(error) if matches!(error.kind(), ErrorKind::InvalidValue { .. }) => {
                        Self::Raw(raw)
                    }
                    array => Self::Str(array?),
                }
            }
            (Kind::Bytes, _) => Self::Bytes(array.decode()?),
            (kind @ (Kind::Datetime(unit) | Kind::Timedelta(unit)), size) => {
                let counts = Scalar::new(Kind::Int, size, scalar.endian().unwrap_or_default());
                let Incoming { header, body } = array;
                let header = header.with_dtype(DType::Scalar(counts));
                let counts = Incoming { header, body }.decode()?;
                match kind {
                    Kind::Datetime(_) => Self::Datetime(counts, unit),
                    _ => Self::Timedelta(counts, unit),
                }
            }
            _ => Self::Raw(Raw::from_npy(array)?),
        })
    }
}

impl fmt::Debug for AnyArray {
    /// Writes the same as `Display`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for AnyArray {
    /// Writes much the same as NumPy's `repr`: `array([[1, 2], [3, 4]], dtype='<i8')`. If there are
    /// more than 1,000 elements, it writes three at each end of each axis. It writes at most 1,000
    /// bytes of text for an element, and 32,000 in all.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn number<T: Element>(number: &T, dtype: &DType, out: &mut Limited) -> fmt::Result {
            let mut bytes = vec![0; dtype.itemsize()];
            T::encode(aview1(std::slice::from_ref(number)).into_dyn(), dtype, &mut bytes);
            text::item(dtype, &bytes, out)
        }
        let (dtype, shape) = (&self.dtype(), self.shape());
        match self {
            Self::Str(array) => {
                text::array(f, dtype, shape, &|index, out| text::str(&array[index], out))
            }
            Self::Bytes(array) => {
                text::array(f, dtype, shape, &|index, out| text::bytes(&array[index], out))
            }
            _ => each_variant!(
                self,
                array => text::array(f, dtype, shape, &|index, out| number(&array[index], dtype, out)),
                Raw(raw) => fmt::Display::fmt(raw, f),
                Object(array) => {
                    text::array(f, dtype, shape, &|index, out| object::write(&array[index], out))
                }
            ),
        }
    }
}

/// The dtype of `values`; of text that NumPy cannot hold, that of any text.
fn shortest_dtype<T: Element>(values: ArrayViewD<'_, T>) -> DType {
    T::dtype_of(values, Endian::NATIVE).unwrap_or_else(|_| T::dtype(Endian::NATIVE))
}
