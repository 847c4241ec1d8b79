//! Archives made of another one's members, as they are, and of new ones.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::central;
use super::local::LocalHeader;
use super::writer::ALIGN;
use super::{Directory, Member, Source};
use crate::error::{Error, Result};

/// An archive, and which of its members are to be in another one.
pub(crate) struct Kept {
    file: File,
    directory: Directory,
    is_kept: Vec<bool>,
}

impl Kept {
    /// All members of the archive in the file `path`, or `None` if there is no file.
    pub(crate) fn all_of(path: &Path) -> Result<Option<Self>> {
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file,
        };
        let failed = |error| Error::io(format!("open `{}`", path.display()), error);
        let file = file.map_err(failed)?;
        let source = Source::positional(&file).map_err(failed)?;
        let directory = Directory::read(&source).map_err(|error| error.in_file(path))?;
        let is_kept = vec![true; directory.members().len()];
        Ok(Some(Self { file, directory, is_kept }))
    }

    /// What the members that are kept are called.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let members = self.directory.members().iter().zip(&self.is_kept);
        members.filter(|(_, is_kept)| **is_kept).map(|(member, _)| member.own_name())
    }

    /// Whether a member of this whole name is kept.
    pub(crate) fn contains(&self, member: &str) -> bool {
        self.position(member).is_some()
    }

    /// Keeps a member no longer, and tells whether it was kept until now.
    pub(crate) fn remove(&mut self, member: &str) -> bool {
        let position = self.position(member);
        let is_kept = position.and_then(|index| self.is_kept.get_mut(index));
        is_kept.is_some_and(std::mem::take)
    }

    fn position(&self, member: &str) -> Option<usize> {
        self.directory.position_of(member).filter(|&index| self.is_kept(index))
    }

    fn is_kept(&self, index: usize) -> bool {
        self.is_kept.get(index) == Some(&true)
    }

    /// Adds what is kept to the archive in `file`: in front of its members as its directory
    /// lists them, after them in the file.
    pub(crate) fn add_to(&self, file: &mut File) -> Result<()> {
        let added = Source::positional(&*file).map_err(failed)?;
        let directory = Directory::read(&added)?;
        let (bytes, start) = (central::read(&added, &directory)?, directory.start());
        let added = central::entries(&bytes, &directory)?;

        file.set_len(start).and_then(|()| file.seek(SeekFrom::Start(start))).map_err(failed)?;
        let offsets = self.copy_members(file)?;
        let source = Source::positional(&self.file).map_err(failed)?;
        let bytes = central::read(&source, &self.directory)?;
        let mut entries = Vec::new();
        for (entry, offset) in central::entries(&bytes, &self.directory)?.into_iter().zip(offsets) {
            if let Some(offset) = offset {
                central::push_moved(entry, offset, &mut entries)?;
            }
        }
        let count = added.len().saturating_add(self.names().count());
        added.iter().for_each(|entry| entries.extend_from_slice(entry));
        let offset = file.stream_position().map_err(failed)?;
        central::push_end(count as u64, offset, self.directory.comment(), &mut entries);
        file.write_all(&entries).map_err(failed)
    }

    /// Copies the members that are kept, headers and all, to where `file` stands. Returns
    /// where each is now.
    fn copy_members(&self, file: &mut File) -> Result<Vec<Option<u64>>> {
        let members = self.directory.members();
        // In the order of the file, in which each ends where the next one starts: what comes
        // after its data, if it was streamed, has no length of its own.
        let mut offsets = vec![None; members.len()];
        let mut in_file: Vec<_> = members.iter().zip(&self.is_kept).zip(&mut offsets).collect();
        in_file.sort_by_key(|((member, _), _)| member.header_start);
        let starts = in_file.iter().skip(1).map(|((member, _), _)| member.header_start);
        let ends: Vec<u64> = starts.chain([self.directory.start()]).collect();

        for (((member, is_kept), offset), end) in in_file.into_iter().zip(ends) {
            if *is_kept {
                let copied = self.copy_member(member, end, file);
                *offset = Some(copied.map_err(|error| error.in_array(member.own_name()))?);
            }
        }
        Ok(offsets)
    }

    /// Copies a member that ends before `end` to where `file` stands, or shortly after.
    /// Returns where it is now.
    fn copy_member(&self, member: &Member, end: u64, file: &mut File) -> Result<u64> {
        self.check_end(member, end)?;
        let start = member.header_start;
        let position = file.stream_position().map_err(failed)?;
        // As far from a multiple of the alignment as it was.
        #[expect(clippy::arithmetic_side_effects, reason = "the alignment is not 0")]
        let padding = start.wrapping_sub(position) % u64::from(ALIGN);
        let size = end.saturating_sub(start);
        (&self.file).seek(SeekFrom::Start(start)).map_err(failed)?;
        io::copy(&mut io::repeat(0).take(padding), file).map_err(failed)?;
        // On Linux the system does this, and does it without copying where it can.
        match io::copy(&mut (&self.file).take(size), file).map_err(failed)? {
            copied if copied == size => Ok(position.saturating_add(padding)),
            _ => Err(Error::archive("the file was cut short while it was read")),
        }
    }

    /// Checks that a member's bytes are before `end`, where others start.
    fn check_end(&self, member: &Member, end: u64) -> Result<()> {
        let source = Source::positional(&self.file).map_err(failed)?;
        let mut header = [0; 30];
        let read = source.as_bytes().read_at(&mut header, member.header_start).map_err(failed)?;
        let header = header.get(..read).and_then(LocalHeader::parse);
        let size =
            header.and_then(|header| header.fields().end.checked_add(member.compressed_size));
        match size.and_then(|size| member.header_start.checked_add(size)) {
            Some(found) if found <= end => Ok(()),
            _ => Err(Error::archive("damaged: it is not where the directory says")),
        }
    }
}

fn failed(error: io::Error) -> Error {
    Error::io("copy the members that are kept", error)
}
