//! The suite of ndarray-npy 0.10: `tests/integration`.
//!
//! | test of theirs | why not | what is here instead |
//! |---|---|---|
//! | all that view or change in place | a view borrows its reader, and not the bytes alone | `NpyReader` and `NpyMut` are kept beside the bytes |
//! | those of `primitive.rs` | elements have no functions for bytes without a header | a `Raw` to read them, a file to view them |
//! | `zeroed` | `NpyMapMut::create_zeroed` makes a new file, and adds nothing to one | zeros that are broadcast are written, and no array of them is made |
//!
//! Their suite has no tests of what differs on purpose; [`differences`] has.

use std::fmt::Debug;
use std::io::{Cursor, Read, Seek, SeekFrom, Write};

use ndarray::{
    Array, Array2, Array3, ArrayRef, ArrayRef2, ArrayView, ArrayView3, ArrayViewMut, ArrayViewMut3,
    Axis, Dimension, Ix3, Order, ShapeBuilder, Slice, array,
};
use npz::{Endian, ErrorKind, NpyMut, NpyReader, ViewElement};
use num_complex::Complex;

use self::shim::{
    NpzReader, NpzWriter, ReadNpyExt, ViewMutNpyExt, ViewNpyExt, WriteNpyExt, bytes_as_mut_slice,
    bytes_as_slice, read_to_end_exact_vec, write_slice, write_zeroed_npy,
};
use super::{file, has_kind};
use crate::common::Aligned;

/// The names of ndarray-npy.
pub(super) mod shim {
    use std::fs::File;
    use std::io::{Read, Seek, Write};

    use ndarray::{
        ArrayBase, ArrayView, ArrayViewMut, DataOwned, Dimension, IntoDimension, Ix1, Order,
        aview0, aview1,
    };
    use npz::{Element, LoadElement, NpyMut, NpyReader, NpyWriter, Raw, Result, ViewElement};
    pub use npz::{ReadNpz as ReadNpyExt, WriteNpz as WriteNpyExt};

    /// Theirs takes the bytes themselves.
    pub trait ViewNpyExt<'a>: Sized {
        fn view_npy<R: AsRef<[u8]>>(npy: &'a NpyReader<R>) -> Result<Self>;
    }

