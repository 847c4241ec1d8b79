//! The input is an `.npy` file, and the text of a dtype. What is read of it is written as it
//! was, and read again.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use npz::ndarray::ArrayD;
use npz::{AnyArray, DType, Raw, ReadNpz};
use npz_fuzz::{mutate, npy};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::npy(data, size, max_size, seed)
});

fuzz_target!(|input: &[u8]| {
    if let Ok(Ok(dtype)) = std::str::from_utf8(input).map(str::parse::<DType>) {
        is_its_text(&dtype);
    }
    let raw = Raw::read_npy(input);
    if let Ok(raw) = &raw {
        is_its_text(raw.dtype());
        let again = Raw::read_npy(&npy(raw)[..]).unwrap();
        assert_eq!((again.dtype(), again.shape()), (raw.dtype(), raw.shape()));
        assert_eq!(again.bytes(), raw.bytes());
        let _ = raw.to_string();
    }
    if let Ok(any) = AnyArray::read_npy(input) {
        let raw = raw.expect("whatever is any array is bytes");
        assert_eq!(any.shape(), raw.shape());
        let written = npy(&any);
        let again = AnyArray::read_npy(&written[..]).unwrap();
        assert_eq!(npy(&again), written);
        assert_eq!(again.to_string(), any.to_string());
        assert_eq!(again.dtype(), any.dtype());
        let _ = (any.cast::<f32>(), any.cast::<i16>(), any.cast::<bool>());
    }
    let _ = ArrayD::<f64>::read_npy(input);
    let _ = ArrayD::<bool>::read_npy(input);
    let _ = ArrayD::<String>::read_npy(input);
});

fn is_its_text(dtype: &DType) {
    assert_eq!(dtype.to_string().parse::<DType>().unwrap(), *dtype);
}
