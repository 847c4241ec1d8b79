//! [`Object`]: an object of a store, read by ranges.
//!
//! Each request is a task on a runtime. It sends the pieces of its body, as they come, to the thread that
//! waits, which copies them to where they are wanted; only this thread begins requests, so that no more
//! are under way, and no more is in memory, than it has begun.

use std::fmt;
use std::io::{self, Write};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use futures_util::StreamExt;
use npz::{ReadAt, ReadCost};
use object_store::path::Path;
use object_store::{Error, GetOptions, GetRange, GetResult, ObjectMeta, ObjectStore};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::ObjectWriter;
use crate::error::{io_error, name_of};
use crate::runtime::{Runtime, stopped, wait};

/// An object of a store, as a source of bytes that [`NpzReader::from_read_at`] and
/// [`NpyReader::from_read_at`] read. [`open`](crate::open) suffices if nothing is to be set.
///
/// All reads are of the version of the object that the first one saw. If it is replaced meanwhile, the
/// next read is an error.
///
/// [`NpzReader::from_read_at`]: npz::NpzReader::from_read_at
/// [`NpyReader::from_read_at`]: npz::NpyReader::from_read_at
///
/// # Examples
///
/// ```
/// use npz::{NpzReader, ReadCost};
/// use npz_object_store::Object;
/// use npz_object_store::object_store::memory::InMemory;
/// use std::sync::Arc;
///
/// let store = Arc::new(InMemory::new());
/// npz_object_store::save(store.clone(), "run.npz", |npz| npz.array("x", &[1, 2, 3]).map(drop))?;
///
/// // A store in the next room, where a request takes no longer than 64 KiB.
/// let cost = ReadCost::REMOTE.gap(64 << 10).sizes(1 << 20, 4 << 20).at_once(4);
/// let object = Object::new(store, "run.npz").with_cost(cost);
/// let x: Vec<i32> = NpzReader::from_read_at(object)?.get("x")?;
/// assert_eq!(x, [1, 2, 3]);
/// # Ok::<(), npz::Error>(())
/// ```
pub struct Object {
    source: Arc<Source>,
    runtime: Runtime,
    cost: ReadCost,
}

impl Object {
    /// The object of `store` at `location`. Nothing is requested yet.
    ///
    /// # Examples
    ///
    /// See [`Object`].
    pub fn new(store: Arc<dyn ObjectStore>, location: impl Into<Path>) -> Self {
        let source = Source { store, location: location.into(), first: OnceLock::new() };
        let (runtime, cost) = (Runtime::default(), ReadCost::REMOTE);
        Self { source: Arc::new(source), runtime, cost }
    }

    /// Sets how many requests are under way at the same time, how large they are, and over which gaps they are
    /// extended. The default is [`ReadCost::REMOTE`]: at most 16 requests, of at most 8 MiB.
    ///
    /// The bound is on each call by itself: threads that read at the same time, and the shards of a
    /// [`ShardSet`](crate::ShardSet), have so many requests each. For a bound on all of them there is
    /// object_store's [`LimitStore`](object_store::limit::LimitStore).
    ///
    /// # Examples
    ///
    /// See [`Object`].
    #[must_use]
    pub fn with_cost(self, cost: ReadCost) -> Self {
        Self { cost, ..self }
    }

    /// Makes the requests on a runtime of yours, which has to be a multi-thread one, rather than on the
    /// one that this crate makes when it is first needed. Do so if asynchronous code uses the same store,
    /// so that both share its connections.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz_object_store::Object;
    /// # let store = std::sync::Arc::new(npz_object_store::object_store::memory::InMemory::new());
    /// # npz_object_store::save(store.clone(), "run.npz", |npz| npz.array("x", &0.5).map(drop)).unwrap();
    ///
    /// # let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    /// # let x = runtime.block_on(async {
    /// let object = Object::new(store, "run.npz").runtime(tokio::runtime::Handle::current());
    /// let x = tokio::task::spawn_blocking(|| npz::NpzReader::from_read_at(object)?.get::<f64>("x"));
    /// let x = x.await.unwrap()?;
    /// # Ok::<f64, npz::Error>(x) })?;
    /// # assert_eq!(x, 0.5);
    /// # Ok::<(), npz::Error>(())
    /// ```
    #[must_use]
    pub fn runtime(self, runtime: Handle) -> Self {
        Self { runtime: runtime.into(), ..self }
    }

