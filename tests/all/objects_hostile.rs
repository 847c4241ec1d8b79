//! Pickles that are damaged, or made to do harm.

use std::fs;

use crate::common::pickles::{array_of, dtype, laughs, list, npy, objects, text};
use crate::common::{data, folder};
use npz::{AnyArray, Error, ErrorKind, NpyReader, NpzReader, Result, Value};

fn load(pickle: &[u8]) -> Result<AnyArray> {
    NpyReader::from_bytes(npy(pickle))?.get()
}

/// The one object of an array of one.
fn object(pickle: &[u8]) -> Value {
    match load(pickle) {
        Ok(AnyArray::Object(objects)) => objects[0].clone(),
        other => panic!("{other:?}"),
    }
}

fn is_unsupported(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Unsupported { .. })
}

/// The pickles that Python has written of one kind of objects with each protocol.
fn saved(kind: &str) -> Vec<Vec<u8>> {
    let npz = NpzReader::open(data("objects.npz")).unwrap();
    let is_kind = |name: &&str| name.rsplit_once(' ').is_some_and(|(of, _)| of == kind);
    let body = |name: &str| {
        let file = npz.bytes(&format!("{name}.npy")).unwrap();
        let start = file.iter().position(|&byte| byte == b'\n').unwrap() + 1;
        file[start..].to_vec()
    };
    npz.names().filter(is_kind).map(body).collect()
}

#[test]
fn a_part_of_a_pickle_is_an_error() {
    for kind in ["ints", "dict", "arrays", "texts", "datetimes", "classes"] {
        for pickle in saved(kind) {
            load(&pickle).unwrap();
            for len in 0..pickle.len() {
                load(&pickle[..len]).unwrap_err();
            }
        }
    }
}

#[test]
fn a_changed_byte_is_an_error_or_another_value() {
    let pickle = objects(2, b"\x8c\x01a(K\x01h\x02Nt");
    let pickle = [&pickle[..2], b"N\x94N\x94]\x94000", &pickle[2..]].concat();
    load(&pickle).unwrap();
    let mut loaded = 0;
    for at in 0..pickle.len() {
        for byte in 0..=255 {
            let mut pickle = pickle.clone();
            pickle[at] = byte;
            if let Ok(array) = load(&pickle) {
                loaded += 1;
                assert!(!array.to_string().is_empty());
            }
        }
    }
    assert!(loaded > 256, "{loaded}");
}

#[test]
fn opcodes_out_of_place_are_errors() {
    for opcode in 0..=255 {
        for before in
            [&b""[..], b"K\x01", b"(", b"(K\x01", b"K\x01(", b"NN", b")", b"c\n\n", b"c\n\n)R"]
        {
            for argument in [&b""[..], b"\0", b"\n", b"1\n\n", b"\x01\0\0\0\0\0\0\0a", &[255; 9]] {
                let pickle = [before, &[opcode], argument].concat();
                // With more behind it, or without.
                load(&pickle).unwrap_err();
                load(&[&pickle[..], b"."].concat()).unwrap_err();
                let _ = load(&list(&pickle)).map(|array| array.to_string());
            }
        }
    }
}

#[test]
fn what_is_not_in_the_pickle_is_not_looked_for() {
    for reference in [
        &b"Pfile\n"[..],
        b"NQ",
        b"\x82\x01",
        b"\x83\x01\0",
        b"\x84\x01\0\0\0",
        b"\x97",
        b"\x97\x98",
    ] {
        let error = load(&list(reference)).unwrap_err();
        assert!(is_unsupported(&error), "{error}");
        assert_eq!(error.to_string(), "it refers to something outside the pickle");
    }
    let error = load(b"\x80\x06N.").unwrap_err();
    assert!(is_unsupported(&error), "{error}");
}

