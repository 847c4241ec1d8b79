//! Saving and loading in one call: [`WriteNpz`] and [`ReadNpz`].

use std::io::{Read, Write};
use std::path::Path;

use crate::dtype::Endian;
use crate::error::{Error, Result};
use crate::io::Reader;
use crate::limits::Limits;
use crate::npy::{Encode, FromNpy, Gather, Incoming, ToNpy};
use crate::reader::{NpyReader, NpzReader};
use crate::writer::{NpyWriter, NpzWriter};

/// Reads the array in the `.npy` file `path`: `numpy.load`. It is [`ReadNpz::load_npy`] as a function.
///
/// # Errors
///
/// Those of [`NpyReader::open`] and [`NpyReader::get`].
///
/// # Examples
///
/// See [`write_npy`].
pub fn read_npy<P: AsRef<Path>, T: FromNpy>(path: P) -> Result<T> {
    T::load_npy(path)
}

/// Writes an array to the `.npy` file `path`: `numpy.save`. It is [`WriteNpz::save_npy`] as a function; no
/// `.npy` is added to the name.
///
/// # Errors
///
/// [`ErrorKind::Io`](crate::ErrorKind::Io) if the file cannot be written.
///
/// # Examples
///
/// ```
/// use ndarray::{Array2, array};
/// use npz::{read_npy, write_npy};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npy");
/// let x = array![[1.0, 2.0], [3.0, 4.0]];
/// write_npy(&path, &x)?;                     // np.save("x.npy", x)
/// let again: Array2<f64> = read_npy(&path)?; // np.load("x.npy")
/// assert_eq!(again, x);
/// # Ok::<(), npz::Error>(())
/// ```
pub fn write_npy<P: AsRef<Path>, T: ToNpy + ?Sized>(path: P, array: &T) -> Result<()> {
    array.save_npy(path)
}

/// Saves an array in an `.npz` archive or an `.npy` file: `numpy.savez` and `numpy.save` as
/// methods of the array. It is implemented for whatever is [`ToNpy`].
///
/// # Examples
///
/// ```
/// use ndarray::{Array2, array};
/// use npz::{NpzWriter, ReadNpz, WriteNpz};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npz");
/// let x = array![[1.0, 2.0], [3.0, 4.0]];
/// x.save_npz(&path, "x")?;                               // np.savez("x.npz", x=x)
/// assert_eq!(Array2::<f64>::load_npz(&path, "x")?, x);
///
/// let mut npz = NpzWriter::create(&path)?;
/// x.write_npz(&mut npz, "x")?;
/// x.t().write_npz(&mut npz, "transposed")?;
/// npz.finish()?;
///
/// # let path = folder.path().join("x.npy");
/// x.save_npy(&path)?;                                    // np.save("x.npy", x)
/// assert_eq!(Array2::<f64>::load_npy(&path)?, x);
/// # Ok::<(), npz::Error>(())
/// ```
pub trait WriteNpz: ToNpy {
    /// Writes an archive of this one array to the file `path`, as [`NpzWriter::create`]
    /// does.
    ///
    /// # Errors
    ///
    /// Those of [`NpzWriter::create`], [`NpzWriter::array`] and [`NpzWriter::finish`].
    ///
    /// # Examples
    ///
    /// See [`WriteNpz`].
    fn save_npz<P: AsRef<Path>>(&self, path: P, name: &str) -> Result<()> {
        let mut npz = NpzWriter::create(path)?;
        self.write_npz(&mut npz, name)?;
        npz.finish().map(drop)
    }

    /// Adds the array to an archive: the same as `npz.array(name, self)`.
    ///
    /// # Errors
    ///
    /// Those of [`NpzWriter::array`].
    ///
    /// # Examples
    ///
    /// See [`WriteNpz`].
    fn write_npz<W: Write>(&self, npz: &mut NpzWriter<W>, name: &str) -> Result<()> {
        npz.array(name, self).map(drop)
    }

