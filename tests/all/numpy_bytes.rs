//! What we write is byte for byte what NumPy writes, and what NumPy wrote we read.

use std::collections::HashMap;
use std::fs;
use std::io::Cursor;

use crate::common::{Case, Sample, data, lay_out, members, values};
use ndarray::{Array2, ArrayD, Order};
use npz::{Compression, Endian, NpzReader, NpzWriter, WriteNpz, dtype::Kind};

fn cases() -> HashMap<String, Vec<u8>> {
    let cases: HashMap<_, _> = members(&fs::read(data("cases.npz")).unwrap()).into_iter().collect();
    assert!(cases.len() > 1500);
    cases
}

/// Writes a case as NumPy did, and returns our `.npy` member.
fn member<T: Sample>(case: &Case) -> Vec<u8> {
    lay_out(&values::<T>(&case.shape), case.layout, |array| {
        let mut npz = NpzWriter::new(Cursor::new(Vec::new())).endian(case.endian);
        npz.array("x", &array).unwrap();
        if cfg!(feature = "deflate") {
            npz.entry("deflated").compression(Compression::Deflate(6)).array(&array).unwrap();
        }
        let mut written = members(npz.finish().unwrap().get_ref());
        assert_eq!(written[0].0, "x.npy");
        assert!(written.iter().all(|(_, bytes)| *bytes == written[0].1), "stored and deflated");
        if case.endian == Endian::NATIVE {
            let mut npy = Vec::new();
            array.write_npy(&mut npy).unwrap();
            assert_eq!(npy, written[0].1, "write_npy");
        }
        written.swap_remove(0).1
    })
}

#[test]
fn members_are_byte_for_byte_numpys() {
    for (name, expected) in cases() {
        let case = Case::parse(name.strip_suffix(".npy").unwrap());
        let written = with_element!(case.dtype, member(&case));
        assert!(written == expected, "{name}: {:?}", String::from_utf8_lossy(&written[..128]));
    }
}

/// Loads a case, through the zip that NumPy wrote, and compares values and layout.
fn load<T: Sample>(npz: &NpzReader<impl Sized>, name: &str, case: &Case) {
    let array: ArrayD<T> = npz.get(name).unwrap();
    let expected = values::<T>(&case.shape);
    match case.layout {
        "broadcast" => lay_out(&expected, "broadcast", |expected| assert_eq!(array, expected)),
        _ => assert_eq!(array, expected, "{name}"),
    }
    let info = npz.info(name).unwrap();
    assert_eq!(info.shape(), case.shape);
    assert_eq!(info.dtype(), &T::dtype(case.endian), "{name}");
    let is_fortran = info.order() == Order::F;
    assert_eq!(is_fortran, array.t().is_standard_layout() && !array.is_standard_layout(), "{name}");
}

#[test]
fn all_that_numpy_wrote_is_loaded() {
    fn load_all(npz: &NpzReader<impl Sized>) {
        for name in npz.names() {
            let case = Case::parse(name);
            with_element!(case.dtype, load(npz, name, &case));
        }
    }
    load_all(&NpzReader::open(data("cases.npz")).unwrap());
    load_all(&NpzReader::from_bytes(fs::read(data("cases.npz")).unwrap()).unwrap());
    load_all(&NpzReader::new(fs::File::open(data("cases.npz")).unwrap()).unwrap());
}

#[test]
fn the_order_option_is_what_numpys_asfortranarray_and_ascontiguousarray_give() {
    let member = |order: Option<Order>, array: &ArrayD<i32>| {
        let mut npz = NpzWriter::new(Cursor::new(Vec::new())).order(order);
        npz.array("x", array).unwrap();
        members(npz.finish().unwrap().get_ref()).swap_remove(0).1
    };
    let keep = |array: &ArrayD<i32>| member(None, array);
    for shape in [&[][..], &[5], &[0, 3], &[1, 5], &[5, 1], &[3, 4], &[2, 3, 4], &[3, 1, 2]] {
        let c = values::<i32>(shape);
        lay_out(&c, "F", |f| {
            let f = f.to_owned();
            assert_eq!(member(Some(Order::C), &f), keep(&c), "{shape:?}");
            assert_eq!(member(Some(Order::F), &c), keep(&f), "{shape:?}");
            assert_eq!(member(Some(Order::F), &f), keep(&f), "{shape:?}");
            assert_eq!(member(Some(Order::C), &c), keep(&c), "{shape:?}");
        });
    }
}

fn x() -> Array2<f64> {
    values(&[3, 4]).into_dimensionality().unwrap()
}

#[test]
fn an_archive_of_savez_is_loaded() {
    let npz = NpzReader::open(data("stored.npz")).unwrap();
    assert_eq!(npz.names().collect::<Vec<_>>(), ["name", "a//b", "é", "", "arr_0", "arr_1"]);
    assert_eq!(npz.len(), 6);
    assert_eq!(npz.get::<Array2<f64>>("arr_0").unwrap(), x());
    let transposed = npz.get::<Array2<f64>>("arr_1").unwrap();
    assert_eq!(transposed, x().t());
    assert!(transposed.t().is_standard_layout(), "Fortran layout is kept");
    assert_eq!(
        npz.get::<Vec<i32>>("name").unwrap(),
        values::<i32>(&[5]).into_raw_vec_and_offset().0
    );
    assert_eq!(npz.get::<f64>("a//b").unwrap(), 0.5);
    assert!(npz.get::<bool>("é").unwrap());
    assert_eq!(npz.get::<Array2<f64>>("").unwrap(), x());
    npz.verify().unwrap();
}

