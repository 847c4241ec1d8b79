//! [`Fill`]: bytes that come in order, and can come on several threads at once.

use std::convert::Infallible;
use std::io::{self, Read};

use crate::parallel;

/// How many bytes are looked at, at a time, while they are in a core's own cache.
pub(crate) const PART: usize = 256 << 10;

/// Looks at, or changes, some of the bytes that have come: those from an offset on.
pub(crate) type Then<'a> = dyn Fn(&mut [u8], usize) + Sync + 'a;

/// A reader that knows a better way to fill much memory than bit by bit.
pub(crate) trait Fill: Read {
    /// Fills `out` with the next bytes, and lets `then` have them part by part, on any
    /// thread and in any order: parts that start at multiples of 8 in `out`.
    fn fill(&mut self, out: &mut [u8], then: &Then<'_>) -> io::Result<()> {
        fill_in_order(self, out, then)
    }
}

impl Fill for &[u8] {}

impl Fill for io::Empty {}

/// Any other reader.
pub(crate) struct Plain<R>(pub(crate) R);

impl<R: Read> Read for Plain<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out)
    }
}

impl<R: Read> Fill for Plain<R> {}

/// Lets `then` have the parts of `out`, which has been filled, on all threads.
pub(crate) fn look_at(out: &mut [u8], then: &Then<'_>) {
    let look = |part: &mut [u8], offset| {
        then(part, offset);
        Ok::<_, Infallible>(())
    };
    let Ok(_) = parallel::for_parts(out, PART, look);
}

/// Fills `out` part by part on this thread.
pub(crate) fn fill_in_order<R: Read + ?Sized>(
    reader: &mut R,
    out: &mut [u8],
    then: &Then<'_>,
) -> io::Result<()> {
    for (part, offset) in out.chunks_mut(PART).zip((0..).step_by(PART)) {
        reader.read_exact(part)?;
        then(part, offset);
    }
    Ok(())
}
