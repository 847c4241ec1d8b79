//! Whatever the element type, shape, strides, order, byte order and compression, what is
//! saved is what is loaded, by every path.

use std::fs::File;
use std::io::{self, Cursor, Read};

use crate::common::{self, Sample, data, members, record_descrs, values};
use ndarray::{ArrayD, ArrayViewD, Axis, Order, Slice};
use npz::{AnyArray, Compression, Endian, NpzReader, NpzWriter, ReadNpz, WriteNpz};
use proptest::prelude::*;

/// A view of an array: axes permuted, then sliced with steps of either sign.
#[derive(Debug, Clone)]
struct Layout {
    shape: Vec<usize>,
    permutation: Vec<usize>,
    /// Start, end and step for each axis of the permuted array.
    slices: Vec<(usize, usize, isize)>,
    broadcast: Option<usize>,
}

fn layouts() -> impl Strategy<Value = Layout> {
    let slice = (0..=3_usize, 0..=7_usize, prop_oneof![1..=3_isize, -3..=-1_isize]);
    (0..=4_usize)
        .prop_flat_map(move |ndim| {
            (
                prop::collection::vec(0..=7_usize, ndim),
                Just((0..ndim).collect::<Vec<_>>()).prop_shuffle(),
                prop::collection::vec(slice.clone(), ndim),
                prop::option::weighted(0.2, 0..4_usize),
            )
        })
        .prop_map(|(shape, permutation, slices, broadcast)| Layout {
            shape,
            permutation,
            slices,
            broadcast,
        })
}

fn options() -> impl Strategy<Value = (Option<Order>, Endian, Compression)> {
    let compressions = if cfg!(feature = "deflate") {
        prop_oneof![Just(Compression::Stored), (1..=9_u8).prop_map(Compression::Deflate)].boxed()
    } else {
        Just(Compression::Stored).boxed()
    };
    let orders = prop_oneof![Just(None), Just(Some(Order::C)), Just(Some(Order::F))];
    (orders, prop_oneof![Just(Endian::Little), Just(Endian::Big)], compressions)
}

impl Layout {
    fn apply<T: Sample, R>(&self, then: impl FnOnce(ArrayViewD<T>) -> R) -> R {
        let array = values::<T>(&self.shape);
        let mut view = array.view().permuted_axes(self.permutation.clone());
        for (axis, &(start, end, step)) in self.slices.iter().enumerate() {
            let len = view.len_of(Axis(axis));
            let start = start.min(len);
            let end = end.clamp(start, len);
            view.slice_axis_inplace(
                Axis(axis),
                Slice::new(start as isize, Some(end as isize), step),
            );
        }
        match self.broadcast {
            Some(len) => {
                let mut shape = vec![len];
                shape.extend(view.shape());
                then(view.broadcast(shape).unwrap())
            }
            None => then(view),
        }
    }
}

/// A reader that gives a few bytes at a time, and is interrupted.
struct Stutter<'a>(&'a [u8], bool);

impl Read for Stutter<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = out.len().min(7);
        self.1 = !self.1;
        match self.1 {
            true => Err(io::ErrorKind::Interrupted.into()),
            false => self.0.read(&mut out[..len]),
        }
    }
}

