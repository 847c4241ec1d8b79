//! What a file is that is neither an archive nor an array, from its first bytes: most of those
//! that people report are downloads that went wrong, or have another name than they should.

/// What `start`, the first bytes of a file of `size` bytes, are the start of, if that is known:
/// "it is …".
pub(crate) fn what_it_is(start: &[u8], size: u64) -> Option<&'static str> {
    let known = SIGNATURES.iter().find(|(signature, _)| start.starts_with(signature));
    let text = start.trim_ascii_start();
    let is_text =
        |tag: &[u8]| text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
    match known {
        _ if size == 0 => Some("it is empty"),
        Some((_, what)) => Some(what),
        None if is_text(b"<!doctype html") || is_text(b"<html") => {
            Some("it is an HTML page, perhaps a server's message instead of the file")
        }
        None if is_text(b"<?xml") => {
            Some("it is an XML document, perhaps a server's message instead of the file")
        }
        None if start.get(257..262) == Some(b"ustar") => Some("it is a tar archive"),
        None if is_pickle(start) => Some("it is a pickle, which only Python should load"),
        None => None,
    }
}

/// How many bytes of a file's start are looked at.
pub(crate) const LOOKED_AT: usize = 512;

const SIGNATURES: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "it begins as an archive but has no end: it was cut short"),
    (b"PK\x05\x06", "it begins as an archive but has no end: it was cut short"),
    (b"\x93NUMPY", "it is a single .npy array (load_npy reads it)"),
    (
        b"version https://git-lfs",
        "it is a pointer of Git LFS; `git lfs pull` fetches the file itself",
    ),
    (b"\x1f\x8b", "it is compressed by gzip"),
    (b"\x28\xb5\x2f\xfd", "it is compressed by Zstandard"),
    (b"BZh", "it is compressed by bzip2"),
    (b"\xfd7zXZ\0", "it is compressed by xz"),
    (b"7z\xbc\xaf\x27\x1c", "it is a 7z archive"),
    (b"Rar!\x1a\x07", "it is a RAR archive"),
    (b"\x89HDF\r\n\x1a\n", "it is an HDF5 file"),
    (b"CDF\x01", "it is a NetCDF file"),
    (b"CDF\x02", "it is a NetCDF file"),
    (b"CDF\x05", "it is a NetCDF file"),
    (b"PAR1", "it is a Parquet file"),
    (b"MATLAB 5.0 MAT-file", "it is a MATLAB file"),
    (b"\x89PNG\r\n\x1a\n", "it is a PNG image"),
    (b"%PDF-", "it is a PDF document"),
];

/// Whether they start a pickle of protocol 2 to 5, as `pickle.dump` writes today.
fn is_pickle(start: &[u8]) -> bool {
    matches!(start, [0x80, 2..=5, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_start() {
        let mut tar = vec![b'x'; 512];
        tar[257..262].copy_from_slice(b"ustar");
        for (start, what) in [
            (&b""[..], Some("empty")),
            (b"PK\x03\x04\x14", Some("cut short")),
            (b"\x93NUMPY\x01", Some("load_npy")),
            (b"version https://git-lfs.github.com/spec/v1\n", Some("Git LFS")),
            (b"\n  <!DOCTYPE html><html>", Some("HTML")),
            (b"<HTML><body>", Some("HTML")),
            (b"<?xml version='1.0'?><Error>", Some("XML")),
            (b"\x1f\x8b\x08", Some("gzip")),
            (b"\x89HDF\r\n\x1a\n", Some("HDF5")),
            (b"\x80\x04\x95", Some("pickle")),
            (&tar, Some("tar")),
            (b"\x80", None),
            (b"x,y\n1,2\n", None),
            (&[0; 100], None),
        ] {
            let found = what_it_is(start, start.len() as u64);
            match (found, what) {
                (Some(found), Some(what)) => assert!(found.contains(what), "{found}"),
                (found, what) => assert_eq!(found, what),
            }
        }
    }
}
