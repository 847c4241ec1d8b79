//! `DType` ↔ descr, after `descr_to_dtype` and `dtype_to_descr` of NumPy's
//! `numpy/lib/_format_impl.py`.
//!
//! A scalar is a string, a record a list of `(name, descr)` or `(name, descr, shape)`
//! with `(title, name)` in the name's place where there is a title, and a subarray a
//! tuple `(descr, shape)`. Padding is an unnamed field of void.

use std::{collections::HashSet, fmt, str::FromStr};

use super::literal::{Literal, repr};
use super::{DType, Field, Kind, MAX_NDIM, Record, Scalar, Subarray};
use crate::error::{Error, shape_text};

impl DType {
    /// The type that a header's `descr` describes; the error says what is wrong.
    pub(crate) fn from_literal(descr: &Literal<'_>) -> Result<Self, String> {
        match descr {
            Literal::Str(text) => Ok(Self::Scalar(Scalar::from_descr(text)?)),
            Literal::Tuple(parts) => match &parts[..] {
                // NumPy 1.16 wrote metadata so, and ignores it on reading.
                [base, Literal::Dict(_)] => Self::from_literal(base),
                [base, shape] => subarray(Self::from_literal(base)?, shape),
                _ => Err(format!("expected a descr and a shape, found {}", descr.describe())),
            },
            Literal::List(fields) => record(fields).map(Self::Record),
            _ => Err(format!("expected a descr, found {}", descr.describe())),
        }
    }

    /// The Python literal that stands for the type in a header: `'<f8'`, quotes included.
    pub(crate) fn to_literal(&self) -> String {
        match self {
            Self::Scalar(scalar) => format!("'{scalar}'"),
            Self::Record(record) => record.to_string(),
            Self::Subarray(subarray) => {
                format!("({}, {})", subarray.base.to_literal(), shape_text(&subarray.shape))
            }
        }
    }

    /// Unnamed fields of this type are padding.
    fn is_void(&self) -> bool {
        match self {
            Self::Scalar(scalar) => scalar.kind() == Kind::Void,
            Self::Record(_) => false,
            Self::Subarray(subarray) => subarray.base.is_void(),
        }
    }
}

fn subarray(base: DType, shape: &Literal<'_>) -> Result<DType, String> {
    let shape = match shape {
        Literal::Int(_) => lens(std::slice::from_ref(shape))?,
        _ => shape_from_literal(shape)?,
    };
    repeated(base, shape)
}

/// The subarray of `base`s of a shape, or why NumPy has none.
pub(crate) fn repeated(base: DType, shape: Vec<usize>) -> Result<DType, String> {
    if shape.len() > MAX_NDIM {
        let ndim = shape.len();
        return Err(format!("a subarray of {ndim} dimensions; NumPy has at most {MAX_NDIM}"));
    }
    let too_large = format!("a subarray of shape {} is too large", shape_text(&shape));
    Subarray::new(Box::new(base), shape).map(DType::Subarray).ok_or(too_large)
}

/// A tuple of lengths: a header's `shape`, or that of a subarray.
pub(crate) fn shape_from_literal(shape: &Literal<'_>) -> Result<Vec<usize>, String> {
    match shape {
        Literal::Tuple(items) => lens(items),
        _ => Err(format!("expected a shape, found {}", shape.describe())),
    }
}

fn lens(items: &[Literal<'_>]) -> Result<Vec<usize>, String> {
    let len = |item: &Literal<'_>| match item {
        Literal::Int(len) => {
            usize::try_from(*len).map_err(|_| format!("{len} is not a length on this machine"))
        }
        _ => Err(format!("expected a length, found {}", item.describe())),
    };
    items.iter().map(len).collect()
}

fn record(items: &[Literal<'_>]) -> Result<Record, String> {
    let (mut fields, mut offset) = (Vec::new(), 0_usize);
    let mut names = HashSet::new();
    for item in items {
        let Literal::Tuple(parts) = item else {
            return Err(format!("expected a field, found {}", item.describe()));
        };
        let (name, dtype) = match &parts[..] {
            [name, descr] => (name, DType::from_literal(descr)?),
            [name, descr, shape] => (name, subarray(DType::from_literal(descr)?, shape)?),
            _ => return Err(format!("expected a field, found {}", item.describe())),
        };
        let (title, name) = match name {
            Literal::Str(name) => (None, name),
            Literal::Tuple(both) => match &both[..] {
                [Literal::Str(title), Literal::Str(name)] => (Some(title.to_string()), name),
                _ => return Err("expected a field's title and name".to_owned()),
            },
            _ => return Err(format!("expected a field's name, found {}", name.describe())),
        };
        let end = offset.checked_add(dtype.itemsize());
        let end = end.ok_or_else(|| format!("the record is too large at field {name:?}"))?;
        if !(name.is_empty() && dtype.is_void()) {
            if !names.insert(name) {
                return Err(format!("two fields are named {name:?}"));
            }
            fields.push(Field { name: name.to_string(), title, dtype, offset });
        }
        offset = end;
    }
    Ok(Record { fields, itemsize: offset })
}

impl fmt::Display for DType {
    /// Writes the descr: `<f8`, `[('x', '<f8'), ('y', '<i4', (2, 3))]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(scalar) => f.pad(&scalar.to_string()),
            _ => f.pad(&self.to_literal()),
        }
    }
}

