//! The decoder against the coder, and against zlib-rs.

use zlib_rs::{Deflate, DeflateConfig, DeflateFlush, Inflate, InflateFlush, Status, Strategy};

use super::*;
use crate::deflate::encode;
use crate::deflate::encode::huffman::code_lengths;
use crate::deflate::encode::sequence::PIECE;
use crate::deflate::encode::tests::{coded, random, shuffled};

/// What the decoder makes of one input that should inflate to `len` bytes.
fn decoded(input: &[u8], len: usize) -> Option<Vec<u8>> {
    let mut out = vec![0xaa; len];
    let is_done = decode(vec![(input, &mut out)]);
    is_done[0].then_some(out)
}

/// What zlib-rs makes of it, up to 1 MiB.
fn inflated(input: &[u8]) -> Option<Vec<u8>> {
    let stream = [input, &[3, 0]].concat(); // an empty last block
    let mut out = vec![0; 1 << 20];
    let mut inflate = Inflate::new(false, 15);
    let status = inflate.decompress(&stream, &mut out, InflateFlush::Finish);
    out.truncate(inflate.total_out() as usize);
    let is_whole = inflate.total_in() == stream.len() as u64;
    (status == Ok(Status::StreamEnd) && is_whole).then_some(out)
}

/// As zlib-rs deflates.
fn deflated(input: &[u8], strategy: Strategy, flush: DeflateFlush) -> Vec<u8> {
    let config = DeflateConfig { window_bits: -15, strategy, ..DeflateConfig::default() };
    let mut deflate = Deflate::new_with_config(config);
    let mut out = vec![0; 2 * input.len() + 100];
    deflate.compress(input, &mut out, flush).unwrap();
    out.truncate(deflate.total_out() as usize);
    out
}

/// Codes of many lengths, so that a deflate block ends at any bit.
fn skewed(len: usize) -> Vec<u8> {
    let mut random = random();
    (0..len).map(|_| (random(16) * random(16)) as u8).collect()
}

#[test]
fn what_is_coded_is_decoded() {
    let noise = shuffled(&[600; 256]);
    let skewed = skewed(150_000);
    let around = |len: usize| len - 9..len + 9;
    let lengths = (0..600).chain([1, 2, 4, 8].into_iter().flat_map(|n| around(n * PIECE)));
    for len in lengths.chain(around(65_535)).chain(around(2 * 65_535)) {
        for input in [&noise[..len], &skewed[..len], &vec![7; len]] {
            assert!(decoded(&coded(input), len).as_deref() == Some(input), "{len} bytes");
        }
    }

    let mut fibonacci = vec![1, 1];
    while fibonacci.len() < 25 {
        fibonacci.push(fibonacci[fibonacci.len() - 1] + fibonacci[fibonacci.len() - 2]);
    }
    let powers: Vec<u32> = (0..18).map(|power| 1 << power).collect();
    let rare: Vec<u32> = (0..256).map(|byte| if byte == 9 { 200_000 } else { 1 }).collect();
    let few = (1..=256).map(|used| vec![20; used]);
    for counts in [vec![500, 500], vec![1, 70_000], fibonacci, powers, rare].into_iter().chain(few)
    {
        let input = shuffled(&counts);
        assert!(decoded(&coded(&input), input.len()) == Some(input), "{counts:?}");
    }
}

#[test]
fn any_number_are_decoded_at_once() {
    let mut random = random();
    let skewed = skewed(100_000);
    for count in 0..60 {
        // Of some a byte more is wanted than there is.
        let inputs: Vec<_> = (0..count % 10)
            .map(|_| {
                let start = random(99_000) as usize;
                let most = 1 << random(17);
                let len = random(most) as usize % (100_000 - start);
                let part = &skewed[start..start + len];
                let is_whole = random(4) > 0;
                (coded(part), part, len + usize::from(!is_whole))
            })
            .collect();
        let mut outputs: Vec<_> = inputs.iter().map(|(_, _, len)| vec![0; *len]).collect();
        let pairs = inputs.iter().map(|(coded, ..)| &coded[..]);
        let pairs = pairs.zip(outputs.iter_mut().map(|output| &mut output[..])).collect();
        let is_done = decode(pairs);
        assert_eq!(is_done.len(), inputs.len());
        for (((_, part, len), output), is_done) in inputs.iter().zip(&outputs).zip(is_done) {
            assert_eq!(is_done, *len == part.len());
            assert!(!is_done || output == part);
        }
    }
}

