//! Of `src/header.rs`, `src/type_str.rs`, `src/serialize/primitive.rs` and `src/serialize/traits.rs`.

use super::*;

/// Their 12 tests of descrs and the dtypes made of them, of which two are in the next test.
#[test]
fn descrs_are_read_and_written_as_numpy_writes_them() {
    for (descr, written) in [
        ("[('float', '>f4'), ('byte', '<u1'), ]", "[('float', '>f4'), ('byte', '|u1')]"),
        ("[('parent', [('child', '<i4'), ]), ]", "[('parent', [('child', '<i4')])]"),
        ("'>f8'", ">f8"),
        ("'|u1'", "|u1"),
        ("'|O'", "|O"),
        ("[('a', '<u2'), ('b', '<f4')]", "[('a', '<u2'), ('b', '<f4')]"),
        ("[('a', '<u2'), ('b', '|O')]", "[('a', '<u2'), ('b', '|O')]"),
        ("[('a', '>f8', (1,))]", "[('a', '>f8', (1,))]"),
        ("[('parent', [('child', '<i4')], (2,))]", "[('parent', [('child', '<i4')], (2,))]"),
    ] {
        assert_eq!(parse(descr).to_string(), written);
    }
    let DType::Record(parents) = parse("[('parent', [('child', '<i4')], (2,))]") else { panic!() };
    let DType::Subarray(children) = parents.fields()[0].dtype() else { panic!() };
    assert_eq!(children.shape(), [2]);
    assert_eq!(*children.base(), parse("[('child', '<i4')]"));
}

