//! [`Bytes`]: NumPy's `|S…`, byte strings padded with NUL to the longest of the array.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use ndarray::ArrayViewD;

use super::padding::{ends_in_nul, strip_nul};
use super::sealed::Sealed;
use super::{Body, Element, LoadElement, each};
use crate::dtype::{DType, Endian, Kind, Scalar};
use crate::error::Result;

/// A byte string, as an element of an array: NumPy's `bytes_`, dtype `|S…`.
///
/// NumPy pads byte strings with NUL and strips the padding again, so a byte string that ends in NUL
/// cannot be saved.
///
/// # Examples
///
/// ```
/// use npz::{Bytes, NpzReader, NpzWriter};
/// use std::io::Cursor;
///
/// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
/// npz.array("format", &Bytes::from("csr"))?;   // np.array(b"csr")
/// let npz = NpzReader::new(npz.finish()?)?;
/// let format: Bytes = npz.get("format")?;
/// assert_eq!(&*format, b"csr");
/// assert_eq!(format.to_string(), "csr");
/// assert_eq!(npz.info("format")?.dtype().to_string(), "|S3");
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Clone)]
pub struct Bytes(Held);

/// Most byte strings are short, and to allocate each would take most of the time of a load.
#[derive(Clone)]
enum Held {
    Short { bytes: [u8; SHORT], len: u8 },
    Long(Box<[u8]>),
}

/// As many as do not make a `Bytes` larger than a `Vec` on machines of 64 bits.
const SHORT: usize = 22;

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Held::Short { bytes, len } => bytes.get(..usize::from(*len)).unwrap_or(bytes),
            Held::Long(bytes) => bytes,
        }
    }
}

impl Bytes {
    /// Becomes these bytes. They are copied once if they are short and the value is, too.
    fn set(&mut self, new: &[u8]) {
        match &mut self.0 {
            Held::Short { bytes, len } if new.len() <= SHORT => {
                bytes.split_at_mut(new.len()).0.copy_from_slice(new);
                *len = new.len() as u8;
            }
            held => *held = Held::Long(new.into()),
        }
    }
}

impl Default for Bytes {
    fn default() -> Self {
        Self(Held::Short { bytes: [0; SHORT], len: 0 })
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Bytes {}

impl PartialOrd for Bytes {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Bytes {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl Hash for Bytes {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        let mut value = Self::default();
        value.set(bytes);
        value
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        if bytes.len() <= SHORT { bytes.as_slice().into() } else { Self(Held::Long(bytes.into())) }
    }
}

impl From<&str> for Bytes {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.escape_ascii())
    }
}

impl fmt::Display for Bytes {
    /// Writes printable ASCII as it is, and any other byte escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.escape_ascii().to_string())
    }
}

impl Sealed for Bytes {}

impl Element for Bytes {
    fn dtype(endian: Endian) -> DType {
        DType::Scalar(Scalar::new(Kind::Bytes, 1, endian))
    }

    fn dtype_of(values: ArrayViewD<'_, Self>, endian: Endian) -> Result<DType> {
        if let Some(index) = values.iter().position(|bytes| bytes.ends_with(&[0])) {
            return Err(ends_in_nul(index));
        }
        // At least one: NumPy has no shorter byte strings.
        let longest = values.iter().map(|bytes| bytes.len()).max().unwrap_or(0).max(1);
        Ok(DType::Scalar(Scalar::new(Kind::Bytes, longest, endian)))
    }

    fn encode(values: ArrayViewD<'_, Self>, dtype: &DType, out: &mut [u8]) {
        each::encode(values, dtype.itemsize(), out, |value, out| {
            let (text, padding) = out.split_at_mut(value.len());
            text.copy_from_slice(value);
            padding.fill(0);
        });
    }
}

impl LoadElement for Bytes {
    fn accepts(dtype: &DType) -> bool {
        matches!(dtype, DType::Scalar(scalar) if scalar.kind() == Kind::Bytes)
    }

    fn expected(_: &DType) -> String {
        "byte strings (dtype |S…)".to_owned()
    }

    fn size_in_memory(dtype: &DType) -> usize {
        match dtype.itemsize() {
            ..=SHORT => size_of::<Self>(),
            itemsize => each::size_in_memory::<Self>(itemsize),
        }
    }

    fn decode(body: Body<'_>, dtype: &DType, len: usize) -> Result<Vec<Self>> {
        each::decode(body, dtype.itemsize(), len, |bytes, value: &mut Self| {
            value.set(strip_nul(bytes));
            Ok(())
        })
    }
}
