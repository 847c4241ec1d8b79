//! What is known of an array, or of a field of its records, after some blocks.

use std::borrow::Cow;

use npz::dtype::Kind;
use npz::ndarray::ArrayD;
use npz::{AnyArray, DType};
use num_complex::Complex;
use rayon::prelude::*;

use super::numbers::Numbers;
use crate::blocks::plain;

/// An array, or a field of its records.
pub struct Column {
    /// As in Python: `x`, or `x['mass']`.
    pub name: String,
    pub dtype: DType,
    pub shape: Vec<usize>,
    pub known: Known,
}

/// What is known of its elements. It depends on the dtype what there is to know.
pub enum Known {
    /// Of texts and byte strings the numbers are their lengths.
    Integers {
        numbers: Numbers,
        range: Option<(i128, i128)>,
    },
    Floats(Numbers),
    Complex(Box<ComplexNumbers>),
    /// Dates and time differences.
    Times {
        range: Option<(i64, i64)>,
        nat: u64,
    },
    Record(Vec<(String, Column)>),
    /// Nothing.
    Other,
}

/// Complex numbers without those that are NaN.
pub struct ComplexNumbers {
    pub re: Numbers,
    pub im: Numbers,
    pub nan: u64,
    pub inf: u64,
    pub zeros: u64,
}

/// NumPy's "not a time".
const NAT: i64 = i64::MIN;

impl Column {
    pub fn new(name: String, dtype: &DType, shape: &[usize]) -> Self {
        let (dtype, shape) = match dtype {
            DType::Subarray(subarray) => (subarray.base(), [shape, subarray.shape()].concat()),
            dtype => (dtype, shape.to_vec()),
        };
        let known = match dtype {
            DType::Record(record) if !dtype.has_object() => {
                let fields = record.fields().iter().map(|field| {
                    let name = format!("{name}['{}']", field.name());
                    (field.name().to_owned(), Self::new(name, field.dtype(), &shape))
                });
                Known::Record(fields.collect())
            }
            DType::Scalar(scalar) => match (scalar.kind(), scalar.itemsize()) {
                (Kind::Str | Kind::Bytes, 0) => Known::Other,
                (Kind::Bool | Kind::Int | Kind::Uint | Kind::Str | Kind::Bytes, _) => {
                    Known::Integers { numbers: Numbers::of_integers(), range: None }
                }
                (Kind::Float, 2 | 4 | 8) => Known::Floats(Numbers::of_floats()),
                (Kind::Complex, 8 | 16) => Known::Complex(Box::default()),
                (Kind::Datetime(_) | Kind::Timedelta(_), _) => Known::Times { range: None, nat: 0 },
                _ => Known::Other,
            },
            _ => Known::Other,
        };
        Self { name, dtype: dtype.clone(), shape, known }
    }

    /// Whether its elements are texts or byte strings.
    pub fn is_text(&self) -> bool {
        match &self.dtype {
            DType::Scalar(scalar) => matches!(scalar.kind(), Kind::Str | Kind::Bytes),
            _ => false,
        }
    }

    /// The columns of which something is known, itself or its fields.
    pub fn leaves(&self) -> Vec<&Self> {
        match &self.known {
            Known::Record(fields) => fields.iter().flat_map(|(_, field)| field.leaves()).collect(),
            _ => vec![self],
        }
    }

