//! Of `tests/roundtrip.rs`, `tests/serialize_array.rs` and `tests/derive_hygiene.rs`: records.

use bytemuck::Zeroable;

use super::*;

/// A struct that is an element, packed as their records are: without gaps.
macro_rules! packed {
    ($name:ident { $($field:ident: $type:ty),+ $(,)? }) => {
        #[repr(C, packed)]
        #[derive(Debug, Clone, Copy, PartialEq, Zeroable)]
        struct $name {
            $($field: $type),+
        }
        npz::record!($name { $($field),+ });
    };
}

/// Writes `rows` of `dtype`, and checks the bytes and what is read.
fn round_trip<T: LoadElement + PartialEq + Debug>(descr: &str, rows: &[T], bytes: &[u8]) {
    let file = written(|file| {
        let mut writer = WriteOptions(file).begin_1d_of(parse(descr)).unwrap();
        writer.extend(rows).unwrap();
        writer.finish().unwrap();
    });
    assert!(file.ends_with(bytes));
    let npy = NpyFile::new(&file).unwrap();
    assert_eq!(*npy.dtype(), parse(descr));
    assert_eq!(npy.into_vec::<T>().unwrap(), rows);
}

/// The file of a record of any dtype, which a `Raw` is written to.
fn raw_file(descr: &str, bytes: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let raw = Raw::new(parse(descr), &[1], Order::C, bytes.to_vec()).unwrap();
    raw.write_npy(&mut file).unwrap();
    file
}

packed! { Nested { v1: f32, v2: f32 } }
packed! {
    Every {
        v_i8: i8,
        v_i16: i16,
        v_i32: i32,
        v_i64: i64,
        v_u8: u8,
        v_u16: u16,
        v_u32: u32,
        v_u64: u64,
        v_f32: f32,
        v_f64: f64,
        v_arr_u32: [u32; 7],
        v_mat_u64: [[u64; 3]; 5],
        vec: [i32; 5],
        nested: Nested,
    }
}

/// Their `roundtrip`. Their `Vector5`, a `Vec` with a dtype of its own, is an array here.
#[test]
fn records_of_all_kinds_of_fields_are_written_and_read() {
    let rows: Vec<Every> = (0..100_u32)
        .map(|i| Every {
            v_i8: i as i8,
            v_i16: i as i16,
            v_i32: i as i32,
            v_i64: i.into(),
            v_u8: i as u8,
            v_u16: i as u16,
            v_u32: i,
            v_u64: i.into(),
            v_f32: i as f32,
            v_f64: i.into(),
            v_arr_u32: std::array::from_fn(|at| i * 5 + 2 + at as u32),
            v_mat_u64: std::array::from_fn(|row| [u64::from(i * 2 + 5), row as u64, 7]),
            vec: [1, 2, 3, 4, 5],
            nested: Nested { v1: 10.0 * i as f32, v2: i as f32 },
        })
        .collect();
    let bytes = super::shim::to_bytes_1d(&rows);
    assert_eq!(NpyReader::from_bytes(&bytes).unwrap().info().version(), (1, 0));
    assert_eq!(NpyFile::new(&bytes).unwrap().into_vec::<Every>().unwrap(), rows);
}

/// Their `roundtrip_with_plain_dtype`.
#[test]
fn floats_are_written_and_read() {
    let bytes: Vec<u8> = [2.0, 3.0, 4.0, 5.0].into_iter().flat_map(f64::to_le_bytes).collect();
    round_trip("<f8", &[2.0, 3.0, 4.0, 5.0], &bytes);
}

packed! { ByteOrders { be_u32: u32, le_u32: u32, be_f32: f32, le_f32: f32, be_i8: i8, le_i8: i8, na_i8: i8 } }

/// Their `roundtrip_byteorder`, but for the halves.
#[test]
fn fields_of_both_byte_orders_are_read_together_and_written_as_bytes() {
    let descr = "[('be_u32', '>u4'), ('le_u32', '<u4'), ('be_f32', '>f4'), ('le_f32', '<f4'), \
                  ('be_i8', '>i1'), ('le_i8', '<i1'), ('na_i8', '|i1')]";
    let bytes = b"\x01\x02\x03\x04\x04\x03\x02\x01\xDE\xAD\xBE\xEF\xEF\xBE\xAD\xDE\x05\x06\x07";
    let (int, float) = (0x0102_0304, -6_259_853_398_707_798_016.0);
    let [be_u32, le_u32] = [int; 2];
    let [be_f32, le_f32] = [float; 2];
    let row = ByteOrders { be_u32, le_u32, be_f32, le_f32, be_i8: 5, le_i8: 6, na_i8: 7 };
    let file = raw_file(descr, bytes);
    assert!(file.ends_with(bytes));
    assert_eq!(NpyFile::new(&file).unwrap().into_vec::<ByteOrders>().unwrap(), [row]);
    // A struct is written in one byte order.
    has_kind!(write_one(descr, &row), ErrorKind::WrongDtype { .. });
    let big_endian = ByteOrders::dtype(Endian::Big).to_string();
    both_ways(&big_endian, &write_one(&big_endian, &row).unwrap(), row);
}

