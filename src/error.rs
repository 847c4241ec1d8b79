//! The crate's one error type.
//!
//! [`Error`] is opaque and one pointer wide: what went wrong is its
//! [`kind`](Error::kind), where it went wrong its [`array`](Error::array). A message
//! names what was expected and what was found; it does not repeat the message of
//! its [`source`](std::error::Error::source).

use std::path::{Path, PathBuf};
use std::{fmt, io};

use crate::dtype::DType;
use crate::visible::{TEXT, quoted, visible};

/// The way out where an array has numbers of another type than was asked for.
pub(crate) const GET_CAST: &str = "get_cast converts";

/// What the functions of this crate return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an array or an archive could not be saved or loaded.
///
/// Displayed, it says what was expected and what was found, and names the array. Where the
/// system failed, its reason is the [`source`](std::error::Error::source), which whatever
/// prints chains of errors adds; so does `{error:?}`, which is what `main` prints.
///
/// # Examples
///
/// ```
/// use npz::{ErrorKind, NpzReader, NpzWriter};
/// use std::io::Cursor;
///
/// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
/// npz.array("weights", &[1.0, 2.0])?.array("bias", &0.5)?;
/// let npz = NpzReader::new(npz.finish()?)?;
///
/// let error = npz.get::<Vec<f64>>("wieghts").unwrap_err();
/// assert_eq!(error.to_string(), "no array `wieghts`; the archive has `weights`, `bias`");
/// assert_eq!(error.array(), Some("wieghts"));
/// assert!(matches!(error.kind(), ErrorKind::NotFound { .. }));
///
/// let error = npz.get::<Vec<f32>>("weights").unwrap_err();
/// assert_eq!(error.to_string(), "array `weights`: expected dtype <f4, found <f8 (get_cast converts)");
///
/// let error = NpzReader::open("no/such.npz").unwrap_err();
/// # #[cfg(unix)]
/// assert_eq!(format!("{error:?}"), "cannot open `no/such.npz`: No such file or directory (os error 2)");
/// # Ok::<(), npz::Error>(())
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    path: Option<PathBuf>,
    array: Option<String>,
    kind: ErrorKind,
}

