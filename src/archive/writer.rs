//! Writing an archive, member by member, through the zip crate.

use std::io::{self, Seek, Write};

use zip::result::ZipError;
use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};
use zip::{CompressionMethod, DateTime, System};

use super::Compression;
use super::output::Output;
use crate::error::{Error, ErrorKind, Result};

/// Bodies start at multiples of this, so that a map of the file has them aligned for any
/// element type and for vector instructions.
const ALIGN: u16 = 64;

/// From this size on a member is written as zip64. Below the limit of 4 GiB, because
/// deflate can make incompressible data a little longer.
const LARGE: u64 = 0xf000_0000;

/// Writes a zip archive. The first error makes it unusable, and what was written so far
/// will not look like an archive.
pub(crate) struct ArchiveWriter<W: Write>(Option<Zip<W>>);

enum Zip<W: Write> {
    Seekable(ZipWriter<Output<W>>),
    Stream(ZipWriter<StreamWriter<Output<W>>>),
}

impl<W: Write> ArchiveWriter<W> {
    pub(crate) fn seekable(writer: W) -> Self
    where
        W: Seek,
    {
        Self(Some(Zip::Seekable(ZipWriter::new(Output::seekable(writer)))))
    }

    pub(crate) fn stream(writer: W) -> Self {
        Self(Some(Zip::Stream(ZipWriter::new_stream(Output::stream(writer)))))
    }

    /// Begins a member of `size` bytes.
    pub(crate) fn start(&mut self, name: &str, compression: Compression, size: u64) -> Result<()> {
        let (method, level) = match compression {
            Compression::Stored => (CompressionMethod::STORE, None),
            Compression::Deflate(level @ 1..=9) if cfg!(feature = "deflate") => {
                (CompressionMethod::DEFLATE, Some(level.into()))
            }
            Compression::Deflate(1..=9) => {
                return Err(Error::unsupported(
                    "npz was built without `deflate`, and can't compress",
                ));
            }
            Compression::Deflate(level) => {
                let problem = format!("deflate has the levels 1 to 9, not {level}");
                return Err(ErrorKind::InvalidOption { problem }.into());
            }
        };
        // All that could differ from one machine or build to the next is given here.
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .compression_level(level)
            .large_file(size >= LARGE)
            .last_modified_time(DateTime::DEFAULT)
            .system(System::Unix)
            .unix_permissions(0o644)
            .with_alignment(ALIGN);
        self.attempt(|zip| match zip {
            Zip::Seekable(zip) => zip.start_file(name, options),
            Zip::Stream(zip) => zip.start_file(name, options),
        })
    }

    /// Writes the next bytes of the member begun last.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.attempt(|zip| match zip {
            Zip::Seekable(zip) => zip.write_all(bytes),
            Zip::Stream(zip) => zip.write_all(bytes),
        })
    }

    /// Ends the archive with its directory.
    pub(crate) fn finish(mut self) -> Result<W> {
        let finished = match self.0.take().ok_or(ErrorKind::Unusable)? {
            Zip::Seekable(zip) => zip.finish(),
            Zip::Stream(zip) => zip.finish().map(StreamWriter::into_inner),
        };
        finished.and_then(|output| Ok(output.into_inner()?)).map_err(write_error)
    }

    /// Gives the archive up.
    pub(crate) fn abandon(&mut self) {
        let zip = self.0.take();
        let output = match &zip {
            Some(Zip::Seekable(zip)) => zip.get_ref(),
            Some(Zip::Stream(zip)) => zip.get_ref().map(StreamWriter::get_ref),
            None => None,
        };
        if let Some(output) = output {
            output.abandon();
        }
    }

    /// Does one step, if none has failed yet.
    fn attempt<E>(&mut self, step: impl FnOnce(&mut Zip<W>) -> Result<(), E>) -> Result<()>
    where
        E: Into<ZipError>,
    {
        let zip = self.0.as_mut().ok_or(ErrorKind::Unusable)?;
        step(zip).map_err(|error| {
            self.abandon();
            write_error(error.into())
        })
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
