//! The suite of npyz 0.9: the 36 tests in `tests`, and the 73 in its sources.
//!
//! | tests of theirs | why not | what is here instead |
//! |---|---|---|
//! | `test_seek_boundary_ng`, `test_read_boundary_ng` | they panic | errors |
//! | `implicit_finish` | a writer that is dropped gives its array up | no file |
//! | `write_header_only_*` (2) | a header without a body is no array | arrays of objects cannot be saved; `info` reads their header |
//! | `test_reusing_header` | a header is not given to a reader | a reader gives as many arrays as it is asked for |
//! | `roundtrip_byteorder`, `default_dtype` of records | all fields have one byte order when they are written | each its own when they are read |
//! | writing to a dtype that is named (`write_wrong_length`, `wrong_size_int`, `bytes_any_endianness`, …) | the type of the elements is the dtype, of text the longest is | `rows_of` holds each row against the dtype that is named; bytes of any dtype are written by `Raw` |
//! | `String` from `\|S`, UTF-8 or not | `\|S` is bytes | `Bytes`, and `String::from_utf8` |
//! | `Vec<u32>` from `<U`, lone surrogates too | `<U` is text | `String` and its `chars`; `Raw` has the code points |
//! | `i64` from dates, in records too | a date is not a number | `Datetime64` and its `value`; `AnyArray::Datetime` has the counts |
//! | `arrayvec_*` (5), `serialize_types_that_deref_to_slices` | `FixedStr<N>` and `FixedBytes<N>` take the place of ArrayVec, and refuse what they would cut off | the same cases of these |
//! | `dynamic_readers_and_writers` | there are no readers of one value | `AnyArray` is one of any type |
//! | `Vector5`, by `TypeRead` and `TypeWrite` | an element is one of the given types, or a record of them | a field that is an array |
//! | `derive_hygiene` | there are no derives | `record!` below a struct, whose names are used by their full paths |
//! | `errors_when_shape_*` (4) | shapes are read in headers alone | such headers |

use std::io::{Cursor, Write};

use bytemuck::Zeroable;
use ndarray::{Array1, Array2, Order};
use npz::dtype::DType;
use npz::time::{Datetime64, TimeBase, Timedelta64, unit};
use npz::{
    AnyArray, Bytes, Endian, ErrorKind, FixedBytes, FixedStr, NpyReader, NpyWriter, Raw, WriteNpz,
};
use num_complex::Complex;

use self::shim::{NpyFile, NpzArchive, reader_output, to_bytes_1d, to_bytes_2d, writer_output};
use super::{file, has_kind};
use crate::common::data;

/// The names of npyz, for files in memory.
mod shim {
    use std::io::{Read, Seek};

    use ndarray::Order;
    use npz::{
        ArrayInfo, Element, Endian, Flat, LoadElement, NpyReader, NpyWriter, NpzReader, Raw,
        Result, WriteNpz,
    };

