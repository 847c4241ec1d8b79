//! Reading one member: its bytes, decompressed, with size and CRC checked.

use std::borrow::Cow;
use std::convert::Infallible;
use std::io::Read;
use std::iter;
use std::ops::Range;
use std::sync::Arc;

use super::Member;
use super::header_copy::HeaderCopy;
use super::local::LocalHeader;
use super::other_codecs;
use crate::deflate::{Blocks, Inflater, Marks};
use crate::error::{Error, ErrorKind, Result};
use crate::io::stream::{fill_in_order, visit_all};
use crate::io::{Input, Span, Stream, Visit, first, in_parts};
use crate::parallel;
use crate::sizes::{CACHED, WORTH_READING_IN_PARTS};

pub(super) enum Decoder<'a> {
    Stored,
    Deflate(Box<Inflater>, Option<Blocks>),
    /// One that has the member's bytes itself.
    Other(Box<dyn Read + 'a>),
}

/// Reads a member from its first byte to its last.
///
/// The bytes are vouched for only when [`finish`](Self::finish) has returned `Ok`.
pub(crate) struct MemberReader<'a> {
    pub(super) span: Span<'a>,
    pub(super) decoder: Decoder<'a>,
    /// Decompressed bytes, all of them and those not read yet.
    size: u64,
    left: u64,
    /// The checksum of the bytes that have been read.
    pub(super) hasher: crc32fast::Hasher,
    crc32: u32,
}

/// A reader without its input: it goes on with the one that it is given.
pub(crate) type DetachedMember = Box<dyn for<'b> FnOnce(Input<'b>) -> MemberReader<'b> + Send>;

/// What a local header takes, more or less, besides the name.
const HEADER: u64 = 30 + 256;

/// What suffices to read an array's header, deflated or not, unless it is very long.
const ARRAY_HEADER: u64 = 1 << 10;

/// Deflate's best: two bits for 258 bytes, after a few bytes of header.
const MOST_PER_BYTE: u64 = 1032;

impl<'a> MemberReader<'a> {
    /// Finds the member's bytes, and holds what the directory says against the file.
    pub(crate) fn open(input: Input<'a>, member: &Member) -> Result<Self> {
        if member.is_encrypted {
            return Err(Error::unsupported("it is encrypted, which .npz files never are"));
        }
        let ahead = beginning(input, member)?;
        let header = LocalHeader::parse(&ahead)
            .ok_or_else(|| Error::archive("damaged: no member starts where the directory says"))?;
        let mut decoder = match (member.method, header.method()) {
            (one, other) if one != other => {
                return Err(Error::archive(
                    "damaged: two headers disagree on its compression method",
                ));
            }
            (0, _) => Decoder::Stored,
            (8, _) => Decoder::Deflate(Box::new(Inflater::new()?), None),
            // When it is known where its bytes are.
            _ => Decoder::Other(Box::new(std::io::empty())),
        };
        header.check(member)?;

        let start = member.header_start.checked_add(header.fields().end);
        let end = start.and_then(|start| start.checked_add(member.compressed_size));
        let (Some(start), Some(end)) = (start, end.filter(|&end| end <= member.end)) else {
            return Err(Error::archive("damaged: its place in the file is that of something else"));
        };
        let most = match decoder {
            Decoder::Stored => member.compressed_size,
            Decoder::Deflate(..) => member.compressed_size.saturating_mul(MOST_PER_BYTE),
            Decoder::Other(_) => u64::MAX,
        };
        if member.size > most || (member.is_stored() && member.size < most) {
            return Err(Error::archive(format!(
                "damaged: {} bytes in the archive cannot hold the {} that the directory declares",
                member.compressed_size, member.size
            )));
        }
        if let Decoder::Deflate(_, blocks) = &mut decoder {
            let index = member.own_field.as_deref();
            *blocks = index.and_then(|index| Blocks::parse(index, start..end, member.size));
        }
        let first = match &decoder {
            Decoder::Deflate(_, Some(blocks)) => blocks.at(0).map(|(first, _)| first),
            _ => None,
        };
        let span = Span::new(input, first.unwrap_or(start..end)).with_reach(end);
        let span = span.with_ahead(ahead, member.header_start);
        HeaderCopy::check(&span, member)?;
        if let Decoder::Other(reader) = &mut decoder {
            *reader = other_codecs::decoder(member.method, span.clone(), member.size)?;
        }
        Ok(Self::at_start(member, span, decoder))
    }