    /// Writes the array to the file `path`, which appears, or replaces the old one, when
    /// it is whole, as described at [`NpzWriter::create`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if the file cannot be written.
    ///
    /// # Examples
    ///
    /// See [`WriteNpz`].
    fn save_npy<P: AsRef<Path>>(&self, path: P) -> Result<()> {
        NpyWriter::create(path)?.array(self)
    }

    /// Writes the array to `writer`, as an `.npy` file. Several may follow each other.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if `writer` fails.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{ReadNpz, WriteNpz};
    ///
    /// let mut bytes = Vec::new();
    /// [1, 2].write_npy(&mut bytes)?;
    /// 0.5.write_npy(&mut bytes)?;
    ///
    /// let mut reader = &bytes[..];
    /// assert_eq!(Vec::<i32>::read_npy(&mut reader)?, [1, 2]);
    /// assert_eq!(f64::read_npy(&mut reader)?, 0.5);
    /// # Ok::<(), npz::Error>(())
    /// ```
    fn write_npy<W: Write>(&self, mut writer: W) -> Result<()> {
        let array = self.to_npy();
        let header = array.header(None, Endian::NATIVE)?;
        let mut write =
            |bytes: &[u8]| writer.write_all(bytes).map_err(|error| Error::io("write", error));
        write(&header.to_bytes())?;
        array.body(&header, Gather::WhileWriting, &mut write)
    }
}

impl<T: ToNpy + ?Sized> WriteNpz for T {}

/// Loads an array from an `.npz` archive or an `.npy` file: `numpy.load` as functions of the
/// array's type. It is implemented for whatever is [`FromNpy`].
///
/// # Examples
///
/// See [`WriteNpz`].
pub trait ReadNpz: FromNpy {
    /// Reads the array `name` of the archive in the file `path`.
    ///
    /// # Errors
    ///
    /// Those of [`NpzReader::open`] and [`NpzReader::get`].
    ///
    /// # Examples
    ///
    /// See [`WriteNpz`].
    fn load_npz<P: AsRef<Path>>(path: P, name: &str) -> Result<Self> {
        NpzReader::open(path)?.get(name)
    }

    /// Reads the array in the file `path`.
    ///
    /// # Errors
    ///
    /// Those of [`NpyReader::open`] and [`NpyReader::get`].
    ///
    /// # Examples
    ///
    /// See [`WriteNpz`].
    fn load_npy<P: AsRef<Path>>(path: P) -> Result<Self> {
        NpyReader::open(path)?.get().map_err(Error::without_reader)
    }

    /// Reads an array from `reader`, and leaves it where the array ends: several may
    /// follow each other.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoArray`](crate::ErrorKind::NoArray) if `reader` is at its end;
    /// [`ErrorKind::NotAnArray`](crate::ErrorKind::NotAnArray) if something else follows; those of
    /// [`NpyReader::get`].
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{ErrorKind, ReadNpz, WriteNpz};
    ///
    /// let mut stream = Vec::new();
    /// for step in 0..3 {
    ///     [step, step * step].write_npy(&mut stream)?;   // np.save(stream, …)
    /// }
    ///
    /// let (mut reader, mut steps) = (&stream[..], Vec::new());
    /// loop {
    ///     match Vec::<i32>::read_npy(&mut reader) {
    ///         Ok(step) => steps.push(step),
    ///         Err(error) if matches!(error.kind(), ErrorKind::NoArray) => break,
    ///         Err(error) => return Err(error),
    ///     }
    /// }
    /// assert_eq!(steps.len(), 3);
    /// # Ok::<(), npz::Error>(())
    /// ```
    fn read_npy<R: Read>(mut reader: R) -> Result<Self> {
        Incoming::open(&mut Reader(&mut reader), None, &Limits::DEFAULT)
            .and_then(Self::from_npy)
            .map_err(Error::without_reader)
    }
}

impl<T: FromNpy> ReadNpz for T {}
