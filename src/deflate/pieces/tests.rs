//! Pieces against the stream inflated in order.

use zlib_rs::Strategy;

use super::*;
use crate::deflate::encode::tests::random;
use crate::deflate::inflate::tests::deflated;
use crate::io::Input;

/// What becomes many blocks, with matches from near, far or nowhere; and as zlib-rs deflates it.
fn streams() -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut random = random();
    let floats = |scale: f64| (0_u64..80_000).map(move |n| ((n * n % 9973) as f64 / scale).round());
    let bytes =
        |floats: Vec<f64>| floats.into_iter().flat_map(f64::to_le_bytes).collect::<Vec<_>>();
    let skewed = (0..400_000).map(|_| (random(16) * random(16)) as u8).collect();
    let masks = (0..800_000).map(|_| u8::from(random(7) == 0)).collect();
    let mut kinds =
        vec![bytes(floats(7.0).collect()), bytes(floats(0.001).collect()), skewed, masks];
    kinds.push(kinds.iter().flat_map(|kind| &kind[..200_000]).copied().collect());
    let levels = [1, 6, 9].into_iter().cycle();
    let deflated = |(input, level): (Vec<u8>, i32)| {
        let stream = deflated(&input, level, Strategy::Default);
        (input, stream)
    };
    kinds.into_iter().zip(levels).map(deflated).collect()
}

fn span(stream: &[u8]) -> Span<'_> {
    Span::new(Input::Shared(SharedInput::InMemory(stream)), 0..stream.len() as u64)
}

/// Inflates it by small pieces, or in order, and tells how many times some were joined.
fn inflated(stream: &[u8], len: usize, are_pieces: bool) -> Result<(Vec<u8>, usize)> {
    let end = stream.len() as u64;
    let buffers = (0..3).map(|_| Buffers::default()).collect();
    let input = SharedInput::InMemory(stream);
    let mut pieces =
        Pieces { input, end, count: 4, len: 50 << 10, buffers, is_given_up: !are_pieces };
    let (mut decoder, mut span, mut out) = (SpanDecoder::new(), span(stream), vec![0; len]);
    let (mut filled, mut joined) = (0, 0);
    while filled < len {
        let (history, rest) = out.split_at_mut(filled);
        let ends = pieces.find_ends(decoder.position(&span), rest.len());
        let first_end = ends.first().copied().unwrap_or(u64::MAX);
        let first = decoder.decode_to(&mut span, first_end, history, rest, 0)?;
        let bits = ends.windows(2).map(|bits| bits[0]..bits[1]).zip(&mut pieces.buffers);
        let others = bits.map(|(bits, buffers)| buffers.inflate(input, bits, end, 400 << 10));
        let others = others.collect();
        let now = join(others, &mut decoder, &mut span, history, rest, first);
        joined += usize::from(now > first);
        if now == 0 && decoder.is_at_end() {
            return Err(crate::Error::cut_short());
        }
        filled += now;
    }
    Ok((out, joined))
}

#[test]
fn pieces_are_what_the_stream_is_in_order() {
    let mut joined = 0;
    for (which, (input, stream)) in streams().iter().enumerate() {
        let (out, now) = inflated(stream, input.len(), true).unwrap();
        assert!(out == *input, "stream {which}");
        joined += now;
    }
    assert!(joined > 5, "{joined} times");
}

#[test]
fn damage_gives_the_same_by_pieces_and_in_order() {
    let streams = streams();
    let mut random = random();
    let mut errors = 0;
    for round in 0..100 {
        let (input, stream) = &streams[round % streams.len()];
        let mut stream = stream.clone();
        let at = random(stream.len() as u32) as usize;
        match round % 3 {
            0 => stream.truncate(at),
            _ => stream[at] ^= 1 << random(8),
        }
        let ways = [true, false].map(|are_pieces| inflated(&stream, input.len(), are_pieces));
        match ways {
            [Ok((a, _)), Ok((b, _))] => assert!(a == b, "round {round}"),
            [Err(a), Err(b)] => {
                assert_eq!(a.to_string(), b.to_string(), "round {round}");
                errors += 1;
            }
            [a, b] => panic!("round {round}: {:?}, but {:?}", a.map(|_| ()), b.map(|_| ())),
        }
    }
    assert!(errors > 20, "{errors} errors");
}

/// A piece that is no piece, because the block was not one, is not joined.
#[test]
fn only_what_follows_is_joined() {
    let (input, stream) = streams().pop().unwrap();
    let (mut decoder, mut span, mut out) =
        (SpanDecoder::new(), span(&stream), vec![0_u8; input.len()]);
    let start = find_block(SharedInput::InMemory(&stream), 20_000..stream.len() as u64).unwrap();
    let filled = decoder.decode_to(&mut span, start, &[], &mut out, 0).unwrap();
    for (other, follows) in [(start + 1, false), (start - 8, false), (start, true)] {
        let mut buffers = Buffers::default();
        let bits = start..start + 80_000;
        let mut piece =
            buffers.inflate(SharedInput::InMemory(&stream), bits, stream.len() as u64, 1 << 20);
        piece.iter_mut().for_each(|piece| piece.start = other);
        let (mut decoder, mut span) = (decoder.clone(), span.clone());
        let end = join(vec![piece], &mut decoder, &mut span, &[], &mut out, filled);
        assert_eq!(end > filled, follows);
    }
}

/// Whether its symbols end, or its bytes begin, within a part or between two.
#[test]
fn a_piece_is_copied_in_parts() {
    let mut copied = 0;
    for (input, stream) in streams() {
        let end = stream.len() as u64;
        let bytes = SharedInput::InMemory(&stream);
        let Some(start) = find_block(bytes, end / 3..end) else { continue };
        let (mut decoder, mut span, mut out) =
            (SpanDecoder::new(), span(&stream), vec![0_u8; input.len()]);
        let filled = decoder.decode_to(&mut span, start, &[], &mut out, 0).unwrap();
        let Some(before) = Window::of(&[], &out[..filled]) else { continue };
        let mut buffers = Buffers::default();
        let piece = buffers.inflate(bytes, start..u64::MAX, end, 1 << 20).unwrap();
        for len in [1000, 32 << 10, 100_001] {
            let mut out = vec![0; piece.len()];
            for (part, start) in out.chunks_mut(len).zip((0..).step_by(len)) {
                piece.copy_to(part, start, &before);
            }
            assert!(out == input[filled..], "parts of {len} bytes");
        }
        copied += 1;
    }
    assert!(copied > 2, "{copied}");
}

#[test]
fn every_block_is_found() {
    let mut found = 0;
    for (input, stream) in streams() {
        let (mut decoder, mut span, mut out) =
            (SpanDecoder::new(), span(&stream), vec![0_u8; input.len()]);
        let mut filled = 0;
        while !decoder.is_at_end() {
            let start = decoder.position(&span);
            filled = decoder.decode_to(&mut span, start + 1, &[], &mut out, filled).unwrap();
            let byte = (start / 8) as usize;
            let header = u16::from_le_bytes([stream[byte], stream[byte + 1]]) >> (start % 8);
            let range = start / 8..stream.len() as u64;
            let is_near_end = range.end - range.start < 1000;
            if header & 7 == 4 && !is_near_end {
                let first = find_block(SharedInput::InMemory(&stream), range).unwrap();
                assert_eq!(first, start);
                found += 1;
            }
        }
    }
    assert!(found > 20, "{found} blocks");
}
