//! [`Rows`]: an array that is written row by row.

use std::fmt;

use super::row_spec::RowSpec;
use super::unfinished::Unfinished;
use crate::error::{Error, ErrorKind, Result};
use crate::io::Sink;
use crate::npy::{Encode, Gather, Header, Outgoing, ToNpy};
use crate::sizes::PART;

/// An array that is written row by row, so that it need not be in memory as a whole. A row is an item of
/// its first axis.
///
/// [`NpzWriter::rows`](crate::NpzWriter::rows) begins one in an archive,
/// [`NpyWriter::rows`](crate::NpyWriter::rows) in a file of its own. What is written is what would
/// be written of the whole array in C order: it is compressed likewise, and NumPy loads it. Some MiB of
/// rows are in memory at a time.
///
/// An array that is not [finished](Self::finish) leaves no file, and no archive, as anything else that
/// fails; in a writer of yours it leaves what cannot be taken for an array; and the array that it is
/// [added to](crate::NpyWriter::append) remains as it was. If it is dropped with rows and without an error, debug
/// builds say so on standard error.
///
/// # Examples
///
/// ```
/// use ndarray::{Array2, Array3, Axis};
/// use npz::{Compression, NpzReader, NpzWriter};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("run.npz");
/// let mut npz = NpzWriter::create(&path)?.compression(Compression::Deflate(6));
/// let mut rows = npz.rows::<f64>("trajectory", [1024, 3])?;
/// let mut positions = Array2::<f64>::zeros((1024, 3));
/// for _ in 0..10 {
///     positions += 0.1;
///     rows.push(&positions)?;
/// }
/// rows.finish()?;
/// npz.array("dt", &0.1)?;
/// npz.finish()?;
///
/// let trajectory: Array3<f64> = NpzReader::open(&path)?.get("trajectory")?;
/// assert_eq!(trajectory.dim(), (10, 1024, 3));
/// assert_eq!(trajectory.index_axis(Axis(0), 9), positions);
/// # Ok::<(), npz::Error>(())
/// ```
#[must_use = "an array is complete when `finish` has been called"]
pub struct Rows<'a> {
    /// `None` after a write has failed.
    output: Option<Box<dyn RowOutput + 'a>>,
    spec: RowSpec,
    /// How many rows there are.
    len: usize,
    /// What has not been passed on to the output.
    buffer: Vec<u8>,
    pub(super) unfinished: Unfinished,
}

/// Where rows are written to: a member of an archive, or a file.
pub(super) trait RowOutput: Send {
    /// Writes the next bytes of the body.
    fn write(&mut self, bytes: &[u8]) -> Result<()>;

    /// Completes the array, of which `header` is known now.
    fn finish(self: Box<Self>, header: &Header) -> Result<()>;

    /// Says which array an error concerns.
    fn in_array(&self, error: Error) -> Error;
}

impl<'a> Rows<'a> {
    pub(super) fn new(output: Box<dyn RowOutput + 'a>, spec: RowSpec) -> Self {
        let len = spec.len();
        let unfinished = Unfinished::rows();
        Self { output: Some(output), spec, len, buffer: Vec::new(), unfinished }
    }

    /// Adds one row: an array of the shape that was said, of any strides; if that has no axes, a number or a
    /// text.
    ///
    /// # Errors
    ///
    /// * [`ErrorKind::WrongDtype`], [`ErrorKind::WrongShape`]: it is no such row, or there are more than
    ///   were announced. Nothing is written, and other rows can be.
    /// * [`ErrorKind::Io`]: writing failed. Nothing can be written from then on.
    /// * [`ErrorKind::Unusable`]: an earlier write failed.
    ///
    /// # Examples
    ///
    /// See [`Rows`].
    pub fn push<T: ToNpy + ?Sized>(&mut self, row: &T) -> Result<&mut Self> {
        self.add(&row.to_npy(), |row| Some((1, row)))
    }

