//! Scalar dtypes and their descr: `'<f8'`, `'|S5'`, `'<U3'`, `'<M8[25s]'`.
//!
//! The grammar is `[byte order] code [size] [unit]`, as NumPy's
//! `_convert_from_str` (descriptor.c) reads it: with a size the code is one of
//! NumPy's kinds (`b1` is a bool), without one it is a C type (`b` is an `int8`).

use std::fmt;

use super::{Endian, calendar};

/// The dtype of a single value: a number, a text, a date.
///
/// See [`DType`](crate::DType) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scalar {
    kind: Kind,
    itemsize: usize,
    endian: Option<Endian>,
}

/// What kind of value a scalar is: `numpy.dtype.kind`.
///
/// # Examples
///
/// ```
/// use npz::{DType, dtype::Kind, time::{TimeBase, TimeUnit}};
///
/// let DType::Scalar(date) = "<M8[25s]".parse()? else { panic!() };
/// let unit = TimeUnit { multiple: 25, base: TimeBase::Second };
/// assert_eq!(date.kind(), Kind::Datetime(Some(unit)));
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// `b1`: a byte that is 0 or 1.
    Bool,
    /// `i1` to `i8`: signed integers.
    Int,
    /// `u1` to `u8`: unsigned integers.
    Uint,
    /// `f2` to `f8`; also C's `long double` (`f12`, `f16`) and 8-bit floats (`f1`).
    Float,
    /// `c8`, `c16`: a real part, then an imaginary part; also of `long double`.
    Complex,
    /// `S`: byte strings, padded with NUL to the itemsize.
    Bytes,
    /// `U`: text in UCS-4, padded with NUL to the itemsize.
    Str,
    /// `V`: bytes of no known meaning.
    Void,
    /// `M8`: units since 1970-01-01T00:00; `None` is NumPy's generic unit.
    Datetime(Option<TimeUnit>),
    /// `m8`: a number of units; `None` is NumPy's generic unit.
    Timedelta(Option<TimeUnit>),
    /// `O`: Python objects, as a pickle.
    Object,
}

/// The unit that a date or a time difference is counted in: `[25s]` is 25 seconds.
///
/// See [`Kind`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeUnit {
    /// How many of `base` make one unit; mostly 1.
    pub multiple: u32,
    /// The calendar's or the clock's own unit.
    pub base: TimeBase,
}

/// The calendar and clock units of NumPy's dates.
///
/// See [`Kind`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeBase {
    /// `Y`
    Year,
    /// `M`
    Month,
    /// `W`
    Week,
    /// `D`
    Day,
    /// `h`
    Hour,
    /// `m`
    Minute,
    /// `s`
    Second,
    /// `ms`
    Millisecond,
    /// `us`
    Microsecond,
    /// `ns`
    Nanosecond,
    /// `ps`
    Picosecond,
    /// `fs`
    Femtosecond,
    /// `as`
    Attosecond,
}

impl TimeUnit {
    /// The date that `count` of these units after 1970 are, as ISO 8601 writes it, or `NaT`:
    /// `numpy.datetime_as_string`.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::time::{TimeBase, TimeUnit};
    ///
    /// let minutes = TimeUnit { multiple: 1, base: TimeBase::Minute };
    /// assert_eq!(minutes.datetime_as_string(1_000_000), "1971-11-26T10:40");
    /// assert_eq!(minutes.datetime_as_string(i64::MIN), "NaT");
    /// ```
    pub fn datetime_as_string(self, count: i64) -> String {
        calendar::datetime_text(count, Some(self))
    }
}

impl TimeBase {
    const SYMBOLS: [(Self, &str); 13] = [
        (Self::Year, "Y"),
        (Self::Month, "M"),
        (Self::Week, "W"),
        (Self::Day, "D"),
        (Self::Hour, "h"),
        (Self::Minute, "m"),
        (Self::Second, "s"),
        (Self::Millisecond, "ms"),
        (Self::Microsecond, "us"),
        (Self::Nanosecond, "ns"),
        (Self::Picosecond, "ps"),
        (Self::Femtosecond, "fs"),
        (Self::Attosecond, "as"),
    ];
}

impl Scalar {
    /// Void with the byte order that NumPy ignores and ml_dtypes writes: `<V2`.
    pub(crate) const fn ordered_void(itemsize: usize, endian: Endian) -> Self {
        Self { kind: Kind::Void, itemsize, endian: Some(endian) }
    }

    /// The same scalar in this byte order, if it has one that matters: that of void does not.
    pub(super) fn with_endian(self, endian: Endian) -> Self {
        let is_ordered = self.kind != Kind::Void && self.endian.is_some();
        Self { endian: if is_ordered { Some(endian) } else { self.endian }, ..self }
    }

