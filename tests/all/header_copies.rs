//! The copies of headers that the directory has of large stored arrays. With them a slice takes one
//! request, whatever has been done to the archive; and they are not believed against the file.

use std::fs;
use std::io::{Cursor, Seek, SeekFrom};

use ndarray::{Array2, Ix2, s};
use npz::{NpzMut, NpzReader, NpzWriter, ReadCost, WriteNpz};

use crate::common::{Aligned, folder, forged};
use crate::requests::{Asked, remote};

/// An array that is too large to be read in one request with its header.
fn large() -> Array2<f32> {
    Array2::from_shape_fn((700, 400), |(row, column)| (row * 400 + column) as f32)
}

fn archive() -> Vec<u8> {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    npz.array("before", &[1; 5]).unwrap().array("x", &large()).unwrap();
    npz.array("é", &(-large()).t()).unwrap().array("after", &2).unwrap();
    npz.finish().unwrap().into_inner()
}

/// Where the copies are: the field's id.
fn copies(archive: &[u8]) -> Vec<usize> {
    let is_copy = |&at: &usize| {
        archive[at..].starts_with(b"np") && archive[at + 22..].starts_with(b"\x93NUMPY")
    };
    (0..archive.len() - 30).filter(is_copy).collect()
}

/// Loads rows of `name` in so many requests.
fn rows(archive: &[u8], name: &str, requests: usize) -> npz::Result<Array2<f32>> {
    let (npz, _) = remote(archive.to_vec(), ReadCost::REMOTE);
    let (rows, asked) = Asked::by(&npz, |npz| npz.get_slice(name, s![200..210, ..]));
    assert!(rows.is_err() || asked.requests == requests, "{name}: {asked:?}");
    rows
}

/// Checks that the archive is sound, and that rows of `name`, which is `x`, take so many requests.
#[track_caller]
fn has(archive: &[u8], name: &str, x: &Array2<f32>, requests: usize) {
    assert!(rows(archive, name, requests).unwrap() == x.slice(s![200..210, ..]), "{name}");
    let npz = NpzReader::from_bytes(archive).unwrap();
    npz.verify().unwrap();
    assert!(npz.get::<Array2<f32>>(name).unwrap() == x, "{name}");
    assert_eq!(crate::common::members(archive).len(), npz.len());
}

/// Of which two are large, in one order and in the other.
#[track_caller]
fn has_both(archive: &[u8], first: &str, second: &str) {
    assert_eq!(copies(archive).len(), 2);
    has(archive, first, &large(), 1);
    let columns = -large();
    let (npz, _) = remote(archive.to_vec(), ReadCost::REMOTE);
    let (part, asked) =
        Asked::by(&npz, |npz| npz.get_slice::<Array2<f32>>(second, s![.., 200..210]).unwrap());
    assert!(part == columns.t().slice(s![.., 200..210]) && asked.requests == 1, "{asked:?}");
}

#[test]
fn rows_take_one_request() {
    has_both(&archive(), "x", "é");
    // Of streams, whose sizes come after the data.
    let mut npz = NpzWriter::stream(Vec::new());
    npz.array("x", &large()).unwrap().array("é", &(-large()).t()).unwrap();
    has_both(&npz.finish().unwrap(), "x", "é");
    // Of a header that is known at the end.
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    for (name, x) in [("x", large()), ("y", -large())] {
        let mut rows = npz.rows::<f32>(name, [400]).unwrap();
        rows.extend(&x).unwrap();
        rows.finish().unwrap();
    }
    let archive = npz.finish().unwrap().into_inner();
    has(&archive, "x", &large(), 1);
    has(&archive, "y", &-large(), 1);
    // Behind something else, and over something longer.
    let mut old = Cursor::new(vec![7; 5 << 20]);
    old.seek(SeekFrom::Start(1000)).unwrap();
    let mut npz = NpzWriter::new(old);
    npz.array("x", &large()).unwrap().array("é", &(-large()).t()).unwrap();
    has(&npz.finish().unwrap().into_inner(), "x", &large(), 1);
}

/// Whoever reads all of the array, or most of a small one, asks as often as before.
#[test]
fn small_arrays_and_other_members_have_none() {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    npz.array("x", &[1; 100_000]).unwrap().bytes("y", &[5; 2 << 20]).unwrap();
    assert!(copies(&npz.finish().unwrap().into_inner()).is_empty());
}

#[test]
fn they_stay_right_when_an_archive_is_changed() {
    let folder = folder();
    let path = folder.path().join("x.npz");
    let changed = |act: &dyn Fn(&mut NpzWriter<fs::File>)| {
        fs::write(&path, archive()).unwrap();
        let mut npz = NpzWriter::append(&path).unwrap();
        act(&mut npz);
        npz.finish().unwrap();
        fs::read(&path).unwrap()
    };
    let append = |npz: &mut NpzWriter<_>| npz.array("new", &[2; 100]).map(drop).unwrap();
    let remove = |npz: &mut NpzWriter<_>| npz.remove("before").map(drop).unwrap();
    // Such a name takes other bytes, and so does the padding behind it.
    let rename = |npz: &mut NpzWriter<_>| npz.rename("x", &"n".repeat(100)).map(drop).unwrap();
    let replace = |npz: &mut NpzWriter<_>| npz.array("after", &large()).map(drop).unwrap();
    has_both(&changed(&append), "x", "é");
    has_both(&changed(&remove), "x", "é");
    has_both(&changed(&rename), &"n".repeat(100), "é");
    has(&changed(&replace), "after", &large(), 1);

    // In place the checksum becomes another one, and the copy is out of date.
    let archive = archive();
    let mut bytes = Aligned::new(&archive, 0);
    let mut npz = NpzMut::from_bytes(&mut bytes).unwrap();
    npz.view_mut::<f32, Ix2>("x").unwrap().mapv_inplace(|value| -value);
    npz.update().unwrap();
    drop(npz);
    has(bytes.as_ref(), "x", &-large(), 2);
}

