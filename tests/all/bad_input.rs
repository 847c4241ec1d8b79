//! Files that are not what they claim: each gets a clear error, never a panic, never
//! wrong data.

use std::fs;
use std::io::{Cursor, Write};

use crate::common::{self, compressions, native, values};
use ndarray::{Array1, Array2, ArrayD, Ix1, s};
use npz::{
    AnyArray, Compression, Endian, ErrorKind, Limits, NpzReader, NpzWriter, Raw, ReadNpz, WriteNpz,
};
use zip::write::SimpleFileOptions;

/// A `.npy` file of version 1.0 with any text as its header.
fn npy(header: &str, body: &[u8]) -> Vec<u8> {
    let len = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &len[..], header.as_bytes(), body].concat()
}

/// An archive with one stored member, `x.npy`.
fn archive(member: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("x.npy", options).unwrap();
    zip.write_all(member).unwrap();
    zip.finish().unwrap().into_inner()
}

/// Where the directory's first entry starts.
fn directory(archive: &[u8]) -> usize {
    archive.windows(4).position(|window| window == b"PK\x01\x02").unwrap()
}

/// A sound archive of one array of 3 × 4, changed.
fn changed(compression: Compression, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new())).compression(compression);
    npz.array("x", &values::<f64>(&[3, 4])).unwrap();
    let mut bytes = npz.finish().unwrap().into_inner();
    change(&mut bytes);
    bytes
}

fn patch(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

/// Loads `x` in every way there is, and expects an error that says `expected` each time.
#[track_caller]
fn fails(archive: &[u8], expected: &str) {
    let path = common::file();
    fs::write(&path, archive).unwrap();
    let errors = [
        NpzReader::from_bytes(archive).and_then(|npz| npz.get::<Array2<f64>>("x")),
        NpzReader::new(Cursor::new(archive)).and_then(|npz| npz.get::<Array2<f64>>("x")),
        NpzReader::open(&path).and_then(|npz| npz.get::<Array2<f64>>("x")),
    ];
    for error in errors {
        let error = error.expect_err(expected).to_string();
        assert!(error.contains(expected), "expected: {expected}\n   found: {error}");
    }
    let verified = NpzReader::from_bytes(archive).and_then(|npz| npz.verify());
    assert!(verified.is_err(), "verify accepts what get does not");
}

#[test]
fn files_that_are_no_archives() {
    fails(b"", "it is empty");
    fails(b"PK", "not an .npz archive");
    fails(&[0; 1000], "not an .npz archive");
    fails(b"PK\x05\x06", "damaged or cut short: its end record is not whole");
    fails(&npy("{'descr': '<f8', 'fortran_order': False, 'shape': (), }", &[0; 8]), "load_npy");
    let error = NpzReader::open(common::folder().path()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
}

#[test]
fn members_that_are_no_arrays() {
    let not_an_array = |bytes: &[u8], expected: &str| {
        let npz = NpzReader::from_bytes(archive(bytes)).unwrap();
        let error = npz.get::<f64>("x").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::NotAnArray { .. }), "{error}");
        assert_eq!(error.to_string(), format!("array `x`: it is not an array: {expected}"));
        // As NumPy, which gives their bytes.
        npz.verify().unwrap();
        assert_eq!(npz.bytes("x").unwrap(), bytes);
        assert!(npz.get_all().unwrap().is_empty());
    };
    not_an_array(b"", "it has only 0 bytes");
    not_an_array(b"\x93NUMP", "it has only 5 bytes");
    not_an_array(b"not an array", "it does not begin with \\x93NUMPY");
    fails(&archive(b"\x93NUMPY\x01"), "array `x`: cut short: the file ends before the array does");
    fails(&archive(b"\x93NUMPY\x09\x00\x00\x00"), "array `x`: version 9.0");
    fails(&archive(&npy("{'descr': '<f8'", &[])), "array `x`: header:");
    fails(&archive(&npy("", &[])), "array `x`: header:");
}

