//! The entries of the central directory, which alone is trusted: writers that stream leave the
//! sizes in the headers before the members empty (APPNOTE 4.3.12).
//!
//! The zip crate parses them too, but not all of them: of two members of one name it drops
//! the first, and behind the number that the end record counts it stops. Here every entry
//! becomes a [`Member`].

#![expect(clippy::arithmetic_side_effects, reason = "lengths of 16 bits are added up")]

use std::iter;
use std::sync::OnceLock;

use super::end::{End, LARGE, put_u16, u16_at, u32_at, u64_at};
use super::header_copy::HeaderCopy;
use super::{Member, own_name};
use crate::deflate::Index;
use crate::error::{Error, Result};
use crate::limits::Limits;

/// An entry's start, and its size without the name, the extra fields and the comment.
const ENTRY: (&[u8], usize) = (b"PK\x01\x02", 46);

/// The most bytes of an entry that zip asks for (APPNOTE 4.4.10).
const MOST: usize = u16::MAX as usize;

/// Where its CRC-32 is.
pub(super) const CRC32: u64 = 16;

/// Where a number of 32 bits does not suffice, it is [`LARGE`], and the number is in an extra
/// field of this id: of the two sizes, the offset and the disk, those that are.
const ZIP64: u16 = 1;

/// The id of the extra field that has the name in UTF-8, for writers that have it in another
/// encoding in its own place.
pub(super) const UNICODE_NAME: u16 = 0x7075;

/// The id of this crate's own extra field, "np", which nobody else has registered.
const OWN: u16 = u16::from_le_bytes(*b"np");

/// What the own field of a member is made of when it has been written.
pub(super) enum OwnField {
    /// Of a deflated one.
    Blocks(Index),
    /// Of a stored one: where its data starts, and the header that it begins with.
    Header(u64, Vec<u8>),
}

/// The flags that say that a member is encrypted, and that its name is UTF-8.
const IS_ENCRYPTED: u16 = 1;
pub(super) const IS_UTF8: u16 = 1 << 11;

/// The members whose entries `bytes` are, all of them. They are counted before any is made.
pub(super) fn members(bytes: &[u8], end: &End, limits: &Limits) -> Result<Vec<Member>> {
    let count = entries(bytes).count();
    limits.check_members(count)?;
    let (mut members, mut start) = (Vec::with_capacity(count), end.directory.start);
    for entry in entries(bytes) {
        let entry = entry.ok_or_else(damaged)?;
        members.push(parse(entry, start, end)?);
        start += entry.len() as u64;
    }
    Ok(members)
}

/// The entries that `bytes` are; the last is `None` if it is not whole.
fn entries(bytes: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    let mut rest = bytes;
    iter::from_fn(move || {
        let (entry, after) = split_entry(rest).unzip();
        let is_end = rest.is_empty();
        rest = after.unwrap_or(&[]);
        (!is_end).then_some(entry)
    })
}

/// The entry that `bytes` begin with, and the bytes behind it.
fn split_entry(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let lengths = [28, 30, 32].map(|at| u16_at(bytes, at).map(usize::from));
    let lengths: Option<usize> = lengths.into_iter().sum();
    bytes.split_at_checked(ENTRY.1 + lengths?).filter(|(entry, _)| entry.starts_with(ENTRY.0))
}

/// The member of an entry that starts at `start` in the file.
fn parse(entry: &[u8], start: u64, end: &End) -> Result<Member> {
    let parts = Parts::of(entry).ok_or_else(damaged)?;
    let flags = u16_at(entry, 8).unwrap_or(0);
    let name = name(&parts, flags & IS_UTF8 != 0)?;
    let in_array = |problem: &str| Error::archive(problem).in_array(own_name(&name));
    let fields = Fields(parts.fields);
    if fields.clone().map(|(_, field)| field.len() + 4).sum::<usize>() + 3 < parts.fields.len() {
        return Err(in_array("damaged: an extra field in the directory is longer than its entry"));
    }

    let [size, compressed_size, offset] = parts
        .numbers()
        .ok_or_else(|| in_array("damaged: the directory lacks a number of 64 bits"))?;
    let header_start = offset
        .checked_add(end.prefix)
        .ok_or_else(|| in_array("damaged: the directory places it outside the file"))?;
    Ok(Member {
        name_bytes: (parts.name != name.as_bytes()).then(|| parts.name.into()),
        name,
        method: u16_at(entry, 10).unwrap_or(0),
        is_encrypted: flags & IS_ENCRYPTED != 0,
        crc32: parts.crc32(),
        compressed_size,
        size,
        header_start,
        own_field: fields.clone().find(|&(id, _)| id == OWN).map(|(_, field)| field.into()),
        beginning: OnceLock::new(),
        end: 0,
        entry: start..start + entry.len() as u64,
        is_repeated: false,
    })
}

/// The parts of an entry.
struct Parts<'a> {
    fixed: &'a [u8],
    name: &'a [u8],
    fields: &'a [u8],
    comment: &'a [u8],
}

