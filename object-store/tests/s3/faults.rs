//! A proxy before the server does harm to one of the requests. Whatever it does, and to whichever, what is read
//! is right or an error, an object is whole or not there, and nothing waits for ever.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use ndarray::{Array1, Array2, s};
use npz::{NpzReader, NpzWriter, ReadCost};
use npz_object_store::object_store::{
    BackoffConfig, ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig,
};
use npz_object_store::{Object, ObjectWriter, open, save};

use crate::{PART, builder, endpoint, is_there, store};

/// What happens to one request.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    /// The connection is closed.
    Close,
    /// It is never answered.
    Stall,
    /// The server answers, and the connection is closed in the middle of the answer's body.
    CutOff,
    /// It is answered by this status.
    Status(u16),
    /// The server gets it twice, and the second answer counts.
    Repeat,
}

/// Each with how often the client tries again.
const FAULTS: [(Fault, usize); 8] = [
    (Fault::Close, 0),
    (Fault::Close, 1),
    (Fault::Stall, 0),
    (Fault::CutOff, 0),
    (Fault::CutOff, 1),
    (Fault::Status(500), 0),
    (Fault::Status(503), 1),
    (Fault::Repeat, 0),
];

/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Passes requests on to the server, each by a connection of its own.
struct Proxy {
    listener: TcpListener,
    /// What happens, and to which request.
    fault: (Fault, usize),
    requests: AtomicUsize,
    is_over: AtomicBool,
}

impl Proxy {
    fn start(fault: Fault, request: usize) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (requests, is_over) = (0.into(), false.into());
        let proxy = Arc::new(Self { listener, fault: (fault, request), requests, is_over });
        let shared = Arc::clone(&proxy);
        thread::spawn(move || {
            while let Ok((client, _)) = shared.listener.accept()
                && !shared.is_over.load(SeqCst)
            {
                let shared = Arc::clone(&shared);
                // What fails here fails for the client.
                thread::spawn(move || shared.serve(client));
            }
        });
        proxy
    }

    fn url(&self) -> String {
        format!("http://{}", self.listener.local_addr().unwrap())
    }

    /// Ends it, and tells whether the fault has happened.
    fn end(&self) -> bool {
        self.is_over.store(true, SeqCst);
        drop(TcpStream::connect(self.listener.local_addr().unwrap()));
        self.requests.load(SeqCst) > self.fault.1
    }

    /// The store behind it.
    fn store(&self, max_retries: usize) -> Arc<dyn ObjectStore> {
        let backoff =
            BackoffConfig { init_backoff: Duration::from_millis(10), ..Default::default() };
        let retry = RetryConfig { max_retries, backoff, ..Default::default() };
        let options = ClientOptions::new().with_allow_http(true).with_timeout(PATIENCE);
        let builder = builder(&self.url()).with_client_options(options).with_retry(retry);
        Arc::new(builder.build().unwrap())
    }

    fn serve(&self, mut client: TcpStream) -> io::Result<()> {
        let request = read_request(&mut client)?;
        // Whoever does not learn the name of an upload cannot abort it.
        let begins_upload = request.starts_with(b"POST") && contains(&request, b"?uploads");
        let is_hit = self.requests.fetch_add(1, SeqCst) == self.fault.1;
        match self.fault.0 {
            Fault::Close if is_hit => Ok(()),
            Fault::Stall if is_hit => {
                thread::sleep(2 * PATIENCE);
                Ok(())
            }
            Fault::Status(status) if is_hit => {
                write!(
                    client,
                    "HTTP/1.1 {status} Fault\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                )
            }
            Fault::CutOff if is_hit && !begins_upload => {
                let answer = answer(&request)?;
                let middle = (end_of_head(&answer).unwrap_or(0) + answer.len()) / 2;
                client.write_all(&answer[..middle])
            }
            Fault::Repeat if is_hit && !begins_upload => {
                answer(&request)?;
                client.write_all(&answer(&request)?)
            }
            _ => client.write_all(&answer(&request)?),
        }
    }
}

/// Reads a request to its end, and adds that it is the last one of its connection.
fn read_request(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let (mut request, mut buffer) = (Vec::new(), vec![0; 64 << 10]);
    let mut missing = usize::MAX;
    let mut head = None;
    while missing > 0 {
        let read = client.read(&mut buffer)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        request.extend_from_slice(&buffer[..read]);
        head = head.or_else(|| end_of_head(&request));
        if let Some(head) = head {
            let text = String::from_utf8_lossy(&request[..head]).to_lowercase();
            let len = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            missing = (head + len.unwrap_or(0)).saturating_sub(request.len());
        }
    }
    let before_end = head.unwrap_or(0) - 2;
    request.splice(before_end..before_end, *b"connection: close\r\n");
    Ok(request)
}

