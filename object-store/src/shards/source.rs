//! The object of a shard, which has to be the one that was committed.

use std::io;

use npz::{ReadAt, ReadCost};

use super::Shard;
use crate::Object;

/// How much of an object's end its checksum is of.
pub(super) const TAIL: usize = 64 << 10;

/// The checksum of the last bytes of an object of `size` bytes, of which `tail` begins with the last ones.
pub(super) fn tail_crc32(tail: &[u8], size: u64) -> u32 {
    let len = usize::try_from(size).map_or(tail.len(), |size| size.min(tail.len()));
    let (known, _) = tail.split_at(len);
    let (_, last) = known.split_at(known.len().saturating_sub(TAIL));
    crc32fast::hash(last)
}

/// Reads a shard's object, if it is the one that was committed. That is seen when it is opened, from its
/// end, and from then on the store is asked for this version of the object only.
pub(super) struct ShardObject {
    object: Object,
    size: u64,
    tail_crc32: u32,
}

impl ShardObject {
    pub(super) fn new(object: Object, shard: &Shard) -> Self {
        Self { object, size: shard.size, tail_crc32: shard.tail_crc32 }
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

    fn read_tail(&self, buf: &mut [u8]) -> io::Result<u64> {
        let size = self.object.read_tail(buf)?;
        // An archive is opened by at least as much of its end as the checksum is of.
        match size == self.size && tail_crc32(buf, size) == self.tail_crc32 {
            true => Ok(size),
            false => Err(io::Error::other("it is not the object that was committed")),
        }
    }

    fn cost(&self) -> ReadCost {
        ReadAt::cost(&self.object)
    }
}
