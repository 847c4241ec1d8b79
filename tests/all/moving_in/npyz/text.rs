//! Of `src/serialize/slice.rs` and `tests/strings.rs`: byte strings, text and void.
//!
//! Their `Vec<u8>` of `|S…` is [`Bytes`], their `Vec<char>` is a `String` or a [`FixedStr`], their `Vec<u32>` the bytes
//! of a [`Raw`], as are their `Vec<u8>` and `FixedSizeBytes` of `|V…`; and arrayvec's `ArrayVec` and `ArrayString`
//! are [`FixedBytes`] and [`FixedStr`].

use super::*;

fn bytes(bytes: &[u8]) -> Bytes {
    Bytes::from(bytes)
}

/// Text of `<U…`, or of `>U…`.
fn utf32(code_points: &[u32], endian: Endian) -> Vec<u8> {
    let bytes = code_points.iter().map(|code_point| match endian {
        Endian::Little => code_point.to_le_bytes(),
        Endian::Big => code_point.to_be_bytes(),
    });
    bytes.flatten().collect()
}

fn le(code_points: &[u32]) -> Vec<u8> {
    utf32(code_points, Endian::Little)
}

fn be(code_points: &[u32]) -> Vec<u8> {
    utf32(code_points, Endian::Big)
}

/// An element of which no more is known than its bytes.
fn raw(descr: &str, bytes: &[u8]) -> Raw {
    Raw::new(parse(descr), &[], Order::C, bytes.to_vec()).unwrap()
}

/// Their `bytes_any_endianness`.
#[test]
fn byte_strings_have_no_byte_order() {
    for descr in ["<S3", ">S3", "|S3"] {
        both_ways(descr, &[1, 3, 5], bytes(&[1, 3, 5]));
    }
}

/// Their `length_zero`.
#[test]
fn text_of_no_length_is_read_and_is_written_as_it_is() {
    assert_eq!(read_one::<Bytes>("|S0", &[]).unwrap(), bytes(&[]));
    assert_eq!(read_one::<String>("|S0", &[]).unwrap(), "");
    assert_eq!(read_one::<String>(">U0", &[]).unwrap(), "");
    for descr in ["|S0", "|V0", ">U0"] {
        assert_eq!(write_one(descr, &raw(descr, &[])).unwrap(), []);
    }
    // NumPy makes no such arrays: the shortest text is `<U1`.
    has_kind!(write_one("|S0", &bytes(&[])), ErrorKind::WrongDtype { .. });
    has_kind!(write_one(">U0", ""), ErrorKind::WrongDtype { .. });
}

/// Their `write_wrong_length`.
#[test]
fn shorter_text_is_padded_and_longer_text_is_an_error() {
    assert_eq!(parse("|a3"), parse("|S3"));
    for (text, in_s3) in [("\x01\x03\x05", [1, 3, 5]), ("\x01", [1, 0, 0]), ("", [0, 0, 0])] {
        assert_eq!(write_one("|S3", &Bytes::from(text)).unwrap(), in_s3);
        assert_eq!(write_one(">U3", text).unwrap(), be(&in_s3.map(u32::from)));
        // Which bytes a text is, is for the caller to say.
        has_kind!(write_one("|S3", text), ErrorKind::WrongDtype { .. });
    }
    has_kind!(write_one("|S3", &bytes(&[1, 3, 5, 7])), ErrorKind::WrongDtype { .. });
    has_kind!(write_one(">U3", "\x01\x03\x05\x07"), ErrorKind::WrongDtype { .. });
    assert_eq!(write_one("|V3", &raw("|V3", &[1, 3, 5])).unwrap(), [1, 3, 5]);
    for (descr, bytes) in [("|V0", &[][..]), ("|V1", &[1]), ("|V4", &[1, 3, 5, 7])] {
        has_kind!(write_one("|V3", &raw(descr, bytes)), ErrorKind::WrongDtype { .. });
    }
}

