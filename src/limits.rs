//! [`Limits`]: how much is read of an archive.

use std::sync::{Mutex, PoisonError};

use crate::error::{Error, ErrorKind, Result};

/// How much may be loaded from a file. [`open`](Self::open) and
/// [`open_bytes`](Self::open_bytes) open an archive within limits;
/// [`NpzReader::with_limits`](crate::NpzReader::with_limits) and
/// [`NpyReader::with_limits`](crate::NpyReader::with_limits) set them for what is read later.
///
/// Whatever the limits, a file cannot make a reader allocate more than its own size warrants: a
/// stored array is as large as its bytes, and 1 MiB of deflated bytes inflates to 1 GiB at most.
/// (Items without a size, such as NumPy's `<U0`, become 128 MiB at most.) Of a pickle of Python
/// objects 1 KiB is made for each byte at most, and 1 MiB more. The list of members, which opening an
/// archive reads, takes some 300 bytes for each of them. Beyond that, the [default](Self::default)
/// bounds headers alone, at 1 MiB. [`STRICT`](Self::STRICT) is for files from strangers.
///
/// # Which limit holds where
///
/// Limits bound the memory that is taken, not the bytes that are read:
///
/// | limit             | holds for                                                            |
/// |-------------------|----------------------------------------------------------------------|
/// | `max_members`     | opening an archive, before memory is taken for its members; `with_limits`, when it has been |
/// | `max_total_bytes` | the sizes that the archive declares, likewise; and the memory that `get_all` and `get_each` take for all arrays together |
/// | `max_header_bytes`| whatever reads a header: `info`, `get` and its kin, `view`, `verify` |
/// | `max_array_bytes` | the array, or the slice of it, that `get`, `get_cast`, `get_slice`, `get_all`, `get_each` and `cow` return, each block of `chunks`, and the `Vec` of `bytes`; of Python objects all that is made to load them, which is three times their bytes and more; not `view`, `read_into` and `verify`, which allocate no array |
///
/// # Examples
///
/// ```
/// use npz::{ErrorKind, Limits, NpzWriter};
/// use std::io::Cursor;
///
/// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
/// npz.array("x", &[0.5; 1000])?;
/// let upload = npz.finish()?.into_inner();
///
/// let limits = Limits::STRICT.max_array_bytes(4000);
/// let npz = limits.open_bytes(upload)?;
/// let error = npz.get::<Vec<f64>>("x").unwrap_err();
/// assert!(matches!(error.kind(), ErrorKind::LimitExceeded { .. }));
/// assert_eq!(error.to_string(), "array `x`: 8000 bytes of elements; at most 4000 are read (max_array_bytes)");
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    members: usize,
    header_bytes: u64,
    array_bytes: u64,
    total_bytes: u64,
}

impl Limits {
    /// For files from strangers: 10,000 members, headers of 64 KiB, arrays of 1 GiB, and
    /// 4 GiB in all.
    pub const STRICT: Self = Self {
        members: 10_000,
        header_bytes: 64 << 10,
        array_bytes: 1 << 30,
        total_bytes: 4 << 30,
    };

    /// For files from anywhere. NumPy stops at headers of 10,000 characters, which wide
    /// records exceed; this admits some 30,000 fields, and bounds what a header of many tiny
    /// literals can make of its bytes.
    pub(crate) const DEFAULT: Self = Self {
        members: usize::MAX,
        header_bytes: 1 << 20,
        array_bytes: u64::MAX,
        total_bytes: u64::MAX,
    };

    /// Allows at most this number of members, arrays or not.
    #[must_use]
    pub const fn max_members(self, members: usize) -> Self {
        Self { members, ..self }
    }

    /// Allows headers of at most this number of bytes. A header says what an array is.
    #[must_use]
    pub const fn max_header_bytes(self, header_bytes: u64) -> Self {
        Self { header_bytes, ..self }
    }

    /// Allows arrays whose elements take at most this number of bytes in memory. The allocation that
    /// each element of text takes is counted.
    #[must_use]
    pub const fn max_array_bytes(self, array_bytes: u64) -> Self {
        Self { array_bytes, ..self }
    }

    /// Allows at most this number of bytes in all members together, decompressed, as the archive
    /// declares them; and this number of bytes of memory for all arrays that are loaded together.
    #[must_use]
    pub const fn max_total_bytes(self, total_bytes: u64) -> Self {
        Self { total_bytes, ..self }
    }

    pub(crate) fn check_members(&self, count: usize) -> Result<()> {
        check(count as u64, self.members as u64, "members", "max_members")
    }

    pub(crate) fn check_header(&self, size: u64) -> Result<()> {
        check(size, self.header_bytes, "bytes of header", "max_header_bytes")
    }

    pub(crate) fn check_array(&self, size: u64) -> Result<()> {
        check(size, self.array_bytes, "bytes of elements", "max_array_bytes")
    }

    pub(crate) fn check_total(&self, size: u64) -> Result<()> {
        check(size, self.total_bytes, "bytes in all members", "max_total_bytes")
    }
}

/// The memory that arrays which are loaded together have taken.
#[derive(Debug)]
pub(crate) struct Budget {
    // Not atomic: not every machine has atomic numbers of 64 bits.
    taken: Mutex<u64>,
    total: u64,
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { taken: Mutex::new(0), total: limits.total_bytes }
    }

    /// Takes `size` bytes more, if they are allowed.
    pub(crate) fn charge(&self, size: u64) -> Result<()> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let sum = taken.saturating_add(size);
        check(sum, self.total, "bytes in all arrays so far", "max_total_bytes")?;
        *taken = sum;
        Ok(())
    }
}

impl Default for Limits {
    /// Headers of at most 1 MiB, and no other limit.
    fn default() -> Self {
        Self::DEFAULT
    }
}

fn check(found: u64, most: u64, what: &str, limit: &str) -> Result<()> {
    if found <= most {
        return Ok(());
    }
    let problem = format!("{found} {what}; at most {most} are read ({limit})");
    Err(Error::from(ErrorKind::LimitExceeded { problem }))
}
