//! The suite of ndarray-npz 0.4: `tests/npz.rs`, which is one test, `npz_view_mut`.
//!
//! | what differs | why | what is here instead |
//! |---|---|---|
//! | its names end in `.npy` | these are errors when written | the names without; both are found |
//! | its writer is not finished | an archive that is not finished is given up | `finish` |
//! | `NpyViewMut` by `NpyViewMut` | views borrow the archive, one at a time | `NpzMut::view_mut` for each in turn |
//! | `verify` and `update` return the CRC-32 | the archive is vouched for as a whole | `verify_each`, and `update` of all that has changed |

use std::io::Cursor;

use ndarray::{Array1, ArrayView1, Ix1};
use npz::{ErrorKind, NpzReader};

use self::shim::{NpzView, NpzViewMut};
use super::has_kind;
use super::ndarray_npy::shim::NpzWriter;
use crate::common::{Aligned, forged, members};

/// The names of ndarray-npz. Those of ndarray-npy are the same in both.
mod shim {
    use ndarray::{ArrayView, ArrayViewMut, Dimension};
    use npz::{NpzMut, NpzReader, Result, ViewElement};

    pub struct NpzView<'a>(NpzReader<&'a [u8]>);

    impl<'a> NpzView<'a> {
        pub fn new(bytes: &'a [u8]) -> Result<Self> {
            NpzReader::from_bytes(bytes).map(Self)
        }

        pub fn is_empty(&self) -> bool {
            self.0.is_empty()
        }

        pub fn len(&self) -> usize {
            self.0.len()
        }

        pub fn names(&self) -> impl Iterator<Item = &str> {
            self.0.names()
        }

        pub fn directory_names(&self) -> impl Iterator<Item = &str> {
            self.0.other_members().filter(|name| name.ends_with('/'))
        }

        pub fn compressed_names(&self) -> impl Iterator<Item = &str> {
            let is_compressed = |name: &&str| self.0.info(name).is_ok_and(|x| x.is_compressed());
            self.0.names().filter(is_compressed)
        }

        pub fn by_name(&self, name: &'a str) -> Result<NpyView<'_, 'a>> {
            self.0.info(name).map(|_| NpyView { npz: &self.0, name })
        }
    }

    pub struct NpyView<'b, 'a> {
        npz: &'b NpzReader<&'a [u8]>,
        name: &'a str,
    }

    impl NpyView<'_, '_> {
        pub fn verify(&mut self) -> Result<()> {
            verify(self.npz, self.name)
        }

        pub fn view<A: ViewElement, D: Dimension>(&self) -> Result<ArrayView<'_, A, D>> {
            self.npz.view(self.name)
        }
    }

    pub struct NpzViewMut<'a>(NpzMut<&'a mut [u8]>);

    impl<'a> NpzViewMut<'a> {
        pub fn new(bytes: &'a mut [u8]) -> Result<Self> {
            NpzMut::from_bytes(bytes).map(Self)
        }

        pub fn by_name<'b>(&'b mut self, name: &'b str) -> Result<NpyViewMut<'b, 'a>> {
            self.0.reader()?.info(name)?;
            Ok(NpyViewMut { npz: &mut self.0, name })
        }
    }

    pub struct NpyViewMut<'b, 'a> {
        npz: &'b mut NpzMut<&'a mut [u8]>,
        name: &'b str,
    }

    impl NpyViewMut<'_, '_> {
        pub fn verify(&mut self) -> Result<()> {
            verify(&self.npz.reader()?, self.name)
        }

        pub fn view_mut<A: ViewElement, D: Dimension>(&mut self) -> Result<ArrayViewMut<'_, A, D>> {
            self.npz.view_mut(self.name)
        }

        pub fn update(&mut self) -> Result<()> {
            self.npz.update()
        }
    }

    fn verify(npz: &NpzReader<&[u8]>, name: &str) -> Result<()> {
        let member = format!("{}.npy", name.strip_suffix(".npy").unwrap_or(name));
        let mut verified = npz.verify_each().into_iter();
        verified.find(|(name, _)| *name == member).expect("it has been found before").1
    }
}

/// Where `mark` is in `bytes`.
fn places(bytes: &[u8], mark: &[u8; 4]) -> Vec<usize> {
    (0..bytes.len()).filter(|&at| bytes[at..].starts_with(mark)).collect()
}

