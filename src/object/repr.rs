//! Python objects as text, as Python's `repr` writes them.

use std::fmt::{self, Write};
use std::iter;

use num_complex::Complex;

use super::value::{Opaque, Value};
use crate::dtype::literal;
use crate::error::shape_text;
use crate::visible::{self, Limited, visible};

/// The most bytes that are written of an object.
const MOST: usize = 32_000;

/// What `write` writes, but for what is too much for anybody to read.
pub(super) fn limited(write: impl FnOnce(&mut Limited) -> fmt::Result) -> String {
    visible::limited(MOST, write)
}

/// Writes an object.
pub(crate) fn value(value: &Value, out: &mut Limited) -> fmt::Result {
    match value {
        Value::None => out.write_str("None"),
        Value::Bool(true) => out.write_str("True"),
        Value::Bool(false) => out.write_str("False"),
        Value::Int(int) => write!(out, "{int}"),
        Value::BigInt(int) => write!(out, "{int}"),
        Value::Float(float) => out.write_str(&self::float(*float)),
        Value::Complex(number) => complex(*number, out),
        Value::Str(text) => str(text, out),
        Value::Bytes(bytes) => self::bytes(bytes, out),
        Value::List(items) => all(items, ["[", "]"], self::value, out),
        Value::Tuple(items) => {
            all(items, ["(", if items.len() == 1 { ",)" } else { ")" }], self::value, out)
        }
        Value::Set(items) if items.is_empty() => out.write_str("set()"),
        Value::Set(items) => all(items, ["{", "}"], self::value, out),
        Value::Dict(entries) => all(entries, ["{", "}"], entry, out),
        Value::Array(array) | Value::Scalar(array) => write!(out, "{array}"),
        Value::Range { start, stop, step: 1 } => write!(out, "range({start}, {stop})"),
        Value::Range { start, stop, step } => write!(out, "range({start}, {stop}, {step})"),
        Value::Opaque(object) => opaque(object, out),
    }
}

/// Writes what this crate knows of an object of another class, or such a class.
pub(super) fn opaque(object: &Opaque, out: &mut Limited) -> fmt::Result {
    let name = class(object);
    let Some(args) = &object.args else { return write!(out, "<class '{name}'>") };
    write!(out, "{name}(")?;
    let mut separator = iter::once("").chain(iter::repeat(", "));
    let mut next = |out: &mut Limited, name: &str| {
        write!(out, "{}{name}", separator.next().unwrap_or_default())
    };
    for arg in args.iter() {
        next(out, "")?;
        value(arg, out)?;
    }
    if !object.state.is_none() {
        next(out, "state=")?;
        value(&object.state, out)?;
    }
    if !object.items.is_empty() {
        next(out, "items=")?;
        all(&object.items, ["[", "]"], value, out)?;
    }
    if !object.entries.is_empty() {
        next(out, "entries=")?;
        all(&object.entries, ["{", "}"], entry, out)?;
    }
    out.write_str(")")
}

/// The full name of an object's class.
pub(super) fn class(object: &Opaque) -> String {
    match &*object.module {
        "" => visible(&object.name, 200),
        module => visible(format_args!("{module}.{}", object.name), 200),
    }
}

/// What an object is, for messages: `the int 3`, `a dict of 3`.
pub(super) fn describe(value: &Value) -> String {
    let simple = |sort: &str| format!("the {sort} {}", visible(value, 100));
    match value {
        Value::Int(_) => simple("int"),
        Value::BigInt(_) => "an int of more than 128 bits".to_owned(),
        Value::Float(_) => simple("float"),
        Value::Complex(_) => simple("complex number"),
        Value::Str(_) => simple("str"),
        Value::Bytes(bytes) => format!("bytes of length {}", bytes.len()),
        Value::List(items) => format!("a list of {}", items.len()),
        Value::Tuple(items) => format!("a tuple of {}", items.len()),
        Value::Set(items) => format!("a set of {}", items.len()),
        Value::Dict(entries) => format!("a dict of {}", entries.len()),
        Value::Array(array) => {
            format!("an array of {}, shape {}", array.dtype().shown(), shape_text(array.shape()))
        }
        Value::Scalar(scalar) => format!("a scalar of {}", scalar.dtype().shown()),
        Value::Opaque(object) if object.args.is_some() => {
            format!("an object of the class {}", class(object))
        }
        Value::None | Value::Bool(_) | Value::Range { .. } | Value::Opaque(_) => {
            visible(value, 100)
        }
    }
}

fn entry((key, value): &(Value, Value), out: &mut Limited) -> fmt::Result {
    self::value(key, out)?;
    out.write_str(": ")?;
    self::value(value, out)
}

/// Writes `items` between brackets.
fn all<T>(
    items: &[T],
    [open, close]: [&str; 2],
    write: impl Fn(&T, &mut Limited) -> fmt::Result,
    out: &mut Limited,
) -> fmt::Result {
    out.write_str(open)?;
    for (index, item) in items.iter().enumerate() {
        out.write_str(if index > 0 { ", " } else { "" })?;
        write(item, out)?;
    }
    out.write_str(close)
}

/// Writes a text, of which no more is looked at than can be written.
fn str(text: &str, out: &mut Limited) -> fmt::Result {
    let end = text.char_indices().nth(MOST).map_or(text.len(), |(end, _)| end);
    out.write_str(&literal::repr(text.split_at(end).0))
}