#[test]
fn headers_that_lie() {
    let shape =
        |shape: &str| format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}");
    let body = [0; 96];
    let with_shape = |text: &str| archive(&npy(&shape(text), &body));
    fails(&with_shape("(3, 5)"), "shape (3, 5) of <f8 takes 120 bytes, but 96 follow the header");
    fails(&with_shape("(3, 3)"), "shape (3, 3) of <f8 takes 72 bytes, but 96 follow the header");
    fails(&with_shape("(0, 3)"), "takes 0 bytes, but 96 follow");
    let root = 1_usize << (usize::BITS / 2);
    fails(&with_shape(&format!("({root}, {root})")), "larger than any memory");
    fails(&with_shape(&format!("(2, {})", (usize::MAX >> 2) + 1)), "larger than any memory");
    fails(&with_shape("(1, 100000000)"), "takes 800000000 bytes, but 96 follow the header");
    fails(&with_shape("(-3, -4)"), "-3 is not a length");
    fails(&with_shape("(99999999999999999999, 1)"), "is not a length on this machine");
    fails(&with_shape("(3.0, 4)"), "header:");
    fails(&with_shape("(True, 4)"), "expected a length");

    let mut long = npy(&shape("(3, 4)"), &body);
    patch(&mut long, 8, &u16::MAX.to_le_bytes());
    fails(&archive(&long), "the header is cut short: 65535 bytes expected");
    let huge = [&b"\x93NUMPY\x02\x00\xff\xff\xff\xff"[..], shape("(3, 4)").as_bytes()].concat();
    fails(&archive(&huge), "4294967295 bytes of header; at most 1048576 are read");
    let deep = format!("{{'descr': {}", "[".repeat(20_000));
    fails(&archive(&npy(&deep, &[])), "nested");
}

#[test]
fn axes_that_numpy_cannot_have() {
    let most = isize::MAX as usize / size_of::<f64>();
    let with_len = |len: usize| {
        let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': (0, {len}), }}");
        NpzReader::from_bytes(archive(&npy(&header, &[]))).unwrap()
    };
    let reversed: ArrayD<f64> = with_len(most).get_slice("x", s![.., ..;-1]).unwrap();
    assert_eq!(reversed.shape(), [0, most]);
    let error = with_len(most + 1).get::<ArrayD<f64>>("x").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Npy { .. }), "{error}");
    assert!(error.to_string().ends_with("larger than any memory, its empty axes aside"), "{error}");
}

#[test]
fn bools_that_are_neither_0_nor_1() {
    let header = "{'descr': '|b1', 'fortran_order': False, 'shape': (5,), }";
    let npz = NpzReader::from_bytes(archive(&npy(header, &[0, 1, 1, 2, 0xff]))).unwrap();
    let error = npz.get::<Array1<bool>>("x").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidValue { index: 3, .. }));
    let text = "array `x`: element 3: a bool is the byte 0 or 1, found 2";
    assert_eq!(error.to_string(), text);

    // Of several the first is named, whichever thread finds one.
    let header = "{'descr': '|b1', 'fortran_order': False, 'shape': (5000000,), }";
    let mut body = vec![1; 5_000_000];
    (body[4_444_444], body[3_333_333], body[3_333_334]) = (2, 3, 4);
    let npz = NpzReader::from_bytes(archive(&npy(header, &body))).unwrap();
    let error = npz.get::<Array1<bool>>("x").unwrap_err().to_string();
    assert_eq!(error, "array `x`: element 3333333: a bool is the byte 0 or 1, found 3");
}

#[test]
fn the_wrong_type_or_number_of_dimensions() {
    let npz = NpzReader::from_bytes(changed(Compression::Stored, |_| {})).unwrap();
    let text = |error: npz::Error| error.to_string();
    assert_eq!(
        text(npz.get::<Array2<f32>>("x").unwrap_err()),
        native("array `x`: expected dtype <f4, found <f8 (get_cast converts)")
    );
    assert_eq!(
        text(npz.get::<Array2<u64>>("x").unwrap_err()),
        native("array `x`: expected dtype <u8, found <f8 (get_cast converts)")
    );
    assert_eq!(
        text(npz.get::<Vec<f64>>("x").unwrap_err()),
        "array `x`: expected 1 dimension, found shape (3, 4)"
    );
    assert_eq!(
        text(npz.get::<f64>("x").unwrap_err()),
        "array `x`: expected 0 dimensions (a scalar), found shape (3, 4)"
    );
    assert_eq!(text(npz.get::<f64>("y").unwrap_err()), "no array `y`; the archive has `x`");
}

