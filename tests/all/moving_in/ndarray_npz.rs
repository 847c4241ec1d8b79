//! The suite of ndarray-npz 0.4: the one test in `tests`, and here one for each thing that it checks.
//!
//! | what of theirs | what differs | what is here instead |
//! |---|---|---|
//! | where the local headers are | arrays are aligned to 64 bytes | the headers are looked for |
//! | `NpyViewMut::verify` of one member | `verify` is that of the archive | `get` verifies one array, and loads it |
//! | `update` gives the CRC-32 | `update` gives nothing | the CRC-32 is read where the format has it |
//! | `verify` before `update` fails | the same | `reader()` and then `get` fails until `update` |

use std::io::Cursor;

use ndarray::{Array1, Ix1};
use npz::{ErrorKind, NpzMut, NpzReader, NpzWriter};

use self::shim::{NpzView, NpzViewMut};
use super::has_kind;
use crate::common::{Aligned, data};

/// The names of ndarray-npz.
mod shim {
    use ndarray::{ArrayView, ArrayViewMut, Dimension};
    use npz::{NpzMut, NpzReader, Result, ViewElement};

    pub struct NpzView<'a>(NpzReader<&'a [u8]>);

    impl<'a> NpzView<'a> {
        pub fn new(bytes: &'a [u8]) -> Result<Self> {
            NpzReader::from_bytes(bytes).map(Self)
        }

        /// Theirs is `by_name(name)?.view()`.
        pub fn view<A: ViewElement, D: Dimension>(
            &self,
            name: &str,
        ) -> Result<ArrayView<'_, A, D>> {
            self.0.view(name)
        }

        /// Theirs is `by_name(name)?.verify()`.
        pub fn verify(&self) -> Result<()> {
            self.0.verify()
        }
    }

    pub struct NpzViewMut<'a>(NpzMut<&'a mut [u8]>);

    impl<'a> NpzViewMut<'a> {
        pub fn new(bytes: &'a mut [u8]) -> Result<Self> {
            NpzMut::from_bytes(bytes).map(Self)
        }

        /// Theirs is `by_name(name)?.view_mut()`.
        pub fn view_mut<A, D>(&mut self, name: &str) -> Result<ArrayViewMut<'_, A, D>>
        where
            A: ViewElement,
            D: Dimension,
        {
            self.0.view_mut(name)
        }

        /// Theirs is `by_name(name)?.verify()`.
        pub fn verify(&self) -> Result<()> {
            self.0.reader()?.verify()
        }

        pub fn update(&mut self) -> Result<()> {
            self.0.update()
        }
    }
}

/// Three arrays of zeros, of 5, 7 and 9 numbers.
fn zeros() -> Aligned {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    for (name, len) in [("x", 5), ("y", 7), ("z", 9)] {
        npz.array(name, &Array1::<f64>::zeros(len)).unwrap();
    }
    Aligned::new(npz.finish().unwrap().get_ref(), 0)
}

/// The CRC-32s in `bytes` that stand so far behind each `signature`.
fn checksums(bytes: &[u8], signature: &[u8; 4], behind: usize) -> Vec<u32> {
    let places = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(signature));
    let checksum = |at: usize| bytes[at + behind..][..4].try_into().map(u32::from_le_bytes);
    places.map(|at| checksum(at).unwrap()).collect()
}

/// In the headers before the members, in the descriptors behind those of a stream, and in the directory.
fn local(bytes: &[u8]) -> Vec<u32> {
    checksums(bytes, b"PK\x03\x04", 14)
}

fn described(bytes: &[u8]) -> Vec<u32> {
    checksums(bytes, b"PK\x07\x08", 4)
}

fn central(bytes: &[u8]) -> Vec<u32> {
    checksums(bytes, b"PK\x01\x02", 16)
}

#[test]
fn what_is_changed_is_verified_and_has_its_checksum_in_both_places() {
    let mut bytes = zeros();
    let before = central(bytes.as_ref());
    assert_eq!((before.len(), &before), (3, &local(bytes.as_ref())));

    let mut npz = NpzViewMut::new(bytes.as_mut()).unwrap();
    npz.verify().unwrap();
    for (name, changes) in
        [("x.npy", [(0, 1.0), (3, 8.0), (4, 7.0)]), ("z", [(0, 3.0), (2, 3.5), (6, 9.0)])]
    {
        let mut array = npz.view_mut::<f64, Ix1>(name).unwrap();
        changes.into_iter().for_each(|(index, value)| array[index] = value);
        has_kind!(npz.verify(), ErrorKind::Checksum { .. });
        npz.update().unwrap();
        npz.verify().unwrap();
    }
    drop(npz);

    let after = central(bytes.as_ref());
    assert_eq!(after, local(bytes.as_ref()));
    let is_new: Vec<bool> =
        before.iter().zip(&after).map(|(before, after)| before != after).collect();
    assert_eq!(is_new, [true, false, true]);

    let npz = NpzView::new(bytes.as_ref()).unwrap();
    npz.verify().unwrap();
    let values = |name| npz.view::<f64, Ix1>(name).unwrap().to_vec();
    assert_eq!(values("x"), [1.0, 0.0, 0.0, 8.0, 7.0]);
    assert_eq!(values("y.npy"), [0.0; 7]);
    assert_eq!(values("z"), [3.0, 0.0, 3.5, 0.0, 0.0, 0.0, 9.0, 0.0, 0.0]);
}

#[test]
fn a_stream_has_its_checksums_behind_its_members() {
    let mut npz = NpzWriter::stream(Vec::new());
    npz.array("flags", &[true, false]).unwrap().array("more", &[false]).unwrap();
    let mut bytes = Aligned::new(&npz.finish().unwrap(), 0);
    let before = described(bytes.as_ref());
    assert_eq!(before, central(bytes.as_ref()));

    let mut npz = NpzViewMut::new(bytes.as_mut()).unwrap();
    let mut flags = npz.view_mut::<bool, Ix1>("flags").unwrap();
    (flags[0], flags[1]) = (false, true);
    has_kind!(npz.verify(), ErrorKind::Checksum { .. });
    drop(npz); // which updates it

    let after = described(bytes.as_ref());
    assert_eq!(after, central(bytes.as_ref()));
    assert!(after[0] != before[0] && after[1] == before[1]);
    NpzView::new(bytes.as_ref()).unwrap().verify().unwrap();
}

/// Their README's names and questions, beyond the test.
#[test]
fn what_cannot_be_viewed_is_asked_for_before() {
    let file = std::fs::read(data("stored.npz")).unwrap();
    let npz = NpzReader::from_bytes(&file).unwrap();
    assert!(npz.names().all(|name| !npz.info(name).unwrap().is_compressed()));
    let error = NpzMut::from_bytes(&mut zeros()).unwrap().view_mut::<f32, Ix1>("x").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WrongDtype { .. }), "{error}");
}