fn end_of_head(message: &[u8]) -> Option<usize> {
    message.windows(4).position(|bytes| bytes == b"\r\n\r\n").map(|at| at + 4)
}

fn contains(request: &[u8], text: &[u8]) -> bool {
    let line = request.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.windows(text.len()).any(|bytes| bytes == text)
}

/// What the server answers.
fn answer(request: &[u8]) -> io::Result<Vec<u8>> {
    let endpoint = endpoint();
    let mut server = TcpStream::connect(endpoint.trim_start_matches("http://"))?;
    server.write_all(request)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    Ok(answer)
}

/// Does something by every request of which harm is done, until none is left, each in a time that no machine
/// takes unless something hangs.
fn with_each_fault(
    act: impl Fn(Arc<dyn ObjectStore>) -> npz::Result<()> + Clone + Send + 'static,
    check: impl Fn(&str, Fault, npz::Result<()>),
) {
    for (fault, retries) in FAULTS {
        for request in 0.. {
            let about = format!("{fault:?} at {request}, {retries} retries");
            let proxy = Proxy::start(fault, request);
            let (store, act) = (proxy.store(retries), act.clone());
            let (sender, result) = mpsc::channel();
            thread::spawn(move || sender.send(act(store)));
            let result = result.recv_timeout(Duration::from_secs(60));
            let result = result.unwrap_or_else(|_| panic!("{about}: it hangs or has panicked"));
            let was_hit = proxy.end();
            assert!(was_hit || result.is_ok(), "{about}: {result:?}");
            check(&about, fault, result);
            if !was_hit {
                assert!(request > 0, "{about}");
                break;
            }
        }
    }
}

/// 400 KB.
fn grid() -> Array2<f64> {
    Array2::from_shape_fn((500, 100), |(i, j)| (i * 100 + j) as f64)
}

#[test]
#[ignore = "needs an S3 server"]
fn what_is_read_is_right_or_an_error() {
    let location = "tests/faults-read.npz";
    save(store(), location, |npz| npz.array("x", &grid())?.array("y", &7).map(drop)).unwrap();
    let read = move |store: Arc<dyn ObjectStore>| {
        let cost = ReadCost::REMOTE.gap(100).sizes(100_000, 200_000).at_once(3);
        let npz = NpzReader::from_read_at(Object::new(store, location).with_cost(cost))?;
        assert!(npz.get::<Array2<f64>>("x")? == grid());
        let column: Array1<f64> = npz.get_slice("x", s![..;100, 3])?;
        assert_eq!(column, grid().slice(s![..;100, 3]));
        let all = npz.get_all()?;
        assert!(all["x"].as_array::<f64>().unwrap() == grid().into_dyn());
        assert_eq!(all["y"].as_array::<i32>().unwrap()[[]], 7);
        Ok(())
    };
    with_each_fault(read, |about, _, result| {
        let Err(error) = result else { return };
        assert!(format!("{error:?}").contains(location), "{about}: {error:?}");
    });
}

#[test]
#[ignore = "needs an S3 server"]
fn what_is_saved_is_whole_or_not_there() {
    for len in [1_000, 2 * PART + 1_000] {
        let location = format!("tests/faults-saved-{len}.npz");
        let bytes = vec![7_u8; len];
        let at = (location.clone(), bytes.clone());
        let write = move |store: Arc<dyn ObjectStore>| {
            let object = ObjectWriter::new(store, at.0.clone()).part_size(PART);
            let mut npz = NpzWriter::stream(object);
            npz.array("x", &at.1)?;
            npz.finish()?.complete().map(drop)
        };
        with_each_fault(write, |about, fault, result| {
            let is_there = is_there(&store(), &location);
            match &result {
                Ok(()) => assert!(is_there, "{about}"),
                // The server has completed it, and the client cannot know.
                Err(_) if matches!(fault, Fault::CutOff | Fault::Repeat) => {}
                Err(error) => assert!(!is_there, "{about}: {error:?}"),
            }
            if is_there {
                let found = open(store(), location.clone()).unwrap().get::<Vec<u8>>("x").unwrap();
                assert!(found == bytes, "{about}");
                delete(&location);
            }
        });
    }
}

fn delete(location: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(store().delete(&location.into())).unwrap();
}
