//! What a block is made of: literals and matches, and the symbols that stand for them.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "lengths are from 3 to 258, distances from 1 to 32,768"
)]

/// The shortest and the longest match.
pub(super) const SHORTEST: usize = 3;
pub(super) const LONGEST: usize = 258;

/// As many symbols are there for lengths, and for distances.
pub(super) const LENGTHS: usize = 29;
pub(super) const DISTANCES: usize = 30;

/// The symbols of a block: 256 literals, its end, and lengths.
pub(super) const SYMBOLS: usize = END + 1 + LENGTHS;
pub(in super::super) const END: usize = 256;

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

/// The first three bytes, or zeros where there are none. Whoever wants fewer of them asks for none of the
/// rest: how many there are could not be foretold, and would have to be waited for.
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
}

impl Sequences {
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
                counts.symbols[END + 1 + length_symbol(sequence.len)] += 1;
                counts.distances[distance_symbol(sequence.distance)] += 1;
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

/// The least length or distance of a symbol, and how many bits are added to it.
#[derive(Clone, Copy)]
pub(super) struct Base {
    pub(super) least: u16,
    pub(super) extra: u8,
}

/// RFC 1951, 3.2.5.
pub(super) static OF_LENGTHS: [Base; LENGTHS] = {
    let mut bases = [Base { least: 0, extra: 0 }; LENGTHS];
    let mut symbol = 0;
    while symbol < 28 {
        bases[symbol] = match symbol {
            ..8 => Base { least: symbol as u16 + 3, extra: 0 },
            _ => {
                let extra = symbol / 4 - 1;
                Base { least: ((4 + symbol as u16 % 4) << extra) + 3, extra: extra as u8 }
            }
        };
        symbol += 1;
    }
    bases[28] = Base { least: LONGEST as u16, extra: 0 };
    bases
};
pub(super) static OF_DISTANCES: [Base; DISTANCES] = {
    let mut bases = [Base { least: 0, extra: 0 }; DISTANCES];
    let mut symbol = 0;
    while symbol < DISTANCES {
        bases[symbol] = match symbol {
            ..4 => Base { least: symbol as u16 + 1, extra: 0 },
            _ => {
                let extra = symbol / 2 - 1;
                Base { least: ((2 + symbol as u16 % 2) << extra) + 1, extra: extra as u8 }
            }
        };
        symbol += 1;
    }
    bases
};

/// The number of a length's symbol among those of lengths.
#[inline(always)]
pub(super) fn length_symbol(len: u16) -> usize {
    LENGTH_SYMBOLS[usize::from(len)].into()
}

static LENGTH_SYMBOLS: [u8; LONGEST + 1] = {
    let mut symbols = [0; LONGEST + 1];
    let (mut symbol, mut len) = (0, SHORTEST);
    while len <= LONGEST {
        if symbol + 1 < LENGTHS && OF_LENGTHS[symbol + 1].least as usize == len {
            symbol += 1;
        }
        symbols[len] = symbol as u8;
        len += 1;
    }
    symbols
};

/// The number of a distance's symbol.
#[inline(always)]
pub(super) fn distance_symbol(distance: u16) -> usize {
    // Two symbols for each number of bits: the bit after the first tells which.
    let from_zero = u32::from(distance) - 1;
    if from_zero < 4 {
        return from_zero as usize;
    }
    let bits = from_zero.ilog2();
    (2 * bits + (from_zero >> (bits - 1) & 1)) as usize
}
