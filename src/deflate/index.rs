//! The index of a deflated member: where its blocks end, so that they can be inflated
//! apart from each other.
//!
//! It is an extra field (APPNOTE 4.5) of the member's entry in the archive's directory. Other
//! readers skip it, as zip tells them to do with fields that they do not know:
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
//! A member of one block has no index. A program that compresses the member anew may keep the field,
//! which is out of date then: its lengths do not add up to the member's, and it is passed over.

#![expect(clippy::arithmetic_side_effects, reason = "it lists what has been written")]

use super::BLOCK;

pub(super) const VERSION: u16 = 1;

/// Where the blocks start in the field.
pub(super) const START: usize = 8;

/// How many bytes the field has for each.
pub(super) const ENTRY: usize = 8;

/// Blocks are listed by the two, by the four and so on, if there are more.
const MOST_BLOCKS: usize = 4096;

/// An index that is being made.
#[derive(Default)]
pub(crate) struct Index {
    /// The CRC-32 of the array's header.
    header_crc32: u32,
    /// The compressed length of each block, and the checksum of its bytes before.
    blocks: Vec<(u32, crc32fast::Hasher)>,
}

impl Index {
    /// Whether there are no blocks.
    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Says that the member begins with `header`. The checksum of the first block lacks what `set_apart`
    /// is the checksum of.
    pub(super) fn begin_with(&mut self, header: &[u8], set_apart: &crc32fast::Hasher) {
        self.header_crc32 = crc32fast::hash(header);
        if let Some((_, first)) = self.blocks.first_mut() {
            let mut whole = set_apart.clone();
            whole.combine(first);
            *first = whole;
        }
    }

    /// Adds the next block, of `len` compressed bytes.
    pub(super) fn add(&mut self, len: usize, hasher: &crc32fast::Hasher) {
        self.blocks.push((len as u32, hasher.clone()));
    }

    /// The field, of at most `most` bytes; `None` if there is nothing to list, or no room.
    pub(crate) fn field(&self, most: usize) -> Option<Vec<u8>> {
        let room = most.saturating_sub(START) / ENTRY;
        let share = self.blocks.len().div_ceil(room.clamp(1, MOST_BLOCKS));
        let per_entry = share.next_power_of_two();
        if self.blocks.len() < 2 || room < 2 {
            return None;
        }
        let block_bits = (BLOCK as u64 * per_entry as u64).ilog2() as u16;
        let mut field = [VERSION, block_bits].map(u16::to_le_bytes).concat();
        field.extend(self.header_crc32.to_le_bytes());
        for blocks in self.blocks.chunks(per_entry) {
            let (mut listed, mut hasher) = (0_u32, crc32fast::Hasher::new());
            for (len, of_block) in blocks {
                // In an array of 16 TiB the sum may need more bits. It is wrong then, which readers
                // find out, as they must with any index.
                listed = listed.saturating_add(*len);
                hasher.combine(of_block);
            }
            field.extend([listed, hasher.finalize()].map(u32::to_le_bytes).as_flattened());
        }
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher(bytes: &[u8]) -> crc32fast::Hasher {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(bytes);
        hasher
    }

    /// An index of blocks of 7 bytes.
    fn index(blocks: usize) -> Index {
        let mut index = Index::default();
        (0..blocks).for_each(|_| index.add(7, &hasher(b"block")));
        index.begin_with(b"header", &hasher(b""));
        index
    }

    #[test]
    fn its_size_is_bounded_for_any_member() {
        for (blocks, bits, entries) in
            [(2, 20, 2), (4096, 20, 4096), (4097, 21, 2049), (10_000, 22, 2500)]
        {
            let field = index(blocks).field(usize::MAX).unwrap();
            let crc32 = crc32fast::hash(b"header").to_le_bytes();
            assert_eq!(field[..START], [&[1, 0, bits, 0][..], &crc32].concat(), "{blocks}");
            assert_eq!(field.len(), START + ENTRY * entries, "{blocks}");
        }
        // More than 32 bits can count.
        assert_eq!(index(8193).field(START + 2 * ENTRY).unwrap()[2..4], [33, 0]);
        assert!([0, 1].iter().all(|&blocks| index(blocks).field(usize::MAX).is_none()));
        for (most, len) in [(24, Some(24)), (39, Some(24)), (40, Some(40)), (23, None), (0, None)] {
            assert_eq!(index(4).field(most).map(|field| field.len()), len, "{most}");
        }
    }

    #[test]
    fn blocks_are_listed_together_where_there_are_many() {
        let mut index = Index::default();
        for (len, bytes) in [(3, "b"), (4, "cd"), (5, "ef")] {
            index.add(len, &hasher(bytes.as_bytes()));
        }
        index.begin_with(b"ab", &hasher(b"a"));
        let entry = |len: u32, bytes: &[u8]| [len, crc32fast::hash(bytes)].map(u32::to_le_bytes);
        let expected = [entry(7, b"abcd"), entry(5, b"ef")].concat().concat();
        assert_eq!(index.field(START + 2 * ENTRY).unwrap()[START..], expected);
    }
}
