//! Mutations that know what they mutate.
//!
//! Of a zip archive with random changes hardly anything is read, because its checksums and
//! sizes are wrong. So most mutations put those right again, in an archive made of the
//! changed members. What comes out is a file like any other: no target knows how its input
//! was made, and any input can be looked at with any tool.

use std::cell::RefCell;
use std::io::Cursor;

use libfuzzer_sys::fuzzer_mutate;
use npz::{Compression, NpzWriter};
use zlib_rs::{Deflate, DeflateFlush, Inflate, InflateFlush};

use crate::chance::Chance;
use crate::forged::{self, Member};

/// How far a member is inflated, to find its checksum and size.
const MOST_INFLATED: usize = 64 << 10;

const MOST_MEMBERS: usize = 3;

/// The flag of headers that says that checksum and sizes follow the data.
const IS_STREAMED: u16 = 1 << 3;

/// Mutates an archive; the arguments and the result are those of `fuzz_mutator!`.
pub fn archive(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut chance = Chance::new(seed);
    let file = match chance.below(4) {
        0 => return fuzzer_mutate(data, size, max_size),
        1 => {
            let size = fuzzer_mutate(data, size, max_size);
            forged::archive(&few_members(&data[..size], &mut chance))
        }
        _ => {
            let mut members = few_members(&data[..size], &mut chance);
            change(&mut members, max_size, &mut chance);
            forged::archive(&members)
        }
    };
    replace(data, size, max_size, &file)
}

/// Mutates an `.npy` file; the arguments and the result are those of `fuzz_mutator!`.
pub fn npy(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut chance = Chance::new(seed);
    if chance.one_in(4) {
        return fuzzer_mutate(data, size, max_size);
    }
    let file = changed_npy(&data[..size], max_size, &mut chance);
    replace(data, size, max_size, &file)
}

/// Puts `file` in the place of `data`, if it fits.
fn replace(data: &mut [u8], size: usize, max_size: usize, file: &[u8]) -> usize {
    if file.len() > max_size {
        return fuzzer_mutate(data, size.min(max_size), max_size);
    }
    data[..file.len()].copy_from_slice(file);
    file.len()
}

/// Some of the members of `file`: of more there is no more to be found, but fewer a second.
fn few_members(file: &[u8], chance: &mut Chance) -> Vec<Member> {
    let mut members = members(file);
    while members.len() > MOST_MEMBERS {
        members.remove(chance.below(members.len()));
    }
    members
}

/// Whatever follows a signature of a local header in `file`, with the sizes and checksums
/// that it should have.
fn members(file: &[u8]) -> Vec<Member> {
    let is_signature = |bytes: &[u8]| {
        matches!(bytes, b"PK\x03\x04" | b"PK\x01\x02" | b"PK\x07\x08" | b"PK\x05\x06")
    };
    let signatures = file.windows(4).enumerate().filter(|(_, bytes)| is_signature(bytes));
    let starts: Vec<usize> = signatures.map(|(at, _)| at).chain([file.len()]).collect();
    starts.windows(2).filter_map(|bounds| member(&file[bounds[0]..bounds[1]])).collect()
}

/// The member that `bytes` are, local header first.
fn member(bytes: &[u8]) -> Option<Member> {
    let (header, rest) = bytes.split_first_chunk::<30>()?;
    if !header.starts_with(b"PK\x03\x04") {
        return None;
    }
    let u16_at = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
    let (name, rest) = rest.split_at_checked(u16_at(26).into())?;
    let (extra, data) = rest.split_at_checked(u16_at(28).into())?;
    let mut member = match u16_at(8) {
        8 => {
            let (inflated, taken) = inflate(data);
            forged::deflated("", data[..taken].to_vec(), &inflated)
        }
        method => {
            let mut member = forged::stored("", data.to_vec());
            member.both(|header| header.method = method);
            member
        }
    };
    member.name = name.to_vec();
    member.local.extra = extra.to_vec();
    // That sizes and checksum follow the bytes is true no longer.
    member.both(|header| header.flags = u16_at(6) & !IS_STREAMED);
    Some(member)
}

