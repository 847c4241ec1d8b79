//! Of `src/read.rs`, `tests/nd.rs`, `tests/npz.rs` and `examples/ndarray.rs`: whole files, their orders, and a
//! value at a time.

use super::shim::to_bytes_1d;
use super::*;
use crate::common::forged;

/// The elements of their files of shape (2, 3, 4), in the order of the file.
fn elements(order: Order) -> Vec<i64> {
    match order {
        Order::F => [1, 4, 2, 5, 3, 6].repeat(4),
        _ => (1..=6).flat_map(|element| [element; 4]).collect(),
    }
}

fn numpys_file(order: Order) -> Vec<u8> {
    let body: Vec<u8> = elements(order).into_iter().flat_map(i64::to_le_bytes).collect();
    file("'<i8'", order, "(2, 3, 4)", &body)
}

/// Their `read_c_order` and `read_fortran_order`, `test_strides`, and `read_c_order` and `read_f_order` of the
/// example.
#[test]
fn files_are_read_in_their_order_as_elements_and_as_arrays() {
    for (order, strides) in [(Order::C, [12, 4, 1]), (Order::F, [1, 2, 6])] {
        let bytes = numpys_file(order);
        let npy = NpyFile::new(&bytes).unwrap();
        assert_eq!((npy.shape(), npy.order()), (&[2, 3, 4][..], order));
        assert_eq!(npy.into_vec::<i64>().unwrap(), elements(order));

        let array = Array3::<i64>::read_npy(&bytes[..]).unwrap();
        assert_eq!(array.strides(), strides);
        assert_eq!([array[[0, 2, 1]], array[[0, 1, 1]], array[[1, 2, 2]]], [3, 2, 6]);
        assert_eq!(ArrayD::<i64>::read_npy(&bytes[..]).unwrap(), array.into_dyn());
        let (in_c_order, shape) = <(Vec<i64>, Vec<usize>)>::read_npy(&bytes[..]).unwrap();
        assert_eq!((in_c_order, shape), (elements(Order::C), vec![2, 3, 4]));
    }
    let mut scalar = Vec::new();
    1_i64.write_npy(&mut scalar).unwrap();
    assert_eq!(ArrayD::<i64>::read_npy(&scalar[..]).unwrap().strides(), []);
}

/// Their `write_c_order` and `write_fortran_order`.
#[test]
fn elements_are_written_in_either_order() {
    let c = written(|bytes| {
        let mut rows = WriteOptions(bytes).begin_nd::<i64>(&[2, 3, 4]).unwrap();
        rows.extend(&Flat::new(&elements(Order::C), &[2, 3, 4]).unwrap()).unwrap();
        rows.finish().unwrap();
    });
    let fortran = written(|bytes| {
        let elements = elements(Order::F);
        let array = Flat::new(&elements, &[2, 3, 4]).unwrap().order(Order::F);
        NpyWriter::new(bytes).array(&array).unwrap();
    });
    for (bytes, order) in [(c, Order::C), (fortran, Order::F)] {
        let npy = NpyFile::new(&bytes).unwrap();
        assert_eq!((npy.shape(), npy.order()), (&[2, 3, 4][..], order));
        assert_eq!(npy.into_vec::<i64>().unwrap(), elements(order));
    }
}

/// Their `test` of the example.
#[test]
fn an_array_of_any_layout_is_written_in_c_order() {
    let array = Array3::from_shape_fn((6, 7, 8), |(i, j, k)| (100 * i + 10 * j + k) as i32);
    let view = array.t();
    let view = view.slice(s![.., .., ..;2]);
    let bytes = written(|bytes| NpyWriter::new(bytes).order(Order::C).array(&view).unwrap());
    let npy = NpyFile::new(&bytes).unwrap();
    assert_eq!((npy.order(), npy.shape()), (Order::C, &[8, 7, 3][..]));
    assert_eq!(npy.into_vec::<i32>().unwrap()[..4], [0, 200, 400, 10]);
}

/// The arrays of their archives.
fn check_archive(archive: &[u8]) {
    let npz = NpzArchive::new(Cursor::new(archive)).unwrap();
    let mut names: Vec<_> = npz.array_names().collect();
    names.sort_unstable();
    assert_eq!(names, ["floats", "ints"]);
    assert_eq!(npz.by_name::<i64>("ints").unwrap(), Some((vec![1, 2, 3, 4], vec![4])));
    assert_eq!(npz.by_name::<f64>("floats").unwrap(), Some((vec![1.0, 2.0], vec![2, 1])));
    assert_eq!(npz.by_name::<f64>("other").unwrap(), None);
}

