//! Files made to do harm: each with what is wrong with it, and the error that it must give.

use std::io::Cursor;

use ndarray::Array1;

use super::forged::{Member, archive, deflated, stored};

/// Stands for an error of any sort, or for the right data: where the lie changes nothing.
pub const HARMLESS: &str = "(any)";

/// What is wrong with a file, the file, and part of the error.
pub struct Case {
    pub about: String,
    pub file: Vec<u8>,
    pub error: String,
}

#[derive(Default)]
struct Cases(Vec<Case>);

impl Cases {
    fn file(&mut self, about: &str, file: Vec<u8>, error: &str) {
        self.0.push(Case { about: about.to_owned(), file, error: error.to_owned() });
    }

    /// An archive of one array `x`, in this form.
    fn npy(&mut self, about: &str, npy: Vec<u8>, error: &str) {
        self.file(about, archive(&[stored("x.npy", npy)]), error);
    }

    /// An archive of one array `x`, with this header and 96 bytes of elements.
    fn header(&mut self, about: &str, header: &str, error: &str) {
        self.npy(about, npy(1, header.as_bytes(), &[0; 96]), error);
    }

    /// A sound archive of one stored member, changed.
    fn stored(&mut self, about: &str, error: &str, change: impl FnOnce(&mut Member)) {
        let mut member = stored("x.npy", sound());
        change(&mut member);
        self.file(about, archive(&[member]), error);
    }

    /// A sound archive of one array, whose bytes are changed.
    fn changed(&mut self, about: &str, error: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut file = archive(&[stored("x.npy", sound())]);
        change(&mut file);
        self.file(about, file, error);
    }

    /// An array that this deflate stream should inflate to.
    fn stream(&mut self, about: &str, stream: &[u8], error: &str) {
        self.file(about, archive(&[deflated("x.npy", stream.to_vec(), &sound())]), error);
    }
}

/// A `.npy` file of this version.
pub fn npy(version: u8, header: &[u8], body: &[u8]) -> Vec<u8> {
    let len = (header.len() as u32).to_le_bytes();
    let len = if version == 1 { &len[..2] } else { &len };
    [b"\x93NUMPY", &[version, 0][..], len, header, body].concat()
}

/// The error for bytes that are no pickle, in an array of objects.
const OBJECTS: &str = match cfg!(feature = "pickle") {
    true => "its pickle is malformed",
    false => "Python objects",
};

const HEADER: &str = "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }";

/// One that nothing is wrong with.
pub fn sound() -> Vec<u8> {
    npy(1, HEADER.as_bytes(), &[0; 96])
}

fn with_descr(descr: &str) -> String {
    format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (3, 4), }}")
}

fn with_shape(shape: &str) -> String {
    format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}")
}

/// Bits, the first one lowest, as bytes.
fn bits(bits: &str) -> Vec<u8> {
    let bits: Vec<u8> = bits.bytes().filter(|bit| *bit != b' ').map(|bit| bit - b'0').collect();
    let byte = |bits: &[u8]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | bit);
    bits.chunks(8).map(byte).collect()
}

pub fn cases() -> Vec<Case> {
    let mut cases = Cases::default();
    files(&mut cases);
    prefixes(&mut cases);
    headers(&mut cases);
    descrs(&mut cases);
    shapes(&mut cases);
    directories(&mut cases);
    local_headers(&mut cases);
    if cfg!(feature = "deflate") {
        streams(&mut cases);
        indexes(&mut cases);
    }
    cases.0
}