    impl<'a, A: ViewElement, D: Dimension> ViewNpyExt<'a> for ArrayView<'a, A, D> {
        fn view_npy<R: AsRef<[u8]>>(npy: &'a NpyReader<R>) -> Result<Self> {
            npy.view()
        }
    }

    /// Theirs takes the bytes themselves.
    pub trait ViewMutNpyExt<'a>: Sized {
        fn view_mut_npy<B: AsRef<[u8]> + AsMut<[u8]>>(npy: &'a mut NpyMut<B>) -> Result<Self>;
    }

    impl<'a, A: ViewElement, D: Dimension> ViewMutNpyExt<'a> for ArrayViewMut<'a, A, D> {
        fn view_mut_npy<B: AsRef<[u8]> + AsMut<[u8]>>(npy: &'a mut NpyMut<B>) -> Result<Self> {
            npy.view_mut()
        }
    }

    pub fn write_zeroed_npy<A, D>(file: &File, shape: D) -> Result<()>
    where
        A: Element + Default,
        D: IntoDimension,
    {
        let zero = A::default();
        aview0(&zero).broadcast(shape).expect("one element has any shape").write_npy(file)
    }

    /// `WritableElement::write_slice`: the elements without a header.
    pub fn write_slice<A: Element>(elements: &[A], writer: &mut Vec<u8>) -> Result<()> {
        let mut npy = Vec::new();
        NpyWriter::stream(&mut npy).array(&aview1(elements))?;
        let body = NpyReader::from_bytes(&npy)?.info().offset();
        writer.extend(&npy[body.expect("it is not compressed") as usize..]);
        Ok(())
    }

    /// `ReadableElement::read_to_end_exact_vec`.
    pub fn read_to_end_exact_vec<A: LoadElement>(
        bytes: &[u8],
        descr: &str,
        len: usize,
    ) -> Result<Vec<A>> {
        let raw = Raw::new(descr.parse()?, &[len], Order::C, bytes.to_vec())?;
        Ok(raw.to_array()?.into_raw_vec_and_offset().0)
    }

    /// `ViewElement::bytes_as_slice`, of bytes that follow a header.
    pub fn bytes_as_slice<A: ViewElement, R: AsRef<[u8]>>(npy: &NpyReader<R>) -> Result<&[A]> {
        Ok(npy.view::<A, Ix1>()?.to_slice().expect("all that is in a file is contiguous"))
    }

    /// `ViewMutElement::bytes_as_mut_slice`, of bytes that follow a header.
    pub fn bytes_as_mut_slice<A, B>(npy: &mut NpyMut<B>) -> Result<&mut [A]>
    where
        A: ViewElement,
        B: AsRef<[u8]> + AsMut<[u8]>,
    {
        let view = npy.view_mut::<A, Ix1>()?;
        Ok(view.into_slice().expect("all that is in a file is contiguous"))
    }

    pub struct NpzWriter<W>(npz::NpzWriter<W>);

    impl<W: Write + Seek> NpzWriter<W> {
        pub fn new(writer: W) -> Self {
            Self(npz::NpzWriter::new(writer))
        }

        #[cfg(feature = "deflate")]
        pub fn new_compressed(writer: W) -> Self {
            Self(npz::NpzWriter::new(writer).compression(npz::Compression::Deflate(6)))
        }

        pub fn add_array<N, T>(&mut self, name: N, array: &T) -> Result<()>
        where
            N: Into<String>,
            T: WriteNpyExt + ?Sized,
        {
            self.0.array(&name.into(), array).map(drop)
        }

        pub fn finish(self) -> Result<W> {
            self.0.finish()
        }
    }

    pub struct NpzReader<R>(npz::NpzReader<R>);

    impl<R: Read + Seek> NpzReader<R> {
        pub fn new(reader: R) -> Result<Self> {
            npz::NpzReader::new(reader).map(Self)
        }

        pub fn is_empty(&self) -> bool {
            self.0.is_empty()
        }

        pub fn len(&self) -> usize {
            self.0.len()
        }

        pub fn names(&mut self) -> Result<Vec<String>> {
            Ok(self.0.names().map(str::to_owned).collect())
        }

        pub fn by_name<S, D>(&mut self, name: &str) -> Result<ArrayBase<S, D>>
        where
            S: DataOwned<Elem: LoadElement>,
            D: Dimension,
        {
            self.0.get(name)
        }

        pub fn by_index<S, D>(&mut self, index: usize) -> Result<ArrayBase<S, D>>
        where
            S: DataOwned<Elem: LoadElement>,
            D: Dimension,
        {
            self.0.get(self.0.names().nth(index).expect("theirs is an error of the zip crate"))
        }
    }
}

/// The element types of the files, each made of the numbers 0, 1, 2, …
trait Counted: ViewElement + Copy + Default + PartialEq + Debug {
    const DTYPE: &str;

    fn nth(index: usize) -> Self;

    /// Its bytes, the most significant first.
    fn big_endian(self) -> Vec<Vec<u8>>;
}

impl Counted for f64 {
    const DTYPE: &str = "f8";

    fn nth(index: usize) -> Self {
        index as f64
    }

    fn big_endian(self) -> Vec<Vec<u8>> {
        vec![self.to_be_bytes().to_vec()]
    }
}

impl Counted for Complex<f64> {
    const DTYPE: &str = "c16";

    fn nth(index: usize) -> Self {
        // Python's `0 - 0j` has a zero without a sign.
        Complex::new(index as f64, -(index as f64) + 0.0)
    }

    fn big_endian(self) -> Vec<Vec<u8>> {
        [self.re, self.im].map(|part| part.to_be_bytes().to_vec()).to_vec()
    }
}

/// The array in the files: 0, 1, 2, … in C order, laid out in memory as is said.
fn counted<A: Counted>(order: Order) -> Array3<A> {
    let shape = (2, 3, 4).set_f(order == Order::F);
    Array3::from_shape_fn(shape, |(i, j, k)| A::nth(12 * i + 4 * j + k))
}

/// The same, with gaps in memory, and its first axis in the middle.
fn discontiguous<A: Counted>() -> Array3<A> {
    let mut array = Array3::default((3, 4, 4));
    array.slice_axis_inplace(Axis(1), Slice::new(0, None, 2));
    array.swap_axes(0, 1);
    array.iter_mut().enumerate().for_each(|(index, element)| *element = A::nth(index));
    array
}