impl<'a> Parts<'a> {
    fn of(entry: &'a [u8]) -> Option<Self> {
        let (fixed, rest) = entry.split_at_checked(ENTRY.1)?;
        let (name, rest) = rest.split_at_checked(u16_at(entry, 28)?.into())?;
        let (fields, comment) = rest.split_at_checked(u16_at(entry, 30)?.into())?;
        Some(Self { fixed, name, fields, comment })
    }

    fn crc32(&self) -> u32 {
        u32_at(self.fixed, CRC32 as usize).unwrap_or(0)
    }

    /// The member's size, the compressed one, and where its local header starts in the archive;
    /// `None` if one of them is said to take 64 bits, and is not there.
    fn numbers(&self) -> Option<[u64; 3]> {
        let mut numbers = [24, 20, 42].map(|at| u64::from(u32_at(self.fixed, at).unwrap_or(0)));
        if let Some((_, mut large)) = Fields(self.fields).find(|&(id, _)| id == ZIP64) {
            for number in numbers.iter_mut().filter(|number| **number == u64::from(LARGE)) {
                *number = u64_at(large, 0)?;
                large = large.get(8..).unwrap_or(&[]);
            }
        }
        Some(numbers)
    }

    /// The entry with other fields.
    fn with_fields(&self, fields: &[u8]) -> Option<Vec<u8>> {
        let mut fixed = self.fixed.to_vec();
        put_u16(&mut fixed, 30, fields.len())?;
        Some([&fixed, self.name, fields, self.comment].concat())
    }
}

/// A member's name as Python's zipfile understands it: in UTF-8 if a flag or an extra field
/// says so, else in code page 437; up to the first NUL.
fn name(parts: &Parts<'_>, is_utf8: bool) -> Result<String> {
    let not_utf8 = |_| Error::archive("damaged: the directory has a name that is not UTF-8");
    let in_field = Fields(parts.fields).find_map(|(id, field)| {
        let (crc32, name) = field.strip_prefix(&[1])?.split_first_chunk()?;
        let is_of_this_name = u32::from_le_bytes(*crc32) == crc32fast::hash(parts.name);
        (id == UNICODE_NAME && is_of_this_name && !name.is_empty()).then_some(name)
    });
    let mut name = match in_field {
        Some(name) => std::str::from_utf8(name).map_err(not_utf8)?.to_owned(),
        None if is_utf8 => std::str::from_utf8(parts.name).map_err(not_utf8)?.to_owned(),
        None => parts.name.iter().map(|&byte| code_page_437(byte)).collect(),
    };
    name.truncate(name.find('\0').unwrap_or(name.len()));
    Ok(name)
}

/// The character that a byte is in code page 437, the IBM PC's.
fn code_page_437(byte: u8) -> char {
    const UPPER: &str = "\
        ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
        └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
    match byte.checked_sub(128) {
        None => char::from(byte),
        Some(index) => UPPER.chars().nth(index.into()).unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

/// Extra fields (APPNOTE 4.5.1): each an id and its bytes.
#[derive(Clone)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (id, len) = (u16_at(self.0, 0)?, u16_at(self.0, 2)?);
        let (field, rest) = self.0.get(4..)?.split_at_checked(len.into())?;
        self.0 = rest;
        Some((id, field))
    }
}

/// Appends an extra field to `out`, unless it is too long for one.
pub(super) fn push_field(id: u16, field: &[u8], out: &mut Vec<u8>) -> Option<()> {
    out.extend(id.to_le_bytes());
    out.extend(u16::try_from(field.len()).ok()?.to_le_bytes());
    out.extend_from_slice(field);
    Some(())
}

/// The extra fields that `fields` are, but for those of one id. What follows them, and is none, stays.
pub(super) fn without(id: u16, fields: &[u8]) -> Option<Vec<u8>> {
    let (mut others, mut rest) = (Vec::new(), Fields(fields));
    for (other, field) in rest.by_ref().filter(|&(other, _)| other != id) {
        push_field(other, field, &mut others)?;
    }
    others.extend(rest.0);
    Some(others)
}

/// The entries, of members that have been written up to `end`, with their own fields: those that
/// have one.
pub(super) fn with_own_fields(bytes: &[u8], own: &[Option<OwnField>], end: u64) -> Result<Vec<u8>> {
    let mut with_fields = Vec::with_capacity(bytes.len());
    let offset = |entry: Option<&[u8]>| Some(Parts::of(entry?)?.numbers()?[2]);
    let ends = entries(bytes).skip(1).map(|next| offset(next).unwrap_or(end)).chain([end]);
    for ((entry, end), own) in entries(bytes).zip(ends).zip(own) {
        let entry = entry.ok_or_else(damaged)?;
        let with_field = own.as_ref().and_then(|own| with_own_field(entry, own, end));
        with_fields.extend_from_slice(with_field.as_deref().unwrap_or(entry));
    }
    Ok(with_fields)
}

