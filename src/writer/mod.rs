//! [`NpzWriter`] and [`WriteNpz`]: arrays into an archive.

#![expect(clippy::arithmetic_side_effects, reason = "it counts what is written")]

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;

mod entry;
mod progress;

use crate::dtype::Endian;
use crate::error::{Error, ErrorKind, Result};
use crate::ext::WriteNpy;
use crate::io::AtomicFile;
use crate::npy::{Order, Pace};
use crate::summary;
use crate::zip::{ArchiveWriter, Compression, Kept, MAX_NAME, SUFFIX};

pub use entry::Entry;
pub use progress::Progress;

use entry::Options;

/// Writes arrays to an `.npz` archive, one after the other: `numpy.savez` and
/// `numpy.savez_compressed`, in as many steps as you like.
///
/// [`create`](Self::create) writes a file that appears under its name only when
/// [`finish`](Self::finish) is called; [`new`](Self::new) writes to anything that can
/// seek, [`stream`](Self::stream) to anything at all. A writer that is dropped unfinished,
/// or that has failed, leaves no file, and nothing that looks like an archive.
///
/// # Examples
///
/// ```
/// use ndarray::{Array2, array};
/// use npz::{Compression, NpzReader, NpzWriter, Order};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("run.npz");
/// let grid = Array2::<f64>::zeros((100, 100));
/// let mut npz = NpzWriter::create(&path)?.compression(Compression::Deflate(6));
/// npz.array("grid", &grid)?.array("steps", &[0.1, 0.2, 0.5])?;
/// npz.array("dt", &1e-3)?;
/// npz.push(&array![1, 2, 3])?;   // "arr_0"
/// npz.entry("raw").compression(Compression::Stored).order(Order::Fortran).array(&grid)?;
/// npz.finish()?;
///
/// let npz = NpzReader::open(&path)?;
/// assert_eq!(npz.names().collect::<Vec<_>>(), ["grid", "steps", "dt", "arr_0", "raw"]);
/// # Ok::<(), npz::Error>(())
/// ```
pub struct NpzWriter<W: Write, P = fn(Progress<'_>)> {
    // Before `file`: Windows removes a file only when it is closed.
    archive: ArchiveWriter<W>,
    file: Option<AtomicFile>,
    sync: bool,
    /// What it has of the archive that is appended to.
    kept: Option<Kept>,
    options: Options,
    names: HashSet<String>,
    pushed: usize,
    progress: P,
}

impl NpzWriter<File> {
    /// Writes to the file `path`, which [`finish`](Self::finish) creates or replaces in
    /// one step. The name is taken as it is; unlike NumPy's, it gets no `.npz` added.
    ///
    /// Until then the data is in a temporary file in the same folder, which an error or a
    /// drop removes. An existing file is untouched meanwhile, and passes its permissions
    /// on; if `path` is a symbolic link, the link stays and what it points to is replaced.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`] if the folder cannot be written to, or `path` exists and is not
    /// a regular file that may be written to.
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
        Ok(Self { file: Some(file), ..Self::over(ArchiveWriter::file(writer)) })
    }

    /// Writes to the archive in the file `path`: adds members to it, replaces those of the
    /// same name, and [`remove`](Self::remove)s some. Where there is no such file, it is
    /// [`create`](Self::create)d.
    ///
    /// The archive stays as it is until [`finish`](Self::finish) replaces it by a new one in
    /// one step. All members that are kept are copied to that as they are, without being
    /// decompressed or verified, whoever wrote them and whatever they are; they come first,
    /// in their order. Of several that have one name it is the last, which readers take. If two programs append to one archive at the same time, one whole
    /// archive wins, and what the other one added is lost.
    ///
    /// # Errors
    ///
    /// Those of [`create`](Self::create);
    /// [`ErrorKind::Archive`] if the file is not an archive, or is damaged.
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
        let kept = Kept::all_of(path)?;
        Ok(Self { kept, ..Self::create(path)? })
    }
}

impl<P: FnMut(Progress<'_>)> NpzWriter<File, P> {
    /// Whether [`finish`](Self::finish) waits until all is on the disk. The default is not
    /// to.
    ///
    /// Either way the path names the old file or the whole new one if the *process* dies.
    /// If the *machine* does, soon after `finish`, then without waiting it is up to the
    /// file system: most keep the old file or the new one, but some may leave an empty one.
    /// With it, the file is on the disk before it gets its name, and its name is when
    /// `finish` returns (on Windows, soon after).
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
    #[must_use]
    pub fn sync(mut self, sync: bool) -> Self {
        self.sync = sync;
        self
    }

    /// Leaves out a member of the archive that is [`append`](Self::append)ed to.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if that archive has no such member, or it has been replaced.
    ///
    /// # Examples
    ///
    /// See [`append`](Self::append).
    pub fn remove(&mut self, name: &str) -> Result<&mut Self> {
        let removed = self
            .kept
            .as_mut()
            .is_some_and(|kept| kept.remove(&format!("{name}{SUFFIX}")) || kept.remove(name));
        match removed {
            true => Ok(self),
            false => Err(Error::not_found(name, self.kept.iter().flat_map(Kept::names))),
        }
    }
}