/// The file of [`counted`] that NumPy writes.
fn counted_file<A: Counted>(endian: Endian, order: Order) -> Vec<u8> {
    let array = counted::<A>(Order::C);
    let elements: Vec<A> = match order {
        Order::F => array.t().iter().copied().collect(),
        _ => array.iter().copied().collect(),
    };
    let mut body = Vec::new();
    for mut number in elements.into_iter().flat_map(A::big_endian) {
        if endian == Endian::Little {
            number.reverse();
        }
        body.extend(number);
    }
    let mark = if endian == Endian::Little { '<' } else { '>' };
    file(&format!("'{mark}{}'", A::DTYPE), order, "(2, 3, 4)", &body)
}

fn is_in_order<A>(view: ArrayView3<'_, A>, order: Order) -> bool {
    if order == Order::F { view.t().is_standard_layout() } else { view.is_standard_layout() }
}

/// Their `write_{f64,c64}_{standard,fortran,discontiguous}`.
#[test]
fn arrays_of_any_layout_are_written_as_numpy_writes_them() {
    fn check<A: Counted>() {
        let arrays = [
            (counted(Order::C), Order::C),
            (counted(Order::F), Order::F),
            (discontiguous(), Order::C),
        ];
        for (array, order) in arrays {
            let expected = counted_file::<A>(Endian::NATIVE, order);
            let (mut written, mut by_reference) = (Vec::new(), Vec::new());
            array.write_npy(&mut written).unwrap();
            let reference: &ArrayRef<A, Ix3> = &array;
            reference.write_npy(&mut by_reference).unwrap();
            assert!(written == expected && by_reference == expected, "{array:?}");
        }
    }
    check::<f64>();
    check::<Complex<f64>>();
}

/// Their `read_{f64,c64}_{standard,fortran}`.
#[test]
fn numpys_files_are_read_in_both_byte_orders_and_keep_their_order() {
    fn check<A: Counted>() {
        for order in [Order::C, Order::F] {
            for endian in [Endian::Little, Endian::Big] {
                let bytes = counted_file::<A>(endian, order);
                let array = Array3::<A>::read_npy(&bytes[..]).unwrap();
                assert_eq!(array, counted(order));
                assert!(is_in_order(array.view(), order));
            }
        }
    }
    check::<f64>();
    check::<Complex<f64>>();
}

/// Their `view_{f64,c64}_{standard,fortran}` and `view_mut_f64_{standard,fortran}`.
#[test]
fn files_of_this_machines_byte_order_are_viewed_in_their_order() {
    fn check<A: Counted>() {
        for order in [Order::C, Order::F] {
            let mut bytes = Aligned::new(&counted_file::<A>(Endian::NATIVE, order), 0);
            let npy = NpyReader::from_bytes(&bytes).unwrap();
            let view = ArrayView3::<A>::view_npy(&npy).unwrap();
            assert_eq!(view, counted(order));
            assert!(is_in_order(view, order));

            let mut npy = NpyMut::from_bytes(&mut bytes).unwrap();
            let view = ArrayViewMut3::<A>::view_mut_npy(&mut npy).unwrap();
            assert_eq!(view, counted(order));
            assert!(is_in_order(view.view(), order));
        }
    }
    check::<f64>();
    check::<Complex<f64>>();
}

/// A file of bools, and one of them that is none.
fn bools() -> [Vec<u8>; 2] {
    let mut body: Vec<u8> = (0..24).map(|index| u8::from(index % 5 % 2 == 0)).collect();
    let sound = file("'|b1'", Order::C, "(2, 3, 4)", &body);
    body[3] = 5;
    [sound, file("'|b1'", Order::C, "(2, 3, 4)", &body)]
}

