//! Arrays of Python objects.

use std::collections::{BTreeMap, HashMap};
use std::io::Cursor;
use std::path::Path;

use crate::common::data;
use ndarray::{Array1, Array2, ArrayD, Order, array, s};
use npz::{AnyArray, ErrorKind, NpzReader, NpzWriter, Opaque, Raw, ReadNpz, Value};

/// What tests/data/make_objects.py has written of the same object.
fn text(value: &Value) -> String {
    match value {
        Value::List(items) => format!("[{}]", texts(items)),
        Value::Tuple(items) if items.len() == 1 => format!("({},)", texts(items)),
        Value::Tuple(items) => format!("({})", texts(items)),
        Value::Set(items) if !items.is_empty() => format!("{{{}}}", texts(items)),
        Value::Dict(entries) => format!("{{{}}}", pairs(entries)),
        Value::Array(array) => format!("array({})", items(array)),
        Value::Scalar(array) => format!("scalar({})", items(array)),
        Value::Opaque(object) => opaque(object),
        other => other.to_string(),
    }
}

fn texts(values: &[Value]) -> String {
    values.iter().map(text).collect::<Vec<_>>().join(", ")
}

fn pairs(entries: &[(Value, Value)]) -> String {
    let pair = |(key, value): &(Value, Value)| format!("{}: {}", text(key), text(value));
    entries.iter().map(pair).collect::<Vec<_>>().join(", ")
}

fn opaque(object: &Opaque) -> String {
    let name = format!("{}.{}", object.module(), object.name());
    let Some(args) = object.args() else { return format!("<class '{name}'>") };
    let mut parts: Vec<_> = args.iter().map(text).collect();
    if !object.state().is_none() {
        parts.push(format!("state={}", text(object.state())));
    }
    if !object.items().is_empty() {
        parts.push(format!("items=[{}]", texts(object.items())));
    }
    if !object.entries().is_empty() {
        parts.push(format!("entries={{{}}}", pairs(object.entries())));
    }
    format!("{name}({})", parts.join(", "))
}

fn items(array: &AnyArray) -> String {
    fn of<T: Clone>(array: &ArrayD<T>, value: impl Fn(&T) -> Value) -> Value {
        Value::List(array.iter().map(value).collect())
    }
    let float = |&x: &f64| Value::Float(x);
    // Elements have been swapped, but for bytes.
    let dtype = match array {
        AnyArray::Raw(_) => array.dtype().to_string(),
        _ => little(format!(" {}", array.dtype())).trim_start().to_owned(),
    };
    let (dtype, items) = match array {
        AnyArray::Bool(x) => (&*dtype, of(x, |&x| Value::Bool(x))),
        AnyArray::F32(x) => (&*dtype, of(&x.mapv(f64::from), float)),
        AnyArray::F64(x) => (&*dtype, of(x, float)),
        AnyArray::C64(x) => (
            &*dtype,
            of(x, |x| Value::Complex(num_complex::Complex::new(x.re.into(), x.im.into()))),
        ),
        AnyArray::C128(x) => (&*dtype, of(x, |&x| Value::Complex(x))),
        AnyArray::Str(x) => ("U", of(x, |x| Value::Str(x.as_str().into()))),
        AnyArray::Bytes(x) => ("S", of(x, |x| Value::Bytes((**x).into()))),
        AnyArray::Datetime(x, _) | AnyArray::Timedelta(x, _) => {
            (&*dtype, of(x, |&x| Value::Int(x.into())))
        }
        AnyArray::Object(x) => ("object", of(x, Value::clone)),
        AnyArray::Raw(x) => (&*dtype, Value::Bytes(x.bytes().into())),
        AnyArray::U64(x) => (&*dtype, of(x, |&x| Value::Int(x.into()))),
        ints => (&*dtype, of(&ints.cast::<i64>().unwrap(), |&x| Value::Int(x.into()))),
    };
    let shape = Value::Tuple(array.shape().iter().map(|&len| Value::Int(len as i128)).collect());
    let order = if array.order() == Order::F { "F" } else { "C" };
    format!("{dtype}, {shape}, {order}, {}", text(&items))
}

/// Panics with the place where two texts begin to differ, which may be long.
fn assert_same(name: &str, found: &str, expected: &str) {
    if let Some(at) = (0..=found.len().max(expected.len()))
        .find(|&end| found.as_bytes().get(end) != expected.as_bytes().get(end))
    {
        let around = |text: &str| {
            let bytes = text.as_bytes();
            String::from_utf8_lossy(&bytes[at.saturating_sub(80).min(bytes.len())..])
                .chars()
                .take(160)
                .collect::<String>()
        };
        panic!("{name} differs:\n   found {}\nexpected {}", around(found), around(expected));
    }
}

