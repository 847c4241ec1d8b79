//! [`Chunks`]: an array that is read block by block.

use std::fmt;
use std::iter::FusedIterator;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use ndarray::{ArrayRef, Axis, Dimension, Order, Slice};

use super::ahead::{Ahead, Reading};
use super::{NpyReader, NpzReader};
use crate::element::{Body, LoadElement};
use crate::error::{Error, ErrorKind, Result};
use crate::io::StridedRanges;
use crate::limits::Limits;
use crate::npy::{CastFromNpy, Contents, FromNpy, Header, Incoming, StoredArray, order_in_file};
use crate::zip::PartReader;

/// Rows without bytes can be as many as a header says. Of more than this, no blocks are made.
const MOST_EMPTY_ROWS: usize = 1 << 20;

/// The blocks of an array, which are loaded one after the other: what [`NpzReader::chunks`] and
/// [`NpyReader::chunks`] return.
///
/// It is an iterator from both ends that knows how many blocks are left. After an error it ends.
///
/// # Examples
///
/// See [`NpzReader::chunks`].
pub struct Chunks<'a, A> {
    header: Header,
    axis: usize,
    /// How many rows there are, and how many a block has but for the last one.
    rows: usize,
    len: usize,
    /// The blocks that have not been given yet.
    left: Range<usize>,
    ahead: Ahead<'a>,
    /// Reads a part of the body.
    part: Box<dyn Fn(Range<u64>) -> Result<PartReader<'a>> + 'a>,
    limits: Limits,
    make: fn(Incoming<'_>) -> Result<A>,
    name: Option<String>,
    path: Option<&'a Path>,
}

impl<R: Send + Sync + 'static> NpzReader<R> {
    /// Loads the array `name` block by block: for arrays that are larger than memory, and for those of
    /// which one part after the other is used. It is what
    /// `for block in np.array_split(np.load(path, mmap_mode="r"), n)` does for an `.npy` file.
    ///
    /// A block is `len` rows, the last one perhaps fewer, as an array of the same number of
    /// dimensions. `A` is as for [`get`](Self::get). Rows are counted along the first axis, and of an
    /// array in Fortran order along the last one, so that each block is in one piece in the file;
    /// [`Chunks::axis`] tells which. The blocks, concatenated along this axis, are the array.
    ///
    /// While a block is worked on, the next ones are read and decompressed, on the threads of rayon's
    /// current pool: at least 8 MiB of them, and at most 32 MiB. A member that is compressed by bzip2
    /// or LZMA is not read ahead. Twice as much memory as that is taken besides the block, however
    /// large the array is.
    ///
    /// [`rev`](Iterator::rev), [`skip`](Iterator::skip), [`step_by`](Iterator::step_by) and the like go
    /// to a block as [`get_slice`](Self::get_slice) does: what is skipped is not read if the array is
    /// stored, or if this crate has compressed it, but for the rest of a compressed block of 1 MiB.
    /// What follows a block that was skipped to is not read ahead until the next one has been asked
    /// for.
    ///
    /// # What is verified
    ///
    /// The archive has one checksum for all bytes of an array. If no block has been skipped, nor taken
    /// from the end, it is compared when all blocks have been read, and the last block is given only if
    /// it is right; otherwise the error comes in its place. So what has been made of the other blocks
    /// counts only when the last one has come. Of blocks that were skipped to, or taken from the
    /// end, what is verified is what [`get_slice`](Self::get_slice) verifies.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidSlice`] if `len` is 0, or if the array has no axes. Otherwise those of
    /// [`get`](Self::get): if the array cannot be found, or is not one, here; if a block is not an `A`, or
    /// cannot be read, from the iterator. [`Limits::max_array_bytes`] bounds each block, not the
    /// array.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::Array2;
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("trajectory", &Array2::from_shape_fn((2500, 3), |(i, j)| (i + j) as f64))?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// let (mut sum, mut rows) = (0.0, 0);
    /// for block in npz.chunks::<Array2<f64>>("trajectory", 1000)? {
    ///     let block = block?;
    ///     sum += block.sum();
    ///     rows += block.nrows();
    /// }
    /// let last = npz.chunks::<Array2<f64>>("trajectory", 1)?.next_back().unwrap()?;
    /// # assert_eq!((sum, rows, last[[0, 2]]), (9_378_750.0, 2500, 2501.0));
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn chunks<A: FromNpy>(&self, name: &str, len: usize) -> Result<Chunks<'_, A>> {
        self.chunks_by(name, len, A::from_npy)
    }

    /// Loads the array `name`, of numbers, block by block, as numbers of another type: to
    /// [`chunks`](Self::chunks) what [`get_cast`](Self::get_cast) is to [`get`](Self::get).
    ///
    /// # Errors
    ///
    /// Those of [`chunks`](Self::chunks) and [`get_cast`](Self::get_cast).
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("counts", &[1_i64, 2, 3])?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// let mut blocks = npz.chunks_cast::<Vec<f64>>("counts", 2)?;      // int64 in the file
    /// assert_eq!(blocks.next().unwrap()?, [1.0, 2.0]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn chunks_cast<A: CastFromNpy>(&self, name: &str, len: usize) -> Result<Chunks<'_, A>> {
        self.chunks_by(name, len, A::cast_from_npy)
    }

    fn chunks_by<A>(
        &self,
        name: &str,
        len: usize,
        make: fn(Incoming<'_>) -> Result<A>,
    ) -> Result<Chunks<'_, A>> {
        let chunks = self.in_member(name, |member| {
            let (header, body) = self.stored(member)?.into_body()?;
            let part = |bytes| part(self.stored(member)?, bytes);
            let (source, part) = (Arc::downgrade(&self.source), Box::new(part));
            let ahead = Ahead::new(Reading::Whole(body), self.source.input(), source);
            Chunks::new(header, len, ahead, part, self.limits, make)
        })?;
        Ok(Chunks { name: Some(name.to_owned()), path: self.path(), ..chunks })
    }
}

