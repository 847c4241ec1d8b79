//! Deflate without matches: literals in Huffman codes, and nothing else.
//!
//! The low bytes of floating-point numbers are noise. No byte string in them comes twice,
//! so looking for matches takes nearly all of a compressor's time and gains nothing; what
//! gains is that some byte values are rarer than others. This coder only counts bytes and
//! writes their codes, four at a time: tens of times faster than zlib, at the same size.
//!
//! The input is cut into deflate blocks with codes of their own (RFC 1951, 3.2.7) where
//! that pays for their headers, and stored where codes gain nothing.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "it compresses what is in memory; decoding has a reason of its own"
)]

mod decode;

pub(super) use decode::{AT_ONCE, decode};

/// How much of the input is looked at before deciding whether it gets codes of its own.
const PIECE: usize = 16 << 10;

/// What codes of its own must save a piece, in bits: the size of a block's header, and a
/// little more for the time that it takes.
const HEADER_BITS: f32 = 1000.0;

/// The longest stored block.
const MOST_STORED: usize = 65_535;

/// The longest literal code, so that four of them and the bits of an unfinished byte fit
/// in 64 bits. Deflate allows 15; symbols that would have longer ones are too rare to matter.
const LONGEST: u8 = 12;

/// The longest code of a code length: 3 bits hold it.
const LONGEST_OF_LENGTHS: u8 = 7;

/// 256 literals, and the end of the block.
const SYMBOLS: usize = 257;
const END: usize = 256;

/// A block without matches needs no distance codes, but some decoders want a complete set
/// of them: two, of one bit each, as zlib writes.
const DISTANCES: usize = 2;

/// The order in which the lengths of the code length code are written.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// How some input is written as literals.
pub(super) struct Plan<'a> {
    blocks: Vec<Block<'a>>,
    /// Where the piece starts that literals make smallest, in which matches are likeliest.
    pub(super) densest: usize,
}

impl<'a> Plan<'a> {
    pub(super) fn new(input: &'a [u8]) -> Self {
        let mut plan = Self { blocks: Vec::new(), densest: 0 };
        let mut least = f32::INFINITY;
        // The block so far.
        let (mut start, mut counts, mut bits) = (0, [0; SYMBOLS], 0.0);
        for piece_start in (0..input.len()).step_by(PIECE) {
            let piece = count(&input[piece_start..input.len().min(piece_start + PIECE)]);
            let piece_bits = entropy(&piece);
            if piece_bits < least {
                (least, plan.densest) = (piece_bits, piece_start);
            }
            let mut both = counts;
            both.iter_mut().zip(piece).for_each(|(count, more)| *count += more);
            let both_bits = entropy(&both);
            if both_bits > bits + piece_bits + HEADER_BITS {
                plan.blocks.push(Block::new(&input[start..piece_start], counts));
                (start, counts, bits) = (piece_start, piece, piece_bits);
            } else {
                (counts, bits) = (both, both_bits);
            }
        }
        plan.blocks.push(Block::new(&input[start..], counts));
        plan
    }

    /// The size of what [`write`](Self::write) appends, to a few bytes.
    pub(super) fn size(&self) -> usize {
        let bits: usize = self.blocks.iter().map(|block| block.coded.min(block.stored())).sum();
        bits.div_ceil(8) + 5
    }

    /// Appends deflate blocks, none of which is the last, to `out`. They end at a byte's
    /// boundary, with the empty stored block that zlib calls a sync flush.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut bits = Bits { out, pending: 0, len: 0 };
        for block in &self.blocks {
            if block.coded < block.stored() {
                block.write(&mut bits);
            } else {
                block.input.chunks(MOST_STORED).for_each(|part| bits.stored(part));
            }
        }
        bits.stored(&[]);
    }
}

/// How often each symbol occurs.
type Counts<const N: usize = SYMBOLS> = [u32; N];

/// Part of the input, and the code for it.
struct Block<'a> {
    input: &'a [u8],
    code: Code<SYMBOLS>,
    header: Header,
    /// Its size in bits.
    coded: usize,
}

