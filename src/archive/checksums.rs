//! Where an archive records a member's CRC-32, for those who change the member in place.

use super::{Directory, Member};
use crate::error::{Error, Result};

/// The start of an entry of the central directory (APPNOTE 4.3.12), and its size without
/// the name, the fields and the comment, whose lengths are at 28, 30 and 32.
const ENTRY: (&[u8], usize) = (b"PK\x01\x02", 46);

/// The start of a local header, and of what may come after the bytes of a streamed member
/// (APPNOTE 4.3.9), which others leave out.
const HEADER: &[u8] = b"PK\x03\x04";
const DESCRIPTOR: &[u8] = b"PK\x07\x08";

/// Of the flags at 6 in a local header, the one that says that the CRC comes after the bytes.
const IS_STREAMED: u8 = 1 << 3;

/// The two places in `archive` where the CRC-32 of the member `index`, which ends at `end`,
/// is recorded. Both agree with the directory that was read.
pub(crate) fn places(
    archive: &[u8],
    directory: &Directory,
    index: usize,
    end: u64,
) -> Result<[usize; 2]> {
    let damaged = || Error::archive("damaged: its checksum is not where it should be");
    let member = &directory.members()[index];
    let places = central(archive, directory, index).zip(local(archive, member, end));
    let (central, local) = places.ok_or_else(damaged)?;
    let is_there = |&at: &usize| at_place(archive, at) == Some(member.crc32);
    match [central, local].iter().all(is_there) {
        true => Ok([central, local]),
        false => Err(damaged()),
    }
}

fn central(archive: &[u8], directory: &Directory, index: usize) -> Option<usize> {
    let mut entry = archive.get(usize::try_from(directory.start()).ok()?..)?;
    for _ in 0..index {
        let lengths = [28, 30, 32].map(|at| entry.get(at..at + 2));
        let mut size = ENTRY.1;
        for length in lengths {
            size += usize::from(u16::from_le_bytes(length?.try_into().ok()?));
        }
        entry = entry.get(size..)?;
    }
    entry.starts_with(ENTRY.0).then(|| archive.len() - entry.len() + 16)
}

fn local(archive: &[u8], member: &Member, end: u64) -> Option<usize> {
    let start = usize::try_from(member.header_start).ok()?;
    let header = archive.get(start..)?;
    if !header.starts_with(HEADER) {
        return None;
    }
    if header.get(6)? & IS_STREAMED == 0 {
        return Some(start + 14);
    }
    let end = usize::try_from(end).ok()?;
    let has_start = archive.get(end..)?.starts_with(DESCRIPTOR);
    Some(end + if has_start { DESCRIPTOR.len() } else { 0 })
}

fn at_place(archive: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(archive.get(at..at + 4)?.try_into().ok()?))
}
