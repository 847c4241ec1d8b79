//! The values of two arrays of whatever dtypes, block by block.

use npz::ndarray::ArrayD;
use npz::{AnyArray, ArrayInfo, DType};
use num_complex::Complex;
use serde::Serialize;

use super::Tolerance;
use super::compare::{Exact, InStep, Rule, Times};
use crate::archive::Archive;
use crate::blocks::{self, BLOCK, Blocks, Regions, is_flat, plain};
use crate::progress::Bar;

/// How many bytes a block has of arrays in different orders. To read it from the second file is to go
/// through much of the array, which is therefore not done often.
const LARGE_BLOCK: u64 = 128 << 20;

/// How the values of an array, or of a field of its records, differ.
#[derive(Serialize)]
pub struct Differences {
    /// As in Python: `x`, or `x['mass']`.
    pub name: String,
    /// How many values have been compared.
    pub compared: u64,
    pub count: u64,
    /// How many of them are NaN in both files.
    pub both_nan: u64,
    pub first: Vec<Place>,
    pub largest: Option<Largest>,
    pub largest_relative: Option<Largest>,
}

/// A place in an array, and what is there in both files.
#[derive(Serialize)]
pub struct Place {
    pub index: Vec<usize>,
    pub a: String,
    pub b: String,
}

/// A difference of numbers.
#[derive(Serialize)]
pub struct Largest {
    pub difference: f64,
    #[serde(flatten)]
    pub at: Place,
}

/// The values of two arrays of one shape.
pub struct Values<'a> {
    tolerance: &'a Tolerance,
    most: usize,
    /// For the array, or each field of its records, what has been found so far.
    pub differences: Vec<Differences>,
    /// The array, or fields of it, whose dtypes have nothing in common.
    pub incomparable: Vec<String>,
}

impl<'a> Values<'a> {
    /// Compares an array of two files, in which it may have different names. At most so many places are
    /// kept of each field.
    pub fn compare(
        [a, b]: [(&Archive, &str, &ArrayInfo); 2],
        tolerance: &'a Tolerance,
        most: usize,
    ) -> npz::Result<Self> {
        let mut values =
            Self { tolerance, most, differences: Vec::new(), incomparable: Vec::new() };
        let have_objects = [a, b].map(|(_, _, info)| info.dtype().has_object());
        if have_objects == [true, false] || have_objects == [false, true] {
            values.give_up(a.1);
            return Ok(values);
        }
        let (bar, itemsize) = (Bar::new(a.2.nbytes()), a.2.dtype().itemsize() as u64);
        if have_objects[0] || a.2.order() == b.2.order() || is_flat(a.2.shape()) {
            let larger = if a.2.nbytes() < b.2.nbytes() { b.2 } else { a.2 };
            let regions = Regions::new(larger, BLOCK);
            let mut others = Blocks::new(b.0, b.1, regions.clone())?;
            // Dropped after the next one has been read: if both blocks were free at a time, the allocator
            // would give their memory back, and every page would have to be faulted in again.
            let mut other;
            for block in Blocks::new(a.0, a.1, regions)? {
                let block = block?;
                other = others.next().transpose()?;
                let Some(other) = &other else { break };
                values.add(a.1, &block.array, &other.array, &block.start)?;
                bar.add(block.array.len() as u64 * itemsize);
                if values.are_incomparable() {
                    break;
                }
            }
        } else {
            for region in Regions::new(a.2, LARGE_BLOCK) {
                let [block, other] = [region.load(a.0, a.1)?, region.load(b.0, b.1)?];
                values.add(a.1, &block, &other, &region.start)?;
                bar.add(block.len() as u64 * itemsize);
                if values.are_incomparable() {
                    break;
                }
            }
        }
        values.differences.retain(|differences| differences.count > 0);
        Ok(values)
    }

