//! Every truncation and every flipped bit of small archives: an error or the right data,
//! whichever way they are read.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::slice;

use crate::common::{self, Aligned, Sample, compressions, forged};
use ndarray::{Array2, ArrayD, Axis, IxDyn, SliceInfoElem, s};
use npz::{Compression, NpzReader, NpzWriter, WriteNpz};
use rayon::prelude::*;

/// An archive, and all that is in it.
struct Small {
    about: String,
    bytes: Vec<u8>,
    arrays: Vec<Known>,
}

struct Known {
    name: &'static str,
    array: ArrayD<u64>,
    compression: Compression,
    /// Those that are indexed, so that slices are verified too.
    blocks: Option<usize>,
}

impl Known {
    /// Strings that are matched, and noise, of which the last block of an indexed one is.
    fn new(name: &'static str, rows: usize, compression: Compression) -> Self {
        let is_noise = |i| i % 16 == 3 || i >= 60;
        let value = |(i, j)| if is_noise(i) { u64::sample(4 * i + j) } else { (i + j) as u64 };
        let array = Array2::from_shape_fn((rows, 4), value).into_dyn();
        Self { name, array, compression, blocks: None }
    }

    fn is_stored(&self) -> bool {
        self.compression == Compression::Stored
    }
}

/// Adds the arrays, and completes the archive.
fn write<W: Write>(mut npz: NpzWriter<W>, arrays: &[Known]) -> W {
    for Known { name, array, compression, .. } in arrays {
        npz.entry(name).compression(*compression).array(array).unwrap();
    }
    npz.finish().unwrap()
}

fn small(about: &str, arrays: Vec<Known>) -> Small {
    let bytes = write(NpzWriter::new(Cursor::new(Vec::new())), &arrays).into_inner();
    Small { about: about.to_owned(), bytes, arrays }
}

fn archives() -> Vec<Small> {
    let one =
        |compression| small(&format!("{compression:?}"), vec![Known::new("x", 5, compression)]);
    let mut archives: Vec<Small> = compressions(6).into_iter().map(one).collect();
    let best = compressions(6).pop().unwrap();
    let two = [Known::new("x", 3, best), Known::new("é", 4, Compression::Stored)];
    archives.push(small("two arrays", two.into()));

    let mut appended = if best == Compression::Stored { one(best) } else { indexed() };
    let path = common::file().into_temp_path();
    fs::write(&path, &appended.bytes).unwrap();
    let added = Known::new("y", 4, Compression::Stored);
    write(NpzWriter::append(&path).unwrap(), slice::from_ref(&added));
    appended.about += ", appended to";
    appended.bytes = fs::read(&path).unwrap();
    appended.arrays.push(added);
    archives.push(appended);
    archives
}

/// An array in blocks of 1 KiB, which this crate reads, though it makes larger ones.
fn indexed() -> Small {
    const BLOCK_BITS: u8 = 10;
    let mut x = Known::new("x", 66, Compression::Deflate(6));
    let mut npy = Vec::new();
    x.array.write_npy(&mut npy).unwrap();
    let (mut data, mut entries) = (Vec::new(), Vec::new());
    for block in npy.chunks(1 << BLOCK_BITS) {
        let block_data = deflated_block(block);
        entries.push([block_data.len() as u32, crc32fast::hash(block)].map(u32::to_le_bytes));
        data.extend(block_data);
    }
    data.extend(STREAM_END);
    x.blocks = Some(entries.len());
    let mut member = forged::deflated("x.npy", data, &npy);
    let head = [b'n', b'p', 8 + 8 * entries.len() as u8, 0, 1, 0, BLOCK_BITS, 0];
    let header_end = npy.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    let header_crc32 = crc32fast::hash(&npy[..header_end]).to_le_bytes();
    let entries = entries.as_flattened().as_flattened();
    member.central.extra = [&head[..], &header_crc32, entries].concat();
    Small { about: "indexed".to_owned(), bytes: forged::archive(&[member]), arrays: vec![x] }
}

/// The empty block after the last one.
const STREAM_END: [u8; 2] = [3, 0];

/// What this crate makes of a block.
fn deflated_block(block: &[u8]) -> Vec<u8> {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new())).compression(Compression::Deflate(6));
    npz.bytes("block", block).unwrap();
    let mut zip = zip::ZipArchive::new(npz.finish().unwrap()).unwrap();
    let mut data = Vec::new();
    zip.by_index_raw(0).unwrap().read_to_end(&mut data).unwrap();
    assert!(data.ends_with(&STREAM_END));
    data.truncate(data.len() - STREAM_END.len());
    data
}

fn slices() -> [Vec<SliceInfoElem>; 6] {
    [
        s![..1, ..].as_ref().to_vec(),
        s![-1.., ..].as_ref().to_vec(),
        s![1, 2..3].as_ref().to_vec(),
        s![1..;2, ..;3].as_ref().to_vec(),
        s![..;-2, 1..].as_ref().to_vec(),
        s![-2.., ..;-1].as_ref().to_vec(),
    ]
}

