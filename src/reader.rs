//! [`NpzReader`] and [`ReadNpz`]: arrays out of an archive, by name.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ndarray::{ArrayRef, Dimension, SliceInfoElem};

use crate::any::AnyArray;
use crate::dtype::DType;
use crate::element::{Body, Element};
use crate::error::{Error, ErrorKind, Result};
use crate::ext::{CastNpz, ReadNpy};
use crate::io::{Bytes, ReadAt, Source};
use crate::limits::Limits;
use crate::npy::{self, Header, Order, Slice};
use crate::parallel;
use crate::summary;
use crate::zip::{Directory, Member, MemberReader, PartReader, SUFFIX};

/// Reads arrays from an `.npz` archive by name, each when it is asked for: what
/// `numpy.load` returns.
///
/// Opening reads the archive's directory only. All methods take `&self`, so that threads
/// can share a reader: over files and bytes they read at the same time. An array that is
/// loaded whole has been checked against the checksum in the archive, or is an error; what
/// is checked of a part is said at [`get_slice`](Self::get_slice).
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
    pub(crate) source: Source<R>,
    directory: Directory,
    pub(crate) limits: Limits,
    /// Which of the directory's members `names` has, once that has been asked for.
    are_arrays: OnceLock<Vec<bool>>,
    /// Of the file, if it has been opened by that.
    path: Option<PathBuf>,
}

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
        let path = path.as_ref();
        let failed = |error| Error::file("open", path, error);
        let source = File::open(path).and_then(Source::positional).map_err(failed)?;
        Self::over(source).map_err(|error| error.in_file(path)).map(|npz| npz.in_file(path))
    }
}