/// Their `{read,view,view_mut}_bool` and `{read,view,view_mut}_bool_bad_value` of files.
#[test]
fn a_file_of_bools_is_read_and_viewed_unless_one_of_them_is_none() {
    let [mut sound, mut bad] = bools().map(|file| Aligned::new(&file, 0));
    let expected = Array3::from_shape_fn((2, 3, 4), |(i, j, k)| (12 * i + 4 * j + k) % 5 % 2 == 0);
    assert_eq!(Array3::<bool>::read_npy(sound.as_ref()).unwrap(), expected);
    let npy = NpyReader::from_bytes(&sound).unwrap();
    assert_eq!(ArrayView3::<bool>::view_npy(&npy).unwrap(), expected);
    let mut npy = NpyMut::from_bytes(&mut sound).unwrap();
    assert_eq!(ArrayViewMut3::<bool>::view_mut_npy(&mut npy).unwrap(), expected);

    has_kind!(Array3::<bool>::read_npy(bad.as_ref()), ErrorKind::InvalidValue { index: 3, .. });
    let npy = NpyReader::from_bytes(&bad).unwrap();
    has_kind!(ArrayView3::<bool>::view_npy(&npy), ErrorKind::InvalidValue { index: 3, .. });
    let mut npy = NpyMut::from_bytes(&mut bad).unwrap();
    let view = ArrayViewMut3::<bool>::view_mut_npy(&mut npy);
    has_kind!(view, ErrorKind::InvalidValue { index: 3, .. });
}

/// Their `misaligned`.
#[test]
fn what_is_not_aligned_is_not_viewed() {
    let mut bytes = Vec::new();
    counted::<f64>(Order::C).write_npy(&mut bytes).unwrap();
    let mut bytes = Aligned::new(&bytes, 1);
    let npy = NpyReader::from_bytes(&bytes).unwrap();
    has_kind!(ArrayView3::<f64>::view_npy(&npy), ErrorKind::NoView { .. });
    let mut npy = NpyMut::from_bytes(&mut bytes).unwrap();
    has_kind!(ArrayViewMut3::<f64>::view_mut_npy(&mut npy), ErrorKind::NoView { .. });
}

/// Their `zeroed`.
#[test]
fn zeros_are_written_behind_what_a_file_has() {
    let mut file = crate::common::file().into_file();
    file.write_all(b"hello").unwrap();
    write_zeroed_npy::<i32, _>(&file, [3, 4, 5]).unwrap();

    file.seek(SeekFrom::Start(0)).unwrap();
    let mut before = [0; 5];
    file.read_exact(&mut before).unwrap();
    assert_eq!(&before, b"hello");
    let array = Array3::<i32>::read_npy(file).unwrap();
    assert_eq!(array, Array3::zeros([3, 4, 5]));
    assert!(array.is_standard_layout());
}

/// Their `round_trip_npz`.
#[test]
fn an_archive_is_written_and_its_arrays_are_found_by_either_name() {
    let one = array![[1, 3, 0], [4, 7, -1]];
    let two = array![[9, 6], [-5, 2], [3, -1]];
    let three: &ArrayRef2<i32> = &one;
    let mut bytes = Vec::new();
    let mut npz = NpzWriter::new(Cursor::new(&mut bytes));
    npz.add_array("one", &one).unwrap();
    npz.add_array(String::from("two"), &two).unwrap();
    npz.add_array("three", three).unwrap();
    npz.finish().unwrap();

    let mut npz = NpzReader::new(Cursor::new(&bytes)).unwrap();
    assert_eq!((npz.is_empty(), npz.len()), (false, 3));
    assert_eq!(npz.names().unwrap(), ["one", "two", "three"]);
    for (index, (name, array)) in [("one", &one), ("two", &two), ("three", &one)].iter().enumerate()
    {
        let loaded: Array2<i32> = npz.by_name(name).unwrap();
        let by_member: Array2<i32> = npz.by_name(&format!("{name}.npy")).unwrap();
        let by_index: Array2<i32> = npz.by_index(index).unwrap();
        assert_eq!([&loaded, &by_member, &by_index], [*array; 3]);
    }
    has_kind!(
        npz.by_name::<ndarray::OwnedRepr<i32>, ndarray::Ix2>("one.npy.npy"),
        ErrorKind::NotFound { .. }
    );
}

/// The dtypes of `i32` in this machine's byte order, and in the other.
const I32: [&str; 2] =
    if cfg!(target_endian = "little") { ["'<i4'", "'>i4'"] } else { ["'>i4'", "'<i4'"] };

/// A file of `len` elements in memory, so that they can be viewed.
fn elements(descr: &str, len: usize, body: &[u8]) -> NpyReader<Aligned> {
    NpyReader::from_bytes(elements_file(descr, len, body)).unwrap()
}

/// The same, to be changed.
fn elements_mut(descr: &str, len: usize, body: &[u8]) -> NpyMut<Aligned> {
    NpyMut::from_bytes(elements_file(descr, len, body)).unwrap()
}

