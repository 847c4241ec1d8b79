//! Save and load [`ndarray`] arrays as NumPy `.npz` archives and `.npy` files.
//!
//! This crate is for Rust programs that exchange arrays with Python: simulations that save their
//! results, and programs that load weights, data sets and test references. It does what
//! `numpy.save`, `numpy.savez`, `numpy.savez_compressed` and `numpy.load` do, byte for byte, and
//! no Python is needed. Compared with other crates, and with NumPy, it [is faster](#performance),
//! replaces a file only by a whole one, reads parts of arrays, appends to archives, and its errors
//! say what was expected, what was found and what to do.
//!
//! ```toml
//! npz = "0.1"
//! ndarray = "0.17"
//! ```
//!
//! ```
//! use ndarray::{Array2, array};
//! use npz::{NpzReader, savez};
//!
//! let path = std::env::temp_dir().join("run.npz");
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("run.npz");
//! let field = array![[1.0, 2.0], [3.0, 4.0]];
//! savez!(&path, field, transposed = field.t(), rate = 0.5)?;
//!
//! let npz = NpzReader::open(&path)?;
//! let field: Array2<f64> = npz.get("field")?;
//! let rate: f64 = npz.get("rate")?;
//! # assert_eq!((field[[1, 0]], rate), (3.0, 0.5));
//! # Ok::<(), npz::Error>(())
//! ```
//!
//! Step by step:
//!
//! ```
//! use ndarray::{Array1, Array2, Order, s};
//! use npz::{Compression, ErrorKind, NpzReader, NpzWriter};
//!
//! let path = std::env::temp_dir().join("steps.npz");
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("steps.npz");
//! let x = Array2::from_shape_fn((100, 30), |(i, j)| (i * j) as f64);
//!
//! // The file appears, or replaces the old one, when `finish` is called.
//! let mut npz = NpzWriter::create(&path)?;
//! npz.array("x", &x)?.array("labels", &["a", "b"])?.array("scratch", &0)?;
//! npz.entry("small").compression(Compression::Deflate(6)).order(Order::F).array(&x)?;
//! npz.finish()?;
//!
//! // To extend it later. `array` replaces an array of the same name, and puts it last.
//! let mut npz = NpzWriter::append(&path)?;
//! npz.array("labels", &["c"])?.array("rate", &0.5)?;
//! npz.remove("scratch")?;
//! npz.finish()?;
//!
//! let npz = NpzReader::open(&path)?;   // NpzReader ".../steps.npz" with 4 arrays: x, small, …
//! for (name, info) in npz.iter() {
//!     let info = info?;
//!     println!("{name}: {} {:?}", info.dtype(), info.shape());
//! }
//! let part = npz.get_slice::<Array2<f64>>("x", s![10..20, ..;2])?;
//! match npz.get::<Array1<f64>>("smal") {
//!     Ok(array) => println!("{array}"),
//!     Err(error) if matches!(error.kind(), ErrorKind::NotFound { .. }) => println!("{error}"),
//!     Err(error) => return Err(error),
//! }
//! # assert_eq!(part, x.slice(s![10..20, ..;2]));
//! # assert_eq!(npz.names().collect::<Vec<_>>(), ["x", "small", "labels", "rate"]);
//! # Ok::<(), npz::Error>(())
//! ```
//!
//! The [`cookbook`] has complete programs: structs, checkpoints, data sets, uploads, sockets, SciPy's
//! matrices and more.
//!
//! # From NumPy
//!
//! | NumPy                                  | here                                        |
//! |----------------------------------------|---------------------------------------------|
//! | `np.savez(path, x=x, y=labels)`        | [`savez!`]`(path, x, y = labels)?`          |
//! | `np.savez_compressed(path, x=x)`       | [`savez_compressed!`]`(path, x)?`           |
//! | `np.savez(path, **arrays)`             | [`NpzWriter::arrays`], or [`save`]`(path, \|npz\| …)?` |
//! | `np.savez(path, a, b)` (`arr_0`, …)    | [`NpzWriter::push`]                         |
//! | `npz = np.load(path)`                  | [`NpzReader::open`]`(path)?`                |
//! | `npz["x"]`                             | `let x: Array2<f64> = npz.`[`get`]`("x")?;` |
//! | `npz.files`, `"x" in npz`              | [`NpzReader::names`], [`NpzReader::contains`] |
//! | `np.save(path, x)`                     | `x.`[`save_npy`]`(path)?`                   |
//! | `open_memmap(path, "w+", dtype, shape)` | `NpyMapMut::create_zeroed` (feature `mmap`); row by row, [`NpzWriter::rows`] and [`NpyWriter::rows`] |
//! | `x.shape`, `x.ravel()`                | `let (data, shape): (Vec<f64>, Vec<usize>) = npz.get("x")?;`, without ndarray |
//! | `np.savez(path, x=data.reshape(shape))` | `savez!(path, x = `[`Flat::new`]`(&data, &shape)?)?`, without ndarray |
//! | `np.load(path)` of an `.npy`           | `Array2::<f64>::`[`load_npy`]`(path)?`, or [`NpyReader`] |
//! | `npz["x"][10:20]`                      | [`NpzReader::get_slice`], which reads no more than that |
//! | `out[...] = npz["x"]`                  | [`NpzReader::read_into`]                    |
//! | `np.array_split(npz["x"], n)`          | [`NpzReader::chunks`], which holds one block in memory at a time, and reads ahead |
//! | `np.load(path, mmap_mode="r")`         | `let npy = unsafe { NpyReader::map(path)? }; let x: ArrayView2<f64> = npy.view()?;` (feature `mmap`); `NpzReader::map` for archives |
//! | `np.load(path, mmap_mode="r+")`        | `NpyMapMut` and `NpzMapMut` (feature `mmap`); [`NpyMut`] and [`NpzMut`] of bytes in memory |
//! | `npz["x"]`, dtype unknown              | `let x: `[`AnyArray`]` = npz.get("x")?;`, `match x { AnyArray::F64(x) => …, other => … }` |
//! | `dict(npz)`                            | [`NpzReader::get_all`]; [`NpzReader::get_each`] if some may not load |
//! | `npz["x"]` of dtype `object`           | `let x: Vec<Array1<f64>> = npz.get("x")?;` for arrays of different lengths; `Array1<String>`; `ArrayD<`[`Value`]`>` for anything |
//! | `npz["config"].item()`, a dict         | `let config: BTreeMap<String, `[`Value`]`> = npz.get("config")?;` |
//! | `npz["x"].astype("f4")`                | [`NpzReader::get_cast`], which checks every value |
//! | `zipfile.ZipFile(path, "a")`           | [`NpzWriter::append`], then `array`, `rename` and `remove` |
//! | structured dtypes                      | [`record!`]`(Particle { id, mass });` below a `#[repr(C)]` struct |
//! | `np.asfortranarray(x)`                 | [`NpzWriter::order`]`(`[`Order::F`](ndarray::Order::F)`)` |
//! | `x.astype(">f8")`                      | [`NpzWriter::endian`]`(`[`Endian::Big`]`)`  |
//!
//! A struct of arrays is saved and loaded by [`archive!`]`(Run { field, times, steps });`.
//!
//! [`get`]: NpzReader::get
//! [`save_npy`]: WriteNpz::save_npy
//! [`load_npy`]: ReadNpz::load_npy
//!
//! # Element types
//!
//! Any view can be saved, in any number of dimensions, in C and in Fortran order. Arrays keep their
//! order in both directions. Both byte orders are read and written.
//!
#![doc = include_str!("element/dtypes.md")]
//!
//! An array whose type is not known in advance loads as an [`AnyArray`]. One for which there is no
//! Rust type (void, C's long double, …) loads as a [`Raw`], and can be saved again unchanged. Types of
//! your own are saved and loaded by [`ToNpy`] and [`FromNpy`].
//!
//! Arrays of Python objects are loaded, and not saved. NumPy stores them as pickles, which are
//! programs. Here they are read as data and never run: nothing is imported, looked up or called. All of
//! them load as arrays of [`Value`]s. Besides,
//!
//! * arrays, or lists, of different lengths load as a `Vec<Array1<f64>>`, or another `Vec` of arrays;
//! * `str` objects, and NumPy's `StringDType`, load as `String`s;
//! * a dict loads as a `BTreeMap<String, Value>` or a `HashMap`, or one of anything else that a `Value`
//!   converts to, such as `Array1<f64>`;
//! * numbers of Python's load as `bool`, `i64`, `f64` or `Complex<f64>`, and by
//!   [`get_cast`](NpzReader::get_cast) as any numbers.
//!
//! # What is promised
//!
//! * **A file is whole, or it is the old one.** It is written beside its target and renamed when
//!   it is complete. An error, a panic or a kill leaves what was there before. A complete file that
//!   cannot get its name is kept, and the error names it. If another program has changed an archive
//!   since [`NpzWriter::append`] opened it, [`NpzWriter::finish`] is an error.
//! * **What is loaded is what was saved.** Sizes and checksums are verified whenever an array of an
//!   archive is loaded whole. [`NpzReader::get_slice`] says what is checked of a part. What is only
//!   viewed is not checked.
//! * **A bad file is an error**, never a panic, nor an allocation that the size of the file does
//!   not warrant. Python objects in it are data, and never run. [`Limits::STRICT`] bounds what even
//!   a sound file may take, for files from strangers. Maps are the exception: see the safety section
//!   of `NpzReader::map`.
//! * **Equal input gives equal bytes.** There are no time stamps, and nothing of the machine.
//! * **Uncompressed arrays are aligned** to 64 bytes in the file.
//!
//! # Performance
//!
//! Speed relative to NumPy; higher is faster:
//!
#![doc = include_str!("performance.md")]
//!
//! `benches/peers/RESULTS.md` in the repository tells how it was measured, and the cases that are lost.
//! `cargo run --release` in `benches/peers` measures it again.
//!
//! # Features
//!
//! Features only add. What a program does without a feature it does with it, too.
//!
//! * `deflate` (default): compressed archives.
//! * `rayon` (default): large arrays are read, written and compressed, and many arrays are read, on
//!   all threads of rayon's current pool. The bytes that are written are the same without.
//! * `pickle` (default): arrays of Python objects are loaded.
//! * `mmap`: files mapped into memory, whose arrays are viewed or changed where they are.
//! * `ndarray-0_16`: arrays of ndarray 0.16 are saved and loaded, too.
//! * `half`: `half::f16` and `half::bf16` as elements. Without it such numbers can be cast to others.
//! * `bzip2`, `lzma`: reading members that other zip programs have compressed so, as NumPy does.
//! * `cli`: the command `npz`, which `cargo install npz --features cli` installs. The library is the same.
//!
//! No feature needs a C compiler.
//!
//! # Versions
//!
//! ndarray's arrays are part of this crate's interface, so a new major version of ndarray is a new
//! major version of this crate. It is ndarray 0.17, which is re-exported as [`npz::ndarray`](ndarray);
//! `half` and `num-complex` likewise are at the major version of their types.
//!
//! With the feature `ndarray-0_16` arrays of ndarray 0.16, which other crates have in their interfaces, are saved
//! and loaded by the same methods, and a program may use both. What `view`, `cow` and [`AnyArray`] return,
//! what `read_into` fills, and the slices that [`s!`](ndarray::s) makes are of ndarray 0.17, and so are arrays of
//! [`Value`]s. Programs with another ndarray exchange slices and shapes, which are the same in all of them:
//!
//! ```
//! # use ndarray as ndarray_0_15;
//! use ndarray_0_15::ArrayD;
//! use npz::{Flat, NpzReader, savez};
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("x.npz");
//! # let x = ArrayD::<f64>::ones(vec![2, 3]);
//! savez!(&path, x = Flat::new(x.as_slice().expect("it is in C order"), x.shape())?)?;
//! let (data, shape): (Vec<f64>, Vec<usize>) = NpzReader::open(&path)?.get("x")?;
//! let again = ArrayD::from_shape_vec(shape, data).expect("as many as the shape says");
//! # assert_eq!(again, x);
//! # Ok::<(), npz::Error>(())
//! ```
//!
//! Rust 1.89 or later. A newer Rust is asked for only by a new minor version of this crate, and only if
//! that Rust is half a year old.
//!
#![doc = include_str!("moving_in.md")]
//!
//! # Unsafe code
//!
//! It is denied in the crate and allowed in these places, each with its reason beside it.
//! Their tests run under valgrind and AddressSanitizer too.
//!
//! <details><summary>The list</summary>
//!
//! | where                   | what is unsafe                      | why it is sound             |
//! |-------------------------|-------------------------------------|-----------------------------|
//! | `src/element/bool.rs`   | bytes become bools, or are viewed as such, to be changed too | each has been seen to be 0 or 1; size and alignment are those of a byte |
//! | `src/element/fixed.rs`  | `Pod` and `Zeroable` for fixed-size text and bytes | transparent over arrays of integers: no padding, any bytes are a value |
//! | `src/element/time.rs`   | the same for dates and time differences | transparent over `i64`  |
//! | `src/memory.rs`         | the length of a vector is set       | this number of values has just been set to zeros, which any `Pod` may be |
//! | `src/memory.rs`         | `madvise` asks for huge pages       | the range is inside an allocation that is borrowed mutably, and advice changes nothing in it |
//! | `src/parallel/shared.rs` | a borrow is lent to other threads    | its owner does not go on before the last of them has given it back |
//! | `src/deflate/decode/many.rs` | a function is called that needs instructions which not every processor has | the processor has just been asked for them |
//! | `src/zip/bypass.rs`     | data is written past the zip crate, which is told of it | this is unsafe for the archive's sake, not for memory's: sizes and CRC are those of what was written |
//! | `src/npy/ndarray_0_16.rs` | a view of ndarray 0.16 becomes one of 0.17 | it has the same elements, shape and strides, and lives as long |
//! | `src/map.rs`            | a file is mapped, to be read or to be changed | the caller promises that nobody changes it meanwhile, or that nobody else uses it |
//!
//! </details>