fn files(cases: &mut Cases) {
    let none = "not an .npz archive";
    cases.file("nothing", vec![], "it is empty");
    cases.file("one byte", vec![b'P'], none);
    cases.file("zeros", vec![0; 5000], none);
    cases.file("text", b"x,y\n1,2\n".to_vec(), none);
    cases.file("a single array", sound(), "load_npy reads it");
    cases.file(
        "gzip",
        vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        none,
    );
    cases.file(
        "a member without a directory",
        archive(&[stored("x.npy", sound())])[..150].to_vec(),
        none,
    );
    let file = archive(&[stored("x.npy", sound())]);
    cases.file("all but the last byte", file[..file.len() - 1].to_vec(), "damaged or cut short");
    cases.file("all but the first byte", file[1..].to_vec(), "");
    cases.file("the end of a directory alone", file[file.len() - 22..].to_vec(), "");
    let damaged = "the archive's directory is not what its end record says";
    for (about, at, expected) in [("end", 22, none), ("directory", 22 + 51, damaged)] {
        cases.changed(&format!("the start of the {about} is damaged"), expected, |file| {
            let at = file.len() - at;
            file[at] = b'Q';
        });
    }
    for (about, from_end, len) in [
        ("entries on this disk", 14, 2),
        ("entries", 12, 2),
        ("size of the directory", 10, 4),
        ("place of the directory", 6, 4),
        ("length of the comment", 2, 2),
        ("number of the disk", 18, 2),
    ] {
        for byte in [0xff, 0x7f] {
            let about = format!("{about}: as many as there can be, {byte:#x}");
            cases.changed(&about, HARMLESS, |file| {
                let at = file.len() - from_end;
                file[at..at + len].fill(byte);
            });
        }
    }
    let many: Vec<Member> = (0..20_000).map(|i| stored(&format!("{i}.npy"), vec![])).collect();
    cases.file("more members than anybody has", archive(&many), "20000 members; at most 10000");
}

fn prefixes(cases: &mut Cases) {
    cases.npy("no bytes", vec![], "not an array: it has only 0 bytes");
    cases.npy("the magic alone", b"\x93NUMPY".to_vec(), "the file ends before the array does");
    cases.npy("no length", b"\x93NUMPY\x01\x00".to_vec(), "the file ends before the array does");
    cases.npy(
        "half a length",
        b"\x93NUMPY\x01\x00\x10".to_vec(),
        "the file ends before the array does",
    );
    cases.npy(
        "another magic",
        b"\x93NUMPX\x01\x00\x10\x00".to_vec(),
        "not an array: it does not begin with",
    );
    cases.npy(
        "a zip in a zip",
        archive(&[stored("x.npy", sound())]),
        "it is an archive (NpzReader reads it)",
    );
    for version in [0, 4, 5, 127, 255] {
        let about = format!("version {version}");
        cases.npy(
            &about,
            npy(version, HEADER.as_bytes(), &[0; 96]),
            &format!("version {version}.0"),
        );
    }
    for len in [60_u16, 1000, u16::MAX] {
        let file = [b"\x93NUMPY\x01\x00", &len.to_le_bytes()[..], HEADER.as_bytes()].concat();
        cases.npy(&format!("a header of {len} bytes that is not there"), file, "");
    }
    for len in [60_u32, 1 << 20, 1 << 24, u32::MAX] {
        for version in [2, 3] {
            let file = [b"\x93NUMPY", &[version, 0][..], &len.to_le_bytes(), HEADER.as_bytes()];
            let about = format!("version {version}, a header of {len} bytes that is not there");
            cases.npy(&about, file.concat(), "header");
        }
    }
    cases.npy("a header that is not UTF-8", npy(3, b"{'descr': '\xff'}", &[]), "not UTF-8");
    cases.npy("no elements", npy(1, HEADER.as_bytes(), &[]), "takes 96 bytes, but 0 follow");
    cases.npy("an element too few", npy(1, HEADER.as_bytes(), &[0; 88]), "but 88 follow");
    cases.npy("a byte too few", npy(1, HEADER.as_bytes(), &[0; 95]), "but 95 follow");
    cases.npy("a byte too many", npy(1, HEADER.as_bytes(), &[0; 97]), "but 97 follow");
    cases.npy("a header of zeros", npy(1, &[0; 118], &[0; 96]), "header");
    cases.npy("a header of 0xff", npy(1, &[0xff; 118], &[0; 96]), "header");
}

