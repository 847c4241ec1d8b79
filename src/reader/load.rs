//! What [`NpzReader`] makes of arrays and of other members, and how it verifies them.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::convert::Infallible;

use ndarray::{ArrayRef, Dimension, SliceInfoElem};

use super::NpzReader;
use super::contents::open_array;
use crate::any::AnyArray;
use crate::element::LoadElement;
use crate::error::{ErrorKind, Result};
use crate::io::{Input, Stream, in_parts};
use crate::limits::Budget;
use crate::npy::{CastFromNpy, FromNpy, Header, Incoming, MAGIC, Preamble, StoredArray};
use crate::parallel;
use crate::zip::{Member, MemberReader};

impl<R> NpzReader<R> {
    /// Loads the array `name`: `npz[name]`.
    ///
    /// `T` is an owning array of ndarray; a `Vec`, for one dimension; a single value, for none;
    /// `(Vec<T>, Vec<usize>)`, for the elements in C order and the shape; an [`AnyArray`]; or whatever
    /// else implements [`FromNpy`]. The element type must be the array's exactly, in either byte
    /// order. An array of ndarray has the order of the file: one in Fortran order is loaded in Fortran
    /// layout. What Python objects load as is told [in front](crate#element-types).
    ///
    /// # Errors
    ///
    /// * [`ErrorKind::NotFound`](crate::ErrorKind::NotFound): there is no such array.
    /// * [`ErrorKind::Ambiguous`](crate::ErrorKind::Ambiguous): several members have this name.
    /// * [`ErrorKind::NotAnArray`](crate::ErrorKind::NotAnArray): the member is not an array;
    ///   [`bytes`](Self::bytes) reads it.
    /// * [`ErrorKind::WrongDtype`](crate::ErrorKind::WrongDtype),
    ///   [`ErrorKind::WrongNdim`](crate::ErrorKind::WrongNdim): it is not a `T`.
    /// * [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue): the bytes of an element are
    ///   no value of its type, as those of a `bool` of 2.
    /// * [`ErrorKind::Checksum`](crate::ErrorKind::Checksum),
    ///   [`ErrorKind::Archive`](crate::ErrorKind::Archive),
    ///   [`ErrorKind::Npy`](crate::ErrorKind::Npy): it is damaged.
    /// * [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported): encryption; a compression other than
    ///   deflate, or bzip2 and LZMA without their features; Python objects that refer to themselves, or
    ///   to something outside the file.
    /// * [`ErrorKind::LimitExceeded`](crate::ErrorKind::LimitExceeded): it would take more
    ///   memory than [`with_limits`](Self::with_limits) allows.
    /// * [`ErrorKind::Io`](crate::ErrorKind::Io): reading failed.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::{Array2, ArrayD, array};
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("x", &array![[1.0, 2.0]])?.array("n", &7_i64)?.array("t", &[0.5_f32])?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// let x: Array2<f64> = npz.get("x")?;
    /// let x = npz.get::<ArrayD<f64>>("x")?;   // any number of dimensions
    /// let n: i64 = npz.get("n")?;
    /// let t: Vec<f32> = npz.get("t")?;
    /// let (data, shape): (Vec<f64>, Vec<usize>) = npz.get("x")?;   // for other libraries' tensors
    /// # assert_eq!((data, shape), (vec![1.0, 2.0], vec![1, 2]));
    /// # assert_eq!((x.shape(), n, t), (&[1, 2][..], 7, vec![0.5]));
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn get<T: FromNpy>(&self, name: &str) -> Result<T> {
        self.in_array(name, |array| array.load(T::from_npy))
    }