    /// Opens the member for a part of it. Where reads are planned, its headers are not read, but those
    /// that the directory has a copy of.
    pub(crate) fn open_for_part(input: Input<'a>, member: &Member) -> Result<Self> {
        match HeaderCopy::of(member) {
            Some((copy, data)) if input.cost().is_planned() => {
                let header = copy.header.to_vec().into();
                let span = Span::new(input, data.clone()).with_ahead(header, data.start);
                Ok(Self::at_start(member, span, Decoder::Stored))
            }
            _ => Self::open(input, member),
        }
    }

    /// Nothing has been read yet.
    fn at_start(member: &Member, span: Span<'a>, decoder: Decoder<'a>) -> Self {
        Self {
            span,
            decoder,
            size: member.size,
            left: member.size,
            hasher: crc32fast::Hasher::new(),
            crc32: member.crc32,
        }
    }

    /// Leaves marks in what is inflated, and uses those of others. Nothing has been read yet.
    pub(crate) fn with_marks(mut self, marks: &Arc<Marks>) -> Self {
        if let Decoder::Deflate(inflater, None) = &mut self.decoder {
            inflater.leave_marks(Arc::clone(marks), self.size);
        }
        self
    }

    /// Skips as many bytes before the one at `position` as need not be read. No checksum is known
    /// afterwards.
    pub(super) fn skip_towards(&mut self, position: u64) {
        if let Decoder::Deflate(inflater, None) = &mut self.decoder {
            let position = inflater.skip_towards(&mut self.span, position);
            self.left = self.size.saturating_sub(position);
        }
    }

    /// Checks that all was read, and that it is what was written.
    pub(crate) fn finish(mut self) -> Result<()> {
        let is_whole = match &mut self.decoder {
            Decoder::Stored => Ok(self.span.is_exhausted()),
            Decoder::Deflate(inflater, _) => inflater.is_at_end(&mut self.span),
            Decoder::Other(reader) => read_other(reader, &mut [0]).map(|more| more == 0),
        };
        if self.left > 0 || !is_whole? {
            return Err(Error::archive("damaged: it does not end where the directory says"));
        }
        let (expected, found) = (self.crc32, self.hasher.finalize());
        match expected == found {
            true => Ok(()),
            false => Err(ErrorKind::Checksum { expected, found }.into()),
        }
    }

    /// Where the bytes not read yet are in the archive, if they are there as they are.
    pub(crate) fn stored_range(&self) -> Option<Range<u64>> {
        matches!(self.decoder, Decoder::Stored).then(|| self.span.left())
    }

    /// Whether the bytes in the archive can hold as many as are declared.
    pub(crate) fn is_warranted(&self) -> bool {
        !matches!(self.decoder, Decoder::Other(_))
    }

    /// How many bytes there are, decompressed.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// How many bytes have been read.
    pub(crate) fn position(&self) -> u64 {
        self.size.saturating_sub(self.left)
    }

    /// How many bytes each of the blocks has, inflated, if there is an index of them.
    pub(crate) fn block_size(&self) -> Option<usize> {
        match &self.decoder {
            Decoder::Deflate(_, blocks) => blocks.as_ref().map(Blocks::size),
            _ => None,
        }
    }

    /// Says that the next `len` bytes will be read, and perhaps no others: no more is read ahead. There
    /// are as many.
    pub(crate) fn expect(&mut self, len: u64) {
        let start = self.position();
        match &self.decoder {
            Decoder::Stored => self.span.set_reach(self.span.left().start.saturating_add(len)),
            Decoder::Deflate(_, Some(blocks)) => {
                self.span.set_reach(blocks.place(&(start..start.saturating_add(len))).end);
            }
            Decoder::Deflate(_, None) | Decoder::Other(_) => {}
        }
    }

    /// Leaves its input, to go on with another one for the same bytes, perhaps on another thread.
    /// `None` if the decoder has the bytes itself.
    pub(crate) fn detach(self) -> Option<DetachedMember> {
        let Self { span, decoder, size, left, hasher, crc32 } = self;
        let deflate = match decoder {
            Decoder::Stored => None,
            Decoder::Deflate(inflater, blocks) => Some((inflater, blocks)),
            Decoder::Other(_) => return None,
        };
        let span = span.detach();
        Some(Box::new(move |input| {
            let decoder = deflate
                .map_or(Decoder::Stored, |(inflater, blocks)| Decoder::Deflate(inflater, blocks));
            MemberReader { span: span(input), decoder, size, left, hasher, crc32 }
        }))
    }