fn headers(cases: &mut Cases) {
    for (about, header, error) in [
        ("empty", "", "expected a value"),
        ("spaces", "      \n", "expected a value"),
        ("no dict but a list", "['descr', '<f8']", "expected a dict"),
        ("no dict but a tuple", "('descr', '<f8')", "expected a dict"),
        ("no dict but a string", "'descr'", "expected a dict"),
        ("no dict but a number", "5", "expected a dict"),
        ("an empty dict", "{}", "no key 'descr'"),
        ("no shape", "{'descr': '<f8', 'fortran_order': False}", "no key 'shape'"),
        ("no order", "{'descr': '<f8', 'shape': (3, 4)}", "no key 'fortran_order'"),
        ("no dtype", "{'fortran_order': False, 'shape': (3, 4)}", "no key 'descr'"),
        (
            "a key more",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), 'x': 1}",
            "unknown key",
        ),
        (
            "a key twice",
            "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (3, 4)}",
            "repeated key",
        ),
        (
            "a key that is a number",
            "{1: '<f8', 'fortran_order': False, 'shape': (3, 4)}",
            "unknown key",
        ),
        ("a key that is a tuple", "{('descr',): '<f8'}", "unknown key"),
        (
            "an order that is a number",
            "{'descr': '<f8', 'fortran_order': 1, 'shape': (3, 4)}",
            "True or False",
        ),
        (
            "an order that is a string",
            "{'descr': '<f8', 'fortran_order': 'False', 'shape': (3, 4)}",
            "True or False",
        ),
        (
            "an order that is None",
            "{'descr': '<f8', 'fortran_order': None, 'shape': (3, 4)}",
            "True or False",
        ),
        (
            "an order in small letters",
            "{'descr': '<f8', 'fortran_order': false, 'shape': (3, 4)}",
            "expected a value",
        ),
        ("a dict that does not end", "{'descr': '<f8'", "expected `,` or `}`"),
        ("a key without a value", "{'descr'}", "expected `:`"),
        ("a value without a key", "{: '<f8'}", "expected a value"),
        ("two commas", "{'descr': '<f8',, 'shape': ()}", "expected a value"),
        ("a string that does not end", "{'descr': '<f8, 'fortran_order': False}", "expected"),
        ("a string of three quotes that does not end", "{'''descr': '<f8'}", "closing quote"),
        ("a backslash at the end", "{'descr\\", "closing quote"),
        ("an escape of no character", "{'\\xzz': 1}", "number of a character"),
        ("an escape of a surrogate", "{'\\ud800': 1}", "number of a character"),
        ("an escape beyond Unicode", "{'\\U00110000': 1}", "number of a character"),
        (
            "something after the dict",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4)} x",
            "expected the end",
        ),
        ("two dicts", "{} {}", "expected the end"),
        ("a call", "__import__('os').system('true')", "expected a value"),
        ("a sum", "{'descr': '<f8', 'fortran_order': False, 'shape': (3 + 4,)}", "expected `,`"),
        ("a comment", "# nothing", "expected a value"),
        (
            "a float",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3.0, 4)}",
            "expected a length, found a float",
        ),
        ("NUL", "{\0}", "expected a value"),
    ] {
        cases.header(&format!("header: {about}"), header, error);
    }
    let deep = |open: &str, close: &str| {
        format!("{{'descr': {}{}}}", open.repeat(9000), close.repeat(9000))
    };
    for (open, close) in [("[", "]"), ("(", ")"), ("{1:", "}"), ("[(", ")]")] {
        let header = deep(open, close);
        let about = format!("header: {open} nested very deeply");
        cases.npy(&about, npy(2, header.as_bytes(), &[]), "nested more than 64 levels deep");
    }
    let many = format!("{{'descr': [{}]}}", "0,".repeat(30_000));
    cases.npy("header: very many values", npy(2, many.as_bytes(), &[]), "");
    let long = format!("{{'{}': 1}}", "x".repeat(60_000));
    cases.npy("header: a very long key", npy(2, long.as_bytes(), &[]), "unknown key");
    let longer = format!("{{'{}': 1}}", "x".repeat(70_000));
    cases.npy(
        "header: longer than anybody's",
        npy(2, longer.as_bytes(), &[]),
        "at most 65536 are read",
    );
}