/// The halves of their `roundtrip_byteorder`.
#[cfg(feature = "half")]
#[test]
fn records_of_halves_are_written_and_read() {
    packed! { Halves { le: half::f16, be: half::f16 } }
    let half = half::f16::from_f32_const(-123_456_789.0);
    let row = Halves { le: half, be: half };
    round_trip("[('le', '<f2'), ('be', '<f2')]", &[row], b"\x00\xFC\x00\xFC");
    let mixed = raw_file("[('le', '<f2'), ('be', '>f2')]", b"\x00\xFC\xFC\x00");
    assert_eq!(NpyFile::new(&mixed).unwrap().into_vec::<Halves>().unwrap(), [row]);
}

packed! {
    Times {
        datetime: Datetime64<unit::Nanosecond>,
        timedelta_le: Timedelta64<unit::Day>,
        timedelta_be: Timedelta64<unit::Day>,
    }
}

/// Their `roundtrip_datetime`.
#[test]
fn records_of_dates_are_written_and_read() {
    let (datetime, day) = (1_293_840_000_000_000_000, 1);
    let row = Times {
        datetime: Datetime64::new(datetime),
        timedelta_le: Timedelta64::new(day),
        timedelta_be: Timedelta64::new(day),
    };
    let little = [datetime, day, day].map(i64::to_le_bytes).concat();
    round_trip(&Times::dtype(Endian::Little).to_string(), &[row], &little);
    let descr = "[('datetime', '<M8[ns]'), ('timedelta_le', '<m8[D]'), ('timedelta_be', '>m8[D]')]";
    let bytes = [datetime.to_le_bytes(), day.to_le_bytes(), day.to_be_bytes()].concat();
    let file = raw_file(descr, &bytes);
    assert_eq!(NpyFile::new(&file).unwrap().into_vec::<Times>().unwrap(), [row]);
}

packed! { ByteString { bytestr: FixedBytes<12> } }

/// Their `roundtrip_bytes`.
#[test]
fn records_hold_byte_strings_and_their_void_is_a_column() {
    let text = b"\x00lol\x00lol";
    let padded = b"\x00lol\x00lol\x00\x00\x00\x00";
    let row = ByteString { bytestr: FixedBytes::try_from(&text[..]).unwrap() };
    round_trip("[('bytestr', '|S12')]", &[row], padded);
    assert_eq!(&*{ row.bytestr }, text);

    let file = raw_file("[('bytestr', '|S12'), ('raw', '|V12')]", &[*padded; 2].concat());
    assert_eq!(NpyFile::new(&file).unwrap().into_vec::<ByteString>().unwrap(), [row]);
    let records = Raw::read_npy(&file[..]).unwrap();
    let AnyArray::Raw(void) = records.any_field("raw").unwrap() else { panic!() };
    assert_eq!(void.bytes(), padded);
}

/// Their `roundtrip_bytes_byteorder`.
#[test]
fn byte_strings_and_void_are_never_turned_round() {
    let descr = "[('s_le', '<S4'), ('s_be', '>S4'), ('s_na', '|S4'), \
                  ('v_le', '<V4'), ('v_be', '>V4'), ('v_na', '|V4')]";
    let file = raw_file(descr, &b"abcd".repeat(6));
    assert!(file.ends_with(&b"abcd".repeat(6)));
    assert_eq!(*NpyFile::new(&file).unwrap().dtype(), parse(descr));
    let records = Raw::read_npy(&file[..]).unwrap();
    for name in ["s_le", "s_be", "s_na"] {
        assert_eq!(&*records.field::<Bytes>(name).unwrap()[0], b"abcd");
    }
    for name in ["v_le", "v_be", "v_na"] {
        let AnyArray::Raw(void) = records.any_field(name).unwrap() else { panic!() };
        assert_eq!(void.bytes(), b"abcd");
    }
}

packed! { Inner { bar: f64 } }
packed! { Outer { foo: [Inner; 3] } }

