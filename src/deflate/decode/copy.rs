//! Copying a match, in chunks that reach beyond its end.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "there is room for the longest match and a chunk more"
)]

use super::super::symbols::LONGEST_MATCH;
use super::Symbol;

/// How many symbols of a match are copied at a time, if it does not repeat itself sooner.
pub(super) const CHUNK: usize = 32;
const SMALL_CHUNK: usize = 16;

/// Copies a match, and some symbols more, for which there is room.
#[inline(always)]
pub(super) fn copy_match<T: Symbol>(out: &mut [T], at: usize, len: usize, distance: usize) {
    // All that this has to do with.
    let out = &mut out[at - distance..at + LONGEST_MATCH + CHUNK];
    // Most matches are short, and repeat nothing: to tell them from others by this alone is guessed
    // right much more often than by the distance.
    if len <= CHUNK.min(distance) {
        if let Some(&chunk) = out.first_chunk::<CHUNK>()
            && let Some(place) = out[distance..].first_chunk_mut()
        {
            *place = chunk;
        }
    } else if distance >= CHUNK {
        copy_chunks::<T, CHUNK>(out, len, distance);
    } else if distance >= SMALL_CHUNK {
        copy_chunks::<T, SMALL_CHUNK>(out, len, distance);
    } else {
        repeat(out, len, distance);
    }
}

#[inline(always)]
fn copy_chunks<T: Symbol, const N: usize>(out: &mut [T], len: usize, distance: usize) {
    let mut done = 0;
    while done < len
        && let Some(&chunk) = out.get(done..).and_then(|rest| rest.first_chunk::<N>())
        && let Some(place) = out.get_mut(done + distance..).and_then(|rest| rest.first_chunk_mut())
    {
        *place = chunk;
        done += N;
    }
}

/// Copies what is shorter than a chunk, again and again.
#[inline(always)]
fn repeat<T: Symbol>(out: &mut [T], len: usize, distance: usize) {
    let Some(&first) = out.first_chunk::<SMALL_CHUNK>() else { return };
    let chunk = match distance {
        1 => [first[0]; SMALL_CHUNK],
        2 => std::array::from_fn(|at| first[at % 2]),
        4 => std::array::from_fn(|at| first[at % 4]),
        8 => std::array::from_fn(|at| first[at % 8]),
        _ => {
            let mut chunk = first;
            (distance..SMALL_CHUNK).for_each(|at| chunk[at] = chunk[at - distance]);
            chunk
        }
    };
    // Most matches are short.
    let Some(place) = out[distance..].first_chunk_mut() else { return };
    *place = chunk;
    let step = SMALL_CHUNK / distance * distance;
    if len <= step {
        return;
    }
    // Otherwise the compiler would store it byte by byte.
    let chunk = std::hint::black_box(chunk);
    let mut done = step;
    while done < len
        && let Some(place) = out.get_mut(done + distance..).and_then(|rest| rest.first_chunk_mut())
    {
        *place = chunk;
        done += step;
    }
}
