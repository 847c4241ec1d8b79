//! The calls in pickles of which it is known what they make: Python's own collections, and NumPy's
//! arrays and scalars. Nothing else is made of anything.

use std::sync::Arc;

use ndarray::{ArrayD, ArrayViewD, IxDyn, Order, ShapeBuilder, arr0};
use num_complex::Complex;

use super::account::Account;
use super::convert::{text_size, try_map};
use super::dtype::{self, Elements, elements};
use super::value::{Opaque, Value};
use crate::any::AnyArray;
use crate::dtype::{DType, Kind};
use crate::element::{Body, Bytes};
use crate::error::{Error, Result, shape_text};
use crate::npy::{FromNpy, Header, Incoming, in_shape};

/// What Python would make of the call that `object` describes, where that is known.
pub(super) fn value(object: Opaque, account: &mut Account<'_>) -> Result<Value> {
    let args = object.args().unwrap_or_default();
    let made = match (&*object.module, &*object.name) {
        ("numpy.core.multiarray" | "numpy._core.multiarray", "_reconstruct") => {
            reconstructed(&object, account)?
        }
        ("numpy.core.numeric" | "numpy._core.numeric", "_frombuffer") => {
            from_buffer(args, account)?
        }
        ("numpy.core.multiarray" | "numpy._core.multiarray", "scalar") => scalar(args, account)?,
        ("collections", "OrderedDict") => ordered_dict(&object, account)?,
        ("_codecs", "encode") => encoded(args, account)?,
        ("copyreg", "_reconstructor" | "__newobj__") => made_of_class(&object, account)?,
        ("builtins", name) => builtin(name, args, account)?,
        _ => None,
    };
    Ok(made.unwrap_or_else(|| Value::Opaque(Arc::new(object))))
}

/// `numpy.core.multiarray._reconstruct`, and the state that makes an array of it.
fn reconstructed(object: &Opaque, account: &mut Account<'_>) -> Result<Option<Value>> {
    let Some([Value::Opaque(class), ..]) = object.args() else { return Ok(None) };
    // The version, which comes first, is the same since there is one.
    let Some([_, shape, dtype, is_fortran, data]) = object.state.as_items() else {
        return Ok(None);
    };
    if !is_kind_of_array(class) {
        return Ok(None);
    }
    let order = Order::column_major(is_fortran.as_bool() == Some(true));
    array(dtype, dtype::shape(shape)?, order, data, account).map(|array| array.map(Value::Array))
}

/// Whether it is `numpy.ndarray`, or a class of NumPy's for the same elements with other methods, by
/// the names of all its versions.
fn is_kind_of_array(class: &Opaque) -> bool {
    matches!(
        (&*class.module, &*class.name),
        ("numpy", "ndarray" | "matrix" | "memmap" | "recarray")
            | ("numpy.matrixlib.defmatrix", "matrix")
            | ("numpy.core.memmap", "memmap")
            | ("numpy.rec" | "numpy.core.records", "recarray")
    )
}

/// `numpy.core.numeric._frombuffer`, which protocol 5 has instead.
fn from_buffer(args: &[Value], account: &mut Account<'_>) -> Result<Option<Value>> {
    let [data, dtype, shape, order, axes @ ..] = args else { return Ok(None) };
    let shape = dtype::shape(shape)?;
    let array = match (order.as_str(), axes) {
        (Some("C"), _) => array(dtype, shape, Order::C, data, account)?,
        (Some("F"), _) => array(dtype, shape, Order::F, data, account)?,
        // Neither C nor Fortran order, but C order with its axes in another.
        (Some("K"), [axes]) => {
            let axes = dtype::shape(axes)?;
            let (Some(Elements::Fixed(item)), Some(bytes)) = (elements(dtype, account)?, raw(data))
            else {
                return Ok(None);
            };
            account.add((bytes.len() as u64).saturating_mul(2))?;
            let turned = turned(bytes, &shape, item.itemsize(), &axes).ok_or_else(no_data)?;
            let shape = axes.iter().filter_map(|&axis| shape.get(axis).copied()).collect();
            array(dtype, shape, Order::C, &Value::Bytes(turned), account)?
        }
        _ => None,
    };
    Ok(array.map(Value::Array))
}

