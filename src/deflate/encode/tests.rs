//! The coder against zlib-rs, on every distribution that breaks coders.

use zlib_rs::{Deflate, DeflateConfig, DeflateFlush, Inflate, InflateFlush, Status, Strategy};

use super::bits::Bits;
use super::huffman::{Code, code_lengths};
use super::log2::log2;
use super::plan::{CodeHeader, MOST_STORED};
use super::sequence::{SYMBOLS, Sequence};
use super::*;
use crate::deflate::symbols::{DISTANCES, END};

/// As literals alone.
pub(in super::super) fn coded(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    Plan::new(input, &Sequences::literals(input)).write(&mut out);
    out
}

/// The codes of these lengths behind a header whose runs are changed, and `bytes` in them.
pub(in super::super) fn with_lengths(
    lengths: [u8; WITHOUT_LENGTHS],
    change: impl Fn(&mut Vec<(u8, u8)>),
    bytes: &[u8],
) -> Vec<u8> {
    let mut code = 0_u32;
    let mut symbols = [0; SYMBOLS];
    for len in 1..16 {
        code *= 2;
        for symbol in (0..WITHOUT_LENGTHS).filter(|&symbol| lengths[symbol] == len) {
            symbols[symbol] = (code.reverse_bits() >> (32 - len)) << 8 | u32::from(len);
            code += 1;
        }
    }
    let mut all_lengths = [0; SYMBOLS];
    all_lengths[..WITHOUT_LENGTHS].copy_from_slice(&lengths);
    let distances: [u32; DISTANCES] = std::array::from_fn(|at| (at < LEAST_DISTANCES).into());
    let code = Code { lengths: all_lengths, symbols };
    let mut header = CodeHeader::new(&code, &Code::new(&distances, LONGEST_CODE));
    change(&mut header.runs);
    let mut out = Vec::new();
    let mut bits = Bits::new(&mut out);
    bits.reserve(16 * (bytes.len() + 2 * SYMBOLS));
    header.write(&mut bits);
    bytes.iter().for_each(|&byte| bits.symbol(symbols[usize::from(byte)]));
    bits.symbol(symbols[END]);
    bits.stored(&[]);
    out
}

/// Whatever `len` bytes, inflated.
fn inflate(blocks: &[u8], len: usize) -> Vec<u8> {
    let stream = [blocks, &[3, 0]].concat(); // an empty last block
    let mut out = vec![0; len + 1];
    let mut inflate = Inflate::new(false, 15);
    let status = inflate.decompress(&stream, &mut out, InflateFlush::Finish);
    assert!(matches!(status, Ok(Status::StreamEnd)), "{len} bytes: {status:?}");
    assert_eq!(inflate.total_in(), stream.len() as u64);
    out.truncate(inflate.total_out() as usize);
    out
}

/// Writes `input` behind other bytes, and checks all that can be checked of it. The result
/// is its compressed size.
fn check(input: &[u8], what: &str) -> usize {
    let literals = Sequences::literals(input);
    let plan = Plan::new(input, &literals);
    let mut out = b"before".to_vec();
    plan.write(&mut out);
    let blocks = out.strip_prefix(b"before").unwrap();
    assert!(inflate(blocks, input.len()) == input, "{what}");
    assert!(blocks.ends_with(&[0, 0, 0xff, 0xff]), "{what}: it does not end at a byte");
    let (size, most) = (blocks.len(), input.len() + input.len() / 10_000 + 16);
    assert!(size <= most, "{what}: {} bytes became {size}", input.len());
    assert!(plan.size().abs_diff(size) <= 6 * plan.blocks.len() + 6, "{what}");
    size
}

pub(in super::super) fn random() -> impl FnMut(u32) -> u32 {
    let mut state = 1_u64;
    move |bound| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((state >> 33) % u64::from(bound)) as u32
    }
}

/// Each of `counts` gives how often the byte of its place occurs; in a random order.
pub(in super::super) fn shuffled(counts: &[u32]) -> Vec<u8> {
    let mut bytes: Vec<u8> = Vec::new();
    for (byte, &count) in counts.iter().enumerate() {
        bytes.extend(std::iter::repeat_n(byte as u8, count as usize));
    }
    let mut random = random();
    for at in (1..bytes.len()).rev() {
        bytes.swap(at, random(at as u32 + 1) as usize);
    }
    bytes
}

