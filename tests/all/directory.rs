//! What an archive holds: which members there are, which of them are arrays, what they are
//! called; whoever wrote it, and whatever was done to it since.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use crate::common::forged::{self, Member, stored};
use crate::common::{self, compressions, members};
use npz::{AnyArray, Compression, ErrorKind, NpzReader, NpzWriter, WriteNpz, savez};

/// Deflated, unless this build cannot.
fn best() -> Compression {
    compressions(6).pop().unwrap()
}

fn npy(values: &[i32]) -> Vec<u8> {
    let mut bytes = Vec::new();
    values.write_npy(&mut bytes).unwrap();
    bytes
}

fn archive(of: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let members: Vec<_> = of.iter().map(|(name, data)| stored(name, data.clone())).collect();
    forged::archive(&members)
}

fn open(bytes: &[u8]) -> NpzReader<&[u8]> {
    NpzReader::from_bytes(bytes).unwrap()
}

fn names<R>(npz: &NpzReader<R>) -> Vec<&str> {
    npz.names().collect()
}

#[track_caller]
fn refused(bytes: &[u8], expected: &str) {
    let error = NpzReader::from_bytes(bytes).expect_err(expected);
    assert!(matches!(error.kind(), ErrorKind::Archive { .. }), "{error}");
    assert!(error.to_string().contains(expected), "expected: {expected}\n   found: {error}");
    assert!(std::error::Error::source(&error).is_none(), "{error}");
}

/// Checks that an archive is one to NumPy, which looks at its first bytes; that there is
/// nothing between its members; and that stored bodies are aligned.
#[track_caller]
pub fn is_sound(path: &Path) {
    let bytes = fs::read(path).unwrap();
    let mut zip = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
    let mut next = 0;
    let mut starts: Vec<_> = (0..zip.len())
        .map(|index| {
            let member = zip.by_index_raw(index).unwrap();
            let data = member.data_start().unwrap();
            if member.compression() == zip::CompressionMethod::Stored {
                assert_eq!(data % 64, 0, "{:?}", member.name());
            }
            (member.header_start(), data + member.compressed_size())
        })
        .collect();
    starts.sort_unstable();
    for (start, end) in starts {
        assert_eq!(start, next, "there are bytes between the members");
        next = end;
    }
    assert_eq!(zip.central_directory_start(), next);
    NpzReader::open(path).unwrap().verify().unwrap();
}

#[test]
fn whatever_is_removed_an_archive_begins_with_a_member_and_has_no_gaps() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    for removed in 0..1 << 4 {
        for added in [false, true] {
            let mut npz = NpzWriter::create(&path).unwrap();
            npz.array("note", "a").unwrap();
            npz.entry("deflated").compression(best()).array(&[1.5; 99]).unwrap();
            npz.array("x", &[1.0, 2.0]).unwrap().bytes("README", b"short").unwrap();
            npz.finish().unwrap();
            let all = ["note", "deflated", "x", "README"];
            let is_kept = |index: &usize| removed >> index & 1 == 0;
            let mut npz = NpzWriter::append(&path).unwrap();
            for index in (0..all.len()).filter(|index| !is_kept(index)) {
                npz.remove(all[index]).unwrap();
            }
            if added {
                npz.array("y", &[3_u8]).unwrap();
            }
            npz.finish().unwrap();
            is_sound(&path);
            let left = (0..all.len()).filter(is_kept).map(|index| all[index]);
            let left: Vec<_> = left.chain(added.then_some("y")).collect();
            let npz = NpzReader::open(&path).unwrap();
            let found = npz.members().map(|name| name.strip_suffix(".npy").unwrap_or(name));
            assert_eq!(found.collect::<Vec<_>>(), left);
            if left.is_empty() {
                assert_eq!(fs::metadata(&path).unwrap().len(), 22);
            }
        }
    }
}

