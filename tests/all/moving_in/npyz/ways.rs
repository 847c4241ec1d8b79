//! What npyz does in one way, and this crate in another.

use super::*;

/// npyz: `into_vec::<i64>()` of dates, and `i64`s written as dates.
#[test]
fn counts_come_from_dates_and_go_into_them() {
    let day = npz::time::TimeUnit { multiple: 1, base: npz::time::TimeBase::Day };
    let dates = AnyArray::Datetime(array![0, 365].into_dyn(), Some(day));
    let mut bytes = Vec::new();
    dates.write_npy(&mut bytes).unwrap();
    assert_eq!(NpyFile::new(&bytes).unwrap().dtype().to_string(), native("<M8[D]"));
    // Of any unit.
    let AnyArray::Datetime(counts, Some(unit)) = AnyArray::read_npy(&bytes[..]).unwrap() else {
        panic!()
    };
    assert_eq!((counts.into_raw_vec_and_offset().0, unit), (vec![0, 365], day));
    // Of the unit that the program knows.
    let dates = Vec::<Datetime64<unit::Day>>::read_npy(&bytes[..]).unwrap();
    assert_eq!(dates.iter().map(|date| date.value()).collect::<Vec<_>>(), [0, 365]);
}

/// npyz: `into_vec::<Vec<char>>()` and `into_vec::<Vec<u32>>()`.
#[test]
fn characters_and_code_points_come_from_text() {
    let texts = ["αβ", "\u{1D11E}"];
    let mut bytes = Vec::new();
    texts.write_npy(&mut bytes).unwrap();
    let chars = texts.map(|text| text.chars().collect::<Vec<char>>());
    let strings = Vec::<String>::read_npy(&bytes[..]).unwrap();
    assert!(strings.iter().map(|text| text.chars().collect::<Vec<_>>()).eq(chars.clone()));
    let fixed = Vec::<FixedStr<2>>::read_npy(&bytes[..]).unwrap();
    assert!(fixed.iter().map(|text| text.chars().collect::<Vec<_>>()).eq(chars));

    // Also what is no text: lone surrogates.
    let raw = Raw::read_npy(&bytes[..]).unwrap().with_endian(Endian::NATIVE);
    let code_points = raw.bytes().as_chunks().0.iter().map(|&bytes| u32::from_ne_bytes(bytes));
    assert_eq!(code_points.collect::<Vec<u32>>(), [0x3B1, 0x3B2, 0x1D11E, 0]);
}

/// npyz: a struct with a `Vec<u8>`, whose length the dtype says.
#[test]
fn records_hold_byte_strings() {
    #[repr(C)]
    #[derive(Debug, Clone, Copy, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
    struct Atom {
        mass: f64,
        symbol: FixedBytes<8>,
    }
    npz::record!(Atom { mass, symbol });
    let carbon = Atom { mass: 12.011, symbol: "C".try_into().unwrap() };
    let mut bytes = Vec::new();
    [carbon].write_npy(&mut bytes).unwrap();
    let atoms = Vec::<Atom>::read_npy(&bytes[..]).unwrap();
    assert_eq!(atoms, [carbon]);
    assert_eq!(&*atoms[0].symbol, b"C");
    // Shorter ones are read, too; and of a length that only the file knows, they are a column.
    let short =
        file("[('symbol', '|S2'), ('mass', '<f8')]", Order::C, "(1,)", b"C\0\0\0\0\0\0\0\0\0");
    assert_eq!(&*Vec::<Atom>::read_npy(&short[..]).unwrap()[0].symbol, b"C");
    let symbols: ArrayD<Bytes> = Raw::read_npy(&short[..]).unwrap().field("symbol").unwrap();
    assert_eq!(&*symbols[0], b"C");
}

/// npyz: `WriteOptions::dtype(dtype)`.
#[test]
fn the_dtype_is_chosen_at_run_time_when_writing() {
    for descr in ["<f8", ">f8", "<f4"] {
        let dtype = parse(descr);
        let bytes = written(|bytes| {
            let mut rows = WriteOptions(bytes).begin_1d_of(dtype.clone()).unwrap();
            let value: AnyArray = match dtype.itemsize() {
                4 => array![0.5_f32].into(),
                _ => array![0.5_f64].into(),
            };
            rows.extend(&value).unwrap();
            rows.finish().unwrap();
        });
        assert_eq!(*NpyFile::new(&bytes).unwrap().dtype(), dtype);
        let npy = NpyReader::from_bytes(&bytes).unwrap();
        assert_eq!(npy.get_cast::<Vec<f64>>().unwrap(), [0.5]);
    }
    // Values of another dtype are errors: nothing is cast when it is written.
    has_kind!(write_one("<f4", &0.5_f64), ErrorKind::WrongDtype { .. });
    let DType::Scalar(scalar) = parse("<f4") else { panic!() };
    assert_eq!((scalar.kind(), scalar.itemsize()), (Kind::Float, 4));
}

/// npyz: `push`, and the iterator `data`.
#[test]
fn a_value_at_a_time_is_written_and_read() {
    let bytes = written(|bytes| {
        let mut rows = WriteOptions(bytes).begin_1d::<f64>().unwrap();
        (0..2500).for_each(|value| rows.push(&f64::from(value)).map(drop).unwrap());
        rows.finish().unwrap();
    });
    let npy = NpyReader::from_bytes(bytes).unwrap();
    let blocks = npy.chunks::<Vec<f64>>(1000).unwrap();
    let values: Vec<f64> = blocks.flat_map(Result::unwrap).collect();
    assert!(values.into_iter().eq((0..2500).map(f64::from)));
    // In more dimensions what is pushed is a row, whose values are collected first.
    let mut rows = WriteOptions(Cursor::new(Vec::new())).begin_2d::<f64>(2).unwrap();
    has_kind!(rows.push(&0.5), ErrorKind::WrongShape { .. });
    rows.push(&[0.5, 1.5]).unwrap();
    rows.finish().unwrap();
}
