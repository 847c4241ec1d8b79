//! Compressing one block, in the way that is cheapest without loss.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "it compresses what is in memory, and nothing of a file"
)]

use zlib_rs::{Deflate, DeflateFlush, Status};

use super::WINDOW_BITS;
use super::literals::Plan;

/// What is compressed on trial, to see whether matches gain anything.
const SAMPLE: usize = 8 << 10;

/// What comes before a sample and may be matched: more than the rows of most images.
const BEFORE: usize = 24 << 10;

/// Blocks shorter than this are not worth a trial.
const SHORT: usize = SAMPLE + BEFORE;

/// Appends `input` as deflate blocks that refer to nothing before them, end at a byte's
/// boundary, and can be followed by others.
pub(super) fn compress(input: &[u8], level: u8, out: &mut Vec<u8>) {
    let literals = Plan::new(input);
    let is_worth_it = input.len() < SHORT || matches_gain(input, level, literals.densest);
    if !(is_worth_it && match_strings(input, &[], level, literals.size(), out)) {
        literals.write(out);
    }
}

/// Whether matches may make `input` smaller than literals alone, judging by two samples:
/// where literals do best, because zeros and repetitions are likely there, and the middle.
fn matches_gain(input: &[u8], level: u8, densest: usize) -> bool {
    let mut matched = Vec::with_capacity(2 * SAMPLE);
    [densest, input.len() / 2].into_iter().any(|start| {
        let start = start.min(input.len() - SAMPLE);
        let (before, rest) = input.split_at(start);
        let (before, sample) = (&before[start.saturating_sub(BEFORE)..], &rest[..SAMPLE]);
        matched.clear();
        // A gain of 0.2 % may be chance, and would take twenty times as long.
        let worth_it = Plan::new(sample).size() * 998 / 1000;
        match_strings(sample, before, level, worth_it, &mut matched)
    })
}

/// Appends `input` as zlib-rs compresses it, if that takes less than `most` bytes.
/// Matches may reach back into `before`.
fn match_strings(input: &[u8], before: &[u8], level: u8, most: usize, out: &mut Vec<u8>) -> bool {
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