    pub struct NpyFile<'a>(NpyReader<&'a [u8]>);

    impl<'a> NpyFile<'a> {
        pub fn new(bytes: &'a [u8]) -> Result<Self> {
            NpyReader::from_bytes(bytes).map(Self)
        }

        /// `shape`, `order`, `dtype`, `len` and `uses_pickled_array` are asked of it.
        pub fn header(&self) -> &ArrayInfo {
            self.0.info()
        }

        /// In elements.
        pub fn strides<T: LoadElement>(&self) -> Result<Vec<isize>> {
            Ok(self.0.get::<ndarray::ArrayD<T>>()?.strides().to_vec())
        }

        /// The elements as they are in the file.
        pub fn into_vec<T: LoadElement>(self) -> Result<Vec<T>> {
            let order = self.header().order();
            Ok(self.0.get::<Flat<Vec<T>>>()?.into_parts(order).0)
        }
    }

    pub fn to_bytes_1d<T: Element>(values: &[T]) -> Result<Vec<u8>> {
        let mut file = Vec::new();
        values.write_npy(&mut file)?;
        Ok(file)
    }

    /// Rows of this many elements, or columns.
    pub fn to_bytes_2d<T: Element>(order: Order, len: usize, values: &[T]) -> Result<Vec<u8>> {
        let others = values.len() / len;
        let shape = if order == Order::F { [len, others] } else { [others, len] };
        let mut file = Vec::new();
        Flat::new(values, &shape)?.order(order).write_npy(&mut file)?;
        Ok(file)
    }

    /// One value of `descr` in `bytes`.
    pub fn reader_output<T: LoadElement>(descr: &str, bytes: &[u8]) -> Result<T> {
        let one = Raw::new(descr.parse()?, &[], Order::C, bytes.to_vec())?;
        Ok(one.to_array::<T>()?.into_iter().next().expect("there is one"))
    }

    /// The bytes of one value, and its descr.
    pub fn writer_output<T: Element>(endian: Endian, value: T) -> Result<(Vec<u8>, String)> {
        let mut file = Vec::new();
        NpyWriter::stream(&mut file).endian(endian).array(&value)?;
        let info = NpyReader::from_bytes(&file)?.info().clone();
        let body = info.offset().expect("it is not compressed") as usize;
        Ok((file[body..].to_vec(), info.dtype().to_string()))
    }

    pub struct NpzArchive<R>(NpzReader<R>);

    impl<R: Read + Seek> NpzArchive<R> {
        pub fn new(reader: R) -> Result<Self> {
            NpzReader::new(reader).map(Self)
        }

        pub fn array_names(&self) -> impl Iterator<Item = &str> {
            self.0.names()
        }

        /// Theirs is `by_name(name)?.map(NpyFile::into_vec)`.
        pub fn by_name<T: LoadElement>(&self, name: &str) -> Result<Option<(Vec<T>, Vec<usize>)>> {
            if self.0.contains(name) { self.0.get(name).map(Some) } else { Ok(None) }
        }
    }
}

const NATIVE: &str = if cfg!(target_endian = "little") { "<" } else { ">" };

/// Their `read_c_order`, `read_fortran_order`, `write_c_order`, `write_fortran_order` and `test_strides`.
#[test]
fn both_orders_are_kept_and_elements_come_as_they_are_in_the_file() {
    let values: Vec<i64> = (0..24).collect();
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    for (order, strides) in [(Order::C, [12, 4, 1]), (Order::F, [1, 2, 6])] {
        let of_numpy = file("'<i8'", order, "(2, 3, 4)", &bytes);
        let flat = npz::Flat::new(&values, &[2, 3, 4]).unwrap().order(order);
        let mut of_ours = Vec::new();
        NpyWriter::stream(&mut of_ours).endian(Endian::Little).array(&flat).unwrap();
        assert_eq!(of_ours, of_numpy);
        let npy = NpyFile::new(&of_numpy).unwrap();
        assert_eq!((npy.header().shape(), npy.header().order()), (&[2, 3, 4][..], order));
        assert_eq!(npy.strides::<i64>().unwrap(), strides);
        assert_eq!(npy.into_vec::<i64>().unwrap(), values);
    }
    let scalar = to_bytes_1d(&[7_i64]).unwrap();
    assert_eq!(NpyFile::new(&scalar).unwrap().strides::<i64>().unwrap(), [1]);
}

/// Their `read_uncompressed`, `read_compressed` and `basic_write`.
#[test]
fn an_archive_has_its_arrays_and_says_which_it_has_not() {
    let archive = |compression| {
        let mut npz = npz::NpzWriter::new(Cursor::new(Vec::new())).compression(compression);
        npz.array("ints", &[1_i64, 2, 3, 4]).unwrap();
        let mut rows = npz.rows::<f64>("floats", [1]).unwrap();
        rows.extend(&ndarray::array![[1.0], [2.0]]).unwrap();
        rows.finish().unwrap();
        npz.finish().unwrap()
    };
    let stored = archive(npz::Compression::Stored);
    let deflated = cfg!(feature = "deflate").then(|| archive(npz::Compression::Deflate(6)));
    for archive in [Some(stored), deflated].into_iter().flatten() {
        let npz = NpzArchive::new(archive).unwrap();
        assert_eq!(npz.array_names().collect::<Vec<_>>(), ["ints", "floats"]);
        assert_eq!(npz.by_name("ints").unwrap(), Some((vec![1_i64, 2, 3, 4], vec![4])));
        assert_eq!(npz.by_name("floats").unwrap(), Some((vec![1.0, 2.0], vec![2, 1])));
        assert_eq!(npz.by_name::<f64>("non-existent").unwrap(), None);
    }
}

