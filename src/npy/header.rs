//! The header of an array: magic, version, length, then a Python dict as text:
//! `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`.
//!
//! Written byte for byte as NumPy ≥ 1.23 does; read in every dialect that writers of
//! the last twenty years have left behind.

use std::borrow::Cow;

use ndarray::Order;

use crate::dtype::{DType, MAX_NDIM, literal::Literal, shape_from_literal};
use crate::error::{Error, ErrorKind, Result, shape_text};
use crate::io::Stream;
use crate::limits::Limits;
use crate::mistaken::{LOOKED_AT, what_it_is};

pub(crate) const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// How many bytes come before a header's text, in version 1 and in later ones.
const PREFIX: usize = 10;
const LONG_PREFIX: usize = 12;

/// NumPy pads headers so that bodies start at multiples of this.
const ALIGN: usize = 64;

/// NumPy leaves room for the growing axis to become as long as any 64-bit number.
const GROWTH_DIGITS: usize = 21;

/// What a header says: how to make an array of the bytes that follow.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Header {
    pub(crate) dtype: DType,
    pub(crate) order: Order,
    pub(crate) shape: Vec<usize>,
    len: usize,
    nbytes: u64,
}

/// What comes before the body in the file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Preamble {
    /// The version of the format, major and minor.
    pub(crate) version: (u8, u8),
    /// How many bytes the header has, with the padding at its end.
    pub(crate) size: u64,
}

impl Header {
    /// The header of an array of `shape`, if an array can be that large.
    pub(crate) fn new(dtype: DType, order: Order, shape: Vec<usize>) -> Result<Self> {
        if shape.len() > MAX_NDIM {
            let ndim = shape.len();
            return Err(Error::unsupported(format!(
                "{ndim} dimensions; NumPy has at most {MAX_NDIM}"
            )));
        }
        // To NumPy empty axes do not make an array smaller; to ndarray neither do items of no size.
        let mut axes = shape.iter().filter(|&&axis| axis > 0);
        let size = axes.try_fold(dtype.itemsize().max(1), |size, &axis| size.checked_mul(axis));
        if size.is_none_or(|size| isize::try_from(size).is_err()) {
            let aside = if shape.contains(&0) { ", its empty axes aside" } else { "" };
            let (shape, dtype) = (shape_text(&shape), dtype.shown());
            let problem = format!("shape {shape} of {dtype} is larger than any memory{aside}");
            return Err(Error::npy(problem));
        }
        let len: usize = shape.iter().product();
        let nbytes = len.saturating_mul(dtype.itemsize()) as u64;
        Ok(Self { dtype, order, shape, len, nbytes })
    }

    /// The same array under the name of another dtype of the same size.
    pub(crate) fn with_dtype(self, dtype: DType) -> Self {
        debug_assert_eq!(dtype.itemsize(), self.dtype.itemsize());
        Self { dtype, ..self }
    }

    /// The number of elements.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The size of the body.
    pub(crate) fn nbytes(&self) -> u64 {
        self.nbytes
    }

    /// Checks that `found` bytes, which follow the header, are the body that it describes;
    /// a pickle of objects may be of any length.
    pub(crate) fn check_body(&self, found: u64) -> Result<()> {
        if found == self.nbytes || self.dtype.has_object() {
            return Ok(());
        }
        Err(Error::npy(format!(
            "shape {} of {} takes {} bytes, but {found} follow the header",
            shape_text(&self.shape),
            self.dtype.shown(),
            self.nbytes
        )))
    }

