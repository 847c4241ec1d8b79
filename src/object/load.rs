//! What arrays of objects are loaded as.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::hash::BuildHasher;
use std::sync::Arc;

use ndarray::{
    Array, Array0, Array1, ArrayBase, ArrayD, DataOwned, Dimension, IxDyn, Order, ShapeBuilder,
};

use super::account::Account;
use super::convert::{self, text_size, try_map};
use super::value::Value;
use super::{pickle, repr, resolve};
use crate::any::AnyArray;
use crate::dtype::DType;
use crate::element::{LoadElement, Numeric};
use crate::error::{Error, ErrorKind, Result};
use crate::npy::{CastFromNpy, FromNpy, Incoming, order_in_memory};

/// Reads an array of objects. One of NumPy's `StringDType`, which is stored like them, is of texts.
pub(crate) fn read(array: Incoming<'_>) -> Result<AnyArray> {
    let (array, account) = open(array)?;
    account.close()?;
    Ok(array)
}

fn open(array: Incoming<'_>) -> Result<(AnyArray, Account<'_>)> {
    let mut account = Account::of(&array.body);
    let graph = pickle::read(array.body, &mut account)?;
    match resolve::resolve(&graph, &mut account)? {
        Value::Array(array) => Ok((Arc::unwrap_or_clone(array), account)),
        other => Err(Error::unsupported(format!(
            "expected an array of Python objects, found {}; save it again from Python with a fixed dtype",
            repr::describe(&other)
        ))),
    }
}

