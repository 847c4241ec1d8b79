//! Reading some of a member's bytes: those of a slice.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "the runs are those of a slice, whose array has been held against the member's \
              size, and so has the index of its blocks, which are not empty"
)]

use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

use super::member::{Decoder, MemberReader};
use crate::deflate::Blocks;
use crate::error::Result;
use crate::io::fill::{self, Fill, Then};
use crate::io::{Bytes, PART, Runs, Shared, WORTH_IT, Window, first};
use crate::parallel;

/// Reads runs of a member's bytes, and as little else as it can. Indexed blocks are held
/// against their own CRCs, other bytes against none: the member's is one of all of them.
pub(crate) struct PartReader<'a> {
    access: Access<'a>,
    runs: Runs,
    done: u64,
}

/// How bytes of a member are come by.
enum Access<'a> {
    /// At any place, from several threads if the bytes are shared.
    Direct(Bytes<'a>, Direct),
    /// By reading up to them.
    Forward(Box<MemberReader<'a>>),
}

/// Where bytes are that can be had without those before them.
enum Direct {
    /// As they are, the first of them at this offset.
    Stored(u64),
    Deflated(Blocks),
}

/// What is read to be copied from, to be used again.
type Scratch = Mutex<Vec<Vec<u8>>>;

/// A window, and where the bytes go that are wanted of it, after so many others.
type Piece<'o> = (Window, u64, &'o mut [u8]);

/// A file's gaps up to this length take less time to read than to jump over.
const GAP: u64 = 4 << 10;

/// How many pieces are planned ahead.
const MOST_PIECES: usize = 4096;

impl<'a> PartReader<'a> {
    /// Reads, of the bytes of `member` that have not been read yet, only these `runs`. Those
    /// that have been are the array's header, which is checked if it can be.
    pub(crate) fn new(member: MemberReader<'a>, runs: Runs) -> Result<Self> {
        let (source, start) = (member.span.source(), member.position());
        let access = match member.decoder {
            Decoder::Stored => {
                Access::Direct(source, Direct::Stored(member.span.left().start - start))
            }
            Decoder::Deflate(_, Some(blocks)) => {
                blocks.check_header(member.hasher.finalize())?;
                Access::Direct(source, Direct::Deflated(blocks))
            }
            Decoder::Deflate(_, None) | Decoder::Other(_) => Access::Forward(Box::new(member)),
        };
        Ok(Self { access, runs: runs.offset_by(start), done: 0 })
    }

    /// Reads, of bytes that are in the file as they are, from `start` on, only these `runs`.
    pub(crate) fn stored(source: Bytes<'a>, start: u64, runs: Runs) -> Self {
        Self { access: Access::Direct(source, Direct::Stored(start)), runs, done: 0 }
    }

    /// The next window, of at most so many bytes that are wanted.
    fn next_window(&self, most: usize) -> Window {
        let (grain, gap) = match &self.access {
            Access::Direct(Bytes::Shared(Shared::InMemory(_)), Direct::Stored(_)) => {
                (PART, u64::MAX)
            }
            Access::Direct(_, Direct::Stored(_)) => (PART, GAP),
            // No gap is as long as a block that is not wanted.
            Access::Direct(_, Direct::Deflated(blocks)) => {
                (blocks.part(most), blocks.size() as u64 - 1)
            }
            Access::Forward(_) => (fill::PART, u64::MAX),
        };
        self.runs.window(self.done, most, grain as u64, gap)
    }