    /// Another object of the same store, with the same settings.
    pub(crate) fn beside(&self, location: Path) -> Self {
        let object = Self::new(Arc::clone(&self.source.store), location);
        Self { runtime: self.runtime.clone(), cost: self.cost, ..object }
    }

    /// Begins to write it, by requests on the same runtime.
    pub(crate) fn writer(&self) -> ObjectWriter {
        let Source { store, location, .. } = &*self.source;
        ObjectWriter::new(Arc::clone(store), location.clone()).on(self.runtime.clone())
    }

    pub(crate) fn location(&self) -> &Path {
        &self.source.location
    }

    /// An error where no request could be waited for.
    pub(crate) fn check_can_wait(&self) -> io::Result<()> {
        self.runtime.handle().map(drop)
    }

    /// Requests all the ranges, each for the buffer beside it, and returns how many bytes came.
    fn fetch<'a>(
        &self,
        ranges: impl IntoIterator<Item = (GetRange, &'a mut [u8])>,
    ) -> io::Result<usize> {
        let runtime = self.runtime.handle()?;
        self.fetch_on(&runtime, ranges).map_err(|error| self.source.failed(error))
    }

    fn fetch_on<'a>(
        &self,
        runtime: &Handle,
        ranges: impl IntoIterator<Item = (GetRange, &'a mut [u8])>,
    ) -> io::Result<usize> {
        let (sender, news) = mpsc::channel();
        // What is still under way when an error is returned is cancelled.
        let mut tasks = JoinSet::new();
        let mut ranges = ranges.into_iter();
        // The parts of the buffers that are still to be filled.
        let mut rests = Vec::new();
        let (mut under_way, mut filled) = (0_usize, 0_usize);
        loop {
            while under_way < self.cost.most_at_once().max(1)
                && let Some((range, buf)) = ranges.next()
            {
                let answer = Answer::new(rests.len(), sender.clone());
                let source = Arc::clone(&self.source);
                tasks.spawn_on(answer.fetch(source, range, buf.len()), runtime);
                rests.push(buf);
                under_way = under_way.saturating_add(1);
            }
            if under_way == 0 {
                return Ok(filled);
            }
            match news.recv().map_err(|_| stopped())? {
                (index, News::Piece(piece)) => {
                    let copied = rests.get_mut(index).map_or(Ok(0), |rest| rest.write(&piece))?;
                    filled = filled.saturating_add(copied);
                }
                (_, News::End(end)) => {
                    end?;
                    under_way = under_way.saturating_sub(1);
                    while tasks.try_join_next().is_some() {}
                }
            }
        }
    }
}

impl ReadAt for Object {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let end = self.size()?.min(offset.saturating_add(buf.len() as u64));
        match offset < end {
            true => self.fetch([(GetRange::Bounded(offset..end), buf)]),
            false => Ok(0),
        }
    }

    fn size(&self) -> io::Result<u64> {
        if let Some(first) = self.source.first.get() {
            return Ok(first.size);
        }
        let (runtime, head) = (self.runtime.handle()?, Arc::clone(&self.source).get(None));
        let head = wait(&runtime, head)
            .and_then(|head| head)
            .map_err(|error| self.source.failed(error))?;
        Ok(head.meta.size)
    }

    fn read_ranges(&self, ranges: &mut [(u64, &mut [u8])]) -> io::Result<()> {
        let ends_at = |(start, buf): &(u64, &mut [u8])| start.saturating_add(buf.len() as u64);
        let size = self.size()?;
        if ranges.iter().any(|range| ends_at(range) > size) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let wanted = ranges.iter().map(|(_, buf)| buf.len()).sum::<usize>();
        // A request cannot ask for nothing.
        let ranges = ranges.iter_mut().filter(|(_, buf)| !buf.is_empty());
        let fetched = self.fetch(ranges.map(|range| {
            let bounds = range.0..ends_at(range);
            (GetRange::Bounded(bounds), &mut *range.1)
        }))?;
        all(fetched, wanted)
    }

    fn read_tail(&self, buf: &mut [u8]) -> io::Result<u64> {
        let len = buf.len() as u64;
        let fetched = match self.fetch([(GetRange::Suffix(len), &mut *buf)]) {
            // Azure knows no such requests, and they are errors where there is nothing to read.
            Err(error) if is_of_the_request(&error) => {
                self.read_at(buf, self.size()?.saturating_sub(len))?
            }
            fetched => fetched?,
        };
        let size = self.size()?;
        all(fetched, usize::try_from(size).map_or(buf.len(), |size| size.min(buf.len())))?;
        Ok(size)
    }

    fn cost(&self) -> ReadCost {
        self.cost
    }

    fn path(&self) -> Option<&std::path::Path> {
        Some(name_of(&self.source.location))
    }
}

