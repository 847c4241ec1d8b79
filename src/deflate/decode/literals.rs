//! Decoding what the coder writes, several inputs at once.
//!
//! Where a code starts is known only when the one before it has been looked up: with one
//! input, that is what a core spends most of its time waiting for. With four, it decodes
//! one while it waits for the others, and is nearly three times as fast as zlib-rs.
//!
//! Whatever else deflate allows, matches above all, is left to a real inflater.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "what is looked up is taken modulo its table; no position goes beyond the input \
              (see `skip`), nor a turn beyond the shortest output; lengths are at most 15"
)]

use super::super::encode::{
    LEAST_DISTANCES, LONGEST_CODE, LONGEST_OF_LENGTHS, WITHOUT_LENGTHS, extra_bits,
};
use super::super::symbols::{END, ORDER};

/// How many inputs are worth decoding at once: the tables of four fill a core's own cache.
pub(in super::super) const AT_ONCE: usize = 4;

/// So many bits of input contain a code at their start.
const INDEX: usize = 1 << LONGEST_CODE;

/// How many codes are taken from a word of 64 bits. It may start with 7 bits of others.
const TURN: usize = 4;

/// What a code stands for: a literal, above the 8 bits of the code's length.
type Entry = u16;

/// Stands for the end of the deflate block, and takes no bits: so that whatever is looked
/// up after it is the end again.
const AT_END: Entry = 0x80;

/// The part of an entry, or of the sum of a turn's entries, that is a length in bits.
const LENGTH: u32 = 0x3f;

/// Inflates inputs, each to the output beside it, and tells which are done: all of the
/// input taken, and the output full. What is in other outputs means nothing.
pub(in super::super) fn decode(pairs: Vec<(&[u8], &mut [u8])>) -> Vec<bool> {
    let mut are_done = vec![false; pairs.len()];
    let mut lanes: Vec<_> = pairs.into_iter().zip(&mut are_done).map(Lane::new).collect();
    while !lanes.is_empty() {
        lanes.retain_mut(|lane| lane.advance().is_some());
        match &mut lanes[..] {
            [] => {}
            [a] => take_turns([a]),
            [a, b] => take_turns([a, b]),
            [a, b, c] => take_turns([a, b, c]),
            [a, b, c, d, ..] => take_turns([a, b, c, d]),
        }
    }
    are_done
}

/// Decodes four literals of each lane at a time, until one of them comes near the end of
/// its deflate block, its input or its output.
fn take_turns<const N: usize>(mut lanes: [&mut Lane<'_>; N]) {
    let turns = lanes.iter().map(|lane| lane.output.len() / TURN).min().unwrap_or(0);
    let inputs = lanes.each_ref().map(|lane| lane.input);
    let mut positions = lanes.each_ref().map(|lane| lane.position);
    let mut parts = lanes.each_mut().map(|lane| {
        let (output, _) = lane.output.as_chunks_mut::<TURN>();
        (&lane.table, &mut output[..turns])
    });
    let mut taken = 0;
    'turns: while taken < turns {
        let mut words = [0; N];
        for n in 0..N {
            let Some(word) = word(inputs[n], positions[n]) else { break 'turns };
            words[n] = word;
        }
        let mut sums = [0; N];
        let mut last = 0;
        for at in 0..TURN {
            last = 0;
            for (n, (table, output)) in parts.iter_mut().enumerate() {
                let entry = u32::from(table[words[n] as usize % INDEX]);
                words[n] >>= entry & LENGTH;
                sums[n] += entry;
                output[taken][at] = (entry >> 8) as u8;
                last |= entry;
            }
        }
        if last & u32::from(AT_END) > 0 {
            break;
        }
        for n in 0..N {
            positions[n] += (sums[n] & LENGTH) as usize;
        }
        taken += 1;
    }
    for (lane, position) in lanes.into_iter().zip(positions) {
        lane.position = position;
        lane.filled(TURN * taken);
    }
}

/// At least 57 bits of `input`, from the bit `position` on, which is the lowest; `None`
/// near the end.
fn word(input: &[u8], position: usize) -> Option<u64> {
    let bytes = input.get(position / 8..)?.first_chunk()?;
    Some(u64::from_le_bytes(*bytes) >> (position % 8))
}

/// An input that is being decoded.
struct Lane<'a> {
    input: &'a [u8],
    /// How many bits of it have been taken.
    position: usize,
    /// The part that is not filled yet.
    output: &'a mut [u8],
    is_done: &'a mut bool,
    /// The length of the code that ends the deflate block; 0 between blocks.
    end: u8,
    /// What any bits stand for in it.
    table: [Entry; INDEX],
}

