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

/// The level at which zlib-rs finds matches of three bytes, which zlib finds at every level.
const THOROUGH: u8 = 9;

/// Appends `input` as deflate blocks that refer to nothing before them, end at a byte's
/// boundary, and can be followed by others.
pub(super) fn compress(input: &[u8], level: u8, out: &mut Vec<u8>) {
    let literals = Plan::new(input);
    let level = match input.len() {
        ..SHORT => Some(level),
        _ => level_of_matches(input, level, &literals),
    };
    if !level.is_some_and(|level| match_strings(input, &[], level, literals.size(), out)) {
        literals.write(out);
    }
}

/// The level at which matches may make `input` smaller than literals alone, if there is one,
/// judging by two samples: the middle, and where literals do best, because zeros and
/// repetitions are likely there.
fn level_of_matches(input: &[u8], level: u8, literals: &Plan<'_>) -> Option<u8> {
    let samples = [input.len() / 2, literals.densest].map(|start| Sample::at(start, input));
    let [middle, densest] = &samples;
    // Three bytes come twice by chance in what literals gain little on, such as noisy
    // integers, and looking for them takes little time there. In other data it would take
    // ten times as long.
    let may_be_thorough = level >= 6 && literals.size() > input.len() / 2;
    // Matches take twenty times as long as literals, so that a gain of 0.2 % at `level` is not
    // worth it, and may be chance; nor is one of 3 % that only the best level has.
    let (first, worth_it) = if may_be_thorough { (THOROUGH, 970) } else { (level, 998) };
    let matched = middle.matched(first);
    let is_gain = matched < middle.literals() * worth_it / 1000
        || densest.matched(level) < densest.literals() * 998 / 1000;
    // The best level takes half as long again.
    let is_much_less = || matched * 100 < middle.matched(level) * 92;
    match is_gain {
        true if may_be_thorough && is_much_less() => Some(THOROUGH),
        true => Some(level),
        false => None,
    }
}

/// A part of the input that is compressed on trial.
struct Sample<'a> {
    before: &'a [u8],
    bytes: &'a [u8],
}

impl<'a> Sample<'a> {
    fn at(start: usize, input: &'a [u8]) -> Self {
        let (before, rest) = input.split_at(start.min(input.len() - SAMPLE));
        let before = &before[before.len().saturating_sub(BEFORE)..];
        Self { before, bytes: &rest[..SAMPLE] }
    }

    /// Its size in literals alone.
    fn literals(&self) -> usize {
        Plan::new(self.bytes).size()
    }

    /// Its size with matches.
    fn matched(&self, level: u8) -> usize {
        let mut out = Vec::with_capacity(2 * SAMPLE);
        match match_strings(self.bytes, self.before, level, 2 * SAMPLE, &mut out) {
            true => out.len(),
            false => 2 * SAMPLE,
        }
    }
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
