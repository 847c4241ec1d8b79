//! The input is an archive, of which the same is asked in two ways: as bytes, and through a cursor,
//! by position, or from a source whose reads are planned. One time in 32 it is a file, as such and mapped. They agree on every array and
//! on every error.

#![no_main]

use std::fs;
use std::io::{self, Cursor};

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use npz::ndarray::ArrayD;
use npz::{AnyArray, NpzReader, Raw, ReadAt, ReadCost, Result};
use npz_fuzz::{Chance, LIMITS, mutate, npy, slice_of};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::archive(data, size, max_size, seed)
});

fuzz_target!(|file: &[u8]| {
    let mut chance = Chance::of(file);
    let way = chance.below(64);
    let expected = answer(NpzReader::from_bytes(file.to_vec()), chance.clone());
    let found = match way {
        0 | 1 => {
            let path = std::env::temp_dir().join("ways.npz");
            fs::write(&path, file).unwrap();
            let mut found = match way {
                0 => answer(NpzReader::open(&path), chance),
                // SAFETY: nobody changes the file before the next input.
                _ => answer(unsafe { NpzReader::map(&path) }, chance),
            };
            // Only those that know the file's name tell of it.
            if let Err(error) = &mut found {
                *error = error.replace(&format!("`{}`: ", path.display()), "");
            }
            found
        }
        2..33 => answer(NpzReader::new(Cursor::new(file.to_vec())), chance),
        33..48 => answer(NpzReader::from_read_at(file.to_vec()), chance),
        _ => answer(NpzReader::from_read_at(Slow(file.to_vec())), chance),
    };
    assert_eq!(expected, found, "way {way}");
});

/// A source whose reads are planned, so small that an input takes several.
struct Slow(Vec<u8>);

impl ReadAt for Slow {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(buf, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.0.size()
    }

    fn cost(&self) -> ReadCost {
        ReadCost::REMOTE.gap(64).sizes(100, 300)
    }
}

/// Asks one thing that can be asked, and returns the answer.
fn answer<R: Send + Sync + 'static>(
    npz: Result<NpzReader<R>>,
    mut chance: Chance,
) -> Result<Vec<u8>, String> {
    let ask = |npz: NpzReader<R>| {
        let question = chance.below(9);
        let name = chance.one_of(npz.members()).unwrap_or_default();
        match question {
            0 => npz.info(name).and_then(|info| {
                let slice = slice_of(info.shape(), &mut chance);
                npz.get_slice::<Raw>(name, &slice).map(|part| npy(&part))
            }),
            1 => npz.info(name).map(|info| format!("{info:?}").into_bytes()),
            2 => npz.get::<Raw>(name).map(|raw| npy(&raw)),
            3 => npz.get(name).map(|any| any_npy(&any)),
            4 => npz.get_cast::<ArrayD<f64>>(name).map(|cast| npy(&cast)),
            5 => npz.bytes(name),
            6 => npz
                .chunks::<Raw>(name, 1 + chance.below(9))
                .and_then(|blocks| {
                    let blocks = blocks.step_by(1 + chance.below(2));
                    blocks.map(|block| block.map(|block| npy(&block))).collect::<Result<Vec<_>>>()
                })
                .map(|blocks| blocks.concat()),
            7 => npz.verify().map(|()| Vec::new()),
            _ => npz.get_all().map(|all| all.values().flat_map(any_npy).collect()),
        }
    };
    let npz = npz.and_then(|npz| npz.with_limits(LIMITS));
    npz.and_then(ask).map_err(|error| error.to_string())
}

/// An array as an `.npy` file, or, of objects, as text.
fn any_npy(array: &AnyArray) -> Vec<u8> {
    match array {
        AnyArray::Object(_) => array.to_string().into_bytes(),
        array => npy(array),
    }
}
