//! A member of an archive while it is written.

#![expect(clippy::arithmetic_side_effects, reason = "it counts what is written")]

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;
use std::sync::PoisonError;

use super::rows::RowOutput;
use super::unfinished::Unfinished;
use super::{NpzWriter, Progress, Report};
use crate::error::{Error, Result};
use crate::io::AtomicFile;
use crate::npy::Header;
use crate::zip::{BaseArchive, MemberSpec, MemberWriter};

/// A member that is being written, and the writer whose it is. Unless it is finished, the archive is given
/// up.
pub(super) struct OpenMember<'a, W> {
    member: MemberWriter<'a, W>,
    /// What its user calls it.
    name: String,
    name_in_archive: String,
    names: &'a mut HashSet<String>,
    base: &'a mut Option<BaseArchive>,
    unfinished: &'a Unfinished,
    path: Option<&'a Path>,
    progress: Option<&'a mut Box<Report>>,
    bytes_done: u64,
    bytes_total: Option<u64>,
}

impl<'a, W: Write> OpenMember<'a, W> {
    /// Begins the member that its user calls `name`.
    pub(super) fn begin(
        npz: &'a mut NpzWriter<W>,
        name: &str,
        spec: &MemberSpec<'_>,
    ) -> Result<Self> {
        let NpzWriter { archive, progress, names, base, file, unfinished, .. } = npz;
        let path = file.as_ref().map(AtomicFile::path);
        let progress = progress
            .as_mut()
            .map(|progress| progress.get_mut().unwrap_or_else(PoisonError::into_inner));
        let member = archive.member(spec);
        Ok(Self {
            member: member.map_err(|error| error.in_array(name).in_path(path))?,
            name: name.to_owned(),
            name_in_archive: spec.name.to_owned(),
            names,
            base,
            unfinished,
            path,
            progress,
            bytes_done: 0,
            bytes_total: spec.size.map(|size| size - spec.header.len() as u64),
        })
    }

    /// Writes the next bytes after the header.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let Self { member, name, progress, bytes_done, bytes_total, .. } = self;
        let bytes_total = bytes_total.unwrap_or(u64::MAX);
        member.write(bytes, &mut |len| {
            *bytes_done += len as u64;
            // The last report is made when the member is complete.
            if let (Some(progress), true) = (&mut *progress, *bytes_done < bytes_total) {
                progress(Progress { name, bytes_done: *bytes_done, bytes_total });
            }
        })
    }

    /// Says which member of which file an error concerns.
    pub(super) fn in_member(&self, error: Error) -> Error {
        error.in_array(&self.name).in_path(self.path)
    }

    /// Ends the member.
    pub(super) fn finish(self) -> Result<()> {
        let Self { member, name, path, progress, bytes_done, .. } = self;
        member.finish().map_err(|error| error.in_array(&name).in_path(path))?;
        if let Some(base) = self.base {
            base.remove(&self.name_in_archive);
        }
        self.names.insert(name.clone());
        self.unfinished.hold();
        if let Some(progress) = progress {
            progress(Progress { name: &name, bytes_done, bytes_total: bytes_done });
        }
        Ok(())
    }
}

impl<W: Write + Send> RowOutput for OpenMember<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        OpenMember::write(self, bytes)
    }

    fn finish(mut self: Box<Self>, header: &Header) -> Result<()> {
        self.member.replace_header(header.to_bytes());
        OpenMember::finish(*self)
    }

    fn in_array(&self, error: Error) -> Error {
        self.in_member(error)
    }
}