/// Their `write_wrong_length_arrayvec`.
#[test]
fn byte_strings_of_fixed_size_fit_where_their_size_does() {
    fn fixed<const N: usize>(bytes: &[u8]) -> FixedBytes<N> {
        bytes.try_into().unwrap()
    }
    for (written, expected) in [
        (write_one("|S3", &fixed::<2>(&[1, 3])), [1, 3, 0]),
        (write_one("|S3", &fixed::<2>(&[1])), [1, 0, 0]),
        (write_one("|S3", &fixed::<3>(&[1, 3, 5])), [1, 3, 5]),
        (write_one("|S3", &fixed::<3>(&[1])), [1, 0, 0]),
    ] {
        assert_eq!(written.unwrap(), expected);
    }
    // Theirs looks at the length of the value, as that of `Bytes` is.
    for value in [&[1, 3, 5, 7][..], &[1]] {
        has_kind!(write_one("|S3", &fixed::<4>(value)), ErrorKind::WrongDtype { .. });
    }
    assert_eq!(write_one("|S3", &bytes(&fixed::<4>(&[1]))).unwrap(), [1, 0, 0]);
    has_kind!(write_one("|V3", &fixed::<3>(&[1, 3, 5])), ErrorKind::WrongDtype { .. });
}

/// Their `fixed_size_bytes_restrictions`.
#[test]
fn void_is_written_where_its_size_is_the_same() {
    for descr in ["|S3", "|V2", "|V4"] {
        has_kind!(write_one(descr, &raw("|V3", &[1, 3, 5])), ErrorKind::WrongDtype { .. });
    }
    has_kind!(read_one::<FixedBytes<3>>("|V3", &[1, 3, 5]), ErrorKind::WrongDtype { .. });
}

/// Their `truncate_trailing_nuls` and `arrayvec_truncate_trailing_nuls`.
#[test]
fn nuls_at_the_end_are_padding_except_in_void() {
    for (stored, text) in [([1, 3], "\x01\x03"), ([1, 0], "\x01"), ([0, 0], "")] {
        assert_eq!(read_one::<Bytes>("|S2", &stored).unwrap(), Bytes::from(text));
        assert_eq!(read_one::<String>("|S2", &stored).unwrap(), text);
        assert_eq!(&*read_one::<FixedBytes<2>>("|S2", &stored).unwrap(), text.as_bytes());
        let utf32 = le(&stored.map(u32::from));
        assert_eq!(read_one::<String>("<U2", &utf32).unwrap(), text);
        assert_eq!(read_one::<FixedStr<2>>("<U2", &utf32).unwrap().to_string(), text);
        let mut npy = Vec::new();
        raw("|V2", &stored).write_npy(&mut npy).unwrap();
        assert_eq!(Raw::read_npy(&npy[..]).unwrap().bytes(), stored);
    }
}

/// Their `preserve_interior_nuls`.
#[test]
fn nuls_within_a_text_are_kept() {
    let text = "\x00\x01\x00\x00\x03\x05";
    both_ways("|S6", text.as_bytes(), Bytes::from(text));
    both_ways("<U6", &le(&[0, 1, 0, 0, 3, 5]), text.to_owned());
    assert_eq!(read_one::<String>("|S6", text.as_bytes()).unwrap(), text);
}

/// Their `arrayvec_truncated_reading`, `arrayvec_no_array_string_from_u` and
/// `arrayvec_truncated_in_middle_of_utf8_char`: nothing is cut off.
#[test]
fn text_of_fixed_size_holds_all_of_the_text_or_is_an_error() {
    let text = "abはe";
    assert_eq!(read_one::<String>("|S6", text.as_bytes()).unwrap(), text);
    assert_eq!(&*read_one::<FixedBytes<6>>("|S6", text.as_bytes()).unwrap(), text.as_bytes());
    assert_eq!(&*read_one::<FixedBytes<50>>("|S6", text.as_bytes()).unwrap(), text.as_bytes());
    has_kind!(read_one::<FixedBytes<5>>("|S6", text.as_bytes()), ErrorKind::WrongDtype { .. });
    has_kind!(read_one::<FixedBytes<2>>("|S5", &[1, 3, 5, 7, 9]), ErrorKind::WrongDtype { .. });

    let utf32 = le(&[1, 3, 5, 7, 9]);
    has_kind!(read_one::<FixedStr<2>>("<U5", &utf32), ErrorKind::WrongDtype { .. });
    assert_eq!(read_one::<FixedStr<50>>("<U5", &utf32).unwrap().chars().count(), 5);
    has_kind!(read_one::<FixedBytes<50>>("<U5", &utf32), ErrorKind::WrongDtype { .. });
}

