//! What arrays of objects are loaded as.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;
use std::sync::Arc;

use ndarray::{
    Array, Array0, Array1, ArrayBase, ArrayD, DataOwned, Dimension, Ix0, IxDyn, Order, OwnedRepr,
    ShapeBuilder,
};

use super::account::Account;
use super::convert::{self, conversion_size, object_size, try_map};
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
    converted(array, elements)
}

/// Reads an array of objects that are all numbers as one of numbers of any type.
pub(crate) fn cast<S, D>(array: Incoming<'_>) -> Result<ArrayBase<S, D>>
where
    S: DataOwned<Elem: Numeric>,
    D: Dimension,
{
    converted(array, numbers)
}

/// Reads an array of objects, and makes another of it.
fn converted<S: DataOwned, D: Dimension>(
    array: Incoming<'_>,
    convert: impl FnOnce(&AnyArray) -> Result<ArrayD<S::Elem>>,
) -> Result<ArrayBase<S, D>> {
    let (array, mut account) = open(array)?;
    charge::<S::Elem>(&array, &mut account)?;
    account.close()?;
    in_dimension(convert(&array)?)
}

/// Charges for the array of `A`s that is made of `array`.
fn charge<A>(array: &AnyArray, account: &mut Account<'_>) -> Result<()> {
    let size = (array.len() as u64).saturating_mul(size_of::<A>() as u64);
    account.add(size.saturating_add(conversion_size(array)))
}

/// The elements of an array as `A`s.
fn elements<A: LoadElement>(array: &AnyArray) -> Result<ArrayD<A>> {
    match array {
        AnyArray::Str(texts) => try_map(texts.view(), |text| A::from_text(text))
            .ok_or_else(|| is_text(A::expected(&DType::OBJECT))),
        array => array.convert(),
    }
}

/// The elements of an array as numbers.
fn numbers<A: Numeric>(array: &AnyArray) -> Result<ArrayD<A>> {
    match array {
        AnyArray::Str(_) => Err(is_text("numbers".to_owned())),
        array => array.cast(),
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

impl<D: Dimension> FromNpy for ArrayBase<OwnedRepr<Value>, D, Value> {
    /// Reads an array of Python objects.
    fn from_npy(array: Incoming<'_>) -> Result<Self> {
        let (objects, account) = open_objects(array)?;
        account.close()?;
        in_dimension(objects)
    }
}

/// Reads an array of objects, or of texts as objects.
fn open_objects(array: Incoming<'_>) -> Result<(ArrayD<Value>, Account<'_>)> {
    if !array.dtype().has_object() {
        let (expected, found) = ("Python objects (dtype |O)".to_owned(), array.dtype().clone());
        return Err(ErrorKind::WrongDtype { expected, found, hint: None }.into());
    }
    let (array, mut account) = open(array)?;
    if let AnyArray::Str(_) = array {
        charge::<Value>(&array, &mut account)?;
    }
    match array {
        AnyArray::Object(objects) => Ok((objects, account)),
        AnyArray::Str(texts) => Ok((texts.map(|text| Value::Str(text.as_str().into())), account)),
        array => Err(Error::npy(format!(
            "its pickle is malformed: the header says that it is of objects, but it is of {}",
            array.dtype().shown()
        ))),
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
        arrays(
            array,
            |array| array.decode(),
            |array| match array.downcast_ref() {
                Some(same) => Ok(same.clone()),
                None => elements(array),
            },
        )
    }
}

impl<T: Numeric, D: Dimension> CastFromNpy for Vec<Array<T, D>> {
    /// Reads arrays of different lengths, of any numbers.
    fn cast_from_npy(array: Incoming<'_>) -> Result<Self> {
        arrays(array, |array| array.cast(), numbers)
    }
}

/// Makes an array of each object of a one-dimensional array by `each`. Of any other array, which
/// NumPy has made of arrays that happen to have the same shape, it is the items of the first axis.
fn arrays<T: Clone, D: Dimension>(
    array: Incoming<'_>,
    whole: impl FnOnce(Incoming<'_>) -> Result<ArrayD<T>>,
    each: impl Fn(&AnyArray) -> Result<ArrayD<T>>,
) -> Result<Vec<Array<T, D>>> {
    if !array.dtype().has_object() {
        return rows(whole(array)?);
    }
    let (array, mut account) = open(array)?;
    let objects = match &array {
        AnyArray::Object(objects) if objects.ndim() == 1 => objects,
        array => {
            charge::<[T; 2]>(array, &mut account)?;
            account.close()?;
            return rows(each(array)?);
        }
    };
    let mut arrays = Vec::with_capacity(objects.len());
    account.add((objects.len() as u64).saturating_mul(size_of::<Array<T, D>>() as u64))?;
    for (index, object) in objects.iter().enumerate() {
        let list;
        let array = match object {
            Value::Array(array) | Value::Scalar(array) => &**array,
            Value::List(items) | Value::Tuple(items) => {
                account.add_values(items.len())?;
                list = AnyArray::Object(Array1::from_iter(items.iter().cloned()).into_dyn());
                &list
            }
            _ => return Err(convert::unlike("arrays or lists".to_owned(), objects)),
        };
        charge::<T>(array, &mut account)?;
        let made = each(array).and_then(in_dimension);
        arrays.push(made.map_err(|error| invalid(index, error.to_string()))?);
    }
    account.close()?;
    Ok(arrays)
}

/// The items of the first axis.
fn rows<T: Clone, D: Dimension>(array: ArrayD<T>) -> Result<Vec<Array<T, D>>> {
    match array.ndim() {
        0 => Err(ErrorKind::WrongNdim { expected: 1, found: Vec::new() }.into()),
        _ => array.outer_iter().map(|row| in_dimension(row.to_owned())).collect(),
    }
}

/// What an entry of a map takes beside its key and value.
const ENTRY: u64 = 64;

/// The entries of the dict that an array without dimensions is of.
fn entries<T, M, E>(array: Incoming<'_>) -> Result<M>
where
    T: TryFrom<Value, Error = E>,
    M: FromIterator<(String, T)>,
    Error: From<E>,
{
    let (objects, mut account) = open_objects(array)?;
    let value = in_dimension::<OwnedRepr<Value>, Ix0>(objects)?.into_scalar();
    let Value::Dict(entries) = &value else {
        return Err(invalid(0, format!("expected a dict, found {}", repr::describe(&value))));
    };
    for (key, value) in entries.iter() {
        let size = ENTRY.saturating_add(size_of::<T>() as u64);
        account.add(size.saturating_add(object_size(key)).saturating_add(object_size(value)))?;
    }
    account.close()?;
    let entry = |(index, (key, value)): (usize, &(Value, Value))| {
        let Some(name) = key.as_str() else {
            return Err(invalid(index, format!("the key {} is not a str", repr::describe(key))));
        };
        let value = T::try_from(value.clone()).map_err(Error::from);
        let value =
            value.map_err(|error| invalid(index, format!("the value of {key}: {error}")))?;
        Ok((name.to_owned(), value))
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
