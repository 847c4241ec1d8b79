//! Searching a stream for a block (RFC 1951, 3.2.3 and 3.2.7).

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "no bit is looked at that is not well before the end of the bytes, which have been \
              read from the file, so that their bits can be counted; a table of so many places is \
              indexed by a number modulo that; codes without length are no bits"
)]

use std::iter::successors;
use std::ops::Range;

use super::super::decode::{ENOUGH, Input, StreamDecoder};
use crate::io::{self, SharedInput};

/// How much input is searched: more than most blocks take.
const SEARCHED: u64 = 128 << 10;

/// How many bits of a header are looked for at a time.
const STEP: usize = 48;

/// Finds the first block that begins in these bytes of the file, is not the last, and has codes of
/// its own: its first bit.
pub(super) fn find_block(input: SharedInput<'_>, range: Range<u64>) -> Option<u64> {
    let range = range.start..range.end.min(range.start.saturating_add(SEARCHED));
    let bytes = io::Input::Shared(input).range(range.clone()).ok()?;
    let mut decoder = StreamDecoder::new();
    let mut is_one = |bit: usize| {
        let mut input = Input { bytes: &bytes, taken: bit / 8, is_all: false, stop: i64::MAX };
        decoder.restart();
        has_whole_codes(&bytes, bit)
            && decoder.skip(&mut input, (bit % 8) as u32).is_ok()
            && decoder.begins_block(&mut input)
    };
    let mut bits = (0..8 * bytes.len().checked_sub(ENOUGH)?).step_by(STEP).flat_map(|first| {
        let next = |&bits: &u64| Some(bits & bits.wrapping_sub(1));
        let found = successors(Some(possible_blocks(bits_at(&bytes, first))), next);
        let found = found.take_while(|&bits| bits > 0);
        found.map(move |bits| first + bits.trailing_zeros() as usize)
    });
    Some(8 * range.start + bits.find(|&bit| is_one(bit))? as u64)
}

/// At least 57 bits: that one and those that follow.
fn bits_at(bytes: &[u8], bit: usize) -> u64 {
    let word = bytes[bit / 8..].first_chunk().map_or(0, |&word| u64::from_le_bytes(word));
    word >> (bit % 8)
}

/// Which of the first bits may begin a block: where there are a zero, because it is not the last, a two
/// for its kind, and no more than 286 codes for lengths and 30 for distances.
fn possible_blocks(bits: u64) -> u64 {
    let ones = |first, count| (first..first + count).fold(u64::MAX, |all, at| all & bits >> at);
    bits >> 2 & !(bits | bits >> 1 | ones(4, 4) | ones(9, 4)) & ((1 << STEP) - 1)
}

/// Whether the code of the lengths of the codes is a whole one.
fn has_whole_codes(bytes: &[u8], bit: usize) -> bool {
    let count = 4 + (bits_at(bytes, bit) >> 13 & 15);
    let lens = bits_at(bytes, bit + 17) & ((1 << (3 * count)) - 1);
    let shares = (0..5).map(|number| SHARES[(lens >> (12 * number)) as usize % SHARES.len()]);
    shares.sum::<u16>() == WHOLE
}

/// What the shares of all codes come to in a whole one. A code of one bit has half of it, and so on.
const WHOLE: u16 = 128;

/// The shares of codes, from four of their lengths, of three bits each.
static SHARES: [u16; 1 << 12] = {
    let mut shares = [0; 1 << 12];
    let mut lens = 0;
    while lens < shares.len() {
        let mut rest = lens;
        while rest > 0 {
            if rest % 8 > 0 {
                shares[lens] += WHOLE >> (rest % 8);
            }
            rest /= 8;
        }
        lens += 1;
    }
    shares
};