/// Compares each array of objects.npz in `folder` with the line about it in objects.txt, both as
/// tests/data/make_objects.py writes them. Returns the number of arrays, and of lines.
pub fn compare(folder: &Path) -> (usize, usize) {
    let npz = NpzReader::open(folder.join("objects.npz")).unwrap();
    let expected = std::fs::read_to_string(folder.join("objects.txt")).unwrap();
    let expected: HashMap<_, _> =
        expected.lines().map(|line| line.split_once('\t').unwrap()).collect();
    for name in npz.names() {
        let (kind, _protocol) = name.rsplit_once(' ').unwrap();
        let kind = kind.strip_suffix(" of Python 2").unwrap_or(kind);
        let array = npz.get::<AnyArray>(name).unwrap();
        match expected[kind] {
            // What is of no class that Python describes plainly.
            expected if expected.contains("other") => {
                assert!(["masked", "dtype", "classes"].contains(&kind), "{name}");
            }
            expected => assert_same(name, &items(&array), expected),
        }
    }
    (npz.len(), expected.len())
}

/// What is said of dtypes on a machine whose first byte is the least significant one.
fn little(text: impl ToString) -> String {
    let text = text.to_string();
    if cfg!(target_endian = "big") { text.replace(" >", " <") } else { text }
}

fn objects() -> NpzReader<std::fs::File> {
    NpzReader::open(data("objects.npz")).unwrap()
}

#[test]
fn objects_of_every_kind_and_protocol_are_what_python_saved() {
    let (arrays, kinds) = compare(&data(""));
    assert!(arrays > 2 * kinds && kinds > 200, "{arrays} arrays of {kinds} kinds");
}

#[test]
fn ragged_arrays_are_vectors_of_arrays() {
    let npz = objects();
    for protocol in 0..6 {
        let ragged: Vec<Array1<f64>> = npz.get(&format!("ragged {protocol}")).unwrap();
        assert_eq!(ragged, [array![0.0, 1.0, 2.0], array![0.0, 1.0, 2.0, 3.0, 4.0], array![]]);
    }
    let lists: Vec<Array1<i64>> = npz.get("ragged lists 4").unwrap();
    assert_eq!(lists, [array![1, 2, 3], array![4], array![]]);
    let matrices: Vec<Array2<f32>> = npz.get("matrices 4").unwrap();
    assert_eq!((matrices[0].dim(), matrices[1].dim()), ((2, 2), (3, 1)));
    let any: Vec<ArrayD<f32>> = npz.get("matrices 4").unwrap();
    assert_eq!(any[1].shape(), [3, 1]);
    // Of the same length, NumPy makes one array of them, of objects or not.
    let rows: Vec<Array1<f64>> = npz.get("rectangular 4").unwrap();
    assert_eq!(rows, [array![1.5, 2.5], array![3.5, 4.5]]);
    let rows: Vec<Array1<f64>> = NpzReader::open(data("stored.npz")).unwrap().get("arr_0").unwrap();
    assert_eq!((rows.len(), rows[0].len()), (3, 4));

    let cast: Vec<Array1<f32>> = npz.get_cast("ragged 4").unwrap();
    assert_eq!(cast[1], array![0.0, 1.0, 2.0, 3.0, 4.0]);
    let cast: Vec<Array1<u8>> = npz.get_cast("ragged lists 4").unwrap();
    assert_eq!(cast[0], array![1, 2, 3]);
    let error = little(npz.get_cast::<Vec<Array1<i8>>>("rectangular 4").unwrap_err());
    assert!(error.contains("1.5 is not a value of dtype |i1"), "{error}");
    let error = little(npz.get::<Vec<Array1<f64>>>("matrices 4").unwrap_err());
    assert!(error.contains("element 0: expected dtype <f8, found <f4"), "{error}");
}

