//! Pickles that are changed an opcode at a time: of one with random changes hardly more is read than
//! what comes before the first.

use libfuzzer_sys::fuzzer_mutate;

use crate::chance::Chance;

/// Mutates a pickle; the arguments and the result are those of `fuzz_mutator!`.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut chance = Chance::new(seed);
    if chance.one_in(6) {
        return fuzzer_mutate(data, size, max_size);
    }
    let mut opcodes = opcodes(&data[..size]);
    for _ in 0..=chance.below(4) {
        change(&mut opcodes, &mut chance);
    }
    let pickle = opcodes.concat();
    if pickle.len() > max_size {
        return fuzzer_mutate(data, size, max_size);
    }
    data[..pickle.len()].copy_from_slice(&pickle);
    pickle.len()
}

/// What follows an opcode.
#[derive(Clone, Copy)]
enum Argument {
    /// So many bytes.
    Bytes(usize),
    /// A length of so many bytes, and as many bytes as it says.
    Counted(usize),
    /// So many lines.
    Lines(usize),
}

fn argument(opcode: u8) -> Argument {
    use Argument::*;
    match opcode {
        b'F' | b'I' | b'L' | b'P' | b'S' | b'V' | b'g' | b'p' => Lines(1),
        b'c' | b'i' => Lines(2),
        b'K' | b'h' | b'q' | 0x80 | 0x82 => Bytes(1),
        b'M' | 0x83 => Bytes(2),
        b'J' | b'j' | b'r' | 0x84 => Bytes(4),
        b'G' | 0x95 => Bytes(8),
        b'C' | b'U' | 0x8a | 0x8c => Counted(1),
        b'B' | b'T' | b'X' | 0x8b => Counted(4),
        0x8d | 0x8e | 0x96 => Counted(8),
        _ => Bytes(0),
    }
}

/// The opcodes of a pickle, each with its argument. The last one may lack a part.
fn opcodes(mut pickle: &[u8]) -> Vec<Vec<u8>> {
    let mut opcodes = Vec::new();
    while let [opcode, rest @ ..] = pickle {
        let len = match argument(*opcode) {
            Argument::Bytes(len) => len,
            Argument::Counted(wide) => wide.saturating_add(number(&rest[..wide.min(rest.len())])),
            Argument::Lines(count) => {
                let ends = rest.iter().enumerate().filter(|&(_, &byte)| byte == b'\n');
                ends.map(|(end, _)| end + 1).nth(count - 1).unwrap_or(rest.len())
            }
        };
        let (first, after) = pickle.split_at(len.saturating_add(1).min(pickle.len()));
        opcodes.push(first.to_vec());
        pickle = after;
    }
    opcodes
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().rev().fold(0, |number, &byte| number << 8 | usize::from(byte))
}

/// Changes one opcode, or some that follow each other.
fn change(opcodes: &mut Vec<Vec<u8>>, chance: &mut Chance) {
    let len = opcodes.len();
    let at = chance.below(len + 1);
    if at == len {
        return opcodes.push(vec![b'.']);
    }
    let to = len.min(at + 1 + chance.below(8));
    match chance.below(10) {
        0 => drop(opcodes.remove(at)),
        1 => drop(opcodes.drain(at..to)),
        2 => opcodes.swap(at, chance.below(len)),
        3 | 4 => {
            let copy = opcodes[at..to].to_vec();
            let place = chance.below(len + 1);
            drop(opcodes.splice(place..place, copy));
        }
        5 | 6 => opcodes.insert(at, any(chance)),
        7 => opcodes[at] = any(chance),
        _ => change_argument(&mut opcodes[at], chance),
    }
}