/// A member with a copy: of this header, behind a local header of so many bytes, before so many.
fn forged_member(header: &[u8], local_header: u32, after: u64) -> forged::Member {
    let mut member = forged::stored("x.npy", npy());
    let crc32 = member.central.crc32.to_le_bytes();
    let field = [&[2, 0], &crc32[..], &local_header.to_le_bytes(), &after.to_le_bytes(), header];
    let field = field.concat();
    member.central.extra = [b"np", &(field.len() as u16).to_le_bytes()[..], &field].concat();
    member
}

/// The array in a file of its own, whose header has 128 bytes.
fn npy() -> Vec<u8> {
    let mut npy = Vec::new();
    large().write_npy(&mut npy).unwrap();
    npy
}

/// Programs that know nothing of it keep the field of what they change.
#[test]
fn a_copy_that_is_out_of_date_is_passed_over() {
    let (npy, len) = (npy(), npy().len() as u64);
    let archive = |member: &forged::Member| forged::archive(std::slice::from_ref(member));
    let good = forged_member(&npy[..128], 35, len);
    has(&archive(&good), "x", &large(), 1);
    // A longer local header, and something between the array and what follows.
    let mut padded = good.clone();
    padded.local.extra = b"xx\x02\0pp".to_vec();
    has(&archive(&padded), "x", &large(), 2);
    let mut followed = good.clone();
    followed.after = vec![0; 6];
    has(&archive(&followed), "x", &large(), 2);
    has(&archive(&forged_member(&npy[..128], 41, len)), "x", &large(), 2);
    has(&archive(&forged_member(&npy[..128], 35, len - 1)), "x", &large(), 2);
    // Other elements.
    let mut other = good.clone();
    let mut bytes = Vec::new();
    (-large()).write_npy(&mut bytes).unwrap();
    let crc32 = crc32fast::hash(&bytes);
    other.both(|header| header.crc32 = crc32);
    other.data = bytes;
    has(&archive(&other), "x", &-large(), 2);
    // A field that is too short, or of another version.
    for change in [
        |field: &mut Vec<u8>| field[4] = 3,
        |field: &mut Vec<u8>| {
            field.truncate(15);
            field[2..4].copy_from_slice(&[11, 0]);
        },
    ] {
        let mut strange = good.clone();
        change(&mut strange.central.extra);
        has(&archive(&strange), "x", &large(), 2);
    }
}

/// The headers of the file are what other readers see.
#[test]
fn a_copy_that_differs_from_the_file_is_damage() {
    let (npy, len) = (npy(), npy().len() as u64);
    let mut transposed = npy[..128].to_vec();
    let order = transposed.windows(5).position(|text| text == b"False").unwrap();
    transposed[order..order + 5].copy_from_slice(b"True ");
    let mut displaced = forged_member(&npy[..128], 41, len);
    displaced.after = vec![0; 6];
    for member in
        [forged_member(&transposed, 35, len), forged_member(&[7; 128], 35, len), displaced]
    {
        let archive = forged::archive(&[member]);
        let npz = NpzReader::from_bytes(&archive).unwrap();
        for result in [npz.verify(), npz.get::<Array2<f32>>("x").map(drop)] {
            let error = result.unwrap_err().to_string();
            assert_eq!(error, "array `x`: damaged: the directory has a copy of another header");
        }
    }
}

/// What has been passed over is not believed when other arrays are added.
#[test]
fn a_copy_that_is_out_of_date_does_not_come_to_life() {
    let folder = folder();
    let path = folder.path().join("x.npz");
    let (npy, len) = (npy(), npy().len() as u64);
    let mut wrong = npy[..128].to_vec();
    wrong[100] ^= 1;
    let mut followed = forged_member(&wrong, 35, len);
    followed.after = vec![0; 6];
    for member in [forged_member(&wrong, 41, len), forged_member(&wrong, 35, len - 1), followed] {
        fs::write(&path, forged::archive(&[member])).unwrap();
        let mut npz = NpzWriter::append(&path).unwrap();
        npz.array("after", &2).unwrap();
        npz.finish().unwrap();
        let archive = fs::read(&path).unwrap();
        assert!(copies(&archive).is_empty());
        has(&archive, "x", &large(), 2);
    }
}

/// A byte of the field that is another one makes the field useless, or the whole array an error.
#[test]
fn a_copy_that_lies_is_found_out() {
    let good = archive();
    let at = copies(&good)[0];
    for byte in at..at + 22 + 128 {
        let mut bad = good.clone();
        bad[byte] ^= 1;
        let Ok(npz) = NpzReader::from_bytes(&bad) else { continue };
        let whole = npz.get::<Array2<f32>>("x").ok();
        assert_eq!(whole.is_some(), npz.verify().is_ok(), "{}", byte - at);
        let (remote, _) = remote(bad.clone(), ReadCost::REMOTE);
        let rows = s![200..210, ..];
        let part = remote.get_slice::<Array2<f32>>("x", rows).ok();
        assert!(whole.is_none() || part == whole.map(|x| x.slice(rows).to_owned()));
    }
}
