//! Finding matches.
//!
//! In arrays, most of what comes twice comes at the distance of the last match, at that of an item,
//! or where the same few bytes were last. These places are looked at, and no others; and of what is
//! found there, that is taken which costs least. Slower compressors follow all places where the same
//! bytes were: see [`super`] for when that is worth it.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "it compresses what is in memory: there are 16 bytes after each place that is looked at"
)]

use super::costs::Costs;
use super::sequence::{LONGEST, PIECE, Sequence, Sequences};

/// How far back matches reach.
const WINDOW: usize = 1 << 15;

/// A place for each hash of some bytes.
const HASH_BITS: u32 = 15;

/// So many bytes at the end are literals: what is looked at a word at a time does not end before.
const LAST: usize = 16;

/// The first piece, after which costs are no longer guessed.
const FIRST_PIECE: usize = 1 << 10;

/// In matches that are longer, only the last bytes are remembered.
const REMEMBERED: usize = 16;

/// Where bytes of each hash were last, the latest first, modulo 2¹⁶. Whatever is there is looked at
/// before it is believed.
pub(super) type Places = [u16; MOST_WAYS << HASH_BITS];

/// Of how many places of a hash are remembered, at most.
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

/// How matches are found, besides at the distances of an item and of the last match: where the same
/// few bytes were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hashed {
    /// Noise that repeats a byte or two, such as images and measurements: hardly longer matches.
    Three,
    /// Most data. Of two places, as runs and texts gain by the longer match.
    Four,
    /// Nearly an item of eight bytes: it or its neighbour is again what it was.
    Seven,
    /// Two values, such as `bool`: fewer bytes come again everywhere.
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
            // Of three bytes or more. In noise, there are hardly any.
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
                // Of sorted numbers, all is known but the lowest byte: nothing is better.
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
            // What is an item further back is found without.
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
    let end = input.len().min(at + LONGEST);
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