impl<R> NpzReader<R> {
    /// Reads the archive in `reader`, wherever it stands.
    ///
    /// A reader with a cursor serves one caller at a time. Where there is a choice,
    /// [`open`](NpzReader::open), [`from_bytes`](Self::from_bytes) and
    /// [`from_read_at`](Self::from_read_at) serve many.
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
        Self::over(Source::seekable(reader).map_err(|error| Error::io("seek", error))?)
    }

    /// Reads the archive that `bytes` are.
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
        Self::over(Source::bytes(bytes))
    }

    /// Reads the archive in something that is read by position.
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
        Self::over(Source::positional(source).map_err(|error| Error::io("find the size", error))?)
    }

    fn over(source: Source<R>) -> Result<Self> {
        let directory = Directory::read(&source)?;
        let (limits, are_arrays) = (Limits::DEFAULT, OnceLock::new());
        Ok(Self { source, directory, limits, are_arrays, path: None })
    }

    /// Says which file it is.
    pub(crate) fn in_file(self, path: &Path) -> Self {
        Self { path: Some(path.to_owned()), ..self }
    }

    /// Reads no more than `limits` allow, from now on.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`](crate::ErrorKind::LimitExceeded) if there are more members
    /// than that, or larger ones together. What single arrays exceed is found when they are
    /// read.
    ///
    /// # Examples
    ///
    /// See [`Limits`].
    pub fn with_limits(self, limits: Limits) -> Result<Self> {
        let members = self.directory.members();
        limits.check_members(members.len())?;
        let sizes = members.iter().map(|member| member.size);
        limits.check_total(sizes.fold(0, u64::saturating_add))?;
        Ok(Self { limits, ..self })
    }

    /// Reads the last of several members that have the same name, as NumPy does.
    ///
    /// Without this, to ask for such a name is an error, because nobody would notice that
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

    /// The names of the arrays, in the order of the archive, without the `.npy` of their
    /// members. Everything else in the archive is among
    /// [`other_members`](Self::other_members).
    ///
    /// NumPy takes a member for an array if it begins as an `.npy` file does, whatever its
    /// name is. Since it would take long to read the beginning of every member, names are
    /// trusted where they leave little doubt: a member that ends in `.npy` is listed, unless
    /// it is too short for an array. Only members without `.npy`, and those whose file names
    /// begin with `._` (macOS adds such files to archives), are looked into, when names are
    /// first asked for. A listed member that is not an array after all is an error for
    /// [`get`](Self::get), [`ErrorKind::NotAnArray`]; [`get_all`](Self::get_all) leaves it
    /// out; [`bytes`](Self::bytes) reads it.
    ///
    /// # Examples
    ///
    /// See [`NpzReader`].
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.arrays().map(Member::own_name)
    }

    /// The names of all members, arrays or not, in the order of the archive. Those of arrays
    /// end in `.npy` here. Every method that takes the name of an array takes these too.
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

    /// The names of the members that are not arrays, folders included.
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

    fn arrays(&self) -> impl Iterator<Item = &Member> {
        let members = self.directory.members().iter().zip(self.are_arrays());
        members.filter(|(_, is_array)| **is_array).map(|(member, _)| member)
    }

    fn are_arrays(&self) -> &[bool] {
        self.are_arrays.get_or_init(|| {
            let bytes = self.source.as_bytes();
            self.directory.members().iter().map(|member| is_listed(bytes, member)).collect()
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

    /// Whether there is a member called `name`, an array or not: `name in npz`.
    ///
    /// As in NumPy, an array answers to the name of its member too, `x.npy` for `x`.
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

    /// What the array `name` is, from its header alone; its body is not read.
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
        self.in_member(name, |member| {
            let mut reader = open_array(self.source.as_bytes(), member)?;
            let (header, _) = Header::read(&mut reader, &self.limits)?;
            let (is_compressed, compressed_size) = (!member.is_stored(), member.compressed_size);
            Ok(ArrayInfo { header, is_compressed, compressed_size })
        })
    }

    /// Loads the array `name`: `npz[name]`.
    ///
    /// `T` is one of ndarray's owning arrays; a number, for 0 dimensions; a `Vec`, for
    /// one. Its element type must be the array's exactly, in either byte order. An array
    /// in Fortran order is loaded in Fortran layout.
    ///
    /// # Errors
    ///
    /// * [`ErrorKind::NotFound`](crate::ErrorKind::NotFound): there is no such array.
    /// * [`ErrorKind::Ambiguous`](crate::ErrorKind::Ambiguous): several members answer to the
    ///   name.
    /// * [`ErrorKind::NotAnArray`](crate::ErrorKind::NotAnArray): the member is something else;
    ///   [`bytes`](Self::bytes) reads it.
    /// * [`ErrorKind::WrongDtype`](crate::ErrorKind::WrongDtype),
    ///   [`ErrorKind::WrongNdim`](crate::ErrorKind::WrongNdim): it is not a `T`.
    /// * [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue): a `bool` that is
    ///   neither 0 nor 1.
    /// * [`ErrorKind::Checksum`](crate::ErrorKind::Checksum),
    ///   [`ErrorKind::Archive`](crate::ErrorKind::Archive),
    ///   [`ErrorKind::Npy`](crate::ErrorKind::Npy): it is damaged.
    /// * [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported): Python objects; encryption;
    ///   a compression other than deflate, or bzip2 and LZMA without their features.
    /// * [`ErrorKind::LimitExceeded`](crate::ErrorKind::LimitExceeded): it would take more
    ///   memory than [`with_limits`](Self::with_limits) allows.
    /// * [`ErrorKind::Io`](crate::ErrorKind::Io): reading failed.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::{Array2, ArrayD, array};
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("x", &array![[1.0, 2.0]])?.array("n", &7_i64)?.array("t", &[0.5_f32])?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// let x: Array2<f64> = npz.get("x")?;
    /// let x = npz.get::<ArrayD<f64>>("x")?;   // any number of dimensions
    /// let n: i64 = npz.get("n")?;
    /// let t: Vec<f32> = npz.get("t")?;
    /// # assert_eq!((x.shape(), n, t), (&[1, 2][..], 7, vec![0.5]));
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn get<T: ReadNpz>(&self, name: &str) -> Result<T> {
        self.in_member(name, |member| {
            read(self.source.as_bytes(), member, &self.limits, T::from_npy)
        })
    }

    /// Loads the array `name` of numbers as numbers of another type, each checked:
    /// `npz[name].astype(…)`, except that values which do not fit are errors.
    ///
    /// `T` is an array, a number or a `Vec`, as for [`get`](Self::get). Any of `bool`,
    /// integers, floats, halves and complex numbers is cast to any other, and to `usize` and
    /// `isize`:
    ///
    /// * to integers and `bool`: the same number, or an error (300 → `u8`, -1 → `u32`,
    ///   1.5 or NaN → `i64`, 2 → `bool`);
    /// * integers to floats: the same number, or an error (2⁵³ + 1 → `f64`);
    /// * floats to smaller floats: rounded to the nearest, as in NumPy; an error if that
    ///   would be infinite;
    /// * complex to real: an error if there is an imaginary part.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get);
    /// [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) names the first element
    /// that does not fit; [`ErrorKind::WrongDtype`](crate::ErrorKind::WrongDtype) if there
    /// are no numbers in the array.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::Array1;
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("weights", &[0.5_f64, 0.1])?.array("counts", &[1_i64, 300])?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// let weights: Array1<f32> = npz.get_cast("weights")?;        // float64 in the file
    /// let counts: Vec<f64> = npz.get_cast("counts")?;             // int64 in the file
    /// let error = npz.get_cast::<Vec<u8>>("counts").unwrap_err();
    /// assert_eq!(error.to_string(), "array `counts`: element 1: 300 is not a value of dtype |u1");
    /// # assert_eq!((weights[1], counts), (0.1_f32, vec![1.0, 300.0]));
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn get_cast<T: CastNpz>(&self, name: &str) -> Result<T> {
        self.in_member(name, |member| {
            read(self.source.as_bytes(), member, &self.limits, T::cast_npy)
        })
    }

    /// Loads part of the array `name`: `npz[name][10:20]`, which reads no more than it needs.
    ///
    /// `slice` is what [`s!`](ndarray::s!) makes, or any `SliceInfo` of ndarray: ranges,
    /// steps of either sign, single indices and new axes, one for each axis of the array.
    /// `T` is as for [`get`](Self::get), for the shape of the slice.
    ///
    /// Of an array that is stored, the bytes of the slice are read, those near each other in
    /// one go. Of one that this crate has compressed, the blocks are read that these bytes
    /// are in, of 1 MiB each; of one that another program has, all that precedes the last of
    /// them. Beyond the result and a MiB or two for each thread, that takes no memory; with
    /// negative steps as much as the result again.
    ///
    /// # What is checked
    ///
    /// The archive has one checksum for all of an array's bytes, which a part cannot be held
    /// against. So what is read of a stored array, or of one that another program has
    /// compressed, is *not* verified; the blocks that this crate has compressed, and the
    /// headers before them, have checksums of their own, and are. A slice that takes all of
    /// an array, in any order, is loaded and verified as by [`get`](Self::get).
    ///
    /// # Errors
    ///
    /// Unlike Python, a range that reaches outside the array is not cut short:
    /// [`ErrorKind::InvalidSlice`](crate::ErrorKind::InvalidSlice) where ndarray's `slice`
    /// would panic: it reaches outside the array, or has another number of axes; and those
    /// errors of [`get`](Self::get) that can be found.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::{Array1, Array2, s};
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("x", &Array2::from_shape_fn((1000, 50), |(i, j)| (100 * i + j) as f64))?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// let rows: Array2<f64> = npz.get_slice("x", s![10..20, ..])?;
    /// let column: Array1<f64> = npz.get_slice("x", s![..;-1, 3])?;
    /// let last: f64 = npz.get_slice("x", s![-1, -1])?;
    /// # assert_eq!((rows.dim(), rows[[9, 1]]), ((10, 50), 1901.0));
    /// # assert_eq!((column.len(), column[0], last), (1000, 99903.0, 99949.0));
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn get_slice<T, I>(&self, name: &str, slice: I) -> Result<T>
    where
        T: ReadNpz,
        I: AsRef<[SliceInfoElem]>,
    {
        self.in_member(name, |member| {
            let mut reader = open_array(self.source.as_bytes(), member)?;
            let (header, _) = npy::open(&mut reader, Some(member.size), &self.limits)?;
            let slice = Slice::new(&header, slice.as_ref())?;
            if slice.is_whole() {
                let array = slice.read(&mut reader, &self.limits, T::from_npy)?;
                reader.finish()?;
                return Ok(array);
            }
            let mut part = PartReader::new(reader, slice.runs().clone())?;
            slice.read(&mut part, &self.limits, T::from_npy)
        })
    }

    /// Loads the array `name` into memory that is there already: `out[...] = npz[name]`.
    ///
    /// `out` is an array or a view of the array's shape and element type, with any strides.
    /// If its elements lie in the order of the file they are read straight to their places;
    /// else they take a detour of 256 KiB. No array is allocated.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get), and
    /// [`ErrorKind::WrongShape`](crate::ErrorKind::WrongShape). After an error `out` holds
    /// some of the array's elements, which may be damaged, and some of its own.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::{Array2, Array3, Axis, array};
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("step 0", &array![[1.0, 2.0]])?.array("step 1", &array![[3.0, 4.0]])?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// let mut buffer = Array2::<f64>::zeros((1, 2));
    /// npz.read_into("step 0", &mut buffer)?;
    ///
    /// let mut steps = Array3::<f64>::zeros((2, 1, 2));
    /// for (index, mut step) in steps.axis_iter_mut(Axis(0)).enumerate() {
    ///     npz.read_into(&format!("step {index}"), &mut step)?;
    /// }
    /// # assert_eq!(buffer, array![[1.0, 2.0]]);
    /// # assert_eq!(steps, array![[[1.0, 2.0]], [[3.0, 4.0]]]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn read_into<A, D>(&self, name: &str, out: &mut ArrayRef<A, D>) -> Result<()>
    where
        A: Element,
        D: Dimension,
    {
        let make = |header, body: Body<'_>| npy::decode_into(header, body, out.view_mut());
        self.in_member(name, |member| read(self.source.as_bytes(), member, &self.limits, make))
    }

    /// Loads every array, several at a time: `dict(npz)`, but in the order of the names, and
    /// without the members that are not arrays.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get), for the first array that cannot be loaded: Python
    /// objects for instance. [`get_each`](Self::get_each) loads the others.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("x", &[0.5])?.array("title", "run 7")?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// let all = npz.get_all()?;
    /// assert_eq!(all["x"].as_array::<f64>()?[0], 0.5);
    /// assert_eq!(all["title"].to_string(), "array('run 7', dtype='<U5')");
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn get_all(&self) -> Result<BTreeMap<String, AnyArray>> {
        self.load_arrays().map(|(name, array)| Ok((name, array?))).collect()
    }

    /// Loads every array that can be loaded, several at a time, and tells of the others why
    /// they cannot be: [`get_all`](Self::get_all) with a result for each array.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("x", &[0.5])?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// for (name, array) in npz.get_each() {
    ///     match array {
    ///         Ok(array) => println!("{name} = {array}"),
    ///         Err(error) => eprintln!("{error}"),
    ///     }
    /// }
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn get_each(&self) -> BTreeMap<String, Result<AnyArray>> {
        self.load_arrays().collect()
    }

    /// Loads all that turn out to be arrays, in the order of the archive.
    fn load_arrays(&self) -> impl Iterator<Item = (String, Result<AnyArray>)> {
        let (limits, directory) = (self.limits, &self.directory);
        let load = |bytes: Bytes<'_>, member: &Member| {
            directory.check_own_name(member)?;
            read(bytes, member, &limits, AnyArray::from_npy)
        };
        let arrays =
            self.each(self.arrays().collect(), |bytes, member| match load(bytes, member) {
                Err(error) if matches!(error.kind(), ErrorKind::NotAnArray { .. }) => None,
                array => Some(array.map_err(|error| error.in_array(member.own_name()))),
            });
        let names = self.arrays().map(|member| member.own_name().to_owned());
        names.zip(arrays).filter_map(|(name, array)| Some((name, array?)))
    }

    /// The bytes of a member of any sort, decompressed: what `npz[name]` gives for one
    /// that is not an array. An array's begin with its header. Of two members that answer to
    /// the name, it is the one of exactly this name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such member;
    /// those errors of [`get`](Self::get) that concern the archive.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.bytes("README.txt", b"Sampled at 10 Hz.")?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// assert_eq!(npz.bytes("README.txt")?, b"Sampled at 10 Hz.");
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn bytes(&self, name: &str) -> Result<Vec<u8>> {
        let read = |member: &Member| {
            self.limits.check_array(member.size)?;
            let mut reader = MemberReader::open(self.source.as_bytes(), member)?;
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes).map_err(Error::read)?;
            reader.finish()?;
            Ok(bytes)
        };
        let found = self.directory.find(name).and_then(|member| self.found(name, member));
        found.and_then(read).map_err(|error| error.in_array(name))
    }

    /// Reads the whole archive, and checks it: the header of every member that begins as an
    /// array does, and the CRC of every member.
    ///
    /// # Errors
    ///
    /// The first problem found, as [`get`](Self::get) would report it.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("x", &[1.0_f64; 100])?;
    /// let mut bytes = npz.finish()?.into_inner();
    /// npz::NpzReader::from_bytes(&bytes)?.verify()?;
    ///
    /// bytes[300] ^= 1;
    /// let error = npz::NpzReader::from_bytes(&bytes)?.verify().unwrap_err();
    /// assert_eq!(error.array(), Some("x"));
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn verify(&self) -> Result<()> {
        let (limits, directory) = (self.limits, &self.directory);
        let verify = |bytes: Bytes<'_>, member: &Member| {
            directory.check_repeated(member)?;
            let mut reader = MemberReader::open(bytes, member)?;
            if member.size >= npy::MAGIC.len() as u64 {
                match Header::read(&mut reader, &limits) {
                    Ok((header, size)) => header.check_body(member.size.saturating_sub(size))?,
                    Err(error) if matches!(error.kind(), ErrorKind::NotAnArray { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            reader.drain()
        };
        self.each(self.directory.members().iter().collect(), |bytes, member| {
            verify(bytes, member).map_err(|error| error.in_array(member.own_name()))
        })
        .into_iter()
        .collect()
    }

    /// Does something with each of the members, on all threads if they can all read. What
    /// comes of it is in their order.
    fn each<T: Send>(
        &self,
        members: Vec<&Member>,
        act: impl Fn(Bytes<'_>, &Member) -> T + Sync,
    ) -> Vec<T> {
        match self.source.as_bytes() {
            Bytes::Shared(shared) => {
                let act = |member| Ok::<_, Infallible>(act(Bytes::Shared(shared), member));
                let Ok(all) = parallel::map(members, act);
                all
            }
            bytes => members.into_iter().map(|member| act(bytes, member)).collect(),
        }
    }

    /// Does something with the member that is the array `name`.
    pub(crate) fn in_member<T>(
        &self,
        name: &str,
        act: impl FnOnce(&Member) -> Result<T>,
    ) -> Result<T> {
        let found = self.directory.find_array(name).and_then(|member| self.found(name, member));
        found.and_then(act).map_err(|error| error.in_array(name))
    }

    fn found<'a>(&self, name: &str, member: Option<&'a Member>) -> Result<&'a Member> {
        member.ok_or_else(|| Error::not_found(name, self.names()))
    }
}

/// Whether `names` lists a member: it is an array, as far as its name tells, or else by how it
/// begins.
fn is_listed(bytes: Bytes<'_>, member: &Member) -> bool {
    let file = member.name.rsplit('/').next().unwrap_or_default();
    let has_suffix = file.ends_with(SUFFIX);
    let is_clear = has_suffix && !file.starts_with("._");
    member.size >= npy::MAGIC.len() as u64
        && (is_clear || is_array(bytes, member).unwrap_or(has_suffix))
}

/// Opens a member that is asked for as an array.
fn open_array<'a>(bytes: Bytes<'a>, member: &Member) -> Result<MemberReader<'a>> {
    let reader = MemberReader::open(bytes, member)?;
    if member.size < npy::MAGIC.len() as u64 {
        let problem = format!("it has only {} bytes", member.size);
        return Err(damage_before(ErrorKind::NotAnArray { problem }.into(), reader));
    }
    Ok(reader)
}

