//! [`Value`]: a Python object, as data.

use std::fmt;
use std::sync::Arc;

use ndarray::{Array, Array1, CowArray, Dimension, IxDyn};
use num_complex::Complex;

use super::convert::{self, number};
use super::{BigInt, repr};
use crate::any::AnyArray;
use crate::element::LoadElement;
use crate::error::{Error, ErrorKind, Result};

/// A Python object, as data: an element of an array of dtype `object`.
///
/// Numbers, texts, lists, dicts, arrays and the like are what they are in Python. An object of any
/// other class is [`Opaque`]: its class is named, and what it is made of is there to be read, but nothing
/// is imported, and no class is ever looked up or called.
///
/// Where Python objects refer to the same object, the `Value`s share it, too: a clone copies no
/// contents. Nothing refers to itself, so that a `Value` can be walked through without end.
///
/// `{value}` is displayed as Python's `repr`, of 32,000 bytes at most.
///
/// # Examples
///
/// ```
/// use ndarray::Array1;
/// use npz::{ReadNpz, Value};
///
/// # fn main() -> npz::Result<()> {
/// // np.save("x.npy", np.array([{"rate": 0.5, "n": 3}, None, [1, 2.5, "a"]], dtype=object))
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/objects.npy");
/// let objects = Array1::<Value>::load_npy(path)?;
/// assert_eq!(objects[0].get("rate").and_then(Value::as_f64), Some(0.5));
/// assert!(objects[1].is_none());
/// match &objects[2] {
///     Value::List(items) => assert_eq!(items[0], Value::Int(1)),
///     other => panic!("{other}"),
/// }
/// assert_eq!(objects[2].to_string(), "[1, 2.5, 'a']");
/// let n = i64::try_from(objects[0].get("n").cloned().unwrap_or_default())?;
/// # assert_eq!(n, 3);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `None`
    #[default]
    None,
    /// `bool`
    Bool(bool),
    /// `int`, if 128 bits hold it
    Int(i128),
    /// `int` of more digits
    BigInt(BigInt),
    /// `float`
    Float(f64),
    /// `complex`
    Complex(Complex<f64>),
    /// `str`; also Python 2's, if it is ASCII
    Str(Arc<str>),
    /// `bytes` and `bytearray`; also Python 2's `str` otherwise
    Bytes(Arc<[u8]>),
    /// `list`
    List(Arc<[Value]>),
    /// `tuple`
    Tuple(Arc<[Value]>),
    /// `set` and `frozenset`, in the order of the file
    Set(Arc<[Value]>),
    /// `dict` and `OrderedDict`, in their order
    Dict(Arc<[(Value, Value)]>),
    /// `numpy.ndarray`; also `matrix`, `memmap` and `recarray`, whose elements are the same
    Array(Arc<AnyArray>),
    /// A scalar of NumPy's, such as `numpy.float32`, as an array of no dimensions
    Scalar(Arc<AnyArray>),
    /// `range`
    #[non_exhaustive]
    Range {
        /// The first number.
        start: i64,
        /// The first number that is not in it.
        stop: i64,
        /// From one number to the next.
        step: i64,
    },
    /// Any other class or function, or an object of such a class
    Opaque(Arc<Opaque>),
}

/// A Python class or function that this crate knows nothing of, or an object of such a class: its name,
/// and what the pickle says that the object is made of.
///
/// It is never looked up, and never made.
///
/// # Examples
///
/// ```
/// use npz::{ReadNpz, Value};
///
/// # fn main() -> npz::Result<()> {
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/opaque.npy");
/// // np.save("when.npy", np.array(datetime.timedelta(days=1, seconds=30), dtype=object))
/// # let when = Value::load_npy(path)?;
/// # /*
/// let when = Value::load_npy("when.npy")?;
/// # */
/// let Value::Opaque(object) = &when else { panic!("{when}") };
/// assert_eq!((object.module(), object.name()), ("datetime", "timedelta"));
/// assert_eq!(object.args().map(|args| args[0].clone()), Some(Value::Int(1)));
/// assert_eq!(when.to_string(), "datetime.timedelta(1, 30, 0)");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq)]
pub struct Opaque {
    pub(super) module: Arc<str>,
    pub(super) name: Arc<str>,
    pub(super) args: Option<Arc<[Value]>>,
    pub(super) state: Value,
    pub(super) items: Arc<[Value]>,
    pub(super) entries: Arc<[(Value, Value)]>,
}

