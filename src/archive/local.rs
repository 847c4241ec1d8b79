//! A member's local header, which precedes its bytes in the file (APPNOTE 4.3.7).

use std::ops::Range;

use super::Member;
use super::central::{u16_at, u32_at};
use crate::error::{Error, Result};

const START: &[u8] = b"PK\x03\x04";

/// Its size without the name and the extra fields, which follow.
const SIZE: usize = 30;

/// Where its flags and its CRC-32 are.
const FLAGS: usize = 6;
pub(super) const CRC32: usize = 14;

/// The flag that says that sizes and CRC come after the bytes, and may be missing here; and
/// the one that says that the name is UTF-8.
const IS_STREAMED: u16 = 1 << 3;
const IS_UTF8: u16 = 1 << 11;

/// What a size is that takes 64 bits, which are elsewhere.
const LARGE: u32 = u32::MAX;

pub(super) struct LocalHeader<'a> {
    /// The header without name and fields.
    fixed: &'a [u8; SIZE],
    /// As much of the name as is known.
    name: &'a [u8],
}

impl<'a> LocalHeader<'a> {
    /// The header that `bytes` begin with.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (fixed, rest) = bytes.split_first_chunk()?;
        let name_len = usize::from(u16_at(fixed, 26)?);
        let name = rest.get(..name_len).unwrap_or(rest);
        fixed.starts_with(START).then_some(Self { fixed, name })
    }

    /// Where the extra fields are, from the header's start; there it ends.
    pub(super) fn fields(&self) -> Range<u64> {
        let [name, fields] = [26, 28].map(|at| u64::from(self.u16_at(at)));
        let start = name.saturating_add(SIZE as u64);
        start..start.saturating_add(fields)
    }

    pub(super) fn method(&self) -> u16 {
        self.u16_at(8)
    }

    /// Whether sizes and CRC come after the bytes.
    pub(super) fn is_streamed(&self) -> bool {
        self.u16_at(FLAGS) & IS_STREAMED != 0
    }

    /// Checks that it says nothing else than the directory does.
    pub(super) fn check(&self, member: &Member) -> Result<()> {
        // In other cases the directory's is not what its bytes are, but what they stand for.
        let is_known = member.name.is_ascii()
            || member.name_bytes.is_some()
            || self.u16_at(FLAGS) & IS_UTF8 != 0;
        let name = member.name_bytes.as_deref().unwrap_or(member.name.as_bytes());
        let is_name = usize::from(self.u16_at(26)) == name.len() && name.starts_with(self.name);
        let sizes = [(18, member.compressed_size), (22, member.size)];
        let is_size = |&(at, size): &(usize, u64)| {
            let found = self.u32_at(at);
            found == LARGE || u64::from(found) == size
        };
        let disagrees = if is_known && !is_name {
            "name"
        } else if self.is_streamed() {
            return Ok(());
        } else if self.u32_at(CRC32) != member.crc32 {
            "checksum"
        } else if !sizes.iter().all(is_size) {
            "size"
        } else {
            return Ok(());
        };
        Err(Error::archive(format!("damaged: two headers disagree on its {disagrees}")))
    }

    fn u16_at(&self, at: usize) -> u16 {
        u16_at(self.fixed, at).unwrap_or(0)
    }

    fn u32_at(&self, at: usize) -> u32 {
        u32_at(self.fixed, at).unwrap_or(0)
    }
}
