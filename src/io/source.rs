//! The bytes of a file, whatever they are read from.

use std::borrow::Cow;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::cost::ReadCost;
use super::plan::read_together;
use super::read_ahead::ReadAhead;
use super::read_at::{ReadAt, read_full};
use crate::error::{Error, Result};
use crate::memory;

/// The bytes of a file: a reader of any kind, together with the way to read it at a position.
///
/// The way is a function pointer, so that the types of readers do not depend on the kind.
/// [`Input`] is what everything else reads from.
pub(crate) struct Source<R> {
    reader: Access<R>,
    size: u64,
    /// Its last bytes, if they have been read along with the size and nobody has taken them.
    tail: Option<Vec<u8>>,
}

enum Access<R> {
    Positional(ReadAhead<R>, fn(&ReadAhead<R>) -> &dyn ReadAt),
    Bytes(R, fn(&R) -> &[u8]),
    Seekable(Mutex<R>, fn(&Mutex<R>) -> &dyn OneAtATime),
}

/// A [`Source`] as it is read, whatever reader is behind it. Only its `Shared` form can be sent to
/// other threads.
#[derive(Clone, Copy)]
pub(crate) enum Input<'a> {
    Shared(SharedInput<'a>),
    /// A reader with a cursor, which one caller moves at a time.
    Single(&'a dyn OneAtATime),
}

/// Bytes that several threads can read at once.
#[derive(Clone, Copy)]
pub(crate) enum SharedInput<'a> {
    At(&'a dyn ReadAt),
    InMemory(&'a [u8]),
}

/// A [`Source`] that work in the background reads from, whatever reader is behind it.
pub(crate) trait SharedSource: Send + Sync {
    fn input(&self) -> Input<'_>;
}

impl<R: Send + Sync> SharedSource for Source<R> {
    fn input(&self) -> Input<'_> {
        Self::input(self)
    }
}

/// What [`ReadAt`] is, for this thread alone.
pub(crate) trait OneAtATime {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize>;
}

impl<R: Read + Seek> OneAtATime for Mutex<R> {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        // After a panic elsewhere the cursor may be anywhere: it is set anyway.
        let mut reader = self.lock().unwrap_or_else(PoisonError::into_inner);
        reader.seek(SeekFrom::Start(offset))?;
        reader.read(buf)
    }
}

impl<R> Source<R> {
    pub(crate) fn positional(reader: R) -> io::Result<Self>
    where
        R: ReadAt,
    {
        let size = reader.size()?;
        Ok(Self::of_size(reader, size))
    }

    /// The same, of which the last `len` bytes will be wanted first.
    pub(crate) fn positional_with_tail(reader: R, len: usize) -> io::Result<Self>
    where
        R: ReadAt,
    {
        if !reader.cost().is_planned() {
            return Self::positional(reader);
        }
        let mut tail = vec![0; len];
        let size = reader.read_tail(&mut tail)?;
        tail.truncate(usize::try_from(size).unwrap_or(usize::MAX));
        Ok(Self { tail: Some(tail), ..Self::of_size(reader, size) })
    }

    fn of_size(reader: R, size: u64) -> Self
    where
        R: ReadAt,
    {
        let reader = ReadAhead::new(reader);
        Self { reader: Access::Positional(reader, |reader| reader), size, tail: None }
    }

    pub(crate) fn bytes(bytes: R) -> Self
    where
        R: AsRef<[u8]>,
    {
        let size = bytes.as_ref().len() as u64;
        Self { reader: Access::Bytes(bytes, R::as_ref), size, tail: None }
    }

