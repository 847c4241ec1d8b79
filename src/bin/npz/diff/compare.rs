//! Two arrays of one type, element by element.

use npz::Value;
use npz::ndarray::{ArrayD, CowArray, IxDyn};
use num_complex::Complex;
use rayon::prelude::*;

use super::Tolerance;
use crate::output::visible;
use crate::table::shortened;
use crate::value;

/// How many elements are looked at together, while they are in a core's own cache.
const PIECE: usize = 2048;

/// How many elements a thread takes at a time.
const TASK: usize = 32 * PIECE;

/// When two elements are the same.
pub trait Rule<T>: Sync {
    /// Whether they are the same, however strict one is. That is asked first, and of all elements.
    fn are_equal(&self, a: &T, b: &T) -> bool;

    /// Whether they count as the same.
    fn are_same(&self, a: &T, b: &T) -> bool {
        self.are_equal(a, b)
    }

    /// Whether both are NaN, or NaT.
    fn are_nan(&self, _a: &T, _b: &T) -> bool {
        false
    }

    /// How far numbers are from each other, and how large the second one is.
    fn distance(&self, _a: &T, _b: &T) -> Option<(f64, f64)> {
        None
    }

    /// The element as text.
    fn text(&self, element: &T) -> String;
}

/// For whatever is the same or not.
pub struct Exact;

/// For counts of a unit of time.
pub struct Times<'a> {
    pub dtype: &'a npz::DType,
    pub equal_nan: bool,
}

macro_rules! rules_of_integers {
    ($($integer:ty),*) => {$(
        impl Rule<$integer> for Tolerance {
            fn are_equal(&self, a: &$integer, b: &$integer) -> bool {
                a == b
            }

            fn are_same(&self, a: &$integer, b: &$integer) -> bool {
                a == b || self.allows(a.abs_diff(*b) as f64, *b as f64)
            }

            fn distance(&self, a: &$integer, b: &$integer) -> Option<(f64, f64)> {
                Some((a.abs_diff(*b) as f64, (*b as f64).abs()))
            }

            fn text(&self, element: &$integer) -> String {
                element.to_string()
            }
        }
    )*};
}

rules_of_integers!(i8, i16, i32, i64, i128, u8, u16, u32, u64);

macro_rules! rules_of_floats {
    ($($float:ty),*) => {$(
        impl Rule<$float> for Tolerance {
            fn are_equal(&self, a: &$float, b: &$float) -> bool {
                a == b
            }

            fn are_same(&self, a: &$float, b: &$float) -> bool {
                let (x, y) = (f64::from(*a), f64::from(*b));
                a == b || self.allows((x - y).abs(), y) || (self.equal_nan && self.are_nan(a, b))
            }

            fn are_nan(&self, a: &$float, b: &$float) -> bool {
                a.is_nan() && b.is_nan()
            }

            fn distance(&self, a: &$float, b: &$float) -> Option<(f64, f64)> {
                let (a, b) = (f64::from(*a), f64::from(*b));
                Some(((a - b).abs(), b.abs()))
            }

            fn text(&self, element: &$float) -> String {
                format!("{element:?}").to_lowercase()
            }
        }

        impl Rule<Complex<$float>> for Tolerance {
            fn are_equal(&self, a: &Complex<$float>, b: &Complex<$float>) -> bool {
                a == b
            }

            fn are_same(&self, a: &Complex<$float>, b: &Complex<$float>) -> bool {
                let (distance, size) = complex_distance(a, b);
                a == b || self.allows(distance, size) || (self.equal_nan && self.are_nan(a, b))
            }

            fn are_nan(&self, a: &Complex<$float>, b: &Complex<$float>) -> bool {
                a.is_nan() && b.is_nan()
            }

            fn distance(&self, a: &Complex<$float>, b: &Complex<$float>) -> Option<(f64, f64)> {
                Some(complex_distance(a, b))
            }

            fn text(&self, element: &Complex<$float>) -> String {
                value::complex(&self.text(&element.re), &self.text(&element.im))
            }
        }
    )*};
}

rules_of_floats!(f32, f64);

