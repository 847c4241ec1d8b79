//! [`NpyReader`]: a single array in an `.npy` file.

use std::fmt;
use std::fs::File;
use std::io::{self, Seek};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ndarray::{ArrayRef, Dimension, SliceInfoElem};

use super::ArrayInfo;
use crate::element::LoadElement;
use crate::error::{Error, ErrorKind, Result, shape_text};
use crate::io::{ReadAt, Source, Span, Stream};
use crate::limits::Limits;
use crate::npy::{CastFromNpy, FromNpy, Header, Incoming, MAGIC, Preamble, StoredArray};
use crate::visible::{TEXT, visible};

/// Reads the array in an `.npy` file: all that [`NpzReader`](crate::NpzReader) does with an
/// array in an archive.
///
/// Opening reads the array's header only. All methods take `&self`, so that threads can share a
/// reader. An `.npy` file has no checksum: a byte that has changed in it is not noticed, unless
/// it is in the header. A file that is too short for its array is an error. Bytes after the array are
/// passed over, as by `numpy.load`: they may be rows that another program is
/// [appending](crate::NpyWriter::append). Only another array there is an error.
///
/// To load a whole array there is [`ReadNpz::load_npy`](crate::ReadNpz::load_npy) too.
///
/// # Examples
///
/// ```
/// use ndarray::{Array1, Array2, s};
/// use npz::{NpyReader, WriteNpz};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npy");
/// # Array2::from_shape_fn((1000, 50), |(i, j)| (100 * i + j) as f64).save_npy(&path)?;
/// let npy = NpyReader::open(&path)?;
/// println!("{} {:?}", npy.info().dtype(), npy.info().shape());   // <f8 [1000, 50]
/// let x: Array2<f64> = npy.get()?;
/// let rows = npy.get_slice::<Array2<f64>>(s![10..20, ..])?;       // reads these rows alone
/// let column = npy.get_slice::<Array1<f64>>(s![.., 3])?;
/// let single = npy.get_cast::<Array2<f32>>()?;
/// # assert_eq!((x[[2, 1]], rows[[0, 1]], column[1], single[[1, 0]]), (201.0, 1001.0, 103.0, 100.0));
/// # Ok::<(), npz::Error>(())
/// ```
pub struct NpyReader<R> {
    /// Shared with what reads ahead in the background.
    pub(super) source: Arc<Source<R>>,
    info: ArrayInfo,
    /// How many bytes the array has, with its header.
    size: u64,
    pub(super) limits: Limits,
    /// The file's path, if it was opened by it.
    pub(super) path: Option<PathBuf>,
}

impl NpyReader<File> {
    /// Opens the file `path`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`] if the file cannot be read; [`ErrorKind::NotAnArray`] if it is something
    /// else (what it is, is told where it is known); [`ErrorKind::NoArray`] if it is empty;
    /// [`ErrorKind::Npy`] if its header is malformed or cut short, or if another array follows.
    ///
    /// # Examples
    ///
    /// See [`NpyReader`].
    pub fn open<P: AsRef<Path>>(path: P) -> Result<Self> {
        let path = path.as_ref();
        let failed = |error| Error::file("open", path, error);
        let source = File::open(path).and_then(Source::positional).map_err(failed)?;
        let npy = Self::over(source, Limits::DEFAULT).map_err(|error| error.in_file(path))?;
        Ok(npy.in_file(path))
    }
}

impl<R> NpyReader<R> {
    /// Opens a file through a reader that can seek. The whole of it is the file, whatever its
    /// position.
    ///
    /// Such a reader has one position, so threads take turns. [`open`](NpyReader::open),
    /// [`from_bytes`](Self::from_bytes) and [`from_read_at`](Self::from_read_at) let them read at
    /// the same time. Arrays that follow each other in a stream are read by
    /// [`ReadNpz::read_npy`](crate::ReadNpz::read_npy).
    ///
    /// # Errors
    ///
    /// Those of [`open`](NpyReader::open).
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{NpyReader, WriteNpz};
    /// use std::io::Cursor;
    ///
    /// let mut file = Vec::new();
    /// [1, 2, 3].write_npy(&mut file)?;
    /// let npy = NpyReader::new(Cursor::new(file))?;
    /// assert_eq!(npy.get::<Vec<i32>>()?, [1, 2, 3]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn new(reader: R) -> Result<Self>
    where
        R: io::Read + Seek,
    {
        let source = Source::seekable(reader).map_err(|error| Error::io("seek", error))?;
        Self::over(source, Limits::DEFAULT)
    }

