//! The bytes that elements are decoded from.

use std::io::Read;

use crate::error::{Error, Result};

/// How many bytes are moved at a time: small enough to stay in a core's own cache
/// between being copied, hashed, swapped and checked; large enough that the call for
/// each costs nothing.
pub(crate) const CHUNK: usize = 256 << 10;

/// An array's body: its bytes in order, and whether they are known to be there.
pub struct Body<'a> {
    reader: &'a mut dyn Read,
    known: bool,
}

impl<'a> Body<'a> {
    /// A body whose size has been checked against the bytes that exist.
    pub(crate) fn known(reader: &'a mut dyn Read) -> Self {
        Self { reader, known: true }
    }

    /// A body of which only its header speaks, so that it is believed bit by bit.
    pub(crate) fn unknown(reader: &'a mut dyn Read) -> Self {
        Self { reader, known: false }
    }

    /// How many values to make room for next, of `len` with `have` read already: all of
    /// them if they are known to be there, else as many again as have really come.
    pub(crate) fn room(&self, have: usize, len: usize, itemsize: usize) -> usize {
        let missing = len - have;
        if self.known { missing } else { missing.min(have.max(CHUNK / itemsize.max(1))) }
    }

    /// Fills `out` with the next bytes.
    pub(crate) fn fill(&mut self, out: &mut [u8]) -> Result<()> {
        self.reader.read_exact(out).map_err(Error::read)
    }
}
