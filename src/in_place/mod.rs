//! Arrays changed where they are: in bytes in memory, which may be those of a file that is mapped.

mod npy;
mod npz;

pub use npy::NpyMut;
pub use npz::NpzMut;

use std::ops::Range;

use crate::error::{Error, Result};

/// The bytes in `range`. Bytes of the caller's own kind may be fewer than they were.
fn part(bytes: &mut [u8], range: Range<usize>) -> Result<&mut [u8]> {
    let len = bytes.len();
    bytes
        .get_mut(range)
        .ok_or_else(|| Error::archive(format!("cut off: {len} bytes are left of it")))
}
