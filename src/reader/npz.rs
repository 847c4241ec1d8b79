//! [`NpzReader`]: an archive that is read, and what is in it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::ArrayInfo;
use super::contents::{is_array, open_array, open_part};
use crate::deflate::Marks;
use crate::error::{Error, ErrorKind, Result};
use crate::io::{Input, Source};
use crate::limits::Limits;
use crate::npy::{Contents, MAGIC, StoredArray};
use crate::summary;
use crate::zip::{Directory, Member, MemberReader, SUFFIX};

/// Reads arrays from an `.npz` archive by name, each when it is asked for: what
/// `numpy.load` returns.
///
/// Opening an archive reads its directory only. All methods take `&self`, so that threads can
/// share a reader; from files and from memory they read at the same time. An array that is loaded
/// whole is verified against the checksum in the archive. [`get_slice`](Self::get_slice) says what
/// is verified of a part.
///
/// # Examples
///
/// ```
/// use ndarray::{Array2, array};
/// use npz::NpzReader;
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("run.npz");
/// # npz::savez!(&path, weights = array![[1.0, 2.0], [3.0, 4.0]], rate = 0.5)?;
/// let npz = NpzReader::open(&path)?;
/// let weights: Array2<f64> = npz.get("weights")?;
/// let rate: f64 = npz.get("rate")?;
/// println!("{npz}");   // NpzReader "run.npz" with 2 arrays: weights, rate
/// for name in npz.names() {
///     let info = npz.info(name)?;
///     println!("{name}: {} {:?}", info.dtype(), info.shape());
/// }
/// # assert_eq!((weights[[1, 1]], rate), (4.0, 0.5));
/// # assert!(npz.to_string().ends_with("run.npz\" with 2 arrays: weights, rate"));
/// # Ok::<(), npz::Error>(())
/// ```
pub struct NpzReader<R> {
    /// Shared with what reads ahead in the background.
    pub(super) source: Arc<Source<R>>,
    pub(super) directory: Directory,
    pub(super) limits: Limits,
    /// Where slices of compressed arrays can go on.
    pub(super) marks: Arc<Marks>,
    /// Which of the directory's members are arrays, once that has been asked for.
    pub(super) are_arrays: OnceLock<Vec<bool>>,
    /// The file's path, if the archive was opened by it.
    pub(super) path: Option<PathBuf>,
}

impl<R> NpzReader<R> {
    /// Remembers the path of the file.
    pub(crate) fn in_file(self, path: &Path) -> Self {
        Self { path: Some(path.to_owned()), ..self }
    }

    /// Limits what is loaded from now on. The list of members has been read by then;
    /// [`Limits::open`] bounds that, too.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`](crate::ErrorKind::LimitExceeded) if the archive has more
    /// members, or more bytes in all of them, than `limits` allow. An array that is too large is an
    /// error when it is loaded.
    ///
    /// # Examples
    ///
    /// See [`Limits`].
    pub fn with_limits(self, limits: Limits) -> Result<Self> {
        self.directory.check(&limits)?;
        Ok(Self { limits, ..self })
    }

    /// If several members have the same name, reads the last of them, as NumPy does.
    ///
    /// Without this it is an error to ask for such a name, because nobody would notice that
    /// there are others. The rest of the archive can be read either way.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::Array2;
    /// use npz::{ErrorKind, NpzReader};
    ///
    /// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/twice.npz");
    /// // Another program has appended `x` again.
    /// let npz = NpzReader::open(path)?;
    /// let error = npz.get::<Array2<f64>>("x").unwrap_err();
    /// assert!(matches!(error.kind(), ErrorKind::Ambiguous { .. }));
    /// let x: Array2<f64> = npz.allow_duplicates().get("x")?;
    /// # Ok::<(), npz::Error>(())
    /// ```
    #[must_use]
    pub fn allow_duplicates(mut self) -> Self {
        self.directory.allow_repeated();
        self
    }

