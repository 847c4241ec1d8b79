//! Writing an archive, member by member, through the zip crate.

#![expect(clippy::arithmetic_side_effects, reason = "it counts what is written")]

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::mem;

use ::zip::result::ZipError;
use ::zip::write::{FullFileOptions, StreamWriter, ZipWriter};
use ::zip::{CompressionMethod, DateTime, System};

use super::bypass::Zip;
use super::central::OwnField;
use super::end::End;
use super::header_copy::HeaderCopy;
use super::{Compression, SUFFIX};
use super::{central, end};
use crate::deflate::Deflater;
use crate::error::{Error, ErrorKind, Result};
use crate::io::Output;
use crate::parallel;
use crate::sizes::{PART, WORTH_HASHING_APART};

/// Stored bodies start at multiples of this, so that a map of the file has them aligned
/// for any element type and for vector instructions.
pub(super) const ALIGN: u16 = 64;

/// From this size on a member is written as zip64. Below the limit of 4 GiB, because
/// deflate can make incompressible data a little longer.
const LARGE: u64 = 0xf000_0000;

/// The zip crate keeps a member's header below 64 KiB: 30 bytes, its name, and the extra
/// fields that it is given.
const MOST_NAME_AND_FIELDS: usize = 65_504;

/// The most bytes that an array's name can have, to which `.npy` is added. Zip itself has room
/// for 31 more, and archives that others have written are read with them.
pub(crate) const MAX_NAME: usize = MOST_NAME_AND_FIELDS - SUFFIX.len();

/// Writes a zip archive. The first error makes it unusable, and what was written so far
/// will not look like an archive.
pub(crate) struct ArchiveWriter<W> {
    zip: Option<Zip<W>>,
    /// Of each member, if it has one.
    own_fields: Vec<Option<OwnField>>,
    /// Whether a member is being written, or was when its writer was forgotten.
    is_open: bool,
}

/// What a member is to be.
pub(crate) struct MemberSpec<'a> {
    pub(crate) name: &'a str,
    pub(crate) compression: Compression,
    /// The bytes that it begins with.
    pub(crate) header: &'a [u8],
    /// The number of all its bytes, before they are compressed. It is known if the archive is a stream.
    pub(crate) size: Option<u64>,
    /// After how many bytes there are likely to be similar ones.
    pub(crate) item: usize,
}

/// Writes one member. Unless it is [`finish`](Self::finish)ed, the archive is given up.
pub(crate) struct MemberWriter<'a, W> {
    archive: &'a mut ArchiveWriter<W>,
    /// Where its data starts.
    start: u64,
    header: Vec<u8>,
    has_new_header: bool,
    body: Body,
    is_finished: bool,
}

/// What has been written of a member.
enum Body {
    /// How many bytes follow the header, and their checksum.
    Stored {
        size: u64,
        hasher: crc32fast::Hasher,
    },
    Deflated(Deflater),
}

impl ArchiveWriter<File> {
    /// Writes to a new file.
    pub(crate) fn file(file: File) -> Self {
        Self::over(Zip::Seekable(ZipWriter::new(Output::file(file))))
    }
}

impl<W: Write> ArchiveWriter<W> {
    pub(crate) fn seekable(writer: W) -> Self
    where
        W: Seek,
    {
        Self::over(Zip::Seekable(ZipWriter::new(Output::seekable(writer))))
    }

    pub(crate) fn stream(writer: W) -> Self {
        Self::over(Zip::Stream(ZipWriter::new_stream(Output::stream(writer))))
    }
}

impl<W> ArchiveWriter<W> {
    fn over(zip: Zip<W>) -> Self {
        Self { zip: Some(zip), own_fields: Vec::new(), is_open: false }
    }

