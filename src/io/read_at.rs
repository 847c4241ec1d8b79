//! [`ReadAt`]: reading by position, without a cursor, as many threads can at once.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use super::cost::ReadCost;

/// A source of bytes that can be read at any position, by several threads at once.
///
/// Files and bytes in memory implement it, and so do pointers to such sources. Implement it for an
/// object in a remote store that is read by ranges: [`read_at`](Self::read_at) and
/// [`size`](Self::size) suffice, and with [`cost`](Self::cost) and
/// [`read_ranges`](Self::read_ranges) all that an operation needs is requested at the same time. The
/// package `npz-object-store` does so for S3 and other stores.
///
/// # Which reads are made
///
/// | operation | of files and memory | where [`cost`](Self::cost) is [`ReadCost::REMOTE`] |
/// |---|---|---|
/// | open | `size`; the last 64 KiB; and the directory, if it is longer | `read_tail`; and the directory, if it is longer |
/// | load a small array | one read of up to 4 KiB, or several in a row of 64 KiB | one read |
/// | load a large array | its beginning; then reads of 1 to 4 MiB, from several threads | its beginning; then all of it together, or of a compressed one 64 MiB at a time |
/// | load all arrays | as one by one | 64 MiB of neighbours at a time, together |
/// | load block by block | its beginning; then reads of 1 MiB, from several threads, for 8 to 32 MiB at a time | its beginning; then 32 MiB at a time, together |
/// | slice | its array's beginning; then each range, or several that are near each other, from several threads | its array's beginning, the first time; then all ranges together, over gaps of up to 1 MiB |
///
/// # Examples
///
/// ```
/// use npz::{NpzReader, NpzWriter, ReadAt};
/// use std::io::{self, Cursor};
/// use std::sync::atomic::{AtomicUsize, Ordering};
///
/// /// Counts the requests to what could be a remote store.
/// struct Counted<R>(R, AtomicUsize);
///
/// impl<R: ReadAt> ReadAt for Counted<R> {
///     fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
///         self.1.fetch_add(1, Ordering::Relaxed);
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
pub trait ReadAt: Sync {
    /// Reads some of the bytes from `offset` on into `buf`, and returns how many, as [`Read::read`]
    /// does. It returns 0 at the end and after it.
    ///
    /// # Errors
    ///
    /// Whatever keeps the source from being read. After `Interrupted` it is called again.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize>;

    /// How many bytes there are.
    ///
    /// # Errors
    ///
    /// Whatever keeps the source from saying so.
    fn size(&self) -> io::Result<u64>;

    /// Fills each of the buffers with the bytes from its offset on. They are all wanted before
    /// anything else happens, so that a source may request them at the same time, as many as it likes.
    /// Unless it is implemented, they are read one after the other.
    ///
    /// # Errors
    ///
    /// Those of [`read_at`](Self::read_at); `UnexpectedEof` if there are fewer bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::ReadAt;
    ///
    /// let (mut a, mut b) = ([0; 2], [0; 3]);
    /// b"abcdefgh".read_ranges(&mut [(0, &mut a), (5, &mut b)])?;
    /// assert_eq!((&a, &b), (b"ab", b"fgh"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    fn read_ranges(&self, ranges: &mut [(u64, &mut [u8])]) -> io::Result<()> {
        ranges.iter_mut().try_for_each(|(offset, buf)| read_exact_at(self, buf, *offset))
    }

    /// Reads the last bytes to the start of `buf`: as many as it holds, or all that there are. Returns
    /// [`size`](Self::size). Many stores can do both with one request.
    ///
    /// # Errors
    ///
    /// Those of [`size`](Self::size) and [`read_at`](Self::read_at).
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::ReadAt;
    ///
    /// let mut buf = [0; 3];
    /// assert_eq!(b"abcdefgh".read_tail(&mut buf)?, 8);
    /// assert_eq!(&buf, b"fgh");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    fn read_tail(&self, buf: &mut [u8]) -> io::Result<u64> {
        let size = self.size()?;
        let len = buf.len().min(usize::try_from(size).unwrap_or(usize::MAX));
        read_exact_at(self, buf.split_at_mut(len).0, size.saturating_sub(len as u64))?;
        Ok(size)
    }

    /// What a read costs, by which reads are planned. It is [`ReadCost::LOCAL`] unless it is
    /// implemented.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{ReadAt, ReadCost};
    ///
    /// assert_eq!(b"in memory".cost(), ReadCost::LOCAL);
    /// ```
    fn cost(&self) -> ReadCost {
        ReadCost::LOCAL
    }

    /// The name of the file, or of the object in a store, that the bytes are of. Readers print it, and
    /// their errors have it as their [`path`](crate::Error::path). It is `None` unless it is
    /// implemented.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::ReadAt;
    ///
    /// assert_eq!(b"in memory".path(), None);
    /// ```
    fn path(&self) -> Option<&Path> {
        None
    }
}

