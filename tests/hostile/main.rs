//! Files made to do harm give their errors, in little time and memory.

#[path = "../all/common/mod.rs"]
mod common;
mod memory;

use std::fs::{self, File};
use std::io::Cursor;
use std::time::{Duration, Instant};

use common::hostile::{Case, HARMLESS, cases, roots};
use ndarray::{ArrayD, IxDyn, s};
use npz::{AnyArray, Limits, NpzReader, Raw, ReadNpz};

#[test]
fn each_gives_its_error_in_little_time_and_memory() {
    let path = tempfile::NamedTempFile::new().unwrap();
    let cases = cases();
    let (mut slowest, mut largest) = (Duration::ZERO, 0);
    let mut wrong = Vec::new();
    for Case { about, file, error } in &cases {
        fs::write(&path, file).unwrap();
        let start = Instant::now();
        let (errors, peak) = memory::peak(|| {
            let strict = |npz: NpzReader<_>| npz.with_limits(Limits::STRICT);
            [
                NpzReader::from_bytes(&file[..])
                    .and_then(|npz| ways(&npz.with_limits(Limits::STRICT)?)),
                NpzReader::new(Cursor::new(&file[..]))
                    .and_then(|npz| ways(&npz.with_limits(Limits::STRICT)?)),
                NpzReader::<File>::open(&path).and_then(strict).and_then(|npz| ways(&npz)),
            ]
        });
        let time = start.elapsed();
        for found in errors {
            let is_expected = match &found {
                Ok(is_right) => *is_right && error == HARMLESS,
                Err(found) => error == HARMLESS || found.to_string().contains(error),
            };
            if !is_expected {
                wrong.push(format!("{about}:\n  expected: {error}\n     found: {found:?}"));
            }
        }
        let most = (64 << 20) + 10 * file.len();
        assert!(peak <= most, "{about}: {peak} bytes of memory for {} in the file", file.len());
        // Milliseconds, unless somebody else takes all the time there is.
        assert!(time < Duration::from_secs(60), "{about}: {time:?} for three ways");
        slowest = slowest.max(time);
        largest = largest.max(peak);
        // And as single arrays, or whatever else they are.
        let _ = AnyArray::read_npy(&file[..]).map(|array| array.to_string());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{} files, the slowest {slowest:?}, at most {largest} bytes of memory", cases.len());
    assert!(cases.len() >= 200, "{}", cases.len());
}

/// Reads `x` in every way; the error is that of `get`. Tells whether it is what it was.
fn ways<R>(npz: &NpzReader<R>) -> npz::Result<bool> {
    for name in npz.names().take(5) {
        let _ = (npz.info(name), npz.contains(name));
        let _ = npz.get_slice::<AnyArray>(name, s![1..2, ..]);
        let _ = npz.get_slice::<Raw>(name, s![1..;7]);
        let _ = npz.get::<Raw>(name).map(|array| array.to_string());
        let _ = npz.get_cast::<ArrayD<f32>>(name);
        let _ = npz.read_into(name, &mut ArrayD::<f64>::zeros(IxDyn(&[3, 4])));
    }
    let _ = npz.verify();
    let all = npz.get_all();
    let x: ArrayD<f64> = npz.get::<AnyArray>("x")?.cast()?;
    all?;
    Ok(x == ArrayD::zeros(IxDyn(&[3, 4])) || x == roots().into_dyn())
}
