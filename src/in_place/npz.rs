//! [`NpzMut`]: arrays changed where they are in an archive.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use ndarray::{ArrayViewMut, Dimension};

use super::part;
use crate::element::ViewElement;
use crate::error::{Error, Result};
use crate::io::Source;
use crate::limits::Limits;
use crate::npy;
use crate::reader::NpzReader;
use crate::summary;
use crate::zip::{Directory, Member, MemberReader, checksums};

/// An archive in memory whose arrays are changed where they are. `B` is whatever lends its bytes: `&mut [u8]`,
/// `Vec<u8>`, or a file that is mapped, by `NpzMapMut` (feature `mmap`).
///
/// Stored arrays keep their dtype, shape and place; their elements are changed through
/// [`view_mut`](Self::view_mut). The checksums in the archive are brought up to date by
/// [`update`](Self::update), and when this is dropped, unless that is because of a panic: what has been
/// changed by half nobody vouches for. Between the first change and that moment the archive calls itself
/// damaged, and [`NpzReader::get`] refuses what has been changed.
///
/// # Examples
///
/// ```
/// use ndarray::Ix1;
/// use npz::{NpzMut, NpzReader, NpzWriter};
/// use std::io::Cursor;
///
/// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
/// npz.array("counts", &[0_i64, 0, 0])?;
/// let mut bytes = npz.finish()?.into_inner();
///
/// let mut npz = NpzMut::from_bytes(&mut bytes)?;
/// npz.view_mut::<i64, Ix1>("counts")?[1] += 5;
/// npz.update()?;
/// drop(npz);
///
/// assert_eq!(NpzReader::from_bytes(&bytes)?.get::<Vec<i64>>("counts")?, [0, 5, 0]);
/// # Ok::<(), npz::Error>(())
/// ```
pub struct NpzMut<B: AsRef<[u8]> + AsMut<[u8]>> {
    bytes: B,
    directory: Directory,
    /// The names of the members that may have been changed since the checksums were.
    changed: BTreeSet<String>,
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> NpzMut<B> {
    /// Opens an archive in memory to be changed.
    ///
    /// # Errors
    ///
    /// Those of [`NpzReader::from_bytes`].
    ///
    /// # Examples
    ///
    /// See [`NpzMut`].
    pub fn from_bytes(bytes: B) -> Result<Self> {
        let directory = Directory::read(&mut Source::bytes(bytes.as_ref()), &Limits::DEFAULT)?;
        Ok(Self { bytes, directory, changed: BTreeSet::new() })
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
    /// See [`NpzMut`].
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
        checksums::places(self.bytes.as_ref(), member, range.end as u64).map_err(in_array)?;
        let array = part(self.bytes.as_mut(), range).map_err(in_array)?;
        let view = npy::view_mut(array).map_err(in_array)?;
        self.changed.insert(member.name.clone());
        Ok(view)
    }

    /// The archive as it is now, to be read. Arrays that have been changed since the last
    /// [`update`](Self::update) can be viewed, but not loaded, which would verify them.
    ///
    /// # Errors
    ///
    /// Those of [`NpzReader::from_bytes`].
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("x", &[1, 2])?;
    /// # let mut bytes = npz.finish()?.into_inner();
    /// let npz = npz::NpzMut::from_bytes(&mut bytes)?;
    /// assert_eq!(npz.reader()?.get::<Vec<i32>>("x")?, [1, 2]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn reader(&self) -> Result<NpzReader<&[u8]>> {
        NpzReader::from_bytes(self.bytes.as_ref())
    }

    /// Brings the checksums of the arrays up to date that have been changed. It vouches for all of
    /// their elements, as they are.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Archive`](crate::ErrorKind::Archive) if the bytes are no longer those that were opened.
    ///
    /// # Examples
    ///
    /// See [`NpzMut`].
    pub fn update(&mut self) -> Result<()> {
        // All of them are found before the first is changed, and the directory with it.
        let mut checksums = Vec::new();
        let members = self.directory.members().iter();
        for member in members.filter(|member| self.changed.contains(&member.name)) {
            let range = self.range(member)?;
            let places = checksums::places(self.bytes.as_ref(), member, range.end as u64)?;
            checksums.push((places, crc32fast::hash(part(self.bytes.as_mut(), range)?)));
        }
        for (places, crc32) in checksums {
            for place in places {
                part(self.bytes.as_mut(), place)?.copy_from_slice(&crc32.to_le_bytes());
            }
        }
        if !self.changed.is_empty() {
            let mut source = Source::bytes(self.bytes.as_ref());
            self.directory = Directory::read(&mut source, &Limits::DEFAULT)?;
            self.changed.clear();
        }
        Ok(())
    }

    /// What lends the bytes.
    #[cfg(feature = "mmap")]
    pub(crate) fn bytes_mut(&mut self) -> &mut B {
        &mut self.bytes
    }

    /// Where the bytes of `member` are, header and all.
    fn range(&self, member: &Member) -> Result<Range<usize>> {
        let source = Source::bytes(self.bytes.as_ref());
        let reader = MemberReader::open(source.input(), member)?;
        let range = reader.stored_range().ok_or_else(|| Error::no_view("it is compressed"))?;
        Ok(range.start as usize..range.end as usize)
    }
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> Drop for NpzMut<B> {
    /// Brings the checksums up to date, unless there is a panic. The system writes those of a file that is
    /// mapped, and all other changes, when it sees fit.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // Whoever wants to know of an error calls `update` or `flush`.
            let _ = self.update();
        }
    }
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> fmt::Debug for NpzMut<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.directory.members().iter().map(|member| member.own_name());
        summary::write(f, "NpzMut", None, "member", names)
    }
}