    /// Turns round the bytes of each number in `items`, unless it is in this byte order.
    pub(super) fn swap_to(self, endian: Endian, items: &mut [u8]) {
        if self.with_endian(endian) == self {
            return;
        }
        let size = match self.kind {
            Kind::Complex => self.itemsize / 2,
            Kind::Str => size_of::<char>(),
            _ => self.itemsize,
        };
        match size {
            2 => items.as_chunks_mut::<2>().0.iter_mut().for_each(|item| item.reverse()),
            4 => items.as_chunks_mut::<4>().0.iter_mut().for_each(|item| item.reverse()),
            8 => items.as_chunks_mut::<8>().0.iter_mut().for_each(|item| item.reverse()),
            size => items.chunks_exact_mut(size.max(1)).for_each(<[u8]>::reverse),
        }
    }

    /// A scalar of `itemsize` bytes; `endian` is dropped where there is no byte order.
    pub(crate) const fn new(kind: Kind, itemsize: usize, endian: Endian) -> Self {
        let ordered = match kind {
            Kind::Bool | Kind::Bytes | Kind::Void | Kind::Object => false,
            Kind::Str => true,
            _ => itemsize > 1,
        };
        Self { kind, itemsize, endian: if ordered { Some(endian) } else { None } }
    }

    /// What kind of value it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its size in bytes. For text ([`Kind::Str`]) it is four times the number of code points.
    pub fn itemsize(&self) -> usize {
        self.itemsize
    }

    /// Its byte order, or `None` if it has none: NumPy's `|`.
    pub fn endian(&self) -> Option<Endian> {
        self.endian
    }

    /// The size of the numbers that a byte order applies to: the item's, or its parts'.
    pub(crate) fn word_size(&self) -> usize {
        match self.kind {
            Kind::Complex => self.itemsize / 2,
            Kind::Str => 4,
            _ => self.itemsize,
        }
    }

    /// Whether it is a number of C's `long double`, or a complex one of two.
    pub(crate) fn is_long_double(&self) -> bool {
        matches!(self.kind, Kind::Float | Kind::Complex) && self.word_size() > 8
    }

    /// Reads a scalar's descr, or one of the names that NumPy has for dtypes; the error says
    /// what is wrong with it.
    pub(super) fn from_descr(descr: &str) -> Result<Self, String> {
        if let Some((_, descr)) = NAMES.iter().find(|(name, _)| *name == descr) {
            return Self::from_descr(descr);
        }
        let (endian, rest) = match descr.split_at_checked(1) {
            Some(("<", rest)) => (Some(Endian::Little), rest),
            Some((">", rest)) => (Some(Endian::Big), rest),
            Some(("=" | "|", rest)) => (None, rest),
            _ => (None, descr),
        };
        // The names that a unit may follow.
        for (name, code) in [("datetime64", "M8"), ("timedelta64", "m8")] {
            if let Some(unit) = rest.strip_prefix(name) {
                let order = descr.strip_suffix(rest).unwrap_or_default();
                return Self::from_descr(&format!("{order}{code}{unit}"));
            }
        }
        let mut chars = rest.chars();
        let code = chars.next().ok_or_else(|| format!("`{descr}` is not a dtype"))?;
        let (size, unit) = split_digits(chars.as_str());
        let size: Option<usize> = match size {
            "" => None,
            _ => Some(size.parse().map_err(|_| format!("`{descr}` is too large"))?),
        };

        let is_time = matches!(code, 'M' | 'm');
        let (kind, itemsize) = match (code, size) {
            ('?', None) | ('b', Some(1)) => (Kind::Bool, 1),
            ('b', None) => (Kind::Int, 1),
            ('B', None) => (Kind::Uint, 1),
            ('h', None) => (Kind::Int, 2),
            ('H', None) => (Kind::Uint, 2),
            ('i', None) => (Kind::Int, 4),
            ('I', None) => (Kind::Uint, 4),
            // The last two depend on the platform: these are those of 64-bit Linux.
            ('q' | 'l' | 'n' | 'p', None) => (Kind::Int, 8),
            ('Q' | 'L' | 'N' | 'P', None) => (Kind::Uint, 8),
            ('e', None) => (Kind::Float, 2),
            ('f', None) => (Kind::Float, 4),
            ('d', None) => (Kind::Float, 8),
            ('g', None) => (Kind::Float, 16),
            ('F', None) => (Kind::Complex, 8),
            ('D', None) => (Kind::Complex, 16),
            ('G', None) => (Kind::Complex, 32),
            ('c', None) => (Kind::Bytes, 1),
            ('i', Some(size @ (1 | 2 | 4 | 8))) => (Kind::Int, size),
            ('u', Some(size @ (1 | 2 | 4 | 8))) => (Kind::Uint, size),
            ('f', Some(size @ (1 | 2 | 4 | 8 | 12 | 16))) => (Kind::Float, size),
            ('c', Some(size @ (8 | 16 | 24 | 32))) => (Kind::Complex, size),
            ('S' | 'a', size) => (Kind::Bytes, size.unwrap_or(0)),
            ('V', size) => match endian {
                Some(endian) if unit.is_empty() => {
                    return Ok(Self::ordered_void(size.unwrap_or(0), endian));
                }
                _ => (Kind::Void, size.unwrap_or(0)),
            },
            ('U', size) => {
                let itemsize = size.unwrap_or(0).checked_mul(4);
                (Kind::Str, itemsize.ok_or_else(|| format!("`{descr}` is too large"))?)
            }
            ('M', None | Some(8)) => (Kind::Datetime(time_unit(descr, unit)?), 8),
            ('m', None | Some(8)) => (Kind::Timedelta(time_unit(descr, unit)?), 8),
            // CPython has a pointer there, which never reaches the file.
            ('O', None | Some(4 | 8)) => (Kind::Object, 8),
            _ => return Err(format!("`{descr}` is not a dtype")),
        };
        if !unit.is_empty() && !is_time {
            return Err(format!("`{descr}` is not a dtype"));
        }
        Ok(Self::new(kind, itemsize, endian.unwrap_or(Endian::NATIVE)))
    }
}

