//! Decoding a deflate stream (RFC 1951): as far as there is input, and room for output.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "what is looked up is taken modulo its table; the positions in the input and the \
              output are compared with their ends before they are moved, and bits that are taken \
              with their number"
)]

mod copy;
pub(super) mod literals;
mod many;

use super::codes::{self, Codes, DISTANCE_BITS, Entry, LENGTH_BITS, LITERAL, OTHER};
use super::symbols::ORDER;
use many::ROOM;

/// How far back matches reach.
pub(super) const WINDOW: usize = 1 << super::WINDOW_BITS;

/// As much input as a decoder wants to see at once: more than the header of a block has.
pub(super) const ENOUGH: usize = 512;

/// A byte of the output, or what stands for one.
pub(super) trait Symbol: Copy + From<u8> {}
impl Symbol for u8 {}
impl Symbol for u16 {}

/// Why a stream cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    Invalid,
    CutShort,
}

use Problem::{CutShort, Invalid};

/// The input that there is.
pub(super) struct Input<'a> {
    pub(super) bytes: &'a [u8],
    /// How many of them have been taken.
    pub(super) taken: usize,
    /// Whether no more follow.
    pub(super) is_all: bool,
    /// A bit, counted from the first of these bytes: no block is begun there or further on.
    pub(super) stop: i64,
}

#[derive(Clone)]
pub(super) struct StreamDecoder {
    /// Bits that have been taken of the input, the next one lowest; and how many.
    bits: u64,
    count: u32,
    place: Place,
    is_last: bool,
    /// What is left to be copied of a match, and from how far back.
    copied: Match,
    codes: Codes,
}

/// Where a decoder is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    BetweenBlocks,
    /// In a stored block, before so many bytes.
    Stored(usize),
    Coded,
    End,
    /// Where it cannot go on, however often it is asked to.
    Stuck(Problem),
}

#[derive(Default, Clone)]
struct Match {
    len: usize,
    distance: usize,
}

impl StreamDecoder {
    pub(super) fn new() -> Self {
        Self {
            bits: 0,
            count: 0,
            place: Place::BetweenBlocks,
            is_last: false,
            copied: Match::default(),
            codes: Codes::new(),
        }
    }

    /// Is as new, before a block.
    pub(super) fn restart(&mut self) {
        (self.bits, self.count) = (0, 0);
        (self.place, self.is_last) = (Place::BetweenBlocks, false);
        self.copied = Match::default();
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.place == Place::End
    }

    pub(super) fn is_between_blocks(&self) -> bool {
        self.place == Place::BetweenBlocks
    }

    /// How many bits of the last byte that was taken are left: fewer than 8.
    pub(super) fn bits_left(&self) -> u32 {
        self.count
    }

    /// Skips some bits of the next byte.
    pub(super) fn skip(&mut self, input: &mut Input<'_>, bits: u32) -> Result<(), Problem> {
        self.take(input, bits)?;
        self.give_back(input);
        Ok(())
    }

    /// Whether there is the header of a block with codes of its own, not the last one. It is
    /// taken.
    pub(super) fn begins_block(&mut self, input: &mut Input<'_>) -> bool {
        let is_one = self.header(input).is_ok() && self.place == Place::Coded && !self.is_last;
        self.give_back(input);
        is_one
    }

    /// Decodes to `out` from `start` on: until it is full, or the stream ends, or the next block
    /// is not to be begun, or there is not [`ENOUGH`] input but more to come. Returns up to where
    /// `out` is filled. What was decoded before is the end of `history`.
    pub(super) fn decode<T: Symbol>(
        &mut self,
        input: &mut Input<'_>,
        history: &[T],
        out: &mut [T],
        start: usize,
    ) -> Result<usize, Problem> {
        let filled = self.decode_on(input, history, out, start);
        self.give_back(input);
        filled.inspect_err(|&problem| self.place = Place::Stuck(problem))
    }

