//! The coder against zlib-rs, on every distribution that breaks coders.

use zlib_rs::{Deflate, DeflateConfig, DeflateFlush, Inflate, InflateFlush, Status, Strategy};

use super::huffman::code_lengths;
use super::*;

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
    let plan = Plan::new(input);
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
    let plan = Plan::new(&pieces);
    assert_eq!(plan.blocks.len(), 12);
    assert_eq!(plan.densest, 3 * PIECE, "where there is but one byte");
    // 1.6 bits a byte, 4.3, stored, 1.
    let size = check(&pieces, "pieces that differ");
    assert!(size < PIECE * 3 * 16 / 8, "{size}");

    let alike: Vec<u8> = (0..20 * PIECE).map(|_| random(20) as u8).collect();
    assert_eq!(Plan::new(&alike).blocks.len(), 1);
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
