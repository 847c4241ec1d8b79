//! A range of a file's bytes, read in order: those of a member in an archive.

use std::borrow::Cow;
use std::io::{self, Read};
use std::ops::Range;

use super::source::Input;
use super::stream::{Stream, Visit, fill_in_order};
use crate::error::{Error, Result};
use crate::parallel;
use crate::sizes::{PART, WORTH_READING_IN_PARTS};

/// Reads such bytes.
#[derive(Clone)]
pub(crate) struct Span<'a> {
    input: Input<'a>,
    left: Range<u64>,
    /// What was read together with the local header: all of a small member.
    ahead: Cow<'a, [u8]>,
    ahead_start: u64,
}

impl<'a> Span<'a> {
    /// The bytes at `range`.
    pub(crate) fn new(input: Input<'a>, range: Range<u64>) -> Self {
        Self { input, left: range, ahead: Cow::default(), ahead_start: 0 }
    }

    /// Says that those in `ahead`, at `start`, are known.
    pub(crate) fn with_ahead(self, ahead: Cow<'a, [u8]>, start: u64) -> Self {
        Self { ahead, ahead_start: start, ..self }
    }

    pub(crate) fn input(&self) -> Input<'a> {
        self.input
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
    ) -> Option<Result<Vec<T>>> {
        let Input::Shared(shared) = self.input else { return None };
        if out.len() < WORTH_READING_IN_PARTS || parallel::threads() == 1 {
            return None;
        }
        let Range { start, end } = self.left;
        if out.len() as u64 > end.saturating_sub(start) {
            return Some(Err(Error::cut_short()));
        }
        self.left.start = start.saturating_add(out.len() as u64);
        Some(parallel::for_parts(out, PART, |part, offset| {
            Input::Shared(shared).read_exact_at(part, start.saturating_add(offset as u64))?;
            Ok(work(part, offset))
        }))
    }
}

impl Stream for Span<'_> {
    /// Reads as much as there is, up to `out`'s length.
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let Range { start, end } = self.left;
        let out = first(out, end.saturating_sub(start));
        let known = start.checked_sub(self.ahead_start).and_then(|from| {
            let from = usize::try_from(from).ok()?;
            self.ahead.get(from..)
        });
        let known = known.unwrap_or(&[]).read_as_many(out)?;
        let (_, rest) = out.split_at_mut(known);
        self.input.read_exact_at(rest, start.saturating_add(known as u64))?;
        self.left.start = start.saturating_add(out.len() as u64);
        Ok(out.len())
    }

    fn fill(&mut self, out: &mut [u8], visit: &Visit<'_>) -> Result<()> {
        match self.fill_parts(out, visit) {
            Some(filled) => filled.map(drop),
            None => fill_in_order(self, out, visit),
        }
    }
}

/// For decoders of other crates.
impl Read for Span<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        Ok(Stream::read(self, out)?)
    }
}

/// The first `len` bytes of `out`, or all of them.
pub(crate) fn first(out: &mut [u8], len: u64) -> &mut [u8] {
    let len = out.len().min(usize::try_from(len).unwrap_or(usize::MAX));
    out.split_at_mut(len).0
}