#[test]
fn objects_that_contain_themselves_are_errors() {
    for cycle in [
        &b"]q\0h\0a"[..],
        b"}q\0Nh\0s",
        b"}q\0h\0Ns",
        b"\x8fq\0(h\0\x90",
        b"]q\0h\0\x85q\x010h\x01a0h\x01",
        b"c\n\n)Rq\0h\0b",
        b"c\n\n)Rq\0h\0a",
        b"c\n\n)Rq\0Nh\0s",
        b"c\n\n]q\0(h\0tq\x010h\0h\x01a0h\x01R",
    ] {
        let error = load(&list(cycle)).unwrap_err();
        assert!(is_unsupported(&error) && error.to_string().contains("contains itself"), "{error}");
    }
    let array = objects(1, b"N");
    // The array itself, which is on the stack when its elements are pushed.
    let at = array.windows(3).position(|bytes| bytes == b"\x87R(").unwrap() + 2;
    let at = array[..at].iter().rposition(|&byte| byte == b'R').unwrap() + 1;
    let at_list = array.windows(3).position(|bytes| bytes == b"](N").unwrap() + 2;
    let array =
        [&array[..at], b"q\x07", &array[at..at_list], b"h\x07", &array[at_list + 1..]].concat();
    let error = load(&array).unwrap_err();
    assert!(is_unsupported(&error) && error.to_string().contains("contains itself"), "{error}");
}

/// As deep as objects may be in each other, they can be used on a thread's stack; those that are deeper
/// are not loaded.
#[test]
fn objects_in_objects_can_be_used() {
    let kinds: [(&[u8], Vec<u8>); 6] = [
        (b"]", b"](h\0e".to_vec()),
        (b")", b"h\0\x85".to_vec()),
        (b"}", b"}Nh\0s".to_vec()),
        (b")", b"(h\0\x91".to_vec()),
        (b"c\na\n", b"c\na\nh\0\x85R".to_vec()),
        (b")", array_of(1, &dtype("O8"), b"](h\0e")),
    ];
    for (first, level) in kinds {
        let most =
            (1..300).rev().find(|&levels| load(&laughs(levels, first, &level)).is_ok()).unwrap();
        assert!(most >= 60, "{most}");
        let error = load(&laughs(most + 1, first, &level)).unwrap_err();
        assert!(is_unsupported(&error) && error.to_string().contains("levels deep"), "{error}");
        let value = object(&laughs(most, first, &level));
        assert_eq!(value, value.clone());
        assert!(!value.to_string().is_empty());
    }
}

/// What would run a command is read as its name and arguments.
#[test]
fn nothing_is_run() {
    let folder = folder();
    let file = folder.path().join("touched");
    let command = text(&format!("touch '{}'", file.display()));
    let all = |parts: &[&[u8]]| parts.concat();
    for (about, call) in [
        ("REDUCE", all(&[b"cposix\nsystem\n", &command, b"\x85R"])),
        ("INST", all(&[b"(", &command, b"ios\nsystem\n"])),
        ("OBJ", all(&[b"(cos\nsystem\n", &command, b"o"])),
        ("NEWOBJ", all(&[b"cos\nsystem\n", &command, b"\x85\x81"])),
        ("NEWOBJ_EX", all(&[b"cos\nsystem\n", &command, b"\x85}\x92"])),
        ("STACK_GLOBAL", all(&[&text("os"), &text("system"), b"\x93", &command, b"\x85R"])),
        ("__newobj__", all(&[b"ccopyreg\n__newobj__\ncos\nsystem\n", &command, b"\x86R"])),
        ("BUILD", all(&[b"cos\nsystem\n)R", &command, b"b"])),
    ] {
        let Value::Opaque(object) = object(&objects(1, &call)) else { panic!("{about}") };
        assert!(["posix", "os"].contains(&object.module()) && object.name() == "system", "{about}");
        let given = object.args().unwrap().first().unwrap_or(object.state());
        assert!(given.as_str().unwrap().starts_with("touch"), "{about}");
        // Where it would be called in passing.
        for pickle in [
            [&call[..], b"0", &objects(1, b"N")[2..]].concat(),
            objects(2, &[&call[..], b"N"].concat()),
            objects(1, &[b"}", &call[..], b"Ns"].concat()),
            objects(1, &array_of(1, &dtype("O8"), &[b"](", &call[..], b"e"].concat())),
        ] {
            load(&pickle).unwrap();
        }
        // In place of a dtype or a shape.
        let _ = load(&list(&array_of(1, &call, b"N")));
        assert!(fs::read(&file).is_err(), "{about}");
    }
}
