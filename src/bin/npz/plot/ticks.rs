//! The range of an axis, and its ticks, which are at round numbers.

/// A range of finite values. However close or far its ends are, positions in it can be computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    pub low: f64,
    pub high: f64,
}

impl Span {
    /// The range from `low` to `high`, or one around them if they are equal, or so close that floats hardly
    /// tell them apart.
    pub fn new(low: f64, high: f64) -> Self {
        let magnitude = low.abs().max(high.abs());
        let half_length = high / 2.0 - low / 2.0;
        if magnitude < 1e-300 {
            Self { low: -0.05, high: 0.05 }
        } else if half_length < magnitude * 1e-12 {
            Self { low, high }.wider(magnitude * 0.05)
        } else {
            Self { low, high }
        }
    }

    /// With room at both ends: that share of its length.
    pub fn with_margin(self, share: f64) -> Self {
        self.wider((self.high * share - self.low * share).min(f64::MAX))
    }

    /// Where in it a value is: 0 at its low end, 1 at its high end.
    pub fn fraction(self, value: f64) -> f64 {
        // Halves, because the length of the largest range is no finite number.
        (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0)
    }

    fn wider(self, by: f64) -> Self {
        Self { low: (self.low - by).max(f64::MIN), high: (self.high + by).min(f64::MAX) }
    }
}

/// The ticks of an axis.
#[derive(Debug, PartialEq)]
pub struct Ticks {
    /// Values, and how they are written.
    pub ticks: Vec<(f64, String)>,
    /// What has to be added to the numbers that are written.
    pub offset: Option<String>,
}

impl Ticks {
    /// At most `count` ticks, whose distance is 1, 2 or 5 times a power of ten; at least 1 if the values are
    /// whole numbers.
    pub fn new(span: Span, count: usize, is_whole: bool) -> Self {
        let (mut factor, mut exponent) = (1, 0);
        let count = count.max(2) as f64;
        let least = (span.high / 2.0 - span.low / 2.0) / count * 2.0;
        if !is_whole || least > 1.0 {
            (factor, exponent) = round_up(least);
        }
        let step = number(factor, exponent);
        // A tick at an end counts, though the quotient may be a little less.
        let first = (span.low / step - 1e-9).ceil() as i64;
        let last = (span.high / step + 1e-9).floor() as i64;
        let steps: Vec<_> = (first..=last).map(|index| index.saturating_mul(factor)).collect();
        let offset = common_offset(&steps);
        let largest = steps.iter().map(|step| (step - offset).unsigned_abs()).max().unwrap_or(0);
        let leading = exponent + digits(largest) - 1;
        let text = |step: i64| match (-4..6).contains(&leading) {
            true => plain(step, exponent),
            false => scientific(step, exponent),
        };
        let tick = |&step: &i64| (number(step, exponent), text(step - offset));
        let offset_text = (offset != 0).then(|| {
            let sign = if offset > 0 { "+" } else { "" };
            format!("{sign}{}", scientific(offset, exponent))
        });
        Self { ticks: steps.iter().map(tick).collect(), offset: offset_text }
    }

    /// As many ticks as fit, which `fits` tells, but no more than 8.
    pub fn fitting(span: Span, is_whole: bool, fits: impl Fn(&Self) -> bool) -> Self {
        let mut ticks = Self::new(span, 8, is_whole);
        for count in (2..8).rev() {
            let fewer = Self::new(span, count, is_whole);
            // A single number does not say how far it is to the ends.
            if fits(&ticks) || fewer.ticks.len() < 2 {
                break;
            }
            ticks = fewer;
        }
        ticks
    }

    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.ticks.iter().map(|(_, label)| &label[..])
    }
}

