//! [`NpyWriter`]: one array into a file of its own.

use std::fmt;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use ndarray::Order;

use super::Rows;
use super::entry::Options;
use super::row_spec::RowSpec;
use super::rows::RowOutput;
use crate::dtype::{DType, Endian};
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::io::{AtomicFile, GrowingFile, Output, Reader, Replaces, Stream};
use crate::limits::Limits;
use crate::npy::{Encode, Header, MAGIC, Preamble, ToNpy, order_in_file};

/// Writes an array to an `.npy` file: `numpy.save`, at once or row by row, in a new file or at the end of
/// one.
///
/// Arrays are saved at once by [`WriteNpz::save_npy`](crate::WriteNpz::save_npy), too. This is for
/// the options, and for arrays that are not in memory as a whole.
///
/// # Examples
///
/// ```
/// use ndarray::{Array2, Order, array};
/// use npz::{NpyReader, NpyWriter, ReadNpz};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npy");
/// let x = array![[1.0, 2.0], [3.0, 4.0]];
/// NpyWriter::create(&path)?.order(Order::F).sync(true).array(&x)?;
/// assert_eq!(NpyReader::open(&path)?.info().order(), Order::F);
///
/// // Row by row.
/// let mut rows = NpyWriter::create(&path)?.rows::<f64>([2])?;
/// for row in x.rows() {
///     rows.push(&row)?;
/// }
/// rows.finish()?;
/// NpyWriter::append(&path)?.array(&array![[5.0, 6.0]])?;
/// assert_eq!(Array2::<f64>::load_npy(&path)?, array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
/// # Ok::<(), npz::Error>(())
/// ```
#[must_use = "nothing is written before `array` or `rows` is called"]
pub struct NpyWriter<W> {
    // Before `target`: Windows removes a file only when it is closed.
    output: Output<W>,
    can_seek: bool,
    target: Target,
    options: Options,
    sync: bool,
    path: Option<PathBuf>,
}

/// What becomes of what has been written.
enum Target {
    /// It is complete.
    Output,
    /// It gets its name.
    NewFile(AtomicFile),
    /// Its rows become a part of the array in the file, whose header has so many bytes.
    Array(GrowingFile, Header, u64),
}

impl NpyWriter<File> {
    /// Writes the file `path`, which appears, or is replaced, when the array is complete, as described at
    /// [`NpzWriter::create`](crate::NpzWriter::create).
    ///
    /// # Errors
    ///
    /// Those of [`NpzWriter::create`](crate::NpzWriter::create).
    ///
    /// # Examples
    ///
    /// See [`NpyWriter`].
    pub fn create<P: AsRef<Path>>(path: P) -> Result<Self> {
        let path = path.as_ref();
        let (file, new) = AtomicFile::create(path)?;
        let target = Target::NewFile(new);
        Ok(Self { target, ..Self::over(Output::file(file), true) }.in_file(path))
    }

