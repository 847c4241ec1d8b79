//! What zlib does: by zlib-rs, and as zlib itself does it.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "it compresses what is in memory, and nothing of a file"
)]

use zlib_rs::{Deflate, DeflateFlush, Status};

use super::super::WINDOW_BITS;
use super::sequence::{LONGEST, SHORTEST, Sequence, Sequences};

/// Appends `input` as zlib-rs compresses it, if that takes less than `most` bytes.
/// Matches may reach back into `before`.
pub(super) fn compress(
    input: &[u8],
    before: &[u8],
    level: u8,
    most: usize,
    out: &mut Vec<u8>,
) -> bool {
    let mut deflate = Deflate::new(level.into(), false, WINDOW_BITS);
    if !before.is_empty() {
        deflate.set_dictionary(before).expect("a new stream takes a dictionary");
    }
    let start = out.len();
    out.resize(start + most, 0);
    let status = deflate.compress(input, &mut out[start..], DeflateFlush::SyncFlush);
    // With room left, all of it has been flushed.
    let fits = matches!(status, Ok(Status::Ok)) && deflate.total_out() < most as u64;
    out.truncate(start + if fits { deflate.total_out() as usize } else { 0 });
    fits
}

/// What zlib is satisfied with at its level 6, as NumPy has it (`configuration_table` of its
/// deflate.c): after a match of `LAZY` bytes it looks for no better one at the next byte, after one
/// of `GOOD` at fewer places; a match of `NICE` bytes is taken at once, and so many places are looked at.
const LAZY: usize = 16;
const GOOD: usize = 8;
const NICE: usize = 128;
const PLACES: usize = 128;

/// Matches are no further away, and keep their distance from the end of the window.
const FARTHEST: usize = (1 << 15) - LONGEST - SHORTEST - 1;

/// Matches of three bytes are further away than they are worth.
const TOO_FAR: usize = 4096;

/// The sequences that zlib makes of the bytes of `input` from `start` on. There are fewer than 64 KiB.
pub(super) fn sequences(input: &[u8], start: usize) -> Sequences {
    let mut sequences = Sequences::new();
    let mut chains = Chains { input, first: vec![NONE; 1 << 15], before: vec![NONE; input.len()] };
    (0..start).for_each(|at| chains.add(at));
    let (mut at, mut literals) = (start, start);
    // A match at the byte before, which is taken unless there is a longer one here.
    let mut last = (0, 0);
    while at < input.len() {
        let places = if last.0 >= GOOD { PLACES / 4 } else { PLACES };
        let here = if last.0 < LAZY { chains.longest(at, last.0, places) } else { (0, 0) };
        chains.add(at);
        if last.0 >= SHORTEST && here.0 <= last.0 {
            let (len, distance) = (last.0 as u16, last.1 as u16);
            let before = (at - 1 - literals) as u32;
            sequences.all.push(Sequence { literals: before, len, distance });
            let next = at - 1 + last.0;
            (at + 1..next).for_each(|at| chains.add(at));
            (at, literals, last) = (next, next, (0, 0));
        } else {
            (at, last) = (at + 1, here);
        }
    }
    if last.0 >= SHORTEST {
        let (len, distance) = (last.0 as u16, last.1 as u16);
        let before = (at - 1 - literals) as u32;
        sequences.all.push(Sequence { literals: before, len, distance });
        literals = at - 1 + last.0;
    }
    let left = (input.len() - literals) as u32;
    sequences.all.push(Sequence { literals: left, len: 0, distance: 0 });
    sequences.end_piece(&input[start..]);
    sequences
}

/// Stands for no place, as it does in zlib.
const NONE: u16 = 0;

/// The places where the same three bytes are.
struct Chains<'a> {
    input: &'a [u8],
    /// The last one of each hash.
    first: Vec<u16>,
    /// The one before each place.
    before: Vec<u16>,
}

impl Chains<'_> {
    fn hash(&self, at: usize) -> Option<usize> {
        let &[a, b, c] = self.input[at..].first_chunk()?;
        Some((usize::from(a) << 10 ^ usize::from(b) << 5 ^ usize::from(c)) % (1 << 15))
    }

    fn add(&mut self, at: usize) {
        if let Some(hash) = self.hash(at) {
            self.before[at] = std::mem::replace(&mut self.first[hash], at as u16);
        }
    }

    /// The length and distance of the nearest longest match that is longer than `least`.
    fn longest(&self, at: usize, least: usize, places: usize) -> (usize, usize) {
        let here = &self.input[at..][..LONGEST.min(self.input.len() - at)];
        let mut best = (least.max(SHORTEST - 1), 0);
        let mut place = self.hash(at).map_or(NONE, |hash| self.first[hash]);
        for _ in 0..places {
            let there = usize::from(place);
            if place == NONE || at - there > FARTHEST {
                break;
            }
            // Nearly all are no longer, as their next byte shows.
            if self.input.get(there + best.0) == here.get(best.0) {
                let same = here.iter().zip(&self.input[there..]).take_while(|(a, b)| a == b);
                let len = same.count();
                if len > best.0 {
                    best = (len, at - there);
                }
                if len >= NICE.min(here.len()) {
                    break;
                }
            }
            place = self.before[there];
        }
        match best {
            (_, 0) => (0, 0),
            (SHORTEST, TOO_FAR..) => (0, 0),
            _ => best,
        }
    }
}
