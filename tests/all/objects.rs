//! Arrays of Python objects.

use std::collections::HashMap;

use crate::common::data;
use ndarray::{ArrayD, Order};
use npz::{AnyArray, NpzReader, Opaque, Value};

fn objects() -> NpzReader<std::fs::File> {
    NpzReader::open(data("objects.npz")).unwrap()
}

/// What tests/data/make_objects.py has written of the same object.
fn text(value: &Value) -> String {
    match value {
        Value::List(items) => format!("[{}]", texts(items)),
        Value::Tuple(items) if items.len() == 1 => format!("({},)", texts(items)),
        Value::Tuple(items) => format!("({})", texts(items)),
        Value::Set(items) if items.len() > 0 => format!("{{{}}}", texts(items)),
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
    let dtype = array.dtype().to_string();
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
        ints => (&*dtype, of(&ints.cast::<i64>().unwrap(), |&x| Value::Int(x.into()))),
    };
    let shape = Value::Tuple(array.shape().iter().map(|&len| Value::Int(len as i128)).collect());
    let order = if array.order() == Order::F { "F" } else { "C" };
    format!("{dtype}, {shape}, {order}, {}", text(&items))
}

#[test]
fn objects_of_every_kind_and_protocol_are_what_python_saved() {
    let (npz, expected) = (objects(), std::fs::read_to_string(data("objects.txt")).unwrap());
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
            expected => assert_eq!(items(&array), expected, "{name}"),
        }
    }
    assert!(npz.len() > 2 * expected.len());
}
