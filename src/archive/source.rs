//! Reading by position, without a cursor: what lets one archive be read by many threads.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};

/// Bytes that can be read from any position, by several callers at once.
///
/// Files and bytes in memory are; so may be an object in a remote store, read by ranges.
/// Archives are read with few, large calls: the end of the file with its directory, then
/// one call for a small array, or one for each 256 KiB of a large one.
///
/// # Examples
///
/// ```
/// use npz::{NpzReader, NpzWriter, ReadAt};
/// use std::io::{self, Cursor};
///
/// /// Counts the requests to what could be a remote store.
/// struct Counted<R>(R, std::cell::Cell<usize>);
///
/// impl<R: ReadAt> ReadAt for Counted<R> {
///     fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
///         self.1.set(self.1.get() + 1);
///         self.0.read_at(buf, offset)
///     }
///
///     fn size(&self) -> io::Result<u64> {
///         self.0.size()
///     }
/// }
///
/// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
/// npz.array("x", &[1, 2, 3])?;
/// let bytes = npz.finish()?.into_inner();
///
/// let npz = NpzReader::from_read_at(Counted(bytes, 0.into()))?;
/// assert_eq!(npz.get::<Vec<i32>>("x")?, [1, 2, 3]);
/// # Ok::<(), npz::Error>(())
/// ```
pub trait ReadAt {
    /// Reads bytes from `offset` on into `buf`, and returns how many, as
    /// [`Read::read`] does; 0 at and after the end.
    ///
    /// # Errors
    ///
    /// Whatever the store answers. `Interrupted` is tried again.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize>;

    /// How many bytes there are.
    ///
    /// # Errors
    ///
    /// Whatever the store answers.
    fn size(&self) -> io::Result<u64>;
}

#[cfg(unix)]
impl ReadAt for File {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, buf, offset)
    }

    fn size(&self) -> io::Result<u64> {
        file_size(self)
    }
}

#[cfg(windows)]
impl ReadAt for File {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(self, buf, offset)
    }

    fn size(&self) -> io::Result<u64> {
        file_size(self)
    }
}

/// A directory has a size too, and fails only later with a worse message.
#[cfg(any(unix, windows))]
fn file_size(file: &File) -> io::Result<u64> {
    let metadata = file.metadata()?;
    match metadata.is_file() {
        true => Ok(metadata.len()),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
    }
}

impl ReadAt for [u8] {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|start| self.get(start..)).unwrap_or(&[]);
        let len = rest.len().min(buf.len());
        buf[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }
}

impl ReadAt for Vec<u8> {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.as_slice().read_at(buf, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.as_slice().size()
    }
}

impl<T: ReadAt + ?Sized> ReadAt for &T {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        (**self).read_at(buf, offset)
    }

    fn size(&self) -> io::Result<u64> {
        (**self).size()
    }
}

/// An archive's bytes: any reader, together with the way to read it at a position.
///
/// The way is a function pointer, so that whoever holds a `Source<R>` need not care
/// which sort of reader `R` is.
pub(crate) struct Source<R> {
    reader: Access<R>,
    size: u64,
}

enum Access<R> {
    Positional(R, fn(&R, &mut [u8], u64) -> io::Result<usize>),
    /// A reader with a cursor, which one caller moves at a time.
    Seekable(Mutex<R>, fn(&mut R, &mut [u8], u64) -> io::Result<usize>),
}

impl<R> Source<R> {
    pub(crate) fn positional(reader: R) -> io::Result<Self>
    where
        R: ReadAt,
    {
        let size = reader.size()?;
        Ok(Self { reader: Access::Positional(reader, R::read_at), size })
    }

    pub(crate) fn bytes(bytes: R) -> Self
    where
        R: AsRef<[u8]>,
    {
        let size = bytes.as_ref().len() as u64;
        let read_at = |bytes: &R, buf: &mut [u8], offset| bytes.as_ref().read_at(buf, offset);
        Self { reader: Access::Positional(bytes, read_at), size }
    }

    pub(crate) fn seekable(mut reader: R) -> io::Result<Self>
    where
        R: Read + Seek,
    {
        let size = reader.seek(SeekFrom::End(0))?;
        let read_at = |reader: &mut R, buf: &mut [u8], offset| {
            reader.seek(SeekFrom::Start(offset))?;
            reader.read(buf)
        };
        Ok(Self { reader: Access::Seekable(Mutex::new(reader), read_at), size })
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Reads at `offset` until `buf` is full or the bytes end, and returns how many came.
    pub(crate) fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buf.len() {
            let (rest, at) = (&mut buf[filled..], offset + filled as u64);
            let read = match &self.reader {
                Access::Positional(reader, read_at) => read_at(reader, rest, at),
                Access::Seekable(reader, read_at) => {
                    // After a panic elsewhere the cursor may be anywhere: it is set anyway.
                    let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
                    read_at(&mut reader, rest, at)
                }
            };
            match read {
                Ok(0) => break,
                Ok(len) => filled += len,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}
