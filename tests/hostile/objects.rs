//! The memory that pickles may have.

use std::collections::BTreeMap;
use std::io::Cursor;

use ndarray::{Array1, ArrayD};
use npz::{AnyArray, Bytes, ErrorKind, Limits, NpyReader, NpzReader, Result};

use crate::common::forged::{archive, stored};
use crate::common::pickles;
use crate::memory;

/// What is made of a pickle: so much of each byte, and so much of any.
const PER_BYTE: usize = 1024;
const FREE: usize = 2 << 20;

/// What may be taken beyond a limit.
const BEYOND: usize = 512 << 10;

/// Loads an array as what it is, and as what it may be.
fn ways(file: &[u8], limits: Limits) -> [(&'static str, Result<()>, usize); 7] {
    let npy = NpyReader::from_bytes(file).and_then(|npy| npy.with_limits(limits)).unwrap();
    fn way<T>(
        name: &'static str,
        load: impl FnOnce() -> Result<T>,
    ) -> (&'static str, Result<()>, usize) {
        let (loaded, peak) = memory::peak(load);
        (name, loaded.map(drop), peak)
    }
    [
        way("AnyArray", || npy.get::<AnyArray>()),
        way("ArrayD<String>", || npy.get::<ArrayD<String>>()),
        way("ArrayD<Bytes>", || npy.get::<ArrayD<Bytes>>()),
        way("ArrayD<f64>", || npy.get::<ArrayD<f64>>()),
        way("Vec<Array1<f64>>", || npy.get::<Vec<Array1<f64>>>()),
        way("Vec<Array1<f64>>, cast", || npy.get_cast::<Vec<Array1<f64>>>()),
        way("BTreeMap<String, ArrayD<f64>>", || npy.get::<BTreeMap<String, ArrayD<f64>>>()),
    ]
}

fn mib(size: usize) -> f64 {
    size as f64 / f64::from(1 << 20)
}

/// Memory is in proportion to the file, and within the limits that are set.
#[test]
fn objects_take_no_more_memory_than_they_may() {
    let _alone = memory::alone();
    let mut wrong = Vec::new();
    for (about, pickle) in pickles::cases() {
        let file = pickles::npy(&pickle);
        let free = ways(&file, Limits::default());
        for (way, _, peak) in &free {
            if *peak > FREE + PER_BYTE * file.len() {
                wrong.push(format!(
                    "{about}, {way}: {:.1} MiB of {} bytes",
                    mib(*peak),
                    file.len()
                ));
            }
        }
        for limit in [1 << 20] {
            let limits = Limits::default().max_array_bytes(limit as u64);
            for ((way, found, peak), (_, free, needed)) in ways(&file, limits).iter().zip(&free) {
                if *peak > limit + BEYOND {
                    wrong.push(format!(
                        "{about}, {way}: {:.1} MiB of {:.1}",
                        mib(*peak),
                        mib(limit)
                    ));
                }
                let is_limit = found
                    .as_ref()
                    .is_err_and(|error| matches!(error.kind(), ErrorKind::LimitExceeded { .. }));
                if free.is_ok() && *needed > limit + BEYOND && !is_limit {
                    wrong.push(format!("{about}, {way}: {found:?}"));
                }
            }
        }
        // All arrays of an archive together.
        let file = archive(&[stored("x.npy", file)]);
        let total = 4 << 20;
        let limits = Limits::default().max_total_bytes(total as u64 + file.len() as u64);
        let npz =
            NpzReader::new(Cursor::new(&file)).and_then(|npz| npz.with_limits(limits)).unwrap();
        let (_, peak) = memory::peak(|| npz.get_all());
        if peak > total + file.len() + BEYOND {
            wrong.push(format!(
                "{about}, get_all: {:.1} MiB of {:.1}",
                mib(peak),
                mib(total + file.len())
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
