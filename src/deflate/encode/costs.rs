//! What literals and matches cost: an estimate, from what was written before.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "it compresses what is in memory: 1 MiB at a time"
)]

use super::super::symbols::{
    self, DISTANCES, END, LENGTHS, LONGEST_MATCH, SHORTEST_MATCH, number_of_distance,
    number_of_length,
};
use super::huffman::code_lengths;
use super::plan::LONGEST_CODE;
use super::sequence::{Counts, Piece};

/// Costs are counted in so many parts of a bit.
const PARTS: u32 = 256;

pub(super) struct Costs {
    literals: [u16; 256],
    /// What a literal costs on average, and a byte, literal or not.
    literal: u32,
    byte: u32,
    lengths: [u16; LONGEST_MATCH + 1],
    distances: [u16; DISTANCES],
    /// What was written, that which is long ago counting less.
    counts: Counts,
    bytes: usize,
}

impl Costs {
    /// Before anything is written: as if there had been these literals, and some matches, most of
    /// them short.
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
            lengths: [0; LONGEST_MATCH + 1],
            distances: [0; DISTANCES],
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
        let Counts { symbols: counts, distances } = &mut self.counts;
        counts[END] = 1;
        let codes = code_lengths(counts, LONGEST_CODE);
        let distance_codes = code_lengths(distances, LONGEST_CODE);
        let cost = |code: u8, further: u8| {
            let code = if code == 0 { LONGEST_CODE } else { code };
            (PARTS as u16) * u16::from(code + further)
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
        let literals = sum(&counts[..END], &self.literals);
        let lengths: [u16; LENGTHS] =
            std::array::from_fn(|at| cost(codes[END + 1 + at], symbols::length(at).further));
        for len in SHORTEST_MATCH..=LONGEST_MATCH {
            self.lengths[len] = lengths[number_of_length(len as u16)];
        }
        self.distances =
            std::array::from_fn(|at| cost(distance_codes[at], symbols::distance(at).further));
        let matches = sum(&counts[END + 1..], &lengths) + sum(distances, &self.distances);
        let count: u32 = counts[..END].iter().sum();
        self.literal = (literals / u64::from(count.max(1))) as u32;
        self.byte = ((literals + matches) / self.bytes.max(1) as u64) as u32;
    }

    /// How much less a match costs than as many bytes elsewhere. `None` if it costs more than the
    /// literals that it stands for, the first of which are in `word`.
    #[inline(always)]
    pub(super) fn gain(&self, word: u64, len: usize, distance: usize) -> Option<i32> {
        let literal = |at: usize| u32::from(self.literals[usize::from((word >> (8 * at)) as u8)]);
        let others = (len - SHORTEST_MATCH) as u32 * self.literal;
        let literals = literal(0) + literal(1) + literal(2) + others;
        let number = number_of_distance(distance as u16);
        let cost = u32::from(self.lengths[len]) + u32::from(self.distances[number]);
        (cost < literals).then_some((len as u32 * self.byte) as i32 - cost as i32)
    }
}