    /// Adds a block of both arrays.
    fn add(&mut self, name: &str, a: &AnyArray, b: &AnyArray, start: &[usize]) -> npz::Result<()> {
        use AnyArray as Any;
        let tolerance = self.tolerance;
        if a.shape() != b.shape() {
            self.give_up(name);
            return Ok(());
        }
        match (a, b) {
            (Any::Bool(a), Any::Bool(b)) => self.add_elements(name, a, b, start, &Exact),
            (Any::I8(a), Any::I8(b)) => self.add_elements(name, a, b, start, tolerance),
            (Any::I16(a), Any::I16(b)) => self.add_elements(name, a, b, start, tolerance),
            (Any::I32(a), Any::I32(b)) => self.add_elements(name, a, b, start, tolerance),
            (Any::I64(a), Any::I64(b)) => self.add_elements(name, a, b, start, tolerance),
            (Any::U8(a), Any::U8(b)) => self.add_elements(name, a, b, start, tolerance),
            (Any::U16(a), Any::U16(b)) => self.add_elements(name, a, b, start, tolerance),
            (Any::U32(a), Any::U32(b)) => self.add_elements(name, a, b, start, tolerance),
            (Any::U64(a), Any::U64(b)) => self.add_elements(name, a, b, start, tolerance),
            (Any::F32(a), Any::F32(b)) => self.add_elements(name, a, b, start, tolerance),
            (Any::F64(a), Any::F64(b)) => self.add_elements(name, a, b, start, tolerance),
            (Any::C64(a), Any::C64(b)) => self.add_elements(name, a, b, start, tolerance),
            (Any::C128(a), Any::C128(b)) => self.add_elements(name, a, b, start, tolerance),
            (Any::Str(a), Any::Str(b)) => self.add_elements(name, a, b, start, &Exact),
            (Any::Bytes(a), Any::Bytes(b)) => self.add_elements(name, a, b, start, &Exact),
            (Any::Object(a), Any::Object(b)) => self.add_elements(name, a, b, start, tolerance),
            (Any::Datetime(x, unit), Any::Datetime(y, other))
            | (Any::Timedelta(x, unit), Any::Timedelta(y, other))
                if unit == other =>
            {
                let rule = Times { dtype: &a.dtype(), equal_nan: tolerance.equal_nan };
                self.add_elements(name, x, y, start, &rule);
            }
            (Any::Raw(a), Any::Raw(b)) => match (a.dtype(), b.dtype()) {
                (DType::Record(record), DType::Record(other)) => {
                    for field in record.fields().iter().map(|field| field.name()) {
                        if other.fields().iter().any(|other| other.name() == field) {
                            let [a, b] = [plain(a.any_field(field)?)?, plain(b.any_field(field)?)?];
                            self.add(&format!("{name}['{field}']"), &a, &b, start)?;
                        }
                    }
                }
                // As many as there may be, they are all the same.
                (dtype, other) if dtype == other && dtype.itemsize() == 0 => {}
                (dtype, other) => match (blocks::items(a), blocks::items(b)) {
                    (Some(a), Some(b)) if dtype == other => {
                        self.add_elements(name, &a, &b, start, &Exact);
                    }
                    _ => self.give_up(name),
                },
            },
            (a, b) => {
                if let (Some(a), Some(b)) = (integers(a), integers(b)) {
                    self.add_elements(name, &a, &b, start, tolerance);
                } else if let (Some(a), Some(b)) = (floats(a), floats(b)) {
                    self.add_elements(name, &a, &b, start, tolerance);
                } else if let (Some(a), Some(b)) = (complexes(a), complexes(b)) {
                    self.add_elements(name, &a, &b, start, tolerance);
                } else {
                    self.give_up(name);
                }
            }
        }
        Ok(())
    }

    /// Whether nothing has been compared, nor can be.
    fn are_incomparable(&self) -> bool {
        self.differences.is_empty() && !self.incomparable.is_empty()
    }

    fn give_up(&mut self, name: &str) {
        if !self.incomparable.iter().any(|other| other == name) {
            self.incomparable.push(name.to_owned());
        }
    }

