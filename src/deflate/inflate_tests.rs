//! The decoder against zlib-rs.

use zlib_rs::{Deflate, DeflateConfig, DeflateFlush, Inflate, InflateFlush, Status, Strategy};

use super::*;
use crate::deflate::encode::tests::{random, shuffled};
use crate::error::Error;
use crate::io::SharedInput;

/// Data of every kind: nothing, much, little to be seen in it, long and short matches from near and
/// far, codes of many lengths.
pub(in super::super) fn inputs() -> Vec<Vec<u8>> {
    let mut random = random();
    let noise: Vec<u8> = (0..100_000).map(|_| random(256) as u8).collect();
    let repeated = |len: usize| noise[..len].iter().copied().cycle().take(100_000).collect();
    let mut fibonacci = vec![1, 1];
    (2..24).for_each(|at: usize| fibonacci.push(fibonacci[at - 2] + fibonacci[at - 1]));
    let masks = (0..100_000).map(|_| u8::from(random(7) == 0)).collect();
    let text = (0_u64..20_000).flat_map(|n| format!("{}, ", n * n / 7).into_bytes()).collect();
    let steps = (0_u64..20_000).map(|n| ((n * n) % 1000) as f64 / 10.0);
    let mut inputs = vec![
        Vec::new(),
        b"a".to_vec(),
        shuffled(&fibonacci),
        masks,
        text,
        steps.flat_map(f64::to_le_bytes).collect(),
    ];
    inputs.extend(
        [1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 32, 33, 257, 32_767, 32_768, 40_000].map(repeated),
    );
    inputs.push(noise);
    inputs
}

/// As zlib-rs deflates.
pub(in super::super) fn deflated(input: &[u8], level: i32, strategy: Strategy) -> Vec<u8> {
    let config = DeflateConfig { window_bits: -15, level, strategy, ..DeflateConfig::default() };
    let mut deflate = Deflate::new_with_config(config);
    let mut out = vec![0; 2 * input.len() + 100];
    deflate.compress(input, &mut out, DeflateFlush::Finish).unwrap();
    out.truncate(deflate.total_out() as usize);
    out
}

fn streams(input: &[u8]) -> Vec<Vec<u8>> {
    let of_strategy = |strategy| deflated(input, 6, strategy);
    let strategies = [Strategy::HuffmanOnly, Strategy::Rle, Strategy::Fixed];
    let levels = [0, 1, 6, 9].map(|level| deflated(input, level, Strategy::Default));
    strategies.map(of_strategy).into_iter().chain(levels).collect()
}

/// What zlib-rs makes of a stream: it must have so many bytes.
fn by_zlib(stream: &[u8], len: usize) -> Result<Vec<u8>, Problem> {
    let mut out = vec![0; len + 1];
    let mut inflate = Inflate::new(false, 15);
    let outcome = inflate.decompress(stream, &mut out, InflateFlush::Finish);
    out.truncate(inflate.total_out() as usize);
    match outcome {
        Ok(Status::StreamEnd) if inflate.total_in() < stream.len() as u64 => Err(Problem::Invalid),
        Ok(Status::StreamEnd) => Ok(out),
        Ok(_) => Err(Problem::CutShort),
        Err(_) => Err(Problem::Invalid),
    }
}

fn span(stream: &[u8]) -> Span<'_> {
    Span::new(Input::Shared(SharedInput::InMemory(stream)), 0..stream.len() as u64)
}

/// What it becomes, so many bytes at a time.
fn inflated(stream: &[u8], len: usize, at_a_time: usize) -> crate::Result<Vec<u8>> {
    let (mut inflater, mut span, mut out) = (Inflater::new()?, span(stream), vec![0; len]);
    for part in out.chunks_mut(at_a_time) {
        inflater.read(&mut span, part)?;
    }
    match inflater.is_at_end(&mut span)? {
        true => Ok(out),
        false => Err(Error::archive("more follows")),
    }
}

#[test]
fn what_zlib_deflates_is_inflated() {
    for input in inputs() {
        for (which, stream) in streams(&input).iter().enumerate() {
            for at_a_time in [input.len().max(1), 100, 300, 40_000] {
                let out = inflated(stream, input.len(), at_a_time).unwrap();
                assert!(out == input, "{} bytes, stream {which}, {at_a_time}", input.len());
            }
        }
    }
}

