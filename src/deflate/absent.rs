//! What stands for deflate in a build without it.

use std::ops::Range;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::io::{Input, Sink, Span, Visit};

/// It cannot be made.
pub(crate) enum Inflater {}

impl Inflater {
    pub(crate) fn new() -> Result<Self> {
        Err(Error::unsupported("it is compressed, and npz was built without `deflate`"))
    }

    pub(crate) fn restart(&mut self) {
        match *self {}
    }

    pub(crate) fn read(&mut self, _: &mut Span<'_>, _: &mut [u8]) -> Result<usize> {
        match *self {}
    }

    pub(crate) fn fill_pays(&self, _: &Span<'_>, _: usize) -> bool {
        match *self {}
    }

    pub(crate) fn fill(
        &mut self,
        _: &mut Span<'_>,
        _: &mut [u8],
        _: &Visit<'_>,
    ) -> Option<Result<crc32fast::Hasher>> {
        match *self {}
    }

    pub(crate) fn leave_marks(&mut self, _: Arc<Marks>, _: u64) {
        match *self {}
    }

    pub(crate) fn skip_towards(&mut self, _: &mut Span<'_>, _: u64) -> u64 {
        match *self {}
    }

    pub(crate) fn is_between_blocks(&mut self, _: &mut Span<'_>) -> Result<bool> {
        match *self {}
    }

    pub(crate) fn is_at_end(&mut self, _: &mut Span<'_>) -> Result<bool> {
        match *self {}
    }
}

/// There are none.
#[derive(Default)]
pub(crate) struct Marks;

/// It cannot be made.
pub(crate) enum Deflater {}

impl Deflater {
    pub(crate) const MOST_HEADER: usize = 0;

    pub(crate) fn new(_: u8, _: usize) -> Result<Self> {
        Err(Error::unsupported("npz was built without `deflate`, and can't compress"))
    }

    pub(crate) fn begin(&mut self, _: &[u8], _: &mut Sink<'_>) -> Result<()> {
        match *self {}
    }

    pub(crate) fn write(&mut self, _: &[u8], _: &mut Sink<'_>) -> Result<()> {
        match *self {}
    }

    pub(crate) fn finish(self, _: &[u8], _: &mut Sink<'_>) -> Result<Deflated> {
        match self {}
    }
}

pub(crate) struct Deflated {
    pub(crate) size: u64,
    pub(crate) crc32: u32,
    pub(crate) index: Index,
    pub(crate) beginning: Vec<u8>,
}

/// There is none.
pub(crate) enum Index {}

impl Index {
    pub(crate) fn field(&self, _: usize) -> Option<Vec<u8>> {
        match *self {}
    }
}

/// They cannot be found.
pub(crate) enum Blocks {}

impl Blocks {
    pub(crate) fn parse(_: &[u8], _: Range<u64>, _: u64) -> Option<Self> {
        None
    }

    pub(crate) fn size(&self) -> usize {
        match *self {}
    }

    pub(crate) fn part(&self, _: usize) -> usize {
        match *self {}
    }

    pub(crate) fn end(&self) -> Range<u64> {
        match *self {}
    }

    pub(crate) fn at(&self, _: u64) -> Option<(Range<u64>, u64)> {
        match *self {}
    }

    pub(crate) fn is_wrong() -> Error {
        Error::archive("damaged: its index is not that of its compressed data")
    }

    pub(crate) fn inflate(&self, _: Input<'_>, _: u64, _: &mut [u8]) -> Result<()> {
        match *self {}
    }

    pub(crate) fn around(&self, _: &Range<u64>) -> Range<u64> {
        match *self {}
    }

    pub(crate) fn place(&self, _: &Range<u64>) -> Range<u64> {
        match *self {}
    }

    pub(crate) fn check_header(&self, _: u32) -> Result<()> {
        match *self {}
    }

    pub(crate) fn check(&self, _: u64, _: &[u8]) -> Result<()> {
        match *self {}
    }
}
