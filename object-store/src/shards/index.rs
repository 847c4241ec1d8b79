//! The index of a set: a JSON object beside the shards, whose presence says that the set is complete.

use std::collections::BTreeMap;
use std::io::{self, Write};

use npz::ReadAt;
use object_store::path::Path;
use serde::{Deserialize, Serialize};

use super::shard::{key, problem};
use super::{Shard, ShardArray};
use crate::Object;
use crate::error::name_of;

/// The version of what is written here.
const VERSION: u32 = 1;

/// The most bytes that an index may have.
const MOST: usize = 256 << 20;

/// What the index says: of each array what it is as a whole, and of each shard its object and what is in it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Index {
    version: u32,
    pub(super) arrays: BTreeMap<String, ShardArray>,
    pub(super) shards: Vec<Listed>,
}

/// A shard, and where it is. Both are what other programs need, and follow from its rank and those before it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Listed {
    /// The object's name without the folder.
    key: String,
    /// The first of its rows, in each array.
    pub(super) start: BTreeMap<String, usize>,
    #[serde(flatten)]
    pub(super) shard: Shard,
}

impl Index {
    /// The index of these shards, if they make a set.
    fn of(location: &Path, shards: Vec<Shard>) -> npz::Result<Self> {
        let of = shards.first().map_or(0, |shard| shard.of);
        let mut by_rank: BTreeMap<usize, Shard> = BTreeMap::new();
        for shard in shards {
            let rank = shard.rank;
            if shard.of != of {
                let other = shard.of;
                return Err(problem(format!(
                    "a shard is one of {of}, and number {rank} one of {other}"
                )));
            }
            if by_rank.insert(rank, shard).is_some() {
                return Err(problem(format!("shard {rank} of {of} is there twice")));
            }
        }
        if let Some(missing) = (0..of).find(|rank| !by_rank.contains_key(rank)) {
            return Err(problem(format!("shard {missing} of {of} is missing")));
        }
        let first = by_rank.values().next();
        let first = first.ok_or_else(|| problem("a set has at least one shard".to_owned()))?;
        let mut arrays = first.arrays.clone();
        arrays.values_mut().filter_map(|array| array.shape.first_mut()).for_each(|rows| *rows = 0);
        let mut listed = Vec::new();
        for (rank, shard) in by_rank {
            let key = key(location, rank, of)?;
            let start =
                append(&mut arrays, &shard).map_err(|error| error.in_file(name_of(&key)))?;
            let key = key.filename().unwrap_or_default().to_owned();
            listed.push(Listed { key, start, shard });
        }
        Ok(Self { version: VERSION, arrays, shards: listed })
    }

    /// Writes the index of these shards, unless there is one.
    pub(super) fn create(set: &Object, shards: Vec<Shard>) -> npz::Result<Self> {
        let index = Self::of(set.location(), shards)?;
        let text = serde_json::to_vec(&index).map_err(npz::Error::other)?;
        let object = object(set);
        // In one part, so that of two sets one is committed.
        let mut writer = object.writer().part_size(text.len()).create_only();
        writer.write_all(&text).map_err(|error| failed("write", &object, error))?;
        writer.complete()?;
        Ok(index)
    }

    /// Reads the index, which has to be what [`create`](Self::create) would write of its shards.
    pub(super) fn read(set: &Object) -> npz::Result<Self> {
        let object = object(set);
        let read = || {
            // Few are longer.
            let mut text = vec![0; 1 << 20];
            let failed = |error| failed("read", &object, error);
            let size = object.read_tail(&mut text).map_err(failed)?;
            let is_whole = size <= text.len() as u64;
            let len = usize::try_from(size).ok().filter(|&len| len <= MOST);
            text.resize(len.ok_or_else(|| problem(format!("it has more than {MOST} bytes")))?, 0);
            if !is_whole {
                object.read_ranges(&mut [(0, &mut text)]).map_err(failed)?;
            }
            serde_json::from_slice::<Self>(&text).map_err(npz::Error::other)
        };
        let read = read().and_then(|read| {
            if read.version != VERSION {
                return Err(problem(format!("it is of version {}, not {VERSION}", read.version)));
            }
            let shards = read.shards.iter().map(|listed| listed.shard.clone()).collect();
            let damaged = |error| problem(format!("damaged: {error}"));
            let index = Self::of(set.location(), shards).map_err(damaged)?;
            match (&index.arrays, &index.shards) == (&read.arrays, &read.shards) {
                true => Ok(index),
                false => Err(problem("damaged: its shards are not those of its arrays".to_owned())),
            }
        });
        read.map_err(|error| error.in_file(name_of(object.location())))
    }
}

/// The index as an object, beside the shards of the set.
fn object(set: &Object) -> Object {
    set.beside(Path::from(format!("{}.json", set.location())))
}

fn failed(action: &str, object: &Object, error: io::Error) -> npz::Error {
    npz::Error::file(action, name_of(object.location()), error)
}

/// An error if the set has an index.
pub(super) fn check_is_not_complete(set: &Object) -> npz::Result<()> {
    let object = object(set);
    match object.size() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed("read", &object, error)),
        Ok(_) => {
            let problem = problem("the set is complete, and stays as it is".to_owned());
            Err(problem.in_file(name_of(object.location())))
        }
    }
}

/// Adds the rows of a shard to the arrays before it. Returns the first of its rows, in each array.
fn append(
    arrays: &mut BTreeMap<String, ShardArray>,
    shard: &Shard,
) -> npz::Result<BTreeMap<String, usize>> {
    let (expected, found): (Vec<_>, Vec<_>) =
        (arrays.keys().collect(), shard.arrays.keys().collect());
    if expected != found {
        return Err(problem(format!(
            "expected the arrays {expected:?}, as before it, found {found:?}"
        )));
    }
    let both = arrays.iter_mut().zip(shard.arrays.values());
    both.map(|((name, array), part)| {
        let start = append_rows(array, part);
        Ok((name.clone(), start.map_err(|text| problem(format!("`{name}`: {text}")))?))
    })
    .collect()
}

/// Adds rows to an array, and returns how many there were before; or says why they are none of it.
fn append_rows(array: &mut ShardArray, part: &ShardArray) -> Result<usize, String> {
    let axes = array.shape.split_first_mut().zip(part.shape.split_first());
    let ((rows, items), (more, others)) =
        axes.ok_or("it has no axis along which it could be cut")?;
    let dtype = common(&array.dtype, &part.dtype).filter(|_| items == others);
    array.dtype = dtype.ok_or_else(|| {
        let (expected, found) = (&array.dtype, &part.dtype);
        format!("expected rows of {expected} {items:?}, as before it, found {found} {others:?}")
    })?;
    let start = *rows;
    let sum = start.checked_add(*more).filter(|&rows| isize::try_from(rows).is_ok());
    *rows = sum.ok_or("there are too many rows")?;
    Ok(start)
}

/// The dtype of two parts together: the same, or of text the longer one, as in `np.concatenate`.
fn common(one: &str, other: &str) -> Option<String> {
    let text = |dtype: &str| {
        let (kind, len) = dtype.split_at_checked(2)?;
        let is_text = kind.ends_with('U') || kind == "|S";
        Some((kind.to_owned(), len.parse::<u64>().ok()?)).filter(|_| is_text)
    };
    if one == other {
        return Some(one.to_owned());
    }
    let ((kind, len), (other_kind, other_len)) = (text(one)?, text(other)?);
    (kind == other_kind).then(|| format!("{kind}{}", len.max(other_len)))
}