/// Any opcode, with an argument.
fn any(chance: &mut Chance) -> Vec<u8> {
    const OPCODES: &[u8] =
        b"(.012FIJKLMNPQRSTUVXabc}eghiljo]pqrst)uGBC\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\
        \x8a\x8b\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94\x95\x96\x97\x98";
    // What builds objects comes oftener.
    const BUILDERS: &[u8] = b"((2Rbhhhtue]}\x81\x85\x86\x87\x8c\x93\x94K";
    let mut opcode =
        vec![if chance.one_in(2) { chance.pick(OPCODES) } else { chance.pick(BUILDERS) }];
    change_argument(&mut opcode, chance);
    opcode
}

/// Gives an opcode another argument.
fn change_argument(opcode: &mut Vec<u8>, chance: &mut Chance) {
    let code = opcode[0];
    match argument(code) {
        Argument::Bytes(0) => {}
        Argument::Bytes(wide) => {
            let mut bytes = bytes(wide, chance);
            if matches!(code, b'h' | b'q' | b'j' | b'r') && !chance.one_in(16) {
                bytes.fill(0);
                bytes[0] = chance.below(64) as u8;
            }
            *opcode = [&[code], &bytes[..]].concat();
        }
        Argument::Counted(wide) => {
            let contents = match chance.below(3) {
                0 => chance.pick(NAMES).as_bytes().to_vec(),
                1 => bytes(chance.below(40), chance),
                // The old ones, changed.
                _ => {
                    let mut old = opcode.get(1 + wide..).unwrap_or_default().to_vec();
                    let size = old.len();
                    old.resize(size + 16, 0);
                    let size = fuzzer_mutate(&mut old, size, size + 16);
                    old.truncate(size);
                    old
                }
            };
            let lie = if chance.one_in(16) { chance.below(9) } else { 0 };
            let len = ((contents.len() + lie) as u64).to_le_bytes();
            *opcode = [&[code], &len[..wide], &contents].concat();
        }
        Argument::Lines(count) => {
            *opcode = vec![code];
            for _ in 0..count {
                match code {
                    b'g' | b'p' => opcode.extend(chance.below(64).to_string().bytes()),
                    b'S' => opcode.extend(b"'\\x00\\377abc'"),
                    _ => opcode.extend(chance.pick(NAMES).bytes()),
                }
                opcode.push(b'\n');
            }
        }
    }
}

/// Bytes that numbers often are.
fn bytes(len: usize, chance: &mut Chance) -> Vec<u8> {
    let byte = |chance: &mut Chance| match chance.below(4) {
        0 => chance.below(256) as u8,
        1 => chance.pick(&[0, 1, 3, 127, 128, 255]),
        _ => 0,
    };
    (0..len).map(|_| byte(chance)).collect()
}

/// Modules and classes, dtypes, numbers.
const NAMES: &[&str] = &[
    "numpy",
    "ndarray",
    "dtype",
    "record",
    "numpy.core.multiarray",
    "numpy._core.multiarray",
    "_reconstruct",
    "scalar",
    "numpy._core.numeric",
    "_frombuffer",
    "numpy._core._internal",
    "_convert_to_stringdtype_kwargs",
    "StringDType",
    "builtins",
    "__builtin__",
    "object",
    "set",
    "frozenset",
    "bytes",
    "bytearray",
    "complex",
    "range",
    "copyreg",
    "copy_reg",
    "_reconstructor",
    "__newobj__",
    "__newobj_ex__",
    "collections",
    "OrderedDict",
    "_codecs",
    "encode",
    "latin1",
    "datetime",
    "timedelta",
    "f8",
    "i4",
    "O",
    "O8",
    "b1",
    "c16",
    "U1",
    "U0",
    "S3",
    "S0",
    "V8",
    "V0",
    "M8",
    "m8",
    "ns",
    "generic",
    "<",
    ">",
    "|",
    "=",
    "C",
    "F",
    "K",
    "00",
    "01",
    "0",
    "1",
    "-1",
    "7L",
    "1.5",
    "nan",
    "170141183460469231731687303715884105728",
    "\\u20ac\\ud800",
    "",
];