#[test]
fn texts_and_numbers_among_objects_are_arrays_of_them() {
    let npz = objects();
    let names: Vec<String> = npz.get("names 4").unwrap();
    assert_eq!(names, ["alpha", "beta", "", "猫"]);
    let names: Array2<String> = npz.get("two dimensions of names 4").unwrap();
    assert_eq!((names.dim(), &*names[[1, 1]]), ((3, 2), "ef"));
    let texts: Array2<String> = npz.get("StringDType 4").unwrap();
    assert_eq!((&*texts[[0, 1]], texts[[1, 1]].chars().count()), ("naïve", 198));
    let (texts, shape): (Vec<String>, Vec<usize>) = npz.get("StringDType 4").unwrap();
    assert_eq!((&*texts[1], shape), ("naïve", vec![2, 2]));
    let error = npz.get::<Array1<String>>("StringDType with None 4").unwrap_err().to_string();
    assert!(error.contains("1 str, 1 None; get::<ArrayD<Value>> loads them"), "{error}");

    let bools: Vec<bool> = npz.get("bools 4").unwrap();
    assert_eq!(bools, [true, false]);
    let floats: Array1<f64> = npz.get("floats 4").unwrap();
    assert_eq!((floats[3], floats[7]), (1e300, f64::INFINITY));
    let numbers: Array1<f64> = npz.get_cast("mixed numbers 4").unwrap();
    assert_eq!(numbers, array![1.0, 2.5, 1.0, 0.5]);
    let error = little(npz.get_cast::<Array1<i64>>("mixed numbers 4").unwrap_err());
    assert!(error.ends_with("element 1: 2.5 is not a value of dtype <i8"), "{error}");
    let error = npz.get_cast::<Array1<i64>>("names 4").unwrap_err().to_string();
    assert!(error.contains("expected numbers, found |O (Python objects: 4 str"), "{error}");
    assert_eq!(npz.get::<Array2<f64>>("empty 4").unwrap().dim(), (0, 3));
}

#[test]
fn dicts_are_maps() {
    let npz = objects();
    let dict: BTreeMap<String, Value> = npz.get("dict 4").unwrap();
    assert_eq!(dict.keys().collect::<Vec<_>>(), ["n", "name", "sub", "x"]);
    assert_eq!(dict["name"].as_str(), Some("run 7"));
    assert_eq!(dict["x"].as_array::<f64>().unwrap()[2], 2.0);
    assert!(dict["sub"].get("y").unwrap().is_none() && dict["sub"].get("z").is_none());
    let arrays: HashMap<String, Array1<f64>> = npz.get("arrays by name 2").unwrap();
    assert_eq!(arrays["y"], array![1.0, 1.0]);
    let arrays: BTreeMap<String, AnyArray> = npz.get("arrays by name 5").unwrap();
    assert_eq!(arrays["x"].shape(), [3]);

    let error = npz.get::<BTreeMap<String, Array1<f64>>>("dict 4").unwrap_err().to_string();
    assert!(
        error.ends_with("element 1: the value of 'name': expected an array, found the str 'run 7'"),
        "{error}"
    );
    let error = npz.get::<BTreeMap<String, Value>>("none 4").unwrap_err().to_string();
    assert!(error.ends_with("expected 0 dimensions (a scalar), found shape (2,)"), "{error}");
}

/// As NumPy does, which uses the header for nothing else.
#[test]
fn shape_and_order_are_those_of_the_pickle() {
    let x: ArrayD<Value> = objects().get("Fortran 4").unwrap();
    assert_eq!((x.shape(), x.is_standard_layout()), (&[2, 3][..], false));
    assert_eq!((x[[1, 0]].as_i64(), x[[0, 1]].as_str()), (Some(2), Some("a")));
    let mut bytes = objects().bytes("Fortran 4").unwrap();
    let at = bytes.windows(6).position(|text| text == b"(2, 3)").unwrap();
    bytes[at..at + 6].copy_from_slice(b"(4, 5)");
    assert_eq!(ArrayD::<Value>::read_npy(&bytes[..]).unwrap(), x);
}

#[test]
fn a_stream_is_left_behind_the_pickle() {
    for protocol in 0..6 {
        let one = objects().bytes(&format!("nested {protocol}")).unwrap();
        let file = [&one[..], &one, b"rest"].concat();
        let mut rest = &file[..];
        let first = Array1::<Value>::read_npy(&mut rest).unwrap();
        assert_eq!(Array1::<Value>::read_npy(&mut rest).unwrap(), first);
        assert_eq!(rest, b"rest");
    }
}

