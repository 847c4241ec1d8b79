//! Writing bits, as deflate orders them.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "it compresses what is in memory, to where room has been made"
)]

use super::huffman::Symbol;
use super::sequence::{Sequence, next_three};

/// Bits that are appended to bytes, the first in the lowest place.
pub(super) struct Bits<'a> {
    out: &'a mut Vec<u8>,
    /// Up to where `out` is filled.
    at: usize,
    /// Fewer than 8 bits that do not fill a byte yet.
    pending: u64,
    len: u32,
}

/// The bits that stand for a length or a distance, and how many they are.
#[derive(Clone, Copy, Default)]
pub(super) struct Value {
    pub(super) bits: u32,
    pub(super) len: u32,
}

impl<'a> Bits<'a> {
    /// Appends to `out`.
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        let at = out.len();
        Self { out, at, pending: 0, len: 0 }
    }

    /// Makes room for so many more bits.
    pub(super) fn reserve(&mut self, bits: usize) {
        self.out.resize(self.at + bits / 8 + 2 * size_of::<u64>(), 0);
    }

    /// Appends the lowest `len` of `bits`, which has no others: 56 at most.
    #[inline(always)]
    pub(super) fn put(&mut self, bits: u64, len: u32) {
        self.pending |= bits << self.len;
        self.len += len;
        *self.out[self.at..].first_chunk_mut().expect("there is room") = self.pending.to_le_bytes();
        self.at += (self.len / 8) as usize;
        self.pending >>= self.len & !7;
        self.len &= 7;
    }

    pub(super) fn symbol(&mut self, symbol: Symbol) {
        self.put((symbol >> 8).into(), symbol & 0xff);
    }

    /// Appends the literals and matches of `sequences`, which stand for `input`. None of the `literals`
    /// has more than 12 bits, no length more than 17, and no distance more than 28.
    pub(super) fn sequences(
        &mut self,
        input: &[u8],
        sequences: &[Sequence],
        literals: &[Symbol; 256],
        length: impl Fn(u16) -> Value,
        distance: impl Fn(u16) -> Value,
    ) {
        // What is not in `self` can be in registers.
        let (mut pending, mut len, mut at) = (self.pending, self.len, self.at);
        let out = &mut self.out[..];
        let mut input = input;
        macro_rules! flush {
            () => {
                *out[at..].first_chunk_mut().expect("there is room") = pending.to_le_bytes();
                at += (len / 8) as usize;
                pending >>= len & !7;
                len &= 7;
            };
        }
        for sequence in sequences {
            let (fours, last) = input[..sequence.literals as usize].as_chunks::<4>();
            for four in fours {
                // Added, they add up their lengths.
                let code = |at: usize| literals[usize::from(four[at])];
                let (a, b, c, d) = (code(0), code(1), code(2), code(3));
                let (ab_len, cd_len) = (a + b, c + d);
                let ab = u64::from(a >> 8) | u64::from(b >> 8) << (a & 63);
                let cd = u64::from(c >> 8) | u64::from(d >> 8) << (c & 63);
                pending |= (ab | cd << (ab_len & 63)) << len;
                len += (ab_len + cd_len) & 63;
                flush!();
            }
            let next = next_three(&input[4 * fours.len()..]);
            let symbol =
                |at: usize| if at < last.len() { literals[usize::from(next[at])] } else { 0 };
            let (a, b, c) = (symbol(0), symbol(1), symbol(2));
            let ab = u64::from(a >> 8) | u64::from(b >> 8) << (a & 63);
            pending |= (ab | u64::from(c >> 8) << ((a + b) & 63)) << len;
            len += (a + b + c) & 63;
            flush!();
            if sequence.len > 0 {
                let (length, distance) = (length(sequence.len), distance(sequence.distance));
                let both = u64::from(length.bits) | u64::from(distance.bits) << length.len;
                pending |= both << len;
                len += length.len + distance.len;
                flush!();
            }
            input = &input[sequence.bytes()..];
        }
        (self.pending, self.len, self.at) = (pending, len, at);
    }

    /// Appends a stored block, which ends at a byte's boundary.
    pub(super) fn stored(&mut self, bytes: &[u8]) {
        self.reserve(3 + 7 + 32);
        self.put(0, 3);
        self.put(0, (8 - self.len) % 8);
        let len = bytes.len() as u16;
        self.put(u64::from(len) | u64::from(!len) << 16, 32);
        self.out.truncate(self.at);
        self.out.extend_from_slice(bytes);
        self.at = self.out.len();
    }
}