/// Reads an archive that has been changed, in every way, and checks whatever is read.
/// Returns of each array whether it could be.
fn read(small: &Small, bytes: &[u8], what: &str) -> Vec<bool> {
    let what = &format!("{}, {what}", small.about);
    let by_cursor = NpzReader::new(Cursor::new(bytes));
    let Ok(npz) = NpzReader::from_bytes(Aligned::new(bytes, 0)) else {
        assert!(by_cursor.is_err(), "{what}");
        return vec![false; small.arrays.len()];
    };
    let by_cursor = by_cursor.expect(what);
    let read = |known: &Known| {
        view(&npz, known, what);
        let is_read = read_array(&npz, known, what);
        assert_eq!(read_array(&by_cursor, known, what), is_read, "{what}");
        is_read
    };
    let are_read: Vec<bool> = small.arrays.iter().map(read).collect();
    for (name, array) in npz.get_all().into_iter().flatten() {
        let known = small.arrays.iter().find(|known| known.name == name).expect(what);
        assert_eq!(array.as_array::<u64>().unwrap(), known.array, "{what}");
    }
    if npz.verify().is_ok() {
        let mut are_right = small.arrays.iter().zip(&are_read);
        assert!(are_right.all(|(known, is_read)| *is_read || !npz.contains(known.name)), "{what}");
    }
    are_read
}

/// Reads an array, and tells whether it is there, as every way to read all of it must.
fn read_array<R>(npz: &NpzReader<R>, known: &Known, what: &str) -> bool {
    let Known { name, array, blocks, .. } = known;
    let into = || {
        let mut out = ArrayD::zeros(IxDyn(array.shape()));
        npz.read_into(name, &mut out).map(|()| out)
    };
    let into_strided = || {
        let mut out = ArrayD::zeros(IxDyn(&[4, array.shape()[0]])).reversed_axes();
        npz.read_into(name, &mut out).map(|()| out)
    };
    let reversed = npz.get_slice::<ArrayD<u64>>(name, s![..;-1, ..]).map(|mut array| {
        array.invert_axis(Axis(0));
        array
    });
    let wholes = [
        npz.get::<ArrayD<u64>>(name),
        into(),
        into_strided(),
        npz.get_slice(name, s![.., ..]),
        reversed,
    ];
    let are_read =
        wholes.map(|whole| whole.map(|whole| assert_eq!(whole, array, "{what}")).is_ok());
    assert!(are_read == [are_read[0]; 5], "{what}: {are_read:?}");
    for slice in slices() {
        let expected = array.slice(&slice[..]);
        match npz.get_slice::<ArrayD<u64>>(name, &slice) {
            Ok(part) if blocks.is_some() => assert_eq!(part, expected, "{what}, {slice:?}"),
            Ok(part) => assert_eq!(part.shape(), expected.shape(), "{what}, {slice:?}"),
            // The index may be wrong where the array is right.
            Err(error) => assert!(blocks.is_some() || !are_read[0], "{what}, {slice:?}: {error}"),
        }
    }
    are_read[0]
}

/// Views are not verified.
fn view<R: AsRef<[u8]>>(npz: &NpzReader<R>, known: &Known, what: &str) {
    if let Ok(view) = npz.view::<u64, IxDyn>(known.name) {
        assert_eq!(view.shape(), known.array.shape(), "{what}");
    }
    if let Ok(cow) = npz.cow::<u64, IxDyn>(known.name) {
        assert_eq!(cow.shape(), known.array.shape(), "{what}");
        assert!(cow.is_view() || cow.view() == known.array.view(), "{what}");
    }
}

#[test]
fn unchanged_archives_are_read() {
    for small in archives() {
        assert!(!read(&small, &small.bytes, "unchanged").contains(&false), "{}", small.about);
        let npz = NpzReader::from_bytes(Aligned::new(&small.bytes, 0)).unwrap();
        npz.verify().unwrap();
        for known in &small.arrays {
            assert_eq!(npz.view::<u64, IxDyn>(known.name).is_ok(), known.is_stored());
            for slice in slices() {
                let part: ArrayD<u64> = npz.get_slice(known.name, &slice).unwrap();
                assert_eq!(part, known.array.slice(&slice[..]), "{}, {slice:?}", small.about);
            }
        }
    }
}

#[test]
fn no_truncation_gives_wrong_data() {
    for small in archives() {
        (0..small.bytes.len()).into_par_iter().for_each(|len| {
            let what = format!("cut to {len}");
            assert!(!read(&small, &small.bytes[..len], &what).contains(&true), "{what}");
        });
    }
}

