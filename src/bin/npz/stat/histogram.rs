//! A histogram of numbers whose range is not known before: counts are exact, in one pass.
//!
//! The width of the bins is a power of two, and their edges are multiples of it. When a number is outside
//! of what the bins can cover, the width doubles until they do. Each bin of the new width is two of the
//! old ones, so that nothing has to be counted again. In the end the bins depend on nothing but the
//! smallest and the largest number.

/// The most bins.
const BINS: usize = 20;

/// Room for as many bins, so that an index of so many bits needs no check.
const ROOM: usize = BINS.next_power_of_two();

/// So many numbers get their bins together.
const TOGETHER: usize = 64;

/// Added to a small number, and taken away again, it leaves an integer.
const ROUND: f64 = (3_u64 << 51) as f64;

/// The smallest exponent of a bin's width, so that it and its inverse are ordinary numbers.
const LEAST_EXPONENT: i32 = -1000;

#[derive(Clone, Debug)]
pub struct Histogram {
    /// The smallest and the largest number so far.
    range: Option<(f64, f64)>,
    /// The width of a bin is two to the power of this.
    exponent: i32,
    least_exponent: i32,
    /// The first bin begins at so many widths.
    start: i64,
    counts: [u64; ROOM],
}

/// Bins: one more edge than counts. A number at an edge is in the bin that begins there.
#[derive(Debug, PartialEq, serde::Serialize)]
pub struct Bins {
    pub edges: Vec<f64>,
    pub counts: Vec<u64>,
}

impl Histogram {
    /// For floats.
    pub fn of_floats() -> Self {
        Self::with_least_exponent(LEAST_EXPONENT)
    }

    /// For integers, which are as wide as a bin at least.
    pub fn of_integers() -> Self {
        Self::with_least_exponent(0)
    }

    fn with_least_exponent(least_exponent: i32) -> Self {
        let counts = [0; ROOM];
        Self { range: None, exponent: least_exponent, least_exponent, start: 0, counts }
    }

    /// One of the same kind, without numbers.
    pub fn emptied(&self) -> Self {
        Self::with_least_exponent(self.least_exponent)
    }

    /// The smallest and the largest number.
    pub fn range(&self) -> Option<(f64, f64)> {
        self.range
    }

    /// Counts numbers, at most a few thousands, all of which are between these, and finite.
    pub fn add(&mut self, numbers: &[f64], min: f64, max: f64) {
        self.cover(min, max);
        let (width, inverse, start) =
            (power(self.exponent), power(-self.exponent), self.start as f64);
        let mut tables = [[0_u32; ROOM]; 4];
        for numbers in numbers.chunks(TOGETHER) {
            let mut indices = [0_u32; TOGETHER];
            for (index, &number) in indices.iter_mut().zip(numbers) {
                let rounded = (number * inverse + ROUND) - ROUND;
                let floor = rounded - if rounded * width > number { 1.0 } else { 0.0 };
                // The lowest bits are then those of the integer.
                *index = (floor - start + ROUND).to_bits() as u32;
            }
            let (fours, rest) = indices[..numbers.len()].as_chunks::<4>();
            for four in fours {
                for (table, &index) in tables.iter_mut().zip(four) {
                    table[index as usize % ROOM] += 1;
                }
            }
            for &index in rest {
                tables[0][index as usize % ROOM] += 1;
            }
        }
        for table in &tables {
            for (count, &more) in self.counts.iter_mut().zip(table) {
                *count += u64::from(more);
            }
        }
    }

    /// Counts a number so many times.
    pub fn add_times(&mut self, number: f64, count: u64) {
        self.cover(number, number);
        self.counts[(bin(number, self.exponent) - self.start) as usize % ROOM] += count;
    }

    /// Adds the counts of another one.
    pub fn merge(&mut self, other: &Self) {
        if let Some((min, max)) = other.range {
            self.cover(min, max);
            self.pour(other);
        }
    }

    /// Makes the bins cover these numbers, too.
    fn cover(&mut self, min: f64, max: f64) {
        let (min, max) = match self.range {
            Some((least, most)) if least <= min && max <= most => return,
            Some((least, most)) => (least.min(min), most.max(max)),
            None => (min, max),
        };
        // So that the number of widths in a number can be rounded by ROUND.
        let precise = exponent(min.abs().max(max.abs())) - 50;
        let fitting = exponent((max / 2.0 - min / 2.0) / BINS as f64);
        let mut wider = Self::with_least_exponent(self.least_exponent);
        wider.exponent = precise.max(fitting).max(self.least_exponent);
        while bin(max, wider.exponent) - bin(min, wider.exponent) >= BINS as i64 {
            wider.exponent += 1;
        }
        wider.start = bin(min, wider.exponent);
        wider.pour(self);
        wider.range = Some((min, max));
        *self = wider;
    }

