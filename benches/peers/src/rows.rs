//! What is measured: one row of the tables each, with the sides that take part.

use std::path::Path;
use std::thread::available_parallelism;

use common::corpus::CORPUS;
use common::{Cut, Element, Result, Set, Source, checksum, set::Dtype};

use crate::sides::Side;

/// Rows that share a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Stored,
    Deflate,
    Inflate,
    InflateAlone,
    InflateOwn,
    Threads,
    Cold,
    Text,
    Bool,
    Part,
    Small,
    Memory,
}

impl Group {
    pub const ALL: [Self; 12] = [
        Self::Stored,
        Self::Deflate,
        Self::Inflate,
        Self::InflateAlone,
        Self::InflateOwn,
        Self::Threads,
        Self::Cold,
        Self::Text,
        Self::Bool,
        Self::Part,
        Self::Small,
        Self::Memory,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Deflate => "deflate, level 6",
            Self::Inflate => "inflate NumPy's file",
            Self::InflateAlone => "inflate NumPy's file on one thread",
            Self::InflateOwn => "inflate the side's own file",
            Self::Threads => "threads",
            Self::Cold => "cold cache",
            Self::Text => "text",
            Self::Bool => "bool",
            Self::Part => "part of an array",
            Self::Small => "many small arrays",
            Self::Memory => "memory",
        }
    }

    /// Whether it has a row for each kind of data in the corpus.
    pub fn is_corpus(self) -> bool {
        matches!(self, Self::Deflate | Self::Inflate | Self::InflateAlone | Self::InflateOwn)
    }

    pub fn explanation(self) -> &'static str {
        match self {
            Self::Stored => {
                "One array of f64. Written to a new file; read from the file that NumPy wrote. \
                 *plain* allocates the file and writes the same bytes in chunks of 1 MiB; it \
                 reads them on two threads into huge pages."
            }
            Self::Deflate => {
                "Thirteen kinds of data, one array each, to a new file. *libdeflate* deflates the \
                 array in one go, on one thread, at its level 6."
            }
            Self::Inflate => {
                "What `np.savez_compressed` wrote. *libdeflate* inflates it in one go, on one thread."
            }
            Self::InflateAlone => "The same, with a pool of one thread for npz.",
            Self::InflateOwn => {
                "What the side itself wrote: how fast a crate, or NumPy, is with its own files."
            }
            Self::Threads => "npz with pools of so many threads, as far as the machine has cores.",
            Self::Cold => {
                "One array of f64, from the file that NumPy wrote, which has been dropped from the \
                 system's cache before each round. What is below the system, such as the cache of a \
                 virtual machine's host, still has it."
            }
            Self::Text => {
                "A million texts of up to ten letters, in UCS-4, and as many byte strings, stored, \
                 from the file that NumPy wrote. As `String` and `Bytes` they are compared to the \
                 lists of Python's `str` and `bytes` that `tolist` makes; as `FixedStr` and \
                 `FixedBytes`, to NumPy's arrays."
            }
            Self::Bool => {
                "Random bools, which npz checks to be 0 or 1. Read from the file that NumPy wrote."
            }
            Self::Part => {
                "Of one array of f64, from the file that npz wrote. The rows are along the first \
                 axis, in the middle, rounded up to whole ones; NumPy loads all of them and \
                 copies these. To map and view reads no elements."
            }
            Self::Small => {
                "16 f64 each, stored. Read by name, from the file that NumPy wrote. To open means \
                 to have the list of names."
            }
            Self::Memory => {
                "Resident memory at the peak of the work, beyond the array itself and what was \
                 there before, in a fresh process. The array is a view, transposed, with steps of \
                 2 and −1."
            }
        }
    }
}

#[derive(Debug, Clone)]
pub struct Row {
    pub group: Group,
    pub name: String,
    /// What the tables say: the name and what there is of the data.
    pub label: String,
    pub task: Task,
    /// Of the data that is saved or loaded.
    pub bytes: u64,
    pub sides: Vec<Side>,
    /// In the pool of each side that has one; as many as there are cores if not said.
    pub threads: Option<usize>,
    /// Whether what is read is dropped from the system's cache before.
    pub is_cold: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Stored,
    Deflated,
}

