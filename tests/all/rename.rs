//! `NpzWriter::rename`: members under other names, and otherwise as they were.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use crate::append::members;
use crate::common::{self, compressions, forged, listing};
use crate::directory::is_sound;
use ndarray::{Array2, s};
use npz::{Compression, ErrorKind, NpzReader, NpzWriter, Raw, WriteNpz, savez};

fn names(path: &Path) -> Vec<String> {
    NpzReader::open(path).unwrap().names().map(str::to_owned).collect()
}

fn rename(path: &Path, name: &str, new_name: &str) -> npz::Result<()> {
    let mut npz = NpzWriter::append(path)?;
    npz.rename(name, new_name)?;
    npz.finish().map(drop)
}

fn is_invalid(error: npz::Error, problem: &str) {
    assert!(matches!(error.kind(), ErrorKind::InvalidName { .. }), "{error}");
    assert!(error.to_string().contains(problem), "expected: {problem}\n   found: {error}");
}

/// Of two deflated blocks.
fn large() -> Array2<f64> {
    Array2::from_shape_fn((400, 350), |(i, j)| ((i * j) as f64).sqrt())
}

/// Shorter ones, longer ones, none at all.
const NEW_NAMES: [&str; 7] = [
    "y",
    "",
    "a/b.c",
    "粒子é",
    "x.npz",
    "a name that is rather long, for its own sake",
    "\u{a0}\n",
];

fn every_reader_has<R: Send + Sync + 'static>(npz: &NpzReader<R>, name: &str, is_stored: bool) {
    let x = large();
    npz.verify().unwrap();
    assert_eq!(npz.names().collect::<Vec<_>>(), ["first", name, "last"]);
    assert_eq!(npz.get::<Array2<f64>>(name).unwrap(), x);
    assert_eq!(npz.get_all().unwrap()[name].as_array::<f64>().unwrap(), x.view().into_dyn());
    let rows = s![390..;3, 9..];
    assert_eq!(npz.get_slice::<Array2<f64>>(name, rows).unwrap(), x.slice(rows));
    let mut out = Array2::<f64>::zeros((400, 350));
    npz.read_into(name, &mut out).unwrap();
    assert_eq!(out, x);
    let blocks = npz.chunks::<Array2<f64>>(name, 150).unwrap();
    assert_eq!(blocks.map(|block| block.unwrap().nrows()).sum::<usize>(), 400);
    let info = npz.info(name).unwrap();
    assert_eq!((info.shape(), info.is_compressed()), (&[400, 350][..], !is_stored));
    let error = npz.get::<Raw>("x").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotFound { .. }), "{error}");
}

#[test]
fn a_renamed_array_is_the_same_to_every_reader() {
    let folder = common::folder();
    let path = folder.path().join("run.npz");
    for compression in compressions(6) {
        let is_stored = compression == Compression::Stored;
        let mut npz = NpzWriter::create(&path).unwrap().compression(compression);
        npz.array("first", &[1_u8; 77]).unwrap().array("x", &large()).unwrap();
        npz.bytes("README", b"not an array").unwrap().array("last", &0.5).unwrap();
        npz.finish().unwrap();
        let before = fs::read(&path).unwrap();
        for name in if is_stored { &NEW_NAMES[..] } else { &NEW_NAMES[2..4] } {
            fs::write(&path, &before).unwrap();
            rename(&path, "x", name).unwrap();

            is_sound(&path);
            let bytes = fs::read(&path).unwrap();
            assert_eq!(common::index(&bytes).is_some(), !is_stored);
            let npz = NpzReader::from_bytes(common::Aligned::new(&bytes, 0)).unwrap();
            every_reader_has(&npz, name, is_stored);
            if is_stored {
                assert_eq!(npz.view::<f64, ndarray::Ix2>(name).unwrap(), large());
            }
            every_reader_has(&NpzReader::new(Cursor::new(bytes)).unwrap(), name, is_stored);
            let npz = NpzReader::open(&path).unwrap();
            every_reader_has(&npz, name, is_stored);
            assert_eq!(npz.bytes("README").unwrap(), b"not an array");
            assert_eq!(npz.get::<Vec<u8>>("first").unwrap(), [1; 77]);
        }
    }
    assert_eq!(listing(folder.path()).len(), 1);
}