/// What kind of thing went wrong.
///
/// # Examples
///
/// ```
/// use npz::{ErrorKind, NpzReader};
///
/// let error = NpzReader::open("no/such/file.npz").unwrap_err();
/// match error.kind() {
///     ErrorKind::Io { source, .. } => assert_eq!(source.kind(), std::io::ErrorKind::NotFound),
///     other => panic!("{other}"),
/// }
/// ```
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The file system, or the reader or writer that was passed in, failed.
    #[error("cannot {}", visible(.action, TEXT))]
    #[non_exhaustive]
    Io {
        /// What was being done, with the file's name where there is one.
        action: String,
        /// What the system said.
        source: io::Error,
    },

    /// The file is not a zip archive, or its structure is damaged.
    #[error("{}", visible(.problem, TEXT))]
    #[non_exhaustive]
    Archive {
        /// What is wrong with it.
        problem: String,
    },

    /// The `.npy` header, or the body that it describes, is malformed.
    #[error("{}", visible(.problem, TEXT))]
    #[non_exhaustive]
    Npy {
        /// What is wrong with it.
        problem: String,
    },

    /// The bytes read are not those that were written.
    #[error("damaged: the archive records CRC-32 {expected:08x}, the bytes read have {found:08x}")]
    #[non_exhaustive]
    Checksum {
        /// The CRC-32 in the archive.
        expected: u32,
        /// The CRC-32 of the bytes that were read.
        found: u32,
    },

    /// The archive has no array of this name.
    #[error("no array {}; {}", quoted(.name), describe_names(.names, *.total))]
    #[non_exhaustive]
    NotFound {
        /// The name asked for.
        name: String,
        /// Names that exist, the most similar first; ten at the most.
        names: Vec<String>,
        /// How many arrays the archive has.
        total: usize,
    },

    /// The array's elements are not of the type asked for.
    #[error(
        "expected {}, found {}{}",
        visible(.expected, 200),
        visible(.found, 200),
        in_parentheses(.hint)
    )]
    #[non_exhaustive]
    WrongDtype {
        /// What was asked for, in words: `dtype <f4`, `numbers`.
        expected: String,
        /// The dtype in the file.
        found: DType,
        /// The way out, where there is one: `get_cast converts`.
        hint: Option<&'static str>,
    },

    /// The array has more or fewer dimensions than the type asked for.
    #[error(
        "expected {}, found shape {}",
        describe_ndim(*.expected),
        crate::error::shape_text(.found)
    )]
    #[non_exhaustive]
    WrongNdim {
        /// The number of dimensions of the type asked for.
        expected: usize,
        /// The shape in the file.
        found: Vec<usize>,
    },

    /// The array has another shape than the one that was to be filled.
    #[error(
        "expected shape {}, found {}",
        crate::error::shape_text(.expected),
        crate::error::shape_text(.found)
    )]
    #[non_exhaustive]
    WrongShape {
        /// The shape that was to be filled.
        expected: Vec<usize>,
        /// The shape in the file.
        found: Vec<usize>,
    },

    /// The array has no such slice.
    #[error("{}", visible(.problem, TEXT))]
    #[non_exhaustive]
    InvalidSlice {
        /// What is wrong with it.
        problem: String,
    },

    /// The array's bytes are not what its elements are in memory, or not in memory at all.
    #[error("it cannot be viewed in place: {}", visible(.problem, TEXT))]
    #[non_exhaustive]
    NoView {
        /// Why not, and the way out.
        problem: String,
    },

    /// An element is not a value of the type asked for: its bytes stand for nothing, as those
    /// of a `bool` of 2 do; or it cannot be cast or converted; or, on saving, NumPy has no such
    /// value.
    #[error("element {index}: {}", visible(.problem, TEXT))]
    #[non_exhaustive]
    InvalidValue {
        /// Which element, counted from 0 in the order of the file.
        index: usize,
        /// What is wrong with it.
        problem: String,
    },

    /// A single value has no exact equal in the type that `try_from` was to make of it: a
    /// date, a text of fixed size.
    #[error("{}", visible(.problem, TEXT))]
    #[non_exhaustive]
    Inexact {
        /// Which value, and which type.
        problem: String,
    },

    /// The reader is at its end, and there is no array: where several follow each other, the
    /// last one has been read.
    #[error("there is no array: the file ends here")]
    NoArray,

    /// The member of this name is not an array, although an array was asked for.
    #[error("it is not an array: {}", visible(.problem, TEXT))]
    #[non_exhaustive]
    NotAnArray {
        /// What it begins with, and the way out.
        problem: String,
    },

    /// More than one member of the archive answers to the name.
    #[error("{}", visible(.problem, TEXT))]
    #[non_exhaustive]
    Ambiguous {
        /// Which members, and the way out.
        problem: String,
    },

    /// The name cannot be given to an array.
    #[error("{}", visible(.problem, TEXT))]
    #[non_exhaustive]
    InvalidName {
        /// Why not.
        problem: String,
    },

    /// An option has a value that it cannot have.
    #[error("{}", visible(.problem, TEXT))]
    #[non_exhaustive]
    InvalidOption {
        /// Which one, and what it may be.
        problem: String,
    },

    /// There is more than [`Limits`](crate::Limits) allow.
    #[error("{}", visible(.problem, TEXT))]
    #[non_exhaustive]
    LimitExceeded {
        /// How much there is, and how much is allowed.
        problem: String,
    },

    /// The file is sound, but this crate (or this build of it) cannot read it.
    #[error("{}", visible(.problem, TEXT))]
    #[non_exhaustive]
    Unsupported {
        /// What is not supported, and the way out.
        problem: String,
    },

    /// An earlier write to this archive failed, so it can't be completed.
    #[error("an earlier write to this archive failed; it cannot be completed")]
    Unusable,

    /// Something of the caller's failed: what [`Error::other`] was made of.
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

