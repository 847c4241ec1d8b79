//! Reading some of a member's bytes: those of a slice.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "the ranges are those of a slice, whose array has been held against the member's \
              size, and so has the index of its blocks, which are not empty"
)]

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use super::member::{Decoder, MemberReader};
use crate::deflate::Blocks;
use crate::error::{Error, Result};
use crate::io::stream::visit_all;
use crate::io::{Input, Request, SharedInput, Stream, StridedRanges, Visit, first, in_parts};
use crate::parallel;
use crate::sizes::{CACHED, PART, WORTH_READING_IN_PARTS};

/// Reads ranges of a member's bytes, and as little else as it can. Indexed blocks are held
/// against their own CRCs, other bytes against none: the member's is one of all of them.
pub(crate) struct PartReader<'a> {
    access: Access<'a>,
    ranges: StridedRanges,
    done: u64,
}

/// How bytes of a member are reached.
enum Access<'a> {
    /// At any place, from several threads if the bytes are shared.
    Direct(Input<'a>, Direct),
    /// By reading up to them.
    Forward(Box<MemberReader<'a>>),
}

/// Where bytes are that can be had without those before them.
enum Direct {
    /// As they are, the first of them at this offset.
    Stored(u64),
    Deflated(Blocks),
}

/// A reader without its input: it goes on with the one that it is given.
pub(crate) type DetachedPart = Box<dyn for<'b> FnOnce(Input<'b>) -> PartReader<'b> + Send>;

/// Buffers for what is read to be copied from. They are used again.
type Scratch = Mutex<Vec<Vec<u8>>>;

/// A request, how many wanted bytes come before it, and where its own go.
type Piece<'o> = (Request, u64, &'o mut [u8]);

/// A file's gaps up to this length take less time to read than to jump over.
const GAP: u64 = 4 << 10;

/// How many pieces are planned ahead.
const MOST_PIECES: usize = 4096;

impl<'a> PartReader<'a> {
    /// Reads, of the bytes of `member` that have not been read yet, only these `ranges`. Those
    /// that have been are the array's header, which is checked if it can be.
    pub(crate) fn new(member: MemberReader<'a>, ranges: StridedRanges) -> Result<Self> {
        let (input, start) = (member.span.input(), member.position());
        let access = match member.decoder {
            Decoder::Stored => {
                Access::Direct(input, Direct::Stored(member.span.left().start - start))
            }
            Decoder::Deflate(_, Some(blocks)) => {
                blocks.check_header(member.hasher.finalize())?;
                Access::Direct(input, Direct::Deflated(blocks))
            }
            Decoder::Deflate(_, None) | Decoder::Other(_) => Access::Forward(Box::new(member)),
        };
        Ok(Self { access, ranges: ranges.offset_by(start), done: 0 })
    }

    /// Reads, of bytes that are in the file as they are, from `start` on, only these `ranges`.
    pub(crate) fn stored(input: Input<'a>, start: u64, ranges: StridedRanges) -> Self {
        Self { access: Access::Direct(input, Direct::Stored(start)), ranges, done: 0 }
    }

    /// Passes over the next `len` bytes.
    pub(crate) fn skip(&mut self, len: u64) {
        self.done += len;
    }

    /// Leaves its input, as [`MemberReader::detach`] does.
    pub(crate) fn detach(self) -> Option<DetachedPart> {
        let Self { access, ranges, done } = self;
        let access: Box<dyn for<'b> FnOnce(Input<'b>) -> Access<'b> + Send> = match access {
            Access::Direct(_, direct) => Box::new(|input| Access::Direct(input, direct)),
            Access::Forward(member) => {
                let member = member.detach()?;
                Box::new(|input| Access::Forward(Box::new(member(input))))
            }
        };
        Some(Box::new(move |input| PartReader { access: access(input), ranges, done }))
    }

    /// The next request, for at most `most` bytes that are wanted.
    fn next_request(&self, most: usize) -> Request {
        let (grain, gap) = match &self.access {
            Access::Direct(Input::Shared(SharedInput::InMemory(_)), Direct::Stored(_)) => {
                (PART, u64::MAX)
            }
            Access::Direct(_, Direct::Stored(_)) => (PART, GAP),
            // No gap is as long as a block that is not wanted.
            Access::Direct(_, Direct::Deflated(blocks)) => {
                (blocks.part(most), blocks.size() as u64 - 1)
            }
            Access::Forward(_) => (CACHED, u64::MAX),
        };
        self.ranges.request(self.done, most, grain as u64, gap)
    }

    fn read_pieces(&mut self, pieces: Vec<Piece<'_>>) -> Result<()> {
        let (ranges, scratch) = (&self.ranges, &Scratch::default());
        let (input, direct) = match &mut self.access {
            Access::Direct(input, direct) => (*input, &*direct),
            Access::Forward(reader) => {
                let read = |piece| forward(reader, ranges, scratch, piece);
                return pieces.into_iter().try_for_each(read);
            }
        };
        let wanted: usize = pieces.iter().map(|(request, ..)| request.wanted).sum();
        let is_worth_it = match direct {
            Direct::Stored(_) => wanted >= WORTH_READING_IN_PARTS,
            Direct::Deflated(_) => pieces.len() > 1,
        };
        let read = |input: Input<'_>, piece: Piece<'_>| direct.read(input, ranges, scratch, piece);
        let Input::Shared(shared) = input else {
            return pieces.into_iter().try_for_each(|piece| read(input, piece));
        };
        let place = |(request, ..): &Piece<'_>| direct.place(&request.bytes);
        in_parts(shared, pieces, place, |shared, pieces| match is_worth_it {
            true => parallel::map(pieces, |piece| read(Input::Shared(shared), piece)).map(drop),
            false => pieces.into_iter().try_for_each(|piece| read(Input::Shared(shared), piece)),
        })
    }
}