/// Whether another request may succeed.
fn is_of_the_request(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::Other | io::ErrorKind::Unsupported)
}

/// An error unless as many bytes have come as were asked for.
fn all(fetched: usize, wanted: usize) -> io::Result<()> {
    match fetched == wanted {
        true => Ok(()),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Source { store, location, .. } = &*self.source;
        let mut object = f.debug_struct("Object");
        object.field("store", store).field("location", location).finish_non_exhaustive()
    }
}

/// One version of an object.
struct Source {
    store: Arc<dyn ObjectStore>,
    location: Path,
    /// What the first answer said of the object: the version that is read.
    first: OnceLock<ObjectMeta>,
}

impl Source {
    /// Requests a range of the object, or only what the store says of it.
    async fn get(self: Arc<Self>, range: Option<GetRange>) -> io::Result<GetResult> {
        let mut options = self.first.get().map(condition).unwrap_or_default();
        options.head = range.is_none();
        options.range = range;
        let answer = match self.store.get_opts(&self.location, options).await {
            Err(Error::Precondition { .. }) => return Err(replaced()),
            answer => answer.map_err(io_error)?,
        };
        // There are servers that ignore the condition.
        match is_same(self.first.get_or_init(|| answer.meta.clone()), &answer.meta) {
            true => Ok(answer),
            false => Err(replaced()),
        }
    }

    /// The error, with the name of the object.
    fn failed(&self, error: io::Error) -> io::Error {
        npz::Error::file("read", name_of(&self.location), error).into()
    }
}

fn replaced() -> io::Error {
    io::Error::other("it was replaced while it was read")
}

/// The condition that the object is still the one that the first answer was about.
fn condition(first: &ObjectMeta) -> GetOptions {
    match &first.e_tag {
        // Weak tags never match.
        Some(tag) if !tag.starts_with("W/") => GetOptions::new().with_if_match(Some(tag)),
        _ => GetOptions::new().with_if_unmodified_since(Some(first.last_modified)),
    }
}

/// Whether two answers are about the same version of the object.
fn is_same(first: &ObjectMeta, other: &ObjectMeta) -> bool {
    first.size == other.size
        && first.e_tag == other.e_tag
        && (first.e_tag.is_some() || first.last_modified == other.last_modified)
}

/// What the task of a request says to the thread that waits for it.
enum News {
    Piece(Bytes),
    End(io::Result<()>),
}

/// The answer to a request, on its way to the thread that waits.
struct Answer {
    index: usize,
    sender: Sender<(usize, News)>,
    /// How the request has ended. It is sent on drop, and so also if the task is stopped.
    end: io::Result<()>,
}

impl Answer {
    fn new(index: usize, sender: Sender<(usize, News)>) -> Self {
        Self { index, sender, end: Err(stopped()) }
    }

    async fn fetch(mut self, source: Arc<Source>, range: GetRange, len: usize) {
        self.end = self.forward(source, range, len).await;
    }

    /// Sends at most `len` bytes of the range.
    async fn forward(&self, source: Arc<Source>, range: GetRange, len: usize) -> io::Result<()> {
        /// The stream of a local file that has become shorter goes on for ever, with empty pieces.
        const MOST_EMPTY: usize = 100;

        let mut pieces = source.get(Some(range)).await?.into_stream();
        let (mut left, mut empty) = (len, 0_usize);
        while left > 0
            && empty < MOST_EMPTY
            && let Some(piece) = pieces.next().await.transpose().map_err(io_error)?
        {
            left = left.saturating_sub(piece.len());
            empty = empty.saturating_add(usize::from(piece.is_empty()));
            self.send(News::Piece(piece));
        }
        Ok(())
    }

    fn send(&self, news: News) {
        // Nobody waits for it any more when another request has failed.
        let _ = self.sender.send((self.index, news));
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        let end = std::mem::replace(&mut self.end, Ok(()));
        self.send(News::End(end));
    }
}
