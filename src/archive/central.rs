//! The central directory as it is in the file: one entry after the other, then its end
//! (APPNOTE 4.3.12 to 4.3.16).

#![expect(
    clippy::arithmetic_side_effects,
    reason = "lengths of 16 bits are added up, and where the directory is that we write"
)]

use super::span::read_exact_at;
use super::{Directory, Member, Source};
use crate::error::{Error, Result};

/// An entry's start, and its size without the name, the extra fields and the comment.
const ENTRY: (&[u8], usize) = (b"PK\x01\x02", 46);

/// Where a number of 32 bits does not suffice, it is this one, and the number is in an
/// extra field of this id: of the two sizes, the offset and the disk, those that are.
const LARGE: u32 = u32::MAX;
const ZIP64: u16 = 1;

/// A directory's bytes, and what follows them.
pub(super) fn read<R>(source: &Source<R>, directory: &Directory) -> Result<Vec<u8>> {
    let mut bytes = vec![0; source.size().saturating_sub(directory.start()) as usize];
    read_exact_at(source.as_bytes(), &mut bytes, directory.start()).map_err(Error::read)?;
    Ok(bytes)
}

/// The entries of `directory`, which `bytes` begin with, each for the member of its place.
pub(super) fn entries<'a>(mut bytes: &'a [u8], directory: &Directory) -> Result<Vec<&'a [u8]>> {
    let mut next = |member: &Member| {
        let lengths = [28, 30, 32].map(|at| u16_at(bytes, at).map(usize::from));
        let lengths: Option<usize> = lengths.into_iter().sum();
        let (entry, rest) = bytes.split_at_checked(ENTRY.1 + lengths?)?;
        bytes = rest;
        let agrees = entry.starts_with(ENTRY.0) && u32_at(entry, 16) == Some(member.crc32);
        agrees.then_some(entry)
    };
    let entries: Option<_> = directory.members().iter().map(&mut next).collect();
    entries.ok_or_else(damaged)
}

fn damaged() -> Error {
    Error::archive("the archive's directory is damaged")
}

/// Appends `entry` to `out`, of a member whose local header is at `offset`.
pub(super) fn push_moved(entry: &[u8], offset: u64, out: &mut Vec<u8>) -> Result<()> {
    out.extend(moved(entry, offset).ok_or_else(damaged)?);
    Ok(())
}

fn moved(entry: &[u8], offset: u64) -> Option<Vec<u8>> {
    let fields_start = ENTRY.1 + usize::from(u16_at(entry, 28)?);
    let (start, fields) = entry.split_at_checked(fields_start)?;
    let (mut fields, comment) = fields.split_at_checked(u16_at(entry, 30)?.into())?;
    let (mut others, mut zip64) = (Vec::new(), Vec::new());
    while let Some(len) = u16_at(fields, 2) {
        let (field, rest) = fields.split_at_checked(4 + usize::from(len))?;
        match u16_at(field, 0)? {
            ZIP64 => zip64.extend(field.iter().skip(4)),
            _ => others.extend_from_slice(field),
        }
        fields = rest;
    }
    // What it has besides the sizes is the offset, and the disk, of which there is one.
    let sizes = [24, 20].map(|at| u32_at(entry, at));
    let sizes = 8 * sizes.into_iter().filter(|&size| size == Some(LARGE)).count();
    let mut large = zip64.get(..sizes)?.to_vec();
    let small = u32::try_from(offset).ok().filter(|&small| small < LARGE);
    if small.is_none() {
        large.extend(offset.to_le_bytes());
    }
    let zip64_size = if large.is_empty() { 0 } else { 4 + large.len() };
    let fields_size = u16::try_from(zip64_size + others.len()).ok()?;
    let mut moved = start.to_vec();
    *moved.get_mut(30..)?.first_chunk_mut()? = fields_size.to_le_bytes();
    *moved.get_mut(34..)?.first_chunk_mut()? = [0; 2];
    *moved.get_mut(42..)?.first_chunk_mut()? = small.unwrap_or(LARGE).to_le_bytes();
    if !large.is_empty() {
        moved.extend([ZIP64, large.len() as u16].map(u16::to_le_bytes).as_flattened());
        moved.extend(large);
    }
    moved.extend(others);
    moved.extend_from_slice(comment);
    Some(moved)
}