    /// The names of the arrays, in the order of the archive, without the `.npy` at the end of
    /// their members' names: `npz.files`. [`other_members`](Self::other_members) gives the names of
    /// everything else.
    ///
    /// To NumPy a member is an array if it begins as an `.npy` file does, whatever its name. It would
    /// take long to read the beginning of every member, so a member whose name ends in `.npy` is
    /// listed without that, unless it is too short for an array. Members without `.npy`, and those
    /// whose file names begin with `._` (macOS adds such files to archives), are looked into when
    /// names are first asked for. If a listed member turns out not to be an array,
    /// [`get`](Self::get) fails with [`ErrorKind::NotAnArray`](crate::ErrorKind::NotAnArray),
    /// [`get_all`](Self::get_all) leaves it out, and [`bytes`](Self::bytes) reads it.
    ///
    /// # Examples
    ///
    /// See [`NpzReader`].
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.arrays().map(Member::own_name)
    }

    /// The whole names of all members, arrays or not, in the order of the archive. Those of arrays
    /// end in `.npy`. Every method that takes the name of an array takes these names, too.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// npz.bytes("README.txt", b"Sampled at 10 Hz.")?;
    /// npz.array("x", &[1])?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// assert_eq!(npz.members().collect::<Vec<_>>(), ["README.txt", "x.npy"]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn members(&self) -> impl Iterator<Item = &str> {
        self.directory.members().iter().map(|member| member.name.as_str())
    }

    /// The names of the members that are not arrays. Folders are among them.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("x", &[1])?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// for name in npz.other_members() {
    ///     println!("not an array: {name}");
    /// }
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn other_members(&self) -> impl Iterator<Item = &str> {
        let members = self.members().zip(self.are_arrays());
        members.filter(|(_, is_array)| !**is_array).map(|(name, _)| name)
    }

    pub(super) fn arrays(&self) -> impl Iterator<Item = &Member> {
        let members = self.directory.members().iter().zip(self.are_arrays());
        members.filter(|(_, is_array)| **is_array).map(|(member, _)| member)
    }

    fn are_arrays(&self) -> &[bool] {
        self.are_arrays.get_or_init(|| {
            let input = self.source.input();
            self.directory.members().iter().map(|member| is_listed(input, member)).collect()
        })
    }

    /// The number of arrays: `len(npz)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("x", &[1])?.array("y", &2)?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// assert_eq!((npz.len(), npz.is_empty()), (2, false));
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn len(&self) -> usize {
        self.names().count()
    }

    /// Whether there are no arrays.
    pub fn is_empty(&self) -> bool {
        self.names().next().is_none()
    }

    /// Whether there is a member called `name`, be it an array or not: `name in npz`.
    ///
    /// As in NumPy, the array `x` can also be called by the whole name of its member, `x.npy`.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("x", &[1])?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// assert!(npz.contains("x") && !npz.contains("y"));
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn contains(&self, name: &str) -> bool {
        self.directory.contains(name)
    }

    /// Reads the header of the array `name`, which says its dtype, shape and order. The elements
    /// are not read.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such array;
    /// the errors of [`get`](Self::get) if its header cannot be read.
    ///
    /// # Examples
    ///
    /// See [`ArrayInfo`].
    pub fn info(&self, name: &str) -> Result<ArrayInfo> {
        self.in_member(name, |member| self.info_of(member))
    }

    /// The names of the arrays, each with what the array is, in the order of the archive.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("x", &[1, 2])?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// for (name, info) in npz.iter() {
    ///     let info = info?;
    ///     println!("{name}: {} {:?}", info.dtype(), info.shape());
    /// #   assert_eq!((name, info.shape()), ("x", &[2][..]));
    /// }
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&str, Result<ArrayInfo>)> {
        self.arrays().map(|member| {
            let name = member.own_name();
            let info = self.directory.check_own_name(member).and_then(|()| self.info_of(member));
            (name, info.map_err(|error| error.in_array(name).in_path(self.path())))
        })
    }

    fn info_of(&self, member: &Member) -> Result<ArrayInfo> {
        let (header, preamble, contents) = self.stored(member)?.header()?;
        let offset = contents.in_place().ok().map(|bytes| bytes.start);
        let compressed_size = member.compressed_size;
        Ok(ArrayInfo { header, version: preamble.version, offset, compressed_size })
    }

    /// The bytes, or the source, that the archive is read from. It is `None` for a reader that was
    /// given to [`new`](Self::new), because threads take turns with it.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("x", &[1, 2])?;
    /// # let upload = npz.finish()?.into_inner();
    /// let npz = npz::NpzReader::from_bytes(upload)?;
    /// assert!(npz.get_ref().unwrap().starts_with(b"PK"));
    /// let upload: Vec<u8> = npz.into_inner();
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn get_ref(&self) -> Option<&R> {
        self.source.get_ref()
    }

    /// Gives back what the archive was read from.
    ///
    /// # Examples
    ///
    /// See [`get_ref`](Self::get_ref).
    pub fn into_inner(self) -> R {
        Source::into_inner(self.source)
    }

    /// Does something with the member that is the array `name`.
    pub(super) fn in_member<'a, T>(
        &'a self,
        name: &str,
        act: impl FnOnce(&'a Member) -> Result<T>,
    ) -> Result<T> {
        let found = self.directory.find_array(name).and_then(|member| self.found(name, member));
        found.and_then(act).map_err(|error| error.in_array(name).in_path(self.path()))
    }

    /// Does something with the array `name`.
    pub(super) fn in_array<'a, T>(
        &'a self,
        name: &str,
        act: impl FnOnce(StoredArray<'a, MemberReader<'a>>) -> Result<T>,
    ) -> Result<T> {
        self.in_member(name, |member| self.stored(member).and_then(act))
    }

    /// Does something with a part of the array `name`.
    pub(super) fn in_part<'a, T>(
        &'a self,
        name: &str,
        act: impl FnOnce(StoredArray<'a, MemberReader<'a>>) -> Result<T>,
    ) -> Result<T> {
        self.in_member(name, |member| act(self.stored_in(open_part(self.source.input(), member)?)))
    }

    pub(super) fn stored(&self, member: &Member) -> Result<StoredArray<'_, MemberReader<'_>>> {
        Ok(self.stored_in(open_array(self.source.input(), member)?))
    }

    fn stored_in<'a>(&'a self, contents: MemberReader<'a>) -> StoredArray<'a, MemberReader<'a>> {
        StoredArray::new(contents.with_marks(&self.marks), &self.limits)
    }

    pub(super) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    pub(super) fn found<'a>(&self, name: &str, member: Option<&'a Member>) -> Result<&'a Member> {
        member.ok_or_else(|| Error::not_found(name, self.names()))
    }
}

impl<R> fmt::Display for NpzReader<R> {
    /// Writes a line like NumPy's `repr(npz)`: `NpzReader "run.npz" with 2 arrays: x, y`. At
    /// most five names are written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        summary::write(f, "NpzReader", self.path.as_deref(), "array", self.names())
    }
}

impl<R> fmt::Debug for NpzReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Whether `names` lists a member: it is an array, as far as its name tells, or else by how it
/// begins. One that is damaged may have been an array, which whoever loads it is told.
fn is_listed(input: Input<'_>, member: &Member) -> bool {
    let file = member.name.rsplit('/').next().unwrap_or_default();
    let has_suffix = file.ends_with(SUFFIX);
    let is_clear = has_suffix && !file.starts_with("._");
    let begins_as_one = || match is_array(input, member) {
        Err(error) => has_suffix || matches!(error.kind(), ErrorKind::Archive { .. }),
        Ok(is_array) => is_array,
    };
    member.size >= MAGIC.len() as u64 && (is_clear || begins_as_one())
}
