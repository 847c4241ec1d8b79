//! A store that keeps account of what is asked of it, and misbehaves when it is told to.

use std::fmt;
use std::fs::File;
use std::future::pending;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use npz_object_store::object_store::memory::InMemory;
use npz_object_store::object_store::path::Path;
use npz_object_store::object_store::{
    CopyOptions, Error, GetOptions, GetRange, GetResult, GetResultPayload, ListResult,
    MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutMultipartOptions,
    PutOptions, PutPayload, PutResult, Result, UploadPart,
};

/// What happens to one request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    /// It is an error.
    Fail,
    /// It is an error after a while, as where clients have timeouts.
    Stall,
    /// It is never answered.
    Hang,
    /// The answer ends too early.
    CutOff,
    /// The answer goes on after its end, and on.
    GoOn,
    /// Just before, the object is replaced by [`Log::replacement`].
    Replace,
    /// It panics.
    Panic,
}

/// What a store does always.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Habit {
    /// It ignores the conditions of requests.
    NoConditions,
    /// It has no ETags.
    NoTags,
    /// Its ETags are weak.
    WeakTags,
    /// It does not know ranges from the end.
    NoSuffix,
}

/// What has been asked: reads with their sizes, and so on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Request {
    Head,
    Get(u64),
    Put(usize),
    Begin,
    Part(usize),
    Complete,
    Abort,
}

#[derive(Debug, Default)]
pub struct Log {
    pub requests: Vec<Request>,
    /// The threads that they were made on.
    pub threads: Vec<Option<String>>,
    /// The number of reads with a condition.
    pub conditions: usize,
    /// The number of requests that are answered right now, and the most there have been.
    pub under_way: usize,
    pub most_under_way: usize,
    pub uploads: usize,
    /// What happens, at which of the requests.
    pub faults: Vec<(usize, Fault)>,
    pub replacement: Vec<u8>,
}

#[derive(Debug, Clone)]
pub struct Watched {
    inner: Arc<dyn ObjectStore>,
    habit: Option<Habit>,
    log: Arc<Mutex<Log>>,
}

/// A request that is being answered.
struct UnderWay(Arc<Mutex<Log>>, Option<Fault>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.lock().unwrap().under_way -= 1;
    }
}

impl UnderWay {
    /// Fails as it is to fail, a moment later.
    async fn check(&self) -> Result<()> {
        let error = Error::Generic { store: "Watched", source: "it was told to fail".into() };
        tokio::time::sleep(Duration::from_micros(200)).await;
        match self.1 {
            Some(Fault::Fail) => Err(error),
            Some(Fault::Stall) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Err(error)
            }
            Some(Fault::Hang) => pending().await,
            Some(Fault::Panic) => panic!("it was told to panic"),
            Some(Fault::CutOff | Fault::GoOn | Fault::Replace) | None => Ok(()),
        }
    }
}

impl Watched {
    pub fn new(inner: impl ObjectStore) -> Self {
        Self { inner: Arc::new(inner), habit: None, log: Arc::default() }
    }

    /// In memory, with an object called `x.npz`.
    pub fn with(bytes: &[u8]) -> Self {
        let store = Self::new(InMemory::new());
        store.replace(bytes);
        store
    }

    /// Replaces the object `x.npz`, unnoticed.
    pub fn replace(&self, bytes: &[u8]) {
        let put = async { self.inner.put(&"x.npz".into(), bytes.to_vec().into()).await };
        put.now_or_never().unwrap().unwrap();
    }

    /// The object `x.npz`, if there is one.
    pub fn object(&self) -> Option<Vec<u8>> {
        let get = async { self.inner.get(&"x.npz".into()).await?.bytes().await };
        get.now_or_never().unwrap().ok().map(Vec::from)
    }

    pub fn habit(self, habit: Habit) -> Self {
        Self { habit: Some(habit), ..self }
    }

    pub fn fault(self, request: usize, fault: Fault) -> Self {
        self.log().faults.push((request, fault));
        self
    }

    pub fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap()
    }

    /// The requests since the last call.
    pub fn take_requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.log().requests)
    }

    /// The numbers of uploads and of requests that have not ended.
    pub fn left(&self) -> (usize, usize) {
        let log = self.log();
        (log.uploads, log.under_way)
    }

    /// Waits for requests to end, which those that are cancelled do soon.
    pub fn wait_for_requests(&self) {
        let since = Instant::now();
        while self.log().under_way > 0 {
            assert!(since.elapsed().as_secs() < 10, "a request has not been cancelled");
            std::thread::yield_now();
        }
    }

    pub fn shared(&self) -> Arc<dyn ObjectStore> {
        Arc::new(self.clone())
    }

    fn begin(&self, request: Request) -> UnderWay {
        begin(&self.log, request)
    }

    fn is(&self, habit: Habit) -> bool {
        self.habit == Some(habit)
    }
}

