//! Members that other programs have compressed by bzip2 and LZMA, as NumPy reads them.

use std::fs;

use ndarray::{Array2, s};
use npz::{AnyArray, ErrorKind, NpzReader, NpzWriter, ReadNpz};

use crate::common::{
    self, data,
    forged::{archive, stored},
};

const CODECS: [(&str, u16, bool); 2] =
    [("bzip2", 12, cfg!(feature = "bzip2")), ("lzma", 14, cfg!(feature = "lzma"))];

fn fixture(codec: &str) -> Vec<u8> {
    fs::read(data(&format!("{codec}.npz"))).unwrap()
}

/// What NumPy loads of both.
fn x() -> Array2<f64> {
    Array2::load_npy(data("x.npy")).unwrap()
}

#[test]
fn they_are_read_where_the_feature_is_on() {
    for (codec, _, is_on) in CODECS {
        let npz = NpzReader::from_bytes(fixture(codec)).unwrap();
        if !is_on {
            let error = npz.get::<Array2<f64>>("x").unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }), "{error}");
            assert!(error.to_string().contains(&format!("the feature `{codec}`")), "{error}");
            continue;
        }
        npz.verify().unwrap();
        assert!(npz.info("x").unwrap().is_compressed());
        let found: Array2<f64> = npz.get("x").unwrap();
        assert_eq!(found, x(), "{codec}");
        assert_eq!(npz.get::<AnyArray>("x").unwrap().as_array::<f64>().unwrap(), x().into_dyn());
        let part: Array2<f64> = npz.get_slice("x", s![1.., ..;-2]).unwrap();
        assert_eq!(part, x().slice(s![1.., ..;-2]));
        let mut out = Array2::<f64>::zeros(x().dim());
        npz.read_into("x", &mut out).unwrap();
        assert_eq!(out, x());
        let again = NpzReader::new(std::io::Cursor::new(fixture(codec))).unwrap();
        assert_eq!(again.get::<Array2<f64>>("x").unwrap(), x());
    }
}

/// Nobody needs to decompress what stays as it is.
#[test]
fn they_are_kept_by_append() {
    let folder = common::folder();
    for (codec, ..) in CODECS {
        let path = folder.path().join(codec);
        fs::write(&path, fixture(codec)).unwrap();
        let mut npz = NpzWriter::append(&path).unwrap();
        npz.array("y", &1).unwrap();
        npz.finish().unwrap();
        let sizes =
            |npz: NpzReader<fs::File>| npz.info("x").map(|info| info.compressed_size()).ok();
        let before = NpzReader::open(data(&format!("{codec}.npz"))).unwrap();
        assert_eq!(sizes(NpzReader::open(&path).unwrap()), sizes(before));
        assert_eq!(NpzReader::open(&path).unwrap().get::<i32>("y").unwrap(), 1);
    }
}

#[test]
fn damaged_they_are_errors() {
    for (codec, _, is_on) in CODECS.into_iter().filter(|(.., is_on)| *is_on) {
        assert!(is_on);
        let whole = fixture(codec);
        let mut failed = 0;
        for bit in 0..8 * whole.len() {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let Ok(npz) = NpzReader::from_bytes(bytes) else { continue };
            match npz.get::<Array2<f64>>("x") {
                Ok(found) => assert_eq!(found, x(), "{codec}, bit {bit}"),
                Err(_) => failed += 1,
            }
        }
        assert!(failed > whole.len(), "{codec}: {failed} of {}", 8 * whole.len());
    }
}

/// A few bytes that are said to be 4 GiB, with a dictionary of as many.
#[test]
fn what_they_claim_to_be_is_not_believed() {
    let lzma = [9, 20, 5, 0, 0x5d, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0];
    let bzip2 = *b"BZh91AY&SY\0\0\0\0\0";
    for (_, method, _) in CODECS {
        let stream = if method == 14 { lzma } else { bzip2 };
        let mut member = stored("x.npy", stream.to_vec());
        member.both(|header| (header.method, header.size) = (method, u32::MAX - 1));
        let npz = NpzReader::from_bytes(archive(&[member])).unwrap();
        assert!(npz.get::<Array2<f64>>("x").is_err());
        assert!(npz.get::<AnyArray>("x").is_err() && npz.bytes("x").is_err());
        assert!(npz.verify().is_err() && npz.get_slice::<AnyArray>("x", s![..1]).is_err());
    }
}

#[test]
fn other_codecs_say_what_to_do() {
    let mut member = stored("x.npy", vec![0; 100]);
    member.both(|header| header.method = 93);
    let npz = NpzReader::from_bytes(archive(&[member.clone()])).unwrap();
    let error = npz.get::<Array2<f64>>("x").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }), "{error}");
    assert!(error.to_string().contains("method 93 (Zstd), which NumPy does not write"), "{error}");
    // Two headers that disagree are damage.
    member.central.method = 0;
    let npz = NpzReader::from_bytes(archive(&[member])).unwrap();
    let error = npz.get::<Array2<f64>>("x").unwrap_err().to_string();
    assert_eq!(error, "array `x`: damaged: two headers disagree on its compression method");
}
