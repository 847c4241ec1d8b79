//! Codes for literals and matches.
//!
//! What is compressed is cut into deflate blocks with codes of their own (RFC 1951, 3.2.7) where
//! that pays for their headers, and stored where codes gain nothing.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "it compresses what is in memory"
)]

use super::super::symbols::{
    self, Base, DISTANCES, END, LONGEST_MATCH, ORDER, SHORTEST_MATCH, number_of_distance,
    number_of_length,
};
use super::bits::{Bits, Value};
use super::huffman::{Code, Symbol};
use super::log2::log2;
use super::sequence::{Counts, Piece, SYMBOLS, Sequence, Sequences};

/// What codes of its own must save a piece, in bits: the size of a block's header, and a
/// little more for the time that it takes.
const HEADER_BITS: f32 = 1000.0;

/// The longest stored block.
pub(super) const MOST_STORED: usize = 65_535;

/// The longest code, so that four of literals and the bits of an unfinished byte fit in
/// 64 bits. Deflate allows 15; symbols that would have longer ones are too rare to matter.
pub(in super::super) const LONGEST_CODE: u8 = 12;

/// The longest code of a code length: 3 bits hold it.
pub(in super::super) const LONGEST_OF_LENGTHS: u8 = 7;

/// How many symbols a block without matches has.
pub(in super::super) const WITHOUT_LENGTHS: usize = END + 1;

/// Such a block needs no distance codes, but some decoders want a complete set of them: two, of
/// one bit each, as zlib writes.
pub(in super::super) const LEAST_DISTANCES: usize = 2;

/// How some input is written.
pub(super) struct Plan<'a> {
    pub(super) blocks: Vec<CodedBlock<'a>>,
}

impl<'a> Plan<'a> {
    /// Of `sequences`, which stand for `input`.
    pub(super) fn new(input: &'a [u8], sequences: &'a Sequences) -> Self {
        let mut plan = Self { blocks: Vec::new() };
        let mut left = (input, &sequences.all[..]);
        // A block may become longer by a piece, which costs more bits than it has itself.
        let mut block = Piece::none();
        let mut bits = 0.0;
        for piece in &sequences.pieces {
            let piece_bits = entropy(&piece.counts);
            let both = block.and(piece);
            let both_bits = entropy(&both.counts);
            if both_bits > bits + piece_bits + HEADER_BITS {
                plan.take(&mut left, &block);
                (block, bits) = (piece.clone(), piece_bits);
            } else {
                (block, bits) = (both, both_bits);
            }
        }
        plan.take(&mut left, &block);
        plan
    }

    /// Adds the block that what is left begins with.
    fn take(&mut self, left: &mut (&'a [u8], &'a [Sequence]), block: &Piece) {
        let (input, rest) = left.0.split_at(block.bytes);
        let (sequences, other_sequences) = left.1.split_at(block.sequences);
        self.blocks.push(CodedBlock::new(input, sequences, &block.counts));
        *left = (rest, other_sequences);
    }

    /// The size of what [`write`](Self::write) appends, to a few bytes.
    pub(super) fn size(&self) -> usize {
        let bits: usize = self.blocks.iter().map(|block| block.coded.min(block.stored())).sum();
        bits.div_ceil(8) + 5
    }

    /// Appends deflate blocks, none of which is the last, to `out`. They end at a byte's
    /// boundary, with the empty stored block that zlib calls a sync flush.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut bits = Bits::new(out);
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

/// Part of the input, and the codes for it.
pub(super) struct CodedBlock<'a> {
    input: &'a [u8],
    sequences: &'a [Sequence],
    code: Code<SYMBOLS>,
    distance_code: Code<DISTANCES>,
    header: CodeHeader,
    /// Its size in bits.
    coded: usize,
}

impl<'a> CodedBlock<'a> {
    fn new(input: &'a [u8], sequences: &'a [Sequence], counts: &Counts) -> Self {
        let Counts { mut symbols, mut distances } = counts.clone();
        symbols[END] = 1;
        if distances.iter().all(|&count| count == 0) {
            distances[..LEAST_DISTANCES].fill(1);
        }
        let code = Code::new(&symbols, LONGEST_CODE);
        let distance_code = Code::new(&distances, LONGEST_CODE);
        let header = CodeHeader::new(&code, &distance_code);
        let coded_distances = distance_code.size(&counts.distances);
        let coded = header.size() + code.size(&symbols) + coded_distances + further_bits(counts);
        Self { input, sequences, code, distance_code, header, coded }
    }

    /// Its size in bits, if it is stored instead: 3 for the type, 7 at most to the next
    /// byte, two times 16 for the length, for each part.
    fn stored(&self) -> usize {
        self.input.len().div_ceil(MOST_STORED) * 42 + self.input.len() * 8
    }

