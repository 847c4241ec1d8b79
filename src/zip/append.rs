//! Appending: new archives that begin with members of another one, copied as they are.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::local::{self, LocalHeader};
use super::{Directory, Member};
use super::{central, end};
use crate::error::{Error, Result};
use crate::io::{Identity, Source};
use crate::limits::Limits;

/// The archive that is appended to, and which of its members stay.
pub(crate) struct BaseArchive {
    file: File,
    /// Of the file before anything was read of it.
    identity: Identity,
    directory: Directory,
    is_kept: Vec<bool>,
}

impl BaseArchive {
    /// Opens the archive in the file `path`, all of whose members stay so far; `None` if there is
    /// no file.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>> {
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file,
        };
        let failed = |error| Error::file("open", path, error);
        let file = file.map_err(failed)?;
        let identity = Identity::of(&file).map_err(failed)?;
        let source = Source::positional_with_tail(&file, Directory::TAIL);
        let directory = Directory::read(&mut source.map_err(failed)?, &Limits::DEFAULT);
        let directory = directory.map_err(|error| error.in_file(path))?;
        let is_kept = vec![true; directory.members().len()];
        Ok(Some(Self { file, identity, directory, is_kept }))
    }

    /// The file that was opened, which alone a new archive may replace.
    pub(crate) fn into_identity(self) -> Identity {
        self.identity
    }

    /// The names of the members that stay.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let members = self.directory.members().iter().zip(&self.is_kept);
        members.filter(|(_, is_kept)| **is_kept).map(|(member, _)| member.own_name())
    }

    /// Whether a member of this whole name stays.
    pub(crate) fn contains(&self, member: &str) -> bool {
        self.position(member).is_some()
    }

    /// Leaves out a member, and tells whether there was one that would have stayed.
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

    /// Adds the members that stay to the archive in `file`: in front of its members as its
    /// directory lists them, after them in the file.
    pub(crate) fn add_to(&self, file: &mut File) -> Result<()> {
        let mut source = Source::positional(&*file).map_err(failed)?;
        let added = Directory::read(&mut source, &Limits::DEFAULT)?;
        let added_entries = source.input().range(added.entries())?.into_owned();
        let start = added.start();
        file.set_len(start).and_then(|()| file.seek(SeekFrom::Start(start))).map_err(failed)?;

        let (mut entries, mut count) = (Vec::new(), added.members().len() as u64);
        let source = Source::positional(&self.file).map_err(failed)?;
        let kept_entries = source.input().range(self.directory.entries())?;
        let offsets = self.copy_members(&source, file)?;
        for (member, offset) in self.directory.members().iter().zip(offsets) {
            if let Some(offset) = offset {
                let entry = self.directory.entry(member, &kept_entries);
                central::push_moved(entry, offset, &mut entries)?;
                count = count.saturating_add(1);
            }
        }
        entries.extend(added_entries);
        let start = file.stream_position().map_err(failed)?;
        let directory = start..start.saturating_add(entries.len() as u64);
        entries.extend(end::record(count, &directory, self.directory.comment()));
        file.write_all(&entries).map_err(failed)
    }

    /// Copies the members that stay, of `source`, to where `file` stands, in the order in which they
    /// lie in their file. Returns where each is now, in the order of the directory.
    fn copy_members(&self, source: &Source<&File>, file: &mut File) -> Result<Vec<Option<u64>>> {
        let members = self.directory.members();
        let mut offsets = vec![None; members.len()];
        let mut in_file: Vec<_> = members.iter().zip(&self.is_kept).zip(&mut offsets).collect();
        in_file.sort_by_key(|((member, _), _)| member.header_start);
        for ((member, _), offset) in in_file.into_iter().filter(|((_, is_kept), _)| **is_kept) {
            let copied = self.copy_member(source, member, file);
            *offset = Some(copied.map_err(|error| error.in_array(member.own_name()))?);
        }
        Ok(offsets)
    }

    /// Copies a member of `source` to where `file` stands, and returns where that is. Its data
    /// starts as far behind a multiple of the alignment as it did.
    fn copy_member(&self, source: &Source<&File>, member: &Member, file: &mut File) -> Result<u64> {
        let Some(header) = local::whole(source.input(), member)? else {
            return Err(Error::archive("damaged: it is not where the directory says"));
        };
        let data = member.header_start.saturating_add(header.len() as u64);
        let end = match LocalHeader::parse(&header) {
            // What follows its data has no length of its own.
            Some(header) if header.is_streamed() => member.end,
            _ => data.saturating_add(member.compressed_size),
        };
        if data.saturating_add(member.compressed_size) > member.end {
            return Err(Error::archive("damaged: its place in the file is that of something else"));
        }
        let position = file.stream_position().map_err(failed)?;
        let header = local::moved(&header, member.header_start, position);
        file.write_all(&header).map_err(failed)?;
        let size = end.saturating_sub(data);
        (&self.file).seek(SeekFrom::Start(data)).map_err(failed)?;
        // On Linux the system does this, and does it without copying where it can.
        match io::copy(&mut (&self.file).take(size), file).map_err(failed)? {
            copied if copied == size => Ok(position),
            _ => Err(Error::source_cut_short()),
        }
    }
}

fn failed(error: io::Error) -> Error {
    Error::io("copy the members that are kept", error)
}