/// The bytes of an array of `shape` in C order, its axes in the order of `axes`.
fn turned(bytes: &[u8], shape: &[usize], itemsize: usize, axes: &[usize]) -> Option<Arc<[u8]>> {
    let ndim = shape.len();
    let mut all = axes.to_vec();
    all.sort_unstable();
    if !all.into_iter().eq(0..ndim) {
        return None;
    }
    let items = ArrayViewD::from_shape([shape, &[itemsize]].concat(), bytes).ok()?;
    Some(items.permuted_axes([axes, &[ndim]].concat()).iter().copied().collect())
}

/// `numpy.core.multiarray.scalar`. Of dtype `object` it is the object, of a record with objects a dict.
fn scalar(args: &[Value], account: &mut Account<'_>) -> Result<Option<Value>> {
    let [dtype, data] = args else { return Ok(None) };
    let array = match elements(dtype, account)? {
        Some(Elements::Fixed(fixed)) if fixed.has_object() => {
            // A record with objects comes as an array of it alone.
            let record = match data {
                Value::Array(array) if matches!(fixed, DType::Record(_)) => match &**array {
                    AnyArray::Object(records) => records.first(),
                    _ => None,
                },
                _ => None,
            };
            return Ok(Some(record.unwrap_or(data).clone()));
        }
        // Arrays of them could be of any number.
        Some(Elements::Fixed(DType::Scalar(text))) if text.itemsize() == 0 => match text.kind() {
            Kind::Str => Some(Arc::new(arr0(String::new()).into())),
            Kind::Bytes => Some(Arc::new(arr0(Bytes::default()).into())),
            _ => array(dtype, Vec::new(), Order::C, data, account)?,
        },
        _ => array(dtype, Vec::new(), Order::C, data, account)?,
    };
    Ok(array.map(Value::Scalar))
}

/// The array of these elements, if their dtype is known.
fn array(
    dtype: &Value,
    shape: Vec<usize>,
    order: Order,
    data: &Value,
    account: &mut Account<'_>,
) -> Result<Option<Arc<AnyArray>>> {
    let Some(elements) = elements(dtype, account)? else { return Ok(None) };
    let array = match (elements, data) {
        (Elements::Fixed(fixed), Value::List(items)) if fixed.has_object() => {
            account.add_values(items.len())?;
            let items = match dtype::names(dtype, account)? {
                Some(names) => {
                    items.iter().map(|item| names.dict(item, account)).collect::<Result<_>>()?
                }
                None => items.to_vec(),
            };
            AnyArray::Object(objects(shape, order, items, account)?)
        }
        (Elements::Text, Value::List(items)) => {
            account.add_values(items.len())?;
            let objects = objects(shape, order, items.to_vec(), account)?;
            account.add(text_size(&objects))?;
            match try_map(objects.view(), |object| object.as_str().map(str::to_owned)) {
                Some(texts) => AnyArray::Str(texts),
                None => AnyArray::Object(objects),
            }
        }
        (Elements::Fixed(fixed), data) if !fixed.has_object() => {
            let Some(mut data) = raw(data) else { return Err(no_data()) };
            let header = Header::new(fixed, order, shape)?;
            header.check_body(data.len() as u64)?;
            account.add(AnyArray::size_in_memory(&header))?;
            AnyArray::from_npy(Incoming { header, body: Body::known(&mut data) })?
        }
        _ => return Err(no_data()),
    };
    Ok(Some(Arc::new(array)))
}

fn no_data() -> Error {
    Error::npy("its pickle is malformed: an array has no elements of its dtype")
}

/// The array of these objects, which come in C order, whatever the array's.
fn objects(
    shape: Vec<usize>,
    order: Order,
    items: Vec<Value>,
    account: &mut Account<'_>,
) -> Result<ArrayD<Value>> {
    let header = Header::new(DType::OBJECT, Order::C, shape)?;
    if header.len() != items.len() {
        let (len, shape) = (items.len(), shape_text(&header.shape));
        return Err(Error::npy(format!(
            "its pickle is malformed: {len} objects for shape {shape}"
        )));
    }
    let array: ArrayD<Value> = in_shape(&header, |shape| ArrayD::from_shape_vec(shape, items))?;
    if order == Order::C {
        return Ok(array);
    }
    account.add_values(array.len())?;
    let mut turned = ArrayD::default(IxDyn(array.shape()).f());
    turned.assign(&array);
    Ok(turned)
}

