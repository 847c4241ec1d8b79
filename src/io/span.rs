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
    /// What has been read ahead of its use: all of a small member, with its local header.
    ahead: Cow<'a, [u8]>,
    ahead_start: u64,
    /// Up to where it pays to read ahead.
    reach: u64,
}

impl<'a> Span<'a> {
    /// The bytes at `range`.
    pub(crate) fn new(input: Input<'a>, range: Range<u64>) -> Self {
        let reach = range.end;
        Self { input, left: range, ahead: Cow::default(), ahead_start: 0, reach }
    }

    /// Says that those in `ahead`, at `start`, are known.
    pub(crate) fn with_ahead(self, ahead: Cow<'a, [u8]>, start: u64) -> Self {
        Self { ahead, ahead_start: start, ..self }
    }

    /// Says that what follows, up to `reach`, will be read later.
    pub(crate) fn with_reach(self, reach: u64) -> Self {
        Self { reach, ..self }
    }

    /// Says that of what follows, only what is before `reach` will be read soon.
    pub(crate) fn set_reach(&mut self, reach: u64) {
        self.reach = reach;
    }

    /// The same bytes, read from elsewhere.
    pub(crate) fn over<'b>(&'b self, input: Input<'b>) -> Span<'b> {
        let (left, ahead) = (self.left.clone(), Cow::Borrowed(&self.ahead[..]));
        Span { input, left, ahead, ahead_start: self.ahead_start, reach: self.reach }
    }

    /// Leaves its input, to go on with another one for the same bytes, perhaps on another thread.
    pub(crate) fn detach(self) -> impl for<'b> FnOnce(Input<'b>) -> Span<'b> + Send + use<> {
        let Self { left, ahead, ahead_start, reach, .. } = self;
        let ahead = Cow::Owned(ahead.into_owned());
        move |input| Span { input, left, ahead, ahead_start, reach }
    }

    /// Goes on at `range`.
    pub(crate) fn go_to(&mut self, range: Range<u64>) {
        self.left = range;
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

    /// What has been read of the next bytes, and perhaps of what follows them.
    pub(crate) fn known(&self) -> &[u8] {
        let known = self.left.start.checked_sub(self.ahead_start);
        let known = known.and_then(|from| self.ahead.get(usize::try_from(from).ok()?..));
        known.unwrap_or(&[])
    }

    /// Copies to the start of `out` what is known of the next bytes, and returns how many.
    fn copy_known(&self, out: &mut [u8]) -> usize {
        let known = self.known();
        let len = known.len().min(out.len());
        out.split_at_mut(len).0.copy_from_slice(known.split_at(len).0);
        len
    }

    /// Fills `out` with the next bytes, which are not known; and where reads are planned, reads more of
    /// them ahead, each time more.
    fn read_unknown(&mut self, out: &mut [u8]) -> Result<()> {
        let (start, cost) = (self.left.start, self.input.cost());
        let last = self.ahead.len().max(out.len()) as u64;
        let ahead = last.saturating_mul(8).max(cost.worth_reading());
        let ahead = ahead.min(cost.most_together()).min(self.reach.saturating_sub(start)) as usize;
        if !cost.is_planned() || ahead <= out.len() {
            return self.input.read_exact_at(out, start);
        }
        self.ahead = Cow::default(); // Not both in memory.
        self.ahead = self.input.range(start..start.saturating_add(ahead as u64))?;
        self.ahead_start = start;
        self.copy_known(out);
        Ok(())
    }

    /// Fills `out` with the next bytes on all threads, or by reads at the same time, if that pays, and
    /// if they can all read. What `work` makes of each part, and where it is in `out`, is in their
    /// order.
    pub(crate) fn fill_parts<T: Send>(
        &mut self,
        out: &mut [u8],
        work: impl Fn(&mut [u8], usize) -> T + Sync,
    ) -> Option<Result<Vec<T>>> {
        let Input::Shared(shared) = self.input else { return None };
        let is_planned = self.input.cost().is_planned();
        if out.len() < WORTH_READING_IN_PARTS || (parallel::threads() == 1 && !is_planned) {
            return None;
        }
        let Range { start, end } = self.left;
        if out.len() as u64 > end.saturating_sub(start) {
            return Some(Err(Error::cut_short()));
        }
        if is_planned {
            let work = |part: &mut [u8], offset| Ok(work(part, offset));
            return Some(
                Stream::read_exact(self, out).and_then(|()| parallel::for_parts(out, PART, work)),
            );
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
        let known = self.copy_known(out);
        self.left.start = start.saturating_add(known as u64);
        let (_, rest) = out.split_at_mut(known);
        if !rest.is_empty() {
            self.read_unknown(rest)?;
        }
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
