//! The end of an archive, which says where its directory is (APPNOTE 4.3.14 to 4.3.16).
//!
//! One file can be read as two different archives, if two readers do not take the same end
//! record for the true one, or the same bytes for its directory. NumPy reads through Python's
//! zipfile, so its choice is made here too: the last end record counts, the directory ends
//! where the record begins, and its size tells where it starts. How many members the record
//! counts is of no account, because writers of 16-bit counts list 65,540 members as 4. What
//! zipfile passes over in silence is an error here: bytes behind the record, and two records, of
//! 32 and of 64 bits, that disagree.

use std::ops::Range;

use crate::error::{Error, Result};

/// The end record, without the archive's comment, which follows.
const SIGNATURE: &[u8] = b"PK\x05\x06";
const SIZE: usize = 22;

/// How much of a file's end is looked at for it: a comment has at most 65,535 bytes.
const REACH: usize = SIZE + u16::MAX as usize;

/// What precedes it where a number takes 64 bits: a record of these numbers, and another one
/// that says where that record is.
const ZIP64: &[u8] = b"PK\x06\x06";
const ZIP64_SIZE: usize = 56;
const LOCATOR: &[u8] = b"PK\x06\x07";
const LOCATOR_SIZE: usize = 20;

/// A number of 32 bits that stands for one of 64 bits elsewhere.
pub(super) const LARGE: u32 = u32::MAX;

/// What an end record says.
#[derive(Debug)]
pub(super) struct End {
    /// Where the directory's entries are in the file.
    pub(super) directory: Range<u64>,
    /// How many bytes precede the archive in the file. Offsets are counted from there.
    pub(super) prefix: u64,
    /// The archive's comment.
    pub(super) comment: Vec<u8>,
}

/// How many bytes of a file's end [`End::find`] wants to see, if there are as many.
pub(crate) const WANTED: usize = REACH + ZIP64_SIZE + LOCATOR_SIZE;

impl End {
    /// Finds the end record in `tail`, the last bytes of a file of `size` bytes; `None` if
    /// there is none.
    pub(super) fn find(tail: &[u8], size: u64) -> Result<Option<Self>> {
        let Some(at) = last_record(tail) else { return Ok(None) };
        let tail_start = size.saturating_sub(tail.len() as u64);
        let (before, record) = tail.split_at_checked(at).unwrap_or_default();
        Self::parse(before, record, tail_start.saturating_add(at as u64)).map(Some)
    }

    /// Parses `record`, which is at `position` in the file, after `before`.
    fn parse(before: &[u8], record: &[u8], position: u64) -> Result<Self> {
        let found = record.len().saturating_sub(SIZE);
        match comment_len(record) {
            Some(len) if len == found => {}
            Some(len) if len < found => {
                let more = found.abs_diff(len);
                return Err(Error::archive(format!("damaged: {more} bytes follow its end record")));
            }
            _ => return Err(Error::archive("damaged or cut short: its end record is not whole")),
        }
        let [disk, directory_disk] = [4, 6].map(|at| u16_at(record, at).unwrap_or(0));
        if [disk, directory_disk].iter().any(|&disk| disk != 0 && disk != u16::MAX) {
            return Err(Error::archive("it is one part of an archive in several files"));
        }
        let small = [12, 16].map(|at| u32_at(record, at).unwrap_or(0));
        let (end, [size, offset]) = match large_numbers(before) {
            None => (position, small.map(u64::from)),
            Some(large) => {
                let agree =
                    |(&small, &large): (&u32, &u64)| small == LARGE || u64::from(small) == large;
                if !small.iter().zip(&large).all(agree) {
                    return Err(Error::archive("damaged: its two end records disagree"));
                }
                (position.saturating_sub((ZIP64_SIZE + LOCATOR_SIZE) as u64), large)
            }
        };
        let start = end.checked_sub(size);
        let prefix = start.and_then(|start| start.checked_sub(offset));
        let (Some(start), Some(prefix)) = (start, prefix) else {
            return Err(Error::archive(
                "damaged or cut short: its directory is not where its end record says",
            ));
        };
        let comment = record.get(SIZE..).unwrap_or(&[]).to_vec();
        Ok(Self { directory: start..end, prefix, comment })
    }
}

/// The size and the offset of the directory in the zip64 record that `before` ends with, if
/// it does.
fn large_numbers(before: &[u8]) -> Option<[u64; 2]> {
    let (before, locator) = before.split_at_checked(before.len().checked_sub(LOCATOR_SIZE)?)?;
    let (_, record) = before.split_at_checked(before.len().checked_sub(ZIP64_SIZE)?)?;
    let is_there = locator.starts_with(LOCATOR) && record.starts_with(ZIP64);
    is_there.then_some([u64_at(record, 40)?, u64_at(record, 48)?])
}

/// Where zipfile takes the end record to be: at the very end, without a comment, or else
/// where its signature comes last.
fn last_record(tail: &[u8]) -> Option<usize> {
    let at_end = tail.len().checked_sub(SIZE);
    let is_bare = |&at: &usize| {
        let record = tail.get(at..).unwrap_or(&[]);
        record.starts_with(SIGNATURE) && comment_len(record) == Some(0)
    };
    at_end.filter(is_bare).or_else(|| {
        let (skipped, reach) = tail.split_at_checked(tail.len().saturating_sub(REACH))?;
        let at = reach.windows(SIGNATURE.len()).rposition(|window| window == SIGNATURE)?;
        Some(skipped.len().saturating_add(at))
    })
}

/// How long the comment behind an end record is said to be, if the record is whole.
fn comment_len(record: &[u8]) -> Option<usize> {
    u16_at(record, 20).map(usize::from)
}

/// The end of an archive whose directory, of `count` entries, is at this place in the file.
pub(super) fn record(count: u64, directory: &Range<u64>, comment: &[u8]) -> Vec<u8> {
    let (offset, mut out) = (directory.start, Vec::new());
    let size = directory.end.saturating_sub(offset);
    let small_count = u16::try_from(count).ok().filter(|&count| count < u16::MAX);
    let small = |number: u64| u32::try_from(number).ok().filter(|&number| number < LARGE);
    let (small_size, small_offset) = (small(size), small(offset));
    if small_count.is_none() || small_size.is_none() || small_offset.is_none() {
        out.extend(b"PK\x06\x06");
        out.extend(44_u64.to_le_bytes()); // of what follows
        out.extend([45, 3, 45, 0]); // version 4.5, on Unix; needed to read it
        out.extend([0; 8]); // this disk, and that of the directory
        out.extend([count, count, size, offset].map(u64::to_le_bytes).as_flattened());
        out.extend(b"PK\x06\x07\0\0\0\0");
        out.extend(directory.end.to_le_bytes());
        out.extend(1_u32.to_le_bytes()); // disks
    }
    out.extend(b"PK\x05\x06\0\0\0\0");
    let count = small_count.unwrap_or(u16::MAX).to_le_bytes();
    out.extend([count, count].as_flattened());
    out.extend(small_size.unwrap_or(LARGE).to_le_bytes());
    out.extend(small_offset.unwrap_or(LARGE).to_le_bytes());
    out.extend((comment.len() as u16).to_le_bytes());
    out.extend(comment);
    out
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Puts a number of 16 bits into `bytes`, unless it takes more.
pub(super) fn put_u16(bytes: &mut [u8], at: usize, number: usize) -> Option<()> {
    *bytes.get_mut(at..)?.first_chunk_mut()? = u16::try_from(number).ok()?.to_le_bytes();
    Some(())
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