fn numpys_members() -> [(&'static str, Vec<u8>); 2] {
    let ints: Vec<u8> = (1..=4_i64).flat_map(i64::to_le_bytes).collect();
    let floats: Vec<u8> = [1.0, 2.0].into_iter().flat_map(f64::to_le_bytes).collect();
    let ints = file("'<i8'", Order::C, "(4,)", &ints);
    [("ints.npy", ints), ("floats.npy", file("'<f8'", Order::C, "(2, 1)", &floats))]
}

/// Their `read_uncompressed`.
#[test]
fn an_archive_is_read() {
    check_archive(&forged::archive(&numpys_members().map(|(name, npy)| forged::stored(name, npy))));
}

/// Their `read_compressed`.
#[cfg(feature = "deflate")]
#[test]
fn a_compressed_archive_is_read() {
    let members = numpys_members().map(|(name, npy)| {
        // One block of deflate, whose bytes are stored.
        let len = npy.len() as u16;
        let start = [&[1][..], &len.to_le_bytes(), &(!len).to_le_bytes()].concat();
        forged::deflated(name, [start, npy.clone()].concat(), &npy)
    });
    check_archive(&forged::archive(&members));
}

/// Their `basic_write`, which leaves it to `drop` to finish.
#[test]
fn an_archive_is_written_a_value_and_a_row_at_a_time() {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    let mut ints = npz.rows::<i64>("ints", []).unwrap();
    (1..=4_i64).for_each(|int| ints.push(&int).map(drop).unwrap());
    ints.finish().unwrap();
    let mut floats = npz.rows::<f64>("floats", [1]).unwrap();
    [1.0, 2.0].iter().for_each(|&float| floats.push(&[float]).map(drop).unwrap());
    floats.finish().unwrap();
    check_archive(npz.finish().unwrap().get_ref());
}

const SEVEN: [i32; 7] = [100, 101, 102, 103, 104, 105, 106];

/// Their `test_methods_after_partial_iteration`, `test_next_after_finished_iteration` and `test_methods_after_seek`.
#[test]
fn a_value_at_a_time_is_read_from_anywhere() {
    let npy = NpyReader::from_bytes(to_bytes_1d(&SEVEN)).unwrap();
    let mut values = npy.chunks::<Vec<i32>>(1).unwrap();
    assert_eq!(values.len(), 7);
    assert_eq!(values.next().unwrap().unwrap(), [100]);
    assert_eq!(values.next().unwrap().unwrap(), [101]);
    assert_eq!(values.len(), 5);
    assert_eq!(values.by_ref().count(), 5);
    assert!(values.next().is_none() && values.next().is_none());
    assert_eq!(values.len(), 0);

    // Theirs seeks to 4. To go back, one begins anew.
    let mut values = npy.chunks::<Vec<i32>>(1).unwrap();
    assert_eq!(values.nth(4).unwrap().unwrap(), [104]);
    assert_eq!(values.len(), 2);
    assert_eq!(npy.get_slice::<i32>(s![2]).unwrap(), 102);
    assert_eq!(npy.get_slice::<Vec<i32>>(s![3..]).unwrap(), SEVEN[3..]);
}

/// Their `test_{seek,read}_boundary_{ok,ng}`, of which the latter panic.
#[test]
fn reading_beyond_the_end_is_an_error() {
    let npy = NpyReader::from_bytes(to_bytes_1d(&[1, 2, 3])).unwrap();
    assert_eq!(npy.get_slice::<Vec<i32>>(s![3..]).unwrap(), []);
    has_kind!(npy.get_slice::<Vec<i32>>(s![4..]), ErrorKind::InvalidSlice { .. });
    assert_eq!(npy.get_slice::<i32>(s![2]).unwrap(), 3);
    has_kind!(npy.get_slice::<i32>(s![3]), ErrorKind::InvalidSlice { .. });
    assert!(npy.chunks::<Vec<i32>>(1).unwrap().nth(3).is_none());
}

/// Their `test_reusing_header`.
#[test]
fn an_array_is_read_as_often_as_one_likes() {
    let npy = NpyReader::from_bytes(to_bytes_1d(&SEVEN)).unwrap();
    for _ in 0..2 {
        assert_eq!(npy.get::<Vec<i32>>().unwrap(), SEVEN);
    }
}
