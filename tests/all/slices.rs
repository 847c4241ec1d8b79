//! `get_slice` and `read_into`: what `get` and ndarray's `slice` give, by other ways.

use std::fmt::Debug;
use std::fs::File;
use std::io::{self, Cursor};
use std::sync::Mutex;

use crate::common::{self, Sample, compressions, native, values};
use ndarray::{
    Array1, Array2, ArrayD, ArrayViewD, Axis, IxDyn, Order, ShapeBuilder, SliceInfoElem, s,
};
use npz::{
    AnyArray, Bytes, Compression, Endian, ErrorKind, FixedStr, LoadElement, NpzReader, NpzWriter,
    Raw, ReadAt, ReadNpz,
    time::{Datetime64, unit},
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

/// One array by every way to it: in a file, in memory, through a cursor, and in an archive
/// that was streamed, which has no index.
struct Everywhere {
    file: NpzReader<File>,
    bytes: NpzReader<Vec<u8>>,
    cursor: NpzReader<Cursor<Vec<u8>>>,
    streamed: NpzReader<Vec<u8>>,
}

impl Everywhere {
    fn new<T: LoadElement>(x: &ArrayViewD<'_, T>, order: Order, compression: Compression) -> Self {
        let mut file = common::file().into_file();
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

    fn check<T: LoadElement + PartialEq + Debug>(
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

fn every_way<T: LoadElement + PartialEq + Debug>(
    x: &ArrayD<T>,
    parts: &[Part],
) -> Result<(), TestCaseError> {
    for compression in compressions(6) {
        for order in [Order::C, Order::F] {
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
        every_way(&numbers.mapv(|n| Bytes::from(&b"abcdefg"[..(n % 7 + 1) as usize])), &parts)?;
        every_way(&numbers.mapv(|n| FixedStr::<3>::try_from(&*format!("{}", n % 1000)).unwrap()), &parts)?;
        every_way(&numbers.mapv(|n| Datetime64::<unit::Day>::new(n as i64)), &parts)?;
    }
}

/// Of several blocks and parts each, in both orders.
fn large(compression: Compression) -> Vec<(Everywhere, ArrayD<f64>)> {
    let shapes: [&[usize]; 4] = [&[400_000], &[4, 100_000], &[1000, 400], &[7, 300, 190]];
    let array = |shape: &&[usize]| values::<f64>(shape);
    let orders = shapes.iter().map(array).zip([Order::C, Order::F].into_iter().cycle());
    let both = orders.flat_map(|(x, order)| {
        let other = if order == Order::C { Order::F } else { Order::C };
        [order, other].map(|order| (Everywhere::new(&x.view(), order, compression), x.clone()))
    });
    both.collect()
}

#[test]
fn slices_of_large_arrays() {
    for compression in compressions(6) {
        let arrays = large(compression);
        let cases = ProptestConfig { cases: 60, failure_persistence: None, ..Default::default() };
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

/// Notes what is read: from where to where.
struct Noting(Vec<u8>, Mutex<Vec<(u64, u64)>>);

impl Noting {
    fn take(&self) -> Vec<(u64, u64)> {
        std::mem::take(&mut self.1.lock().unwrap())
    }
}

impl ReadAt for Noting {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let len = self.0.read_at(buf, offset)?;
        self.1.lock().unwrap().push((offset, offset + len as u64));
        Ok(len)
    }

    fn size(&self) -> io::Result<u64> {
        self.0.size()
    }
}

/// Of a stream without an index, the second slice begins near where the first one ended.
#[test]
#[cfg(feature = "deflate")]
fn slices_of_a_stream_do_not_begin_at_its_start_again() {
    let value = |i: u32| if i % 1000 < 100 { f64::from(i).sqrt() } else { f64::from(i / 100) };
    let x = Array1::from_iter((0..1_500_000).map(value));
    let mut npz = NpzWriter::new(Cursor::new(Vec::new())).compression(Compression::Deflate(6));
    npz.array("before", &x.slice(s![..200_000])).unwrap().array("x", &x).unwrap();
    let archive = common::without_index(npz.finish().unwrap().into_inner());
    let whole = archive.len() as u64;
    let open = || NpzReader::from_read_at(Noting(archive.clone(), Mutex::default())).unwrap();
    let slice = |npz: &NpzReader<Noting>, from: usize| {
        npz.get_ref().unwrap().take();
        let part: Array1<f64> = npz.get_slice("x", s![from..from + 10_000;3]).unwrap();
        assert_eq!(part, x.slice(s![from..from + 10_000;3]));
        npz.get_ref().unwrap().take().iter().map(|(start, end)| end - start).sum::<u64>()
    };

    let npz = open();
    assert!(slice(&npz, 1_300_000) > whole / 2);
    for from in [1_310_000, 1_300_000, 700_000, 100_000, 1_200_000] {
        let read = slice(&npz, from);
        assert!(read < whole / 5, "{read} of {whole} bytes");
    }
    let npz = open();
    assert_eq!(npz.get::<Array1<f64>>("x").unwrap(), x);
    assert!(slice(&npz, 1_300_000) < whole / 2);
    // Marks are those of one member.
    let part: Array1<f64> = npz.get_slice("before", s![190_000..]).unwrap();
    assert_eq!(part, x.slice(s![190_000..200_000]));
    assert_eq!(npz.get::<Array1<f64>>("x").unwrap(), x);
}

/// What of an archive of `x` is read for a slice, after the local header and what is read
/// together with it.
fn reads(x: &Array2<f64>, compression: Compression, slice: &[SliceInfoElem]) -> Vec<(u64, u64)> {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new())).compression(compression);
    npz.array("x", x).unwrap();
    let bytes = npz.finish().unwrap().into_inner();
    let noting = Noting(bytes, Mutex::default());
    let npz = NpzReader::from_read_at(&noting).unwrap();
    noting.take();
    let part: ArrayD<f64> = npz.get_slice("x", slice).unwrap();
    assert_eq!(part, x.view().into_dyn().slice(slice));
    let mut reads = noting.take();
    assert!(reads.remove(0).1 <= 4096);
    reads.sort_unstable();
    reads
}

#[test]
fn of_a_stored_array_only_what_is_needed_is_read() {
    // Rows of 80,000 bytes; the body starts at 192.
    let x = Array2::from_shape_fn((200, 10_000), |(i, j)| (i * j) as f64);
    let reads = |slice: &[SliceInfoElem]| reads(&x, Compression::Stored, slice);
    let row = |row: u64| 192 + row * 80_000;
    // Neighbouring rows in one go.
    assert_eq!(reads(s![20..25, ..].as_ref()), [(row(20), row(25))]);
    // What is far apart one by one, and no more of it than is taken.
    let runs: Vec<_> = (1..200).step_by(10).map(|i| (row(i) + 80, row(i) + 160)).collect();
    assert_eq!(reads(s![1..;10, 10..20].as_ref()), runs);
    assert_eq!(reads(s![1..20, 10..20].as_ref()).len(), 19);
    assert_eq!(reads(s![..;-10, 10..20;-1].as_ref()).len(), 20);
    // What is near each other in one go, from the first byte to the last that is taken.
    assert_eq!(reads(s![3, 100..500;50].as_ref()), [(row(3) + 800, row(3) + 8 * 451)]);
    assert_eq!(reads(s![-1, -1].as_ref()), [(row(200) - 8, row(200))]);
    assert_eq!(reads(s![5..5, ..].as_ref()), []);
}

#[test]
#[cfg(feature = "deflate")]
fn of_a_compressed_array_only_the_blocks_that_are_needed_are_read() {
    let x = Array2::from_shape_fn((1000, 1000), |(i, j)| ((i + 1) as f64 * j as f64).sqrt());
    let whole: u64 =
        reads(&x, Compression::Deflate(6), s![1..;1, ..].as_ref()).iter().map(len).sum();
    fn len((start, end): &(u64, u64)) -> u64 {
        end - start
    }
    for (slice, blocks) in [
        (s![500..501, ..], 1), // of 7.63 blocks of 131 rows each
        (s![..;900, ..], 2),
        (s![-1..;1, ..], 1),
        (s![120..140, ..], 2),
        (s![120..140;-1, ..;-3], 2),
    ] {
        let read: u64 = reads(&x, Compression::Deflate(6), slice.as_ref()).iter().map(len).sum();
        let of_whole = read as f64 / whole as f64 * 7.63;
        assert!(of_whole < f64::from(blocks) + 0.1, "{slice:?}: {of_whole} of {blocks} blocks");
    }
}

/// Of a large part several blocks are read together, and those between them not.
#[test]
#[cfg(feature = "deflate")]
fn blocks_between_those_that_are_needed_are_not_read() {
    // Rows of 2 MiB.
    let x = Array2::from_shape_fn((12, 1 << 18), |(i, j)| ((i + 1) as f64 * j as f64).sqrt());
    let read = |slice: &[SliceInfoElem]| {
        let reads = reads(&x, Compression::Deflate(1), slice);
        reads.into_iter().map(|(start, end)| end - start).sum::<u64>()
    };
    let (whole, halves) = (read(s![.., ..-1].as_ref()), read(s![.., ..100_000].as_ref()));
    assert!(halves as f64 / (whole as f64) < 0.6, "{halves} of {whole} bytes");
}

/// The blocks that this crate compresses have checksums of their own.
#[test]
#[cfg(feature = "deflate")]
fn a_changed_block_is_reported_by_the_slices_that_take_of_it() {
    let x = Array2::from_shape_fn((1000, 1000), |(i, j)| ((i + 1) as f64 * j as f64).sqrt());
    let mut npz = NpzWriter::new(Cursor::new(Vec::new())).compression(Compression::Deflate(6));
    npz.array("x", &x).unwrap();
    let bytes = npz.finish().unwrap().into_inner();
    for at in (bytes.len() * 2 / 5..bytes.len() * 3 / 5).step_by(bytes.len() / 50) {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        let npz = NpzReader::from_bytes(&changed).unwrap();
        let outside = [s![..262, ..], s![787.., ..]];
        for slice in outside {
            assert_eq!(npz.get_slice::<Array2<f64>>("x", slice).unwrap(), x.slice(slice));
        }
        let inside = npz.get_slice::<Array2<f64>>("x", s![262..787, 3..4]);
        let error = inside.expect_err("a changed byte").to_string();
        assert!(error.starts_with("array `x`: damaged: "), "{error}");
    }
    // In the index, the length of the first block, and the checksums of the third one and of
    // the header.
    let header = common::index(&bytes).unwrap() + 8;
    let entry = |block: usize| header + 4 + 8 * block;
    for (at, is_right) in [(entry(0), true), (entry(2) + 4, false), (header, false)] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let npz = NpzReader::from_bytes(&changed).unwrap();
        let part = npz.get_slice::<Array2<f64>>("x", s![270..280, ..]);
        // An index that does not add up is not used.
        assert_eq!(part.is_ok_and(|part| part == x.slice(s![270..280, ..])), is_right);
        assert_eq!(npz.get::<Array2<f64>>("x").unwrap(), x);
    }
}

/// A slice of all is one of those that are verified.
#[test]
fn a_changed_byte_is_reported_by_a_slice_of_all() {
    for compression in compressions(6) {
        let mut npz = NpzWriter::new(Cursor::new(Vec::new())).compression(compression);
        npz.array("x", &Array2::from_shape_fn((4, 5), |(i, j)| (i * j) as f64)).unwrap();
        let mut bytes = npz.finish().unwrap().into_inner();
        let at = bytes.len() - 100; // before the directory
        bytes[at] ^= 1;
        let npz = NpzReader::from_bytes(&bytes).unwrap();
        for slice in [s![.., ..], s![..;-1, ..]] {
            npz.get_slice::<Array2<f64>>("x", slice).unwrap_err();
        }
    }
}

#[test]
fn slices_load_as_whatever_the_whole_does() {
    let x = Array2::from_shape_fn((4, 5), |(i, j)| (10 * i + j) as f64);
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    npz.array("x", &x).unwrap().entry("foreign").endian(Endian::Big).array(&x).unwrap();
    let npz = NpzReader::new(npz.finish().unwrap()).unwrap();
    for name in ["x", "foreign"] {
        assert_eq!(npz.get_slice::<f64>(name, s![1, 2]).unwrap(), 12.0);
        assert_eq!(npz.get_slice::<Vec<f64>>(name, s![.., -1]).unwrap(), [4.0, 14.0, 24.0, 34.0]);
        let any: AnyArray = npz.get_slice(name, s![2.., ..;-2]).unwrap();
        assert_eq!(any.as_array::<f64>().unwrap(), x.slice(s![2.., ..;-2]).into_dyn());
        let raw: Raw = npz.get_slice(name, s![..1, 1..2]).unwrap();
        assert_eq!((raw.shape(), raw.bytes().len()), (&[1, 1][..], 8));
        assert_eq!(raw.dtype(), npz.info(name).unwrap().dtype());
        let new: ArrayD<f64> = npz.get_slice(name, s![.., ndarray::NewAxis, 0]).unwrap();
        assert_eq!(new.shape(), [4, 1]);
    }
}

#[test]
fn slices_that_are_none_are_errors() {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    npz.array("x", &Array2::<f64>::zeros((4, 5))).unwrap();
    let npz = NpzReader::new(npz.finish().unwrap()).unwrap();
    let error = |slice: &[SliceInfoElem]| {
        let error = npz.get_slice::<ArrayD<f64>>("x", slice).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidSlice { .. }), "{error}");
        error.to_string()
    };
    let range = |start, end, step| SliceInfoElem::Slice { start, end, step };
    let all = range(0, None, 1);
    assert_eq!(
        error(s![..].as_ref()),
        "array `x`: expected a slice with 2 axes, for shape (4, 5), found one with 1"
    );
    let outside = "is outside axis 0 of length 4";
    for index in [4, -5, isize::MAX, isize::MIN] {
        let found = error(&[SliceInfoElem::Index(index), all]);
        assert_eq!(found, format!("array `x`: index {index} {outside}"));
    }
    let beyond = "reaches beyond axis 1 of length 5";
    let longest = format!("{}..{}", isize::MIN, isize::MAX);
    for (start, end, text) in [
        (6, None, "6.."),
        (-6, None, "-6.."),
        (0, Some(6), "0..6"),
        (0, Some(-6), "0..-6"),
        (6, Some(2), "6..2"),
        (isize::MIN, Some(isize::MAX), &longest),
    ] {
        assert_eq!(error(&[all, range(start, end, 1)]), format!("array `x`: {text} {beyond}"));
    }
    assert!(error(&[all, range(0, None, 0)]).contains("a step of 0"));
    // And these are.
    for (start, end, step, len) in [
        (5, None, 1, 0),
        (5, Some(5), -1, 0),
        (3, Some(1), 1, 0),
        (0, Some(5), isize::MAX, 1),
        (0, Some(5), isize::MIN, 1),
        (-5, Some(-1), 2, 2),
    ] {
        let part: Array2<f64> = npz.get_slice("x", [all, range(start, end, step)]).unwrap();
        assert_eq!(part.dim(), (4, len));
    }
    // The shape of the slice is what counts.
    let error = npz.get_slice::<Array2<f64>>("x", s![0, ..]).unwrap_err().to_string();
    assert_eq!(error, "array `x`: expected 2 dimensions, found shape (5,)");
    let error = npz.get_slice::<Array1<f32>>("x", s![0, ..]).unwrap_err().to_string();
    assert!(error.contains(&native("expected dtype <f4, found <f8")), "{error}");
}

/// Into a view of any strides, inside an array whose other elements stay as they are.
fn into_views<T: Sample>(shape: &[usize], parts: &[Part], is_fortran: bool) {
    let slice: Vec<_> = slice_of(shape, parts);
    let background = || ArrayD::from_elem(IxDyn(shape).set_f(is_fortran), T::sample(5));
    let x = values::<T>(background().slice(&slice[..]).shape());
    let mut expected = background();
    expected.slice_mut(&slice[..]).assign(&x);
    for compression in compressions(6) {
        for order in [Order::C, Order::F] {
            let everywhere = Everywhere::new(&x.view(), order, compression);
            let mut into = [background(), background(), background(), background()];
            let [a, b, c, d] = &mut into;
            everywhere.file.read_into("x", &mut a.slice_mut(&slice[..])).unwrap();
            everywhere.bytes.read_into("x", &mut b.slice_mut(&slice[..])).unwrap();
            everywhere.cursor.read_into("x", &mut c.slice_mut(&slice[..])).unwrap();
            everywhere.streamed.read_into("x", &mut d.slice_mut(&slice[..])).unwrap();
            assert!(into.iter().all(|into| *into == expected));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arrays_are_read_into_any_view(
        dtype in prop::sample::select(vec!["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8"]),
        shape in prop::collection::vec(0..9_usize, 0..=4),
        parts in parts(),
        is_fortran: bool,
    ) {
        with_element!(dtype, into_views(&shape, &parts, is_fortran));
    }
}

#[test]
fn large_arrays_and_text_are_read_into_views() {
    let x = Array2::from_shape_fn((700, 900), |(i, j)| (i * j) as f64);
    let text = x.mapv(|x| format!("{x}"));
    for compression in compressions(6) {
        let mut npz = NpzWriter::new(Cursor::new(Vec::new())).compression(compression);
        npz.array("x", &x).unwrap().array("xt", &x.t()).unwrap();
        npz.entry("foreign").endian(Endian::Big).array(&x).unwrap();
        npz.array("flags", &x.mapv(|x| x > 1000.0)).unwrap().array("text", &text).unwrap();
        let npz = NpzReader::from_bytes(npz.finish().unwrap().into_inner()).unwrap();
        for name in ["x", "foreign"] {
            let mut out = Array2::<f64>::zeros((700, 900));
            npz.read_into(name, &mut out).unwrap();
            assert_eq!(out, x);
            let mut turned = Array2::<f64>::zeros((900, 700));
            npz.read_into(name, &mut turned.view_mut().reversed_axes()).unwrap();
            assert_eq!(turned, x.t());
        }
        let mut out = Array2::<f64>::zeros((700, 900));
        npz.read_into("xt", &mut out.view_mut().reversed_axes()).unwrap();
        assert_eq!(out, x);
        let mut flags = Array2::from_elem((700, 900), false);
        npz.read_into("flags", &mut flags).unwrap();
        assert_eq!(flags, x.mapv(|x| x > 1000.0));
        let mut out = Array2::from_elem((700, 900), String::new());
        npz.read_into("text", &mut out).unwrap();
        assert_eq!(out, text);
    }
}

#[test]
fn what_does_not_fit_is_not_read() {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    npz.array("x", &Array2::<f64>::ones((4, 5))).unwrap();
    let mut flags = vec![1_u8; 300_000];
    flags[270_000] = 3;
    npz.array("bytes", &flags).unwrap();
    let bytes = npz.finish().unwrap().into_inner();
    let npz = NpzReader::from_bytes(&bytes).unwrap();
    let mut out = Array2::<f64>::zeros((5, 4));
    let error = npz.read_into("x", &mut out).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WrongShape { .. }));
    assert_eq!(error.to_string(), "array `x`: expected shape (5, 4), found (4, 5)");
    assert_eq!(out.sum(), 0.0);
    let error = npz.read_into("x", &mut Array1::<f64>::zeros(20)).unwrap_err().to_string();
    assert_eq!(error, "array `x`: expected shape (20,), found (4, 5)");
    let error = npz.read_into("x", &mut Array2::<f32>::zeros((4, 5))).unwrap_err().to_string();
    assert_eq!(error, native("array `x`: expected dtype <f4, found <f8 (get_cast converts)"));

    // Of the element that is wrong, the place in the whole array.
    let mut bytes = bytes.clone();
    let descr = bytes.windows(3).position(|three| three == b"|u1").unwrap();
    bytes[descr + 1] = b'b';
    let npz = NpzReader::from_bytes(&bytes).unwrap();
    let error = npz.read_into("bytes", &mut Array1::from_elem(300_000, false)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidValue { index: 270_000, .. }), "{error}");
}

#[test]
fn a_view_of_repeated_axes_is_filled() {
    let x = Array2::from_shape_fn((3, 4), |(i, j)| (i * j) as f64);
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    npz.array("x", &x).unwrap();
    let npz = NpzReader::new(npz.finish().unwrap()).unwrap();
    let mut all = ArrayD::<f64>::zeros(vec![3, 2, 4]);
    for mut half in all.axis_iter_mut(Axis(1)) {
        npz.read_into("x", &mut half).unwrap();
    }
    assert!(all.axis_iter(Axis(1)).all(|half| half == x.view().into_dyn()));
}