/// Appends to `out`, a directory of `count` entries that starts at `offset`, its end.
pub(super) fn push_end(count: u64, offset: u64, comment: &[u8], out: &mut Vec<u8>) {
    let size = out.len() as u64;
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
        out.extend((offset + size).to_le_bytes());
        out.extend(1_u32.to_le_bytes()); // disks
    }
    out.extend(b"PK\x05\x06\0\0\0\0");
    let count = small_count.unwrap_or(u16::MAX).to_le_bytes();
    out.extend([count, count].as_flattened());
    out.extend(small_size.unwrap_or(LARGE).to_le_bytes());
    out.extend(small_offset.unwrap_or(LARGE).to_le_bytes());
    out.extend((comment.len() as u16).to_le_bytes());
    out.extend(comment);
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An entry with these sizes and offset, and fields besides.
    fn entry(sizes: [u32; 2], offset: u32, fields: &[u8]) -> Vec<u8> {
        let mut entry = vec![0; ENTRY.1];
        entry[..4].copy_from_slice(ENTRY.0);
        entry[20..28].copy_from_slice(sizes.map(u32::to_le_bytes).as_flattened());
        entry[28] = 1;
        entry[30] = fields.len() as u8;
        entry[32] = 2;
        entry[42..46].copy_from_slice(&offset.to_le_bytes());
        [&entry, &b"n"[..], fields, b"cc"].concat()
    }

    /// A field for numbers of 64 bits.
    fn zip64(numbers: &[u64]) -> Vec<u8> {
        let mut field = vec![1, 0, 8 * numbers.len() as u8, 0];
        numbers.iter().for_each(|number| field.extend(number.to_le_bytes()));
        field
    }

    fn moved(entry: &[u8], offset: u64) -> Vec<u8> {
        let mut out = b"before".to_vec();
        push_moved(entry, offset, &mut out).unwrap();
        out.split_off(6)
    }

    #[test]
    fn an_offset_takes_64_bits_where_it_must() {
        const OTHER: &[u8] = b"\x55\x54\x01\x00t";
        const FAR: u64 = 5 << 30;
        let with = |field: Vec<u8>| [&field, OTHER].concat();
        let small = entry([7, 8], 100, OTHER);
        let far = entry([7, 8], LARGE, &with(zip64(&[FAR])));
        assert_eq!(moved(&small, 200), entry([7, 8], 200, OTHER));
        assert_eq!(moved(&small, FAR), far);
        assert_eq!(moved(&far, 100), small);
        assert_eq!(moved(&small, LARGE as u64 - 1), entry([7, 8], LARGE - 1, OTHER));
        let at_limit = entry([7, 8], LARGE, &with(zip64(&[LARGE.into()])));
        assert_eq!(moved(&small, LARGE.into()), at_limit);
        // Sizes that take 64 bits stay, in front of the offset; a disk's number goes.
        for (sizes, numbers) in [([7, LARGE], vec![FAR]), ([LARGE; 2], vec![FAR, FAR + 1])] {
            let near = entry(sizes, 100, &with(zip64(&numbers)));
            let far = entry(sizes, LARGE, &with(zip64(&[&numbers[..], &[FAR]].concat())));
            assert_eq!(moved(&near, FAR), far);
            assert_eq!(moved(&far, 100), near);
            let mut of_disk = zip64(&[&numbers[..], &[FAR]].concat());
            of_disk.extend([0; 4]);
            of_disk[2] += 4;
            assert_eq!(moved(&entry(sizes, LARGE, &with(of_disk)), 100), near);
        }
        // It says that there are sizes of 64 bits, and there are none.
        assert!(push_moved(&entry([LARGE; 2], 100, &zip64(&[FAR])), 100, &mut Vec::new()).is_err());
        assert!(push_moved(&small[..50], 100, &mut Vec::new()).is_err());
    }
}