impl Direct {
    /// Where the bytes of a request are in the file, or what they are inflated from.
    fn place(&self, bytes: &Range<u64>) -> Range<u64> {
        match self {
            Self::Stored(start) => start + bytes.start..start + bytes.end,
            Self::Deflated(blocks) => blocks.place(bytes),
        }
    }

    fn read(
        &self,
        input: Input<'_>,
        ranges: &StridedRanges,
        scratch: &Scratch,
        (request, done, out): Piece<'_>,
    ) -> Result<()> {
        let range = &request.bytes;
        match self {
            Self::Stored(start) if request.is_full() => {
                input.read_exact_at(out, start + range.start)
            }
            Self::Stored(start) => {
                let len = (range.end - range.start) as usize;
                if let Some(bytes) = input.get(start + range.start, len) {
                    ranges.copy(done, bytes, range.start, out);
                    return Ok(());
                }
                with_scratch(scratch, len, |bytes| {
                    input.read_exact_at(bytes, start + range.start)?;
                    ranges.copy(done, bytes, range.start, out);
                    Ok(())
                })
            }
            Self::Deflated(blocks) => {
                let around = blocks.around(range);
                let inflate = |bytes: &mut [u8]| {
                    blocks.inflate(input, around.start, bytes)?;
                    blocks.check(around.start, bytes)
                };
                if request.is_full() && *range == around {
                    return inflate(out);
                }
                with_scratch(scratch, (around.end - around.start) as usize, |bytes| {
                    inflate(bytes)?;
                    ranges.copy(done, bytes, around.start, out);
                    Ok(())
                })
            }
        }
    }
}

/// Reads up to the piece, and the piece.
fn forward(
    reader: &mut MemberReader<'_>,
    ranges: &StridedRanges,
    scratch: &Scratch,
    (request, done, out): Piece<'_>,
) -> Result<()> {
    let range = &request.bytes;
    reader.skip_towards(range.start);
    let mut skipped = range.start - reader.position();
    with_scratch(scratch, skipped.min(CACHED as u64) as usize, |bytes| {
        while skipped > 0 {
            let read = reader.read(first(bytes, skipped))?;
            if read == 0 {
                return Err(Error::cut_short());
            }
            skipped -= read as u64;
        }
        Ok(())
    })?;
    if request.is_full() {
        return reader.read_exact(out);
    }
    with_scratch(scratch, (range.end - range.start) as usize, |bytes| {
        reader.read_exact(bytes)?;
        ranges.copy(done, bytes, range.start, out);
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

impl Stream for PartReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let out = first(out, self.ranges.total() - self.done);
        self.fill(out, &|_, _| {})?;
        Ok(out.len())
    }

    fn fill(&mut self, out: &mut [u8], visit: &Visit<'_>) -> Result<()> {
        if out.len() as u64 > self.ranges.total() - self.done {
            return Err(Error::cut_short());
        }
        let mut rest = &mut *out;
        while !rest.is_empty() {
            let mut pieces = Vec::new();
            while !rest.is_empty() && pieces.len() < MOST_PIECES {
                let request = self.next_request(rest.len());
                let (part, after) = rest.split_at_mut(request.wanted);
                let done = self.done;
                self.done += part.len() as u64;
                pieces.push((request, done, part));
                rest = after;
            }
            self.read_pieces(pieces)?;
        }
        visit_all(out, visit);
        Ok(())
    }
}