impl<'a> Lane<'a> {
    fn new(((input, output), is_done): ((&'a [u8], &'a mut [u8]), &'a mut bool)) -> Self {
        Self { input, position: 0, output, is_done, end: 0, table: [0; INDEX] }
    }

    /// Goes on to where turns can be taken. `None` if that is nowhere: it is done, or not
    /// to be done here.
    fn advance(&mut self) -> Option<()> {
        // A turn may have met the end, and not been taken: so one by one, as many codes.
        for step in 0.. {
            if self.end == 0 {
                if self.position == 8 * self.input.len() {
                    *self.is_done = self.output.is_empty();
                    return None;
                }
                self.start_block()?;
            } else if step >= TURN && self.has_turn() {
                break;
            } else {
                self.code()?;
            }
        }
        Some(())
    }

    fn has_turn(&self) -> bool {
        self.output.len() >= TURN && word(self.input, self.position).is_some()
    }

    /// Decodes a literal, or the end of the deflate block.
    fn code(&mut self) -> Option<()> {
        let entry = self.table[self.peek() as usize % INDEX];
        if entry == AT_END {
            self.skip(self.end.into())?;
            self.end = 0;
            return Some(());
        }
        self.skip(usize::from(entry) & LENGTH as usize)?;
        *self.output.first_mut()? = (entry >> 8) as u8;
        self.filled(1);
        Some(())
    }

    /// Takes a stored block, or the header of one with codes.
    fn start_block(&mut self) -> Option<()> {
        match self.take(3)? {
            0b000 => self.stored(),
            0b100 => self.header(),
            _ => None,
        }
    }

    fn stored(&mut self) -> Option<()> {
        self.position = self.position.next_multiple_of(8);
        let (len, complement) = (self.take(16)?, self.take(16)?);
        let bytes = self.input[self.position / 8..].get(..len)?;
        self.output.get_mut(..len)?.copy_from_slice(bytes);
        self.skip(8 * len)?;
        self.filled(len);
        (len ^ complement == 0xffff).then_some(())
    }

    fn header(&mut self) -> Option<()> {
        if (self.take(5)?, self.take(5)?) != (WITHOUT_LENGTHS - 257, LEAST_DISTANCES - 1) {
            return None;
        }
        let used = self.take(4)? + 4;
        let mut lengths = [0; ORDER.len()];
        for &symbol in ORDER.get(..used)? {
            lengths[symbol] = self.take(3)? as u8;
        }
        let mut table = [0; 1 << LONGEST_OF_LENGTHS];
        fill_table(&mut table, &lengths)?;

        let mut lengths = [0; WITHOUT_LENGTHS + LEAST_DISTANCES];
        let mut len = 0;
        while len < lengths.len() {
            let entry = table[self.peek() as usize % table.len()];
            self.skip(usize::from(entry) & LENGTH as usize)?;
            let symbol = (entry >> 8) as u8;
            let extra = self.take(extra_bits(symbol))?;
            let (length, run) = match symbol {
                16 => (lengths[len.checked_sub(1)?], 3 + extra),
                17 => (0, 3 + extra),
                18 => (0, 11 + extra),
                length => (length, 1),
            };
            lengths.get_mut(len..len + run)?.fill(length);
            len += run;
        }
        let (lengths, distances) = lengths.split_at(WITHOUT_LENGTHS);
        self.end = lengths[END];
        fill_table(&mut self.table, lengths)?;
        (distances == [1; LEAST_DISTANCES] && self.end > 0).then_some(())
    }

    /// The next bits, the first one lowest; zeros after the end.
    fn peek(&self) -> u64 {
        word(self.input, self.position).unwrap_or_else(|| {
            let bytes = self.input[self.position / 8..].iter().rev();
            bytes.fold(0, |word, &byte| word << 8 | u64::from(byte)) >> (self.position % 8)
        })
    }

    fn take(&mut self, len: u32) -> Option<usize> {
        let bits = self.peek() as usize & ((1 << len) - 1);
        self.skip(len as usize)?;
        Some(bits)
    }

    fn skip(&mut self, len: usize) -> Option<()> {
        self.position += len;
        (self.position <= 8 * self.input.len()).then_some(())
    }

    /// Counts the next `len` bytes of the output as filled.
    fn filled(&mut self, len: usize) {
        self.output = &mut std::mem::take(&mut self.output)[len..];
    }
}

/// Makes a `table` of what any bits stand for, from the lengths of the codes (RFC 1951,
/// 3.2.2); `None` if there are longer ones than it has room for, or they are not complete.
fn fill_table(table: &mut [Entry], lengths: &[u8]) -> Option<()> {
    // The symbols in the order of their codes: by length.
    let mut ends = [0; 17];
    lengths.iter().for_each(|&len| ends[len as usize + 1] += 1);
    (1..ends.len()).for_each(|len| ends[len] += ends[len - 1]);
    let mut order = [0; WITHOUT_LENGTHS];
    for (symbol, &len) in lengths.iter().enumerate() {
        order[ends[len as usize]] = symbol;
        ends[len as usize] += 1;
    }

    let longest = table.len().ilog2() as usize;
    let mut code = 0_u32;
    for len in 1..=longest {
        // Whatever the next bit is, it changes nothing for shorter codes.
        let half = 1 << (len - 1);
        table.copy_within(..half, half);
        code *= 2;
        for &symbol in &order[ends[len - 1]..ends[len]] {
            let entry = if symbol == END { AT_END } else { (symbol << 8 | len) as Entry };
            table[(code.reverse_bits() >> (32 - len)) as usize] = entry;
            code += 1;
        }
    }
    (code == 1 << longest && ends[longest] == lengths.len()).then_some(())
}

#[cfg(test)]
#[path = "literals_tests.rs"]
mod tests;