    fn add_elements<T: Clone + Sync>(
        &mut self,
        name: &str,
        a: &ArrayD<T>,
        b: &ArrayD<T>,
        start: &[usize],
        rule: &impl Rule<T>,
    ) {
        let in_step = InStep::new(a, b);
        let most = self.most;
        let found = in_step.compare(rule, most);
        let place = |position| {
            let mut index = in_step.index(position);
            index.iter_mut().zip(start).for_each(|(at, start)| *at += start);
            let (a, b) = in_step.texts(position, rule);
            Place { index, a, b }
        };
        let so_far = self.so_far(name);
        so_far.compared += a.len() as u64;
        so_far.count += found.count;
        so_far.both_nan += found.both_nan;
        let room = most - so_far.first.len();
        so_far.first.extend(found.first.iter().take(room).map(|&position| place(position)));
        for (largest, found) in [
            (&mut so_far.largest, found.largest),
            (&mut so_far.largest_relative, found.largest_relative),
        ] {
            let Some((difference, position)) = found else { continue };
            if largest.as_ref().is_none_or(|largest| difference > largest.difference) {
                *largest = Some(Largest { difference, at: place(position) });
            }
        }
    }

    /// What has been found of this array or field.
    fn so_far(&mut self, name: &str) -> &mut Differences {
        let index = self.differences.iter().position(|differences| differences.name == name);
        let index = index.unwrap_or_else(|| {
            self.differences.push(Differences::none(name));
            self.differences.len() - 1
        });
        &mut self.differences[index]
    }
}

impl Differences {
    fn none(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            compared: 0,
            count: 0,
            both_nan: 0,
            first: Vec::new(),
            largest: None,
            largest_relative: None,
        }
    }
}

/// Integers of any type as those that hold all of them.
fn integers(array: &AnyArray) -> Option<ArrayD<i128>> {
    Some(match array {
        AnyArray::Bool(array) => array.mapv(i128::from),
        AnyArray::I8(array) => array.mapv(i128::from),
        AnyArray::I16(array) => array.mapv(i128::from),
        AnyArray::I32(array) => array.mapv(i128::from),
        AnyArray::I64(array) => array.mapv(i128::from),
        AnyArray::U8(array) => array.mapv(i128::from),
        AnyArray::U16(array) => array.mapv(i128::from),
        AnyArray::U32(array) => array.mapv(i128::from),
        AnyArray::U64(array) => array.mapv(i128::from),
        _ => return None,
    })
}

/// Numbers of any type but complex ones, as NumPy has them beside floats.
fn floats(array: &AnyArray) -> Option<ArrayD<f64>> {
    match array {
        AnyArray::F32(array) => Some(array.mapv(f64::from)),
        AnyArray::F64(array) => Some(array.clone()),
        array => integers(array).map(|array| array.mapv(|integer| integer as f64)),
    }
}