#[derive(Debug, PartialEq, Clone, Copy, Zeroable)]
#[repr(C)]
struct Nested {
    v1: f32,
    v2: f32,
}
npz::record!(Nested { v1, v2 });

#[derive(Debug, PartialEq, Clone, Copy, Zeroable)]
#[repr(C)]
struct Everything {
    v_i8: i8,
    v_u16: u16,
    v_i32: i32,
    v_u64: u64,
    v_f64: f64,
    v_arr: [u32; 7],
    v_mat: [[u64; 3]; 5],
    five: [i32; 5],
    nested: Nested,
    several: [Nested; 3],
}
npz::record!(Everything { v_i8, v_u16, v_i32, v_u64, v_f64, v_arr, v_mat, five, nested, several });

/// Their `roundtrip`, `nested_array_of_struct` and `read_write` of arrays in structs.
#[test]
fn structs_of_numbers_arrays_and_structs_come_back() {
    let values: Vec<Everything> = (0..100_u32)
        .map(|i| Everything {
            v_i8: i as i8,
            v_u16: i as u16,
            v_i32: -(i as i32),
            v_u64: u64::from(i) << 40,
            v_f64: f64::from(i) / 8.0,
            v_arr: [i, 1 + i, 2 + i, 3 + i, 4 + i, 5 + i, 6 + i],
            v_mat: [[u64::from(i); 3], [1; 3], [2; 3], [3; 3], [4; 3]],
            five: [1, 2, 3, 4, 5],
            nested: Nested { v1: 10.0 * i as f32, v2: i as f32 },
            several: [Nested { v1: 1.0, v2: 2.0 }; 3],
        })
        .collect();
    let bytes = to_bytes_1d(&values).unwrap();
    assert_eq!(NpyFile::new(&bytes).unwrap().into_vec::<Everything>().unwrap(), values);
}

#[derive(Debug, PartialEq, Clone, Copy, Zeroable)]
#[repr(C)]
struct Row {
    field: [i32; 3],
}
npz::record!(Row { field });

/// Their `read_write_explicit_dtype`, `incompatible` and `default_dtype`.
#[test]
fn an_array_in_a_struct_has_its_own_shape_and_no_other() {
    let bytes: Vec<u8> = [1_i32, 3, 5].iter().flat_map(|value| value.to_le_bytes()).collect();
    let row = Row { field: [1, 3, 5] };
    assert_eq!(reader_output::<Row>("[('field', '<i4', (3,))]", &bytes).unwrap(), row);
    let (written, descr) = writer_output(Endian::Little, row).unwrap();
    assert_eq!((&written, &*descr), (&bytes, "[('field', '<i4', (3,))]"));

    let others = [
        ("[('field', '<i4', (2,))]", 8),
        ("[('field', '<i4', (2, 3))]", 24),
        ("[('field', '<i4')]", 4),
        ("[('field', [('lol', '<i4')])]", 4),
    ];
    for (descr, size) in others {
        has_kind!(reader_output::<Row>(descr, &vec![0; size]), ErrorKind::WrongDtype { .. });
    }
}