// On docs.rs, what needs a feature says so.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_docs, unsafe_code)]
#![warn(unreachable_pub)]
// No file may make this panic: whatever could is not there, or says why it cannot.
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::unwrap_used
    )
)]

mod any;
#[cfg(any(doc, doctest))]
pub mod cookbook;
#[cfg(feature = "deflate")]
mod deflate;
#[cfg(not(feature = "deflate"))]
#[path = "deflate/absent.rs"]
mod deflate;
pub mod dtype;
mod element;
mod error;
mod field;
mod in_place;
mod io;
mod limits;
mod macros;
#[cfg(feature = "mmap")]
mod map;
mod memory;
mod mistaken;
pub mod npy;
#[cfg(feature = "pickle")]
mod object;
#[cfg(not(feature = "pickle"))]
#[path = "object/absent.rs"]
mod object;
mod parallel;
mod reader;
mod sizes;
mod summary;
mod traits;
mod visible;
mod writer;
mod zip;

pub use ndarray;

pub use crate::any::{AnyArray, Raw};
pub use crate::dtype::{DType, Endian};
pub use crate::element::{
    Bytes, Element, FixedBytes, FixedStr, LoadElement, Numeric, ViewElement, time,
};
pub use crate::error::{Error, ErrorKind, Result};
pub use crate::in_place::{NpyMut, NpzMut};
pub use crate::io::{ReadAt, ReadCost};
pub use crate::limits::Limits;
#[cfg(feature = "mmap")]
pub use crate::map::{Map, MapMut, NpyMapMut, NpzMapMut};
pub use crate::npy::{CastFromNpy, Flat, FromNpy, ToNpy};
#[cfg(feature = "pickle")]
pub use crate::object::{BigInt, Opaque, Value};
pub use crate::reader::{ArrayInfo, Chunks, NpyReader, NpzReader};
pub use crate::traits::{ReadNpz, WriteNpz, read_npy, write_npy};
pub use crate::writer::{Entry, NpyWriter, NpzWriter, Progress, Rows, save};
pub use crate::zip::Compression;

/// What the macros expand to calls of, and what the command shares.
#[doc(hidden)]
pub mod __private {
    pub use crate::element::sealed::Sealed;
    pub use crate::element::{Body, record};
    pub use bytemuck::Zeroable;
    pub use ndarray::ArrayViewD;

    /// What the command prints with.
    pub use crate::visible::visible;

    pub mod field {
        pub use crate::field::{Field, has_any, name};
    }
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Programs that must not compile. What the compiler says of them is checked by `.ci/run`.
#[cfg(doctest)]
mod compile_errors {
    macro_rules! must_not_compile {
        ($($name:ident: $file:literal),* $(,)?) => {$(
            #[doc = concat!("```compile_fail,E0277\n", include_str!($file), "```")]
            struct $name;
        )*};
    }

    must_not_compile! {
        LoadBorrowedText: "../tests/compile_errors/load_borrowed_text.rs",
        ViewText: "../tests/compile_errors/view_text.rs",
        CastToText: "../tests/compile_errors/cast_to_text.rs",
        SaveUsize: "../tests/compile_errors/save_usize.rs",
        Field: "../tests/compile_errors/field.rs",
    }
}
