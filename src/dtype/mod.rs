//! What an array's elements are in the file: NumPy's dtype, and its text, the descr.
//!
//! A dtype is a scalar (`'<f8'`), a record of named fields (`[('x', '<f8'), …]`) or a
//! subarray (`('<f8', (3,))`). Records and subarrays are nested in any way. Every dtype that NumPy
//! writes can be represented, whether or not there is a Rust type for it, so that every file can be
//! listed.

pub(crate) mod calendar;
mod descr;
pub(crate) mod literal;
pub(crate) mod scalar;

#[cfg(feature = "pickle")]
use std::collections::HashSet;
use std::fmt;

use crate::visible::{TEXT, visible};

#[cfg(feature = "pickle")]
pub(crate) use descr::repeated;
pub(crate) use descr::shape_from_literal;
pub use scalar::{Kind, Scalar};
pub(crate) use scalar::{TimeBase, TimeUnit};

/// The most axes that NumPy gives an array, or a subarray.
pub(crate) const MAX_NDIM: usize = 64;

/// The order of the bytes in a multi-byte number.
///
/// # Examples
///
/// ```
/// use npz::{Endian, NpzWriter};
/// use std::io::Cursor;
///
/// let mut npz = NpzWriter::new(Cursor::new(Vec::new())).endian(Endian::Big);
/// npz.array("x", &[1.0, 2.0])?;   // dtype('>f8') in Python
/// # npz.finish()?;
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endian {
    /// Least significant byte first: NumPy's `<`.
    Little,
    /// Most significant byte first: NumPy's `>`.
    Big,
}

impl Endian {
    /// The byte order of the machine that this program runs on: NumPy's `=`.
    pub const NATIVE: Self = if cfg!(target_endian = "little") { Self::Little } else { Self::Big };
}

impl Default for Endian {
    /// [`Endian::NATIVE`].
    fn default() -> Self {
        Self::NATIVE
    }
}

/// The type of an array's elements, as NumPy describes it: `numpy.dtype`.
///
/// It is displayed as its descr, NumPy's text for it, and is parsed from a descr.
///
/// # Examples
///
/// ```
/// use npz::{DType, Endian, dtype::Kind};
///
/// let dtype: DType = "<f8".parse()?;
/// assert_eq!(dtype.itemsize(), 8);
/// let DType::Scalar(scalar) = &dtype else { panic!() };
/// assert_eq!((scalar.kind(), scalar.endian()), (Kind::Float, Some(Endian::Little)));
///
/// let table: DType = "[('id', '<u4'), ('', '|V4'), ('pos', '<f8', (3,))]".parse()?;
/// assert_eq!(table.itemsize(), 32);
/// let DType::Record(record) = &table else { panic!() };
/// assert_eq!(record.fields()[1].name(), "pos");
/// assert_eq!(record.fields()[1].offset(), 8);
/// assert_eq!(table.to_string(), "[('id', '<u4'), ('', '|V4'), ('pos', '<f8', (3,))]");
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DType {
    /// A number, a text, a date, a run of bytes.
    Scalar(Scalar),
    /// Named fields at fixed offsets: NumPy's structured dtype.
    Record(Record),
    /// A fixed-size array as one element.
    Subarray(Subarray),
}

/// A structured dtype: fields at fixed offsets in an item of fixed size.
///
/// See [`DType`] for an example.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Record {
    fields: Vec<Field>,
    itemsize: usize,
}

/// One named field of a [`Record`].
///
/// See [`DType`] for an example.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Field {
    name: String,
    title: Option<String>,
    dtype: DType,
    offset: usize,
}

/// A fixed-size array as one element of an array, mostly as a field's type.
///
/// See [`DType`] for an example.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subarray {
    base: Box<DType>,
    shape: Vec<usize>,
    itemsize: usize,
}

impl fmt::Debug for DType {
    /// Writes the descr, or as much of it as anybody reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DType({})", visible(self.to_literal(), TEXT))
    }
}

impl fmt::Debug for Record {
    /// Writes the descr, or as much of it as anybody reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let descr = DType::Record(self.clone()).to_literal();
        write!(f, "Record({})", visible(descr, TEXT))
    }
}

