//! Single values as text, as NumPy would print them.

use npz::DType;
use npz::dtype::Kind;
use npz::time::{TimeBase, TimeUnit};

/// At most seven significant digits of a number: `0.25`, `-1.5e-07`, `nan`.
pub fn short(number: f64) -> String {
    digits(number, 7)
}

/// At most so many significant digits of a number.
pub fn digits(number: f64, digits: usize) -> String {
    if !number.is_finite() {
        return number.to_string().to_lowercase();
    }
    let decimals = digits.saturating_sub(1);
    let text = format!("{number:.decimals$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-5..digits.max(7) as i32).contains(&exponent) {
        let decimals = (decimals as i32 - exponent).max(0) as usize;
        return without_zeros(&format!("{number:.decimals$}")).to_owned();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", without_zeros(mantissa), exponent.unsigned_abs())
}

/// Without the zeros at the end of a fraction.
fn without_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// A complex number, of whose parts this is the text: `1.5-2j`.
pub fn complex(re: &str, im: &str) -> String {
    let sign = if im.starts_with('-') { "" } else { "+" };
    format!("{re}{sign}{im}j")
}

/// A date or a time difference, from its count of the units of `dtype`.
pub fn time(count: i64, dtype: &DType) -> String {
    let kind = if let DType::Scalar(scalar) = dtype { scalar.kind() } else { Kind::Int };
    match kind {
        Kind::Datetime(_) | Kind::Timedelta(_) if count == i64::MIN => "NaT".to_owned(),
        Kind::Datetime(Some(unit)) => unit.datetime_as_string(count),
        Kind::Timedelta(Some(unit)) => difference(count, unit),
        _ => count.to_string(),
    }
}

/// A time difference: `3 hours`.
pub fn difference(count: i64, unit: TimeUnit) -> String {
    format!("{} {}", i128::from(count) * i128::from(unit.multiple), units(unit.base))
}

/// What a unit is called: `hours`.
pub fn units(base: TimeBase) -> String {
    format!("{base:?}s").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (0.1 + 0.2, "0.3"),
            (-2.5, "-2.5"),
            (1234567.0, "1234567"),
            (12345678.0, "1.234568e+07"),
            (9999999.9, "1e+07"),
            (0.00001, "0.00001"),
            (1.5e-7, "1.5e-07"),
            (f64::MAX, "1.797693e+308"),
            (5e-324, "4.940656e-324"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(short(number), text);
        }
        assert_eq!(digits(1.0 / 3.0, 3), "0.333");
        assert_eq!(complex("1", "-2.5"), "1-2.5j");
    }

    #[test]
    fn times_are_those_of_numpy() {
        for (count, dtype, text) in [
            (19_844, "<M8[D]", "2024-05-01"),
            (-1, "<M8[ns]", "1969-12-31T23:59:59.999999999"),
            (i64::MIN, "<M8[s]", "NaT"),
            (3, "<m8[h]", "3 hours"),
            (4, "<m8[25s]", "100 seconds"),
            (7, "<m8", "7"),
        ] {
            assert_eq!(time(count, &dtype.parse().unwrap()), text);
        }
    }
}
