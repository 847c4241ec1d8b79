//! A buffer below the zip crate, which writes a member's header in a dozen pieces and
//! comes back later to fill in its CRC and sizes.
//!
//! What was written last stays in memory until there is enough of it, and seeking back
//! into that part costs nothing. So small members reach the writer below many at a time,
//! and large ones in few, large calls.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "it counts what is written, and buffers it"
)]

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use super::allocate::allocate;
use crate::sizes::{CACHED, WORTH_PREALLOCATING};

pub(crate) struct Output<W> {
    inner: W,
    // What can be done with `inner`, as functions, so that whoever holds an output need not
    // care which sort of writer it is.
    write_all: fn(&mut W, &[u8]) -> io::Result<()>,
    flush: fn(&mut W) -> io::Result<()>,
    seek: fn(&mut W, SeekFrom) -> io::Result<u64>,
    allocate: fn(&W, u64, u64),
    /// Where `inner` stands, and the buffer's first byte belongs; not known at first.
    start: Option<u64>,
    /// Bytes not passed on yet.
    buffer: Vec<u8>,
    /// Where in the buffer the next byte goes.
    cursor: usize,
    /// The furthest position so far.
    furthest: u64,
    /// Whether all that is written stays in the buffer.
    holds: bool,
    /// Set by the first error, and when the archive is given up. From then on the output
    /// pretends: zip's writer completes itself when it is dropped, which must not make
    /// half an archive whole, nor print the error again.
    abandoned: AtomicBool,
}

impl Output<File> {
    /// For a new file.
    pub(crate) fn file(file: File) -> Self {
        Self { allocate, start: Some(0), ..Self::seekable(file) }
    }
}

impl<W: Write> Output<W> {
    pub(crate) fn seekable(inner: W) -> Self
    where
        W: Seek,
    {
        Self { seek: W::seek, start: None, ..Self::stream(inner) }
    }

    /// For a writer that only goes forward.
    pub(crate) fn stream(inner: W) -> Self {
        Self {
            inner,
            write_all: W::write_all,
            flush: W::flush,
            seek: |_, _| Err(io::ErrorKind::Unsupported.into()),
            allocate: |_, _, _| (),
            start: Some(0),
            buffer: Vec::new(),
            cursor: 0,
            furthest: 0,
            holds: false,
            abandoned: AtomicBool::new(false),
        }
    }
}

impl<W> Output<W> {
    pub(crate) fn get_ref(&self) -> &W {
        &self.inner
    }

    pub(crate) fn abandon(&self) {
        self.abandoned.store(true, Ordering::Relaxed);
    }

    /// Says that `len` bytes more will be written.
    pub(crate) fn expect(&self, len: u64) {
        if let (WORTH_PREALLOCATING.., Some(start)) = (len, self.start) {
            (self.allocate)(&self.inner, start + self.cursor as u64, len);
        }
    }

    /// Where it stands, counted from the first byte that was passed on if that is not known.
    pub(crate) fn position_so_far(&self) -> u64 {
        self.start.unwrap_or(0) + self.cursor as u64
    }

    /// Keeps back from now on what is written.
    pub(crate) fn hold(&mut self) {
        self.holds = true;
    }

    /// What has not been passed on.
    pub(crate) fn held(&self) -> &[u8] {
        &self.buffer
    }

    /// Takes back the last `len` bytes, which have not been passed on, and holds no more.
    pub(crate) fn take_back(&mut self, len: usize) -> Vec<u8> {
        self.holds = false;
        let taken = self.buffer.split_off(self.buffer.len().saturating_sub(len));
        self.cursor = self.buffer.len();
        taken
    }

    /// How many bytes there are below.
    pub(crate) fn len(&mut self) -> io::Result<u64> {
        let start = self.start()?;
        let len = self.seek_below(SeekFrom::End(0))?;
        self.seek_below(SeekFrom::Start(start))?;
        Ok(len)
    }

    pub(crate) fn into_inner(mut self) -> io::Result<W> {
        self.flush()?;
        Ok(self.inner)
    }

    /// Does something to the writer below. If that fails, or panics, it was the last thing that is
    /// done to it.
    fn below<T>(&mut self, act: impl FnOnce(&mut Self) -> io::Result<T>) -> io::Result<T> {
        self.abandon();
        let done = act(self)?;
        self.abandoned.store(false, Ordering::Relaxed);
        Ok(done)
    }

    fn start(&mut self) -> io::Result<u64> {
        match self.start {
            Some(start) => Ok(start),
            None => self.seek_below(SeekFrom::Current(0)),
        }
    }

    /// Passes the buffer on, then `bytes`, and stands behind them.
    fn write_below(&mut self, bytes: &[u8]) -> io::Result<()> {
        let start = self.start()?;
        self.below(|this| {
            (this.write_all)(&mut this.inner, &this.buffer)?;
            (this.write_all)(&mut this.inner, bytes)
        })?;
        self.start = Some(start + self.buffer.len() as u64 + bytes.len() as u64);
        self.buffer.clear();
        self.cursor = 0;
        Ok(())
    }

