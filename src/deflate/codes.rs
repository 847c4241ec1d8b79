//! The codes of a deflate block, as tables in which the next bits of the input are looked up
//! (RFC 1951, 3.2.2).
//!
//! A table has an [`Entry`] for whatever the bits are that index it. Where a code is longer, the entry
//! says where a second table is, for the bits that follow.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a code has at most 15 bits, and the tables have room for whatever codes are complete"
)]

use std::sync::LazyLock;

/// What the next bits stand for: in the lowest 8 bits how many of them it takes, in the next 7 how
/// many of these are the code, and above them a literal, or the least length or distance, to which
/// the other bits are added.
pub(super) type Entry = u32;

pub(super) const LITERAL: Entry = 1 << 31;
/// Neither a literal, nor a length or distance: a code that no encoder may use, or one of the following.
pub(super) const OTHER: Entry = 1 << 15;
/// The end of the block.
const END: Entry = OTHER | 1 << 30;
/// Where a second table is, and in the place of the code's length how many bits index it.
const SECOND: Entry = OTHER | 1 << 29;

/// How many bits index the tables: so many that most codes are found at once, and so few that the
/// tables are in the cache, and soon made.
pub(super) const LENGTH_BITS: usize = 11;
pub(super) const DISTANCE_BITS: usize = 8;

/// The most entries that complete codes need (`examples/enough.c` of zlib: 288 symbols or 32, of 15
/// bits).
const LENGTH_ENTRIES: usize = 2342;
const DISTANCE_ENTRIES: usize = 402;

/// The longest code.
const LONGEST: usize = 15;
const SYMBOLS: usize = 288;
const END_SYMBOL: usize = 256;

/// The codes of a block: of literals and lengths, and of distances.
#[derive(Clone)]
pub(super) struct Codes {
    pub(super) lengths: [Entry; LENGTH_ENTRIES],
    pub(super) distances: [Entry; DISTANCE_ENTRIES],
}

impl Codes {
    pub(super) fn new() -> Self {
        Self { lengths: [0; LENGTH_ENTRIES], distances: [0; DISTANCE_ENTRIES] }
    }

    /// Takes the codes of these lengths. `None` if zlib refuses them.
    pub(super) fn set(&mut self, lengths: &[u8], distances: &[u8]) -> Option<()> {
        if lengths.get(END_SYMBOL).is_none_or(|&len| len == 0) {
            return None;
        }
        fill(&mut self.lengths, LENGTH_BITS, lengths, length)?;
        fill(&mut self.distances, DISTANCE_BITS, distances, distance)
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

/// The entry of a symbol, without its code (RFC 1951, 3.2.5).
fn length(symbol: usize) -> Entry {
    let of_length = |base: usize, extra: usize| (base << 16 | extra) as Entry;
    match symbol {
        ..END_SYMBOL => literal(symbol),
        END_SYMBOL => END,
        257..265 => of_length(symbol - 254, 0),
        265..285 => {
            let extra = (symbol - 261) / 4;
            of_length(((4 + (symbol - 261) % 4) << extra) + 3, extra)
        }
        285 => of_length(258, 0),
        _ => OTHER,
    }
}

fn distance(symbol: usize) -> Entry {
    match symbol {
        ..4 => (symbol as Entry + 1) << 16,
        4..30 => {
            let extra = symbol / 2 - 1;
            ((((2 + symbol % 2) << extra) + 1) << 16 | extra) as Entry
        }
        _ => OTHER,
    }
}

pub(super) fn literal(symbol: usize) -> Entry {
    LITERAL | (symbol as Entry) << 16
}

/// Fills a table that so many bits index, from the lengths of the codes, with the entries of their
/// symbols. `None` if there are not just as many codes as there can be; but like zlib it takes one
/// alone, of one bit, and none.
pub(super) fn fill(
    table: &mut [Entry],
    index_bits: usize,
    lengths: &[u8],
    entry: impl Fn(usize) -> Entry,
) -> Option<()> {
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
        return Some(());
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
    Some(())
}

/// A code with its first bit lowest, as it is in the input.
fn reversed(code: u32, len: usize) -> usize {
    (code.reverse_bits() >> (32 - len)) as usize
}

/// What an entry that is no literal and its further bits stand for; `bits` begin with the code.
#[inline(always)]
pub(super) fn value(entry: Entry, bits: u64) -> usize {
    let (all, code) = (entry as u8, (entry >> 8) as u8 & 0x7f);
    let further = (bits & !(u64::MAX << all)) >> code;
    (entry >> 16) as usize + further as usize
}

pub(super) fn is_end(entry: Entry) -> bool {
    entry & (LITERAL | END) == END
}

pub(super) fn is_second(entry: Entry) -> bool {
    entry & (LITERAL | SECOND) == SECOND
}

/// The entry of the second table that `entry` leads to.
pub(super) fn second(table: &[Entry], entry: Entry, bits: u64) -> Entry {
    let index_bits = entry >> 8 & 0x7f;
    table[(entry >> 16 & 0xfff) as usize + bits as usize % (1 << index_bits)]
}