#[test]
fn every_distribution_survives() {
    check(&[], "nothing");
    for byte in 0..=255 {
        check(&[byte], "one byte");
    }
    for len in [1, 2, 3, 100, PIECE, 100_000] {
        check(&vec![0; len], "zeros");
        check(&vec![255; len], "the last symbol alone");
    }
    check(&shuffled(&[500, 500]), "two bytes alike");
    check(&shuffled(&[1, 70_000]), "two bytes, one of them once");
    check(&shuffled(&[0, 0, 70_000, 3]), "two of those in between");
    check(&shuffled(&[300; 256]), "all bytes alike");
    check(&(0..=255).cycle().take(300_000).collect::<Vec<u8>>(), "all bytes in turn");
    for used in 1..=256 {
        check(&shuffled(&vec![20; used]), "the first bytes alike");
    }

    // Fibonacci numbers make the longest codes that there are, to be cut to the limit.
    let mut fibonacci = vec![1, 1];
    while fibonacci.len() < 25 {
        fibonacci.push(fibonacci[fibonacci.len() - 1] + fibonacci[fibonacci.len() - 2]);
    }
    check(&shuffled(&fibonacci), "Fibonacci numbers");
    fibonacci.reverse();
    check(&shuffled(&fibonacci), "Fibonacci numbers reversed");
    let powers: Vec<u32> = (0..18).map(|power| 1 << power).collect();
    check(&shuffled(&powers), "powers of two");
    let rare: Vec<u32> = (0..256).map(|byte| if byte == 9 { 200_000 } else { 1 }).collect();
    check(&shuffled(&rare), "one byte frequent, all others once");
}

#[test]
fn every_length_survives() {
    let mut random = random();
    // Codes of many lengths, so that a block ends at any bit.
    let bytes: Vec<u8> = (0..200_000).map(|_| (random(16) * random(16)) as u8).collect();
    let around = |len: usize| len - 9..len + 9;
    let lengths = (0..600)
        .chain(around(PIECE))
        .chain(around(2 * PIECE))
        .chain(around(MOST_STORED))
        .chain(around(2 * MOST_STORED));
    for len in lengths {
        check(&bytes[..len], &format!("{len} bytes"));
    }
    let noise: Vec<u8> = (0..200_000).map(|_| random(256) as u8).collect();
    for len in around(MOST_STORED).chain(around(2 * MOST_STORED)) {
        check(&noise[..len], &format!("{len} bytes of noise"));
    }
}

#[test]
fn pieces_that_differ_get_codes_of_their_own() {
    let mut random = random();
    let mut pieces = Vec::new();
    for kind in 0..12 {
        pieces.extend((0..PIECE).map(|_| match kind % 4 {
            0 => random(3) as u8,
            1 => 100 + random(20) as u8,
            2 => random(256) as u8,
            _ => 7,
        }));
    }
    assert_eq!(Plan::new(&pieces, &Sequences::literals(&pieces)).blocks.len(), 12);
    // 1.6 bits a byte, 4.3, stored, 1.
    let size = check(&pieces, "pieces that differ");
    assert!(size < PIECE * 3 * 16 / 8, "{size}");

    let alike: Vec<u8> = (0..20 * PIECE).map(|_| random(20) as u8).collect();
    assert_eq!(Plan::new(&alike, &Sequences::literals(&alike)).blocks.len(), 1);
}

#[test]
fn zlib_does_no_better_with_literals() {
    let mut random = random();
    let mut normal =
        || (0..12).map(|_| f64::from(random(1 << 20))).sum::<f64>() / f64::from(1 << 20) - 6.0;
    let f32s: Vec<u8> = (0..100_000).flat_map(|_| (normal() as f32).to_le_bytes()).collect();
    let f64s: Vec<u8> =
        (0..100_000).flat_map(|i| (f64::from(i) / 1e3).sin().to_le_bytes()).collect();
    for input in [f32s, f64s] {
        let strategy = Strategy::HuffmanOnly;
        let config = DeflateConfig { window_bits: -15, strategy, ..DeflateConfig::default() };
        let mut deflate = Deflate::new_with_config(config);
        let mut out = vec![0; input.len()];
        deflate.compress(&input, &mut out, DeflateFlush::SyncFlush).unwrap();
        let ratio = check(&input, "numbers") as f64 / deflate.total_out() as f64;
        assert!(ratio < 1.001, "{ratio}");
    }
}

