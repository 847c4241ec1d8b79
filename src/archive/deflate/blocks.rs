//! Inflating the blocks of an indexed member apart from each other.

use std::io;
use std::ops::Range;

use super::Inflater;
use super::index::{ENTRY, INDEX, START, VERSION};
use crate::archive::Member;
use crate::archive::source::Bytes;
use crate::archive::span::{Span, read_exact_at};
use crate::error::{Error, ErrorKind};

/// Blocks that are believed to be of so many bytes, when inflated: from 1 KiB to 1 GiB.
const BLOCK_BITS: Range<u16> = 10..31;

/// Where a member's blocks are, according to its [`index`](super::index). It agrees with
/// the member's size and its compressed one, and may be wrong all the same.
pub(in crate::archive) struct Blocks {
    /// Of each block but the last, inflated.
    size: usize,
    /// Of all of them.
    total: u64,
    /// Where the blocks start in the archive, and the last one ends.
    bounds: Vec<u64>,
    /// Of each block, inflated.
    crc32s: Vec<u32>,
}

impl Blocks {
    /// Looks for an index in the local header of `member`: `fields` are its extra fields,
    /// counted from the header's start, of which some bytes are known `ahead`.
    pub(in crate::archive) fn find(
        bytes: Bytes<'_>,
        ahead: &[u8],
        member: &Member,
        fields: Range<u64>,
    ) -> io::Result<Option<Self>> {
        if member.size <= 1 << BLOCK_BITS.start {
            return Ok(None);
        }
        let start = member.header_start + fields.end;
        let (from, to) = (fields.start as usize, fields.end as usize);
        let read;
        let fields = match ahead.get(from..to) {
            Some(fields) => fields,
            None => {
                let mut whole = vec![0; to - from];
                read_exact_at(bytes, &mut whole, member.header_start + fields.start)?;
                read = whole;
                &read
            }
        };
        Ok(find(fields, INDEX).and_then(|index| Self::parse(index, start, member)))
    }

    fn parse(index: &[u8], start: u64, member: &Member) -> Option<Self> {
        let (head, entries) = index.split_at_checked(START)?;
        let bits = u16::from_le_bytes([head[2], head[3]]);
        let (entries, rest) = entries.as_chunks::<ENTRY>();
        let size = BLOCK_BITS.contains(&bits).then(|| 1_usize << bits)?;
        let agrees = u16::from_le_bytes([head[0], head[1]]) == VERSION
            && rest.is_empty()
            && entries.len() as u64 == member.size.div_ceil(size as u64);
        let (mut bounds, mut crc32s) = (vec![start], Vec::new());
        for &entry in entries.iter().filter(|_| agrees) {
            let entry = u64::from_le_bytes(entry);
            bounds.push(bounds[bounds.len() - 1] + u64::from(entry as u32));
            crc32s.push((entry >> 32) as u32);
        }
        // The stream's end takes two bytes more.
        let end = start.checked_add(member.compressed_size)?.checked_sub(2)?;
        (bounds.last() == Some(&end)).then_some(Self { size, total: member.size, bounds, crc32s })
    }

    /// How many bytes each block but the last has, inflated.
    pub(in crate::archive) fn size(&self) -> usize {
        self.size
    }

    /// Where the bytes of the block `index` are among the member's.
    pub(in crate::archive) fn range(&self, index: usize) -> Range<u64> {
        let start = index as u64 * self.size as u64;
        start..self.total.min(start + self.size as u64)
    }

    /// Where the last block ends.
    pub(in crate::archive) fn end(&self) -> u64 {
        self.bounds[self.bounds.len() - 1]
    }

    /// Inflates the block `index` to `out`, which has its size. Whether they are the right
    /// bytes the member's CRC tells.
    pub(in crate::archive) fn inflate(
        &self,
        bytes: Bytes<'_>,
        index: usize,
        out: &mut [u8],
    ) -> io::Result<()> {
        let mut span = Span::new(bytes, self.bounds[index]..self.bounds[index + 1]);
        let mut inflater = Inflater::new().map_err(io::Error::other)?;
        inflater.read(&mut span, out).map(drop)
    }

    /// The same, and checks the block against its own CRC.
    pub(in crate::archive) fn inflate_checked(
        &self,
        bytes: Bytes<'_>,
        index: usize,
        out: &mut [u8],
    ) -> io::Result<()> {
        self.inflate(bytes, index, out)?;
        let (expected, found) = (self.crc32s[index], crc32fast::hash(out));
        match expected == found {
            true => Ok(()),
            false => Err(io::Error::other(Error::from(ErrorKind::Checksum { expected, found }))),
        }
    }
}

/// The field `id` among extra fields (APPNOTE 4.5.1): each an id, a length, and so many
/// bytes.
fn find(mut fields: &[u8], id: u16) -> Option<&[u8]> {
    while let Some(([id0, id1, len0, len1], rest)) = fields.split_first_chunk() {
        let (field, next) = rest.split_at_checked(u16::from_le_bytes([*len0, *len1]).into())?;
        if u16::from_le_bytes([*id0, *id1]) == id {
            return Some(field);
        }
        fields = next;
    }
    None
}
