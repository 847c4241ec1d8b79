//! What a store says as an [`io::Error`], and the name of the object that it says it of.

use std::io;

use object_store::Error;
use object_store::path::Path;

/// The name of an object, as errors have it.
pub(crate) fn name_of(location: &Path) -> &std::path::Path {
    let name: &str = location.as_ref();
    std::path::Path::new(name)
}

/// The error of a store, with the kind that the standard library has for it.
pub(crate) fn io_error(error: Error) -> io::Error {
    let kind = match &error {
        Error::NotFound { .. } => io::ErrorKind::NotFound,
        Error::AlreadyExists { .. } => io::ErrorKind::AlreadyExists,
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
            io::ErrorKind::PermissionDenied
        }
        Error::NotSupported { .. } | Error::NotImplemented { .. } => io::ErrorKind::Unsupported,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}
