//! [`Shard`]: what one worker has written.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use npz::{NpzReader, NpzWriter, ReadCost};
use object_store::ObjectStore;
use object_store::path::Path;
use serde::{Deserialize, Serialize};

#[cfg(doc)]
use super::ShardSet;
use super::source::{Identity, ShardObject};
use crate::error::name_of;
use crate::{Object, ObjectWriter};

/// One archive of a [`ShardSet`]: which one it is, and what is in it.
///
/// Each worker makes one, and sends it to the worker that calls [`ShardSet::commit`]: as the text that its
/// `Display` writes and its `FromStr` reads, which is a line of JSON, or by serde.
///
/// # Examples
///
/// ```
/// use npz_object_store::Shard;
/// # let store = std::sync::Arc::new(npz_object_store::object_store::memory::InMemory::new());
///
/// let shard = Shard::save(store, "sim/x", 2, 16, |npz| npz.array("x", &[0.5, 1.5]).map(drop))?;
/// assert_eq!((shard.rank(), shard.of()), (2, 16));
/// for (name, part) in shard.arrays() {
///     println!("{name}: {} {:?}", part.dtype(), part.shape());   // x: <f8 [2]
/// #   assert_eq!((name, part.dtype(), part.shape()), ("x", "<f8", &[2][..]));
/// }
/// let line = shard.to_string();
/// assert_eq!(line.parse::<Shard>()?, shard);
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    pub(super) rank: usize,
    pub(super) of: usize,
    #[serde(flatten)]
    pub(super) object: Identity,
    pub(super) arrays: BTreeMap<String, ShardArray>,
}

/// What an array of a [`Shard`], or of all of a [`ShardSet`], is.
///
/// # Examples
///
/// See [`ShardSet::info`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardArray {
    pub(super) dtype: String,
    pub(super) shape: Vec<usize>,
}

impl ShardArray {
    /// The type of its elements as NumPy describes it: `x.dtype.str`.
    ///
    /// # Examples
    ///
    /// See [`ShardSet::info`].
    pub fn dtype(&self) -> &str {
        &self.dtype
    }

    /// The lengths of its axes: `x.shape`.
    ///
    /// # Examples
    ///
    /// See [`ShardSet::info`].
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }
}

impl Shard {
    /// Saves the archive number `rank` of `of`, counted from 0, of the set at `location`: what `write` writes to
    /// it. Each array is this worker's part: its rows come after those of all lower ranks.
    ///
    /// A worker that is started again may save its shard again, as long as the set is not complete.
    ///
    /// # Errors
    ///
    /// Those of [`save`](crate::save); [`ErrorKind::Other`](npz::ErrorKind::Other) if the set is complete, or if
    /// there is no such rank.
    ///
    /// # Examples
    ///
    /// See [`ShardSet`].
    pub fn save(
        store: Arc<dyn ObjectStore>,
        location: impl Into<Path>,
        rank: usize,
        of: usize,
        write: impl FnOnce(&mut NpzWriter<ObjectWriter>) -> npz::Result<()>,
    ) -> npz::Result<Self> {
        let location = location.into();
        let set = Object::new(Arc::clone(&store), location.clone());
        super::index::check_is_not_complete(&set)?;
        crate::save(Arc::clone(&store), key(&location, rank, of)?, write)?;
        Self::find(store, location, rank, of)
    }

    /// Looks at the archive number `rank` of `of` of the set at `location`, which may have been written by another
    /// program: to `location`, `-00003-of-00016.npz` has been added for number 3 of 16.
    ///
    /// # Errors
    ///
    /// Those of [`open`](crate::open) and of [`NpzReader::info`]; [`ErrorKind::Other`](npz::ErrorKind::Other) if an
    /// array has no axis.
    ///
    /// # Examples
    ///
    /// ```
    /// # use npz_object_store::object_store::memory::InMemory;
    /// use npz_object_store::{Shard, ShardSet};
    /// use std::sync::Arc;
    ///
    /// let store = Arc::new(InMemory::new());
    /// // Python: np.savez(fs.open("sim/x-00000-of-00001.npz", "wb"), x=x)
    /// # npz_object_store::save(store.clone(), "sim/x-00000-of-00001.npz", |npz| npz.array("x", &[1.0, 2.0]).map(drop))?;
    /// let shard = Shard::find(store.clone(), "sim/x", 0, 1)?;
    /// ShardSet::commit(store, "sim/x", [shard])?;
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn find(
        store: Arc<dyn ObjectStore>,
        location: impl Into<Path>,
        rank: usize,
        of: usize,
    ) -> npz::Result<Self> {
        let key = key(&location.into(), rank, of)?;
        let find = || {
            // What is near a header is not wanted.
            let cost = ReadCost::REMOTE.gap(4 << 10);
            let object = Object::new(store, key.clone()).with_cost(cost);
            let npz = NpzReader::from_read_at(ShardObject::new(object, None))?;
            let mut arrays = BTreeMap::new();
            for (name, info) in npz.iter() {
                let info = info?;
                let (dtype, shape) = (info.dtype().to_string(), info.shape().to_vec());
                if shape.is_empty() {
                    return Err(problem(format!(
                        "`{name}` has no axis along which it could be cut"
                    )));
                }
                arrays.insert(name.to_owned(), ShardArray { dtype, shape });
            }
            let object = npz.into_inner().identity();
            let object = object.ok_or_else(|| problem("it has not been opened".to_owned()))?;
            Ok(Self { rank, of, object, arrays })
        };
        find().map_err(|error: npz::Error| error.in_file(name_of(&key)))
    }

    /// Which of the set's archives it is, counted from 0.
    ///
    /// # Examples
    ///
    /// See [`Shard`].
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// How many archives the set has.
    ///
    /// # Examples
    ///
    /// See [`Shard`].
    pub fn of(&self) -> usize {
        self.of
    }

    /// The names of its arrays, each with what this worker's part is.
    ///
    /// # Examples
    ///
    /// See [`Shard`].
    pub fn arrays(&self) -> impl Iterator<Item = (&str, &ShardArray)> {
        self.arrays.iter().map(|(name, array)| (&**name, array))
    }
}

impl fmt::Display for Shard {
    /// Writes a line of JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for Shard {
    type Err = npz::Error;

    /// Reads what [`Display`](fmt::Display) has written.
    fn from_str(text: &str) -> npz::Result<Self> {
        serde_json::from_str(text).map_err(npz::Error::other)
    }
}

/// Where the archive number `rank` of `of` is.
pub(super) fn key(location: &Path, rank: usize, of: usize) -> npz::Result<Path> {
    if rank >= of {
        return Err(problem(format!("of {of} shards, counted from 0, there is no number {rank}")));
    }
    Ok(Path::from(format!("{location}-{rank:05}-of-{of:05}.npz")))
}

pub(super) fn problem(problem: String) -> npz::Error {
    npz::Error::other(problem)
}
