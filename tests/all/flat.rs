//! `Flat`, and a `Vec` with a shape: arrays without ndarray, in both orders.

use std::collections::HashMap;
use std::fmt::Debug;
use std::fs;
use std::io::Cursor;

use crate::common::{self, Case, Sample, compressions, data, members, native, values};
use ndarray::{ArrayD, Order, s};
use npz::time::unit::{Day, Nanosecond};
use npz::time::{Datetime64, Timedelta64};
use npz::{
    Bytes, Compression, DType, ErrorKind, FixedBytes, FixedStr, Flat, FromNpy, Limits, LoadElement,
    NpyReader, NpzReader, NpzWriter, Raw, ReadNpz, ToNpy, WriteNpz, npy, savez,
};
use num_complex::Complex;

/// What the elements and the shape are loaded as.
type Parts<T> = (Vec<T>, Vec<usize>);

const ORDERS: [Order; 2] = [Order::C, Order::F];

/// The elements of `x` in `order`, and its shape.
fn parts<T: Clone>(x: &ArrayD<T>, order: Order) -> Parts<T> {
    let view = if order == Order::F { x.t() } else { x.view() };
    (view.iter().cloned().collect(), x.shape().to_vec())
}

/// An archive of the array `x`.
fn archive<T: ToNpy + ?Sized>(x: &T, compression: Compression) -> NpzReader<Vec<u8>> {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new())).compression(compression);
    npz.array("x", x).unwrap();
    NpzReader::from_bytes(npz.finish().unwrap().into_inner()).unwrap()
}

#[track_caller]
fn message<T: Debug>(result: npz::Result<T>) -> String {
    result.unwrap_err().to_string()
}

/// Checks what is loaded of a case that NumPy wrote, and returns the member that it is saved as.
fn loaded_and_saved<T: Sample>(
    case: &Case,
    order: Order,
    npz: &NpzReader<fs::File>,
    name: &str,
) -> Vec<u8> {
    let x = values::<T>(&case.shape);
    assert_eq!(npz.get::<Parts<T>>(name).unwrap(), parts(&x, Order::C), "{name}");
    for wanted in ORDERS {
        let flat: Flat<Vec<T>> = npz.get(name).unwrap();
        assert_eq!(flat.into_parts(wanted), parts(&x, wanted), "{name}");
    }
    let (data, shape) = parts(&x, order);
    let flat = Flat::new(&data, &shape).unwrap().order(order);
    let mut npz = NpzWriter::new(Cursor::new(Vec::new())).endian(case.endian);
    npz.array("x", &flat).unwrap();
    members(npz.finish().unwrap().get_ref()).swap_remove(0).1
}

#[test]
fn what_numpy_wrote_is_loaded_in_either_order_and_saved_as_numpy_does() {
    let path = data("cases.npz");
    let numpys: HashMap<_, _> = members(&fs::read(&path).unwrap()).into_iter().collect();
    let npz = NpzReader::open(path).unwrap();
    let mut count = 0;
    for name in npz.names() {
        let case = Case::parse(name);
        let order = match case.layout {
            "C" => Order::C,
            "F" => Order::F,
            _ => continue,
        };
        let member = with_element!(case.dtype, loaded_and_saved(&case, order, &npz, name));
        assert!(member == numpys[&format!("{name}.npy")], "{name}");
        count += 1;
    }
    assert!(count > 400, "{count}");
}

