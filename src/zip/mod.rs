//! The container: a zip archive of named members, read and written as bytes.
//!
//! It knows nothing of arrays. The zip crate writes headers and directories; the data goes past
//! it ([`bypass`]). Reading is done here, because the zip crate does not read all that NumPy
//! does ([`central`]), and by position, so that members can be read at the same time.

mod append;
mod bypass;
mod central;
#[cfg(feature = "mmap")]
pub(crate) mod checksums;
mod directory;
mod end;
mod local;
mod member;
mod other_codecs;
mod part;
mod writer;

pub(crate) use append::BaseArchive;
pub(crate) use directory::{Directory, Member};
pub(crate) use member::MemberReader;
pub(crate) use part::PartReader;
pub(crate) use writer::{ArchiveWriter, MAX_NAME, MemberSpec};

/// The end of an array's file name in an archive, which its own name lacks.
pub(crate) const SUFFIX: &str = ".npy";

/// How a member of an archive is compressed.
///
/// # How arrays are deflated
///
/// In blocks of 1 MiB, on all threads of the current rayon pool (feature `rayon`), with
/// some 2 MiB of memory for each. What is written depends on the data and the level alone,
/// not on the threads. Each block is written in the way that makes it smallest: with
/// matches; where a trial shows that matches gain nothing, as in nearly all floating-point
/// data, in Huffman codes alone, which is some twenty times faster; where those gain
/// nothing either, as it is.
///
/// Together the blocks are one deflate stream, as any reader expects. Those of a larger
/// array are indexed besides, unless the writer cannot seek: the member's local header has
/// an extra field that others skip. Its id is `np` (0x706E); it holds, little-endian, a
/// version of 16 bits, 1; 16 bits `n`, for blocks of 2ⁿ bytes of the member's data, the last
/// one the rest; the CRC-32 of the array's header; and for each block 32 bits of its compressed
/// length and the CRC-32 of its data. In the archive's directory the field is repeated with
/// zeros for the blocks.
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
#[non_exhaustive]
pub enum Compression {
    /// None, as `numpy.savez`.
    #[default]
    Stored,
    /// Deflate at a level from 1 (fast) to 9 (small); `numpy.savez_compressed` takes 6.
    /// Needs the feature `deflate`, which is on by default.
    Deflate(u8),
}