impl<R: Send + Sync + 'static> NpyReader<R> {
    /// Loads the array block by block, as [`NpzReader::chunks`] does. An `.npy` file has no checksum,
    /// so nothing is verified.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidSlice`] if `len` is 0, or if the array has no axes. Otherwise those of
    /// [`get`](Self::get), here or from the iterator. [`Limits::max_array_bytes`] bounds each block, not
    /// the array.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::{Array2, Axis};
    /// use npz::{NpyReader, WriteNpz};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.npy");
    /// # Array2::from_shape_fn((50, 7), |(i, j)| (i * j) as f64).save_npy(&path)?;
    /// let npy = NpyReader::open(&path)?;
    /// let mut means = Vec::new();
    /// for block in npy.chunks::<Array2<f64>>(16)? {
    ///     means.extend(block?.mean_axis(Axis(1)).unwrap());
    /// }
    /// # assert_eq!((means.len(), means[49]), (50, 147.0));
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn chunks<A: FromNpy>(&self, len: usize) -> Result<Chunks<'_, A>> {
        self.chunks_by(len, A::from_npy)
    }

    /// Loads the array, of numbers, block by block, as numbers of another type.
    ///
    /// # Errors
    ///
    /// Those of [`chunks`](Self::chunks) and [`get_cast`](Self::get_cast).
    ///
    /// # Examples
    ///
    /// See [`NpzReader::chunks_cast`].
    pub fn chunks_cast<A: CastFromNpy>(&self, len: usize) -> Result<Chunks<'_, A>> {
        self.chunks_by(len, A::cast_from_npy)
    }

    fn chunks_by<A>(
        &self,
        len: usize,
        make: fn(Incoming<'_>) -> Result<A>,
    ) -> Result<Chunks<'_, A>> {
        let chunks = self.in_array(|array| {
            let (header, body) = array.into_body()?;
            let body = body.part(one_range(0..header.nbytes()))?;
            let part = |bytes| part(self.stored(), bytes);
            let (source, part) = (Arc::downgrade(&self.source), Box::new(part));
            let ahead = Ahead::new(Reading::Rest(body), self.source.input(), source);
            Chunks::new(header, len, ahead, part, self.limits, make)
        })?;
        Ok(Chunks { path: self.path.as_deref(), ..chunks })
    }
}