impl DType {
    /// Python objects: `|O`.
    #[cfg(feature = "pickle")]
    pub(crate) const OBJECT: Self = Self::Scalar(Scalar::new(Kind::Object, 8, Endian::NATIVE));

    /// The size of an element in bytes: `numpy.dtype.itemsize`.
    pub fn itemsize(&self) -> usize {
        match self {
            Self::Scalar(scalar) => scalar.itemsize(),
            Self::Record(record) => record.itemsize,
            Self::Subarray(subarray) => subarray.itemsize,
        }
    }

    /// The descr as messages have it, which is not longer than anybody reads.
    pub(crate) fn shown(&self) -> String {
        visible(self, 200)
    }

    /// Whether elements are Python objects, or have fields that are:
    /// `numpy.dtype.hasobject`. Such arrays are stored as pickles, which are read as data and never
    /// run: see [`Value`](crate::Value).
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::DType;
    ///
    /// assert!("|O".parse::<DType>()?.has_object());
    /// assert!("[('id', '<u4'), ('what', '|O')]".parse::<DType>()?.has_object());
    /// assert!(!"<f8".parse::<DType>()?.has_object());
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn has_object(&self) -> bool {
        match self {
            Self::Scalar(scalar) => scalar.kind() == Kind::Object,
            Self::Record(record) => record.fields.iter().any(|field| field.dtype.has_object()),
            Self::Subarray(subarray) => subarray.base.has_object(),
        }
    }

    /// An array of `len` items as one element. An array of arrays has one more axis, as in
    /// NumPy.
    pub(crate) fn array_of(item: Self, len: usize) -> Self {
        // The size of a Rust type, which cannot overflow.
        let itemsize = item.itemsize().saturating_mul(len);
        let (base, mut shape) = match item {
            Self::Subarray(inner) => (inner.base, inner.shape),
            item => (Box::new(item), Vec::new()),
        };
        shape.insert(0, len);
        Self::Subarray(Subarray { base, shape, itemsize })
    }

    /// The item of an array that [`array_of`](Self::array_of) makes with `len`.
    pub(crate) fn array_item(&self, len: usize) -> Option<Self> {
        let Self::Subarray(array) = self else { return None };
        match &array.shape[..] {
            [only] if *only == len => Some((*array.base).clone()),
            [first, rest @ ..] if *first == len => {
                Subarray::new(array.base.clone(), rest.to_vec()).map(Self::Subarray)
            }
            _ => None,
        }
    }

    /// The same dtype in this byte order, where it has one: `dtype.newbyteorder`.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{DType, Endian};
    ///
    /// let dtype: DType = "[('x', '>f8'), ('flag', '|b1')]".parse()?;
    /// let little = dtype.with_endian(Endian::Little);
    /// assert_eq!(little.to_string(), "[('x', '<f8'), ('flag', '|b1')]");
    /// # Ok::<(), npz::Error>(())
    /// ```
    #[must_use]
    pub fn with_endian(&self, endian: Endian) -> Self {
        match self {
            Self::Scalar(scalar) => Self::Scalar(scalar.with_endian(endian)),
            Self::Record(record) => {
                let fields = record
                    .fields
                    .iter()
                    .map(|field| Field { dtype: field.dtype.with_endian(endian), ..field.clone() });
                Self::Record(Record { fields: fields.collect(), itemsize: record.itemsize })
            }
            Self::Subarray(array) => {
                let base = Box::new(array.base.with_endian(endian));
                Self::Subarray(Subarray { base, ..array.clone() })
            }
        }
    }

    /// Turns round the bytes of each number in `items` that is not in this byte order.
    pub(crate) fn swap_to(&self, endian: Endian, items: &mut [u8]) {
        match self {
            Self::Scalar(scalar) => scalar.swap_to(endian, items),
            Self::Subarray(array) => array.base.swap_to(endian, items),
            Self::Record(record) => {
                for item in items.chunks_exact_mut(record.itemsize.max(1)) {
                    for field in &record.fields {
                        let end = field.offset.saturating_add(field.dtype.itemsize());
                        let value = item.get_mut(field.offset..end);
                        field.dtype.swap_to(endian, value.unwrap_or_default());
                    }
                }
            }
        }
    }