    /// Adds many rows: an array with one axis more than a row has, the first. `numpy.concatenate` does this
    /// in memory.
    ///
    /// # Errors
    ///
    /// Those of [`push`](Self::push).
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::array;
    /// use npz::{NpzReader, NpzWriter};
    /// use std::io::Cursor;
    ///
    /// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    /// let mut rows = npz.rows::<i32>("x", [2])?;
    /// rows.push(&[1, 2])?.extend(&array![[3, 4], [5, 6]])?;
    /// assert_eq!(rows.len(), 3);
    /// rows.finish()?;
    /// let npz = NpzReader::new(npz.finish()?)?;
    /// assert_eq!(npz.get::<ndarray::Array2<i32>>("x")?, array![[1, 2], [3, 4], [5, 6]]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn extend<T: ToNpy + ?Sized>(&mut self, rows: &T) -> Result<&mut Self> {
        self.add(&rows.to_npy(), |rows| rows.split_first().map(|(&count, row)| (count, row)))
    }

    /// How many rows the array has so far, with those that it had before.
    ///
    /// # Examples
    ///
    /// See [`extend`](Self::extend).
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no rows yet.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Completes the array.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WrongShape`] if there are fewer rows than were announced; [`ErrorKind::Io`] if
    /// writing fails; [`ErrorKind::Unusable`] if an earlier write failed.
    ///
    /// # Examples
    ///
    /// See [`Rows`].
    pub fn finish(mut self) -> Result<()> {
        self.unfinished.told();
        let mut output = self.output.take().ok_or(ErrorKind::Unusable)?;
        let checked = self.spec.check_len(self.len);
        let header = checked.and_then(|()| self.spec.header.with_rows(self.len));
        let header = header.map_err(|error| output.in_array(error))?;
        output.write(&self.buffer).map_err(|error| output.in_array(error))?;
        output.finish(&header)
    }

    /// Gives the array up. Dropping it does the same, but in debug builds says so on standard error if it has
    /// rows, in case that `finish` was forgotten.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{NpyWriter, ReadNpz};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.npy");
    /// let mut rows = NpyWriter::append(&path)?.rows::<f64>([])?;
    /// rows.push(&0.5)?;
    /// rows.abandon();
    /// assert!(!path.exists());
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn abandon(self) {
        self.unfinished.told();
    }

    /// Adds what `count` says to be so many rows, of a shape.
    fn add(
        &mut self,
        rows: &Outgoing<'_>,
        count: impl FnOnce(&[usize]) -> Option<(usize, &[usize])>,
    ) -> Result<&mut Self> {
        self.unfinished.told(); // unless it succeeds
        // Until all has been written, nothing else can be: not after an error, nor after a panic.
        let output = self.output.take().ok_or(ErrorKind::Unusable)?;
        let (header, len) = match self.spec.check_rows(rows, count, self.len) {
            Ok(checked) => checked,
            Err(error) => {
                let error = output.in_array(error);
                self.output = Some(output);
                return Err(error);
            }
        };
        let mut output = Buffered { output, buffer: &mut self.buffer };
        let mut write = |bytes: &[u8]| output.write(bytes);
        let dtype = &self.spec.header.dtype;
        let written = match header.dtype == *dtype {
            true => rows.body(&header, self.spec.gather, &mut write),
            false => widened(rows, &header, dtype.itemsize(), &mut write),
        };
        let output = output.output;
        written.map_err(|error| output.in_array(error))?;
        self.output = Some(output);
        self.len = len;
        self.unfinished.hold();
        Ok(self)
    }
}

/// Passes on text as items of `size` bytes, which are longer than its own: NULs follow.
fn widened(rows: &Outgoing<'_>, header: &Header, size: usize, sink: &mut Sink<'_>) -> Result<()> {
    let mut bytes = Vec::new();
    rows.body(header, Gather::AfterWriting, &mut |part| {
        bytes.extend_from_slice(part);
        Ok(())
    })?;
    let mut items = bytes.chunks_exact(header.dtype.itemsize().max(1));
    let mut wide = vec![0; size];
    for _ in 0..header.len() {
        let item = items.next().unwrap_or_default();
        wide.fill(0);
        wide.split_at_mut(item.len()).0.copy_from_slice(item);
        sink(&wide)?;
    }
    Ok(())
}

/// An output that is passed few bytes seldom.
struct Buffered<'a, 'b> {
    output: Box<dyn RowOutput + 'a>,
    buffer: &'b mut Vec<u8>,
}

impl Buffered<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        if self.buffer.len().saturating_add(bytes.len()) > PART {
            self.output.write(self.buffer)?;
            self.buffer.clear();
        }
        match bytes.len() < PART {
            true => self.buffer.extend_from_slice(bytes),
            false => self.output.write(bytes)?,
        }
        Ok(())
    }
}

impl fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("dtype", &self.spec.header.dtype)
            .field("row", &self.spec.row())
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}