#[test]
fn only_literals_that_end_as_they_should_are_accepted() {
    let skewed = skewed(100_000);
    let text = b"say it again, and again, and again; ".repeat(100);
    let accepts = |input: &[u8], len| match decoded(input, len) {
        Some(out) => {
            assert!(inflated(input) == Some(out));
            true
        }
        None => false,
    };
    let (huffman, flush) = (Strategy::HuffmanOnly, DeflateFlush::SyncFlush);
    assert!(accepts(&deflated(&skewed, huffman, flush), skewed.len()), "zlib's literals");
    assert!(accepts(&deflated(&text, huffman, flush), text.len()), "text as literals");
    assert!(!accepts(&deflated(&text, Strategy::Default, flush), text.len()), "matches");
    assert!(!accepts(&deflated(&text, Strategy::Fixed, flush), text.len()), "fixed codes");
    assert!(!accepts(&deflated(&text, huffman, DeflateFlush::Finish), text.len()), "the last");

    for input in [&skewed[..], &skewed[..100], &[]] {
        let coded = coded(input);
        assert!(accepts(&coded, input.len()));
        assert!(!accepts(&coded, input.len() + 1), "more is wanted");
        assert!(input.is_empty() || !accepts(&coded, input.len() - 1), "less is wanted");
        assert!(!accepts(&[&coded[..], &[0]].concat(), input.len()), "a byte more");
        for cut in 1..coded.len().min(100) {
            // Without the empty stored block, and with no bits before it, it is whole.
            let cut = &coded[..coded.len() - cut];
            assert!(!accepts(cut, input.len()) || cut.len() + 5 == coded.len(), "cut short");
        }
    }
}

#[test]
fn only_complete_codes_are_accepted() {
    let mut counts = [0; WITHOUT_LENGTHS];
    (0..20).for_each(|byte| counts[byte] = 1 << byte);
    counts[END] = 1;
    let some = [19, 18, 19, 17, 19, 16].repeat(50);
    let check = |lengths, change: fn(&mut Vec<(u8, u8)>), by_zlib, here: bool| {
        for bytes in [&some[..], &[]] {
            let input = encode::tests::with_lengths(lengths, change, bytes);
            assert_eq!(inflated(&input).is_some(), by_zlib, "{lengths:?}");
            assert_eq!(decoded(&input, bytes.len()).as_deref(), here.then_some(bytes));
        }
    };
    for longest in 6..=15 {
        let lengths = code_lengths(&counts, longest);
        check(lengths, |_| {}, true, longest <= LONGEST_CODE);
        let mut fewer = lengths;
        fewer[0] = 0;
        check(fewer, |_| {}, false, false);
        for another in longest..=15 {
            let mut more = lengths;
            more[END - 1] = another;
            check(more, |_| {}, false, false);
        }
    }
    check([0; WITHOUT_LENGTHS], |_| {}, false, false);
    counts[END] = 0;
    check(code_lengths(&counts, 10), |_| {}, false, false);

    let mut lengths = [8; WITHOUT_LENGTHS];
    lengths[..3].fill(0);
    lengths[END - 1..].fill(7);
    check(lengths, |_| {}, true, true);
    // Three times the length before the first, instead of zero.
    check(lengths, |runs| runs[0] = (16, 0), false, false);
    // More lengths than there are codes.
    check(lengths, |runs| *runs.last_mut().unwrap() = (16, 0), false, false);
}

#[test]
fn damage_is_refused_or_read_as_zlib_does() {
    let mut random = random();
    // Codes all of 8 bits but two, a few codes, a deflate block of each sort.
    let inputs = [
        coded(&shuffled(&[4; 256])),
        coded(&shuffled(&[50, 20, 5, 0, 1, 1])),
        coded(&[shuffled(&[70; 256]), vec![3; PIECE], shuffled(&[PIECE as u32; 2])].concat()),
        deflated(&skewed(400), Strategy::HuffmanOnly, DeflateFlush::SyncFlush),
    ];
    let lengths = inputs.each_ref().map(|input| inflated(input).unwrap().len());
    let (mut accepted, mut refused) = (0, 0);
    for round in 0..20_000 {
        let (input, len) = (&inputs[round % 4], lengths[round % 4]);
        let mut input = input.clone();
        let most = 8 * input.len() as u32;
        for _ in 0..1 + random(2) {
            // Half of the time in the header.
            let among = if random(2) > 0 { most.min(700) } else { most };
            let bit = random(among) as usize;
            input[bit / 8] ^= 1 << (bit % 8);
        }
        if random(20) == 0 {
            input.truncate(random(most / 8) as usize);
        }
        match decoded(&input, len) {
            Some(out) => {
                assert!(inflated(&input) == Some(out), "round {round}");
                accepted += 1;
            }
            None => refused += 1,
        }
    }
    assert!(accepted > 1000 && refused > 1000, "{accepted} accepted, {refused} refused");

    for _ in 0..20_000 {
        let mut input: Vec<u8> = (0..random(300)).map(|_| random(256) as u8).collect();
        if let [first, second, ..] = &mut input[..] {
            // The start of a header as it should be.
            (*first, *second) = (0b100, *second & 0xe0 | 1);
        }
        let len = random(300) as usize;
        if let Some(out) = decoded(&input, len) {
            assert!(inflated(&input) == Some(out));
        }
    }
}
