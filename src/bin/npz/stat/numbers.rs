//! Count, range, mean, standard deviation and histogram of numbers, in one pass.
//!
//! Numbers are taken in pieces that stay in a core's own cache while they are looked at several times. The
//! figures of two pieces become those of both by Chan's formulas (Chan, Golub, LeVeque, "Updating
//! Formulae and a Pairwise Algorithm for Computing Sample Variances", 1979).

use rayon::prelude::*;

use super::histogram::Histogram;

/// How many numbers are looked at together.
const PIECE: usize = 2048;

/// How many numbers a thread takes at a time.
const TASK: usize = 16 * PIECE;

/// As many sums are made side by side, as a processor can.
const LANES: usize = 8;

/// What is known of some numbers. NaN are counted, and otherwise left out.
#[derive(Clone, Debug)]
pub struct Numbers {
    pub nan: u64,
    positive_inf: u64,
    negative_inf: u64,
    pub zeros: u64,
    /// Of those that are finite.
    moments: Moments,
    pub histogram: Histogram,
}

/// How many numbers there are, their mean, and the sum of the squares of their distances from it.
#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Numbers {
    pub fn of_floats() -> Self {
        Self::new(Histogram::of_floats())
    }

    pub fn of_integers() -> Self {
        Self::new(Histogram::of_integers())
    }

    fn new(histogram: Histogram) -> Self {
        let moments = Moments::default();
        Self { nan: 0, positive_inf: 0, negative_inf: 0, zeros: 0, moments, histogram }
    }

    /// Adds numbers, on all threads. The figures do not depend on how many these are.
    pub fn add<T: Copy + Sync>(&mut self, numbers: &[T], to_f64: impl Fn(T) -> f64 + Sync) {
        let empty = Self::new(self.histogram.emptied());
        let part = |numbers: &[T]| {
            let mut part = empty.clone();
            let mut piece = [0.0; PIECE];
            for numbers in numbers.chunks(PIECE) {
                let piece = &mut piece[..numbers.len()];
                for (out, &number) in piece.iter_mut().zip(numbers) {
                    *out = to_f64(number);
                }
                part.add_piece(piece);
            }
            part
        };
        let parts: Vec<_> = numbers.par_chunks(TASK).map(part).collect();
        parts.iter().for_each(|part| self.merge(part));
    }

    /// Adds a finite number so many times.
    pub fn add_times(&mut self, number: f64, count: u64) {
        if count > 0 {
            self.zeros += if number == 0.0 { count } else { 0 };
            self.moments.merge(Moments { count: count as f64, mean: number, squares: 0.0 });
            self.histogram.add_times(number, count);
        }
    }

    fn add_piece(&mut self, piece: &mut [f64]) {
        let sum = sum(piece);
        if sum.is_finite() {
            return self.add_finite(piece, sum);
        }
        let mut len = 0;
        for index in 0..piece.len() {
            let number = piece[index];
            self.nan += u64::from(number.is_nan());
            self.positive_inf += u64::from(number == f64::INFINITY);
            self.negative_inf += u64::from(number == f64::NEG_INFINITY);
            piece[len] = number;
            len += usize::from(number.is_finite());
        }
        let finite = &piece[..len];
        self.add_finite(finite, self::sum(finite));
    }

    fn add_finite(&mut self, piece: &[f64], sum: f64) {
        if piece.is_empty() {
            return;
        }
        let (min, max, zeros) = range(piece);
        self.zeros += zeros;
        self.moments.merge(Moments::of(piece, sum));
        self.histogram.add(piece, min, max);
    }

    /// Adds what is known of other numbers.
    fn merge(&mut self, other: &Self) {
        self.nan += other.nan;
        self.positive_inf += other.positive_inf;
        self.negative_inf += other.negative_inf;
        self.zeros += other.zeros;
        self.moments.merge(other.moments);
        self.histogram.merge(&other.histogram);
    }

    /// How many are infinite.
    pub fn inf(&self) -> u64 {
        self.positive_inf + self.negative_inf
    }

    /// The smallest number: `np.nanmin`. There is none if all are NaN.
    pub fn min(&self) -> Option<f64> {
        let finite = self.histogram.range().map(|(min, _)| min);
        let positive = (self.positive_inf > 0).then_some(f64::INFINITY);
        (self.negative_inf > 0).then_some(f64::NEG_INFINITY).or(finite).or(positive)
    }

    /// The largest number: `np.nanmax`.
    pub fn max(&self) -> Option<f64> {
        let finite = self.histogram.range().map(|(_, max)| max);
        let negative = (self.negative_inf > 0).then_some(f64::NEG_INFINITY);
        (self.positive_inf > 0).then_some(f64::INFINITY).or(finite).or(negative)
    }

    /// `np.nanmean`.
    pub fn mean(&self) -> Option<f64> {
        match (self.negative_inf > 0, self.positive_inf > 0) {
            (false, false) => (self.moments.count > 0.0).then_some(self.moments.mean),
            (false, true) => Some(f64::INFINITY),
            (true, false) => Some(f64::NEG_INFINITY),
            (true, true) => Some(f64::NAN),
        }
    }

    /// `np.nanvar`.
    pub fn variance(&self) -> Option<f64> {
        let Moments { count, squares, .. } = self.moments;
        match self.inf() {
            0 => (count > 0.0).then_some(squares / count),
            _ => Some(f64::NAN),
        }
    }

    /// `np.nanstd`.
    pub fn std(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }
}

