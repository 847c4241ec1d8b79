//! [`NpzWriter`]: arrays into an archive.

mod entry;
#[cfg(fuzzing)]
mod fuzzing;
mod members;
mod npy;
mod open_member;
mod progress;
mod row_spec;
mod rows;
mod unfinished;

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;
use std::sync::Mutex;

use ndarray::Order;

use crate::dtype::Endian;
use crate::error::{Error, Result};
use crate::io::{AtomicFile, Replaces};
use crate::summary;
use crate::zip::{ArchiveWriter, BaseArchive, Compression, SUFFIX, own_name};

pub use entry::Entry;
pub use npy::NpyWriter;
pub use progress::Progress;
pub use rows::Rows;

use entry::Options;
use unfinished::Unfinished;

/// Saves an archive in the file `path`: what `write` writes to it. If `write` returns an error
/// or panics, what was at `path` is still there.
///
/// It is [`NpzWriter::create`] and [`NpzWriter::finish`] in one, so that the second cannot be
/// forgotten.
///
/// # Errors
///
/// Those of [`NpzWriter::create`], of `write`, and of [`NpzWriter::finish`]. Errors of other
/// crates are turned into this crate's by [`Error::other`].
///
/// # Examples
///
/// ```
/// use npz::NpzReader;
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("run.npz");
/// let losses = vec![0.5, 0.25];
/// npz::save(&path, |npz| {
///     npz.array("losses", &losses)?;
///     for (epoch, loss) in losses.iter().enumerate() {
///         npz.array(&format!("epoch/{epoch}"), loss)?;
///     }
///     Ok(())
/// })?;
/// assert_eq!(NpzReader::open(&path)?.len(), 3);
/// # Ok::<(), npz::Error>(())
/// ```
pub fn save<P: AsRef<Path>>(
    path: P,
    write: impl FnOnce(&mut NpzWriter<File>) -> Result<()>,
) -> Result<()> {
    let mut npz = NpzWriter::create(path)?;
    match write(&mut npz) {
        Ok(()) => npz.finish().map(drop),
        Err(error) => {
            npz.abandon();
            Err(error)
        }
    }
}

/// Writes arrays to an `.npz` archive, one after the other: `numpy.savez` and
/// `numpy.savez_compressed`, in as many steps as you like.
///
/// [`create`](Self::create) writes a file, which appears under its name when
/// [`finish`](Self::finish) is called. [`append`](Self::append) extends an archive.
/// [`new`](Self::new) writes to anything that can seek, [`stream`](Self::stream) to any other
/// writer. A writer that fails, or that is dropped before it is finished, leaves no file and
/// nothing that looks like an archive. If it holds arrays, debug builds then say so on standard
/// error; [`abandon`](Self::abandon) is the way to mean it. [`save`] cannot be left unfinished.
///
/// # Examples
///
/// ```
/// use ndarray::{Array2, Order, array};
/// use npz::{Compression, NpzReader, NpzWriter};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("run.npz");
/// let grid = Array2::<f64>::zeros((100, 100));
/// let mut npz = NpzWriter::create(&path)?.compression(Compression::Deflate(6));
/// npz.array("grid", &grid)?.array("steps", &[0.1, 0.2, 0.5])?;
/// npz.array("dt", &1e-3)?;
/// npz.push(&array![1, 2, 3])?;   // "arr_0"
/// npz.entry("raw").compression(Compression::Stored).order(Order::F).array(&grid)?;
/// npz.finish()?;
///
/// let npz = NpzReader::open(&path)?;
/// assert_eq!(npz.names().collect::<Vec<_>>(), ["grid", "steps", "dt", "arr_0", "raw"]);
/// # Ok::<(), npz::Error>(())
/// ```
#[must_use = "an archive is complete when `finish` has been called"]
pub struct NpzWriter<W> {
    // Before `file`: Windows removes a file only when it is closed.
    archive: ArchiveWriter<W>,
    file: Option<AtomicFile>,
    sync: bool,
    /// The archive that is appended to, if there is one.
    base: Option<BaseArchive>,
    options: Options,
    names: HashSet<String>,
    pushed: usize,
    /// In a mutex, which is never locked, so that writers can be shared by reference.
    progress: Option<Mutex<Box<Report>>>,
    unfinished: Unfinished,
}

