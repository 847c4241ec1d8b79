//! The input is an archive, which is read in all ways there are: as bytes, through a cursor,
//! by position, from a file, and mapped. They agree on every array and on every error.

#![no_main]

use std::fs;
use std::io::Cursor;

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use npz::ndarray::ArrayD;
use npz::{AnyArray, NpzReader, Raw, Result};
use npz_fuzz::{Chance, LIMITS, mutate, npy, slice_of};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::archive(data, size, max_size, seed)
});

fuzz_target!(|file: &[u8]| {
    let path = std::env::temp_dir().join("ways.npz");
    fs::write(&path, file).unwrap();
    let seed = || Chance::of(file);
    let expected = all_of(NpzReader::from_bytes(file), seed());
    let others = [
        ("cursor", all_of(NpzReader::new(Cursor::new(file)), seed())),
        ("position", all_of(NpzReader::from_read_at(file.to_vec()), seed())),
        ("file", all_of(NpzReader::open(&path), seed())),
        // SAFETY: nobody changes the file before the next input.
        ("map", all_of(unsafe { NpzReader::map(&path) }, seed())),
    ];
    // Only those that know the file's name tell of it.
    let file_name = format!("`{}`: ", path.display());
    for (way, mut found) in others {
        for answer in found.iter_mut().flat_map(|(_, answer)| answer.as_mut().err()) {
            *answer = answer.replace(&file_name, "");
        }
        assert_eq!(expected, found, "by {way}");
    }
});

/// All that can be asked, and the answers.
type Answers = Vec<(String, Result<Vec<u8>, String>)>;

fn all_of<R>(npz: Result<NpzReader<R>>, mut chance: Chance) -> Answers {
    let mut answers = Answers::new();
    let mut note = |question: String, answer: Result<Vec<u8>>| {
        answers.push((question, answer.map_err(|error| error.to_string())));
    };
    let npz = match npz.and_then(|npz| npz.with_limits(LIMITS)) {
        Ok(npz) => npz,
        Err(error) => {
            note("open".to_owned(), Err(error));
            return answers;
        }
    };
    for name in npz.names() {
        let mut note = |question, answer| note(format!("{question} of `{name}`"), answer);
        let info = npz.info(name);
        if let Ok(info) = &info {
            let slice = slice_of(info.shape(), &mut chance);
            note("slice", npz.get_slice::<Raw>(name, &slice).map(|part| npy(&part)));
        }
        note("info", info.map(|info| format!("{info:?}").into_bytes()));
        note("raw", npz.get::<Raw>(name).map(|raw| npy(&raw)));
        note("any", npz.get::<AnyArray>(name).map(|any| npy(&any)));
        note("cast", npz.get_cast::<ArrayD<f64>>(name).map(|cast| npy(&cast)));
    }
    for name in npz.other_members() {
        note(format!("bytes of `{name}`"), npz.bytes(name));
    }
    note("verify".to_owned(), npz.verify().map(|()| Vec::new()));
    let all = npz.get_all();
    note("all".to_owned(), all.map(|all| all.values().flat_map(npy).collect()));
    answers
}
