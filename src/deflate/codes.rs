//! The codes of a deflate block, as tables in which the next bits of the input are looked up
//! (RFC 1951, 3.2.2).
//!
//! A table has an [`Entry`] for whatever the bits are that index it. Where a code is longer, the entry
//! says where a second table is, for the bits that follow. Where a literal's code is shorter, and what
//! follows it fits too, both can be looked up at once.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a code has at most 15 bits, and the tables have room for whatever codes are complete"
)]

use std::sync::LazyLock;

use super::symbols::{self, Base, SHORTEST_MATCH};

/// What the next bits stand for. From the lowest bit:
///
/// * 8 bits: how many of the next bits it takes;
/// * 4 bits: how many of these are codes; the others are added to what the last code stands for;
/// * 2 bits: how many literals there are, none but in tables of literals and lengths;
/// * [`LITERAL`] and [`OTHER`];
/// * 16 bits: the literals. A length follows, or is there alone, in the upper 8 of them, without the
///   [`SHORTEST_MATCH`] that each has. For a distance, the 16 bits are the least that it can be.
pub(super) type Entry = u32;

/// Nothing but literals.
pub(super) const LITERAL: Entry = 1 << 14;
/// Where in an entry the number of its literals is.
const LITERALS: u32 = 12;

/// Neither a literal, nor a length or distance: a code that no encoder may use, or one of the following.
pub(super) const OTHER: Entry = 1 << 15;
/// The end of the block.
const END: Entry = OTHER | 1 << 30;
/// Where a second table is, and in the place of the codes' length how many bits index it.
const SECOND: Entry = OTHER | 1 << 29;

/// How many bits index the tables: so many that most codes are found at once, and so few that the
/// tables are in the cache, and soon made.
pub(super) const LENGTH_BITS: usize = 11;
pub(super) const DISTANCE_BITS: usize = 8;

/// One bit more, with which many more literals and lengths are found together.
pub(super) const JOINED_BITS: usize = LENGTH_BITS + 1;

/// The most entries that complete codes need (`examples/enough.c` of zlib: 288 symbols or 32, of 15
/// bits).
const LENGTH_ENTRIES: usize = 2342;
const DISTANCE_ENTRIES: usize = 402;

/// The longest code.
const LONGEST: usize = 15;
const SYMBOLS: usize = 288;

/// The codes of a block: of literals and lengths, and of distances.
#[derive(Clone)]
pub(super) struct Codes {
    pub(super) lengths: [Entry; LENGTH_ENTRIES],
    /// If there are many such: the first table of lengths, in which literals are joined with what
    /// follows them.
    pub(super) joined: [Entry; 1 << JOINED_BITS],
    pub(super) are_joined: bool,
    pub(super) distances: [Entry; DISTANCE_ENTRIES],
}

impl Codes {
    pub(super) fn new() -> Self {
        Self {
            lengths: [0; LENGTH_ENTRIES],
            joined: [0; 1 << JOINED_BITS],
            are_joined: false,
            distances: [0; DISTANCE_ENTRIES],
        }
    }

    /// Takes the codes of these lengths. `None` if zlib refuses them.
    pub(super) fn set(&mut self, lengths: &[u8], distances: &[u8]) -> Option<()> {
        if lengths.get(symbols::END).is_none_or(|&len| len == 0) {
            return None;
        }
        let counts = fill(&mut self.lengths, LENGTH_BITS, lengths, length)?;
        self.are_joined = is_worth_joining(counts, &lengths[symbols::END..]);
        if self.are_joined {
            self.join();
        }
        fill(&mut self.distances, DISTANCE_BITS, distances, distance).map(drop)
    }

    /// Joins literals with what follows them, where both codes are found at once.
    fn join(&mut self) {
        let first = &self.lengths[..1 << LENGTH_BITS];
        self.joined.chunks_exact_mut(first.len()).for_each(|half| half.copy_from_slice(first));
        // The short codes in their order, which is by length, each with its entry.
        let (mut codes, mut count, mut code) = ([(0, 0); SYMBOLS], 0, 0);
        while code < 1 << LENGTH_BITS {
            let bits = reversed(code, LENGTH_BITS);
            let entry = self.lengths[bits];
            if is_second(entry) {
                break;
            }
            codes[count] = (bits, entry);
            count += 1;
            code += 1 << (LENGTH_BITS - code_bits(entry));
        }
        let codes = &codes[..count];
        for &(bits, literal) in codes.iter().filter(|(_, entry)| entry & LITERAL > 0) {
            let len = code_bits(literal);
            let fit = codes.iter().take_while(|(_, next)| len + code_bits(*next) <= JOINED_BITS);
            for &(next_bits, next) in fit.filter(|(_, next)| next & OTHER == 0) {
                let value = if next & LITERAL > 0 { next << 8 } else { next } >> 24 << 24;
                let both = (literal & !LITERAL) + (next as u16 as Entry) + value;
                let places = self.joined.iter_mut().skip(bits | next_bits << len);
                places.step_by(1 << code_bits(both)).for_each(|place| *place = both);
            }
        }
    }