    /// Adds rows to the array in the file `path`, where they are: nothing that is there is written anew
    /// but the shape in the header. If there is no such file, it is created.
    ///
    /// [`rows`](Self::rows) and [`array`](Self::array) add rows of the array's own dtype, in its byte
    /// order, and of its shape but for the first axis. First the rows are written, behind the array,
    /// then it is waited until they are on the disk, and then the header is. So the
    /// file holds the old array, or the old and the whole new one, even if the process is
    /// killed, or the machine fails. Until then NumPy and [`NpyReader`](crate::NpyReader) load the
    /// old one, and what an append that was interrupted has left behind it, the next one writes over, as it
    /// does with anything else that follows the array.
    /// If another program has replaced the file since, the rows are not added, and that is an
    /// [`ErrorKind::Changed`] when they are finished.
    ///
    /// # Errors
    ///
    /// * [`ErrorKind::Io`](crate::ErrorKind::Io) if the file cannot be read and written, or if another
    ///   writer adds to it just now.
    /// * [`ErrorKind::NotAnArray`](crate::ErrorKind::NotAnArray),
    ///   [`ErrorKind::NoArray`](crate::ErrorKind::NoArray), [`ErrorKind::Npy`](crate::ErrorKind::Npy) if
    ///   it holds something else, nothing, or less than its header says.
    /// * [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for arrays in Fortran order, whose
    ///   rows do not follow each other, those without axes, Python objects, and files with a second array
    ///   after the first.
    ///
    /// # Examples
    ///
    /// A program that takes notes as long as it runs:
    ///
    /// ```
    /// use npz::{NpyWriter, ReadNpz};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("energy.npy");
    /// for hour in 0..3 {
    ///     let energies: Vec<f64> = (0..60).map(|minute| f64::from(60 * hour + minute)).collect();
    ///     NpyWriter::append(&path)?.array(&energies)?;
    /// }
    /// assert_eq!(Vec::<f64>::load_npy(&path)?.len(), 180);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn append<P: AsRef<Path>>(path: P) -> Result<Self> {
        let path = path.as_ref();
        let failed = |error: io::Error| Error::file("add to", path, error);
        let mut file = match GrowingFile::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut npy = Self::create(path)?;
                if let Target::NewFile(file) = &mut npy.target {
                    file.replace_only(Replaces::Nothing);
                }
                return Ok(npy);
            }
            file => file.map_err(failed)?,
        };
        let (header, size) = growing_header(file.as_file()).map_err(|error| error.in_file(path))?;
        let output = file.write_from(size.saturating_add(header.nbytes())).map_err(failed)?;
        let target = Target::Array(file, header, size);
        Ok(Self { target, ..Self::over(Output::seekable(output), true) }.in_file(path))
    }

    /// Whether it is waited until a file is on the disk, as described at
    /// [`NpzWriter::sync`](crate::NpzWriter::sync). The default is `false`.
    ///
    /// # Examples
    ///
    /// See [`NpyWriter`].
    pub fn sync(self, sync: bool) -> Self {
        Self { sync, ..self }
    }

    fn in_file(self, path: &Path) -> Self {
        Self { path: Some(path.to_owned()), ..self }
    }
}

impl<W: Write> NpyWriter<W> {
    /// Writes to a writer that can seek, from its current position on: memory, or an open file.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{NpyReader, NpyWriter};
    /// use std::io::Cursor;
    ///
    /// let mut file = Cursor::new(Vec::new());
    /// let mut rows = NpyWriter::new(&mut file).rows::<u8>([2])?;
    /// rows.push(&[1_u8, 2])?.push(&[3_u8, 4])?;
    /// rows.finish()?;
    /// assert_eq!(NpyReader::from_bytes(file.into_inner())?.info().shape(), [2, 2]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn new(writer: W) -> Self
    where
        W: Seek,
    {
        Self::over(Output::seekable(writer), true)
    }