/// Reads an array of objects that are all texts, or all numbers of one type, as one of those.
pub(crate) fn decode<S, D>(array: Incoming<'_>) -> Result<ArrayBase<S, D>>
where
    S: DataOwned<Elem: LoadElement>,
    D: Dimension,
{
    let (array, mut account) = open(array)?;
    let decoded = match &array {
        AnyArray::Object(objects) => {
            account.add(text_size(objects))?;
            convert::typed(objects)?
        }
        AnyArray::Str(texts) => match try_map(texts.view(), |text| S::Elem::from_text(text)) {
            Some(texts) => texts,
            None => return Err(is_text(S::Elem::expected(&DType::OBJECT))),
        },
        _ => array.convert()?,
    };
    account.close()?;
    in_dimension(decoded)
}

/// Reads an array of objects that are all numbers as one of numbers of any type.
pub(crate) fn cast<S, D>(array: Incoming<'_>) -> Result<ArrayBase<S, D>>
where
    S: DataOwned<Elem: Numeric>,
    D: Dimension,
{
    let (array, mut account) = open(array)?;
    account.add((array.len() as u64).saturating_mul(size_of::<S::Elem>() as u64))?;
    account.close()?;
    match &array {
        AnyArray::Str(_) => Err(is_text("numbers".to_owned())),
        array => in_dimension(array.cast()?),
    }
}

/// The error for NumPy's texts of any length, of which the file says that they are objects.
fn is_text(expected: String) -> Error {
    let hint = Some("texts of NumPy's StringDType".into());
    ErrorKind::WrongDtype { expected, found: DType::OBJECT, hint }.into()
}

/// The same array, with as many dimensions as `D`.
fn in_dimension<S: DataOwned, D: Dimension>(array: ArrayD<S::Elem>) -> Result<ArrayBase<S, D>> {
    let (found, order) = (array.shape().to_vec(), order_in_memory(&array.view()));
    let shape = IxDyn(&found).set_f(order == Order::F);
    ArrayBase::<S, IxDyn>::from_shape_vec(shape, array.into_raw_vec_and_offset().0)
        .and_then(ArrayBase::into_dimensionality)
        .map_err(|_| {
            ErrorKind::WrongNdim { expected: D::NDIM.unwrap_or(found.len()), found }.into()
        })
}

impl<D: Dimension> FromNpy for ArrayBase<ndarray::OwnedRepr<Value>, D, Value> {
    /// Reads an array of Python objects.
    fn from_npy(array: Incoming<'_>) -> Result<Self> {
        if !array.dtype().has_object() {
            let (expected, found) = ("Python objects (dtype |O)".to_owned(), array.dtype().clone());
            return Err(ErrorKind::WrongDtype { expected, found, hint: None }.into());
        }
        match read(array)? {
            AnyArray::Object(objects) => in_dimension(objects),
            AnyArray::Str(texts) => {
                in_dimension(texts.map(|text| Value::Str(text.as_str().into())))
            }
            array => Err(Error::npy(format!(
                "its pickle is malformed: the header says that it is of objects, but it is {array:?}"
            ))),
        }
    }
}

impl FromNpy for Vec<Value> {
    fn from_npy(array: Incoming<'_>) -> Result<Self> {
        Array1::from_npy(array).map(|array| array.into_raw_vec_and_offset().0)
    }
}

impl FromNpy for Value {
    fn from_npy(array: Incoming<'_>) -> Result<Self> {
        Array0::from_npy(array).map(Array0::into_scalar)
    }
}

impl<T: LoadElement + 'static, D: Dimension> FromNpy for Vec<Array<T, D>> {
    /// Reads arrays of different lengths: an array of objects each of which is an array, or a list.
    fn from_npy(array: Incoming<'_>) -> Result<Self> {
        arrays(array, |array| array.decode(), AnyArray::into_array)
    }
}

impl<T: Numeric, D: Dimension> CastFromNpy for Vec<Array<T, D>> {
    /// Reads arrays of different lengths, of any numbers.
    fn cast_from_npy(array: Incoming<'_>) -> Result<Self> {
        arrays(array, |array| array.cast(), |array| array.cast())
    }
}

/// Makes an array of each object of a one-dimensional array by `each`. Of any other array, which
/// NumPy has made of arrays that happen to have the same shape, it is the items of the first axis.
fn arrays<T: Clone, D: Dimension>(
    array: Incoming<'_>,
    whole: impl FnOnce(Incoming<'_>) -> Result<ArrayD<T>>,
    each: impl Fn(AnyArray) -> Result<ArrayD<T>>,
) -> Result<Vec<Array<T, D>>> {
    let objects = match array.dtype().has_object() {
        true => read(array)?,
        false => return rows(whole(array)?),
    };
    let objects = match objects {
        AnyArray::Object(objects) if objects.ndim() == 1 => objects,
        objects => return rows(each(objects)?),
    };
    let make = |(index, object): (usize, &Value)| {
        let array = match object {
            Value::Array(array) | Value::Scalar(array) => (**array).clone(),
            Value::List(items) | Value::Tuple(items) => {
                AnyArray::Object(Array1::from_iter(items.iter().cloned()).into_dyn())
            }
            _ => return Err(convert::unlike("arrays or lists".to_owned(), &objects)),
        };
        each(array)
            .and_then(in_dimension)
            .map_err(|error| ErrorKind::InvalidValue { index, problem: error.to_string() }.into())
    };
    objects.iter().enumerate().map(make).collect()
}

/// The items of the first axis.
fn rows<T: Clone, D: Dimension>(array: ArrayD<T>) -> Result<Vec<Array<T, D>>> {
    match array.ndim() {
        0 => Err(ErrorKind::WrongNdim { expected: 1, found: Vec::new() }.into()),
        _ => array.outer_iter().map(|row| in_dimension(row.to_owned())).collect(),
    }
}

/// The entries of the dict that an array without dimensions is of.
fn entries<T, M, E>(array: Incoming<'_>) -> Result<M>
where
    T: TryFrom<Value, Error = E>,
    M: FromIterator<(String, T)>,
    Error: From<E>,
{
    let value = Value::from_npy(array)?;
    let Value::Dict(entries) = &value else {
        let problem = format!("expected a dict, found {}", repr::describe(&value));
        return Err(ErrorKind::InvalidValue { index: 0, problem }.into());
    };
    let entry = |(index, (key, value)): (usize, &(Value, Value))| {
        let entry = match key.as_str() {
            Some(name) => T::try_from(value.clone()).map(|value| (name.to_owned(), value)),
            None => {
                return Err(invalid(
                    index,
                    format!("the key {} is not a str", repr::describe(key)),
                ));
            }
        };
        entry.map_err(|error| invalid(index, format!("the value of {key}: {}", Error::from(error))))
    };
    entries.iter().enumerate().map(entry).collect()
}

fn invalid(index: usize, problem: String) -> Error {
    ErrorKind::InvalidValue { index, problem }.into()
}

impl<T, E> FromNpy for BTreeMap<String, T>
where
    T: TryFrom<Value, Error = E>,
    Error: From<E>,
{
    /// Reads a dict, which NumPy stores as an array of objects without dimensions.
    fn from_npy(array: Incoming<'_>) -> Result<Self> {
        entries(array)
    }
}

impl<T, E, S> FromNpy for HashMap<String, T, S>
where
    T: TryFrom<Value, Error = E>,
    Error: From<E>,
    S: BuildHasher + Default,
{
    /// Reads a dict, which NumPy stores as an array of objects without dimensions.
    fn from_npy(array: Incoming<'_>) -> Result<Self> {
        entries(array)
    }
}

impl From<Infallible> for Error {
    /// For conversions of [`Value`]s that cannot fail.
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
