//! How many bytes are handled at a time. Each figure has been measured on two cores.

use std::ops::RangeInclusive;

/// What stays in a core's own cache while it is copied, hashed, swapped and checked; large enough
/// that the call for each costs nothing.
pub(crate) const CACHED: usize = 256 << 10;

/// What a thread reads, gathers or writes at a time: few enough bytes to be still in the cache when
/// they are hashed, enough for system calls to cost little.
pub(crate) const PART: usize = 1 << 20;

/// How much of a body is read before all threads decode it: enough to keep several threads busy, not so
/// much that it leaves the cache that they share.
pub(crate) const DECODED_TOGETHER: usize = 4 << 20;

/// How many bytes are read ahead of their use, at least and at most, while an array is read block by
/// block: enough for several threads, and not much of the memory.
pub(crate) const READ_AHEAD: RangeInclusive<usize> = 8 << 20..=32 << 20;

/// With less, reading parts on several threads costs more than it saves.
pub(crate) const WORTH_READING_IN_PARTS: usize = 2 << 20;

/// With less, hashing on another thread while the bytes are written costs more than it saves.
pub(crate) const WORTH_HASHING_APART: usize = 4 << 20;

/// With less, preallocating a file's space costs more than it saves.
pub(crate) const WORTH_PREALLOCATING: u64 = 1 << 20;