/// Their `read_write` of `zero_len`, `roundtrip_zero_length_array_member` and `length_zero`.
#[test]
fn fields_and_text_of_no_length_take_no_bytes() {
    #[derive(Debug, PartialEq, Clone, Copy, Zeroable)]
    #[repr(C)]
    struct Gap {
        left: i32,
        middle: [[[i32; 7]; 0]; 3],
    }
    npz::record!(Gap { left, middle });

    let gap = Gap { left: 3, middle: [[]; 3] };
    let (bytes, descr) = writer_output(Endian::Little, gap).unwrap();
    assert_eq!(
        (&bytes[..], &*descr),
        (&[3, 0, 0, 0][..], "[('left', '<i4'), ('middle', '<i4', (3, 0, 7))]")
    );
    assert_eq!(reader_output::<Gap>(&descr, &bytes).unwrap(), gap);

    assert_eq!(reader_output::<Bytes>("|S0", &[]).unwrap(), Bytes::from(""));
    assert_eq!(reader_output::<String>(">U0", &[]).unwrap(), "");
    let void = Raw::new("|V0".parse().unwrap(), &[2], Order::C, Vec::new()).unwrap();
    assert_eq!(void.shape(), [2]);
}

/// Their `roundtrip_with_plain_dtype`, `write_1d_simple`, `write_2d_simple{,_fortran_order}`, `write_nd_simple`
/// and `roundtrip_scalar`.
#[test]
fn arrays_of_one_two_and_no_dimensions_are_written() {
    let one = to_bytes_1d(&[1.0, 3.0, 5.0]).unwrap();
    assert_eq!(NpyFile::new(&one).unwrap().into_vec::<f64>().unwrap(), [1.0, 3.0, 5.0]);
    let values = [1.0, 3.0, 5.0, -4.0, 3.0, 2.0];
    for (order, len, shape) in
        [(Order::C, 3, [2, 3]), (Order::C, 2, [3, 2]), (Order::F, 3, [3, 2]), (Order::F, 2, [2, 3])]
    {
        let bytes = to_bytes_2d(order, len, &values).unwrap();
        let npy = NpyFile::new(&bytes).unwrap();
        assert_eq!((npy.header().shape(), npy.header().order()), (&shape[..], order));
        assert_eq!(npy.into_vec::<f64>().unwrap(), values);
    }
    let (bytes, descr) = writer_output(Endian::Little, 1_i32).unwrap();
    assert_eq!((&bytes[..], &*descr), (&[1, 0, 0, 0][..], "<i4"));
    assert_eq!(reader_output::<i32>(&descr, &bytes).unwrap(), 1);
}

/// Their `write_{1d,2d}_in_the_middle`.
#[test]
fn a_file_is_written_in_the_middle_of_another() {
    let mut all = Cursor::new(Vec::new());
    all.write_all(b"before").unwrap();
    to_bytes_1d(&[0_u8]).unwrap(); // which is not this one
    ndarray::array![[1.0, 3.0], [5.0, 7.0]].write_npy(&mut all).unwrap();
    all.write_all(b"after").unwrap();
    let all = all.into_inner();
    let file = all.strip_prefix(b"before").unwrap().strip_suffix(b"after").unwrap();
    assert_eq!(NpyFile::new(file).unwrap().into_vec::<f64>().unwrap(), [1.0, 3.0, 5.0, 7.0]);
}

/// Their `write_nd_wrong_len`, `write_2d_wrong_len` and `implicit_finish`.
#[test]
fn as_many_rows_are_written_as_were_said() {
    let attempt = |rows: u64| -> npz::Result<()> {
        let mut npz = npz::NpzWriter::stream(Vec::new());
        let mut writer = npz.entry("x").count(2).rows::<i32>([3])?;
        for _ in 0..rows {
            writer.push(&[1, 2, 3])?;
        }
        writer.finish()?;
        npz.finish().map(drop)
    };
    attempt(2).unwrap();
    assert!(attempt(1).is_err() && attempt(3).is_err());

    let folder = crate::common::folder();
    let path = folder.path().join("x.npy");
    let mut rows = NpyWriter::create(&path).unwrap().rows::<i32>([]).unwrap();
    rows.push(&1).unwrap();
    drop(rows);
    assert!(!path.exists());
}

