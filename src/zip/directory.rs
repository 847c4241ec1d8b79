//! What an archive holds, from its central directory.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::OnceLock;

use super::end::{self, End};
use super::{SUFFIX, central, own_name};
use crate::error::{Error, ErrorKind, Result};
use crate::io::{Input, Source};
use crate::limits::Limits;
use crate::mistaken::{LOOKED_AT, what_it_is};
use crate::visible::quoted;

/// One entry of the directory. Nothing in it has been held against the file yet, but that it
/// may end before the next member begins.
#[derive(Debug)]
pub(crate) struct Member {
    /// The whole name: an array's ends in `.npy`.
    pub(crate) name: String,
    /// Its bytes in the directory, if they are not the name's in UTF-8.
    pub(super) name_bytes: Option<Box<[u8]>>,
    /// APPNOTE 4.4.5.
    pub(super) method: u16,
    pub(super) is_encrypted: bool,
    pub(super) crc32: u32,
    /// The number of bytes in the archive.
    pub(crate) compressed_size: u64,
    /// The number of bytes when decompressed.
    pub(crate) size: u64,
    /// Where its local header starts in the file, and what follows it: the next member, or
    /// the directory.
    pub(super) header_start: u64,
    pub(super) end: u64,
    /// This crate's own field, if it has one: the index of its blocks, or a copy of its header.
    pub(super) own_field: Option<Box<[u8]>>,
    /// Its local header and its first bytes, if they have been read and are kept.
    pub(super) beginning: OnceLock<Box<[u8]>>,
    /// Where its entry in the directory is in the file.
    pub(super) entry: Range<u64>,
    /// Whether members before it have the same name.
    pub(super) is_repeated: bool,
}

impl Member {
    /// What its user calls it: an array without `.npy`.
    pub(crate) fn own_name(&self) -> &str {
        own_name(&self.name)
    }

    /// Its name as it is in the file.
    pub(super) fn name_in_file(&self) -> &[u8] {
        self.name_bytes.as_deref().unwrap_or(self.name.as_bytes())
    }

    /// Where its local header and its bytes are in the file, up to where they may end: how long the
    /// header is the directory does not say.
    pub(crate) fn place(&self) -> Range<u64> {
        const MOST: u64 = 30 + 2 * (u16::MAX as u64);
        let most = self.header_start.saturating_add(self.compressed_size).saturating_add(MOST);
        self.header_start..self.end.min(most)
    }

    pub(crate) fn is_stored(&self) -> bool {
        self.method == 0
    }
}

/// The members of an archive, in its order. Of several that have one name it is the last, as
/// in NumPy.
#[derive(Debug)]
pub(crate) struct Directory {
    members: Vec<Member>,
    /// By what their users call them.
    positions: HashMap<String, Positions>,
    end: End,
    /// Whether names that several members have can be asked for.
    allows_repeated: bool,
}

/// Where the members of one name are among all: the array's, and that of a member which is
/// called so without `.npy`.
#[derive(Debug, Clone, Copy, Default)]
struct Positions {
    array: Option<usize>,
    other: Option<usize>,
}

impl Directory {
    /// How many of a file's last bytes [`read`](Self::read) looks at first, if there are as many.
    pub(crate) const TAIL: usize = end::WANTED;

    pub(crate) fn read<R>(source: &mut Source<R>, limits: &Limits) -> Result<Self> {
        let tail = source.take_tail();
        let (input, size) = (source.input(), source.size());
        let tail = match &tail {
            Some(tail) => tail.into(),
            None => input.range(size.saturating_sub(Self::TAIL as u64)..size)?,
        };
        let tail_start = size.saturating_sub(tail.len() as u64);
        let Some(end) = End::find(&tail, size)? else { return Err(not_an_archive(input, size)) };
        let range = end.directory.clone();
        let in_tail = range.start.checked_sub(tail_start).and_then(|start| {
            let len = range.end.saturating_sub(range.start);
            tail.get(start as usize..)?.get(..len as usize)
        });
        let mut members = match in_tail {
            Some(entries) => central::members(entries, &end, limits)?,
            None => central::members(&input.range(range)?, &end, limits)?,
        };
        find_ends(&mut members, end.directory.start)?;
        let directory = Self::new(members, end);
        directory.check(limits)?;
        Ok(directory)
    }

    /// Checks that there are no more members, and no more bytes in all of them, than `limits` allow.
    pub(crate) fn check(&self, limits: &Limits) -> Result<()> {
        limits.check_members(self.members.len())?;
        let sizes = self.members.iter().map(|member| member.size);
        limits.check_total(sizes.fold(0, u64::saturating_add))
    }

    fn new(mut members: Vec<Member>, end: End) -> Self {
        let mut positions = HashMap::<String, Positions>::with_capacity(members.len());
        let mut replaced = HashSet::new();
        for (position, member) in members.iter_mut().enumerate() {
            let of_name = positions.entry(member.own_name().to_owned()).or_default();
            let slot = match member.name.ends_with(SUFFIX) {
                true => &mut of_name.array,
                false => &mut of_name.other,
            };
            if let Some(earlier) = slot.replace(position) {
                member.is_repeated = true;
                replaced.insert(earlier);
            }
        }
        if !replaced.is_empty() {
            let members = members.into_iter().enumerate();
            let last = members.filter(|(position, _)| !replaced.contains(position));
            return Self::new(last.map(|(_, member)| member).collect(), end);
        }
        Self { members, positions, end, allows_repeated: false }
    }