    /// Writes to a writer that cannot seek, such as a pipe. It has to be told before how many rows an array
    /// will have: see [`count`](Self::count).
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{NpyReader, NpyWriter};
    ///
    /// let mut pipe = Vec::new();
    /// let mut rows = NpyWriter::stream(&mut pipe).count(2).rows::<u8>([])?;
    /// rows.push(&1_u8)?.push(&2_u8)?;
    /// rows.finish()?;
    /// assert_eq!(NpyReader::from_bytes(pipe)?.get::<Vec<u8>>()?, [1, 2]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn stream(writer: W) -> Self {
        Self::over(Output::stream(writer), false)
    }

    fn over(output: Output<W>, can_seek: bool) -> Self {
        let options = Options::default();
        Self { output, can_seek, target: Target::Output, options, sync: false, path: None }
    }

    /// Sets the order in which the elements are written, as [`NpzWriter::order`](crate::NpzWriter::order)
    /// does. Rows are in C order.
    ///
    /// # Examples
    ///
    /// See [`NpyWriter`].
    pub fn order(mut self, order: impl Into<Option<Order>>) -> Self {
        self.options.order = order.into();
        self
    }

    /// Sets the byte order of the numbers. The default is the machine's own, or that of the array that is
    /// added to.
    ///
    /// # Examples
    ///
    /// See [`Endian`].
    pub fn endian(mut self, endian: Endian) -> Self {
        self.options.endian = endian;
        self
    }

    /// Says how many rows the array will have when it is complete. It has to have so many then.
    ///
    /// # Examples
    ///
    /// See [`stream`](Self::stream).
    pub fn count(mut self, count: usize) -> Self {
        self.options.count = Some(count);
        self
    }

    /// Writes `array`, which may be anything that implements [`ToNpy`]. To the array of an
    /// [`append`](NpyWriter::append) it is added as rows, like those of [`Rows::extend`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`] if writing fails; [`ErrorKind::InvalidValue`] for text that ends in NUL;
    /// [`ErrorKind::WrongDtype`] and [`ErrorKind::WrongShape`] if it does not fit the array that it is
    /// added to.
    ///
    /// # Examples
    ///
    /// See [`NpyWriter`].
    pub fn array<T: ToNpy + ?Sized>(self, array: &T) -> Result<()>
    where
        W: Send,
    {
        if let Target::Array(_, header, size) = &self.target {
            let spec = RowSpec::added(header, *size, self.options);
            let mut rows = self.begin_rows(spec)?;
            rows.extend(array)?;
            return rows.finish();
        }
        let array = array.to_npy();
        let (options, path) = (self.options, self.path.clone());
        let write = || {
            let header = array.header(options.order, options.endian)?;
            let mut file = self.begin(header.to_bytes())?;
            file.output.expect(header.nbytes());
            array.body(&header, options.gather(), &mut |bytes| file.write(bytes))?;
            Box::new(file).finish(&header)
        };
        write().map_err(|error: Error| error.in_path(path.as_deref()))
    }

    /// Begins an array that is written row by row. A row is an array of `T` and of the given shape, which
    /// may be `[]`; the array has one axis more, the first.
    ///
    /// # Errors
    ///
    /// * [`ErrorKind::InvalidOption`] if the writer is a stream, and has not been told how many rows there will
    ///   be, or if the order is Fortran order, in which rows do not follow each other.
    /// * [`ErrorKind::WrongDtype`] and [`ErrorKind::WrongShape`] if such rows do not fit the array that they
    ///   are added to.
    /// * [`ErrorKind::Io`] if writing fails.
    ///
    /// # Examples
    ///
    /// See [`NpyWriter`] and [`Rows`].
    pub fn rows<'a, T: Element>(self, row: impl AsRef<[usize]>) -> Result<Rows<'a>>
    where
        W: Send + 'a,
    {
        let endian = match &self.target {
            Target::Array(_, header, _) => header.dtype.byte_order(),
            Target::Output | Target::NewFile(_) => None,
        };
        let dtype = T::dtype(endian.unwrap_or(self.options.endian));
        self.rows_of(dtype, row)
    }

    /// The same, of any dtype: that of a text of a given length, or one that is only known when the program
    /// runs.
    ///
    /// # Errors
    ///
    /// Those of [`rows`](Self::rows); [`ErrorKind::Unsupported`] if elements would be Python objects.
    ///
    /// # Examples
    ///
    /// See [`Entry::rows_of`](crate::Entry::rows_of).
    pub fn rows_of<'a>(self, dtype: DType, row: impl AsRef<[usize]>) -> Result<Rows<'a>>
    where
        W: Send + 'a,
    {
        let (path, row) = (self.path.clone(), row.as_ref());
        let spec = RowSpec::new(dtype, row, self.options);
        let spec = spec.and_then(|spec| match &self.target {
            Target::Array(_, header, size) => {
                let array = RowSpec::added(header, *size, self.options);
                array.check(&spec)?;
                Ok(array)
            }
            Target::Output | Target::NewFile(_) => Ok(spec),
        });
        spec.and_then(|spec| self.begin_rows(spec)).map_err(|error| error.in_path(path.as_deref()))
    }

    fn begin_rows<'a>(self, spec: RowSpec) -> Result<Rows<'a>>
    where
        W: Send + 'a,
    {
        spec.check_count(self.can_seek)?;
        let mut header = spec.announced()?.to_bytes();
        if self.options.count.is_none()
            && let Some(first) = header.first_mut()
        {
            *first = 0; // There is no array until it is known how long it is.
        }
        Ok(Rows::new(Box::new(self.begin(header)?), spec))
    }

    /// Writes the header, unless there is one.
    fn begin(mut self, bytes: Vec<u8>) -> Result<NpyFile<W>> {
        let failed = |error| Error::io("write", error);
        let start = match self.can_seek {
            true => self.output.stream_position().map_err(failed)?,
            false => 0,
        };
        if !matches!(self.target, Target::Array(..)) {
            self.output.write_all(&bytes).map_err(failed)?;
        }
        let Self { output, target, sync, path, .. } = self;
        Ok(NpyFile { output, start, header: bytes, target, sync, path })
    }
}