/// Saves and loads the elements that `value` makes, in every shape, order and way.
#[track_caller]
fn round_trips<T: LoadElement + PartialEq + Debug>(value: impl Fn(usize) -> T) {
    let folder = common::folder();
    let [in_npz, in_npy] = ["x.npz", "x.npy"].map(|name| folder.path().join(name));
    for shape in [&[][..], &[0], &[7], &[3, 4], &[1, 5], &[2, 0, 3], &[2, 3, 4]] {
        let count = shape.iter().product();
        let x = ArrayD::from_shape_vec(shape, (0..count).map(&value).collect()).unwrap();
        for saved in ORDERS {
            let data = parts(&x, saved).0;
            let flat = Flat::new(&data, shape).unwrap().order(saved);
            for compression in compressions(6) {
                let npz = archive(&flat, compression);
                assert_eq!(npz.get::<ArrayD<T>>("x").unwrap(), x, "as ndarray sees it");
                assert_eq!(npz.get::<Parts<T>>("x").unwrap(), parts(&x, Order::C));
            }
            savez!(&in_npz, x = flat).unwrap();
            flat.save_npy(&in_npy).unwrap();
            assert_eq!(Parts::<T>::load_npz(&in_npz, "x").unwrap(), parts(&x, Order::C));
            assert_eq!(Parts::<T>::load_npy(&in_npy).unwrap(), parts(&x, Order::C));
            for wanted in ORDERS {
                let flat: Flat<Vec<T>> = NpyReader::open(&in_npy).unwrap().get().unwrap();
                // What has been loaded can be saved again.
                let again = archive(&flat, Compression::Stored);
                assert_eq!(again.get::<ArrayD<T>>("x").unwrap(), x);
                assert_eq!(flat.into_parts(wanted), parts(&x, wanted), "{shape:?} {saved:?}");
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Atom {
    position: [f64; 3],
    symbol: FixedBytes<8>,
}
npz::record!(Atom { position, symbol });

#[test]
fn elements_of_every_kind_are_saved_and_loaded() {
    round_trips(|i| i.is_multiple_of(3));
    round_trips(|i| i as u8);
    round_trips(|i| -(i as i64));
    round_trips(|i| i as f32 / 3.0);
    round_trips(|i| Complex::new(i as f64, -0.5));
    round_trips(|i| "é猫x".repeat(i % 3));
    round_trips(|i| Bytes::from(&b"abcdefg"[..i % 8]));
    round_trips(|i| FixedStr::<3>::try_from(&*i.to_string()).unwrap());
    round_trips(|i| Datetime64::<Day>::new(i as i64));
    round_trips(|i| Timedelta64::<Nanosecond>::new(-(i as i64)));
    round_trips(|i| Atom { position: [i as f64; 3], symbol: "C".try_into().unwrap() });
    #[cfg(feature = "half")]
    round_trips(|i| half::f16::from_f32(i as f32));
}

#[test]
fn borrowed_text_is_saved() {
    let flat = Flat::new(&["a", "bc", "d", "", "e", "fgh"], &[2, 3]).unwrap().order(Order::F);
    let (words, shape) = archive(&flat, Compression::Stored).get::<Parts<String>>("x").unwrap();
    assert_eq!((words.concat(), shape), ("adebcfgh".to_owned(), vec![2, 3]));
}

#[test]
fn it_is_saved_beside_other_arrays_and_in_the_order_that_the_writer_says() -> npz::Result<()> {
    let data = [1, 2, 3, 4, 5, 6];
    let flat = Flat::new(&data, &[2, 3])?;
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    npz.arrays([("flat", &flat as &dyn ToNpy), ("n", &3)])?;
    npz.entry("turned").order(Order::F).array(&flat)?;
    let npz = NpzReader::new(npz.finish()?)?;
    assert_eq!(npz.info("turned")?.order(), Order::F);
    for name in ["flat", "turned"] {
        assert_eq!(npz.get::<Parts<i32>>(name)?, (data.to_vec(), vec![2, 3]));
    }
    Ok(())
}

#[test]
fn a_shape_that_does_not_take_the_elements_is_an_error() {
    let new = |len: usize, shape: &[usize]| Flat::new(&vec![0.5; len], shape).map(drop);
    for (len, shape, expected) in [
        (6, &[2, 4][..], "shape (2, 4) takes 8 elements, but there are 6"),
        (6, &[5], "shape (5,) takes 5 elements, but there are 6"),
        (6, &[6, 0], "shape (6, 0) takes 0 elements, but there are 6"),
        (0, &[], "shape () takes 1 elements, but there are 0"),
        (2, &[], "shape () takes 1 elements, but there are 2"),
    ] {
        assert_eq!(message(new(len, shape)), expected);
    }
    // Products that wrap round to 0 and to 6, and those that only an empty axis makes small.
    let half = usize::MAX / 2 + 1;
    for shape in [&[half, 2][..], &[half, 2, 6], &[usize::MAX, usize::MAX - 5], &[0, half, 2]] {
        for len in [0, 6] {
            let error = new(len, shape).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Npy { .. }), "{error}");
            assert!(error.to_string().contains("is larger than any memory"), "{error}");
        }
    }
    assert!(new(1, &[1; 64]).is_ok());
    assert!(matches!(new(1, &[1; 65]).unwrap_err().kind(), ErrorKind::Unsupported { .. }));
}

#[test]
fn an_empty_array_may_have_any_shape_that_its_file_has() {
    let shape = [0, isize::MAX as usize];
    for order in ORDERS {
        let empty = Raw::new("|u1".parse().unwrap(), &shape, order, Vec::new()).unwrap();
        let npz = archive(&empty, Compression::Stored);
        assert_eq!(npz.get::<Parts<u8>>("x").unwrap(), (vec![], shape.to_vec()));
        assert_eq!(npz.get_cast::<Parts<f64>>("x").unwrap(), (vec![], shape.to_vec()));
    }
}

#[test]
fn slices_are_flat_too() {
    let x = values::<f64>(&[6, 5, 4]);
    for saved in ORDERS {
        let (data, shape) = parts(&x, saved);
        for compression in compressions(6) {
            let npz = archive(&Flat::new(&data, &shape).unwrap().order(saved), compression);
            for slice in [
                s![1..4, .., ..],
                s![..;-2, 1..;2, ..],
                s![.., 4..;-1, ..;-3],
                s![3..3, .., ..],
                s![.., .., ..],
            ] {
                let expected = x.slice(slice).to_owned().into_dyn();
                let taken: Parts<f64> = npz.get_slice("x", slice).unwrap();
                assert_eq!(taken, parts(&expected, Order::C));
                for wanted in ORDERS {
                    let flat: Flat<Vec<f64>> = npz.get_slice("x", slice).unwrap();
                    assert_eq!(flat.into_parts(wanted), parts(&expected, wanted));
                }
            }
            let one: Parts<f64> = npz.get_slice("x", s![1, 2, 3]).unwrap();
            assert_eq!(one, (vec![x[[1, 2, 3]]], vec![]));
        }
    }
}

#[test]
fn numbers_are_cast_and_each_is_checked() -> npz::Result<()> {
    let flat = Flat::new(&[1_i64, 4, 2, 5, 3, 600], &[2, 3])?.order(Order::F);
    let npz = archive(&flat, Compression::Stored);
    let rows = vec![1.0, 2.0, 3.0, 4.0, 5.0, 600.0];
    assert_eq!(npz.get_cast::<Parts<f32>>("x")?, (rows, vec![2, 3]));
    let columns = vec![1, 4, 2, 5, 3, 600];
    assert_eq!(npz.get_cast::<Flat<Vec<usize>>>("x")?.into_parts(Order::F), (columns, vec![2, 3]));
    assert_eq!(
        message(npz.get_cast::<Parts<u8>>("x")),
        "array `x`: element 5: 600 is not a value of dtype |u1"
    );
    assert_eq!(
        message(npz.get::<Parts<f32>>("x")),
        native("array `x`: expected dtype <f4, found <i8 (get_cast converts)")
    );
    Ok(())
}

#[test]
fn limits_hold() -> npz::Result<()> {
    let flat = Flat::new(&[0.5; 1000], &[10, 100])?;
    let npz = archive(&flat, Compression::Stored);
    let npz = npz.with_limits(Limits::STRICT.max_array_bytes(7999))?;
    let expected = "array `x`: 8000 bytes of elements; at most 7999 are read (max_array_bytes)";
    assert_eq!(message(npz.get::<Parts<f64>>("x")), expected);
    assert_eq!(message(npz.get::<Flat<Vec<f64>>>("x")), expected);
    // Of what is cast, the elements that it becomes are counted.
    assert_eq!(npz.get_cast::<Parts<f32>>("x")?.1, [10, 100]);
    assert_eq!(npz.get_slice::<Parts<f64>>("x", s![..9, ..])?.1, [9, 100]);
    Ok(())
}

/// A tensor of another library, as a type of one's own saves and loads it.
#[derive(Debug, PartialEq)]
struct Tensor {
    data: Vec<f32>,
    dims: Vec<usize>,
}

impl ToNpy for Tensor {
    fn to_npy(&self) -> npy::Outgoing<'_> {
        Flat::new(&self.data, &self.dims).unwrap().into()
    }
}

impl FromNpy for Tensor {
    fn from_npy(array: npy::Incoming<'_>) -> npz::Result<Self> {
        assert_eq!(*array.dtype(), native("<f4").parse::<DType>()?);
        Parts::from_npy(array).map(|(data, dims)| Self { data, dims })
    }
}

#[test]
fn types_of_others_are_fields_of_archives() -> npz::Result<()> {
    #[derive(Debug, PartialEq)]
    struct Layer {
        weights: Tensor,
        bias: Option<Tensor>,
    }
    npz::archive!(Layer { weights, bias });

    let folder = common::folder();
    let path = folder.path().join("layer.npz");
    let weights = Tensor { data: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], dims: vec![3, 2] };
    let layer = Layer { weights, bias: None };
    layer.save(&path)?;
    assert_eq!(Layer::load(&path)?, layer);
    Ok(())
}