#[test]
#[cfg(feature = "deflate")]
fn an_archive_of_savez_compressed_is_loaded() {
    let npz = NpzReader::open(data("compressed.npz")).unwrap();
    assert_eq!(npz.get::<Array2<f64>>("arr_0").unwrap(), x());
    assert_eq!(npz.get::<Array2<f64>>("arr_1").unwrap(), x().t());
    let big: Vec<i64> = npz.get("big").unwrap();
    assert!(big.iter().enumerate().all(|(i, &value)| value == i as i64 % 251));
    assert!(npz.info("big").unwrap().is_compressed());
    npz.verify().unwrap();
}

#[test]
#[cfg(feature = "deflate")]
fn a_streamed_archive_is_loaded() {
    let npz = NpzReader::open(data("streamed.npz")).unwrap();
    assert_eq!(npz.get::<Array2<f64>>("x").unwrap(), x());
    assert_eq!(npz.get::<Array2<f64>>("y").unwrap(), x().t());
    npz.verify().unwrap();
}

#[test]
fn an_npy_file_is_loaded() {
    let array: Array2<f64> = npz::ReadNpz::load_npy(data("x.npy")).unwrap();
    assert_eq!(array, x());
    let mut npz = NpzWriter::new(Cursor::new(Vec::new())).endian(Endian::Little);
    npz.array("x", &x()).unwrap();
    let written = members(npz.finish().unwrap().get_ref()).swap_remove(0).1;
    assert_eq!(written, fs::read(data("x.npy")).unwrap());
}

#[test]
fn format_versions_2_and_3_are_loaded() {
    let npz = NpzReader::open(data("versions.npz")).unwrap();
    assert_eq!(npz.get::<Array2<f64>>("v2").unwrap(), x());
    assert_eq!(npz.get::<Array2<f64>>("v3").unwrap(), x());
}

#[test]
fn members_that_are_not_arrays_are_listed_apart() {
    let npz = NpzReader::open(data("others.npz")).unwrap();
    // As NumPy: a member answers to its whole name, and is an array if it starts like one.
    assert_eq!(npz.names().collect::<Vec<_>>(), ["x", "bare"]);
    assert_eq!(npz.other_members().collect::<Vec<_>>(), ["README.txt", "folder/", "__MACOSX/._x"]);
    npz.verify().unwrap();
    assert_eq!(npz.get::<Array2<f64>>("x.npy").unwrap(), x());
    assert_eq!(npz.get::<Array2<f64>>("bare").unwrap(), x());
    let error = npz.get::<Array2<f64>>("README.txt").unwrap_err().to_string();
    assert!(error.starts_with("array `README.txt`: it is not an array"), "{error}");

    let npz = NpzReader::open(data("only_others.npz")).unwrap();
    assert!(npz.is_empty());
    let error = npz.get::<f64>("x").unwrap_err().to_string();
    assert_eq!(error, "no array `x`; the archive has no arrays");
}

#[test]
fn an_empty_archive_and_one_behind_other_bytes_are_opened() {
    let npz = NpzReader::open(data("empty.npz")).unwrap();
    assert_eq!(npz.len(), 0);
    npz.verify().unwrap();
    let npz = NpzReader::open(data("prefixed.npz")).unwrap();
    assert_eq!(npz.get::<Array2<f64>>("arr_0").unwrap(), x());
}

#[test]
fn info_works_on_every_dtype() {
    let npz = NpzReader::open(data("dtypes.npz")).unwrap();
    for (name, member) in members(&fs::read(data("dtypes.npz")).unwrap()) {
        let info = npz.info(name.strip_suffix(".npy").unwrap()).unwrap();
        // The descr in the header, which is the first value of its dict.
        let text = String::from_utf8_lossy(&member);
        let descr = text.split_once("'descr': ").unwrap().1;
        let descr = descr.split_once(", 'fortran_order'").unwrap().0;
        let ours = match info.dtype() {
            npz::DType::Scalar(_) => format!("'{}'", info.dtype()),
            other => other.to_string(),
        };
        assert_eq!(ours, descr, "{name}");
    }
    let npz::DType::Record(record) = npz.info("record").unwrap().dtype().clone() else { panic!() };
    let fields: Vec<_> =
        record.fields().iter().map(|field| (field.name(), field.offset())).collect();
    assert_eq!(fields, [("id", 0), ("pos", 4), ("tag", 28), ("inner", 31)]);
    assert_eq!(record.itemsize(), 34);
    let npz::DType::Scalar(date) = npz.info("<m8[25s]").unwrap().dtype().clone() else { panic!() };
    assert!(matches!(date.kind(), Kind::Timedelta(Some(unit)) if unit.multiple == 25));
}

#[test]
fn two_programs_that_write_the_same_write_the_same_bytes() {
    let write = || {
        let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
        npz.array("x", &x()).unwrap().array("t", &x().t()).unwrap().push(&1.5).unwrap();
        npz.finish().unwrap().into_inner()
    };
    let first = write();
    std::thread::sleep(std::time::Duration::from_millis(2100)); // zip's clock ticks every 2 s
    assert_eq!(first, write());
}