/// The entry of a member that ends at `end` with its own field; `None` if there is none, or no room for
/// it.
fn with_own_field(entry: &[u8], own: &OwnField, end: u64) -> Option<Vec<u8>> {
    let (parts, room) = (Parts::of(entry)?, MOST.checked_sub(entry.len() + 4)?);
    let own = match own {
        OwnField::Blocks(index) => index.field(room)?,
        OwnField::Header(data, header) => {
            let [_, _, offset] = parts.numbers()?;
            let local_header = u32::try_from(data.checked_sub(offset)?).ok()?;
            let (crc32, after) = (parts.crc32(), end.checked_sub(*data)?);
            HeaderCopy { crc32, local_header, after, header }.field()
        }
    };
    if own.len() > room {
        return None;
    }
    let mut fields = parts.fields.to_vec();
    push_field(OWN, &own, &mut fields)?;
    parts.with_fields(&fields)
}

fn damaged() -> Error {
    Error::archive("damaged: the archive's directory is not what its end record says")
}

/// The flags of a member that is to have this name, where they were `flags`.
pub(super) fn flags_with_name(flags: u16, name: &str) -> u16 {
    match name.is_ascii() {
        true => flags & !IS_UTF8,
        false => flags | IS_UTF8,
    }
}

/// The entry with another name.
pub(super) fn renamed(entry: &[u8], name: &str) -> Result<Vec<u8>> {
    with_name(entry, name).ok_or_else(damaged)
}

fn with_name(entry: &[u8], name: &str) -> Option<Vec<u8>> {
    let parts = Parts::of(entry)?;
    let mut fixed = parts.fixed.to_vec();
    put_u16(&mut fixed, 8, flags_with_name(u16_at(entry, 8)?, name).into())?;
    put_u16(&mut fixed, 28, name.len())?;
    let mut fields = without(UNICODE_NAME, parts.fields)?;
    if ENTRY.1 + name.len() + fields.len() + parts.comment.len() > MOST {
        fields = without(OWN, &fields)?;
    }
    Parts { fixed: &fixed, name: name.as_bytes(), ..parts }.with_fields(&fields)
}

/// Appends `entry` to `out`, of a member whose local header is at `offset`, and which has `own` as its
/// own field now, if there is room for one.
pub(super) fn push_moved(
    entry: &[u8],
    offset: u64,
    own: Option<&[u8]>,
    out: &mut Vec<u8>,
) -> Result<()> {
    out.extend(moved(entry, offset, own).ok_or_else(damaged)?);
    Ok(())
}

fn moved(entry: &[u8], offset: u64, own: Option<&[u8]>) -> Option<Vec<u8>> {
    let parts = Parts::of(entry)?;
    let (mut others, mut large) = (Vec::new(), Vec::new());
    for (id, field) in Fields(parts.fields) {
        match id {
            ZIP64 => large.extend_from_slice(field),
            OWN => own.map_or(Some(()), |own| push_field(id, own, &mut others))?,
            _ => push_field(id, field, &mut others)?,
        }
    }
    // Besides the sizes it may have the offset, which is new, and the disk, which is always 0.
    let sizes = [24, 20].map(|at| u32_at(entry, at));
    let sizes = 8 * sizes.into_iter().filter(|&size| size == Some(LARGE)).count();
    large = large.get(..sizes)?.to_vec();
    let small = u32::try_from(offset).ok().filter(|&small| small < LARGE);
    if small.is_none() {
        large.extend(offset.to_le_bytes());
    }
    let mut fields = Vec::new();
    if !large.is_empty() {
        push_field(ZIP64, &large, &mut fields)?;
    }
    fields.extend(others);

    let mut moved = parts.with_fields(&fields)?;
    *moved.get_mut(34..)?.first_chunk_mut()? = [0; 2];
    *moved.get_mut(42..)?.first_chunk_mut()? = small.unwrap_or(LARGE).to_le_bytes();
    Some(moved)
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
        push_moved(entry, offset, None, &mut out).unwrap();
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
        assert!(
            push_moved(&entry([LARGE; 2], 100, &zip64(&[FAR])), 100, None, &mut Vec::new())
                .is_err()
        );
        assert!(push_moved(&small[..50], 100, None, &mut Vec::new()).is_err());
    }

    /// Readers need not take an entry that is longer.
    #[test]
    fn an_index_gives_way_to_a_name_that_leaves_no_room_for_it() {
        let mut fields = b"\x55\x54\x01\x00t".to_vec();
        push_field(OWN, &[7; 60_000], &mut fields).unwrap();
        let mut long = entry([7, 8], 100, &[]);
        long = Parts::of(&long).unwrap().with_fields(&fields).unwrap();
        let room = MOST - long.len() + 1;
        let of_fields = |len: usize| {
            let renamed = renamed(&long, &"m".repeat(len)).unwrap();
            assert!(renamed.len() <= MOST);
            Parts::of(&renamed).unwrap().fields.to_vec()
        };
        assert_eq!(of_fields(room), fields);
        assert_eq!(of_fields(room + 1), fields[..5]);
        assert!(renamed(&long, &"m".repeat(MOST + 1)).is_err());
    }
}