/// Their `serialize_types_that_deref_to_slices`.
#[test]
fn owned_and_borrowed_text_is_written_alike() {
    let (text, expected) = ("\x01\x03\x05", le(&[1, 3, 5]));
    assert_eq!(write_one("<U3", text).unwrap(), expected);
    assert_eq!(write_one("<U3", &text).unwrap(), expected);
    assert_eq!(write_one("<U3", &text.to_owned()).unwrap(), expected);
    assert_eq!(write_one("|S3", &Bytes::from(vec![1, 3, 5])).unwrap(), [1, 3, 5]);
    assert_eq!(write_one("|S3", &Bytes::from(&[1, 3, 5][..])).unwrap(), [1, 3, 5]);
}

const LAST_CODE_POINT: u32 = 0x10_FFFF;
const SURROGATE: u32 = 0xD805;

/// Their `reading_invalid_utf32_or_utf8` and `arrayvec_reading_invalid_utf32_or_utf8`.
#[test]
fn what_is_not_text_is_an_error() {
    let last = le(&[LAST_CODE_POINT]);
    assert_eq!(read_one::<String>("<U1", &last).unwrap(), "\u{10FFFF}");
    assert_eq!(read_one::<FixedStr<1>>("<U1", &last).unwrap().to_string(), "\u{10FFFF}");
    for code_point in [LAST_CODE_POINT + 1, LAST_CODE_POINT + 2, SURROGATE] {
        let bytes = le(&[code_point]);
        has_kind!(read_one::<String>("<U1", &bytes), ErrorKind::InvalidValue { .. });
        has_kind!(read_one::<FixedStr<1>>("<U1", &bytes), ErrorKind::InvalidValue { .. });
    }
    has_kind!(read_one::<String>("|S3", &[0xFF, 0, 1]), ErrorKind::InvalidValue { .. });
}

/// Their `writing_invalid_utf32`.
#[test]
fn code_points_are_written_as_they_are() {
    // Theirs are errors from 0x11_0000 on. A `Raw` is the caller's, as are the bytes in it.
    for code_point in [LAST_CODE_POINT, LAST_CODE_POINT + 1, SURROGATE] {
        let bytes = le(&[code_point]);
        assert_eq!(write_one("<U1", &raw("<U1", &bytes)).unwrap(), bytes);
    }
}

/// Their `unicode_files`.
#[test]
fn files_of_text_are_read_unless_there_are_lone_surrogates() {
    let text = "αβout";
    let mut code_points: Vec<u32> = text.chars().map(u32::from).collect();
    code_points.resize(8, 0);
    let sound = file("'<U8'", Order::C, "(1,)", &le(&code_points));
    assert_eq!(NpyFile::new(&sound).unwrap().into_vec::<String>().unwrap(), [text]);
    for (descr, code_points) in [("'<U1'", &[SURROGATE][..]), ("'<U2'", &[0xD834, 0xDD1E])] {
        let file = file(descr, Order::C, "(1,)", &le(code_points));
        let strings = NpyFile::new(&file).unwrap().into_vec::<String>();
        has_kind!(strings, ErrorKind::InvalidValue { index: 0, .. });
        assert_eq!(Raw::read_npy(&file[..]).unwrap().bytes(), le(code_points));
    }
}

/// Their `writing_strings`.
#[test]
fn texts_are_written_with_the_length_of_the_longest() {
    let strings = ["abc", "αβout", "\u{1D11E}"].map(str::to_owned);
    let file = written(|bytes| {
        let mut rows = WriteOptions(bytes).begin_1d_of(parse("<U5")).unwrap();
        rows.extend(&strings[..]).unwrap();
        rows.finish().unwrap();
    });
    assert_eq!(NpyFile::new(&file).unwrap().into_vec::<String>().unwrap(), strings);
    let mut at_once = Vec::new();
    strings.write_npy(&mut at_once).unwrap();
    assert_eq!(NpyFile::new(&at_once).unwrap().dtype().to_string(), native("<U5"));
}