impl Moments {
    /// Those of numbers whose sum this is.
    fn of(numbers: &[f64], sum: f64) -> Self {
        let count = numbers.len() as f64;
        // A sum may be too large for a float, though the mean is not.
        let about = if sum.is_finite() {
            sum / count
        } else {
            numbers.iter().map(|number| number / count).sum()
        };
        let lanes = ([0.0; LANES], [0.0; LANES]);
        let (distances, squares) = fold(numbers, about, lanes, |(sum, squares), row| {
            let distances = row.map(|x| x - about);
            (0..LANES).for_each(|lane| sum[lane] += distances[lane]);
            (0..LANES).for_each(|lane| squares[lane] += distances[lane] * distances[lane]);
        });
        let error = distances.iter().sum::<f64>() / count;
        let squares = squares.iter().sum::<f64>();
        if !squares.is_finite() {
            return Self { count, mean: about, squares };
        }
        let squares = (squares - error * error * count).max(0.0);
        Self { count, mean: about + error, squares }
    }

    fn merge(&mut self, other: Self) {
        if self.count == 0.0 || other.count == 0.0 {
            *self = if self.count == 0.0 { other } else { *self };
            return;
        }
        let count = self.count + other.count;
        let share = other.count / count;
        let distance = other.mean - self.mean;
        self.squares += other.squares + distance * distance * self.count * share;
        self.mean = if distance.is_finite() {
            self.mean + distance * share
        } else {
            self.mean * (1.0 - share) + other.mean * share
        };
        self.count = count;
    }
}

/// Adds rows of numbers to as many lanes. The last row is filled up with a number that changes nothing.
#[inline(always)]
fn fold<A>(numbers: &[f64], fill: f64, mut lanes: A, add: impl Fn(&mut A, &[f64; LANES])) -> A {
    let (rows, rest) = numbers.as_chunks::<LANES>();
    rows.iter().for_each(|row| add(&mut lanes, row));
    let mut last = [fill; LANES];
    last[..rest.len()].copy_from_slice(rest);
    add(&mut lanes, &last);
    lanes
}

fn sum(numbers: &[f64]) -> f64 {
    let lanes = fold(numbers, 0.0, [0.0; LANES], |sum, row| {
        (0..LANES).for_each(|lane| sum[lane] += row[lane]);
    });
    lanes.iter().sum()
}

