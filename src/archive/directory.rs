//! What an archive holds, from its central directory, which alone is trusted: writers
//! that stream leave the sizes in the headers before the members empty.

use std::collections::HashMap;
use std::io::{self, Cursor, Read, Seek, SeekFrom};

use zip::CompressionMethod;

use super::SUFFIX;
use super::read_at::ReadAt;
use super::source::{Bytes, Shared, Source};
use crate::error::{Error, ErrorKind, Result};

/// One entry of the directory. Nothing in it has been held against the file yet.
#[derive(Debug)]
pub(crate) struct Member {
    /// The whole name: an array's ends in `.npy`.
    pub(crate) name: String,
    /// Its bytes in the directory, if they are not UTF-8.
    pub(super) name_bytes: Option<Vec<u8>>,
    pub(super) method: CompressionMethod,
    pub(super) is_encrypted: bool,
    pub(super) crc32: u32,
    /// Bytes in the archive.
    pub(crate) compressed_size: u64,
    /// Bytes when decompressed.
    pub(crate) size: u64,
    /// Where the member's local header starts, in an archive of so many bytes.
    pub(super) header_start: u64,
    pub(super) file_size: u64,
}

impl Member {
    /// The array's name, if the member is one.
    pub(crate) fn array_name(&self) -> Option<&str> {
        self.name.strip_suffix(SUFFIX)
    }

    /// What its user calls it.
    pub(crate) fn own_name(&self) -> &str {
        self.array_name().unwrap_or(&self.name)
    }

    pub(crate) fn is_stored(&self) -> bool {
        self.method == CompressionMethod::STORE
    }
}

/// The members of an archive, in its order.
#[derive(Debug)]
pub(crate) struct Directory {
    members: Vec<Member>,
    /// Where it starts in the archive.
    start: u64,
    /// The archive's.
    comment: Vec<u8>,
    /// By the arrays' own names, and by the whole names of all others.
    arrays: HashMap<String, usize>,
    others: HashMap<String, usize>,
}

impl Directory {
    pub(crate) fn read<R>(source: &Source<R>) -> Result<Self> {
        if source.size() == 0 {
            return Err(Error::archive("not an .npz archive: it is empty"));
        }
        match source.as_bytes() {
            bytes @ Bytes::Shared(Shared::InMemory(memory)) => {
                Self::parse(Cursor::new(memory), bytes, source.size())
            }
            bytes => Self::parse(Window::new(bytes, source.size()), bytes, source.size()),
        }
    }

    /// Reads the directory of an archive of `size` bytes through `reader`.
    fn parse(reader: impl Read + Seek, bytes: Bytes<'_>, size: u64) -> Result<Self> {
        let failed = |error| not_an_archive(bytes, error);
        let zip = zip::ZipArchive::new(reader).map_err(failed)?;
        if zip.has_duplicate_names() {
            return Err(Error::archive("two members of the archive have the same name"));
        }
        let mut members = Vec::with_capacity(zip.len());
        let (mut arrays, mut others) = (HashMap::with_capacity(zip.len()), HashMap::new());
        for index in 0..zip.len() {
            let entry = zip.by_index_data(index).map_err(failed)?;
            let member = Member {
                name: entry.name().map_err(failed)?.into_owned(),
                name_bytes: str::from_utf8(entry.name_raw()).err().map(|_| entry.name_raw().into()),
                method: entry.compression(),
                is_encrypted: entry.encrypted(),
                crc32: entry.crc32(),
                compressed_size: entry.compressed_size(),
                size: entry.size(),
                header_start: entry.header_start(),
                file_size: size,
            };
            let before = match member.array_name() {
                Some(name) => arrays.insert(name.to_owned(), index),
                None => others.insert(member.name.clone(), index),
            };
            if before.is_some() {
                return Err(Error::archive(format!(
                    "two members of the archive are named `{}`",
                    member.name
                )));
            }
            members.push(member);
        }
        check_places(&members, zip.central_directory_start())?;
        Ok(Self {
            members,
            start: zip.central_directory_start(),
            comment: zip.comment().to_vec(),
            arrays,
            others,
        })
    }

