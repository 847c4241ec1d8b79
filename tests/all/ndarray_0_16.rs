//! Arrays of ndarray 0.16 are saved and loaded as those of this crate's ndarray are.

use std::io::Cursor;

use ndarray_0_16::{ArcArray2, Array0, Array1, Array2, ArrayD, CowArray, Ix2, array};
use npz::{AnyArray, ErrorKind, NpyReader, NpzReader, NpzWriter, ReadNpz, ToNpy, WriteNpz};

fn saved(array: &impl ToNpy) -> Vec<u8> {
    let mut file = Vec::new();
    array.write_npy(&mut file).unwrap();
    file
}

/// Views of many kinds, of the given ndarray, as they are saved.
macro_rules! saved_views {
    ($ndarray:ident) => {{
        use $ndarray::{Array3, Axis, ShapeBuilder, s};
        let number = |(i, j, k): (usize, usize, usize)| (100 * i + 10 * j + k) as f64;
        let c = Array3::from_shape_fn((4, 5, 6), number);
        let f = Array3::from_shape_fn((4, 5, 6).f(), number);
        let mut files = Vec::new();
        for x in [&c, &f] {
            let mut backwards = x.view();
            backwards.invert_axis(Axis(0));
            files.extend([
                saved(x),
                saved(&x.t()),
                saved(&x.view().permuted_axes([1, 2, 0])),
                saved(&backwards),
                saved(&x.slice(s![..;-1, ..;-1, ..;-1])),
                saved(&x.slice(s![.., 1..;2, ..;-3])),
                saved(&x.slice(s![..1;-1, .., ..])),
                saved(&x.slice(s![.., 2..2;-1, ..])),
                saved(&x.slice(s![1, 2, 3])),
                saved(&x.slice(s![1, .., 3])),
                saved(&x.slice(s![1, 2, ..]).broadcast((3, 2, 6)).unwrap()),
                saved(&x.mapv(|x| x > 200.0)),
                saved(&x.mapv(|x| format!("{x}"))),
                saved(&x.map_axis(Axis(1), |lane| lane.len() as u8)),
            ]);
        }
        files
    }};
}

#[test]
fn the_same_views_are_the_same_bytes() {
    let (files, ours) = (saved_views!(ndarray_0_16), saved_views!(ndarray));
    assert!(files.len() > 20);
    for (at, (file, ours)) in files.iter().zip(&ours).enumerate() {
        assert_eq!(file, ours, "view {at}");
    }
}

#[test]
fn they_are_loaded_as_they_were_saved() {
    let x = array![[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]];
    for (view, is_c) in [(x.view(), true), (x.t(), false)] {
        let file = saved(&view);
        let loaded = Array2::<f64>::read_npy(&file[..]).unwrap();
        assert_eq!(loaded, view);
        assert_eq!(loaded.is_standard_layout(), is_c);
        assert_eq!(ArrayD::<f64>::read_npy(&file[..]).unwrap(), view.into_dyn());
        assert_eq!(ArcArray2::<f64>::read_npy(&file[..]).unwrap(), view);
        assert_eq!(CowArray::<f64, Ix2>::read_npy(&file[..]).unwrap(), view);
        let npy = NpyReader::from_bytes(&file).unwrap();
        assert_eq!(npy.get_cast::<Array2<f32>>().unwrap(), view.mapv(|x| x as f32));
    }
    let flags = array![true, false];
    assert_eq!(Array1::<bool>::read_npy(&saved(&flags)[..]).unwrap(), flags);
    assert_eq!(Array0::<i32>::read_npy(&saved(&7)[..]).unwrap().into_scalar(), 7);
    let empty = Array2::<u8>::zeros((0, 3));
    assert_eq!(Array2::<u8>::read_npy(&saved(&empty)[..]).unwrap(), empty);
}

#[test]
fn both_are_in_one_archive() {
    let old = Array2::from_shape_fn((5, 2), |(i, j)| (10 * i + j) as i64);
    let new = ndarray::Array2::from_shape_fn((5, 2), |(i, j)| (10 * i + j) as i64);
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    npz.array("old", &old).unwrap().array("new", &new).unwrap();
    npz.entry("columns").order(ndarray::Order::F).array(&old).unwrap();
    npz.arrays([("either", &old as &dyn ToNpy), ("other", &new)]).unwrap();
    let npz = NpzReader::new(npz.finish().unwrap()).unwrap();
    for name in npz.names() {
        assert_eq!(npz.get::<Array2<i64>>(name).unwrap(), old, "{name}");
        assert_eq!(npz.get::<ndarray::Array2<i64>>(name).unwrap(), new, "{name}");
    }
    let rows = npz.get_slice::<Array2<i64>>("new", ndarray::s![1..3, ..]).unwrap();
    assert_eq!(rows, old.slice(ndarray_0_16::s![1..3, ..]));
    let blocks = npz.chunks::<Array2<i64>>("new", 2).unwrap();
    let rows: usize = blocks.map(|block| block.unwrap().nrows()).sum();
    assert_eq!(rows, 5);
    assert!(matches!(npz.get::<AnyArray>("old").unwrap(), AnyArray::I64(_)));
}

#[test]
fn what_they_cannot_hold_is_an_error() {
    let file = saved(&array![[1_i32, 2]]);
    let error = Array1::<i32>::read_npy(&file[..]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WrongNdim { expected: 1, .. }), "{error}");
    let error = Array2::<f64>::read_npy(&file[..]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WrongDtype { .. }), "{error}");
    let npy = NpyReader::from_bytes(&file).unwrap();
    let error = npy.get_cast::<Array1<f64>>().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WrongNdim { expected: 1, .. }), "{error}");
}
