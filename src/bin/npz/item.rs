//! [`Item`]: an element of an array, of whatever dtype, to be written as text.

use std::sync::Arc;

use anyhow::Result;
use half::f16;
use npz::dtype::Kind;
use npz::ndarray::{ArrayD, Axis, Dimension, IxDyn, Order, ShapeBuilder};
use npz::time::TimeUnit;
use npz::{AnyArray, DType, Endian, Raw, Value};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(Float),
    Complex(Float, Float),
    Text(String),
    Bytes(Vec<u8>),
    /// A date in words, or nothing for NaT.
    Date(Option<String>),
    /// A time difference in units of its dtype, or nothing for NaT.
    Difference(Option<i64>, Option<TimeUnit>),
    Record(Arc<[String]>, Vec<Item>),
    /// What a field that is an array holds.
    Array(ArrayD<Item>),
    Void(Vec<u8>),
    Object(Value),
}

/// A number with as many digits as tell it from others of its type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Float {
    F16(f16),
    F32(f32),
    F64(f64),
}

/// The array, element by element.
pub fn items(array: &AnyArray) -> Result<ArrayD<Item>> {
    let not_nat = |count: i64| Some(count).filter(|&count| count != i64::MIN);
    Ok(match array {
        AnyArray::Bool(array) => array.mapv(Item::Bool),
        AnyArray::I8(array) => array.mapv(|x| Item::Int(x.into())),
        AnyArray::I16(array) => array.mapv(|x| Item::Int(x.into())),
        AnyArray::I32(array) => array.mapv(|x| Item::Int(x.into())),
        AnyArray::I64(array) => array.mapv(Item::Int),
        AnyArray::U8(array) => array.mapv(|x| Item::Uint(x.into())),
        AnyArray::U16(array) => array.mapv(|x| Item::Uint(x.into())),
        AnyArray::U32(array) => array.mapv(|x| Item::Uint(x.into())),
        AnyArray::U64(array) => array.mapv(Item::Uint),
        AnyArray::F32(array) => array.mapv(|x| Item::Float(Float::F32(x))),
        AnyArray::F64(array) => array.mapv(|x| Item::Float(Float::F64(x))),
        AnyArray::C64(array) => array.mapv(|z| Item::Complex(Float::F32(z.re), Float::F32(z.im))),
        AnyArray::C128(array) => array.mapv(|z| Item::Complex(Float::F64(z.re), Float::F64(z.im))),
        AnyArray::Str(array) => array.map(|text| Item::Text(text.clone())),
        AnyArray::Bytes(array) => array.map(|bytes| Item::Bytes(bytes.to_vec())),
        AnyArray::Datetime(counts, unit) => counts.map(|&count| {
            let text =
                |count| unit.map_or(format!("{count}"), |unit| unit.datetime_as_string(count));
            Item::Date(not_nat(count).map(text))
        }),
        AnyArray::Timedelta(counts, unit) => {
            counts.map(|&count| Item::Difference(not_nat(count), *unit))
        }
        AnyArray::Object(array) => array.map(|value| Item::Object(value.clone())),
        AnyArray::Raw(raw) => items_of_raw(raw)?,
        other => anyhow::bail!("dtype {} cannot be written as text", other.dtype()),
    })
}

fn items_of_raw(raw: &Raw) -> Result<ArrayD<Item>> {
    let scalar = match raw.dtype() {
        DType::Record(record) => {
            let names: Arc<[_]> =
                record.fields().iter().map(|field| field.name().to_owned()).collect();
            let columns = names.iter().map(|name| items(&raw.any_field(name)?));
            let columns: Vec<_> = columns.collect::<Result<_>>()?;
            return Ok(ArrayD::from_shape_fn(raw.shape(), |index| {
                let fields = columns.iter().map(|column| field(column, &index));
                Item::Record(names.clone(), fields.collect())
            }));
        }
        DType::Scalar(scalar) if scalar.kind() == Kind::Float && scalar.itemsize() == 2 => {
            return Ok(raw.to_array::<f16>()?.mapv(|x| Item::Float(Float::F16(x))));
        }
        DType::Scalar(scalar) => Some(scalar),
        _ => None,
    };
    let size = raw.dtype().itemsize();
    let item = |index: usize| {
        let bytes = &raw.bytes()[index * size..][..size];
        match scalar.map(|scalar| (scalar.kind(), scalar.endian())) {
            Some((Kind::Bool, _)) => Item::Bool(bytes != [0]),
            Some((Kind::Str, endian)) => Item::Text(text(bytes, endian)),
            Some((Kind::Bytes, _)) => Item::Bytes(bytes.to_vec()),
            _ => Item::Void(bytes.to_vec()),
        }
    };
    let shape = IxDyn(raw.shape()).set_f(raw.order() == Order::F);
    Ok(ArrayD::from_shape_vec(shape, (0..raw.len()).map(item).collect())?)
}

/// What the column of a field holds at this place: an item, or all of them if the field is an array.
fn field(column: &ArrayD<Item>, index: &IxDyn) -> Item {
    let mut item = column.view();
    for &at in index.as_array_view() {
        item = item.index_axis_move(Axis(0), at);
    }
    match item.ndim() {
        0 => item.first().cloned().unwrap_or_else(|| Item::Void(Vec::new())),
        _ => Item::Array(item.to_owned()),
    }
}