fn complexes(array: &AnyArray) -> Option<ArrayD<Complex<f64>>> {
    match array {
        AnyArray::C64(array) => Some(array.mapv(|z| Complex::new(z.re.into(), z.im.into()))),
        AnyArray::C128(array) => Some(array.clone()),
        array => floats(array).map(|array| array.mapv(Complex::from)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use npz::ndarray::{Array2, Order, arr1, array};
    use npz::{Limits, NpzWriter, Raw, ToNpy};

    /// Compares two arrays that have been saved.
    fn compare(a: &impl ToNpy, b: &impl ToNpy, order: Order, tolerance: &Tolerance) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let save = |name: &str, array: &dyn ToNpy, order| {
            let path = folder.path().join(name);
            let mut npz = NpzWriter::create(&path).unwrap();
            npz.entry("x").order(order).array(array).unwrap();
            npz.finish().unwrap();
            Archive::open(&path, &Limits::default()).unwrap()
        };
        let (a, b) = (save("a.npz", a, Order::C), save("b.npz", b, order));
        let infos = [a.info("x").unwrap(), b.info("x").unwrap()];
        let arrays = [(&a, "x", &infos[0]), (&b, "x", &infos[1])];
        let values = Values::compare(arrays, tolerance, 2).unwrap();
        let found = values.differences.iter().map(|differences| {
            let first: Vec<_> = differences.first.iter().map(ToString::to_string).collect();
            format!(
                "{} {} of {}: {first:?}",
                differences.name, differences.count, differences.compared
            )
        });
        found.chain(values.incomparable.iter().map(|name| format!("{name} cannot be"))).collect()
    }

    const EXACT: Tolerance = Tolerance { rtol: 0.0, atol: 0.0, equal_nan: false };

    #[test]
    fn places_are_those_in_the_array() {
        // Of several blocks.
        let a = Array2::from_shape_fn((1000, 1500), |(i, j)| (i * 1500 + j) as f64);
        let mut b = a.clone();
        b[[999, 0]] = -1.0;
        b[[500, 1499]] = -2.0;
        let there = [
            "x 2 of 1500000: [\"[500, 1499]: 751499.0 and -2.0\", \"[999, 0]: 1498500.0 and -1.0\"]",
        ];
        for order in [Order::C, Order::F] {
            assert_eq!(compare(&a, &b, order, &EXACT), there);
            assert!(compare(&a, &a, order, &EXACT).is_empty());
        }
        // In Fortran order the other one comes first.
        let transposed = [
            "x 2 of 1500000: [\"[0, 999]: 1498500.0 and -1.0\", \"[1499, 500]: 751499.0 and -2.0\"]",
        ];
        let (a, b) =
            (a.t().as_standard_layout().into_owned(), b.t().as_standard_layout().into_owned());
        assert_eq!(compare(&a, &b, Order::C, &EXACT), transposed);
    }

    #[test]
    fn numbers_of_other_types_are_compared() {
        let (integers, floats) = (arr1(&[1, 2, 3]), arr1(&[1.0, 2.25, 3.0]));
        let there = ["x 1 of 3: [\"[1]: 2.0 and 2.25\"]"];
        assert_eq!(compare(&integers, &floats, Order::C, &EXACT), there);
        let loose = Tolerance { atol: 0.25, ..EXACT };
        assert!(compare(&integers, &floats, Order::C, &loose).is_empty());
        // No float tells these apart.
        let (signed, unsigned) = (arr1(&[i64::MAX, -1]), arr1(&[i64::MAX as u64 - 1, u64::MAX]));
        assert_eq!(compare(&signed, &unsigned, Order::C, &EXACT).len(), 1);
        assert!(compare(&signed, &unsigned, Order::C, &EXACT)[0].starts_with("x 2 of 2"));
        let complex = arr1(&[1, 2, 3]).mapv(|re| Complex::new(f64::from(re), 0.0));
        assert!(compare(&integers, &complex, Order::C, &EXACT).is_empty());
        assert_eq!(compare(&integers, &["1", "2", "3"], Order::C, &EXACT), ["x cannot be"]);
    }

    #[test]
    fn records_are_compared_by_field() {
        let raw = |dtype: &str, bytes: &[u8]| {
            Raw::new(dtype.parse().unwrap(), &[2], Order::C, bytes.to_vec()).unwrap()
        };
        let a = raw(
            "[('id', '|u1'), ('in', [('pos', '|i1', (2,)), ('tag', '|S1')])]",
            b"\x01\x02\x03a\x04\x05\x06b",
        );
        let b = raw(
            "[('in', [('tag', '|S1'), ('pos', '<i2', (2,))]), ('id', '|S1')]",
            b"a\x02\x00\x03\x001b\x05\x00\x07\x002",
        );
        let expected = ["x['in']['pos'] 1 of 4: [\"[1, 1]: 6 and 7\"]", "x['id'] cannot be"];
        assert_eq!(compare(&a, &b, Order::C, &EXACT), expected);
        assert!(compare(&a, &a, Order::C, &EXACT).is_empty());
    }

    #[test]
    fn arrays_without_elements_or_axes() {
        assert!(
            compare(&Array2::<f64>::zeros((0, 3)), &Array2::<f64>::zeros((0, 3)), Order::C, &EXACT)
                .is_empty()
        );
        let nothing = Raw::new("|V0".parse().unwrap(), &[1 << 30], Order::C, Vec::new()).unwrap();
        assert!(compare(&nothing, &nothing, Order::C, &EXACT).is_empty());
        assert_eq!(compare(&1.0, &2.0, Order::C, &EXACT), ["x 1 of 1: [\"[]: 1.0 and 2.0\"]"]);
        assert_eq!(compare(&array![[f64::NAN]], &array![[f64::NAN]], Order::F, &EXACT).len(), 1);
    }
}