fn elements_file(descr: &str, len: usize, body: &[u8]) -> Aligned {
    Aligned::new(&file(descr, Order::C, &format!("({len},)"), body), 0)
}

/// Their `view_i32`, `view_i32_mut` and `view_i32_non_native_endian`.
#[test]
fn integers_are_viewed_in_this_machines_byte_order_alone() {
    let integers = [34_234_324, -980_780_878, 2_849_874];
    let mut bytes = Vec::new();
    write_slice(&integers, &mut bytes).unwrap();
    let [native, other] = I32.map(|descr| elements(descr, 3, &bytes));
    assert_eq!(bytes_as_slice::<i32, _>(&native).unwrap(), integers);
    has_kind!(bytes_as_slice::<i32, _>(&other), ErrorKind::NoView { .. });

    let mut npy = elements_mut(I32[0], 3, &bytes);
    let view = bytes_as_mut_slice::<i32, _>(&mut npy).unwrap();
    assert_eq!(view, integers);
    view[2] += 1;
    assert_eq!(npy.reader().unwrap().get::<Vec<i32>>().unwrap()[2], integers[2] + 1);
}

/// Their `view_bool`, `view_bool_mut`, `read_bool`, and the same with `bad_value`, of elements.
#[test]
fn bytes_are_bools_if_they_are_0_or_1() {
    let (sound, bad) = ([0, 1, 0, 0, 1], [0, 1, 5, 0, 1]);
    let expected = [false, true, false, false, true];
    assert_eq!(bytes_as_slice::<bool, _>(&elements("'|b1'", 5, &sound)).unwrap(), expected);
    assert_eq!(read_to_end_exact_vec::<bool>(&sound, "|b1", 5).unwrap(), expected);

    let mut npy = elements_mut("'|b1'", 5, &sound);
    let view = bytes_as_mut_slice::<bool, _>(&mut npy).unwrap();
    view[..2].copy_from_slice(&[true, false]);
    let changed: Vec<bool> = npy.reader().unwrap().get().unwrap();
    assert_eq!(changed, [true, false, false, false, true]);

    let view = elements("'|b1'", 5, &bad);
    has_kind!(bytes_as_slice::<bool, _>(&view), ErrorKind::InvalidValue { index: 2, .. });
    let mut view = elements_mut("'|b1'", 5, &bad);
    has_kind!(bytes_as_mut_slice::<bool, _>(&mut view), ErrorKind::InvalidValue { index: 2, .. });
    let error = read_to_end_exact_vec::<bool>(&bad, "|b1", 5).unwrap_err();
    assert_eq!(error.to_string(), "element 2: a bool is the byte 0 or 1, found 5");
}