    /// Takes the codes that a block need not describe.
    pub(super) fn set_fixed(&mut self) {
        self.clone_from(&FIXED);
    }
}

/// RFC 1951, 3.2.6.
#[expect(clippy::expect_used, reason = "they are the same each time")]
static FIXED: LazyLock<Codes> = LazyLock::new(|| {
    let mut lengths = [8; SYMBOLS];
    lengths[144..256].fill(9);
    lengths[256..280].fill(7);
    let mut codes = Codes::new();
    codes.set(&lengths, &[5; 32]).expect("they are whole codes");
    codes
});

/// The entry of a symbol, without its code.
fn length(symbol: usize) -> Entry {
    match symbol.checked_sub(symbols::END) {
        None => literal(symbol),
        Some(0) => END,
        Some(number @ 1..=symbols::LENGTHS) => {
            let Base { least, further } = symbols::length(number - 1);
            (Entry::from(least) - SHORTEST_MATCH as Entry) << 24 | Entry::from(further)
        }
        Some(_) => OTHER,
    }
}

fn distance(symbol: usize) -> Entry {
    if symbol >= symbols::DISTANCES {
        return OTHER;
    }
    let Base { least, further } = symbols::distance(symbol);
    Entry::from(least) << 16 | Entry::from(further)
}

pub(super) fn literal(symbol: usize) -> Entry {
    LITERAL | 1 << LITERALS | (symbol as Entry) << 16
}

/// Whether joining literals with what follows them gains more than it costs: it saves look-ups, and
/// whether there is a literal before the next match, which nobody can foresee, need not be asked. It is
/// worth it for one literal in four. It takes how many codes there are of each length, and the lengths
/// of those that are no literals.
fn is_worth_joining(all: [usize; LONGEST + 1], others: &[u8]) -> bool {
    let mut literals = all;
    others.iter().for_each(|&len| literals[usize::from(len)] -= 1);
    // What share of all bits begins with such codes.
    let share = |codes: usize, len: usize| codes << (JOINED_BITS - len);
    let (mut fit, mut joined, mut literal) = (0, 0, 0);
    for len in 1..JOINED_BITS {
        fit += share(all[len], len);
        joined += fit * share(literals[JOINED_BITS - len], JOINED_BITS - len);
        literal += share(literals[len], len);
    }
    joined > share(literal, 0) / 4
}

/// Fills a table that so many bits index, from the lengths of the codes, with the entries of their
/// symbols. `None` if there are not just as many codes as there can be; but like zlib it takes one
/// alone, of one bit, and none. Returns how many there are of each length.
pub(super) fn fill(
    table: &mut [Entry],
    index_bits: usize,
    lengths: &[u8],
    entry: impl Fn(usize) -> Entry,
) -> Option<[usize; LONGEST + 1]> {
    // The symbols in the order of their codes: by length.
    let mut counts = [0; LONGEST + 1];
    lengths.iter().for_each(|&len| counts[usize::from(len)] += 1);
    let mut starts = [0; LONGEST + 2];
    (0..=LONGEST).for_each(|len| starts[len + 1] = starts[len] + counts[len]);
    let (mut order, mut next) = ([0; SYMBOLS], starts);
    for (symbol, &len) in lengths.iter().enumerate() {
        order[next[usize::from(len)]] = symbol;
        next[usize::from(len)] += 1;
    }
    let of_length = |len: usize| &order[starts[len]..starts[len + 1]];
    let with_code = |symbol, len: usize| entry(symbol) + (len as Entry) + ((len as Entry) << 8);

    let share: usize = (1..=LONGEST).map(|len| counts[len] << (LONGEST - len)).sum();
    if share < 1 << LONGEST {
        if lengths.len() - counts[0] > counts[1] {
            return None;
        }
        table[..1 << index_bits].fill(OTHER | 1);
        for &symbol in of_length(1) {
            let places = table[..1 << index_bits].iter_mut().step_by(2);
            places.for_each(|place| *place = with_code(symbol, 1));
        }
        return Some(counts);
    }
    if share > 1 << LONGEST {
        return None;
    }
    let mut code = 0;
    for len in 1..=index_bits {
        // Whatever the next bit is, it changes nothing for shorter codes.
        let half = 1 << (len - 1);
        table.copy_within(..half, half);
        code *= 2;
        for &symbol in of_length(len) {
            table[reversed(code, len)] = with_code(symbol, len);
            code += 1;
        }
    }
    // The second tables, each of the codes that begin with the same bits.
    let (mut start, mut end, mut first_bits) = (0, 1 << index_bits, None);
    for len in index_bits + 1..=LONGEST {
        code *= 2;
        for (done, &symbol) in of_length(len).iter().enumerate() {
            let bits = reversed(code, len);
            let first = bits % (1 << index_bits);
            let len_left = len - index_bits;
            if first_bits.replace(first) != Some(first) {
                let mut second_bits = len_left;
                let mut codes = counts[len] - done;
                while codes < 1 << second_bits {
                    second_bits += 1;
                    codes = 2 * codes + counts[index_bits + second_bits];
                }
                (start, end) = (end, end + (1 << second_bits));
                table[first] = SECOND | (start << 16 | second_bits << 8 | index_bits) as Entry;
            }
            let places = table[start..end].iter_mut().skip(bits >> index_bits);
            places.step_by(1 << len_left).for_each(|place| *place = with_code(symbol, len_left));
            code += 1;
        }
    }
    Some(counts)
}

