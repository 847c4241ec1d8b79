//! `NpzWriter::append`: members added, replaced and removed, and all others as they were.

use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use crate::common::{self, listing};
use ndarray::{Array1, Array2, s};
use npz::{Compression, ErrorKind, NpzReader, NpzWriter, savez};

fn names(path: &Path) -> Vec<String> {
    NpzReader::open(path).unwrap().names().map(str::to_owned).collect()
}

/// All that an archive says of its members, and their bytes as they are in it, by name.
pub fn members(archive: &[u8]) -> Vec<(Vec<u8>, String)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
    let count = zip.len();
    let member = |index| {
        let mut member = zip.by_index_raw(index).unwrap();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).unwrap();
        let about = format!(
            "{:?} {:?} {} {} {:?} {:?} {:?} {:?} {}",
            member.name(),
            member.compression(),
            member.crc32(),
            member.size(),
            member.last_modified(),
            member.unix_mode(),
            member.comment(),
            member.extra_data(),
            member.data_start().unwrap() % 64,
        );
        (bytes, about)
    };
    (0..count).map(member).collect()
}

#[test]
fn members_are_added_replaced_and_removed() {
    let folder = common::folder();
    let path = folder.path().join("run.npz");
    savez!(&path, a = [1.0, 2.0], b = 2, c = [3_u8; 1000], d = "text").unwrap();
    let before = fs::read(&path).unwrap();

    let mut npz = NpzWriter::append(&path).unwrap();
    npz.array("e", &[5.0]).unwrap().array("b", &[6, 7]).unwrap().remove("c").unwrap();
    npz.bytes("README", b"two").unwrap();
    assert_eq!(fs::read(&path).unwrap(), before, "it is as it was until it is replaced");
    npz.finish().unwrap();

    assert_eq!(names(&path), ["a", "d", "e", "b"]);
    let npz = NpzReader::open(&path).unwrap();
    npz.verify().unwrap();
    assert_eq!(npz.get::<Vec<f64>>("a").unwrap(), [1.0, 2.0]);
    assert_eq!(npz.get::<String>("d").unwrap(), "text");
    assert_eq!(npz.get::<Vec<f64>>("e").unwrap(), [5.0]);
    assert_eq!(npz.get::<Vec<i32>>("b").unwrap(), [6, 7]);
    assert_eq!(npz.bytes("README").unwrap(), b"two");
    drop(npz);

    // Once more: what was added is kept, what was removed is added.
    let mut npz = NpzWriter::append(&path).unwrap();
    npz.array("c", &0).unwrap().bytes("README", b"three").unwrap();
    npz.finish().unwrap();
    assert_eq!(names(&path), ["a", "d", "e", "b", "c"]);
    let npz = NpzReader::open(&path).unwrap();
    npz.verify().unwrap();
    assert_eq!(npz.bytes("README").unwrap(), b"three");
    assert_eq!(listing(folder.path()).len(), 1);
}

#[test]
fn nothing_changes_without_finish() {
    let folder = common::folder();
    let path = folder.path().join("run.npz");
    savez!(&path, a = [1.0, 2.0], b = 2).unwrap();
    let before = fs::read(&path).unwrap();
    let mut npz = NpzWriter::append(&path).unwrap();
    npz.array("a", &5).unwrap().remove("b").unwrap();
    drop(npz);
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(listing(folder.path()).len(), 1);
}

#[test]
fn all_may_go_and_nothing_may_come() {
    let folder = common::folder();
    let path = folder.path().join("run.npz");
    savez!(&path, a = [1.0, 2.0], b = 2).unwrap();
    let before = members(&fs::read(&path).unwrap());
    NpzWriter::append(&path).unwrap().finish().unwrap();
    assert_eq!(members(&fs::read(&path).unwrap()), before);
    let mut npz = NpzWriter::append(&path).unwrap();
    npz.remove("a").unwrap().remove("b").unwrap();
    npz.finish().unwrap();
    assert!(NpzReader::open(&path).unwrap().is_empty());
    // There is no file to append to.
    let path = folder.path().join("new.npz");
    let mut npz = NpzWriter::append(&path).unwrap();
    npz.push(&1).unwrap();
    npz.finish().unwrap();
    assert_eq!(names(&path), ["arr_0"]);
}