fn round_trip<T: Sample>(
    layout: &Layout,
    (order, endian, compression): (Option<Order>, Endian, Compression),
) -> Result<(), TestCaseError> {
    layout.apply(|array: ArrayViewD<T>| {
        let mut file = common::file().into_file();
        let mut npz =
            NpzWriter::new(&mut file).order(order).endian(endian).compression(compression);
        npz.array("before", &1).unwrap().array("x", &array).unwrap().array("after", &2).unwrap();
        npz.finish().unwrap();
        let mut memory = NpzWriter::new(Cursor::new(Vec::new()));
        memory
            .entry("x")
            .order(order)
            .endian(endian)
            .compression(compression)
            .array(&array)
            .unwrap();
        let memory = memory.finish().unwrap();
        let mut stream =
            NpzWriter::stream(Vec::new()).order(order).endian(endian).compression(compression);
        stream.array("x", &array).unwrap();
        let stream = stream.finish().unwrap();
        let mut npy = Vec::new();
        array.write_npy(&mut npy).unwrap();

        fn load<T: Sample, R>(npz: npz::Result<NpzReader<R>>) -> ArrayD<T> {
            let npz = npz.unwrap();
            npz.verify().unwrap();
            npz.get("x").unwrap()
        }
        let loaded: [ArrayD<T>; 7] = [
            load(NpzReader::from_read_at(&file)),
            load(NpzReader::<File>::new(file)),
            load(NpzReader::new(memory.clone())),
            load(NpzReader::from_bytes(memory.get_ref())),
            load(NpzReader::from_bytes(&stream)),
            ArrayD::read_npy(&npy[..]).unwrap(),
            ArrayD::read_npy(Stutter(&npy, false)).unwrap(),
        ];
        for (path, loaded) in loaded.iter().enumerate() {
            prop_assert_eq!(loaded, &array, "by path {}", path);
        }

        let npz = NpzReader::from_bytes(memory.get_ref()).unwrap();
        let info = npz.info("x").unwrap();
        prop_assert_eq!(info.shape(), array.shape());
        prop_assert_eq!(info.dtype(), &T::dtype(endian));
        prop_assert_eq!(info.nbytes(), (array.len() * size_of::<T>()) as u64);
        Ok(())
    })
}

macro_rules! round_trips {
    ($($name:ident: $element:ty),* $(,)?) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(64))]
            $(
                #[test]
                fn $name(layout in layouts(), options in options()) {
                    round_trip::<$element>(&layout, options)?;
                }
            )*
        }
    };
}

round_trips! {
    bool_round_trips: bool,
    i8_round_trips: i8,
    i16_round_trips: i16,
    i32_round_trips: i32,
    i64_round_trips: i64,
    u8_round_trips: u8,
    u16_round_trips: u16,
    u32_round_trips: u32,
    u64_round_trips: u64,
    f32_round_trips: f32,
    f64_round_trips: f64,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Any text at all is a dtype or an error; what is a dtype is written as it is read.
    #[test]
    fn dtypes_are_parsed_or_refused(text in r#"[\[\]\(\)', <>|=?a-zA-Z0-9é\\"]{0,40}"#) {
        if let Ok(dtype) = text.parse::<npz::DType>() {
            prop_assert_eq!(dtype.to_string().parse::<npz::DType>().unwrap(), dtype);
        }
    }

    #[test]
    fn random_records_survive_their_descr(dtype in record_descrs()) {
        prop_assert_eq!(dtype.parse::<npz::DType>().unwrap().to_string(), dtype);
    }

    /// What NumPy wrote with a few bytes of its header changed: still an array, or an error.
    #[test]
    fn changed_headers_are_read_or_refused(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((0..128_usize, any::<u8>()), 1..4),
        digits in prop::collection::vec(0..128_usize, 0..3),
    ) {
        thread_local!(static MEMBERS: Vec<(String, Vec<u8>)> = members(&std::fs::read(data("every.npz")).unwrap()));
        MEMBERS.with(|members| {
            let mut bytes = which.get(members).1.clone();
            changes.iter().for_each(|&(at, byte)| bytes[at] = byte);
            digits.iter().for_each(|&at| bytes[at] = b'9'); // lengths that are far too large
            if let Ok(any) = AnyArray::read_npy(&bytes[..]) {
                let mut written = Vec::new();
                any.to_string();
                let _ = any.cast::<f32>();
                any.write_npy(&mut written).unwrap();
            }
        });
    }

    /// Any bytes at all, as a file, a stream, or what follows a sound beginning.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = NpzReader::from_bytes(&bytes).map(|npz| npz.verify());
        let _ = ArrayD::<f64>::read_npy(&bytes[..]);
        let npy = [&b"\x93NUMPY\x01\x00"[..], &bytes].concat();
        let _ = ArrayD::<f64>::read_npy(&npy[..]);
    }
}
