//! Work on all threads: rayon's, or with no feature `rayon` the caller's alone.

#[cfg(feature = "deflate")]
mod task;

#[cfg(feature = "deflate")]
pub(crate) use task::Task;

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
        (a, b.expect("a scope ends when all in it is done"))
    }
    #[cfg(not(feature = "rayon"))]
    (here(), there())
}
