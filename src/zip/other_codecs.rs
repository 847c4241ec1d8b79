//! The codecs that NumPy reads and does not write: bzip2 and LZMA, which other zip programs
//! can be told to use. They are read from the first byte to the last, on one thread.

use std::io::Read;

use crate::error::{Error, Result};
use crate::io::Span;

/// APPNOTE 4.4.5.
const BZIP2: u16 = 12;
const LZMA: u16 = 14;

/// What decompresses the bytes of a member of `size` bytes, `data`, which are compressed by
/// `method`.
pub(super) fn decoder<'a>(method: u16, data: Span<'a>, size: u64) -> Result<Box<dyn Read + 'a>> {
    match method {
        BZIP2 => bzip2(data),
        LZMA => lzma(data, size),
        _ => {
            let name = ::zip::CompressionMethod::name_from_u16(method);
            Err(Error::unsupported(format!(
                "it is compressed by method {method} ({name}), which NumPy does not write; save \
                 it again by numpy.savez_compressed"
            )))
        }
    }
}

#[cfg(feature = "bzip2")]
fn bzip2(data: Span<'_>) -> Result<Box<dyn Read + '_>> {
    Ok(Box::new(bzip2::read::BzDecoder::new(data)))
}

#[cfg(not(feature = "bzip2"))]
fn bzip2(_: Span<'_>) -> Result<Box<dyn Read + '_>> {
    Err(Error::unsupported("it is compressed by bzip2, which takes the feature `bzip2` of npz"))
}

/// The stream has a header of its own (APPNOTE 5.8.8): a version, the length of what follows,
/// and LZMA's parameters. Memory is taken for the dictionary, whose size is one of them.
#[cfg(feature = "lzma")]
fn lzma(mut data: Span<'_>, size: u64) -> Result<Box<dyn Read + '_>> {
    /// LZMA's best: more than 7,000 bytes for one.
    const MOST_PER_BYTE: u64 = 10_000;
    const LEAST: u64 = 4 << 10;
    let left = data.left();
    let warranted = left.end.saturating_sub(left.start).saturating_mul(MOST_PER_BYTE);
    let mut header = [0; 9];
    crate::io::Stream::read_exact(&mut data, &mut header)?;
    let [_, _, len @ .., parameters, d0, d1, d2, d3] = header;
    if u16::from_le_bytes(len) != 5 {
        return Err(Error::archive("damaged: its LZMA stream has another header than zip's"));
    }
    // A dictionary that is larger than the data is of no use.
    let most = size.min(warranted).max(LEAST).min(u32::MAX.into()) as u32;
    let dictionary = u32::from_le_bytes([d0, d1, d2, d3]).min(most);
    let reader = lzma_rust2::LzmaReader::new_with_props(data, size, parameters, dictionary, None);
    Ok(Box::new(reader.map_err(|error| Error::io("decompress", error))?))
}

#[cfg(not(feature = "lzma"))]
fn lzma(_: Span<'_>, _: u64) -> Result<Box<dyn Read + '_>> {
    Err(Error::unsupported("it is compressed by LZMA, which takes the feature `lzma` of npz"))
}