impl fmt::Display for Record {
    /// Writes the descr: `[('x', '<f8'), ('', '|V4')]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        let mut end = 0;
        let pad_to = |offset: usize, end: usize, parts: &mut Vec<String>| {
            if let padding @ 1.. = offset.saturating_sub(end) {
                parts.push(format!("('', '|V{padding}')"));
            }
        };
        for field in &self.fields {
            pad_to(field.offset, end, &mut parts);
            end = field.offset.saturating_add(field.dtype.itemsize());
            let name = match &field.title {
                Some(title) => format!("({}, {})", repr(title), repr(&field.name)),
                None => repr(&field.name),
            };
            parts.push(match &field.dtype {
                DType::Subarray(Subarray { base, shape, .. }) => {
                    format!("({name}, {}, {})", base.to_literal(), shape_text(shape))
                }
                dtype => format!("({name}, {})", dtype.to_literal()),
            });
        }
        pad_to(self.itemsize, end, &mut parts);
        write!(f, "[{}]", parts.join(", "))
    }
}

impl FromStr for DType {
    type Err = Error;

    /// Reads a descr, with or without the quotes of a scalar: `<f8`, `'<f8'`,
    /// `[('x', '<f8')]`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Npy`](crate::ErrorKind::Npy) if it is not a descr.
    fn from_str(descr: &str) -> Result<Self, Error> {
        let parsed = match descr.trim_start().chars().next() {
            Some('[' | '(' | '\'' | '"') => {
                Literal::parse(descr).and_then(|literal| Self::from_literal(&literal))
            }
            _ => Scalar::from_descr(descr).map(Self::Scalar),
        };
        parsed.map_err(|problem| Error::npy(format!("dtype: {problem}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dtype::Endian;

    fn parse(descr: &str) -> DType {
        descr.parse().unwrap_or_else(|error| panic!("{descr}: {error}"))
    }

    /// (as met in files, itemsize, as NumPy writes it), from `numpy.dtype(…).str` and
    /// `numpy.lib.format.dtype_to_descr`.
    const SCALARS: &[(&str, usize, &str)] = &[
        ("<f8", 8, "<f8"),
        (">f8", 8, ">f8"),
        ("|b1", 1, "|b1"),
        ("?", 1, "|b1"),
        ("b1", 1, "|b1"),
        ("|u1", 1, "|u1"),
        ("<u1", 1, "|u1"),
        ("b", 1, "|i1"),
        ("B", 1, "|u1"),
        (">i2", 2, ">i2"),
        ("<c16", 16, "<c16"),
        ("<f16", 16, "<f16"),
        ("<f2", 2, "<f2"),
        ("S5", 5, "|S5"),
        ("|S0", 0, "|S0"),
        ("<U3", 12, "<U3"),
        (">U3", 12, ">U3"),
        ("|V16", 16, "|V16"),
        ("V16", 16, "|V16"),
        ("<V2", 2, "<V2"),
        ("|O", 8, "|O"),
        ("<M8[ns]", 8, "<M8[ns]"),
        ("<M8[25s]", 8, "<M8[25s]"),
        (">m8[D]", 8, ">m8[D]"),
        ("<m8", 8, "<m8"),
        ("<M8[generic]", 8, "<M8"),
    ];

    #[test]
    fn scalars_are_read_and_written() {
        for &(descr, itemsize, canonical) in SCALARS {
            let dtype = parse(descr);
            assert_eq!(dtype.itemsize(), itemsize, "{descr}");
            assert_eq!(dtype.to_string(), canonical, "{descr}");
            assert_eq!(parse(canonical), dtype, "{descr}");
        }
        let native = if Endian::NATIVE == Endian::Little { "<" } else { ">" };
        for (descr, canonical) in
            [("f8", "f8"), ("=f4", "f4"), ("d", "f8"), ("i", "i4"), ("|i8", "i8")]
        {
            assert_eq!(parse(descr).to_string(), format!("{native}{canonical}"));
        }
    }

    #[test]
    fn records_are_read_and_written() {
        for descr in [
            "[('x', '<f8'), ('y', '<i4', (2, 3))]",
            "[('id', '|u1'), ('', '|V7'), ('mass', '<f8')]",
            "[('id', '<u8'), ('flag', '|b1'), ('', '|V7')]",
            "[(('a title', 'x'), '<f8')]",
            "[('p', [('a', '>f4'), ('b', '|S3')], (2,)), ('when', '<M8[us]')]",
            "[(\"it's\", '<U4')]",
            "[]",
            "('<f8', (3,))",
            "[('', '<f8')]",
        ] {
            assert_eq!(parse(descr).to_string(), descr);
        }
        assert_eq!(parse("[('x', '<f8', 3)]").to_string(), "[('x', '<f8', (3,))]");
        assert_eq!(parse("[('x', '<f8', ())]").itemsize(), 8);
        assert_eq!(parse("[('a', '|u1'), ('', '|V1', (3,)), ('b', '<f4')]").itemsize(), 8);
        assert!(parse("[('x', [('y', '|O', (2,))])]").has_object());
    }

    #[test]
    fn nonsense_is_an_error() {
        for descr in [
            "",
            "<",
            "f9",
            "<f3",
            "b2",
            "i16",
            "x8",
            "<f8x",
            "f8[s]",
            "<M8[]",
            "<M8[0s]",
            "<M8[B]",
            "<M8[s",
            "M4",
            "S-1",
            "<U99999999999999999999",
            "<U9223372036854775807",
            "é",
            "<é",
            "O16",
            "[1]",
            "[('x',)]",
            "[('x', 1)]",
            "[('x', '<f8'), ('x', '<f4')]",
            "[('x', '<f8', (-1,))]",
            "[('x', '<f8', 'y')]",
            "[(1, '<f8')]",
            "[(('t', 'x', 'y'), '<f8')]",
            "('<f8', (3,), 1)",
            "{}",
            "[('x', '<f8', (9223372036854775807, 2))]",
            "[('x', '|V18446744073709551615'), ('y', '|u1')]",
        ] {
            let parsed = descr.parse::<DType>();
            assert!(parsed.is_err(), "{descr}: {parsed:?}");
        }
    }
}