    /// Loads the array `name`, of numbers, as numbers of another type: `npz[name].astype(…)`, except
    /// that values that do not fit are errors.
    ///
    /// `T` is an array, a number or a `Vec`, as for [`get`](Self::get). Any of `bool`,
    /// integers, floats, halves and complex numbers is cast to any other, and to `usize` and
    /// `isize`:
    ///
    /// * to integers and `bool`: the same number, or an error (300 → `u8`, -1 → `u32`,
    ///   1.5 or NaN → `i64`, 2 → `bool`);
    /// * integers to floats: the same number, or an error (2⁵³ + 1 → `f64`);
    /// * floats to smaller floats: rounded to the nearest, as in NumPy; an error if that
    ///   would be infinite;
    /// * complex to real: an error if there is an imaginary part.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get);
    /// [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) names the first element
    /// that does not fit; [`ErrorKind::WrongDtype`](crate::ErrorKind::WrongDtype) if the array is
    /// not one of numbers.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::Array1;
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("weights", &[0.5_f64, 0.1])?.array("counts", &[1_i64, 300])?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// let weights: Array1<f32> = npz.get_cast("weights")?;        // float64 in the file
    /// let counts: Vec<f64> = npz.get_cast("counts")?;             // int64 in the file
    /// let error = npz.get_cast::<Vec<u8>>("counts").unwrap_err();
    /// assert_eq!(error.to_string(), "array `counts`: element 1: 300 is not a value of dtype |u1");
    /// # assert_eq!((weights[1], counts), (0.1_f32, vec![1.0, 300.0]));
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn get_cast<T: CastFromNpy>(&self, name: &str) -> Result<T> {
        self.in_array(name, |array| array.load(T::cast_from_npy))
    }

    /// Loads part of the array `name`, and reads no more than it needs: `npz[name][10:20]`.
    ///
    /// `slice` is what [`s!`](ndarray::s!) makes, or any other `SliceInfo` of ndarray: for each axis
    /// a range, with a step of either sign, or an index; and new axes. `T` is as for
    /// [`get`](Self::get), with the shape of the slice.
    ///
    /// If the array is stored, the bytes of the slice are read, together where they are near each
    /// other. If this crate has compressed it, the blocks of 1 MiB that contain these bytes are
    /// read. If another program has compressed it, everything up to the last of them is read; but
    /// the reader remembers places on the way, in 3 MiB of memory at most, and later slices begin at
    /// the last of these before them. A slice takes a MiB or two of memory for each thread besides
    /// the result, and with negative steps the size of the result again.
    ///
    /// # What is verified
    ///
    /// The archive has one checksum for all bytes of an array, which says nothing about a part. So
    /// a part of a stored array, or of an array that another program has compressed, is *not*
    /// verified. Blocks that this crate has compressed have checksums of their own, and are
    /// verified, and so is the array's header. Of a slice that takes all of an array,
    /// in any order, the checksum is compared. In a file from strangers the list of blocks may lie, and
    /// so may the copy of an array's header by which slow sources are spared a read:
    /// [`get`](Self::get) and [`verify`](Self::verify) find that out, a slice may not.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidSlice`](crate::ErrorKind::InvalidSlice) where ndarray's `slice` would
    /// panic: if a range reaches outside the array (Python would cut it short), or if the number of
    /// axes is wrong. Otherwise the errors of [`get`](Self::get), undetected damage aside.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::{Array1, Array2, s};
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("x", &Array2::from_shape_fn((1000, 50), |(i, j)| (100 * i + j) as f64))?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// let rows: Array2<f64> = npz.get_slice("x", s![10..20, ..])?;
    /// let column: Array1<f64> = npz.get_slice("x", s![..;-1, 3])?;
    /// let last: f64 = npz.get_slice("x", s![-1, -1])?;
    /// # assert_eq!((rows.dim(), rows[[9, 1]]), ((10, 50), 1901.0));
    /// # assert_eq!((column.len(), column[0], last), (1000, 99903.0, 99949.0));
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn get_slice<T: FromNpy>(
        &self,
        name: &str,
        slice: impl AsRef<[SliceInfoElem]>,
    ) -> Result<T> {
        self.in_part(name, |array| array.load_slice(slice.as_ref(), T::from_npy))
    }

