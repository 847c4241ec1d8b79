//! The loop of a side: a line comes in, work is done, a line goes out.
//!
//! A request is a measure and a task:
//!
//! ```text
//! time  save stored|deflated SET CUT FILE     seconds
//! peak  load SET CUT FILE                     bytes beyond the array and what was there before
//! check view SET FILE                         checksum of what was loaded; 0 for saving
//!       save-many FILE
//!       load-many FILE
//!       open FILE
//!       text TYPE FILE                       of 10⁶ texts as a type of the side's
//! ```
//!
//! The answer is a number, or `error: …`. Files are in the current folder, as are the
//! sets. The side stays until its standard input ends. `sides/numpy/side.py` does the same,
//! but for `view`.
//!
//! A CUT says how the array in the file came from the set; to load `rows` is to load those
//! of the array, which is the whole set.
//!
//! What is timed is the user's call: from opening or creating the file until it is closed.
//! What was loaded is dropped later; what is to be saved is in memory before.

use std::any::Any;
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::corpus::SMALL;
use crate::memory;
use crate::set::{Cut, Dtype, Element, Set, Source, checksum, middle};
use crate::{Result, set};

/// How a side saves and loads an archive of one array, called `x`, of three dimensions.
pub trait Arrays<T> {
    fn save(path: &Path, source: &Source<'_, T>, deflated: bool) -> Result<()>;
    /// The elements in C order.
    fn load(path: &Path) -> Result<impl AsRef<[T]>>;

    /// The elements of `rows`, which are along the first axis.
    fn load_rows(path: &Path, rows: Range<usize>) -> Result<impl AsRef<[T]>> {
        Err::<Vec<T>, _>(format!("cannot load rows {rows:?} of {}", path.display()).into())
    }

    /// The elements where they are in the file, none of which is read.
    fn view(path: &Path) -> Result<impl AsRef<[T]>> {
        Err::<Vec<T>, _>(format!("cannot view {}", path.display()).into())
    }
}

/// How a side deals with archives of many small arrays of one dimension.
pub trait Many {
    fn save_many(path: &Path, arrays: &[(String, Vec<f64>)]) -> Result<()> {
        Err(format!("cannot save {} arrays as {}", arrays.len(), path.display()).into())
    }

    /// Opens the archive, and loads each of its arrays by its name.
    fn load_many(path: &Path, names: &[String]) -> Result<Vec<Vec<f64>>> {
        Err(format!("cannot load {} arrays of {}", names.len(), path.display()).into())
    }

    /// The open archive, and how many arrays it says it has.
    fn open(path: &Path) -> Result<(Box<dyn Any>, usize)> {
        Err(format!("cannot open {}", path.display()).into())
    }
}

/// Text that has been loaded: what gives the checksum of its characters or bytes, ten of each text.
pub type Loaded = Box<dyn Fn() -> u64>;

/// How a side loads text and byte strings, as elements of the type of this name.
pub trait Text {
    fn load_text(path: &Path, element: &str) -> Result<Loaded> {
        Err(format!("cannot load {} as {element}", path.display()).into())
    }
}

/// All that a side is asked to do.
pub trait Serves:
    Arrays<f64>
    + Arrays<f32>
    + Arrays<u8>
    + Arrays<i16>
    + Arrays<i32>
    + Arrays<i64>
    + Arrays<bool>
    + Many
    + Text
{
}

/// Does what standard input asks for until it ends.
pub fn serve<S: Serves>() -> Result<()> {
    let mut server = Server { sets: Set::index(Path::new("."))?, kept: None };
    for line in io::stdin().lines() {
        let answer = server.answer::<S>(&line?).unwrap_or_else(|error| format!("error: {error}"));
        println!("{answer}");
        io::stdout().flush()?;
    }
    Ok(())
}

struct Server {
    sets: Vec<Set>,
    /// The set that was saved last, for the next round.
    kept: Option<(String, Box<dyn Any>)>,
}

impl Server {
    fn answer<S: Serves>(&mut self, line: &str) -> Result<String> {
        let words: Vec<&str> = line.split(' ').collect();
        let measure = Measure::parse(words[0])?;
        match words[1..] {
            ["save", _, name, ..] | ["load" | "view", name, ..] => {
                let set = Set::find(&self.sets, name)?.clone();
                match set.dtype {
                    Dtype::F64 => self.array::<S, f64>(measure, &set, &words[1..]),
                    Dtype::F32 => self.array::<S, f32>(measure, &set, &words[1..]),
                    Dtype::U8 => self.array::<S, u8>(measure, &set, &words[1..]),
                    Dtype::I16 => self.array::<S, i16>(measure, &set, &words[1..]),
                    Dtype::I32 => self.array::<S, i32>(measure, &set, &words[1..]),
                    Dtype::I64 => self.array::<S, i64>(measure, &set, &words[1..]),
                    Dtype::Bool => self.array::<S, bool>(measure, &set, &words[1..]),
                    Dtype::U10 | Dtype::S10 => Err(format!("`{name}` is text").into()),
                }
            }
            ["save-many", file] => {
                let arrays = self.keep("many as arrays", |sets| {
                    let data: Vec<f64> = Set::find(sets, "many")?.load(Path::new("."))?;
                    let arrays = data.chunks(SMALL).enumerate();
                    Ok(arrays.map(|(i, x)| (set::small(i), x.to_vec())).collect::<Vec<_>>())
                })?;
                measure.of(|| S::save_many(Path::new(file), arrays), |()| (0, 0))
            }
            ["load-many", file] => {
                let count = Set::find(&self.sets, "many")?.shape[0];
                let names: Vec<String> = (0..count).map(set::small).collect();
                measure.of(
                    || S::load_many(Path::new(file), &names),
                    |arrays| (0, checksum(arrays.concat())),
                )
            }
            ["text", element, file] => {
                measure.of(|| S::load_text(Path::new(file), element), |loaded| (0, loaded()))
            }
            ["open", file] => measure.of(|| S::open(Path::new(file)), |open| (0, open.1 as u64)),
            _ => Err(format!("no task `{line}`").into()),
        }
    }