impl<'a> Block<'a> {
    fn new(input: &'a [u8], mut counts: Counts) -> Self {
        counts[END] = 1;
        let code = Code::new(&counts, LONGEST);
        let header = Header::new(&code);
        let coded = header.size() + code.size(&counts);
        Self { input, code, header, coded }
    }

    /// Its size in bits, if it is stored instead: 3 for the type, 7 at most to the next
    /// byte, two times 16 for the length, for each part.
    fn stored(&self) -> usize {
        self.input.len().div_ceil(MOST_STORED) * 42 + self.input.len() * 8
    }

    fn write(&self, bits: &mut Bits<'_>) {
        self.header.write(bits);
        bits.bytes(self.input, &self.code.symbols);
        bits.symbol(self.code.symbols[END]);
    }
}

/// The code lengths of a block as they are written: runs, in a Huffman code of their own.
struct Header {
    /// Symbols of the code length code, each with what follows it.
    runs: Vec<(u8, u8)>,
    code: Code<{ ORDER.len() }>,
    /// How many lengths of that code are written, in `ORDER`.
    used: usize,
    size: usize,
}

impl Header {
    fn new(code: &Code<SYMBOLS>) -> Self {
        let mut lengths = [1; SYMBOLS + DISTANCES];
        lengths[..SYMBOLS].copy_from_slice(&code.lengths);
        let runs = runs(&lengths);
        let mut counts = [0; ORDER.len()];
        runs.iter().for_each(|&(symbol, _)| counts[symbol as usize] += 1);
        let code = Code::new(&counts, LONGEST_OF_LENGTHS);
        let used = ORDER.iter().rposition(|&symbol| code.lengths[symbol] > 0);
        let used = used.map_or(0, |last| last + 1).max(4);
        let extra: usize = runs.iter().map(|&(symbol, _)| extra_bits(symbol) as usize).sum();
        let size = 3 + 5 + 5 + 4 + 3 * used + code.size(&counts) + extra;
        Self { runs, code, used, size }
    }

    /// In bits.
    fn size(&self) -> usize {
        self.size
    }

    fn write(&self, bits: &mut Bits<'_>) {
        bits.put(0b100, 3); // not the last block; codes of its own
        bits.put(SYMBOLS as u64 - 257, 5);
        bits.put(DISTANCES as u64 - 1, 5);
        bits.put(self.used as u64 - 4, 4);
        for &symbol in &ORDER[..self.used] {
            bits.put(self.code.lengths[symbol].into(), 3);
        }
        for &(symbol, extra) in &self.runs {
            bits.symbol(self.code.symbols[symbol as usize]);
            bits.put(extra.into(), extra_bits(symbol));
        }
    }
}

/// How many bits follow a symbol of the code length code.
fn extra_bits(symbol: u8) -> u32 {
    match symbol {
        16 => 2,
        17 => 3,
        18 => 7,
        _ => 0,
    }
}

/// Code lengths as symbols of the code length code: 0 to 15 are lengths, 16 repeats the
/// last one 3 to 6 times, 17 and 18 stand for 3 to 10 and 11 to 138 zeros.
fn runs(lengths: &[u8]) -> Vec<(u8, u8)> {
    let mut runs = Vec::with_capacity(lengths.len());
    for run in lengths.chunk_by(|a, b| a == b) {
        let (length, mut left) = (run[0], run.len());
        if length > 0 {
            runs.push((length, 0));
            left -= 1;
        }
        while left > 0 {
            let (symbol, least, most) = match (length, left) {
                (_, ..3) => (length, 1, 1),
                (0, ..11) => (17, 3, 10),
                (0, _) => (18, 11, 138),
                (_, _) => (16, 3, 6),
            };
            let len = left.min(most);
            runs.push((symbol, (len - least) as u8));
            left -= len;
        }
    }
    runs
}