/// The bytes of an array, in the form of each protocol.
fn raw(data: &Value) -> Option<&[u8]> {
    match data {
        Value::Bytes(bytes) => Some(bytes),
        // Of Python 2, and of ASCII.
        Value::Str(text) => Some(text.as_bytes()),
        _ => None,
    }
}

/// `collections.OrderedDict`, whose entries come as its arguments from Python 2.
fn ordered_dict(object: &Opaque, account: &mut Account<'_>) -> Result<Option<Value>> {
    Ok(match object.args().unwrap_or_default() {
        [] => Some(Value::Dict(Arc::clone(&object.entries))),
        [Value::List(entries)] if object.entries.is_empty() => {
            account.add_values(entries.len().saturating_mul(4))?;
            let entry = |entry: &Value| match entry.as_items() {
                Some([key, value]) => Some((key.clone(), value.clone())),
                _ => None,
            };
            entries.iter().map(entry).collect::<Option<_>>().map(Value::Dict)
        }
        _ => None,
    })
}

/// `_codecs.encode`, by which protocols 0 to 2 write Python 3's bytes.
fn encoded(args: &[Value], account: &mut Account<'_>) -> Result<Option<Value>> {
    let [Value::Str(text), encoding] = args else { return Ok(None) };
    if !matches!(encoding.as_str(), Some("latin1" | "latin-1")) {
        return Ok(None);
    }
    account.add((text.len() as u64).saturating_mul(4))?; // while they grow and when they are shared
    let bytes = text.chars().map(|c| u8::try_from(c).ok()).collect::<Option<Arc<_>>>();
    Ok(bytes.map(Value::Bytes))
}

/// What has been made of a class, or of one that is called as usual: the class is the first argument.
fn made_of_class(object: &Opaque, account: &mut Account<'_>) -> Result<Option<Value>> {
    let Some([Value::Opaque(class), args @ ..]) = object.args() else { return Ok(None) };
    let args = match (&*object.name, args) {
        // The class that it is a kind of, and the value of that: mostly `object` and `None`.
        ("_reconstructor", [Value::Opaque(base), Value::None]) if base.name() == "object" => {
            &[][..]
        }
        (_, args) => args,
    };
    if class.args.is_some() {
        return Ok(None);
    }
    account.add_values(args.len())?;
    let (module, name) = (Arc::clone(&class.module), Arc::clone(&class.name));
    let args = Some(args.into());
    Ok(Some(Value::Opaque(Arc::new(Opaque { module, name, args, ..object.clone() }))))
}

/// Python's own types that pickles make by calling them.
fn builtin(name: &str, args: &[Value], account: &mut Account<'_>) -> Result<Option<Value>> {
    Ok(match (name, args) {
        ("set" | "frozenset", []) => Some(Value::Set([].into())),
        ("set" | "frozenset", [Value::List(items)]) => Some(Value::Set(Arc::clone(items))),
        ("bytes" | "bytearray", []) => Some(Value::Bytes([].into())),
        ("bytes" | "bytearray", [Value::Bytes(bytes)]) => Some(Value::Bytes(Arc::clone(bytes))),
        ("bytearray", args @ [Value::Str(_), _]) => encoded(args, account)?,
        ("complex", [Value::Float(re), Value::Float(im)]) => {
            Some(Value::Complex(Complex { re: *re, im: *im }))
        }
        ("range" | "xrange", [Value::Int(start), Value::Int(stop), Value::Int(step)]) => {
            match ((*start).try_into(), (*stop).try_into(), (*step).try_into()) {
                (Ok(start), Ok(stop), Ok(step)) => Some(Value::Range { start, stop, step }),
                _ => None,
            }
        }
        _ => None,
    })
}
