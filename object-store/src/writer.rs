//! [`ObjectWriter`]: an object that is written, and appears when it is complete.

use std::fmt;
use std::io::{self, Write};
use std::mem;
use std::sync::Arc;

use object_store::path::Path;
use object_store::{
    Error, MultipartUpload, ObjectStore, ObjectStoreExt, PutMode, PutResult, Result,
};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::error::{io_error, name_of};
use crate::runtime::{Runtime, wait};

/// Writes an object, which appears in its store, whole, when it is [`complete`](Self::complete).
///
/// It is what [`NpzWriter::stream`](npz::NpzWriter::stream) writes to. [`save`](crate::save) and
/// [`create`](crate::create) suffice if nothing is to be set.
///
/// What fits in one part is uploaded by one request. What is longer is a multipart upload, whose parts are
/// sent while the next ones are written. After an error, or if the writer is dropped, the upload is aborted,
/// so that nothing is left in the store. A killed process leaves parts: the README names the rule that
/// lets the store remove them.
///
/// # Examples
///
/// ```
/// use npz::NpzWriter;
/// use npz_object_store::ObjectWriter;
/// use npz_object_store::object_store::memory::InMemory;
/// use std::sync::Arc;
///
/// let store = Arc::new(InMemory::new());
/// let object = ObjectWriter::new(store.clone(), "run.npz").part_size(16 << 20).create_only();
/// let mut npz = NpzWriter::stream(object);
/// npz.array("x", &[1, 2, 3])?;
/// npz.finish()?.complete()?;
///
/// let npz = npz_object_store::open(store, "run.npz")?;
/// assert_eq!(npz.get::<Vec<i32>>("x")?, [1, 2, 3]);
/// # Ok::<(), npz::Error>(())
/// ```
#[must_use = "an object appears when `complete` has been called"]
pub struct ObjectWriter {
    destination: Destination,
    runtime: Runtime,
    part_size: usize,
    /// What has been written since the last part: at most as much as the next one.
    buffer: Vec<u8>,
    state: State,
}

enum State {
    /// All that has been written is in the buffer.
    Buffered,
    Uploading(Upload),
    Failed,
}

impl ObjectWriter {
    /// Begins an object of `store` at `location`. What is there is replaced when the new one is complete.
    /// Nothing is requested yet.
    ///
    /// # Examples
    ///
    /// See [`ObjectWriter`].
    pub fn new(store: Arc<dyn ObjectStore>, location: impl Into<Path>) -> Self {
        let location = location.into();
        Self {
            destination: Destination { store, location, at_once: 4, create_only: false },
            runtime: Runtime::default(),
            part_size: 8 << 20,
            buffer: Vec::new(),
            state: State::Buffered,
        }
    }

    /// Sets the number of bytes in a part; the last one may have fewer. The default is 8 MiB.
    ///
    /// Stores take 10,000 parts, so that the default suffices for 78 GiB. S3 takes parts of 5 MiB to 5 GiB.
    ///
    /// # Examples
    ///
    /// See [`ObjectWriter`].
    pub fn part_size(mut self, bytes: usize) -> Self {
        self.part_size = bytes.max(1);
        self
    }

    /// Sets how many parts are uploaded at the same time, at most. The default is 4. So many, and the one
    /// that is being written, are in memory: 40 MiB, unless the size of a part is set.
    ///
    /// # Examples
    ///
    /// See [`create_only`](Self::create_only).
    pub fn at_once(mut self, parts: usize) -> Self {
        self.destination.at_once = parts.max(1);
        self
    }

    /// If there is an object at the location already, leaves it there, and fails.
    ///
    /// It is asked whether there is an object before anything is uploaded. What fits in one part is then
    /// created in one step: of several writers one succeeds, if the store knows such a step (Garage does
    /// not). For uploads of several parts no store has one. It is asked again before the upload is
    /// completed; an object that another writer completes just then is replaced.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::ErrorKind;
    /// use npz_object_store::ObjectWriter;
    /// use npz_object_store::object_store::memory::InMemory;
    /// use std::io::{ErrorKind::AlreadyExists, Write};
    /// use std::sync::Arc;
    ///
    /// let store = Arc::new(InMemory::new());
    /// ObjectWriter::new(store.clone(), "claimed").at_once(2).create_only().complete()?;
    ///
    /// let mut second = ObjectWriter::new(store, "claimed").create_only();
    /// second.write_all(b"mine")?;
    /// let error = second.complete().unwrap_err();
    /// assert_eq!(error.to_string(), "cannot complete `claimed`");
    /// assert!(matches!(error.kind(), ErrorKind::Io { source, .. } if source.kind() == AlreadyExists));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn create_only(mut self) -> Self {
        self.destination.create_only = true;
        self
    }

    /// Makes the requests on a runtime of yours, as [`Object::runtime`](crate::Object::runtime) does.
    ///
    /// # Examples
    ///
    /// See [`Object::runtime`](crate::Object::runtime).
    pub fn runtime(self, runtime: Handle) -> Self {
        self.on(runtime.into())
    }

    pub(crate) fn on(mut self, runtime: Runtime) -> Self {
        self.runtime = runtime;
        self
    }

    /// Completes the object, which now appears at its location, and returns what the store says of it:
    /// its ETag and its version.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](npz::ErrorKind::Io) if the store fails, if an earlier write has failed, if this is
    /// called from asynchronous code, or, with the kind `AlreadyExists`, if there is an object already and this
    /// one is [`create_only`](Self::create_only). What was at the location is still there then.
    ///
    /// # Examples
    ///
    /// See [`ObjectWriter`].
    pub fn complete(mut self) -> npz::Result<PutResult> {
        self.put_rest().map_err(|error| self.failed("complete", error))
    }

    /// An error where no request could be waited for.
    pub(crate) fn check_can_wait(&self) -> npz::Result<()> {
        self.runtime.handle().map(drop).map_err(|error| self.failed("create", error))
    }

    /// The error, with the name of the object.
    fn failed(&self, action: &str, error: io::Error) -> npz::Error {
        npz::Error::file(action, name_of(&self.destination.location), error)
    }

    fn put_rest(&mut self) -> io::Result<PutResult> {
        let (runtime, destination) = (self.runtime.handle()?, self.destination.clone());
        let rest = mem::take(&mut self.buffer);
        match mem::replace(&mut self.state, State::Failed) {
            State::Buffered => wait(&runtime, destination.put(rest))?,
            State::Uploading(upload) => wait(&runtime, destination.finish(upload, rest))?,
            State::Failed => return Err(failed()),
        }
        .map_err(io_error)
    }

    /// Uploads the buffer as a part.
    fn put_part(&mut self) -> io::Result<()> {
        let (runtime, destination) = (self.runtime.handle()?, self.destination.clone());
        let part = mem::take(&mut self.buffer);
        let upload = match mem::replace(&mut self.state, State::Failed) {
            State::Buffered => wait(&runtime, destination.clone().begin())?.map_err(io_error)?,
            State::Uploading(upload) => upload,
            State::Failed => return Err(failed()),
        };
        let upload = wait(&runtime, destination.put_part(upload, part))?.map_err(io_error)?;
        self.state = State::Uploading(upload);
        Ok(())
    }
}

