//! NUL, with which NumPy pads text and byte strings, and which it takes for padding.

use crate::error::{Error, ErrorKind};

/// What is before the padding, in bytes or characters.
pub(crate) fn strip_nul<T: Default + PartialEq>(padded: &[T]) -> &[T] {
    let last = padded.iter().rposition(|item| *item != T::default());
    last.and_then(|last| padded.get(..=last)).unwrap_or(&[])
}

/// The error for a value that NumPy would give back shorter.
pub(super) fn ends_in_nul(index: usize) -> Error {
    let problem = "it ends in NUL, which NumPy takes for padding".to_owned();
    ErrorKind::InvalidValue { index, problem }.into()
}
