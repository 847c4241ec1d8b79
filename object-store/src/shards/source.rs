//! The object of a shard, and how it is known again.

use std::io;
use std::path::Path;
use std::sync::OnceLock;

use npz::{ReadAt, ReadCost};
use serde::{Deserialize, Serialize};

use crate::Object;

/// How much of an object's end its checksum is of.
const TAIL: usize = 64 << 10;

/// By what an object is known again: its size, and the CRC-32 of its last 64 KiB, which are the archive's
/// directory with the checksums of all members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    size: u64,
    tail_crc32: u32,
}

impl Identity {
    /// That of an object of `size` bytes; `tail` begins with the last ones.
    fn of(size: u64, tail: &[u8]) -> Self {
        let len = usize::try_from(size).map_or(tail.len(), |size| size.min(tail.len()));
        let (known, _) = tail.split_at(len);
        let (_, last) = known.split_at(known.len().saturating_sub(TAIL));
        Self { size, tail_crc32: crc32fast::hash(last) }
    }
}

/// Reads a shard's object. That it is the right one is seen when it is opened, from its end, and from then on
/// the store is asked for this version of the object alone.
pub(super) struct ShardObject {
    object: Object,
    expected: Option<Identity>,
    found: OnceLock<Identity>,
}

impl ShardObject {
    /// Any object, or the one that is `expected`.
    pub(super) fn new(object: Object, expected: Option<Identity>) -> Self {
        Self { object, expected, found: OnceLock::new() }
    }

    /// Which object it is, once it has been opened as an archive.
    pub(super) fn identity(&self) -> Option<Identity> {
        self.found.get().copied()
    }
}

impl ReadAt for ShardObject {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.object.read_at(buf, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.object.size()
    }

    fn read_ranges(&self, ranges: &mut [(u64, &mut [u8])]) -> io::Result<()> {
        self.object.read_ranges(ranges)
    }

    /// An archive is opened by this, and by more of its end than the checksum is of.
    fn read_tail(&self, buf: &mut [u8]) -> io::Result<u64> {
        let size = self.object.read_tail(buf)?;
        let found = *self.found.get_or_init(|| Identity::of(size, buf));
        match self.expected.is_none_or(|expected| expected == found) {
            true => Ok(size),
            false => Err(io::Error::other("it is not the object that was committed")),
        }
    }

    fn cost(&self) -> ReadCost {
        self.object.cost()
    }

    fn path(&self) -> Option<&Path> {
        self.object.path()
    }
}