impl fmt::Debug for ErrorKind {
    /// Writes the variant and its message, which is not longer than anybody reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variant = match self {
            Self::Io { .. } => "Io",
            Self::Archive { .. } => "Archive",
            Self::Npy { .. } => "Npy",
            Self::Checksum { .. } => "Checksum",
            Self::NotFound { .. } => "NotFound",
            Self::WrongDtype { .. } => "WrongDtype",
            Self::WrongNdim { .. } => "WrongNdim",
            Self::WrongShape { .. } => "WrongShape",
            Self::InvalidSlice { .. } => "InvalidSlice",
            Self::NoView { .. } => "NoView",
            Self::InvalidValue { .. } => "InvalidValue",
            Self::Inexact { .. } => "Inexact",
            Self::NoArray => "NoArray",
            Self::NotAnArray { .. } => "NotAnArray",
            Self::Ambiguous { .. } => "Ambiguous",
            Self::InvalidName { .. } => "InvalidName",
            Self::InvalidOption { .. } => "InvalidOption",
            Self::LimitExceeded { .. } => "LimitExceeded",
            Self::Unsupported { .. } => "Unsupported",
            Self::Unusable => "Unusable",
            Self::Other(_) => "Other",
        };
        write!(f, "{variant}({self})")
    }
}

impl Error {
    /// What kind of thing went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The name of the array concerned, if the error concerns one.
    pub fn array(&self) -> Option<&str> {
        self.0.array.as_deref()
    }

    /// The file concerned, if it was opened by its path.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::ReadNpz;
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.npy");
    /// std::fs::write(&path, "<!doctype html>").unwrap();
    /// let error = Vec::<f64>::load_npy(&path).unwrap_err();
    /// assert_eq!(error.path(), Some(&*path));
    /// assert!(error.to_string().contains("it is not an array: it is an HTML page"));
    /// ```
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// What kind of thing went wrong, without the array and the file that it concerns.
    pub fn into_kind(self) -> ErrorKind {
        self.0.kind
    }