    /// The byte order of its first number that has one.
    pub(crate) fn byte_order(&self) -> Option<Endian> {
        match self {
            Self::Scalar(scalar) => scalar.endian(),
            Self::Record(record) => record.fields.iter().find_map(|field| field.dtype.byte_order()),
            Self::Subarray(subarray) => subarray.base.byte_order(),
        }
    }

    /// The byte order of a scalar that has one.
    pub(crate) fn endian(&self) -> Option<Endian> {
        match self {
            Self::Scalar(scalar) => scalar.endian(),
            Self::Record(_) | Self::Subarray(_) => None,
        }
    }
}

impl Record {
    /// A record of fields with their names, offsets and dtypes, which do not overlap.
    pub(crate) fn of(mut fields: Vec<(&str, usize, DType)>, itemsize: usize) -> Self {
        fields.sort_by_key(|&(_, offset, _)| offset);
        let fields = fields.into_iter().map(|(name, offset, dtype)| Field {
            name: name.to_owned(),
            title: None,
            dtype,
            offset,
        });
        Self { fields: fields.collect(), itemsize }
    }

    /// A record of `itemsize` bytes with fields at these offsets, each with its title and its name; or
    /// what is wrong with that.
    #[cfg(feature = "pickle")]
    pub(crate) fn placed(
        mut placed: Vec<(usize, Option<&str>, &str, DType)>,
        itemsize: usize,
    ) -> Result<Self, String> {
        placed.sort_by_key(|&(offset, ..)| offset);
        let (mut fields, mut end) = (Vec::new(), 0);
        let mut names = HashSet::new();
        for (offset, title, name, dtype) in placed {
            let start = end;
            end = offset.saturating_add(dtype.itemsize());
            if offset < start || end > itemsize || !names.insert(name) {
                return Err(format!("the field {name:?} is where another is, or has its name"));
            }
            let title = title.map(str::to_owned);
            fields.push(Field { name: name.to_owned(), title, dtype, offset });
        }
        Ok(Self { fields, itemsize })
    }

    /// The bytes of one of its fields, of all `items`.
    pub(crate) fn column(&self, field: &Field, items: &[u8]) -> Vec<u8> {
        let items = items.chunks_exact(self.itemsize.max(1));
        let mut column = Vec::with_capacity(items.len().saturating_mul(field.dtype.itemsize()));
        items.for_each(|item| column.extend_from_slice(field.of(item)));
        column
    }

    /// The fields, in the order of their offsets, without the padding between them.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The field called `name`.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The size of an item in bytes, with padding.
    pub fn itemsize(&self) -> usize {
        self.itemsize
    }
}

impl Field {
    /// The name by which NumPy indexes the field.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// NumPy's second, descriptive name of a field, which is seldom used.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// The type of the field's value.
    pub fn dtype(&self) -> &DType {
        &self.dtype
    }

    /// The number of bytes before the field in each item.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The field's bytes in those of an item of its record.
    #[expect(clippy::indexing_slicing, reason = "the record's size is that of all its fields")]
    pub(crate) fn of<'a>(&self, item: &'a [u8]) -> &'a [u8] {
        &item[self.offset..][..self.dtype.itemsize()]
    }
}

impl Subarray {
    /// A subarray of `base`s, unless it takes more bytes than can be counted.
    fn new(base: Box<DType>, shape: Vec<usize>) -> Option<Self> {
        let itemsize =
            shape.iter().try_fold(base.itemsize(), |size, &len| size.checked_mul(len))?;
        Some(Self { base, shape, itemsize })
    }

    /// The type of the subarray's elements.
    pub fn base(&self) -> &DType {
        &self.base
    }

    /// Its size in bytes.
    pub fn itemsize(&self) -> usize {
        self.itemsize
    }

    /// The subarray's shape. Its elements are in C order.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }
}