fn descrs(cases: &mut Cases) {
    for (descr, error) in [
        ("''", "descr"),
        ("'<'", "descr"),
        ("'<f'", "takes 48 bytes"),
        ("'<f3'", "descr"),
        ("'<f8x'", "descr"),
        ("'<f-8'", "descr"),
        ("'<f99999999999999999999'", "descr"),
        ("'<i16'", "descr"),
        ("'<b8'", "descr"),
        ("'<q8'", "descr"),
        ("'<U99999999999999999999'", "descr"),
        ("'<U9223372036854775807'", "descr"),
        ("'|S18446744073709551615'", "larger than any memory"),
        ("'<M8[xyz]'", "descr"),
        ("'<M8[0s]'", "descr"),
        ("'<M8[-1s]'", "descr"),
        ("'<M8[99999999999s]'", "descr"),
        ("'<M4'", "descr"),
        ("'|O'", OBJECTS),
        ("'O'", OBJECTS),
        ("'|O8'", OBJECTS),
        ("[('a', '|O')]", OBJECTS),
        ("[('a', '<f8'), ('b', [('c', '|O')])]", OBJECTS),
        ("('|O', (2,))", OBJECTS),
        ("8", "descr"),
        ("None", "descr"),
        ("True", "descr"),
        ("{}", "descr"),
        ("()", "descr"),
        ("('<f8',)", "descr"),
        ("('<f8', (2,), 3)", "descr"),
        ("('<f8', 'x')", "descr"),
        ("('<f8', (-1,))", "descr"),
        ("('<f8', (99999999999999999999,))", "descr"),
        ("('<f8', (9223372036854775807, 9223372036854775807))", "descr"),
        ("[('a',)]", "descr"),
        ("[('a', '<f8', (2,), 'more')]", "descr"),
        ("['a']", "descr"),
        ("[1]", "descr"),
        ("[(1, '<f8')]", "descr"),
        ("[('a', '<f8'), ('a', '<f8')]", "descr"),
        ("[(('a',), '<f8')]", "descr"),
        ("[(('t', 'a', 'b'), '<f8')]", "descr"),
        ("[('a', '<f9')]", "descr"),
        (
            "[('a', '|V9223372036854775807'), ('b', '|V9223372036854775807')]",
            "larger than any memory",
        ),
        ("[]", "takes 0 bytes"),
        ("'|V0'", "takes 0 bytes"),
        ("'<i4'", "takes 48 bytes"),
        ("'<c16'", "takes 192 bytes"),
    ] {
        cases.header(&format!("descr: {descr}"), &with_descr(descr), error);
    }
}