#[test]
fn names_change_as_often_as_one_likes() {
    let folder = common::folder();
    let path = folder.path().join("run.npz");
    savez!(&path, a = 1, b = 2, c = 3, d = 4, e = 5).unwrap();
    let before = fs::read(&path).unwrap();
    let mut npz = NpzWriter::append(&path).unwrap();
    npz.rename("a", "a").unwrap().rename("b", "x").unwrap().rename("x", "b").unwrap();
    npz.finish().unwrap();
    assert!(fs::read(&path).unwrap() == before, "no name has changed");

    let mut npz = NpzWriter::append(&path).unwrap();
    npz.rename("a", "x").unwrap().rename("b", "a").unwrap().rename("x", "b").unwrap(); // swapped
    npz.rename("c", "first").unwrap().rename("first", "second").unwrap();
    npz.array("c", &6).unwrap(); // its name is free
    npz.rename("d", "gone").unwrap().remove("gone").unwrap();
    npz.rename("e", "d").unwrap(); // as that of a member that was removed
    assert_eq!(npz.to_string().split_once("with ").unwrap().1, "5 members: a, b, c, d, second");
    for (name, has) in [("e", "`d`"), ("gone", "`a`"), ("first", "`second`"), ("c", "`second`")] {
        let error = npz.rename(name, "y").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::NotFound { .. }), "{error}");
        assert!(error.to_string().contains(has), "{error}");
    }
    npz.finish().unwrap();
    assert_eq!(names(&path), ["b", "a", "second", "d", "c"]);
    let npz = NpzReader::open(&path).unwrap();
    npz.verify().unwrap();
    let values = npz.names().map(|name| npz.get::<i32>(name).unwrap());
    assert_eq!(values.collect::<Vec<_>>(), [1, 2, 3, 5, 6]);
    drop(npz);

    // What was renamed is replaced by an array of its new name, and passed over by `push`.
    let mut npz = NpzWriter::append(&path).unwrap();
    npz.rename("a", "arr_0").unwrap().rename("b", "arr_1").unwrap();
    npz.push(&7).unwrap().array("arr_1", &8).unwrap();
    npz.finish().unwrap();
    assert_eq!(names(&path), ["arr_0", "second", "d", "c", "arr_2", "arr_1"]);
    assert_eq!(NpzReader::open(&path).unwrap().get::<i32>("arr_1").unwrap(), 8);
}

#[test]
fn a_name_that_no_member_can_have_changes_nothing() {
    let folder = common::folder();
    let path = folder.path().join("run.npz");
    let mut npz = NpzWriter::create(&path).unwrap();
    npz.array("x", &1).unwrap().array("y", &2).unwrap().bytes("README", b"text").unwrap();
    npz.finish().unwrap();
    let before = fs::read(&path).unwrap();
    let mut npz = NpzWriter::append(&path).unwrap();
    npz.remove("y").unwrap().array("added", &3).unwrap().bytes("notes", b"").unwrap();
    for (name, new_name, problem) in [
        ("x", "README", "has a member of this name already"),
        ("x", "added", "has a member of this name already"),
        ("x", "notes", "has a member of this name already"),
        ("README", "x", "has a member of this name already"),
        ("README", "x.npy", "has a member of this name already"),
        ("README", "added", "has a member of this name already"),
        ("README", "notes", "has a member of this name already"),
        ("x", "a\0b", "cannot contain NUL"),
        ("x", "a.npy", "cannot end in `.npy`"),
        ("README", "a.npy.npy", "cannot end in `.npy`"),
        ("x", &"n".repeat(65_501), "too long"),
        ("README", &"n".repeat(65_501), "too long"),
    ] {
        is_invalid(npz.rename(name, new_name).unwrap_err(), problem);
    }
    let error = npz.rename("added", "z").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotFound { .. }), "it was added: {error}");
    npz.rename("x", "y").unwrap();
    npz.rename("README", &"n".repeat(65_500)).unwrap();
    drop(npz);
    assert!(fs::read(&path).unwrap() == before);

    let mut npz = NpzWriter::create(&path).unwrap();
    npz.array("x", &1).unwrap();
    let error = npz.rename("x", "y").unwrap_err();
    assert_eq!(error.to_string(), npz.remove("x").unwrap_err().to_string());
}