#[test]
fn codes_are_complete_and_as_short_as_can_be() {
    let mut random = random();
    for _ in 0..3000 {
        let (used, bits) = (1 + random(19) as usize, random(17));
        let most = 1 + random(1 << bits);
        let mut counts = [0; 19];
        counts[..used].fill_with(|| random(most + 1));
        counts[0] += 1;
        for longest in [7, 12, 15] {
            let lengths = code_lengths(&counts, longest);
            let space: u32 =
                lengths.iter().filter(|&&len| len > 0).map(|len| 1 << (15 - len)).sum();
            assert_eq!(space, 1 << 15, "{counts:?}: {lengths:?}");
            assert!(lengths.iter().all(|&len| len <= longest));
            for (count, len) in counts.iter().zip(lengths) {
                assert!(*count == 0 || len > 0, "{counts:?}: {lengths:?}");
            }
            if longest == 15 && most < 500 {
                // Not cut: the sum of all inner nodes is what Huffman's code takes.
                let mut weights: Vec<u32> = counts.iter().copied().filter(|&c| c > 0).collect();
                let mut best = if weights.len() < 2 { weights.iter().sum() } else { 0 };
                while weights.len() > 1 {
                    weights.sort_unstable_by_key(|&weight| std::cmp::Reverse(weight));
                    let sum = weights.pop().unwrap() + weights.pop().unwrap();
                    weights.push(sum);
                    best += sum;
                }
                let bits = counts.iter().zip(lengths).map(|(count, len)| count * u32::from(len));
                assert_eq!(bits.sum::<u32>(), best, "{counts:?}: {lengths:?}");
            }
        }
    }
}

#[test]
fn the_logarithm_is_near_enough() {
    for x in (1..100_000).chain([1 << 20, u32::MAX]) {
        let x = x as f32;
        assert!((log2(x) - x.log2()).abs() < 0.000_2, "{x}");
    }
    assert_eq!(0.0 * log2(0.0), 0.0);
}

/// What sequences stand for, from `start` on.
fn copied(input: &[u8], start: usize, sequences: &Sequences) -> Vec<u8> {
    let mut out = input[..start].to_vec();
    for &Sequence { literals, len, distance } in &sequences.all {
        out.extend_from_slice(&input[out.len()..][..literals as usize]);
        for _ in 0..len {
            out.push(out[out.len() - usize::from(distance)]);
        }
    }
    out
}

/// Arrays of each kind, with the size of their items.
fn arrays() -> Vec<(&'static str, usize, Vec<u8>)> {
    const LEN: usize = 50_000;
    let mut random = random();
    let mut bytes = |bound: u32, least: u8| -> Vec<u8> {
        (0..LEN).map(|_| least + random(bound) as u8).collect()
    };
    let noise = bytes(256, 0);
    let (two, steps, below_100, below_64) = (bytes(2, 0), bytes(8, 1), bytes(100, 0), bytes(64, 0));
    let mut sum = 0;
    let sorted = steps[..LEN / 8].iter().flat_map(|&step| {
        sum += u64::from(step);
        sum.to_le_bytes()
    });
    let measured = |at: usize| (at as u16 / 9 + u16::from(below_64[at])).to_le_bytes();
    let tenth = |at: usize| (f64::from(below_100[at]) + f64::from(below_64[at])) / 10.0;
    let large = |at: usize| (0..300).map(move |byte| (byte * (at % 3)) as u8);
    vec![
        ("sorted", 8, sorted.collect()),
        ("labels", 8, (0..LEN as u64 / 8).flat_map(|at| (at / 97 % 10).to_le_bytes()).collect()),
        ("zeros", 1, vec![0; LEN]),
        ("a mask", 1, (0..LEN).map(|at| u8::from(at % 900 > at / 900)).collect()),
        ("an image", 1, (0..LEN).map(|at| (at % 900 / 10) as u8 + below_64[at] / 4).collect()),
        ("categories", 4, below_100[..LEN / 4].iter().flat_map(|&n| [n, 0, 0, 0]).collect()),
        ("measurements", 2, (0..LEN / 2).flat_map(measured).collect()),
        ("tenths", 8, (0..LEN / 8).flat_map(|at| tenth(at).to_le_bytes()).collect()),
        ("text", 16, (0..LEN / 16).flat_map(|at| format!("{at:<16}").into_bytes()).collect()),
        ("large items", 300, (0..LEN / 300).flat_map(large).collect()),
        ("noise", 8, noise),
        ("two values", 1, two),
    ]
}