impl Method {
    pub fn name(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Deflated => "deflated",
        }
    }
}

/// What a side is asked to do. What it views is a set that is stored whole.
#[derive(Debug, Clone)]
pub enum Task {
    Save {
        method: Method,
        set: String,
        cut: Cut,
    },
    Load {
        method: Method,
        set: String,
        cut: Cut,
        by: Author,
    },
    View {
        set: String,
        by: Author,
    },
    /// Text, stored by NumPy, as elements of this type of npz.
    Text {
        set: &'static str,
        element: &'static str,
    },
    SaveMany,
    LoadMany {
        by: Author,
    },
    Open,
}

/// Who wrote the file that is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    One(Side),
    Each,
}

impl Task {
    /// The task's words in the protocol, for `side`.
    pub fn request(&self, side: Side) -> String {
        let file = self.file(side);
        match self {
            Self::Save { method, set, cut } => format!("save {} {set} {cut} {file}", method.name()),
            Self::Load { set, cut, .. } => format!("load {set} {cut} {file}"),
            Self::View { set, .. } => format!("view {set} {file}"),
            Self::Text { element, .. } => format!("text {element} {file}"),
            Self::SaveMany => format!("save-many {file}"),
            Self::LoadMany { .. } => format!("load-many {file}"),
            Self::Open => format!("open {file}"),
        }
    }

    /// The file that `side` saves or loads.
    pub fn file(&self, side: Side) -> String {
        match (self, self.input(side)) {
            (_, Some((author, save))) => save.file(author),
            (Self::Save { method, set, cut }, _) => {
                format!("{}-{set}-{cut}-{}.npz", side.name(), method.name())
            }
            _ => format!("{}-many.npz", side.name()),
        }
    }

    pub fn saves(&self) -> bool {
        matches!(self, Self::Save { .. } | Self::SaveMany)
    }

    /// For a task that loads: who writes the file if `side` is to load it, and how.
    pub fn input(&self, side: Side) -> Option<(Side, Self)> {
        let author = |by: &Author| if let Author::One(author) = by { *author } else { side };
        let save = |method, set: &String, cut| Self::Save { method, set: set.clone(), cut };
        match self {
            Self::Save { .. } | Self::SaveMany => None,
            Self::Load { method, set, cut, by } => {
                Some((author(by), save(*method, set, cut.in_file())))
            }
            Self::View { set, by } => Some((author(by), save(Method::Stored, set, Cut::Whole))),
            Self::Text { set, .. } => {
                Some((Side::NumPy, save(Method::Stored, &(*set).to_owned(), Cut::Whole)))
            }
            Self::LoadMany { by } => Some((author(by), Self::SaveMany)),
            Self::Open => Some((Side::NumPy, Self::SaveMany)),
        }
    }

    /// For a task that saves: the one that loads what `author` saved.
    pub fn inverse(&self, author: Side) -> Option<Self> {
        let by = Author::One(author);
        match self {
            Self::Save { method, set, cut } => {
                Some(Self::Load { method: *method, set: set.clone(), cut: *cut, by })
            }
            Self::SaveMany => Some(Self::LoadMany { by }),
            Self::Load { .. }
            | Self::View { .. }
            | Self::Text { .. }
            | Self::LoadMany { .. }
            | Self::Open => None,
        }
    }

    /// The set that is saved or loaded, and what of it.
    pub fn data(&self) -> (&str, Cut) {
        match self {
            Self::Save { set, cut, .. } | Self::Load { set, cut, .. } => (set, *cut),
            Self::View { set, .. } => (set, Cut::Whole),
            Self::Text { set, .. } => (set, Cut::Whole),
            Self::SaveMany | Self::LoadMany { .. } | Self::Open => ("many", Cut::Whole),
        }
    }