/// Their tests of iterators: `test_methods_after_{partial_iteration,seek}`, `test_next_after_finished_iteration`,
/// `test_{seek,read}_boundary_*`, `test_reusing_header`.
#[test]
fn values_come_one_by_one_and_from_any_place() {
    let bytes = to_bytes_1d(&[100, 101, 102, 103, 104, 105, 106]).unwrap();
    let npy = NpyReader::from_bytes(bytes).unwrap();
    let mut blocks = npy.chunks::<Vec<i32>>(1).unwrap();
    assert_eq!(blocks.len(), 7);
    assert_eq!(blocks.next().unwrap().unwrap(), [100]);
    assert_eq!(blocks.len(), 6);
    assert_eq!(blocks.nth(3).unwrap().unwrap(), [104]);
    assert_eq!(blocks.by_ref().count(), 2);
    assert!(blocks.next().is_none() && blocks.next().is_none() && blocks.len() == 0);

    assert_eq!(npy.get_slice::<i32>(ndarray::s![2]).unwrap(), 102);
    assert_eq!(npy.get_slice::<Vec<i32>>(ndarray::s![7..]).unwrap(), []);
    has_kind!(npy.get_slice::<i32>(ndarray::s![7]), ErrorKind::InvalidSlice { .. });
    has_kind!(npy.get_slice::<Vec<i32>>(ndarray::s![8..]), ErrorKind::InvalidSlice { .. });
    assert_eq!(npy.get::<Vec<i32>>().unwrap(), npy.get::<Vec<i32>>().unwrap());
}

/// Their `write_header_only_*` and `test_variable_size`.
#[test]
fn the_header_of_objects_is_read_without_their_pickle() {
    for descr in ["'|O'", "[('a', '<u2'), ('b', '|O')]", "[('parent', [('child', '|O')])]"] {
        let bytes = file(descr, Order::C, "(2, 3)", b"no pickle");
        let npy = NpyFile::new(&bytes).unwrap();
        let header = npy.header();
        assert_eq!((header.shape(), header.dtype().has_object()), (&[2, 3][..], true));
        assert!(npy.into_vec::<f64>().is_err());
    }
}

#[derive(Debug, PartialEq, Clone, Copy, Zeroable)]
#[repr(C)]
struct Orders {
    be_u32: u32,
    le_u32: u32,
    be_f32: f32,
    na_i8: i8,
    text: FixedBytes<4>,
}
npz::record!(Orders { be_u32, le_u32, be_f32, na_i8, text });

/// Their `roundtrip_byteorder`, `roundtrip_bytes` and `roundtrip_bytes_byteorder`.
#[test]
fn fields_are_read_each_in_its_byte_order_and_byte_strings_in_none() {
    let row = Orders {
        be_u32: 0x0102_0304,
        le_u32: 0x0102_0304,
        be_f32: -6_259_853_398_707_798_016.0, // 0xdeadbeef
        na_i8: 7,
        text: b"a\0b".as_slice().try_into().unwrap(),
    };
    let bytes = b"\x01\x02\x03\x04\x04\x03\x02\x01\xDE\xAD\xBE\xEF\x07a\0b\0";
    for text in ["<S4", ">S4", "|S4"] {
        let descr = format!(
            "[('be_u32', '>u4'), ('le_u32', '<u4'), ('be_f32', '>f4'), ('na_i8', '|i1'), ('text', '{text}')]"
        );
        assert_eq!(reader_output::<Orders>(&descr, bytes).unwrap(), row);
        let raw = Raw::new(descr.parse().unwrap(), &[], Order::C, bytes.to_vec()).unwrap();
        let mut file = Vec::new();
        raw.write_npy(&mut file).unwrap();
        assert!(file.ends_with(bytes));
    }
    for endian in [Endian::Little, Endian::Big] {
        let (bytes, descr) = writer_output(endian, row).unwrap();
        assert_eq!(reader_output::<Orders>(&descr, &bytes).unwrap(), row);
    }
}

#[derive(Debug, PartialEq, Clone, Copy, Zeroable)]
#[repr(C)]
struct Times {
    at: Datetime64<unit::Nanosecond>,
    lasts: Timedelta64<unit::Day>,
}
npz::record!(Times { at, lasts });