    /// Begins a member with its header. If it cannot be begun as it is specified, nothing has
    /// been written.
    pub(crate) fn member(&mut self, spec: &MemberSpec<'_>) -> Result<MemberWriter<'_, W>> {
        self.check_closed()?;
        let &MemberSpec { name, compression, header, size, item } = spec;
        // All that could differ from one machine or build to the next is given here.
        let options = FullFileOptions::default()
            .large_file(size.is_none_or(|size| size >= LARGE))
            .last_modified_time(DateTime::DEFAULT)
            .system(System::Unix)
            .unix_permissions(0o644);
        let (options, body) = match compression {
            Compression::Stored => {
                let body = Body::none();
                (options.compression_method(CompressionMethod::STORE).with_alignment(ALIGN), body)
            }
            Compression::Deflate(_) if size.is_none() && header.len() > Deflater::MOST_HEADER => {
                let problem =
                    format!("a header of {} bytes cannot be completed later", header.len());
                return Err(ErrorKind::InvalidOption { problem }.into());
            }
            Compression::Deflate(level @ 1..=9) => {
                let options = options
                    .compression_method(CompressionMethod::DEFLATE)
                    .compression_level(Some(level.into()));
                (options, Body::Deflated(Deflater::new(level, item)?))
            }
            Compression::Deflate(level) => {
                let problem = format!("deflate has the levels 1 to 9, not {level}");
                return Err(ErrorKind::InvalidOption { problem }.into());
            }
        };
        if let (Body::Stored { .. }, Some(size), Some(output)) = (&body, size, self.output()) {
            output.expect(size);
        }
        self.is_open = true;
        let mut member = MemberWriter {
            archive: self,
            start: 0,
            header: header.to_vec(),
            has_new_header: false,
            body,
            is_finished: false,
        };
        member.begin(name, options)?;
        Ok(member)
    }

    /// Writes `bytes` in parts that end where the file system likes writes to start.
    fn write_parts(&mut self, mut bytes: &[u8], wrote: &mut dyn FnMut(&[u8])) -> Result<()> {
        while !bytes.is_empty() {
            let position = self.output().map_or(0, Output::position_so_far);
            let len = PART - (position % PART as u64) as usize;
            let (part, rest) = bytes.split_at(len.min(bytes.len()));
            self.write_below(part)?;
            wrote(part);
            bytes = rest;
        }
        Ok(())
    }

    fn write_below(&mut self, bytes: &[u8]) -> Result<()> {
        self.attempt(|zip| zip.below()?.write_all(bytes))
    }

    /// Ends the archive with its directory.
    pub(crate) fn finish(mut self) -> Result<W> {
        self.check_closed()?;
        let zip = self.zip.take().ok_or(ErrorKind::Unusable)?;
        let (mut output, len) = zip.finish().map_err(write_error)?;
        let entries = take_entries(&mut output)?;
        let position = output.position_so_far();
        let entries = central::with_own_fields(&entries, &self.own_fields, position)?;
        let size = entries.len() as u64;
        let end = |start| end::record(self.own_fields.len() as u64, &(start..start + size), &[]);
        // What is longer than the archive ends with it all the same.
        let start = position.max(len.saturating_sub(size + end(position).len() as u64));
        let mut write = || {
            if start > position {
                output.seek(SeekFrom::Start(start))?;
            }
            output.write_all(&entries)?;
            output.write_all(&end(start))
        };
        write().and_then(|()| output.into_inner()).map_err(|error| Error::io("write", error))
    }

    /// Gives the archive up if a member has been begun, and neither finished nor dropped.
    fn check_closed(&mut self) -> Result<()> {
        if self.is_open {
            self.abandon();
            return Err(ErrorKind::Unusable.into());
        }
        Ok(())
    }

    /// Whether what has been written can be changed.
    pub(crate) fn can_seek(&self) -> bool {
        !matches!(self.zip, Some(Zip::Stream(_)))
    }

    /// What it writes to, unless it is unusable.
    pub(crate) fn get_ref(&self) -> Option<&W> {
        self.output().map(Output::get_ref)
    }

    /// Gives the archive up.
    fn abandon(&mut self) {
        if let Some(output) = self.output() {
            output.abandon();
        }
        self.zip = None;
    }

    fn output(&self) -> Option<&Output<W>> {
        match self.zip.as_ref()? {
            Zip::Seekable(zip) => zip.get_ref(),
            Zip::Stream(zip) => zip.get_ref().map(StreamWriter::get_ref),
        }
    }

    /// Does one step, if none has failed yet.
    fn attempt<E>(&mut self, step: impl FnOnce(&mut Zip<W>) -> Result<(), E>) -> Result<()>
    where
        E: Into<ZipError>,
    {
        let zip = self.zip.as_mut().ok_or(ErrorKind::Unusable)?;
        step(zip).map_err(|error| {
            self.abandon();
            write_error(error.into())
        })
    }
}

impl<W> MemberWriter<'_, W> {
    /// Writes the headers, that of the archive and the array's own.
    fn begin(&mut self, name: &str, options: FullFileOptions<'_, '_>) -> Result<()> {
        let archive = &mut *self.archive;
        archive.attempt(|zip| match zip {
            Zip::Seekable(zip) => zip.start_file(name, options),
            Zip::Stream(zip) => zip.start_file(name, options),
        })?;
        self.start = archive.output().map_or(0, Output::position_so_far);
        let sink = &mut |bytes: &[u8]| archive.write_below(bytes);
        match &mut self.body {
            Body::Stored { .. } => sink(&self.header),
            Body::Deflated(deflater) => deflater.begin(&self.header, sink),
        }
    }

