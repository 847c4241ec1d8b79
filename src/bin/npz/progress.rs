//! How far a command is, shown on a terminal; and Ctrl-C, after which nothing half-done is left.

use std::panic::resume_unwind;
use std::process::exit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use npz::Progress;

/// What takes less time needs no bar.
const PATIENCE: Duration = Duration::from_millis(500);

static IS_INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// What a thread ends with after Ctrl-C.
pub struct Interrupted;

/// The exit code of a program that Ctrl-C ends.
pub const INTERRUPTED: u8 = 130;

/// A bar of bytes.
pub struct Bar {
    bar: ProgressBar,
    start: Instant,
}

impl Bar {
    pub fn new(total: u64) -> Self {
        let style = ProgressStyle::with_template(
            "{wide_bar} {binary_bytes} of {binary_total_bytes}, {eta} left",
        );
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        Self {
            bar: bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())),
            start: Instant::now(),
        }
    }

    /// Shows that so many bytes have been done. After Ctrl-C it unwinds, so that what has been begun is
    /// cleared away.
    pub fn at(&self, done: u64) {
        if IS_INTERRUPTED.load(Ordering::Relaxed) {
            self.bar.finish_and_clear();
            resume_unwind(Box::new(Interrupted));
        }
        if self.bar.is_hidden() && self.start.elapsed() > PATIENCE {
            // It stays hidden if standard error is no terminal.
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_position(done);
    }

    /// Shows that so many more bytes have been done.
    pub fn add(&self, bytes: u64) {
        self.at(self.bar.position() + bytes);
    }

    /// What a writer reports to, whose arrays have as many bytes together.
    pub fn of_members(self) -> impl FnMut(Progress<'_>) + Send + 'static {
        let mut before = 0;
        move |member| {
            self.at(before + member.bytes_done);
            if member.bytes_done == member.bytes_total {
                before += member.bytes_done;
            }
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// From now on, Ctrl-C is noticed by bars: for commands that write files.
pub fn catch_interrupts() {
    // Without it, Ctrl-C still ends the program, and on Linux leaves nothing behind either.
    let _ = ctrlc::set_handler(|| {
        if IS_INTERRUPTED.swap(true, Ordering::Relaxed) {
            exit(INTERRUPTED.into());
        }
    });
}