/// Their `roundtrip_datetime`, `datetime_as_int` and `bad_datetime_types`.
#[test]
fn counts_of_dates_are_had_by_their_type() {
    let at = 1_293_840_000_000_000_000_i64;
    let bytes = [at.to_le_bytes(), 1_i64.to_be_bytes()].concat();
    let row: Times = reader_output("[('at', '<M8[ns]'), ('lasts', '>m8[D]')]", &bytes).unwrap();
    assert_eq!((row.at.value(), row.lasts.value()), (at, 1));

    let bytes = file("'<M8[ns]'", Order::C, "(1,)", &at.to_le_bytes());
    let npy = NpyReader::from_bytes(&bytes).unwrap();
    let AnyArray::Datetime(counts, unit) = npy.get().unwrap() else { panic!("dates") };
    assert_eq!((counts[0], unit.unwrap().base), (at, TimeBase::Nanosecond));
    has_kind!(npy.get::<Vec<i64>>(), ErrorKind::WrongDtype { .. });
    has_kind!(npy.get::<Vec<u64>>(), ErrorKind::WrongDtype { .. });
    for descr in [">m4[ns]", ">M4[ns]", "|b2"] {
        assert!(descr.parse::<DType>().is_err(), "{descr}");
    }
}

/// Their `identity`, `native_{float,bool,half,complex}_types`, `wrong_size_int`, `default_{simple,complex}_type_strs`.
#[test]
fn numbers_are_their_own_dtype_in_both_byte_orders() {
    macro_rules! check {
        ($($value:expr => $dtype:literal;)*) => {$({
            for endian in [Endian::Little, Endian::Big] {
                let (bytes, descr) = writer_output(endian, $value).unwrap();
                assert!(descr.ends_with($dtype), "{descr}");
                assert_eq!(reader_output(&descr, &bytes).ok(), Some($value));
            }
        })*};
    }
    check! {
        1_i8 => "|i1"; 2_u8 => "|u1"; -3_i16 => "i2"; 4_u16 => "u2"; -5_i32 => "i4"; 6_u32 => "u4";
        -7_i64 => "i8"; 8_u64 => "u8"; 42.0_f32 => "f4"; 42.0_f64 => "f8"; true => "|b1";
        Complex::new(42.0_f32, 63.0) => "c8"; Complex::new(42.0_f64, 63.0) => "c16";
    }
    #[cfg(feature = "half")]
    check!(half::f16::from_f32(42.69) => "f2";);
    assert_eq!(reader_output::<i32>(">i4", &[0, 0, 0, 1]).unwrap(), 1);
    for one in [">i1", "<i1", "|i1"] {
        assert_eq!(reader_output::<i8>(one, &[1]).unwrap(), 1);
    }
    has_kind!(reader_output::<bool>("|b1", &[2]), ErrorKind::InvalidValue { .. });
    has_kind!(reader_output::<i64>("<i4", &[0; 4]), ErrorKind::WrongDtype { .. });
    has_kind!(reader_output::<i16>("<i4", &[0; 4]), ErrorKind::WrongDtype { .. });
    has_kind!(reader_output::<u64>("<u4", &[0; 4]), ErrorKind::WrongDtype { .. });
}

/// Code points as they are in a file.
fn utf_32(points: &[u32]) -> Vec<u8> {
    points.iter().flat_map(|point| point.to_le_bytes()).collect()
}

/// Their `unicode_files`, `writing_strings`, `reading_invalid_utf32_or_utf8` and `writing_invalid_utf32`.
#[test]
fn text_is_strings_and_code_points_are_their_chars() {
    for text in ["αβout", "abc", "\u{1D11E}"] {
        let (bytes, descr) = writer_output(Endian::Little, text.to_owned()).unwrap();
        assert_eq!(descr, format!("<U{}", text.chars().count()));
        assert_eq!(bytes, utf_32(&text.chars().map(u32::from).collect::<Vec<_>>()));
        assert_eq!(reader_output::<String>(&descr, &bytes).unwrap(), text);
    }
    for points in [&[0xD805][..], &[0xD834, 0xDD1E], &[0x11_0000]] {
        let descr = format!("<U{}", points.len());
        has_kind!(reader_output::<String>(&descr, &utf_32(points)), ErrorKind::InvalidValue { .. });
        let raw = Raw::new(descr.parse().unwrap(), &[], Order::C, utf_32(points)).unwrap();
        assert_eq!(raw.bytes(), utf_32(points));
    }
}