/// Each time another member comes to the front, or members of other lengths come before it.
#[test]
fn many_changes_leave_no_trace_in_the_headers() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    savez!(&path, first = [1.0, 2.0], kept = [3.0]).unwrap();
    let size = fs::metadata(&path).unwrap().len();
    for round in 0..40 {
        let mut npz = NpzWriter::append(&path).unwrap();
        npz.array(&"n".repeat(round * 7 % 90), &[0_u8; 3]).unwrap();
        npz.finish().unwrap();
        is_sound(&path);
        let mut npz = NpzWriter::append(&path).unwrap();
        npz.remove(&"n".repeat(round * 7 % 90)).unwrap();
        npz.finish().unwrap();
        is_sound(&path);
    }
    let grown = fs::metadata(&path).unwrap().len() - size;
    assert!(grown <= 2 * 70, "{grown} bytes for nothing");
}

#[test]
fn what_macos_adds_is_not_an_array() {
    let apple_double = b"\0\x05\x16\x07 and so on".to_vec();
    let bytes = archive(&[
        ("x.npy", npy(&[1, 2])),
        ("__MACOSX/._x.npy", apple_double.clone()),
        ("._.npy", npy(&[3])),
        ("empty.npy", vec![]),
        ("text.npy", b"some text".to_vec()),
    ]);
    let npz = open(&bytes);
    // The name of the last one leaves no doubt, and is wrong.
    assert_eq!(names(&npz), ["x", "._", "text"]);
    assert_eq!(npz.len(), 3);
    assert_eq!(npz.other_members().collect::<Vec<_>>(), ["__MACOSX/._x.npy", "empty.npy"]);
    npz.verify().unwrap();
    assert_eq!(npz.get_all().unwrap().into_keys().collect::<Vec<_>>(), ["._", "x"]);
    for (name, found) in
        [("__MACOSX/._x", &apple_double[..]), ("empty", b""), ("text", b"some text")]
    {
        let error = npz.get::<AnyArray>(name).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::NotAnArray { .. }), "{error}");
        assert_eq!(error.array(), Some(name));
        assert!(npz.info(name).is_err());
        assert_eq!(npz.bytes(name).unwrap(), found);
    }
    // Unless their bytes are damaged: then nobody knows what they were.
    let at = bytes.windows(9).position(|bytes| bytes == b"some text").unwrap();
    let mut damaged = bytes;
    damaged[at] = b'S';
    let damaged = open(&damaged);
    for error in [damaged.get_all().unwrap_err(), damaged.get::<AnyArray>("text").unwrap_err()] {
        assert!(matches!(error.kind(), ErrorKind::Checksum { .. }), "{error}");
    }
}

#[test]
fn a_member_without_npy_is_an_array_if_it_begins_as_one() {
    let mut deflated = NpzWriter::new(Cursor::new(Vec::new())).compression(best());
    deflated.bytes("plain", &npy(&[1, 2])).unwrap().bytes("README", b"not an array").unwrap();
    deflated.array("x", &[3]).unwrap();
    let deflated = deflated.finish().unwrap().into_inner();
    let others =
        [("plain", npy(&[1, 2])), ("README", b"not an array".to_vec()), ("x.npy", npy(&[3]))];
    for bytes in [archive(&others), deflated] {
        let npz = open(&bytes);
        assert_eq!(names(&npz), ["plain", "x"]);
        assert_eq!((npz.len(), npz.is_empty()), (2, false));
        assert_eq!(npz.other_members().collect::<Vec<_>>(), ["README"]);
        assert_eq!(npz.members().collect::<Vec<_>>(), ["plain", "README", "x.npy"]);
        assert_eq!(npz.to_string(), "NpzReader with 2 arrays: plain, x");
        assert_eq!(npz.info("plain").unwrap().shape(), [2]);
        assert_eq!(npz.get::<Vec<i32>>("plain").unwrap(), [1, 2]);
        let all = npz.get_all().unwrap();
        assert_eq!(all["plain"].as_array::<i32>().unwrap().as_slice().unwrap(), [1, 2]);
        assert_eq!(all.len(), 2);
        npz.verify().unwrap();
        assert!(npz.contains("README") && npz.contains("x.npy") && !npz.contains("plain.npy"));
    }
}

