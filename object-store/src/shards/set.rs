//! [`ShardSet`]: the arrays that all shards make together.

use std::fmt;
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use npz::ndarray::{Array, ArrayD, ArrayRef, ArrayViewMut, Axis, Dimension, IxDyn, SliceInfoElem};
use npz::{LoadElement, NpzReader, Numeric};
use object_store::ObjectStore;
use object_store::path::Path;

use super::index::Index;
use super::rows::{Part, Rows};
use super::shard::{key, problem};
use super::source::ShardObject;
use super::{Shard, ShardArray};
use crate::Object;
use crate::error::name_of;

/// Arrays that are cut along their first axis over many archives of a store: each is written by one worker, and
/// they are read as one, by any number of readers.
///
/// A set is all or nothing. Each of `n` workers saves one shard ([`Shard::save`]), and what that returns is sent
/// to one of them, by MPI, Dask or a file. That one commits the set, when all shards are there: it writes the
/// index, which only then appears. [`open`](Self::open) finds a set that has an index, and nothing else.
///
/// # Objects
///
/// For a set at `sim/x` of 16 shards:
///
/// | object | is |
/// |---|---|
/// | `sim/x-00000-of-00016.npz` to `sim/x-00015-of-00016.npz` | archives with the same names in each, and rows of one dtype and shape |
/// | `sim/x.json` | the index: `arrays` with the dtype and the whole shape of each, and `shards` with the `key`, `size`, `arrays`, and first row (`start`) of each |
///
/// In Python the array `x` of the set is
///
/// ```python
/// index = json.load(fs.open("sim/x.json"))
/// parts = [np.load(fs.open("sim/" + shard["key"]))["x"] for shard in index["shards"]]
/// x = np.concatenate(parts)
/// ```
///
/// # Examples
///
/// ```
/// use ndarray::{Array2, s};
/// use npz_object_store::object_store::memory::InMemory;
/// use npz_object_store::{Shard, ShardSet};
/// use std::sync::Arc;
///
/// let store = Arc::new(InMemory::new());
/// let whole = Array2::from_shape_fn((10, 3), |(i, j)| (10 * i + j) as f64);
///
/// // Four workers have some of the rows each, and send one of them a line of text.
/// let mut lines = Vec::new();
/// for rank in 0..4 {
///     let block = whole.slice(s![rank * 10 / 4..(rank + 1) * 10 / 4, ..]);
///     let save = |npz: &mut npz::NpzWriter<_>| npz.array("x", &block).map(drop);
///     lines.push(Shard::save(store.clone(), "sim/x", rank, 4, save)?.to_string());
/// }
/// let shards: Vec<Shard> = lines.iter().map(|line| line.parse()).collect::<Result<_, _>>()?;
/// ShardSet::commit(store.clone(), "sim/x", shards)?;
///
/// // Others read what they need.
/// let set = ShardSet::open(store, "sim/x")?;
/// let x: Array2<f64> = set.get("x")?;
/// let rows: Array2<f64> = set.get_slice("x", s![1..9;2, 1..])?;
/// assert_eq!((x, rows), (whole.clone(), whole.slice(s![1..9;2, 1..]).to_owned()));
/// # Ok::<(), npz::Error>(())
/// ```
pub struct ShardSet {
    /// Has the store, the location and the settings of the set; it is itself not read.
    object: Object,
    index: Index,
    /// In the order of their ranks, those that have been opened.
    readers: Vec<OnceLock<NpzReader<ShardObject>>>,
}

impl ShardSet {
    /// Completes the set at `location`: writes its index, unless there is one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Other`](npz::ErrorKind::Other) if a shard is missing or is there twice, or if their arrays do
    /// not have the same names and rows of the same dtype and shape; [`ErrorKind::Io`](npz::ErrorKind::Io) if the
    /// store fails, or, with the kind `AlreadyExists`, if the set is complete already. The set is not complete
    /// then, but for one that was before.
    ///
    /// # Examples
    ///
    /// See [`ShardSet`].
    pub fn commit(
        store: Arc<dyn ObjectStore>,
        location: impl Into<Path>,
        shards: impl IntoIterator<Item = Shard>,
    ) -> npz::Result<Self> {
        Self::commit_with(Object::new(store, location), shards)
    }

