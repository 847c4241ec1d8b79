//! What several tests need: fixtures, sample values, layouts.

#![allow(dead_code, unused_macros)] // each binary uses a part

pub mod corpus;
pub mod forged;
pub mod hostile;
pub mod model;
pub mod pickles;

use std::fmt::Debug;
use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ndarray::{ArrayD, ArrayViewD, Axis, IxDyn, ShapeBuilder, Slice};
use npz::{Compression, Endian, ErrorKind, NpzWriter, ViewElement, WriteNpz};
use proptest::prelude::*;
use tempfile::{NamedTempFile, TempDir};

/// The path of a file in tests/data.
pub fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// The archives in tests/data, by their file names, but for the one with two members of one name. There are
/// streamed ones, with other methods, comments, folders, Python objects.
pub fn archives_of_others() -> Vec<(String, Vec<u8>)> {
    let paths = fs::read_dir(data("")).unwrap().map(|entry| entry.unwrap().path());
    let named = paths.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path));
    let archives: Vec<_> = named
        .filter(|(name, _)| name.ends_with(".npz") && name != "twice.npz")
        .map(|(name, path)| (name, fs::read(path).unwrap()))
        .collect();
    assert!(archives.len() > 10, "{}", archives.len());
    archives
}

/// A text about dtypes of little-endian numbers, as it is for those of this machine.
pub fn native(text: &str) -> String {
    text.replace('<', if Endian::NATIVE == Endian::Little { "<" } else { ">" })
}

/// A folder of the test's own.
pub fn folder() -> TempDir {
    know_where();
    tempfile::tempdir().unwrap()
}

/// A file of the test's own.
pub fn file() -> NamedTempFile {
    know_where();
    NamedTempFile::new().unwrap()
}

/// WebAssembly does not say where temporary files belong.
fn know_where() {
    #[cfg(target_family = "wasm")]
    let _ = tempfile::env::override_temp_dir(Path::new("/tmp"));
}

/// What is done in a pool of so many threads. WebAssembly has none but this one.
pub fn on_threads<T: Send>(threads: usize, act: impl FnOnce() -> T + Send) -> T {
    if cfg!(target_family = "wasm") {
        return act();
    }
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(act)
}