#[test]
fn the_longest_names_are_given_and_taken_away() {
    let folder = common::folder();
    let path = folder.path().join("run.npz");
    savez!(&path, x = [1.0, 2.0], y = 1).unwrap();
    let before = members(&fs::read(&path).unwrap());
    let long = "n".repeat(65_500);
    rename(&path, "x", &long).unwrap();
    assert_eq!(names(&path), [&long, "y"]);
    is_sound(&path);
    rename(&path, &long, "x").unwrap();
    assert_eq!(members(&fs::read(&path).unwrap()), before);
}

/// Arrays have `.npy`; what has another end, or none, is called as it is.
#[test]
fn members_of_other_sorts_get_their_whole_name() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    let mut array = Vec::new();
    [1.5, 2.5].write_npy(&mut array).unwrap();
    let members = [("bare", &array[..]), ("README", b"text"), ("x.npy", &array)];
    let members = members.map(|(name, bytes)| forged::stored(name, bytes.to_vec()));
    fs::write(&path, forged::archive(&members)).unwrap();
    let mut npz = NpzWriter::append(&path).unwrap();
    npz.rename("README", "docs/README.md").unwrap();
    npz.rename("bare", "bare.npy").unwrap(); // an array now
    npz.rename("x.npy", "z").unwrap();
    npz.finish().unwrap();
    let npz = NpzReader::open(&path).unwrap();
    assert_eq!(npz.members().collect::<Vec<_>>(), ["bare.npy", "docs/README.md", "z.npy"]);
    assert_eq!(npz.get::<Vec<f64>>("bare").unwrap(), [1.5, 2.5]);
    assert_eq!(npz.get::<Vec<f64>>("z").unwrap(), [1.5, 2.5]);
    assert_eq!(npz.bytes("docs/README.md").unwrap(), b"text");
}

#[test]
fn whatever_others_wrote_is_renamed_and_gets_its_name_back() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    for (name, bytes) in common::archives_of_others() {
        fs::write(&path, &bytes).unwrap();
        let before = NpzReader::from_bytes(&bytes).unwrap();
        // Each name is another one, of another length, in other letters.
        let new_name = |name: &str| format!("{name}é粒");
        let user = |member: &str| member.strip_suffix(".npy").unwrap_or(member).to_owned();
        let all: Vec<_> = before.members().map(user).collect();
        let mut npz = NpzWriter::append(&path).unwrap();
        for name in &all {
            npz.rename(name, &new_name(name)).unwrap();
        }
        npz.finish().unwrap();
        let after = NpzReader::open(&path).unwrap();
        let renamed: Vec<_> = after.members().map(user).collect();
        assert_eq!(renamed, all.iter().map(|name| new_name(name)).collect::<Vec<_>>());
        for name in before.names() {
            match (before.get::<Raw>(name), after.get::<Raw>(&new_name(name))) {
                (Ok(before), Ok(after)) => assert!(before == after, "{name}"),
                (before, after) => {
                    let told = |result: npz::Result<Raw>| result.unwrap_err().into_kind();
                    assert_eq!(told(before).to_string(), told(after).to_string());
                }
            }
        }
        for name in before.other_members() {
            assert_eq!(before.bytes(name).ok(), after.bytes(&new_name(name)).ok(), "{name}");
        }
        drop(after);
        let mut npz = NpzWriter::append(&path).unwrap();
        for name in &all {
            npz.rename(&new_name(name), name).unwrap();
        }
        npz.finish().unwrap();
        assert!(members(&fs::read(&path).unwrap()) == members(&bytes), "{name}");
    }
}

const UTF8: u16 = 1 << 11;

/// The flags of the only member, in its local header and in the directory, and the fields in both.
fn headers(archive: &[u8]) -> [(u16, Vec<u8>); 2] {
    let u16_at = |at: usize| u16::from_le_bytes(archive[at..at + 2].try_into().unwrap());
    let entry = archive.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    [(0, 6, 26, 30), (entry, 8, 28, 46)].map(|(start, flags, lens, len)| {
        let [name, fields] = [lens, lens + 2].map(|at| usize::from(u16_at(start + at)));
        let fields = &archive[start + len + name..][..fields];
        (u16_at(start + flags), fields.to_vec())
    })
}