/// Changes an archive's members: one's contents above all.
fn change(members: &mut Vec<Member>, max_size: usize, chance: &mut Chance) {
    if members.is_empty() || chance.one_in(8) {
        let name = [b'a' + chance.below(8) as u8];
        let name = [&name[..], b".npy"].concat();
        members.push(Member { name, ..forged::stored("", Vec::new()) });
    } else if chance.one_in(16) {
        members.remove(chance.below(members.len()));
    } else if chance.one_in(16) {
        let (one, other) = (chance.below(members.len()), chance.below(members.len()));
        members.swap(one, other);
    }
    if members.is_empty() {
        return;
    }
    let index = chance.below(members.len());
    let member = &mut members[index];
    let contents = match member.local.method {
        8 => inflate(&member.data).0,
        _ => std::mem::take(&mut member.data),
    };
    let contents = changed_npy(&contents, max_size, chance);
    let form = match chance.below(4) {
        0..2 => forged::stored("", contents),
        2 => forged::deflated("", deflate(&contents, DeflateFlush::Finish, chance), &contents),
        _ => indexed(&contents, chance),
    };
    *member = Member { name: std::mem::take(&mut member.name), ..form };
    match chance.below(16) {
        0 => say_sizes_behind(member),
        1 => member.central.extra = b"fz\x01\0x".to_vec(),
        2..6 => copy_header(member),
        _ => {}
    }
}

/// Gives a stored member the copy of what it begins with (see src/zip/header_copy.rs).
fn copy_header(member: &mut Member) {
    let local_header = (30 + member.name.len() + member.local.extra.len()) as u32;
    let (crc32, after) = (member.central.crc32, member.data.len() as u64);
    let header = &member.data[..member.data.len().min(128)];
    let numbers = [crc32, local_header].map(u32::to_le_bytes).concat();
    let field = [&[2, 0], &numbers[..], &after.to_le_bytes(), header].concat();
    member.central.extra = own_field(&field);
}

fn own_field(field: &[u8]) -> Vec<u8> {
    [b"np", &(field.len() as u16).to_le_bytes()[..], field].concat()
}

/// Moves checksum and sizes from the local header to behind the data, as who writes to a pipe
/// does.
fn say_sizes_behind(member: &mut Member) {
    member.both(|header| header.flags |= IS_STREAMED);
    let header = &mut member.local;
    let numbers = [&mut header.crc32, &mut header.compressed_size, &mut header.size];
    let behind = numbers.into_iter().flat_map(|number| std::mem::take(number).to_le_bytes());
    member.after = b"PK\x07\x08".iter().copied().chain(behind).collect();
}

/// A deflated member that says where its blocks are (see src/deflate/index.rs).
fn indexed(contents: &[u8], chance: &mut Chance) -> Member {
    let block_bits = 9 + chance.below(4) as u16; // 512 are too few
    let (mut data, mut blocks) = (Vec::new(), Vec::new());
    for block in contents.chunks(1 << block_bits) {
        let deflated = match chance.one_in(8) {
            true => own_block(block),
            false => deflate(block, DeflateFlush::SyncFlush, chance),
        };
        blocks.push([deflated.len() as u32, crc32fast::hash(block)]);
        data.extend(deflated);
    }
    data.extend([3, 0]);
    // Sometimes a block is said to end elsewhere.
    if let Some([one, other]) = blocks.first_chunk_mut().filter(|_| chance.one_in(8)) {
        let moved = chance.below(one[0] as usize + 1) as u32;
        (one[0], other[0]) = (one[0] - moved, other[0] + moved);
    }
    let index = blocks.as_flattened().iter().flat_map(|number| number.to_le_bytes());
    let header_len = contents.iter().position(|&byte| byte == b'\n').map_or(0, |end| end + 1);
    let header_crc32 = crc32fast::hash(&contents[..header_len]).to_le_bytes();
    let head = [1, block_bits].into_iter().flat_map(u16::to_le_bytes).chain(header_crc32);
    let field: Vec<u8> = head.chain(index).collect();
    let mut member = forged::deflated("", data, contents);
    member.central.extra = own_field(&field);
    member
}

/// A block as the crate itself deflates it: of literals alone, where matches gain nothing.
fn own_block(bytes: &[u8]) -> Vec<u8> {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new())).compression(Compression::Deflate(6));
    npz.bytes("block", bytes).expect("memory does not fail");
    let file = npz.finish().expect("memory does not fail").into_inner();
    let mut block = members(&file).swap_remove(0).data;
    block.truncate(block.len().saturating_sub(2)); // which end the stream
    block
}

fn deflate(bytes: &[u8], flush: DeflateFlush, chance: &mut Chance) -> Vec<u8> {
    thread_local! {
        /// One of each level, because to make one takes longer than to deflate an input.
        static DEFLATES: RefCell<[Deflate; 10]> =
            RefCell::new(std::array::from_fn(|level| Deflate::new(level as i32, false, 15)));
    }
    DEFLATES.with_borrow_mut(|deflates| {
        let deflate = &mut deflates[chance.below(10)];
        deflate.reset();
        let mut out = vec![0; 2 * bytes.len() + 64];
        deflate.compress(bytes, &mut out, flush).expect("there is room for all");
        out.truncate(deflate.total_out() as usize);
        out
    })
}

