//! The arrays: made once by the driver, the same in every run.

use std::f64::consts::TAU;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use crate::Result;
use crate::set::{Dtype, INDEX, Set};

/// The sets whose compression is measured; 16 MiB each.
pub const CORPUS: [&str; 13] = [
    "smooth",
    "rounded",
    "gauss",
    "image",
    "labels",
    "index",
    "bool",
    "mask",
    "sensor",
    "categories",
    "onehot",
    "tenths",
    "dna",
];

/// How many elements an array of the set `many` has.
pub const SMALL: usize = 16;

/// Writes the raw files and their index. `quick` makes everything smaller.
pub fn write(folder: &Path, quick: bool) -> Result<Vec<Set>> {
    let (side, share, count, big) = match quick {
        false => (256, 1, 10_000, [512, 1024, 512]), // of which a strided view has 1 GiB
        true => (128, 16, 1000, [128, 512, 256]),
    };
    let half = [big[0], big[1] / 2, big[2]]; // 1 GiB
    let bytes = (16 << 20) / share;
    let mut random = Random(0x6e70_7a20_7065_6572);
    let mut normal = move || random.normal();
    let mut steps = Random(0x7065_6572_7320_6e70);

    let mut writer = Writer { folder, sets: Vec::new() };
    writer.put("cube", Dtype::F64, [side; 3], |i| {
        ((i / side) as f64 / 1000.0).sin() + (i % side) as f64
    })?;
    let corpus = |size: usize| [bytes / size / (128 * 128), 128, 128];
    writer.put("smooth", Dtype::F64, corpus(8), |i| (i as f64 / 1000.0).sin())?;
    writer.put("rounded", Dtype::F64, corpus(8), |i| {
        let wave = wave(i, 2048, 50.0, 70.0) * 100.0;
        (wave * 1000.0).round() / 1000.0
    })?;
    writer.put("gauss", Dtype::F32, corpus(4), |_| (normal() * 0.02) as f32)?;
    writer.put("image", Dtype::U8, corpus(1), |i| {
        (128.0 + 60.0 * wave(i, 4096, 80.0, 60.0) + 4.0 * normal()) as u8
    })?;
    writer.put("labels", Dtype::I64, corpus(8), |i| (i / 97 % 10) as i64)?;
    let mut place = 0;
    writer.put("index", Dtype::I64, corpus(8), |_| {
        place += 1 + (steps.next() >> 61) as i64;
        place
    })?;
    let mut below = |bound: u64| (steps.next() >> 11) % bound;
    writer.put("bool", Dtype::U8, corpus(1), |_| below(2) as u8)?;
    writer.put("mask", Dtype::U8, corpus(1), |i| {
        let (x, y) = ((i % 4096) as f64, (i / 4096) as f64);
        ((x / 37.0).sin() + (y / 51.0).sin() + ((x + y) / 23.0).sin() > 0.7) as u8
    })?;
    writer.put("sensor", Dtype::I16, corpus(2), |i| {
        ((i as f64 / 1000.0).sin() * 8000.0) as i16 + below(64) as i16
    })?;
    writer.put("categories", Dtype::I32, corpus(4), |_| below(100) as i32)?;
    let mut hot = 0;
    writer.put("onehot", Dtype::F32, corpus(4), |i| {
        if i % 100 == 0 {
            hot = below(100) as usize;
        }
        (i % 100 == hot) as u8 as f32
    })?;
    writer.put("tenths", Dtype::F64, corpus(8), |_| below(10_000) as f64 / 10.0)?;
    writer.put("dna", Dtype::U8, corpus(1), |_| below(4) as u8)?;
    writer.put("flags", Dtype::Bool, corpus(1), |_| below(2) == 1)?;
    let texts = [1_000_000 / share, 1, 1];
    writer.put("text", Dtype::U10, texts, |_| word(&mut below).map(u32::from))?;
    writer.put("bytes", Dtype::S10, texts, |_| word(&mut below))?;
    writer.put("many", Dtype::F64, [count, 1, SMALL], |i| i as f64 / 7.0)?;
    writer.repeat("big", "smooth", big);
    writer.repeat("half", "smooth", half);
    writer.repeat("little", "smooth", [8, 128, 128]); // 1 MiB
    writer.finish()
}

/// A word of up to ten letters, padded with NUL.
fn word(below: &mut impl FnMut(u64) -> u64) -> [u8; 10] {
    let mut word = [0; 10];
    let len = 1 + below(10) as usize;
    word[..len].fill_with(|| b'a' + below(26) as u8);
    word
}

/// A wave along both axes of a table with `width` columns, at its element `i`.
fn wave(i: usize, width: usize, x: f64, y: f64) -> f64 {
    ((i % width) as f64 / x).sin() * ((i / width) as f64 / y).cos()
}

struct Writer<'a> {
    folder: &'a Path,
    sets: Vec<Set>,
}

impl Writer<'_> {
    fn put<T: Bytes>(
        &mut self,
        name: &str,
        dtype: Dtype,
        shape: [usize; 3],
        item: impl FnMut(usize) -> T,
    ) -> Result<()> {
        let file = format!("{name}.raw");
        let bytes: Vec<u8> = (0..shape.iter().product()).map(item).flat_map(T::bytes).collect();
        let mut raw = File::create(self.folder.join(&file))?;
        raw.write_all(&bytes)?;
        // Else the system might choose a measurement as the time to write it out.
        raw.sync_all()?;
        self.sets.push(Set { name: name.to_owned(), dtype, shape, file });
        Ok(())
    }

    /// Another shape over the file of the set `of`.
    fn repeat(&mut self, name: &str, of: &str, shape: [usize; 3]) {
        let of = self.sets.iter().find(|set| set.name == of).expect("it was put before");
        self.sets.push(Set { name: name.to_owned(), shape, ..of.clone() });
    }

    fn finish(self) -> Result<Vec<Set>> {
        let lines: Vec<String> = self.sets.iter().map(|set| format!("{set}\n")).collect();
        fs::write(self.folder.join(INDEX), lines.concat())?;
        Ok(self.sets)
    }
}

/// An element's bytes in the machine's order.
trait Bytes {
    fn bytes(self) -> impl Iterator<Item = u8>;
}

macro_rules! bytes {
    ($($type:ty)*) => {$(
        impl Bytes for $type {
            fn bytes(self) -> impl Iterator<Item = u8> {
                self.to_ne_bytes().into_iter()
            }
        }
    )*};
}

bytes!(f64 f32 u8 u32 i16 i32 i64);

impl Bytes for bool {
    fn bytes(self) -> impl Iterator<Item = u8> {
        u8::from(self).bytes()
    }
}

impl<T: Bytes> Bytes for [T; 10] {
    fn bytes(self) -> impl Iterator<Item = u8> {
        self.into_iter().flat_map(T::bytes)
    }
}

/// Xorshift: any generator would do that gives the same numbers in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        for (left, by) in [(true, 13), (false, 7), (true, 17)] {
            self.0 ^= if left { self.0 << by } else { self.0 >> by };
        }
        self.0
    }

    /// In (0, 1].
    fn uniform(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// Normally distributed: one of the two numbers that Box and Muller's method gives.
    fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (TAU * self.uniform()).cos()
    }
}
