//! What stands for deflate in a build without it.

use std::io;
use std::ops::Range;

use super::Member;
use super::source::Bytes;
use super::span::Span;
use crate::error::{Error, Result};

/// There is none.
pub(super) enum Inflater {}

impl Inflater {
    pub(super) fn new() -> Result<Self> {
        Err(Error::unsupported("it is compressed, and npz was built without `deflate`"))
    }

    pub(super) fn restart(&mut self) {
        match *self {}
    }

    pub(super) fn read(&mut self, _: &mut Span<'_>, _: &mut [u8]) -> io::Result<usize> {
        match *self {}
    }

    pub(super) fn is_at_end(&mut self, _: &mut Span<'_>) -> io::Result<bool> {
        match *self {}
    }
}

/// There is none.
pub(super) enum Deflater {}

impl Deflater {
    pub(super) fn new(_: u8) -> Result<Self> {
        Err(Error::unsupported("npz was built without `deflate`, and can't compress"))
    }

    pub(super) fn reserve_index(&mut self, _: &[u8], _: u64, _: usize) -> &[u8] {
        match *self {}
    }

    pub(super) fn write(&mut self, _: &[u8], _: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        match *self {}
    }

    pub(super) fn finish(self, _: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<Deflated> {
        match self {}
    }
}

/// The id of a field that is never written.
pub(super) const INDEX: u16 = 0;

pub(super) struct Deflated {
    pub(super) size: u64,
    pub(super) compressed_size: u64,
    pub(super) crc32: u32,
    pub(super) index: Vec<u8>,
}

/// There are none.
pub(super) enum Blocks {}

impl Blocks {
    pub(super) fn find(
        _: Bytes<'_>,
        _: &[u8],
        _: &Member,
        _: Range<u64>,
    ) -> io::Result<Option<Self>> {
        Ok(None)
    }

    pub(super) fn size(&self) -> usize {
        match *self {}
    }

    pub(super) fn part(&self, _: usize) -> usize {
        match *self {}
    }

    pub(super) fn end(&self) -> u64 {
        match *self {}
    }

    pub(super) fn inflate(&self, _: Bytes<'_>, _: u64, _: &mut [u8]) -> io::Result<()> {
        match *self {}
    }

    pub(super) fn around(&self, _: &Range<u64>) -> Range<u64> {
        match *self {}
    }

    pub(super) fn check_header(&self, _: u32) -> Result<()> {
        match *self {}
    }

    pub(super) fn check(&self, _: u64, _: &[u8]) -> io::Result<()> {
        match *self {}
    }
}
