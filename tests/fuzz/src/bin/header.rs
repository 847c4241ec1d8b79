//! The input is an `.npy` file, and the text of a dtype. What is read of it is written as it
//! was, and read again.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use npz::ndarray::ArrayD;
use npz::{AnyArray, DType, Raw, ReadNpz};
use npz_fuzz::{Chance, mutate, npy};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::npy(data, size, max_size, seed)
});

fuzz_target!(|input: &[u8]| {
    if let Ok(Ok(dtype)) = std::str::from_utf8(input).map(str::parse::<DType>) {
        is_its_text(&dtype);
    }
    let mut chance = Chance::of(input);
    match chance.below(8) {
        0..3 => raw(input, chance.one_in(4)),
        3..5 => any(input, chance.one_in(4)),
        5 => drop(ArrayD::<f64>::read_npy(input)),
        6 => drop(ArrayD::<bool>::read_npy(input)),
        _ => drop(ArrayD::<String>::read_npy(input)),
    }
});

fn raw(input: &[u8], is_printed: bool) {
    let Ok(raw) = Raw::read_npy(input) else { return };
    is_its_text(raw.dtype());
    let again = Raw::read_npy(&npy(&raw)[..]).unwrap();
    assert_eq!((again.dtype(), again.shape()), (raw.dtype(), raw.shape()));
    assert_eq!(again.bytes(), raw.bytes());
    if is_printed {
        assert_eq!(again.to_string(), raw.to_string());
    }
}

fn any(input: &[u8], is_printed: bool) {
    let Ok(any) = AnyArray::read_npy(input) else { return };
    let raw = match Raw::read_npy(input) {
        Ok(raw) => raw,
        // Objects have a target of their own.
        Err(error) => return assert!(error.to_string().contains("objects"), "{error}"),
    };
    assert_eq!(any.shape(), raw.shape());
    let written = npy(&any);
    let again = AnyArray::read_npy(&written[..]).unwrap();
    assert_eq!(npy(&again), written);
    assert_eq!(again.dtype(), any.dtype());
    if is_printed {
        assert_eq!(again.to_string(), any.to_string());
    }
    let _ = (any.cast::<f32>(), any.cast::<i16>(), any.cast::<bool>());
}

fn is_its_text(dtype: &DType) {
    assert_eq!(dtype.to_string().parse::<DType>().unwrap(), *dtype);
}