    /// Loads the array `name` into an existing array or view: `out[...] = npz[name]`.
    ///
    /// `out` has the array's shape and element type, and any strides. If its elements lie in the
    /// order of the file, they are read straight to their places. Otherwise they pass through a
    /// buffer of 256 KiB. No array is allocated.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get), and
    /// [`ErrorKind::WrongShape`](crate::ErrorKind::WrongShape). After an error `out` holds
    /// some elements of the array, which may be damaged, and some that it had before.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::{Array2, Array3, Axis, array};
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("step 0", &array![[1.0, 2.0]])?.array("step 1", &array![[3.0, 4.0]])?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// let mut buffer = Array2::<f64>::zeros((1, 2));
    /// npz.read_into("step 0", &mut buffer)?;
    ///
    /// let mut steps = Array3::<f64>::zeros((2, 1, 2));
    /// for (index, mut step) in steps.axis_iter_mut(Axis(0)).enumerate() {
    ///     npz.read_into(&format!("step {index}"), &mut step)?;
    /// }
    /// # assert_eq!(buffer, array![[1.0, 2.0]]);
    /// # assert_eq!(steps, array![[[1.0, 2.0]], [[3.0, 4.0]]]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn read_into<A, D>(&self, name: &str, out: &mut ArrayRef<A, D>) -> Result<()>
    where
        A: LoadElement,
        D: Dimension,
    {
        let fill = |array: Incoming<'_>| array.decode_into(out.view_mut());
        self.in_array(name, |array| array.load(fill))
    }

    /// Loads every array, several at a time: `dict(npz)`, sorted by name, and without the members
    /// that are not arrays.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get), for the first array that cannot be loaded.
    /// [`get_each`](Self::get_each) loads the others.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("x", &[0.5])?.array("title", "run 7")?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// let all = npz.get_all()?;
    /// assert_eq!(all["x"].as_array::<f64>()?[0], 0.5);
    /// assert_eq!(all["title"].to_string(), "array('run 7', dtype='<U5')");
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn get_all(&self) -> Result<BTreeMap<String, AnyArray>> {
        self.load_arrays().map(|(name, array)| Ok((name, array?))).collect()
    }

    /// Loads every array, several at a time, with a result for each: [`get_all`](Self::get_all) for
    /// archives in which some arrays cannot be loaded.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("x", &[0.5])?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// for (name, array) in npz.get_each() {
    ///     match array {
    ///         Ok(array) => println!("{name} = {array}"),
    ///         Err(error) => eprintln!("{error}"),
    ///     }
    /// }
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn get_each(&self) -> BTreeMap<String, Result<AnyArray>> {
        self.load_arrays().collect()
    }