    /// What `check` must answer for what was saved or loaded.
    pub fn checksum(&self, sets: &[Set], folder: &Path) -> Result<u64> {
        fn of<T: Element>(set: &Set, cut: Cut, folder: &Path) -> Result<u64> {
            let data: Vec<T> = set.load(folder)?;
            let source = Source { data: &data, shape: set.shape, cut };
            Ok(checksum(source.view().iter().copied()))
        }
        let (set, cut) = self.data();
        let set = Set::find(sets, set)?;
        if matches!(self, Self::Open) {
            return Ok(set.shape[0] as u64);
        }
        match set.dtype {
            Dtype::F64 => of::<f64>(set, cut, folder),
            Dtype::F32 => of::<f32>(set, cut, folder),
            Dtype::U8 => of::<u8>(set, cut, folder),
            Dtype::I16 => of::<i16>(set, cut, folder),
            Dtype::I32 => of::<i32>(set, cut, folder),
            Dtype::I64 => of::<i64>(set, cut, folder),
            Dtype::Bool => of::<bool>(set, cut, folder),
            // Of the characters and the bytes, ten of each text.
            Dtype::U10 => of::<u32>(&set.with_axis_of(10), cut, folder),
            Dtype::S10 => of::<u8>(&set.with_axis_of(10), cut, folder),
        }
    }
}

impl Row {
    /// Whether the name, with the group's, contains one of `parts`, or there are none.
    pub fn is_named(&self, parts: &[String]) -> bool {
        let name = format!("{}: {}", self.group.title(), self.name).to_lowercase();
        parts.is_empty() || parts.iter().any(|part| name.contains(&part.to_lowercase()))
    }

    /// Whether the time depends on the bytes of the data.
    pub fn has_speed(&self) -> bool {
        self.group != Group::Small && !matches!(self.task, Task::View { .. })
    }
}