    pub(crate) fn members(&self) -> &[Member] {
        &self.members
    }

    /// The member at one of its positions.
    #[expect(clippy::indexing_slicing, reason = "nobody makes positions but the directory")]
    pub(crate) fn member(&self, position: usize) -> &Member {
        &self.members[position]
    }

    /// As NumPy: the member of exactly this name, else the array of this name.
    pub(crate) fn find(&self, name: &str) -> Option<&Member> {
        self.position(name).map(|index| self.member(index))
    }

    /// Which of the members [`find`](Self::find) finds.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.position_of(name).or_else(|| self.arrays.get(name).copied())
    }

    /// Which of the members has exactly this whole name.
    pub(super) fn position_of(&self, member: &str) -> Option<usize> {
        let array = || self.arrays.get(member.strip_suffix(SUFFIX)?);
        self.others.get(member).or_else(array).copied()
    }

    pub(super) fn start(&self) -> u64 {
        self.start
    }

    pub(super) fn comment(&self) -> &[u8] {
        &self.comment
    }
}

/// Checks that no member starts before the one before it in the file may end, nor after the
/// directory does: what little there is could pass for very much.
fn check_places(members: &[Member], directory_start: u64) -> Result<()> {
    let mut in_file: Vec<&Member> = members.iter().collect();
    in_file.sort_by_key(|member| member.header_start); // which they mostly are
    let next = in_file.iter().skip(1).map(|member| member.header_start);
    for (member, next) in in_file.iter().zip(next.chain([directory_start])) {
        let end = member.header_start.checked_add(member.compressed_size);
        if end.is_none_or(|end| end > next) {
            let error = Error::archive("damaged: its place in the file is that of something else");
            return Err(error.in_array(member.own_name()));
        }
    }
    Ok(())
}

fn not_an_archive(bytes: Bytes<'_>, error: zip::result::ZipError) -> Error {
    if let zip::result::ZipError::Io(error) = error {
        return Error::io("read the archive's directory", error);
    }
    let mut start = [0; 6];
    let problem = match bytes.read_at(&mut start, 0) {
        Ok(6) if &start == b"\x93NUMPY" => {
            "not an .npz archive but a single .npy array (load_npy reads it)"
        }
        _ => "not an .npz archive, or it is damaged or cut short",
    };
    ErrorKind::Archive { problem: problem.to_owned(), source: Some(error.into()) }.into()
}

/// A cursor over the source for zip's parser, which reads a few bytes at a time and seeks
/// before each entry: one window of the file stays in memory whichever way it moves.
struct Window<'a> {
    source: Bytes<'a>,
    size: u64,
    position: u64,
    bytes: Vec<u8>,
    start: u64,
}

impl<'a> Window<'a> {
    const SIZE: u64 = 64 << 10;

    fn new(source: Bytes<'a>, size: u64) -> Self {
        Self { source, size, position: 0, bytes: Vec::new(), start: 0 }
    }
}

impl Read for Window<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let size = self.size;
        if self.position >= size {
            return Ok(0);
        }
        let end = self.start.saturating_add(self.bytes.len() as u64);
        if !(self.start..end).contains(&self.position) {
            // The directory is at the end: let the last window cover as much as it can.
            self.start = self.position.min(size.saturating_sub(Self::SIZE));
            let len = Self::SIZE.min(size.saturating_sub(self.start));
            self.bytes.resize(len as usize, 0);
            let read = self.source.read_at(&mut self.bytes, self.start);
            self.bytes.truncate(*read.as_ref().unwrap_or(&0));
            read?;
        }
        let read = self.bytes.read_at(out, self.position.saturating_sub(self.start))?;
        self.position = self.position.saturating_add(read as u64);
        Ok(read)
    }
}

impl Seek for Window<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