/// The names in a folder, sorted.
pub fn listing(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Says so where it is seen, though the test passes.
pub fn not_tested(what: &str) {
    std::io::stderr().write_all(format!("NOT TESTED: {what}\n").as_bytes()).unwrap();
}

/// How long a test waits for what takes seconds at most, unless somebody else takes all the time
/// that there is: NPZ_PATIENCE, in seconds, for emulated machines.
pub fn patience() -> Duration {
    Duration::from_secs(std::env::var("NPZ_PATIENCE").map_or(60, |wait| wait.parse().unwrap()))
}

/// Whether a file can take the place of one that somebody has open, as on every system but Wine.
pub fn open_files_can_be_replaced() -> bool {
    let folder = folder();
    let [old, new] = ["old", "new"].map(|name| folder.path().join(name));
    let _open = fs::File::create(&old).unwrap();
    fs::write(&new, "").unwrap();
    fs::rename(&new, &old).is_ok()
}

/// Completes an archive with one array more. A writer that has failed refuses all that follows.
pub fn add_and_finish<W: Write, T: WriteNpz + ?Sized>(
    mut npz: NpzWriter<W>,
    name: &str,
    array: &T,
) -> npz::Result<()> {
    let is_io =
        |error: &npz::Error| assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
    if let Err(error) = npz.array(name, array) {
        is_io(&error);
        assert_eq!(error.array(), Some(name));
        let again = npz.array("another", &1).unwrap_err();
        assert!(matches!(again.kind(), ErrorKind::Unusable), "{again}");
        let finished = npz.finish().map(drop).unwrap_err();
        assert!(matches!(finished.kind(), ErrorKind::Unusable), "{finished}");
        return Err(error);
    }
    npz.finish().map(drop).inspect_err(is_io)
}

/// The members of an archive, decompressed, as the zip crate reads them.
pub fn members(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
    (0..zip.len())
        .map(|index| {
            let mut member = zip.by_index(index).unwrap();
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes).unwrap();
            (member.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

/// Where the first index of blocks is: the field's id and length, the version, and the blocks' size.
pub fn index(archive: &[u8]) -> Option<usize> {
    archive.windows(8).position(|field| field.starts_with(b"np") && field[4..] == [1, 0, 20, 0])
}

/// The archive as a program would have written it that knows nothing of indexes.
pub fn without_index(mut archive: Vec<u8>) -> Vec<u8> {
    while let Some(at) = index(&archive) {
        archive[at] = b'x';
    }
    archive
}

/// Every way to write arrays; those that are deflated at this level.
pub fn compressions(level: u8) -> Vec<Compression> {
    match cfg!(feature = "deflate") {
        true => vec![Compression::Stored, Compression::Deflate(level)],
        false => vec![Compression::Stored],
    }
}

/// Bytes of which the first is where `u128`s may be.
pub struct Aligned(Vec<u128>, usize, usize);

impl Aligned {
    /// With the first of `bytes` so far beyond such a place.
    pub fn new(bytes: &[u8], beyond: usize) -> Self {
        let mut all = vec![0_u128; (bytes.len() + beyond).div_ceil(16)];
        bytemuck::cast_slice_mut(&mut all)[beyond..][..bytes.len()].copy_from_slice(bytes);
        Self(all, beyond, bytes.len())
    }
}

impl AsRef<[u8]> for Aligned {
    fn as_ref(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.0)[self.1..][..self.2]
    }
}

impl AsMut<[u8]> for Aligned {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut bytemuck::cast_slice_mut(&mut self.0)[self.1..][..self.2]
    }
}

/// An element type with the values that tests/data/make.py makes.
pub trait Sample: ViewElement + Copy + PartialEq + Debug {
    fn sample(index: usize) -> Self;
    fn zero() -> Self;
}

macro_rules! samples {
    ($($element:ty: |$index:ident| $value:expr, $zero:expr;)*) => {$(
        impl Sample for $element {
            fn sample($index: usize) -> Self {
                $value
            }

            fn zero() -> Self {
                $zero
            }
        }
    )*};
}

fn scrambled(index: usize) -> u64 {
    (index as u64 + 1).wrapping_mul(0x0123_4567_89AB_CDEF)
}

samples! {
    bool: |index| index.is_multiple_of(3), false;
    i8: |index| scrambled(index) as i8, 0;
    i16: |index| scrambled(index) as i16, 0;
    i32: |index| scrambled(index) as i32, 0;
    i64: |index| scrambled(index) as i64, 0;
    u8: |index| scrambled(index) as u8, 0;
    u16: |index| scrambled(index) as u16, 0;
    u32: |index| scrambled(index) as u32, 0;
    u64: |index| scrambled(index), 0;
    f32: |index| ((index as f64 - 3.0) * 0.37) as f32, 0.0;
    f64: |index| (index as f64 - 3.0) * 0.37, 0.0;
}

/// The array of `shape` that make.py calls `values(dtype, shape)`.
pub fn values<T: Sample>(shape: &[usize]) -> ArrayD<T> {
    let count = shape.iter().product();
    ArrayD::from_shape_vec(shape, (0..count).map(T::sample).collect()).unwrap()
}

/// Passes `a`, laid out anew in memory, to `then`; as make.py's `lay_out` does.
pub fn lay_out<T: Sample, R>(
    a: &ArrayD<T>,
    layout: &str,
    then: impl FnOnce(ArrayViewD<T>) -> R,
) -> R {
    match layout {
        "C" => then(a.view()),
        "F" => {
            let mut f = ArrayD::from_elem(IxDyn(a.shape()).f(), T::zero());
            f.assign(a);
            then(f.view())
        }
        "strided" | "fstrided" => {
            let mut shape = a.shape().to_vec();
            *shape.last_mut().unwrap() *= 2;
            let last = Axis(shape.len() - 1);
            let mut wide = ArrayD::from_elem(IxDyn(&shape).set_f(layout == "fstrided"), T::zero());
            let every_other = Slice::new(0, None, 2);
            wide.slice_axis_mut(last, every_other).assign(a);
            then(wide.slice_axis(last, every_other))
        }
        "reversed" => {
            let mut reversed = a.clone();
            reversed.invert_axis(Axis(0));
            let mut reversed = reversed.as_standard_layout().into_owned();
            reversed.invert_axis(Axis(0));
            then(reversed.view())
        }
        "permuted" => {
            let axes: Vec<usize> = (1..a.ndim()).chain([0]).collect();
            let permuted = a.view().permuted_axes(axes).as_standard_layout().into_owned();
            let back: Vec<usize> = [a.ndim() - 1].into_iter().chain(0..a.ndim() - 1).collect();
            then(permuted.view().permuted_axes(back))
        }
        "broadcast" => then(a.index_axis(Axis(0), 0).broadcast(a.shape()).unwrap()),
        _ => panic!("no layout {layout}"),
    }
}

/// One case of make.py's `cases`, from its name: `little f8 strided 3x4`.
#[derive(Debug)]
pub struct Case<'a> {
    pub endian: Endian,
    pub dtype: &'a str,
    pub layout: &'a str,
    pub shape: Vec<usize>,
}

impl<'a> Case<'a> {
    pub fn parse(name: &'a str) -> Self {
        let parts: Vec<_> = name.split(' ').collect();
        let [endian, dtype, layout, shape] = parts[..] else { panic!("{name}") };
        let endian = if endian == "little" { Endian::Little } else { Endian::Big };
        let shape = shape.split('x').filter(|len| !len.is_empty()).map(|len| len.parse().unwrap());
        Self { endian, dtype, layout, shape: shape.collect() }
    }
}

/// Calls a generic function with the element type that a dtype's code stands for.
macro_rules! with_element {
    ($dtype:expr, $function:ident($($argument:expr),*)) => {
        match $dtype {
            "b1" => $function::<bool>($($argument),*),
            "i1" => $function::<i8>($($argument),*),
            "i2" => $function::<i16>($($argument),*),
            "i4" => $function::<i32>($($argument),*),
            "i8" => $function::<i64>($($argument),*),
            "u1" => $function::<u8>($($argument),*),
            "u2" => $function::<u16>($($argument),*),
            "u4" => $function::<u32>($($argument),*),
            "u8" => $function::<u64>($($argument),*),
            "f4" => $function::<f32>($($argument),*),
            "f8" => $function::<f64>($($argument),*),
            other => panic!("no element type for {other}"),
        }
    };
}

/// Random descrs of records, as NumPy writes them.
pub fn record_descrs() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        "[<>](i2|i4|i8|u2|u4|u8|f2|f4|f8|f16|c8|c16)",
        r"\|(b1|i1|u1|S[1-9][0-9]?|V[1-9])",
        "[<>]U[1-9]",
        r"[<>](M8|m8)(\[(25)?(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\])?",
    ];
    let scalar = scalar.prop_map(|text| format!("'{text}'"));
    let scalar = scalar.prop_filter("written in another way", |text| {
        text.parse::<npz::DType>().is_ok_and(|dtype| format!("'{dtype}'") == *text)
    });
    let record = scalar.prop_recursive(3, 24, 4, |inner| {
        let shape = prop::option::of(prop::collection::vec(0..5_usize, 1..3));
        prop::collection::btree_map("[a-z][a-z0-9_é]{0,5}", (inner, shape), 1..4).prop_map(
            |fields| {
                let fields: Vec<_> = fields
                    .into_iter()
                    .map(|(name, (descr, shape))| match shape.as_deref() {
                        None => format!("('{name}', {descr})"),
                        Some([len]) => format!("('{name}', {descr}, ({len},))"),
                        Some(lens) => format!("('{name}', {descr}, ({}, {}))", lens[0], lens[1]),
                    })
                    .collect();
                format!("[{}]", fields.join(", "))
            },
        )
    });
    record.prop_filter("scalars have tests of their own", |text| text.starts_with('['))
}