    /// Opens a file held in memory.
    ///
    /// # Errors
    ///
    /// Those of [`open`](NpyReader::open).
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{NpyReader, WriteNpz};
    ///
    /// let mut file = Vec::new();
    /// [1, 2, 3].write_npy(&mut file)?;
    /// assert_eq!(NpyReader::from_bytes(file)?.get::<Vec<i32>>()?, [1, 2, 3]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn from_bytes(bytes: R) -> Result<Self>
    where
        R: AsRef<[u8]>,
    {
        Self::over(Source::bytes(bytes), Limits::DEFAULT)
    }

    /// Opens a file through a source that is read by position: an object store, for instance.
    ///
    /// # Errors
    ///
    /// Those of [`open`](NpyReader::open).
    ///
    /// # Examples
    ///
    /// See [`ReadAt`].
    pub fn from_read_at(source: R) -> Result<Self>
    where
        R: ReadAt,
    {
        let path = source.path().map(Path::to_owned);
        let source = Source::positional(source).map_err(|error| Error::io("find the size", error));
        let npy = source.and_then(|source| Self::over(source, Limits::DEFAULT));
        let npy = npy.map_err(|error| error.in_path(path.as_deref()))?;
        Ok(Self { path, ..npy })
    }

    fn over(source: Source<R>, limits: Limits) -> Result<Self> {
        let whole = Span::new(source.input(), 0..source.size());
        let (header, Preamble { version, size: start }) =
            Header::read(&mut whole.clone(), &limits)?;
        let size = array_size(whole, &header, start)?;
        let info = ArrayInfo { header, version, offset: Some(start), compressed_size: size };
        Ok(Self { source: Arc::new(source), info, size, limits, path: None })
    }

    /// Remembers the path of the file.
    pub(crate) fn in_file(self, path: &Path) -> Self {
        Self { path: Some(path.to_owned()), ..self }
    }

    /// Limits what is loaded from now on. The limits that concern the members of an archive do not
    /// matter here.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`] if the header is longer than that. A larger array is found
    /// when it is loaded.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{ErrorKind, Limits, NpyReader, WriteNpz};
    ///
    /// let mut file = Vec::new();
    /// [0.5; 1000].write_npy(&mut file)?;
    /// let npy = NpyReader::from_bytes(file)?.with_limits(Limits::STRICT.max_array_bytes(4000))?;
    /// let error = npy.get::<Vec<f64>>().unwrap_err();
    /// assert!(matches!(error.kind(), ErrorKind::LimitExceeded { .. }));
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn with_limits(self, limits: Limits) -> Result<Self> {
        let header = StoredArray::new(self.span(), &limits).header();
        header.map_err(|error| error.in_path(self.path.as_deref()))?;
        Ok(Self { limits, ..self })
    }

    /// What the array is: dtype, shape, order and size.
    ///
    /// # Examples
    ///
    /// See [`NpyReader`].
    pub fn info(&self) -> &ArrayInfo {
        &self.info
    }

    /// Loads the array: `numpy.load(path)`. `T` is as for
    /// [`NpzReader::get`](crate::NpzReader::get).
    ///
    /// # Errors
    ///
    /// * [`ErrorKind::WrongDtype`], [`ErrorKind::WrongNdim`]: it is not a `T`.
    /// * [`ErrorKind::InvalidValue`]: the bytes of an element are no value of its type, as those of a
    ///   `bool` of 2.
    /// * [`ErrorKind::Npy`]: it is malformed or cut short.
    /// * [`ErrorKind::Unsupported`]: Python objects that refer to themselves, or to something outside
    ///   the file.
    /// * [`ErrorKind::LimitExceeded`]: it would take more memory than
    ///   [`with_limits`](Self::with_limits) allows.
    /// * [`ErrorKind::Io`]: reading failed.
    ///
    /// # Examples
    ///
    /// See [`NpyReader`].
    pub fn get<T: FromNpy>(&self) -> Result<T> {
        self.in_array(|array| array.load(T::from_npy))
    }

