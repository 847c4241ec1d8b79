//! The crate's one error type.
//!
//! [`Error`] is opaque and one pointer wide: what went wrong is its
//! [`kind`](Error::kind), where it went wrong its [`array`](Error::array). A message
//! names what was expected and what was found; it does not repeat the message of
//! its [`source`](std::error::Error::source).

mod kind;
mod similar;

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::{fmt, io};

use crate::visible::{TEXT, quoted, visible};

pub use kind::ErrorKind;

/// The way out where an array has numbers of another type than was asked for.
pub(crate) const GET_CAST: &str = "get_cast converts";

/// What the functions of this crate return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an array or an archive could not be saved or loaded.
///
/// Its message names the array, and says what was expected, what was found and what to do. If the
/// system failed, its own error is the [`source`](std::error::Error::source). `{error:?}`, which is
/// what a failing `main` prints, writes it too.
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
    /// Whether the message names the file even if it names an array.
    names_path: bool,
    array: Option<String>,
    kind: ErrorKind,
}

impl Error {
    /// What kind of thing went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The name of the array that the error concerns, if it concerns one.
    pub fn array(&self) -> Option<&str> {
        self.0.array.as_deref()
    }

    /// The file that the error concerns, if it was opened by its path, or the object in a store.
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

    /// The error for a file, or an object in a store, that could not be read or written: an
    /// [`ErrorKind::Io`]. For implementations of [`ReadAt`](crate::ReadAt) and [`io::Write`], which
    /// return it as an [`io::Error`]. What reads or writes through them returns it as it is.
    ///
    /// `action` is what failed, such as "read".
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{Error, ErrorKind};
    /// use std::io;
    /// use std::path::Path;
    ///
    /// let error = Error::file("read", "runs/1.npz", io::Error::other("no answer"));
    /// assert_eq!(format!("{error:?}"), "cannot read `runs/1.npz`: no answer");
    /// assert_eq!(error.path(), Some(Path::new("runs/1.npz")));
    /// assert!(matches!(error.kind(), ErrorKind::Io { .. }));
    /// ```
    pub fn file(action: &str, path: impl AsRef<Path>, source: io::Error) -> Self {
        let path = path.as_ref();
        Self::io(format!("{action} `{}`", path.display()), source).in_file(path)
    }

    /// Says which file, or object in a store, the error concerns, unless that is known already. Its
    /// message names it.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::Error;
    ///
    /// let error = Error::other("it is not of this run").in_file("runs/1.npz");
    /// assert_eq!(error.to_string(), "`runs/1.npz`: it is not of this run");
    /// ```
    #[must_use]
    pub fn in_file(mut self, path: impl AsRef<Path>) -> Self {
        self.0.path.get_or_insert_with(|| path.as_ref().to_owned());
        self.0.names_path = true;
        self
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

    /// Says which file a reader or writer is of, where that is known. The caller knows it, too, so that
    /// a message about an array does not name it.
    pub(crate) fn in_path(mut self, path: Option<&Path>) -> Self {
        self.0.path = self.0.path.or_else(|| path.map(Path::to_owned));
        self
    }

    /// The error for an array that has been read without a reader, which has another way out.
    pub(crate) fn without_reader(mut self) -> Self {
        if let ErrorKind::WrongDtype { hint: Some(hint), .. } = &mut self.0.kind
            && hint == GET_CAST
        {
            *hint = "NpyReader::get_cast converts".into();
        }
        self
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

    /// The source ends before what was there when it was opened.
    pub(crate) fn source_cut_short() -> Self {
        Self::archive("the file was cut short while it was read")
    }

    /// No memory can be had for so many bytes: a small file can hold much that is compressed, or
    /// a large one nothing at all.
    pub(crate) fn out_of_memory(size: usize) -> Self {
        Self::io(format!("allocate {size} bytes"), io::ErrorKind::OutOfMemory.into())
    }

    /// Adds where the complete file is that could not get its name.
    pub(crate) fn kept_as(mut self, path: &Path) -> Self {
        let note = format!(" (the complete file is `{}`)", path.display());
        match &mut self.0.kind {
            ErrorKind::Io { action, .. } => action.push_str(&note),
            ErrorKind::Changed { problem } => problem.push_str(&note),
            _ => {}
        }
        self
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
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self(Box::new(Inner { path: None, names_path: false, array: None, kind }))
    }
}

impl From<Infallible> for Error {
    /// For conversions that cannot fail, where others can.
    fn from(never: Infallible) -> Self {
        match never {}
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
            ErrorKind::Changed { .. }
            | ErrorKind::Unusable
            | ErrorKind::Other(_)
            | ErrorKind::LimitExceeded { .. } => io::ErrorKind::Other,
            _ => io::ErrorKind::InvalidInput,
        };
        Self::new(kind, error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = self.path()
            && (self.0.names_path || self.array().is_none())
        {
            let path = path.to_string_lossy();
            // Some actions name the file themselves.
            if !matches!(self.kind(), ErrorKind::Io { action, .. } if action.contains(&*path)) {
                write!(f, "{}: ", quoted(&path))?;
            }
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
    /// Writes the message, and those of the sources: a program whose `main` returns an error prints
    /// it so.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_read_like_python_tuples() {
        assert_eq!(shape_text(&[]), "()");
        assert_eq!(shape_text(&[3]), "(3,)");
        assert_eq!(shape_text(&[3, 4]), "(3, 4)");
    }
}
