//! A file of arrays, be it an archive or a single array.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use npz::ndarray::SliceInfoElem;
use npz::{ArrayInfo, Chunks, FromNpy, Limits, NpyReader, NpzReader};

use crate::Result;

/// What a file holds: the arrays of an archive, or one, which is called by the file's name.
pub struct Archive {
    pub path: PathBuf,
    contents: Contents,
}

/// What is in an archive.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Member<'a> {
    /// An array, by its own name.
    Array(&'a str),
    /// Another member, by its whole name.
    Other(&'a str),
}

impl<'a> Member<'a> {
    pub fn name(self) -> &'a str {
        match self {
            Self::Array(name) | Self::Other(name) => name,
        }
    }
}

enum Contents {
    Npz(NpzReader<File>),
    Npy { npy: NpyReader<File>, name: String },
}

impl Archive {
    /// Opens an `.npz` or `.npy` file. Which of the two it is, its first bytes say.
    pub fn open(path: &Path, limits: &Limits) -> Result<Self> {
        let contents = match begins_as_npy(path)? {
            true => {
                let npy = NpyReader::open(path)?.with_limits(*limits)?;
                Contents::Npy { npy, name: stem(path) }
            }
            // Of several members of one name the last is meant, as in NumPy.
            false => Contents::Npz(limits.open(path)?.allow_duplicates()),
        };
        Ok(Self { path: path.to_owned(), contents })
    }

    /// Opens an archive whose members are to be changed: a single array has none.
    pub fn open_npz(path: &Path, limits: &Limits) -> Result<Self> {
        let archive = Self::open(path, limits)?;
        if archive.npz().is_none() {
            bail!("`{}` is a single array, and no archive (`npz pack` makes one)", path.display());
        }
        Ok(archive)
    }

    /// The archive, if it is none of a single array.
    pub fn npz(&self) -> Option<&NpzReader<File>> {
        match &self.contents {
            Contents::Npz(npz) => Some(npz),
            Contents::Npy { .. } => None,
        }
    }

    /// The names of its arrays, in their order.
    pub fn names(&self) -> Vec<&str> {
        match &self.contents {
            Contents::Npz(npz) => npz.names().collect(),
            Contents::Npy { name, .. } => vec![name],
        }
    }

    /// Its members, in their order, be they arrays or not.
    pub fn members(&self) -> Vec<Member<'_>> {
        let Contents::Npz(npz) = &self.contents else {
            return self.names().into_iter().map(Member::Array).collect();
        };
        let arrays: HashSet<_> = npz.names().collect();
        let member = |name| match arrays.get(without_suffix(name)) {
            Some(array) => Member::Array(array),
            None => Member::Other(name),
        };
        let mut seen = HashSet::new();
        npz.members().map(member).filter(|member| seen.insert(*member)).collect()
    }

    /// Whether it has an array called that.
    pub fn contains(&self, name: &str) -> bool {
        match &self.contents {
            Contents::Npz(npz) => npz.contains(name),
            Contents::Npy { name: own, .. } => own == name,
        }
    }

    pub fn info(&self, name: &str) -> Result<ArrayInfo> {
        match &self.contents {
            Contents::Npz(npz) => Ok(npz.info(name)?),
            Contents::Npy { npy, name: own } if own == name => Ok(npy.info().clone()),
            Contents::Npy { name: own, .. } => bail!("no array `{name}`; the file is one, `{own}`"),
        }
    }

    /// The array's bytes, with its header: those of an `.npy` file.
    pub fn npy_bytes(&self, name: &str) -> Result<Vec<u8>> {
        match &self.contents {
            Contents::Npz(npz) => {
                let member = format!("{name}.npy");
                let has_suffix = npz.members().any(|other| other == member);
                Ok(npz.bytes(if has_suffix { &member } else { name })?)
            }
            Contents::Npy { .. } => fs::read(&self.path)
                .with_context(|| format!("cannot read `{}`", self.path.display())),
        }
    }

    pub fn get<T: FromNpy>(&self, name: &str) -> npz::Result<T> {
        match &self.contents {
            Contents::Npz(npz) => npz.get(name),
            Contents::Npy { npy, .. } => npy.get(),
        }
    }

    pub fn get_slice<T: FromNpy>(&self, name: &str, slice: &[SliceInfoElem]) -> npz::Result<T> {
        match &self.contents {
            Contents::Npz(npz) => npz.get_slice(name, slice),
            Contents::Npy { npy, .. } => npy.get_slice(slice),
        }
    }

    pub fn chunks<T: FromNpy>(&self, name: &str, len: usize) -> npz::Result<Chunks<'_, T>> {
        match &self.contents {
            Contents::Npz(npz) => npz.chunks(name, len),
            Contents::Npy { npy, .. } => npy.chunks(len),
        }
    }
}

/// The name of the array that a member is, if it is one.
pub fn without_suffix(member: &str) -> &str {
    member.strip_suffix(".npy").unwrap_or(member)
}

/// What NumPy would call the array in this file: the file's name without its end.
pub fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

pub fn begins_as_npy(path: &Path) -> Result<bool> {
    let cannot = || format!("cannot open `{}`", path.display());
    let file = File::open(path).with_context(cannot)?;
    if file.metadata().with_context(cannot)?.is_dir() {
        bail!("`{}` is a folder", path.display());
    }
    let mut start = Vec::new();
    file.take(6).read_to_end(&mut start).with_context(cannot)?;
    Ok(start == b"\x93NUMPY")
}