/// Their `bytes_any_endianness`, `truncate_trailing_nuls`, `preserve_interior_nuls`, `fixed_size_bytes_restrictions`
/// and `arrayvec_*`.
#[test]
fn nuls_at_the_end_are_no_text_and_those_inside_are() {
    for descr in ["<S3", ">S3", "|S3"] {
        assert_eq!(&*reader_output::<Bytes>(descr, &[1, 3, 5]).unwrap(), [1, 3, 5]);
    }
    for (bytes, expected) in [([1, 3], &[1, 3][..]), ([1, 0], &[1]), ([0, 0], &[])] {
        assert_eq!(&*reader_output::<Bytes>("|S2", &bytes).unwrap(), expected);
        let text: String = expected.iter().map(|&byte| char::from(byte)).collect();
        let points = utf_32(&bytes.map(u32::from));
        assert_eq!(reader_output::<String>("<U2", &points).unwrap(), text);
        let void = Raw::new("|V2".parse().unwrap(), &[], Order::C, bytes.to_vec()).unwrap();
        assert_eq!(void.bytes(), bytes);
    }
    let inside = [0, 1, 0, 0, 3, 5];
    assert_eq!(&*reader_output::<Bytes>("|S6", &inside).unwrap(), inside);
    assert_eq!(writer_output(Endian::Little, Bytes::from(&inside[..])).unwrap().0, inside);
    let text = "\0\x01\0\0\x03\x05";
    let (bytes, descr) = writer_output(Endian::Little, text.to_owned()).unwrap();
    assert_eq!(reader_output::<String>(&descr, &bytes).unwrap(), text);

    // What is longer than the type has room for is refused, and not cut off.
    assert!(reader_output::<FixedBytes<5>>("|S5", b"abcde").is_ok());
    assert!(reader_output::<FixedBytes<2>>("|S5", b"abcde").is_err());
    assert!(reader_output::<FixedStr<2>>("<U5", &utf_32(&[1, 3, 5, 7, 9])).is_err());
    assert!(FixedBytes::<3>::try_from(&b"abcd"[..]).is_err());
}

/// Their tests of descriptions of dtypes, in `header.rs` and `type_str.rs`.
#[test]
fn descriptions_of_dtypes_are_read_and_written() {
    let records = [
        "'>f8'",
        "'|u1'",
        "'|O'",
        "[('float', '>f4'), ('byte', '|u1')]",
        "[('a', '<u2'), ('b', '|O')]",
        "[('parent', [('child', '<i4')])]",
        "[('a', '>f8', (1,))]",
        "[('parent', [('child', '<i4')], (2,))]",
        r#"[(' \'"\r\n\\ ', '<u2')]"#,
    ];
    for descr in records {
        let dtype: DType = descr.trim_matches('\'').parse().unwrap();
        let again: DType = dtype.to_string().parse().unwrap();
        assert_eq!(again, dtype, "{descr}");
    }
    let packed: DType = "[('a', '<u2'), ('b', '>i4')]".parse().unwrap();
    assert_eq!(packed.itemsize(), 6);
    let wrong = [
        "False",
        "['a', 123]",
        "[('a',)]",
        "[('a', 1, 2, 3)]",
        "[(1, 2)]",
        "",
        "<i3",
        "<x4",
        "|i-1",
        "<M8[zz]",
    ];
    for descr in wrong {
        assert!(descr.parse::<DType>().is_err(), "{descr}");
    }
    for shape in ["1", "([],)", "(-1,)", "(18446744073709551616,)", "('3',)"] {
        has_kind!(
            NpyFile::new(&file("'<i4'", Order::C, shape, &[])).map(drop),
            ErrorKind::Npy { .. }
        );
    }
}

