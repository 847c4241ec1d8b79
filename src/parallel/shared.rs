//! Work on what the caller has borrowed, shared out among the threads of rayon's pool.
//!
//! rayon's own iterators and scopes let a thread that waits do any other work of the pool in the
//! meantime. That is a trap for programs whose jobs share a reader or a writer behind a lock: the
//! waiting thread holds the lock, takes up another of these jobs, and waits for itself. Here a
//! thread that waits does nothing else. It cannot wait for ever, because it does itself whatever
//! no other thread has begun.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Pieces of work, counted from 0, for any thread that has time.
struct Shared {
    work: Work,
    count: usize,
    /// The first piece that nobody has begun.
    next: AtomicUsize,
    state: Mutex<State>,
    /// Signalled when the last helper has left.
    left: Condvar,
}

struct State {
    /// Whether helpers may still begin.
    is_open: bool,
    /// The threads, besides the caller's, that are at work.
    helpers: usize,
    /// What the first piece has panicked with that did.
    panic: Option<Box<dyn Any + Send>>,
}

/// Does the piece of a number. It is a pointer, because it borrows from the thread that called
/// [`share`], which may have returned when a helper comes too late.
struct Work(*const (dyn Fn(usize) + Sync));

// SAFETY: what it points to may be called from any thread, because it is `Sync`.
#[allow(unsafe_code)]
unsafe impl Send for Work {}
// SAFETY: as above.
#[allow(unsafe_code)]
unsafe impl Sync for Work {}

/// Does `here` on this thread, and `work` for each number below `count` on all threads. This thread
/// is one of them when `here` is done.
#[allow(unsafe_code)]
pub(super) fn share(count: usize, work: &(dyn Fn(usize) + Sync), here: &mut dyn FnMut()) {
    // SAFETY: a reference becomes a pointer to the same, whose lifetime nobody knows.
    let work: *const (dyn Fn(usize) + Sync) = unsafe { std::mem::transmute(work) };
    let shared = Arc::new(Shared {
        work: Work(work),
        count,
        next: AtomicUsize::new(0),
        state: Mutex::new(State { is_open: true, helpers: 0, panic: None }),
        left: Condvar::new(),
    });
    for _ in 1..super::threads().min(count.saturating_add(1)) {
        let shared = Arc::clone(&shared);
        rayon::spawn(move || shared.help());
    }
    let done = catch_unwind(AssertUnwindSafe(here));
    shared.work_on();
    let panicked = shared.close();
    match (done, panicked) {
        (Ok(()), None) => {}
        (Err(panic), _) | (_, Some(panic)) => resume_unwind(panic),
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does pieces until all have been begun. A piece that panics is the last one. It is called by
    /// [`share`], and by helpers that are counted.
    #[allow(unsafe_code)]
    fn work_on(&self) {
        loop {
            let piece = self.next.fetch_add(1, Ordering::Relaxed);
            if piece >= self.count {
                // However many threads come here, it never gets near the end of its range.
                self.next.store(self.count, Ordering::Relaxed);
                return;
            }
            // SAFETY: `share` has not returned, nor does it unwind, before it has closed the state
            // and seen that no helper is counted; what could panic before that is caught. Helpers
            // are counted only while the state is open. So what was borrowed is still there.
            let work = || unsafe { (*self.work.0)(piece) };
            if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
                self.next.store(self.count, Ordering::Relaxed);
                self.lock().panic.get_or_insert(panic);
                return;
            }
        }
    }

    /// What another thread does.
    #[expect(clippy::arithmetic_side_effects, reason = "threads are counted")]
    fn help(&self) {
        {
            let mut state = self.lock();
            if !state.is_open {
                return;
            }
            state.helpers += 1;
        }
        self.work_on();
        let mut state = self.lock();
        state.helpers -= 1;
        if state.helpers == 0 {
            self.left.notify_all();
        }
    }

    /// Lets no more helpers begin, and waits until all have left.
    fn close(&self) -> Option<Box<dyn Any + Send>> {
        let mut state = self.lock();
        state.is_open = false;
        while state.helpers > 0 {
            state = self.left.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.panic.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_piece_is_done_once() {
        for count in [0, 1, 2, 3, 1000] {
            let done: Vec<_> = (0..count).map(|_| AtomicUsize::new(0)).collect();
            let work = |piece: usize| {
                done[piece].fetch_add(1, Ordering::Relaxed);
            };
            let mut here = 0;
            share(count, &work, &mut || here += 1);
            assert_eq!(here, 1);
            assert!(done.iter().all(|times| times.load(Ordering::Relaxed) == 1));
        }
    }

    #[test]
    #[cfg_attr(not(panic = "unwind"), ignore = "a panic ends the program")]
    fn a_panic_comes_back_when_nobody_works_any_more() {
        for panics_at in 0..20 {
            let busy = AtomicUsize::new(0);
            let work = |piece: usize| {
                busy.fetch_add(1, Ordering::SeqCst);
                std::thread::yield_now();
                busy.fetch_sub(1, Ordering::SeqCst);
                if piece == panics_at {
                    resume_unwind(Box::new("as expected"));
                }
            };
            let panic =
                catch_unwind(AssertUnwindSafe(|| share(20, &work, &mut || ()))).unwrap_err();
            assert_eq!(panic.downcast_ref(), Some(&"as expected"));
            assert_eq!(busy.load(Ordering::SeqCst), 0);
        }
        let work = |_| std::thread::yield_now();
        let mut here = || resume_unwind(Box::new("here"));
        let panic = catch_unwind(AssertUnwindSafe(|| share(20, &work, &mut here))).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"here"));
    }

    #[test]
    #[cfg_attr(target_family = "wasm", ignore = "WebAssembly has no threads")]
    fn work_inside_work_ends() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
        let sum = AtomicUsize::new(0);
        pool.install(|| {
            let inner = |piece: usize| {
                sum.fetch_add(piece, Ordering::Relaxed);
            };
            share(50, &|_| share(50, &inner, &mut || ()), &mut || ());
        });
        assert_eq!(sum.into_inner(), 50 * (50 * 49 / 2));
    }
}
