//! An array where it is stored, be that a member of an archive or a file of its own: every way
//! of reading it.

use std::ops::Range;

use ndarray::{ArrayView, Dimension, SliceInfoElem};

use super::view::view;
use super::{Header, Incoming, Preamble, Slice};
use crate::element::ViewElement;
use crate::error::{Error, Result};
use crate::io::{Stream, StridedRanges};
use crate::limits::{Budget, Limits};

/// The bytes of a stored array, header and body, from the first to the last.
pub(crate) trait Contents: Stream + Sized {
    /// Reads some of the bytes only.
    type Part: Stream;

    /// How many bytes there are.
    fn size(&self) -> u64;

    /// Whether the file is large enough to hold as many bytes as it says.
    fn is_warranted(&self) -> bool;

    /// Where the bytes not read yet are in the file, or why they are not there as they are.
    fn in_place(&self) -> Result<Range<u64>>;

    /// Reads only these of the bytes not read yet.
    fn part(self, ranges: StridedRanges) -> Result<Self::Part>;

    /// Checks, when all has been read, that it is what was written.
    fn finish(self) -> Result<()>;

    /// Reads what has not been read, and checks all.
    fn drain(self) -> Result<()>;

    /// The error for an array that cannot be made of these bytes: that they are damaged, if they
    /// are, and else `error`.
    fn damage_before(self, error: Error) -> Error;
}

/// An array where it is stored. Nothing of it has been read yet.
pub(crate) struct StoredArray<'a, C> {
    contents: C,
    limits: &'a Limits,
    budget: Option<&'a Budget>,
}

impl<'a, C: Contents> StoredArray<'a, C> {
    pub(crate) fn new(contents: C, limits: &'a Limits) -> Self {
        Self { contents, limits, budget: None }
    }

    /// The same, whose memory is taken from `budget`.
    pub(crate) fn charged_to(self, budget: &'a Budget) -> Self {
        Self { budget: Some(budget), ..self }
    }

    /// Reads the header alone, and leaves the contents at the body.
    pub(crate) fn header(mut self) -> Result<(Header, Preamble, C)> {
        let (header, preamble) = Header::read(&mut self.contents, self.limits)?;
        Ok((header, preamble, self.contents))
    }

    /// Reads the header, and leaves the contents at the body.
    pub(crate) fn into_body(mut self) -> Result<(Header, C)> {
        match self.open().and_then(|array| array.header_of_elements()) {
            Ok(header) => Ok((header, self.contents)),
            Err(error) => Err(self.contents.damage_before(error)),
        }
    }

    /// Makes something of the whole array, and checks it.
    pub(crate) fn load<T>(mut self, make: impl FnOnce(Incoming<'_>) -> Result<T>) -> Result<T> {
        let opened = self.open();
        let is_pickle = opened.as_ref().is_ok_and(|array| array.dtype().has_object());
        match opened.and_then(make) {
            // A pickle says itself where it ends. What follows is nobody's.
            Ok(array) if is_pickle => self.contents.drain().map(|()| array),
            Ok(array) => self.contents.finish().map(|()| array),
            Err(error) => Err(self.contents.damage_before(error)),
        }
    }

    /// Makes something of a slice of the array.
    pub(crate) fn load_slice<T>(
        mut self,
        slice: &[SliceInfoElem],
        make: impl FnOnce(Incoming<'_>) -> Result<T>,
    ) -> Result<T> {
        let slice = Slice::new(&self.open()?.header_of_elements()?, slice)?;
        let Self { mut contents, limits, .. } = self;
        if slice.is_whole() {
            let array = slice.read(&mut contents, limits, make)?;
            contents.finish()?;
            return Ok(array);
        }
        let mut part = contents.part(slice.ranges().clone())?;
        slice.read(&mut part, limits, make)
    }

    /// Views the array in `file`, which is all in memory.
    pub(crate) fn view<'f, A: ViewElement, D: Dimension>(
        self,
        file: &'f [u8],
    ) -> Result<ArrayView<'f, A, D>> {
        let range = self.contents.in_place()?;
        let bytes = file.get(range.start as usize..range.end as usize);
        let bytes = bytes.ok_or_else(|| Error::archive("the file was cut short"))?;
        view(bytes, self.limits)
    }

    fn open(&mut self) -> Result<Incoming<'_>> {
        let (size, is_warranted) = (self.contents.size(), self.contents.is_warranted());
        let budget = self.budget;
        let Incoming { header, body } =
            Incoming::open(&mut self.contents, Some(size), self.limits)?;
        Ok(Incoming { header, body: body.known_if(is_warranted).charged_to(budget) })
    }
}