impl<W: Write> NpzWriter<W> {
    /// Writes to anything that can seek, from where it stands: memory, an open file.
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

    /// Writes to something that cannot seek: standard output, a pipe, a socket.
    ///
    /// The sizes and checksums of the members then follow them, as zip allows, instead of
    /// preceding them. Every reader of whole files takes that, NumPy included.
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
        let (file, sync, kept, names) = (None, false, None, HashSet::new());
        Self { archive, file, sync, kept, options, names, pushed: 0, progress: |_| () }
    }
}

impl<W: Write, P: FnMut(Progress<'_>)> NpzWriter<W, P> {
    /// How the members that follow are compressed. The default is
    /// [`Compression::Stored`], as in `numpy.savez`.
    ///
    /// # Examples
    ///
    /// See [`NpzWriter`].
    #[must_use]
    pub fn compression(mut self, compression: Compression) -> Self {
        self.options.compression = compression;
        self
    }

    /// The order in which the elements of the arrays that follow are written. The
    /// default is [`Order::Keep`], as in `numpy.savez`.
    ///
    /// # Examples
    ///
    /// See [`Order`].
    #[must_use]
    pub fn order(mut self, order: Order) -> Self {
        self.options.order = order;
        self
    }

    /// The byte order of the numbers that follow. The default is the machine's own.
    ///
    /// # Examples
    ///
    /// See [`Endian`].
    #[must_use]
    pub fn endian(mut self, endian: Endian) -> Self {
        self.options.endian = endian;
        self
    }

    /// Calls `progress` while members are written: after every few MiB, and when one is
    /// complete, from the thread that writes. It replaces one given before.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::Array2;
    /// use npz::NpzWriter;
    /// use std::io::Cursor;
    ///
    /// let (mut calls, mut last) = (0, 0);
    /// let mut npz = NpzWriter::new(Cursor::new(Vec::new())).progress(|p| {
    ///     calls += 1;
    ///     last = p.bytes_done;   // of p.bytes_total, for the member p.name
    /// });
    /// npz.array("x", &Array2::<f64>::zeros((1000, 1000)))?;
    /// npz.finish()?;
    /// assert!(calls > 4 && last == 8_000_000);
    /// # Ok::<(), npz::Error>(())
    /// ```
    ///
    /// With a progress bar: `examples/progress.rs`.
    #[must_use]
    pub fn progress<Q: FnMut(Progress<'_>)>(self, progress: Q) -> NpzWriter<W, Q> {
        let Self { archive, file, sync, kept, options, names, pushed, progress: _ } = self;
        NpzWriter { archive, file, sync, kept, options, names, pushed, progress }
    }

    /// Adds `array` under `name`, with the writer's options.
    ///
    /// An array is anything that implements [`WriteNpz`]: ndarray's arrays and views, of
    /// any layout; slices and `Vec`s, as one dimension; numbers, as none. Names are
    /// arbitrary, `layer/0/weights` for instance; nothing in them has a meaning here.
    ///
    /// # Errors
    ///
    /// * [`ErrorKind::InvalidName`] if the name is taken, contains NUL, ends in `.npy`
    ///   (which NumPy could not tell from the file name of another array), or is too long
    ///   for zip. Nothing is written then, and the writer remains usable.
    /// * [`ErrorKind::InvalidOption`] for a level that deflate does not have; likewise.
    /// * [`ErrorKind::Io`] if writing fails; the writer is unusable from then on. Small
    ///   writes are buffered, so that it may only be found by a later call, or by
    ///   [`finish`](Self::finish).
    /// * [`ErrorKind::Unusable`] if it was already.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::{array, s};
    /// use npz::NpzWriter;
    /// use std::io::Cursor;
    ///
    /// let x = array![[1.0, 2.0], [3.0, 4.0]];
    /// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    /// npz.array("x", &x)?.array("column", &x.slice(s![.., 0]))?.array("rate", &0.5)?;
    /// assert!(npz.array("x", &x).is_err(), "the name is taken");
    /// npz.finish()?;
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn array<T: WriteNpz + ?Sized>(&mut self, name: &str, array: &T) -> Result<&mut Self> {
        self.write(name, self.options, array)
    }

    /// Adds `array` under the next of the names `arr_0`, `arr_1`, …: what
    /// `numpy.savez` does with arrays it is given without a name. Names that are taken in an
    /// archive that is appended to are skipped.
    ///
    /// # Errors
    ///
    /// Those of [`array`](Self::array).
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{NpzReader, NpzWriter};
    /// use std::io::Cursor;
    ///
    /// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    /// npz.push(&[1, 2])?.push(&[0.5])?;
    /// let npz = NpzReader::new(npz.finish()?)?;
    /// assert_eq!(npz.get::<Vec<f64>>("arr_1")?, [0.5]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn push<T: WriteNpz + ?Sized>(&mut self, array: &T) -> Result<&mut Self> {
        let is_free = |number: &usize| {
            let member = format!("arr_{number}{SUFFIX}");
            self.kept.as_ref().is_none_or(|kept| !kept.contains(&member))
        };
        self.pushed = (self.pushed..).find(is_free).unwrap_or(self.pushed);
        let name = format!("arr_{}", self.pushed);
        self.array(&name, array)?;
        self.pushed += 1;
        Ok(self)
    }

    /// Adds each of `arrays` under its name: `np.savez(path, **arrays)`.
    ///
    /// `arrays` gives pairs of a name and a reference, as maps do: what
    /// [`NpzReader::get_all`](crate::NpzReader::get_all) returns, for instance. A `BTreeMap`
    /// gives them in the same order each time, a `HashMap` does not.
    ///
    /// # Errors
    ///
    /// Those of [`array`](Self::array). The arrays before the one that failed have been
    /// added.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{NpzReader, NpzWriter};
    /// use std::collections::BTreeMap;
    /// use std::io::Cursor;
    ///
    /// let columns = BTreeMap::from([("height", vec![1.8, 1.7]), ("weight", vec![71.0, 65.0])]);
    /// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    /// npz.arrays(&columns)?;
    ///
    /// let all = NpzReader::new(npz.finish()?)?.get_all()?;
    /// let mut copy = NpzWriter::new(Cursor::new(Vec::new()));
    /// copy.arrays(&all)?.array("age", &[30, 40])?;
    /// # copy.finish()?;
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn arrays<'a, N: AsRef<str>, T: WriteNpz + ?Sized + 'a>(
        &mut self,
        arrays: impl IntoIterator<Item = (N, &'a T)>,
    ) -> Result<&mut Self> {
        for (name, array) in arrays {
            self.array(name.as_ref(), array)?;
        }
        Ok(self)
    }

    /// Adds a member that is not an array: `README.txt`, say. NumPy gives it back as
    /// `bytes`. It is compressed as arrays are.
    ///
    /// The name is the member's whole name, so it may end in `.npy`: `bytes` that are an
    /// `.npy` file are then the array that is called so without `.npy`.
    ///
    /// # Errors
    ///
    /// Those of [`array`](Self::array).
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{NpzReader, NpzWriter};
    /// use std::io::Cursor;
    ///
    /// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    /// npz.bytes("README.txt", b"Sampled at 10 Hz.")?;
    /// let npz = NpzReader::new(npz.finish()?)?;
    /// assert_eq!(npz.other_members().collect::<Vec<_>>(), ["README.txt"]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn bytes(&mut self, name: &str, bytes: &[u8]) -> Result<&mut Self> {
        let own_name = name.strip_suffix(SUFFIX);
        match own_name {
            Some(own_name) => self.check_name(own_name, own_name)?,
            None => self.check_name(name, &format!("{name}{SUFFIX}"))?,
        }
        let (own_name, compression) = (own_name.unwrap_or(name), self.options.compression);
        self.write_member(own_name, name, compression, b"", bytes.len() as u64, |sink| sink(bytes))
    }

    /// Begins a member that has options of its own.
    ///
    /// # Examples
    ///
    /// See [`Entry`].
    pub fn entry<'a>(&'a mut self, name: &'a str) -> Entry<'a, W, P> {
        let options = self.options;
        Entry { npz: self, name, options }
    }

    /// Completes the archive, and returns what it was written to. A file that
    /// [`create`](Self::create) began has its name now.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`] if writing or renaming fails; [`ErrorKind::Unusable`] if a
    /// write failed before. What was at the path is still there then.
    ///
    /// # Examples
    ///
    /// See [`create`](Self::create) and [`new`](Self::new).
    pub fn finish(self) -> Result<W> {
        let writer = self.archive.finish()?;
        if let Some(mut file) = self.file {
            if let Some(kept) = self.kept {
                kept.add_to(file.as_file())?;
            }
            file.commit(self.sync)?;
        }
        Ok(writer)
    }

    fn write<T: WriteNpz + ?Sized>(
        &mut self,
        name: &str,
        options: Options,
        array: &T,
    ) -> Result<&mut Self> {
        self.check_name(name, name)?;
        let array =
            array.to_npy(options.order, options.endian).map_err(|error| error.in_array(name))?;
        let (header, nbytes) = (array.header.to_bytes(), array.header.nbytes());
        let member = format!("{name}{SUFFIX}");
        let pace = match options.compression {
            Compression::Stored => Pace::Ahead,
            Compression::Deflate(_) => Pace::InTurn,
        };
        self.write_member(name, &member, options.compression, &header, nbytes, |sink| {
            array.body(pace, sink)
        })
    }

    /// Writes the member of the array `name`: `header`, then `nbytes` that `body` passes
    /// to what it is given.
    fn write_member(
        &mut self,
        name: &str,
        member: &str,
        compression: Compression,
        header: &[u8],
        nbytes: u64,
        body: impl FnOnce(&mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()>,
    ) -> Result<&mut Self> {
        let Self { archive, progress, .. } = self;
        let mut report = |bytes_done| progress(Progress { name, bytes_done, bytes_total: nbytes });
        let mut done = 0;
        let write = || {
            archive.start(member, compression, header, header.len() as u64 + nbytes)?;
            body(&mut |bytes| {
                archive.write(bytes, &mut |len| {
                    done += len as u64;
                    if done < nbytes {
                        report(done);
                    }
                })
            })?;
            archive.end()?;
            report(nbytes);
            Ok(())
        };
        write().map_err(|error: Error| error.in_array(name))?;
        self.names.insert(name.to_owned());
        self.kept.as_mut().map(|kept| kept.remove(member));
        Ok(self)
    }

    /// Checks that a member can have this name; `other` is that of a member of another sort
    /// which readers could not tell from it.
    fn check_name(&self, name: &str, other: &str) -> Result<()> {
        let is_other_kept = self.kept.as_ref().is_some_and(|kept| kept.contains(other));
        let problem = if self.names.contains(name) || is_other_kept {
            "the archive has a member of this name already"
        } else if name.contains('\0') {
            "a name cannot contain NUL"
        } else if name.ends_with(SUFFIX) {
            "a name cannot end in `.npy`: that end is added in the archive, \
             and a reader could not tell the two names apart"
        } else if name.len() > MAX_NAME {
            "the name is too long for a zip archive"
        } else {
            return Ok(());
        };
        let error = Error::from(ErrorKind::InvalidName { problem: problem.to_owned() });
        Err(error.in_array(name))
    }
}