/// An archive in which a field of the directory (APPNOTE 4.3.12, by its offset there) has
/// another value, and so has that field of the local header (4.3.7), if it is to lie too.
fn lying(compression: Compression, field: usize, value: u32, in_both: bool) -> Vec<u8> {
    changed(compression, |bytes| {
        let at = directory(bytes);
        patch(bytes, at + field, &value.to_le_bytes());
        if in_both {
            // Up to the lengths the two are alike, but for the version of the writer.
            patch(bytes, field - 2, &value.to_le_bytes());
        }
    })
}

#[test]
fn a_directory_that_lies() {
    let lies = |field, value, in_both, expected: &str| {
        fails(&lying(Compression::Stored, field, value, in_both), expected);
    };
    let (crc32, compressed_size, size, offset) = (16, 20, 24, 42);
    lies(8, 1, false, "encrypted");
    lies(10, 8, false, "two headers disagree on its compression method");
    lies(crc32, 0, false, "two headers disagree on its checksum");
    lies(crc32, 0, true, "the archive records CRC-32 00000000");
    for in_both in [false, true] {
        let elsewhere = "its place in the file is that of something else";
        lies(compressed_size, i32::MAX as u32, in_both, elsewhere);
        lies(offset, i32::MAX as u32, false, elsewhere);
    }
    lies(compressed_size, 1, false, "two headers disagree on its size");
    lies(compressed_size, 1, true, "1 bytes in the archive cannot hold the 224");
    lies(size, 1, false, "two headers disagree on its size");
    lies(size, 1, true, "224 bytes in the archive cannot hold the 1");
    lies(size, i32::MAX as u32, true, "cannot hold the 2147483647");
    lies(offset, 1, false, "no member starts where the directory says");

    let last_byte = changed(Compression::Stored, |bytes| {
        let at = directory(bytes);
        patch(bytes, at - 1, b"X");
    });
    fails(&last_byte, "the archive records CRC-32");
    let name = changed(Compression::Stored, |bytes| patch(bytes, 30, b"y"));
    fails(&name, "two headers disagree on its name");
    let start = changed(Compression::Stored, |bytes| patch(bytes, 0, b"Q"));
    fails(&start, "no member starts where the directory says");
    // The end record: a directory that starts elsewhere.
    let end = changed(Compression::Stored, |bytes| {
        let end = bytes.len() - 22;
        patch(bytes, end + 16, &[0xff, 0xff, 0, 0]);
    });
    fails(&end, "damaged or cut short: its directory is not where its end record says");
}

#[test]
#[cfg(feature = "deflate")]
fn a_directory_that_lies_of_compressed_sizes() {
    let lies = |field, value, expected: &str| {
        fails(
            &lying(Compression::Deflate(6), field, value, false),
            "two headers disagree on its size",
        );
        fails(&lying(Compression::Deflate(6), field, value, true), expected);
    };
    lies(24, 1 << 30, "cannot hold the 1073741824");
    lies(24, 225, "damaged: its compressed data is cut short");
    lies(24, 223, "damaged: it does not end where the directory says");
    let whole = changed(Compression::Deflate(6), |_| {});
    let at = directory(&whole) + 20;
    let size = u32::from_le_bytes(whole[at..at + 4].try_into().unwrap());
    lies(20, size - 1, "damaged: its compressed data is cut short");
    lies(20, size + 1, "damaged: its place in the file is that of something else");
}

