//! Bytes of a file, as they are, from the first to the last: a member's in an archive.

use std::borrow::Cow;
use std::io::{self, Read};
use std::ops::Range;

use super::fill::{self, Fill, Then};
use super::read_at::ReadAt;
use super::source::Bytes;
use crate::parallel;

/// How many bytes a thread reads at a time.
pub(crate) const PART: usize = 1 << 20;

/// With less, handing parts to other threads costs more than it saves.
pub(crate) const WORTH_IT: usize = 2 << 20;

/// Reads such bytes.
#[derive(Clone)]
pub(crate) struct Span<'a> {
    bytes: Bytes<'a>,
    left: Range<u64>,
    /// What was read together with the local header: all of a small member.
    ahead: Cow<'a, [u8]>,
    ahead_start: u64,
}

impl<'a> Span<'a> {
    /// The bytes at `range`.
    pub(crate) fn new(bytes: Bytes<'a>, range: Range<u64>) -> Self {
        Self { bytes, left: range, ahead: Cow::default(), ahead_start: 0 }
    }

    /// Says that those in `ahead`, at `start`, are known.
    pub(crate) fn with_ahead(self, ahead: Cow<'a, [u8]>, start: u64) -> Self {
        Self { ahead, ahead_start: start, ..self }
    }

    pub(crate) fn source(&self) -> Bytes<'a> {
        self.bytes
    }

    /// Where the bytes not read yet are.
    pub(crate) fn left(&self) -> Range<u64> {
        self.left.clone()
    }

    pub(crate) fn is_exhausted(&self) -> bool {
        self.left.is_empty()
    }

    /// Fills `out` with the next bytes on all threads, if that pays, and if they can all
    /// read. What `work` makes of each part, and where it is in `out`, is in their order.
    pub(crate) fn fill_parts<T: Send>(
        &mut self,
        out: &mut [u8],
        work: impl Fn(&mut [u8], usize) -> T + Sync,
    ) -> Option<io::Result<Vec<T>>> {
        let Bytes::Shared(shared) = self.bytes else { return None };
        if out.len() < WORTH_IT || parallel::threads() == 1 {
            return None;
        }
        let Range { start, end } = self.left;
        if out.len() as u64 > end.saturating_sub(start) {
            return Some(Err(io::ErrorKind::UnexpectedEof.into()));
        }
        self.left.start = start.saturating_add(out.len() as u64);
        Some(parallel::for_parts(out, PART, |part, offset| {
            Bytes::Shared(shared).read_exact_at(part, start.saturating_add(offset as u64))?;
            Ok(work(part, offset))
        }))
    }
}

impl Read for Span<'_> {
    /// Reads as much as there is, up to `out`'s length.
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let Range { start, end } = self.left;
        let out = first(out, end.saturating_sub(start));
        let known = self.ahead.read_at(out, start.saturating_sub(self.ahead_start))?;
        let (_, rest) = out.split_at_mut(known);
        self.bytes.read_exact_at(rest, start.saturating_add(known as u64))?;
        self.left.start = start.saturating_add(out.len() as u64);
        Ok(out.len())
    }
}

impl Fill for Span<'_> {
    fn fill(&mut self, out: &mut [u8], then: &Then<'_>) -> io::Result<()> {
        match self.fill_parts(out, then) {
            Some(filled) => filled.map(drop),
            None => fill::fill_in_order(self, out, then),
        }
    }
}

/// The first `len` bytes of `out`, or all of them.
pub(crate) fn first(out: &mut [u8], len: u64) -> &mut [u8] {
    let len = out.len().min(usize::try_from(len).unwrap_or(usize::MAX));
    out.split_at_mut(len).0
}
