//! Work on all threads: those of rayon's current pool, or without the feature `rayon` the
//! caller's alone.

#[cfg(feature = "rayon")]
mod shared;
mod task;

pub(crate) use task::Task;

#[cfg(feature = "deflate")]
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// How many threads there are to work.
pub(crate) fn threads() -> usize {
    #[cfg(feature = "rayon")]
    return rayon::current_num_threads();
    #[cfg(not(feature = "rayon"))]
    1
}

/// Which of the threads this is.
pub(crate) fn thread() -> usize {
    #[cfg(feature = "rayon")]
    return rayon::current_thread_index().unwrap_or(0);
    #[cfg(not(feature = "rayon"))]
    0
}

/// Does two things at once, `here` on this thread.
pub(crate) fn join<A, B: Send>(
    here: impl FnOnce() -> A,
    there: impl FnOnce() -> B + Send,
) -> (A, B) {
    let step = Step::new(there);
    let a = share(1, &|_| step.take(|there| there()), here);
    (a, step.result())
}

/// Does `here` on this thread. Meanwhile other threads, if they have nothing else to do, do `work`
/// with `items` in their order: as many of them as are begun before `here` ends. The results are
/// those.
#[cfg(feature = "deflate")]
pub(crate) fn meanwhile<A, T: Send, R: Send>(
    here: impl FnOnce() -> A,
    items: Vec<T>,
    work: impl Fn(T) -> R + Sync,
) -> (A, Vec<R>) {
    let is_over = AtomicBool::new(false);
    let steps: Vec<_> = items.into_iter().map(Step::new).collect();
    let here = || {
        let done = here();
        is_over.store(true, Ordering::Relaxed);
        done
    };
    let work = |number: usize| {
        if let Some(step) = steps.get(number).filter(|_| !is_over.load(Ordering::Relaxed)) {
            step.take(&work);
        }
    };
    let done = share(steps.len(), &work, here);
    (done, steps.into_iter().map_while(Step::result_if_done).collect())
}

/// Does `work` with each part of `items`, of `len` of them but for the last, on all threads;
/// `work` is told where in `items` the part starts. The results are in the order of the
/// parts.
pub(crate) fn for_parts<I: Send, T: Send, E: Send>(
    items: &mut [I],
    len: usize,
    work: impl Fn(&mut [I], usize) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    let parts = items.chunks_mut(len).zip((0..).step_by(len)).collect();
    map(parts, |(part, start)| work(part, start))
}

/// Does `work` with each of `items` on all threads. The results, or the first error, are
/// those of doing it in order.
#[expect(clippy::indexing_slicing, reason = "there is a step for each number")]
pub(crate) fn map<T: Send, R: Send, E: Send>(
    items: Vec<T>,
    work: impl Fn(T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    /// In how many steps a thread does its part, if there are as many items: enough for the
    /// threads to end at the same time, few enough for a step to cost nothing.
    const STEPS: usize = 16;
    if items.len() < 2 || threads() == 1 {
        return items.into_iter().map(work).collect();
    }
    let at_once = items.len().div_ceil(threads().saturating_mul(STEPS));
    let mut items = items.into_iter();
    let next =
        || Some(items.by_ref().take(at_once).collect()).filter(|step: &Vec<_>| !step.is_empty());
    let steps: Vec<_> = std::iter::from_fn(next).map(Step::new).collect();
    let work = |items: Vec<T>| items.into_iter().map(&work).collect::<Vec<_>>();
    share(steps.len(), &|number| steps[number].take(work), || ());
    steps.into_iter().flat_map(Step::result).collect()
}

/// Does `here`, and `work` for each number below `count`.
fn share<T>(count: usize, work: &(dyn Fn(usize) + Sync), here: impl FnOnce() -> T) -> T {
    let step = Step::new(here);
    share_out(count, work, &mut || step.take(|here| here()));
    step.result()
}

/// The part of [`share`] that is compiled once.
fn share_out(count: usize, work: &(dyn Fn(usize) + Sync), here: &mut dyn FnMut()) {
    #[cfg(feature = "rayon")]
    if threads() > 1 {
        return shared::share(count, work, here);
    }
    here();
    (0..count).for_each(work);
}

/// Something to work on, until it is what has become of it.
struct Step<T, R>(Mutex<(Option<T>, Option<R>)>);

impl<T, R> Step<T, R> {
    fn new(item: T) -> Self {
        Self(Mutex::new((Some(item), None)))
    }

    fn take(&self, work: impl FnOnce(T) -> R) {
        // Nobody else wants it: each number is given once.
        let mut step = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        step.1 = step.0.take().map(work);
    }

    #[expect(clippy::expect_used, reason = "`share` ends when all has been done")]
    fn result(self) -> R {
        self.result_if_done().expect("it was done")
    }

    fn result_if_done(self) -> Option<R> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner).1
    }
}