#[test]
fn whatever_the_way_the_bytes_are_the_same() {
    for (name, item, input) in arrays() {
        let mut places = matches::places();
        for hashed in [Hashed::Three, Hashed::Four, Hashed::Seven, Hashed::Thirteen] {
            for start in [0, 1, 40_000, input.len()] {
                for item in [item, 7] {
                    let sequences = matches::sequences(&input, start, item, hashed, &mut places);
                    assert!(copied(&input, start, &sequences) == input, "{name}, {hashed:?}");
                    let bytes = sequences.pieces.iter().map(|piece| piece.bytes).sum::<usize>();
                    assert_eq!(bytes, input.len() - start, "{name}, {hashed:?}");
                }
            }
            let sequences = matches::sequences(&input, 0, item, hashed, &mut places);
            let (plan, mut out) = (Plan::new(&input, &sequences), Vec::new());
            plan.write(&mut out);
            assert!(inflate(&out, input.len()) == input, "{name}, {hashed:?}");
            assert!(plan.size().abs_diff(out.len()) <= 6 * plan.blocks.len() + 6, "{name}");
        }
        for start in [0, 1, 30_000] {
            let input = &input[..40_000];
            assert!(
                copied(input, start, &zlib::sequences(input, start)) == input,
                "{name} by zlib"
            );
        }
        for level in [1, 6, 9] {
            let mut out = Vec::new();
            compress(&input, level, item, &mut out);
            assert!(inflate(&out, input.len()) == input, "{name} at level {level}");
            let mut again = Vec::new();
            compress(&input, level, item, &mut again);
            assert!(out == again, "{name} at level {level}");
        }
    }
}

#[test]
fn matches_of_every_length_at_every_distance_survive() {
    let mut random = random();
    let noise: Vec<u8> = (0..33_000).map(|_| random(256) as u8).collect();
    let mut places = matches::places();
    for distance in (1..40).chain([255, 256, 257, 4095, 4096, 32_767, 32_768, 32_769]) {
        let mut input = noise[..distance].to_vec();
        for len in (3..20).chain([30, 64, 257, 258, 259, 260, 516, 600]) {
            (0..len).for_each(|_| input.push(input[input.len() - distance]));
            input.push(random(256) as u8);
        }
        for hashed in [Hashed::Three, Hashed::Seven] {
            let sequences = matches::sequences(&input, 0, 1, hashed, &mut places);
            let mut out = Vec::new();
            Plan::new(&input, &sequences).write(&mut out);
            assert!(inflate(&out, input.len()) == input, "{distance}");
        }
        let matched: usize =
            zlib::sequences(&input, 0).all.iter().map(|s| usize::from(s.len)).sum();
        assert_eq!(matched > 1000, distance < 32_500, "{distance}");
    }
}

#[test]
fn the_fastest_way_that_is_no_larger_is_taken() {
    let mut found = Vec::new();
    for (name, item, input) in arrays() {
        let input = input.repeat(8);
        let way = way(&input, 6, item.min(256));
        found.push((name, way));
    }
    let matches = |hashed| Way::Matches(hashed);
    for (name, expected) in [
        ("noise", Way::Literals),
        ("two values", matches(Hashed::Thirteen)),
        ("an image", matches(Hashed::Three)),
    ] {
        let (_, way) = found.iter().find(|(found, _)| *found == name).unwrap();
        assert_eq!(*way, expected, "{name}; {found:?}");
    }
}

#[test]
#[cfg(not(target_family = "wasm"))]
fn what_was_compressed_before_makes_no_difference() {
    let arrays: Vec<_> = arrays().into_iter().map(|(_, _, input)| input).collect();
    for level in [1, 6, 9] {
        let compressed = |input: &[u8], before: &[u8], most| {
            let mut out = Vec::new();
            slow::compress(input, before, level, most, &mut out);
            out
        };
        for (input, before) in arrays.iter().zip(arrays.iter().cycle().skip(1)) {
            let (input, before) = (&input[..input.len().min(40_000)], &before[..1000]);
            let all = || [&[][..], before].map(|before| compressed(input, before, 100_000));
            let expected = std::thread::scope(|scope| scope.spawn(all).join().unwrap());
            compressed(input, before, 10); // which does not suffice
            assert!(all() == expected);
        }
    }
}

/// What a thread has for itself may be gone before other things are that it has for itself.
#[test]
#[cfg(not(target_family = "wasm"))]
fn a_thread_that_ends_can_compress() {
    struct AtExit;
    impl Drop for AtExit {
        fn drop(&mut self) {
            assert!(slow::compress(&[7; 1000], &[], 6, 100, &mut Vec::new()));
        }
    }
    thread_local! {
        static AT_EXIT: AtExit = const { AtExit };
    }
    let thread = std::thread::spawn(|| {
        AT_EXIT.with(|_| ());
        slow::compress(&[7; 1000], &[], 6, 100, &mut Vec::new())
    });
    assert!(thread.join().unwrap());
}