/// Text of which some characters are none.
fn text(bytes: &[u8], endian: Option<Endian>) -> String {
    let chars = bytes.as_chunks::<4>().0.iter().map(|&bytes| match endian {
        Some(Endian::Big) => u32::from_be_bytes(bytes),
        _ => u32::from_le_bytes(bytes),
    });
    let chars = chars.map(|char| char::from_u32(char).unwrap_or(char::REPLACEMENT_CHARACTER));
    chars.collect::<String>().trim_end_matches('\0').to_owned()
}

impl Float {
    pub fn value(self) -> f64 {
        match self {
            Self::F16(x) => x.into(),
            Self::F32(x) => x.into(),
            Self::F64(x) => x,
        }
    }

    /// As few digits as tell it from other numbers of its type: `1.25e-3`.
    pub fn shortest(self) -> String {
        let text = match self {
            Self::F16(x) => {
                let mut texts = (0..5).map(|digits| format!("{:.digits$e}", f32::from(x)));
                return texts.find(|text| self.is(text)).unwrap_or_else(|| x.to_string());
            }
            Self::F32(x) => format!("{x:e}"),
            Self::F64(x) => format!("{x:e}"),
        };
        // Between two such texts Rust takes the larger one, NumPy that of the even digit.
        let even = format!("{:.*e}", fraction_len(&text), self.value());
        if self.is(&even) { even } else { text }
    }

    fn is(self, text: &str) -> bool {
        match self {
            Self::F16(x) => text.parse().is_ok_and(|value| f16::from_f32(value) == x),
            Self::F32(x) => text.parse() == Ok(x),
            Self::F64(x) => text.parse() == Ok(x),
        }
    }
}

/// How many digits there are between the point and the exponent.
fn fraction_len(text: &str) -> usize {
    let number = text.split_once('e').map_or(text, |(number, _)| number);
    number.split_once('.').map_or(0, |(_, fraction)| fraction.len())
}

impl Serialize for Float {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            // JSON has none.
            x if !x.value().is_finite() => serializer.serialize_none(),
            Self::F16(_) => {
                serializer.serialize_f64(self.shortest().parse().unwrap_or(self.value()))
            }
            Self::F32(x) => serializer.serialize_f32(x),
            Self::F64(x) => serializer.serialize_f64(x),
        }
    }
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(x) => serializer.serialize_bool(*x),
            Self::Int(x) => serializer.serialize_i64(*x),
            Self::Uint(x) => serializer.serialize_u64(*x),
            Self::Float(x) => x.serialize(serializer),
            Self::Complex(re, im) => serializer.collect_seq([re, im]),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Bytes(bytes) => serializer.serialize_str(&text_of_bytes(bytes)),
            Self::Date(date) => date.serialize(serializer),
            Self::Difference(count, _) => count.serialize(serializer),
            Self::Record(names, fields) => serializer.collect_map(names.iter().zip(fields)),
            Self::Array(items) => Nested(items.view()).serialize(serializer),
            Self::Void(bytes) => serializer.serialize_str(&hex(bytes)),
            Self::Object(value) => serialize_value(value, serializer),
        }
    }
}

/// Lists in lists.
pub struct Nested<'a>(pub npz::ndarray::ArrayViewD<'a, Item>);

impl Serialize for Nested<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.ndim() {
            0 => self.0.first().serialize(serializer),
            _ => serializer.collect_seq(self.0.outer_iter().map(Nested)),
        }
    }
}

/// Python objects as JSON has them; what it has not, as Python's `repr`.
fn serialize_value<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    struct Of<'a>(&'a Value);
    impl Serialize for Of<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serialize_value(self.0, serializer)
        }
    }
    match value {
        Value::None => serializer.serialize_none(),
        Value::Bool(x) => serializer.serialize_bool(*x),
        Value::Int(x) if i64::try_from(*x).is_ok() => serializer.serialize_i64(*x as i64),
        Value::Float(x) => Float::F64(*x).serialize(serializer),
        Value::Str(text) => serializer.serialize_str(text),
        Value::Bytes(bytes) => serializer.serialize_str(&text_of_bytes(bytes)),
        Value::List(values) | Value::Tuple(values) | Value::Set(values) => {
            let mut seq = serializer.serialize_seq(Some(values.len()))?;
            values.iter().try_for_each(|value| seq.serialize_element(&Of(value)))?;
            seq.end()
        }
        Value::Dict(entries) => {
            let mut map = serializer.serialize_map(Some(entries.len()))?;
            for (key, value) in entries.iter() {
                let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
                map.serialize_entry(&key, &Of(value))?;
            }
            map.end()
        }
        Value::Array(array) | Value::Scalar(array) => match items(array) {
            Ok(items) => Nested(items.view()).serialize(serializer),
            Err(_) => serializer.collect_str(array),
        },
        other => serializer.collect_str(other),
    }
}

/// Bytes as the text that they mostly are.
pub fn text_of_bytes(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.escape_ascii().to_string(),
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
