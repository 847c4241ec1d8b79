//! Floating-point numbers as NumPy prints them in an array: all with the same exponents or none, and
//! points below each other.

use half::f16;

use crate::item::Float;

/// How the numbers of an array are written.
pub struct FloatFormat {
    precision: usize,
    /// The digits of exponents, if numbers are so different that they have one.
    exponent: Option<usize>,
    /// The columns before and behind the point.
    left: usize,
    right: usize,
    has_plus: bool,
}

impl FloatFormat {
    /// How these are written, with up to `precision` digits behind the point. With `has_plus`, numbers
    /// that are not negative have a sign, too.
    pub fn new(values: impl Iterator<Item = Float>, precision: usize, has_plus: bool) -> Self {
        let (finite, other): (Vec<_>, Vec<_>) = values.partition(|x| x.value().is_finite());
        let format = Self { precision, exponent: None, left: 0, right: 0, has_plus };
        let mut format = match needs_exponents(&finite) {
            true => format.with_exponents(&finite),
            false => format.without_exponents(&finite),
        };
        // Beside numbers, what is none takes as many columns.
        if !other.is_empty() {
            let has_sign = has_plus || other.iter().any(|x| x.value() < 0.0);
            let widest = if has_sign { "-inf" } else { "inf" }.len();
            format.left = format.left.max(widest.saturating_sub(format.right + 1));
        }
        format
    }

    fn with_exponents(self, values: &[Float]) -> Self {
        let numbers = values.iter().map(|&x| scientific(x, self.precision, false));
        let (mut left, mut precision, mut exponent) = (0, 0, 0);
        for (number, text) in numbers {
            let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
            left = left.max(whole.len() + self.plus(whole).len());
            precision = precision.max(fraction.len());
            exponent = exponent.max(text.len() - 1);
        }
        Self { precision, exponent: Some(exponent), left, right: exponent + 2 + precision, ..self }
    }

    fn without_exponents(self, values: &[Float]) -> Self {
        let (mut left, mut right) = (0, 0);
        for &x in values {
            let number = positional(x, self.precision);
            let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
            left = left.max(whole.len() + self.plus(whole).len());
            right = right.max(fraction.len());
        }
        Self { left, right, ..self }
    }

    pub fn text(&self, x: Float) -> String {
        let value = x.value();
        if !value.is_finite() {
            let width = self.left + self.right + 1;
            let name = if value.is_nan() {
                "nan"
            } else if value < 0.0 {
                "-inf"
            } else {
                "inf"
            };
            return format!("{:>width$}", format!("{}{name}", self.plus(name)));
        }
        let (number, exponent) = match self.exponent {
            None => (positional(x, self.precision), String::new()),
            Some(digits) => {
                let (number, exponent) = scientific(x, self.precision, true);
                let (sign, exponent) = exponent.split_at(1);
                (number, format!("e{sign}{exponent:0>digits$}"))
            }
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
        let whole = format!("{}{whole}", self.plus(whole));
        let (left, right) =
            (self.left, if exponent.is_empty() { self.right } else { self.precision });
        format!("{whole:>left$}.{fraction:<right$}{exponent}")
    }

    fn plus(&self, number: &str) -> &'static str {
        if self.has_plus && !number.starts_with('-') { "+" } else { "" }
    }
}

/// Whether numbers would need many digits without exponents.
fn needs_exponents(finite: &[Float]) -> bool {
    let sizes = finite.iter().map(|x| x.value().abs()).filter(|&size| size != 0.0);
    let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
    for size in sizes {
        (least, most) = (least.min(size), most.max(size));
    }
    let Some(&first) = finite.first().filter(|_| most > 0.0) else { return false };
    // NumPy computes with numbers of the array's type.
    let (small, ratio) = match first {
        Float::F16(_) => (f16::from_f64(SMALL).into(), f16::from_f64(most / least).into()),
        Float::F32(_) => (f64::from(SMALL as f32), f64::from(most as f32 / least as f32)),
        Float::F64(_) => (SMALL, most / least),
    };
    most >= large(first).min(1e8) || least < small || ratio > 1000.0
}

/// Numbers from here on, and those below `SMALL`, have an exponent even if they are alone.
fn large(x: Float) -> f64 {
    match x {
        Float::F16(_) => 1e3,
        Float::F32(_) => 1e6,
        Float::F64(_) => 1e16,
    }
}

const SMALL: f64 = 1e-4;

/// The only number of an array without axes.
pub fn scalar_float(x: Float) -> String {
    let (value, size) = (x.value(), x.value().abs());
    if value.is_nan() {
        "nan".to_owned()
    } else if value.is_infinite() {
        (if value < 0.0 { "-inf" } else { "inf" }).to_owned()
    } else if size != 0.0 && !(SMALL..large(x)).contains(&size) {
        let (number, exponent) = scientific(x, usize::MAX, false);
        format!("{}e{exponent}", number.trim_end_matches('.'))
    } else {
        let number = positional(x, usize::MAX);
        if number.ends_with('.') { number + "0" } else { number }
    }
}

/// As few digits as tell it from others, or as many as are asked for behind the point: `0.25`, `3.`.
fn positional(x: Float, precision: usize) -> String {
    let shortest = without_exponent(&x.shortest());
    let digits = shortest.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    if digits <= precision {
        return shortest;
    }
    let number = format!("{:.precision$}", x.value());
    match number.contains('.') {
        true => number.trim_end_matches('0').to_owned(),
        false => number + ".",
    }
}

/// `1.25e-3` as `0.00125`; there is always a point.
fn without_exponent(text: &str) -> String {
    let (number, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, number) = number.strip_prefix('-').map_or(("", number), |number| ("-", number));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{fraction}");
    match exponent.strip_prefix('-').and_then(|zeros| zeros.parse::<usize>().ok()) {
        Some(zeros) => format!("{sign}0.{}{digits}", "0".repeat(zeros.saturating_sub(1))),
        None => {
            let point = exponent.parse().unwrap_or(0) + 1;
            match digits.split_at_checked(point) {
                Some((whole, fraction)) => format!("{sign}{whole}.{fraction}"),
                None => format!("{sign}{digits:0<point$}."),
            }
        }
    }
}

/// The same with an exponent: `2.5` and `-01`. It has all digits that are asked for if `is_padded`.
fn scientific(x: Float, precision: usize, is_padded: bool) -> (String, String) {
    let shortest = x.shortest();
    let digits = shortest.split_once('e').and_then(|(number, _)| number.split_once('.'));
    let digits = digits.map_or(0, |(_, fraction)| fraction.len());
    let text = match is_padded || digits > precision {
        true => format!("{:.precision$e}", x.value()),
        false => shortest,
    };
    let (number, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent = match exponent.strip_prefix('-') {
        Some(exponent) => format!("-{exponent:0>2}"),
        None => format!("+{exponent:0>2}"),
    };
    let number = match number.contains('.') {
        true if is_padded => number.to_owned(),
        true => number.trim_end_matches('0').to_owned(),
        false => format!("{number}."),
    };
    (number, exponent)
}