    pub(crate) fn seekable(mut reader: R) -> io::Result<Self>
    where
        R: Read + Seek,
    {
        let size = reader.seek(SeekFrom::End(0))?;
        let reader = Access::Seekable(Mutex::new(reader), |reader| reader);
        Ok(Self { reader, size, tail: None })
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Its last bytes, if they have been read.
    pub(crate) fn take_tail(&mut self) -> Option<Vec<u8>> {
        self.tail.take()
    }

    /// The bytes, unless they are read through a cursor.
    pub(crate) fn in_memory(&self) -> Option<&[u8]>
    where
        R: AsRef<[u8]>,
    {
        self.get_ref().map(R::as_ref)
    }

    /// Gives back the reader. Work in the background has a share of the source only while it reads,
    /// and is waited for.
    pub(crate) fn into_inner(mut shared: Arc<Self>) -> R {
        let source = loop {
            match Arc::try_unwrap(shared) {
                Ok(source) => break source,
                Err(in_use) => shared = in_use,
            }
            thread::yield_now();
        };
        match source.reader {
            Access::Positional(reader, _) => reader.into_inner(),
            Access::Bytes(bytes, _) => bytes,
            Access::Seekable(reader, _) => {
                reader.into_inner().unwrap_or_else(PoisonError::into_inner)
            }
        }
    }

    /// The reader, unless it has a cursor.
    pub(crate) fn get_ref(&self) -> Option<&R> {
        match &self.reader {
            Access::Positional(reader, _) => Some(reader.source()),
            Access::Bytes(bytes, _) => Some(bytes),
            Access::Seekable(..) => None,
        }
    }

    pub(crate) fn input(&self) -> Input<'_> {
        match &self.reader {
            Access::Positional(reader, shared) => Input::Shared(SharedInput::At(shared(reader))),
            Access::Bytes(reader, bytes) => Input::Shared(SharedInput::InMemory(bytes(reader))),
            Access::Seekable(reader, single) => Input::Single(single(reader)),
        }
    }
}

impl<'a> Input<'a> {
    /// The `len` bytes at `offset`, if they are in memory.
    pub(crate) fn get(&self, offset: u64, len: usize) -> Option<&'a [u8]> {
        match self {
            Self::Shared(SharedInput::InMemory(bytes)) => {
                bytes.get(usize::try_from(offset).ok()?..)?.get(..len)
            }
            _ => None,
        }
    }

    /// How it is read best.
    pub(crate) fn cost(&self) -> ReadCost {
        match self {
            Self::Shared(SharedInput::At(reader)) => reader.cost(),
            Self::Shared(SharedInput::InMemory(_)) | Self::Single(_) => ReadCost::LOCAL,
        }
    }

    /// The bytes at `range`, which is within the file.
    pub(crate) fn range(&self, range: Range<u64>) -> Result<Cow<'a, [u8]>> {
        let len = usize::try_from(range.end.saturating_sub(range.start));
        let len = len.map_err(|_| Error::out_of_memory(usize::MAX))?;
        if let Some(bytes) = self.get(range.start, len) {
            return Ok(bytes.into());
        }
        let mut bytes = memory::zeroed(len).ok_or_else(|| Error::out_of_memory(len))?;
        self.read_exact_at(&mut bytes, range.start)?;
        Ok(bytes.into())
    }

    /// Fills `out` with the bytes at `offset`, which were there when the archive was opened.
    pub(crate) fn read_exact_at(&self, out: &mut [u8], offset: u64) -> Result<()> {
        let cost = self.cost();
        if let Self::Shared(SharedInput::At(reader)) = self
            && cost.is_planned()
        {
            let read = read_together(*reader, cost, vec![(offset, out)]);
            return read.map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => Error::source_cut_short(),
                _ => Error::io("read", error),
            });
        }
        match self.read_at(out, offset)? == out.len() {
            true => Ok(()),
            false => Err(Error::source_cut_short()),
        }
    }

    /// Reads at `offset` until `buf` is full or the bytes end, and returns how many came.
    pub(crate) fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<usize> {
        let read = match self {
            Self::Shared(SharedInput::At(reader)) => {
                read_full(buf, offset, |buf, at| reader.read_at(buf, at))
            }
            Self::Shared(SharedInput::InMemory(bytes)) => bytes.read_at(buf, offset),
            Self::Single(reader) => read_full(buf, offset, |buf, at| reader.read_at(buf, at)),
        };
        read.map_err(|error| Error::io("read", error))
    }
}