#[test]
fn a_name_that_two_members_answer_to_is_an_error_that_names_both() {
    let bytes = archive(&[("x.npy", npy(&[1])), ("x.npy.npy", npy(&[2])), ("y.npy", npy(&[3]))]);
    let npz = open(&bytes);
    assert_eq!(names(&npz), ["x", "x.npy", "y"]);
    let error = npz.get::<Vec<i32>>("x.npy").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Ambiguous { .. }), "{error}");
    let expected =
        "array `x.npy`: the name is ambiguous: the archive has the members `x.npy` and `x.npy.npy`";
    assert_eq!(error.to_string(), expected);
    assert_eq!(npz.info("x.npy").unwrap_err().to_string(), expected);
    assert_eq!(npz.get::<Vec<i32>>("x").unwrap(), [1]);
    assert_eq!(npz.get::<Vec<i32>>("x.npy.npy").unwrap(), [2]);
    assert_eq!(npz.get_all().unwrap().len(), 3);

    let bytes = archive(&[("x", npy(&[1])), ("x.npy", npy(&[2])), ("y.npy", npy(&[3]))]);
    let npz = open(&bytes);
    let error = npz.get::<Vec<i32>>("x").unwrap_err();
    assert!(error.to_string().ends_with("the members `x` and `x.npy`"), "{error}");
    assert_eq!(npz.get::<Vec<i32>>("x.npy").unwrap(), [2]);
    assert_eq!(npz.bytes("x").unwrap(), npy(&[1]));
    npz.verify().unwrap();
    // One of them would be missing from a map.
    assert!(matches!(npz.get_all().unwrap_err().kind(), ErrorKind::Ambiguous { .. }));
    let each = npz.get_each();
    assert!(each["x"].is_err() && each["y"].is_ok());
}

#[test]
fn one_array_that_cannot_be_loaded_need_not_sink_the_rest() {
    let mut later = npy(&[2]);
    later[6] = 4; // a version of the format that does not exist
    let bytes = archive(&[("x.npy", npy(&[1])), ("later.npy", later), ("y.npy", npy(&[3]))]);
    let npz = open(&bytes);
    assert!(npz.get_all().is_err());
    let each = npz.get_each();
    assert_eq!(each.keys().collect::<Vec<_>>(), ["later", "x", "y"]);
    assert!(each["x"].is_ok() && each["y"].is_ok());
    let error = each["later"].as_ref().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }), "{error}");
    assert_eq!(error.array(), Some("later"));
}

/// Whatever bit of it has changed, an array does not vanish from a damaged archive.
#[test]
fn an_array_with_a_damaged_name_is_an_error() {
    let bytes = archive(&[("x.npy", npy(&[1])), ("notes.npy", npy(&[2]))]);
    let directory = bytes.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    let name = directory + bytes[directory..].windows(5).position(|name| name == b"x.npy").unwrap();
    for bit in 0..8 * "x.npy".len() {
        let mut bytes = bytes.clone();
        bytes[name + bit / 8] ^= 1 << (bit % 8);
        let Ok(npz) = NpzReader::from_bytes(bytes) else { continue };
        let each = npz.get_each();
        let errors = each.values().filter(|array| array.is_err()).count();
        assert_eq!((each.len(), errors), (2, 1), "bit {bit}: {npz}");
    }
}

/// An archive to which `x` has been added a second time.
fn twice() -> Vec<u8> {
    archive(&[("x.npy", npy(&[1])), ("y.npy", npy(&[2])), ("x.npy", npy(&[3, 4]))])
}

