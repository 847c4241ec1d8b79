//! Writing bits, as deflate orders them.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "it compresses what is in memory"
)]

use super::SYMBOLS;
use super::huffman::Symbol;

/// Bits that are appended to bytes, the first in the lowest place.
pub(super) struct Bits<'a> {
    pub(super) out: &'a mut Vec<u8>,
    pub(super) pending: u64,
    /// How many bits are pending: fewer than 8 between calls.
    pub(super) len: u32,
}

impl Bits<'_> {
    /// Appends the lowest `len` of `bits`, which has no others.
    pub(super) fn put(&mut self, bits: u64, len: u32) {
        self.pending |= bits << self.len;
        self.len += len;
        while self.len >= 8 {
            self.out.push(self.pending as u8);
            self.pending >>= 8;
            self.len -= 8;
        }
    }

    pub(super) fn symbol(&mut self, symbol: Symbol) {
        self.put((symbol >> 8).into(), symbol & 0xff);
    }

    /// Appends the symbol of each byte.
    pub(super) fn bytes(&mut self, bytes: &[u8], symbols: &[Symbol; SYMBOLS]) {
        /// The codes of so many bytes fit in a buffer whose size is a power of two, which
        /// spares the checks of each index.
        const AT_ONCE: usize = 512;
        const MASK: usize = 1023;
        let mut buffer = [0; MASK + 8];
        for bytes in bytes.chunks(AT_ONCE) {
            let (mut pending, mut len, mut at) = (self.pending, self.len, 0);
            let (fours, rest) = bytes.as_chunks::<4>();
            for four in fours {
                let [a, b, c, d] = four.map(|byte| symbols[byte as usize]);
                let (ab_len, cd_len) = (a + b, c + d);
                let ab = u64::from(a >> 8) | u64::from(b >> 8) << (a & 63);
                let cd = u64::from(c >> 8) | u64::from(d >> 8) << (c & 63);
                pending |= (ab | cd << (ab_len & 63)) << len;
                len += (ab_len + cd_len) & 63;
                let start = at & MASK;
                buffer[start..start + 8].copy_from_slice(&pending.to_le_bytes());
                at += (len / 8) as usize;
                pending >>= len & !7;
                len &= 7;
            }
            self.out.extend_from_slice(&buffer[..at]);
            (self.pending, self.len) = (pending, len);
            for &byte in rest {
                self.symbol(symbols[byte as usize]);
            }
        }
    }

    /// Appends a stored block, which ends at a byte's boundary.
    pub(super) fn stored(&mut self, bytes: &[u8]) {
        self.put(0, 3);
        self.put(0, (8 - self.len) % 8);
        let len = bytes.len() as u16;
        self.out.extend_from_slice(&len.to_le_bytes());
        self.out.extend_from_slice(&(!len).to_le_bytes());
        self.out.extend_from_slice(bytes);
    }
}
