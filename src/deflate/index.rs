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
//! | 4     | the CRC-32 of the array's header, with which the first block begins   |
//! | 8 × … | of each block the compressed length, and the CRC-32 when inflated     |
//!
//! Numbers are little-endian. So a part of the array is verified without the rest: by the
//! header's CRC, and by those of the blocks that it is in. Each block ends at a byte's
//! boundary and refers to no byte before it. After the last block comes an empty one, the two
//! bytes that end the stream.
//!
//! The size of the field follows from the member's, so there is room for it before the
//! blocks are compressed. zip's directory repeats it as it was then, with zeros for them.
//! A member of one block has no index, nor has one in a stream that cannot seek.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "it lists what has been written"
)]

use super::BLOCK;

pub(super) const VERSION: u16 = 1;

/// Where the blocks start in the field.
pub(super) const START: usize = 8;

/// How many bytes the field has for each.
pub(super) const ENTRY: usize = 8;

/// Blocks are listed by the two, by the four and so on, if there are more.
const MOST_BLOCKS: u64 = 4096;

/// An index that is being made.
#[derive(Default)]
pub(super) struct Index {
    field: Vec<u8>,
    /// How many of the blocks that are compressed make one that is listed.
    per_entry: u64,
    blocks: u64,
    /// The compressed length of the blocks that are listed last.
    len: u32,
    hasher: crc32fast::Hasher,
}

impl Index {
    /// For a member of `size` bytes, which begin with `header`, with zeros for its blocks;
    /// none if it would take more than `most` bytes.
    pub(super) fn new(header: &[u8], size: u64, most: usize) -> Self {
        let blocks = size.div_ceil(BLOCK as u64);
        let per_entry = blocks.div_ceil(MOST_BLOCKS).next_power_of_two();
        let len = START + ENTRY * blocks.div_ceil(per_entry) as usize;
        if blocks < 2 || len > most {
            return Self::default();
        }
        let block_bits = (BLOCK as u64 * per_entry).ilog2() as u16;
        let mut field = vec![0; len];
        field[..2].copy_from_slice(&VERSION.to_le_bytes());
        field[2..4].copy_from_slice(&block_bits.to_le_bytes());
        field[4..START].copy_from_slice(&crc32fast::hash(header).to_le_bytes());
        Self { field, per_entry, ..Self::default() }
    }

    /// Adds the next block, of `len` compressed bytes.
    pub(super) fn add(&mut self, len: usize, hasher: &crc32fast::Hasher) {
        if self.field.is_empty() {
            return;
        }
        if self.blocks.is_multiple_of(self.per_entry) {
            (self.len, self.hasher) = (0, crc32fast::Hasher::new());
        }
        // In an array of 16 TiB the sum may need more bits. It is wrong then, which readers
        // find out, as they must with any index.
        self.len = self.len.saturating_add(len as u32);
        self.hasher.combine(hasher);
        let start = START + ENTRY * (self.blocks / self.per_entry) as usize;
        self.blocks += 1;
        if let Some(entry) = self.field.get_mut(start..).and_then(<[u8]>::first_chunk_mut) {
            let crc32 = self.hasher.clone().finalize();
            *entry = (u64::from(crc32) << 32 | u64::from(self.len)).to_le_bytes();
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
        for (size, bits, entries) in [
            (MIB + 1, 20, 2),
            (2 * MIB, 20, 2),
            (4096 * MIB, 20, 4096),
            (4096 * MIB + 1, 21, 2049),
            (1 << 40, 28, 4096),
            (u64::MAX, 52, 4096),
        ] {
            let index = Index::new(b"header", size, usize::MAX);
            let crc32 = crc32fast::hash(b"header").to_le_bytes();
            assert_eq!(index.field()[..START], [&[1, 0, bits, 0][..], &crc32].concat(), "{size}");
            assert_eq!(index.field().len(), START + ENTRY * entries, "{size}");
        }
        for size in [0, 1, MIB] {
            assert!(Index::new(&[], size, usize::MAX).field().is_empty());
        }
        assert!(Index::new(&[], 3 * MIB, START + 23).field().is_empty());
        assert!(!Index::new(&[], 3 * MIB, START + 24).field().is_empty());
    }

    #[test]
    fn blocks_are_listed_together_where_there_are_many() {
        let hasher = |bytes: &[u8]| {
            let mut hasher = crc32fast::Hasher::new();
            hasher.update(bytes);
            hasher
        };
        let mut index = Index::new(&[], 4096 * MIB + 1, usize::MAX);
        for (len, bytes) in [(3, "ab"), (4, "cd"), (5, "ef")] {
            index.add(len, &hasher(bytes.as_bytes()));
        }
        let entry = |len: u32, bytes: &[u8]| [len, hasher(bytes).finalize()].map(u32::to_le_bytes);
        let expected = [entry(7, b"abcd"), entry(5, b"ef")].concat().concat();
        assert_eq!(index.into_field()[START..][..2 * ENTRY], expected);
    }
}
