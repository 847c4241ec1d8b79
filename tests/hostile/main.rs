//! Files made to do harm give their errors, in little time and memory.

#[path = "../all/common/mod.rs"]
mod common;
mod memory;
#[cfg(feature = "pickle")]
mod objects;

use std::fs;
use std::io::Cursor;
use std::time::{Duration, Instant};

use common::hostile::{Case, HARMLESS, cases, roots};
use ndarray::{ArrayD, IxDyn, s};
use npz::{AnyArray, Limits, NpzReader, Raw, ReadNpz};

#[test]
fn each_gives_its_error_in_little_time_and_memory() {
    let _alone = memory::alone();
    let path = common::file();
    let cases = cases();
    let (mut slowest, mut largest) = (Duration::ZERO, 0);
    let mut wrong = Vec::new();
    for Case { about, file, error } in &cases {
        fs::write(&path, file).unwrap();
        let start = Instant::now();
        let (errors, peak) = memory::peak(|| {
            [
                Limits::STRICT.open_bytes(&file[..]).and_then(|npz| ways(&npz)),
                NpzReader::new(Cursor::new(&file[..]))
                    .and_then(|npz| ways(&npz.with_limits(Limits::STRICT)?)),
                Limits::STRICT.open(&path).and_then(|npz| ways(&npz)),
            ]
        });
        let time = start.elapsed();
        for found in errors {
            let is_expected = match &found {
                Ok(is_right) => *is_right && error == HARMLESS,
                Err(found) => {
                    let found = found.to_string();
                    // What could be counted with 64 bits is too large before it is anything else.
                    let too_large = ["on this machine", "too large", "larger than any memory"];
                    let is_too_large = cfg!(target_pointer_width = "32")
                        && too_large.iter().any(|text| found.contains(text));
                    error == HARMLESS || found.contains(error) || is_too_large
                }
            };
            if !is_expected {
                wrong.push(format!("{about}:\n  expected: {error}\n     found: {found:?}"));
            }
        }
        let most = (64 << 20) + 10 * file.len();
        assert!(peak <= most, "{about}: {peak} bytes of memory for {} in the file", file.len());
        assert!(time < common::patience(), "{about}: {time:?} for three ways");
        slowest = slowest.max(time);
        largest = largest.max(peak);
        // And as single arrays, or whatever else they are.
        let _ = AnyArray::read_npy(&file[..]).map(|array| array.to_string());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{} files, the slowest {slowest:?}, at most {largest} bytes of memory", cases.len());
    assert!(cases.len() >= 200, "{}", cases.len());
}

#[derive(Debug, Clone, Copy, bytemuck::Zeroable)]
#[repr(C)]
struct Large {
    values: [f64; 256],
    flag: bool,
}
npz::record!(Large { values, flag });

/// Records that are much larger in memory than in the file, where a field is missing that would be
/// found out later.
#[test]
fn records_without_the_fields_take_no_memory() {
    let _alone = memory::alone();
    let header = "{'descr': [('x', '|u1')], 'fortran_order': False, 'shape': (262144,), }";
    let file = common::hostile::npy(1, header.as_bytes(), &vec![0; 1 << 18]);
    let (error, peak) = memory::peak(|| Vec::<Large>::read_npy(&file[..]).unwrap_err());
    assert!(error.to_string().contains("a field `values`"), "{error}");
    assert!(peak < 1 << 20, "{peak}");
}

/// Many arrays, each of which is below the limit for one.
#[test]
fn arrays_together_take_no_more_than_they_may() {
    let _alone = memory::alone();
    let mut npz = npz::NpzWriter::new(Cursor::new(Vec::new()));
    let x = vec![npz::FixedBytes::<1>::try_from("a").unwrap(); 100_000];
    for index in 0..24 {
        npz.array(&index.to_string(), &x).unwrap();
    }
    let file = npz.finish().unwrap().into_inner();
    let limits = Limits::STRICT.max_array_bytes(16 << 20).max_total_bytes(8 << 20);
    let npz = NpzReader::from_bytes(&file).unwrap().with_limits(limits).unwrap();
    let (all, peak) = memory::peak(|| npz.get_all());
    assert!(matches!(all.unwrap_err().kind(), npz::ErrorKind::LimitExceeded { .. }));
    assert!(peak < 12 << 20, "{peak}");
}

/// Many members are refused before memory is taken for them.
#[test]
fn members_are_counted_first() {
    let _alone = memory::alone();
    let mut npz = npz::NpzWriter::new(Cursor::new(Vec::new()));
    for index in 0..20_000 {
        npz.bytes(&index.to_string(), b"").unwrap();
    }
    let file = npz.finish().unwrap().into_inner();
    let path = common::file();
    fs::write(&path, &file).unwrap();
    let (error, peak) = memory::peak(|| Limits::STRICT.open_bytes(&file).unwrap_err());
    assert!(matches!(error.kind(), npz::ErrorKind::LimitExceeded { .. }), "{error}");
    assert!(peak < 1 << 10, "{peak}");
    // Of a file its directory has been read, all of it.
    let (error, peak) = memory::peak(|| Limits::STRICT.open(&path).unwrap_err());
    assert!(error.to_string().ends_with("20000 members; at most 10000 are read (max_members)"));
    assert!(peak < file.len(), "{peak}");
    let (npz, peak) =
        memory::peak(|| Limits::STRICT.max_members(20_000).open_bytes(&file).unwrap());
    assert_eq!(npz.members().count(), 20_000);
    assert!(peak > 1 << 21, "{peak}");
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