impl<W: Write, P> fmt::Debug for NpzWriter<W, P> {
    /// Writes what it is: `NpzWriter "run.npz" with 2 members: x, y`. Of the names the first
    /// five.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.file.as_ref().map(AtomicFile::path);
        let kept = self.kept.iter().flat_map(Kept::names);
        let mut names: Vec<_> = self.names.iter().map(String::as_str).chain(kept).collect();
        names.sort_unstable();
        summary::write(f, "NpzWriter", path, "member", names)
    }
}

/// Saves an array in an `.npz` archive: `numpy.savez`.
///
/// Implemented for whatever implements [`WriteNpy`].
///
/// # Examples
///
/// ```
/// use ndarray::{Array2, array};
/// use npz::{NpzWriter, ReadNpz, WriteNpz};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npz");
/// let x = array![[1.0, 2.0], [3.0, 4.0]];
/// x.save_npz(&path, "x")?;
/// assert_eq!(Array2::<f64>::load_npz(&path, "x")?, x);
///
/// let mut npz = NpzWriter::create(&path)?;
/// x.write_npz(&mut npz, "x")?;
/// x.t().write_npz(&mut npz, "transposed")?;
/// npz.finish()?;
/// # Ok::<(), npz::Error>(())
/// ```
pub trait WriteNpz: WriteNpy {
    /// Writes an archive of this one array to the file `path`, as [`NpzWriter::create`]
    /// does.
    ///
    /// # Errors
    ///
    /// Those of [`NpzWriter::create`], [`NpzWriter::array`] and [`NpzWriter::finish`].
    ///
    /// # Examples
    ///
    /// See [`WriteNpz`].
    fn save_npz<P: AsRef<Path>>(&self, path: P, name: &str) -> Result<()> {
        let mut npz = NpzWriter::create(path)?;
        self.write_npz(&mut npz, name)?;
        npz.finish().map(drop)
    }

    /// Adds the array to an archive: the same as `npz.array(name, self)`.
    ///
    /// # Errors
    ///
    /// Those of [`NpzWriter::array`].
    ///
    /// # Examples
    ///
    /// See [`WriteNpz`].
    fn write_npz<W: Write, P: FnMut(Progress<'_>)>(
        &self,
        npz: &mut NpzWriter<W, P>,
        name: &str,
    ) -> Result<()> {
        npz.array(name, self).map(drop)
    }
}

impl<T: WriteNpy + ?Sized> WriteNpz for T {}