    /// Adds counts of bins that are not wider.
    fn pour(&mut self, other: &Self) {
        let doublings = (self.exponent - other.exponent).min(63);
        for (index, &count) in other.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let bin = (other.start + index as i64) >> doublings;
            self.counts[(bin - self.start) as usize % ROOM] += count;
        }
    }

    /// The bins from the smallest number to the largest; none if there are no numbers.
    pub fn bins(&self) -> Option<Bins> {
        let (_, max) = self.range?;
        let len = bin(max, self.exponent) - self.start + 1;
        let edge = |index: i64| {
            let edge = (self.start + index) as f64 * power(self.exponent);
            edge.clamp(f64::MIN, f64::MAX)
        };
        let edges = (0..=len).map(edge).collect();
        Some(Bins { edges, counts: self.counts[..len as usize].to_vec() })
    }
}

/// The bin of a width that a number is in, counted from 0.
fn bin(number: f64, exponent: i32) -> i64 {
    let bin = (number * power(-exponent)).floor();
    // A number may be too small for its quotient.
    if bin * power(exponent) > number { bin as i64 - 1 } else { bin as i64 }
}

/// Two to the power of an exponent from -1022 to 1023.
fn power(exponent: i32) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

/// The exponent of the largest power of two that is not greater, or -1023.
fn exponent(number: f64) -> i32 {
    (number.abs().to_bits() >> 52) as i32 - 1023
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// In pieces, the first of each being of its own histogram.
    fn histogram(numbers: &[f64], empty: &Histogram) -> Histogram {
        let mut whole = empty.clone();
        for (index, piece) in numbers.chunks(7).enumerate() {
            let min = piece.iter().copied().fold(f64::INFINITY, f64::min);
            let max = piece.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            if index % 3 == 0 {
                let mut own = empty.clone();
                own.add(piece, min, max);
                whole.merge(&own);
            } else {
                whole.add(piece, min, max);
            }
        }
        whole
    }

    fn check(numbers: &[f64], empty: &Histogram) {
        let Bins { edges, counts } = histogram(numbers, empty).bins().unwrap();
        for (edges, &count) in edges.windows(2).zip(&counts) {
            let is_inside = |number: &&f64| {
                edges[0] <= **number && (**number < edges[1] || edges[1] == f64::MAX)
            };
            let inside = numbers.iter().filter(is_inside).count();
            assert_eq!(count, inside as u64, "{edges:?} {numbers:?}");
        }
        assert_eq!(counts.iter().sum::<u64>(), numbers.len() as u64);
        assert!(counts.len() <= BINS && counts[0] > 0 && *counts.last().unwrap() > 0);
    }

    proptest! {
        #[test]
        fn counts_are_those_between_the_edges(
            numbers in prop::collection::vec(-1000.0..1000.0, 1..60),
            scale in prop::num::f64::NORMAL,
            offset in -1e6..1e6,
        ) {
            check(&numbers, &Histogram::of_floats());
            let scaled: Vec<f64> = numbers.iter().map(|x| x / 1000.0 * scale).collect();
            check(&scaled, &Histogram::of_floats());
            let shifted: Vec<f64> = numbers.iter().map(|x| x * 1e-6 + offset).collect();
            check(&shifted, &Histogram::of_floats());
            let whole: Vec<f64> = numbers.iter().map(|x| x.round()).collect();
            check(&whole, &Histogram::of_integers());
        }

        #[test]
        fn any_numbers_are_counted(
            numbers in prop::collection::vec(
                prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO, 1..60
            ),
        ) {
            check(&numbers, &Histogram::of_floats());
        }
    }

    #[test]
    fn equal_numbers_are_in_one_bin() {
        for number in [0.0, -0.0, 1.0, -0.1, 1e9, f64::MAX, f64::MIN, 5e-324, -5e-324] {
            let bins = histogram(&[number; 20], &Histogram::of_floats()).bins().unwrap();
            assert_eq!(bins.counts, [20]);
            assert!(bins.edges[0] <= number && number <= bins.edges[1]);
        }
    }

    /// The number of their widths is no float.
    #[test]
    fn numbers_that_are_tiny_beside_others() {
        check(&[-5e-324, 0.0, 5e-324, 1e300, -1e300], &Histogram::of_floats());
        check(&[-1e-200, 1e300], &Histogram::of_floats());
    }

    #[test]
    fn bins_of_integers_are_whole() {
        let bins = histogram(&[0.0, 1.0, 1.0, 3.0], &Histogram::of_integers()).bins().unwrap();
        assert_eq!(bins, Bins { edges: vec![0.0, 1.0, 2.0, 3.0, 4.0], counts: vec![1, 2, 0, 1] });
    }

    #[test]
    fn the_order_of_numbers_does_not_matter() {
        let numbers: Vec<_> = (0..100).map(|i| f64::from(i * i * i) * 0.01 - 300.0).collect();
        let mut reversed = numbers.clone();
        reversed.reverse();
        let of = |numbers: &[f64]| histogram(numbers, &Histogram::of_floats()).bins();
        assert_eq!(of(&numbers), of(&reversed));
    }

    #[test]
    fn there_are_no_bins_of_nothing() {
        assert_eq!(Histogram::of_floats().bins(), None);
    }
}
