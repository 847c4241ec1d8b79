//! Of `src/write.rs`.

use super::shim::to_bytes_1d;
use super::*;

/// Their `write_1d_simple`.
#[test]
fn values_are_written_one_after_the_other() {
    let bytes = to_bytes_1d(&[1.0, 3.0, 5.0]);
    assert_eq!(NpyFile::new(&bytes).unwrap().into_vec::<f64>().unwrap(), [1.0, 3.0, 5.0]);
}

/// Their `write_1d_in_the_middle` and `write_2d_in_the_middle`.
#[test]
fn an_array_is_written_where_the_writer_is() {
    let (before, after) = (b"What was written before.", b"What is written after it.");
    let values = [1.0, 3.0, 5.0, 6.0, -1.0, 4.0];
    for shape in [&[6][..], &[2, 3]] {
        let bytes = written(|bytes| {
            bytes.write_all(before).unwrap();
            let mut rows = match shape[..] {
                [_, row] => WriteOptions(&mut *bytes).begin_2d::<f64>(row).unwrap(),
                _ => WriteOptions(&mut *bytes).begin_1d::<f64>().unwrap(),
            };
            rows.extend(&Flat::new(&values, shape).unwrap()).unwrap();
            rows.finish().unwrap();
            bytes.write_all(after).unwrap();
        });
        let array = bytes.strip_prefix(before).unwrap().strip_suffix(after).unwrap();
        let npy = NpyFile::new(array).unwrap();
        assert_eq!(npy.shape(), shape);
        assert_eq!(npy.into_vec::<f64>().unwrap(), values);
    }
}

/// Their `write_2d_simple`.
#[test]
fn rows_are_written_of_any_length() {
    let values = [1.0, 3.0, 5.0, -4.0, 3.0, 2.0];
    for row in [3, 2] {
        let bytes = written(|bytes| {
            let mut rows = WriteOptions(bytes).begin_2d::<f64>(row).unwrap();
            values.chunks(row).for_each(|values| rows.push(values).map(drop).unwrap());
            rows.finish().unwrap();
        });
        let npy = NpyFile::new(&bytes).unwrap();
        assert_eq!(npy.shape(), [6 / row, row]);
        assert_eq!(npy.into_vec::<f64>().unwrap(), values);
    }
}

/// Their `write_2d_simple_fortran_order`.
#[test]
fn columns_are_written_all_together() {
    let values = [1.0, 3.0, 5.0, -4.0, 3.0, 2.0];
    for column in [3, 2] {
        let bytes = written(|bytes| {
            let array = Flat::new(&values, &[column, 6 / column]).unwrap().order(Order::F);
            NpyWriter::new(bytes).array(&array).unwrap();
        });
        let npy = NpyFile::new(&bytes).unwrap();
        assert_eq!((npy.shape(), npy.order()), (&[column, 6 / column][..], Order::F));
        assert_eq!(npy.into_vec::<f64>().unwrap(), values);
    }
    let rows = NpyWriter::new(Cursor::new(Vec::new())).order(Order::F).rows::<f64>([3]);
    has_kind!(rows, ErrorKind::InvalidOption { .. });
}

/// Their `implicit_finish`, which finds the four values.
#[test]
fn an_array_that_is_not_finished_is_none() {
    let bytes = written(|bytes| {
        let mut rows = WriteOptions(bytes).begin_1d::<f64>().unwrap();
        rows.extend(&[1.0, 3.0, 5.0, 7.0]).unwrap();
    });
    has_kind!(NpyFile::new(&bytes), ErrorKind::NoArray);

    let folder = crate::common::folder();
    let path = folder.path().join("x.npy");
    let mut rows = NpyWriter::create(&path).unwrap().rows::<f64>([]).unwrap();
    rows.push(&1.0).unwrap();
    drop(rows);
    assert!(!path.exists());
}

/// Their `write_nd_simple`.
#[test]
fn an_array_is_written_to_a_stream_that_is_told_its_shape() {
    let values = [0, 1, 2, 10, 11, 12];
    let mut bytes = Vec::new();
    let mut rows = NpyWriter::stream(&mut bytes).count(2).rows::<i32>([3]).unwrap();
    rows.extend(&Flat::new(&values, &[2, 3]).unwrap()).unwrap();
    rows.finish().unwrap();
    let npy = NpyFile::new(&bytes).unwrap();
    assert_eq!(npy.shape(), [2, 3]);
    assert_eq!(npy.into_vec::<i32>().unwrap(), values);
}

/// Their `write_nd_wrong_len` and `write_2d_wrong_len`.
#[test]
fn values_that_make_no_whole_rows_or_not_as_many_as_were_said_are_errors() {
    let write = |len: usize, is_told: bool| -> npz::Result<()> {
        let values: Vec<i32> = (0..len as i32).collect();
        let npy = WriteOptions(Cursor::new(Vec::new()));
        let rows = if is_told { npy.begin_nd::<i32>(&[2, 3]) } else { npy.begin_2d::<i32>(3) };
        let mut rows = rows?;
        for row in values.chunks(3) {
            rows.push(row)?;
        }
        rows.finish()
    };
    for is_told in [false, true] {
        write(6, is_told).unwrap();
        for len in [5, 7] {
            has_kind!(write(len, is_told), ErrorKind::WrongShape { .. });
        }
    }
    write(9, false).unwrap();
    for len in [3, 9] {
        has_kind!(write(len, true), ErrorKind::WrongShape { .. });
    }
}

/// Their `write_header_only_positions` and `write_header_only_funny_type`: here such headers are read, and not
/// written.
#[test]
fn headers_of_python_objects_are_read_alone() {
    for descr in ["'|O'", "[('parent', [('child', '|O')])]"] {
        let bytes = file(descr, Order::C, "(2, 3)", b"a pickle");
        let npy = NpyFile::new(&bytes).unwrap();
        assert_eq!((npy.dtype(), npy.shape()), (&parse(descr), &[2, 3][..]));
        assert_eq!((npy.len(), npy.uses_pickled_array()), (6, true));
        let body = NpyReader::from_bytes(&bytes).unwrap().info().offset().unwrap();
        assert_eq!(&bytes[body as usize..], b"a pickle");

        let rows = WriteOptions(Cursor::new(Vec::new())).begin_1d_of(parse(descr));
        has_kind!(rows, ErrorKind::Unsupported { .. });
    }
}

/// An array is read up to its end, so that what follows can be read by another.
#[test]
fn reading_stops_where_writing_did() {
    let mut bytes = to_bytes_1d(&[1, 2]);
    bytes.extend(b"more");
    let mut reader = &bytes[..];
    assert_eq!(Vec::<i32>::read_npy(&mut reader).unwrap(), [1, 2]);
    assert_eq!(reader, b"more");
}
