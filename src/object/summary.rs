//! What an array of objects holds, for the error that says why it is no other array.

use ndarray::ArrayD;

use super::repr;
use super::value::Value;
use crate::any::AnyArray;
use crate::error::shape_text;

/// How many sorts of objects are named.
const SHOWN: usize = 3;

/// One of them, several of them, and what they are of.
type Sort = (&'static str, &'static str, String);

/// `Python objects: 3 arrays of <f8 of different lengths; get::<Vec<Array1<f64>>> loads them`
pub(super) fn summary(objects: &ArrayD<Value>) -> String {
    // The sorts in the order of the array, each with its objects. Of those that are not named, the first
    // says that there are some.
    let mut sorts = Vec::<(Sort, Vec<&Value>)>::new();
    for object in objects {
        let sort = sort(object);
        if let Some((_, objects)) = sorts.iter_mut().find(|(other, _)| *other == sort) {
            objects.push(object);
        } else if sorts.len() <= SHOWN {
            sorts.push((sort, vec![object]));
        }
    }
    let named = sorts.iter().take(SHOWN).map(|((one, several, of), objects)| {
        let count = objects.len();
        let noun = if count == 1 { one } else { several };
        format!("{count} {noun}{of}{}", shapes(objects))
    });
    let named = match sorts.len() {
        0 => "none".to_owned(),
        1..=SHOWN => named.collect::<Vec<_>>().join(", "),
        _ => named.collect::<Vec<_>>().join(", ") + ", …",
    };
    let way_out = match &sorts[..] {
        [(_, sort)] => way_out(sort, objects.ndim()),
        _ => None,
    };
    let way_out = way_out.unwrap_or_else(|| "get::<ArrayD<Value>> loads them".to_owned());
    format!("Python objects: {named}; {way_out}")
}

/// What sort of object it is.
fn sort(object: &Value) -> Sort {
    let (one, several) = match object {
        Value::None => ("None", "None"),
        Value::Bool(_) => ("bool", "bools"),
        Value::Int(_) | Value::BigInt(_) => ("int", "ints"),
        Value::Float(_) => ("float", "floats"),
        Value::Complex(_) => ("complex", "complex"),
        Value::Str(_) => ("str", "str"),
        Value::Bytes(_) => ("bytes", "bytes"),
        Value::List(_) => ("list", "lists"),
        Value::Tuple(_) => ("tuple", "tuples"),
        Value::Set(_) => ("set", "sets"),
        Value::Dict(_) => ("dict", "dicts"),
        Value::Range { .. } => ("range", "ranges"),
        Value::Array(array) => {
            return ("array", "arrays", format!(" of {}", array.dtype().shown()));
        }
        Value::Scalar(scalar) => {
            return ("scalar", "scalars", format!(" of {}", scalar.dtype().shown()));
        }
        Value::Opaque(object) => {
            return ("object", "objects", format!(" of the class {}", repr::class(object)));
        }
    };
    (one, several, String::new())
}

/// How the shapes of several arrays compare.
fn shapes(objects: &[&Value]) -> String {
    let shape = |object: &&Value| match object {
        Value::Array(array) => Some(array.shape().to_vec()),
        _ => None,
    };
    let mut shapes = objects.iter().filter_map(shape);
    match shapes.next() {
        Some(first) if shapes.all(|shape| shape == first) => {
            format!(" of shape {}", shape_text(&first))
        }
        Some(first) if first.len() == 1 => " of different lengths".to_owned(),
        Some(_) => " of different shapes".to_owned(),
        None => String::new(),
    }
}

/// What to do with objects that are all of one sort, in an array of `ndim` dimensions.
fn way_out(objects: &[&Value], ndim: usize) -> Option<String> {
    match (objects.first()?, ndim) {
        (Value::Array(array), 1) => {
            let axes = array.shape().len();
            let same_axes = |object: &&Value| matches!(object, Value::Array(array) if array.shape().len() == axes);
            let array_type = match axes {
                0..=6 if objects.iter().all(same_axes) => {
                    format!("Array{axes}<{}>", element(array)?)
                }
                _ => format!("ArrayD<{}>", element(array)?),
            };
            Some(format!("get::<Vec<{array_type}>> loads them"))
        }
        (Value::Dict(_), 0) => Some("get::<BTreeMap<String, Value>> loads it".to_owned()),
        (Value::Opaque(_), _) => Some(
            "what they mean only Python knows; save it again from Python with a fixed dtype \
             (get::<ArrayD<Value>> loads what they are made of)"
                .to_owned(),
        ),
        _ => None,
    }
}

/// Rust's type for the elements of an array.
fn element(array: &AnyArray) -> Option<&'static str> {
    Some(match array {
        AnyArray::Bool(_) => "bool",
        AnyArray::I8(_) => "i8",
        AnyArray::I16(_) => "i16",
        AnyArray::I32(_) => "i32",
        AnyArray::I64(_) => "i64",
        AnyArray::U8(_) => "u8",
        AnyArray::U16(_) => "u16",
        AnyArray::U32(_) => "u32",
        AnyArray::U64(_) => "u64",
        AnyArray::F32(_) => "f32",
        AnyArray::F64(_) => "f64",
        AnyArray::C64(_) => "Complex<f32>",
        AnyArray::C128(_) => "Complex<f64>",
        AnyArray::Str(_) => "String",
        AnyArray::Bytes(_) => "Bytes",
        _ => return None,
    })
}
