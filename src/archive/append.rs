//! Archives made of another one's members, as they are, and of new ones.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::central;
use super::local::LocalHeader;
use super::writer::ALIGN;
use super::{Directory, Source};
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

    /// The names of the arrays that are kept.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let members = self.directory.members().iter().zip(&self.is_kept);
        members.filter(|(_, is_kept)| **is_kept).filter_map(|(member, _)| member.array_name())
    }

    /// Whether a member of this whole name is kept.
    pub(crate) fn contains(&self, member: &str) -> bool {
        self.position(member).is_some()
    }

    /// Keeps a member no longer, and tells whether it was kept until now.
    pub(crate) fn remove(&mut self, member: &str) -> bool {
        let position = self.position(member);
        position.inspect(|&index| self.is_kept[index] = false).is_some()
    }

    fn position(&self, member: &str) -> Option<usize> {
        self.directory.position_of(member).filter(|&index| self.is_kept[index])
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
        let count = added.len() + self.is_kept.iter().filter(|&&is_kept| is_kept).count();
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
        let mut in_file: Vec<usize> = (0..members.len()).collect();
        in_file.sort_by_key(|&index| members[index].header_start);
        let starts = in_file.iter().skip(1).map(|&index| members[index].header_start);
        let ends: Vec<u64> = starts.chain([self.directory.start()]).collect();

        let mut offsets = vec![None; members.len()];
        let mut position = file.stream_position().map_err(failed)?;
        for (index, end) in in_file.into_iter().zip(ends).filter(|&(index, _)| self.is_kept[index])
        {
            let member = &members[index];
            let start = member.header_start;
            self.check_end(index, end).map_err(|error| error.in_array(member.own_name()))?;
            // As far from a multiple of the alignment as it was.
            let padding = start.wrapping_sub(position) % u64::from(ALIGN);
            file.write_all(&[0; ALIGN as usize][..padding as usize]).map_err(failed)?;
            offsets[index] = Some(position + padding);
            (&self.file).seek(SeekFrom::Start(start)).map_err(failed)?;
            // On Linux the system does this, and does it without copying where it can.
            let copied = io::copy(&mut (&self.file).take(end - start), file).map_err(failed)?;
            if copied < end - start {
                return Err(Error::archive("the file was cut short while it was read"));
            }
            position += padding + copied;
        }
        Ok(offsets)
    }

    /// Checks that a member's bytes are before `end`, where others start.
    fn check_end(&self, index: usize, end: u64) -> Result<()> {
        let member = &self.directory.members()[index];
        let source = Source::positional(&self.file).map_err(failed)?;
        let mut header = [0; 30];
        let read = source.as_bytes().read_at(&mut header, member.header_start).map_err(failed)?;
        let header = LocalHeader::parse(&header[..read]);
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
