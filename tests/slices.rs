//! `get_slice` and `read_into`: what `get` and ndarray's `slice` give, by other ways.

mod common;

use std::fmt::Debug;
use std::fs::File;
use std::io::{self, Cursor};
use std::sync::Mutex;

use common::{Sample, values};
use ndarray::{Array1, Array2, Array3, ArrayD, ArrayViewD, Axis, SliceInfoElem, s};
use npz::{
    AnyArray, Bytes, Compression, Datetime64, Element, ErrorKind, FixedStr, NpzReader, NpzWriter,
    Order, Raw, ReadAt, ReadNpz, unit,
};
use proptest::prelude::*;

/// How much is asked for of an axis, in parts of its length, and whether with an axis more.
type Part = (u8, u8, isize, bool);

fn parts() -> impl Strategy<Value = Vec<Part>> {
    let steps =
        prop_oneof![4 => Just(1), 2 => 2..4_isize, 2 => -3..0_isize, 1 => Just(0), 1 => Just(50)];
    prop::collection::vec((any::<u8>(), any::<u8>(), steps, prop::bool::weighted(0.1)), 4)
}

/// A slice of an array of this shape. Step 0 stands for an index.
fn slice_of(shape: &[usize], parts: &[Part]) -> Vec<SliceInfoElem> {
    let mut slice = Vec::new();
    for (&len, &(a, b, step, is_new)) in shape.iter().zip(parts) {
        if is_new {
            slice.push(SliceInfoElem::NewAxis);
        }
        let at = |part: u8| (len * usize::from(part) / 255) as isize;
        let from_end = |index: isize| index - len as isize;
        slice.push(match (step, a % 4) {
            (0, _) if len > 0 => SliceInfoElem::Index(at(a).min(len as isize - 1)),
            (_, 0) => SliceInfoElem::Slice { start: 0, end: None, step: step.max(1) },
            (_, 1) if len > 0 => {
                let start = from_end(at(a).min(len as isize - 1));
                SliceInfoElem::Slice { start, end: Some(at(b)), step: step.min(-1) }
            }
            _ => SliceInfoElem::Slice {
                start: at(a.min(b)),
                end: Some(at(a.max(b))),
                step: step.max(1),
            },
        });
    }
    slice
}

fn compressions() -> &'static [Compression] {
    match cfg!(feature = "deflate") {
        true => &[Compression::Stored, Compression::Deflate(6)],
        false => &[Compression::Stored],
    }
}

/// One array by every way to it: in a file, in memory, through a cursor, and in an archive
/// that was streamed, which has no index.
struct Everywhere {
    file: NpzReader<File>,
    bytes: NpzReader<Vec<u8>>,
    cursor: NpzReader<Cursor<Vec<u8>>>,
    streamed: NpzReader<Vec<u8>>,
}

impl Everywhere {
    fn new<T: Element>(x: &ArrayViewD<'_, T>, order: Order, compression: Compression) -> Self {
        let mut file = tempfile::tempfile().unwrap();
        let mut npz = NpzWriter::new(&mut file).order(order).compression(compression);
        npz.array("before", &1).unwrap().array("x", x).unwrap();
        npz.finish().unwrap();
        let mut npz = NpzWriter::new(Cursor::new(Vec::new())).order(order).compression(compression);
        npz.array("x", x).unwrap();
        let bytes = npz.finish().unwrap().into_inner();
        let mut npz = NpzWriter::stream(Vec::new()).order(order).compression(compression);
        npz.array("x", x).unwrap();
        Self {
            file: NpzReader::from_read_at(file).unwrap(),
            cursor: NpzReader::new(Cursor::new(bytes.clone())).unwrap(),
            bytes: NpzReader::from_bytes(bytes).unwrap(),
            streamed: NpzReader::from_bytes(npz.finish().unwrap()).unwrap(),
        }
    }

    fn slices<T: ReadNpz>(&self, slice: &[SliceInfoElem]) -> [npz::Result<T>; 4] {
        [
            self.file.get_slice("x", slice),
            self.bytes.get_slice("x", slice),
            self.cursor.get_slice("x", slice),
            self.streamed.get_slice("x", slice),
        ]
    }

    fn check<T: Element + PartialEq + Debug>(
        &self,
        x: &ArrayViewD<'_, T>,
        slice: &[SliceInfoElem],
    ) -> Result<(), TestCaseError> {
        let expected = x.slice(slice);
        for (way, part) in self.slices::<ArrayD<T>>(slice).into_iter().enumerate() {
            let part = part.unwrap();
            prop_assert!(part == expected, "way {way}, {slice:?} of {:?}", x.shape());
            prop_assert!(part.is_standard_layout() || part.t().is_standard_layout());
        }
        Ok(())
    }
}

fn small<T: Sample>(shape: &[usize], parts: &[Part]) -> Result<(), TestCaseError> {
    every_way(&values::<T>(shape), parts)
}

fn every_way<T: Element + PartialEq + Debug>(
    x: &ArrayD<T>,
    parts: &[Part],
) -> Result<(), TestCaseError> {
    for &compression in compressions() {
        for order in [Order::C, Order::Fortran] {
            Everywhere::new(&x.view(), order, compression)
                .check(&x.view(), &slice_of(x.shape(), parts))?;
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_slice_is_what_ndarray_takes_of_the_whole(
        dtype in prop::sample::select(vec!["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8"]),
        shape in prop::collection::vec(0..9_usize, 0..=4),
        parts in parts(),
    ) {
        with_element!(dtype, small(&shape, &parts))?;
    }

    #[test]
    fn elements_of_odd_sizes_are_sliced_too(
        shape in prop::collection::vec(0..9_usize, 0..=4),
        parts in parts(),
    ) {
        let numbers = values::<u64>(&shape);
        every_way(&numbers.mapv(|n| format!("{}", n % 1000)), &parts)?;
        every_way(&numbers.mapv(|n| Bytes::try_from(&b"abcdefg"[..(n % 7 + 1) as usize]).unwrap()), &parts)?;
        every_way(&numbers.mapv(|n| FixedStr::<3>::try_from(&*format!("{}", n % 1000)).unwrap()), &parts)?;
        every_way(&numbers.mapv(|n| Datetime64::<unit::Day>::new(n as i64)), &parts)?;
    }
}

/// Of several blocks and parts each, in both orders.
fn large(compression: Compression) -> Vec<(Everywhere, ArrayD<f64>)> {
    let shapes: [&[usize]; 4] = [&[400_000], &[4, 100_000], &[1000, 400], &[7, 300, 190]];
    let array = |shape: &&[usize]| values::<f64>(shape);
    let orders = shapes.iter().map(array).zip([Order::C, Order::Fortran].into_iter().cycle());
    let both = orders.flat_map(|(x, order)| {
        let other = if order == Order::C { Order::Fortran } else { Order::C };
        [order, other].map(|order| (Everywhere::new(&x.view(), order, compression), x.clone()))
    });
    both.collect()
}

#[test]
fn slices_of_large_arrays() {
    for &compression in compressions() {
        let arrays = large(compression);
        let cases = ProptestConfig { cases: 150, failure_persistence: None, ..Default::default() };
        let mut runner = prop::test_runner::TestRunner::new(cases);
        let which = any::<prop::sample::Index>();
        runner
            .run(&(which, parts()), |(which, parts)| {
                let (everywhere, x) = which.get(&arrays);
                everywhere.check(&x.view(), &slice_of(x.shape(), &parts))
            })
            .unwrap();
    }
}
