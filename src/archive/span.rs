//! A member's bytes in the archive, as they are, from the first to the last.

use std::io;
use std::ops::Range;

use super::Source;
use crate::error::Error;

pub(super) struct Span<'a, R> {
    source: &'a Source<R>,
    left: Range<u64>,
    /// What was read together with the local header: all of a small member.
    ahead: Vec<u8>,
    ahead_start: u64,
}

impl<'a, R> Span<'a, R> {
    /// The bytes at `range`, of which those in `ahead`, at `ahead_start`, are known.
    pub(super) fn new(
        source: &'a Source<R>,
        range: Range<u64>,
        ahead: Vec<u8>,
        ahead_start: u64,
    ) -> Self {
        Self { source, left: range, ahead, ahead_start }
    }

    pub(super) fn is_exhausted(&self) -> bool {
        self.left.is_empty()
    }

    /// Reads as much as there is, up to `out`'s length.
    pub(super) fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = (self.left.end - self.left.start).min(out.len() as u64) as usize;
        let out = &mut out[..len];
        let ahead = (self.left.start - self.ahead_start) as usize;
        let ahead = self.ahead.get(ahead..).unwrap_or(&[]);
        let copied = ahead.len().min(len);
        out[..copied].copy_from_slice(&ahead[..copied]);
        let read = self.source.read_at(&mut out[copied..], self.left.start + copied as u64)?;
        if copied + read < len {
            return Err(io::Error::other(Error::archive(
                "the file was cut short while it was read",
            )));
        }
        self.left.start += len as u64;
        Ok(len)
    }
}