    /// Reads a header, and leaves `reader` at the body. Also returns what it takes in the file.
    pub(crate) fn read(reader: &mut dyn Stream, limits: &Limits) -> Result<(Self, Preamble)> {
        let mut magic = Vec::new();
        reader.read_up_to(MAGIC.len() as u64, &mut magic)?;
        if magic.is_empty() {
            return Err(ErrorKind::NoArray.into());
        }
        if !MAGIC.starts_with(&magic) {
            return Err(not_an_array(magic, reader));
        }
        if magic.len() < MAGIC.len() {
            return Err(Error::cut_short());
        }
        let [major, minor] = read_array(reader)?;
        let (len, prefix) = match major {
            1 => (u64::from(u16::from_le_bytes(read_array(reader)?)), PREFIX),
            2 | 3 => (u64::from(u32::from_le_bytes(read_array(reader)?)), LONG_PREFIX),
            _ => {
                let problem = format!("version {major}.{minor} of the .npy format is not known");
                return Err(Error::unsupported(problem));
            }
        };
        limits.check_header(len)?;
        let mut text = Vec::new();
        reader.read_up_to(len, &mut text)?;
        if (text.len() as u64) < len {
            let problem =
                format!("the header is cut short: {len} bytes expected, {} found", text.len());
            return Err(Error::npy(problem));
        }
        let text = match String::from_utf8(text) {
            Ok(text) if major == 3 || text.is_ascii() => text,
            Err(_) if major == 3 => return Err(Error::npy("header: not UTF-8")),
            Ok(text) => text.bytes().map(char::from).collect(), // latin-1
            Err(error) => error.into_bytes().into_iter().map(char::from).collect(),
        };
        let preamble =
            Preamble { version: (major, minor), size: len.saturating_add(prefix as u64) };
        Ok((Self::parse(&text)?, preamble))
    }

    fn parse(text: &str) -> Result<Self> {
        let problem = |problem: String| Error::npy(format!("header: {problem}"));
        let literal = Literal::parse(text).map_err(problem)?;
        let Literal::Dict(entries) = literal else {
            return Err(problem(format!("expected a dict, found {}", literal.describe())));
        };
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        for (key, value) in entries {
            let slot = match &key {
                Literal::Str(key) if key == "descr" => &mut descr,
                Literal::Str(key) if key == "fortran_order" => &mut fortran_order,
                Literal::Str(key) if key == "shape" => &mut shape,
                _ => return Err(problem(format!("unknown key: {}", key.describe()))),
            };
            if slot.replace(value).is_some() {
                return Err(problem(format!("repeated key: {}", key.describe())));
            }
        }
        let missing = |key: &str| problem(format!("no key '{key}'"));
        let descr = descr.ok_or_else(|| missing("descr"))?;
        let dtype = DType::from_literal(&descr).map_err(|why| problem(format!("descr: {why}")))?;
        let order = match fortran_order.ok_or_else(|| missing("fortran_order"))? {
            Literal::Bool(false) => Order::C,
            Literal::Bool(true) => Order::F,
            other => {
                let found = other.describe();
                return Err(problem(format!(
                    "fortran_order: expected True or False, found {found}"
                )));
            }
        };
        let shape = shape.ok_or_else(|| missing("shape"))?;
        let shape = shape_from_literal(&shape).map_err(|why| problem(format!("shape: {why}")))?;
        Self::new(dtype, order, shape)
    }

