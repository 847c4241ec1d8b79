//! What is written: literals and matches, in pieces, and how often each symbol is in them.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "sequences stand for the bytes that they come with; symbols have small numbers"
)]

use super::super::symbols::{DISTANCES, END, LENGTHS, number_of_distance, number_of_length};

/// How many symbols there are for literals and lengths.
pub(super) const SYMBOLS: usize = END + 1 + LENGTHS;

/// How many bytes are looked at before it is decided what comes of them.
pub(in super::super) const PIECE: usize = 16 << 10;

/// Some literals, and a match after them, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sequence {
    pub(super) literals: u32,
    /// 0 if there is no match.
    pub(super) len: u16,
    pub(super) distance: u16,
}

/// Sequences that stand for some bytes, in pieces of about [`PIECE`] bytes.
pub(super) struct Sequences {
    pub(super) all: Vec<Sequence>,
    pub(super) pieces: Vec<Piece>,
}

/// Some sequences that follow each other.
#[derive(Clone)]
pub(super) struct Piece {
    pub(super) sequences: usize,
    /// How many bytes they stand for.
    pub(super) bytes: usize,
    pub(super) counts: Counts,
}

/// How often each symbol occurs.
#[derive(Clone)]
pub(super) struct Counts {
    pub(super) symbols: [u32; SYMBOLS],
    pub(super) distances: [u32; DISTANCES],
}

impl Sequence {
    /// How many bytes it stands for.
    pub(super) fn bytes(self) -> usize {
        self.literals as usize + usize::from(self.len)
    }
}

/// The next three bytes, or zeros after the end. Whoever needs fewer looks up all three and drops the
/// others, which is faster than a branch that no processor can predict.
#[inline(always)]
pub(super) fn next_three(bytes: &[u8]) -> [u8; 3] {
    bytes.first_chunk().copied().unwrap_or_else(|| {
        let mut three = [0; 3];
        three[..bytes.len()].copy_from_slice(bytes);
        three
    })
}

impl Sequences {
    /// All of `input` as literals.
    pub(super) fn literals(input: &[u8]) -> Self {
        let mut sequences = Self::new();
        for piece in input.chunks(PIECE) {
            sequences.all.push(Sequence { literals: piece.len() as u32, len: 0, distance: 0 });
            sequences.end_piece(piece);
        }
        sequences
    }

    pub(super) fn new() -> Self {
        Self { all: Vec::new(), pieces: Vec::new() }
    }

    /// Those that have been added since the last piece are one, and stand for `bytes`.
    pub(super) fn end_piece(&mut self, bytes: &[u8]) -> &Piece {
        let before: usize = self.pieces.iter().map(|piece| piece.sequences).sum();
        let sequences = &self.all[before..];
        let piece = Piece {
            sequences: sequences.len(),
            bytes: bytes.len(),
            counts: Counts::of(bytes, sequences),
        };
        self.pieces.push(piece);
        &self.pieces[self.pieces.len() - 1]
    }

    /// Forgets about the pieces that stand for the first so many bytes.
    pub(super) fn skip(&mut self, mut bytes: usize) {
        self.pieces.retain(|piece| {
            let is_before = piece.bytes <= bytes;
            bytes -= if is_before { piece.bytes } else { 0 };
            !is_before
        });
    }
}

impl Piece {
    pub(super) fn none() -> Self {
        Self { sequences: 0, bytes: 0, counts: Counts::none() }
    }

    /// Both together.
    pub(super) fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.sequences += other.sequences;
        both.bytes += other.bytes;
        both.counts.add(&other.counts);
        both
    }
}

impl Counts {
    pub(super) fn none() -> Self {
        Self { symbols: [0; SYMBOLS], distances: [0; DISTANCES] }
    }

    fn of(mut bytes: &[u8], sequences: &[Sequence]) -> Self {
        let mut counts = Self::none();
        // Four tables, because counting equal neighbours in one would wait for itself.
        let mut literals = [[0_u32; 256]; 4];
        for sequence in sequences {
            let (fours, last) = bytes[..sequence.literals as usize].as_chunks::<4>();
            for four in fours {
                (0..4).for_each(|at| literals[at][usize::from(four[at])] += 1);
            }
            let next = next_three(&bytes[4 * fours.len()..]);
            for at in 0..3 {
                literals[at][usize::from(next[at])] += u32::from(at < last.len());
            }
            if sequence.len > 0 {
                counts.symbols[END + 1 + number_of_length(sequence.len)] += 1;
                counts.distances[number_of_distance(sequence.distance)] += 1;
            }
            bytes = &bytes[sequence.bytes()..];
        }
        for byte in 0..256 {
            counts.symbols[byte] = literals.iter().map(|table| table[byte]).sum();
        }
        counts
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.all_mut()
            .zip(other.symbols.iter().chain(&other.distances))
            .for_each(|(count, more)| *count += more);
    }

    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut u32> {
        self.symbols.iter_mut().chain(&mut self.distances)
    }
}