/// Many members that are one and the same make a small file a very large one.
#[test]
fn members_that_overlap() {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    npz.array("x", &[1.0; 10]).unwrap().array("y", &[1.0; 10]).unwrap();
    let whole = npz.finish().unwrap().into_inner();
    let entry = directory(&whole);
    let second = entry + 4 + directory(&whole[entry + 4..]);
    for offset in [0, 1, 64] {
        let mut bytes = whole.clone();
        patch(&mut bytes, second + 42, &[offset, 0, 0, 0]);
        let error = NpzReader::from_bytes(&bytes).unwrap_err().to_string();
        let expected = "array `x`: damaged: its place in the file is that of something else";
        assert_eq!(error, expected, "{offset}");
    }
}

/// A header that makes no sense may be one that was damaged: that is what counts.
#[test]
fn a_damaged_header_is_said_to_be_damaged() {
    for compression in compressions(6) {
        for (expected, from, to) in
            [("'descr'", b'd', b'e'), ("NUMPY", b'N', b'M'), ("(3, 4)", b'3', b'9')]
        {
            let sound =
                npy("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }", &[0; 96]);
            let mut damaged = sound.clone();
            let at = damaged.windows(expected.len()).position(|found| found == expected.as_bytes());
            let at = at.unwrap() + expected.bytes().position(|byte| byte == from).unwrap();
            damaged[at] = to;
            // What is deflated is sound, but not what the checksum is of.
            let mut npz = NpzWriter::new(Cursor::new(Vec::new())).compression(compression);
            npz.bytes("x.npy", &damaged).unwrap();
            let mut bytes = npz.finish().unwrap().into_inner();
            let error = NpzReader::from_bytes(&bytes).unwrap().get::<Array2<f64>>("x").unwrap_err();
            assert!(!matches!(error.kind(), ErrorKind::Checksum { .. }), "{error}");
            let crc32 = crc32fast::hash(&sound).to_le_bytes();
            let entry = directory(&bytes);
            patch(&mut bytes, 14, &crc32);
            patch(&mut bytes, entry + 16, &crc32);
            for error in [
                NpzReader::from_bytes(&bytes).unwrap().get::<Array2<f64>>("x").unwrap_err(),
                NpzReader::from_bytes(&bytes).unwrap().get_all().unwrap_err(),
            ] {
                assert!(matches!(error.kind(), ErrorKind::Checksum { .. }), "{expected}: {error}");
            }
        }
    }
}

/// Members of several parts, which are read on several threads; deflated, with an index.
#[test]
fn a_changed_byte_anywhere_in_a_large_member_is_reported() {
    // Most of it is soon inflated.
    let value =
        |i: i32| if i % 100_000 < 15_000 { f64::from(i).sqrt() } else { f64::from(i / 500) };
    let x = Array1::from_iter((0..200_000).map(value));
    let both = [Endian::Little, Endian::Big];
    for (compression, endian) in compressions(6).into_iter().flat_map(|c| both.map(|e| (c, e))) {
        let npz = NpzWriter::new(Cursor::new(Vec::new())).compression(compression);
        let mut npz = npz.endian(endian);
        npz.array("x", &x).unwrap();
        let whole = npz.finish().unwrap().into_inner();
        let path = common::file();
        let outcomes = |bytes: &[u8], what: &str| {
            fs::write(&path, bytes).unwrap();
            let all = |npz: NpzReader<fs::File>| {
                npz.get_all()?.remove("x").unwrap().into_array::<f64, Ix1>()
            };
            fn into<R>(npz: NpzReader<R>, step: usize) -> npz::Result<Array1<f64>> {
                let mut out = Array1::zeros(200_000 * step);
                npz.read_into("x", &mut out.slice_mut(s![..;step as isize]))?;
                Ok(out.slice(s![..;step as isize]).to_owned())
            }
            let gets = [
                NpzReader::open(&path).and_then(|npz| npz.get::<Array1<f64>>("x")),
                NpzReader::from_bytes(bytes).and_then(|npz| npz.get("x")),
                NpzReader::new(Cursor::new(bytes)).and_then(|npz| npz.get("x")),
                NpzReader::open(&path).and_then(all),
                NpzReader::open(&path).and_then(|npz| into(npz, 1)),
                NpzReader::new(Cursor::new(bytes)).and_then(|npz| into(npz, 2)),
                NpzReader::open(&path)
                    .and_then(|npz| npz.get_slice("x", s![..;-1]))
                    .map(|x: Array1<f64>| x.slice(s![..;-1]).to_owned()),
            ];
            let loaded = gets.map(|get| get.map(|loaded| assert!(loaded == x, "{what}")).is_ok());
            let verified = NpzReader::from_bytes(bytes).and_then(|npz| npz.verify()).is_ok();
            (loaded, verified)
        };
        assert_eq!(outcomes(&whole, "unchanged"), ([true; 7], true));

        let start = whole.windows(6).position(|bytes| bytes == b"\x93NUMPY").unwrap_or(100);
        let mut harmless = 0;
        for at in (start + 200..directory(&whole) - 4).step_by(whole.len() / 8) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            let what = format!("{compression:?}, {endian:?}, byte {at}");
            let (loaded, verified) = outcomes(&bytes, &what);
            assert_eq!(loaded, [verified; 7], "{what}");
            harmless += usize::from(verified);
        }
        // A match can become another one of the same bytes: with big-endian numbers one does.
        let most = usize::from(compression != Compression::Stored);
        assert!(harmless <= most, "{compression:?}, {endian:?}: {harmless}");
        // Of the header and the index, much may change without harm.
        let index = common::index(&whole).map_or(0..0, |start| start..start + 4 + 32);
        for byte in (0..30 + 5).chain(index) {
            let mut bytes = whole.clone();
            bytes[byte] ^= 1 << (byte % 8);
            outcomes(&bytes, &format!("{compression:?}, byte {byte}"));
        }
    }
}