fn shapes(cases: &mut Cases) {
    let large = "larger than any memory";
    for (shape, error) in [
        ("3", "expected a shape"),
        ("[3, 4]", "expected a shape"),
        ("'3, 4'", "expected a shape"),
        ("None", "expected a shape"),
        ("('3', 4)", "shape"),
        ("(3, None)", "shape"),
        ("((3,), 4)", "shape"),
        ("(True, 4)", "shape"),
        ("(-1,)", "-1 is not a length"),
        ("(3, -4)", "-4 is not a length"),
        ("(-3, -4)", "-3 is not a length"),
        ("(99999999999999999999,)", "is not a length"),
        ("(999999999999999999999999999999999999999999999,)", "integer of reasonable size"),
        ("(9223372036854775807,)", large),
        ("(4611686018427387904, 4)", large),
        ("(4294967296, 4294967296)", large),
        ("(2305843009213693952,)", large),
        ("(1152921504606846976,)", large),
        ("(65536, 65536, 65536, 65536)", large),
        ("(1000000000000,)", "but 96 follow"),
        ("(1000000000,)", "but 96 follow"),
        ("(134217729,)", "but 96 follow"),
        ("(134217728,)", "takes 1073741824 bytes, but 96 follow"),
        ("(0, 9223372036854775807)", large),
        ("(0, 9223372036854775807, 9223372036854775807)", large),
        ("(0, 1152921504606846975)", "takes 0 bytes"),
        ("()", "takes 8 bytes, but 96 follow"),
        ("(3, 3)", "takes 72 bytes"),
        ("(13,)", "takes 104 bytes"),
        ("(-0,)", "takes 0 bytes"),
    ] {
        cases.header(&format!("shape: {shape}"), &with_shape(shape), error);
    }
    let ones = format!("({})", "1, ".repeat(65));
    cases.header("shape: 65 dimensions", &with_shape(&ones), "65 dimensions; NumPy has at most 64");
    // Whoever goes through them one inside the other comes to the end of the stack.
    let many = format!("[('x', '<f8', ({}))]", "1,".repeat(30_000));
    let many = npy(2, with_descr(&many).as_bytes(), &[0; 96]);
    cases.npy("a subarray of very many dimensions", many, "30000 dimensions; NumPy has at most 64");
    let void = "{'descr': '|V0', 'fortran_order': False, 'shape': (9223372036854775807,)}";
    let file = archive(&[stored("x.npy", npy(1, void.as_bytes(), &[]))]);
    cases.file("very many elements of no size", file, "expected numbers, found |V0");
}

fn directories(cases: &mut Cases) {
    let elsewhere = "its place in the file is that of something else";
    let disagree = "two headers disagree on its";
    for method in [1, 2, 6, 9, 12, 14, 93, 95, 98, 99, 0xffff] {
        cases.stored(&format!("method {method}"), "", |member| {
            member.both(|header| header.method = method);
        });
    }
    for flags in [1, 1 << 6, 1 << 13, 0xffff] {
        cases.stored(&format!("flags {flags:#x}"), HARMLESS, |member| {
            member.both(|header| header.flags = flags);
        });
    }
    for size in [0, 1, 95, u32::MAX - 1, u32::MAX] {
        cases.stored(&format!("both sizes of {size}, in the directory"), "", |member| {
            (member.central.size, member.central.compressed_size) = (size, size);
        });
        cases.stored(&format!("a size of {size} in both headers"), "", |member| {
            member.both(|header| header.size = size);
        });
        cases.stored(&format!("a compressed size of {size} in both headers"), "", |member| {
            member.both(|header| header.compressed_size = size);
        });
    }
    cases.stored("another checksum in the directory", disagree, |member| member.central.crc32 ^= 1);
    cases.stored("another checksum", "the archive records CRC-32", |member| {
        member.both(|header| header.crc32 ^= 1);
    });
    for (offset, error) in [
        (1, "no member starts where"),
        (30, "no member starts where"),
        (100, elsewhere),
        (1 << 20, elsewhere),
        (u32::MAX - 1, elsewhere),
    ] {
        cases.stored(&format!("it is at {offset}, says the directory"), error, |member| {
            member.offset = Some(offset);
        });
    }
    for len in [0, 1, 4, 6, 1000, u16::MAX] {
        cases.stored(&format!("a name of {len} bytes, in the directory"), "", |member| {
            member.central.name_len = Some(len);
        });
        let about = format!("extra fields of {len} bytes, in the directory");
        cases.stored(&about, HARMLESS, |member| member.central.extra_len = Some(len));
    }
    for numbers in 0..3 {
        cases.stored(&format!("sizes of 64 bits, of which there are {numbers}"), "", |member| {
            let mut extra = vec![1, 0, 8 * numbers, 0];
            extra.extend((0..numbers).flat_map(|_| u64::MAX.to_le_bytes()));
            member.both(|header| {
                header.extra = extra.clone();
                (header.size, header.compressed_size) = (u32::MAX, u32::MAX);
            });
        });
    }
    let twice = [stored("x.npy", sound()), stored("x.npy", sound())];
    cases.file(
        "two members of one name",
        archive(&twice),
        "several members of the archive are named `x.npy`",
    );
    let mut one_in_two = [stored("x.npy", sound()), stored("y.npy", sound())];
    one_in_two[1].offset = Some(0);
    cases.file("two members at one place", archive(&one_in_two), elsewhere);
    let mut many: Vec<Member> = (0..1000).map(|i| stored(&format!("{i}.npy"), vec![])).collect();
    many[0] = stored("x.npy", vec![0; 100_000]);
    many.iter_mut().skip(1).for_each(|member| {
        member.offset = Some(0);
        member.central.size = 100_000;
        member.central.compressed_size = 100_000;
    });
    cases.file("a thousand members at one place", archive(&many), elsewhere);
    let mut inside =
        [stored("x.npy", archive(&[stored("y.npy", sound())])), stored("z.npy", vec![])];
    inside[1] = stored("y.npy", sound());
    inside[1].offset = Some(35);
    cases.file("a member inside another one", archive(&inside), elsewhere);
}

