//! Pickles put together by hand, and those among them that are made to do harm.

use super::hostile;

const HEADER: &[u8] = b"{'descr': '|O', 'fortran_order': False, 'shape': (), }";

/// The file of an array of objects that is this pickle.
pub fn npy(pickle: &[u8]) -> Vec<u8> {
    hostile::npy(1, HEADER, pickle)
}

/// The start of a `numpy.ndarray`: before its state.
const ARRAY: &[u8] = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85C\x01b\x87R";

/// A `numpy.dtype` of this code, without a state.
pub fn dtype(code: &str) -> Vec<u8> {
    [b"cnumpy\ndtype\n", &text(code)[..], b"\x89\x88\x87R"].concat()
}

/// A text, as an opcode.
pub fn text(text: &str) -> Vec<u8> {
    [b"X", &(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat()
}

/// An array of this length, with these opcodes for the dtype and the elements.
pub fn array_of(len: u32, dtype: &[u8], elements: &[u8]) -> Vec<u8> {
    let len = len.to_le_bytes();
    [ARRAY, b"(K\x01J", &len, b"\x85", dtype, b"\x89", elements, b"tb"].concat()
}

/// The pickle of an array of `len` objects, which these opcodes push.
pub fn objects(len: u32, objects: &[u8]) -> Vec<u8> {
    let list = [b"](", objects, b"e"].concat();
    [b"\x80\x04", &array_of(len, &dtype("O8"), &list)[..], b"."].concat()
}

/// An array of one list, which has what these opcodes push.
pub fn list(items: &[u8]) -> Vec<u8> {
    objects(1, &[b"](", items, b"e"].concat())
}

/// An array of one list, of something and what else is often made of it.
fn often(first: &[u8], times: usize, other: &[u8]) -> Vec<u8> {
    list(&[first, &other.repeat(times)].concat())
}

/// An object in itself `levels` times: each level refers to the last one, memo 0, twice.
pub fn laughs(levels: usize, first: &[u8], level: &[u8]) -> Vec<u8> {
    objects(1, &[first, b"q\0", &[b"0", level, b"q\0"].concat().repeat(levels)].concat())
}

/// Each name says what would be made of the pickle.
pub fn cases() -> Vec<(String, Vec<u8>)> {
    let mut cases: Vec<(String, Vec<u8>)> = Vec::new();
    let mut case = |about: &str, pickle: Vec<u8>| cases.push((about.to_owned(), pickle));

    let lie = |opcode: u8, len: &[u8]| list(&[&[opcode], len, b"abc"].concat());
    case("bytes of 2^60", lie(0x8e, &(1_u64 << 60).to_le_bytes()));
    case("a bytearray of 2^60", lie(0x96, &(1_u64 << 60).to_le_bytes()));
    case("a text of 2^64 - 1", lie(0x8d, &[255; 8]));
    case("a text of 4 GiB", lie(b'X', &[255; 4]));
    case("bytes of 4 GiB", lie(b'B', &[255; 4]));
    case("a str of Python 2 of 4 GiB", lie(b'T', &[255; 4]));
    case("an int of 4 GiB", lie(0x8b, &[255; 4]));
    case("an int of 2 GiB", lie(0x8b, &[255, 255, 255, 127]));
    case(
        "a frame of 2^63",
        [&[0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0x80][..], &list(b"N")].concat(),
    );

    let many = 20_000;
    case("many None", list(&b"N".repeat(many)));
    case("many floats", list(&b"G12345678".repeat(many / 4)));
    case("many texts without characters", list(&b"\x8c\0".repeat(many / 2)));
    case("many short texts", list(&b"\x8c\x01a".repeat(many / 2)));
    case("many short bytes", list(&b"C\x01a".repeat(many / 2)));
    case("many ints of 17 bytes", list(&b"\x8a\x11abcdefghijklmnopq".repeat(many / 10)));
    case("many empty lists", list(&b"]".repeat(many)));
    case("many empty dicts", list(&b"}".repeat(many)));
    case("many empty tuples", list(&b")".repeat(many)));
    case("many tuples of one", list(&b"N\x85".repeat(many)));
    case("many lists of one", list(&b"]Na".repeat(many / 2)));
    case("many dicts of one", list(&b"}NNs".repeat(many / 2)));
    case("many classes", list(&b"c\n\n".repeat(many / 3)));
    case("many classes with names", list(&b"cmodule.of\nname\n".repeat(many / 8)));
    case("many objects", often(b"c\n\nq\0", many / 4, b"h\0)R"));
    case("many objects with a state", often(b"c\n\nq\0", many / 8, b"h\0)R}b"));
    case("many objects made by OBJ", often(b"c\n\nq\0", many / 4, b"(h\0o"));
    case("many objects made by INST", list(&b"(i\n\n".repeat(many / 4)));
    case("many objects made by NEWOBJ_EX", often(b"c\n\nq\0", many / 4, b"h\0)}\x92"));
    case("many calls of what calls return", often(b"c\n\nq\0", many / 4, b"h\0)R)R"));
    case("many references", often(b"]q\0", many, b"h\0"));
    case("many duplicates", often(b"]", many, b"2"));
    case("many entries", objects(1, &[b"}(", &b"NN".repeat(many)[..], b"u"].concat()));
    case("many entries one by one", objects(1, &[b"}", &b"NNs".repeat(many)[..]].concat()));
    case("many elements one by one", objects(1, &[b"]", &b"Na".repeat(many)[..]].concat()));
    case(
        "many elements of a set",
        objects(1, &[b"\x8f(", &b"N".repeat(many)[..], b"\x90"].concat()),
    );
    case("many marks", objects(1, &b"(".repeat(many)));
    case("many marks and POP_MARKs", list(&b"(N1".repeat(many)));
    case("many POPs", list(&b"N0".repeat(many)));
    case("many in the memo", {
        let put = |index: u32| [&b"r"[..], &(index * 21).to_le_bytes()].concat();
        list(&[&b"N"[..], &(0..many as u32).flat_map(put).collect::<Vec<u8>>()].concat())
    });
    case("many of MEMOIZE", list(&[b"N", &b"\x94".repeat(many)[..]].concat()));

    case("lists in lists", objects(1, &[b"]".repeat(100_000), b"a".repeat(99_999)].concat()));
    case("tuples in tuples", objects(1, &[&b"N"[..], &b"\x85".repeat(100_000)].concat()));
    case("tuples of marks", objects(1, &[b"(".repeat(many), b"t".repeat(many)].concat()));
    case("dicts in dicts", {
        objects(1, &[b"}N".repeat(many), b"}".to_vec(), b"s".repeat(many)].concat())
    });
    case("calls of calls", objects(1, &[&b"c\n\n"[..], &b")R".repeat(many)].concat()));
    case("objects in objects", {
        let state = b"h\0)R".repeat(many);
        objects(1, &[b"c\n\nq\x000", &state[..], b"N", &b"b".repeat(many)].concat())
    });

    case("laughing lists", laughs(60, b"]", b"](h\0h\0e"));
    case("laughing tuples", laughs(60, b")", b"h\0h\0\x86"));
    case("laughing dicts", laughs(60, b"}", b"}(Nh\0K\0h\0u"));
    case("laughing sets", laughs(60, b")", b"(h\0h\0\x91"));
    case("laughing arrays", laughs(60, b")", &array_of(2, &dtype("O8"), b"](h\0h\0e")));
    case("laughing objects", laughs(60, b"c\na\n", b"c\na\nh\0h\0\x86R"));

    let long = "a".repeat(10_000);
    let long_text = [&text(&long)[..], b"q\0"].concat();
    case(
        "a long text, many times",
        objects(30_000, &[&long_text[..], &b"h\0".repeat(29_999)].concat()),
    );
    case("a long text encoded many times", {
        let first =
            [&long_text[..], b"c_codecs\nencode\nq\x01", &text("latin1"), b"q\x02"].concat();
        often(&first, 4_000, b"h\x01h\0h\x02\x86R")
    });
    case("texts of any length, which are the same", {
        let dtype = b"cnumpy._core._internal\n_convert_to_stringdtype_kwargs\n)R";
        let texts = [b"](", &long_text[..], &b"h\0".repeat(29_999), b"e"].concat();
        [&array_of(30_000, dtype, &texts)[..], b"."].concat()
    });
    let thousand = [b"(", &b"N".repeat(1000)[..], b"tq\0"].concat();
    let class = [&thousand[..], b"c\n\nq\x01"].concat();
    case("objects with the same arguments", often(&class, 4_000, b"h\x01h\0R"));
    case("objects with the same arguments and keywords", often(&class, 4_000, b"h\x01h\0)\x92"));
    case("objects without a class and the same arguments", often(&class, 4_000, b"h\0h\0R"));
    case("objects of a class that is an argument", {
        let args =
            [&b"(c\n\n"[..], &b"N".repeat(1000), b"tq\0ccopyreg\n__newobj__\nq\x01"].concat();
        often(&args, 4_000, b"h\x01h\0R")
    });
    case("ordered dicts of the same list", {
        let pairs = [b"](", &b"NN\x86".repeat(1000)[..], b"e\x85q\0"].concat();
        let first = [&pairs[..], b"ccollections\nOrderedDict\nq\x01"].concat();
        often(&first, 4_000, b"h\x01h\0R")
    });
    case("byte strings, of which one is long", {
        let long = [b"B", &100_000_u32.to_le_bytes()[..], &[1; 100_000]].concat();
        objects(3_001, &[&long[..], &b"C\0".repeat(3_000)].concat())
    });
    case("arrays of the same bytes", {
        let data = [&b"B\xa0\x0f\0\0"[..], &[0; 4000], b"q\0", &dtype("f8"), b"q\x01"].concat();
        often(&data, 4_000, &array_of(500, b"h\x01", b"h\0"))
    });
    case("arrays of the same list", {
        let data = [b"](", &b"N".repeat(1000)[..], b"eq\0", &dtype("O8"), b"q\x01"].concat();
        often(&data, 4_000, &array_of(1000, b"h\x01", b"h\0"))
    });
    case("an array, many times", {
        let first = [
            &array_of(500, &dtype("f8"), &[&b"B\xa0\x0f\0\0"[..], &[0; 4000]].concat())[..],
            b"q\0",
        ];
        objects(30_000, &[&first.concat()[..], &b"h\0".repeat(29_999)].concat())
    });
    case("a dict of one array, many times", {
        let first = [
            &array_of(500, &dtype("f8"), &[&b"B\xa0\x0f\0\0"[..], &[0; 4000]].concat())[..],
            b"q\x000",
        ];
        let entry = |index: u32| [&text(&index.to_string())[..], b"h\0"].concat();
        let entries: Vec<u8> = (0..20_000).flat_map(entry).collect();
        let dict = [&first.concat()[..], b"}(", &entries, b"u"].concat();
        [ARRAY, b"(K\x01)", &dtype("O8"), b"\x89](", &dict, b"etb."].concat()
    });
    case("a list of numbers, many times", {
        let first = [b"](", &b"G12345678".repeat(1000)[..], b"eq\0"].concat();
        objects(30_000, &[&first[..], &b"h\0".repeat(29_999)].concat())
    });
    case("arrays of one axis in turn", {
        let first = [
            &b"cnumpy._core.numeric\n_frombuffer\nq\0B\xa0\x0f\0\0"[..],
            &[0; 4000],
            b"q\x01",
            &dtype("f8"),
            b"q\x02M\xf4\x01\x85q\x03",
            &text("K"),
            b"q\x04K\0\x85q\x05",
        ];
        often(&first.concat(), 4_000, b"h\0(h\x01h\x02h\x03h\x04h\x05tR")
    });
    case("shapes of many axes", {
        let shape = [b"(", &b"K\x01".repeat(10_000)[..], b"tq\0"].concat();
        let first = [&shape[..], b"cnumpy._core.numeric\n_frombuffer\nq\x01", &text("C"), b"q\x02"]
            .concat();
        often(&first, 4_000, b"h\x01(NNh\0h\x02tR")
    });
    for code in ["V0", "U0", "S0"] {
        case(&format!("arrays of {code} of huge shapes"), {
            let one = array_of(i32::MAX as u32, b"h\0", b"C\0");
            often(&[&dtype(code)[..], b"q\0"].concat(), 1000, &one)
        });
        case(&format!("many scalars of {code}"), {
            let first = [b"cnumpy.core.multiarray\nscalar\nq\x01", &dtype(code)[..], b"C\0\x86q\0"]
                .concat();
            often(&first, 50_000, b"h\x01h\0R")
        });
    }

    case("a wide dtype, many times", {
        let (wide, size) = record(2_000, b"h\x05");
        let first = [
            &dtype("u1")[..],
            b"q\x05",
            &wide,
            b"q\0B",
            &size.to_le_bytes(),
            &vec![0; size as usize],
            b"q\x01",
        ];
        often(&first.concat(), 2_000, &array_of(1, b"h\0", b"h\x01"))
    });
    case("a wide dtype with a field unknown, many times", {
        let (wide, _) = record(2_000, b"h\x05");
        let wide = [&dtype("u1")[..], b"q\x050", &wide, b"q\0"].concat();
        let again = b"h\0q\x05".to_vec();
        let (pair, _) = record(2, b"N");
        often(&[wide, again, pair, b"q\x06".to_vec()].concat(), 2_000, &array_of(1, b"h\x06", b"N"))
    });
    case("laughing dtypes", {
        let mut dtypes = [&dtype("u1")[..], b"q\x05"].concat();
        for _ in 0..14 {
            let (pair, _) = record(2, b"h\x05");
            dtypes.extend([b"0", &pair[..], b"q\x05"].concat());
        }
        list(&[&dtypes[..], b"0", &array_of(1, b"h\x05", b"C\0")].concat())
    });

    let line = |opcode: &[u8], line: &str| list(&[opcode, line.as_bytes(), b"\n"].concat());
    case("a line of digits", line(b"I", &"7".repeat(200_000)));
    case("a line of noughts", line(b"L", &"0".repeat(200_000)));
    case("a line of digits of a float", line(b"F", &"7".repeat(200_000)));
    case("a line of bad digits", line(b"F", &"\u{1}".repeat(200_000)));
    case("a line of text", line(b"V", &"a".repeat(200_000)));
    case("a line of text of Latin-1", list(&[b"V", &[0xe9; 200_000][..], b"\n"].concat()));
    case("a line of escapes", line(b"V", &r"\u20ac".repeat(40_000)));
    case("a line of a str", line(b"S", &format!("'{}'", "a".repeat(200_000))));
    case("a line of escapes of a str", line(b"S", &format!("'{}'", r"\xe9".repeat(40_000))));
    case("a line of a module", line(b"c", &format!("{}\nx", "a".repeat(200_000))));
    case("a long int", list(&[b"\x8b", &200_000_u32.to_le_bytes()[..], &[1; 200_000]].concat()));
    case("a long text", list(&text(&"a".repeat(200_000))));
    case(
        "a long text with lone surrogates",
        list(&[b"X", &300_000_u32.to_le_bytes()[..], &b"\xed\xa0\x80".repeat(100_000)].concat()),
    );
    case("long bytes", list(&[b"B", &220_000_u32.to_le_bytes()[..], &[1; 220_000]].concat()));
    cases
}

/// The dtype of a record of so many fields, which these opcodes push, each a byte long, and its size.
fn record(len: u32, field: &[u8]) -> (Vec<u8>, u32) {
    let name = |index: u32| text(&format!("field {index}"));
    let names: Vec<u8> = (0..len).flat_map(name).collect();
    let entry =
        |index: u32| [&name(index)[..], field, b"J", &index.to_le_bytes(), b"\x86"].concat();
    let fields: Vec<u8> = (0..len).flat_map(entry).collect();
    let state = [
        b"(K\x03",
        &text("|")[..],
        b"N(",
        &names,
        b"t}(",
        &fields,
        b"uJ",
        &len.to_le_bytes(),
        b"K\x01K\0tb",
    ];
    ([dtype("V1"), state.concat()].concat(), len)
}
