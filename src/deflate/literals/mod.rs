//! Deflate without matches: literals in Huffman codes, and nothing else.
//!
//! The low bytes of floating-point numbers are noise. No byte string in them comes twice,
//! so looking for matches takes nearly all of a compressor's time and gains nothing; what
//! gains is that some byte values are rarer than others. This coder only counts bytes and
//! writes their codes, four at a time: tens of times faster than zlib, at the same size.
//!
//! The input is cut into deflate blocks with codes of their own (RFC 1951, 3.2.7) where
//! that pays for their headers, and stored where codes gain nothing.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "it compresses what is in memory; decoding has a reason of its own"
)]

mod bits;
mod decode;
mod huffman;

pub(super) use decode::{AT_ONCE, decode};

use bits::Bits;
use huffman::{Code, Counts};

/// How much of the input is looked at before deciding whether it gets codes of its own.
const PIECE: usize = 16 << 10;

/// What codes of its own must save a piece, in bits: the size of a block's header, and a
/// little more for the time that it takes.
const HEADER_BITS: f32 = 1000.0;

/// The longest stored block.
const MOST_STORED: usize = 65_535;

/// The longest literal code, so that four of them and the bits of an unfinished byte fit
/// in 64 bits. Deflate allows 15; symbols that would have longer ones are too rare to matter.
const LONGEST: u8 = 12;

/// The longest code of a code length: 3 bits hold it.
const LONGEST_OF_LENGTHS: u8 = 7;

/// 256 literals, and the end of the block.
const SYMBOLS: usize = 257;
const END: usize = 256;

/// A block without matches needs no distance codes, but some decoders want a complete set
/// of them: two, of one bit each, as zlib writes.
const DISTANCES: usize = 2;

/// The order in which the lengths of the code length code are written.
pub(super) const ORDER: [usize; 19] =
    [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// How some input is written as literals.
pub(super) struct Plan<'a> {
    blocks: Vec<CodedBlock<'a>>,
    /// Where the piece starts that literals make smallest, in which matches are likeliest.
    pub(super) densest: usize,
}

impl<'a> Plan<'a> {
    pub(super) fn new(input: &'a [u8]) -> Self {
        let mut plan = Self { blocks: Vec::new(), densest: 0 };
        let mut least = f32::INFINITY;
        // The block so far.
        let (mut start, mut counts, mut bits) = (0, [0; SYMBOLS], 0.0);
        for piece_start in (0..input.len()).step_by(PIECE) {
            let piece = count(&input[piece_start..input.len().min(piece_start + PIECE)]);
            let piece_bits = entropy(&piece);
            if piece_bits < least {
                (least, plan.densest) = (piece_bits, piece_start);
            }
            let mut both = counts;
            both.iter_mut().zip(piece).for_each(|(count, more)| *count += more);
            let both_bits = entropy(&both);
            if both_bits > bits + piece_bits + HEADER_BITS {
                plan.blocks.push(CodedBlock::new(&input[start..piece_start], counts));
                (start, counts, bits) = (piece_start, piece, piece_bits);
            } else {
                (counts, bits) = (both, both_bits);
            }
        }
        plan.blocks.push(CodedBlock::new(&input[start..], counts));
        plan
    }

    /// The size of what [`write`](Self::write) appends, to a few bytes.
    pub(super) fn size(&self) -> usize {
        let bits: usize = self.blocks.iter().map(|block| block.coded.min(block.stored())).sum();
        bits.div_ceil(8) + 5
    }

    /// Appends deflate blocks, none of which is the last, to `out`. They end at a byte's
    /// boundary, with the empty stored block that zlib calls a sync flush.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut bits = Bits { out, pending: 0, len: 0 };
        for block in &self.blocks {
            if block.coded < block.stored() {
                block.write(&mut bits);
            } else {
                block.input.chunks(MOST_STORED).for_each(|part| bits.stored(part));
            }
        }
        bits.stored(&[]);
    }
}

/// Part of the input, and the code for it.
struct CodedBlock<'a> {
    input: &'a [u8],
    code: Code<SYMBOLS>,
    header: CodeHeader,
    /// Its size in bits.
    coded: usize,
}

impl<'a> CodedBlock<'a> {
    fn new(input: &'a [u8], mut counts: Counts<SYMBOLS>) -> Self {
        counts[END] = 1;
        let code = Code::new(&counts, LONGEST);
        let header = CodeHeader::new(&code);
        let coded = header.size() + code.size(&counts);
        Self { input, code, header, coded }
    }

    /// Its size in bits, if it is stored instead: 3 for the type, 7 at most to the next
    /// byte, two times 16 for the length, for each part.
    fn stored(&self) -> usize {
        self.input.len().div_ceil(MOST_STORED) * 42 + self.input.len() * 8
    }