/// What of `bytes` can be inflated, and how many bytes of it that takes.
fn inflate(bytes: &[u8]) -> (Vec<u8>, usize) {
    thread_local! {
        /// Both are used again, because to make them takes longer than to inflate an input.
        static INFLATE: RefCell<(Inflate, Vec<u8>)> =
            RefCell::new((Inflate::new(false, 15), vec![0; MOST_INFLATED]));
    }
    INFLATE.with_borrow_mut(|(inflate, out)| {
        inflate.reset(false);
        // The same after an error: up to there it is right.
        let _ = inflate.decompress(bytes, out, InflateFlush::NoFlush);
        (out[..inflate.total_out() as usize].to_vec(), inflate.total_in() as usize)
    })
}

/// An `.npy` file made of one, or of whatever bytes there are.
fn changed_npy(file: &[u8], max_size: usize, chance: &mut Chance) -> Vec<u8> {
    if !file.starts_with(MAGIC) || chance.one_in(4) {
        return new_npy(file, chance);
    }
    let mut changed = file.to_vec();
    changed.resize(file.len().max(max_size), 0);
    let size = fuzzer_mutate(&mut changed, file.len(), max_size);
    changed.truncate(size);
    // The header ends where its line does.
    if let Some(line) = changed.get(10..).and_then(|rest| rest.iter().position(|&b| b == b'\n')) {
        changed[8..10].copy_from_slice(&(line as u16 + 1).to_le_bytes());
    }
    changed
}

const MAGIC: &[u8] = b"\x93NUMPY";

/// An `.npy` file whose header is right, with a body of what `file` has after its own.
fn new_npy(file: &[u8], chance: &mut Chance) -> Vec<u8> {
    let (descr, mask) = chance.pick(DESCRS);
    let most = chance.pick(&[2, 4, 10]);
    let shape: Vec<usize> = (0..chance.below(4)).map(|_| chance.below(most)).collect();
    let shape_text: String = shape.iter().map(|len| format!("{len}, ")).collect();
    let order = chance.pick(&["True", "False"]);
    let spaces = chance.below(8); // of which one aligns the body
    let header = format!(
        "{{'descr': {descr}, 'fortran_order': {order}, 'shape': ({shape_text})}}{:spaces$}\n",
        ""
    );
    let version = chance.pick(&[1, 1, 2, 3]);
    let len = (header.len() as u32).to_le_bytes();
    let len = if version == 1 { &len[..2] } else { &len };
    let start = file.iter().position(|&byte| byte == b'\n').map_or(0, |end| end + 1);
    let mut old = file[start..].iter().chain([&0]).cycle();
    let noise = chance.pick(&[0, 0, 20, 256]); // 20 values are deflated best as literals
    let body_len = shape.iter().product::<usize>() * mask.len();
    let body = mask.iter().cycle().take(body_len).map(|mask| match noise {
        0 => mask & old.next().expect("they start again"),
        _ => mask & chance.below(noise) as u8,
    });
    let head = [MAGIC, &[version, 0], len, header.as_bytes()].concat();
    head.into_iter().chain(body).collect()
}

/// Dtypes as headers have them, and which bits of an element may be 1.
const DESCRS: &[(&str, &[u8])] = &[
    ("'|b1'", &[1]),
    ("'|u1'", &[255]),
    ("'>i2'", &[255; 2]),
    ("'<i4'", &[255; 4]),
    ("'<u8'", &[255; 8]),
    ("'<f2'", &[255; 2]),
    ("'<f8'", &[255; 8]),
    ("'>f8'", &[255; 8]),
    ("'<f16'", &[255; 16]),
    ("'<c8'", &[255; 8]),
    ("'>c16'", &[255; 16]),
    ("'<U2'", &[255, 0, 0, 0, 255, 0, 0, 0]),
    ("'>U1'", &[0, 0, 255, 255]),
    ("'|S3'", &[255; 3]),
    ("'|V5'", &[255; 5]),
    ("'<M8[25s]'", &[255; 8]),
    ("'>m8[D]'", &[255; 8]),
    ("[('a', '<i4'), ('b', '|S3', (2,))]", &[255; 10]),
    ("[(('title', 'a'), '>f4'), ('', '|V2'), ('c', [('d', '|b1')])]", &[1; 7]),
];
