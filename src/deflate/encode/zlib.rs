//! What zlib makes of a sample at its level 6, which is NumPy's: to be compared with.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "samples are in memory, and shorter than 64 KiB"
)]

use super::super::WINDOW_BITS;
use super::super::symbols::{LONGEST_MATCH, SHORTEST_MATCH};
use super::sequence::{Sequence, Sequences};

/// Where zlib stops (`configuration_table` of its deflate.c). After a match of `LAZY` bytes it looks
/// for no longer one at the next byte, and after one of `GOOD` bytes at a quarter of the places. It
/// looks at `PLACES` at most, and at no more after a match of `NICE` bytes.
const LAZY: usize = 16;
const GOOD: usize = 8;
const NICE: usize = 128;
const PLACES: usize = 128;

/// The largest distance: `MAX_DIST` of deflate.c.
const FARTHEST: usize = (1 << WINDOW_BITS) - LONGEST_MATCH - SHORTEST_MATCH - 1;

/// From this distance on, a match of three bytes is not taken.
const TOO_FAR: usize = 4097;

/// A match; of no bytes if there is none.
#[derive(Default, Clone, Copy)]
struct Match {
    len: usize,
    distance: usize,
}

/// The sequences that zlib makes of the bytes of `input` from `start` on (`deflate_slow`).
pub(super) fn sequences(input: &[u8], start: usize) -> Sequences {
    let mut sequences = Sequences::new();
    let mut chains = Chains { input, first: vec![NONE; 1 << 15], before: vec![NONE; input.len()] };
    (0..start).for_each(|at| chains.add(at));
    let (mut at, mut literals) = (start, start);
    // The match at the byte before, which is taken unless there is a longer one here.
    let mut last = Match::default();
    while at < input.len() {
        let places = if last.len >= GOOD { PLACES / 4 } else { PLACES };
        let here = match last.len {
            ..LAZY => chains.longest(at, last.len, places),
            _ => Match::default(),
        };
        chains.add(at);
        if last.len >= SHORTEST_MATCH && here.len <= last.len {
            let begin = at - 1;
            sequences.all.push(Sequence {
                literals: (begin - literals) as u32,
                len: last.len as u16,
                distance: last.distance as u16,
            });
            let next = begin + last.len;
            (at + 1..next).for_each(|at| chains.add(at));
            (at, literals, last) = (next, next, Match::default());
        } else {
            (at, last) = (at + 1, here);
        }
    }
    let literals = (input.len() - literals) as u32;
    sequences.all.push(Sequence { literals, len: 0, distance: 0 });
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

    /// The nearest longest match, if it is longer than `least`.
    fn longest(&self, at: usize, least: usize, places: usize) -> Match {
        let here = &self.input[at..][..LONGEST_MATCH.min(self.input.len() - at)];
        let mut best = Match { len: least.max(SHORTEST_MATCH - 1), distance: 0 };
        let mut place = self.hash(at).map_or(NONE, |hash| self.first[hash]);
        for _ in 0..places {
            let there = usize::from(place);
            if place == NONE || at - there > FARTHEST {
                break;
            }
            // Nearly all are no longer, as their next byte shows.
            if self.input.get(there + best.len) == here.get(best.len) {
                let same = here.iter().zip(&self.input[there..]).take_while(|(a, b)| a == b);
                let len = same.count();
                if len > best.len {
                    best = Match { len, distance: at - there };
                }
                if len >= NICE.min(here.len()) {
                    break;
                }
            }
            place = self.before[there];
        }
        match best {
            Match { distance: 0, .. } => Match::default(),
            Match { len: SHORTEST_MATCH, distance: TOO_FAR.. } => Match::default(),
            _ => best,
        }
    }
}
