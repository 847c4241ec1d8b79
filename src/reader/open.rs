//! Opening an archive, within limits or not.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::NpzReader;
use crate::error::{Error, Result};
use crate::io::{ReadAt, Source};
use crate::limits::Limits;
use crate::zip::Directory;

impl NpzReader<File> {
    /// Opens the archive in the file `path`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if the file cannot be read;
    /// [`ErrorKind::Archive`](crate::ErrorKind::Archive) if it is not a zip archive (what it is
    /// instead is told where it is known), or its directory is damaged.
    ///
    /// # Examples
    ///
    /// See [`NpzReader`].
    pub fn open<P: AsRef<Path>>(path: P) -> Result<Self> {
        Limits::DEFAULT.open(path)
    }
}

impl<R> NpzReader<R> {
    /// Opens an archive through a reader that can seek. The whole of it is the archive, whatever
    /// its position.
    ///
    /// Such a reader has one position, so threads take turns. [`open`](NpzReader::open),
    /// [`from_bytes`](Self::from_bytes) and [`from_read_at`](Self::from_read_at) let them read at
    /// the same time.
    ///
    /// # Errors
    ///
    /// Those of [`open`](NpzReader::open).
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{NpzReader, NpzWriter};
    /// use std::io::Cursor;
    ///
    /// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    /// npz.array("x", &[1, 2, 3])?;
    /// let npz = NpzReader::new(npz.finish()?)?;
    /// assert_eq!(npz.get::<Vec<i32>>("x")?, [1, 2, 3]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn new(reader: R) -> Result<Self>
    where
        R: Read + Seek,
    {
        let source = Source::seekable(reader).map_err(|error| Error::io("seek", error))?;
        Self::over(source, Limits::DEFAULT)
    }

    /// Opens an archive held in memory.
    ///
    /// # Errors
    ///
    /// Those of [`open`](NpzReader::open).
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::NpzReader;
    ///
    /// let empty = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    /// assert!(NpzReader::from_bytes(empty)?.is_empty());
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn from_bytes(bytes: R) -> Result<Self>
    where
        R: AsRef<[u8]>,
    {
        Limits::DEFAULT.open_bytes(bytes)
    }

    /// Opens an archive through a source that is read by position: an object store, for
    /// instance.
    ///
    /// # Errors
    ///
    /// Those of [`open`](NpzReader::open).
    ///
    /// # Examples
    ///
    /// See [`ReadAt`].
    pub fn from_read_at(source: R) -> Result<Self>
    where
        R: ReadAt,
    {
        Limits::DEFAULT.open_read_at(source)
    }

    pub(super) fn over(mut source: Source<R>, limits: Limits) -> Result<Self> {
        let directory = Directory::read(&mut source, &limits)?;
        let (source, marks, are_arrays) = (Arc::new(source), Arc::default(), OnceLock::new());
        Ok(Self { source, directory, limits, marks, are_arrays, path: None })
    }
}

impl Limits {
    /// Opens the archive in the file `path` within these limits, which also hold for its list of
    /// members.
    ///
    /// # Errors
    ///
    /// Those of [`NpzReader::open`];
    /// [`ErrorKind::LimitExceeded`](crate::ErrorKind::LimitExceeded) if the archive has more members,
    /// or more bytes in all of them, than are allowed.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{ErrorKind, Limits};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("upload.npz");
    /// npz::savez!(&path, x = 1, y = 2)?;
    /// assert_eq!(Limits::STRICT.open(&path)?.get::<i32>("y")?, 2);
    /// let error = Limits::STRICT.max_members(1).open(&path).unwrap_err();
    /// assert!(matches!(error.kind(), ErrorKind::LimitExceeded { .. }));
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn open<P: AsRef<Path>>(self, path: P) -> Result<NpzReader<File>> {
        let path = path.as_ref();
        let failed = |error| Error::file("open", path, error);
        let source = |file| Source::positional_with_tail(file, Directory::TAIL);
        let source = File::open(path).and_then(source).map_err(failed)?;
        let npz = NpzReader::over(source, self).map_err(|error| error.in_file(path))?;
        Ok(npz.in_file(path))
    }

    /// Opens an archive held in memory, as [`open`](Self::open) opens a file.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    ///
    /// # Examples
    ///
    /// See [`Limits`].
    pub fn open_bytes<R: AsRef<[u8]>>(self, bytes: R) -> Result<NpzReader<R>> {
        NpzReader::over(Source::bytes(bytes), self)
    }

    /// Opens an archive through a source that is read by position, as [`open`](Self::open) opens a
    /// file.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{Limits, ReadAt};
    ///
    /// fn largest<R: ReadAt>(object: R) -> npz::Result<f64> {
    ///     let x: Vec<f64> = Limits::STRICT.open_read_at(object)?.get("x")?;
    ///     Ok(x.into_iter().fold(f64::MIN, f64::max))
    /// }
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("x", &[1.0, 3.0, 2.0])?;
    /// # assert_eq!(largest(npz.finish()?.into_inner())?, 3.0);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn open_read_at<R: ReadAt>(self, source: R) -> Result<NpzReader<R>> {
        let path = source.path().map(Path::to_owned);
        let source = Source::positional_with_tail(source, Directory::TAIL);
        let source = source.map_err(|error| Error::io("read", error));
        let npz = source.and_then(|source| NpzReader::over(source, self));
        let npz = npz.map_err(|error| error.in_path(path.as_deref()))?;
        Ok(NpzReader { path, ..npz })
    }
}