fn complex_distance<T: Copy + Into<f64>>(a: &Complex<T>, b: &Complex<T>) -> (f64, f64) {
    let (a_re, a_im, b_re, b_im): (f64, f64, f64, f64) =
        (a.re.into(), a.im.into(), b.re.into(), b.im.into());
    ((a_re - b_re).hypot(a_im - b_im), b_re.hypot(b_im))
}

impl Tolerance {
    /// As in np.isclose.
    fn allows(&self, distance: f64, b: f64) -> bool {
        b.is_finite() && distance <= self.atol + self.rtol * b.abs()
    }
}

impl Rule<i64> for Times<'_> {
    fn are_equal(&self, a: &i64, b: &i64) -> bool {
        a == b && *a != i64::MIN
    }

    fn are_same(&self, a: &i64, b: &i64) -> bool {
        a == b && (self.equal_nan || *a != i64::MIN)
    }

    fn are_nan(&self, a: &i64, b: &i64) -> bool {
        (*a, *b) == (i64::MIN, i64::MIN)
    }

    fn text(&self, element: &i64) -> String {
        value::time(*element, self.dtype)
    }
}

/// Python objects.
impl Rule<Value> for Tolerance {
    fn are_equal(&self, a: &Value, b: &Value) -> bool {
        a == b
    }

    fn are_same(&self, a: &Value, b: &Value) -> bool {
        a == b || (self.equal_nan && self.are_nan(a, b))
    }

    fn are_nan(&self, a: &Value, b: &Value) -> bool {
        matches!((a, b), (Value::Float(a), Value::Float(b)) if a.is_nan() && b.is_nan())
    }

    fn text(&self, element: &Value) -> String {
        short(element)
    }
}

impl Rule<bool> for Exact {
    fn are_equal(&self, a: &bool, b: &bool) -> bool {
        a == b
    }

    fn text(&self, element: &bool) -> String {
        (if *element { "True" } else { "False" }).to_owned()
    }
}

impl Rule<String> for Exact {
    fn are_equal(&self, a: &String, b: &String) -> bool {
        a == b
    }

    fn text(&self, element: &String) -> String {
        short(format!("'{element}'"))
    }
}

impl Rule<npz::Bytes> for Exact {
    fn are_equal(&self, a: &npz::Bytes, b: &npz::Bytes) -> bool {
        a == b
    }

    fn text(&self, element: &npz::Bytes) -> String {
        short(format!("b'{}'", element.escape_ascii()))
    }
}

impl Rule<&[u8]> for Exact {
    fn are_equal(&self, a: &&[u8], b: &&[u8]) -> bool {
        a == b
    }

    fn text(&self, element: &&[u8]) -> String {
        let hex: String = element.iter().map(|byte| format!("\\x{byte:02x}")).collect();
        short(format!("b'{hex}'"))
    }
}

/// As much of it as is read at a glance.
fn short(text: impl std::fmt::Display) -> String {
    shortened(visible(text), 60)
}

/// What differs in two arrays. Elements are counted from 0 on, in the order of the first one.
#[derive(Debug, Default, PartialEq)]
pub struct Found {
    pub count: u64,
    /// How many are NaN in both.
    pub both_nan: u64,
    pub first: Vec<usize>,
    /// The largest distance, and where it is; also that in units of the second number.
    pub largest: Option<(f64, usize)>,
    pub largest_relative: Option<(f64, usize)>,
}

/// Two arrays of one shape, as lists in the order of the first one.
pub struct InStep<'a, T> {
    a: CowArray<'a, T, IxDyn>,
    b: CowArray<'a, T, IxDyn>,
    /// Whether their axes have been reversed, to go in Fortran order.
    is_reversed: bool,
}

impl<'a, T: Clone + Sync> InStep<'a, T> {
    pub fn new(a: &'a ArrayD<T>, b: &'a ArrayD<T>) -> Self {
        let is_reversed = !a.is_standard_layout() && a.t().is_standard_layout();
        let [a, b] = [a, b].map(|array| {
            let view = if is_reversed { array.t() } else { array.view() };
            match view.is_standard_layout() {
                true => view.into(),
                false => view.as_standard_layout().into_owned().into(),
            }
        });
        Self { a, b, is_reversed }
    }

