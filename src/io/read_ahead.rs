//! Reading many small members, one after the other, in few calls.

use std::io;
use std::sync::Mutex;

use super::cost::ReadCost;
use super::read_at::ReadAt;
use crate::parallel;

/// Longer reads go straight to the source.
const SMALL: usize = 4 << 10;

/// A read follows another one if it starts at most this many bytes after it.
const NEAR: u64 = 8 << 10;

/// How many bytes are read when one small read follows another, or as many as the source would rather
/// read than skip.
const AHEAD: u64 = 64 << 10;

/// How many threads can each go through the source in their own order. If there are more, some share.
const ORDERS: usize = 8;

/// A source that, when small reads of a thread follow each other, has read what comes next.
pub(crate) struct ReadAhead<R> {
    source: R,
    known: Box<[Mutex<Known>; ORDERS]>,
}

#[derive(Default)]
struct Known {
    /// Bytes of the source, the first of them at `start`.
    bytes: Vec<u8>,
    start: u64,
    /// Where the last small read started.
    last: u64,
}

impl<R> ReadAhead<R> {
    pub(crate) fn new(source: R) -> Self {
        Self { source, known: Default::default() }
    }

    pub(crate) fn source(&self) -> &R {
        &self.source
    }

    pub(crate) fn into_inner(self) -> R {
        self.source
    }
}

impl<R: ReadAt> ReadAt for ReadAhead<R> {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        if buf.len() > SMALL {
            return self.source.read_at(buf, offset);
        }
        // Two threads that go their own ways do not follow each other, and do not wait for each other.
        let known =
            self.known.get(parallel::thread() % ORDERS).and_then(|known| known.try_lock().ok());
        let Some(mut known) = known else {
            return self.source.read_at(buf, offset);
        };
        let follows = (1..=NEAR).contains(&offset.wrapping_sub(known.last));
        known.last = offset;
        if known.copy(buf, offset) {
            return Ok(buf.len());
        }
        if !follows {
            return self.source.read_at(buf, offset);
        }
        known.start = offset;
        let cost = self.source.cost();
        let ahead = cost.worth_reading().min(cost.most_together()).max(AHEAD);
        known.bytes.resize(ahead as usize, 0);
        let read = self.source.read_at(&mut known.bytes, offset);
        known.bytes.truncate(*read.as_ref().unwrap_or(&0));
        read?;
        known.bytes.as_slice().read_at(buf, 0)
    }

    fn size(&self) -> io::Result<u64> {
        self.source.size()
    }

    fn read_ranges(&self, ranges: &mut [(u64, &mut [u8])]) -> io::Result<()> {
        self.source.read_ranges(ranges)
    }

    fn cost(&self) -> ReadCost {
        self.source.cost()
    }
}

impl Known {
    /// Fills `out` with the bytes at `offset`, if all of them are known.
    fn copy(&self, out: &mut [u8], offset: u64) -> bool {
        let known = offset.checked_sub(self.start).and_then(|start| {
            let start = usize::try_from(start).ok()?;
            self.bytes.get(start..start.checked_add(out.len())?)
        });
        match known {
            Some(bytes) => out.copy_from_slice(bytes),
            None => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    struct Counted(Vec<u8>, AtomicUsize);

    impl ReadAt for Counted {
        fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.read_at(buf, offset)
        }

        fn size(&self) -> io::Result<u64> {
            self.0.size()
        }
    }

    fn source(len: usize) -> ReadAhead<Counted> {
        let bytes = (0..len).map(|i| (i * 31 + i / 256) as u8).collect();
        ReadAhead::new(Counted(bytes, 0.into()))
    }

    /// How many reads it takes to read 600 bytes at each of `offsets`.
    fn reads(source: &ReadAhead<Counted>, offsets: impl Iterator<Item = usize>) -> usize {
        let before = source.source.1.load(Ordering::Relaxed);
        for offset in offsets {
            let mut buf = [0; 600];
            let len = source.read_at(&mut buf, offset as u64).unwrap();
            let expected = &source.source.0[offset..];
            assert_eq!(buf[..len], expected[..expected.len().min(600)]);
        }
        source.source.1.load(Ordering::Relaxed) - before
    }

    #[test]
    fn what_follows_is_read_in_few_calls() {
        let all = source(1 << 20);
        assert!(reads(&all, (0..1 << 20).step_by(500)) < 22);
        // Backwards, or far apart, nothing follows.
        assert_eq!(reads(&source(1 << 20), (0..1 << 20).step_by(500).rev()), 2098);
        assert_eq!(reads(&source(1 << 20), (0..1 << 20).step_by(10_000)), 105);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

        #[test]
        fn reads_in_any_order_give_the_right_bytes(
            steps in prop::collection::vec((-3000..6000_i64, 0..9000_usize), 1..60),
        ) {
            let source = source(150_000);
            let mut offset = 0_u64;
            for (step, len) in steps {
                offset = offset.saturating_add_signed(step);
                let mut buf = vec![0; len];
                let mut filled = 0;
                while filled < len {
                    match source.read_at(&mut buf[filled..], offset + filled as u64).unwrap() {
                        0 => break,
                        read => filled += read,
                    }
                }
                let rest = source.source.0.get(offset as usize..).unwrap_or(&[]);
                prop_assert_eq!(&buf[..filled], &rest[..len.min(rest.len())]);
            }
        }
    }
}