    /// Adds a block.
    pub fn add(&mut self, block: &AnyArray) -> npz::Result<()> {
        match (&mut self.known, block) {
            (Known::Integers { numbers, range }, block) => match block {
                AnyArray::Bool(array) => add_bytes(numbers, range, &in_memory(array), i16::from),
                AnyArray::I8(array) => add_bytes(numbers, range, &in_memory(array), i16::from),
                AnyArray::I16(array) => add_integers(numbers, range, &in_memory(array), f64::from),
                AnyArray::I32(array) => add_integers(numbers, range, &in_memory(array), f64::from),
                AnyArray::I64(array) => {
                    add_integers(numbers, range, &in_memory(array), |x| x as f64)
                }
                AnyArray::U8(array) => add_bytes(numbers, range, &in_memory(array), i16::from),
                AnyArray::U16(array) => add_integers(numbers, range, &in_memory(array), f64::from),
                AnyArray::U32(array) => add_integers(numbers, range, &in_memory(array), f64::from),
                AnyArray::U64(array) => {
                    add_integers(numbers, range, &in_memory(array), |x| x as f64)
                }
                block => add_integers(numbers, range, &lengths(block), |x| x as f64),
            },
            (Known::Floats(numbers), AnyArray::F32(array)) => {
                numbers.add(&in_memory(array), f64::from);
            }
            (Known::Floats(numbers), AnyArray::F64(array)) => {
                numbers.add(&in_memory(array), |number| number);
            }
            (Known::Complex(numbers), AnyArray::C64(array)) => {
                numbers.add(array.iter().map(|z| Complex::new(z.re.into(), z.im.into())));
            }
            (Known::Complex(numbers), AnyArray::C128(array)) => numbers.add(array.iter().copied()),
            (
                Known::Times { range, nat },
                AnyArray::Datetime(array, _) | AnyArray::Timedelta(array, _),
            ) => {
                let times = in_memory(array);
                let are_not = times.iter().map(|&time| u64::from(time == NAT)).sum::<u64>();
                *nat += are_not;
                if are_not == 0 {
                    widen(range, bounds(&times));
                } else {
                    let times: Vec<_> = times.iter().copied().filter(|&time| time != NAT).collect();
                    widen(range, bounds(&times));
                }
            }
            (Known::Record(fields), AnyArray::Raw(records)) => {
                for (name, field) in fields {
                    field.add(&plain(records.any_field(name)?)?)?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl Default for ComplexNumbers {
    fn default() -> Self {
        Self { re: Numbers::of_floats(), im: Numbers::of_floats(), nan: 0, inf: 0, zeros: 0 }
    }
}

impl ComplexNumbers {
    fn add(&mut self, numbers: impl Iterator<Item = Complex<f64>>) {
        let (mut re, mut im) = (Vec::new(), Vec::new());
        for z in numbers {
            self.nan += u64::from(z.is_nan());
            self.inf += u64::from(z.is_infinite());
            self.zeros += u64::from(z == Complex::new(0.0, 0.0));
            if !z.is_nan() {
                re.push(z.re);
                im.push(z.im);
            }
        }
        self.re.add(&re, |number| number);
        self.im.add(&im, |number| number);
    }
}

fn add_integers<T: Copy + Ord + Sync + Send + Into<i128>>(
    numbers: &mut Numbers,
    range: &mut Option<(i128, i128)>,
    integers: &[T],
    to_f64: impl Fn(T) -> f64 + Sync,
) {
    numbers.add(integers, to_f64);
    widen(range, bounds(integers).map(|(min, max)| (min.into(), max.into())));
}

/// Adds integers of which there are 256 at most: how often each of them comes tells everything.
fn add_bytes<T: Copy + Sync>(
    numbers: &mut Numbers,
    range: &mut Option<(i128, i128)>,
    integers: &[T],
    value: impl Fn(T) -> i16 + Sync,
) {
    /// Of -256 to 255, which differ in so many low bits.
    const DIFFERENT: usize = 512;
    let of = |integers: &[T]| {
        // Two tables, because the next integer is often the same.
        let mut counts = [[0_u32; DIFFERENT]; 2];
        for pair in integers.chunks(2) {
            for (counts, &integer) in counts.iter_mut().zip(pair) {
                counts[value(integer) as usize % DIFFERENT] += 1;
            }
        }
        counts
    };
    let parts: Vec<_> = integers.par_chunks(1 << 18).map(of).collect();
    for value in -128..=255_i16 {
        let index = value as usize % DIFFERENT;
        let count = parts.iter().flatten().map(|counts| u64::from(counts[index])).sum();
        numbers.add_times(value.into(), count);
        widen(range, (count > 0).then_some((value.into(), value.into())));
    }
}

/// The elements, in the order in which they are in memory.
fn in_memory<T: Clone>(array: &ArrayD<T>) -> Cow<'_, [T]> {
    match array.as_slice_memory_order() {
        Some(elements) => elements.into(),
        None => array.iter().cloned().collect::<Vec<_>>().into(),
    }
}

/// The smallest and the largest.
fn bounds<T: Copy + Ord + Sync + Send>(values: &[T]) -> Option<(T, T)> {
    let first = *values.first()?;
    let of = |values: &[T]| {
        let min = values.iter().fold(first, |min, &value| min.min(value));
        (min, values.iter().fold(first, |max, &value| max.max(value)))
    };
    let widest = |a: (T, T), b: (T, T)| (a.0.min(b.0), a.1.max(b.1));
    values.par_chunks(1 << 15).map(of).reduce_with(widest)
}

fn widen<T: Copy + Ord>(range: &mut Option<(T, T)>, other: Option<(T, T)>) {
    let Some((min, max)) = other else { return };
    let (least, most) = range.unwrap_or((min, max));
    *range = Some((least.min(min), most.max(max)));
}

/// How many code points texts have, and bytes byte strings.
fn lengths(array: &AnyArray) -> Vec<u64> {
    match array {
        AnyArray::Str(texts) => texts.iter().map(|text| text.chars().count() as u64).collect(),
        AnyArray::Bytes(strings) => strings.iter().map(|string| string.len() as u64).collect(),
        // Text that Rust does not have, because of lone surrogates.
        AnyArray::Raw(raw) => {
            let items = raw.bytes().chunks_exact(raw.dtype().itemsize().max(1));
            let length = |item: &[u8]| {
                let code_points = item.as_chunks::<4>().0;
                let last = code_points.iter().rposition(|code_point| *code_point != [0; 4]);
                last.map_or(0, |last| last as u64 + 1)
            };
            items.map(length).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use npz::Raw;
    use npz::ndarray::{Order, arr1};

    fn integers(block: &AnyArray) -> (Numbers, Option<(i128, i128)>) {
        let mut column = Column::new("x".to_owned(), &block.dtype(), block.shape());
        column.add(block).unwrap();
        match column.known {
            Known::Integers { numbers, range } => (numbers, range),
            _ => panic!("{block} is not of integers"),
        }
    }

    #[test]
    fn the_range_of_integers_is_exact() {
        for (block, min, max) in [
            (AnyArray::from(arr1(&[true, false])), 0, 1),
            (AnyArray::from(arr1(&[-128_i8, 127, 3])), -128, 127),
            (AnyArray::from(arr1(&[200_u8, 7])), 7, 200),
            (AnyArray::from(arr1(&[i64::MAX, i64::MIN, 0])), i64::MIN.into(), i64::MAX.into()),
            (
                AnyArray::from(arr1(&[u64::MAX, u64::MAX - 1])),
                (u64::MAX - 1).into(),
                u64::MAX.into(),
            ),
        ] {
            assert_eq!(integers(&block).1, Some((min, max)), "{block}");
        }
    }

    #[test]
    fn the_lengths_of_text() {
        let texts = arr1(&["", "é猫", "abc"]).mapv(str::to_owned);
        let (numbers, range) = integers(&texts.into());
        assert_eq!((range, numbers.zeros), (Some((0, 3)), 1));
        // A lone surrogate, which no String holds.
        let bytes = vec![0x41, 0, 0, 0, 0, 0xd8, 0, 0, 0x42, 0, 0, 0, 0, 0, 0, 0];
        let raw = Raw::new("<U2".parse().unwrap(), &[2], Order::C, bytes).unwrap();
        assert_eq!(integers(&raw.into()).1, Some((1, 2)));
    }

    #[test]
    fn records_have_a_column_for_each_field() {
        let dtype =
            "[('id', '|u1'), ('in', [('pos', '|i1', (2,)), ('when', '<M8[D]')])]".parse().unwrap();
        let mut bytes = vec![7, 1, 255, 0, 0, 0, 0, 0, 0, 0, 128];
        bytes.extend([9, 5, 6, 1, 0, 0, 0, 0, 0, 0, 0]);
        let block = AnyArray::from(Raw::new(dtype, &[2], Order::C, bytes).unwrap());
        let mut column = Column::new("x".to_owned(), &block.dtype(), &[2]);
        column.add(&block).unwrap();
        let leaves = column.leaves();
        let names: Vec<_> = leaves.iter().map(|leaf| (&leaf.name[..], &leaf.shape[..])).collect();
        let expected: [(&str, &[usize]); 3] =
            [("x['id']", &[2]), ("x['in']['pos']", &[2, 2]), ("x['in']['when']", &[2])];
        assert_eq!(names, expected);
        assert!(matches!(leaves[0].known, Known::Integers { range: Some((7, 9)), .. }));
        assert!(matches!(leaves[1].known, Known::Integers { range: Some((-1, 6)), .. }));
        assert!(matches!(leaves[2].known, Known::Times { range: Some((1, 1)), nat: 1 }));
    }

    #[test]
    fn complex_numbers_have_a_mean() {
        let z = [Complex::new(1.0, 2.0), Complex::new(3.0, f64::NAN), Complex::new(0.0, 0.0)];
        let block = AnyArray::from(arr1(&z));
        let mut column = Column::new("z".to_owned(), &block.dtype(), &[3]);
        column.add(&block).unwrap();
        let Known::Complex(numbers) = &column.known else { panic!() };
        assert_eq!((numbers.nan, numbers.inf, numbers.zeros), (1, 0, 1));
        assert_eq!((numbers.re.mean(), numbers.im.mean()), (Some(0.5), Some(1.0)));
    }
}