fn begin(shared: &Arc<Mutex<Log>>, request: Request) -> UnderWay {
    let mut log = shared.lock().unwrap();
    let number = log.threads.len();
    log.requests.push(request);
    log.threads.push(std::thread::current().name().map(str::to_owned));
    log.under_way += 1;
    log.most_under_way = log.most_under_way.max(log.under_way);
    let fault = log.faults.iter().find(|(at, _)| *at == number).map(|(_, fault)| *fault);
    UnderWay(Arc::clone(shared), fault)
}

#[async_trait]
impl ObjectStore for Watched {
    async fn get_opts(&self, location: &Path, mut options: GetOptions) -> Result<GetResult> {
        let under_way = self.begin(match &options.range {
            Some(GetRange::Bounded(Range { start, end })) => Request::Get(end - start),
            Some(GetRange::Suffix(len)) => Request::Get(*len),
            None if options.head => Request::Head,
            other => panic!("the whole object is requested: {other:?}"),
        });
        let is_conditional = options.if_match.is_some() || options.if_unmodified_since.is_some();
        self.log().conditions += usize::from(is_conditional);
        under_way.check().await?;
        if under_way.1 == Some(Fault::Replace) {
            let replacement = self.log().replacement.clone();
            self.replace(&replacement);
        }
        if self.is(Habit::NoSuffix) && matches!(options.range, Some(GetRange::Suffix(_))) {
            return Err(Error::NotSupported { source: "no suffixes".into() });
        }
        if self.is(Habit::NoConditions) {
            (options.if_match, options.if_unmodified_since) = (None, None);
        }
        let GetResult { meta, range, attributes, extensions, payload } =
            self.inner.get_opts(location, options).await?;
        let e_tag = match self.habit {
            Some(Habit::NoTags) => None,
            Some(Habit::WeakTags) => meta.e_tag.map(|tag| format!("W/{tag}")),
            _ => meta.e_tag,
        };
        let payload = match payload {
            GetResultPayload::Stream(mut stream) => {
                let body = stream.next().await.unwrap()?;
                GetResultPayload::Stream(in_pieces(body, under_way))
            }
            GetResultPayload::File(file, path) => {
                if under_way.1 == Some(Fault::CutOff) {
                    File::options()
                        .write(true)
                        .open(&path)
                        .unwrap()
                        .set_len(meta.size / 2)
                        .unwrap();
                }
                GetResultPayload::File(file, path)
            }
        };
        let meta = ObjectMeta { e_tag, ..meta };
        Ok(GetResult { meta, range, attributes, extensions, payload })
    }

    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        mut options: PutOptions,
    ) -> Result<PutResult> {
        let under_way = self.begin(Request::Put(payload.content_length()));
        under_way.check().await?;
        if self.is(Habit::NoConditions) {
            options.mode = PutMode::Overwrite;
        }
        self.inner.put_opts(location, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.begin(Request::Begin).check().await?;
        let inner = self.inner.put_multipart_opts(location, options).await?;
        self.log().uploads += 1;
        Ok(Box::new(WatchedUpload { inner, log: Arc::clone(&self.log) }))
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

/// A body as it comes from a network.
fn in_pieces(body: Bytes, under_way: UnderWay) -> BoxStream<'static, Result<Bytes>> {
    let len = body.len() / if under_way.1 == Some(Fault::CutOff) { 2 } else { 1 };
    let pieces: Vec<_> = body[..len].chunks(50_000).map(Bytes::copy_from_slice).collect();
    let more = if under_way.1 == Some(Fault::GoOn) { usize::MAX } else { 0 };
    stream::iter(pieces)
        .chain(stream::repeat(Bytes::from_static(&[7; 1_000])).take(more))
        .map(move |piece| {
            let _until_the_end = &under_way;
            Ok(piece)
        })
        .boxed()
}

impl fmt::Display for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watched")
    }
}

#[derive(Debug)]
struct WatchedUpload {
    inner: Box<dyn MultipartUpload>,
    log: Arc<Mutex<Log>>,
}

#[async_trait]
impl MultipartUpload for WatchedUpload {
    fn put_part(&mut self, part: PutPayload) -> UploadPart {
        let under_way = begin(&self.log, Request::Part(part.content_length()));
        let put = self.inner.put_part(part);
        async move {
            under_way.check().await?;
            put.await
        }
        .boxed()
    }

    async fn complete(&mut self) -> Result<PutResult> {
        begin(&self.log, Request::Complete).check().await?;
        let result = self.inner.complete().await?;
        self.log.lock().unwrap().uploads -= 1;
        Ok(result)
    }

    async fn abort(&mut self) -> Result<()> {
        begin(&self.log, Request::Abort).check().await?;
        self.inner.abort().await?;
        self.log.lock().unwrap().uploads -= 1;
        Ok(())
    }
}