#[test]
fn what_others_wrote_is_kept_as_it_is() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    for (name, before) in common::archives_of_others() {
        fs::write(&path, &before).unwrap();
        let mut npz = NpzWriter::append(&path).unwrap();
        npz.array("added", &[0.5]).unwrap();
        npz.finish().unwrap();
        let after = fs::read(&path).unwrap();
        let (before, mut after) = (members(&before), members(&after));
        let (_, added) = after.pop().unwrap();
        assert!(added.starts_with("Ok(\"added.npy\")"), "{added}");
        assert!(after == before, "{name}");
        assert_eq!(NpzReader::open(&path).unwrap().get::<Vec<f64>>("added").unwrap(), [0.5]);
    }
}

#[test]
fn alignment_and_index_are_kept() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    let x = Array2::from_shape_fn((1000, 400), |(i, j)| ((i * j) as f64).sqrt());
    let mut npz = NpzWriter::create(&path).unwrap();
    npz.array("odd", &[1_u8; 77]).unwrap().array("x", &x).unwrap();
    if cfg!(feature = "deflate") {
        npz.entry("small").compression(Compression::Deflate(6)).array(&x).unwrap();
    }
    npz.finish().unwrap();
    for size in [1, 100, 333] {
        let mut npz = NpzWriter::append(&path).unwrap();
        npz.array("added", &vec![1_u8; size]).unwrap();
        npz.finish().unwrap();
        let bytes = fs::read(&path).unwrap();
        let mut zip = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
        assert_eq!(zip.by_name("x.npy").unwrap().data_start().unwrap() % 64, 0);
        let npz = NpzReader::open(&path).unwrap();
        npz.verify().unwrap();
        assert_eq!(npz.get::<Array2<f64>>("x").unwrap(), x);
        if cfg!(feature = "deflate") {
            let part: Array2<f64> = npz.get_slice("small", s![900..901, ..]).unwrap();
            assert_eq!(part, x.slice(s![900..901, ..]));
            assert!(bytes != common::without_index(bytes.clone()));
        }
    }
}

/// More than 16 bits can count, from both sides.
#[test]
fn very_many_members_are_appended_to_and_added() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    let mut npz = NpzWriter::create(&path).unwrap();
    for i in 0..66_000 {
        npz.array(&format!("x{i}"), &i).unwrap();
    }
    npz.finish().unwrap();
    for added in 0..2 {
        let mut npz = NpzWriter::append(&path).unwrap();
        npz.remove(&format!("x{}", 7 + added)).unwrap().push(&added).unwrap();
        npz.finish().unwrap();
        let npz = NpzReader::open(&path).unwrap();
        assert_eq!(npz.len(), 66_000);
        assert_eq!(npz.get::<i32>("x65999").unwrap(), 65_999);
        assert_eq!(npz.get::<i32>(&format!("arr_{added}")).unwrap(), added);
    }
    let mut npz = NpzWriter::append(&path).unwrap();
    for i in 0..65_990 {
        npz.remove(&format!("x{}", i + 9)).unwrap();
    }
    npz.finish().unwrap();
    assert_eq!(NpzReader::open(&path).unwrap().len(), 10);
    NpzReader::open(&path).unwrap().verify().unwrap();
}

#[test]
fn names_that_are_kept_are_passed_over_replaced_or_refused() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    let mut npz = NpzWriter::create(&path).unwrap();
    npz.push(&0).unwrap().push(&1).unwrap().array("arr_3", &3).unwrap();
    npz.bytes("notes", b"").unwrap();
    npz.finish().unwrap();

    let mut npz = NpzWriter::append(&path).unwrap();
    npz.push(&2).unwrap().push(&4).unwrap();
    // Readers could not tell an array from a member of another sort by this name.
    let error = npz.array("notes", &1).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidName { .. }), "{error}");
    assert!(
        error.to_string().ends_with("already, without `.npy` (`remove` takes it out)"),
        "{error}"
    );
    npz.bytes("arr_0", b"").unwrap_err();
    npz.array("arr_2", &5).unwrap_err(); // that was added just now
    // What cannot be written replaces nothing.
    npz.array("arr_3", &["ends in NUL\0"]).unwrap_err();
    let error = npz.remove("nothing").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no array `nothing`; the archive has `notes`, `arr_0`, `arr_1`, `arr_3`"
    );
    npz.remove("notes").unwrap();
    npz.remove("notes").unwrap_err();
    npz.array("notes", &1).unwrap();
    npz.finish().unwrap();
    assert_eq!(names(&path), ["arr_0", "arr_1", "arr_3", "arr_2", "arr_4", "notes"]);
    assert_eq!(NpzReader::open(&path).unwrap().get::<i32>("arr_3").unwrap(), 3);

    let mut npz = NpzWriter::create(&path).unwrap();
    npz.array("x", &1).unwrap();
    let error = npz.remove("x").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotFound { .. }), "{error}");
}

