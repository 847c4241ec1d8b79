//! What goes past the zip crate: the data of members.
//!
//! The zip crate writes headers and directories. It would also hash and compress the data, on one
//! thread each. Here blocks are hashed and compressed on all threads, by a coder that knows
//! arrays, and are handed to the output below the zip crate, which is then told their size
//! and CRC-32. It has a way for that, which is `unsafe` for the archive's sake: who tells it
//! something wrong gets a damaged archive.
//!
//! To what is deflated the zip crate adds two bytes that end the stream: its own encoder has been
//! given no bytes to compress.

#![expect(clippy::arithmetic_side_effects, reason = "it counts back what has been written")]

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

    /// Overwrites the zeros that were put in the place of `index`, just before the data, of
    /// which `data_size` bytes have been written.
    pub(super) fn write_index(&mut self, index: &[u8], data_size: u64) -> io::Result<()> {
        let Zip::Seekable(zip) = self else { return Ok(()) };
        // SAFETY: as above. In the end the output stands again where it stood.
        match unsafe { zip.get_mut() } {
            Some(output) if !index.is_empty() => {
                let end = output.stream_position()?;
                output.seek(SeekFrom::Start(end - data_size - index.len() as u64))?;
                output.write_all(index)?;
                output.seek(SeekFrom::Start(end)).map(drop)
            }
            _ => Ok(()),
        }
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
}
