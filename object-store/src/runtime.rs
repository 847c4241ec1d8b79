//! Where requests run: on a Tokio runtime, whose threads work while the caller's thread waits.
//!
//! The caller waits on a channel of the standard library, never in Tokio's `block_on`, which panics
//! where it must not be called.

use std::future::Future;
use std::io;
use std::sync::{LazyLock, mpsc};
use std::task::{Context, Poll, Waker};

use tokio::runtime::{Builder, Handle, RuntimeFlavor};
use tokio::task::coop;

/// The runtime that was given, or the one that all objects of the process share.
#[derive(Debug, Clone, Default)]
pub(crate) struct Runtime(Option<Handle>);

impl From<Handle> for Runtime {
    fn from(handle: Handle) -> Self {
        Self(Some(handle))
    }
}

impl Runtime {
    /// The runtime, if this thread may wait for what runs on it.
    pub(crate) fn handle(&self) -> io::Result<Handle> {
        match is_polling() {
            false => self.any_handle(),
            true => Err(io::Error::new(
                io::ErrorKind::WouldBlock,
                "an object store is read and written by blocking calls, and this one came from \
                 asynchronous code: call it in tokio::task::spawn_blocking",
            )),
        }
    }

    /// Runs `cleanup` to its end, or, where this thread may not wait, lets it run.
    pub(crate) fn clean_up(&self, cleanup: impl Future<Output = ()> + Send + 'static) {
        match (self.handle(), self.any_handle()) {
            (Ok(runtime), _) => wait(&runtime, cleanup).unwrap_or_default(),
            (Err(_), Ok(runtime)) => drop(runtime.spawn(cleanup)),
            (Err(_), Err(_)) => {}
        }
    }

    fn any_handle(&self) -> io::Result<Handle> {
        match &self.0 {
            None => shared(),
            // It runs only while a thread blocks on it, which may be the one that would wait.
            Some(handle) if handle.runtime_flavor() == RuntimeFlavor::CurrentThread => {
                Err(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    "the runtime that was given has no threads of its own: give the handle of a \
                     multi-thread runtime, or none",
                ))
            }
            Some(handle) => Ok(handle.clone()),
        }
    }
}

/// Lets `future` run on `runtime`, and waits for what it returns.
pub(crate) fn wait<T: Send + 'static>(
    runtime: &Handle,
    future: impl Future<Output = T> + Send + 'static,
) -> io::Result<T> {
    let (sender, receiver) = mpsc::channel();
    runtime.spawn(async move {
        // Nobody stops waiting before this.
        let _ = sender.send(future.await);
    });
    receiver.recv().map_err(|_| stopped())
}

/// The error for a task that has ended without a result.
pub(crate) fn stopped() -> io::Error {
    io::Error::other("the runtime was shut down during a request, or the store panicked")
}

/// The runtime of the process, which is made when it is first needed.
fn shared() -> io::Result<Handle> {
    static RUNTIME: LazyLock<io::Result<tokio::runtime::Runtime>> = LazyLock::new(|| {
        let mut runtime = Builder::new_multi_thread();
        runtime.worker_threads(2).thread_name("npz-object-store").enable_all().build()
    });
    match &*RUNTIME {
        Ok(runtime) => Ok(runtime.handle().clone()),
        Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
    }
}

/// Whether this thread is polling a future of a Tokio runtime, so that to wait would keep others from
/// running.
///
/// While it does, and only then, the thread has a budget: Tokio's own futures take from it, and are
/// pending when it is used up, so that every task yields at times. `spawn_blocking` and
/// `block_in_place` lift it. Here it is used up, and given back.
fn is_polling() -> bool {
    fn runs_out(left: u8, context: &mut Context<'_>) -> bool {
        match coop::poll_proceed(context) {
            Poll::Pending => true,
            // What was taken is given back when this is dropped, after all that was taken later.
            Poll::Ready(_taken) => left.checked_sub(1).is_some_and(|left| runs_out(left, context)),
        }
    }
    // A budget is a number of 8 bits.
    runs_out(u8::MAX, &mut Context::from_waker(Waker::noop()))
}