/// The number in at most four digits, for single values beside a picture.
pub fn short(value: f64) -> String {
    let rounded = format!("{value:.3e}");
    let (mantissa, exponent) = rounded.split_once('e').unwrap_or((&rounded, "0"));
    let digits: i64 = mantissa.replace('.', "").parse().unwrap_or(0);
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let text = match (-4..6).contains(&exponent) {
        true => plain(digits, exponent - 3),
        false => scientific(digits, exponent - 3),
    };
    match text.contains('.') && !text.contains('e') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// The least `factor * 10^exponent` that is not less than `value`, where the factor is 1, 2 or 5.
fn round_up(value: f64) -> (i64, i32) {
    let mut exponent = value.log10().floor() as i32;
    loop {
        for factor in [1, 2, 5] {
            if number(factor, exponent) >= value {
                return (factor, exponent);
            }
        }
        exponent += 1;
    }
}

/// The float nearest to `mantissa * 10^exponent`.
fn number(mantissa: i64, exponent: i32) -> f64 {
    format!("{mantissa}e{exponent}").parse().unwrap_or(f64::NAN)
}

/// The roundest number among these, to be taken off all of them if they have too many digits; else 0.
fn common_offset(steps: &[i64]) -> i64 {
    let (Some(&first), Some(&last)) = (steps.first(), steps.last()) else { return 0 };
    let (sign, least, most) = match first.signum() {
        -1 => (-1, last.saturating_neg(), first.saturating_neg()),
        _ => (1, first, last),
    };
    let units = (0..19).map(|exponent| 10_i64.pow(exponent));
    let is_unit = |unit: &i64| steps.iter().all(|step| step % unit == 0);
    let common = units.clone().take_while(is_unit).last().unwrap_or(1);
    if least <= 0 || digits((most / common).unsigned_abs()) <= 6 {
        return 0;
    }
    let multiple = |unit: i64| most / unit * unit;
    units.rev().map(multiple).find(|number| *number >= least).map_or(0, |number| sign * number)
}

fn digits(number: u64) -> i32 {
    number.checked_ilog10().map_or(1, |log| log as i32 + 1)
}

/// `mantissa * 10^exponent` as `1200`, or `0.25`.
fn plain(mantissa: i64, exponent: i32) -> String {
    let (sign, digits) = (if mantissa < 0 { "-" } else { "" }, mantissa.unsigned_abs());
    if exponent >= 0 {
        let zeros = "0".repeat(if mantissa == 0 { 0 } else { exponent as usize });
        return format!("{sign}{digits}{zeros}");
    }
    let decimals = exponent.unsigned_abs() as usize;
    let digits = format!("{digits:0>width$}", width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    format!("{sign}{whole}.{fraction}")
}

/// `mantissa * 10^exponent` as `1.25e9`.
fn scientific(mantissa: i64, exponent: i32) -> String {
    if mantissa == 0 {
        return "0".to_owned();
    }
    let sign = if mantissa < 0 { "-" } else { "" };
    let digits = mantissa.unsigned_abs().to_string();
    let exponent = exponent + digits.len() as i32 - 1;
    let (whole, fraction) = digits.split_at(1);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}e{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, count: usize) -> Vec<String> {
        Ticks::new(Span::new(low, high), count, false).labels().map(str::to_owned).collect()
    }

    #[test]
    fn ticks_are_round_and_readable() {
        assert_eq!(labels(-1.0, 1.0, 5), ["-1.0", "-0.5", "0.0", "0.5", "1.0"]);
        assert_eq!(labels(0.1, 0.6, 6), ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6"]);
        assert_eq!(labels(0.0, 1e5, 5), ["0", "20000", "40000", "60000", "80000", "100000"]);
        assert_eq!(labels(0.0, 2e6, 4), ["0", "5e5", "1e6", "1.5e6", "2e6"]);
        assert_eq!(labels(0.0, 1e-300, 2), ["0", "5e-301", "1e-300"]);
        assert_eq!(labels(-2e-3, 1e-3, 3), ["-0.002", "-0.001", "0.000", "0.001"]);
        assert_eq!(labels(f64::MIN, f64::MAX, 4), ["-1e308", "0", "1e308"]);
        let whole = Ticks::new(Span::new(-0.5, 2.5), 8, true);
        assert_eq!(whole.labels().collect::<Vec<_>>(), ["0", "1", "2"]);
    }

    #[test]
    fn what_all_ticks_have_in_common_is_written_once() {
        let ticks = Ticks::new(Span::new(1e9, 1e9 + 1000.0), 5, false);
        assert_eq!(ticks.offset.as_deref(), Some("+1e9"));
        assert_eq!(ticks.labels().collect::<Vec<_>>(), ["0", "200", "400", "600", "800", "1000"]);
        assert_eq!(ticks.ticks[1].0, 1e9 + 200.0);
        let ticks = Ticks::new(Span::new(-123_456_789.25, -123_456_788.75), 5, false);
        assert_eq!(ticks.offset.as_deref(), Some("-1.23456789e8"));
        assert_eq!(ticks.labels().next(), Some("-0.2"));
    }

    /// None of them makes this loop, and there is always something to read.
    #[test]
    fn every_range_has_ticks() {
        let values = [0.0, 5e-324, 1e-300, 1e-9, 1.0, 1.0 + f64::EPSILON, 1e9, 1e300, f64::MAX];
        for (low, high) in values.iter().flat_map(|a| values.map(|b| (*a, b))) {
            for (low, high) in
                [(-low, high), (low.min(high), low.max(high)), (-low.max(high), -low.min(high))]
            {
                let span = Span::new(low, high);
                for span in [span, span.with_margin(0.05)] {
                    assert!(span.low <= low.max(-1e-300) && high.min(1e-300) <= span.high);
                    assert_eq!((span.fraction(span.low), span.fraction(span.high)), (0.0, 1.0));
                    let ticks = Ticks::new(span, 6, false);
                    assert!((2..=7).contains(&ticks.ticks.len()), "{span:?}: {ticks:?}");
                    for (value, label) in &ticks.ticks {
                        assert!((-1e-6..1.0 + 1e-6).contains(&span.fraction(*value)), "{span:?}");
                        assert!(label.len() < 12, "{span:?}: {ticks:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn single_values_are_short() {
        for (value, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (-0.125, "-0.125"),
            (1234.56, "1235"),
            (120_000.0, "120000"),
            (1e9, "1e9"),
            (1.23456e-7, "1.235e-7"),
            (f64::MAX, "1.798e308"),
        ] {
            assert_eq!(short(value), text);
        }
    }
}
