//! A set: one array of the corpus in a raw file, and the line that describes it.
//!
//! Every array has three dimensions, so that a side needs one path of code. The file is
//! repeated if the shape asks for more than it holds, which keeps the largest sets small
//! on disk.

use std::fmt;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::slice;

use ndarray::{ArrayView3, s};

use crate::Result;

/// The file in the working folder that describes the sets, one a line.
pub const INDEX: &str = "sets.txt";

/// What a set is called, and what is in its file.
#[derive(Debug, Clone)]
pub struct Set {
    pub name: String,
    pub dtype: Dtype,
    pub shape: [usize; 3],
    pub file: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dtype {
    F64,
    F32,
    U8,
    I16,
    I32,
    I64,
    Bool,
    /// Text of up to ten characters.
    U10,
    /// Byte strings of up to ten bytes.
    S10,
}

impl Dtype {
    const ALL: [Self; 9] = [
        Self::F64,
        Self::F32,
        Self::U8,
        Self::I16,
        Self::I32,
        Self::I64,
        Self::Bool,
        Self::U10,
        Self::S10,
    ];

    /// Rust's name, if there is one.
    pub fn name(self) -> &'static str {
        match self {
            Self::F64 => "f64",
            Self::F32 => "f32",
            Self::U8 => "u8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::Bool => "bool",
            Self::U10 => "<U10",
            Self::S10 => "|S10",
        }
    }

    /// NumPy's name.
    fn code(self) -> &'static str {
        match self {
            Self::F64 => "f8",
            Self::F32 => "f4",
            Self::U8 => "u1",
            Self::I16 => "i2",
            Self::I32 => "i4",
            Self::I64 => "i8",
            Self::Bool => "?",
            Self::U10 => "U10",
            Self::S10 => "S10",
        }
    }

    fn itemsize(self) -> usize {
        match self {
            Self::F64 | Self::I64 => 8,
            Self::F32 | Self::I32 => 4,
            Self::I16 => 2,
            Self::U8 | Self::Bool => 1,
            Self::U10 => 40,
            Self::S10 => 10,
        }
    }
}

impl Set {
    /// The sets that the folder's index lists.
    pub fn index(folder: &Path) -> Result<Vec<Self>> {
        fs::read_to_string(folder.join(INDEX))?.lines().map(Self::parse).collect()
    }

    fn parse(line: &str) -> Result<Self> {
        let fields: Vec<&str> = line.split(' ').collect();
        let [name, dtype, n0, n1, n2, file] = fields[..] else {
            return Err(format!("`{line}` describes no set").into());
        };
        let known = Dtype::ALL.into_iter().find(|known| known.code() == dtype);
        Ok(Self {
            name: name.to_owned(),
            dtype: known.ok_or_else(|| format!("no dtype `{dtype}`"))?,
            shape: [n0.parse()?, n1.parse()?, n2.parse()?],
            file: file.to_owned(),
        })
    }

    /// The set called `name`.
    pub fn find<'a>(sets: &'a [Self], name: &str) -> Result<&'a Self> {
        let found = sets.iter().find(|set| set.name == name);
        found.ok_or_else(|| format!("no set `{name}`").into())
    }

    /// The same file as elements of a part, with an axis of so many more.
    pub fn with_axis_of(&self, parts: usize) -> Self {
        let [n0, n1, n2] = self.shape;
        Self { shape: [n0, n1, n2 * parts], ..self.clone() }
    }

    /// The elements, in C order.
    pub fn load<T: Element>(&self, folder: &Path) -> Result<Vec<T>> {
        let bytes = fs::read(folder.join(&self.file))?;
        let items = bytes.chunks_exact(size_of::<T>()).map(T::from_bytes);
        Ok(items.cycle().take(self.shape.iter().product()).collect())
    }

    /// How many bytes the elements have that `cut` leaves.
    pub fn nbytes(&self, cut: Cut) -> u64 {
        let all = self.shape.iter().product::<usize>() * self.dtype.itemsize();
        match cut {
            Cut::Whole | Cut::Permuted => all as u64,
            Cut::Strided | Cut::Transposed => all as u64 / 2,
            Cut::Rows => (all / self.shape[0] * middle(self.shape[0]).len()) as u64,
        }
    }
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ([n0, n1, n2], dtype) = (self.shape, self.dtype.code());
        write!(f, "{} {dtype} {n0} {n1} {n2} {}", self.name, self.file)
    }
}