/// Their `funny_member_name_roundtrips`, `test_size_of_packed_data` and `test_variable_size`.
#[test]
fn fields_have_any_names_and_records_the_size_of_their_fields() {
    let funny = parse(r#"[(' \'"\r\n\\ ', '<u2')]"#);
    let DType::Record(record) = &funny else { panic!() };
    assert_eq!(record.fields()[0].name(), " '\"\r\n\\ ");
    assert_eq!(parse(&funny.to_string()), funny);

    assert_eq!(parse("[('a', '<u2'), ('b', '>i4')]").itemsize(), 6);
    // Theirs has no size. NumPy has that of a pointer.
    let objects = parse("[('a', '<u2'), ('b', '|O')]");
    assert_eq!((objects.itemsize(), objects.has_object()), (10, true));
}

/// Their nine tests whose names begin with `errors`, but for a subarray whose length is no tuple.
#[test]
fn what_is_no_descr_or_shape_is_an_error() {
    for descr in ["False", "['a', 123]", "[('a',)]", "[('a', 1, 2, 3)]", "[(1, 2)]"] {
        has_kind!(descr.parse::<DType>(), ErrorKind::Npy { .. });
    }
    for shape in ["1", "([],)", "(-1,)", "(18446744073709551616,)"] {
        has_kind!(NpyFile::new(&file("'<f8'", Order::C, shape, &[0; 8])), ErrorKind::Npy { .. });
        if shape != "1" {
            has_kind!(format!("('<f8', {shape})").parse::<DType>(), ErrorKind::Npy { .. });
        }
    }
    // NumPy takes it, too.
    assert_eq!(parse("('<f8', 1)"), parse("('<f8', (1,))"));
}

/// Their `errors` of type strings.
#[test]
fn type_strings_are_those_of_numpy() {
    for sound in
        [">m8[us]", ">m8[D]", ">i8", ">c16", "|O", "<i8", "|i1", "|S7", "|V7", "|S0", ">U0", "|V0"]
    {
        parse(sound);
    }
    for malformed in [
        "",
        ">",
        ">m8[",
        ">m8[us",
        ">m8[us]garbage",
        ">m8[us]]",
        ">i8garbage",
        ">m999999999999999999999999999999[us]",
        ">i999999999999999999999999999999",
        "*i8",
        "<p8",
        ">m8[bus]",
        ">m8[usb]",
        ">m8[xq]",
        ">i9",
        ">m4[us]",
        ">b4",
        ">i8[us]",
    ] {
        has_kind!(malformed.parse::<DType>(), ErrorKind::Npy { .. });
    }
    // Errors of theirs, and dtypes of NumPy's.
    for (short, whole) in
        [(">m", ">m8"), (">i", ">i4"), ("|O4", "|O"), (">m[us]", ">m8[us]"), (">m8", ">m8")]
    {
        assert_eq!(parse(short), parse(whole));
    }
    assert_eq!(parse("|i8"), i64::dtype(Endian::NATIVE));
    assert_eq!(parse("|U1"), String::dtype(Endian::NATIVE));
}

/// Their `display_simple` and `roundtrip` of type strings.
#[test]
fn type_strings_are_displayed_as_numpy_displays_them() {
    for text in [
        "<i8", "|S13", "|O", ">m8[ns]", ">i8", ">f16", "|i1", "|S7", "|S0", ">U3", "<m8[D]",
        ">m8[ms]",
    ] {
        assert_eq!(parse(text).to_string(), text);
    }
    // Theirs keeps a byte order that has no meaning.
    for (text, displayed) in [("<i1", "|i1"), (">i1", "|i1"), ("<S0", "|S0")] {
        assert_eq!(parse(text).to_string(), displayed);
    }
}

/// Their `identity`.
#[test]
fn integers_are_read_and_written_in_both_byte_orders() {
    number("i4", 1_i32, &[&[0, 0, 0, 1]]);
    number("u4", 1_u32, &[&[0, 0, 0, 1]]);
    for mark in ["<", ">", "|"] {
        both_ways(&format!("{mark}i1"), &[1], 1_i8);
        both_ways(&format!("{mark}u1"), &[1], 1_u8);
    }
}

/// Their `native_float_types` and `native_complex_types`.
#[test]
fn floats_and_complex_numbers_are_read_and_written_in_both_byte_orders() {
    let (double, single) = (|x: f64| x.to_be_bytes(), |x: f32| x.to_be_bytes());
    number("f8", 42.0_f64, &[&double(42.0)]);
    number("f4", 42.0_f32, &[&single(42.0)]);
    number("c16", Complex::new(42.0_f64, 63.0), &[&double(42.0), &double(63.0)]);
    number("c8", Complex::new(42.0_f32, 63.0), &[&single(42.0), &single(63.0)]);
}

/// Their `native_half_types`.
#[cfg(feature = "half")]
#[test]
fn halves_are_read_and_written_in_both_byte_orders() {
    let half = half::f16::from_f32_const(42.69);
    number("f2", half, &[&half.to_be_bytes()]);
}

/// Their `native_bool`.
#[test]
fn bools_are_the_bytes_0_and_1() {
    has_kind!("|b2".parse::<DType>(), ErrorKind::Npy { .. });
    both_ways("|b1", &[0], false);
    both_ways("|b1", &[1], true);
    for byte in [2, 255] {
        has_kind!(read_one::<bool>("|b1", &[byte]), ErrorKind::InvalidValue { index: 0, .. });
    }
}

/// Their `datetime_as_int` and `bad_datetime_types`.
#[test]
fn dates_have_types_of_their_own() {
    let bytes = 1_i64.to_be_bytes();
    number("m8[ns]", Timedelta64::<unit::Nanosecond>::new(1), &[&bytes]);
    number("M8[ns]", Datetime64::<unit::Nanosecond>::new(1), &[&bytes]);
    has_kind!(">m4[ns]".parse::<DType>(), ErrorKind::Npy { .. });
    has_kind!(">M4[ns]".parse::<DType>(), ErrorKind::Npy { .. });
    for descr in ["<M8[ns]", "<m8[ns]"] {
        neither_way(descr, 1_u64);
        // Theirs are counts. How to have these here is in `ways.rs`.
        neither_way(descr, 1_i64);
    }
}

/// Their `wrong_size_int`.
#[test]
fn integers_of_another_size_are_errors() {
    neither_way("<i4", 0_i64);
    neither_way("<i4", 0_i16);
    neither_way("<u4", 0_u64);
    neither_way("<u4", 0_u16);
}

/// Their `default_simple_type_strs` and `default_complex_type_strs`.
#[test]
fn each_type_has_its_dtype() {
    for (dtype, descr) in [
        (i8::dtype(Endian::NATIVE), "|i1"),
        (u8::dtype(Endian::NATIVE), "|u1"),
        (i16::dtype(Endian::NATIVE), "<i2"),
        (i32::dtype(Endian::NATIVE), "<i4"),
        (i64::dtype(Endian::NATIVE), "<i8"),
        (u32::dtype(Endian::NATIVE), "<u4"),
        (Complex::<f32>::dtype(Endian::NATIVE), "<c8"),
        (Complex::<f64>::dtype(Endian::NATIVE), "<c16"),
    ] {
        assert_eq!(dtype.to_string(), native(descr));
    }
}

/// Their `dynamic_readers_and_writers`.
#[test]
fn arrays_of_unlike_types_are_written_and_read_by_one_function() {
    let arrays: [&dyn ToNpy; 2] = [&4000, &vec![0.5, 1.5]];
    let read = arrays.map(|array| {
        let mut bytes = Vec::new();
        array.write_npy(&mut bytes).unwrap();
        AnyArray::read_npy(&bytes[..]).unwrap()
    });
    assert!(matches!(&read[0], AnyArray::I32(x) if x.first() == Some(&4000)), "{read:?}");
    assert!(matches!(&read[1], AnyArray::F64(x) if x.shape() == [2]), "{read:?}");
}