/// All rows. Those with a cold cache only if there can be one.
pub fn rows(sets: &[Set], can_be_cold: bool) -> Result<Vec<Row>> {
    const PEERS: [Side; 5] =
        [Side::Npz, Side::NumPy, Side::NdarrayNpy, Side::NdarrayNpz, Side::Npyz];
    const WITH_PLAIN: [Side; 6] =
        [Side::Npz, Side::NumPy, Side::NdarrayNpy, Side::NdarrayNpz, Side::Npyz, Side::Plain];
    const WITH_LIBDEFLATE: [Side; 6] =
        [Side::Npz, Side::NumPy, Side::NdarrayNpy, Side::NdarrayNpz, Side::Npyz, Side::Libdeflate];
    const OWN: [Side; 2] = [Side::Npz, Side::NumPy];
    // The other two take minutes to deflate so much, and have no more buffers than this one.
    const MEMORY: [Side; 3] = [Side::Npz, Side::NumPy, Side::NdarrayNpy];
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let mut rows = Vec::new();
    let mut put_with = |threads: Option<usize>,
                        group: Group,
                        name: &str,
                        task: Task,
                        sides: &[Side]|
     -> Result<()> {
        let (set, cut) = task.data();
        let set = Set::find(sets, set)?;
        let bytes = set.nbytes(cut);
        let label = match group {
            Group::Part if matches!(task, Task::View { .. }) => name.to_owned(),
            Group::Stored | Group::Cold | Group::Bool | Group::Part | Group::Memory => {
                format!("{name}, {} MiB", mib(bytes))
            }
            Group::Small => format!("{name}, {} arrays", set.shape[0]),
            Group::Threads | Group::Text => name.to_owned(),
            _ => format!("{name}, {}", set.dtype.name()),
        };
        let sides = sides.iter().copied().filter(|side| side.is_here()).collect();
        let (name, is_cold) = (name.to_owned(), group == Group::Cold);
        rows.push(Row { group, name, label, task, bytes, sides, threads, is_cold });
        Ok(())
    };
    let mut put =
        |group, name: &str, task, sides: &[Side]| put_with(None, group, name, task, sides);
    let save = |method, set: &str, cut| Task::Save { method, set: set.to_owned(), cut };
    let load = |method, set: &str, cut, by| Task::Load { method, set: set.to_owned(), cut, by };
    let (npz, numpy) = (Author::One(Side::Npz), Author::One(Side::NumPy));
    let view = |set: &str| Task::View { set: set.to_owned(), by: npz };
    let (stored, deflated) = (Method::Stored, Method::Deflated);

    put(Group::Stored, "write", save(stored, "cube", Cut::Whole), &WITH_PLAIN)?;
    put(Group::Stored, "write, permuted", save(stored, "cube", Cut::Permuted), &PEERS)?;
    put(Group::Stored, "write, strided", save(stored, "cube", Cut::Strided), &PEERS)?;
    put(Group::Stored, "read", load(stored, "cube", Cut::Whole, numpy), &WITH_PLAIN)?;
    for set in CORPUS {
        put(Group::Deflate, set, save(deflated, set, Cut::Whole), &WITH_LIBDEFLATE)?;
    }
    for set in CORPUS {
        put(Group::Inflate, set, load(deflated, set, Cut::Whole, numpy), &WITH_LIBDEFLATE)?;
    }
    for set in CORPUS {
        put(Group::InflateOwn, set, load(deflated, set, Cut::Whole, Author::Each), &OWN)?;
    }
    for (name, element, set) in [
        ("<U10 as String", "String", "text"),
        ("<U10 as FixedStr", "FixedStr", "text"),
        ("S10 as Bytes", "Bytes", "bytes"),
        ("S10 as FixedBytes", "FixedBytes", "bytes"),
    ] {
        put(Group::Text, name, Task::Text { set, element }, &OWN)?;
    }
    put(Group::Bool, "write", save(stored, "flags", Cut::Whole), &PEERS)?;
    put(Group::Bool, "read", load(stored, "flags", Cut::Whole, numpy), &PEERS)?;
    put(Group::Bool, "write, deflated", save(deflated, "flags", Cut::Whole), &PEERS)?;
    put(Group::Bool, "read, deflated", load(deflated, "flags", Cut::Whole, numpy), &PEERS)?;
    if can_be_cold {
        put(Group::Cold, "read", load(stored, "cube", Cut::Whole, numpy), &WITH_PLAIN)?;
        put(Group::Cold, "read, deflated", load(deflated, "cube", Cut::Whole, numpy), &PEERS)?;
    }
    for method in [stored, deflated] {
        let parts = [("all", Cut::Whole), ("1 % of the rows", Cut::Rows)];
        for (part, cut) in parts {
            let name = format!("{part}, {}", method.name());
            put(Group::Part, &name, load(method, "cube", cut, npz), &OWN)?;
        }
    }
    for set in ["little", "half"] {
        let name = format!("map and view, {} MiB", mib(Set::find(sets, set)?.nbytes(Cut::Whole)));
        put(Group::Part, &name, view(set), &[Side::Npz])?;
    }
    put(Group::Small, "write", Task::SaveMany, &PEERS)?;
    put(Group::Small, "read each by name", Task::LoadMany { by: numpy }, &PEERS)?;
    put(Group::Small, "open", Task::Open, &PEERS)?;
    if cfg!(target_os = "linux") {
        let cut = Cut::Transposed;
        put(Group::Memory, "write", save(stored, "big", cut), &MEMORY)?;
        put(Group::Memory, "write, deflated", save(deflated, "big", cut), &MEMORY)?;
        put(Group::Memory, "read", load(stored, "big", cut, numpy), &MEMORY)?;
        put(Group::Memory, "read, deflated by NumPy", load(deflated, "big", cut, numpy), &MEMORY)?;
        put(Group::Memory, "read, deflated by npz", load(deflated, "big", cut, npz), &MEMORY)?;
    }
    for set in CORPUS {
        let task = load(deflated, set, Cut::Whole, numpy);
        put_with(Some(1), Group::InflateAlone, set, task, &[Side::Npz, Side::Libdeflate])?;
    }
    for (name, task) in [
        ("write", save(stored, "cube", Cut::Whole)),
        ("read", load(stored, "cube", Cut::Whole, numpy)),
        ("deflate rounded", save(deflated, "rounded", Cut::Whole)),
        ("inflate rounded, NumPy's", load(deflated, "rounded", Cut::Whole, numpy)),
        ("inflate rounded, npz's", load(deflated, "rounded", Cut::Whole, npz)),
        ("read text as String", Task::Text { set: "text", element: "String" }),
    ] {
        let cores = available_parallelism().map_or(1, usize::from);
        for threads in [1, 2, 4, 8].into_iter().filter(|&threads| threads <= cores) {
            let name = format!("{name}, {threads} thread{}", if threads == 1 { "" } else { "s" });
            put_with(Some(threads), Group::Threads, &name, task.clone(), &[Side::Npz])?;
        }
    }
    Ok(rows)
}
