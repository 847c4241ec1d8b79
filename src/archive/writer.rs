//! Writing an archive, member by member, through the zip crate.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

use zip::result::ZipError;
use zip::write::{FullFileOptions, StreamWriter, ZipWriter};
use zip::{CompressionMethod, DateTime, System};

use super::Compression;
use super::deflate::{Deflated, Deflater, INDEX};
use super::output::Output;
use crate::error::{Error, ErrorKind, Result};

/// Stored bodies start at multiples of this, so that a map of the file has them aligned
/// for any element type and for vector instructions.
const ALIGN: u16 = 64;

/// From this size on a member is written as zip64. Below the limit of 4 GiB, because
/// deflate can make incompressible data a little longer.
const LARGE: u64 = 0xf000_0000;

/// What zip's 64 KiB for a member's name and fields leave for those of any size.
const MOST_EXTRA: usize = 65_000;

/// Writes a zip archive. The first error makes it unusable, and what was written so far
/// will not look like an archive.
pub(crate) struct ArchiveWriter<W: Write> {
    zip: Option<Zip<W>>,
    /// What compresses the member begun last.
    deflater: Option<Deflater>,
}

enum Zip<W: Write> {
    Seekable(ZipWriter<Output<W>>),
    Stream(ZipWriter<StreamWriter<Output<W>>>),
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

    fn over(zip: Zip<W>) -> Self {
        Self { zip: Some(zip), deflater: None }
    }

    /// Begins a member of `size` bytes, which [`end`](Self::end) ends.
    pub(crate) fn start(&mut self, name: &str, compression: Compression, size: u64) -> Result<()> {
        // All that could differ from one machine or build to the next is given here.
        let options = FullFileOptions::default()
            .large_file(size >= LARGE)
            .last_modified_time(DateTime::DEFAULT)
            .system(System::Unix)
            .unix_permissions(0o644);
        let (options, deflater) = match compression {
            Compression::Stored => {
                (options.compression_method(CompressionMethod::STORE).with_alignment(ALIGN), None)
            }
            Compression::Deflate(level @ 1..=9) => {
                let mut deflater = Deflater::new(level)?;
                let mut options = options
                    .compression_method(CompressionMethod::DEFLATE)
                    .compression_level(Some(level.into()));
                if matches!(self.zip, Some(Zip::Seekable(_))) {
                    let index = deflater.reserve_index(size, MOST_EXTRA.saturating_sub(name.len()));
                    if !index.is_empty() {
                        options.add_extra_field(INDEX, index, false).map_err(write_error)?;
                    }
                }
                (options, Some(deflater))
            }
            Compression::Deflate(level) => {
                let problem = format!("deflate has the levels 1 to 9, not {level}");
                return Err(ErrorKind::InvalidOption { problem }.into());
            }
        };
        if let (None, Some(output)) = (&deflater, self.output()) {
            output.expect(size);
        }
        self.attempt(|zip| match zip {
            Zip::Seekable(zip) => zip.start_file(name, options),
            Zip::Stream(zip) => zip.start_file(name, options),
        })?;
        self.deflater = deflater;
        Ok(())
    }

    /// How many of a member's bytes are best written next.
    pub(crate) fn room(&self) -> usize {
        self.output().map_or(super::CHUNK, Output::room)
    }

    /// Writes the next bytes of the member.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match self.deflater.take() {
            None => self.attempt(|zip| match zip {
                Zip::Seekable(zip) => zip.write_all(bytes),
                Zip::Stream(zip) => zip.write_all(bytes),
            }),
            Some(mut deflater) => {
                deflater.write(bytes, &mut |compressed| self.write_compressed(compressed))?;
                self.deflater = Some(deflater);
                Ok(())
            }
        }
    }

    /// Ends the member.
    pub(crate) fn end(&mut self) -> Result<()> {
        let Some(deflater) = self.deflater.take() else { return Ok(()) };
        let deflated = deflater.finish(&mut |compressed| self.write_compressed(compressed))?;
        self.attempt(|zip| zip.end_deflated(deflated))
    }

    fn write_compressed(&mut self, compressed: &[u8]) -> Result<()> {
        self.attempt(|zip| zip.below()?.write_all(compressed))
    }

    /// Ends the archive with its directory.
    pub(crate) fn finish(mut self) -> Result<W> {
        let finished = match self.zip.take().ok_or(ErrorKind::Unusable)? {
            Zip::Seekable(zip) => zip.finish(),
            Zip::Stream(zip) => zip.finish().map(StreamWriter::into_inner),
        };
        finished.and_then(|output| Ok(output.into_inner()?)).map_err(write_error)
    }

    /// Gives the archive up.
    pub(crate) fn abandon(&mut self) {
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

/// Writing compressed bytes past the zip crate, which then adds the two bytes that end
/// the stream: its own encoder has been given none to compress.
#[allow(unsafe_code)]
impl<W: Write> Zip<W> {
    /// What the zip crate writes to.
    fn below(&mut self) -> io::Result<&mut dyn Write> {
        // SAFETY: this is unsafe for the archive's sake, not for memory's. What is written
        // is the open member's data, which `end_deflated` describes.
        let below = unsafe {
            match self {
                Zip::Seekable(zip) => zip.get_mut().map(|output| output as &mut dyn Write),
                Zip::Stream(zip) => zip.get_mut().map(|output| output as &mut dyn Write),
            }
        };
        below.ok_or_else(|| io::ErrorKind::BrokenPipe.into())
    }

    /// Completes the index, and says what the member's data is.
    fn end_deflated(&mut self, deflated: Deflated) -> Result<(), ZipError> {
        let Deflated { size, compressed_size, crc32, index } = deflated;
        // SAFETY: as above. The index overwrites the zeros that were put in its place, just
        // before the data, and the output stands again where it stood. Size and CRC are of
        // the bytes that were compressed.
        unsafe {
            match self {
                Zip::Seekable(zip) => {
                    if let (Some(output), false) = (zip.get_mut(), index.is_empty()) {
                        let end = output.stream_position()?;
                        let start = end - compressed_size - index.len() as u64;
                        output.seek(SeekFrom::Start(start))?;
                        output.write_all(&index)?;
                        output.seek(SeekFrom::Start(end))?;
                    }
                    zip.set_file_metadata(size, crc32)
                }
                Zip::Stream(zip) => zip.set_file_metadata(size, crc32),
            }
        }
    }
}

impl<W: Write> Drop for ArchiveWriter<W> {
    fn drop(&mut self) {
        self.abandon();
    }
}

fn write_error(error: ZipError) -> Error {
    match error {
        ZipError::Io(error) => Error::io("write", error),
        other => Error::io("write", io::Error::other(other)),
    }
}