fn local_headers(cases: &mut Cases) {
    let disagree = "two headers disagree on its";
    for len in [0, 4, 6, 1000, u16::MAX] {
        cases.stored(&format!("a name of {len} bytes"), "", |member| {
            member.local.name_len = Some(len);
        });
    }
    cases.stored("a shorter name", &format!("{disagree} name"), |member| {
        (member.local.name_len, member.local.extra_len) = (Some(4), Some(1));
    });
    cases.changed("another name", &format!("{disagree} name"), |file| file[30] = b'z');
    for (about, error) in [
        ("method", "compression method"),
        ("checksum", "checksum"),
        ("size", "size"),
        ("compressed size", "size"),
    ] {
        cases.stored(&format!("another {about}"), &format!("{disagree} {error}"), |member| {
            match about {
                "method" => member.local.method = 8,
                "checksum" => member.local.crc32 ^= 1,
                "size" => member.local.size += 1,
                _ => member.local.compressed_size += 1,
            }
        });
    }
    for len in [1, 100, 1000, u16::MAX] {
        cases.stored(&format!("extra fields of {len} bytes that are not there"), "", |member| {
            member.local.extra_len = Some(len);
        });
    }
    cases.changed("no header at all", "no member starts where", |file| file[..4].fill(0));
    cases.changed("a header of the directory's sort", "no member starts where", |file| {
        file[..4].copy_from_slice(b"PK\x01\x02");
    });
}

