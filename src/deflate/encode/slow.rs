//! Compressing by zlib-rs, which looks for matches at many more places.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "it compresses what is in memory, and nothing of a file"
)]

use zlib_rs::{Deflate, DeflateFlush, Status};

use super::super::WINDOW_BITS;

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