    /// Completes the set as [`commit`](Self::commit) does, with the settings of `object`, as
    /// [`open_with`](Self::open_with) does.
    ///
    /// # Errors
    ///
    /// Those of [`commit`](Self::commit).
    ///
    /// # Examples
    ///
    /// See [`open_with`](Self::open_with).
    pub fn commit_with(
        object: Object,
        shards: impl IntoIterator<Item = Shard>,
    ) -> npz::Result<Self> {
        let index = Index::create(&object, shards.into_iter().collect())?;
        Ok(Self::new(object, index))
    }

    /// Opens the complete set at `location`. Only its index is read: each shard is opened when it is needed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](npz::ErrorKind::Io) if the store fails, or, with the kind `NotFound`, if there is no index,
    /// which is so as long as the set is not complete; [`ErrorKind::Other`](npz::ErrorKind::Other) if it is damaged.
    ///
    /// # Examples
    ///
    /// See [`ShardSet`].
    pub fn open(store: Arc<dyn ObjectStore>, location: impl Into<Path>) -> npz::Result<Self> {
        Self::open_with(Object::new(store, location))
    }

    /// Opens the complete set at the location of `object`, of which nothing else is used but its store and its
    /// settings: where the requests for the index and the shards run, and how many of each shard are under way.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::ReadCost;
    /// use npz_object_store::{Object, ShardSet};
    /// # use npz_object_store::Shard;
    /// # use npz_object_store::object_store::memory::InMemory;
    /// # let store = std::sync::Arc::new(InMemory::new());
    /// # let save = |npz: &mut npz::NpzWriter<_>| npz.array("x", &[1_i32, 2]).map(drop);
    /// # let shards = [0, 1].map(|rank| Shard::save(store.clone(), "sim/x", rank, 2, save).unwrap());
    ///
    /// let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    /// let at = || Object::new(store.clone(), "sim/x").runtime(runtime.handle().clone());
    /// ShardSet::commit_with(at(), shards)?;
    /// let set = ShardSet::open_with(at().with_cost(ReadCost::REMOTE.at_once(4)))?;
    /// # assert_eq!(set.get::<i32, ndarray::Ix1>("x")?.to_vec(), [1, 2, 1, 2]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn open_with(object: Object) -> npz::Result<Self> {
        let index = Index::read(&object)?;
        Ok(Self::new(object, index))
    }

    fn new(object: Object, index: Index) -> Self {
        let readers = index.shards.iter().map(|_| OnceLock::new()).collect();
        Self { object, index, readers }
    }

    /// The names of the arrays, in alphabetical order.
    ///
    /// # Examples
    ///
    /// See [`info`](Self::info).
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.index.arrays.keys().map(String::as_str)
    }

    /// The shards, in the order of their rows.
    ///
    /// # Examples
    ///
    /// See [`info`](Self::info).
    pub fn shards(&self) -> impl Iterator<Item = &Shard> {
        self.index.shards.iter().map(|listed| &listed.shard)
    }

    /// What the array `name` is as a whole: its dtype and its shape. Nothing is read.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Other`](npz::ErrorKind::Other) if there is no such array.
    ///
    /// # Examples
    ///
    /// ```
    /// # use npz_object_store::object_store::memory::InMemory;
    /// # use npz_object_store::{Shard, ShardSet};
    /// # let store = std::sync::Arc::new(InMemory::new());
    /// # let save = |npz: &mut npz::NpzWriter<_>| npz.array("x", &[1_i32, 2]).map(drop);
    /// # let shards = [0, 1].map(|rank| Shard::save(store.clone(), "x", rank, 2, save).unwrap());
    /// # ShardSet::commit(store.clone(), "x", shards)?;
    /// let set = ShardSet::open(store, "x")?;
    /// for name in set.names() {
    ///     let info = set.info(name)?;
    ///     println!("{name}: {} {:?} in {} shards", info.dtype(), info.shape(), set.shards().count());
    /// #   assert_eq!((info.dtype(), info.shape()), ("<i4", &[4][..]));
    /// #   assert_eq!(set.shards().count(), 2);
    /// }
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn info(&self, name: &str) -> npz::Result<&ShardArray> {
        self.index.arrays.get(name).ok_or_else(|| {
            let names: Vec<_> = self.names().take(20).collect();
            problem(format!("the set has no array `{name}`, only {}", names.join(", ")))
        })
    }

    /// Loads the whole array `name`, from several shards at the same time.
    ///
    /// # Errors
    ///
    /// Those of [`NpzReader::get`]; [`ErrorKind::Io`](npz::ErrorKind::Io) if a shard is missing, or is not the one
    /// that was committed. An error of a shard names its object, which is its [`path`](npz::Error::path).
    ///
    /// # Examples
    ///
    /// See [`ShardSet`].
    pub fn get<A, D>(&self, name: &str) -> npz::Result<Array<A, D>>
    where
        A: LoadElement + Default,
        D: Dimension,
    {
        let shape = self.info(name)?.shape();
        self.check_shards(name)?;
        let mut array = allocated(shape)?;
        self.read_into(name, &mut array)?;
        Ok(array)
    }

    /// Loads the whole array `name`, of numbers, as numbers of another type, as [`NpzReader::get_cast`] does. Besides
    /// the array, the shards that are read at the same time are in memory.
    ///
    /// # Errors
    ///
    /// Those of [`NpzReader::get_cast`], whose elements are counted from the start of the shard that the error
    /// names, and of [`get`](Self::get).
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::Array1;
    /// # use npz_object_store::object_store::memory::InMemory;
    /// # use npz_object_store::{Shard, ShardSet};
    /// # let store = std::sync::Arc::new(InMemory::new());
    /// # let save = |npz: &mut npz::NpzWriter<_>| npz.array("x", &[1_i32, 2]).map(drop);
    /// # let shards = [0, 1].map(|rank| Shard::save(store.clone(), "x", rank, 2, save).unwrap());
    ///
    /// let set = ShardSet::commit(store, "x", shards)?;
    /// let x: Array1<f64> = set.get_cast("x")?;      // int32 in the shards
    /// assert_eq!(x.to_vec(), [1.0, 2.0, 1.0, 2.0]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn get_cast<A, D>(&self, name: &str) -> npz::Result<Array<A, D>>
    where
        A: Numeric,
        D: Dimension,
    {
        let shape = self.info(name)?.shape();
        self.check_shards(name)?;
        let elem = SliceInfoElem::Slice { start: 0, end: None, step: 1 };
        let part = |rows: Range<usize>| Part { elem, len: rows.len() };
        let parts: Vec<_> = self.rows(name).map(part).enumerate().collect();
        let load = |rank, _| self.of_shard(rank, |npz| npz.get_cast(name));
        self.load_parts(shape, Axis(0), &parts, load)
    }

    /// Loads the whole array `name` into `out`, which has its shape and may be a view of any strides.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get); [`ErrorKind::Other`](npz::ErrorKind::Other) if `out` has another shape.
    /// What `out` holds is not specified then.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::Array1;
    /// # use npz_object_store::object_store::memory::InMemory;
    /// # use npz_object_store::{Shard, ShardSet};
    /// # let store = std::sync::Arc::new(InMemory::new());
    /// # let save = |npz: &mut npz::NpzWriter<_>| npz.array("x", &[1_i32, 2]).map(drop);
    /// # let shards = [0, 1].map(|rank| Shard::save(store.clone(), "x", rank, 2, save).unwrap());
    ///
    /// let set = ShardSet::commit(store, "x", shards)?;
    /// let mut x = Array1::<i32>::zeros(4);
    /// set.read_into("x", &mut x)?;
    /// assert_eq!(x.to_vec(), [1, 2, 1, 2]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn read_into<A, D>(&self, name: &str, out: &mut ArrayRef<A, D>) -> npz::Result<()>
    where
        A: LoadElement,
        D: Dimension,
    {
        let expected = self.info(name)?.shape();
        if out.shape() != expected {
            let found = out.shape();
            return Err(problem(format!("`{name}` has the shape {expected:?}, not {found:?}")));
        }
        let lens = self.rows(name).map(|rows| rows.len());
        let parts = split(out.view_mut(), Axis(0), lens).into_iter().enumerate().collect();
        self.in_parallel(parts, |(rank, mut part)| {
            self.of_shard(rank, |npz| npz.read_into(name, &mut part))
        })
    }

    /// Loads some of the array `name`: `x[10:20, ::2, -1]`. Only the shards are read that have some of it, and
    /// only what is taken of them.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get), and of [`NpzReader::get_slice`].
    ///
    /// # Examples
    ///
    /// See [`ShardSet`].
    pub fn get_slice<A, D>(
        &self,
        name: &str,
        slice: impl AsRef<[SliceInfoElem]>,
    ) -> npz::Result<Array<A, D>>
    where
        A: LoadElement + Default,
        D: Dimension,
    {
        let slice = slice.as_ref();
        // Axes that are new may come before the rows.
        let axis = slice.iter().position(|elem| !matches!(elem, SliceInfoElem::NewAxis));
        let of_rows = axis.and_then(|axis| slice.get(axis)).copied();
        let (Some(axis), Some(of_rows)) = (axis, of_rows) else {
            return Err(problem(format!("`{name}` has more axes than the slice")));
        };
        let load = |rank: usize, of_rows: SliceInfoElem| {
            let of_axis = |(index, elem): (usize, &_)| if index == axis { of_rows } else { *elem };
            let slice: Vec<_> = slice.iter().enumerate().map(of_axis).collect();
            self.of_shard(rank, |npz| npz.get_slice::<Array<A, D>>(name, &slice))
        };
        let len = self.info(name)?.shape().first().copied().unwrap_or(0);
        let rows = Rows::new(of_rows, len).map_err(|text| problem(format!("`{name}`: {text}")))?;
        let parts = self.rows(name).enumerate();
        let parts = parts.filter_map(|(rank, of_shard)| Some((rank, rows.within(&of_shard)?)));
        let parts: Vec<_> = parts.collect();
        let none = SliceInfoElem::Slice { start: 0, end: Some(0), step: 1 };
        let mut array = match &parts[..] {
            [] => load(0, none)?,
            [(rank, part)] => load(*rank, part.elem)?,
            [(first, _), ..] => {
                // The dtype is checked, and the lengths of the other axes are known, by what is empty.
                let mut shape = load(*first, none)?.shape().to_vec();
                if let Some(len) = shape.get_mut(axis) {
                    *len = rows.len();
                }
                self.load_parts(&shape, Axis(axis), &parts, load)?
            }
        };
        if rows.is_reversed() {
            array.invert_axis(Axis(axis));
        }
        Ok(array)
    }

    /// An array of this shape, whose parts follow each other along `axis`, each of the shard of a rank.
    fn load_parts<A, D>(
        &self,
        shape: &[usize],
        axis: Axis,
        parts: &[(usize, Part)],
        load: impl Fn(usize, SliceInfoElem) -> npz::Result<Array<A, D>> + Sync,
    ) -> npz::Result<Array<A, D>>
    where
        A: Default + Send,
        D: Dimension,
    {
        let mut array = allocated(shape)?;
        let outs = split(array.view_mut(), axis, parts.iter().map(|(_, part)| part.len));
        self.in_parallel(parts.iter().zip(outs).collect(), |((rank, part), out)| {
            let part = load(*rank, part.elem)?;
            if part.shape() != out.shape() {
                let (found, expected) = (part.shape(), out.shape());
                let text = format!("shard {rank} has rows of {found:?}, expected {expected:?}");
                return Err(problem(text));
            }
            part.move_into(out);
            Ok(())
        })?;
        Ok(array)
    }

    /// Which rows of the array each shard has.
    fn rows(&self, name: &str) -> impl Iterator<Item = Range<usize>> {
        self.index.shards.iter().map(move |listed| {
            let start = listed.start.get(name).copied().unwrap_or(0);
            let shape = listed.shard.arrays.get(name).map_or(&[][..], ShardArray::shape);
            start..start.saturating_add(shape.first().copied().unwrap_or(0))
        })
    }

    /// Checks that all shards are there, and have the array as the index says, before there is memory for it.
    fn check_shards(&self, name: &str) -> npz::Result<()> {
        let shards = self.shards().enumerate().collect();
        self.in_parallel(shards, |(rank, shard)| {
            self.of_shard(rank, |npz| {
                let info = npz.info(name)?;
                let found = (info.dtype().to_string(), info.shape());
                match shard.arrays.get(name) {
                    Some(expected)
                        if (&*expected.dtype, expected.shape()) == (&found.0, found.1) =>
                    {
                        Ok(())
                    }
                    _ => Err(problem(format!("`{name}` is not what the index says of it"))),
                }
            })
        })
    }

    /// Does something with the shard of a rank.
    fn of_shard<T>(
        &self,
        rank: usize,
        act: impl FnOnce(&NpzReader<ShardObject>) -> npz::Result<T>,
    ) -> npz::Result<T> {
        let shards = self.index.shards.get(rank).zip(self.readers.get(rank));
        let (listed, reader) =
            shards.ok_or_else(|| problem(format!("there is no shard {rank}")))?;
        let key = key(self.object.location(), rank, self.readers.len())?;
        let open = || match reader.get() {
            Some(reader) => Ok(reader),
            None => {
                let object = self.object.beside(key.clone());
                let object = ShardObject::new(object, Some(listed.shard.object));
                let opened = NpzReader::from_read_at(object)?;
                Ok(reader.get_or_init(|| opened))
            }
        };
        open().and_then(act).map_err(|error: npz::Error| error.in_file(name_of(&key)))
    }

    /// Does something with each of `parts`, with several at the same time, up to the first error.
    fn in_parallel<T: Send>(
        &self,
        parts: Vec<T>,
        act: impl Fn(T) -> npz::Result<()> + Sync,
    ) -> npz::Result<()> {
        // Threads cannot see that this one must not wait for them.
        let can_wait = self.object.check_can_wait();
        let location = name_of(self.object.location());
        can_wait.map_err(|error| npz::Error::file("read", location, error))?;
        let threads = parts.len().min(AT_ONCE);
        let parts = Mutex::new(parts.into_iter());
        let next = || parts.lock().unwrap_or_else(PoisonError::into_inner).next();
        let act_on_all = || {
            while let Some(part) = next() {
                if let Err(error) = act(part) {
                    while next().is_some() {}
                    return Err(error);
                }
            }
            Ok(())
        };
        thread::scope(|scope| {
            let spawn = |_| thread::Builder::new().spawn_scoped(scope, act_on_all).ok();
            let others: Vec<_> = (1..threads).filter_map(spawn).collect();
            let results = others
                .into_iter()
                .map(|other| other.join().unwrap_or_else(|panic| resume_unwind(panic)));
            act_on_all().and(results.collect())
        })
    }
}