/// How often each byte occurs.
fn count(piece: &[u8]) -> Counts {
    // Four tables, because counting equal neighbours in one would wait for itself.
    let mut tables = [[0_u32; 256]; 4];
    let (words, rest) = piece.as_chunks::<8>();
    for &word in words {
        let word = u64::from_le_bytes(word);
        for at in 0..8 {
            tables[at % 4][(word >> (8 * at)) as u8 as usize] += 1;
        }
    }
    for &byte in rest {
        tables[0][byte as usize] += 1;
    }
    let mut counts = [0; SYMBOLS];
    for byte in 0..256 {
        counts[byte] = tables.iter().map(|table| table[byte]).sum();
    }
    counts
}

/// About how many bits the best code needs for as many bytes.
fn entropy(counts: &Counts) -> f32 {
    let bits = |count: u32| count as f32 * log2(count as f32);
    bits(counts.iter().sum()) - counts.iter().map(|&count| bits(count)).sum::<f32>()
}

/// The binary logarithm, to 0.00015; that of 0 is finite. Simple enough to be done for
/// several numbers at once, and the same on every machine.
fn log2(x: f32) -> f32 {
    let exponent = (x.to_bits() >> 23) as f32 - 127.0;
    // From 0 to 1, and the polynomial is exact at both.
    let m = f32::from_bits(x.to_bits() & 0x007f_ffff | 1_f32.to_bits()) - 1.0;
    exponent + m + m * (1.0 - m) * (0.438_07 + m * (m * 0.080_31 - 0.236_69))
}

/// A prefix code.
struct Code<const N: usize> {
    /// Each symbol's code length in bits; 0 if it has none.
    lengths: [u8; N],
    /// Each symbol's code and length.
    symbols: [Symbol; N],
}

/// A code, the first bit lowest, above the 8 bits of its length: so that adding symbols
/// adds up their lengths.
type Symbol = u32;

impl<const N: usize> Code<N> {
    /// The best code for symbols of these `counts`, none longer than `longest` bits.
    fn new(counts: &Counts<N>, longest: u8) -> Self {
        let lengths = code_lengths(counts, longest);
        // RFC 1951, 3.2.2.
        let mut next = [0_u16; 17];
        for &len in lengths.iter().filter(|&&len| len > 0) {
            next[len as usize + 1] += 1;
        }
        for len in 2..17 {
            next[len] = (next[len] + next[len - 1]) << 1;
        }
        let symbols = lengths.map(|len| {
            if len == 0 {
                return 0;
            }
            let code = next[len as usize];
            next[len as usize] += 1;
            Symbol::from(code.reverse_bits() >> (16 - len)) << 8 | Symbol::from(len)
        });
        Self { lengths, symbols }
    }

    /// How many bits it needs for so many of each symbol.
    fn size(&self, counts: &Counts<N>) -> usize {
        counts.iter().zip(self.lengths).map(|(&count, len)| count as usize * len as usize).sum()
    }
}

