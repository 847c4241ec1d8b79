//! NUL, with which NumPy pads text and byte strings, and which it takes for padding.

use crate::error::{Error, ErrorKind};

/// What is before the padding, in bytes or characters.
pub(crate) fn strip_nul<T: Default + PartialEq>(padded: &[T]) -> &[T] {
    let last = padded.iter().rposition(|item| *item != T::default());
    last.and_then(|last| padded.get(..=last)).unwrap_or(&[])
}

/// What is wrong with a value that NumPy would give back shorter.
pub(super) const ENDS_IN_NUL: &str = "it ends in NUL, which NumPy takes for padding";

/// The error for such a value in an array.
pub(super) fn ends_in_nul(index: usize) -> Error {
    let problem = ENDS_IN_NUL.to_owned();
    ErrorKind::InvalidValue { index, problem }.into()
}