    /// Loads the array, of numbers, as numbers of another type, each checked:
    /// `numpy.load(path).astype(…)`, by the rules of
    /// [`NpzReader::get_cast`](crate::NpzReader::get_cast).
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get), and of [`NpzReader::get_cast`](crate::NpzReader::get_cast).
    ///
    /// # Examples
    ///
    /// See [`NpyReader`].
    pub fn get_cast<T: CastFromNpy>(&self) -> Result<T> {
        self.in_array(|array| array.load(T::cast_from_npy))
    }

    /// Loads part of the array, and reads no more than it needs:
    /// `numpy.load(path, mmap_mode="r")[10:20]`. `slice` is what [`s!`](ndarray::s!) makes.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get), and [`ErrorKind::InvalidSlice`] where ndarray's `slice`
    /// would panic.
    ///
    /// # Examples
    ///
    /// See [`NpyReader`].
    pub fn get_slice<T: FromNpy>(&self, slice: impl AsRef<[SliceInfoElem]>) -> Result<T> {
        self.in_array(|array| array.load_slice(slice.as_ref(), T::from_npy))
    }

    /// Loads the array into an existing array or view: `out[...] = numpy.load(path)`. `out` has the
    /// array's shape and element type, and any strides.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get), and [`ErrorKind::WrongShape`]. After an error `out` holds
    /// some of the array's elements and some of its own.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::{Array2, array};
    /// use npz::{NpyReader, WriteNpz};
    ///
    /// let mut file = Vec::new();
    /// array![[1.0, 2.0]].write_npy(&mut file)?;
    /// let mut buffer = Array2::<f64>::zeros((1, 2));
    /// NpyReader::from_bytes(file)?.read_into(&mut buffer)?;
    /// assert_eq!(buffer, array![[1.0, 2.0]]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn read_into<A, D>(&self, out: &mut ArrayRef<A, D>) -> Result<()>
    where
        A: LoadElement,
        D: Dimension,
    {
        self.in_array(|array| array.load(|array: Incoming<'_>| array.decode_into(out.view_mut())))
    }

    /// Does something with the array.
    pub(super) fn in_array<'a, T>(
        &'a self,
        act: impl FnOnce(StoredArray<'a, Span<'a>>) -> Result<T>,
    ) -> Result<T> {
        act(self.stored()).map_err(|error| error.in_path(self.path.as_deref()))
    }

    pub(super) fn stored(&self) -> StoredArray<'_, Span<'_>> {
        StoredArray::new(self.span(), &self.limits)
    }

    fn span(&self) -> Span<'_> {
        Span::new(self.source.input(), 0..self.size)
    }

    /// How many bytes the array takes, with its header.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }
}

/// How many bytes the array takes whose header has been read from `file`, with the header. What follows
/// it is nobody's, but for another array.
fn array_size(mut file: Span<'_>, header: &Header, header_size: u64) -> Result<u64> {
    let Range { end: len, .. } = file.left();
    let end = header_size.saturating_add(header.nbytes());
    if header.dtype.has_object() || len <= end {
        return Ok(len);
    }
    file.go_to(end..len);
    let mut next = [0; MAGIC.len()];
    file.read_as_many(&mut next)?;
    match next == *MAGIC {
        true => {
            let problem = "several arrays follow each other in the file (read_npy reads one after the \
                           other)";
            Err(ErrorKind::Npy { problem: problem.to_owned() }.into())
        }
        false => Ok(end),
    }
}

impl<R> fmt::Display for NpyReader<R> {
    /// Writes what it is: `NpyReader "x.npy" with an array of <f8, shape (1000, 50)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NpyReader")?;
        if let Some(path) = &self.path {
            write!(f, " {path:?}")?;
        }
        let dtype = visible(self.info.dtype(), TEXT);
        write!(f, " with an array of {dtype}, shape {}", shape_text(self.info.shape()))
    }
}

impl<R> fmt::Debug for NpyReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
