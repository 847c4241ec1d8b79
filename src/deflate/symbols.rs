//! The symbols that a deflate block is written in, and what they stand for (RFC 1951, 3.2.5 and
//! 3.2.7).

#![expect(
    clippy::arithmetic_side_effects,
    reason = "symbols have small numbers; lengths are from 3 to 258, distances from 1 to 32,768"
)]

/// The symbol that ends a block. Those before it are literals, those after it are lengths.
pub(super) const END: usize = 256;

/// How many symbols there are for lengths, and for distances, which have a code of their own.
pub(super) const LENGTHS: usize = 29;
pub(super) const DISTANCES: usize = 30;

/// The lengths of matches.
pub(super) const SHORTEST_MATCH: usize = 3;
pub(super) const LONGEST_MATCH: usize = 258;

/// The order in which the lengths of the code length code are written.
pub(super) const ORDER: [usize; 19] =
    [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// The least length or distance that a symbol stands for, and the number of further bits, which
/// are added to it.
#[derive(Clone, Copy)]
pub(super) struct Base {
    pub(super) least: u16,
    pub(super) further: u8,
}

/// What the symbol of this number among those of lengths stands for.
pub(super) fn length(number: usize) -> Base {
    let number = number as u16;
    match number {
        ..8 => Base { least: 3 + number, further: 0 },
        8..28 => {
            let further = number / 4 - 1;
            Base { least: 3 + ((4 + number % 4) << further), further: further as u8 }
        }
        _ => Base { least: LONGEST_MATCH as u16, further: 0 },
    }
}

/// What the symbol of this number stands for as a distance.
#[inline(always)]
pub(super) fn distance(number: usize) -> Base {
    let number = number as u16;
    match number {
        ..4 => Base { least: 1 + number, further: 0 },
        _ => {
            let further = number / 2 - 1;
            Base { least: 1 + ((2 + number % 2) << further), further: further as u8 }
        }
    }
}

/// The number of a length's symbol among those of lengths.
#[inline(always)]
pub(super) fn number_of_length(len: u16) -> usize {
    let from_least = usize::from(len) - SHORTEST_MATCH;
    match from_least {
        ..8 => from_least,
        255 => 28,
        // Four symbols for each number of bits: the two after the first tell which.
        _ => {
            let bits = from_least.ilog2() as usize;
            4 * (bits - 1) + (from_least >> (bits - 2)) % 4
        }
    }
}

/// The number of a distance's symbol.
#[inline(always)]
pub(super) fn number_of_distance(distance: u16) -> usize {
    let from_least = usize::from(distance) - 1;
    match from_least {
        ..4 => from_least,
        // Two symbols for each number of bits.
        _ => {
            let bits = from_least.ilog2() as usize;
            2 * bits + (from_least >> (bits - 1)) % 2
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_distances_have_the_symbols_of_the_rfc() {
        for len in SHORTEST_MATCH as u16..=LONGEST_MATCH as u16 {
            let base = length(number_of_length(len));
            assert!(u32::from(len - base.least) < 1 << base.further, "{len}");
        }
        for value in 1..=32_768 {
            let base = distance(number_of_distance(value));
            assert!(u32::from(value - base.least) < 1 << base.further, "{value}");
        }
        let bases = |number: usize| (length(number).least, length(number).further);
        assert_eq!([0, 8, 27, LENGTHS - 1].map(bases), [(3, 0), (11, 1), (227, 5), (258, 0)]);
        let bases = |number: usize| (distance(number).least, distance(number).further);
        let expected = [(1, 0), (5, 1), (16_385, 13), (24_577, 13)];
        assert_eq!([0, 4, 28, DISTANCES - 1].map(bases), expected);
    }
}
