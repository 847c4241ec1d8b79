//! Whatever a file holds, what is printed of it can be read: it is not too long, and has no
//! characters that control a terminal or cannot be seen.

use std::fmt::Debug;
use std::io::{Cursor, Seek, SeekFrom};
use std::{fmt, fs};

use crate::common::{data, forged, hostile, native};
use ndarray::{ArrayD, Ix1, IxDyn, s};
use npz::{AnyArray, Bytes, ErrorKind, Limits, NpzReader, NpzWriter, Raw, ReadNpz};

const MOST: usize = 64 << 10;

/// Checks some text; lines may be broken where `has_lines`.
#[track_caller]
fn check(text: &str, has_lines: bool) {
    let start = || text.chars().take(500).collect::<String>();
    assert!(text.len() <= MOST, "{} bytes: {:?}", text.len(), start());
    let is_unseen = |&c: &char| {
        c.is_control() && !(has_lines && c == '\n')
            || matches!(
                u32::from(c),
                0xad | 0x61c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f
                    | 0xfeff | 0xfff9..=0xfffb | 0xe000..=0xf8ff | 0xe0000..=0xe0fff
            )
    };
    assert_eq!(text.chars().find(is_unseen), None, "{:?}", start());
}

#[track_caller]
fn prints<T: Debug>(value: &T) {
    check(&format!("{value:?}"), true);
    check(&format!("{value:#?}"), true);
}

#[track_caller]
fn displays<T: Debug + fmt::Display>(value: &T) {
    check(&value.to_string(), true);
    prints(value);
}

#[track_caller]
fn outcome<T: Debug>(result: npz::Result<T>) {
    match result {
        Ok(value) => prints(&value),
        Err(error) => {
            check(&error.to_string(), false);
            check(&error.kind().to_string(), false);
            assert!(error.to_string().len() < 3000, "{error}");
            displays(&error);
            displays(error.kind());
        }
    }
}

fn all_of(bytes: &[u8]) {
    let npz = match NpzReader::from_bytes(bytes) {
        Ok(npz) => npz,
        Err(error) => return outcome::<()>(Err(error)),
    };
    displays(&npz);
    outcome(npz.verify());
    outcome(NpzReader::from_bytes(bytes).and_then(|npz| npz.with_limits(Limits::STRICT)));
    let limits = Limits::STRICT.max_array_bytes(1 << 27);
    let Ok(npz) = npz.with_limits(limits) else { return };
    outcome(npz.get::<f64>("no such name"));
    for name in npz.members().take(20) {
        outcome(npz.info(name));
        outcome(npz.get::<f64>(name));
        outcome(npz.get::<ArrayD<bool>>(name));
        outcome(npz.get::<Vec<String>>(name).map(drop));
        outcome(npz.get_cast::<ArrayD<u8>>(name).map(drop));
        outcome(npz.get_slice::<AnyArray>(name, s![1..2, ..]));
        outcome(npz.read_into(name, &mut ArrayD::<f64>::zeros(IxDyn(&[3, 4]))));
        outcome(npz.view::<f64, Ix1>(name));
        outcome(npz.bytes(name).map(drop));
        for result in [npz.get::<AnyArray>(name), npz.get::<Raw>(name).map(AnyArray::from)] {
            if let Ok(array) = &result {
                displays(array);
                outcome(array.as_array::<i16>().map(drop));
                outcome(array.cast::<u8>().map(drop));
            }
            outcome(result);
        }
    }
    outcome(npz.get_all().map(drop));
}

fn npy(descr: &str, shape: &str, body: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}");
    let len = (header.len() as u32).to_le_bytes();
    [b"\x93NUMPY\x03\x00", &len[..], header.as_bytes(), body].concat()
}

fn array(descr: &str, shape: &str, body: &[u8]) -> AnyArray {
    AnyArray::read_npy(&npy(descr, shape, body)[..]).unwrap()
}

#[test]
fn hostile_files() {
    for case in hostile::cases() {
        println!("{} ({})", case.about, case.error); // shown if it fails
        all_of(&case.file);
        outcome(AnyArray::read_npy(&case.file[..]));
    }
}

#[test]
fn fixtures() {
    for entry in fs::read_dir(data("")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        all_of(&bytes);
        outcome(AnyArray::load_npy(&path));
    }
}

#[test]
fn wide_items() {
    for (descr, body) in [
        ("'<U65534'", [97, 0, 0, 0].repeat(65_534)),
        ("'|S65533'", vec![b'a'; 65_533]),
        ("'|V16384'", vec![0; 16_384]),
        ("'<U100000'", [0x2e, 0x20, 0, 0].repeat(100_000)),
        ("[('v', '<f8', (10000000,))]", vec![0; 80_000_000]),
        ("[('v', '|u1', (100, 100, 100))]", vec![1; 1_000_000]),
        ("[('v', '|V0', (1000000000,))]", vec![]),
    ] {
        let any = array(descr, "()", &body);
        displays(&any);
        if let AnyArray::Raw(raw) = &any {
            displays(raw);
        }
    }
    let json = "{\"key\": [1, 2, 3]}, ".repeat(10_000);
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    npz.array("json", &json).unwrap();
    npz.array("bytes", &vec![Bytes::from(json.as_str()); 500]).unwrap();
    all_of(npz.finish().unwrap().get_ref());

    let fields: Vec<_> = (0..20_000).map(|i| format!("('field {i}', '<u2')")).collect();
    let wide = array(&format!("[{}]", fields.join(", ")), "(2,)", &[0; 80_000]);
    displays(&wide);
    prints(&wide.dtype());
    outcome(wide.as_array::<f64>().map(drop));
    assert!(wide.dtype().to_string().len() > 300_000, "the descr itself is whole");
}

