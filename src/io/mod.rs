//! Where bytes are, and how they come: files and anything else that can be read or written,
//! without a word about archives or arrays.

mod allocate;
mod atomic;
pub(crate) mod fill;
mod output;
mod read_ahead;
mod read_at;
mod runs;
mod source;
mod span;

pub(crate) use atomic::AtomicFile;
pub(crate) use fill::{Fill, Plain, Then};
pub(crate) use output::Output;
pub use read_at::ReadAt;
pub(crate) use runs::{Loop, Runs, Window};
pub(crate) use source::{Bytes, Shared, Source};
pub(crate) use span::{PART, Span, WORTH_IT, first};

/// How many bytes are moved at a time, where there are as many.
pub(crate) const CHUNK: usize = 256 << 10;
