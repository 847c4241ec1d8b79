//! Pickled dtypes: the state of `numpy.dtype`, after `arraydescr_setstate` of NumPy's `descriptor.c`.

use std::collections::HashMap;

use super::account::Account;
use super::value::Value;
use crate::dtype::{DType, Field, MAX_NDIM, Record, repeated};
use crate::error::{Error, Result};

/// What a dtype takes, and a field beside its names, while it is put in its place, too.
const DTYPE: u64 = 64;
const FIELD: u64 = 10 * size_of::<Field>() as u64;

/// The longest code of a dtype that is not a record's: `V` and a size.
const LONGEST: usize = 24;

/// What the elements of a pickled array are.
pub(super) enum Elements {
    /// Those of a dtype that files have, too.
    Fixed(DType),
    /// Texts of any length: NumPy's `StringDType`.
    Text,
}

/// What the elements of a pickled array are whose dtype is `dtype`, if it is one of NumPy's own.
pub(super) fn elements(dtype: &Value, account: &mut Account<'_>) -> Result<Option<Elements>> {
    match dtype {
        Value::Opaque(object)
            if object.is("numpy._core._internal", "_convert_to_stringdtype_kwargs") =>
        {
            Ok(Some(Elements::Text))
        }
        _ => Ok(self::dtype(dtype, account)?.map(Elements::Fixed)),
    }
}

fn dtype(value: &Value, account: &mut Account<'_>) -> Result<Option<DType>> {
    account.add(DTYPE)?;
    let Value::Opaque(object) = value else { return Ok(None) };
    let Some([code, ..]) = object.args().filter(|_| object.is("numpy", "dtype")) else {
        return Ok(None);
    };
    let code = match code {
        Value::Str(code) if code.len() <= LONGEST => code,
        // What elements are in Python, which in a file they are not.
        Value::Opaque(class) if class.is("numpy", "record") => "V",
        _ => return Ok(None),
    };
    let state = object.state.as_items().unwrap_or_default();
    let (order, subarray, names, fields, itemsize, rest) = match state {
        [] => return scalar(code).map(Some),
        // Since NumPy 1.0.
        [Value::Int(3..), order, subarray, names, fields, itemsize, _, rest @ ..] => {
            (order, subarray, names, fields, itemsize, rest)
        }
        _ => return Err(malformed("a state")),
    };
    if let Some([base, shape]) = subarray.as_items() {
        let Some(base) = dtype(base, account)? else { return Ok(None) };
        let subarray = repeated(base, self::shape(shape)?).map_err(Error::npy)?;
        return Ok(Some(subarray));
    }
    if let (Some(names), Value::Dict(fields)) = (names.as_items(), fields) {
        return record(names, fields, itemsize, account);
    }
    let order = order.as_str().filter(|order| order.len() == 1);
    let order = order.ok_or_else(|| malformed("a byte order"))?;
    let unit = match rest {
        [_, metadata] => unit(metadata)?,
        _ => None,
    };
    scalar(&format!("{order}{code}{}", unit.unwrap_or_default())).map(Some)
}

fn scalar(descr: &str) -> Result<DType> {
    descr.parse()
}

/// The record of these fields, which can be anywhere, if they do not overlap.
fn record(
    names: &[Value],
    fields: &[(Value, Value)],
    itemsize: &Value,
    account: &mut Account<'_>,
) -> Result<Option<DType>> {
    let count = names.len().saturating_add(fields.len()) as u64;
    account.add(count.saturating_mul(FIELD))?;
    let fields: HashMap<&str, &[Value]> = fields
        .iter()
        .filter_map(|(name, field)| Some((name.as_str()?, field.as_items()?)))
        .collect();
    let mut placed = Vec::new();
    for name in names {
        let name = name.as_str().ok_or_else(|| malformed("a field's name"))?;
        let (field, offset, title) = match fields.get(name) {
            Some([field, offset]) => (field, offset, None),
            Some([field, offset, title]) => (field, offset, title.as_str()),
            _ => return Err(malformed("a field")),
        };
        // They are copied.
        account.add(name.len().saturating_add(title.map_or(0, str::len)) as u64)?;
        let Some(field) = dtype(field, account)? else { return Ok(None) };
        placed.push((len(offset)?, title, name, field));
    }
    Record::placed(placed, len(itemsize)?)
        .map(|record| Some(DType::Record(record)))
        .map_err(Error::npy)
}

/// The names of a record's fields, in the order in which Python has their values, each with those of the
/// record that the field is.
pub(super) struct Names(Vec<(Value, Option<Names>)>);

/// The names of the fields of `dtype`, if it is a record.
pub(super) fn names(dtype: &Value, account: &mut Account<'_>) -> Result<Option<Names>> {
    let Value::Opaque(object) = dtype else { return Ok(None) };
    let Some([_, _, _, names, Value::Dict(fields), ..]) = object.state.as_items() else {
        return Ok(None);
    };
    let names = names.as_items().unwrap_or_default();
    account.add((names.len().saturating_add(fields.len()) as u64).saturating_mul(FIELD))?;
    let fields: HashMap<&str, &[Value]> = fields
        .iter()
        .filter_map(|(name, field)| Some((name.as_str()?, field.as_items()?)))
        .collect();
    let named = |name: &Value| {
        let field = name.as_str().and_then(|name| fields.get(name)?.first());
        let inner = field.map(|field| self::names(field, account)).transpose()?;
        Ok((name.clone(), inner.flatten()))
    };
    names.iter().map(named).collect::<Result<_>>().map(|names| Some(Names(names)))
}

impl Names {
    /// The dict of a record's values, which come as a tuple.
    pub(super) fn dict(&self, record: &Value, account: &mut Account<'_>) -> Result<Value> {
        let Self(names) = self;
        let Some(values) = record.as_items().filter(|values| values.len() == names.len()) else {
            return Err(malformed("a record"));
        };
        account.add_values(names.len().saturating_mul(2))?;
        let entry = |((name, inner), value): (&(Value, Option<Self>), &Value)| match inner {
            Some(inner) => Ok((name.clone(), inner.dict(value, account)?)),
            None => Ok((name.clone(), value.clone())),
        };
        names.iter().zip(values).map(entry).collect::<Result<_>>().map(Value::Dict)
    }
}

/// The unit of dates and time differences: `[25s]`.
fn unit(metadata: &Value) -> Result<Option<String>> {
    let Some([_, unit]) = metadata.as_items() else { return Ok(None) };
    match unit.as_items() {
        Some([base, multiple, Value::Int(1), _]) => {
            let base = match base {
                Value::Bytes(base) => str::from_utf8(base).ok(),
                base => base.as_str(),
            };
            match base.ok_or_else(|| malformed("a unit of time"))? {
                "generic" => Ok(None),
                base => Ok(Some(format!("[{}{base}]", len(multiple)?))),
            }
        }
        _ => Err(malformed("a unit of time")),
    }
}

/// The shape that a tuple is.
pub(super) fn shape(shape: &Value) -> Result<Vec<usize>> {
    let lens = shape.as_items().filter(|lens| lens.len() <= MAX_NDIM);
    let lens = lens.ok_or_else(|| malformed("a shape"))?;
    lens.iter().map(len).collect()
}

fn len(value: &Value) -> Result<usize> {
    match value {
        Value::Int(len) => usize::try_from(*len).map_err(|_| malformed("a length")),
        _ => Err(malformed("a length")),
    }
}

fn malformed(what: &str) -> Error {
    Error::npy(format!("its pickle is malformed: {what} of an array or dtype is none"))
}
