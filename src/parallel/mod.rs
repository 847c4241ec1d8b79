//! Work on all threads: rayon's, or with no feature `rayon` the caller's alone.

#[cfg(feature = "deflate")]
mod task;

#[cfg(feature = "deflate")]
pub(crate) use task::Task;

#[cfg(feature = "rayon")]
use rayon::prelude::*;

/// How many threads there are to work.
pub(crate) fn threads() -> usize {
    #[cfg(feature = "rayon")]
    return rayon::current_num_threads();
    #[cfg(not(feature = "rayon"))]
    1
}

/// Does two things at once, `here` on this thread.
pub(crate) fn join<A, B: Send>(
    here: impl FnOnce() -> A,
    there: impl FnOnce() -> B + Send,
) -> (A, B) {
    #[cfg(feature = "rayon")]
    {
        let mut b = None;
        let a = rayon::in_place_scope(|scope| {
            scope.spawn(|_| b = Some(there()));
            here()
        });
        #[expect(clippy::expect_used, reason = "a scope ends when all in it is done")]
        (a, b.expect("it was done"))
    }
    #[cfg(not(feature = "rayon"))]
    (here(), there())
}

/// Does `work` with each part of `items`, of `len` of them but for the last, on all threads;
/// `work` is told where in `items` the part starts. The results are in the order of the
/// parts.
pub(crate) fn for_parts<I: Send, T: Send, E: Send>(
    items: &mut [I],
    len: usize,
    work: impl Fn(&mut [I], usize) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    #[cfg(feature = "rayon")]
    let parts = items.par_chunks_mut(len);
    #[cfg(not(feature = "rayon"))]
    let parts = items.chunks_mut(len);
    parts.enumerate().map(|(index, part)| work(part, index.saturating_mul(len))).collect()
}

/// Does `work` with each of `items` on all threads. The results, or the first error, are
/// those of doing it in order.
pub(crate) fn map<T: Send, R: Send, E: Send>(
    items: Vec<T>,
    work: impl Fn(T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    #[cfg(feature = "rayon")]
    let results = items.into_par_iter().map(&work).collect::<Vec<_>>().into_iter();
    #[cfg(not(feature = "rayon"))]
    let results = items.into_iter().map(work);
    results.collect()
}