/// A file whose header has been written.
struct NpyFile<W> {
    output: Output<W>,
    start: u64,
    header: Vec<u8>,
    target: Target,
    sync: bool,
    path: Option<PathBuf>,
}

impl<W: Write> NpyFile<W> {
    fn complete(self, header: &Header) -> Result<()> {
        let Self { mut output, start, header: begun_with, target, sync, .. } = self;
        let failed = |error| Error::io("write", error);
        if let Target::Array(file, _, size) = target {
            output.into_inner().map_err(failed)?;
            let header = header.to_bytes_in(size).ok_or(ErrorKind::Unusable)?;
            return file.keep(&header, sync);
        }
        let header = header.to_bytes();
        let mut overwrite = || {
            let end = output.stream_position()?;
            output.seek(SeekFrom::Start(start))?;
            output.write_all(&header)?;
            output.seek(SeekFrom::Start(end)).map(drop)
        };
        if header != begun_with {
            overwrite().map_err(failed)?;
        }
        let _written = output.into_inner().map_err(failed)?;
        match target {
            Target::NewFile(file) => file.commit(sync),
            Target::Output | Target::Array(..) => Ok(()),
        }
    }
}

impl<W: Write + Send> RowOutput for NpyFile<W> {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let mut write = || {
            if let (Target::Array(file, ..), false) = (&mut self.target, bytes.is_empty()) {
                file.begin(self.start)?;
            }
            self.output.write_all(bytes)
        };
        write().map_err(|error| Error::io("write", error))
    }

    fn finish(self: Box<Self>, header: &Header) -> Result<()> {
        let path = self.path.clone();
        self.complete(header).map_err(|error| error.in_path(path.as_deref()))
    }

    fn in_array(&self, error: Error) -> Error {
        error.in_path(self.path.as_deref())
    }
}

/// The header of the array in `file`, to which rows can be added; and its size.
fn growing_header(mut file: &File) -> Result<(Header, u64)> {
    let failed = |error| Error::io("read", error);
    let (header, Preamble { size, .. }) = Header::read(&mut Reader(file), &Limits::DEFAULT)?;
    if let Some(problem) = cannot_grow(&header) {
        return Err(Error::unsupported(problem));
    }
    let end = size.saturating_add(header.nbytes());
    let len = file.metadata().map_err(failed)?.len();
    header.check_body(len.min(end).saturating_sub(size))?;
    let mut next = [0; MAGIC.len()];
    file.seek(SeekFrom::Start(end)).map_err(failed)?;
    Reader(file).read_as_many(&mut next)?;
    if next == *MAGIC {
        return Err(Error::unsupported("another array follows in the file"));
    }
    // What has at most one axis longer than 1 may be called Fortran-ordered, and is in C order, too.
    let Header { dtype, shape, .. } = header;
    Ok((Header::new(dtype, Order::C, shape)?, size))
}

fn cannot_grow(header: &Header) -> Option<&'static str> {
    if header.dtype.has_object() {
        Some("it holds Python objects, which are not saved")
    } else if header.shape.is_empty() {
        Some("it has no axis along which rows could be added")
    } else if order_in_file(&header.shape, header.order, None) == Order::F {
        Some("it is in Fortran order, in which rows do not follow each other (save it in C order)")
    } else {
        None
    }
}

impl<W> fmt::Debug for NpyWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NpyWriter").field("path", &self.path).finish_non_exhaustive()
    }
}