    fn decode_on<T: Symbol>(
        &mut self,
        input: &mut Input<'_>,
        history: &[T],
        out: &mut [T],
        mut at: usize,
    ) -> Result<usize, Problem> {
        loop {
            let left = input.bytes.len() - input.taken;
            if left < ENOUGH && !input.is_all {
                return Ok(at);
            }
            let room = out.len() - at;
            match self.place {
                Place::End => return Ok(at),
                Place::Stuck(problem) => return Err(problem),
                Place::BetweenBlocks => {
                    let is_all_done = left == 0 && self.count == 0 && room == 0;
                    let position = 8 * input.taken as i64 - i64::from(self.count);
                    if is_all_done || position >= input.stop {
                        return Ok(at);
                    }
                    self.header(input)?;
                }
                Place::Stored(rest) => {
                    let len = rest.min(room).min(left);
                    if len == 0 && rest > 0 {
                        return if room == 0 { Ok(at) } else { Err(CutShort) };
                    }
                    let bytes = &input.bytes[input.taken..][..len];
                    let places = out[at..].iter_mut().zip(bytes);
                    places.for_each(|(place, &byte)| *place = byte.into());
                    input.taken += len;
                    at += len;
                    match rest - len {
                        0 => self.end_block(),
                        rest => self.place = Place::Stored(rest),
                    }
                }
                Place::Coded if self.copied.len > 0 => {
                    if room == 0 {
                        return Ok(at);
                    }
                    at = self.copy(history, out, at)?;
                }
                Place::Coded if room >= ROOM && left >= ENOUGH => {
                    at = self.many(input, out, at)?;
                }
                Place::Coded => {
                    let before = (self.bits, self.count, input.taken);
                    if let Some(literal) = self.symbol(input)? {
                        let Some(place) = out.get_mut(at) else {
                            (self.bits, self.count, input.taken) = before;
                            return Ok(at);
                        };
                        *place = literal.into();
                        at += 1;
                    }
                }
            }
        }
    }

    fn end_block(&mut self) {
        self.place = if self.is_last { Place::End } else { Place::BetweenBlocks };
    }

    fn refill(&mut self, input: &mut Input<'_>) {
        while self.count <= 56
            && let Some(&byte) = input.bytes.get(input.taken)
        {
            self.bits |= u64::from(byte) << self.count;
            self.count += 8;
            input.taken += 1;
        }
    }

    /// Gives back whole bytes that have been taken in advance.
    fn give_back(&mut self, input: &mut Input<'_>) {
        input.taken -= self.count as usize / 8;
        self.count %= 8;
        self.bits &= (1 << self.count) - 1;
    }

    fn take(&mut self, input: &mut Input<'_>, len: u32) -> Result<usize, Problem> {
        self.refill(input);
        let bits = self.bits & ((1 << len) - 1);
        self.drop_bits(len)?;
        Ok(bits as usize)
    }

    fn drop_bits(&mut self, len: u32) -> Result<(), Problem> {
        self.count = self.count.checked_sub(len).ok_or(CutShort)?;
        self.bits >>= len;
        Ok(())
    }

    /// Begins a block (RFC 1951, 3.2.3).
    fn header(&mut self, input: &mut Input<'_>) -> Result<(), Problem> {
        self.is_last = self.take(input, 1)? == 1;
        self.place = Place::Coded;
        match self.take(input, 2)? {
            0 => {
                // The rest of the byte means nothing.
                self.drop_bits(self.count % 8)?;
                let (len, complement) = (self.take(input, 16)?, self.take(input, 16)?);
                if len ^ complement != 0xffff {
                    return Err(Invalid);
                }
                self.give_back(input);
                self.place = Place::Stored(len);
                Ok(())
            }
            1 => {
                self.codes.set_fixed();
                Ok(())
            }
            2 => self.own_codes(input),
            _ => Err(Invalid),
        }
    }