/// Whether a member is an array, as NumPy decides: by how it begins.
fn is_array(bytes: Bytes<'_>, member: &Member) -> Result<bool> {
    let mut start = [0; npy::MAGIC.len()];
    MemberReader::open(bytes, member)?.read_exact(&mut start).map_err(Error::read)?;
    Ok(start == *npy::MAGIC)
}

/// The error for a member that is not the array it should be: that it is damaged, if it is,
/// and else `error`.
fn damage_before(error: Error, reader: MemberReader<'_>) -> Error {
    match error.kind() {
        ErrorKind::Npy { .. } | ErrorKind::NotAnArray { .. } => {
            reader.drain().err().unwrap_or(error)
        }
        _ => error,
    }
}

/// Makes something of an array, all of it.
fn read<T>(
    bytes: Bytes<'_>,
    member: &Member,
    limits: &Limits,
    make: impl FnOnce(Header, Body<'_>) -> Result<T>,
) -> Result<T> {
    let mut reader = open_array(bytes, member)?;
    let is_warranted = reader.is_warranted();
    let array = npy::open(&mut reader, Some(member.size), limits)
        .and_then(|(header, body)| make(header, body.known_if(is_warranted)));
    match array {
        Ok(array) => reader.finish().map(|()| array),
        Err(error) => Err(damage_before(error, reader)),
    }
}

impl<R> fmt::Display for NpzReader<R> {
    /// Writes what it is, after `repr(npz)`: `NpzReader "run.npz" with 2 arrays: x, y`. Of
    /// the names the first five.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        summary::write(f, "NpzReader", self.path.as_deref(), "array", self.names())
    }
}

