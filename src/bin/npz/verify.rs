//! `npz verify`: whether files are sound.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context;
use npz::{ErrorKind, Limits, NpyReader, NpzReader, ReadAt};
use serde::Serialize;

use crate::Result;
use crate::archive::begins_as_npy;
use crate::output::{self, visible};
use crate::progress::Bar;

/// Read files whole, and say whether they are sound
///
/// Of archives, the checksum of every member is compared, and every header and list of blocks is read. An
/// .npy file has no checksum: only its header and its size can be verified.
#[derive(clap::Args)]
pub struct Args {
    /// Archives and .npy files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print nothing: the exit code tells
    #[arg(short, long, conflicts_with = "json")]
    quiet: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Verified {
    file: String,
    is_sound: bool,
    bytes: u64,
    members: usize,
    errors: Vec<String>,
}

impl Args {
    pub fn run(&self, limits: &Limits) -> Result<ExitCode> {
        let sizes = self.files.iter().map(|path| {
            Ok(path.metadata().with_context(|| format!("cannot open `{}`", path.display()))?.len())
        });
        let sizes: Vec<u64> = sizes.collect::<Result<_>>()?;
        let bar = Bar::new(sizes.iter().sum());
        let mut before = 0;
        let mut files = Vec::new();
        for (path, size) in self.files.iter().zip(sizes) {
            let file =
                File::open(path).with_context(|| format!("cannot open `{}`", path.display()))?;
            let (members, errors) = match begins_as_npy(path)? {
                true => (1, npy(path, limits)?),
                false => npz(Watched { file, bar: &bar, before, done: AtomicU64::new(0) }, limits)?,
            };
            before += size;
            bar.at(before);
            let file = path.display().to_string();
            files.push(Verified {
                file,
                is_sound: errors.is_empty(),
                bytes: size,
                members,
                errors,
            });
        }
        drop(bar);
        if self.json {
            output::json(&files)?;
        } else if !self.quiet {
            print(&files)?;
        }
        Ok(ExitCode::from(u8::from(files.iter().any(|file| !file.is_sound))))
    }
}

fn print(files: &[Verified]) -> Result {
    let mut out = output::stdout();
    for Verified { file, is_sound, bytes, members, errors } in files {
        let file = visible(file);
        for error in errors {
            writeln!(out, "{file}: {error}")?;
        }
        if *is_sound {
            let s = if *members == 1 { "" } else { "s" };
            writeln!(out, "{file}: sound ({members} member{s}, {})", output::size(*bytes))?;
        }
    }
    Ok(out.flush()?)
}

/// How many members there are, and what is wrong with them.
fn npz(source: Watched, limits: &Limits) -> Result<(usize, Vec<String>)> {
    let npz: NpzReader<_> = match limits.open_read_at(source) {
        Err(error) => return Ok((0, damage(error)?)),
        npz => npz?,
    };
    let mut errors = Vec::new();
    for (_, verified) in npz.verify_each() {
        if let Err(error) = verified {
            errors.extend(damage(error)?);
        }
    }
    Ok((npz.members().count(), errors))
}

fn npy(path: &PathBuf, limits: &Limits) -> Result<Vec<String>> {
    match NpyReader::open(path).and_then(|npy| npy.with_limits(*limits)) {
        Err(error) => damage(error),
        Ok(_) => Ok(Vec::new()),
    }
}

/// What is wrong with a file. What is not its fault is an error.
fn damage(error: npz::Error) -> Result<Vec<String>> {
    match error.kind() {
        ErrorKind::Io { .. } | ErrorKind::LimitExceeded { .. } => Err(error.into()),
        _ => Ok(vec![error.to_string()]),
    }
}

/// A file that tells a bar how much of it has been read.
struct Watched<'a> {
    file: File,
    bar: &'a Bar,
    /// The bytes of the files before it.
    before: u64,
    done: AtomicU64,
}

impl ReadAt for Watched<'_> {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let read = self.file.read_at(buf, offset)?;
        let done = self.done.fetch_add(read as u64, Ordering::Relaxed) + read as u64;
        self.bar.at(self.before + done);
        Ok(read)
    }

    fn size(&self) -> io::Result<u64> {
        ReadAt::size(&self.file)
    }
}
