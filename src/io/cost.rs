//! [`ReadCost`]: how a source is read best.

use std::num::NonZeroUsize;

/// What it costs to read from a source: [`ReadAt::cost`](crate::ReadAt::cost) says so, and reads are
/// planned by it.
///
/// Where a read takes long to begin, as it does over a network, all that an operation needs is
/// requested together: small parts that are near each other in one read, and large parts in several
/// reads at the same time. What is held in memory before it is used is at most what may be under way
/// at a time, and at most 64 MiB.
///
/// # Examples
///
/// ```
/// use npz::ReadCost;
///
/// // A store in the next room: large reads, four under way at a time.
/// let cost = ReadCost::REMOTE.sizes(8 << 20, 16 << 20).at_once(4);
/// assert!(cost != ReadCost::REMOTE && cost.most_at_once() == 4);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadCost {
    gap: u64,
    least: usize,
    best: usize,
    at_once: usize,
}

impl ReadCost {
    /// Files and memory, where a read takes microseconds: each thread reads what it needs when it needs
    /// it. This is what [`ReadAt::cost`](crate::ReadAt::cost) returns if it is not implemented.
    pub const LOCAL: Self = Self { gap: 4 << 10, least: 1 << 20, best: 1 << 20, at_once: 1 };

    /// Object stores and web servers, where a read takes 10 to 100 ms to begin: gaps of up to 1 MiB are
    /// read over, and what is large comes in 16 reads at the same time, of 5 to 8 MiB each.
    pub const REMOTE: Self = Self { gap: 1 << 20, least: 5 << 20, best: 8 << 20, at_once: 16 };

    /// Reads over gaps of at most this number of bytes rather than begin another read. As many are
    /// read along with an array's header.
    #[must_use]
    pub const fn gap(self, bytes: u64) -> Self {
        Self { gap: bytes, ..self }
    }

    /// Divides what is large into reads of at least `least` bytes, so that several are under way, and
    /// of at most `best` bytes.
    #[must_use]
    pub const fn sizes(self, least: usize, best: usize) -> Self {
        let best = if best < least { least } else { best };
        Self { least, best, ..self }
    }

    /// Plans for this number of reads under way at the same time. With one, nothing is planned: each
    /// thread reads what it needs when it needs it.
    #[must_use]
    pub const fn at_once(self, reads: usize) -> Self {
        Self { at_once: reads, ..self }
    }

    /// For how many reads under way at the same time it plans. A source may take it for the most that it
    /// makes at a time.
    pub const fn most_at_once(&self) -> usize {
        self.at_once
    }

    /// Whether reads are planned.
    pub(crate) fn is_planned(&self) -> bool {
        self.at_once > 1
    }

    /// How many bytes are read rather than skipped.
    pub(crate) fn worth_reading(&self) -> u64 {
        self.gap
    }

    /// How many bytes are held in memory, at most, before they are used.
    pub(crate) fn most_together(&self) -> u64 {
        const MOST: u64 = 64 << 20;
        (self.best as u64).saturating_mul(self.at_once as u64).min(MOST)
    }

    /// How many bytes each read should have, of `len` that are wanted together.
    pub(crate) fn size_of_read(&self, len: usize) -> NonZeroUsize {
        /// Reads of a few bytes could be so many that their list took more memory than they do.
        const MOST_READS: usize = 1 << 16;
        let share = len.div_ceil(self.at_once.max(1));
        let size = share.clamp(self.least, self.best).max(len.div_ceil(MOST_READS));
        NonZeroUsize::new(size).unwrap_or(NonZeroUsize::MIN)
    }
}