    /// Reads what is left, and checks it.
    pub(crate) fn drain(mut self) -> Result<()> {
        let mut chunk = vec![0; self.left.min(CACHED as u64) as usize];
        while self.read(&mut chunk)? > 0 {}
        self.finish()
    }
}

impl Stream for MemberReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let out = first(out, self.left);
        let read = match &mut self.decoder {
            Decoder::Stored => Stream::read(&mut self.span, out)?,
            Decoder::Deflate(inflater, None) => inflater.read(&mut self.span, out)?,
            Decoder::Deflate(inflater, Some(blocks)) => read_blocks(
                inflater,
                blocks,
                &mut self.span,
                self.size.saturating_sub(self.left),
                out,
            )?,
            Decoder::Other(reader) => match read_other(reader, out)? {
                0 if !out.is_empty() => return Err(invalid_data()),
                read => read,
            },
        };
        self.hasher.update(first(out, read as u64));
        self.left = self.left.saturating_sub(read as u64);
        Ok(read)
    }

    fn fill(&mut self, out: &mut [u8], visit: &Visit<'_>) -> Result<()> {
        let filled = match &self.decoder {
            Decoder::Stored => self.fill_stored(out, visit),
            Decoder::Deflate(_, Some(_)) => self.fill_blocks(out, visit),
            // Where its pieces begin is guessed from how much of the output is wanted: all that is left.
            Decoder::Deflate(_, None) if out.len() as u64 == self.left => {
                self.fill_inflated(out, visit)
            }
            Decoder::Deflate(_, None) => None,
            Decoder::Other(_) => None,
        };
        filled.unwrap_or_else(|| fill_in_order(self, out, visit))
    }
}

/// Filling much memory on all threads, where that can be done and pays.
impl MemberReader<'_> {
    fn fill_stored(&mut self, out: &mut [u8], visit: &Visit<'_>) -> Option<Result<()>> {
        let hash_part = |part: &mut [u8], offset| {
            let hasher = hash(part);
            visit(part, offset);
            hasher
        };
        let hashers = self.span.fill_parts(out, hash_part)?;
        Some(hashers.map(|hashers| {
            hashers.iter().for_each(|hasher| self.hasher.combine(hasher));
            self.left = self.left.saturating_sub(out.len() as u64);
        }))
    }

    fn fill_inflated(&mut self, out: &mut [u8], visit: &Visit<'_>) -> Option<Result<()>> {
        let Input::Shared(shared) = self.span.input() else { return None };
        let Decoder::Deflate(inflater, None) = &mut self.decoder else { return None };
        if !inflater.fill_pays(&self.span, out.len()) {
            return None; // before anything is fetched for it
        }
        let (mut filled, all) = (None, vec![self.span.left()]);
        let Ok(()) = in_parts(shared, all, Range::clone, |input, _| {
            // Threads that read a slow source far apart would each read ahead.
            if !Input::Shared(input).cost().is_planned() {
                let mut span = self.span.over(Input::Shared(input));
                filled = inflater.fill(&mut span, out, visit).map(|hasher| (hasher, span.left()));
            }
            Ok::<_, Infallible>(())
        });
        let (hasher, left) = filled?;
        self.span.go_to(left);
        Some(hasher.map(|hasher| {
            self.hasher.combine(&hasher);
            self.left = self.left.saturating_sub(out.len() as u64);
        }))
    }

    fn fill_blocks(&mut self, out: &mut [u8], visit: &Visit<'_>) -> Option<Result<()>> {
        let filled = self.fill_whole_blocks(out)?;
        Some(filled.and_then(|filled| {
            self.read_exact(out.split_at_mut(filled).1)?;
            visit_all(out, visit);
            Ok(())
        }))
    }

    /// Only of a member that has an index, if all of some blocks is asked for. Returns up to where `out`
    /// is filled then.
    fn fill_whole_blocks(&mut self, out: &mut [u8]) -> Option<Result<usize>> {
        let Input::Shared(shared) = self.span.input() else { return None };
        let start = self.position();
        let Decoder::Deflate(inflater, Some(blocks)) = &mut self.decoder else { return None };
        if out.len() < WORTH_READING_IN_PARTS {
            return None;
        }
        let end = start.saturating_add(out.len() as u64);
        let end = if end < self.size { blocks.around(&(end..end)).start } else { self.size };
        let filled = end.checked_sub(start).filter(|&filled| filled > 0)? as usize;
        // What has been read of the first block, such as an array's header, is inflated again.
        let len = blocks.part(filled);
        let before = start.saturating_sub(blocks.around(&(start..end)).start) as usize;
        let (first, others) =
            out.split_at_mut(filled).0.split_at_mut(filled.min(len.saturating_sub(before)));
        let offsets = (start.saturating_add(first.len() as u64)..).step_by(len);
        let parts = iter::once((start, first)).chain(offsets.zip(others.chunks_mut(len)));
        let place = |(start, part): &(u64, &mut [u8])| {
            blocks.place(&(*start..start.saturating_add(part.len() as u64)))
        };
        let hasher = &mut self.hasher;
        let filled_all = in_parts(shared, parts.collect(), place, |input, parts| {
            let hashers = parallel::map(parts, |(start, part)| {
                blocks.inflate(Input::Shared(input), start, part)?;
                Ok::<_, Error>(hash(part))
            })?;
            hashers.iter().for_each(|part| hasher.combine(part));
            Ok(())
        });
        Some(filled_all.map(|()| {
            self.left = self.size.saturating_sub(end);
            let next = blocks.at(end).map_or_else(|| blocks.end(), |(next, _)| next);
            self.span.go_to(next);
            inflater.restart();
            filled
        }))
    }
}