/// An index that agrees with the sizes and is wrong.
#[test]
#[cfg(feature = "deflate")]
fn an_index_that_lies_gives_no_wrong_data() {
    let x = Array1::from_iter((0..400_000).map(|i| f64::from(i).sqrt()));
    let mut npz = NpzWriter::new(Cursor::new(Vec::new())).compression(Compression::Deflate(6));
    npz.array("x", &x).unwrap();
    let whole = npz.finish().unwrap().into_inner();
    let index = common::index(&whole).unwrap() + 4;
    assert_eq!(whole[index - 2..index], [40, 0]);
    // Of the header its checksum; of each block its compressed length and its checksum.
    let entry = |block: usize| index + 8 + 8 * block;
    let length = |block| u32::from_le_bytes(whole[entry(block)..][..4].try_into().unwrap());
    let with = |lengths: [u32; 4], bits: u8| {
        let mut bytes = whole.clone();
        bytes[index + 2] = bits;
        for (block, length) in lengths.into_iter().enumerate() {
            bytes[entry(block)..][..4].copy_from_slice(&length.to_le_bytes());
        }
        let npz = NpzReader::from_bytes(bytes).unwrap();
        // Parts are right or an error, too.
        for from in [0, 100_000, 200_000, 300_000, 399_000] {
            let slice = s![from..from + 1000];
            if let Ok(part) = npz.get_slice::<Array1<f64>>("x", slice) {
                assert_eq!(part, x.slice(slice), "{lengths:?}, {bits}, {from}");
            }
        }
        npz.get::<Array1<f64>>("x")
    };
    let [a, b, c, d] = [length(0), length(1), length(2), length(3)];
    assert_eq!(with([a, b, c, d], 20).unwrap(), x);
    // It is not believed at all, so that the stream is read as that of any other writer.
    for lengths in [[0; 4], [a, b, c, d + 1], [a, b, c, d - 1], [u32::MAX; 4]] {
        assert_eq!(with(lengths, 20).unwrap(), x, "{lengths:?}");
    }
    for bits in [0, 9, 19, 21, 31, 64, 255] {
        assert_eq!(with([a, b, c, d], bits).unwrap(), x, "{bits}");
    }
    // It adds up, but the blocks are elsewhere.
    for lengths in [[a, c, b, d], [a + 1, b - 1, c, d], [a, b + c, 0, d], [a, b, c + d, 0]] {
        let error = with(lengths, 20).unwrap_err().to_string();
        assert!(error.starts_with("array `x`: damaged: "), "{error}");
    }
}

