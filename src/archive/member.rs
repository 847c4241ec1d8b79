//! Reading one member: its bytes, decompressed, with size and CRC checked.

use std::io::{self, Read};

use zip::CompressionMethod;

use super::deflate::Inflater;
use super::span::Span;
use super::{Member, Source};
use crate::error::{Error, ErrorKind, Result};

enum Decoder {
    Stored,
    Deflate(Inflater),
}

/// Reads a member from its first byte to its last.
///
/// The bytes are vouched for only when [`finish`](Self::finish) has returned `Ok`.
pub(crate) struct MemberReader<'a, R> {
    span: Span<'a, R>,
    decoder: Decoder,
    /// Decompressed bytes not read yet.
    left: u64,
    hasher: crc32fast::Hasher,
    crc32: u32,
}

/// "PK\x03\x04", then 26 bytes of which the last four are the lengths of the name and the
/// extra field that follow: APPNOTE 4.3.7.
const LOCAL_HEADER: u64 = 30;

/// How much is read along with a local header, so that a small array takes one read.
const AHEAD: u64 = 4 << 10;

/// Deflate's best: two bits for 258 bytes, after a few bytes of header.
const MOST_PER_BYTE: u64 = 1032;

impl<'a, R> MemberReader<'a, R> {
    /// Finds the member's bytes, and holds what the directory says against the file.
    pub(crate) fn open(source: &'a Source<R>, member: &Member) -> Result<Self> {
        if member.is_encrypted {
            return Err(Error::unsupported("it is encrypted, which .npz files never are"));
        }
        let outside = || Error::archive("the directory places it outside the file");
        let whole = LOCAL_HEADER + member.name.len() as u64 + 256;
        let ahead = whole.saturating_add(member.compressed_size).min(AHEAD);
        let mut ahead = vec![0; ahead as usize];
        if member.header_start >= source.size() {
            return Err(outside());
        }
        let read = source.read_at(&mut ahead, member.header_start);
        ahead.truncate(read.map_err(|error| Error::io("read", error))?);

        let Some(header) = ahead.first_chunk::<{ LOCAL_HEADER as usize }>() else {
            return Err(outside());
        };
        let u16_at = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
        if !header.starts_with(b"PK\x03\x04") {
            return Err(Error::archive("damaged: no member starts where the directory says"));
        }
        let method = u16_at(8);
        let decoder = match member.method {
            CompressionMethod::STORE if method == 0 => Decoder::Stored,
            CompressionMethod::DEFLATE if method == 8 => Decoder::Deflate(Inflater::new()?),
            CompressionMethod::STORE | CompressionMethod::DEFLATE => {
                return Err(Error::archive(
                    "damaged: two headers disagree on its compression method",
                ));
            }
            _ => {
                let name = CompressionMethod::name_from_u16(method);
                return Err(Error::unsupported(format!(
                    "it is compressed by method {method} ({name}); stored and deflated are read"
                )));
            }
        };

        let header_size = LOCAL_HEADER + u64::from(u16_at(26)) + u64::from(u16_at(28));
        let start = member.header_start.checked_add(header_size).ok_or_else(outside)?;
        let end = start.checked_add(member.compressed_size).filter(|&end| end <= source.size());
        let end = end.ok_or_else(outside)?;
        let most = match decoder {
            Decoder::Stored => member.compressed_size,
            Decoder::Deflate(_) => member.compressed_size.saturating_mul(MOST_PER_BYTE),
        };
        if member.size > most || (member.is_stored() && member.size < most) {
            return Err(Error::archive(format!(
                "damaged: {} bytes in the archive cannot hold the {} that the directory declares",
                member.compressed_size, member.size
            )));
        }
        Ok(Self {
            span: Span::new(source, start..end, ahead, member.header_start),
            decoder,
            left: member.size,
            hasher: crc32fast::Hasher::new(),
            crc32: member.crc32,
        })
    }

    /// Checks that all was read, and that it is what was written.
    pub(crate) fn finish(mut self) -> Result<()> {
        let is_whole = match &mut self.decoder {
            Decoder::Stored => Ok(self.span.is_exhausted()),
            Decoder::Deflate(inflater) => inflater.is_at_end(&mut self.span),
        };
        if self.left > 0 || !is_whole.map_err(Error::read)? {
            return Err(Error::archive("damaged: it does not end where the directory says"));
        }
        let (expected, found) = (self.crc32, self.hasher.finalize());
        match expected == found {
            true => Ok(()),
            false => Err(ErrorKind::Checksum { expected, found }.into()),
        }
    }

    /// Reads what is left, and checks it.
    pub(crate) fn drain(mut self) -> Result<()> {
        let mut chunk = vec![0; self.left.min(super::CHUNK as u64) as usize];
        while self.read(&mut chunk).map_err(Error::read)? > 0 {}
        self.finish()
    }
}

impl<R> Read for MemberReader<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = self.left.min(out.len() as u64) as usize;
        let read = match &mut self.decoder {
            Decoder::Stored => self.span.read(&mut out[..len])?,
            Decoder::Deflate(inflater) => inflater.read(&mut self.span, &mut out[..len])?,
        };
        self.hasher.update(&out[..read]);
        self.left -= read as u64;
        Ok(read)
    }
}