    fn write(&self, bits: &mut Bits<'_>) {
        bits.reserve(self.coded);
        self.header.write(bits);
        let (literals, lengths) = self.code.symbols.split_at(END);
        let Some(literals) = literals.first_chunk() else { return };
        // Whatever its length, a match is looked up once.
        let mut values = [Value::default(); LONGEST_MATCH + 1];
        for len in SHORTEST_MATCH as u16..=LONGEST_MATCH as u16 {
            let number = number_of_length(len);
            values[usize::from(len)] = value(lengths[1 + number], symbols::length(number), len);
        }
        let distance = |distance| {
            let number = number_of_distance(distance);
            value(self.distance_code.symbols[number], symbols::distance(number), distance)
        };
        let length = |len| values[usize::from(len)];
        bits.sequences(self.input, self.sequences, literals, length, distance);
        bits.symbol(self.code.symbols[END]);
    }
}

/// A length or distance, of the symbol that has this code and base.
#[inline(always)]
fn value(code: Symbol, base: Base, of: u16) -> Value {
    let len = code & 0xff;
    let further = u32::from(of - base.least);
    Value { bits: code >> 8 | further << len, len: len + u32::from(base.further) }
}

/// How many further bits there are to so many lengths and distances.
fn further_bits(counts: &Counts) -> usize {
    let sum = |counts: &[u32], base: fn(usize) -> Base| -> usize {
        let bits = |(number, &count)| count as usize * usize::from(base(number).further);
        counts.iter().enumerate().map(bits).sum()
    };
    sum(&counts.symbols[END + 1..], symbols::length) + sum(&counts.distances, symbols::distance)
}

/// The code lengths of a block as they are written: runs, in a Huffman code of their own.
pub(in super::super) struct CodeHeader {
    /// How many symbols and distances have a code, up to the last.
    symbols: usize,
    distances: usize,
    /// Symbols of the code length code, each with what follows it.
    pub(in super::super) runs: Vec<(u8, u8)>,
    code: Code<{ ORDER.len() }>,
    /// How many lengths of that code are written, in `ORDER`.
    used: usize,
    size: usize,
}

impl CodeHeader {
    pub(in super::super) fn new(code: &Code<SYMBOLS>, distances: &Code<DISTANCES>) -> Self {
        let symbols = &code.lengths[..up_to_last(&code.lengths).max(WITHOUT_LENGTHS)];
        let distances = &distances.lengths[..up_to_last(&distances.lengths)];
        let runs = runs(&[symbols, distances].concat());
        let mut counts = [0; ORDER.len()];
        runs.iter().for_each(|&(symbol, _)| counts[symbol as usize] += 1);
        let code = Code::new(&counts, LONGEST_OF_LENGTHS);
        let used = ORDER.iter().rposition(|&symbol| code.lengths[symbol] > 0);
        let used = used.map_or(0, |last| last + 1).max(4);
        let extra: usize = runs.iter().map(|&(symbol, _)| extra_bits(symbol) as usize).sum();
        let size = 3 + 5 + 5 + 4 + 3 * used + code.size(&counts) + extra;
        Self { symbols: symbols.len(), distances: distances.len(), runs, code, used, size }
    }

    /// In bits.
    fn size(&self) -> usize {
        self.size
    }

    pub(super) fn write(&self, bits: &mut Bits<'_>) {
        bits.put(0b100, 3); // not the last block; codes of its own
        bits.put(self.symbols as u64 - 257, 5);
        bits.put(self.distances as u64 - 1, 5);
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

/// How many lengths there are up to the last that is not 0.
fn up_to_last(lengths: &[u8]) -> usize {
    lengths.iter().rposition(|&len| len > 0).map_or(0, |last| last + 1)
}

/// How many bits follow a symbol of the code length code.
pub(in super::super) fn extra_bits(symbol: u8) -> u32 {
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

/// About how many bits the best code needs for `bytes` as literals.
pub(super) fn entropy_of_literals(bytes: &[u8]) -> f32 {
    Sequences::literals(bytes).pieces.iter().map(|piece| entropy(&piece.counts)).sum()
}

/// About how many bits symbols take that come so often, without what describes their codes.
pub(super) fn bits(counts: &Counts) -> usize {
    let Counts { mut symbols, distances } = counts.clone();
    symbols[END] = 1;
    Code::new(&symbols, LONGEST_CODE).size(&symbols)
        + Code::new(&distances, LONGEST_CODE).size(&distances)
        + further_bits(counts)
}

/// About how many bits the best codes need for so many of each symbol.
fn entropy(counts: &Counts) -> f32 {
    entropy_of(&counts.symbols) + entropy_of(&counts.distances)
}

fn entropy_of(counts: &[u32]) -> f32 {
    let bits = |count: u32| count as f32 * log2(count as f32);
    // Eight sums, because one would wait for itself.
    let (eights, rest) = counts.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for eight in eights {
        sums.iter_mut().zip(eight).for_each(|(sum, &count)| *sum += bits(count));
    }
    let rest = rest.iter().map(|&count| bits(count));
    bits(counts.iter().sum()) - sums.into_iter().chain(rest).sum::<f32>()
}