    fn seek_below(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = self.below(|this| (this.seek)(&mut this.inner, to))?;
        self.start = Some(position);
        Ok(position)
    }

    fn position(&mut self) -> io::Result<u64> {
        let position = self.start()? + self.cursor as u64;
        self.furthest = self.furthest.max(position);
        Ok(position)
    }
}

impl<W> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.abandoned.load(Ordering::Relaxed) {
            return Ok(bytes.len());
        }
        let behind = self.buffer.len() - self.cursor;
        if behind > 0 {
            // Over what was written before.
            let len = bytes.len().min(behind);
            self.buffer[self.cursor..][..len].copy_from_slice(&bytes[..len]);
            self.cursor += len;
            return Ok(len);
        }
        if self.holds || self.buffer.len() + bytes.len() <= CACHED {
            self.buffer.extend_from_slice(bytes);
            self.cursor = self.buffer.len();
        } else {
            self.write_below(bytes)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.abandoned.load(Ordering::Relaxed) {
            return Ok(());
        }
        let (position, end) = (self.position()?, self.cursor == self.buffer.len());
        self.write_below(&[])?;
        if !end {
            self.seek_below(SeekFrom::Start(position))?;
        }
        self.below(|this| (this.flush)(&mut this.inner))
    }
}

impl<W> Seek for Output<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        if self.abandoned.load(Ordering::Relaxed) {
            return Ok(self.furthest);
        }
        let position = self.position()?;
        let to = match to {
            SeekFrom::Current(0) => return Ok(position),
            // What is there may be longer, but ends here when it is complete.
            SeekFrom::End(0) if self.holds => return Ok(position),
            SeekFrom::Current(by) => {
                let position =
                    position.checked_add_signed(by).ok_or(io::ErrorKind::InvalidInput)?;
                SeekFrom::Start(position)
            }
            to => to,
        };
        if let SeekFrom::Start(position) = to {
            let cursor = position.checked_sub(self.start()?);
            if let Some(cursor) = cursor.filter(|&cursor| cursor <= self.buffer.len() as u64) {
                self.cursor = cursor as usize;
                return Ok(position);
            }
        }
        self.write_below(&[])?;
        self.seek_below(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// Counts the calls that reach it.
    #[derive(Default)]
    struct Counted(Cursor<Vec<u8>>, usize);

    impl Write for Counted {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1 += 1;
            self.0.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Counted {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.1 += 1;
            self.0.seek(to)
        }
    }

    #[test]
    fn writes_and_seeks_within_the_buffer_stay_in_it() {
        let mut output = Output::seekable(Counted::default());
        for i in 0..1000_u64 {
            output.write_all(&[0; 16]).unwrap();
            output.seek(SeekFrom::Start(i * 16 + 4)).unwrap();
            output.write_all(&i.to_le_bytes()).unwrap();
            assert_eq!(output.stream_position().unwrap(), i * 16 + 12);
            output.seek(SeekFrom::Start((i + 1) * 16)).unwrap();
        }
        let Counted(inner, calls) = output.into_inner().unwrap();
        assert!(calls < 10, "{calls}");
        let bytes = inner.into_inner();
        assert_eq!(bytes.len(), 16_000);
        assert_eq!(bytes[16 * 999 + 4..][..8], 999_u64.to_le_bytes());
    }

    /// Every seek and write, done to the output and to a plain cursor alike.
    #[test]
    fn it_behaves_as_what_it_buffers() {
        let mut plain = Cursor::new(vec![7_u8; 100]);
        plain.set_position(50);
        let mut output = Output::seekable(plain.clone());
        let mut random = 1_u64;
        let mut next = |bound: u64| {
            random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (random >> 33) % bound
        };
        for step in 0..2000 {
            let to = match next(4) {
                0 => SeekFrom::Start(next(400_000)),
                1 => SeekFrom::Current(-(next(20) as i64)),
                2 => SeekFrom::End(0),
                _ => SeekFrom::Current(0),
            };
            assert_eq!(output.seek(to).ok(), plain.seek(to).ok(), "{step} {to:?}");
            let len = if next(50) == 0 { next(300_000) } else { next(100) };
            let bytes = vec![step as u8; len as usize];
            output.write_all(&bytes).unwrap();
            plain.write_all(&bytes).unwrap();
            if next(100) == 0 {
                output.flush().unwrap();
            }
        }
        assert!(output.into_inner().unwrap().into_inner() == plain.into_inner());
    }

    #[test]
    fn after_an_error_it_only_pretends() {
        let mut room = [0; 10];
        let mut output = Output::seekable(Cursor::new(&mut room[..]));
        output.write_all(&[1; 20]).unwrap();
        assert!(output.flush().is_err());
        output.write_all(&[2; 20]).unwrap();
        output.flush().unwrap();
        output.seek(SeekFrom::Start(0)).unwrap();
        output.write_all(&[3; 5]).unwrap();
        output.into_inner().unwrap();
        assert_eq!(room, [1; 10]);
    }
}