/// The lengths of a complete Huffman code; 0 for a symbol that does not occur. The best
/// there are, but where `longest` cuts.
fn code_lengths<const N: usize>(counts: &Counts<N>, longest: u8) -> [u8; N] {
    let mut lengths = [0; N];
    // From the rarest to the most frequent: each a count, and in the low bits its symbol.
    let mut used: Vec<u64> = (0..N)
        .filter(|&symbol| counts[symbol] > 0)
        .map(|symbol| u64::from(counts[symbol]) << 16 | symbol as u64)
        .collect();
    used.sort_unstable();
    let symbol = |used: u64| (used & 0xffff) as usize;
    if let [alone] = used[..] {
        // It would make an incomplete code: another symbol shares its bit.
        lengths[symbol(alone)] = 1;
        lengths[(symbol(alone) + 1) % N] = 1;
        return lengths;
    }

    // The tree: leaves by weight, then inner nodes in the order in which they are made,
    // which is by weight too. So the two lightest nodes are always at the two fronts.
    let leaves = used.len();
    let nodes = (2 * leaves).saturating_sub(1);
    let mut weights: Vec<u64> = used.iter().map(|used| used >> 16).collect();
    let mut parents = vec![0; nodes];
    let (mut leaf, mut inner) = (0, leaves);
    for node in leaves..nodes {
        let mut weight = 0;
        for _ in 0..2 {
            let is_leaf = inner == node || (leaf < leaves && weights[leaf] <= weights[inner]);
            let lightest = if is_leaf { &mut leaf } else { &mut inner };
            parents[*lightest] = node;
            weight += weights[*lightest];
            *lightest += 1;
        }
        weights.push(weight);
    }
    let mut depths = vec![0; nodes];
    for node in (0..nodes.saturating_sub(1)).rev() {
        depths[node] = depths[parents[node]] + 1;
    }

    // Cutting codes to the longest takes more of the code space than there is. Each code
    // that is made a bit longer makes room for two, itself and one that was cut.
    let longest = longest as usize;
    let mut of_length = [0_usize; 16];
    depths[..leaves].iter().for_each(|&depth: &usize| of_length[depth.min(longest)] += 1);
    let space: usize = (1..=longest).map(|len| of_length[len] << (longest - len)).sum();
    for _ in 1 << longest..space {
        let shorter = (1..longest).rev().find(|&len| of_length[len] > 0);
        let shorter = shorter.expect("there are fewer symbols than longest codes");
        of_length[shorter] -= 1;
        of_length[shorter + 1] += 2;
        of_length[longest] -= 1;
    }
    let by_length = (1..=longest).rev().flat_map(|len| std::iter::repeat_n(len, of_length[len]));
    used.iter().zip(by_length).for_each(|(&used, len)| lengths[symbol(used)] = len as u8);
    lengths
}

/// Bits that are appended to bytes, the first in the lowest place.
struct Bits<'a> {
    out: &'a mut Vec<u8>,
    pending: u64,
    /// How many bits are pending: fewer than 8 between calls.
    len: u32,
}

impl Bits<'_> {
    /// Appends the lowest `len` of `bits`, which has no others.
    fn put(&mut self, bits: u64, len: u32) {
        self.pending |= bits << self.len;
        self.len += len;
        while self.len >= 8 {
            self.out.push(self.pending as u8);
            self.pending >>= 8;
            self.len -= 8;
        }
    }

    fn symbol(&mut self, symbol: Symbol) {
        self.put((symbol >> 8).into(), symbol & 0xff);
    }

    /// Appends the symbol of each byte.
    fn bytes(&mut self, bytes: &[u8], symbols: &[Symbol; SYMBOLS]) {
        /// The codes of so many bytes fit in a buffer whose size is a power of two, which
        /// spares the checks of each index.
        const AT_ONCE: usize = 512;
        const MASK: usize = 1023;
        let mut buffer = [0; MASK + 8];
        for bytes in bytes.chunks(AT_ONCE) {
            let (mut pending, mut len, mut at) = (self.pending, self.len, 0);
            let (fours, rest) = bytes.as_chunks::<4>();
            for four in fours {
                let [a, b, c, d] = four.map(|byte| symbols[byte as usize]);
                let (ab_len, cd_len) = (a + b, c + d);
                let ab = u64::from(a >> 8) | u64::from(b >> 8) << (a & 63);
                let cd = u64::from(c >> 8) | u64::from(d >> 8) << (c & 63);
                pending |= (ab | cd << (ab_len & 63)) << len;
                len += (ab_len + cd_len) & 63;
                let start = at & MASK;
                buffer[start..start + 8].copy_from_slice(&pending.to_le_bytes());
                at += (len / 8) as usize;
                pending >>= len & !7;
                len &= 7;
            }
            self.out.extend_from_slice(&buffer[..at]);
            (self.pending, self.len) = (pending, len);
            for &byte in rest {
                self.symbol(symbols[byte as usize]);
            }
        }
    }

    /// Appends a stored block, which ends at a byte's boundary.
    fn stored(&mut self, bytes: &[u8]) {
        self.put(0, 3);
        self.put(0, (8 - self.len) % 8);
        let len = bytes.len() as u16;
        self.out.extend_from_slice(&len.to_le_bytes());
        self.out.extend_from_slice(&(!len).to_le_bytes());
        self.out.extend_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests;