    fn slices(&self) -> (&[T], &[T]) {
        (self.a.as_slice().unwrap_or_default(), self.b.as_slice().unwrap_or_default())
    }

    /// Finds what differs, and the places of the first differences, at most so many.
    pub fn compare(&self, rule: &impl Rule<T>, most: usize) -> Found {
        let (a, b) = self.slices();
        let parts: Vec<_> = a
            .par_chunks(TASK)
            .zip(b.par_chunks(TASK))
            .enumerate()
            .map(|(task, (a, b))| Found::of(a, b, task * TASK, rule, most))
            .collect();
        parts.into_iter().fold(Found::default(), |all, part| all.and(part, most))
    }

    /// The index of an element.
    pub fn index(&self, mut position: usize) -> Vec<usize> {
        let mut index = vec![0; self.a.ndim()];
        for (at, &len) in index.iter_mut().zip(self.a.shape()).rev() {
            *at = position % len.max(1);
            position /= len.max(1);
        }
        if self.is_reversed {
            index.reverse();
        }
        index
    }

    /// An element of both, as text.
    pub fn texts(&self, position: usize, rule: &impl Rule<T>) -> (String, String) {
        let (a, b) = self.slices();
        let text = |list: &[T]| list.get(position).map(|element| rule.text(element));
        (text(a).unwrap_or_default(), text(b).unwrap_or_default())
    }
}

impl Found {
    /// What differs in lists of one length, the first elements of which have the position `start`.
    fn of<T>(a: &[T], b: &[T], start: usize, rule: &impl Rule<T>, most: usize) -> Self {
        let mut found = Self::default();
        for (piece, (a, b)) in a.chunks(PIECE).zip(b.chunks(PIECE)).enumerate() {
            // Without branches, so that many are compared at once.
            let mut pairs = a.iter().zip(b);
            if pairs.clone().fold(true, |all, (a, b)| all & rule.are_equal(a, b))
                || pairs.all(|(a, b)| rule.are_same(a, b))
            {
                continue;
            }
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                if !rule.are_same(a, b) {
                    found.add(a, b, start + piece * PIECE + index, rule, most);
                }
            }
        }
        found
    }

    fn add<T>(&mut self, a: &T, b: &T, position: usize, rule: &impl Rule<T>, most: usize) {
        self.count += 1;
        self.both_nan += u64::from(rule.are_nan(a, b));
        if self.first.len() < most {
            self.first.push(position);
        }
        if let Some((distance, size)) = rule.distance(a, b) {
            take_larger(&mut self.largest, (distance, position));
            if size > 0.0 {
                take_larger(&mut self.largest_relative, (distance / size, position));
            }
        }
    }

    /// What differs in what comes later, too.
    fn and(mut self, later: Self, most: usize) -> Self {
        self.count += later.count;
        self.both_nan += later.both_nan;
        let room = most - self.first.len();
        self.first.extend(later.first.into_iter().take(room));
        later.largest.into_iter().for_each(|one| take_larger(&mut self.largest, one));
        let relative = later.largest_relative;
        relative.into_iter().for_each(|one| take_larger(&mut self.largest_relative, one));
        self
    }
}

