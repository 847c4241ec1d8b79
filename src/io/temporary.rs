//! Files that are being written: they have no name until they are complete, or a temporary one.
//!
//! On Linux most have none, and nothing is left of them when the process is killed. Elsewhere, and
//! on file systems that do not offer that, the name begins with `.npz-` and ends with `.tmp`.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek};
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempPath};

use super::attributes;
use crate::error::Error;

/// A file that is removed when this is dropped.
#[derive(Debug)]
pub(super) struct Temporary {
    // Before `name`: Windows removes a file only when it is closed.
    file: File,
    name: Option<TempPath>,
    folder: PathBuf,
}

impl Temporary {
    /// Creates a file in `folder`. If it is private, only its owner may read it, else whoever may
    /// read any new file.
    pub(super) fn create(folder: &Path, is_private: bool) -> io::Result<Self> {
        match unnamed::create(folder, is_private) {
            Ok(file) => Ok(Self { file, name: None, folder: folder.to_owned() }),
            Err(_) => Self::create_named(folder, is_private),
        }
    }

    fn create_named(folder: &Path, is_private: bool) -> io::Result<Self> {
        // tempfile's own way would mark it, on Windows, as a file that need not be on the disk.
        let create = |name: &Path| attributes::of_new_file(is_private).open(name);
        let (file, name) = builder().make_in(folder, create)?.into_parts();
        Ok(Self { file, name: Some(name), folder: folder.to_owned() })
    }

    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// The file once more. Where a file cannot be had twice (WebAssembly), it is opened by its name.
    pub(super) fn again(&self) -> io::Result<File> {
        match (self.file.try_clone(), &self.name) {
            (Err(_), Some(name)) => OpenOptions::new().read(true).write(true).open(name),
            (file, _) => file,
        }
    }

    /// Closes the file, which is complete, and returns its temporary name. If it had none and
    /// cannot get one, it is copied to the folder for temporary files, and the error, made by
    /// `failed`, says so.
    pub(super) fn into_named(
        mut self,
        failed: impl FnOnce(io::Error) -> Error,
    ) -> Result<TempPath, Error> {
        if let Some(name) = self.name {
            return Ok(name);
        }
        let link = |name: &Path| unnamed::link(&self.file, name);
        match builder().make_in(&self.folder, link) {
            Ok(named) => Ok(named.into_temp_path()),
            Err(error) => Err(match copy(&mut self.file) {
                Ok(copy) => kept(copy, failed(error)),
                Err(_) => failed(error),
            }),
        }
    }
}

fn builder<'a>() -> Builder<'a, 'a> {
    let mut builder = Builder::new();
    builder.prefix(".npz-").suffix(".tmp");
    builder
}

fn copy(file: &mut File) -> io::Result<TempPath> {
    let mut copy = builder().tempfile()?;
    file.rewind()?;
    io::copy(file, &mut copy)?;
    Ok(copy.into_temp_path())
}

/// Keeps a complete file that could not get its name. Returns the error, which now says under
/// which name it is.
pub(super) fn kept(file: TempPath, error: Error) -> Error {
    match file.keep() {
        Ok(path) => error.kept_as(&path),
        Err(_) => error,
    }
}

#[cfg(target_os = "linux")]
mod unnamed {
    use std::fs::File;
    use std::io;
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::OpenOptionsExt;
    use std::path::Path;

    use rustix::fs::{AtFlags, CWD, OFlags, linkat};

    pub(super) fn create(folder: &Path, is_private: bool) -> io::Result<File> {
        let mut options = File::options();
        options.read(true).write(true).mode(if is_private { 0o600 } else { 0o666 });
        options.custom_flags(OFlags::TMPFILE.bits().cast_signed());
        let file = options.open(folder)?;
        // Without it the file could not get a name.
        std::fs::metadata(path(&file))?;
        Ok(file)
    }

    /// Gives `file` a name.
    pub(super) fn link(file: &File, name: &Path) -> io::Result<()> {
        Ok(linkat(CWD, path(file), CWD, name, AtFlags::SYMLINK_FOLLOW)?)
    }

    fn path(file: &File) -> String {
        format!("/proc/self/fd/{}", file.as_raw_fd())
    }
}

#[cfg(not(target_os = "linux"))]
mod unnamed {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    pub(super) fn create(_: &Path, _: bool) -> io::Result<File> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn link(_: &File, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn listing(folder: &Path) -> Vec<String> {
        let name = |entry: io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| name(entry).into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_has_a_name_when_it_is_complete_and_is_gone_when_it_is_dropped() {
        let folder = crate::io::test_folder();
        let folder = folder.path();
        for create in [Temporary::create, Temporary::create_named] {
            let mut file = create(folder, true).unwrap();
            file.file().write_all(b"all").unwrap();
            let name = file.into_named(|error| Error::io("name", error)).unwrap();
            let listed = listing(folder);
            assert!(listed[0].starts_with(".npz-") && listed[0].ends_with(".tmp"), "{listed:?}");
            assert_eq!(std::fs::read(&name).unwrap(), b"all");
            drop(name);
            drop(create(folder, false).unwrap());
            assert!(listing(folder).is_empty());
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_private_file_is_its_owners_alone() {
        use std::os::unix::fs::MetadataExt;
        let folder = crate::io::test_folder();
        for create in [Temporary::create, Temporary::create_named] {
            let mode = |is_private| {
                let mut file = create(folder.path(), is_private).unwrap();
                file.file().metadata().unwrap().mode() & 0o777
            };
            let any = std::fs::File::create(folder.path().join("any")).unwrap();
            assert_eq!((mode(true), mode(false)), (0o600, any.metadata().unwrap().mode() & 0o777));
        }
    }
}
