//! Decoding many symbols at a time, which is what most of the time goes by in.
//!
//! A core could do much more in that time, were it not that the next code can be looked up only when
//! the length of the last one is known. So whatever else there is to be done is done while it waits:
//! taking input, and copying matches. And what can be looked up at once is.
//!
//! To decode two streams in turns in one loop has been measured: it makes literals 1.4 times as fast, but
//! not what consists of matches, which waits for wrong guesses instead; all kinds of data together, 1.05
//! to 1.08 times.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "what is looked up is taken modulo its table; a turn is begun only with the input and the \
              room that it may take, and with as many bits as its codes have"
)]

use super::super::symbols::LONGEST_MATCH;
use super::Problem::{self, Invalid};
use super::codes::{self, Codes, DISTANCE_BITS, Entry, LENGTH_BITS, LITERAL, OTHER};
use super::copy::{CHUNK, copy_match};
use super::{Input, Match, StreamDecoder, Symbol};

/// How often literals are looked up, one or two at a time, before input is taken.
const LOOK_UPS: usize = 4;

/// The room for one turn of [`StreamDecoder::many`]: some literals and a match.
pub(super) const ROOM: usize = 2 * (LOOK_UPS + 1) + LONGEST_MATCH + CHUNK;

/// The input for one turn.
const TURN: usize = 32;

impl StreamDecoder {
    /// Decodes while there is much input and much room, up to the end of the block or a match
    /// that reaches back beyond `out`.
    pub(super) fn many<T: Symbol>(
        &mut self,
        input: &mut Input<'_>,
        out: &mut [T],
        at: usize,
    ) -> Result<usize, Problem> {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2")
            && std::arch::is_x86_feature_detected!("bmi2")
        {
            #[allow(unsafe_code)]
            // SAFETY: this processor has the instructions.
            return unsafe { self.many_by_avx2(input, out, at) };
        }
        self.many_by_any(input, out, at)
    }

    /// Shifting by any number of bits is one instruction here, otherwise three, and 32 bytes are copied
    /// at once.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi2")]
    fn many_by_avx2<T: Symbol>(
        &mut self,
        input: &mut Input<'_>,
        out: &mut [T],
        at: usize,
    ) -> Result<usize, Problem> {
        self.many_by_any(input, out, at)
    }

    #[inline(always)]
    fn many_by_any<T: Symbol>(
        &mut self,
        input: &mut Input<'_>,
        out: &mut [T],
        at: usize,
    ) -> Result<usize, Problem> {
        match self.codes.are_joined {
            true => self.take_turns::<T, true>(input, out, at),
            false => self.take_turns::<T, false>(input, out, at),
        }
    }

    #[inline(always)]
    fn take_turns<T: Symbol, const ARE_JOINED: bool>(
        &mut self,
        input: &mut Input<'_>,
        out: &mut [T],
        mut at: usize,
    ) -> Result<usize, Problem> {
        let Codes { lengths, joined, distances, .. } = &self.codes;
        let first_lengths: &[Entry] =
            if ARE_JOINED { joined } else { &lengths[..1 << LENGTH_BITS] };
        let first_distances: &[Entry; 1 << DISTANCE_BITS] = first_entries(distances);
        let (mut bits, mut count, mut taken) = (self.bits, self.count, input.taken);
        let (last_at, last_taken) = (out.len() - ROOM, input.bytes.len() - TURN);
        // Takes input so that there are at least 56 bits; those beyond them are right, too.
        macro_rules! refill {
            () => {
                let word = match input.bytes[taken..].first_chunk() {
                    Some(&word) => u64::from_le_bytes(word),
                    None => 0,
                };
                bits |= word << count;
                taken += (63 - count as usize) / 8;
                count |= 56;
            };
        }
        macro_rules! drop_bits {
            ($entry:expr) => {
                bits >>= $entry as u8;
                count -= $entry & 0xff;
            };
        }
        macro_rules! look_up {
            ($table:expr) => {
                $table[bits as usize % $table.len()]
            };
        }
        let mut outcome = Ok(());
        refill!();
        let mut entry = look_up!(first_lengths);
        // At the top of the loop there are 56 bits, with those of the entry. Literals take 12 of them at
        // most, a length 20 and a distance 28; there are 12 more to look up the next one.
        while at <= last_at && taken <= last_taken {
            if entry & LITERAL > 0 {
                let Some(places) = out[at..].first_chunk_mut::<{ 4 * LOOK_UPS }>() else { break };
                let mut literals = 0;
                for _ in 0..LOOK_UPS {
                    drop_bits!(entry);
                    literals +=
                        put::<T, ARE_JOINED>(&mut places[literals % (2 * LOOK_UPS)..], entry);
                    entry = look_up!(first_lengths);
                    if entry & LITERAL == 0 {
                        break;
                    }
                }
                at += literals;
                refill!();
                if entry & LITERAL > 0 {
                    continue;
                }
            }
            if entry & OTHER > 0 {
                if codes::is_second(entry) {
                    drop_bits!(entry);
                    entry = codes::second(lengths, entry, bits);
                }
                if entry & LITERAL > 0 {
                    drop_bits!(entry);
                    out[at] = codes::literals(entry)[0].into();
                    at += 1;
                    entry = look_up!(first_lengths);
                    refill!();
                    continue;
                }
                if entry & OTHER > 0 {
                    drop_bits!(entry);
                    match codes::is_end(entry) {
                        true => self.end_block(),
                        false => outcome = Err(Invalid),
                    }
                    break;
                }
            }
            if ARE_JOINED {
                at += put::<T, true>(&mut out[at..], entry);
            }
            let len = codes::length_of(entry, bits);
            drop_bits!(entry);
            entry = look_up!(first_distances);
            if codes::is_second(entry) {
                drop_bits!(entry);
                entry = codes::second(distances, entry, bits);
            }
            if entry & OTHER > 0 {
                outcome = Err(Invalid);
                break;
            }
            let distance = codes::distance_of(entry, bits);
            drop_bits!(entry);
            entry = look_up!(first_lengths);
            refill!();
            if distance > at {
                self.copied = Match { len, distance };
                break;
            }
            copy_match(out, at, len, distance);
            at += len;
        }
        (self.bits, self.count, input.taken) = (bits & ((1 << count) - 1), count, taken);
        outcome.map(|()| at)
    }
}

/// Puts the literals of an entry to the start of `out`. Returns how many there are.
#[inline(always)]
fn put<T: Symbol, const ARE_JOINED: bool>(out: &mut [T], entry: Entry) -> usize {
    let [first, second] = codes::literals(entry).map(T::from);
    if !ARE_JOINED {
        out[0] = first;
        return 1;
    }
    // Always two: what does not count is written over later.
    if let Some(places) = out.first_chunk_mut() {
        *places = [first, second];
    }
    codes::count_literals(entry)
}

#[expect(clippy::expect_used, reason = "the tables are longer")]
fn first_entries<const N: usize>(table: &[Entry]) -> &[Entry; N] {
    table.first_chunk().expect("a table has an entry for whatever indexes it")
}
