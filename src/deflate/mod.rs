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
    /// How many bytes of the first block are the array's header. If other blocks follow, it is not
    /// compressed, so that it can be changed when they have been written.
    header: usize,
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
    /// What its data has to begin with: nothing else than it does, unless the header has changed.
    pub(crate) beginning: Vec<u8>,
}

/// A block, and what has become of it.
struct CompressedBlock {
    input: Vec<u8>,
    output: Vec<u8>,
    /// Of its bytes after the header.
    hasher: crc32fast::Hasher,
}

impl Deflater {
    /// The longest header that may have changed when [`finish`](Self::finish) is called.
    pub(crate) const MOST_HEADER: usize = BLOCK / 2;

    /// Compresses items of `item` bytes, at `level`, from 1 to 9.
    pub(crate) fn new(level: u8, item: usize) -> Result<Self> {
        Ok(Self {
            level,
            item,
            header: 0,
            input: Vec::new(),
            in_flight: VecDeque::new(),
            spare: Vec::new(),
            index: Index::default(),
            size: 0,
            hasher: crc32fast::Hasher::new(),
        })
    }

    /// Compresses the array's header, which comes first.
    pub(crate) fn begin(&mut self, header: &[u8], sink: &mut Sink<'_>) -> Result<()> {
        if header.len() <= Self::MOST_HEADER {
            self.header = header.len();
        }
        self.write(header, sink)
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

    /// Compresses what is left. `header` is what it began with, or takes its place.
    pub(crate) fn finish(mut self, header: &[u8], sink: &mut Sink<'_>) -> Result<Deflated> {
        if !self.is_first_block() {
            self.start_block();
        } else if !self.input.is_empty() {
            // All there is: nothing is gained by another thread, nor by a header that can be changed.
            self.header = 0;
            let mut input = std::mem::take(&mut self.input);
            input.split_at_mut(header.len()).0.copy_from_slice(header);
            let block = CompressedBlock::compress(input, 0, Vec::new(), self.level, self.item);
            self.pass_on(block, sink)?;
        }
        while !self.in_flight.is_empty() {
            self.end_block(sink)?;
        }
        let (set_apart, _) = header.split_at(self.header);
        let (mut beginning, mut hasher) = (Vec::new(), crc32fast::Hasher::new());
        encode::store(set_apart, &mut beginning);
        hasher.update(set_apart);
        self.index.begin_with(header, &hasher);
        hasher.combine(&self.hasher);
        let (size, index) = (self.size, self.index);
        Ok(Deflated { size, crc32: hasher.finalize(), index, beginning })
    }

    fn is_first_block(&self) -> bool {
        self.in_flight.is_empty() && self.index.is_empty()
    }

    fn start_block(&mut self) {
        let header = if self.is_first_block() { self.header } else { 0 };
        let mut spare = || self.spare.pop().unwrap_or_default();
        let (next, output) = (spare(), spare());
        let input = std::mem::replace(&mut self.input, next);
        let (level, item) = (self.level, self.item);
        let compress = move || CompressedBlock::compress(input, header, output, level, item);
        self.in_flight.push_back(Task::new(compress));
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
    /// Compresses `input` but for the `header` that it begins with.
    fn compress(
        input: Vec<u8>,
        header: usize,
        mut output: Vec<u8>,
        level: u8,
        item: usize,
    ) -> Self {
        let (header, items) = input.split_at(header);
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(items);
        encode::store(header, &mut output);
        encode::compress(items, level, item, &mut output);
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
