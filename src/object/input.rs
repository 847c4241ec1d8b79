//! The bytes of a pickle, of which a few are taken at a time.

use std::borrow::Cow;
use std::ops::Range;

use crate::element::Body;
use crate::error::Result;

/// How many bytes are read at a time, if nothing follows the pickle. Otherwise none is read before it
/// is taken, because only the pickle itself says where it ends.
const AHEAD: usize = 64 << 10;

pub(super) struct Input<'a> {
    body: Body<'a>,
    buffer: Vec<u8>,
    /// How many bytes of the buffer have been taken.
    taken: usize,
}

impl<'a> Input<'a> {
    pub(super) fn new(body: Body<'a>) -> Self {
        Self { body: body.known_if(false), buffer: Vec::new(), taken: 0 }
    }

    /// The next `N` bytes.
    #[expect(clippy::indexing_slicing, reason = "the range is in the buffer")]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        match self.buffered(N)? {
            Some(range) => bytes.copy_from_slice(&self.buffer[range]),
            None => self.body.fill(&mut bytes)?,
        }
        Ok(bytes)
    }

    /// The next `len` bytes. Memory grows as they come.
    #[expect(clippy::indexing_slicing, reason = "the range is in the buffer")]
    pub(super) fn take(&mut self, len: usize) -> Result<Cow<'_, [u8]>> {
        if let Some(range) = self.buffered(len)? {
            return Ok(Cow::Borrowed(&self.buffer[range]));
        }
        let mut bytes = self.buffer.split_off(self.taken);
        let have = bytes.len();
        self.body.complete(&mut bytes, have, len)?;
        Ok(Cow::Owned(bytes))
    }

    /// Takes the next `len` bytes. Returns where they are in the buffer, if it has them.
    fn buffered(&mut self, len: usize) -> Result<Option<Range<usize>>> {
        if self.buffer.len().saturating_sub(self.taken) < len
            && len <= AHEAD
            && self.body.is_alone()
        {
            self.buffer.drain(..self.taken);
            self.taken = 0;
            let have = self.buffer.len();
            self.buffer.resize(AHEAD, 0);
            let read = self.body.fill_as_much(self.buffer.split_at_mut(have).1)?;
            self.buffer.truncate(have.saturating_add(read));
        }
        let range = self.taken..self.taken.saturating_add(len);
        if range.end > self.buffer.len() {
            return Ok(None);
        }
        self.taken = range.end;
        Ok(Some(range))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_in_order_whatever_is_read_ahead() {
        let bytes: Vec<u8> = (0..4 * AHEAD).map(|at| (at % 251) as u8).collect();
        for is_alone in [false, true] {
            let mut stream = &bytes[..];
            let body = Body::unknown(&mut stream);
            let mut input = Input::new(if is_alone { body.alone() } else { body });
            let mut found = Vec::new();
            for len in [1, AHEAD - 2, 5, 0, AHEAD, AHEAD + 1, 7] {
                found.extend(input.array::<3>().unwrap());
                found.extend_from_slice(&input.take(len).unwrap());
            }
            assert!(found == bytes[..found.len()], "{is_alone}");
            let left = bytes.len() - found.len();
            assert!(input.take(left + 1).is_err(), "{is_alone}");
        }
    }
}
