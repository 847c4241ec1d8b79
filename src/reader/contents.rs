//! Where a stored array's bytes come from: a member of an archive, or a file of its own.

use std::ops::Range;

use crate::error::{Error, ErrorKind, Result};
use crate::io::{Input, Span, Stream, StridedRanges};
use crate::npy::{Contents, MAGIC};
use crate::zip::{Member, MemberReader, PartReader};

impl<'a> Contents for MemberReader<'a> {
    type Part = PartReader<'a>;

    fn size(&self) -> u64 {
        MemberReader::size(self)
    }

    fn is_warranted(&self) -> bool {
        MemberReader::is_warranted(self)
    }

    fn in_place(&self) -> Result<Range<u64>> {
        self.stored_range().ok_or_else(|| Error::no_view("it is compressed"))
    }

    fn part(self, ranges: StridedRanges) -> Result<PartReader<'a>> {
        PartReader::new(self, ranges)
    }

    fn finish(self) -> Result<()> {
        MemberReader::finish(self)
    }

    fn drain(self) -> Result<()> {
        MemberReader::drain(self)
    }

    fn damage_before(self, error: Error) -> Error {
        match error.kind() {
            ErrorKind::Npy { .. } | ErrorKind::NotAnArray { .. } => {
                self.drain().err().unwrap_or(error)
            }
            _ => error,
        }
    }
}

/// A file that is one array: it has no checksum.
impl<'a> Contents for Span<'a> {
    type Part = PartReader<'a>;

    fn size(&self) -> u64 {
        let Range { start, end } = self.left();
        end.saturating_sub(start)
    }

    fn is_warranted(&self) -> bool {
        true
    }

    fn in_place(&self) -> Result<Range<u64>> {
        Ok(self.left())
    }

    fn part(self, ranges: StridedRanges) -> Result<PartReader<'a>> {
        Ok(PartReader::stored(self.input(), self.left().start, ranges))
    }

    fn finish(self) -> Result<()> {
        Ok(())
    }

    fn drain(self) -> Result<()> {
        Ok(())
    }

    fn damage_before(self, error: Error) -> Error {
        error
    }
}

/// Opens a member that is asked for as an array.
pub(super) fn open_array<'a>(input: Input<'a>, member: &Member) -> Result<MemberReader<'a>> {
    long_enough(MemberReader::open(input, member)?)
}

/// Opens a member of which a part is asked for as an array.
pub(super) fn open_part<'a>(input: Input<'a>, member: &Member) -> Result<MemberReader<'a>> {
    long_enough(MemberReader::open_for_part(input, member)?)
}

fn long_enough(reader: MemberReader<'_>) -> Result<MemberReader<'_>> {
    if reader.size() < MAGIC.len() as u64 {
        let problem = format!("it has only {} bytes", reader.size());
        return Err(reader.damage_before(ErrorKind::NotAnArray { problem }.into()));
    }
    Ok(reader)
}

/// Whether a member is an array, as NumPy decides: by how it begins.
pub(super) fn is_array(input: Input<'_>, member: &Member) -> Result<bool> {
    let mut start = [0; MAGIC.len()];
    MemberReader::open(input, member)?.read_exact(&mut start)?;
    Ok(start == *MAGIC)
}
