//! What [`NpzWriter`] adds to its archive.

#![expect(clippy::arithmetic_side_effects, reason = "it counts what is written")]

use std::io::Write;

use super::entry::Options;
use super::open_member::OpenMember;
use super::row_spec::RowSpec;
use super::rows::Rows;
use super::{Entry, NpzWriter};
use crate::dtype::DType;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::io::{AtomicFile, Sink};
use crate::npy::{Encode, ToNpy};
use crate::zip::{Compression, MAX_NAME, MemberSpec, SUFFIX};

impl<W: Write> NpzWriter<W> {
    /// Adds `array` under `name`, with the writer's options.
    ///
    /// `array` is anything that implements [`ToNpy`]: ndarray's arrays and views of any layout;
    /// slices and `Vec`s, which have one dimension; numbers and text, which have none. A name may
    /// be any text, such as `layer/0/weights`. Slashes in it have no meaning here.
    ///
    /// # Errors
    ///
    /// * [`ErrorKind::InvalidName`] if the name is taken, contains NUL, ends in `.npy`
    ///   (which NumPy could not tell from the file name of another array), or is too long
    ///   for zip. Nothing is written then, and the writer remains usable.
    /// * [`ErrorKind::InvalidOption`] if deflate has no such level, and
    ///   [`ErrorKind::InvalidValue`] for text that ends in NUL. The writer remains usable then, too.
    /// * [`ErrorKind::Io`] if writing fails. The writer is unusable from then on. Small writes are
    ///   buffered, so a failure may be reported by a later call, or by [`finish`](Self::finish).
    /// * [`ErrorKind::Unusable`] if an earlier write failed.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::{array, s};
    /// use npz::NpzWriter;
    /// use std::io::Cursor;
    ///
    /// let x = array![[1.0, 2.0], [3.0, 4.0]];
    /// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    /// npz.array("x", &x)?.array("column", &x.slice(s![.., 0]))?.array("rate", &0.5)?;
    /// assert!(npz.array("x", &x).is_err(), "the name is taken");
    /// npz.finish()?;
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn array<T: ToNpy + ?Sized>(&mut self, name: &str, array: &T) -> Result<&mut Self> {
        self.write_array(name, self.options, array)
    }

