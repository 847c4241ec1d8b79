//! Inflating the blocks of an indexed member apart from each other.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "blocks are not empty, and follow each other up to where the member ends"
)]

use std::iter;
use std::ops::Range;

use super::Inflater;
use super::decode::literals;
use super::index::{ENTRY, START, VERSION};
use crate::error::{Error, ErrorKind, Result};
use crate::io::{Input, SharedInput, Span};
use crate::parallel;

/// An index is used if its blocks have 2¹⁰ to 2²⁶ bytes when inflated: a slice may take as much
/// memory as a block, besides its own.
const BLOCK_BITS: Range<u16> = 10..27;

/// Blocks of more bytes, inflated, are not held in memory together.
const MOST_AT_ONCE: usize = 16 << 20;

/// Where a member's blocks are, according to its [`index`](super::index). It agrees with
/// the member's size and its compressed one, and may be wrong all the same.
pub(crate) struct Blocks {
    /// The size of each block but the last, inflated.
    size: usize,
    /// The size of all blocks together, inflated.
    total: u64,
    /// The checksum of the array's header.
    header_crc32: u32,
    /// Where each block is in the archive, and its CRC-32 when inflated. They follow each other.
    blocks: Vec<(Range<u64>, u32)>,
}

impl Blocks {
    /// Reads an index. The stream is at `place` in the file, and has `total` bytes when
    /// inflated.
    pub(crate) fn parse(index: &[u8], place: Range<u64>, total: u64) -> Option<Self> {
        let ([version @ .., b0, b1, c0, c1, c2, c3], entries) =
            index.split_first_chunk::<START>()?;
        let bits = u16::from_le_bytes([*b0, *b1]);
        let header_crc32 = u32::from_le_bytes([*c0, *c1, *c2, *c3]);
        let (entries, rest) = entries.as_chunks::<ENTRY>();
        let size = BLOCK_BITS.contains(&bits).then(|| 1_usize << bits)?;
        let agrees = u16::from_le_bytes(*version) == VERSION
            && rest.is_empty()
            && entries.len() as u64 == total.div_ceil(size as u64);
        let (mut end, mut blocks) = (place.start, Vec::new());
        for &entry in entries.iter().filter(|_| agrees) {
            let entry = u64::from_le_bytes(entry);
            let (len, crc32) = (entry as u32, (entry >> 32) as u32);
            let block = end..end.checked_add(len.into())?;
            end = block.end;
            blocks.push((block, crc32));
        }
        // The stream's end takes two bytes more.
        let is_whole = end.checked_add(2) == Some(place.end);
        (agrees && is_whole).then_some(Self { size, total, header_crc32, blocks })
    }

    /// How many bytes each block but the last has, inflated.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// The bytes of the blocks that some of the member's bytes are in.
    pub(crate) fn around(&self, bytes: &Range<u64>) -> Range<u64> {
        let size = self.size as u64;
        bytes.start / size * size..bytes.end.next_multiple_of(size).min(self.total)
    }

    /// Where the blocks are in the archive that some of the member's bytes are in.
    pub(crate) fn place(&self, bytes: &Range<u64>) -> Range<u64> {
        let at = |position| self.at(position).map(|(block, _)| block);
        let (first, last) = (at(bytes.start), at(bytes.end.saturating_sub(1)));
        first.zip(last).map_or(0..0, |(first, last)| first.start..last.end)
    }

    /// Where the two bytes are that end the stream after the last block.
    pub(crate) fn end(&self) -> Range<u64> {
        let end = self.blocks.last().map_or(0, |(last, _)| last.end);
        end..end + 2
    }

    /// The block that the inflated byte at `position` is in: where it is in the archive, and where
    /// it ends when inflated. `None` after the last one.
    pub(crate) fn at(&self, position: u64) -> Option<(Range<u64>, u64)> {
        if position >= self.total {
            return None;
        }
        let index = position / self.size as u64;
        let (block, _) = self.blocks.get(usize::try_from(index).ok()?)?;
        Some((block.clone(), ((index + 1) * self.size as u64).min(self.total)))
    }

