//! What a reader or a writer is, in a line: after NumPy's `NpzFile 'run.npz' with keys: x, y`.

use std::fmt;
use std::path::Path;

use crate::visible::visible_name;

/// As many names as NumPy shows.
const SHOWN: usize = 5;

/// Writes `NpzReader "run.npz" with 2 arrays: x, y`; `sort` is what the `names` are those of.
pub(crate) fn write<'a>(
    f: &mut fmt::Formatter<'_>,
    what: &str,
    path: Option<&Path>,
    sort: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> fmt::Result {
    let names: Vec<_> = names.into_iter().collect();
    f.write_str(what)?;
    if let Some(path) = path {
        write!(f, " {path:?}")?;
    }
    let plural = if names.len() == 1 { "" } else { "s" };
    write!(f, " with {} {sort}{plural}", names.len())?;
    for (index, name) in names.iter().take(SHOWN).enumerate() {
        write!(f, "{} {}", if index == 0 { ":" } else { "," }, visible_name(name))?;
    }
    if names.len() > SHOWN { f.write_str(", …") } else { Ok(()) }
}
