//! The container: a zip archive of named members, read and written as bytes.
//!
//! It knows nothing of arrays. The zip crate writes headers and directories; the data goes past
//! it ([`bypass`]). Reading is done here, because the zip crate does not read all that NumPy
//! does ([`central`]), and by position, so that members can be read at the same time.

mod append;
mod bypass;
mod central;
pub(crate) mod checksums;
mod directory;
mod end;
mod header_copy;
mod local;
mod member;
mod other_codecs;
mod part;
mod writer;

pub(crate) use append::BaseArchive;
pub(crate) use directory::{Directory, Member};
pub(crate) use member::MemberReader;
pub(crate) use part::PartReader;
pub(crate) use writer::{ArchiveWriter, MAX_NAME, MemberSpec, MemberWriter};

/// The end of an array's file name in an archive, which its own name lacks.
pub(crate) const SUFFIX: &str = ".npy";

/// What the user of a member of this whole name calls it: an array without `.npy`.
pub(crate) fn own_name(member: &str) -> &str {
    member.strip_suffix(SUFFIX).unwrap_or(member)
}

/// How a member of an archive is compressed.
///
/// # How arrays are deflated
///
/// Arrays are compressed in blocks of 1 MiB, on all threads of the current rayon pool (feature
/// `rayon`), with some 2 MiB of memory for each thread. The result depends on the data and the level
/// alone, not on the number of threads. Where a trial shows that matching strings gains nothing,
/// as in nearly all floating-point data, a block is written in Huffman codes alone, which is some
/// twenty times faster. Where those gain nothing either, the block is stored.
///
/// Together the blocks are one deflate stream, as any reader expects. The first of several begins with
/// the array's header as it is, in which the number of rows can be filled in later. An array of several
/// blocks also gets an index, by which they are inflated on all threads and sliced. It is an extra field of the
/// member's entry in the archive's directory, with the id `np` (0x706E), which other readers skip. It
/// holds, little-endian: the version, 1, in 16 bits; `n` in 16 bits, for blocks of 2ⁿ bytes of the
/// member's data, except for the last; the CRC-32 of the array's header; and for each block its
/// compressed length and the CRC-32 of its data, in 32 bits each.
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
    /// Not compressed, as by `numpy.savez`.
    ///
    /// Where an array takes more than 1 MiB, the archive's directory has a copy of its header, so that
    /// a slice takes one request to an object store. It is an extra field with the id `np`, too, which holds,
    /// little-endian: the version, 2, in 16 bits; the member's CRC-32; the length of its local header
    /// in 32 bits, and of what follows that, up to the next member, in 64 bits; and the array's header.
    #[default]
    Stored,
    /// Deflated at a level from 1 (fast) to 9 (small). `numpy.savez_compressed` uses 6.
    ///
    /// The levels 1 to 3 search quickly for what repeats itself in an array. The levels 4 to 8 search
    /// longer, as zlib does, where samples of the array show that it would otherwise become larger than
    /// NumPy makes it. Level 9 searches for as long as it gains anything, which may take a hundred times as
    /// long as level 6.
    ///
    /// Needs the feature `deflate`, which is on by default.
    Deflate(u8),
}
