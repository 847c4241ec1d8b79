//! A copy, in the archive's directory, of what a stored member begins with: the array's header. With
//! it, rows of the array take one read where reads are slow.
//!
//! It is an extra field of the member's entry, as the [index](crate::deflate::Index) of a deflated
//! member is:
//!
//! | bytes | what                                                                       |
//! |-------|----------------------------------------------------------------------------|
//! | 2     | `"np"`, the field's id                                                     |
//! | 2     | how many bytes follow                                                      |
//! | 2     | 2, the version                                                             |
//! | 4     | the member's CRC-32                                                        |
//! | 4     | how many bytes its local header takes                                      |
//! | 8     | how many bytes follow that, up to the next member or the directory         |
//! | …     | the array's header                                                         |
//!
//! Numbers are little-endian. Small members have no copy, since one read takes all of them. A program
//! that changes the archive may keep the field of a member that is another one by then: if its CRC-32 or
//! the bytes that it takes are not these, the copy is passed over. It is used for slices alone. Who
//! reads the whole member reads the header in its place, and holds the copy against it.

use std::ops::Range;

use super::Member;
use super::end::{u16_at, u32_at, u64_at};
use crate::error::{Error, Result};
use crate::io::{ReadCost, Span, Stream};

const VERSION: u16 = 2;

/// Where the header is in the field.
const START: usize = 18;

pub(super) struct HeaderCopy<'a> {
    pub(super) crc32: u32,
    /// The length of the local header, and that of what follows it.
    pub(super) local_header: u32,
    pub(super) after: u64,
    /// What the member begins with.
    pub(super) header: &'a [u8],
}

impl<'a> HeaderCopy<'a> {
    /// Whether a stored member of `size` bytes that begins with `header` has one.
    pub(super) fn pays(size: u64, header: &[u8]) -> bool {
        size > ReadCost::REMOTE.worth_reading() && !header.is_empty()
    }

    /// The field, without its id and length.
    pub(super) fn field(&self) -> Vec<u8> {
        let mut field = VERSION.to_le_bytes().to_vec();
        field.extend([self.crc32, self.local_header].map(u32::to_le_bytes).as_flattened());
        field.extend(self.after.to_le_bytes());
        field.extend(self.header);
        field
    }

    fn parse(field: &'a [u8]) -> Option<Self> {
        Some(Self {
            crc32: u32_at(field, 2)?,
            local_header: u32_at(field, 6)?,
            after: u64_at(field, 10)?,
            header: field.get(START..).filter(|_| u16_at(field, 0) == Some(VERSION))?,
        })
    }

    /// The copy that `member` has, if it may be one of its header, and where the member's data is.
    pub(super) fn of(member: &'a Member) -> Option<(Self, Range<u64>)> {
        let copy = Self::parse(member.own_field.as_deref()?)?;
        let start = member.header_start.checked_add(copy.local_header.into())?;
        let data = start..start.checked_add(member.size)?;
        let is_same = copy.crc32 == member.crc32
            && start.checked_add(copy.after) == Some(member.end)
            && (copy.header.len() as u64) <= member.size
            && member.size <= copy.after;
        let is_plain = member.is_stored() && !member.is_encrypted;
        (is_plain && is_same && member.size == member.compressed_size).then_some((copy, data))
    }

    /// Checks that `span`, the bytes of `member`, begins with the copy that it has.
    pub(super) fn check(span: &Span<'_>, member: &'a Member) -> Result<()> {
        let Some((copy, data)) = Self::of(member) else { return Ok(()) };
        let mut header = vec![0; copy.header.len()];
        span.over(span.input()).read_exact(&mut header)?;
        match data == span.left() && header == copy.header {
            true => Ok(()),
            false => Err(Error::archive("damaged: the directory has a copy of another header")),
        }
    }
}

/// The own field of `member` where its local header takes so many bytes; `None` if it has none, or a copy
/// that has been out of date.
pub(super) fn moved(member: &Member, local_header: usize) -> Option<Vec<u8>> {
    let (field, local_header) = (member.own_field.as_deref()?, u32::try_from(local_header).ok()?);
    match HeaderCopy::of(member) {
        Some((copy, _)) => Some(HeaderCopy { local_header, ..copy }.field()),
        None => HeaderCopy::parse(field).is_none().then(|| field.to_vec()),
    }
}
