//! What goes past the zip crate: the data of members, and the end of the archive.
//!
//! The zip crate writes headers, and makes the directory, which is held back until it has the
//! indexes of the members. It would also hash and compress the data, on one
//! thread each. Here blocks are hashed and compressed on all threads, by a coder that knows
//! arrays, and are handed to the output below the zip crate, which is then told their size
//! and CRC-32. It has a way for that, which is `unsafe` for the archive's sake: who tells it
//! something wrong gets a damaged archive.
//!
//! To what is deflated the zip crate adds two bytes that end the stream: its own encoder has been
//! given no bytes to compress.

use std::io::{self, Seek, SeekFrom, Write};

use ::zip::result::ZipError;
use ::zip::write::{StreamWriter, ZipWriter};

use crate::io::Output;

/// The zip crate's writer, over something that can seek or over something that cannot.
pub(super) enum Zip<W> {
    Seekable(ZipWriter<Output<W>>),
    Stream(ZipWriter<StreamWriter<Output<W>>>),
}

#[allow(unsafe_code)]
impl<W> Zip<W> {
    /// What the zip crate writes to.
    pub(super) fn below(&mut self) -> io::Result<&mut dyn Write> {
        // SAFETY: this is unsafe for the archive's sake, not for memory's. What is written
        // is the open member's data, as `describe` tells the zip crate.
        let below = unsafe {
            match self {
                Zip::Seekable(zip) => zip.get_mut().map(|output| output as &mut dyn Write),
                Zip::Stream(zip) => zip.get_mut().map(|output| output as &mut dyn Write),
            }
        };
        below.ok_or_else(|| io::ErrorKind::BrokenPipe.into())
    }

    /// Says what the open member's data is: its size and CRC before compression.
    pub(super) fn describe(&mut self, size: u64, crc32: u32) -> Result<(), ZipError> {
        // SAFETY: as above. They are those of all that was written.
        unsafe {
            match self {
                Zip::Seekable(zip) => zip.set_file_metadata(size, crc32),
                Zip::Stream(zip) => zip.set_file_metadata(size, crc32),
            }
        }
    }

    /// Writes `bytes` over what is at `start`, and goes on where it was.
    pub(super) fn overwrite(&mut self, start: u64, bytes: &[u8]) -> io::Result<()> {
        let Zip::Seekable(zip) = self else { return Err(io::ErrorKind::Unsupported.into()) };
        // SAFETY: as above. What is written over is the beginning of the open member's data.
        let output = unsafe { zip.get_mut() }.ok_or(io::ErrorKind::BrokenPipe)?;
        let end = output.stream_position()?;
        output.seek(SeekFrom::Start(start))?;
        output.write_all(bytes)?;
        output.seek(SeekFrom::Start(end)).map(drop)
    }

    /// Ends the archive. The output holds its directory back, and comes with the length of what it
    /// writes to, which may be more than the archive's.
    pub(super) fn finish(mut self) -> Result<(Output<W>, u64), ZipError> {
        // SAFETY: as above. Nothing is written.
        let output = unsafe {
            match &mut self {
                Zip::Seekable(zip) => zip.get_mut(),
                Zip::Stream(zip) => zip.get_mut().map(StreamWriter::get_mut),
            }
        };
        output.ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?.hold();
        match self {
            Zip::Seekable(zip) => {
                let mut output = zip.finish()?;
                let len = output.len()?;
                Ok((output, len))
            }
            Zip::Stream(zip) => Ok((zip.finish()?.into_inner(), 0)),
        }
    }
}