impl Opaque {
    /// The class or function `name` of `module`.
    pub(super) fn named(module: Arc<str>, name: Arc<str>) -> Self {
        Self { module, name, args: None, state: Value::None, items: [].into(), entries: [].into() }
    }

    /// The module of its class, such as `pandas.core.frame`.
    pub fn module(&self) -> &str {
        &self.module
    }

    /// The name of its class in the module, such as `DataFrame`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the class, or a function in its place, would be called with. `None` if it is the class
    /// or the function itself.
    pub fn args(&self) -> Option<&[Value]> {
        self.args.as_deref()
    }

    /// What `__setstate__` would be called with: for most classes the dict of the object's
    /// attributes. [`Value::None`] if there is nothing.
    pub fn state(&self) -> &Value {
        &self.state
    }

    /// The elements, of a kind of list.
    pub fn items(&self) -> &[Value] {
        &self.items
    }

    /// The keys and values, of a kind of dict.
    pub fn entries(&self) -> &[(Value, Value)] {
        &self.entries
    }

    /// Whether it is of the class or function `name` of `module`.
    pub(super) fn is(&self, module: &str, name: &str) -> bool {
        (&*self.module, &*self.name) == (module, name)
    }
}

impl Value {
    /// Whether it is Python's `None`.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// The `bool` that it is, or NumPy's.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            Self::Scalar(scalar) => match &**scalar {
                AnyArray::Bool(value) => value.first().copied(),
                _ => None,
            },
            _ => None,
        }
    }

    /// The integer that it is, Python's or NumPy's, if 64 bits hold it.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(_) | Self::Scalar(_) => number(self),
            _ => None,
        }
    }

    /// The number that it is, Python's or NumPy's, if it is a float, or an integer that a float is
    /// equal to.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Float(_) | Self::Int(_) | Self::Scalar(_) => number(self),
            _ => None,
        }
    }

    /// The text that it is, Python's or NumPy's.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            Self::Scalar(scalar) => match &**scalar {
                AnyArray::Str(text) => text.first().map(String::as_str),
                _ => None,
            },
            _ => None,
        }
    }

    /// The bytes of a `bytes` or `bytearray`.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The elements of a list, a tuple or a set.
    pub fn as_items(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) | Self::Tuple(items) | Self::Set(items) => Some(items),
            _ => None,
        }
    }

    /// The keys and values of a dict, in its order.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::Value;
    ///
    /// fn keys(dict: &Value) -> Vec<&str> {
    ///     let entries = dict.as_entries().unwrap_or_default();
    ///     entries.iter().filter_map(|(key, _)| key.as_str()).collect()
    /// }
    /// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/objects.npy");
    /// # let dict = <Vec<Value> as npz::ReadNpz>::load_npy(path).unwrap().swap_remove(0);
    /// assert_eq!(keys(&dict), ["rate", "n"]);
    /// ```
    pub fn as_entries(&self) -> Option<&[(Self, Self)]> {
        match self {
            Self::Dict(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value of the entry `key` of a dict: `dict.get(key)`. All keys are looked at.
    ///
    /// # Examples
    ///
    /// See [`Value`].
    pub fn get(&self, key: &str) -> Option<&Self> {
        let is_key = |(entry, _): &&(Self, Self)| entry.as_str() == Some(key);
        // Of two entries with the same key, Python keeps the last.
        self.as_entries()?.iter().rfind(is_key).map(|(_, value)| value)
    }

    /// Its elements as an array of `A`s: those of an array, by the rules of [`AnyArray::as_array`];
    /// of a scalar of NumPy's; or of a list or a tuple whose elements are all `bool`, all `int`
    /// (`i64`), all `float` (`f64`), all `complex`, all `str` or all `bytes`.
    ///
    /// # Errors
    ///
    /// Those of [`AnyArray::as_array`]; [`ErrorKind::Inexact`] if it is nothing of the kind.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::Value;
    ///
    /// let layers = Value::List([Value::Int(64), Value::Int(32)].into());
    /// assert_eq!(layers.as_array::<i64>()?[1], 32);
    /// assert!(layers.as_array::<f64>().is_err());
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn as_array<A: LoadElement + 'static>(&self) -> Result<CowArray<'_, A, IxDyn>> {
        match self {
            Self::Array(array) | Self::Scalar(array) => array.as_array(),
            Self::List(items) | Self::Tuple(items) => {
                let items = Array1::from_iter(items.iter().cloned()).into_dyn();
                Ok(convert::typed(&items)?.into())
            }
            _ => Err(self.is_no("an array")),
        }
    }

    /// The error for a conversion to something that it is not.
    fn is_no(&self, what: &str) -> Error {
        let problem = format!("expected {what}, found {}", repr::describe(self));
        ErrorKind::Inexact { problem }.into()
    }
}

impl fmt::Debug for Value {
    /// Writes the same as `Display`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Value {
    /// Writes Python's `repr` of it, or the first 32,000 bytes of that. Of arrays it is what
    /// [`AnyArray`] displays. A `frozenset` is written as a `set`, a `bytearray` as `bytes`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&repr::limited(|out| repr::value(self, out)))
    }
}

impl fmt::Debug for Opaque {
    /// Writes the same as `Display`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Opaque {
    /// Writes `<class 'decimal.Decimal'>`, and `decimal.Decimal('1.5')` for an object. What else
    /// an object is made of follows as keyword arguments: `state=`, `items=`, `entries=`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&repr::limited(|out| repr::opaque(self, out)))
    }
}