/// NaN are not larger than anything.
fn take_larger(largest: &mut Option<(f64, usize)>, other: (f64, usize)) {
    if largest.map_or(!other.0.is_nan(), |(distance, _)| other.0 > distance) {
        *largest = Some(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use npz::ndarray::{ShapeBuilder, arr1, arr2};

    fn tolerance(rtol: f64, atol: f64) -> Tolerance {
        Tolerance { rtol, atol, equal_nan: false }
    }

    /// Those of `np.isclose`.
    #[test]
    fn tolerances_are_those_of_numpy() {
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        for (a, b, rtol, atol, expected) in [
            (1.0, 1.0, 0.0, 0.0, true),
            (0.0, -0.0, 0.0, 0.0, true),
            (1.0, 1.1, 0.0, 0.0, false),
            (1.5, 1.0, 0.5, 0.0, true),
            (1.0, 1.5, 0.34, 0.0, true),
            (1.5, 1.0, 0.34, 0.0, false),
            (1.0, 1.25, 0.0, 0.25, true),
            (1.0, 1.26, 0.0, 0.25, false),
            (inf, inf, 0.0, 0.0, true),
            (inf, -inf, 1.0, 1.0, false),
            (1.0, inf, 1.0, 1.0, false),
            (inf, 1.0, 1.0, 1.0, false),
            (nan, nan, 1.0, 1.0, false),
            (nan, 1.0, 1.0, 1.0, false),
        ] {
            let rule = tolerance(rtol, atol);
            assert_eq!(rule.are_same(&a, &b), expected, "{a} {b} {rtol} {atol}");
            let complex = [a, b].map(|x| Complex::new(x, 0.0));
            assert_eq!(rule.are_same(&complex[0], &complex[1]), expected, "{a} {b} {rtol} {atol}");
        }
        let equal_nan = Tolerance { equal_nan: true, ..tolerance(0.0, 0.0) };
        assert!(equal_nan.are_same(&nan, &nan) && !equal_nan.are_same(&nan, &1.0));
        assert!(tolerance(0.0, 1.0).are_same(&i64::MAX, &(i64::MAX - 1)));
        assert!(!tolerance(0.0, 0.0).are_same(&i64::MAX, &(i64::MAX - 1)));
        assert!(!tolerance(0.0, 1e18).are_same(&i64::MIN, &i64::MAX));
        assert_eq!(tolerance(0.0, 0.0).distance(&0_u8, &255), Some((255.0, 255.0)));
    }

    #[test]
    fn differences_are_counted_and_the_largest_found() {
        let a: Vec<_> = (0..3 * TASK).map(|i| i as f64).collect();
        let mut b = a.clone();
        b[5] = f64::NAN;
        b[TASK] = 0.0;
        b[2 * TASK + 7] += 1.0;
        b[3 * TASK - 1] += 0.5;
        let (a, b) = (arr1(&a).into_dyn(), arr1(&b).into_dyn());
        let found = InStep::new(&a, &b).compare(&tolerance(0.0, 0.5), 2);
        let relative = 1.0 / (2 * TASK + 8) as f64;
        let expected = Found {
            count: 3,
            both_nan: 0,
            first: vec![5, TASK],
            largest: Some((TASK as f64, TASK)),
            largest_relative: Some((relative, 2 * TASK + 7)),
        };
        assert_eq!(found, expected);
        assert_eq!(InStep::new(&a, &a).compare(&tolerance(0.0, 0.0), 2), Found::default());
        let nan = InStep::new(&b, &b).compare(&tolerance(0.0, 0.0), 2);
        assert_eq!((nan.count, nan.both_nan, nan.first), (1, 1, vec![5]));
    }

    #[test]
    fn orders_do_not_matter() {
        let a = arr2(&[[1, 2, 3], [4, 5, 6]]).into_dyn();
        let mut b = ArrayD::zeros(vec![2, 3].f());
        b.assign(&a);
        b[[0, 2]] = 7;
        let exact = tolerance(0.0, 0.0);
        for (a, b, position, texts) in [(&a, &b, 2, ("3", "7")), (&b, &a, 4, ("7", "3"))] {
            let in_step = InStep::new(a, b);
            let found = in_step.compare(&exact, 10);
            assert_eq!((found.count, &found.first), (1, &vec![position]));
            assert_eq!(in_step.index(position), [0, 2]);
            assert_eq!(in_step.texts(position, &exact), (texts.0.to_owned(), texts.1.to_owned()));
        }
    }

    #[test]
    fn what_is_not_a_time_differs_from_itself() {
        let dtype = "<M8[D]".parse().unwrap();
        let mut rule = Times { dtype: &dtype, equal_nan: false };
        assert!(rule.are_same(&1, &1) && !rule.are_same(&i64::MIN, &i64::MIN));
        rule.equal_nan = true;
        assert!(rule.are_same(&i64::MIN, &i64::MIN) && !rule.are_same(&1, &2));
        assert_eq!(rule.text(&1), "1970-01-02");
    }
}