impl<R> fmt::Debug for NpzReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What an array in an archive is, without its elements: what [`NpzReader::info`] returns.
///
/// # Examples
///
/// ```
/// use ndarray::array;
/// use npz::{NpzReader, NpzWriter, Order};
/// use std::io::Cursor;
///
/// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
/// npz.array("x", &array![[1_u8, 2, 3], [4, 5, 6]])?;
/// let npz = NpzReader::new(npz.finish()?)?;
///
/// let info = npz.info("x")?;
/// assert_eq!(info.dtype().to_string(), "|u1");
/// assert_eq!(info.shape(), [2, 3]);
/// assert_eq!(info.order(), Order::C);
/// assert_eq!(info.nbytes(), 6);
/// assert!(!info.is_compressed());
/// assert_eq!(info.compressed_size(), 128 + 6);   // with the header
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayInfo {
    header: Header,
    is_compressed: bool,
    compressed_size: u64,
}

impl ArrayInfo {
    /// The type of its elements: `ndarray.dtype`.
    pub fn dtype(&self) -> &DType {
        &self.header.dtype
    }

    /// The lengths of its axes: `ndarray.shape`.
    pub fn shape(&self) -> &[usize] {
        &self.header.shape
    }

    /// The order of its elements in the file, [`Order::C`] or [`Order::Fortran`].
    pub fn order(&self) -> Order {
        self.header.order
    }

    /// The bytes of its elements when loaded: `ndarray.nbytes`.
    pub fn nbytes(&self) -> u64 {
        self.header.nbytes()
    }

    /// Whether it is compressed in the archive.
    pub fn is_compressed(&self) -> bool {
        self.is_compressed
    }

    /// The bytes that it takes in the archive, header included.
    pub fn compressed_size(&self) -> u64 {
        self.compressed_size
    }
}

/// Loads an array from an `.npz` archive: `numpy.load(path)[name]`.
///
/// Implemented for whatever implements [`ReadNpy`].
///
/// # Examples
///
/// See [`WriteNpz`](crate::WriteNpz).
pub trait ReadNpz: ReadNpy {
    /// Reads the array `name` of the archive in the file `path`.
    ///
    /// # Errors
    ///
    /// Those of [`NpzReader::open`] and [`NpzReader::get`].
    ///
    /// # Examples
    ///
    /// See [`WriteNpz`](crate::WriteNpz).
    fn load_npz<P: AsRef<Path>>(path: P, name: &str) -> Result<Self> {
        NpzReader::open(path)?.get(name)
    }
}

impl<T: ReadNpy> ReadNpz for T {}
