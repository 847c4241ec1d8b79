//! Where an archive records a member's CRC-32, for those who change the member in place.

#![expect(clippy::arithmetic_side_effects, reason = "all of it is in memory")]

use super::central::{self, u32_at};
use super::local::{CRC32, LocalHeader};
use super::{Directory, Member};
use crate::error::{Error, Result};

/// What may come after the bytes of a streamed member (APPNOTE 4.3.9), before its CRC-32.
const DESCRIPTOR: &[u8] = b"PK\x07\x08";

/// The two places in `archive` where the CRC-32 of the member `index`, which ends at `end`,
/// is recorded. Both agree with the directory that was read.
pub(crate) fn places(
    archive: &[u8],
    directory: &Directory,
    index: usize,
    end: u64,
) -> Result<[usize; 2]> {
    let member = directory.member(index);
    let start = directory.start() as usize;
    let entries = central::entries(archive.get(start..).unwrap_or(&[]), directory)?;
    let before: usize = entries.iter().take(index).map(|entry| entry.len()).sum();
    local(archive, member, end)
        .filter(|&local| u32_at(archive, local) == Some(member.crc32))
        .map(|local| [start + before + 16, local])
        .ok_or_else(|| Error::archive("damaged: its checksum is not where it should be"))
}

fn local(archive: &[u8], member: &Member, end: u64) -> Option<usize> {
    let start = usize::try_from(member.header_start).ok()?;
    if !LocalHeader::parse(archive.get(start..)?)?.is_streamed() {
        return Some(start + CRC32);
    }
    let end = usize::try_from(end).ok()?;
    let has_start = archive.get(end..)?.starts_with(DESCRIPTOR);
    Some(end + if has_start { DESCRIPTOR.len() } else { 0 })
}
