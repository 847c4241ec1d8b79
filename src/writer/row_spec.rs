//! [`RowSpec`]: what the rows of an array are.

use ndarray::Order;

use super::entry::Options;
use crate::dtype::{DType, Endian, Kind};
use crate::error::{Error, ErrorKind, Result};
use crate::npy::{Encode, Gather, Header, Outgoing};

/// What rows are, and how they are passed on.
pub(super) struct RowSpec {
    /// That of the array as it is before a row is added.
    pub(super) header: Header,
    endian: Endian,
    /// How many rows there have to be in the end.
    count: Option<usize>,
    /// How many there can be.
    most: usize,
    pub(super) gather: Gather,
}

impl RowSpec {
    /// Rows of `dtype` and of the shape `row`.
    pub(super) fn new(dtype: DType, row: &[usize], options: Options) -> Result<Self> {
        if options.order == Some(Order::F) {
            let problem = "rows do not follow each other in Fortran order (write them in C order, or \
                           the columns of the transposed array)";
            return Err(ErrorKind::InvalidOption { problem: problem.to_owned() }.into());
        }
        if dtype.has_object() {
            let dtype = dtype.shown();
            return Err(Error::unsupported(format!(
                "Python objects (dtype {dtype}) are not saved"
            )));
        }
        let header = Header::new(dtype, Order::C, [&[0], row].concat())?;
        Ok(Self::of(header, usize::MAX, options))
    }

    /// Rows that are added to the array whose `header` has `size` bytes in its file.
    pub(super) fn added(header: &Header, size: u64, options: Options) -> Self {
        Self::of(header.clone(), header.most_rows_in(size), options)
    }

    fn of(header: Header, most: usize, options: Options) -> Self {
        let endian = header.dtype.byte_order().unwrap_or(options.endian);
        Self { header, endian, count: options.count, most, gather: options.gather() }
    }

    /// The header to begin with: of the array as it will be, if that is known.
    pub(super) fn announced(&self) -> Result<Header> {
        self.header.with_rows(self.count.unwrap_or(0))
    }

    /// Checks that rows of `other` fit those here.
    pub(super) fn check(&self, other: &Self) -> Result<()> {
        check_dtype(&self.header.dtype, &other.header.dtype)?;
        let [expected, found] = [self, other].map(|spec| spec.row().to_vec());
        match expected == found {
            true => Ok(()),
            false => Err(ErrorKind::WrongShape { expected, found }.into()),
        }
    }

    /// How many rows there are before one is added.
    pub(super) fn len(&self) -> usize {
        self.header.shape.first().copied().unwrap_or(0)
    }

    /// The shape of a row.
    pub(super) fn row(&self) -> &[usize] {
        self.header.shape.get(1..).unwrap_or_default()
    }

    /// Checks that it has been said how many rows there will be, if that cannot be filled in later.
    pub(super) fn check_count(&self, can_seek: bool) -> Result<()> {
        if self.count.is_some() || can_seek {
            return Ok(());
        }
        let problem = "a stream has to be told before how many rows there will be (`count`)";
        Err(ErrorKind::InvalidOption { problem: problem.to_owned() }.into())
    }

    /// Checks that there can be so many rows when the array is complete.
    pub(super) fn check_len(&self, len: usize) -> Result<()> {
        match self.count {
            Some(count) if count != len => Err(self.wrong_len(count, len)),
            _ => Ok(()),
        }
    }

    /// Checks what `count` says to be so many rows, of a shape. Returns their header, and how many rows there
    /// are when they have been added to `len` others.
    pub(super) fn check_rows(
        &self,
        rows: &Outgoing<'_>,
        count: impl FnOnce(&[usize]) -> Option<(usize, &[usize])>,
        len: usize,
    ) -> Result<(Header, usize)> {
        let header = rows.header(Some(Order::C), self.endian)?;
        check_dtype(&self.header.dtype, &header.dtype)?;
        let Some((added, row)) = count(&header.shape) else {
            let (expected, found) = (self.header.shape.len(), header.shape);
            return Err(ErrorKind::WrongNdim { expected, found }.into());
        };
        // Not as slices: where they are empty, as for numbers, some libraries' `memcmp` takes as long as all else.
        if row.iter().ne(self.row()) {
            let axes_before = header.shape.len().saturating_sub(row.len());
            let before = header.shape.iter().take(axes_before);
            let expected = before.chain(self.row()).copied().collect();
            return Err(ErrorKind::WrongShape { expected, found: header.shape }.into());
        }
        let len = len.saturating_add(added);
        if let Some(count) = self.count.filter(|&count| len > count) {
            return Err(self.wrong_len(count, len));
        }
        if len > self.most {
            return Err(Error::unsupported(format!(
                "the header in the file has no room for {len} rows (load the array and save it again: \
                 then it has)"
            )));
        }
        Ok((header, len))
    }

    /// The error for an array of `found` rows instead of `expected`.
    fn wrong_len(&self, expected: usize, found: usize) -> Error {
        let [expected, found] = [expected, found].map(|len| [&[len], self.row()].concat());
        ErrorKind::WrongShape { expected, found }.into()
    }
}

/// Checks that an array of `dtype` can hold items of dtype `item`.
fn check_dtype(dtype: &DType, item: &DType) -> Result<()> {
    if holds(dtype, item) {
        return Ok(());
    }
    let (expected, found) = (format!("dtype {}", dtype.shown()), item.clone());
    Err(ErrorKind::WrongDtype { expected, found, hint: None }.into())
}

/// Whether an array of `dtype` can hold items of dtype `item`: its own, or shorter text.
fn holds(dtype: &DType, item: &DType) -> bool {
    let is_text = |kind| matches!(kind, Kind::Str | Kind::Bytes);
    match (dtype, item) {
        (DType::Scalar(array), DType::Scalar(item)) if is_text(array.kind()) => {
            array.kind() == item.kind()
                && item.itemsize() <= array.itemsize()
                && (array.kind() == Kind::Bytes || array.endian() == item.endian())
        }
        _ => dtype == item,
    }
}