/// Fills `buf` with the bytes from `offset` on.
fn read_exact_at<R: ReadAt + ?Sized>(source: &R, buf: &mut [u8], offset: u64) -> io::Result<()> {
    match read_full(buf, offset, |buf, at| source.read_at(buf, at))? == buf.len() {
        true => Ok(()),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Reads at `offset`, by `read`, until `buf` is full or the bytes end. Returns how many came.
pub(super) fn read_full(
    buf: &mut [u8],
    offset: u64,
    read: impl Fn(&mut [u8], u64) -> io::Result<usize>,
) -> io::Result<usize> {
    let mut filled = 0_usize;
    while let Some(rest) = buf.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match read(rest, offset.saturating_add(filled as u64)) {
            Ok(0) => break,
            // A reader that says that it has read more than it was asked for is not believed.
            Ok(len) => filled = filled.saturating_add(len.min(rest.len())),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

impl ReadAt for File {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        #[cfg(unix)]
        return std::os::unix::fs::FileExt::read_at(self, buf, offset);
        #[cfg(windows)]
        return std::os::windows::fs::FileExt::seek_read(self, buf, offset);
        #[cfg(not(any(unix, windows)))]
        return seek_and_read(self, buf, offset);
    }

    fn size(&self) -> io::Result<u64> {
        let metadata = self.metadata()?;
        match metadata.is_file() {
            true => Ok(metadata.len()),
            // A directory has a size too, and fails only later with a worse message.
            false => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
        }
    }
}

/// Reads by moving the file's cursor, for systems that cannot read by position (WebAssembly).
/// Threads take turns.
#[cfg(any(test, not(any(unix, windows))))]
fn seek_and_read(mut file: &File, buf: &mut [u8], offset: u64) -> io::Result<usize> {
    use std::io::{Seek, SeekFrom};
    use std::sync::{Mutex, PoisonError};

    static CURSOR: Mutex<()> = Mutex::new(());
    let _turn = CURSOR.lock().unwrap_or_else(PoisonError::into_inner);
    file.seek(SeekFrom::Start(offset))?;
    file.read(buf)
}

impl ReadAt for [u8] {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|start| self.get(start..));
        rest.unwrap_or(&[]).read(buf)
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

/// What points to something that is read by position is read so itself.
macro_rules! pointers {
    ($($(#[$bound:ident])? $pointer:ty),* $(,)?) => {$(
        impl<T: ReadAt $(+ $bound)? + ?Sized> ReadAt for $pointer {
            fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
                (**self).read_at(buf, offset)
            }

            fn size(&self) -> io::Result<u64> {
                (**self).size()
            }

            fn read_ranges(&self, ranges: &mut [(u64, &mut [u8])]) -> io::Result<()> {
                (**self).read_ranges(ranges)
            }

            fn read_tail(&self, buf: &mut [u8]) -> io::Result<u64> {
                (**self).read_tail(buf)
            }

            fn cost(&self) -> ReadCost {
                (**self).cost()
            }

            fn path(&self) -> Option<&Path> {
                (**self).path()
            }
        }
    )*};
}

pointers! { &T, Box<T>, #[Send] Arc<T> }

#[cfg(test)]
mod tests {
    use super::*;

    /// What each system does is what a system does that has only cursors, also on many threads.
    #[test]
    fn files_are_read_by_position() {
        let bytes: Vec<u8> = (0..5000_u32).map(|i| (i * 7 % 251) as u8).collect();
        let folder = crate::io::test_folder();
        let path = folder.path().join("file");
        std::fs::write(&path, &bytes).unwrap();
        let file = File::open(&path).unwrap();
        assert_eq!(file.size().unwrap(), 5000);
        for read_at in [<File as ReadAt>::read_at, seek_and_read] {
            let check = |offset: usize| {
                let mut buf = [0; 100];
                let read = read_at(&file, &mut buf, offset as u64).unwrap();
                assert_eq!(buf[..read], bytes[offset.min(5000)..][..read]);
                assert_eq!(read, 100.min(5000_usize.saturating_sub(offset)));
            };
            [4999, 5000, 5001, 1 << 30].into_iter().for_each(check);
            // WebAssembly has one thread.
            #[cfg(not(target_family = "wasm"))]
            std::thread::scope(|scope| {
                for thread in 0..4 {
                    scope
                        .spawn(move || (0..500).for_each(|i| check((i * 97 + thread * 31) % 5000)));
                }
            });
        }
    }
}
