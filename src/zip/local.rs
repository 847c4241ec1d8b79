//! A member's local header, which precedes its bytes in the file (APPNOTE 4.3.7).

use std::borrow::Cow;
use std::ops::Range;

use super::Member;
use super::central::{Fields, IS_UTF8, UNICODE_NAME, flags_with_name, push_field, without};
use super::end::{LARGE, put_u16, u16_at, u32_at};
use super::writer::ALIGN;
use crate::error::{Error, Result};
use crate::io::Input;

const START: &[u8] = b"PK\x03\x04";

/// The id of the extra field whose length makes the data behind it aligned: the alignment,
/// in 16 bits, and zeros. The zip crate writes it too.
const PADDING: u16 = 0xa11e;

/// Its size without the name and the extra fields, which follow.
const SIZE: usize = 30;

/// Where its flags, its CRC-32, and the lengths of its name and of its fields are.
const FLAGS: usize = 6;
pub(super) const CRC32: usize = 14;
const NAME_LEN: usize = 26;
const FIELDS_LEN: usize = 28;

/// The flag that says that sizes and CRC come after the bytes, and may be missing here.
const IS_STREAMED: u16 = 1 << 3;

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
        let name_len = usize::from(u16_at(fixed, NAME_LEN)?);
        let name = rest.get(..name_len).unwrap_or(rest);
        fixed.starts_with(START).then_some(Self { fixed, name })
    }

    /// Where the extra fields are, from the header's start; there it ends.
    pub(super) fn fields(&self) -> Range<u64> {
        let [name, fields] = [NAME_LEN, FIELDS_LEN].map(|at| u64::from(self.u16_at(at)));
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
        self.check_name(member)?;
        let sizes = [(18, member.compressed_size), (22, member.size)];
        let is_size = |&(at, size): &(usize, u64)| {
            let found = self.u32_at(at);
            found == LARGE || u64::from(found) == size
        };
        let disagrees = if self.is_streamed() {
            return Ok(());
        } else if self.u32_at(CRC32) != member.crc32 {
            "checksum"
        } else if !sizes.iter().all(is_size) {
            "size"
        } else {
            return Ok(());
        };
        Err(disagree_on(disagrees))
    }

    /// Checks that it has the name that the directory has.
    fn check_name(&self, member: &Member) -> Result<()> {
        let (other_bytes, name) = (member.name_bytes.as_deref(), member.name_in_file());
        // In UTF-8 these bytes would be another name than the directory has made of them.
        let is_other_name =
            self.u16_at(FLAGS) & IS_UTF8 != 0 && other_bytes.is_some_and(|bytes| !bytes.is_ascii());
        let has_len = usize::from(self.u16_at(NAME_LEN)) == name.len();
        match !is_other_name && has_len && name.starts_with(self.name) {
            true => Ok(()),
            false => Err(disagree_on("name")),
        }
    }

    fn u16_at(&self, at: usize) -> u16 {
        u16_at(self.fixed, at).unwrap_or(0)
    }

    fn u32_at(&self, at: usize) -> u32 {
        u32_at(self.fixed, at).unwrap_or(0)
    }
}

fn disagree_on(what: &str) -> Error {
    Error::archive(format!("damaged: two headers disagree on its {what}"))
}

/// The local header of `member`, with its name and fields; `None` if there is none.
pub(super) fn whole<'a>(bytes: Input<'a>, member: &Member) -> Result<Option<Cow<'a, [u8]>>> {
    let start = member.header_start;
    let range = |size: u64| {
        let end = start.saturating_add(size);
        (end <= member.end).then(|| bytes.range(start..end)).transpose()
    };
    let Some(fixed) = range(SIZE as u64)? else { return Ok(None) };
    match LocalHeader::parse(&fixed) {
        Some(header) => range(header.fields().end),
        None => Ok(None),
    }
}

/// The whole local header of `member` with another name. Only a name that the directory has, too, is
/// replaced: otherwise a damaged archive would become a sound one with another array in it.
pub(super) fn renamed(header: &[u8], member: &Member, name: &str) -> Result<Vec<u8>> {
    let damaged = || Error::archive("damaged: the header before it is not whole");
    LocalHeader::parse(header).ok_or_else(damaged)?.check_name(member)?;
    with_name(header, name).ok_or_else(damaged)
}

fn with_name(header: &[u8], name: &str) -> Option<Vec<u8>> {
    let old = LocalHeader::parse(header)?;
    let fields = without(UNICODE_NAME, header.get(old.fields().start as usize..)?)?;
    let mut fixed = *old.fixed;
    put_u16(&mut fixed, FLAGS, flags_with_name(old.u16_at(FLAGS), name).into())?;
    put_u16(&mut fixed, NAME_LEN, name.len())?;
    put_u16(&mut fixed, FIELDS_LEN, fields.len())?;
    Some([&fixed, name.as_bytes(), &fields].concat())
}

/// A whole local header, as it has to be at `to` in a file, so that the data behind it, which was at
/// `data_was`, starts as far behind a multiple of [`ALIGN`] as it did. The bytes that this
/// takes are in an extra field, because between members there may be none, and before the
/// first of them NumPy takes an archive for something else.
pub(super) fn moved(header: &[u8], data_was: u64, to: u64) -> Vec<u8> {
    padded(header, data_was, to).unwrap_or_else(|| header.to_vec())
}

/// The header with other padding, unless it is right as it is or has no room.
fn padded(header: &[u8], data_was: u64, to: u64) -> Option<Vec<u8>> {
    /// The field's id and length, and the alignment that it starts with.
    const LEAST: u64 = 6;
    let align = u64::from(ALIGN);
    let short_by = |len: u64| data_was.wrapping_sub(to.wrapping_add(len)).checked_rem(align);
    if short_by(header.len() as u64)? == 0 {
        return None;
    }
    let range = LocalHeader::parse(header)?.fields();
    let (start, fields) = header.split_at_checked(range.start as usize)?;
    let mut padded = Vec::new();
    let mut rest = Fields(fields);
    for (id, field) in rest.by_ref().filter(|&(id, _)| id != PADDING) {
        push_field(id, field, &mut padded)?;
    }
    if !rest.0.is_empty() {
        return None;
    }
    let padding = match short_by((start.len() as u64).wrapping_add(padded.len() as u64))? {
        0 => 0,
        short @ 1..LEAST => short.saturating_add(align),
        padding => padding,
    };
    if padding > 0 {
        let mut field = ALIGN.to_le_bytes().to_vec();
        field.resize(padding.saturating_sub(4) as usize, 0);
        push_field(PADDING, &field, &mut padded)?;
    }
    let mut moved = start.to_vec();
    put_u16(&mut moved, FIELDS_LEN, padded.len())?;
    moved.extend(padded);
    Some(moved)
}
