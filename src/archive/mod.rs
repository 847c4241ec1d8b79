//! The container: a zip archive of named members, read and written as bytes.
//!
//! It knows nothing of arrays. Writing goes through the zip crate, over a buffer that
//! coalesces its small writes; reading asks the zip crate for the directory only, and
//! takes the members' bytes by position.

mod allocate;
mod atomic;
#[cfg(feature = "deflate")]
mod deflate;
#[cfg(not(feature = "deflate"))]
#[path = "no_deflate.rs"]
mod deflate;
mod directory;
mod member;
mod output;
mod source;
mod span;
mod writer;

pub(crate) use atomic::AtomicFile;
pub(crate) use directory::{Directory, Member};
pub(crate) use member::MemberReader;
pub use source::ReadAt;
pub(crate) use source::Source;
pub(crate) use writer::ArchiveWriter;

/// The end of an array's file name in an archive, which its own name lacks.
pub(crate) const SUFFIX: &str = ".npy";

/// How many bytes are moved at a time, where there are as many.
const CHUNK: usize = 256 << 10;

/// How a member of an archive is compressed.
///
/// # Examples
///
/// ```
/// use npz::{Compression, NpzReader, NpzWriter};
/// use std::io::Cursor;
///
/// let mut npz = NpzWriter::new(Cursor::new(Vec::new())).compression(Compression::Deflate(6));
/// npz.array("zeros", &vec![0_u8; 10_000])?;
/// let npz = NpzReader::new(npz.finish()?)?;
/// assert!(npz.info("zeros")?.compressed_size() < 200);
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Compression {
    /// None, as `numpy.savez`.
    #[default]
    Stored,
    /// Deflate at a level from 1 (fast) to 9 (small); `numpy.savez_compressed` takes 6.
    /// Needs the feature `deflate`, which is on by default.
    Deflate(u8),
}
