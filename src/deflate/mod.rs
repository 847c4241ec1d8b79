//! Deflate: RFC 1951.
//!
//! A member is compressed in blocks that know nothing of each other, on all threads, and
//! an [`index`] of their lengths lets readers find them. To any other reader they are one
//! stream.
//!
//! Compressing a block is [`encode`]. Inflating is [`decode`] for what is in memory, [`span_decoder`]
//! for what is in a file, and [`inflate`] for a member: its [`blocks`] if there is an index, else
//! [`pieces`] of one stream. Both know the [`symbols`] of the format.

#![expect(clippy::arithmetic_side_effects, reason = "it counts what has been written")]

mod blocks;
mod codes;
mod decode;
mod encode;
mod index;
mod inflate;
mod marks;
mod pieces;
mod span_decoder;
mod symbols;

use std::collections::VecDeque;

use crate::error::Result;
use crate::io::Sink;
use crate::parallel::{self, Task};

pub(crate) use blocks::Blocks;
pub(crate) use index::Index;
pub(crate) use inflate::Inflater;
pub(crate) use marks::Marks;

/// How much of a member is compressed at once. Larger blocks would find matches in more
/// of what precedes: by 0 to 2 % they are smaller.
const BLOCK: usize = 1 << 20;

/// Matches reach back 32 KiB.
const WINDOW_BITS: u8 = 15;

/// Compresses a member.
pub(crate) struct Deflater {
    level: u8,
    /// How many bytes an item of the array has.
    item: usize,
    /// The block that is being filled.
    input: Vec<u8>,
    /// Those before it, being compressed.
    in_flight: VecDeque<Task<CompressedBlock>>,
    /// Buffers to use again.
    spare: Vec<Vec<u8>>,
    index: Index,
    size: u64,
    hasher: crc32fast::Hasher,
}

/// What a member has become.
pub(crate) struct Deflated {
    pub(crate) size: u64,
    pub(crate) crc32: u32,
    pub(crate) index: Index,
}

/// A block, and what has become of it.
struct CompressedBlock {
    input: Vec<u8>,
    output: Vec<u8>,
    hasher: crc32fast::Hasher,
}

impl Deflater {
    /// Compresses what begins with `header`, and then has items of `item` bytes, at `level`, from
    /// 1 to 9.
    pub(crate) fn new(level: u8, item: usize, header: &[u8]) -> Result<Self> {
        Ok(Self {
            level,
            item,
            input: Vec::new(),
            in_flight: VecDeque::new(),
            spare: Vec::new(),
            index: Index::new(header),
            size: 0,
            hasher: crc32fast::Hasher::new(),
        })
    }

    /// Compresses the next bytes, and passes to `sink` the blocks that are done.
    pub(crate) fn write(&mut self, mut bytes: &[u8], sink: &mut Sink<'_>) -> Result<()> {
        while !bytes.is_empty() {
            if self.input.len() == BLOCK {
                self.start_block();
                while self.in_flight.len() > most_in_flight() {
                    self.end_block(sink)?;
                }
            }
            let (next, rest) = bytes.split_at(bytes.len().min(BLOCK - self.input.len()));
            self.input.extend_from_slice(next);
            bytes = rest;
        }
        Ok(())
    }

    /// Compresses what is left.
    pub(crate) fn finish(mut self, sink: &mut Sink<'_>) -> Result<Deflated> {
        if !self.in_flight.is_empty() {
            self.start_block();
        } else if !self.input.is_empty() {
            // All there is: nothing is gained by another thread.
            let input = std::mem::take(&mut self.input);
            let block = CompressedBlock::compress(input, Vec::new(), self.level, self.item);
            self.pass_on(block, sink)?;
        }
        while !self.in_flight.is_empty() {
            self.end_block(sink)?;
        }
        Ok(Deflated { size: self.size, crc32: self.hasher.finalize(), index: self.index })
    }

    fn start_block(&mut self) {
        let mut spare = || self.spare.pop().unwrap_or_default();
        let (next, output) = (spare(), spare());
        let input = std::mem::replace(&mut self.input, next);
        let (level, item) = (self.level, self.item);
        self.in_flight
            .push_back(Task::new(move || CompressedBlock::compress(input, output, level, item)));
    }

    fn end_block(&mut self, sink: &mut Sink<'_>) -> Result<()> {
        let Some(task) = self.in_flight.pop_front() else { return Ok(()) };
        let block = task.wait_and_help(self.in_flight.iter().rev());
        self.pass_on(block, sink)
    }

    fn pass_on(&mut self, block: CompressedBlock, sink: &mut Sink<'_>) -> Result<()> {
        sink(&block.output)?;
        self.hasher.combine(&block.hasher);
        self.index.add(block.output.len(), &block.hasher);
        self.size += block.input.len() as u64;
        for mut buffer in [block.input, block.output] {
            buffer.clear();
            self.spare.push(buffer);
        }
        Ok(())
    }
}

impl CompressedBlock {
    fn compress(input: Vec<u8>, mut output: Vec<u8>, level: u8, item: usize) -> Self {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&input);
        encode::compress(&input, level, item, &mut output);
        Self { input, output, hasher }
    }
}

/// How many blocks may wait to be written: enough to keep all threads busy while the oldest block is
/// not done.
fn most_in_flight() -> usize {
    match parallel::threads() {
        1 => 0,
        threads => 2 * threads,
    }
}