/// The names by which `numpy.dtype` knows a dtype, and some writers put into headers. Where C
/// leaves a size to the platform, it is that of 64-bit Linux.
const NAMES: &[(&str, &str)] = &[
    ("bool", "?"),
    ("bool_", "?"),
    ("int8", "i1"),
    ("byte", "i1"),
    ("uint8", "u1"),
    ("ubyte", "u1"),
    ("int16", "i2"),
    ("short", "i2"),
    ("uint16", "u2"),
    ("ushort", "u2"),
    ("int32", "i4"),
    ("intc", "i4"),
    ("uint32", "u4"),
    ("uintc", "u4"),
    ("int64", "i8"),
    ("int", "i8"),
    ("int_", "i8"),
    ("intp", "i8"),
    ("long", "i8"),
    ("longlong", "i8"),
    ("uint64", "u8"),
    ("uint", "u8"),
    ("uintp", "u8"),
    ("ulong", "u8"),
    ("ulonglong", "u8"),
    ("float16", "f2"),
    ("half", "f2"),
    ("float32", "f4"),
    ("single", "f4"),
    ("float64", "f8"),
    ("double", "f8"),
    ("float", "f8"),
    ("float128", "f16"),
    ("longdouble", "f16"),
    ("complex64", "c8"),
    ("csingle", "c8"),
    ("complex128", "c16"),
    ("cdouble", "c16"),
    ("complex", "c16"),
    ("complex256", "c32"),
    ("clongdouble", "c32"),
    ("bytes", "S"),
    ("bytes_", "S"),
    ("str", "U"),
    ("str_", "U"),
    ("unicode", "U"),
    ("void", "V"),
    ("object", "O"),
    ("object_", "O"),
];

/// The decimal digits that `text` begins with, and what follows them.
pub(super) fn split_digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

/// Reads what follows `M8` or `m8`: nothing (generic), `[ns]`, `[25s]`.
fn time_unit(descr: &str, text: &str) -> Result<Option<TimeUnit>, String> {
    let unknown = || format!("`{descr}` has no unit of time that NumPy knows");
    if text.is_empty() || text == "[generic]" {
        return Ok(None);
    }
    let text =
        text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).ok_or_else(unknown)?;
    let (digits, symbol) = split_digits(text);
    let multiple = match digits {
        "" => 1,
        digits => digits.parse().ok().filter(|&multiple| multiple > 0).ok_or_else(unknown)?,
    };
    let base = TimeBase::SYMBOLS.iter().find(|(_, other)| *other == symbol).ok_or_else(unknown)?.0;
    Ok(Some(TimeUnit { multiple, base }))
}

impl fmt::Display for Scalar {
    /// Writes the descr as NumPy does: `<f8`, `|b1`, `<U3`, `<M8[ns]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = match self.endian {
            Some(Endian::Little) => '<',
            Some(Endian::Big) => '>',
            None => '|',
        };
        let (code, size, unit) = match self.kind {
            Kind::Bool => ('b', self.itemsize, None),
            Kind::Int => ('i', self.itemsize, None),
            Kind::Uint => ('u', self.itemsize, None),
            Kind::Float => ('f', self.itemsize, None),
            Kind::Complex => ('c', self.itemsize, None),
            Kind::Bytes => ('S', self.itemsize, None),
            Kind::Str => ('U', self.itemsize / 4, None),
            Kind::Void => ('V', self.itemsize, None),
            Kind::Datetime(unit) => ('M', self.itemsize, unit),
            Kind::Timedelta(unit) => ('m', self.itemsize, unit),
            Kind::Object => return f.write_str("|O"),
        };
        write!(f, "{order}{code}{size}")?;
        match unit {
            None => Ok(()),
            Some(TimeUnit { multiple: 1, base }) => write!(f, "[{base}]"),
            Some(TimeUnit { multiple, base }) => write!(f, "[{multiple}{base}]"),
        }
    }
}

impl fmt::Display for TimeBase {
    /// Writes NumPy's symbol: `ns`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = Self::SYMBOLS.iter().find(|(base, _)| base == self);
        f.write_str(own.map_or("", |(_, symbol)| symbol))
    }
}
