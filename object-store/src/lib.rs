#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
#![forbid(unsafe_code)]
#![warn(unreachable_pub)]
// No object may make this panic: whatever could is not there, or says why it cannot.
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

mod error;
mod object;
mod runtime;
mod shards;
mod writer;

use std::sync::Arc;

use npz::{NpzReader, NpzWriter};
use object_store::ObjectStore;
use object_store::path::Path;

pub use object_store;

pub use crate::object::Object;
pub use crate::shards::{Shard, ShardArray, ShardSet};
pub use crate::writer::ObjectWriter;

/// Opens the archive that is the object of `store` at `location`: `np.load(fs.open("s3://…"))` with s3fs, but
/// that what is requested later is no more than what an operation needs, and all of it at once.
///
/// Most archives are opened by one request. [`Object`] is opened by [`NpzReader::from_read_at`] if something
/// is to be set.
///
/// # Errors
///
/// Those of [`NpzReader::open`]. [`Error::path`](npz::Error::path) is the object's location.
///
/// # Examples
///
/// ```
/// use npz_object_store::object_store::memory::InMemory;
/// use std::sync::Arc;
///
/// let store = Arc::new(InMemory::new());
/// npz_object_store::save(store.clone(), "runs/1.npz", |npz| npz.array("x", &[1.0, 2.0]).map(drop))?;
///
/// let npz = npz_object_store::open(store, "runs/1.npz")?;
/// let x: Vec<f64> = npz.get("x")?;
/// assert_eq!(x, [1.0, 2.0]);
/// # Ok::<(), npz::Error>(())
/// ```
pub fn open(
    store: Arc<dyn ObjectStore>,
    location: impl Into<Path>,
) -> npz::Result<NpzReader<Object>> {
    NpzReader::from_read_at(Object::new(store, location))
}

/// Saves an archive as the object of `store` at `location`: what `write` writes to it. If `write` returns an
/// error or panics, what was there is still there, and nothing is left in the store.
///
/// It is [`create`] and what completes that, in one. [`npz::save`] does the same with files.
///
/// # Errors
///
/// Those of [`create`], of `write`, and of [`ObjectWriter::complete`].
///
/// # Examples
///
/// See [`open`].
pub fn save(
    store: Arc<dyn ObjectStore>,
    location: impl Into<Path>,
    write: impl FnOnce(&mut NpzWriter<ObjectWriter>) -> npz::Result<()>,
) -> npz::Result<()> {
    let mut npz = create(store, location)?;
    write(&mut npz)?;
    npz.finish()?.complete().map(drop)
}

/// Begins an archive that is to be the object of `store` at `location`. It appears there, and replaces what is
/// there, after `npz.finish()?.complete()?`. If that is not called, nothing is left in the store.
///
/// [`NpzWriter::stream`] writes to an [`ObjectWriter`] if something is to be set.
///
/// # Errors
///
/// [`ErrorKind::Io`](npz::ErrorKind::Io) if this is called from asynchronous code. Nothing is
/// requested yet.
///
/// # Examples
///
/// ```
/// use npz::Compression;
/// use npz_object_store::object_store::memory::InMemory;
/// use std::sync::Arc;
///
/// let store = Arc::new(InMemory::new());
/// let mut npz = npz_object_store::create(store.clone(), "x.npz")?.compression(Compression::Deflate(6));
/// npz.array("x", &[1, 2, 3])?;
/// let e_tag = npz.finish()?.complete()?.e_tag;
/// # assert!(e_tag.is_some());
/// # assert_eq!(npz_object_store::open(store, "x.npz")?.get::<Vec<i32>>("x")?, [1, 2, 3]);
/// # Ok::<(), npz::Error>(())
/// ```
pub fn create(
    store: Arc<dyn ObjectStore>,
    location: impl Into<Path>,
) -> npz::Result<NpzWriter<ObjectWriter>> {
    let object = ObjectWriter::new(store, location);
    object.check_can_wait()?;
    Ok(NpzWriter::stream(object))
}
