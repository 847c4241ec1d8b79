//! What stands for Python objects in a build that does not read them.

use ndarray::{ArrayBase, DataOwned, Dimension};

use crate::any::AnyArray;
use crate::error::{Error, Result};
use crate::npy::Incoming;

pub(crate) fn read(_: Incoming<'_>) -> Result<AnyArray> {
    Err(unsupported())
}

pub(crate) fn decode<S: DataOwned, D: Dimension>(_: Incoming<'_>) -> Result<ArrayBase<S, D>> {
    Err(unsupported())
}

pub(crate) fn cast<S: DataOwned, D: Dimension>(_: Incoming<'_>) -> Result<ArrayBase<S, D>> {
    Err(unsupported())
}

fn unsupported() -> Error {
    Error::unsupported("it holds Python objects, and npz was built without `pickle`")
}