/// What is told how far a save is.
type Report = dyn FnMut(Progress<'_>) + Send;

impl NpzWriter<File> {
    /// Begins an archive in the file `path`, which [`finish`](Self::finish) creates or replaces in
    /// one step. Unlike in NumPy no `.npz` is added to the name.
    ///
    /// Until then the data is in a temporary file in the same folder, which is gone after an error,
    /// or when the writer is dropped. On Linux this file has no name, on most file systems, and is
    /// gone when the process is killed, too. Elsewhere it is called `.npz-….tmp`, and what killed
    /// processes leave behind can be deleted when no program is saving there. An existing file is
    /// not touched meanwhile. The new one takes over its permissions,
    /// its owner and group where that is allowed, and on Linux its access control list and `user.*`
    /// attributes. Other hard links keep the old file. If `path` is a symbolic link, the link stays,
    /// and the file that it points to is replaced.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if the folder cannot be written to, or if `path`
    /// exists and is not a regular file that may be written to.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::NpzWriter;
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// let path = folder.path().join("x.npz");
    /// let mut npz = NpzWriter::create(&path)?;
    /// npz.array("x", &[1, 2, 3])?;
    /// assert!(!path.exists());
    /// npz.finish()?;
    /// assert!(path.exists());
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn create<P: AsRef<Path>>(path: P) -> Result<Self> {
        let (writer, file) = AtomicFile::create(path.as_ref())?;
        let unfinished = Unfinished::archive_file(file.path().to_owned());
        Ok(Self { file: Some(file), unfinished, ..Self::over(ArchiveWriter::file(writer)) })
    }

    /// Extends the archive in the file `path`: adds members, replaces members of the same name,
    /// [`rename`](Self::rename)s and [`remove`](Self::remove)s members. If there is no such file, it is
    /// created.
    ///
    /// The archive stays as it is until [`finish`](Self::finish) replaces it by a new one in
    /// one step. The members that stay come first, in their order. They are copied as they are,
    /// neither decompressed nor verified, whoever wrote them and whatever they are. Of several
    /// members with the same name the last one stays.
    ///
    /// If two programs append to an archive at the same time, the one that finishes first wins, and
    /// [`finish`](Self::finish) of the other fails with
    /// [`ErrorKind::Changed`](crate::ErrorKind::Changed): append again. To let one wait for the
    /// other, hold a lock on a file of your own.
    ///
    /// # Errors
    ///
    /// Those of [`create`](Self::create);
    /// [`ErrorKind::Archive`](crate::ErrorKind::Archive) if the file is not an archive, or is
    /// damaged.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{NpzReader, NpzWriter, savez};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("run.npz");
    /// savez!(&path, step = 1, x = [1.0], scratch = [0.0])?;
    ///
    /// let mut npz = NpzWriter::append(&path)?;
    /// npz.array("y", &[2.0])?;     // added
    /// npz.array("step", &2)?;      // replaced
    /// npz.remove("scratch")?;
    /// npz.finish()?;
    ///
    /// let npz = NpzReader::open(&path)?;
    /// assert_eq!(npz.names().collect::<Vec<_>>(), ["x", "y", "step"]);
    /// assert_eq!(npz.get::<i32>("step")?, 2);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn append<P: AsRef<Path>>(path: P) -> Result<Self> {
        let path = path.as_ref();
        let base = BaseArchive::open(path)?;
        let mut npz = Self::create(path)?;
        if let (None, Some(file)) = (&base, &mut npz.file) {
            file.replace_only(Replaces::Nothing);
        }
        npz.base = base;
        Ok(npz)
    }

    /// Whether [`finish`](Self::finish) waits until the file is on the disk. The default is
    /// `false`.
    ///
    /// If the *process* dies, the path names the old file or the whole new one, either way. If the
    /// *machine* fails soon after `finish`, then without waiting it depends on the file system, as
    /// it does for every program that writes a file and renames it: ext4
    /// begins to write a file out when it replaces another one, others may leave an empty one. With
    /// `sync(true)` the file is on the disk before it gets its name, and its name is on the disk
    /// when `finish` returns (on Windows, soon after).
    ///
    /// # Examples
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("run.npz");
    /// let mut npz = npz::NpzWriter::create(&path)?.sync(true);
    /// npz.array("x", &[1.0])?;
    /// npz.finish()?;   // and now the power may fail
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn sync(mut self, sync: bool) -> Self {
        self.sync = sync;
        self
    }

    /// Removes a member from an archive that was opened by [`append`](Self::append).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the archive had no such member, or if
    /// it has been replaced, renamed or removed already.
    ///
    /// # Examples
    ///
    /// See [`append`](Self::append).
    pub fn remove(&mut self, name: &str) -> Result<&mut Self> {
        let member = self.member_that_stays(name)?;
        if let Some(base) = &mut self.base {
            base.remove(&member);
        }
        Ok(self)
    }

    /// Gives a member of an archive that was opened by [`append`](Self::append) another name.
    ///
    /// It stays what it is, and where it is among the others: its data is copied as it is, neither
    /// decompressed nor verified. An array's `new_name` is without `.npy`, as everywhere; that of a
    /// member that is not an array, such as `README.txt`, is its whole name. The old name can be given to
    /// another member afterwards.
    ///
    /// # Errors
    ///
    /// * [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the archive had no member `name`, or if
    ///   it has been replaced, renamed or removed already.
    /// * [`ErrorKind::InvalidName`](crate::ErrorKind::InvalidName) if `new_name` is the name of another
    ///   member, or none that a member can have: see [`array`](Self::array).
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{NpzReader, NpzWriter, savez};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("run.npz");
    /// savez!(&path, new = [2.0, 3.0], rate = 0.5)?;
    ///
    /// let mut npz = NpzWriter::append(&path)?;
    /// npz.rename("new", "old")?;
    /// npz.array("new", &[4.0, 5.0])?;
    /// npz.finish()?;
    ///
    /// let npz = NpzReader::open(&path)?;
    /// assert_eq!(npz.names().collect::<Vec<_>>(), ["old", "rate", "new"]);
    /// assert_eq!(npz.get::<Vec<f64>>("old")?, [2.0, 3.0]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn rename(&mut self, name: &str, new_name: &str) -> Result<&mut Self> {
        let member = self.member_that_stays(name)?;
        let end = if member.ends_with(SUFFIX) { SUFFIX } else { "" };
        let new_member = format!("{new_name}{end}");
        if new_member == member {
            return Ok(self);
        }
        let own_name = own_name(&new_member);
        let array = format!("{own_name}{SUFFIX}");
        let others = [own_name, &array].into_iter().filter(|&other| other != member);
        self.check_name(own_name, &others.collect::<Vec<_>>())?;
        if let Some(base) = &mut self.base {
            base.rename(&member, new_member);
        }
        Ok(self)
    }

    /// The whole name of the member that its user calls `name`, of those that stay: an array, or else a
    /// member of another sort.
    fn member_that_stays(&self, name: &str) -> Result<String> {
        let is_there =
            |member: &String| self.base.as_ref().is_some_and(|base| base.contains(member));
        let member = [format!("{name}{SUFFIX}"), name.to_owned()].into_iter().find(is_there);
        member.ok_or_else(|| Error::not_found(name, self.base.iter().flat_map(BaseArchive::names)))
    }
}