#[test]
fn any_part_may_be_asked_for() {
    let input = &inputs()[4];
    let stream = deflated(input, 6, Strategy::Default);
    for seed in 1..20 {
        let (mut inflater, mut span, mut done) = (Inflater::new().unwrap(), span(&stream), 0);
        let mut random = random();
        while done < input.len() {
            let most = [1, 10, 1000, 70_000][random(4) as usize];
            let len = (random(most * seed) as usize).min(input.len() - done);
            let mut out = vec![0; len];
            inflater.read(&mut span, &mut out).unwrap();
            assert_eq!(out, input[done..done + len]);
            done += len;
        }
        assert!(inflater.is_at_end(&mut span).unwrap());
    }
}

/// Not one byte of input more or less is taken than by zlib, whatever the damage.
#[test]
fn of_a_damaged_stream_it_makes_what_zlib_makes() {
    let mut random = random();
    let (mut errors, mut others) = (0, 0);
    for input in inputs() {
        let input = &input[..input.len().min(3000)];
        for stream in streams(input) {
            for round in 0..12 {
                let mut stream = stream.clone();
                let at =
                    random(stream.len().min(if round < 6 { 100 } else { 3000 }) as u32) as usize;
                match round % 4 {
                    0 => stream.truncate(at),
                    1 => stream[at] = random(256) as u8,
                    _ => stream[at] ^= 1 << random(8),
                }
                let expected = by_zlib(&stream, 4 * input.len());
                let len = expected.as_ref().map_or(4 * input.len(), Vec::len);
                let ours = inflated(&stream, len, [len.max(1), 100][round % 2]);
                match (&expected, &ours) {
                    (Ok(expected), Ok(ours)) => assert!(expected == ours),
                    (Err(_), Err(_)) => errors += 1,
                    _ => panic!("{:?}, but {:?}", expected.map(|_| ()), ours.map(|_| ())),
                }
                others += 1;
            }
        }
    }
    assert!(errors > 500 && others > errors, "{errors} errors of {others}");
}

/// A stream that is damaged stays so: its codes may be half a block's.
#[test]
fn a_damaged_stream_stays_damaged() {
    let mut random = random();
    let mut out = vec![0; 1000];
    for _ in 0..2000 {
        let mut stream: Vec<u8> = (0..300).map(|_| random(256) as u8).collect();
        stream[0] = stream[0] & !7 | 4;
        let (mut inflater, mut span) = (Inflater::new().unwrap(), span(&stream));
        while let Ok(1..) = inflater.read(&mut span, &mut out) {}
        let errors = [0; 3].map(|_| inflater.read(&mut span, &mut out).unwrap_err().to_string());
        assert_eq!(errors[0], errors[2]);
    }
}

/// Headers that no encoder writes: whatever the codes are, it takes those that zlib takes.
#[test]
fn it_takes_the_codes_that_zlib_takes() {
    let mut random = random();
    let (mut errors, mut others) = (0, 0);
    for _ in 0..30_000 {
        let mut stream: Vec<u8> = (0..60).map(|_| random(256) as u8).collect();
        stream[0] = stream[0] & !7 | 5; // the last block, with codes of its own
        if random(2) == 0 {
            // Few codes of the lengths, all of one or two bits: mostly they are whole.
            stream[1] &= 0x1f;
            stream[2] = 0b0000_0010;
            stream[3] = 0b0010_0100;
        }
        let expected = by_zlib(&stream, 10_000);
        let len = expected.as_ref().map_or(10_000, Vec::len);
        let ours = inflated(&stream, len, len.max(1));
        match (&expected, &ours) {
            (Ok(expected), Ok(ours)) => assert!(expected == ours),
            (Err(_), Err(_)) => errors += 1,
            _ => panic!("{:?}, but {:?}: {stream:?}", expected.map(|_| ()), ours.map(|_| ())),
        }
        others += 1;
    }
    assert!(errors > 1000 && others >= errors, "{errors} errors of {others}");
}