    fn write(&self, bits: &mut Bits<'_>) {
        self.header.write(bits);
        bits.bytes(self.input, &self.code.symbols);
        bits.symbol(self.code.symbols[END]);
    }
}

/// The code lengths of a block as they are written: runs, in a Huffman code of their own.
struct CodeHeader {
    /// Symbols of the code length code, each with what follows it.
    runs: Vec<(u8, u8)>,
    code: Code<{ ORDER.len() }>,
    /// How many lengths of that code are written, in `ORDER`.
    used: usize,
    size: usize,
}

impl CodeHeader {
    fn new(code: &Code<SYMBOLS>) -> Self {
        let mut lengths = [1; SYMBOLS + DISTANCES];
        lengths[..SYMBOLS].copy_from_slice(&code.lengths);
        let runs = runs(&lengths);
        let mut counts = [0; ORDER.len()];
        runs.iter().for_each(|&(symbol, _)| counts[symbol as usize] += 1);
        let code = Code::new(&counts, LONGEST_OF_LENGTHS);
        let used = ORDER.iter().rposition(|&symbol| code.lengths[symbol] > 0);
        let used = used.map_or(0, |last| last + 1).max(4);
        let extra: usize = runs.iter().map(|&(symbol, _)| extra_bits(symbol) as usize).sum();
        let size = 3 + 5 + 5 + 4 + 3 * used + code.size(&counts) + extra;
        Self { runs, code, used, size }
    }

    /// In bits.
    fn size(&self) -> usize {
        self.size
    }

    fn write(&self, bits: &mut Bits<'_>) {
        bits.put(0b100, 3); // not the last block; codes of its own
        bits.put(SYMBOLS as u64 - 257, 5);
        bits.put(DISTANCES as u64 - 1, 5);
        bits.put(self.used as u64 - 4, 4);
        for &symbol in &ORDER[..self.used] {
            bits.put(self.code.lengths[symbol].into(), 3);
        }
        for &(symbol, extra) in &self.runs {
            bits.symbol(self.code.symbols[symbol as usize]);
            bits.put(extra.into(), extra_bits(symbol));
        }
    }
}

/// How many bits follow a symbol of the code length code.
fn extra_bits(symbol: u8) -> u32 {
    match symbol {
        16 => 2,
        17 => 3,
        18 => 7,
        _ => 0,
    }
}

/// Code lengths as symbols of the code length code: 0 to 15 are lengths, 16 repeats the
/// last one 3 to 6 times, 17 and 18 stand for 3 to 10 and 11 to 138 zeros.
fn runs(lengths: &[u8]) -> Vec<(u8, u8)> {
    let mut runs = Vec::with_capacity(lengths.len());
    for run in lengths.chunk_by(|a, b| a == b) {
        let (length, mut left) = (run[0], run.len());
        if length > 0 {
            runs.push((length, 0));
            left -= 1;
        }
        while left > 0 {
            let (symbol, least, most) = match (length, left) {
                (_, ..3) => (length, 1, 1),
                (0, ..11) => (17, 3, 10),
                (0, _) => (18, 11, 138),
                (_, _) => (16, 3, 6),
            };
            let len = left.min(most);
            runs.push((symbol, (len - least) as u8));
            left -= len;
        }
    }
    runs
}

/// How often each byte occurs.
fn count(piece: &[u8]) -> Counts<SYMBOLS> {
    // Four tables, because counting equal neighbours in one would wait for itself.
    let mut tables = [[0_u32; 256]; 4];
    let (words, rest) = piece.as_chunks::<8>();
    for &word in words {
        let word = u64::from_le_bytes(word);
        for at in 0..8 {
            tables[at % 4][(word >> (8 * at)) as u8 as usize] += 1;
        }
    }
    for &byte in rest {
        tables[0][byte as usize] += 1;
    }
    let mut counts = [0; SYMBOLS];
    for byte in 0..256 {
        counts[byte] = tables.iter().map(|table| table[byte]).sum();
    }
    counts
}

/// About how many bits the best code needs for as many bytes.
fn entropy(counts: &Counts<SYMBOLS>) -> f32 {
    let bits = |count: u32| count as f32 * log2(count as f32);
    bits(counts.iter().sum()) - counts.iter().map(|&count| bits(count)).sum::<f32>()
}

/// The binary logarithm, to 0.00015; that of 0 is finite. Simple enough to be done for
/// several numbers at once, and the same on every machine.
fn log2(x: f32) -> f32 {
    let exponent = (x.to_bits() >> 23) as f32 - 127.0;
    // From 0 to 1, and the polynomial is exact at both.
    let m = f32::from_bits(x.to_bits() & 0x007f_ffff | 1_f32.to_bits()) - 1.0;
    exponent + m + m * (1.0 - m) * (0.438_07 + m * (m * 0.080_31 - 0.236_69))
}

#[cfg(test)]
pub(super) mod tests;