/// NumPy 2.4 writes them so.
#[test]
fn long_arrays_and_items_are_shortened_as_numpy_does() {
    let bytes: Vec<u8> = (0..2000_u16).map(|i| i as u8).collect();
    let shown = |descr: &str, shape: &str| array(descr, shape, &bytes).to_string();
    assert_eq!(
        shown("[('v', '|u1', (2000,))]", "()"),
        "array(([0, 1, 2, ..., 205, 206, 207],), dtype=[('v', '|u1', (2000,))])"
    );
    assert_eq!(
        shown("[('v', '|u1', (1001,)), ('w', '|u1', (999,))]", "(1,)").split(", ...").count(),
        2
    );
    assert_eq!(
        shown("'|u1'", "(2000,)"),
        "array([  0,   1,   2, ..., 205, 206, 207], dtype='|u1')"
    );
    let planes = shown("'|u1'", "(2, 500, 2)");
    assert!(planes.starts_with("array([[[  0,   1],\n        [  2,   3],\n"), "{planes}");
    // So many axes of two that nearly all that can be counted would be printed, were it not for the bound.
    let twos = format!("({})", "2, ".repeat(usize::BITS as usize - 2));
    displays(&array("'|V0'", &twos, &[]));
}

#[test]
fn names_that_cannot_be_seen() {
    let long = "x".repeat(65_400);
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    for name in ["\u{202e}zpn.evil", "\x1b[31mred", "a\u{200b}b\u{feff}\u{ad}", &long] {
        npz.array(name, &[1]).unwrap();
        prints(&npz);
        outcome(npz.array(name, &[1]).map(drop));
        outcome(npz.array(&format!("{name}.npy"), &[1]).map(drop));
    }
    let archive = npz.finish().unwrap().into_inner();
    all_of(&archive);
    let npz = NpzReader::from_bytes(&archive).unwrap();
    let error = npz.get::<f64>("\u{202e}zpn.evil").unwrap_err().to_string();
    assert_eq!(
        error,
        native(r"array `\u{202e}zpn.evil`: expected dtype <f8, found <i4 (get_cast converts)")
    );
    let error = npz.get::<f64>(&long).unwrap_err().to_string();
    assert!(error.starts_with("array `xxx") && error.contains("x…`: expected dtype"), "{error}");

    // The same name in code page 437 and in UTF-8, with an escape in it.
    let mut twins = ["\x1b[31m\u{e9}.npy", ""].map(|name| forged::stored(name, vec![0; 200]));
    twins[0].both(|header| header.flags = 1 << 11);
    twins[1].name = b"\x1b[31m\x82.npy".to_vec();
    all_of(&forged::archive(&twins));

    let odd = array("[('\u{202e}a\x1b', '<u2')]", "()", &[0; 2]);
    displays(&odd);
    assert_eq!(odd.dtype().to_string(), r"[('\u202ea\x1b', '<u2')]");
    assert_eq!(odd.dtype().to_string().parse::<npz::DType>().unwrap(), odd.dtype());
    let text = AnyArray::from(
        Raw::read_npy(&npy("'<U3'", "()", &[0x2e, 0x20, 0, 0, 0x1b, 0, 0, 0, 98, 0, 0, 0])[..])
            .unwrap(),
    );
    assert_eq!(text.to_string(), r"array('\u202e\x1bb', dtype='<U3')");
}

/// Names are compared to suggest one, but not all of very many.
#[test]
fn a_name_that_is_not_there_is_found_missing_in_little_time() {
    let data = npy("'|u1'", "()", &[1]);
    let members: Vec<_> =
        (0..40_000).map(|i| forged::stored(&format!("{i:0>60}.npy"), data.clone())).collect();
    let archive = forged::archive(&members);
    let npz = NpzReader::from_bytes(&archive).unwrap();
    let error = npz.get::<f64>(&"y".repeat(64)).unwrap_err();
    let ErrorKind::NotFound { names, total, .. } = error.kind() else { panic!("{error}") };
    assert_eq!((names.len(), *total), (10, 40_000));
}

#[test]
fn sources_of_errors() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("\x1b[31m".repeat(10_000)))
        }
    }
    impl Seek for Broken {
        fn seek(&mut self, _: SeekFrom) -> std::io::Result<u64> {
            Ok(1000)
        }
    }
    let error = NpzReader::new(Broken).map(drop).unwrap_err();
    check(&format!("{error:?}"), false);
    outcome::<()>(Err(error));
}