impl<'a, A> Chunks<'a, A> {
    fn new(
        header: Header,
        len: usize,
        ahead: Ahead<'a>,
        part: Box<dyn Fn(Range<u64>) -> Result<PartReader<'a>> + 'a>,
        limits: Limits,
        make: fn(Incoming<'_>) -> Result<A>,
    ) -> Result<Self> {
        let axis = axis(&header).ok_or_else(|| invalid("it has no axes, and so no blocks"))?;
        if len == 0 {
            return Err(invalid("blocks of 0 rows"));
        }
        let rows = header.shape.get(axis).copied().unwrap_or(0);
        if header.nbytes() == 0 && rows > MOST_EMPTY_ROWS {
            let problem = format!("{rows} rows of no size");
            return Err(ErrorKind::LimitExceeded { problem }.into());
        }
        let left = 0..rows.div_ceil(len);
        let (name, path) = (None, None);
        let mut chunks =
            Self { header, axis, rows, len, left, ahead, part, limits, make, name, path };
        if rows == 0 {
            chunks.ahead.finish()?;
        }
        Ok(chunks)
    }

    /// The axis along which the array is cut into blocks: the first, or if the array is in Fortran
    /// order, the last. An array that is in both orders, such as one of one dimension, counts as one in C
    /// order.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::{Array2, Order, array};
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// npz.entry("x").order(Order::F).array(&array![[1, 2, 3], [4, 5, 6]])?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// let mut columns = npz.chunks::<Array2<i32>>("x", 1)?;
    /// assert_eq!(columns.axis(), 1);
    /// assert_eq!(columns.next().unwrap()?, array![[1], [4]]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn axis(&self) -> usize {
        self.axis
    }