/// Their `roundtrip_version3`.
#[test]
fn names_beyond_latin_1_make_it_version_3() {
    #[derive(Debug, PartialEq, Clone, Copy, Zeroable)]
    #[repr(C)]
    struct Row {
        num: i32,
        λ: i32,
    }
    npz::record!(Row { num, λ });

    let row = Row { num: 1, λ: 2 };
    let bytes = to_bytes_1d(&[row]).unwrap();
    assert_eq!(bytes[6..8], [3, 0]);
    assert_eq!(NpyFile::new(&bytes).unwrap().into_vec::<Row>().unwrap(), [row]);
}

/// A dtype that is chosen when the program runs.
#[test]
fn rows_of_a_dtype_that_only_the_program_knows() {
    for dtype in ["<f4", ">f8", "<i2"] {
        let mut file = Cursor::new(Vec::new());
        let mut rows = NpyWriter::new(&mut file).rows_of(dtype.parse().unwrap(), []).unwrap();
        let value = AnyArray::from(ndarray::arr0(2.0));
        let row = match dtype {
            "<f4" => AnyArray::from(value.cast::<f32>().unwrap()),
            ">f8" => value,
            _ => AnyArray::from(value.cast::<i16>().unwrap()),
        };
        rows.push(&row).unwrap();
        has_kind!(rows.push(&AnyArray::from(ndarray::arr0(true))), ErrorKind::WrongDtype { .. });
        drop(rows);
    }
}

/// A matrix of SciPy's in each of the forms of `npyz::sparse`: their 19 tests of `sparse`.
#[test]
fn sparse_matrices_are_their_parts() {
    // [[1, 0, 4, 0, 0, 0], [0, 2, 0, 0, 0, 0], [6, 0, 7, 0, 0, 0]], and indices that take 64 bits
    let far = 0x4_0000_0000_i64;
    type Indices<'a> = &'a [(&'a str, &'a [i64])];
    let parts: [(&str, Indices<'_>); 6] = [
        ("coo", &[("row", &[0, 0, 1, 2, 2]), ("col", &[0, 2, 1, 0, 2])]),
        ("csr", &[("indices", &[0, 2, 1, 0, 2]), ("indptr", &[0, 2, 3, 5])]),
        ("csc", &[("indices", &[0, 2, 1, 0, 2]), ("indptr", &[0, 2, 3, 4, 5, 5, 5])]),
        ("dia", &[("offsets", &[-2, 0, 2])]),
        ("bsr", &[("indices", &[0, 1, 0, 0, 1]), ("indptr", &[0, 2, 3, 5])]),
        ("coo", &[("row", &[far, 3]), ("col", &[4, far])]),
    ];
    for (format, indices) in parts {
        let data = Array2::from_shape_fn((5, 2), |(i, j)| (i * j) as i64);
        let mut npz = npz::NpzWriter::new(Cursor::new(Vec::new()));
        npz.array("format", &Bytes::from(format)).unwrap();
        npz.array("shape", &[3_i64, 6]).unwrap().array("data", &data).unwrap();
        for (name, values) in indices {
            npz.array(name, *values).unwrap();
        }
        let npz = npz::NpzReader::new(npz.finish().unwrap()).unwrap();
        assert_eq!(&*npz.get::<Bytes>("format").unwrap(), format.as_bytes());
        for (name, values) in indices {
            assert_eq!(npz.get_cast::<Vec<i64>>(name).unwrap(), *values);
        }
        // Whatever its order; theirs refuses Fortran's.
        assert_eq!(npz.get::<Array2<i64>>("data").unwrap(), data);
        has_kind!(npz.get::<Array1<i64>>("data"), ErrorKind::WrongNdim { .. });
        has_kind!(npz.get::<Array1<i64>>("none"), ErrorKind::NotFound { .. });
    }
}

/// Where each byte order is this machine's, and files that NumPy wrote are read by what `TypeStr` was.
#[test]
fn numpys_own_files_have_the_headers_that_they_say() {
    let npz = npz::NpzReader::open(data("stored.npz")).unwrap();
    for name in npz.names() {
        let info = npz.info(name).unwrap();
        let again: DType = info.dtype().to_string().parse().unwrap();
        assert_eq!(&again, info.dtype(), "{name}");
    }
    assert_eq!(writer_output(Endian::NATIVE, 1_i32).unwrap().1, format!("{NATIVE}i4"));
}
