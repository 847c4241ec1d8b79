//! `npz repack`: an archive, written anew.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use npz::ndarray::Order;
use npz::{Compression, DType, Endian, Limits, NpzWriter};

use crate::Result;
use crate::archive::{Archive, Member};
use crate::copy::{Change, Copied, finish};
use crate::names::{Wanted, select};
use crate::output;
use crate::progress::{Bar, catch_interrupts};

/// Write an archive anew: other compression, order, byte order or dtypes, some of its arrays, other names
///
/// What is not asked for stays as it is: dtypes, order, what is compressed and what is not, members that are
/// not arrays. Stored arrays are aligned to 64 bytes. Python objects are copied as they are. IN and OUT may
/// be the same file, which is replaced when the new one is whole.
#[derive(clap::Args)]
pub struct Args {
    /// An archive or an .npy file
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// The new archive; `-` is standard output
    #[arg(value_name = "OUT")]
    output: PathBuf,
    /// Only members of this name, and arrays whose names match this pattern [default: all]
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Leave out members of this name, and arrays of this pattern
    #[arg(long, value_name = "NAME")]
    drop: Vec<String>,
    /// Give an array another name
    #[arg(long, value_name = "OLD=NEW", value_parser = renaming)]
    rename: Vec<(String, String)>,
    /// Convert arrays of this name or pattern to a dtype: `x=f4`, `*=f4`. A number that does not fit is an
    /// error
    #[arg(long, value_name = "NAME=DTYPE", value_parser = cast)]
    cast: Vec<(String, DType)>,
    #[command(flatten)]
    level: Level,
    /// Write arrays in this order
    #[arg(long, value_enum, ignore_case = true)]
    order: Option<WantedOrder>,
    /// Write numbers in this byte order
    #[arg(long, value_enum)]
    endian: Option<WantedEndian>,
}

/// How hard to compress.
#[derive(clap::Args)]
pub struct Level {
    /// Compress by deflate, from 1, which is quick, to 9, which is small; 0 stores arrays as they are
    #[arg(short, long, value_parser = clap::value_parser!(u8).range(..=9))]
    level: Option<u8>,
}

impl Level {
    pub fn compression(&self) -> Option<Compression> {
        self.level.map(|level| match level {
            0 => Compression::Stored,
            level => Compression::Deflate(level),
        })
    }
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum WantedOrder {
    C,
    F,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum WantedEndian {
    Little,
    Big,
}

impl From<WantedOrder> for Order {
    fn from(order: WantedOrder) -> Self {
        match order {
            WantedOrder::C => Self::C,
            WantedOrder::F => Self::F,
        }
    }
}

impl From<WantedEndian> for Endian {
    fn from(endian: WantedEndian) -> Self {
        match endian {
            WantedEndian::Little => Self::Little,
            WantedEndian::Big => Self::Big,
        }
    }
}

fn renaming(text: &str) -> Result<(String, String)> {
    let pair = text.split_once('=').filter(|(old, new)| !old.is_empty() && !new.is_empty());
    let (old, new) = pair.context("expected two names with `=` between them")?;
    Ok((old.to_owned(), new.to_owned()))
}

fn cast(text: &str) -> Result<(String, DType)> {
    let (name, dtype) = text.rsplit_once('=').context("expected a name, `=` and a dtype")?;
    Ok((name.to_owned(), dtype.parse()?))
}

impl Args {
    pub fn run(&self, limits: &Limits) -> Result {
        let archive = Archive::open(&self.input, limits)?;
        let plan = self.plan(&archive)?;
        if self.output == Path::new("-") {
            let mut npz = NpzWriter::stream(output::binary()?);
            let copied = plan.iter().try_for_each(|member| member.copy(&archive, &mut npz));
            return Ok(finish(npz, copied)?.flush()?);
        }
        catch_interrupts();
        let total = plan.iter().map(|member| member.size).sum();
        let mut npz = NpzWriter::create(&self.output)?.progress(Bar::new(total).of_members());
        let copied = plan.iter().try_for_each(|member| member.copy(&archive, &mut npz));
        // Not every system replaces a file that is open, as IN is if it is OUT.
        drop(plan);
        drop(archive);
        finish(npz, copied).map(drop)
    }

    /// What becomes of each member.
    fn plan<'a>(&'a self, archive: &'a Archive) -> Result<Vec<Planned<'a>>> {
        let mut members = select(archive, &self.names)?;
        if !self.drop.is_empty() {
            let dropped = select(archive, &self.drop)?;
            members.retain(|member| !dropped.contains(member));
        }
        let renamed = self.rename.iter().map(|(old, new)| (old.as_str(), new.as_str()));
        let renamed: HashMap<_, _> = renamed.collect();
        renamed.keys().try_for_each(|old| archive.info(old).map(drop))?;
        let casts = self.cast.iter().map(|(name, dtype)| (Wanted::new(archive, name), dtype));
        let casts: Vec<_> = casts.collect();
        let level = self.level.compression();
        let plan = members.into_iter().map(|member| {
            let Member::Array(name) = member else {
                let (compression, change) = (level.unwrap_or_default(), Change::default());
                return Ok(Planned { member, name: member.name(), compression, change, size: 0 });
            };
            let info = archive.info(name)?;
            let as_before = match info.is_compressed() {
                true => Compression::Deflate(6),
                false => Compression::Stored,
            };
            let cast = casts.iter().rfind(|(wanted, _)| wanted.is(member));
            let change = Change {
                order: self.order.map(Into::into),
                endian: self.endian.map(Into::into),
                cast: cast.map(|(_, dtype)| (*dtype).clone()),
            };
            let name = renamed.get(name).copied().unwrap_or(name);
            let compression = level.unwrap_or(as_before);
            Ok(Planned { member, name, compression, change, size: info.nbytes() })
        });
        plan.collect()
    }
}

/// What becomes of a member.
struct Planned<'a> {
    member: Member<'a>,
    /// What it will be called.
    name: &'a str,
    compression: Compression,
    change: Change,
    size: u64,
}

impl Planned<'_> {
    fn copy<W: Write + Send>(&self, archive: &Archive, npz: &mut NpzWriter<W>) -> Result {
        let copied = match (self.member, archive.npz()) {
            (Member::Other(name), Some(from)) => Copied::Bytes(from.bytes(name)?),
            (member, _) => Copied::load(archive, member.name(), &self.change)?,
        };
        copied.add(npz, self.name, self.compression, &self.change)
    }
}