/// Writes `x` and reads it, views it where it is, changes it there, and reads it again.
fn round_trip_of_one_layout<A, D>(
    x: ArrayView<'_, A, D>,
    changed: &Array<A, D>,
    change: impl Fn(&mut ArrayViewMut<'_, A, D>),
) where
    A: ViewElement + PartialEq + Debug,
    D: Dimension,
{
    let mut bytes = Vec::new();
    x.write_npy(&mut bytes).unwrap();
    let mut bytes = Aligned::new(&bytes, 0);
    assert_eq!(Array::<A, D>::read_npy(bytes.as_ref()).unwrap(), x);
    let npy = NpyReader::from_bytes(&bytes).unwrap();
    assert_eq!(ArrayView::<A, D>::view_npy(&npy).unwrap(), x);

    let mut npy = NpyMut::from_bytes(&mut bytes).unwrap();
    let mut view = ArrayViewMut::<A, D>::view_mut_npy(&mut npy).unwrap();
    assert_eq!(view, x);
    change(&mut view);
    assert_eq!(view, changed);
    assert_eq!(&Array::<A, D>::read_npy(bytes.as_ref()).unwrap(), changed);
}

/// Does so with `x` in C order, in Fortran order, and with two axes exchanged in memory.
fn round_trip<A, D>(x: Array<A, D>, change: impl Fn(&mut ArrayViewMut<'_, A, D>))
where
    A: ViewElement + Copy + PartialEq + Debug,
    D: Dimension,
{
    let mut changed = x.clone();
    change(&mut changed.view_mut());
    let fortran = x.clone().reversed_axes().as_standard_layout().into_owned().reversed_axes();
    assert!(fortran.t().is_standard_layout());
    round_trip_of_one_layout(x.view(), &changed, &change);
    round_trip_of_one_layout(fortran.view(), &changed, &change);
    if x.ndim() > 2 {
        let mut permuted = x.clone();
        permuted.swap_axes(1, 2);
        let mut permuted = permuted.as_standard_layout().into_owned();
        permuted.swap_axes(1, 2);
        round_trip_of_one_layout(permuted.view(), &changed, &change);
    }
}

/// Their `round_trip_{i32,f32,f64,c32,bool}`.
#[test]
fn arrays_are_written_read_viewed_and_changed_in_place_in_every_layout() {
    round_trip(array![[[1, 8], [-3, 4], [2, 9]], [[-5, 0], [7, 38], [-4, 1]]], |view| {
        view[[0, 1, 1]] = 12;
        view[[1, 2, 0]] = 42;
    });
    let floats = array![[[3.0, -1.4], [-159.0, 26.0]], [[-89.7, 93.0], [-626.4, 3.0]]];
    round_trip(floats.mapv(|float: f64| float as f32), |view| view[[1, 1, 0]] = 42.0);
    round_trip(array![[2.7, -40.4, -23.0], [-25.2, 11.8, -8.9]], |view| view[[1, 2]] = 42.0);
    let complex =
        Array2::from_shape_fn((2, 3), |(i, j)| Complex::new(2.7 * i as f32, 1.0 - j as f32));
    round_trip(complex, |view| {
        view[[0, 0]].im = 12.0;
        view[[1, 2]].re = 42.0;
    });
    round_trip(array![[[true], [true], [false]], [[false], [true], [false]]], |view| {
        view[[0, 1, 0]] = false;
        view[[1, 2, 0]] = true;
    });
}

mod differences {
    use super::*;

    /// Theirs fails with `ReadNpyError::ExtraBytes`, and with another of `ViewNpyError`.
    #[test]
    fn bytes_after_the_array_are_passed_over() {
        let bytes = [&counted_file::<f64>(Endian::NATIVE, Order::C)[..], b"more"].concat();
        assert_eq!(Array3::<f64>::read_npy(&bytes[..]).unwrap(), counted(Order::C));
        let npy = NpyReader::from_bytes(Aligned::new(&bytes, 0)).unwrap();
        assert_eq!(ArrayView3::<f64>::view_npy(&npy).unwrap(), counted(Order::C));
    }

    /// Theirs is complete, because it is finished when it is dropped.
    #[test]
    fn a_writer_that_is_not_finished_writes_no_archive() {
        let mut bytes = Vec::new();
        let mut npz = npz::NpzWriter::new(Cursor::new(&mut bytes));
        npz.array("x", &[1, 2]).unwrap();
        npz.abandon();
        has_kind!(npz::NpzReader::from_bytes(&bytes), ErrorKind::Archive { .. });
    }

    /// Theirs writes the member `x.npy.npy`.
    #[test]
    fn a_name_that_has_the_suffix_is_an_error() {
        let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
        has_kind!(npz.add_array("x.npy", &array![1, 2]), ErrorKind::InvalidName { .. });
    }

    /// Theirs are errors of their own: of the header, of the data, of the dimension.
    #[test]
    fn an_array_of_another_type_or_dimension_is_an_error_of_its_kind() {
        let bytes = counted_file::<f64>(Endian::NATIVE, Order::C);
        has_kind!(Array3::<f32>::read_npy(&bytes[..]), ErrorKind::WrongDtype { .. });
        has_kind!(Array2::<f64>::read_npy(&bytes[..]), ErrorKind::WrongNdim { .. });
        has_kind!(Array3::<f64>::read_npy(&bytes[..200]), ErrorKind::Npy { .. });
        has_kind!(Array3::<f64>::read_npy(&bytes[1..]), ErrorKind::NotAnArray { .. });
    }

    #[cfg(feature = "deflate")]
    #[test]
    fn an_archive_is_written_compressed() {
        let mut npz = NpzWriter::new_compressed(Cursor::new(Vec::new()));
        npz.add_array("x", &Array2::<f64>::zeros((10, 100))).unwrap();
        let npz = npz::NpzReader::new(npz.finish().unwrap()).unwrap();
        assert!(npz.info("x").unwrap().is_compressed());
        assert_eq!(npz.get::<Array2<f64>>("x").unwrap(), Array2::zeros((10, 100)));
    }
}