#[test]
fn of_a_name_that_is_there_twice_only_that_name_is_refused() {
    let bytes = twice();
    let npz = open(&bytes);
    assert_eq!(names(&npz), ["y", "x"]);
    assert_eq!(npz.get::<Vec<i32>>("y").unwrap(), [2]);
    for error in [
        npz.get::<Vec<i32>>("x").unwrap_err(),
        npz.info("x.npy").map(drop).unwrap_err(),
        npz.bytes("x").map(drop).unwrap_err(),
        npz.get_all().map(drop).unwrap_err(),
        npz.verify().unwrap_err(),
    ] {
        assert!(matches!(error.kind(), ErrorKind::Ambiguous { .. }), "{error}");
        assert!(error.to_string().contains("several members of the archive are named `x.npy`"));
    }
    assert!(npz.get_each()["y"].is_ok());

    let npz = npz.allow_duplicates();
    assert_eq!(npz.get::<Vec<i32>>("x").unwrap(), [3, 4]);
    assert_eq!(npz.get_all().unwrap().len(), 2);
    npz.verify().unwrap();
}

#[test]
fn append_keeps_the_last_of_one_name_or_replaces_it() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    fs::write(&path, twice()).unwrap();
    let mut npz = NpzWriter::append(&path).unwrap();
    npz.array("z", &[5]).unwrap();
    npz.finish().unwrap();
    let npz = NpzReader::open(&path).unwrap();
    npz.verify().unwrap();
    assert_eq!(names(&npz), ["y", "x", "z"]);
    assert_eq!(npz.get::<Vec<i32>>("x").unwrap(), [3, 4]);
    drop(npz);

    fs::write(&path, twice()).unwrap();
    let mut npz = NpzWriter::append(&path).unwrap();
    npz.array("x", &[6]).unwrap();
    npz.finish().unwrap();
    let npz = NpzReader::open(&path).unwrap();
    assert_eq!(npz.get::<Vec<i32>>("x").unwrap(), [6]);
    assert_eq!(members(&fs::read(&path).unwrap()).len(), 2);
}

/// Writers that count in 16 bits say that there are 4 members of 65,540; others forget to
/// count what they add. NumPy reads as many as there are.
#[test]
fn members_are_as_many_as_the_directory_holds_whatever_is_counted() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    for count in [2, 65_540] {
        let all: Vec<Member> =
            (0..count).map(|index| stored(&format!("{index}.npy"), npy(&[index]))).collect();
        let mut bytes = forged::archive(&all);
        let end = bytes.len() - 22;
        if count == 2 {
            bytes[end + 8..end + 12].copy_from_slice(&[1, 0, 1, 0]);
        }
        assert!(bytes[end + 8] < 5);
        fs::write(&path, &bytes).unwrap();
        let check = |npz: NpzReader<fs::File>, expected: usize| {
            assert_eq!(npz.len(), expected);
            npz.verify().unwrap();
            assert_eq!(npz.get::<Vec<i32>>(&(count - 1).to_string()).unwrap(), [count - 1]);
        };
        check(NpzReader::open(&path).unwrap(), count as usize);
        let mut npz = NpzWriter::append(&path).unwrap();
        npz.array("y", &[1]).unwrap();
        npz.finish().unwrap();
        check(NpzReader::open(&path).unwrap(), count as usize + 1);
    }
}

#[test]
fn a_comment_stays() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    let mut bytes = archive(&[("x.npy", npy(&[1]))]);
    let end = bytes.len();
    let comment = [&b"PK\x05\x06 is what this begins with"[..], &[b'x'; 3000]].concat();
    bytes[end - 2..].copy_from_slice(&(comment.len() as u16).to_le_bytes());
    // A signature in the comment is where Python looks for the end, in vain.
    refused(&[&bytes[..], &comment].concat(), "its end record is not whole");
    let comment = &comment[4..];
    bytes[end - 2..].copy_from_slice(&(comment.len() as u16).to_le_bytes());
    fs::write(&path, [&bytes[..], comment].concat()).unwrap();
    NpzWriter::append(&path).unwrap().finish().unwrap();
    assert_eq!(NpzReader::open(&path).unwrap().get::<Vec<i32>>("x").unwrap(), [1]);
    assert!(fs::read(&path).unwrap().ends_with(comment));
}

