//! Where bytes are, and how they come: files and anything else that can be read or written,
//! without a word about archives or arrays.

mod allocate;
mod atomic;
mod attributes;
mod cost;
mod identity;
mod in_place;
mod output;
mod plan;
mod read_ahead;
mod read_at;
mod source;
mod span;
pub(crate) mod stream;
mod strided;
mod temporary;

pub(crate) use atomic::{AtomicFile, Replaces};
pub use cost::ReadCost;
pub(crate) use identity::Identity;
pub(crate) use in_place::GrowingFile;
pub(crate) use output::Output;
pub(crate) use plan::in_parts;
pub use read_at::ReadAt;
pub(crate) use source::{Input, SharedInput, SharedSource, Source};
pub(crate) use span::{Span, first};
pub(crate) use stream::{Reader, Stream, Visit};
pub(crate) use strided::{Loop, Request, StridedRanges};

/// Takes the next bytes that are written.
pub(crate) type Sink<'s> = dyn FnMut(&[u8]) -> crate::error::Result<()> + 's;

/// A folder of a test's own. WebAssembly does not say where temporary files belong.
#[cfg(test)]
fn test_folder() -> tempfile::TempDir {
    let place = if cfg!(target_family = "wasm") { "/tmp".into() } else { std::env::temp_dir() };
    tempfile::tempdir_in(place).unwrap()
}