/// Which view of a set is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// All of it, as it lies in memory.
    Whole,
    /// Axes 1, 0, 2.
    Permuted,
    /// `[.., ..;2, ..;-1]`.
    Strided,
    /// `[.., ..;2, ..;-1]` of the transpose.
    Transposed,
    /// `[first..end, .., ..]`, 1 % of the rows; they are loaded from a file of all.
    Rows,
}

impl Cut {
    const ALL: [(Self, &str); 5] = [
        (Self::Whole, "whole"),
        (Self::Permuted, "permuted"),
        (Self::Strided, "strided"),
        (Self::Transposed, "transposed"),
        (Self::Rows, "rows"),
    ];

    pub fn parse(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|row| row.1 == name);
        found.map(|row| row.0).ok_or_else(|| format!("no cut `{name}`").into())
    }

    /// What is in the file from which this is loaded.
    pub fn in_file(self) -> Self {
        if self == Self::Rows { Self::Whole } else { self }
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::ALL.into_iter().find(|row| row.0 == *self).map_or("", |row| row.1))
    }
}

/// The array that a side is to save.
pub struct Source<'a, T> {
    /// The elements in C order.
    pub data: &'a [T],
    pub shape: [usize; 3],
    pub cut: Cut,
}

impl<T> Source<'_, T> {
    pub fn view(&self) -> ArrayView3<'_, T> {
        let whole = ArrayView3::from_shape(self.shape, self.data).expect("as long as its shape");
        match self.cut {
            Cut::Whole => whole,
            Cut::Permuted => whole.permuted_axes([1, 0, 2]),
            Cut::Strided => whole.slice_move(s![.., ..;2, ..;-1]),
            Cut::Transposed => whole.reversed_axes().slice_move(s![.., ..;2, ..;-1]),
            Cut::Rows => whole.slice_move(s![middle(self.shape[0]), .., ..]),
        }
    }
}

/// The middle 1 % of `count` rows, rounded up.
pub fn middle(count: usize) -> Range<usize> {
    let len = count.div_ceil(100);
    let first = (count - len) / 2;
    first..first + len
}

/// A type of elements that the corpus has.
pub trait Element: Copy + 'static {
    /// NumPy's name.
    const CODE: &'static str;
    /// From the raw file's bytes, in the machine's byte order.
    fn from_bytes(bytes: &[u8]) -> Self;
    /// The bit pattern, widened with zeros.
    fn bits(self) -> u64;
}

macro_rules! elements {
    ($($type:ty, $code:literal, $bits:expr;)*) => {$(
        impl Element for $type {
            const CODE: &'static str = $code;
            fn from_bytes(bytes: &[u8]) -> Self {
                Self::from_ne_bytes(bytes.try_into().expect("as long as an element"))
            }
            fn bits(self) -> u64 {
                let bits: fn(Self) -> u64 = $bits;
                bits(self)
            }
        }
    )*};
}

elements! {
    f64, "f8", Self::to_bits;
    f32, "f4", |x| x.to_bits().into();
    u8, "u1", Self::into;
    u32, "u4", Self::into;
    i16, "i2", |x| x.cast_unsigned().into();
    i32, "i4", |x| x.cast_unsigned().into();
    i64, "i8", Self::cast_unsigned;
}

impl Element for bool {
    const CODE: &'static str = "?";
    fn from_bytes(bytes: &[u8]) -> Self {
        bytes[0] != 0
    }
    fn bits(self) -> u64 {
        self.into()
    }
}

/// The bytes that elements are.
pub fn bytes_of<T: Element>(items: &[T]) -> &[u8] {
    // SAFETY: elements are numbers and bools, which have no padding.
    unsafe { slice::from_raw_parts(items.as_ptr().cast(), size_of_val(items)) }
}

/// The sum of all bit patterns, each times its place counted from 1, modulo 2⁶⁴: it tells
/// other values and another order.
pub fn checksum<T: Element>(items: impl IntoIterator<Item = T>) -> u64 {
    items
        .into_iter()
        .zip(1_u64..)
        .fold(0, |sum, (item, place)| sum.wrapping_add(item.bits().wrapping_mul(place)))
}

/// The name of the `i`-th of many small arrays: NumPy's for an array without one.
pub fn small(i: usize) -> String {
    format!("arr_{i}")
}