    /// The error for something that only the caller knows to be wrong: for implementations of
    /// [`FromNpy`](crate::FromNpy), and for what [`save`](crate::save) is given.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::Array2;
    /// use npz::{Error, ErrorKind, FromNpy, npy::Incoming};
    ///
    /// struct Square(Array2<f64>);
    ///
    /// impl FromNpy for Square {
    ///     fn from_npy(array: Incoming<'_>) -> npz::Result<Self> {
    ///         let array = Array2::from_npy(array)?;
    ///         if !array.is_square() {
    ///             return Err(Error::other(format!("{:?} is not the shape of a square", array.dim())));
    ///         }
    ///         Ok(Self(array))
    ///     }
    /// }
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("x", &Array2::<f64>::zeros((2, 3)))?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// let error = npz.get::<Square>("x").err().unwrap();
    /// assert_eq!(error.to_string(), "array `x`: (2, 3) is not the shape of a square");
    /// assert!(matches!(error.kind(), ErrorKind::Other(_)));
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        ErrorKind::Other(error.into()).into()
    }

    /// Says which array the error concerns, unless that is known already.
    pub(crate) fn in_array(mut self, name: &str) -> Self {
        self.0.array.get_or_insert_with(|| name.to_owned());
        self
    }

    /// The same error in elements that come after `before` others.
    pub(crate) fn further(mut self, before: usize) -> Self {
        if let ErrorKind::InvalidValue { index, .. } = &mut self.0.kind {
            *index = index.saturating_add(before);
        }
        self
    }

    /// Says which file the error concerns.
    pub(crate) fn in_file(mut self, path: &Path) -> Self {
        self.0.path.get_or_insert_with(|| path.to_owned());
        self
    }

    /// Says which file the error concerns, where it is known.
    pub(crate) fn in_path(self, path: Option<&Path>) -> Self {
        match path {
            Some(path) => self.in_file(path),
            None => self,
        }
    }

    /// The error for an array that has been read without a reader, which has another way out.
    pub(crate) fn without_reader(mut self) -> Self {
        if let ErrorKind::WrongDtype { hint: hint @ Some(GET_CAST), .. } = &mut self.0.kind {
            *hint = Some("NpyReader::get_cast converts");
        }
        self
    }

    /// What was done to the file `path` failed.
    pub(crate) fn file(action: &str, path: &Path, source: io::Error) -> Self {
        Self::io(format!("{action} `{}`", path.display()), source).in_file(path)
    }

    /// What was being done failed. If it is an error of this crate that has come through somebody
    /// else's reader, it is given back.
    pub(crate) fn io(action: impl Into<String>, source: io::Error) -> Self {
        let action = action.into();
        source.downcast().unwrap_or_else(|source| ErrorKind::Io { action, source }.into())
    }

    /// The file ends before the array does.
    pub(crate) fn cut_short() -> Self {
        Self::npy("cut short: the file ends before the array does")
    }

    /// No memory can be had for so many bytes: a small file can hold much that is compressed, or
    /// a large one nothing at all.
    pub(crate) fn out_of_memory(size: usize) -> Self {
        Self::io(format!("allocate {size} bytes"), io::ErrorKind::OutOfMemory.into())
    }

    pub(crate) fn archive(problem: impl Into<String>) -> Self {
        let problem = problem.into();
        ErrorKind::Archive { problem }.into()
    }

    pub(crate) fn npy(problem: impl Into<String>) -> Self {
        ErrorKind::Npy { problem: problem.into() }.into()
    }

    pub(crate) fn no_view(problem: impl Into<String>) -> Self {
        ErrorKind::NoView { problem: problem.into() }.into()
    }

    /// Adds the way out to the error for an array that cannot be viewed in place.
    pub(crate) fn or_cow(mut self) -> Self {
        if let ErrorKind::NoView { problem } = &mut self.0.kind {
            problem.push_str(" (cow loads it)");
        }
        self
    }

    pub(crate) fn unsupported(problem: impl Into<String>) -> Self {
        ErrorKind::Unsupported { problem: problem.into() }.into()
    }

    /// `name` was not found among `names`.
    pub(crate) fn not_found<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Self {
        /// How many pairs of characters are compared: a few milliseconds' worth.
        const MOST_WORK: usize = 4_000_000;
        let mut work = 0_usize;
        let mut distance_to = |other: &str| {
            work = work.saturating_add(name.len().min(64).saturating_mul(other.len().min(64)));
            if work > MOST_WORK { usize::MAX } else { distance(name, other) }
        };
        let mut names: Vec<_> = names.map(|other| (distance_to(other), other)).collect();
        let total = names.len();
        names.sort_by_key(|&(distance, _)| distance); // stable: the archive's order among equals
        let names = names.into_iter().take(10).map(|(_, other)| other.to_owned()).collect();
        Self::from(ErrorKind::NotFound { name: name.to_owned(), names, total }).in_array(name)
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self(Box::new(Inner { path: None, array: None, kind }))
    }
}

