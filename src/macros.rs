//! `savez!`, `savez_compressed!`, `archive!` and `record!`.

/// Saves arrays in an `.npz` file, uncompressed: `numpy.savez(path, x=x, y=labels)`.
///
/// It takes the path, and then variables, which are saved under their own names, and
/// `name = value` pairs, in any order. The values are borrowed. For names that are not identifiers
/// use [`save`](crate::save). The file appears, or replaces the old one, when it is whole, as
/// described at [`NpzWriter::create`](crate::NpzWriter::create).
///
/// It returns a [`Result<()>`](crate::Result).
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
/// In all else it is the same as [`savez!`](crate::savez!).
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

/// Lets a struct be saved as an archive, and loaded again: each field is an array.
///
/// A field is whatever implements [`ToNpy`](crate::ToNpy) and [`FromNpy`](crate::FromNpy):
/// ndarray's arrays, `Vec`s, numbers, `String`s, and types of your own. It is saved under its own
/// name. It may also be another struct that has been given to `archive!`, whose arrays are called
/// `field/…` then; or an `Option` of either, which is `None` if the archive does not have it.
/// All fields of the struct are listed.
///
/// The struct gets four methods:
///
/// * `fn save(&self, path: impl AsRef<Path>) -> npz::Result<()>` saves an archive of it alone,
///   as [`save`](crate::save) does.
/// * `fn load(path: impl AsRef<Path>) -> npz::Result<Self>` loads it.
/// * `fn write_to<W: Write>(&self, npz: &mut NpzWriter<W>, prefix: &str) -> npz::Result<()>` adds
///   it to an archive; its arrays are called `prefix/…`, or with an empty prefix as the fields
///   are.
/// * `fn read_from<R>(npz: &NpzReader<R>, prefix: &str) -> npz::Result<Self>` loads it from
///   there.
///
/// # Errors
///
/// Those of [`NpzWriter::array`](crate::NpzWriter::array) and
/// [`NpzReader::get`](crate::NpzReader::get).
///
/// # Examples
///
/// ```
/// use ndarray::{Array1, Array2};
/// use npz::{NpzReader, NpzWriter};
///
/// #[derive(Debug, PartialEq)]
/// struct Run {
///     field: Array2<f64>,
///     steps: u64,
///     solver: String,
///     adam: Adam,
///     mask: Option<Array2<bool>>,
/// }
/// npz::archive!(Run { field, steps, solver, adam, mask });
///
/// #[derive(Debug, PartialEq)]
/// struct Adam {
///     m: Array1<f32>,
///     v: Array1<f32>,
/// }
/// npz::archive!(Adam { m, v });
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("run.npz");
/// let adam = Adam { m: Array1::zeros(3), v: Array1::ones(3) };
/// let run = Run { field: Array2::eye(2), steps: 7, solver: "rk4".into(), adam, mask: None };
/// run.save(&path)?;
/// assert_eq!(Run::load(&path)?, run);
///
/// let npz = NpzReader::open(&path)?;
/// let names: Vec<_> = npz.names().collect();
/// assert_eq!(names, ["field", "steps", "solver", "adam/m", "adam/v"]);
/// let adam = Adam::read_from(&npz, "adam")?;
///
/// // Several in one archive.
/// let mut npz = NpzWriter::create(&path)?;
/// adam.write_to(&mut npz, "first")?;
/// adam.write_to(&mut npz, "second")?;
/// npz.finish()?;
/// # Ok::<(), npz::Error>(())
/// ```
#[macro_export]
macro_rules! archive {
    ($archive:ident { $($field:ident),+ $(,)? }) => {
        #[allow(dead_code)]
        impl $archive {
            /// Saves it as the archive in the file `path`.
            pub fn save<P: ::core::convert::AsRef<::std::path::Path>>(&self, path: P) -> $crate::Result<()> {
                $crate::save(path, |npz| self.write_to(npz, ""))
            }

            /// Loads it from the archive in the file `path`.
            pub fn load<P: ::core::convert::AsRef<::std::path::Path>>(path: P) -> $crate::Result<Self> {
                Self::read_from(&$crate::NpzReader::open(path)?, "")
            }

            /// Adds it to an archive. Its arrays are called `prefix/…`.
            pub fn write_to<W: ::std::io::Write>(
                &self,
                npz: &mut $crate::NpzWriter<W>,
                prefix: &str,
            ) -> $crate::Result<()> {
                use $crate::__private::field::{Field, name};
                $(Field::write(&self.$field, npz, &name(prefix, $crate::__name!($field)))?;)+
                ::core::result::Result::Ok(())
            }

            /// Loads it from an archive in which its arrays are called `prefix/…`.
            pub fn read_from<R>(npz: &$crate::NpzReader<R>, prefix: &str) -> $crate::Result<Self> {
                use $crate::__private::field::{Field, name};
                ::core::result::Result::Ok(Self {
                    $($field: Field::read(npz, &name(prefix, $crate::__name!($field)))?),+
                })
            }
        }

        impl $crate::__private::field::Field for $archive {
            fn write<W: ::std::io::Write>(
                &self,
                npz: &mut $crate::NpzWriter<W>,
                name: &str,
            ) -> $crate::Result<()> {
                self.write_to(npz, name)
            }

            fn read<R>(npz: &$crate::NpzReader<R>, name: &str) -> $crate::Result<Self> {
                Self::read_from(npz, name)
            }

            fn is_in<R>(npz: &$crate::NpzReader<R>, name: &str) -> bool {
                $crate::__private::field::has_any(npz, name)
            }
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

/// Makes a struct an element type: `numpy.dtype([("id", "<u8"), ("pos", "<f8", (3,)), …])`.
///
/// The struct must be `#[repr(C)]`, `Copy` and [`bytemuck::Zeroable`](https://docs.rs/bytemuck),
/// for which your package needs `bytemuck = { version = "1", features = ["derive"] }`. If it is
/// `bytemuck::Pod` too, and has no padding, arrays of it are saved and loaded at the speed of a
/// copy, and can be viewed in place. A field is a number, a `bool`, a date, a
/// [`FixedBytes`](crate::FixedBytes) or [`FixedStr`](crate::FixedStr), another record, or an
/// array `[T; N]` of these, which NumPy calls a subarray.
///
/// In the dtype the fields are at their offsets in memory, as in C. Padding, and fields that are
/// not listed, are saved as zeros and loaded as zeros. Fields are loaded by name: the records in a
/// file may have them in another order or byte order, and may have other fields.
///
/// # Examples
///
/// ```
/// use npz::{NpzReader, NpzWriter};
/// use std::io::Cursor;
///
/// #[derive(Debug, Clone, Copy, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
/// #[repr(C)]
/// struct Particle {
///     id: u64,
///     pos: [f64; 3],
///     mass: f64,
/// }
/// npz::record!(Particle { id, pos, mass });
///
/// let particles = vec![Particle { id: 7, pos: [0.0, 0.5, 1.0], mass: 1.5 }; 10];
/// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
/// npz.array("particles", &particles)?;   // in Python: d["particles"]["mass"]
///
/// let npz = NpzReader::new(npz.finish()?)?;
/// assert_eq!(npz.get::<Vec<Particle>>("particles")?, particles);
/// let dtype = npz.info("particles")?.dtype().to_string();
/// assert_eq!(dtype, "[('id', '<u8'), ('pos', '<f8', (3,)), ('mass', '<f8')]");
/// # Ok::<(), npz::Error>(())
/// ```
#[macro_export]
macro_rules! record {
    ($record:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::__private::Sealed for $record {}

        impl $crate::Element for $record {
            fn dtype(endian: $crate::Endian) -> $crate::DType {
                use $crate::__private::record::{dtype, field_dtype};
                dtype::<Self>(::std::vec![$((
                    $crate::__name!($field),
                    ::core::mem::offset_of!(Self, $field),
                    field_dtype(endian, |record: &Self| record.$field),
                )),+])
            }

            fn as_bytes<'a>(values: &'a [Self], dtype: &$crate::DType) -> ::core::option::Option<&'a [u8]> {
                let bulk = $crate::__in_bulk!(dtype)?;
                ::core::option::Option::Some((bulk.as_bytes)(values))
            }

            fn encode(values: $crate::__private::ArrayViewD<'_, Self>, dtype: &$crate::DType, out: &mut [u8]) {
                out.fill(0);
                let mut columns = $crate::__private::record::ColumnsMut { values, dtype, out };
                $(columns.write($crate::__name!($field), |record| record.$field);)+
            }
        }

        impl $crate::LoadElement for $record {
            fn accepts(dtype: &$crate::DType) -> bool {
                ::core::matches!(dtype, $crate::DType::Record(_))
            }

            fn decode(
                body: $crate::__private::Body<'_>,
                dtype: &$crate::DType,
                len: usize,
            ) -> $crate::Result<::std::vec::Vec<Self>> {
                if let ::core::option::Option::Some(bulk) = $crate::__in_bulk!(dtype) {
                    return (bulk.decode)(body, dtype, len);
                }
                use $crate::__private::record::decode;
                decode(body, dtype, len, |columns, records: &mut [Self]| {
                    $(columns.read($crate::__name!($field), records, |record, field| record.$field = field)?;)+
                    ::core::result::Result::Ok(())
                })
            }

            fn fill(
                values: &mut [Self],
                dtype: &$crate::DType,
                body: &mut $crate::__private::Body<'_>,
            ) -> ::core::option::Option<$crate::Result<()>> {
                ($crate::__in_bulk!(dtype)?.fill)(values, dtype, body)
            }
        }

        impl $crate::ViewElement for $record {
            fn from_bytes<'a>(bytes: &'a [u8], dtype: &$crate::DType) -> $crate::Result<&'a [Self]> {
                match $crate::__in_bulk!(dtype) {
                    ::core::option::Option::Some(bulk) => (bulk.from_bytes)(bytes, dtype),
                    _ => ::core::result::Result::Err($crate::__private::record::no_view(dtype)),
                }
            }

            fn from_bytes_mut<'a>(
                bytes: &'a mut [u8],
                dtype: &$crate::DType,
            ) -> $crate::Result<&'a mut [Self]> {
                match $crate::__in_bulk!(dtype) {
                    ::core::option::Option::Some(bulk) => (bulk.from_bytes_mut)(bytes, dtype),
                    _ => ::core::result::Result::Err($crate::__private::record::no_view(dtype)),
                }
            }
        }
    };
}

/// How the records of `dtype` are copied in bulk, in an implementation of `Element`.
#[doc(hidden)]
#[macro_export]
macro_rules! __in_bulk {
    ($dtype:ident) => {{
        #[allow(unused_imports)]
        use $crate::__private::record::{Bulk as _, ByField as _, Layout, is_bulk};
        let native = <Self as $crate::Element>::dtype($crate::Endian::NATIVE);
        let bulk = (&Layout(::core::marker::PhantomData::<Self>)).in_bulk();
        bulk.filter(|_| is_bulk($dtype, &native))
    }};
}