    /// The header's bytes, up to the body.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut text = self.text();
        if let Some(len) = self.growing() {
            let digits = len.to_string().len();
            text.extend(std::iter::repeat_n(' ', GROWTH_DIGITS.saturating_sub(digits)));
        }
        // The oldest version that fits: latin-1 with a length of 16 bits, then of 32.
        match latin1(&text) {
            Some(text) => match u16::try_from(padded_len(&text, 2)) {
                Ok(len) => wrap(1, &len.to_le_bytes(), &text, len.into()),
                Err(_) => wrap_long(2, &text, padded_len(&text, 4)),
            },
            None => wrap_long(3, text.as_bytes(), padded_len(text.as_bytes(), 4)),
        }
    }

    /// The header's bytes in place of a header of `size` bytes, if they are enough.
    pub(crate) fn to_bytes_in(&self, size: u64) -> Option<Vec<u8>> {
        let text = self.text();
        let latin1 = latin1(&text);
        let size = usize::try_from(size).ok()?;
        let room = |text: &[u8], prefix| size.checked_sub(prefix).filter(|&len| len > text.len());
        if let Some(text) = &latin1
            && let Ok(len) = u16::try_from(room(text, PREFIX)?)
        {
            return Some(wrap(1, &len.to_le_bytes(), text, len.into()));
        }
        let version = if latin1.is_some() { 2 } else { 3 };
        let text = latin1.as_deref().unwrap_or(text.as_bytes());
        Some(wrap_long(version, text, room(text, LONG_PREFIX)?))
    }

    /// How many rows the array can have at most if its header has `size` bytes.
    pub(crate) fn most_rows_in(&self, size: u64) -> usize {
        let nines =
            std::iter::successors(Some(9_usize), |most| most.checked_mul(10)?.checked_add(9));
        let fits = |most: &usize| {
            self.with_rows(*most).is_ok_and(|header| header.to_bytes_in(size).is_some())
        };
        nines.take_while(fits).last().unwrap_or(0)
    }

    /// The same array with `count` rows, which are items of a C-ordered array's first axis.
    pub(crate) fn with_rows(&self, count: usize) -> Result<Self> {
        let mut shape = self.shape.clone();
        shape.splice(..1, [count]);
        Self::new(self.dtype.clone(), self.order, shape)
    }

    /// The length of the axis along which rows can be added to the body.
    fn growing(&self) -> Option<&usize> {
        match self.order {
            Order::F => self.shape.last(),
            _ => self.shape.first(),
        }
    }

    fn text(&self) -> String {
        let fortran_order = if self.order == Order::F { "True" } else { "False" };
        format!(
            "{{'descr': {}, 'fortran_order': {fortran_order}, 'shape': {}, }}",
            self.dtype.to_literal(),
            shape_text(&self.shape),
        )
    }
}

/// `text` in latin-1, if it has all characters.
fn latin1(text: &str) -> Option<Cow<'_, [u8]>> {
    match text.is_ascii() {
        true => Some(text.as_bytes().into()),
        false => text.chars().map(|c| u8::try_from(c).ok()).collect(),
    }
}

/// The length of a header's `text`, which is in memory, with its padding, of 1 to 64 bytes,
/// where the length itself takes `len_size` bytes.
#[expect(clippy::arithmetic_side_effects, reason = "no memory is so large")]
fn padded_len(text: &[u8], len_size: usize) -> usize {
    let prefix = MAGIC.len() + 2 + len_size;
    ((prefix + text.len() + 1) / ALIGN + 1) * ALIGN - prefix
}

/// A header whose length takes 32 bits.
fn wrap_long(major: u8, text: &[u8], len: usize) -> Vec<u8> {
    wrap(major, &(len as u32).to_le_bytes(), text, len)
}

/// A header's bytes: magic, version, `len` as `len_bytes`, text, spaces and a line's end.
fn wrap(major: u8, len_bytes: &[u8], text: &[u8], len: usize) -> Vec<u8> {
    let mut bytes = [&MAGIC[..], &[major, 0], len_bytes].concat();
    let size = bytes.len().saturating_add(len);
    bytes.extend_from_slice(text);
    bytes.resize(size.saturating_sub(1), b' ');
    bytes.push(b'\n');
    bytes
}

/// The error for what begins with `start`, and goes on in `reader`.
fn not_an_array(mut start: Vec<u8>, reader: &mut dyn Stream) -> Error {
    // Whether more can be read does not matter here.
    let _ = reader.read_up_to(LOOKED_AT as u64, &mut start);
    let problem = match start.get(..4) {
        Some(b"PK\x03\x04" | b"PK\x05\x06") => "it is an archive (NpzReader reads it)".to_owned(),
        _ => match what_it_is(&start, start.len() as u64) {
            Some(what) => what.to_owned(),
            None => "it does not begin with \\x93NUMPY".to_owned(),
        },
    };
    ErrorKind::NotAnArray { problem }.into()
}

