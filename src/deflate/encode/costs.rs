//! What literals and matches cost: an estimate, from what was written before.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "it compresses what is in memory: 1 MiB at a time"
)]

use super::huffman::code_lengths;
use super::plan::LONGEST;
use super::sequence::{
    self, Counts, END, LENGTHS, OF_DISTANCES, OF_LENGTHS, Piece, SHORTEST, distance_symbol,
    length_symbol,
};

/// How many parts of a bit costs are counted in.
const PARTS: u32 = 256;

pub(super) struct Costs {
    literals: [u16; 256],
    /// A literal, and a byte, however it was written.
    literal: u32,
    byte: u32,
    /// What is no length costs more than anything.
    lengths: [u16; sequence::LONGEST + 1],
    distances: [u16; sequence::DISTANCES],
    /// What was written, that which is long ago counting less.
    counts: Counts,
    bytes: usize,
}

impl Costs {
    /// Before anything is written: as if it were all `literals`, and some matches, most of them short.
    pub(super) fn new(literals: &[u8]) -> Self {
        let mut counts = Counts::none();
        literals.iter().for_each(|&byte| counts.symbols[usize::from(byte)] += 1);
        for symbol in 0..LENGTHS {
            counts.symbols[END + 1 + symbol] = (literals.len() / (6 * (1 + symbol))) as u32;
        }
        counts.distances.fill((literals.len() / 64) as u32);
        let mut costs = Self {
            literals: [0; 256],
            literal: 0,
            byte: 0,
            lengths: [u16::MAX; sequence::LONGEST + 1],
            distances: [0; sequence::DISTANCES],
            counts,
            bytes: literals.len(),
        };
        costs.estimate();
        costs
    }

    /// Learns from what was written.
    pub(super) fn learn(&mut self, piece: &Piece) {
        self.counts.all_mut().for_each(|count| *count /= 2);
        self.counts.add(&piece.counts);
        self.bytes = self.bytes / 2 + piece.bytes;
        self.estimate();
    }

    fn estimate(&mut self) {
        let Counts { symbols, distances } = &mut self.counts;
        symbols[END] = 1;
        let codes = code_lengths(symbols, LONGEST);
        let distance_codes = code_lengths(distances, LONGEST);
        let cost = |code: u8, extra: u8| {
            let code = if code == 0 { LONGEST } else { code };
            (PARTS as u16) * u16::from(code + extra)
        };
        for (place, &code) in self.literals.iter_mut().zip(&codes) {
            *place = cost(code, 0);
        }
        let sum = |counts: &[u32], costs: &[u16]| {
            counts
                .iter()
                .zip(costs)
                .map(|(&count, &cost)| u64::from(count) * u64::from(cost))
                .sum::<u64>()
        };
        let literals = sum(&symbols[..END], &self.literals);
        let lengths: [u16; LENGTHS] =
            std::array::from_fn(|at| cost(codes[END + 1 + at], OF_LENGTHS[at].extra));
        for len in SHORTEST..=sequence::LONGEST {
            self.lengths[len] = lengths[length_symbol(len as u16)];
        }
        self.distances = std::array::from_fn(|at| cost(distance_codes[at], OF_DISTANCES[at].extra));
        let matches = sum(&symbols[END + 1..], &lengths) + sum(distances, &self.distances);
        let count: u32 = symbols[..END].iter().sum();
        self.literal = (literals / u64::from(count.max(1))) as u32;
        self.byte = ((literals + matches) / self.bytes.max(1) as u64) as u32;
    }

    /// How much less a match costs than as many bytes elsewhere. `None` if it costs more than the literals that it
    /// stands for, the first of which are in `word`.
    #[inline(always)]
    pub(super) fn gain(&self, word: u64, len: usize, distance: usize) -> Option<i32> {
        let literal = |at: usize| u32::from(self.literals[usize::from((word >> (8 * at)) as u8)]);
        let len32 = len as u32;
        let literals =
            literal(0) + literal(1) + literal(2) + len32.saturating_sub(3) * self.literal;
        let symbol = distance_symbol(distance as u16);
        let cost = u32::from(self.lengths[len]) + u32::from(self.distances[symbol]);
        (cost < literals).then_some((len32 * self.byte) as i32 - cost as i32)
    }
}
