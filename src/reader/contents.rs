//! Where a stored array's bytes come from: a member of an archive, or a file of its own.

use std::io::Read;
use std::ops::Range;

use crate::error::{Error, ErrorKind, Result};
use crate::io::{Bytes, Runs, Span};
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

    fn part(self, runs: Runs) -> Result<PartReader<'a>> {
        PartReader::new(self, runs)
    }

    fn finish(self) -> Result<()> {
        MemberReader::finish(self)
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

    fn part(self, runs: Runs) -> Result<PartReader<'a>> {
        Ok(PartReader::stored(self.source(), self.left().start, runs))
    }

    fn finish(self) -> Result<()> {
        Ok(())
    }

    fn damage_before(self, error: Error) -> Error {
        error
    }
}

/// Opens a member that is asked for as an array.
pub(super) fn open_array<'a>(bytes: Bytes<'a>, member: &Member) -> Result<MemberReader<'a>> {
    let reader = MemberReader::open(bytes, member)?;
    if member.size < MAGIC.len() as u64 {
        let problem = format!("it has only {} bytes", member.size);
        return Err(reader.damage_before(ErrorKind::NotAnArray { problem }.into()));
    }
    Ok(reader)
}

/// Whether a member is an array, as NumPy decides: by how it begins.
pub(super) fn is_array(bytes: Bytes<'_>, member: &Member) -> Result<bool> {
    let mut start = [0; MAGIC.len()];
    MemberReader::open(bytes, member)?.read_exact(&mut start).map_err(Error::read)?;
    Ok(start == *MAGIC)
}