    /// Adds `array` under the next of the names `arr_0`, `arr_1`, …, as `numpy.savez` does with
    /// arrays that it is given without a name. When an archive is extended, names that it has
    /// already are skipped.
    ///
    /// # Errors
    ///
    /// Those of [`array`](Self::array).
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{NpzReader, NpzWriter};
    /// use std::io::Cursor;
    ///
    /// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    /// npz.push(&[1, 2])?.push(&[0.5])?;
    /// let npz = NpzReader::new(npz.finish()?)?;
    /// assert_eq!(npz.get::<Vec<f64>>("arr_1")?, [0.5]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn push<T: ToNpy + ?Sized>(&mut self, array: &T) -> Result<&mut Self> {
        let is_free = |number: &usize| {
            let member = format!("arr_{number}{SUFFIX}");
            self.base.as_ref().is_none_or(|base| !base.contains(&member))
        };
        self.pushed = (self.pushed..).find(is_free).unwrap_or(self.pushed);
        let name = format!("arr_{}", self.pushed);
        self.array(&name, array)?;
        self.pushed += 1;
        Ok(self)
    }

    /// Adds each of `arrays` under its name: `np.savez(path, **arrays)`.
    ///
    /// `arrays` is a map, such as [`NpzReader::get_all`](crate::NpzReader::get_all) returns, or
    /// anything else that gives pairs of a name and a reference. A `BTreeMap` gives them in the same
    /// order each time, a `HashMap` does not.
    ///
    /// # Errors
    ///
    /// Those of [`array`](Self::array), for the first array that fails. The arrays before it have
    /// been added.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{NpzReader, NpzWriter};
    /// use std::collections::BTreeMap;
    /// use std::io::Cursor;
    ///
    /// let columns = BTreeMap::from([("height", vec![1.8, 1.7]), ("weight", vec![71.0, 65.0])]);
    /// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    /// npz.arrays(&columns)?;
    ///
    /// let all = NpzReader::new(npz.finish()?)?.get_all()?;
    /// let mut copy = NpzWriter::new(Cursor::new(Vec::new()));
    /// copy.arrays(&all)?.array("age", &[30, 40])?;
    /// # copy.finish()?;
    /// # Ok::<(), npz::Error>(())
    /// ```
    ///
    /// Unlike arrays are all `&dyn ToNpy`:
    ///
    /// ```
    /// use npz::{NpzWriter, ToNpy};
    /// use std::io::Cursor;
    ///
    /// let x = ndarray::array![[1.0, 2.0]];
    /// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    /// npz.arrays([("x", &x as &dyn ToNpy), ("n", &3), ("title", &"run 7")])?;
    /// # npz.finish()?;
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn arrays<'a, N: AsRef<str>, T: ToNpy + ?Sized + 'a>(
        &mut self,
        arrays: impl IntoIterator<Item = (N, &'a T)>,
    ) -> Result<&mut Self> {
        for (name, array) in arrays {
            self.array(name.as_ref(), array)?;
        }
        Ok(self)
    }

    /// Begins an array that is written row by row, with the writer's options. A row is an array of `T` and
    /// of the given shape, which may be `[]`; the array has one axis more, the first.
    ///
    /// How many rows there will be need not be known, unless the archive is a [`stream`](Self::stream): see
    /// [`Entry::count`].
    ///
    /// # Errors
    ///
    /// Those of [`array`](Self::array);
    /// [`ErrorKind::InvalidOption`] if the archive is a stream, or if the writer's order is Fortran order, in
    /// which rows do not follow each other.
    ///
    /// # Examples
    ///
    /// See [`Rows`].
    pub fn rows<T: Element>(&mut self, name: &str, row: impl AsRef<[usize]>) -> Result<Rows<'_>>
    where
        W: Send,
    {
        self.begin_rows(name, self.options, T::dtype(self.options.endian), row.as_ref())
    }

    /// Adds a member that is not an array, such as `README.txt`. NumPy loads it as `bytes`. It is
    /// compressed as arrays are.
    ///
    /// `name` is the member's whole name. If it ends in `.npy`, `bytes` should be an `.npy` file, and
    /// readers find an array there, whose name lacks the `.npy`.
    ///
    /// # Errors
    ///
    /// Those of [`array`](Self::array).
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{NpzReader, NpzWriter};
    /// use std::io::Cursor;
    ///
    /// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    /// npz.bytes("README.txt", b"Sampled at 10 Hz.")?;
    /// let npz = NpzReader::new(npz.finish()?)?;
    /// assert_eq!(npz.other_members().collect::<Vec<_>>(), ["README.txt"]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn bytes(&mut self, name: &str, bytes: &[u8]) -> Result<&mut Self> {
        self.write_bytes(name, self.options.compression, bytes)
    }

    /// Begins a member with options of its own.
    ///
    /// # Examples
    ///
    /// See [`Entry`].
    pub fn entry<'a>(&'a mut self, name: &'a str) -> Entry<'a, W> {
        let options = self.options;
        Entry { npz: self, name, options }
    }

    pub(super) fn write_array<T: ToNpy + ?Sized>(
        &mut self,
        name: &str,
        options: Options,
        array: &T,
    ) -> Result<&mut Self> {
        self.unfinished.told();
        self.check_name(name, &[name])?;
        let array = array.to_npy();
        let header = array.header(options.order, options.endian);
        let header = header.map_err(|error| self.in_member(error, name))?;
        let gather = options.gather();
        let start = header.to_bytes();
        let spec = MemberSpec {
            name: &format!("{name}{SUFFIX}"),
            compression: options.compression,
            header: &start,
            size: Some(start.len() as u64 + header.nbytes()),
            item: header.dtype.itemsize(),
        };
        self.write_member(name, &spec, |sink| array.body(&header, gather, sink))
    }

    pub(super) fn begin_rows(
        &mut self,
        name: &str,
        options: Options,
        dtype: DType,
        row: &[usize],
    ) -> Result<Rows<'_>>
    where
        W: Send,
    {
        self.unfinished.told();
        self.check_name(name, &[name])?;
        let in_member = |error| self.in_member(error, name);
        let spec = RowSpec::new(dtype, row, options).map_err(in_member)?;
        spec.check_count(self.archive.can_seek()).map_err(in_member)?;
        let header = spec.announced().map_err(in_member)?;
        let start = header.to_bytes();
        let member = MemberSpec {
            name: &format!("{name}{SUFFIX}"),
            compression: options.compression,
            header: &start,
            size: options.count.map(|_| start.len() as u64 + header.nbytes()),
            item: header.dtype.itemsize(),
        };
        Ok(Rows::new(Box::new(OpenMember::begin(self, name, &member)?), spec))
    }

    pub(super) fn write_bytes(
        &mut self,
        name: &str,
        compression: Compression,
        bytes: &[u8],
    ) -> Result<&mut Self> {
        self.unfinished.told();
        let own_name = name.strip_suffix(SUFFIX);
        match own_name {
            Some(own_name) => self.check_name(own_name, &[own_name])?,
            None => self.check_name(name, &[&format!("{name}{SUFFIX}")])?,
        }
        let spec =
            MemberSpec { name, compression, header: b"", size: Some(bytes.len() as u64), item: 1 };
        self.write_member(own_name.unwrap_or(name), &spec, |sink| sink(bytes))
    }

    /// Writes a member, whose user calls it `name`: its header, then what `body` passes to the sink
    /// that it is given.
    fn write_member(
        &mut self,
        name: &str,
        spec: &MemberSpec<'_>,
        body: impl FnOnce(&mut Sink<'_>) -> Result<()>,
    ) -> Result<&mut Self> {
        let mut member = OpenMember::begin(self, name, spec)?;
        if let Err(error) = body(&mut |bytes| member.write(bytes)) {
            return Err(member.in_member(error));
        }
        member.finish()?;
        Ok(self)
    }

    /// Says which member of which file an error concerns.
    fn in_member(&self, error: Error, name: &str) -> Error {
        error.in_array(name).in_path(self.file.as_ref().map(AtomicFile::path))
    }

    /// Checks that its user can call a member `name`. `others` are the whole names of members that it
    /// does not replace, and that readers could not tell from it.
    pub(super) fn check_name(&self, name: &str, others: &[&str]) -> Result<()> {
        let is_there =
            |&&other: &&&str| self.base.as_ref().is_some_and(|base| base.contains(other));
        let other = others.iter().find(is_there);
        let problem = if other == Some(&name) {
            "the archive has a member of this name already, without `.npy` (`remove` takes it out)"
        } else if other.is_some() || self.names.contains(name) {
            "the archive has a member of this name already"
        } else if name.contains('\0') {
            "a name cannot contain NUL"
        } else if name.ends_with(SUFFIX) {
            "a name cannot end in `.npy`: that end is added in the archive, \
             and a reader could not tell the two names apart"
        } else if name.len() > MAX_NAME {
            "the name is too long for a zip archive"
        } else {
            return Ok(());
        };
        let problem = problem.to_owned();
        Err(self.in_member(ErrorKind::InvalidName { problem }.into(), name))
    }
}
