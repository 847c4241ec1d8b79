//! Appending: new archives that begin with members of another one, copied as they are, but for the
//! names of those that are renamed.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::local::{self, LocalHeader};
use super::{Directory, Member, own_name};
use super::{central, end, header_copy};
use crate::error::{Error, Result};
use crate::io::{Identity, Source};
use crate::limits::Limits;

/// The archive that is appended to, which of its members stay, and what they are to be called.
pub(crate) struct BaseArchive {
    file: File,
    /// Of the file before anything was read of it.
    identity: Identity,
    directory: Directory,
    /// Where each member that stays is in the directory, by the whole name that it is to have.
    positions: HashMap<String, usize>,
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
        let names = directory.members().iter().map(|member| member.name.clone());
        let positions = names.enumerate().map(|(position, name)| (name, position)).collect();
        Ok(Some(Self { file, identity, directory, positions }))
    }

    /// The file that was opened, which alone a new archive may replace.
    pub(crate) fn into_identity(self) -> Identity {
        self.identity
    }

    /// The names of the members that stay.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.whole_names().into_iter().flatten().map(own_name)
    }

    /// The whole names that the members are to have, in the order of the directory; `None` for those
    /// that are left out.
    fn whole_names(&self) -> Vec<Option<&str>> {
        let mut names = vec![None; self.directory.members().len()];
        for (name, &position) in &self.positions {
            if let Some(place) = names.get_mut(position) {
                *place = Some(name.as_str());
            }
        }
        names
    }

    /// Whether a member of this whole name stays.
    pub(crate) fn contains(&self, member: &str) -> bool {
        self.positions.contains_key(member)
    }

    /// Leaves out a member, and tells whether there was one that would have stayed.
    pub(crate) fn remove(&mut self, member: &str) -> bool {
        self.positions.remove(member).is_some()
    }

    /// Gives a member that stays another whole name, which no other one has.
    pub(crate) fn rename(&mut self, member: &str, new_name: String) {
        if let Some(position) = self.positions.remove(member) {
            self.positions.insert(new_name, position);
        }
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
        let names = self.whole_names();
        let places = self.copy_members(&source, &names, file)?;
        for ((member, name), place) in self.directory.members().iter().zip(names).zip(places) {
            if let (Some(name), Some((offset, local_header))) = (name, place) {
                let entry = self.directory.entry(member, &kept_entries);
                let entry = match name == member.name {
                    true => Cow::Borrowed(entry),
                    false => central::renamed(entry, name)?.into(),
                };
                let own = header_copy::moved(member, local_header);
                central::push_moved(&entry, offset, own.as_deref(), &mut entries)?;
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
    /// lie in their file, under these names. Returns where each is now, and how long its local header is,
    /// in the order of the directory.
    fn copy_members(
        &self,
        source: &Source<&File>,
        names: &[Option<&str>],
        file: &mut File,
    ) -> Result<Vec<Option<(u64, usize)>>> {
        let members = self.directory.members();
        let mut places = vec![None; members.len()];
        let mut in_file: Vec<_> = members.iter().zip(names).zip(&mut places).collect();
        in_file.sort_by_key(|((member, _), _)| member.header_start);
        for ((member, name), place) in in_file {
            if let Some(name) = name {
                let copied = self.copy_member(source, member, name, file);
                *place = Some(copied.map_err(|error| error.in_array(member.own_name()))?);
            }
        }
        Ok(places)
    }

    /// Copies a member of `source` to where `file` stands, under this name, and returns where that is,
    /// and the length of its local header there. Its data starts as far behind a multiple of the
    /// alignment as it did.
    fn copy_member(
        &self,
        source: &Source<&File>,
        member: &Member,
        name: &str,
        file: &mut File,
    ) -> Result<(u64, usize)> {
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
        let header = match name == member.name {
            true => header,
            false => local::renamed(&header, member, name)?.into(),
        };
        let header = local::moved(&header, data, position);
        file.write_all(&header).map_err(failed)?;
        let size = end.saturating_sub(data);
        (&self.file).seek(SeekFrom::Start(data)).map_err(failed)?;
        // On Linux the system does this, and does it without copying where it can.
        match io::copy(&mut (&self.file).take(size), file).map_err(failed)? {
            copied if copied == size => Ok((position, header.len())),
            _ => Err(Error::source_cut_short()),
        }
    }
}

fn failed(error: io::Error) -> Error {
    Error::io("copy the members that are kept", error)
}