    /// Reads the codes of a block (RFC 1951, 3.2.7).
    fn own_codes(&mut self, input: &mut Input<'_>) -> Result<(), Problem> {
        const INDEX_BITS: usize = 7;
        let lengths = 257 + self.take(input, 5)?;
        let distances = 1 + self.take(input, 5)?;
        let of_lengths = 4 + self.take(input, 4)?;
        if lengths > 286 || distances > 30 {
            return Err(Invalid);
        }
        let mut lens = [0; ORDER.len()];
        for &symbol in ORDER.iter().take(of_lengths) {
            lens[symbol] = self.take(input, 3)? as u8;
        }
        // Here one code alone is not allowed, nor are none.
        let are_some = lens.iter().filter(|&&len| len > 0).count() > 1;
        let mut table = [0; 1 << INDEX_BITS];
        let filled = codes::fill(&mut table, INDEX_BITS, &lens, codes::literal);
        filled.filter(|_| are_some).ok_or(Invalid)?;

        let mut lens = [0; 286 + 30];
        let lens = &mut lens[..lengths + distances];
        let mut len = 0;
        while len < lens.len() {
            self.refill(input);
            let entry = table[self.bits as usize % table.len()];
            self.drop_bits(entry & 0xff)?;
            let (length, run) = match (entry >> 16) as u8 {
                16 => {
                    let last = len.checked_sub(1).ok_or(Invalid)?;
                    (lens[last], 3 + self.take(input, 2)?)
                }
                17 => (0, 3 + self.take(input, 3)?),
                18 => (0, 11 + self.take(input, 7)?),
                length => (length, 1),
            };
            lens.get_mut(len..len + run).ok_or(Invalid)?.fill(length);
            len += run;
        }
        let (lengths, distances) = lens.split_at(lengths);
        self.codes.set(lengths, distances).ok_or(Invalid)
    }

    /// Decodes a literal; or begins a match, or ends the block.
    fn symbol(&mut self, input: &mut Input<'_>) -> Result<Option<u8>, Problem> {
        let (entry, bits) = self.entry(input, |codes| &codes.lengths, LENGTH_BITS)?;
        if entry & LITERAL > 0 {
            return Ok(Some((entry >> 16) as u8));
        }
        if codes::is_end(entry) {
            self.end_block();
            return Ok(None);
        }
        let len = codes::length_of(valid(entry)?, bits);
        let (entry, bits) = self.entry(input, |codes| &codes.distances, DISTANCE_BITS)?;
        self.copied = Match { len, distance: codes::distance_of(valid(entry)?, bits) };
        Ok(None)
    }

    /// Takes what the next bits stand for in a table. Returns the entry, and these bits.
    fn entry(
        &mut self,
        input: &mut Input<'_>,
        table: impl Fn(&Codes) -> &[Entry],
        index_bits: usize,
    ) -> Result<(Entry, u64), Problem> {
        self.refill(input);
        let mut entry = table(&self.codes)[self.bits as usize % (1 << index_bits)];
        if codes::is_second(entry) {
            self.drop_bits(index_bits as u32)?;
            entry = codes::second(table(&self.codes), entry, self.bits);
        }
        let bits = self.bits;
        self.drop_bits(entry & 0xff)?;
        Ok((entry, bits))
    }

    /// Copies as much of a match as there is room for.
    fn copy<T: Symbol>(
        &mut self,
        history: &[T],
        out: &mut [T],
        at: usize,
    ) -> Result<usize, Problem> {
        let Match { len, distance } = self.copied;
        let end = at + len.min(out.len() - at);
        for at in at..end {
            let known = match at.checked_sub(distance) {
                Some(from) => out.get(from),
                None => history.len().checked_sub(distance - at).and_then(|from| history.get(from)),
            };
            out[at] = *known.ok_or(Invalid)?;
        }
        self.copied.len -= end - at;
        Ok(end)
    }
}

fn valid(entry: Entry) -> Result<Entry, Problem> {
    if entry & OTHER > 0 { Err(Invalid) } else { Ok(entry) }
}
