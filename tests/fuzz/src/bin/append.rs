//! The input is an archive, to which an array is added. Whatever could be read before can be
//! read after; if nothing can be added, the file is as it was.

#![no_main]

use std::fs;
use std::path::Path;

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use npz::{NpzReader, NpzWriter, Raw, Result};
use npz_fuzz::{LIMITS, mutate};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::archive(data, size, max_size, seed)
});

const ADDED: [f64; 3] = [0.5, -1.5, f64::MAX];

fuzz_target!(|file: &[u8]| {
    let Ok(before) = NpzReader::from_bytes(file).and_then(|npz| npz.with_limits(LIMITS)) else {
        return;
    };
    // Of several members of one name, the last is kept.
    let before = before.allow_duplicates();
    let path = std::env::temp_dir().join("append.npz");
    fs::write(&path, file).unwrap();
    if let Err(error) = add(&path) {
        // One that is no array is not replaced by an array of its name.
        let is_taken = before.members().any(|name| name == "added");
        assert!(is_taken || before.verify().is_err(), "nothing can be added: {error}");
        assert_eq!(fs::read(&path).unwrap(), file);
        return;
    }
    let after = NpzReader::open(&path).unwrap();
    assert_eq!(after.get::<Vec<f64>>("added").unwrap(), ADDED);
    // `added.npy` too is the name of what was added, before it is that of an array.
    for name in before.names().filter(|name| !name.starts_with("added")) {
        match (before.get::<Raw>(name), after.get::<Raw>(name)) {
            (Ok(before), Ok(after)) => assert!(before == after, "`{name}` has changed"),
            (before, after) => assert_eq!(before.is_ok(), after.is_ok(), "`{name}`: {after:?}"),
        }
    }
    for name in before.other_members() {
        assert_eq!(before.bytes(name).ok(), after.bytes(name).ok());
    }
    if before.verify().is_ok() {
        after.verify().unwrap();
    }
});

fn add(path: &Path) -> Result<()> {
    let mut npz = NpzWriter::append(path)?;
    npz.array("added", &ADDED)?;
    npz.finish().map(drop)
}
