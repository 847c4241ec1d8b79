//! [`Ahead`]: the bytes of an array's body, of which the next are read, and inflated, while those
//! before them are used.
//!
//! Bytes come in windows of several MiB. The next window is filled by a [`Task`], which owns the buffer
//! and all that there is to know of the reading, and for as long as it works a share of the source. So
//! nothing depends on threads: where there is but one, a window is filled when it is wanted.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "positions are in a body whose size has been held against the file; a window has \
              the bytes that are counted in it"
)]

use std::mem;
use std::ops::Range;
use std::sync::Weak;

use crate::error::{Error, Result};
use crate::io::{Input, SharedSource, Stream};
use crate::memory;
use crate::parallel::Task;
use crate::sizes::{CACHED, READ_AHEAD};
use crate::zip::{MemberReader, PartReader};

/// The bytes of a body in order, from wherever it is.
pub(super) enum Reading<'a> {
    /// A whole member, which is checked when its end is reached.
    Whole(MemberReader<'a>),
    /// What follows a place in a member or in a file.
    Rest(PartReader<'a>),
}

/// A reading without its input, on its way to another thread.
type Detached = Box<dyn for<'b> FnOnce(Input<'b>) -> Reading<'b> + Send>;

/// A body that is read block by block.
pub(super) struct Ahead<'a> {
    input: Input<'a>,
    source: Weak<dyn SharedSource>,
    /// `None` after an error or a panic.
    state: Option<State<'a>>,
    /// What has been read, and which bytes of it have not been used.
    window: Vec<u8>,
    unused: Range<usize>,
    /// A buffer to use again.
    spare: Vec<u8>,
    /// Where in the body the next byte to be used is, and up to where they have been read or will be
    /// by the task.
    position: u64,
    requested: u64,
    /// Where reading began that has not skipped anything since.
    began: u64,
    /// What is being read, and up to where bytes will be wanted at all.
    block: Range<u64>,
    end: u64,
    is_ahead: bool,
    /// Windows end at multiples of this, counted from so many bytes before the body, so that nothing is
    /// inflated twice.
    grain: u64,
    before: u64,
    /// How many bytes a window has at most, or thereabouts.
    most: u64,
    is_warranted: bool,
}

enum State<'a> {
    Here(Reading<'a>),
    /// A window of some bytes is being filled.
    There(Task<Result<(Detached, Vec<u8>)>>, usize),
}

impl<'a> Reading<'a> {
    fn fill(&mut self, buffer: &mut Vec<u8>, len: usize) -> Result<()> {
        if buffer.len() < len {
            *buffer = Vec::new(); // Not both in memory.
            *buffer = memory::zeroed(len).ok_or_else(|| Error::out_of_memory(len))?;
        }
        let out = &mut buffer[..len];
        match self {
            Self::Whole(member) => {
                member.expect(len as u64);
                member.fill(out, &|_, _| {})
            }
            Self::Rest(part) => part.fill(out, &|_, _| {}),
        }
    }

    /// Leaves the input. `None` if the decoder has it itself.
    fn detach(self) -> Option<Detached> {
        Some(match self {
            Self::Whole(member) => {
                let member = member.detach()?;
                Box::new(|input| Reading::Whole(member(input)))
            }
            Self::Rest(part) => {
                let part = part.detach()?;
                Box::new(|input| Reading::Rest(part(input)))
            }
        })
    }
}

impl<'a> Ahead<'a> {
    /// Nothing of the body has been read yet. `source` is what `input` is of.
    pub(super) fn new(
        reading: Reading<'a>,
        input: Input<'a>,
        source: Weak<dyn SharedSource>,
    ) -> Self {
        let (grain, before) = match &reading {
            Reading::Whole(member) => (member.block_size().unwrap_or(1), member.position()),
            Reading::Rest(_) => (1, 0),
        };
        let is_warranted = match &reading {
            Reading::Whole(member) => member.is_warranted(),
            Reading::Rest(_) => true,
        };
        let most = if is_warranted { *READ_AHEAD.end() } else { CACHED };
        Self {
            input,
            source,
            state: Some(State::Here(reading)),
            window: Vec::new(),
            unused: 0..0,
            spare: Vec::new(),
            position: 0,
            requested: 0,
            began: 0,
            block: 0..0,
            end: 0,
            is_ahead: false,
            grain: grain as u64,
            before,
            most: most as u64,
            is_warranted,
        }
    }

    /// Whether the file is large enough to hold as many bytes as it says: unless the decoder is
    /// another crate's.
    pub(super) fn is_warranted(&self) -> bool {
        self.is_warranted
    }