/// Numbers of Rust's, from Python's and NumPy's that are the same.
macro_rules! try_into_numbers {
    ($($number:ty),* $(,)?) => {$(
        impl TryFrom<Value> for $number {
            type Error = Error;

            /// The number that it is: an `int` or a `float` of Python's, or a number of NumPy's. The error is
            /// [`ErrorKind::Inexact`] if it is another number, or none.
            #[inline] // so that casts are compiled where they are used
            fn try_from(value: Value) -> Result<Self> {
                let number = match &value {
                    Value::Bool(_) => None,
                    value => number(value),
                };
                number.ok_or_else(|| value.is_no(stringify!($number)))
            }
        }
    )*};
}

try_into_numbers!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize, f32, f64);

impl TryFrom<Value> for bool {
    type Error = Error;

    /// Does the same as [`Value::as_bool`].
    fn try_from(value: Value) -> Result<Self> {
        value.as_bool().ok_or_else(|| value.is_no("a bool"))
    }
}

impl TryFrom<Value> for String {
    type Error = Error;

    /// Does the same as [`Value::as_str`].
    fn try_from(value: Value) -> Result<Self> {
        value.as_str().map(str::to_owned).ok_or_else(|| value.is_no("a str"))
    }
}

impl<A: LoadElement + 'static, D: Dimension> TryFrom<Value> for Array<A, D> {
    type Error = Error;

    /// Does the same as [`Value::as_array`], and checks the number of dimensions.
    fn try_from(value: Value) -> Result<Self> {
        if let Value::Array(array) | Value::Scalar(array) = value {
            return Arc::unwrap_or_clone(array).into_array();
        }
        let array = value.as_array::<A>()?.into_owned();
        let found = array.shape().to_vec();
        array.into_dimensionality().map_err(|_| {
            ErrorKind::WrongNdim { expected: D::NDIM.unwrap_or(found.len()), found }.into()
        })
    }
}

impl TryFrom<Value> for AnyArray {
    type Error = Error;

    /// The array, or the scalar of NumPy's, that it is.
    fn try_from(value: Value) -> Result<Self> {
        match value {
            Value::Array(array) | Value::Scalar(array) => Ok(Arc::unwrap_or_clone(array)),
            value => Err(value.is_no("an array")),
        }
    }
}