/// A code with its first bit lowest, as it is in the input.
fn reversed(code: u32, len: usize) -> usize {
    (code.reverse_bits() >> (32 - len)) as usize
}

/// The two places for literals in an entry, of which those that come first may be used.
#[inline(always)]
pub(super) fn literals(entry: Entry) -> [u8; 2] {
    [(entry >> 16) as u8, (entry >> 24) as u8]
}

/// How many literals there are.
#[inline(always)]
pub(super) fn count_literals(entry: Entry) -> usize {
    (entry >> LITERALS & 3) as usize
}

/// The length that an entry and its further bits stand for; `bits` begin with the code.
#[inline(always)]
pub(super) fn length_of(entry: Entry, bits: u64) -> usize {
    SHORTEST_MATCH + (entry >> 24) as usize + further(entry, bits)
}

/// The distance.
#[inline(always)]
pub(super) fn distance_of(entry: Entry, bits: u64) -> usize {
    (entry >> 16) as usize + further(entry, bits)
}

/// What is added to what the code stands for.
#[inline(always)]
fn further(entry: Entry, bits: u64) -> usize {
    ((bits & !(u64::MAX << (entry as u8))) >> code_bits(entry)) as usize
}

/// How many bits codes have.
#[inline(always)]
fn code_bits(entry: Entry) -> usize {
    (entry >> 8 & 15) as usize
}

pub(super) fn is_end(entry: Entry) -> bool {
    entry & END == END
}

pub(super) fn is_second(entry: Entry) -> bool {
    entry & SECOND == SECOND
}

/// The entry of the second table that `entry` leads to.
pub(super) fn second(table: &[Entry], entry: Entry, bits: u64) -> Entry {
    table[(entry >> 16 & 0xfff) as usize + bits as usize % (1 << code_bits(entry))]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What bits stand for: literals, the length if one follows, and how many bits that takes.
    fn looked_up(entry: Entry, bits: u64) -> (Vec<u8>, Option<usize>, u32) {
        let literals = literals(entry)[..count_literals(entry)].to_vec();
        let length = (entry & LITERAL == 0).then(|| length_of(entry, bits));
        (literals, length, entry & 0xff)
    }

    #[test]
    fn what_is_joined_is_what_is_looked_up_one_by_one() {
        // Literals of 2, 4 and 11 bits, lengths of 3 and 4 bits, of which one has further bits.
        let mut lengths = [0; 286];
        for (symbol, len) in
            [(7, 2), (200, 2), (0, 4), (5, 4), (255, 4), (257, 3), (284, 4), (258, 4)]
        {
            lengths[symbol] = len;
        }
        (1..8).for_each(|symbol: usize| lengths[10 + symbol] = 4 + symbol as u8);
        lengths[symbols::END] = 11;
        let mut codes = Codes::new();
        codes.set(&lengths, &[1, 1]).unwrap();
        assert!(codes.are_joined);
        let mut joined = 0;
        for bits in 0..1 << (JOINED_BITS + 5) {
            let entry = codes.joined[bits as usize % (1 << JOINED_BITS)];
            let first = codes.lengths[bits as usize % (1 << LENGTH_BITS)];
            if entry == first {
                continue;
            }
            let (mut literals, length, taken) = looked_up(first, bits);
            assert!(literals.len() == 1 && length.is_none());
            let rest = bits >> taken;
            let next = codes.lengths[rest as usize % (1 << LENGTH_BITS)];
            let (more, length, more_taken) = looked_up(next, rest);
            literals.extend(more);
            assert_eq!(looked_up(entry, bits), (literals, length, taken + more_taken));
            joined += 1;
        }
        assert!(joined > 1 << (JOINED_BITS + 3), "{joined}");
    }

    #[test]
    fn codes_are_joined_where_short_ones_follow_literals() {
        let mut codes = Codes::new();
        let mut set = |lengths: &[u8]| codes.set(lengths, &[1, 1]).map(|()| codes.are_joined);
        let mut long = [8; 257];
        (long[0], long[symbols::END]) = (9, 9);
        assert_eq!(set(&long), Some(false));
        let mut few = [0; 258];
        (few[0], few[1], few[symbols::END], few[257]) = (2, 2, 2, 2);
        assert_eq!(set(&few), Some(true));
        // Nothing but lengths.
        let mut no_literals = [0; 258];
        (no_literals[symbols::END], no_literals[257]) = (1, 1);
        assert_eq!(set(&no_literals), Some(false));
    }
}