impl From<Error> for io::Error {
    /// Wraps the error, for functions that return [`io::Result`]. Where the system failed, the
    /// kind is the system's.
    fn from(error: Error) -> Self {
        let kind = match error.kind() {
            ErrorKind::Io { source, .. } => source.kind(),
            ErrorKind::Archive { .. }
            | ErrorKind::Npy { .. }
            | ErrorKind::Checksum { .. }
            | ErrorKind::NotAnArray { .. }
            | ErrorKind::Ambiguous { .. }
            | ErrorKind::InvalidValue { .. } => io::ErrorKind::InvalidData,
            ErrorKind::NotFound { .. } => io::ErrorKind::NotFound,
            ErrorKind::NoArray => io::ErrorKind::UnexpectedEof,
            ErrorKind::Unsupported { .. } => io::ErrorKind::Unsupported,
            ErrorKind::Unusable | ErrorKind::Other(_) | ErrorKind::LimitExceeded { .. } => {
                io::ErrorKind::Other
            }
            _ => io::ErrorKind::InvalidInput,
        };
        Self::new(kind, error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An array is in a file that the caller knows; a failed action names the file itself.
        if let (Some(path), None) = (self.path(), self.array())
            && !matches!(self.kind(), ErrorKind::Io { .. })
        {
            write!(f, "{}: ", quoted(&path.to_string_lossy()))?;
        }
        match (self.array(), self.kind()) {
            (Some(name), kind) if !matches!(kind, ErrorKind::NotFound { .. }) => {
                write!(f, "array {}: {kind}", quoted(name))
            }
            (_, kind) => write!(f, "{kind}"),
        }
    }
}

impl fmt::Debug for Error {
    /// Writes it with its sources: what a program ends with whose `main` returns it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            write!(f, ": {}", visible(error, TEXT))?;
            source = error.source();
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(self.kind())
    }
}

/// A shape as Python writes a tuple: `()`, `(3,)`, `(3, 4)`.
pub(crate) fn shape_text(shape: &[usize]) -> String {
    match shape {
        [len] => format!("({len},)"),
        _ => {
            let lens: Vec<_> = shape.iter().map(usize::to_string).collect();
            format!("({})", lens.join(", "))
        }
    }
}

fn describe_ndim(ndim: usize) -> String {
    match ndim {
        0 => "0 dimensions (a scalar)".to_owned(),
        1 => "1 dimension".to_owned(),
        _ => format!("{ndim} dimensions"),
    }
}

fn in_parentheses(hint: &Option<&str>) -> String {
    hint.map(|hint| format!(" ({hint})")).unwrap_or_default()
}

fn describe_names(names: &[String], total: usize) -> String {
    if names.is_empty() {
        return "the archive has no arrays".to_owned();
    }
    let names: Vec<_> = names.iter().map(|name| quoted(name)).collect();
    let more = match total.saturating_sub(names.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("the archive has {}{more}", names.join(", "))
}

/// How many characters must be inserted, deleted or replaced to make `a` of `b`
/// (Levenshtein). Only the first 64 of each are looked at, which bounds the time
/// on names that come from a file.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "the row is one longer than `b`, and counts to 128 at most"
)]
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("", ""), 0);
        assert_eq!(distance("weights", "weights"), 0);
        assert_eq!(distance("wieghts", "weights"), 2);
        assert_eq!(distance("", "bias"), 4);
        assert_eq!(distance("bias", "basis"), 3);
    }

    #[test]
    fn nearest_names_come_first_and_the_rest_is_counted() {
        let names: Vec<String> = (0..12).map(|i| format!("layer{i}")).collect();
        let error = Error::not_found("layer7", names.iter().map(String::as_str));
        let text = error.to_string();
        assert!(text.starts_with("no array `layer7`; the archive has `layer7`, "), "{text}");
        assert!(text.ends_with(" and 2 more"), "{text}");
        let hostile = Error::not_found("\x1b[31m", ["a\nb"].into_iter());
        assert_eq!(hostile.to_string(), r"no array `\u{1b}[31m`; the archive has `a\nb`");
        let empty = Error::not_found("x", std::iter::empty());
        assert_eq!(empty.to_string(), "no array `x`; the archive has no arrays");
    }

    #[test]
    fn shapes_read_like_python_tuples() {
        assert_eq!(shape_text(&[]), "()");
        assert_eq!(shape_text(&[3]), "(3,)");
        assert_eq!(shape_text(&[3, 4]), "(3, 4)");
    }
}