    /// The error for an index that lists something else than the blocks of the stream: what it
    /// leads to is not what other readers see.
    pub(crate) fn is_wrong() -> Error {
        Error::archive("damaged: its index is not that of its compressed data")
    }

    /// How many bytes a thread should inflate at a time, of `len` that are wanted: blocks
    /// together, if there are enough for all threads.
    pub(crate) fn part(&self, len: usize) -> usize {
        let blocks = len.div_ceil(self.size) / parallel::threads();
        self.size * if self.size > MOST_AT_ONCE { 1 } else { blocks.clamp(1, literals::AT_ONCE) }
    }

    /// Inflates what is at `start` to `out`, which ends with a block. Whether they are the
    /// right bytes the member's CRC tells.
    pub(crate) fn inflate(&self, input: Input<'_>, start: u64, out: &mut [u8]) -> Result<()> {
        let index = (start / self.size as u64) as usize;
        let before = (start % self.size as u64) as usize;
        if before == 0 {
            return self.inflate_whole(input, index, out.chunks_mut(self.size).collect());
        }
        // Of the first block, only the end is wanted.
        let (end, others) = out.split_at_mut(out.len().min(self.size - before));
        let mut first = vec![0; before + end.len()];
        let outputs = iter::once(&mut first[..]).chain(others.chunks_mut(self.size)).collect();
        self.inflate_whole(input, index, outputs)?;
        end.copy_from_slice(first.split_at(before).1);
        Ok(())
    }

    /// Inflates the blocks from `index` on, each to one of `outputs`.
    #[expect(clippy::indexing_slicing, reason = "there is a block for each output")]
    fn inflate_whole(
        &self,
        input: Input<'_>,
        index: usize,
        mut outputs: Vec<&mut [u8]>,
    ) -> Result<()> {
        let blocks = &self.blocks[index..][..outputs.len()];
        let (Some((first, _)), Some((last, _))) = (blocks.first(), blocks.last()) else {
            return Ok(());
        };
        let (start, len) = (first.start, last.end - first.start);
        let size: usize = outputs.iter().map(|output| output.len()).sum();
        let mut bytes = Vec::new();
        let (input, start) = match input {
            Input::Shared(SharedInput::InMemory(_)) => (input, 0),
            // What is much longer than its output is not worth the memory.
            _ if len > 2 * size as u64 => (input, 0),
            _ => {
                bytes.resize(len as usize, 0);
                input.read_exact_at(&mut bytes, start)?;
                (Input::Shared(SharedInput::InMemory(&bytes)), start)
            }
        };
        let ranges = blocks.iter().map(|(block, _)| block.start - start..block.end - start);
        let inputs = ranges
            .clone()
            .map(|range| input.get(range.start, (range.end - range.start) as usize).unwrap_or(&[]));
        let pairs = inputs.zip(outputs.iter_mut().map(|output| &mut **output)).collect();
        let are_done = literals::decode(pairs);
        for ((range, output), is_done) in ranges.zip(outputs).zip(are_done) {
            if !is_done {
                let (mut inflater, mut span) = (Inflater::new()?, Span::new(input, range));
                inflater.read(&mut span, output)?;
                if !inflater.is_between_blocks(&mut span)? {
                    return Err(Self::is_wrong());
                }
            }
        }
        Ok(())
    }

    /// Checks the array's header, by its CRC.
    pub(crate) fn check_header(&self, found: u32) -> Result<()> {
        match self.header_crc32 {
            expected if expected == found => Ok(()),
            expected => Err(ErrorKind::Checksum { expected, found }.into()),
        }
    }

    /// Checks the blocks from the one at `start` on, inflated, against their own CRCs.
    pub(crate) fn check(&self, start: u64, inflated: &[u8]) -> Result<()> {
        let blocks = self.blocks.iter().skip((start / self.size as u64) as usize);
        for (block, &(_, expected)) in inflated.chunks(self.size).zip(blocks) {
            let found = crc32fast::hash(block);
            if found != expected {
                let kind = ErrorKind::Checksum { expected, found };
                return Err(kind.into());
            }
        }
        Ok(())
    }
}
