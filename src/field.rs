//! What `archive!` generates calls to: structs whose fields are the arrays of an archive.

use std::io::Write;

use crate::error::Result;
use crate::npy::{FromNpy, ToNpy};
use crate::reader::NpzReader;
use crate::writer::NpzWriter;

/// What can be a field of an archive: an array, another struct of arrays, or an `Option` of
/// either.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of `npz::archive!`",
    label = "neither an array nor a struct of arrays",
    note = "what implements `npz::ToNpy` and `npz::FromNpy` can, other structs that have been given \
            to `npz::archive!`, and `Option`s of them"
)]
pub trait Field: Sized {
    /// Adds it to an archive: as the array `name`, or as the arrays `name/…`.
    fn write<W: Write>(&self, npz: &mut NpzWriter<W>, name: &str) -> Result<()>;

    /// Loads it from an archive.
    fn read<R>(npz: &NpzReader<R>, name: &str) -> Result<Self>;

    /// Whether an archive has it, or some of it.
    fn is_in<R>(npz: &NpzReader<R>, name: &str) -> bool;
}

impl<T: ToNpy + FromNpy> Field for T {
    fn write<W: Write>(&self, npz: &mut NpzWriter<W>, name: &str) -> Result<()> {
        npz.array(name, self).map(drop)
    }

    fn read<R>(npz: &NpzReader<R>, name: &str) -> Result<Self> {
        npz.get(name)
    }

    fn is_in<R>(npz: &NpzReader<R>, name: &str) -> bool {
        npz.contains(name)
    }
}

impl<T: Field> Field for Option<T> {
    fn write<W: Write>(&self, npz: &mut NpzWriter<W>, name: &str) -> Result<()> {
        self.iter().try_for_each(|field| field.write(npz, name))
    }

    fn read<R>(npz: &NpzReader<R>, name: &str) -> Result<Self> {
        T::is_in(npz, name).then(|| T::read(npz, name)).transpose()
    }

    fn is_in<R>(npz: &NpzReader<R>, name: &str) -> bool {
        T::is_in(npz, name)
    }
}

/// The name of a field of the struct whose arrays are called `prefix/…`.
pub fn name(prefix: &str, field: &str) -> String {
    if prefix.is_empty() { field.to_owned() } else { format!("{prefix}/{field}") }
}

/// Whether some member of an archive is called `prefix/…`.
pub fn has_any<R>(npz: &NpzReader<R>, prefix: &str) -> bool {
    npz.members().any(|name| name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/')))
}