    /// Lets names that several members have be asked for: they are those of the last.
    pub(crate) fn allow_repeated(&mut self) {
        self.allows_repeated = true;
    }

    pub(crate) fn members(&self) -> &[Member] {
        &self.members
    }

    /// The member at one of its positions.
    #[expect(clippy::indexing_slicing, reason = "nobody makes positions but the directory")]
    fn member(&self, position: usize) -> &Member {
        &self.members[position]
    }

    /// Whether some member answers to `name`.
    pub(crate) fn contains(&self, name: &str) -> bool {
        let (exact, array) = self.positions_of(name);
        exact.or(array).is_some()
    }

    /// The array that is called `name`: the member of exactly this name, or that of this name
    /// and `.npy`. It is an error if both are there, or several of one name: NumPy takes one
    /// of them, and does not say so.
    pub(crate) fn find_array(&self, name: &str) -> Result<Option<&Member>> {
        match self.positions_of(name) {
            (Some(exact), Some(array)) => Err(ambiguous(self.member(exact), self.member(array))),
            (exact, array) => self.unrepeated(exact.or(array)),
        }
    }

    /// The member of exactly this name, or else that of this name and `.npy`, as in NumPy.
    pub(crate) fn find(&self, name: &str) -> Result<Option<&Member>> {
        let (exact, array) = self.positions_of(name);
        self.unrepeated(exact.or(array))
    }

    fn unrepeated(&self, position: Option<usize>) -> Result<Option<&Member>> {
        let Some(position) = position else { return Ok(None) };
        let member = self.member(position);
        self.check_repeated(member)?;
        Ok(Some(member))
    }

    /// Checks that the name of `member` is that of no other one.
    pub(crate) fn check_repeated(&self, member: &Member) -> Result<()> {
        match member.is_repeated && !self.allows_repeated {
            true => Err(repeated(member)),
            false => Ok(()),
        }
    }

    /// Checks that no other member is called by its user what `member` is.
    pub(crate) fn check_own_name(&self, member: &Member) -> Result<()> {
        self.check_repeated(member)?;
        match self.positions.get(member.own_name()) {
            Some(&Positions { array: Some(array), other: Some(other) }) => {
                Err(ambiguous(self.member(other), self.member(array)))
            }
            _ => Ok(()),
        }
    }

    /// Which of the members has exactly the name `name`, and which has that name and `.npy`.
    fn positions_of(&self, name: &str) -> (Option<usize>, Option<usize>) {
        let of = |name: &str| self.positions.get(name).copied().unwrap_or_default();
        let Positions { array, other } = of(name);
        (name.strip_suffix(SUFFIX).map_or(other, |own_name| of(own_name).array), array)
    }

    /// Where its entries are in the file.
    pub(super) fn entries(&self) -> Range<u64> {
        self.end.directory.clone()
    }

    /// The entry of `member` in `entries`, which are the directory's.
    pub(super) fn entry<'a>(&self, member: &Member, entries: &'a [u8]) -> &'a [u8] {
        let [start, end] = [member.entry.start, member.entry.end]
            .map(|position| position.saturating_sub(self.start()) as usize);
        entries.get(start..end).unwrap_or(&[])
    }

    /// Where its entries start in the file.
    pub(super) fn start(&self) -> u64 {
        self.end.directory.start
    }

    /// The archive's.
    pub(super) fn comment(&self) -> &[u8] {
        &self.end.comment
    }
}

/// Finds where what follows each member begins, and checks that the member may end before
/// that: of overlapping members, what little there is could pass for very much.
fn find_ends(members: &mut [Member], directory_start: u64) -> Result<()> {
    let mut in_file: Vec<&mut Member> = members.iter_mut().collect();
    in_file.sort_by_key(|member| member.header_start); // which they mostly are
    let mut next = directory_start;
    for member in in_file.into_iter().rev() {
        let end = member.header_start.checked_add(member.compressed_size);
        if end.is_none_or(|end| end > next) {
            let error = Error::archive("damaged: its place in the file is that of something else");
            return Err(error.in_array(member.own_name()));
        }
        member.end = next;
        next = member.header_start;
    }
    Ok(())
}

/// The error for a name that may be that of `exact` or that of `array`.
fn ambiguous(exact: &Member, array: &Member) -> Error {
    let problem = format!(
        "the name is ambiguous: the archive has the members {} and {}",
        quoted(&exact.name),
        quoted(&array.name)
    );
    ErrorKind::Ambiguous { problem }.into()
}

/// The error for the last of several members of one name.
fn repeated(member: &Member) -> Error {
    let problem = format!(
        "several members of the archive are named {} (`allow_duplicates` reads the last, as \
         NumPy does; `NpzWriter::append` keeps only that)",
        quoted(&member.name)
    );
    ErrorKind::Ambiguous { problem }.into()
}

fn not_an_archive(input: Input<'_>, size: u64) -> Error {
    let mut start = [0; LOOKED_AT];
    let read = match input.read_at(&mut start, 0) {
        Ok(read) => read,
        Err(error) => return error,
    };
    Error::archive(match what_it_is(start.split_at(read).0, size) {
        Some(what) => format!("not an .npz archive: {what}"),
        None => "not an .npz archive, or it is damaged or cut short".to_owned(),
    })
}