/// The smallest number, the largest, and how many are zero.
fn range(numbers: &[f64]) -> (f64, f64, u64) {
    let first = numbers.first().copied().unwrap_or_default();
    // Unlike f64::min, these are one instruction each.
    let smaller = |a: f64, b: f64| if a < b { a } else { b };
    let larger = |a: f64, b: f64| if a > b { a } else { b };
    let (min, max) = fold(numbers, first, ([first; LANES], [first; LANES]), |(min, max), row| {
        (0..LANES).for_each(|lane| min[lane] = smaller(row[lane], min[lane]));
        (0..LANES).for_each(|lane| max[lane] = larger(row[lane], max[lane]));
    });
    let zeros = numbers.iter().map(|&x| u64::from(x == 0.0)).sum();
    (min.into_iter().fold(first, smaller), max.into_iter().fold(first, larger), zeros)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(numbers: &[f64]) -> Numbers {
        let mut all = Numbers::of_floats();
        // In parts, so that some are merged.
        for part in numbers.chunks(numbers.len().div_ceil(3).max(1)) {
            all.add(part, |number| number);
        }
        all
    }

    fn close(found: Option<f64>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{found} {expected}");
    }

    #[test]
    fn figures_are_those_of_the_whole() {
        let numbers: Vec<_> = (0..100_000).map(|i| f64::from(i) * 0.5 - 7.0).collect();
        let all = of(&numbers);
        let n = numbers.len() as f64;
        close(all.mean(), 0.5 * (n - 1.0) / 2.0 - 7.0);
        close(all.std(), 0.5 * ((n * n - 1.0) / 12.0).sqrt());
        assert_eq!((all.min(), all.max()), (Some(-7.0), Some(49992.5)));
        assert_eq!((all.zeros, all.nan, all.inf()), (1, 0, 0));
        let counts = all.histogram.bins().unwrap().counts;
        assert_eq!(counts.iter().sum::<u64>(), 100_000);
    }

    #[test]
    fn nan_are_left_out_and_counted() {
        let mut numbers = vec![1.0; 5000];
        numbers[3] = f64::NAN;
        numbers[4000] = 5.0;
        numbers.extend([f64::NAN; 3000]);
        let all = of(&numbers);
        assert_eq!((all.nan, all.min(), all.max()), (3001, Some(1.0), Some(5.0)));
        close(all.mean(), 1.0 + 4.0 / 4999.0);
        let nothing = of(&[f64::NAN, f64::NAN]);
        assert_eq!((nothing.nan, nothing.mean(), nothing.std()), (2, None, None));
        assert_eq!((nothing.min(), nothing.max()), (None, None));
    }

    #[test]
    fn infinities_count() {
        let all = of(&[1.0, f64::INFINITY, 3.0]);
        assert_eq!((all.min(), all.max()), (Some(1.0), Some(f64::INFINITY)));
        assert_eq!((all.mean(), all.inf()), (Some(f64::INFINITY), 1));
        assert!(all.std().unwrap().is_nan());
        let both = of(&[f64::NEG_INFINITY, f64::INFINITY]);
        assert!(both.mean().unwrap().is_nan());
        assert_eq!((both.min(), both.max()), (Some(f64::NEG_INFINITY), Some(f64::INFINITY)));
        assert_eq!(of(&[f64::INFINITY]).min(), Some(f64::INFINITY));
        assert_eq!(of(&[f64::NEG_INFINITY]).max(), Some(f64::NEG_INFINITY));
    }

    #[test]
    fn huge_and_tiny_numbers() {
        let huge = of(&[1e308; 10_000]);
        close(huge.mean(), 1e308);
        assert_eq!(huge.max(), Some(1e308));
        let squares = of(&[1e200, -1e200]);
        assert_eq!((squares.mean(), squares.std()), (Some(0.0), Some(f64::INFINITY)));
        let opposite = of(&[f64::MIN, f64::MAX, f64::MIN, f64::MAX]);
        assert!(opposite.mean().unwrap().abs() < 1e300);
        assert_eq!(opposite.std(), Some(f64::INFINITY));
        let tiny = of(&[5e-324; 5]);
        assert_eq!((tiny.mean(), tiny.std(), tiny.zeros), (Some(5e-324), Some(0.0), 0));
    }

    #[test]
    fn a_small_spread_around_a_large_mean() {
        let numbers: Vec<_> = (0..30_000).map(|i| 1e9 + f64::from(i % 2)).collect();
        close(of(&numbers).mean(), 1e9 + 0.5);
        close(of(&numbers).std(), 0.5);
        close(of(&[0.1; 30_000]).mean(), 0.1);
        assert!(of(&[0.1; 30_000]).std().unwrap() < 1e-17);
    }

    #[test]
    fn integers_of_64_bits() {
        let mut all = Numbers::of_integers();
        all.add(&[i64::MIN, i64::MAX, 0], |number| number as f64);
        close(all.std(), 9.223372036854776e18 * (2.0_f64 / 3.0).sqrt());
        let mut all = Numbers::of_integers();
        all.add(&[u64::MAX; 3000], |number| number as f64);
        close(all.mean(), u64::MAX as f64);
        assert_eq!(all.std(), Some(0.0));
    }

    #[test]
    fn numbers_that_come_often() {
        let (mut often, mut each) = (Numbers::of_integers(), Numbers::of_integers());
        for (number, count) in [(0.0, 3), (-100.0, 1), (7.0, 5000), (8.0, 0)] {
            often.add_times(number, count);
            each.add(&vec![number; count as usize], |number| number);
        }
        close(often.mean(), each.mean().unwrap());
        close(often.std(), each.std().unwrap());
        assert_eq!((often.zeros, often.min(), often.max()), (3, Some(-100.0), Some(7.0)));
        assert_eq!(often.histogram.bins(), each.histogram.bins());
    }

    #[test]
    fn nothing_has_no_figures() {
        let nothing = of(&[]);
        assert_eq!((nothing.min(), nothing.mean(), nothing.variance()), (None, None, None));
    }
}