#[test]
fn no_flipped_bit_gives_wrong_data() {
    let mut flips = 0;
    for small in archives() {
        let flip = |bit: usize| {
            let mut bytes = small.bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            read(&small, &bytes, &format!("bit {bit}"))
        };
        let are_read: Vec<_> = (0..small.bytes.len() * 8).into_par_iter().map(flip).collect();
        flips += are_read.len();
        let mut zip = zip::ZipArchive::new(Cursor::new(&small.bytes)).unwrap();
        for (index, known) in small.arrays.iter().enumerate() {
            let member = zip.by_name(&format!("{}.npy", known.name)).unwrap();
            let (start, size) = (member.data_start().unwrap(), member.compressed_size());
            let is_data = |bit: &usize| (start..start + size).contains(&(*bit as u64 / 8));
            let harmless = (0..are_read.len()).filter(|&bit| are_read[bit][index]);
            let (unnoticed, elsewhere): (Vec<_>, Vec<_>) = harmless.partition(is_data);
            assert!(!elsewhere.is_empty(), "time stamps and the like change nothing");
            // A deflated block's data ends within a byte, and so does the empty one that ends
            // the stream; the rest of those bytes means nothing.
            let meaningless =
                if known.is_stored() { 0 } else { 7 * (known.blocks.unwrap_or(1) + 1) };
            assert!(unnoticed.len() <= meaningless, "{}: {unnoticed:?}", small.about);
        }
    }
    assert!(flips > 10_000, "{flips}");
}

/// An index whose second block is not one of the stream: it is inside the data of another one. What
/// slices take of such blocks is not what NumPy reads, so it must not pass for an array.
#[test]
#[cfg(feature = "deflate")]
fn an_index_of_other_blocks_than_the_streams_is_damage() {
    let fake = deflated_block(&[7; 1024]);
    let mut body = vec![0_u8; 3 * 1024 - 128];
    body[1024 - 128..][..fake.len()].copy_from_slice(&fake);
    let mut npy = Vec::new();
    body.write_npy(&mut npy).unwrap();
    let blocks: Vec<_> = npy.chunks(1024).collect();
    assert_eq!(blocks.len(), 3);

    let stored_header = [0, 0, 4, 255, 251]; // not the last, stored, 1024 bytes
    let (first, last) = (deflated_block(blocks[0]), deflated_block(blocks[2]));
    let data = [&first, &stored_header[..], blocks[1], &last, &STREAM_END].concat();
    let whole = first.len() + stored_header.len() + blocks[1].len() + last.len();
    let archive = |lengths: [usize; 3], crc32s: [u32; 3]| {
        let entries = lengths.map(|len| len as u32).into_iter().zip(crc32s);
        let entries = entries.flat_map(|entry| [entry.0, entry.1]).flat_map(u32::to_le_bytes);
        let header_crc32 = crc32fast::hash(&npy[..128]).to_le_bytes();
        let head = [&b"np"[..], &[32, 0, 1, 0, 10, 0], &header_crc32].concat();
        let mut member = forged::deflated("x.npy", data.clone(), &npy);
        member.central.extra = head.into_iter().chain(entries).collect();
        forged::archive(&[member])
    };
    let right = [first.len(), stored_header.len() + 1024, last.len()];
    let crc32s = [0, 1, 2].map(|block| crc32fast::hash(blocks[block]));
    let bytes = archive(right, crc32s);
    let npz = NpzReader::from_bytes(&bytes).unwrap();
    npz.verify().unwrap();
    assert_eq!(npz.get::<Vec<u8>>("x").unwrap(), body);

    let start = first.len() + stored_header.len();
    let wrong = [start, fake.len(), whole - start - fake.len()];
    let bytes = archive(wrong, [crc32s[0], crc32fast::hash(&[7; 1024]), crc32s[2]]);
    let npz = NpzReader::from_bytes(&bytes).unwrap();
    let is_damage = |error: npz::Error| {
        let expected = "damaged: its index is not that of its compressed data";
        assert!(error.to_string().ends_with(expected), "{error}");
    };
    is_damage(npz.get::<Vec<u8>>("x").unwrap_err());
    is_damage(npz.get_slice::<Vec<u8>>("x", s![..]).unwrap_err());
    is_damage(npz.bytes("x").unwrap_err());
    is_damage(npz.verify().unwrap_err());
    is_damage(npz.read_into("x", &mut ndarray::Array1::<u8>::zeros(body.len())).unwrap_err());
    assert!(npz.get_slice::<Vec<u8>>("x", s![..1000]).is_err());
}

#[test]
fn each_member_is_verified() {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    npz.array("a", &[1.0; 50])
        .unwrap()
        .array("b", &[2.0; 50])
        .unwrap()
        .array("c", &[3.0; 50])
        .unwrap();
    npz.bytes("README", b"text").unwrap();
    let mut bytes = npz.finish().unwrap().into_inner();
    let places: Vec<_> = ["a", "c"]
        .map(|name| NpzReader::from_bytes(&bytes).unwrap().info(name).unwrap().offset().unwrap())
        .into();
    places.iter().for_each(|&place| bytes[place as usize] ^= 1);
    let npz = NpzReader::from_bytes(&bytes).unwrap();
    let verified = npz.verify_each();
    let verified: Vec<_> = verified
        .iter()
        .map(|(member, verified)| {
            (*member, verified.as_ref().err().and_then(|error| error.array()))
        })
        .collect();
    let expected = [("a.npy", Some("a")), ("b.npy", None), ("c.npy", Some("c")), ("README", None)];
    assert_eq!(verified, expected);
    assert_eq!(npz.verify().unwrap_err().array(), Some("a"));
}