    /// Loads all that turn out to be arrays, in the order of the archive.
    fn load_arrays(&self) -> impl Iterator<Item = (String, Result<AnyArray>)> {
        let (limits, directory, path) = (self.limits, &self.directory, self.path());
        let budget = Budget::new(&limits);
        let load = |input: Input<'_>, member: &Member| {
            directory.check_own_name(member)?;
            let array = StoredArray::new(open_array(input, member)?, &limits);
            array.charged_to(&budget).load(AnyArray::from_npy)
        };
        let arrays =
            self.each(self.arrays().collect(), |input, member| match load(input, member) {
                Err(error) if matches!(error.kind(), ErrorKind::NotAnArray { .. }) => None,
                array => {
                    Some(array.map_err(|error| error.in_array(member.own_name()).in_path(path)))
                }
            });
        let names = self.arrays().map(|member| member.own_name().to_owned());
        names.zip(arrays).filter_map(|(name, array)| Some((name, array?)))
    }

    /// Reads the bytes of any member, decompressed: what `npz[name]` gives for one that is not an
    /// array. The bytes of an array begin with its header. If there are two members called `name`
    /// and `name.npy`, the first is read.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such member;
    /// the errors of [`get`](Self::get) that concern the archive.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.bytes("README.txt", b"Sampled at 10 Hz.")?;
    /// # let npz = npz::NpzReader::new(npz.finish()?)?;
    /// assert_eq!(npz.bytes("README.txt")?, b"Sampled at 10 Hz.");
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn bytes(&self, name: &str) -> Result<Vec<u8>> {
        let read = |member: &Member| {
            self.limits.check_array(member.size)?;
            let mut reader = MemberReader::open(self.source.input(), member)?;
            let mut bytes = Vec::new();
            reader.read_up_to(member.size, &mut bytes)?;
            reader.finish()?;
            Ok(bytes)
        };
        let found = self.directory.find(name).and_then(|member| self.found(name, member));
        found.and_then(read).map_err(|error| error.in_array(name).in_path(self.path()))
    }

    /// Reads the whole archive and verifies it: the checksum of every member, and the header of
    /// every member that begins as an array does.
    ///
    /// # Errors
    ///
    /// The first problem found, as [`get`](Self::get) would report it.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("x", &[1.0_f64; 100])?;
    /// let mut bytes = npz.finish()?.into_inner();
    /// npz::NpzReader::from_bytes(&bytes)?.verify()?;
    ///
    /// bytes[300] ^= 1;
    /// let error = npz::NpzReader::from_bytes(&bytes)?.verify().unwrap_err();
    /// assert_eq!(error.array(), Some("x"));
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn verify(&self) -> Result<()> {
        self.verify_each().into_iter().try_for_each(|(_, verified)| verified)
    }

    /// Does what [`verify`](Self::verify) does, and says of every member, by its whole name, whether it is
    /// sound, or what is wrong with it. The members are in the order of the archive.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("x", &[1.0_f64; 100])?.array("y", &[1, 2])?;
    /// # let mut bytes = npz.finish()?.into_inner();
    /// # bytes[300] ^= 1;
    /// # let npz = npz::NpzReader::from_bytes(&bytes)?;
    /// for (member, verified) in npz.verify_each() {
    ///     match &verified {
    ///         Ok(()) => println!("{member} is sound"),
    ///         Err(error) => println!("{error}"),
    ///     }
    /// #   assert_eq!(verified.is_ok(), member == "y.npy");
    /// }
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn verify_each(&self) -> Vec<(&str, Result<()>)> {
        let (limits, directory, path) = (self.limits, &self.directory, self.path());
        let verify = |input: Input<'_>, member: &Member| {
            directory.check_repeated(member)?;
            let mut reader = MemberReader::open(input, member)?;
            if member.size >= MAGIC.len() as u64 {
                match Header::read(&mut reader, &limits) {
                    Ok((header, Preamble { size, .. })) => {
                        header.check_body(member.size.saturating_sub(size))?
                    }
                    Err(error) if matches!(error.kind(), ErrorKind::NotAnArray { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            reader.drain()
        };
        let verified = self.each(directory.members().iter().collect(), |input, member| {
            let name = member.own_name();
            verify(input, member).map_err(|error| error.in_array(name).in_path(path))
        });
        self.members().zip(verified).collect()
    }

    /// Does something with each of the members, on all threads if they can all read. The results
    /// are in the order of the members.
    fn each<T: Send>(
        &self,
        members: Vec<&Member>,
        act: impl Fn(Input<'_>, &Member) -> T + Sync,
    ) -> Vec<T> {
        /// Smaller members are read in the order of the archive, because that is the order of the
        /// file.
        const LARGE: u64 = 1 << 20;
        match self.source.input() {
            Input::Shared(shared) => {
                let mut members: Vec<_> = members.into_iter().enumerate().collect();
                match self.source.input().cost().is_planned() {
                    true => members.sort_by_key(|(_, member)| member.place().start),
                    // The largest first, so that all threads end at the same time.
                    false => members.sort_by_key(|(_, member)| Reverse(member.size / LARGE)),
                }
                let mut all = Vec::with_capacity(members.len());
                let place = |(_, member): &(usize, &Member)| member.place();
                let Ok(()) = in_parts(shared, members, place, |input, members| {
                    let act = |(position, member)| {
                        Ok::<_, Infallible>((position, act(Input::Shared(input), member)))
                    };
                    let Ok(acted) = parallel::map(members, act);
                    all.extend(acted);
                    Ok::<_, Infallible>(())
                });
                all.sort_by_key(|(position, _)| *position);
                all.into_iter().map(|(_, result)| result).collect()
            }
            input => members.into_iter().map(|member| act(input, member)).collect(),
        }
    }
}