    /// The tasks that have to do with one array.
    fn array<S: Arrays<T>, T: Element>(
        &mut self,
        measure: Measure,
        set: &Set,
        words: &[&str],
    ) -> Result<String> {
        match *words {
            ["save", method, _, cut, file] => {
                let cut = Cut::parse(cut)?;
                let data = self.keep(&set.name, |_| set.load::<T>(Path::new(".")))?;
                let source = Source { data, shape: set.shape, cut };
                let deflated = method == "deflated";
                measure.of(|| S::save(Path::new(file), &source, deflated), |()| (0, 0))
            }
            ["load", _, cut, file] => {
                self.kept = None;
                match Cut::parse(cut)? {
                    Cut::Rows => {
                        measure.of(|| S::load_rows(Path::new(file), middle(set.shape[0])), about)
                    }
                    _ => measure.of(|| S::load(Path::new(file)), about),
                }
            }
            ["view", _, file] => {
                self.kept = None;
                measure.of(|| S::view(Path::new(file)), about)
            }
            _ => Err(format!("no task `{words:?}`").into()),
        }
    }

    /// What `make` makes, unless it was made last time.
    fn keep<V: 'static>(
        &mut self,
        name: &str,
        make: impl FnOnce(&[Set]) -> Result<V>,
    ) -> Result<&V> {
        if self.kept.as_ref().is_none_or(|kept| kept.0 != name) {
            self.kept = None;
            self.kept = Some((name.to_owned(), Box::new(make(&self.sets)?)));
        }
        let kept = self.kept.as_ref().and_then(|kept| kept.1.downcast_ref());
        kept.ok_or_else(|| format!("`{name}` is of two types").into())
    }
}

/// The size and the checksum of elements.
fn about<T: Element>(items: &impl AsRef<[T]>) -> (u64, u64) {
    let items = items.as_ref();
    (size_of_val(items) as u64, checksum(items.iter().copied()))
}

/// What is asked about a task.
#[derive(Clone, Copy)]
enum Measure {
    Time,
    Peak,
    Check,
}

impl Measure {
    fn parse(name: &str) -> Result<Self> {
        match name {
            "time" => Ok(Self::Time),
            "peak" => Ok(Self::Peak),
            "check" => Ok(Self::Check),
            _ => Err(format!("no measure `{name}`").into()),
        }
    }

    /// Does `work` and says what was asked for; `about` gives the size and the checksum of
    /// its result.
    fn of<R>(
        self,
        work: impl FnOnce() -> Result<R>,
        about: impl FnOnce(&R) -> (u64, u64),
    ) -> Result<String> {
        Ok(match self {
            Self::Time => {
                wake();
                let start = Instant::now();
                let result = work()?;
                let time = start.elapsed();
                drop(result);
                format!("{:.9}", time.as_secs_f64())
            }
            Self::Peak => {
                let (result, peak) = memory::peak(work)?;
                peak.saturating_sub(about(&result).0).to_string()
            }
            Self::Check => about(&work()?).1.to_string(),
        })
    }
}

/// Keeps the processor busy for a moment: for some 30 ms after it was idle, while others
/// took their turns, it does everything at half its speed.
fn wake() {
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(50) {
        std::hint::spin_loop();
    }
}
