//! [`Progress`]: how far a save is.

/// How far the writing of one member is. The function that is given to [`NpzWriter::progress`] is
/// called with it.
///
/// [`NpzWriter::progress`]: crate::NpzWriter::progress
///
/// # Examples
///
/// ```
/// use npz::{NpzWriter, Progress};
/// use std::io::Cursor;
///
/// fn show(p: Progress<'_>) {
///     println!("{}: {} of {} bytes", p.name, p.bytes_done, p.bytes_total);
/// }
/// let mut npz = NpzWriter::new(Cursor::new(Vec::new())).progress(show);
/// npz.array("x", &[1, 2, 3])?;   // x: 12 of 12 bytes
/// npz.finish()?;
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress<'a> {
    /// The array's name.
    pub name: &'a str,
    /// How many bytes of its elements have been taken. A few MiB of them may still be in memory, to
    /// be compressed or written.
    pub bytes_done: u64,
    /// How many bytes its elements have. When `bytes_done` reaches it, the member is complete.
    pub bytes_total: u64,
}