/// How many shards are read at the same time.
const AT_ONCE: usize = 8;

/// Cuts `array` along `axis` into parts of these lengths, of which there are as many rows together.
fn split<A, D: Dimension>(
    array: ArrayViewMut<'_, A, D>,
    axis: Axis,
    lens: impl Iterator<Item = usize>,
) -> Vec<ArrayViewMut<'_, A, D>> {
    let mut rest = Some(array);
    lens.filter_map(|len| {
        let (part, after) = rest.take()?.split_at(axis, len);
        rest = Some(after);
        Some(part)
    })
    .collect()
}

/// An array of this shape, if there is memory for it.
fn allocated<A: Default, D: Dimension>(shape: &[usize]) -> npz::Result<Array<A, D>> {
    let wrong = |error| npz::Error::other(error);
    if D::NDIM.is_some_and(|ndim| ndim != shape.len()) {
        let ndim = D::NDIM.unwrap_or(0);
        return Err(problem(format!("expected an array with {ndim} axes, found shape {shape:?}")));
    }
    let len = shape.iter().try_fold(1_usize, |len, &axis| len.checked_mul(axis));
    let mut elements = Vec::new();
    let reserved = len.map(|len| elements.try_reserve_exact(len).map(|()| len));
    let Some(Ok(len)) = reserved else {
        return Err(problem(format!("there is not enough memory for an array of shape {shape:?}")));
    };
    elements.resize_with(len, A::default);
    let array = ArrayD::from_shape_vec(IxDyn(shape), elements).map_err(wrong)?;
    array.into_dimensionality().map_err(wrong)
}

impl fmt::Debug for ShardSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShardSet").field("object", &self.object).finish_non_exhaustive()
    }
}
