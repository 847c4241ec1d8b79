//! [`Stream`]: bytes that come in order, from a file or out of a decoder.

use std::convert::Infallible;
use std::io::{self, Read};

use crate::error::{Error, Result};
use crate::parallel;
use crate::sizes::CACHED;

/// Looks at, or changes, a part of the bytes that have come. It is told where in all of them
/// the part starts.
pub(crate) type Visit<'a> = dyn Fn(&mut [u8], usize) + Sync + 'a;

/// Bytes that come in order. Unlike a [`Read`] it fails with errors of this crate, and may know
/// a way to fill much memory on several threads.
pub(crate) trait Stream {
    /// Reads some of the next bytes into `out`, and returns how many: none only at the end, or
    /// if `out` is empty.
    fn read(&mut self, out: &mut [u8]) -> Result<usize>;

    /// Fills `out` with the next bytes. Fewer are an error.
    fn read_exact(&mut self, out: &mut [u8]) -> Result<()> {
        match self.read_as_many(out)? == out.len() {
            true => Ok(()),
            false => Err(Error::cut_short()),
        }
    }

    /// Fills `out` with the next bytes, or as much of it as there are. Returns how many came.
    fn read_as_many(&mut self, out: &mut [u8]) -> Result<usize> {
        let mut filled = 0_usize;
        while let Some(rest) = out.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.read(rest)? {
                0 => break,
                read => filled = filled.saturating_add(read),
            }
        }
        Ok(filled)
    }

    /// Appends the next bytes to `out`: `len` of them, or as many as there are. Memory grows as
    /// they come.
    fn read_up_to(&mut self, len: u64, out: &mut Vec<u8>) -> Result<()> {
        /// What is made room for at first.
        const FIRST: usize = 4 << 10;
        let mut left = len;
        while left > 0 {
            let start = out.len();
            let next = start.max(FIRST).min(usize::try_from(left).unwrap_or(usize::MAX));
            out.try_reserve(next).map_err(|_| Error::out_of_memory(next))?;
            out.resize(start.saturating_add(next), 0);
            let read = self.read_as_many(out.split_at_mut(start).1)?;
            out.truncate(start.saturating_add(read));
            if read < next {
                break;
            }
            left = left.saturating_sub(read as u64);
        }
        Ok(())
    }

    /// Fills `out` with the next bytes, and lets `visit` have them part by part, on any
    /// thread and in any order: parts that start at multiples of 8 in `out`.
    fn fill(&mut self, out: &mut [u8], visit: &Visit<'_>) -> Result<()> {
        fill_in_order(self, out, visit)
    }
}

/// Bytes in memory.
impl Stream for &[u8] {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let (now, rest) = self.split_at(out.len().min(self.len()));
        out.split_at_mut(now.len()).0.copy_from_slice(now);
        *self = rest;
        Ok(now.len())
    }
}

/// A reader of the caller's.
pub(crate) struct Reader<R>(pub(crate) R);

impl<R: Read> Stream for Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        loop {
            match self.0.read(out) {
                // A reader that says that it has read more than it was asked for is not believed.
                Ok(read) => return Ok(read.min(out.len())),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Err(Error::cut_short());
                }
                Err(error) => return Err(Error::io("read", error)),
            }
        }
    }
}

/// Lets `visit` have the parts of `out`, which has been filled, on all threads.
pub(crate) fn visit_all(out: &mut [u8], visit: &Visit<'_>) {
    let visit = |part: &mut [u8], offset| {
        visit(part, offset);
        Ok::<_, Infallible>(())
    };
    let Ok(_) = parallel::for_parts(out, CACHED, visit);
}

/// Fills `out` part by part on this thread.
pub(crate) fn fill_in_order<S: Stream + ?Sized>(
    stream: &mut S,
    out: &mut [u8],
    visit: &Visit<'_>,
) -> Result<()> {
    for (part, offset) in out.chunks_mut(CACHED).zip((0..).step_by(CACHED)) {
        stream.read_exact(part)?;
        visit(part, offset);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_much_is_read_as_there_is() {
        let bytes: Vec<u8> = (0..20_000).map(|i| (i % 251) as u8).collect();
        for len in [0, 1, 4095, 4096, 4097, 12_288, 19_999, 20_000, 20_001, u64::MAX] {
            let mut out = vec![7];
            (&bytes[..]).read_up_to(len, &mut out).unwrap();
            let read = bytes.len().min(usize::try_from(len).unwrap_or(usize::MAX));
            assert!(out[0] == 7 && out[1..] == bytes[..read], "{len}");
        }
        assert!(Stream::read_exact(&mut &bytes[..], &mut [0; 20_001]).is_err());
    }
}