fn bytes(bytes: &[u8], out: &mut Limited) -> fmt::Result {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    write!(out, "b{quote}")?;
    for &byte in bytes {
        match char::from(byte) {
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            c if c == quote => write!(out, "\\{c}")?,
            c @ ' '..='~' => out.write_char(c)?,
            _ => write!(out, "\\x{byte:02x}")?,
        }
    }
    out.write_char(quote)
}

/// `1.5`, `1e+16`, `inf`: the fewest digits that are read as the same number.
fn float(float: f64) -> String {
    let text = short_float(float);
    match text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        true => text + ".0",
        false => text,
    }
}

/// The same without the `.0` behind whole numbers.
fn short_float(float: f64) -> String {
    if float.is_nan() {
        return "nan".to_owned();
    }
    let shortest = format!("{float:e}");
    let Some((digits, exponent)) = shortest.split_once('e') else { return shortest };
    let decimals = digits.bytes().filter(u8::is_ascii_digit).count().saturating_sub(1);
    let exponent = exponent.parse().unwrap_or(0);
    // Where the point is, Python decides in its own way.
    if (-4..16).contains(&exponent) {
        let decimals = usize::try_from((decimals as isize).saturating_sub(exponent)).unwrap_or(0);
        return same_or(format!("{float:.decimals$}"), float, || format!("{float}"));
    }
    let text = same_or(format!("{float:.decimals$e}"), float, || shortest.clone());
    let digits = text.split_once('e').map_or("", |(digits, _)| digits);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}

/// The rounded text of a float, if that is read as the same float. It has as many digits as the
/// shortest text, but if two are as near, it is the even one, which Python takes.
fn same_or(rounded: String, float: f64, shortest: impl FnOnce() -> String) -> String {
    if rounded.parse() == Ok(float) { rounded } else { shortest() }
}

fn complex(number: Complex<f64>, out: &mut Limited) -> fmt::Result {
    let Complex { re, im } = number;
    let im_text = short_float(im);
    if re == 0.0 && re.is_sign_positive() {
        return write!(out, "{im_text}j");
    }
    let sign = if im.is_sign_negative() && !im.is_nan() { "" } else { "+" };
    write!(out, "({}{sign}{im_text}j)", short_float(re))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Python 3.11 writes.
    #[test]
    fn numbers_are_written_as_by_python() {
        for (number, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e15, "1000000000000000.0"),
            (123456789012345680.0, "1.2345678901234568e+17"),
            (1e16, "1e+16"),
            (1e22, "1e+22"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (-1.5e-7, "-1.5e-07"),
            (1.7976931348623157e308, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
            // Halfway between two numbers of as many digits.
            (-875.0 - 1281.0 / 16384.0, "-875.0781860351562"),
            (2_f64.powi(-25), "2.9802322387695312e-08"),
            // The nearest number of as many digits is read as another float.
            (2_f64.powi(-44), "5.684341886080802e-14"),
            (2_f64.powi(122), "5.316911983139664e+36"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ] {
            assert_eq!(Value::Float(number).to_string(), expected);
        }
        for (re, im, expected) in [
            (0.0, 1.0, "1j"),
            (0.0, -0.0, "-0j"),
            (-0.0, 1.0, "(-0+1j)"),
            (1.5, -2.0, "(1.5-2j)"),
            (f64::NAN, f64::INFINITY, "(nan+infj)"),
            (1e16, f64::NAN, "(1e+16+nanj)"),
        ] {
            assert_eq!(Value::Complex(Complex { re, im }).to_string(), expected);
        }
    }

    #[test]
    fn texts_and_bytes_are_written_as_by_python() {
        for (bytes, expected) in [
            (&b""[..], "b''"),
            (b"it's", "b\"it's\""),
            (b"'\"", "b'\\'\"'"),
            (b"\\\n\r\t\0\x7f\xff", r"b'\\\n\r\t\x00\x7f\xff'"),
        ] {
            assert_eq!(Value::Bytes(bytes.into()).to_string(), expected);
        }
        assert_eq!(Value::Str("it's é\u{202e}".into()).to_string(), "\"it's é\\u202e\"");
    }

    #[test]
    fn collections_are_written_as_by_python() {
        let int = |int| Value::Int(int);
        for (value, expected) in [
            (Value::List([].into()), "[]"),
            (Value::List([int(1), Value::None].into()), "[1, None]"),
            (Value::Tuple([].into()), "()"),
            (Value::Tuple([int(1)].into()), "(1,)"),
            (Value::Tuple([int(1), Value::Bool(true)].into()), "(1, True)"),
            (Value::Set([].into()), "set()"),
            (Value::Set([int(1)].into()), "{1}"),
            (Value::Dict([].into()), "{}"),
            (Value::Dict([(int(1), Value::Str("a".into()))].into()), "{1: 'a'}"),
            (Value::Range { start: 0, stop: 3, step: 1 }, "range(0, 3)"),
            (Value::Range { start: 3, stop: 0, step: -1 }, "range(3, 0, -1)"),
        ] {
            assert_eq!(value.to_string(), expected);
        }
    }

    #[test]
    fn no_more_is_written_than_anybody_reads() {
        let mut value = Value::Str("x".repeat(1000).into());
        for _ in 0..100 {
            value = Value::List([value.clone(), value].into());
        }
        assert_eq!(value.to_string().len(), MOST + "...".len());
        let text = Value::Str("é".repeat(1_000_000).into()).to_string();
        assert_eq!(text.len(), MOST - 1 + "...".len());
    }
}
