//! The index of a deflated member: where its blocks end, so that they can be inflated
//! apart from each other.
//!
//! It is a field of the member's local header (APPNOTE 4.5), in the file just before the
//! compressed bytes. Other readers skip it, as zip tells them to do with fields that they
//! do not know:
//!
//! | bytes | what                                                                  |
//! |-------|-----------------------------------------------------------------------|
//! | 2     | `"np"`, the field's id                                                |
//! | 2     | how many bytes follow                                                 |
//! | 2     | 1, the version                                                        |
//! | 2     | n: a block has 2ⁿ bytes when inflated, the last one the rest          |
//! | 4 × … | the compressed length of each block                                   |
//!
//! Numbers are little-endian. Each block ends at a byte's boundary and refers to no byte
//! before it. After the last block comes an empty one, the two bytes that end the stream.
//!
//! The size of the field follows from the member's, so there is room for it before the
//! lengths are known. zip's directory repeats it as it was then, with lengths of 0. A
//! member of one block has no index, nor has one in a stream that cannot seek.

use super::BLOCK;

/// "np", which nobody else has registered.
pub(in crate::archive) const INDEX: u16 = u16::from_le_bytes(*b"np");

pub(super) const VERSION: u16 = 1;

/// Where the lengths start in the field.
pub(super) const START: usize = 4;

/// Blocks are listed by the two, by the four and so on, if there are more.
const MOST_BLOCKS: u64 = 8192;

/// An index that is being made.
#[derive(Default)]
pub(super) struct Index {
    field: Vec<u8>,
    /// How many of the blocks that are compressed make one that is listed.
    per_length: u64,
    blocks: u64,
}

impl Index {
    /// For a member of `size` bytes, with lengths of 0; none if it would take more than
    /// `most` bytes.
    pub(super) fn new(size: u64, most: usize) -> Self {
        let blocks = size.div_ceil(BLOCK as u64);
        let per_length = blocks.div_ceil(MOST_BLOCKS).next_power_of_two();
        let len = START + 4 * blocks.div_ceil(per_length) as usize;
        if blocks < 2 || len > most {
            return Self::default();
        }
        let block_bits = (BLOCK as u64 * per_length).ilog2() as u16;
        let mut field = vec![0; len];
        field[..2].copy_from_slice(&VERSION.to_le_bytes());
        field[2..START].copy_from_slice(&block_bits.to_le_bytes());
        Self { field, per_length, blocks: 0 }
    }

    /// Adds the next block, of `len` compressed bytes.
    pub(super) fn add(&mut self, len: usize) {
        if self.field.is_empty() {
            return;
        }
        let start = START + 4 * (self.blocks / self.per_length) as usize;
        self.blocks += 1;
        if let Some(listed) = self.field.get_mut(start..).and_then(<[u8]>::first_chunk_mut) {
            // In an array of 32 TiB the sum may need more bits. It is wrong then, which
            // readers find out, as they must with any index.
            let sum = u32::from_le_bytes(*listed).saturating_add(len as u32);
            *listed = sum.to_le_bytes();
        }
    }

    /// What the header's field holds.
    pub(super) fn field(&self) -> &[u8] {
        &self.field
    }

    pub(super) fn into_field(self) -> Vec<u8> {
        self.field
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn its_size_is_bounded_for_any_member() {
        for (size, bits, lengths) in [
            (MIB + 1, 20, 2),
            (2 * MIB, 20, 2),
            (8192 * MIB, 20, 8192),
            (8192 * MIB + 1, 21, 4097),
            (1 << 40, 27, 8192),
            (u64::MAX, 51, 8192),
        ] {
            let index = Index::new(size, usize::MAX);
            assert_eq!(index.field()[..START], [1, 0, bits, 0], "{size}");
            assert_eq!(index.field().len(), START + 4 * lengths, "{size}");
        }
        for size in [0, 1, MIB] {
            assert!(Index::new(size, usize::MAX).field().is_empty());
        }
        assert!(Index::new(3 * MIB, START + 11).field().is_empty());
        assert!(!Index::new(3 * MIB, START + 12).field().is_empty());
    }

    #[test]
    fn blocks_are_listed_together_where_there_are_many() {
        let mut index = Index::new(8192 * MIB + 1, usize::MAX);
        for len in [3, 4, 5] {
            index.add(len);
        }
        assert_eq!(index.into_field()[START..][..8], [7, 0, 0, 0, 5, 0, 0, 0]);
    }
}
