//! The bytes that elements are decoded from.

use super::LoadElement;
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};
use crate::io::{Stream, Visit};
use crate::limits::{Budget, Limits};
use crate::sizes::CACHED;

/// How many bytes are made, at most, of items that have none in the file.
const MOST_WITHOUT_SIZE: u64 = 128 << 20;

/// How many items of `itemsize` bytes are handled at a time: at least one.
pub(crate) fn items_at_once(itemsize: usize) -> usize {
    CACHED.checked_div(itemsize).unwrap_or(CACHED).max(1)
}

/// An array's body: its bytes in order, and whether they are known to be there.
pub struct Body<'a> {
    stream: &'a mut dyn Stream,
    known: bool,
    #[cfg_attr(not(feature = "pickle"), expect(dead_code, reason = "only pickles ask"))]
    alone: bool,
    limits: Limits,
    budget: Option<&'a Budget>,
}

impl<'a> Body<'a> {
    /// A body whose size has been checked against the bytes that exist.
    pub(crate) fn known(stream: &'a mut dyn Stream) -> Self {
        Self { stream, known: true, alone: false, limits: Limits::DEFAULT, budget: None }
    }

    /// A body whose size only the header claims. Memory is taken as its bytes come.
    pub(crate) fn unknown(stream: &'a mut dyn Stream) -> Self {
        Self { stream, known: false, alone: false, limits: Limits::DEFAULT, budget: None }
    }

    /// The same bytes, for someone who takes the next of them.
    pub(crate) fn by_ref(&mut self) -> Body<'_> {
        Body { stream: self.stream, ..*self }
    }

    /// The same bytes, which are not known to be there if `known` is false.
    pub(crate) fn known_if(self, known: bool) -> Self {
        Self { known: self.known && known, ..self }
    }

    /// The same bytes, which are all that the stream has.
    pub(crate) fn alone(self) -> Self {
        Self { alone: true, ..self }
    }

    /// Whether nothing else follows in the stream.
    #[cfg(feature = "pickle")]
    pub(crate) fn is_alone(&self) -> bool {
        self.alone
    }

    /// The same bytes, for an array that must not exceed `limits`.
    pub(crate) fn limited(self, limits: &Limits) -> Self {
        Self { limits: *limits, ..self }
    }

    /// The same bytes, whose memory is taken from `budget`, if there is one.
    pub(crate) fn charged_to(self, budget: Option<&'a Budget>) -> Self {
        Self { budget, ..self }
    }

    /// What bounds the memory that the array may take.
    #[cfg(feature = "pickle")]
    pub(crate) fn limits(&self) -> (Limits, Option<&'a Budget>) {
        (self.limits, self.budget)
    }

    /// Checks that `len` values of `dtype` may become `T`s.
    pub(crate) fn check_limits<T: LoadElement>(&self, dtype: &DType, len: usize) -> Result<()> {
        let size = T::size_in_memory(dtype);
        let made = (len as u64).saturating_mul(size.max(1) as u64);
        // Nothing in the file bounds how many there are.
        if dtype.itemsize() == 0 && made > MOST_WITHOUT_SIZE {
            let problem = format!(
                "{len} elements of no size, which would take {made} bytes in memory (load them \
                 as `Raw`, which takes none)"
            );
            return Err(ErrorKind::LimitExceeded { problem }.into());
        }
        self.check_memory(len, size)
    }

    /// Checks that `len` values of `size` bytes in memory may be made.
    pub(crate) fn check_memory(&self, len: usize, size: usize) -> Result<()> {
        let size = (len as u64).saturating_mul(size as u64);
        self.limits.check_array(size)?;
        self.budget.map_or(Ok(()), |budget| budget.charge(size))
    }

    /// How many values to make room for next, of `len` with `have` read already: all of
    /// them if they are known to be there, else as many again as have really come; but one
    /// at least.
    pub(crate) fn room(&self, have: usize, len: usize, itemsize: usize) -> usize {
        let missing = len.saturating_sub(have);
        if self.known { missing } else { missing.min(have.max(items_at_once(itemsize))) }
    }

    /// Makes this [`room`](Self::room) in `values` if they have none left.
    pub(crate) fn reserve<T>(
        &self,
        values: &mut Vec<T>,
        len: usize,
        itemsize: usize,
    ) -> Result<()> {
        if values.len() < values.capacity() {
            return Ok(());
        }
        let room = self.room(values.len(), len, itemsize);
        values.try_reserve_exact(room).map_err(|_| out_of_memory::<T>(room))
    }

    /// Reads the next `len` bytes into `buffer`, which grows as they come, on all threads.
    #[expect(clippy::indexing_slicing, reason = "the buffer has just been made so long")]
    pub(crate) fn next<'b>(&mut self, buffer: &'b mut Vec<u8>, len: usize) -> Result<&'b [u8]> {
        self.complete(buffer, 0, len)?;
        Ok(&buffer[..len])
    }

    /// The same, if the first of them, `have`, are in `buffer` already.
    #[expect(clippy::indexing_slicing, reason = "the buffer has just been made so long")]
    pub(crate) fn complete(
        &mut self,
        buffer: &mut Vec<u8>,
        mut have: usize,
        len: usize,
    ) -> Result<()> {
        while have < len {
            let room = self.room(have, len, 1);
            let end = buffer.len().clamp(have.saturating_add(room), len);
            if let missing @ 1.. = end.saturating_sub(buffer.len()) {
                buffer.try_reserve(missing).map_err(|_| out_of_memory::<u8>(end))?;
                buffer.resize(end, 0);
            }
            self.stream.fill(&mut buffer[have..end], &|_, _| {})?;
            have = end;
        }
        Ok(())
    }

    /// Fills `out` with the next bytes.
    pub(crate) fn fill(&mut self, out: &mut [u8]) -> Result<()> {
        self.stream.read_exact(out)
    }

    /// Fills `out` with the next bytes, or as much of it as there are. Returns how many came.
    #[cfg(feature = "pickle")]
    pub(crate) fn fill_as_much(&mut self, out: &mut [u8]) -> Result<usize> {
        self.stream.read_as_many(out)
    }

    /// Fills `out` with the next bytes on all threads, and lets `visit` have each part of
    /// them while it is in the cache.
    pub(crate) fn fill_and_visit(&mut self, out: &mut [u8], visit: &Visit<'_>) -> Result<()> {
        self.stream.fill(out, visit)
    }
}

/// The error for `len` values of `T` that no memory can be had for.
pub(crate) fn out_of_memory<T>(len: usize) -> Error {
    Error::out_of_memory(len.saturating_mul(size_of::<T>()))
}
