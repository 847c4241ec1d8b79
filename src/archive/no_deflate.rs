//! What stands for deflate in a build without it.

use std::io;

use super::span::Span;
use crate::error::{Error, Result};

/// There is none.
pub(super) enum Inflater {}

impl Inflater {
    pub(super) fn new() -> Result<Self> {
        Err(Error::unsupported("it is compressed, and npz was built without `deflate`"))
    }

    pub(super) fn read<R>(&mut self, _: &mut Span<'_, R>, _: &mut [u8]) -> io::Result<usize> {
        match *self {}
    }

    pub(super) fn is_at_end<R>(&mut self, _: &mut Span<'_, R>) -> io::Result<bool> {
        match *self {}
    }
}

/// There is none.
pub(super) enum Deflater {}

impl Deflater {
    pub(super) fn new(_: u8) -> Result<Self> {
        Err(Error::unsupported("npz was built without `deflate`, and can't compress"))
    }

    pub(super) fn reserve_index(&mut self, _: u64, _: usize) -> &[u8] {
        match *self {}
    }

    pub(super) fn write(&mut self, _: &[u8], _: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        match *self {}
    }

    pub(super) fn finish(self, _: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<Data> {
        match self {}
    }
}

/// The id of a field that is never written.
pub(super) const INDEX: u16 = 0;

pub(super) struct Data {
    pub(super) size: u64,
    pub(super) compressed_size: u64,
    pub(super) crc32: u32,
    pub(super) index: Vec<u8>,
}