/// Their `nested_array_of_struct`.
#[test]
fn records_hold_arrays_of_records() {
    let row = Outer { foo: [1.0, 2.0, 3.0].map(|bar| Inner { bar }) };
    let bytes = [1.0, 2.0, 3.0].map(f64::to_le_bytes).concat();
    round_trip("[('foo', [('bar', '<f8')], (3,))]", &[row], &bytes);
}

packed! { OfNothing { a: i32, b: [[[i32; 7]; 0]; 3] } }
packed! { Gap { left: i64, middle: [[[i32; 3]; 0]; 2], right: i32 } }

packed! { Nothing { none: [i32; 0] } }

/// Their `roundtrip_zero_length_array_member` and `zero_len::read_write`.
#[test]
fn arrays_of_no_length_take_no_bytes_in_a_record() {
    let rows = [3, 4].map(|a| OfNothing { a, b: [[]; 3] });
    let bytes = [3, 4].map(i32::to_le_bytes).concat();
    round_trip("[('a', '<i4'), ('b', '<i4', (3, 0, 7))]", &rows, &bytes);

    let gap = Gap { left: 12, middle: [[]; 2], right: 5 };
    let bytes = [&12_i64.to_le_bytes()[..], &5_i32.to_le_bytes()].concat();
    round_trip(&Gap::dtype(Endian::Little).to_string(), &[gap], &bytes);
    round_trip("[('none', '<i4', (0,))]", &[Nothing { none: [] }; 3], b"");
}

/// Their `roundtrip_scalar`.
#[test]
fn a_scalar_is_written_and_read() {
    let mut bytes = Vec::new();
    NpyWriter::stream(&mut bytes).endian(Endian::Little).array(&1_i32).unwrap();
    assert!(bytes.ends_with(b"\x01\x00\x00\x00"));
    let npy = NpyFile::new(&bytes).unwrap();
    assert_eq!((npy.shape(), npy.len()), (&[][..], 1));
    assert_eq!(*npy.dtype(), parse("<i4"));
    assert_eq!(npy.into_vec::<i32>().unwrap(), [1]);
}

/// Their `roundtrip_version3`.
#[test]
fn a_field_whose_name_is_not_in_latin_1_takes_version_3() {
    packed! { Row { num: i32, 粒子: i32 } }
    let row = Row { num: 1, 粒子: 2 };
    round_trip("[('num', '<i4'), ('粒子', '<i4')]", &[row], b"\x01\x00\x00\x00\x02\x00\x00\x00");
    let bytes = super::shim::to_bytes_1d(&[row]);
    assert_eq!(NpyReader::from_bytes(&bytes).unwrap().info().version(), (3, 0));
}

packed! { Three { field: [i32; 3] } }
packed! { TwoByThree { field: [[i32; 3]; 2] } }

/// Their `read_write`, `read_write_explicit_dtype`, `read_write_nested` and `default_dtype`.
#[test]
fn arrays_in_records_have_the_shape_of_their_type() {
    let three = "[('field', '<i4', (3,))]";
    let two_by_three = "[('field', '<i4', (2, 3))]";
    assert_eq!(Three::dtype(Endian::Little).to_string(), three);
    assert_eq!(TwoByThree::dtype(Endian::Little).to_string(), two_by_three);
    let bytes = [1, 3, 5, 7, 9, 11].map(i32::to_le_bytes).concat();
    both_ways(three, &bytes[..12], Three { field: [1, 3, 5] });
    both_ways(two_by_three, &bytes, TwoByThree { field: [[1, 3, 5], [7, 9, 11]] });
    neither_way(three, TwoByThree::zeroed());
    neither_way(two_by_three, Three::zeroed());
}

/// Their `incompatible`.
#[test]
fn fields_of_another_shape_are_errors() {
    for descr in ["[('field', '<i4', (2,))]", "[('field', '<i4')]", "[('field', [('lol', '<i4')])]"]
    {
        neither_way(descr, Three::zeroed());
    }
}

/// Their `derive_hygiene`.
#[no_implicit_prelude]
#[allow(dead_code)] // it is to compile
mod without_a_prelude {
    #[repr(C)]
    #[derive(::core::clone::Clone, ::core::marker::Copy, ::bytemuck::Zeroable)]
    struct Struct {
        foo: i32,
        bar: Local,
    }
    ::npz::record!(Struct { foo, bar });

    // Theirs has no fields, of which `record!` makes nothing.
    #[repr(C)]
    #[derive(::core::clone::Clone, ::core::marker::Copy, ::bytemuck::Zeroable)]
    struct Local {
        baz: f32,
    }
    ::npz::record!(Local { baz });
}
