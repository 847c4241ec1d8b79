//! Save and load [`ndarray`] arrays as NumPy `.npz` archives, and single `.npy` files.
//!
//! Rust writes what `numpy.load` reads, and reads what `numpy.savez`,
//! `numpy.savez_compressed` and `numpy.save` write, correct to the byte. Dependencies:
//! `npz = "0.1"`, and `ndarray = "0.17"` or its re-export as `npz::ndarray`; Rust 1.88.
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
//! Step by step, and with all that goes beyond:
//!
//! ```
//! use ndarray::{Array1, Array2, s};
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
//! npz.entry("coarse").compression(Compression::Deflate(6)).array(&x.slice(s![..;2, ..;2]))?;
//! npz.finish()?;
//!
//! // Later. `array` replaces what has the name already, and puts it last.
//! let mut npz = NpzWriter::append(&path)?;
//! npz.array("labels", &["c"])?.array("rate", &0.5)?;
//! npz.remove("scratch")?;
//! npz.finish()?;
//!
//! let npz = NpzReader::open(&path)?;   // NpzReader ".../steps.npz" with 4 arrays: x, coarse, …
//! for name in npz.names() {
//!     let info = npz.info(name)?;
//!     println!("{name}: {} {:?}", info.dtype(), info.shape());
//! }
//! let part: Array2<f64> = npz.get_slice("x", s![10..20, ..;2])?;
//! match npz.get::<Array1<f64>>("coarsest") {
//!     Ok(array) => println!("{array}"),
//!     Err(error) if matches!(error.kind(), ErrorKind::NotFound { .. }) => println!("{error}"),
//!     Err(error) => return Err(error),
//! }
//! # assert_eq!(part, x.slice(s![10..20, ..;2]));
//! # assert_eq!(npz.names().collect::<Vec<_>>(), ["x", "coarse", "labels", "rate"]);
//! # Ok::<(), npz::Error>(())
//! ```
//!
//! The [`cookbook`] has checkpoints, data sets, uploads, sockets, SciPy's matrices and more.
//!
//! # From NumPy
//!
//! | NumPy                                  | here                                        |
//! |----------------------------------------|---------------------------------------------|
//! | `np.savez(path, x=x, y=labels)`        | [`savez!`]`(path, x, y = labels)?`          |
//! | `np.savez_compressed(path, x=x)`       | [`savez_compressed!`]`(path, x)?`           |
//! | `np.savez(path, a, b)` (`arr_0`, …)    | [`NpzWriter::push`]                         |
//! | `np.savez(path, **arrays)`             | [`NpzWriter::arrays`]                       |
//! | `npz = np.load(path)`                  | [`NpzReader::open`]`(path)?`                |
//! | `npz["x"]`                             | `let x: Array2<f64> = npz.`[`get`]`("x")?;` |
//! | `npz.files`, `"x" in npz`              | [`NpzReader::names`] and [`other_members`](NpzReader::other_members), [`NpzReader::contains`] |
//! | `np.save(path, x)`                     | `x.`[`save_npy`]`(path)?`                   |
//! | `np.load(path)` of an `.npy`           | `Array2::<f64>::`[`load_npy`]`(path)?`      |
//! | `npz["x"][10:20]`                      | [`NpzReader::get_slice`], which reads no more than that |
//! | `out[...] = npz["x"]`                  | [`NpzReader::read_into`]                    |
//! | `np.load(path, mmap_mode="r")`         | `let npz = unsafe { NpzReader::map(path)? };` (feature `mmap`), `let x: ArrayView2<f64> = npz.`[`view`]`("x")?;` |
//! | `mmap_mode="r+"`                       | `NpzMapMut` (feature `mmap`)                |
//! | `npz["x"]`, dtype unknown              | `let x: `[`AnyArray`]` = npz.get("x")?;`, `match x { AnyArray::F64(x) => …, other => … }` |
//! | `dict(npz)`                            | [`NpzReader::get_all`]; [`NpzReader::get_each`] if some may not load |
//! | `npz["x"].astype("f4")`                | [`NpzReader::get_cast`], checked            |
//! | `zipfile.ZipFile(path, "a")`           | [`NpzWriter::append`], then `array` (which replaces, too) and `remove` |
//! | structured dtypes                      | [`record!`]`(Particle { id, mass });` below a `#[repr(C)]` struct |
//! | `np.asfortranarray(x)`                 | [`NpzWriter::order`], [`Order::Fortran`]    |
//! | `x.astype(">f8")`                      | [`NpzWriter::endian`], [`Endian::Big`]      |
//!
//! [`get`]: NpzReader::get
//! [`view`]: NpzReader::view
//! [`save_npy`]: WriteNpy::save_npy
//! [`load_npy`]: ReadNpy::load_npy
//!
//! # Element types
//!
//! What the file alone knows is an [`AnyArray`]; what no Rust type stands for (void, C's
//! long double, …) is a [`Raw`]. Both byte orders are read and written, and so are C and
//! Fortran order, of any view in any number of dimensions.
//!
#![doc = include_str!("element/dtypes.md")]
//!
//! # What is promised
//!
//! * **A file is whole or not there.** It is written beside its target and renamed when
//!   it is complete; an error, a panic or a kill leaves what was there before.
//! * **What is loaded is what was saved.** Sizes and checksums are verified whenever an array
//!   is loaded whole. What is checked of a part is said at [`NpzReader::get_slice`]; what is
//!   only viewed is not read, let alone checked.
//! * **A bad file gives an error**, never a panic, nor an allocation that the file's own
//!   size does not warrant; [`Limits`] bound what even a sound file may take. Python objects
//!   in it are never run.
//! * **Equal input gives equal bytes**: no time stamps, nothing of the machine.
//! * Arrays keep their layout: Fortran stays Fortran, in both directions.
//! * Uncompressed bodies are aligned to 64 bytes in the file.
//!
//! # Files from strangers
//!
//! Whatever the bytes, reading them ends in the right data or in an error: it does not
//! panic, abort, run on, execute anything, or take memory that the file does not warrant.
//! [`Limits::STRICT`] bounds what it takes even of a file that does warrant it. Views of a
//! map are another matter: see the safety section of `NpzReader::map`.
//!
//! # Performance
//!
//! Higher is faster:
//!
#![doc = include_str!("performance.md")]
//!
//! How it was measured, and the cases that are lost, is told in `benches/peers/RESULTS.md`
//! of the repository, where `cargo run --release` measures it all again.
//!
//! # Features
//!
//! * `deflate` (default): reading and writing compressed archives.
//! * `rayon` (default): reading, writing and compressing large arrays, and reading many, on
//!   all threads of rayon's current pool. The bytes that are written are the same without.
//! * `mmap`: archives mapped into memory, whose arrays are viewed or changed where they are.
//! * `half`: `half::f16` and `half::bf16` as elements.
//! * `num-complex`: `Complex<f32>` and `Complex<f64>` as elements.
//! * `bzip2`, `lzma`: reading members that other zip programs have compressed so, as NumPy
//!   does. They are read from the first byte to the last.
//!
//! No feature needs a C compiler.
//!
//! # From ndarray-npy and ndarray-npz
//!
//! <details><summary>Every public item of ndarray-npy 0.10 and ndarray-npz 0.4, and what is here
//! instead</summary>
//!
//! | ndarray-npy                                             | here                             |
//! |---------------------------------------------------------|----------------------------------|
//! | `read_npy(path)`, `ReadNpyExt::read_npy(reader)`        | [`ReadNpy::load_npy`], [`ReadNpy::read_npy`] |
//! | `write_npy(path, &x)`, `WriteNpyExt::write_npy(writer)` | [`WriteNpy::save_npy`], [`WriteNpy::write_npy`] |
//! | `create_new_npy(path, &x)`                              | `x.write_npy(File::create_new(path)?)` |
//! | `write_zeroed_npy(file, shape)`                         | a broadcast zero is saved like any view, but takes its space |
//! | `ViewNpyExt`, `ViewMutNpyExt`                           | [`NpzReader::view`] and `NpzMapMut::view_mut`, of `.npz` files only |
//! | `ReadableElement`, `WritableElement`, `ViewElement`, `ViewMutElement` | [`Element`]        |
//! | `NpzReader::new`                                        | [`NpzReader::open`], [`new`](NpzReader::new), [`from_bytes`](NpzReader::from_bytes), … |
//! | `NpzReader::{is_empty, len, names}`                     | the same; names are `&str`, and need no `&mut` |
//! | `NpzReader::by_name("x.npy")`                           | [`NpzReader::get`]`("x")`        |
//! | `NpzReader::by_index`                                   | `get` by one of the names        |
//! | `NpzWriter::new`                                        | [`NpzWriter::create`], [`new`](NpzWriter::new), [`stream`](NpzWriter::stream) |
//! | `NpzWriter::new_compressed`, `new_with_options`         | [`NpzWriter::compression`], and whatever else is to hold for all |
//! | `NpzWriter::add_array("x", &x)`                         | [`NpzWriter::array`]             |
//! | `NpzWriter::add_array_with_options`                     | [`NpzWriter::entry`]             |
//! | `NpzWriter::finish`                                     | the same                         |
//! | `Read…Error`, `Write…Error`, `View…Error`               | one [`Error`], and its [`ErrorKind`] |
//! | `npy::header::{Header, Layout}`                         | [`ArrayInfo`], [`DType`], [`Order`] |
//!
//! | ndarray-npz                                             | here                             |
//! |---------------------------------------------------------|----------------------------------|
//! | `NpzReader`, `NpzWriter`                                | as above                         |
//! | `NpzView::new(bytes)`, `by_name`, `by_index`            | [`NpzReader::from_bytes`], or `NpzReader::map` |
//! | `NpzView::{is_empty, len, names}`                       | the same                         |
//! | `directory_names`, `compressed_names`, `encrypted_names` | [`NpzReader::other_members`], [`ArrayInfo::is_compressed`]; encrypted ones are errors |
//! | `NpyView::view`                                         | [`NpzReader::view`], and [`cow`](NpzReader::cow) for what cannot be viewed |
//! | `NpyView::{status, verify}`, `ChecksumStatus`           | [`NpzReader::verify`]; whatever is loaded whole is verified |
//! | `NpzViewMut`, `NpyViewMut::{view, view_mut}`            | `NpzMapMut::{open, reader, view_mut}` |
//! | `NpyViewMut::update`                                    | `NpzMapMut::flush`, or when it is dropped |
//! | `ViewNpzError`                                          | [`Error`]                        |
//!
//! </details>
//!
//! # Unsafe code
//!
//! It is denied in the crate, and allowed at these places, each with its reason beside it.
//! Their tests run under valgrind and AddressSanitizer as well.
//!
//! <details><summary>The list</summary>
//!
//! | where                   | what is unsafe                      | why it is sound             |
//! |-------------------------|-------------------------------------|-----------------------------|
//! | `src/element/bool.rs`   | bytes become bools, or are viewed as such, to be changed too | each has been seen to be 0 or 1; size and alignment are those of a byte |
//! | `src/element/fixed.rs`  | `Pod` and `Zeroable` for fixed-size text and bytes | transparent over arrays of integers: no padding, any bytes are a value |
//! | `src/element/time.rs`   | the same for dates and time differences | transparent over `i64`  |
//! | `src/memory.rs`         | the length of a vector is set       | so many values have just been set to zeros, which any `Pod` may be |
//! | `src/memory.rs`         | `madvise` asks for huge pages       | the range is inside an allocation that is borrowed mutably, and advice changes nothing in it |
//! | `src/zip/writer.rs`     | data is written past the zip crate, which is told of it | this is unsafe for the archive's sake, not for memory's: sizes and CRC are those of what was written |
//! | `src/map.rs`            | a file is mapped                    | the caller vouches that nobody changes it meanwhile |
//! | `src/map/edit.rs`       | a file is mapped to be changed      | the caller vouches that nobody else has to do with it meanwhile |
//!
//! </details>

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
mod io;
mod limits;
mod macros;
#[cfg(feature = "mmap")]
mod map;
mod memory;
mod mistaken;
pub mod npy;
mod parallel;
mod reader;
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
pub use crate::io::ReadAt;
pub use crate::limits::Limits;
#[cfg(feature = "mmap")]
pub use crate::map::{Map, NpyMapMut, NpzMapMut};
pub use crate::npy::{CastFromNpy, FromNpy, ToNpy};
pub use crate::reader::{ArrayInfo, NpyReader, NpzReader};
pub use crate::traits::{ReadNpz, WriteNpz};
pub use crate::writer::{Entry, NpzWriter, Progress, save};
pub use crate::zip::Compression;

/// What the macros expand to calls of.
#[doc(hidden)]
pub mod __private {
    pub use crate::element::sealed::Sealed;
    pub use crate::element::{Body, record};
    pub use bytemuck::Zeroable;
    pub use ndarray::ArrayViewD;
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
