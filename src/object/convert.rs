//! Objects that are all of one type → an array of that type, as `numpy.array` makes of a list.

use ndarray::{ArrayD, ArrayViewD, IxDyn, Order, ShapeBuilder};

use super::summary::summary;
use super::value::Value;
use crate::any::AnyArray;
use crate::dtype::DType;
use crate::element::{Bytes, LoadElement, Numeric};
use crate::error::{Error, ErrorKind, Result};
use crate::npy::order_in_memory;

/// What a `String` takes beside its text, with an allocation.
const STRING: u64 = 56;

/// What an element of an array takes while it is converted.
const ELEMENT: u64 = 32;

/// How much text is copied out of objects, which may refer to the same text many times.
const MOST_TEXT: u64 = 1 << 30;

/// The array of `A`s that `objects` are: all texts, or all numbers, or all byte strings.
pub(crate) fn typed<A: LoadElement>(objects: &ArrayD<Value>) -> Result<ArrayD<A>> {
    if let size @ MOST_TEXT.. = text_size(objects.iter()) {
        let problem =
            format!("texts of {size} bytes (ArrayD<Value> shares those that are the same)");
        return Err(ErrorKind::LimitExceeded { problem }.into());
    }
    if let Some(texts) = try_map(objects.view(), |object| A::from_text(object.as_str()?)) {
        return Ok(texts);
    }
    match like_array(objects.view()).filter(|array| A::accepts(&array.dtype())) {
        Some(array) => array.convert(),
        None => Err(unlike(A::expected(&DType::OBJECT), objects)),
    }
}

/// The numbers that `objects` are.
pub(crate) fn numbers<A: Numeric>(objects: &ArrayD<Value>) -> Result<ArrayD<A>> {
    if let Some(numbers) = try_map(objects.view(), number) {
        return Ok(numbers);
    }
    let is_number = |object: &Value| {
        matches!(object, Value::Bool(_) | Value::Int(_) | Value::BigInt(_) | Value::Float(_))
            || matches!(object, Value::Complex(_) | Value::Scalar(_))
    };
    match objects.iter().enumerate().find(|(_, object)| number::<A>(object).is_none()) {
        Some((index, object)) if objects.iter().all(is_number) => {
            let problem = format!("{object} is not a value of {}", A::name());
            Err(ErrorKind::InvalidValue { index, problem }.into())
        }
        _ => Err(unlike("numbers".to_owned(), objects)),
    }
}

/// The error for objects that are not what was expected.
pub(super) fn unlike(expected: String, objects: &ArrayD<Value>) -> Error {
    let hint = Some(summary(objects).into());
    ErrorKind::WrongDtype { expected, found: DType::OBJECT, hint }.into()
}

/// The array that `objects` are, if all are `bool`, `int`, `float`, `complex` or `bytes`.
fn like_array(objects: ArrayViewD<'_, Value>) -> Option<AnyArray> {
    /// The array of what `$pattern` holds, if all objects match it.
    macro_rules! all {
        ($variant:ident, $pattern:pat => $value:expr) => {
            try_map(objects, |object| match object {
                $pattern => $value,
                _ => None,
            })
            .map(AnyArray::$variant)
        };
    }
    match objects.first()? {
        Value::Bool(_) => all!(Bool, Value::Bool(value) => Some(*value)),
        Value::Int(_) => all!(I64, Value::Int(value) => i64::try_from(*value).ok()),
        Value::Float(_) => all!(F64, Value::Float(value) => Some(*value)),
        Value::Complex(_) => all!(C128, Value::Complex(value) => Some(*value)),
        Value::Bytes(_) => all!(Bytes, Value::Bytes(bytes) => Some(Bytes::from(&**bytes))),
        _ => None,
    }
}

/// The number that an object is, Python's or NumPy's, if it is an `A`, or between floats the nearest.
pub(super) fn number<A: Numeric>(object: &Value) -> Option<A> {
    match object {
        Value::Bool(value) => A::from_real(u8::from(*value)),
        Value::Int(value) => A::from_real(*value),
        Value::Float(value) => A::from_real(*value),
        Value::Complex(value) => A::from_complex(value.re, value.im),
        Value::Scalar(scalar) => scalar.cast().ok()?.first().copied(),
        _ => None,
    }
}

/// What the texts among `objects` take as `String`s, and the byte strings as elements of one dtype, all
/// as long as the longest.
pub(super) fn text_size<'a>(objects: impl IntoIterator<Item = &'a Value>) -> u64 {
    let (mut texts, mut bytes, mut longest) = (0_u64, 0_u64, 0);
    for object in objects {
        match object {
            Value::Str(text) => texts = texts.saturating_add(string_size(text)),
            Value::Bytes(all) => {
                (bytes, longest) = (bytes.saturating_add(1), longest.max(all.len()))
            }
            _ => {}
        }
    }
    // As elements, in the form of a file, and as what is loaded of that.
    let each = STRING.saturating_add((longest as u64).saturating_mul(3));
    texts.saturating_add(bytes.saturating_mul(each))
}

fn string_size(text: &str) -> u64 {
    STRING.saturating_add(text.len() as u64)
}

/// What it takes to convert an array, beside elements of other types.
pub(super) fn conversion_size(array: &AnyArray) -> u64 {
    let len = array.len() as u64;
    let own = match array {
        AnyArray::Object(objects) => text_size(objects),
        AnyArray::Str(texts) => {
            texts.iter().map(|text| string_size(text)).fold(0, u64::saturating_add)
        }
        // In the form of a file, and as what is loaded of that.
        array => len.saturating_mul(array.dtype().itemsize() as u64).saturating_mul(2),
    };
    own.saturating_add(len.saturating_mul(ELEMENT))
}

/// The same for an object that is, or could be, an array or a text.
pub(super) fn object_size(object: &Value) -> u64 {
    match object {
        Value::Array(array) | Value::Scalar(array) => conversion_size(array),
        Value::List(items) | Value::Tuple(items) => {
            let own = (items.len() as u64).saturating_mul(ELEMENT.saturating_mul(2));
            own.saturating_add(text_size(items.iter()))
        }
        object => text_size([object]),
    }
}

/// An array of what `map` makes of each element, in the same order in memory, if it makes something of all.
pub(super) fn try_map<A, B>(
    array: ArrayViewD<'_, A>,
    mut map: impl FnMut(&A) -> Option<B>,
) -> Option<ArrayD<B>> {
    let is_fortran = order_in_memory(&array) == Order::F;
    let shape = IxDyn(array.shape()).set_f(is_fortran);
    let array = if is_fortran { array.reversed_axes() } else { array };
    let mut mapped = Vec::with_capacity(array.len());
    for element in array {
        mapped.push(map(element)?);
    }
    ArrayD::from_shape_vec(shape, mapped).ok()
}