#[test]
fn npy_files_that_lie() {
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }";
    let fails = |bytes: &[u8], from_stream: &str, from_file: &str| {
        let error = Array2::<f64>::read_npy(bytes).expect_err(from_stream).to_string();
        assert!(error.contains(from_stream), "{error}");
        let path = common::file();
        fs::write(&path, bytes).unwrap();
        let error = Array2::<f64>::load_npy(&path).expect_err(from_file).to_string();
        assert!(error.contains(from_file), "{error}");
    };
    let ends = "the file ends before the array does";
    fails(b"", "there is no array", "there is no array");
    fails(b"\x93NUM", ends, ends);
    fails(&npy(header, &[0; 95]), ends, "takes 96 bytes, but 95 follow");
    fails(b"PK\x03\x04 and so on", "not an array", "not an array");
    // A stream has no size to hold the shape against: memory grows as data comes.
    let huge = "{'descr': '<f8', 'fortran_order': False, 'shape': (50000000, 4), }";
    fails(&npy(huge, &[0; 1 << 20]), ends, "takes 1600000000 bytes");

    // What follows is no part of the array.
    let longer = npy(header, &[0; 97]);
    Array2::<f64>::read_npy(&longer[..]).unwrap();
    let path = common::file();
    fs::write(&path, &longer).unwrap();
    Array2::<f64>::load_npy(&path).unwrap();
}

/// Large ones are read on several threads.
#[test]
fn large_npy_files_are_read_whole_or_refused() {
    let x = Array1::from_iter((0..700_000).map(f64::from));
    let flags = x.mapv(|x| x % 3.0 == 0.0);
    let path = common::file().into_temp_path();
    x.save_npy(&path).unwrap();
    assert_eq!(Array1::<f64>::load_npy(&path).unwrap(), x);

    let mut bytes = fs::read(&path).unwrap();
    let body = bytes.len() - 8 * x.len();
    // From one byte order to the other.
    let order = bytes.iter().position(|byte| b"<>".contains(byte)).unwrap();
    bytes[order] ^= b'<' ^ b'>';
    bytes[body..].as_chunks_mut::<8>().0.iter_mut().for_each(|number| number.reverse());
    fs::write(&path, &bytes).unwrap();
    assert_eq!(Array1::<f64>::load_npy(&path).unwrap(), x);

    bytes.pop();
    fs::write(&path, &bytes).unwrap();
    let error = Array1::<f64>::load_npy(&path).unwrap_err().to_string();
    assert!(error.contains("takes 5600000 bytes, but 5599999 follow"), "{error}");

    let many = ndarray::concatenate![ndarray::Axis(0), flags, flags, flags, flags];
    many.save_npy(&path).unwrap();
    assert_eq!(Array1::<bool>::load_npy(&path).unwrap(), many);
    let mut bytes = fs::read(&path).unwrap();
    let body = bytes.len() - many.len();
    (bytes[body + 2_700_000], bytes[body + 1_500_000]) = (7, 9);
    fs::write(&path, &bytes).unwrap();
    let error = Array1::<bool>::load_npy(&path).unwrap_err().to_string();
    assert!(error.ends_with("`: element 1500000: a bool is the byte 0 or 1, found 9"), "{error}");
}

