//! A piece of a stream, inflated without the bytes before it.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "all symbols, and all bytes if there are any, come after 32 KiB of others; symbols \
              index a table with a place for each; all is shorter than `most`, a few MiB"
)]

use std::ops::Range;

use super::super::decode::WINDOW;
use super::super::span_decoder::SpanDecoder;
use crate::io::{Input, SharedInput, Span};

/// How many symbols are decoded before it is seen whether they are all bytes.
const AT_ONCE: usize = 32 << 10;

/// Stands for the first of the unknown bytes before a piece; the following numbers stand for those
/// that follow.
const UNKNOWN: u16 = 256;

/// Memory for a piece, to be used again.
#[derive(Default)]
pub(super) struct Buffers {
    symbols: Vec<u16>,
    bytes: Vec<u8>,
}

/// A piece that has been inflated.
pub(super) struct Piece<'b> {
    /// The bit of the file where it starts.
    pub(super) start: u64,
    /// Its symbols, after those for the unknown bytes.
    symbols: &'b [u16],
    /// The bytes that follow, after the last of the symbols; or nothing.
    bytes: &'b [u8],
    /// What inflates the stream from where it ends, and the input that is left.
    pub(super) decoder: SpanDecoder,
    pub(super) left: Range<u64>,
}

impl Buffers {
    /// Inflates the piece that is at `bits` of the file, in a stream that ends at `end`. `None` if it
    /// is not one, or has more than `most` bytes.
    pub(super) fn inflate(
        &mut self,
        input: SharedInput<'_>,
        bits: Range<u64>,
        end: u64,
        most: usize,
    ) -> Option<Piece<'_>> {
        let Self { symbols, bytes } = self;
        let mut span = Span::new(Input::Shared(input), bits.start / 8..end);
        let mut decoder = SpanDecoder::new();
        decoder.skip(&mut span, (bits.start % 8) as u32).ok()?;

        if symbols.is_empty() {
            symbols.extend((UNKNOWN..).take(WINDOW));
        }
        let mut filled = WINDOW;
        let (mut is_whole, mut are_bytes) = (false, false);
        while !is_whole && !are_bytes {
            let out = grown(symbols, filled + AT_ONCE, most)?;
            filled = decoder.decode_to(&mut span, bits.end, &[], out, filled).ok()?;
            is_whole = filled < out.len();
            are_bytes = out[filled - WINDOW..filled].iter().all(|&symbol| symbol < UNKNOWN);
        }
        let symbols = &symbols[..filled];

        let mut filled = 0;
        if !is_whole {
            bytes.clear();
            bytes.extend(symbols[symbols.len() - WINDOW..].iter().map(|&symbol| symbol as u8));
            filled = WINDOW;
        }
        while !is_whole {
            let out = grown(bytes, filled + 4 * AT_ONCE, most.checked_sub(symbols.len())?)?;
            filled = decoder.decode_to(&mut span, bits.end, &[], out, filled).ok()?;
            is_whole = filled < out.len();
        }
        let (bytes, left) = (&bytes[..filled], span.left());
        Some(Piece { start: bits.start, symbols, bytes, decoder, left })
    }
}

/// The first `len` of `buffer`, which grows if need be. `None` if more than `most` of them come after
/// the first 32 KiB.
fn grown<T: Copy + Default>(buffer: &mut Vec<T>, len: usize, most: usize) -> Option<&mut [T]> {
    if len > WINDOW + most {
        return None;
    }
    if buffer.len() < len {
        buffer.resize(len, T::default());
    }
    Some(&mut buffer[..len])
}

impl Piece<'_> {
    /// How many bytes it has.
    pub(super) fn len(&self) -> usize {
        self.symbols.len() - WINDOW + self.bytes.len().saturating_sub(WINDOW)
    }

    /// Fills `out` with its bytes from `start` on, with those that `before` knows.
    pub(super) fn copy_to(&self, out: &mut [u8], start: usize, before: &Window) {
        let symbols = &self.symbols[WINDOW..];
        let of_symbols = symbols.len().saturating_sub(start).min(out.len());
        let (first, rest) = out.split_at_mut(of_symbols);
        before.copy(&symbols[start.min(symbols.len())..][..of_symbols], first);
        if !rest.is_empty() {
            let start = start + of_symbols - symbols.len();
            rest.copy_from_slice(&self.bytes[WINDOW + start..][..rest.len()]);
        }
    }
}

/// What each symbol of a piece stands for: first the bytes, then those before the piece.
pub(super) struct Window(Box<[u8; 1 << 16]>);

impl Window {
    /// After `history` and what is in `out`. `None` if these are fewer bytes than matches may reach
    /// back to.
    pub(super) fn of(history: &[u8], out: &[u8]) -> Option<Self> {
        let out = &out[out.len().saturating_sub(WINDOW)..];
        let history = &history[(history.len() + out.len()).checked_sub(WINDOW)?..];
        let mut window = Self::new();
        let (first, rest) = window.unknown().split_at_mut(history.len());
        first.copy_from_slice(history);
        rest.copy_from_slice(out);
        Some(window)
    }

    /// After `piece`, if this one is before it.
    pub(super) fn after(&self, piece: &Piece<'_>) -> Self {
        let mut window = Self::new();
        match piece.bytes {
            [] => self.copy(&piece.symbols[piece.symbols.len() - WINDOW..], window.unknown()),
            bytes => window.unknown().copy_from_slice(&bytes[bytes.len() - WINDOW..]),
        }
        window
    }

    fn new() -> Self {
        let mut window = Box::new([0; 1 << 16]);
        window.iter_mut().zip(0..=u8::MAX).for_each(|(place, byte)| *place = byte);
        Self(window)
    }

    fn unknown(&mut self) -> &mut [u8] {
        &mut self.0[UNKNOWN.into()..][..WINDOW]
    }

    /// Fills `out` with what as many `symbols` stand for.
    fn copy(&self, symbols: &[u16], out: &mut [u8]) {
        let places = out.iter_mut().zip(symbols);
        places.for_each(|(place, &symbol)| *place = self.0[usize::from(symbol)]);
    }
}
