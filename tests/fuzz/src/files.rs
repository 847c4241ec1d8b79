//! Archives that are changed: in files that lie in memory, and are used again for every input.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use npz::{NpzWriter, Result};

use crate::model::Place;

/// The file of the archive, and the one that is to replace it. They change places, because to
/// rename a file takes more time than all the rest.
pub struct Files {
    archive: (PathBuf, File),
    next: (PathBuf, File),
}

impl Files {
    /// Two files of this name, in the folder for temporary files.
    pub fn new(name: &str) -> Self {
        let create = |number: u8| {
            let path = std::env::temp_dir().join(format!("{name}-{number}.npz"));
            let mut options = OpenOptions::new();
            let file = options.read(true).write(true).create(true).truncate(true).open(&path);
            (path, file.expect("the folder can be written to"))
        };
        Self { archive: create(0), next: create(1) }
    }

    pub fn path(&self) -> &Path {
        &self.archive.0
    }

    /// The bytes of the archive.
    pub fn read(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut file = &self.archive.1;
        file.rewind().and_then(|()| file.read_to_end(&mut bytes)).expect("the file is there");
        bytes
    }

    /// Makes `archive` the archive.
    pub fn write(&mut self, archive: &[u8]) {
        self.next().write_all(archive).expect("there is room");
        self.swap();
    }

    /// Changes the archive, unless that fails.
    pub fn append(
        &mut self,
        change: impl FnOnce(&mut NpzWriter<File>) -> Result<()>,
    ) -> Result<()> {
        NpzWriter::append_into(self.path(), own(self.next()), change).map(|()| self.swap())
    }

    /// The file to write to, which is empty.
    fn next(&self) -> &File {
        let mut file = &self.next.1;
        file.set_len(0).and_then(|()| file.rewind()).expect("the file is there");
        file
    }

    fn swap(&mut self) {
        std::mem::swap(&mut self.archive, &mut self.next);
    }
}

fn own(file: &File) -> File {
    file.try_clone().expect("few files are open")
}

impl Place for &mut Files {
    fn path(&self) -> &Path {
        Files::path(self)
    }

    fn create(&mut self, write: impl FnOnce(&mut NpzWriter<File>)) {
        let mut npz = NpzWriter::new(own(self.next()));
        write(&mut npz);
        npz.finish().expect("there is room");
        self.swap();
    }

    fn append(&mut self, change: impl FnOnce(&mut NpzWriter<File>)) {
        let change = |npz: &mut _| {
            change(npz);
            Ok(())
        };
        Files::append(self, change).expect("what was written can be changed");
    }
}
