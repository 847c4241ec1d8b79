//! [`ErrorKind`]: what went wrong, and the messages that say so.

use std::borrow::Cow;
use std::{fmt, io};

use super::shape_text;
use super::similar::describe_names;
use crate::dtype::DType;
use crate::visible::{TEXT, quoted, visible};

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
        /// What failed, such as "open `run.npz`".
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

    /// The array's elements are of another type than was asked for.
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
        /// What to do instead, if there is something: `get_cast converts`.
        hint: Option<Cow<'static, str>>,
    },

    /// The array has more or fewer dimensions than the type asked for.
    #[error(
        "expected {}, found shape {}",
        describe_ndim(*.expected),
        shape_text(.found)
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
        shape_text(.expected),
        shape_text(.found)
    )]
    #[non_exhaustive]
    WrongShape {
        /// The shape that was to be filled.
        expected: Vec<usize>,
        /// The shape in the file.
        found: Vec<usize>,
    },

    /// The slice reaches outside the array, or has another number of axes.
    #[error("{}", visible(.problem, TEXT))]
    #[non_exhaustive]
    InvalidSlice {
        /// What is wrong with it.
        problem: String,
    },

    /// The array cannot be viewed where it is: its bytes are not what its elements are in memory, or
    /// they are not in memory.
    #[error("it cannot be viewed in place: {}", visible(.problem, TEXT))]
    #[non_exhaustive]
    NoView {
        /// Why not, and what to do instead.
        problem: String,
    },

    /// An element is not a value of the type asked for: its bytes have no meaning, as those of a
    /// `bool` of 2; or it cannot be cast or converted; or, on saving, NumPy has no such value.
    #[error("element {index}: {}", visible(.problem, TEXT))]
    #[non_exhaustive]
    InvalidValue {
        /// Which element, counted from 0 in the order of the file.
        index: usize,
        /// What is wrong with it.
        problem: String,
    },

    /// A single value, such as a date, cannot be converted exactly by `try_from`.
    #[error("{}", visible(.problem, TEXT))]
    #[non_exhaustive]
    Inexact {
        /// Which value, and which type.
        problem: String,
    },

    /// The reader is at its end, so there is no array. If several arrays follow each other, the last
    /// one has been read.
    #[error("there is no array: the file ends here")]
    NoArray,

    /// The member of this name is not an array, although an array was asked for.
    #[error("it is not an array: {}", visible(.problem, TEXT))]
    #[non_exhaustive]
    NotAnArray {
        /// What it is, as far as that is known.
        problem: String,
    },

    /// Several members of the archive have this name.
    #[error("{}", visible(.problem, TEXT))]
    #[non_exhaustive]
    Ambiguous {
        /// Which members, and what to do.
        problem: String,
    },

    /// The name cannot be given to an array.
    #[error("{}", visible(.problem, TEXT))]
    #[non_exhaustive]
    InvalidName {
        /// Why not.
        problem: String,
    },

    /// Another program has changed, replaced or removed the file since it was opened to be extended
    /// or changed.
    #[error("{}", visible(.problem, TEXT))]
    #[non_exhaustive]
    Changed {
        /// What has happened, and where the new file is.
        problem: String,
    },

    /// An option has an invalid value.
    #[error("{}", visible(.problem, TEXT))]
    #[non_exhaustive]
    InvalidOption {
        /// Which one, and what it may be.
        problem: String,
    },

    /// The file holds more than [`Limits`](crate::Limits) allow.
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
        /// What is not supported, and what to do.
        problem: String,
    },

    /// An earlier write to this archive failed, so that it cannot be completed.
    #[error("an earlier write to this archive failed; it cannot be completed")]
    Unusable,

    /// Something of the caller's failed: what [`Error::other`](super::Error::other) was made of.
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
            Self::Changed { .. } => "Changed",
            Self::InvalidOption { .. } => "InvalidOption",
            Self::LimitExceeded { .. } => "LimitExceeded",
            Self::Unsupported { .. } => "Unsupported",
            Self::Unusable => "Unusable",
            Self::Other(_) => "Other",
        };
        write!(f, "{variant}({self})")
    }
}

fn describe_ndim(ndim: usize) -> String {
    match ndim {
        0 => "0 dimensions (a scalar)".to_owned(),
        1 => "1 dimension".to_owned(),
        _ => format!("{ndim} dimensions"),
    }
}

fn in_parentheses(hint: &Option<Cow<'_, str>>) -> String {
    hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default()
}
