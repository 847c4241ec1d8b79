//! Huffman codes of limited length.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "it compresses what is in memory"
)]

/// How often each symbol occurs.
pub(super) type Counts<const N: usize> = [u32; N];

/// A prefix code.
pub(super) struct Code<const N: usize> {
    /// Each symbol's code length in bits; 0 if it has none.
    pub(super) lengths: [u8; N],
    /// Each symbol's code and length.
    pub(super) symbols: [Symbol; N],
}

/// A code, the first bit lowest, above the 8 bits of its length: so that adding symbols
/// adds up their lengths.
pub(super) type Symbol = u32;

impl<const N: usize> Code<N> {
    /// The best code for symbols of these `counts`, none longer than `longest` bits.
    pub(super) fn new(counts: &Counts<N>, longest: u8) -> Self {
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
    pub(super) fn size(&self, counts: &Counts<N>) -> usize {
        counts.iter().zip(self.lengths).map(|(&count, len)| count as usize * len as usize).sum()
    }
}

/// The lengths of a complete Huffman code; 0 for a symbol that does not occur. The best
/// there are, but where `longest` cuts.
pub(in super::super) fn code_lengths<const N: usize>(counts: &Counts<N>, longest: u8) -> [u8; N] {
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