fn read_array<const N: usize>(reader: &mut dyn Stream) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    /// `version` is the major version, `text` what follows the length.
    fn read(version: u8, text: &[u8]) -> Result<Header> {
        let len = (text.len() as u32).to_le_bytes();
        let len = if version == 1 { &len[..2] } else { &len };
        let bytes = [MAGIC, &[version, 0][..], len, text].concat();
        let (header, preamble) = Header::read(&mut &bytes[..], &Limits::DEFAULT)?;
        assert_eq!(preamble.size, bytes.len() as u64);
        Ok(header)
    }

    fn header(descr: &str, order: Order, shape: &[usize]) -> Header {
        Header::new(descr.parse().unwrap(), order, shape.to_vec()).unwrap()
    }

    #[test]
    fn a_header_is_written_in_the_place_of_another() {
        for descr in ["<f8", "[('é', '<f8')]", "[('粒', '<f8')]"] {
            let x = header(descr, Order::C, &[3, 4]);
            let size = x.to_bytes().len() as u64;
            assert_eq!(x.to_bytes_in(size), Some(x.to_bytes()));
            let more = x.with_rows(123_456).unwrap();
            let bytes = more.to_bytes_in(size).unwrap();
            let (read, preamble) = Header::read(&mut &bytes[..], &Limits::DEFAULT).unwrap();
            assert_eq!((read, preamble.size), (more, size));
            // What is written has room for any number, and what others have written for fewer.
            assert!(x.most_rows_in(size) > usize::MAX / 1000);
            let descr = x.dtype.to_literal();
            let text =
                format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (999, 4), }}\n");
            let prefix = if text.contains('粒') { 12 } else { 10 };
            let len = if prefix == 12 { text.len() } else { text.chars().count() };
            assert_eq!(x.most_rows_in((prefix + len) as u64), 999, "{descr}");
            assert_eq!(x.most_rows_in(20), 0);
        }
        let long = header(&format!("[('{}', '<f8')]", "x".repeat(70_000)), Order::C, &[3]);
        let bytes = long.to_bytes();
        assert_eq!(long.to_bytes_in(bytes.len() as u64), Some(bytes));
    }

    #[test]
    fn every_dialect_is_read() {
        for text in [
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }          \n",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }",
            "{'shape': (3L, 4L), 'fortran_order': False, 'descr': '<f8'}",
            "{\"descr\":\"<f8\",\"fortran_order\":False,\"shape\":(3,4)}",
            " { u'descr' : b'<f8' , 'fortran_order' : False , 'shape' : ( 3 , 4 , ) }\n\n",
            "{'''descr''': '<f8', 'shape': (3, 4), 'fortran_order': False,}\t",
        ] {
            for version in 1..=3 {
                let expected = header("<f8", Order::C, &[3, 4]);
                assert_eq!(read(version, text.as_bytes()).unwrap(), expected, "{version} {text}");
            }
        }
    }

    #[test]
    fn latin1_and_utf8_follow_the_version() {
        let latin1 = b"{'descr': [('\xe9', '<f8')], 'fortran_order': False, 'shape': ()}";
        let utf8 = "{'descr': [('é', '<f8')], 'fortran_order': False, 'shape': ()}".as_bytes();
        let expected = header("[('é', '<f8')]", Order::C, &[]);
        assert_eq!(read(1, latin1).unwrap(), expected);
        assert_eq!(read(2, latin1).unwrap(), expected);
        assert_eq!(read(3, utf8).unwrap(), expected);
        assert!(read(3, latin1).is_err());
    }

    #[test]
    fn nonsense_is_an_error() {
        let of_shape =
            |shape| format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}");
        // Lengths that the machine can count, and together cannot.
        let square = of_shape(format!("({0}, {0})", 1_usize << (usize::BITS / 2)));
        let long = of_shape(format!("({},)", usize::MAX >> 3));
        for (text, expected) in [
            ("", "expected a value"),
            ("()", "expected a dict"),
            ("{}", "no key 'descr'"),
            ("{'descr': '<f8', 'fortran_order': False}", "no key 'shape'"),
            ("{'descr': '<f8', 'fortran_order': 0, 'shape': ()}", "True or False"),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': 3}", "expected a shape"),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}", "-1 is not a length"),
            ("{'descr': 8, 'fortran_order': False, 'shape': ()}", "expected a descr"),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (), 'x': 1}", "unknown key"),
            ("{'descr': '<f8', 'shape': (), 'fortran_order': False, 'shape': ()}", "repeated key"),
            (&square, "larger than any memory"),
            (&long, "larger than any memory"),
        ] {
            let error = read(1, text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
        assert!(read(4, b"{}").unwrap_err().to_string().contains("version 4.0"));
        assert!(Header::read(&mut &b"\x93NUMPX\x01\x00"[..], &Limits::DEFAULT).is_err());
        assert!(Header::read(&mut &b"\x93NUM"[..], &Limits::DEFAULT).is_err());
        assert!(Header::read(&mut &b""[..], &Limits::DEFAULT).is_err());
    }

    #[test]
    fn a_header_that_lies_about_its_length_is_not_believed() {
        let error =
            Header::read(&mut &b"\x93NUMPY\x01\x00\xff\xff{}"[..], &Limits::DEFAULT).unwrap_err();
        assert!(error.to_string().contains("65535 bytes expected, 2 found"), "{error}");
        let error =
            Header::read(&mut &b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}"[..], &Limits::DEFAULT)
                .unwrap_err();
        assert!(error.to_string().contains("4294967295 bytes of header"), "{error}");
    }

    #[test]
    fn the_version_is_the_oldest_that_fits() {
        let fields = |name: &str, count: usize| {
            let fields: Vec<_> = (0..count).map(|i| format!("('{name}{i}', '<f8')")).collect();
            header(&format!("[{}]", fields.join(", ")), Order::C, &[3])
        };
        for (header, version) in [
            (fields("x", 10), 1),
            (fields("é", 10), 1),
            (fields("粒", 10), 3),
            (fields("x", 4000), 2),
            (fields("粒", 4000), 3),
        ] {
            let bytes = header.to_bytes();
            assert_eq!(bytes[6], version);
            assert_eq!(bytes.len() % 64, 0);
            assert_eq!(bytes.last(), Some(&b'\n'));
            let preamble = Preamble { version: (version, 0), size: bytes.len() as u64 };
            assert_eq!(
                Header::read(&mut &bytes[..], &Limits::DEFAULT).unwrap(),
                (header, preamble)
            );
        }
    }

    /// Of every dtype, and of every length around a multiple of 64.
    #[test]
    fn headers_are_written_as_numpy_wrote_them() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/dtypes.npz");
        let mut zip = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
        for index in 0..zip.len() {
            let mut member = zip.by_index(index).unwrap();
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes).unwrap();
            let (header, preamble) = Header::read(&mut &bytes[..], &Limits::DEFAULT).unwrap();
            let written = header.to_bytes();
            assert!(
                written == bytes[..preamble.size as usize],
                "{}",
                String::from_utf8_lossy(&written)
            );
        }
        assert!(zip.len() > 150);
    }

    /// NumPy's `padlen` is never 0: where the header would end at a multiple of 64, a
    /// whole 64 more follows.
    #[test]
    fn padding_is_1_to_64_bytes() {
        for name_len in 1..=130 {
            let descr = format!("[('{}', '<f8')]", "x".repeat(name_len));
            let bytes = header(&descr, Order::C, &[]).to_bytes();
            let text = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (), }}\n");
            let unpadded = 10 + text.len();
            assert_eq!(bytes.len(), unpadded + 64 - unpadded % 64);
        }
    }
}
