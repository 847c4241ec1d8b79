//! Where an archive records a member's CRC-32, for those who change the member in place.

#![expect(clippy::arithmetic_side_effects, reason = "all of it is in memory")]

use std::ops::Range;

use super::Member;
use super::central;
use super::end::u32_at;
use super::local::{CRC32, LocalHeader};
use crate::error::{Error, Result};

/// What may come after the bytes of a streamed member (APPNOTE 4.3.9), before its CRC-32.
const DESCRIPTOR: &[u8] = b"PK\x07\x08";

/// The two places in `archive` where the CRC-32 of `member`, whose bytes end at `end`, is
/// recorded. Both agree with the directory that was read.
pub(crate) fn places(archive: &[u8], member: &Member, end: u64) -> Result<[Range<usize>; 2]> {
    let central = (member.entry.start + central::CRC32) as usize;
    local(archive, member, end)
        .map(|local| [central, local])
        .filter(|places| places.iter().all(|&at| u32_at(archive, at) == Some(member.crc32)))
        .map(|places| places.map(|at| at..at + 4))
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
