//! Finding matches.
//!
//! In arrays, most of what repeats itself is found at the distance of the last match, at that of an
//! item, or where the same few bytes were last. The search looks at these places and at no others, and
//! takes the match that saves most. zlib looks at many places where the same bytes were; [`super`]
//! decides when that is worth it.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "it compresses what is in memory: there are 16 bytes after each place that is looked at"
)]

use super::super::WINDOW_BITS;
use super::super::symbols::LONGEST_MATCH;
use super::costs::Costs;
use super::sequence::{PIECE, Sequence, Sequences};

/// How far back matches reach.
const WINDOW: usize = 1 << WINDOW_BITS;

/// A place for each hash of some bytes.
const HASH_BITS: u32 = 15;

/// So many bytes at the end are literals, so that all others can be read as words, and hashed.
const LAST: usize = 16;

/// The length of the first piece: until its end, costs are guesses.
const FIRST_PIECE: usize = 1 << 10;

/// Of longer matches, only the last places are remembered.
const REMEMBERED: usize = 16;

/// Where bytes with each hash were last, the latest first, modulo 2¹⁶. Others may have the same
/// hash, so the bytes at a place are compared before it is used.
pub(super) type Places = [u16; MOST_WAYS << HASH_BITS];

/// How many places of a hash are remembered, at most.
const MOST_WAYS: usize = 2;

pub(super) fn places() -> Box<Places> {
    vec![0; MOST_WAYS << HASH_BITS].try_into().expect("it is as long")
}

#[derive(Default, Clone, Copy)]
struct Match {
    len: usize,
    distance: usize,
    gain: i32,
}

/// How many bytes are hashed: besides the distances of an item and of the last match, the search
/// looks where as many bytes were the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hashed {
    /// For noise, such as images and measurements, in which longer matches are rare.
    Three,
    /// For most data. Two places are remembered, because runs and text gain by the longer match.
    Four,
    /// For numbers that come again as a whole, with those next to them.
    Seven,
    /// For few different values, such as `bool`, of which fewer bytes are the same everywhere.
    Thirteen,
}

/// The sequences for the bytes of `input` from `start` on, whose items have `item` bytes each.
pub(super) fn sequences(
    input: &[u8],
    start: usize,
    item: usize,
    hashed: Hashed,
    places: &mut Places,
) -> Sequences {
    match hashed {
        Hashed::Three => find::<3, 1>(input, start, item, places),
        Hashed::Four => find::<4, 2>(input, start, item, places),
        Hashed::Seven => find::<7, 1>(input, start, item, places),
        Hashed::Thirteen => find::<13, 1>(input, start, item, places),
    }
}

fn find<const HASHED: usize, const WAYS: usize>(
    input: &[u8],
    start: usize,
    item: usize,
    places: &mut Places,
) -> Sequences {
    let places = &mut places.as_chunks_mut::<WAYS>().0[..1 << HASH_BITS];
    let remember = |places: &mut [[u16; WAYS]], at: usize| {
        let ways = &mut places[hash::<HASHED>(input, at)];
        let before = *ways;
        ways.copy_within(..WAYS - 1, 1);
        ways[0] = at as u16;
        before
    };
    let mut costs = Costs::new(&input[start..][..(input.len() - start).min(PIECE / 4)]);
    let end = input.len().saturating_sub(LAST);
    let (mut sequences, mut at, mut last) = (Sequences::new(), start.max(item), item);
    for at in 0..at.min(end) {
        remember(places, at);
    }
    // Where the literals before the next match begin, and the piece.
    let (mut literals, mut piece) = (start, start);
    while at < end {
        let stop = end.min(at + PIECE.min(FIRST_PIECE.max(at - start)));
        while at < stop {
            let here = word(input, at);
            let differ = |distance: usize| here ^ word(input, at - distance);
            let hashed = remember(places, at).map(|place| {
                let distance = usize::from((at as u16).wrapping_sub(place));
                if distance.wrapping_sub(1) < at.min(WINDOW) { distance } else { last }
            });
            // A match has three bytes or more. In noise, most places have none.
            let is_match = |distance: usize| differ(distance) << 40 == 0;
            let is_any = hashed.into_iter().fold(false, |any, distance| any | is_match(distance));
            if !(is_match(last) | is_match(item) | is_any) {
                at += 1;
                continue;
            }
            let mut best = Match::default();
            for distance in [last, item].into_iter().chain(hashed) {
                if !is_match(distance) || distance == best.distance {
                    continue;
                }
                let len = match differ(distance) {
                    0 => long_match(input, at, distance),
                    differ => (differ.trailing_zeros() / 8) as usize,
                };
                if let Some(gain) = costs.gain(here, len, distance)
                    && (best.len == 0 || gain > best.gain)
                {
                    best = Match { len, distance, gain };
                }
                // Sorted numbers differ from the last one in their lowest byte alone, and have no
                // better match.
                if distance == item && len + 1 == item {
                    break;
                }
            }
            let Match { len, distance, .. } = best;
            if len == 0 {
                at += 1;
                continue;
            }
            sequences.all.push(Sequence {
                literals: (at - literals) as u32,
                len: len as u16,
                distance: distance as u16,
            });
            let next = at + len;
            // What repeats the item before is found at that distance.
            if len > REMEMBERED || distance != item {
                let first = if len > REMEMBERED { next - 4 } else { at + 1 };
                for at in first..next.min(end) {
                    remember(places, at);
                }
            }
            (at, literals, last) = (next, next, distance);
        }
        sequences.all.push(Sequence { literals: (at - literals) as u32, len: 0, distance: 0 });
        costs.learn(sequences.end_piece(&input[piece..at]));
        (literals, piece) = (at, at);
    }
    sequences.all.push(Sequence { literals: (input.len() - literals) as u32, len: 0, distance: 0 });
    sequences.end_piece(&input[piece..]);
    sequences
}

/// The 8 bytes at `at`, the first one lowest.
#[inline(always)]
fn word(input: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(*input[at..].first_chunk().expect("there are more"))
}

/// A number of `HASH_BITS` for the `HASHED` bytes at `at`.
#[inline(always)]
fn hash<const HASHED: usize>(input: &[u8], at: usize) -> usize {
    // 2⁶⁴ divided by the golden ratio, which spreads what follows each other.
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let bytes = match HASHED.checked_sub(8) {
        Some(more) => word(input, at).wrapping_mul(SPREAD) ^ word(input, at + more),
        None => word(input, at) & (u64::MAX >> (64 - 8 * HASHED)),
    };
    (bytes.wrapping_mul(SPREAD) >> (64 - HASH_BITS)) as usize
}

/// How many bytes are as those `distance` before; the first 8 are.
fn long_match(input: &[u8], at: usize, distance: usize) -> usize {
    let end = input.len().min(at + LONGEST_MATCH);
    let (here, before) = (&input[at + 8..end], &input[at + 8 - distance..end - distance]);
    let (words, _) = here.as_chunks::<8>();
    let mut len = 8;
    for (here, before) in words.iter().zip(before.as_chunks::<8>().0) {
        let differ = u64::from_le_bytes(*here) ^ u64::from_le_bytes(*before);
        if differ != 0 {
            return len + (differ.trailing_zeros() / 8) as usize;
        }
        len += 8;
    }
    let rest = here[len - 8..].iter().zip(&before[len - 8..]);
    len + rest.take_while(|(here, before)| here == before).count()
}