    /// Goes to a block, which is not before the last one. Nothing from `end` on will be wanted. What is
    /// between the blocks is not read, unless it is already; `open` reads from a place on.
    pub(super) fn begin_block(
        &mut self,
        block: Range<u64>,
        end: u64,
        open: impl FnOnce(u64) -> Result<PartReader<'a>>,
    ) -> Result<()> {
        let start = block.start;
        (self.block, self.end) = (block, end);
        match start <= self.requested && self.state.is_some() {
            true => self.skip_to(start)?,
            false => self.move_to(start, open)?,
        }
        // What follows a block will be wanted soon; what follows one that was skipped to, perhaps not.
        self.is_ahead = start > self.began;
        Ok(())
    }

    /// Goes to the end of the block, if not all of it has been wanted.
    pub(super) fn end_block(&mut self) -> Result<()> {
        self.skip_to(self.block.end)
    }

    /// Checks what can be checked when all has been read.
    pub(super) fn finish(&mut self) -> Result<()> {
        match self.state.take() {
            Some(State::Here(Reading::Whole(member))) => member.finish(),
            _ => Ok(()),
        }
    }

    fn skip_to(&mut self, position: u64) -> Result<()> {
        while self.position < position {
            if self.unused.is_empty() {
                self.next_window()?;
            }
            self.take(self.unused.len().min((position - self.position) as usize));
        }
        Ok(())
    }

    fn move_to(
        &mut self,
        position: u64,
        open: impl FnOnce(u64) -> Result<PartReader<'a>>,
    ) -> Result<()> {
        let rest = match self.state.take() {
            Some(State::Here(Reading::Rest(mut rest))) => {
                rest.skip(position - self.requested);
                rest
            }
            Some(State::There(task, _)) => {
                task.give_up();
                open(position)?
            }
            _ => open(position)?,
        };
        self.state = Some(State::Here(Reading::Rest(rest)));
        self.unused = 0..0;
        (self.position, self.requested, self.began) = (position, position, position);
        Ok(())
    }

    /// The next bytes, at most `len` of them, which are used now.
    fn take(&mut self, len: usize) -> &[u8] {
        let start = self.unused.start;
        self.unused.start += len;
        self.position += len as u64;
        &self.window[start..][..len]
    }

    /// Has the next window, and lets the one after it be filled.
    fn next_window(&mut self) -> Result<()> {
        let (reading, len) = match self.state.take() {
            Some(State::Here(mut reading)) => {
                let len = self.request();
                reading.fill(&mut self.window, len)?;
                (reading, len)
            }
            Some(State::There(task, len)) => {
                let (detached, window) = task.wait()?;
                self.spare = mem::replace(&mut self.window, window);
                (detached(self.input), len)
            }
            None => return Err(Error::cut_short()),
        };
        self.unused = 0..len;
        self.state = match self.is_ahead && self.is_warranted && self.requested < self.end {
            true => self.read_ahead(reading),
            false => Some(State::Here(reading)),
        };
        Ok(())
    }

    /// Lets the next window be filled.
    fn read_ahead(&mut self, reading: Reading<'a>) -> Option<State<'a>> {
        let detached = reading.detach()?;
        let len = self.request();
        let (source, mut window) = (Weak::clone(&self.source), mem::take(&mut self.spare));
        let fill = move || {
            // Only what has been leaked can outlive its source.
            let source = source.upgrade().ok_or_else(Error::source_cut_short)?;
            let mut reading = detached(source.input());
            reading.fill(&mut window, len)?;
            let detached = reading.detach().ok_or_else(Error::source_cut_short)?;
            Ok((detached, window))
        };
        Some(State::There(Task::new(fill), len))
    }

    /// Says that the next window has been requested, and how many bytes it has.
    fn request(&mut self) -> usize {
        let len = match self.is_ahead {
            true if self.input.cost().is_planned() => self.most,
            true => (self.block.end - self.block.start).max(*READ_AHEAD.start() as u64),
            false => self.block.end - self.requested,
        };
        let end = self.before + self.requested + len.min(self.most);
        let end = end.next_multiple_of(self.grain) - self.before;
        let len = end.min(self.end) - self.requested;
        self.requested += len;
        len as usize
    }
}

impl Stream for Ahead<'_> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        if self.unused.is_empty() && self.position < self.end && !out.is_empty() {
            self.next_window()?;
        }
        let len = out.len().min(self.unused.len());
        out[..len].copy_from_slice(self.take(len));
        Ok(len)
    }
}

impl Drop for Ahead<'_> {
    /// A source is at rest when nobody reads from it any more.
    fn drop(&mut self) {
        if let Some(State::There(task, _)) = self.state.take() {
            task.give_up();
        }
    }
}
