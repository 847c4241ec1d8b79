//! Compressing by zlib-rs, which looks for matches at many more places.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "it compresses what is in memory, and nothing of a file"
)]

use std::cell::Cell;

use zlib_rs::{Deflate, DeflateFlush, Status};

use super::super::WINDOW_BITS;

thread_local! {
    /// What this thread compressed with last, and its level. To make another one takes longer than to
    /// compress a small array.
    static LAST: Cell<Option<(u8, Deflate)>> = const { Cell::new(None) };
}

/// What compresses a new stream at this level.
fn deflate(level: u8) -> Deflate {
    // It is gone where the thread ends.
    match LAST.try_with(Cell::take) {
        Ok(Some((its_level, mut deflate))) if its_level == level => {
            deflate.reset();
            deflate
        }
        _ => Deflate::new(level.into(), false, WINDOW_BITS),
    }
}

/// Appends `input` as zlib-rs compresses it, if that takes less than `most` bytes.
/// Matches may reach back into `before`.
pub(super) fn compress(
    input: &[u8],
    before: &[u8],
    level: u8,
    most: usize,
    out: &mut Vec<u8>,
) -> bool {
    let mut deflate = deflate(level);
    if !before.is_empty() {
        deflate.set_dictionary(before).expect("a new stream takes a dictionary");
    }
    let start = out.len();
    out.resize(start + most, 0);
    let status = deflate.compress(input, &mut out[start..], DeflateFlush::SyncFlush);
    // With room left, all of it has been flushed.
    let fits = matches!(status, Ok(Status::Ok)) && deflate.total_out() < most as u64;
    out.truncate(start + if fits { deflate.total_out() as usize } else { 0 });
    let _ = LAST.try_with(|last| last.set(Some((level, deflate))));
    fits
}
