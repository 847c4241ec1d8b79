//! Work that is handed out and collected later.
//!
//! If no thread has come to it by the time that its result is wanted, it is done there and
//! then. So it does not need a thread that is idle: not in a pool of one, nor when all of a
//! pool's threads save arrays themselves.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Work whose result is wanted later.
pub(crate) struct Task<T>(Arc<Shared<T>>);

struct Shared<T> {
    state: Mutex<State<T>>,
    done: Condvar,
}

enum State<T> {
    Waiting(Box<dyn FnOnce() -> T + Send>),
    /// Some thread does it, or has been given the result.
    Taken,
    /// Or it panicked, which is then the waiting thread's to do.
    Done(std::thread::Result<T>),
}

impl<T: Send + 'static> Task<T> {
    /// Hands `work` out.
    pub(crate) fn new(work: impl FnOnce() -> T + Send + 'static) -> Self {
        let state = Mutex::new(State::Waiting(Box::new(work)));
        let shared = Arc::new(Shared { state, done: Condvar::new() });
        #[cfg(feature = "rayon")]
        if super::threads() > 1 {
            let shared = Arc::clone(&shared);
            rayon::spawn(move || shared.work());
        }
        Self(shared)
    }

    /// Gives it up. If another thread does it at this moment, waits until that is over.
    pub(crate) fn give_up(self) {
        let mut state = self.0.lock();
        if matches!(*state, State::Waiting(_)) {
            *state = State::Taken; // and nobody will do it
            return;
        }
        while matches!(*state, State::Taken) {
            state = self.0.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Its result. While another thread works for it, this one does those of `others` that none has
    /// begun: else one thread of a pool would be idle if it saves arrays itself.
    #[cfg(feature = "deflate")]
    pub(crate) fn wait_and_help<'a>(self, others: impl Iterator<Item = &'a Self>) -> T {
        self.0.work();
        for other in others {
            if matches!(*self.0.lock(), State::Done(_)) {
                break;
            }
            other.0.work();
        }
        self.wait()
    }

    /// Its result.
    pub(crate) fn wait(self) -> T {
        self.0.work();
        let mut state = self.0.lock();
        loop {
            match std::mem::replace(&mut *state, State::Taken) {
                State::Done(result) => return result.unwrap_or_else(|panic| resume_unwind(panic)),
                other => *state = other,
            }
            state = self.0.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does the work, unless another thread does or did.
    fn work(&self) {
        let mut state = self.lock();
        match std::mem::replace(&mut *state, State::Taken) {
            State::Waiting(work) => {
                drop(state);
                let result = catch_unwind(AssertUnwindSafe(work));
                *self.lock() = State::Done(result);
                self.done.notify_one();
            }
            other => *state = other,
        }
    }
}

impl<T> Drop for Task<T> {
    /// A result that nobody waits for need not be worked for.
    fn drop(&mut self) {
        let mut state = self.0.lock();
        if matches!(*state, State::Waiting(_)) {
            *state = State::Taken;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_back_whoever_works() {
        let tasks: Vec<_> = (0..100).map(|i| Task::new(move || i * 2)).collect();
        for (i, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.wait(), i * 2);
        }
    }

    #[test]
    #[cfg_attr(not(panic = "unwind"), ignore = "a panic ends the program")]
    fn a_panic_comes_back_too() {
        let task = Task::new(|| panic!("as expected"));
        std::thread::sleep(std::time::Duration::from_millis(5));
        let wait = || -> () { task.wait() };
        let panic = catch_unwind(AssertUnwindSafe(wait)).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"as expected"));
    }

    #[test]
    fn work_that_nobody_waits_for_is_given_up() {
        let worked = Arc::new(Mutex::new(()));
        let held = worked.lock();
        // No thread gets further than this one, so of many most are never begun.
        let tasks: Vec<_> = (0..100)
            .map(|_| {
                let worked = Arc::clone(&worked);
                Task::new(move || drop(worked.lock()))
            })
            .collect();
        drop(tasks);
        drop(held);
        let begun = Arc::strong_count(&worked) - 1;
        assert!(begun <= super::super::threads() + 1, "{begun}");
    }
}
