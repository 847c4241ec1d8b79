//! The input is the pickle of an array of objects. What is read of it can be used in every way, and is the
//! same whichever way it came.

#![no_main]

use std::collections::{BTreeMap, HashMap};

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use npz::ndarray::{Array1, ArrayD};
use npz::{AnyArray, NpyReader, Opaque, ReadNpz, Result, Value};
use npz_fuzz::{Chance, LIMITS, bits, pickle};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    pickle::mutate(data, size, max_size, seed)
});

const HEADER: &[u8] =
    b"\x93NUMPY\x01\x00\x37\x00{'descr': '|O', 'fortran_order': False, 'shape': (), }\n";

/// What src/object/resolve.rs promises.
const FREE_VALUES: usize = 4 << 20;
const VALUES_PER_BYTE: usize = 32;

/// How long a text a value is displayed as, at most, with the mark of one that is cut off.
const LONGEST: usize = 32_003;

fuzz_target!(|pickle: &[u8]| {
    let file = [HEADER, pickle].concat();
    let any = load::<AnyArray>(&file);
    let mut chance = Chance::of(pickle);
    match chance.below(8) {
        0 | 1 => {
            let Ok(any) = any else { return };
            let mut walk = Walk::default();
            walk.array(&any);
            let most = FREE_VALUES + VALUES_PER_BYTE * pickle.len();
            assert!(walk.count <= most, "{} values", walk.count);
            is_same(&any, &any.clone());
        }
        2 => streamed(&file),
        3 => values(&file, any),
        4 => texts(&file, any),
        5 => numbers(&file, any),
        6 => {
            let arrays = load::<Vec<Array1<f64>>>(&file);
            let cast = reader(&file).and_then(|npy| npy.get_cast::<Vec<Array1<f32>>>());
            assert!(any.is_ok() || (arrays.is_err() && cast.is_err()));
        }
        _ => {
            let entries = load::<BTreeMap<String, Value>>(&file);
            let arrays = load::<BTreeMap<String, ArrayD<f64>>>(&file);
            let texts = load::<HashMap<String, String>>(&file);
            assert!(entries.is_ok() || (arrays.is_err() && texts.is_err()));
            assert!(any.is_ok() || entries.is_err());
        }
    }
});

fn reader(file: &[u8]) -> Result<NpyReader<&[u8]>> {
    NpyReader::from_bytes(file)?.with_limits(LIMITS)
}

fn load<T: ReadNpz>(file: &[u8]) -> Result<T> {
    reader(file)?.get()
}

/// A stream gives what memory gives.
fn streamed(file: &[u8]) {
    let from_memory = NpyReader::from_bytes(file).and_then(|npy| npy.get());
    match (AnyArray::read_npy(file), from_memory) {
        (Ok(streamed), Ok(any)) => is_same(&streamed, &any),
        (streamed, any) => {
            let error = |result: Result<AnyArray>| result.err().map(|error| error.to_string());
            assert_eq!(error(streamed), error(any));
        }
    }
}

/// Arrays that come from the same pickle. Those with `NaN`s are not equal to themselves.
fn is_same(one: &AnyArray, other: &AnyArray) {
    let text = one.to_string();
    assert!(one == other || text.to_lowercase().contains("nan") || text.len() >= LONGEST, "{text}");
    assert_eq!(text, other.to_string());
}

/// Whoever walks through all values.
#[derive(Default)]
struct Walk {
    count: usize,
}

impl Walk {
    fn array(&mut self, array: &AnyArray) {
        self.count += 1;
        if let AnyArray::Object(objects) = array {
            objects.iter().for_each(|object| self.value(object));
        }
    }

    fn values(&mut self, values: &[Value]) {
        values.iter().for_each(|value| self.value(value));
    }

    fn entries(&mut self, entries: &[(Value, Value)]) {
        for (key, value) in entries {
            self.value(key);
            self.value(value);
        }
    }

    fn value(&mut self, value: &Value) {
        self.count += 1;
        if self.count % 1024 == 1 {
            assert!(value.to_string().len() <= LONGEST);
        }
        match value {
            Value::List(items) | Value::Tuple(items) | Value::Set(items) => self.values(items),
            Value::Dict(entries) => self.entries(entries),
            // Which is one value.
            Value::Array(array) | Value::Scalar(array) => {
                self.count -= 1;
                self.array(array);
            }
            Value::Opaque(object) => self.opaque(object),
            _ => {}
        }
    }

    fn opaque(&mut self, object: &Opaque) {
        self.values(object.args().unwrap_or_default());
        self.value(object.state());
        self.values(object.items());
        self.entries(object.entries());
    }
}

/// Objects, whatever they are.
fn values(file: &[u8], any: Result<AnyArray>) {
    let values = load::<ArrayD<Value>>(file);
    match (values, any) {
        (Ok(values), Ok(AnyArray::Object(any))) => {
            is_same(&AnyArray::Object(values), &AnyArray::Object(any));
        }
        (Ok(values), Ok(any)) => assert_eq!(values.shape(), any.shape()),
        (values, any) => assert!(values.is_err() && is_error_or_no_objects(&any)),
    }
    let _ = (load::<Vec<Value>>(file), load::<Value>(file));
}

fn is_error_or_no_objects(any: &Result<AnyArray>) -> bool {
    any.as_ref().map_or(true, |any| !matches!(any, AnyArray::Object(_)))
}

/// Objects that are texts.
fn texts(file: &[u8], any: Result<AnyArray>) {
    let Ok(texts) = load::<ArrayD<String>>(file) else { return };
    match any.expect("texts are objects") {
        AnyArray::Object(objects) => {
            assert!(
                texts.iter().map(String::as_str).map(Some).eq(objects.iter().map(Value::as_str))
            );
        }
        any => assert_eq!(any.into_array::<String, _>().expect("they have been loaded"), texts),
    }
}

/// Objects that are numbers.
fn numbers(file: &[u8], any: Result<AnyArray>) {
    let numbers = load::<ArrayD<f64>>(file);
    let cast = reader(file).and_then(|npy| npy.get_cast::<ArrayD<f64>>());
    let expected = any.and_then(|any| any.cast::<f64>());
    match (&cast, &expected) {
        (Ok(cast), Ok(expected)) => assert_eq!(bits(cast.view()), bits(expected.view())),
        _ => assert!(cast.is_err()),
    }
    if let Ok(numbers) = numbers {
        let cast = cast.expect("they are numbers");
        assert_eq!(bits(numbers.view()), bits(cast.view()));
    }
}