fn failed() -> io::Error {
    io::Error::other("the upload has failed before")
}

impl Write for ObjectWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !bytes.is_empty() && self.buffer.len() >= self.part_size {
            self.put_part().map_err(|error| self.failed("write", error))?;
        }
        let room = self.part_size.saturating_sub(self.buffer.len());
        self.buffer.try_reserve_exact(room)?;
        let (now, _) = bytes.split_at(room.min(bytes.len()));
        self.buffer.extend_from_slice(now);
        Ok(now.len())
    }

    /// Does nothing: a part is sent when it is full and more is written.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for ObjectWriter {
    fn drop(&mut self) {
        if let State::Uploading(upload) = mem::replace(&mut self.state, State::Failed) {
            self.runtime.clean_up(upload.abort());
        }
    }
}

impl fmt::Debug for ObjectWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Destination { store, location, .. } = &self.destination;
        let mut writer = f.debug_struct("ObjectWriter");
        writer.field("store", store).field("location", location).finish_non_exhaustive()
    }
}

/// Where an object is written to, and how.
#[derive(Clone)]
struct Destination {
    store: Arc<dyn ObjectStore>,
    location: Path,
    at_once: usize,
    create_only: bool,
}

impl Destination {
    /// Creates the whole object by one request.
    async fn put(self, bytes: Vec<u8>) -> Result<PutResult> {
        // Not every server knows the condition, and Garage passes over it in silence.
        self.check_is_free().await?;
        let mode = if self.create_only { PutMode::Create } else { PutMode::Overwrite };
        self.store.put_opts(&self.location, bytes.into(), mode.into()).await
    }

    async fn begin(self) -> Result<Upload> {
        self.check_is_free().await?;
        let upload = self.store.put_multipart(&self.location).await?;
        Ok(Upload { upload, parts: JoinSet::new() })
    }

    async fn put_part(self, mut upload: Upload, part: Vec<u8>) -> Result<Upload> {
        match upload.put(part, self.at_once).await {
            Ok(()) => Ok(upload),
            Err(error) => upload.fail(error).await,
        }
    }

    async fn finish(self, mut upload: Upload, rest: Vec<u8>) -> Result<PutResult> {
        match self.try_finish(&mut upload, rest).await {
            Ok(result) => Ok(result),
            Err(error) => upload.fail(error).await,
        }
    }

    async fn try_finish(&self, upload: &mut Upload, rest: Vec<u8>) -> Result<PutResult> {
        upload.put(rest, self.at_once).await?;
        upload.wait_for_less_than(1).await?;
        self.check_is_free().await?;
        upload.upload.complete().await
    }

    /// An error if there is an object already which must not be replaced.
    async fn check_is_free(&self) -> Result<()> {
        if !self.create_only {
            return Ok(());
        }
        match self.store.head(&self.location).await {
            Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Err(Error::AlreadyExists {
                path: self.location.to_string(),
                source: "it is only to be created".into(),
            }),
        }
    }
}

/// A multipart upload, with the parts that are under way.
///
/// object_store's `WriteMultipart` does the same, but where an abort fails too, which is likely, its error
/// is that of the abort.
struct Upload {
    upload: Box<dyn MultipartUpload>,
    parts: JoinSet<Result<()>>,
}

impl Upload {
    async fn put(&mut self, part: Vec<u8>, at_once: usize) -> Result<()> {
        self.wait_for_less_than(at_once).await?;
        self.parts.spawn(self.upload.put_part(part.into()));
        Ok(())
    }

    async fn wait_for_less_than(&mut self, parts: usize) -> Result<()> {
        while self.parts.len() >= parts
            && let Some(part) = self.parts.join_next().await
        {
            part??;
        }
        Ok(())
    }

    /// Aborts the upload because of `error`.
    async fn fail<T>(self, error: Error) -> Result<T> {
        self.abort().await;
        Err(error)
    }

    async fn abort(mut self) {
        self.parts.shutdown().await;
        // The store's own rules remove what cannot be removed now.
        let _ = self.upload.abort().await;
    }
}
