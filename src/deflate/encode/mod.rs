//! Compressing one block, in the way that is fastest without loss.
//!
//! Most arrays need no more than a quick look for matches, and many none at all: the low bytes of
//! floating-point numbers are noise, in which no byte string comes twice, and where only some byte
//! values are rarer than others. The slow search that zlib is known for gains nothing there. So samples
//! are compressed in all ways, and also as NumPy's zlib would do it, at its level 6: of what becomes no
//! larger than that, the fastest is taken.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "it compresses what is in memory, and nothing of a file"
)]

mod bits;
mod costs;
pub(super) mod huffman;
mod log2;
mod matches;
mod plan;
pub(super) mod sequence;
mod zlib;

pub(super) use plan::{
    LEAST_DISTANCES, LONGEST, LONGEST_OF_LENGTHS, ORDER, WITHOUT_LENGTHS, extra_bits,
};
pub(super) use sequence::END;

use matches::Hashed;
use plan::Plan;
use sequence::{PIECE, Piece, Sequences};

/// What is compressed on trial.
const SAMPLE: usize = 4 << 10;

/// What comes before a sample, and may be matched.
const BEFORE: usize = 32 << 10;

/// A block that is shorter is not worth a trial.
const SHORT: usize = SAMPLE + BEFORE;

/// From this level on, what takes longest is tried, too.
const SLOW: u8 = 4;

/// What becomes less than this part of its size is small.
const SMALL: usize = 64;

/// The level at which nothing but the size counts.
const SMALLEST: u8 = 9;

/// What repeats itself in larger items is not the whole of them.
const LARGEST_ITEM: usize = 256;

/// How a block is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Without matches.
    Literals,
    /// With those that are soon found.
    Matches(Hashed),
    /// By zlib-rs, at a level.
    Zlib(u8),
}

/// Appends `input` as deflate blocks that refer to nothing before them, end at a byte's
/// boundary, and can be followed by others. Its items have `item` bytes each.
pub(super) fn compress(input: &[u8], level: u8, item: usize, out: &mut Vec<u8>) {
    let item = if item > LARGEST_ITEM { 1 } else { item.max(1) };
    let way = if input.len() < SHORT { Way::Zlib(level) } else { way(input, level, item) };
    if let Way::Matches(hashed) = way {
        let sequences = matches::sequences(input, 0, item, hashed, &mut matches::places());
        return Plan::new(input, &sequences).write(out);
    }
    let literals = Sequences::literals(input);
    let literals = Plan::new(input, &literals);
    match way {
        Way::Zlib(level) if zlib::compress(input, &[], level, literals.size(), out) => {}
        _ => literals.write(out),
    }
}

/// How `input` is compressed, judging by samples.
fn way(input: &[u8], level: u8, item: usize) -> Way {
    let (samples, mut places) = (samples(input), matches::places());
    let mut bits_of_matches = |hashed| {
        bits(&samples, |sample| {
            // What comes before is matched, too, so that it is known what matches cost.
            let start = sample.start.saturating_sub(SAMPLE);
            let mut sequences = matches::sequences(sample.around, start, item, hashed, &mut places);
            sequences.skip(sample.start - start);
            sequences
        })
    };
    // Bytes may be anything; larger items are seldom as noisy as images are.
    let hashed: &[Hashed] = match item {
        ..=2 => &[Hashed::Three, Hashed::Four, Hashed::Seven, Hashed::Thirteen],
        _ => &[Hashed::Four, Hashed::Seven],
    };
    let mut ways: Vec<_> = hashed.iter().map(|&hashed| (bits_of_matches(hashed), hashed)).collect();
    ways.sort_by_key(|&(bits, _)| bits);
    let [(matched, hashed), (other, _), ..] = ways[..] else { return Way::Literals };
    let literals = bits(&samples, |sample| Sequences::literals(sample.bytes()));
    // Less than that may be chance, and is not worth the time.
    let most = if level < SMALLEST { literals / 100 * 98 } else { literals };
    if matched > most {
        return Way::Literals;
    }
    let by_zlib_rs =
        |level| samples.iter().map(|sample| sample.size_by_zlib_rs(level)).sum::<usize>();
    if level >= SMALLEST {
        let slow = 8 * by_zlib_rs(level);
        return if slow < matched { Way::Zlib(level) } else { Way::Matches(hashed) };
    }
    // If two different searches come to the same, longer ones would, too; and what is this small is small
    // enough.
    let is_small = matched < samples.len() * SAMPLE * 8 / SMALL;
    if level < SLOW || other - matched <= matched / 1000 || is_small {
        return Way::Matches(hashed);
    }
    let mut size_by_zlib = 0;
    let bits_by_zlib = bits(&samples, |sample| {
        let sequences = zlib::sequences(sample.around, sample.start);
        size_by_zlib += Plan::new(sample.bytes(), &sequences).size();
        sequences
    });
    if literals <= bits_by_zlib {
        Way::Literals
    } else if matched <= bits_by_zlib / 100 * 102 {
        // What matches cost is known better after more than a sample.
        Way::Matches(hashed)
    } else if by_zlib_rs(level) <= size_by_zlib / 100 * 103 {
        Way::Zlib(level)
    } else {
        // Below it, zlib-rs looks for no matches of three bytes, as zlib does.
        Way::Zlib(SMALLEST)
    }
}

/// About how many bits the samples take in the same codes, if their sequences are these.
fn bits(samples: &[Sample<'_>], mut sequences: impl FnMut(&Sample<'_>) -> Sequences) -> usize {
    let mut all = Piece::none();
    for sample in samples {
        sequences(sample).pieces.iter().for_each(|piece| all = all.and(piece));
    }
    let bytes: usize = samples.iter().map(|sample| sample.bytes().len()).sum();
    plan::bits(&all.counts) * bytes / all.bytes.max(1)
}

/// Two samples; and a third where literals are fewest bits, if they are fewer, because zeros and
/// repetitions are likely there.
fn samples(input: &[u8]) -> Vec<Sample<'_>> {
    let starts = [input.len() / 4, input.len() / 4 * 3];
    let bits = |start: usize| plan::entropy_of_literals(&input[start..][..SAMPLE / 2]);
    let pieces = (0..input.len() - SAMPLE).step_by(2 * PIECE).map(|start| (bits(start), start));
    let densest = pieces.min_by(|a, b| a.0.total_cmp(&b.0));
    let is_denser =
        |&(least, _): &(f32, usize)| starts.iter().all(|&start| least < 0.95 * bits(start));
    let densest = densest.filter(is_denser).map(|(_, start)| start);
    starts.into_iter().chain(densest).map(|start| Sample::at(start, input)).collect()
}

/// A part of the input that is compressed on trial.
struct Sample<'a> {
    /// What matches may reach back to, and the part.
    around: &'a [u8],
    start: usize,
}

impl<'a> Sample<'a> {
    fn at(start: usize, input: &'a [u8]) -> Self {
        let first = start.saturating_sub(BEFORE);
        Self { around: &input[first..start + SAMPLE], start: start - first }
    }

    fn bytes(&self) -> &'a [u8] {
        &self.around[self.start..]
    }

    /// How many bytes zlib-rs makes of it.
    fn size_by_zlib_rs(&self, level: u8) -> usize {
        let (before, bytes) = self.around.split_at(self.start);
        let (mut out, most) = (Vec::new(), 2 * bytes.len() + 100);
        match zlib::compress(bytes, before, level, most, &mut out) {
            true => out.len(),
            false => most,
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
