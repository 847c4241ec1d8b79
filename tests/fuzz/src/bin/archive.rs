//! The input is an archive. Whatever is read of an array, in whichever way, is what is read
//! of it as a whole.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use npz::ndarray::{ArrayD, IxDyn, Order, ShapeBuilder, SliceInfoElem};
use npz::{AnyArray, ErrorKind, LoadElement, NpzReader, Raw, ReadNpz, ViewElement};
use npz_fuzz::{Chance, LIMITS, bits, mutate, npy, slice_of};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::archive(data, size, max_size, seed)
});

type Npz<'a> = NpzReader<&'a [u8]>;

// One question about one array: what is asked follows from the input. To ask all of them takes
// thirty times as long, and finds no more in as many inputs.
fuzz_target!(|file: &[u8]| {
    let Ok(npz) = LIMITS.open_bytes(file) else { return };
    let mut chance = Chance::of(file);
    let question = chance.below(10);
    // Objects have a target of their own.
    let is_of_bytes = |name: &&str| !npz.info(name).is_ok_and(|array| array.dtype().has_object());
    let Some(name) = chance.one_of(npz.names().filter(is_of_bytes)) else { return verify(&npz) };
    match question {
        0 | 1 => slice(&npz, name, has_index(file), &mut chance),
        2 => info(&npz, name),
        3 => any(&npz, name),
        4 => viewed::<f64>(&npz, name),
        5 => viewed::<i32>(&npz, name),
        6 => viewed::<u8>(&npz, name),
        7 => viewed::<bool>(&npz, name),
        8 => typed::<String>(&npz, name),
        _ => verify(&npz),
    }
});

/// Whatever can be read can be told of.
fn info(npz: &Npz<'_>, name: &str) {
    let Ok(whole) = npz.get::<Raw>(name) else { return };
    let info = npz.info(name).unwrap();
    assert_eq!((info.dtype(), info.shape()), (whole.dtype(), whole.shape()));
    assert_eq!((info.order(), info.nbytes()), (whole.order(), whole.bytes().len() as u64));
}

/// What is verified can be read, and what can be read is verified.
fn verify(npz: &Npz<'_>) {
    let verified = npz.verify();
    let is_array = |name| npz.get::<Raw>(name).is_ok();
    if npz.other_members().next().is_none() && npz.names().all(is_array) {
        verified.as_ref().expect("all can be read");
    }
    for name in npz.names().chain(npz.other_members()) {
        match npz.bytes(name) {
            Err(error) if verified.is_ok() => {
                let is_large = matches!(error.kind(), ErrorKind::LimitExceeded { .. });
                assert!(is_large, "verified: {error}");
            }
            _ => {}
        }
    }
    let _ = npz.get_all();
}

/// A slice is what it is of the whole array.
fn slice(npz: &Npz<'_>, name: &str, has_index: bool, chance: &mut Chance) {
    let Ok(info) = npz.info(name) else { return };
    let whole = npz.get::<Raw>(name);
    let slice = slice_of(info.shape(), chance);
    match (npz.get_slice::<Raw>(name, &slice), whole) {
        (Ok(part), Ok(whole)) => is_part(&part, &whole, &slice),
        (Err(error), Ok(_)) if !info.is_compressed() || !has_index => {
            panic!("{slice:?} of `{name}`: {error}")
        }
        _ => {}
    }
}

/// Whether there may be an index of blocks, which may be wrong: that only slices notice.
fn has_index(file: &[u8]) -> bool {
    file.windows(6).any(|bytes| bytes.starts_with(b"np") && bytes.ends_with(&[1, 0]))
}

/// Compares a slice of an array with the array.
fn is_part(part: &Raw, whole: &Raw, slice: &[SliceInfoElem]) {
    // Of elements without bytes there may be any number.
    let size = whole.dtype().itemsize();
    if size == 0 {
        return;
    }
    // Where in the bytes the elements are.
    let places = |raw: &Raw| {
        let shape = IxDyn(raw.shape()).set_f(raw.order() == Order::F);
        ArrayD::from_shape_vec(shape, (0..raw.len()).map(|index| index * size).collect()).unwrap()
    };
    let (of_part, of_whole) = (places(part), places(whole));
    let of_whole = of_whole.slice(slice);
    assert_eq!(of_part.shape(), of_whole.shape());
    for (&in_part, &in_whole) in of_part.iter().zip(of_whole) {
        assert_eq!(part.bytes()[in_part..][..size], whole.bytes()[in_whole..][..size]);
    }
}

/// Loads an array as whatever it is, and as numbers.
fn any(npz: &Npz<'_>, name: &str) {
    let Ok(any) = npz.get::<AnyArray>(name) else { return };
    let raw = npz.get::<Raw>(name).expect("whatever is any array is bytes");
    let again = AnyArray::read_npy(&npy(&raw)[..]).unwrap();
    assert_eq!(npy(&again), npy(&any));
    assert_eq!(again.to_string(), any.to_string());
    match (npz.get_cast::<ArrayD<f32>>(name), any.cast::<f32>()) {
        (Ok(loaded), Ok(cast)) => assert_eq!(bits(loaded.view()), bits(cast.view())),
        (loaded, cast) => assert_eq!(loaded.is_ok(), cast.is_ok()),
    }
    let cast = npz.get_cast::<ArrayD<i8>>(name);
    assert_eq!(cast.ok(), any.cast::<i8>().ok());
}

/// Views an array, if it is of `T`s, and loads it in every way.
fn viewed<T: ViewElement + Clone + Default>(npz: &Npz<'_>, name: &str) {
    let view = npz.view::<T, IxDyn>(name);
    typed::<T>(npz, name);
    let Ok(whole) = npz.get::<ArrayD<T>>(name) else { return };
    let expected = bits(whole.view());
    if let Ok(view) = view {
        assert_eq!(bits(view), expected);
    }
    assert_eq!(bits(npz.cow::<T, IxDyn>(name).unwrap().view()), expected);
}

/// Loads an array, if it is of `T`s, in every way.
fn typed<T: LoadElement + Clone + Default>(npz: &Npz<'_>, name: &str) {
    let Ok(whole) = npz.get::<ArrayD<T>>(name) else { return };
    let expected = bits(whole.view());
    for is_fortran in [false, true] {
        let mut out = ArrayD::<T>::default(IxDyn(whole.shape()).set_f(is_fortran));
        npz.read_into(name, &mut out).unwrap();
        assert_eq!(bits(out.view()), expected);
    }
}
