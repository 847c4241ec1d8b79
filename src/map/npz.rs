//! [`NpzMapMut`]: arrays changed where they are in the file.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use memmap2::MmapMut;
use ndarray::{ArrayViewMut, Dimension};

use super::map_mut;
use crate::element::ViewElement;
use crate::error::{Error, Result};
use crate::io::{Identity, Source};
use crate::limits::Limits;
use crate::npy;
use crate::reader::NpzReader;
use crate::summary;
use crate::zip::{Directory, Member, MemberReader, checksums};

/// An archive whose arrays are changed in the file itself: `mmap_mode="r+"`. Needs the
/// feature `mmap`.
///
/// Stored arrays keep their dtype, shape and place; their elements are changed through
/// [`view_mut`](Self::view_mut). The checksums in the archive are brought up to date by
/// [`flush`](Self::flush), and when this is dropped. Between the first change and that
/// moment the archive calls itself damaged: should the process be killed then, the elements
/// are what they are, and [`NpzReader::get`] refuses them. A save that is whole or not there
/// is [`NpzWriter`](crate::NpzWriter)'s work.
///
/// # Examples
///
/// ```
/// use ndarray::{Array1, Ix1};
/// use npz::{NpzMapMut, NpzReader, savez};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("run.npz");
/// savez!(&path, counts = [0_i64, 0, 0])?;
///
/// // SAFETY: nobody else reads or writes the file while it is mapped.
/// let mut npz = unsafe { NpzMapMut::open(&path)? };
/// npz.view_mut::<i64, Ix1>("counts")?[1] += 5;
/// npz.flush()?;
///
/// let counts: Array1<i64> = NpzReader::open(&path)?.get("counts")?;
/// assert_eq!(counts.to_vec(), [0, 5, 0]);
/// # Ok::<(), npz::Error>(())
/// ```
pub struct NpzMapMut {
    map: MmapMut,
    identity: Identity,
    path: PathBuf,
    directory: Directory,
    /// The names of the members that may have been changed since the checksums were.
    changed: BTreeSet<String>,
}

impl NpzMapMut {
    /// Opens the archive in the file `path` to be changed, and maps it into memory.
    ///
    /// # Errors
    ///
    /// Those of [`NpzReader::open`]; also if the file is read-only.
    ///
    /// # Safety
    ///
    /// That of [`NpzReader::map`]: nobody else may change or truncate the file, nor read it
    /// through a map of their own, while it is mapped.
    ///
    /// # Examples
    ///
    /// See [`NpzMapMut`].
    #[allow(unsafe_code)]
    pub unsafe fn open<P: AsRef<Path>>(path: P) -> Result<Self> {
        let path = path.as_ref();
        // SAFETY: the caller sees to it that nobody else has to do with the file.
        let (map, identity) = unsafe { map_mut(path) }?;
        let directory = Directory::read(&mut Source::bytes(&map[..]), &Limits::DEFAULT);
        let directory = directory.map_err(|error| error.in_file(path))?;
        Ok(Self { map, identity, path: path.to_owned(), directory, changed: BTreeSet::new() })
    }

    /// The array `name`, to be changed where it is. `A` and `D` are as for
    /// [`NpzReader::view`].
    ///
    /// # Errors
    ///
    /// Those of [`NpzReader::view`].
    ///
    /// # Examples
    ///
    /// See [`NpzMapMut`].
    #[expect(clippy::indexing_slicing, reason = "the range has been held against the map")]
    pub fn view_mut<A, D>(&mut self, name: &str) -> Result<ArrayViewMut<'_, A, D>>
    where
        A: ViewElement,
        D: Dimension,
    {
        let in_array = |error: Error| error.in_array(name);
        let Some(member) = self.directory.find_array(name).map_err(in_array)? else {
            let names = self.directory.members().iter().map(|member| member.own_name());
            return Err(Error::not_found(name, names));
        };
        let range = self.range(member).map_err(in_array)?;
        // If they are not where they should be, better now than after the change.
        checksums::places(&self.map, member, range.end as u64).map_err(in_array)?;
        let view = npy::view_mut(&mut self.map[range]).map_err(in_array)?;
        self.changed.insert(member.name.clone());
        Ok(view)
    }

    /// The archive as it is now, to be read. Arrays that have been changed since the last
    /// [`flush`](Self::flush) can be viewed, but not loaded, which would verify them.
    ///
    /// # Errors
    ///
    /// Those of [`NpzReader::from_bytes`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use npz::{NpzMapMut, savez};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("run.npz");
    /// # savez!(&path, x = [1, 2])?;
    /// let npz = unsafe { NpzMapMut::open(&path)? };
    /// for name in npz.reader()?.names() {
    ///     println!("{name}");
    /// }
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn reader(&self) -> Result<NpzReader<&[u8]>> {
        NpzReader::from_bytes(&self.map[..])
    }

    /// Brings the checksums of the arrays up to date that have been changed, and waits until
    /// all changes are on the disk. It vouches for all of their elements, as they are.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if the system cannot write;
    /// [`ErrorKind::Changed`](crate::ErrorKind::Changed) if the file has been replaced or removed
    /// since it was opened, so that nobody will see the changes.
    ///
    /// # Examples
    ///
    /// See [`NpzMapMut`].
    pub fn flush(&mut self) -> Result<()> {
        self.update_checksums()?;
        self.map
            .flush()
            .map_err(|error| Error::file("write what was changed in", &self.path, error))?;
        self.identity.check_is_there(&self.path)
    }

    #[expect(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        reason = "the ranges have been held against the map, and the places have been read"
    )]
    fn update_checksums(&mut self) -> Result<()> {
        let changed = std::mem::take(&mut self.changed);
        // All of them are found before the first is changed, and the directory with it.
        let mut checksums = Vec::new();
        let members = self.directory.members().iter();
        for member in members.filter(|member| changed.contains(&member.name)) {
            let range = self.range(member)?;
            let end = range.end as u64;
            let places = checksums::places(&self.map, member, end)?;
            checksums.push((places, crc32fast::hash(&self.map[range])));
        }
        for (places, crc32) in checksums {
            for at in places {
                self.map[at..at + 4].copy_from_slice(&crc32.to_le_bytes());
            }
        }
        if !changed.is_empty() {
            self.directory = Directory::read(&mut Source::bytes(&self.map[..]), &Limits::DEFAULT)?;
        }
        Ok(())
    }

    /// Where the bytes of `member` are, header and all.
    fn range(&self, member: &Member) -> Result<Range<usize>> {
        let source = Source::bytes(&self.map[..]);
        let reader = MemberReader::open(source.input(), member)?;
        let range = reader.stored_range().ok_or_else(|| Error::no_view("it is compressed"))?;
        Ok(range.start as usize..range.end as usize)
    }
}

impl Drop for NpzMapMut {
    /// Brings the checksums up to date. The system writes them, and all other changes, when
    /// it sees fit.
    fn drop(&mut self) {
        // Whoever wants to know of an error calls `flush`.
        let _ = self.update_checksums();
    }
}

impl fmt::Debug for NpzMapMut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.directory.members().iter().map(|member| member.own_name());
        summary::write(f, "NpzMapMut", None, "member", names)
    }
}
