//! The input is a sequence of operations on an archive. After them it has what a plain map has.

#![no_main]

use std::io::Cursor;
use std::sync::{LazyLock, Mutex};

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use npz::NpzReader;
use npz_fuzz::model::{Add, Change, Model, SHAPES, Step};
use npz_fuzz::{Chance, Files};

/// What is done with more bytes takes too long.
const MOST_BYTES: usize = 16;

static FILES: LazyLock<Mutex<Files>> = LazyLock::new(|| Mutex::new(Files::new("model")));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, _seed: u32| {
    fuzzer_mutate(data, size.min(MOST_BYTES), max_size.min(MOST_BYTES))
});

fuzz_target!(|input: &[u8]| {
    let mut files = FILES.lock().unwrap();
    let mut model = Model::default();
    let mut bytes = Bytes(&input[..input.len().min(MOST_BYTES)]);
    model.apply(&mut *files, &Step::Create(bytes.list(Bytes::add)));
    while !bytes.0.is_empty() {
        model.apply(&mut *files, &bytes.step());
    }
    let archive = files.read();
    match Chance::of(input).below(4) {
        0 => model.check_layout(&archive, true),
        1 => model.check_reader(&NpzReader::new(Cursor::new(archive)).unwrap()),
        2 => model.check_reader(&NpzReader::open(files.path()).unwrap()),
        _ => model.check_reader(&NpzReader::from_bytes(archive).unwrap()),
    }
});

/// Bytes that say what is done.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    /// The next byte; 0 if there is none.
    fn next(&mut self) -> u8 {
        self.0.split_off_first().copied().unwrap_or(0)
    }

    fn list<T>(&mut self, item: fn(&mut Self) -> T) -> Vec<T> {
        (0..self.next() % 4).map(|_| item(self)).collect()
    }

    fn step(&mut self) -> Step {
        match self.next() % 16 {
            0 => Step::Create(self.list(Self::add)),
            1 => Step::RemoveAll,
            2 => Step::Edit(self.next().into()),
            3 => Step::Repack(self.next() >= 240),
            _ => Step::Append(self.list(Self::change)),
        }
    }

    fn change(&mut self) -> Change {
        match self.next() {
            index @ 0..64 => Change::Remove(index.into()),
            index @ 64..96 => Change::Rename(index.into(), self.next().into()),
            _ => Change::Add(self.add()),
        }
    }

    fn add(&mut self) -> Add {
        let [name, form, seed] = [(); 3].map(|()| self.next());
        Add {
            name: name.into(),
            // All but the large one.
            kind: [0, 1, 2, 3, 4, 6][usize::from(form / 8 % 6)],
            shape: usize::from(form) % SHAPES.len(),
            // Which takes ten times as long.
            is_deflated: seed >= 248,
            is_fortran: seed.is_multiple_of(2),
            seed,
        }
    }
}
