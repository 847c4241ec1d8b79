//! The input is an archive, to which an array is added, and in which one is renamed. Whatever could be
//! read before can be read after; if nothing can be added, the file is as it was.

#![no_main]

use std::fs::{self, File};
use std::sync::{LazyLock, Mutex};

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use npz::{NpzReader, NpzWriter, Raw, Result};
use npz_fuzz::{Chance, Files, LIMITS, mutate};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::archive(data, size, max_size, seed)
});

const ADDED: [f64; 3] = [0.5, -1.5, f64::MAX];

static FILES: LazyLock<Mutex<Files>> = LazyLock::new(|| Mutex::new(Files::new("append")));

fuzz_target!(|file: &[u8]| {
    let Ok(before) = LIMITS.open_bytes(file) else {
        return;
    };
    // Of several members of one name, the last is kept.
    let before = before.allow_duplicates();
    let mut files = FILES.lock().unwrap();
    files.write(file);
    let mut chance = Chance::of(file);
    let added = files.append(add);
    let bytes = files.read();
    if chance.one_in(128) {
        // As users do it.
        let path = std::env::temp_dir().join("append.npz");
        fs::write(&path, file).unwrap();
        let npz = NpzWriter::append(&path).and_then(|mut npz| {
            add(&mut npz)?;
            npz.finish().map(drop)
        });
        assert_eq!(npz.is_ok(), added.is_ok());
        assert!(fs::read(&path).unwrap() == bytes, "files with names are other files");
    }
    if let Err(error) = added {
        // One that is no array is not replaced by an array of its name.
        let is_taken = before.members().any(|name| name == "added");
        assert!(is_taken || before.verify().is_err(), "nothing can be added: {error}");
        assert_eq!(bytes, file);
        return;
    }
    let after = NpzReader::from_bytes(&bytes[..]).unwrap();
    assert_eq!(after.get::<Vec<f64>>("added").unwrap(), ADDED);
    // `added.npy` too is the name of what was added, whatever it was before.
    let is_kept = |name: &&str| !name.starts_with("added");
    match chance.below(4) {
        0 => {
            if let Some(name) = chance.one_of(before.names().filter(is_kept)) {
                match (before.get::<Raw>(name), after.get::<Raw>(name)) {
                    (Ok(before), Ok(after)) => assert!(before == after, "`{name}` has changed"),
                    (before, after) => {
                        assert_eq!(before.is_ok(), after.is_ok(), "`{name}`: {after:?}")
                    }
                }
            }
        }
        1 => {
            if let Some(name) = chance.one_of(before.other_members().filter(is_kept)) {
                assert_eq!(before.bytes(name).ok(), after.bytes(name).ok());
            }
        }
        2 => assert!(before.verify().is_err() || after.verify().is_ok()),
        _ => {
            if let Some(name) = chance.one_of(after.names()) {
                rename(&mut files, &after, name);
            }
        }
    }
});

/// Renames an array of the archive in `files`, which is `before`.
fn rename(files: &mut Files, before: &NpzReader<&[u8]>, name: &str) {
    const NEW_NAME: &str = "é";
    match files.append(|npz| npz.rename(name, NEW_NAME).map(drop)) {
        Ok(()) => {
            let renamed = NpzReader::from_bytes(files.read()).unwrap();
            if let Ok(array) = before.get::<Raw>(name) {
                assert!(renamed.get::<Raw>(NEW_NAME).unwrap() == array, "`{name}` has changed");
            }
        }
        Err(error) => {
            let is_taken = before.contains(NEW_NAME);
            assert!(is_taken || before.verify().is_err(), "`{name}` cannot be renamed: {error}");
        }
    }
}

fn add(npz: &mut NpzWriter<File>) -> Result<()> {
    npz.array("added", &ADDED).map(drop)
}