#[test]
fn files_that_are_two_archives_are_refused() {
    let one = archive(&[("x.npy", npy(&[1]))]);
    let end = one.len() - 22;
    refused(&[&one[..], b"\n"].concat(), "1 bytes follow its end record");
    refused(&[&one[..], &[0; 70_000]].concat(), "not an .npz archive");

    // A second archive, which is the comment of the first: Python reads the second.
    let mut both = one.clone();
    let second = archive(&[("x.npy", npy(&[2]))]);
    both[end + 20..].copy_from_slice(&(second.len() as u16).to_le_bytes());
    both.extend(&second);
    assert_eq!(open(&both).get::<Vec<i32>>("x").unwrap(), [2]);
    // Its comment reaches beyond the end of the file.
    let mut longer = both.clone();
    let last = longer.len() - 2;
    longer[last] = 9;
    refused(&longer, "its end record is not whole");

    // Two records for one directory, of 64 and of 32 bits.
    let directory = u32::from_le_bytes(one[end + 16..][..4].try_into().unwrap());
    let zip64 = |size: u64, offset: u64| {
        let mut record = b"PK\x06\x06".to_vec();
        record.extend(44_u64.to_le_bytes());
        record.extend([45, 3, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        record.extend([1, 1, size, offset].map(u64::to_le_bytes).as_flattened());
        record.extend(b"PK\x06\x07\0\0\0\0");
        record.extend((end as u64).to_le_bytes());
        record.extend(1_u32.to_le_bytes());
        [&one[..end], &record, &one[end..]].concat()
    };
    let sound = zip64(51, directory.into());
    assert_eq!(open(&sound).get::<Vec<i32>>("x").unwrap(), [1]);
    assert_eq!(members(&sound).len(), 1);
    refused(&zip64(51, u64::from(directory) - 1), "two end records disagree");
    refused(&zip64(0, directory.into()), "two end records disagree");

    // What is in front of an archive does not matter to it.
    let prefixed = [b"#!/bin/sh\n", &one[..]].concat();
    assert_eq!(open(&prefixed).get::<Vec<i32>>("x").unwrap(), [1]);
}

#[test]
fn a_directory_is_exactly_its_entries() {
    let one = archive(&[("x.npy", npy(&[1]))]);
    let end = one.len() - 22;
    let size = |bytes: &mut Vec<u8>, at: usize, by: i32| {
        let size = i32::from_le_bytes(bytes[at..][..4].try_into().unwrap()) + by;
        bytes[at..][..4].copy_from_slice(&size.to_le_bytes());
    };
    // Bytes behind the entries.
    let mut longer = [&one[..end], b"abc", &one[end..]].concat();
    size(&mut longer, end + 3 + 12, 3);
    refused(&longer, "not what its end record says");
    // An entry that is cut short.
    let mut shorter = one.clone();
    size(&mut shorter, end + 12, -1);
    size(&mut shorter, end + 16, 1);
    refused(&shorter, "not what its end record says");
    // An extra field that is longer than its entry.
    let mut member = stored("x.npy", npy(&[1]));
    member.central.extra = vec![1, 2, 9, 0, 0];
    refused(&forged::archive(&[member.clone()]), "array `x`: damaged: an extra field");
    // A number of 64 bits that is not there.
    member.central.extra = vec![1, 0, 4, 0, 1, 2, 3, 4];
    member.central.size = u32::MAX;
    refused(&forged::archive(&[member]), "array `x`: damaged: the directory lacks a number");
    // A disk that is not the first.
    let mut second = one;
    second[end + 4] = 1;
    refused(&second, "one part of an archive in several files");
}

/// The directory lets it end before the next member begins; its own header does not.
#[test]
fn a_member_in_the_extra_field_of_another_is_refused() {
    let inner = archive(&[("y.npy", npy(&[1]))]);
    let inner = &inner[..inner.len() - 22 - 51];
    let mut outer = stored("x.npy", npy(&[2]));
    outer.local.extra = [&[0x99, 0x99, inner.len() as u8, 0], inner].concat();
    let mut hidden = stored("y.npy", npy(&[1]));
    hidden.offset = Some(30 + 5 + 4);
    let mut bytes = forged::archive(&[outer, hidden.clone()]);
    // Of `y` only the directory's entry.
    let start = bytes.len() - 22 - 2 * 51;
    let size = 30 + 5 + hidden.data.len();
    bytes.drain(start - size..start);
    let end = bytes.len() - 22;
    bytes[end + 16..][..4].copy_from_slice(&((start - size) as u32).to_le_bytes());
    match NpzReader::from_bytes(&bytes) {
        Err(error) => assert!(error.to_string().contains("that of something else"), "{error}"),
        Ok(npz) => {
            let error = npz.get::<Vec<i32>>("x").unwrap_err().to_string();
            assert!(error.contains("its place in the file is that of something else"), "{error}");
        }
    }
}

#[test]
fn names_are_what_python_takes_them_for() {
    let named = |name: &[u8], flags: u16, extra: Vec<u8>| {
        let mut member = stored("", npy(&[1]));
        member.name = name.to_vec();
        member.both(|header| header.flags = flags);
        member.central.extra = extra;
        forged::archive(&[member])
    };
    let unicode = |name: &[u8], of: &[u8]| {
        let field = [&[1][..], &crc32fast::hash(of).to_le_bytes(), name].concat();
        [&[0x75, 0x70, field.len() as u8, 0], &field[..]].concat()
    };
    const UTF8: u16 = 1 << 11;
    for (bytes, expected) in [
        (named("é.npy".as_bytes(), UTF8, vec![]), "é"),
        (named(b"\x82\xe1.npy", 0, vec![]), "éß"),
        (named(b"\xff.npy", 0, vec![]), "\u{a0}"),
        (named(b"_.npy", 0, unicode("粒.npy".as_bytes(), b"_.npy")), "粒"),
        (named(b"_.npy", 0, unicode("粒.npy".as_bytes(), b"other.npy")), "_"),
        (named(b"x.npy\0.txt", 0, vec![]), "x"),
    ] {
        let npz = open(&bytes);
        assert_eq!(names(&npz), [expected]);
        assert_eq!(npz.get::<Vec<i32>>(expected).unwrap(), [1], "{expected}");
    }
    refused(&named(b"\xff.npy", UTF8, vec![]), "a name that is not UTF-8");
}

#[test]
fn the_longest_name_that_zip_has_is_read() {
    let name = "x".repeat(65_531);
    let bytes = archive(&[(&format!("{name}.npy"), npy(&[1]))]);
    assert_eq!(open(&bytes).get::<Vec<i32>>(&name).unwrap(), [1]);
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    fs::write(&path, bytes).unwrap();
    let mut npz = NpzWriter::append(&path).unwrap();
    npz.array("y", &[2]).unwrap();
    npz.finish().unwrap();
    let npz = NpzReader::open(&path).unwrap();
    assert_eq!(npz.get::<Vec<i32>>(&name).unwrap(), [1]);
    assert_eq!(npz.len(), 2);
}

/// In one call, as far as it is not longer than a comment may be.
#[test]
fn large_directories_are_read_by_every_source() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    let mut npz = NpzWriter::create(&path).unwrap();
    for index in 0..3000 {
        npz.array(&format!("layer/{index}/weights"), &index).unwrap();
    }
    npz.finish().unwrap();
    let bytes = fs::read(&path).unwrap();
    let last = "layer/2999/weights";
    assert_eq!(NpzReader::open(&path).unwrap().get::<i32>(last).unwrap(), 2999);
    assert_eq!(NpzReader::new(Cursor::new(&bytes)).unwrap().get::<i32>(last).unwrap(), 2999);
    assert_eq!(open(&bytes).get::<i32>(last).unwrap(), 2999);
}