    fn read_pieces(&mut self, pieces: Vec<Piece<'_>>) -> io::Result<()> {
        let (runs, scratch) = (&self.runs, &Scratch::default());
        let (source, direct) = match &mut self.access {
            Access::Direct(source, direct) => (*source, &*direct),
            Access::Forward(reader) => {
                let read = |piece| forward(reader, runs, scratch, piece);
                return pieces.into_iter().try_for_each(read);
            }
        };
        let wanted: usize = pieces.iter().map(|(window, ..)| window.wanted).sum();
        let is_worth_it = match direct {
            Direct::Stored(_) => wanted >= WORTH_IT,
            Direct::Deflated(_) => pieces.len() > 1,
        };
        match source {
            Bytes::Shared(shared) if is_worth_it => parallel::map(pieces, |piece| {
                direct.read(Bytes::Shared(shared), runs, scratch, piece)
            })
            .map(drop),
            source => {
                pieces.into_iter().try_for_each(|piece| direct.read(source, runs, scratch, piece))
            }
        }
    }
}

impl Direct {
    fn read(
        &self,
        source: Bytes<'_>,
        runs: &Runs,
        scratch: &Scratch,
        (window, done, out): Piece<'_>,
    ) -> io::Result<()> {
        let range = &window.bytes;
        match self {
            Self::Stored(start) if window.is_full() => {
                source.read_exact_at(out, start + range.start)
            }
            Self::Stored(start) => {
                let len = (range.end - range.start) as usize;
                if let Some(bytes) = source.get(start + range.start, len) {
                    runs.copy(done, bytes, range.start, out);
                    return Ok(());
                }
                with_scratch(scratch, len, |bytes| {
                    source.read_exact_at(bytes, start + range.start)?;
                    runs.copy(done, bytes, range.start, out);
                    Ok(())
                })
            }
            Self::Deflated(blocks) => {
                let around = blocks.around(range);
                let inflate = |bytes: &mut [u8]| {
                    blocks.inflate(source, around.start, bytes)?;
                    blocks.check(around.start, bytes)
                };
                if window.is_full() && *range == around {
                    return inflate(out);
                }
                with_scratch(scratch, (around.end - around.start) as usize, |bytes| {
                    inflate(bytes)?;
                    runs.copy(done, bytes, around.start, out);
                    Ok(())
                })
            }
        }
    }
}

/// Reads up to the piece, and the piece.
fn forward(
    reader: &mut MemberReader<'_>,
    runs: &Runs,
    scratch: &Scratch,
    (window, done, out): Piece<'_>,
) -> io::Result<()> {
    let Window { bytes: range, .. } = &window;
    let skipped = range.start - reader.position();
    io::copy(&mut reader.take(skipped), &mut io::sink())?;
    if window.is_full() {
        return reader.read_exact(out);
    }
    with_scratch(scratch, (range.end - range.start) as usize, |bytes| {
        reader.read_exact(bytes)?;
        runs.copy(done, bytes, range.start, out);
        Ok(())
    })
}

/// Lends `len` bytes, which may hold anything.
fn with_scratch<T>(scratch: &Scratch, len: usize, act: impl FnOnce(&mut [u8]) -> T) -> T {
    let spare = || scratch.lock().unwrap_or_else(PoisonError::into_inner);
    let mut bytes = spare().pop().unwrap_or_default();
    if bytes.len() < len {
        bytes.resize(len, 0);
    }
    let result = act(first(&mut bytes, len as u64));
    spare().push(bytes);
    result
}

impl Fill for PartReader<'_> {
    fn fill(&mut self, out: &mut [u8], then: &Then<'_>) -> io::Result<()> {
        if out.len() as u64 > self.runs.total() - self.done {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut rest = &mut *out;
        while !rest.is_empty() {
            let mut pieces = Vec::new();
            while !rest.is_empty() && pieces.len() < MOST_PIECES {
                let window = self.next_window(rest.len());
                let (part, after) = rest.split_at_mut(window.wanted);
                let done = self.done;
                self.done += part.len() as u64;
                pieces.push((window, done, part));
                rest = after;
            }
            self.read_pieces(pieces)?;
        }
        fill::look_at(out, then);
        Ok(())
    }
}

impl Read for PartReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let out = first(out, self.runs.total() - self.done);
        self.fill(out, &|_, _| {})?;
        Ok(out.len())
    }
}
