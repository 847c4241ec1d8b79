//! Compressing one block.
//!
//! Most arrays need no more than a quick look for matches, and many none at all: the low bytes of
//! floating-point numbers are noise, in which no byte string comes twice, and all that can be gained is
//! that some byte values are rarer than others. There, zlib's long search for matches only takes time.
//! So samples of the block are compressed in each way, and also as NumPy's zlib does it. Of the ways
//! that make it no larger than zlib would, the fastest is taken.

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
mod slow;
mod zlib;

pub(super) use plan::{
    LEAST_DISTANCES, LONGEST_CODE, LONGEST_OF_LENGTHS, WITHOUT_LENGTHS, extra_bits,
};

use super::WINDOW_BITS;
use bits::Bits;
use matches::Hashed;
use plan::{MOST_STORED, Plan};
use sequence::{PIECE, Piece, Sequences};

/// The size of a sample.
const SAMPLE: usize = 4 << 10;

/// How much of what comes before a sample may be matched: all that deflate allows.
const BEFORE: usize = 1 << WINDOW_BITS;

/// A block that is shorter is not worth samples.
const SHORT: usize = SAMPLE + BEFORE;

/// Below this level, the search for matches is always a quick one.
const SLOW: u8 = 4;

/// At this level, only the size counts.
const SMALLEST: u8 = 9;

/// A block that becomes smaller than this part of itself is small enough.
const SMALL: usize = 64;

/// Larger items are compressed as single bytes: they are structs or text, of which parts repeat
/// themselves.
const LARGEST_ITEM: usize = 256;

/// How a block is compressed, the fastest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Without matches.
    Literals,
    /// With the matches of a quick search.
    Matches(Hashed),
    /// By zlib-rs, at a level.
    Slow(u8),
}

/// Appends `input` as deflate blocks that refer to nothing before them, end at a byte's
/// boundary, and can be followed by others. Its items have `item` bytes each.
pub(super) fn compress(input: &[u8], level: u8, item: usize, out: &mut Vec<u8>) {
    if input.len() < SHORT {
        // Of so little, zlib-rs makes the same in its own codes, if not less.
        if !slow::compress(input, &[], level, input.len(), out) {
            store(input, out);
        }
        return;
    }
    let item = if item > LARGEST_ITEM { 1 } else { item.max(1) };
    let way = way(input, level, item);
    if let Way::Matches(hashed) = way {
        let sequences = matches::sequences(input, 0, item, hashed, &mut matches::places());
        return Plan::new(input, &sequences).write(out);
    }
    let literals = Sequences::literals(input);
    let literals = Plan::new(input, &literals);
    match way {
        Way::Slow(level) if slow::compress(input, &[], level, literals.size(), out) => {}
        _ => literals.write(out),
    }
}

/// Appends `input` as deflate blocks that hold it as it is.
pub(super) fn store(input: &[u8], out: &mut Vec<u8>) {
    let mut bits = Bits::new(out);
    input.chunks(MOST_STORED).for_each(|part| bits.stored(part));
}

/// How `input` is compressed, judging by samples.
fn way(input: &[u8], level: u8, item: usize) -> Way {
    let (samples, mut places) = (samples(input), matches::places());
    let literals = bits(&samples, |sample| Sequences::literals(sample.bytes()));
    let bits_of_matches = |&hashed: &Hashed| {
        let bits = bits(&samples, |sample| {
            // What comes before is matched, too, so that it is known what matches cost.
            let start = sample.start.saturating_sub(SAMPLE);
            let mut sequences = matches::sequences(sample.around, start, item, hashed, &mut places);
            sequences.skip(sample.start - start);
            sequences
        });
        (bits, hashed)
    };
    // Bytes may be anything; larger items are seldom as noisy as images are.
    let hashed: &[Hashed] = match item {
        ..=2 => &[Hashed::Three, Hashed::Four, Hashed::Seven, Hashed::Thirteen],
        _ => &[Hashed::Four, Hashed::Seven],
    };
    let mut ways: Vec<_> = hashed.iter().map(bits_of_matches).collect();
    ways.sort_by_key(|&(bits, _)| bits);
    let [(matched, hashed), (other, _), ..] = ways[..] else { return Way::Literals };

    if level < SMALLEST {
        // A smaller gain may be chance, and is not worth the time.
        if matched > literals / 100 * 98 {
            return Way::Literals;
        }
        // If two different searches come to the same, a longer one would, too.
        let is_settled = other - matched <= matched / 1000;
        let is_small = matched < samples.len() * SAMPLE * 8 / SMALL;
        if level < SLOW || is_settled || is_small {
            return Way::Matches(hashed);
        }
    }

    // The size of each sample with codes of its own, as zlib-rs makes it, too.
    let mut size_by_zlib = 0;
    let bits_by_zlib = bits(&samples, |sample| {
        let sequences = zlib::sequences(sample.around, sample.start);
        size_by_zlib += Plan::new(sample.bytes(), &sequences).size();
        sequences
    });
    let slow_size = |level| samples.iter().map(|sample| sample.slow_size(level)).sum::<usize>();
    if level >= SMALLEST {
        let least = matched.min(literals);
        return if slow_size(level) * bits_by_zlib < least * size_by_zlib {
            Way::Slow(level)
        } else if literals == least {
            Way::Literals
        } else {
            Way::Matches(hashed)
        };
    }
    if literals <= bits_by_zlib {
        Way::Literals
    } else if matched <= bits_by_zlib / 100 * 102 {
        // In a whole block, matches cost less than in samples: what they cost is known better.
        Way::Matches(hashed)
    } else if slow_size(level) <= size_by_zlib / 100 * 103 {
        Way::Slow(level)
    } else {
        // Below this level, zlib-rs does not look for matches of three bytes, as zlib does.
        Way::Slow(SMALLEST)
    }
}

/// About how many bits the samples take, all in the same codes, if these are their sequences.
fn bits(samples: &[Sample<'_>], mut sequences: impl FnMut(&Sample<'_>) -> Sequences) -> usize {
    let mut all = Piece::none();
    for sample in samples {
        sequences(sample).pieces.iter().for_each(|piece| all = all.and(piece));
    }
    let bytes: usize = samples.iter().map(|sample| sample.bytes().len()).sum();
    plan::bits(&all.counts) * bytes / all.bytes.max(1)
}

/// Two samples; and a third where literals would take least, if that is less: there are likely to be
/// zeros and repetitions.
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
    fn slow_size(&self, level: u8) -> usize {
        let (before, bytes) = self.around.split_at(self.start);
        let (mut out, most) = (Vec::new(), 2 * bytes.len() + 100);
        match slow::compress(bytes, before, level, most, &mut out) {
            true => out.len(),
            false => most,
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