#[test]
fn what_is_no_array_of_objects_says_what_it_is() {
    let npz = objects();
    let message = |name: &str| {
        let error = npz.get::<Array1<f32>>(name).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::WrongDtype { .. }), "{error}");
        let text = little(error);
        text.split_once("expected dtype <f4, found |O (Python objects: ").unwrap().1.to_owned()
    };
    for (name, expected) in [
        ("ragged 4", "3 arrays of <f8 of different lengths; get::<Vec<Array1<f64>>> loads them)"),
        ("matrices 4", "2 arrays of <f4 of different shapes; get::<Vec<Array2<f32>>> loads them)"),
        ("dict 4", "1 dict; get::<BTreeMap<String, Value>> loads it)"),
        ("none 4", "2 None; get::<ArrayD<Value>> loads them)"),
        ("shared 4", "2 lists, 2 str; get::<ArrayD<Value>> loads them)"),
        ("lists 4", "3 lists; get::<ArrayD<Value>> loads them)"),
    ] {
        assert_eq!(message(name), expected);
    }
    let opaque = message("plain 4");
    assert!(opaque.starts_with("2 objects of the class lab.things.Plain; "), "{opaque}");
    assert!(opaque.contains("save it again from Python with a fixed dtype"), "{opaque}");

    for load in [
        |npz: &NpzReader<_>| npz.get::<Raw>("dict 4").map(drop),
        |npz: &NpzReader<_>| npz.get_slice::<ArrayD<Value>>("names 4", s![..2]).map(drop),
        |npz: &NpzReader<_>| npz.chunks::<Array1<String>>("names 4", 2).map(drop),
    ] {
        let error = load(&npz).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }), "{error}");
        assert!(error.to_string().contains("Python objects"), "{error}");
    }
    let error = npz.read_into("names 4", &mut Array1::<f64>::zeros(4)).unwrap_err().to_string();
    assert!(error.contains("`get` loads Python objects"), "{error}");
    let numbers = NpzReader::open(data("stored.npz")).unwrap();
    let error = little(numbers.get::<ArrayD<Value>>("name").unwrap_err());
    assert_eq!(error, "array `name`: expected Python objects (dtype |O), found <i4");
    // They are not saved again, but as the bytes that they are.
    let mut out = NpzWriter::new(Cursor::new(Vec::new()));
    let error = out.array("x", &npz.get::<AnyArray>("names 4").unwrap()).unwrap_err().to_string();
    assert!(error.contains("Python objects (dtype |O) are not saved"), "{error}");
}

#[test]
fn values_become_what_they_are() {
    let npz = objects();
    let ints: Vec<Value> = npz.get("ints 4").unwrap();
    assert_eq!(ints[3], Value::Int(255));
    assert_eq!(u8::try_from(ints[3].clone()).unwrap(), 255);
    assert_eq!(i128::from(u64::try_from(ints[10].clone()).unwrap()), 1 << 63);
    let error = u8::try_from(ints[4].clone()).unwrap_err();
    assert_eq!(error.to_string(), "expected u8, found the int 256");
    assert!(matches!(error.kind(), ErrorKind::Inexact { .. }));
    let Value::BigInt(big) = &ints[13] else { panic!("{}", ints[13]) };
    assert_eq!(big.to_string(), format!("1{}", "0".repeat(40)));
    assert_eq!(big.to_le_bytes().len(), 17);
    assert!(i64::try_from(ints[13].clone()).is_err());

    let scalars: Vec<Value> = npz.get("scalars <f4 4").unwrap();
    assert_eq!(scalars[0].as_f64(), Some(0.375));
    assert_eq!(f32::try_from(scalars[0].clone()).unwrap(), 0.375);
    let texts: Vec<Value> = npz.get("scalars <U3 4").unwrap();
    assert!(texts[0].as_str().is_some());
    assert!(String::try_from(texts[0].clone()).is_ok() && f64::try_from(texts[0].clone()).is_err());
    let shared: Vec<Value> = npz.get("shared 4").unwrap();
    let (Value::List(first), Value::List(second)) = (&shared[0], &shared[1]) else { panic!() };
    let Value::List(inner) = &second[0] else { panic!() };
    assert!(std::sync::Arc::ptr_eq(first, inner));
    assert_eq!(shared[0].as_array::<i64>().unwrap(), array![1, 2].into_dyn());
    assert!(shared[0].as_array::<f64>().is_err() && shared[2].as_array::<f64>().is_err());
    let nested: Vec<Value> = npz.get("nested 4").unwrap();
    let inner: AnyArray = nested[0].clone().try_into().unwrap();
    let AnyArray::Object(inner) = inner else { panic!("{inner}") };
    assert_eq!(inner[0], Value::Int(1));
    assert_eq!(Value::default(), Value::None);
}

/// Texts of NumPy's `StringDType` have lengths of their own, and are not padded to be refused. With 32 bits
/// there is no dtype for so many of them.
#[test]
#[cfg(target_pointer_width = "64")]
fn texts_of_different_lengths_are_no_numbers() {
    let mut texts = Array1::from_elem(100_000, String::new());
    texts[7] = "x".repeat(1 << 20);
    let texts = AnyArray::from(texts);
    assert!(matches!(texts.cast::<f64>().unwrap_err().kind(), ErrorKind::WrongDtype { .. }));
    let error = little(texts.as_array::<f64>().unwrap_err());
    assert!(error.contains("expected dtype <f8, found <U1048576"), "{error}");
}