    /// Loads the next block into the beginning of an existing array or view, and returns how many rows
    /// came: 0 when there are no more. The buffer can be used again for every block.
    ///
    /// `out` has the array's element type, any strides, and along the [axis](Self::axis) as many rows
    /// as the block has, or more, which are left as they are. Along the other axes it has the array's
    /// shape.
    ///
    /// # Errors
    ///
    /// Those of [`NpzReader::read_into`]. There are no blocks after an error.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::{Array2, s};
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("trajectory", &Array2::<f64>::ones((2500, 3)))?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// let mut blocks = npz.chunks::<Array2<f64>>("trajectory", 1000)?;
    /// let mut buffer = Array2::<f64>::zeros((1000, 3));
    /// let mut sum = 0.0;
    /// while let rows @ 1.. = blocks.read_into(&mut buffer)? {
    ///     sum += buffer.slice(s![..rows, ..]).sum();
    /// }
    /// assert_eq!(sum, 7500.0);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn read_into<T, D>(&mut self, out: &mut ArrayRef<T, D>) -> Result<usize>
    where
        T: LoadElement,
        D: Dimension,
    {
        let axis = Axis(self.axis);
        let fill = |block: Incoming<'_>| {
            let rows = block.shape().get(axis.0).copied().unwrap_or(0);
            let mut out = out.view_mut();
            if out.ndim() == block.shape().len() && out.len_of(axis) > rows {
                out.slice_axis_inplace(axis, Slice::from(..rows));
            }
            block.decode_into(out).map(|()| rows)
        };
        self.next_by(fill).unwrap_or(Ok(0))
    }

    /// Makes something of the next block.
    fn next_by<T>(&mut self, make: impl FnOnce(Incoming<'_>) -> Result<T>) -> Option<Result<T>> {
        let block = self.left.next()?;
        let loaded = self.load(block, make);
        Some(self.or_end(block, loaded))
    }

    fn load<T>(&mut self, block: usize, make: impl FnOnce(Incoming<'_>) -> Result<T>) -> Result<T> {
        let (header, bytes) = (self.block_header(block)?, self.bytes(block));
        let (size, end) = (self.header.nbytes(), self.bytes(self.left.end.saturating_sub(1)).end);
        self.ahead.begin_block(bytes, end, |start| (self.part)(start..size))?;
        let is_warranted = self.ahead.is_warranted();
        let body = Body::known(&mut self.ahead).known_if(is_warranted).limited(&self.limits);
        let made = make(Incoming { header, body })?;
        self.ahead.end_block()?;
        if self.rows_of(block).end == self.rows {
            self.ahead.finish()?;
        }
        Ok(made)
    }

    /// Loads a block by itself.
    fn load_apart(&self, block: usize) -> Result<A> {
        let header = self.block_header(block)?;
        let mut part = (self.part)(self.bytes(block))?;
        let body = Body::known(&mut part).known_if(self.ahead.is_warranted()).limited(&self.limits);
        (self.make)(Incoming { header, body })
    }

    fn rows_of(&self, block: usize) -> Range<usize> {
        let start = block.saturating_mul(self.len).min(self.rows);
        start..start.saturating_add(self.len).min(self.rows)
    }

    /// The bytes of the body that a block is.
    fn bytes(&self, block: usize) -> Range<u64> {
        let row = self.header.nbytes().checked_div(self.rows as u64).unwrap_or(0);
        let Range { start, end } = self.rows_of(block);
        row.saturating_mul(start as u64)..row.saturating_mul(end as u64)
    }

    fn block_header(&self, block: usize) -> Result<Header> {
        let mut shape = self.header.shape.clone();
        if let Some(rows) = shape.get_mut(self.axis) {
            *rows = self.rows_of(block).len();
        }
        Header::new(self.header.dtype.clone(), self.header.order, shape)
    }

    /// What is loaded of a block, or what is wrong with it, after which there are no blocks.
    fn or_end<T>(&mut self, block: usize, loaded: Result<T>) -> Result<T> {
        loaded.map_err(|error| {
            self.left = 0..0;
            let row = self.header.len().checked_div(self.rows).unwrap_or(0);
            let error = error.further(row.saturating_mul(self.rows_of(block).start));
            let error = match &self.name {
                Some(name) => error.in_array(name),
                None => error,
            };
            error.in_path(self.path)
        })
    }
}

impl<A> Iterator for Chunks<'_, A> {
    type Item = Result<A>;

    fn next(&mut self) -> Option<Result<A>> {
        self.next_by(self.make)
    }

    fn nth(&mut self, n: usize) -> Option<Result<A>> {
        self.left.start = self.left.start.saturating_add(n).min(self.left.end);
        self.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left.size_hint()
    }
}

impl<A> DoubleEndedIterator for Chunks<'_, A> {
    fn next_back(&mut self) -> Option<Result<A>> {
        if self.left.len() == 1 {
            return self.next(); // it may be verified
        }
        let block = self.left.next_back()?;
        let loaded = self.load_apart(block);
        Some(self.or_end(block, loaded))
    }

    fn nth_back(&mut self, n: usize) -> Option<Result<A>> {
        self.left.end = self.left.end.saturating_sub(n).max(self.left.start);
        self.next_back()
    }
}

impl<A> ExactSizeIterator for Chunks<'_, A> {}

impl<A> FusedIterator for Chunks<'_, A> {}

impl<A> fmt::Debug for Chunks<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunks")
            .field("axis", &self.axis)
            .field("len", &self.len)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

/// The axis along which blocks are in one piece.
fn axis(header: &Header) -> Option<usize> {
    let last = header.shape.len().checked_sub(1)?;
    let order = order_in_file(&header.shape, header.order, None);
    Some(if order == Order::F { last } else { 0 })
}

/// Reads these bytes of the body of a stored array.
fn part<'a, C: Contents<Part = PartReader<'a>>>(
    array: StoredArray<'_, C>,
    bytes: Range<u64>,
) -> Result<PartReader<'a>> {
    array.into_body()?.1.part(one_range(bytes))
}

/// Bytes of a body, which its header has been checked to be of a size that memory can have.
fn one_range(bytes: Range<u64>) -> StridedRanges {
    StridedRanges::new(bytes.start, bytes.end.saturating_sub(bytes.start) as usize, Vec::new())
}

fn invalid(problem: &str) -> Error {
    ErrorKind::InvalidSlice { problem: problem.to_owned() }.into()
}
