//! Arrays as comma-separated values.

use std::io::Write;

use anyhow::{anyhow, bail};
use csv::{ErrorKind, WriterBuilder};
use npz::ndarray::{ArrayD, Axis};
use npz::{AnyArray, DType};

use crate::Result;
use crate::archive::Archive;
use crate::item::{Float, Item, hex, items, text_of_bytes};
use crate::load;
use crate::slice::Selection;

/// Writes what is selected, of up to two axes: a line for each row, or record. The names of records'
/// fields are the first line.
pub fn write(archive: &Archive, selection: &Selection, out: impl Write) -> Result {
    let (dtype, ndim) = (archive.info(selection.name)?.dtype().clone(), selection.shape().len());
    let is_record = matches!(dtype, DType::Record(_)) && !dtype.has_object();
    if ndim > if is_record { 1 } else { 2 } {
        let (what, most) = if is_record { ("records", 1) } else { ("values", 2) };
        bail!("{what} with {ndim} axes are no table: choose a slice with {most}, such as `x[0]`");
    }
    let mut csv = WriterBuilder::new().from_writer(out);
    if is_record {
        let mut columns = Vec::new();
        add_columns("", &dtype, &mut columns);
        csv.write_record(&columns).map_err(io_error)?;
    }
    let mut write = |items: ArrayD<Item>| {
        for row in items.axis_iter(Axis(0)) {
            let mut cells = Vec::new();
            row.iter().for_each(|item| add_cells(item, &mut cells));
            csv.write_record(&cells).map_err(io_error)?;
        }
        Ok(())
    };
    if ndim == 0 {
        write(load::whole(archive, selection)?.insert_axis(Axis(0)))?;
    } else if dtype.has_object() {
        write(load::whole(archive, selection)?)?;
    } else {
        load::rows(archive, selection, |part: AnyArray| write(items(&part)?))?;
    }
    Ok(csv.flush()?)
}

/// The system's own error, which tells whether a pipe was closed.
fn io_error(error: csv::Error) -> anyhow::Error {
    match error.into_kind() {
        ErrorKind::Io(error) => error.into(),
        kind => anyhow!("{kind:?}"),
    }
}

/// The columns that a field takes: one, or one for each field or element of it.
fn add_columns(name: &str, dtype: &DType, columns: &mut Vec<String>) {
    match dtype {
        DType::Record(record) => {
            for field in record.fields() {
                let name = if name.is_empty() {
                    field.name().to_owned()
                } else {
                    format!("{name}.{}", field.name())
                };
                add_columns(&name, field.dtype(), columns);
            }
        }
        DType::Subarray(array) => {
            let count: usize = array.shape().iter().product();
            (0..count).for_each(|at| add_columns(&format!("{name}[{at}]"), array.base(), columns));
        }
        _ => columns.push(name.to_owned()),
    }
}

/// The cells of an item, one for each column.
fn add_cells(item: &Item, cells: &mut Vec<String>) {
    match item {
        Item::Record(_, fields) => fields.iter().for_each(|field| add_cells(field, cells)),
        Item::Array(items) => items.iter().for_each(|item| add_cells(item, cells)),
        item => cells.push(cell(item)),
    }
}

/// What pandas and NumPy read as the same value again.
fn cell(item: &Item) -> String {
    match item {
        Item::Bool(x) => (if *x { "True" } else { "False" }).to_owned(),
        Item::Int(x) => x.to_string(),
        Item::Uint(x) => x.to_string(),
        Item::Float(x) => float(*x),
        Item::Complex(re, im) => {
            let im = float(*im);
            format!("{}{}{im}j", float(*re), if im.starts_with('-') { "" } else { "+" })
        }
        Item::Text(text) => text.clone(),
        Item::Bytes(bytes) => text_of_bytes(bytes),
        Item::Date(date) => date.clone().unwrap_or_else(|| "NaT".to_owned()),
        Item::Difference(count, _) => count.map_or("NaT".to_owned(), |count| count.to_string()),
        Item::Void(bytes) => hex(bytes),
        Item::Object(value) => match value.as_str() {
            Some(text) => text.to_owned(),
            None => value.to_string(),
        },
        Item::Record(..) | Item::Array(_) => String::new(),
    }
}

fn float(x: Float) -> String {
    let value = x.value();
    let is_usual = value == 0.0 || (1e-4..1e16).contains(&value.abs());
    match x {
        x if value.is_nan() || value.is_infinite() => x.value().to_string().to_lowercase(),
        Float::F32(x) if is_usual => format!("{x:?}"),
        Float::F64(x) if is_usual => format!("{x:?}"),
        x => x.shortest(),
    }
}
