//! `savez!` and `savez_compressed!`.

/// Saves arrays in an `.npz` file, uncompressed: `numpy.savez(path, x=x, y=labels)`.
///
/// Takes the path, then variables, which are saved under their own names, and
/// `name = value` pairs, in any mixture. The values are borrowed. The file appears, or
/// replaces the old one, when it is whole, as described at
/// [`NpzWriter::create`](crate::NpzWriter::create).
///
/// Evaluates to a [`Result<()>`](crate::Result).
///
/// # Errors
///
/// Those of [`NpzWriter::create`](crate::NpzWriter::create),
/// [`NpzWriter::array`](crate::NpzWriter::array) and
/// [`NpzWriter::finish`](crate::NpzWriter::finish).
///
/// # Examples
///
/// ```
/// use ndarray::array;
/// use npz::{NpzReader, savez};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("run.npz");
/// let x = array![[1.0, 2.0], [3.0, 4.0]];
/// let labels = vec![0, 1];
/// savez!(&path, x, y = labels, xt = x.t(), rate = 0.5)?;
///
/// let npz = NpzReader::open(&path)?;
/// assert_eq!(npz.names().collect::<Vec<_>>(), ["x", "y", "xt", "rate"]);
/// # Ok::<(), npz::Error>(())
/// ```
#[macro_export]
macro_rules! savez {
    ($path:expr $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::__savez!($crate::Compression::Stored, $path $(, $name $(= $value)?)*)
    };
}

/// Saves arrays in an `.npz` file, deflated at level 6:
/// `numpy.savez_compressed(path, x=x, y=labels)`.
///
/// Otherwise the same as [`savez!`](crate::savez!).
///
/// # Errors
///
/// Those of [`savez!`](crate::savez!).
///
/// # Examples
///
/// ```
/// use npz::{NpzReader, savez_compressed};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("run.npz");
/// let counts = vec![0_u32; 10_000];
/// savez_compressed!(&path, counts)?;
/// assert!(NpzReader::open(&path)?.info("counts")?.compressed_size() < 400);
/// # Ok::<(), npz::Error>(())
/// ```
#[cfg(feature = "deflate")]
#[macro_export]
macro_rules! savez_compressed {
    ($path:expr $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::__savez!($crate::Compression::Deflate(6), $path $(, $name $(= $value)?)*)
    };
}

/// The values are taken by a `match`, so that a `?` in one of them leaves the caller's
/// function and temporaries live long enough; then written by a closure.
#[doc(hidden)]
#[macro_export]
macro_rules! __savez {
    ($compression:expr, $path:expr $(, $name:ident $(= $value:expr)?)*) => {
        match (&$path, $(&$crate::__value!($name $(= $value)?),)*) {
            (path, $($name,)*) => (|| -> $crate::Result<()> {
                #[allow(unused_mut)]
                let mut npz = $crate::NpzWriter::create(path)?.compression($compression);
                #[allow(unused_imports)]
                use $crate::WriteNpz as _;
                // As methods, which take references to arrays as well as arrays.
                $($name.write_npz(&mut npz, $crate::__name!($name))?;)*
                npz.finish().map(::core::mem::drop)
            })(),
        }
    };
}

/// `name = value` is the value, `name` alone the variable of that name.
#[doc(hidden)]
#[macro_export]
macro_rules! __value {
    ($name:ident = $value:expr) => {
        $value
    };
    ($name:ident) => {
        $name
    };
}

/// The name without the `r#` that it may need to have in Rust.
#[doc(hidden)]
#[macro_export]
macro_rules! __name {
    ($name:ident) => {
        ::core::stringify!($name).trim_start_matches("r#")
    };
}