/// Inflates the next bytes from `position` on, up to the end of their block. Each block is inflated on
/// its own, as it is for a slice, so that both see the same; and it is seen to be part of the
/// stream, so that other readers do, too.
fn read_blocks(
    inflater: &mut Inflater,
    blocks: &Blocks,
    span: &mut Span<'_>,
    position: u64,
    out: &mut [u8],
) -> Result<usize> {
    let Some((_, end)) = blocks.at(position).filter(|_| !out.is_empty()) else { return Ok(0) };
    let read = inflater.read(span, first(out, end.saturating_sub(position)))?;
    if position.saturating_add(read as u64) == end {
        if !inflater.is_between_blocks(span)? {
            return Err(Blocks::is_wrong());
        }
        inflater.restart();
        let next = blocks.at(end).map_or_else(|| blocks.end(), |(next, _)| next);
        span.go_to(next);
    }
    Ok(read)
}

/// The local header of `member`, and what it pays to read along with that.
fn beginning<'a>(input: Input<'a>, member: &Member) -> Result<Cow<'a, [u8]>> {
    let (cost, start) = (input.cost(), member.header_start);
    let header = HEADER.saturating_add(member.name_in_file().len() as u64);
    let whole = header.saturating_add(member.compressed_size);
    let there = member.end.saturating_sub(start);
    // A small array takes one read. The name is read in any case, to be compared.
    let len = whole.min(cost.worth_reading().max(header)).min(there) as usize;
    if let Some(bytes) = input.get(start, len) {
        return Ok(bytes.into());
    }
    if let Some(bytes) = member.beginning.get() {
        return Ok(bytes.to_vec().into());
    }
    let mut bytes = vec![0; len];
    let read = input.read_at(&mut bytes, start)?;
    bytes.truncate(read);
    if cost.is_planned() {
        let kept = bytes.len().min(header.saturating_add(ARRAY_HEADER) as usize);
        member.beginning.get_or_init(|| bytes.split_at(kept).0.into());
    }
    Ok(bytes.into())
}

/// Reads what a decoder of another crate decompresses.
fn read_other(reader: &mut dyn Read, out: &mut [u8]) -> Result<usize> {
    use std::io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    reader.read(out).map_err(|error| match error.kind() {
        InvalidData | InvalidInput | UnexpectedEof => invalid_data(),
        _ => Error::io("decompress", error),
    })
}

fn invalid_data() -> Error {
    Error::archive("damaged: its compressed data is not valid")
}

fn hash(bytes: &[u8]) -> crc32fast::Hasher {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(bytes);
    hasher
}