/// The CRC-32 that is recorded at `at`.
fn crc32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// The checksums in the local headers and in the directory, which are to be those of the members.
fn check_checksums(archive: &[u8], local: &[usize]) {
    let central: Vec<usize> = places(archive, b"PK\x01\x02").iter().map(|at| at + 16).collect();
    let members: Vec<_> =
        members(archive).iter().map(|(_, bytes)| crc32fast::hash(bytes)).collect();
    for recorded in [local, &central[..local.len()]] {
        let recorded = recorded.iter().map(|&at| crc32(archive, at));
        assert_eq!(recorded.collect::<Vec<_>>(), members[..local.len()]);
    }
}

/// The first half of their test.
#[test]
fn arrays_are_changed_in_an_archive_in_memory_with_their_checksums() {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    for (name, len) in [("x", 5), ("y", 7), ("z", 9)] {
        npz.add_array(name, &Array1::<f64>::zeros(len)).unwrap();
    }
    let bytes = npz.finish().unwrap().into_inner();
    let local: Vec<usize> = places(&bytes, b"PK\x03\x04").iter().map(|at| at + 14).collect();
    assert_eq!(local.len(), 3);
    let mut bytes = Aligned::new(&bytes, 0);
    check_checksums(bytes.as_ref(), &local);

    let mut npz = NpzViewMut::new(bytes.as_mut()).unwrap();
    let changes = [("x", &[(0, 1.0), (3, 8.0), (4, 7.0)]), ("z", &[(0, 3.0), (2, 3.5), (6, 9.0)])];
    for (name, changes) in changes {
        let mut array = npz.by_name(name).unwrap();
        array.verify().unwrap();
        let mut view = array.view_mut::<f64, Ix1>().unwrap();
        changes.iter().for_each(|&(index, value)| view[index] = value);
        has_kind!(array.verify(), ErrorKind::Checksum { .. });
        array.update().unwrap();
        array.verify().unwrap();
        npz.by_name("y.npy").unwrap().verify().unwrap();
    }
    has_kind!(npz.by_name("w"), ErrorKind::NotFound { .. });
    drop(npz);
    check_checksums(bytes.as_ref(), &local);

    let npz = NpzView::new(bytes.as_ref()).unwrap();
    assert_eq!((npz.is_empty(), npz.len()), (false, 3));
    assert_eq!(npz.names().collect::<Vec<_>>(), ["x", "y", "z"]);
    assert_eq!(npz.directory_names().chain(npz.compressed_names()).count(), 0);
    let expected: [(&str, &[f64]); 3] = [
        ("x", &[1.0, 0.0, 0.0, 8.0, 7.0]),
        ("y", &[0.0; 7]),
        ("z", &[3.0, 0.0, 3.5, 0.0, 0.0, 0.0, 9.0, 0.0, 0.0]),
    ];
    for (name, expected) in expected {
        let mut array = npz.by_name(name).unwrap();
        array.verify().unwrap();
        assert_eq!(array.view::<f64, Ix1>().unwrap(), ArrayView1::from(expected));
    }
}

/// The second half of their test, and that checksums are brought up to date when the archive is dropped.
#[test]
fn arrays_of_a_streamed_archive_are_changed_with_the_checksum_behind_them() {
    let array = super::file("'|b1'", ndarray::Order::C, "(2,)", &[1, 0]);
    let (sum, size) = (crc32fast::hash(&array), array.len() as u32);
    let mut member = forged::stored("b8.npy", array);
    member.both(|header| header.flags = 8);
    [member.local.crc32, member.local.size, member.local.compressed_size] = [0; 3];
    member.after =
        [*b"PK\x07\x08", sum.to_le_bytes(), size.to_le_bytes(), size.to_le_bytes()].concat();
    let mut bytes = forged::archive(&[member.clone(), {
        member.name = b"c8.npy".into();
        member
    }]);
    let after: Vec<usize> = places(&bytes, b"PK\x07\x08").iter().map(|at| at + 4).collect();
    assert_eq!(after.len(), 2);
    check_checksums(&bytes, &after);

    let mut npz = NpzViewMut::new(&mut bytes).unwrap();
    for name in ["b8.npy", "c8.npy"] {
        let mut array = npz.by_name(name).unwrap();
        array.verify().unwrap();
        array.view_mut::<bool, Ix1>().unwrap().assign(&ndarray::array![false, true]);
        has_kind!(array.verify(), ErrorKind::Checksum { .. });
        if name == "b8.npy" {
            array.update().unwrap();
            array.verify().unwrap();
        }
    }
    drop(npz);
    check_checksums(&bytes, &after);
    let changed = NpzReader::from_bytes(&bytes).unwrap().get::<Vec<bool>>("c8").unwrap();
    assert_eq!(changed, [false, true]);
}