#[test]
fn no_more_is_read_than_limits_allow() {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    npz.array("x", &[0.5; 100]).unwrap().array("text", &vec!["a"; 100]).unwrap();
    npz.bytes("notes", &[0; 500]).unwrap();
    let bytes = npz.finish().unwrap().into_inner();
    let sizes = 128 + 800 + 128 + 400 + 500;
    let with = |limits: Limits| NpzReader::from_bytes(&bytes).unwrap().with_limits(limits);
    #[track_caller]
    fn exceeds<T: std::fmt::Debug>(result: npz::Result<T>, expected: &str) {
        let error = result.expect_err(expected);
        assert!(matches!(error.kind(), ErrorKind::LimitExceeded { .. }), "{error}");
        assert!(error.to_string().ends_with(expected), "{error}");
    }
    // 100 `String`s, with allocations of 32 bytes.
    let text_size = 100 * (size_of::<String>() as u64 + 32);
    let no_more = Limits::default()
        .max_members(3)
        .max_header_bytes(118)
        .max_array_bytes(text_size)
        .max_total_bytes(sizes);
    let npz = with(no_more).unwrap();
    npz.verify().unwrap();

    // All arrays together take what they are in memory: the text as it is read, too.
    let together = 800 + text_size + 400;
    let all = with(no_more.max_total_bytes(together)).unwrap();
    assert_eq!(all.get_all().unwrap().len(), 2);
    let all = with(no_more.max_total_bytes(together - 1)).unwrap();
    let most = format!("at most {} are read (max_total_bytes)", together - 1);
    exceeds(all.get_all(), &most);
    assert_eq!(all.get_each().values().filter(|array| array.is_err()).count(), 1);
    all.get::<Vec<f64>>("x").unwrap();
    all.get::<Vec<String>>("text").unwrap();

    let two = (no_more.max_members(2), "3 members; at most 2 are read (max_members)");
    let total = "1956 bytes in all members; at most 1955 are read (max_total_bytes)";
    for (limits, expected) in [two, (no_more.max_total_bytes(sizes - 1), total)] {
        exceeds(with(limits), expected);
        exceeds(limits.open_bytes(&bytes), expected);
        exceeds(limits.open_read_at(&bytes[..]), expected);
    }

    let npz = with(no_more.max_header_bytes(117)).unwrap();
    let header = "array `x`: 118 bytes of header; at most 117 are read (max_header_bytes)";
    exceeds(npz.get::<Vec<f64>>("x"), header);
    exceeds(npz.get_slice::<Vec<f64>>("x", s![..5]), header);
    exceeds(npz.info("x"), header);
    exceeds(npz.view::<f64, Ix1>("x"), header);
    exceeds(npz.verify(), header);

    let no_more = no_more.max_total_bytes(together);
    let npz = with(no_more.max_array_bytes(799)).unwrap();
    let array = "array `x`: 800 bytes of elements; at most 799 are read (max_array_bytes)";
    exceeds(npz.get::<Vec<f64>>("x"), array);
    exceeds(npz.get::<AnyArray>("x"), array);
    exceeds(npz.get::<Raw>("x"), array);
    exceeds(npz.get_cast::<Vec<f64>>("x"), array);
    exceeds(npz.get_all(), array);
    // It is what is made that counts, not what is read.
    npz.get_cast::<Vec<f32>>("x").unwrap();
    npz.get_slice::<Vec<f64>>("x", s![1..]).unwrap();
    npz.get_slice::<Vec<f64>>("x", s![1..;-1]).unwrap();
    exceeds(npz.get_slice::<Vec<f64>>("x", s![..]), array);
    npz.read_into("x", &mut Array1::<f64>::zeros(100)).unwrap();
    npz.view::<f64, Ix1>("x").unwrap();
    npz.verify().unwrap();
    // In memory text takes more than in the file.
    let text =
        format!("`text`: {text_size} bytes of elements; at most 799 are read (max_array_bytes)");
    exceeds(npz.get::<Vec<String>>("text"), &text);
    assert_eq!(npz.bytes("notes").unwrap().len(), 500);
    let npz = with(no_more.max_array_bytes(499)).unwrap();
    exceeds(npz.bytes("notes"), "500 bytes of elements; at most 499 are read (max_array_bytes)");
}

/// Nobody reads them, but they are members, and appending copies them.
#[test]
fn folders_are_verified_too() {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_directory("folder/", SimpleFileOptions::default()).unwrap();
    let mut bytes = zip.finish().unwrap().into_inner();
    NpzReader::from_bytes(&bytes).unwrap().verify().unwrap();
    patch(&mut bytes, 0, b"QQ");
    let error = NpzReader::from_bytes(&bytes).unwrap().verify().unwrap_err();
    assert_eq!(error.array(), Some("folder/"));
}