impl<W: Write> NpzWriter<W> {
    /// Begins an archive in a writer that can seek, at its current position: memory, or an open
    /// file.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::NpzWriter;
    /// use std::io::Cursor;
    ///
    /// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    /// npz.array("x", &[1, 2, 3])?;
    /// let bytes: Vec<u8> = npz.finish()?.into_inner();
    /// # assert!(bytes.starts_with(b"PK"));
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn new(writer: W) -> Self
    where
        W: Seek,
    {
        Self::over(ArchiveWriter::seekable(writer))
    }

    /// Begins an archive in a writer that cannot seek: standard output, a pipe, a socket.
    ///
    /// Sizes and checksums then follow the members, as zip allows, instead of preceding them. NumPy,
    /// and every other reader of whole files, reads such archives.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{NpzReader, NpzWriter};
    ///
    /// let mut pipe = Vec::new();
    /// let mut npz = NpzWriter::stream(&mut pipe);
    /// npz.array("x", &[1, 2, 3])?;
    /// npz.finish()?;
    /// assert_eq!(NpzReader::from_bytes(pipe)?.get::<Vec<i32>>("x")?, [1, 2, 3]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn stream(writer: W) -> Self {
        Self::over(ArchiveWriter::stream(writer))
    }

    fn over(archive: ArchiveWriter<W>) -> Self {
        let options = Options::default();
        let (file, sync, base, names) = (None, false, None, HashSet::new());
        let unfinished = Unfinished::archive();
        Self { archive, file, sync, base, options, names, pushed: 0, progress: None, unfinished }
    }

    /// The writer below, or `None` after a write has failed. The last few bytes may not have been
    /// written to it yet.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::NpzWriter;
    /// use std::io::Cursor;
    ///
    /// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    /// npz.array("x", &vec![0.0; 100_000])?;
    /// assert!(npz.get_ref().unwrap().get_ref().len() >= 700_000);
    /// # npz.finish()?;
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn get_ref(&self) -> Option<&W> {
        self.archive.get_ref()
    }

    /// Sets how the members that follow are compressed. The default is
    /// [`Compression::Stored`], as in `numpy.savez`.
    ///
    /// # Examples
    ///
    /// See [`NpzWriter`].
    pub fn compression(mut self, compression: Compression) -> Self {
        self.options.compression = compression;
        self
    }

    /// Sets the order in which the elements of the arrays that follow are written. The default, and
    /// `None`, is each array's own: Fortran order if the array is contiguous in that order
    /// alone, else C order, as in `numpy.savez`.
    ///
    /// Whatever the order, an array of at most one axis longer than 1 counts as C order, as
    /// in NumPy.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::{Order, array};
    /// use npz::{NpzReader, NpzWriter};
    /// use std::io::Cursor;
    ///
    /// let x = array![[1, 2], [3, 4]];
    /// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    /// npz.array("as it is", &x)?;
    /// npz.array("transposed", &x.t())?;
    /// npz.entry("turned").order(Order::F).array(&x)?;
    ///
    /// let npz = NpzReader::new(npz.finish()?)?;
    /// assert_eq!(npz.info("as it is")?.order(), Order::C);
    /// assert_eq!(npz.info("transposed")?.order(), Order::F);
    /// assert_eq!(npz.info("turned")?.order(), Order::F);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn order(mut self, order: impl Into<Option<Order>>) -> Self {
        self.options.order = order.into();
        self
    }

    /// Sets the byte order of the numbers that follow. The default is the machine's own.
    ///
    /// # Examples
    ///
    /// See [`Endian`].
    pub fn endian(mut self, endian: Endian) -> Self {
        self.options.endian = endian;
        self
    }

    /// Calls `progress` while members are written: after every few MiB, and when a member is
    /// complete, from the thread that writes. It replaces a function that was given before.
    ///
    /// # Examples
    ///
    /// The function is kept in the writer, so it owns what it uses (`move`), or shares it:
    ///
    /// ```
    /// use ndarray::Array2;
    /// use npz::NpzWriter;
    /// use std::io::Cursor;
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU64, Ordering};
    ///
    /// let done = Arc::new(AtomicU64::new(0));
    /// let shared = Arc::clone(&done);
    /// let mut npz = NpzWriter::new(Cursor::new(Vec::new()))
    ///     .progress(move |p| shared.store(p.bytes_done, Ordering::Relaxed));
    /// npz.array("x", &Array2::<f64>::zeros((1000, 1000)))?;
    /// npz.finish()?;
    /// assert_eq!(done.load(Ordering::Relaxed), 8_000_000);
    /// # Ok::<(), npz::Error>(())
    /// ```
    ///
    /// With a progress bar: `examples/progress.rs`.
    pub fn progress(mut self, progress: impl FnMut(Progress<'_>) + Send + 'static) -> Self {
        self.progress = Some(Mutex::new(Box::new(progress)));
        self
    }

    /// Completes the archive, and returns the writer below. A file that [`create`](Self::create)
    /// began gets its name now.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if writing or renaming fails;
    /// [`ErrorKind::Changed`](crate::ErrorKind::Changed) if another program has changed the archive
    /// that is appended to; [`ErrorKind::Unusable`](crate::ErrorKind::Unusable) if an earlier write
    /// failed. The file that was at the path is still there then. If the new file is complete, and
    /// only could not get its name, it is kept, and the error names it.
    ///
    /// # Examples
    ///
    /// See [`create`](Self::create) and [`new`](Self::new).
    pub fn finish(self) -> Result<W> {
        self.unfinished.told();
        let Self { archive, file, sync, base, .. } = self;
        let path = file.as_ref().map(|file| file.path().to_owned());
        let finish = || {
            let writer = archive.finish()?;
            if let Some(mut file) = file {
                if let Some(base) = base {
                    base.add_to(file.as_file())?;
                    file.replace_only(Replaces::Only(base.into_identity()));
                }
                file.commit(sync)?;
            }
            Ok(writer)
        };
        finish().map_err(|error: Error| error.in_path(path.as_deref()))
    }
}

impl<W> NpzWriter<W> {
    /// Gives up what has been written, on purpose: the same as dropping the writer, on which debug builds
    /// remark if it holds arrays. The file that was at the path is still there.
    ///
    /// # Examples
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("run.npz");
    /// let mut npz = npz::NpzWriter::create(&path)?;
    /// npz.array("x", &[1.0, f64::NAN])?;
    /// # let is_converging = false;
    /// if is_converging {
    ///     npz.finish()?;
    /// } else {
    ///     npz.abandon();
    /// }
    /// assert!(!path.exists());
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn abandon(self) {
        self.unfinished.told();
    }
}

impl<W> fmt::Display for NpzWriter<W> {
    /// Writes a line like `NpzWriter "run.npz" with 2 members: x, y`. At most five names are
    /// written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.file.as_ref().map(AtomicFile::path);
        let base = self.base.iter().flat_map(BaseArchive::names);
        let mut names: Vec<_> = self.names.iter().map(String::as_str).chain(base).collect();
        names.sort_unstable();
        summary::write(f, "NpzWriter", path, "member", names)
    }
}

impl<W> fmt::Debug for NpzWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