fn streams(cases: &mut Cases) {
    let invalid = "its compressed data is not valid";
    let early = "its compressed data is cut short";
    cases.stream("no bytes", &[], "");
    cases.stream("a block of a type that there is not", &bits("1 11 00000"), invalid);
    cases.stream("a stored block of two lengths", &[1, 5, 0, 5, 0, 1, 2, 3, 4, 5], invalid);
    cases.stream("a stored block that is longer than the stream", &[1, 0xff, 0xff, 0, 0, 1], early);
    cases.stream("a stored block without a length", &[1], early);
    cases.stream("half a byte of codes", &bits("1 10 00110000"), early);
    cases.stream("a match before the start", &bits("1 10 0000001 00000 0000000"), invalid);
    cases.stream("a length that there is not", &bits("1 10 11000110 00000"), invalid);
    cases.stream("a distance that there is not", &bits("1 10 00110000 0000001 11110"), invalid);
    cases.stream("too many codes", &bits("1 01 11111 11111 1111 000000"), invalid);
    cases.stream(
        "no codes for code lengths",
        &bits("1 01 00000 00000 0000 000 000 000 000 0000"),
        "",
    );
    cases.stream(
        "codes that are not complete",
        &bits("1 01 00000 00000 0000 001 000 000 000 0 0 0 0"),
        "",
    );
    cases.stream("an empty stream", &bits("1 10 0000000 000000"), early);
    cases.stream("blocks that never end", &[0, 0, 0, 0xff, 0xff].repeat(100), early);
    let whole = [&[1, 170, 0, 85, 0xff][..], &sound()].concat();
    let len = sound().len() as u16;
    let mut whole = whole;
    whole[1..3].copy_from_slice(&len.to_le_bytes());
    whole[3..5].copy_from_slice(&(!len).to_le_bytes());
    let after = [&whole[..], &[0]].concat();
    cases.stream("a byte after the end", &after, "does not end where the directory says");
    cases.stream("two streams", &whole.repeat(2), "does not end where the directory says");
    for cut in [1, 4, 5, 6, 50, whole.len() - 1] {
        cases.stream(&format!("the first {cut} bytes"), &whole[..cut], early);
    }
    cases.stream("zlib's header", &[&[0x78, 0x9c][..], &whole].concat(), "");
    cases.stream(
        "gzip's header",
        &[&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &whole].concat(),
        "",
    );

    // A GiB of zeros in a MiB.
    let zeros = {
        let mut deflate = zlib_rs::Deflate::new(9, false, 15);
        let mut out = vec![0; 2 << 20];
        let chunk = vec![0; 16 << 20];
        let mut len = 0;
        for part in 0..65 {
            let (input, flush) = match part {
                64 => (&[][..], zlib_rs::DeflateFlush::Finish),
                _ => (&chunk[..], zlib_rs::DeflateFlush::NoFlush),
            };
            let before = deflate.total_out();
            deflate.compress(input, &mut out[len..], flush).unwrap();
            len += (deflate.total_out() - before) as usize;
        }
        out.truncate(len);
        out
    };
    let mut bomb = deflated("x.npy", zeros, &[]);
    bomb.both(|header| header.size = 1 << 30);
    cases.file(
        "a GiB of zeros that are no array",
        archive(&[bomb.clone()]),
        "the archive records CRC-32",
    );
    let mut all: Vec<Member> =
        (0..5).map(|i| Member { name: format!("{i}.npy").into(), ..bomb.clone() }).collect();
    all[0].name = b"x.npy".to_vec();
    cases.file("five of them", archive(&all), "bytes in all members; at most 4294967296");
    bomb.both(|header| header.size = u32::MAX - 1);
    cases.file("more than can be in it", archive(&[bomb]), "cannot hold the 4294967294");
}

/// Indexes of what this crate compresses, changed; what they say is not believed, or found
/// out.
fn indexes(cases: &mut Cases) {
    let mut npz =
        npz::NpzWriter::new(Cursor::new(Vec::new())).compression(npz::Compression::Deflate(6));
    npz.array("x", &roots()).unwrap();
    let whole = npz.finish().unwrap().into_inner();
    let index = super::index(&whole).unwrap();
    let entry = |block: usize| index + 12 + 8 * block;
    let length = |block| u32::from_le_bytes(whole[entry(block)..][..4].try_into().unwrap());
    for by in [1, 2, 1000, length(0)] {
        let mut file = whole.clone();
        file[entry(0)..][..4].copy_from_slice(&(length(0) - by).to_le_bytes());
        file[entry(1)..][..4].copy_from_slice(&(length(1) + by).to_le_bytes());
        // Whoever reads it through a cursor reads the stream as a whole.
        cases.file(&format!("blocks that end {by} bytes earlier"), file, HARMLESS);
    }
    for (about, at) in [
        ("a byte of the first block", length(0) as usize / 2),
        ("a byte of the second block", length(0) as usize + 1000),
    ] {
        let mut file = whole.clone();
        file[30 + 5 + at] ^= 1;
        cases.file(about, file, "damaged: ");
    }
}

/// An array of several blocks.
pub fn roots() -> Array1<f64> {
    Array1::from_iter((0..300_000).map(|i| f64::from(i).sqrt()))
}