#[test]
fn flags_and_fields_are_those_of_the_new_name() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    let mut array = Vec::new();
    [1, 2].write_npy(&mut array).unwrap();
    let time = b"UT\x05\x00\x01\x02\x03\x04\x05".to_vec();
    for (name, flags) in
        [(&b"_.npy"[..], 0), (b"\x82\xe1.npy", 0), ("粒.npy".as_bytes(), UTF8), (b"x.npy\0.txt", 0)]
    {
        let old = [&[1][..], &crc32fast::hash(name).to_le_bytes(), "粒.npy".as_bytes()].concat();
        let unicode = [&b"up"[..], &[old.len() as u8, 0], &old].concat();
        let mut member = forged::stored("", array.clone());
        member.name = name.to_vec();
        member.both(|header| {
            header.flags = flags | 2; // one that is no business of the name's
            header.extra = [&unicode[..], &time].concat();
        });
        fs::write(&path, forged::archive(&[member])).unwrap();
        for (new_name, expected) in [("a", 0), ("é", UTF8), ("bb", 0), ("粒子", UTF8), ("µ", UTF8)]
        {
            let old = names(&path).pop().unwrap();
            rename(&path, &old, new_name).unwrap();
            let bytes = fs::read(&path).unwrap();
            for (flags, fields) in headers(&bytes) {
                assert_eq!(flags, expected | 2, "{new_name}");
                assert!(fields.starts_with(&time), "{fields:x?}");
            }
            assert!(!bytes.windows(4).any(|window| window == &unicode[..4]));
            assert_eq!(names(&path), [new_name]);
            let npz = NpzReader::open(&path).unwrap();
            assert_eq!(npz.get::<Vec<i32>>(new_name).unwrap(), [1, 2]);
        }
    }
}

#[test]
fn streamed_members_are_renamed() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    for compression in compressions(6) {
        let file = fs::File::create(&path).unwrap();
        let mut npz = NpzWriter::stream(file).compression(compression);
        npz.array("x", &large()).unwrap().array("y", &[1, 2]).unwrap();
        npz.finish().unwrap();
        let mut npz = NpzWriter::append(&path).unwrap();
        npz.rename("x", "粒子").unwrap().rename("y", "a longer name").unwrap().push(&3).unwrap();
        npz.finish().unwrap();
        let npz = NpzReader::open(&path).unwrap();
        npz.verify().unwrap();
        assert_eq!(npz.names().collect::<Vec<_>>(), ["粒子", "a longer name", "arr_0"]);
        assert_eq!(npz.get::<Array2<f64>>("粒子").unwrap(), large());
        assert_eq!(npz.get::<Vec<i32>>("a longer name").unwrap(), [1, 2]);
        // To other readers, too, which know where each member ends.
        assert_eq!(common::members(&fs::read(&path).unwrap()).len(), 3);
    }
}

/// A new name in both headers would make good what nobody has looked at.
#[test]
fn headers_that_disagree_on_a_name_are_not_given_another() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    savez!(&path, a = 1, b = 2).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[30] = b'c';
    fs::write(&path, &bytes).unwrap();
    let error = rename(&path, "a", "d").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Archive { .. }), "{error}");
    let expected = "array `a`: damaged: two headers disagree on its name";
    assert!(error.to_string().ends_with(expected), "{error}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
    rename(&path, "b", "d").unwrap();
    assert_eq!(NpzReader::open(&path).unwrap().get::<i32>("d").unwrap(), 2);

    // A member that is not there at all is the same error as where it keeps its name.
    bytes[..2].copy_from_slice(b"QK");
    fs::write(&path, &bytes).unwrap();
    let kept = NpzWriter::append(&path).unwrap().finish().unwrap_err();
    let renamed = rename(&path, "a", "d").unwrap_err();
    assert_eq!(renamed.to_string(), kept.to_string());
    assert_eq!(fs::read(&path).unwrap(), bytes);
    assert_eq!(listing(folder.path()).len(), 1);
}