    /// Replaces the array's header by one of as many bytes. The size was not known when the member was
    /// begun.
    pub(crate) fn replace_header(&mut self, header: Vec<u8>) {
        debug_assert_eq!(header.len(), self.header.len());
        self.has_new_header = self.header != header;
        self.header = header;
    }

    /// Writes the next bytes, in parts, and tells `wrote` of each.
    pub(crate) fn write(&mut self, bytes: &[u8], wrote: &mut dyn FnMut(usize)) -> Result<()> {
        let archive = &mut *self.archive;
        match &mut self.body {
            Body::Deflated(deflater) => {
                for part in bytes.chunks(PART) {
                    deflater.write(part, &mut |compressed| archive.write_below(compressed))?;
                    wrote(part.len());
                }
                Ok(())
            }
            Body::Stored { size, hasher } => {
                *size += bytes.len() as u64;
                if bytes.len() >= WORTH_HASHING_APART && parallel::threads() > 1 {
                    let write = || archive.write_parts(bytes, &mut |part| wrote(part.len()));
                    return parallel::join(write, || hasher.update(bytes)).0;
                }
                // Each part is still in the cache when it is hashed.
                archive.write_parts(bytes, &mut |part| {
                    hasher.update(part);
                    wrote(part.len());
                })
            }
        }
    }

    /// Ends the member.
    pub(crate) fn finish(mut self) -> Result<()> {
        let (archive, header) = (&mut *self.archive, &self.header);
        let (size, crc32, own_field, beginning) = match mem::replace(&mut self.body, Body::none()) {
            Body::Stored { size, hasher } => {
                let mut whole = crc32fast::Hasher::new();
                whole.update(header);
                whole.combine(&hasher);
                let size = header.len() as u64 + size;
                let copy = || OwnField::Header(self.start, header.clone());
                let copy = HeaderCopy::pays(size, header).then(copy);
                (size, whole.finalize(), copy, header.clone())
            }
            Body::Deflated(deflater) => {
                let sink = &mut |compressed: &[u8]| archive.write_below(compressed);
                let deflated = deflater.finish(header, sink)?;
                let blocks = Some(OwnField::Blocks(deflated.index));
                (deflated.size, deflated.crc32, blocks, deflated.beginning)
            }
        };
        if self.has_new_header {
            archive.attempt(|zip| zip.overwrite(self.start, &beginning))?;
        }
        archive.attempt(|zip| zip.describe(size, crc32))?;
        archive.own_fields.push(own_field);
        archive.is_open = false;
        self.is_finished = true;
        Ok(())
    }
}

impl Body {
    /// Nothing yet.
    fn none() -> Self {
        Self::Stored { size: 0, hasher: crc32fast::Hasher::new() }
    }
}

impl<W> Drop for MemberWriter<'_, W> {
    /// After an error or a panic half a member has been written.
    fn drop(&mut self) {
        if !self.is_finished {
            self.archive.abandon();
        }
    }
}

impl<W> Drop for ArchiveWriter<W> {
    fn drop(&mut self) {
        self.abandon();
    }
}

/// Takes the directory's entries out of what `output` holds, which ends with the directory.
fn take_entries<W>(output: &mut Output<W>) -> Result<Vec<u8>> {
    let end = output.position_so_far();
    let directory = End::find(output.held(), end)?.ok_or(ErrorKind::Unusable)?.directory;
    let mut entries = output.take_back((end - directory.start) as usize);
    entries.truncate((directory.end - directory.start) as usize);
    Ok(entries)
}

fn write_error(error: ZipError) -> Error {
    match error {
        ZipError::Io(error) => Error::io("write", error),
        other => Error::io("write", io::Error::other(other)),
    }
}