#[test]
fn what_is_no_archive_is_not_appended_to() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    for bytes in [&b""[..], b"text", &vec![0; 10_000]] {
        fs::write(&path, bytes).unwrap();
        let error = NpzWriter::append(&path).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Archive { .. }), "{error}");
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
    assert!(NpzWriter::append(folder.path()).is_err());
    assert_eq!(listing(folder.path()).len(), 1);
}

/// A member that is not where the directory says would be copied as something else.
#[test]
fn a_damaged_archive_is_not_appended_to() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    savez!(&path, a = Array1::<f64>::zeros(100), b = [1, 2]).unwrap();
    let whole = fs::read(&path).unwrap();
    let of = |start: &[u8], nth: usize| {
        let mut places = (0..whole.len()).filter(|&at| whole[at..].starts_with(start));
        places.nth(nth).unwrap()
    };
    let entry = |nth| of(b"PK\x01\x02", nth);
    let changes: [(usize, &[u8]); 5] = [
        (0, b"QK"),                     // no header where one should be
        (of(b"PK\x03\x04", 1), b"QK"),  // likewise, the second one
        (entry(1) + 42, &[0; 4]),       // both at one place
        (entry(0) + 20, &[0, 8, 0, 0]), // longer than there is room for
        (28, &[0xff, 1]),               // after fields that are longer than there is room for
    ];
    for (at, change) in changes {
        let mut bytes = whole.clone();
        bytes[at..at + change.len()].copy_from_slice(change);
        fs::write(&path, &bytes).unwrap();
        let appended = NpzWriter::append(&path).and_then(|mut npz| {
            npz.array("c", &1)?;
            npz.finish()
        });
        let error = appended.expect_err("it is damaged");
        assert!(matches!(error.kind(), ErrorKind::Archive { .. }), "{at}: {error}");
        assert_eq!(fs::read(&path).unwrap(), bytes);
        assert_eq!(listing(folder.path()).len(), 1);
    }
}

/// Once it is open, somebody else may cut it short.
#[test]
fn an_archive_that_is_cut_short_meanwhile_is_an_error() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    savez!(&path, a = [1.0, 2.0], b = 2, c = [3_u8; 1000]).unwrap();
    let whole = fs::read(&path).unwrap();
    let directory_end = whole.len() - 22;
    for len in 0..whole.len() {
        fs::write(&path, &whole).unwrap();
        let mut npz = NpzWriter::append(&path).unwrap();
        npz.array("d", &[4.0]).unwrap().array("b", &5).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_len(len as u64).unwrap();
        // What it has read before it could copy, but the new archive must not replace the file.
        let error = npz.finish().unwrap_err();
        let (archive, changed) = match error.kind() {
            ErrorKind::Archive { .. } => (true, false),
            ErrorKind::Changed { .. } => (false, true),
            _ => (false, false),
        };
        assert!(archive || (changed && len >= directory_end), "{len}: {error}");
        assert!(fs::read(&path).unwrap() == whole[..len], "{len}");
    }
}

#[test]
fn a_synced_save_is_a_save() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    for append in [false, true] {
        let npz = if append { NpzWriter::append(&path) } else { NpzWriter::create(&path) };
        let mut npz = npz.unwrap().sync(true);
        npz.push(&[1.0]).unwrap();
        npz.finish().unwrap();
    }
    assert_eq!(names(&path), ["arr_0", "arr_1"]);
}
