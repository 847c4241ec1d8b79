//! What loading from an S3 server takes: time, requests and bytes. `run`, beside this, starts a server, and
//! measures s3fs with `np.load` in the same run.
//!
//! `save` writes the archives, `measure` reads them, and `proxy FROM TO MS` passes requests on after so many
//! milliseconds, as a network would.

use std::env;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use ndarray::{Array1, Array2, s};
use npz::{Compression, NpzReader, NpzWriter, ReadAt, ReadCost};
use npz_object_store::object_store::ObjectStore;
use npz_object_store::object_store::aws::AmazonS3Builder;
use npz_object_store::{Object, ObjectWriter, create};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match &arguments[..] {
        ["proxy", from, to, ms] => proxy(from, to, Duration::from_millis(ms.parse()?))?,
        ["save", endpoint] => save(&store(endpoint)?)?,
        ["measure", endpoint] => measure(&store(endpoint)?)?,
        ["write", endpoint] => write(&store(endpoint)?)?,
        // As `cargo test` and `cargo clippy` call it.
        _ => eprintln!("see benches/s3/run"),
    }
    Ok(())
}

fn store(endpoint: &str) -> Result<Arc<dyn ObjectStore>, Box<dyn std::error::Error>> {
    let builder = AmazonS3Builder::from_env().with_endpoint(endpoint).with_allow_http(true);
    Ok(Arc::new(builder.with_region("us-east-1").with_bucket_name("data").build()?))
}

/// Rows of 64 KiB; `mib` of them, which compress little.
fn rows(mib: usize) -> Array2<f64> {
    let mut state = 1_u32;
    Array2::from_shape_simple_fn((mib * 16, 8192), || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8)
    })
}

fn save(store: &Arc<dyn ObjectStore>) -> npz::Result<()> {
    for count in [1, 1_000, 10_000] {
        npz_object_store::save(store.clone(), format!("small-{count}.npz"), |npz| {
            (0..count).try_for_each(|at| {
                npz.array(&format!("x{at}"), &Array1::from_elem(125, at as f64)).map(drop)
            })
        })?;
    }
    for (name, mib, compression) in [
        ("stored", 64, Compression::Stored),
        ("deflated", 64, Compression::Deflate(6)),
        ("large", 1024, Compression::Stored),
    ] {
        let mut npz = create(store.clone(), format!("{name}.npz"))?.compression(compression);
        npz.array("x", &rows(mib))?;
        npz.finish()?.complete()?;
    }
    Ok(())
}

/// Counts what is asked of an object.
struct Counted {
    object: Object,
    requests: AtomicUsize,
    bytes: AtomicUsize,
}

impl Counted {
    fn count(&self, requests: usize, bytes: usize) {
        self.requests.fetch_add(requests, Relaxed);
        self.bytes.fetch_add(bytes, Relaxed);
    }
}

impl ReadAt for Counted {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.count(1, buf.len());
        self.object.read_at(buf, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.object.size()
    }

    fn read_ranges(&self, ranges: &mut [(u64, &mut [u8])]) -> io::Result<()> {
        self.count(ranges.len(), ranges.iter().map(|(_, buf)| buf.len()).sum());
        self.object.read_ranges(ranges)
    }

    fn read_tail(&self, buf: &mut [u8]) -> io::Result<u64> {
        self.count(1, buf.len());
        self.object.read_tail(buf)
    }

    fn cost(&self) -> ReadCost {
        ReadAt::cost(&self.object)
    }
}

fn open(store: &Arc<dyn ObjectStore>, name: &str) -> npz::Result<NpzReader<Counted>> {
    let object = Object::new(store.clone(), format!("{name}.npz"));
    NpzReader::from_read_at(Counted { object, requests: 0.into(), bytes: 0.into() })
}

/// The median time of some runs, and what one of them has asked for after the archive was opened.
fn row<T>(
    store: &Arc<dyn ObjectStore>,
    what: &str,
    name: &str,
    act: impl Fn(&NpzReader<Counted>) -> npz::Result<T>,
) -> npz::Result<()> {
    const RUNS: usize = 5;
    let mut times = Vec::new();
    let mut asked = (0, 0);
    for _ in 0..RUNS {
        let npz = open(store, name)?;
        let counted = npz.get_ref().expect("it is positional");
        let before = (counted.requests.load(Relaxed), counted.bytes.load(Relaxed));
        let start = Instant::now();
        act(&npz)?;
        times.push(start.elapsed().as_secs_f64());
        let after = (counted.requests.load(Relaxed), counted.bytes.load(Relaxed));
        asked = (after.0 - before.0, after.1 - before.1);
    }
    times.sort_by(f64::total_cmp);
    println!("npz\t{what}\t{:.4}\t{}\t{}", times[RUNS / 2], asked.0, asked.1);
    Ok(())
}

fn measure(store: &Arc<dyn ObjectStore>) -> npz::Result<()> {
    open(store, "small-1")?; // The first connection is made by it.
    for count in [1, 1_000, 10_000] {
        let name = format!("small-{count}");
        let mut times: Vec<_> = (0..5)
            .map(|_| {
                let start = Instant::now();
                open(store, &name).map(|npz| {
                    let counted = npz.get_ref().expect("it is positional");
                    (
                        start.elapsed().as_secs_f64(),
                        counted.requests.load(Relaxed),
                        counted.bytes.load(Relaxed),
                    )
                })
            })
            .collect::<npz::Result<_>>()?;
        times.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (time, requests, bytes) = times[2];
        println!("npz\topen {count}\t{time:.4}\t{requests}\t{bytes}");
    }
    row(store, "get a small array", "small-1000", |npz| npz.get::<Vec<f64>>("x500"))?;
    row(store, "get_all of 1,000", "small-1000", NpzReader::get_all)?;
    row(store, "get_all of 10,000", "small-10000", NpzReader::get_all)?;
    for name in ["stored", "deflated"] {
        row(store, &format!("get 64 MiB {name}"), name, |npz| npz.get::<Array2<f64>>("x"))?;
        let few = s![500..510, ..];
        row(store, &format!("1 % of the rows, {name}"), name, |npz| {
            npz.get_slice::<Array2<f64>>("x", few)
        })?;
        row(store, &format!("one column, {name}"), name, |npz| {
            npz.get_slice::<Array1<f64>>("x", s![.., 4000])
        })?;
    }
    row(store, "get 1 GiB", "large", |npz| npz.get::<Array2<f64>>("x"))
}

/// Writes 1 GiB, and says how much memory that takes besides the array.
fn write(store: &Arc<dyn ObjectStore>) -> npz::Result<()> {
    let array = rows(1024);
    let before = resident("VmRSS");
    let start = Instant::now();
    let mut npz = NpzWriter::stream(ObjectWriter::new(store.clone(), "written.npz"));
    npz.array("x", &array)?;
    npz.finish()?.complete()?;
    let (time, peak) = (start.elapsed().as_secs_f64(), resident("VmHWM"));
    println!(
        "npz\twrite 1 GiB\t{time:.4}\t\t\nnpz\tmemory to write 1 GiB, MiB\t{}\t\t",
        (peak - before) >> 10
    );
    Ok(())
}

/// A number of KiB that Linux tells of this process.
fn resident(what: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':'));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Passes connections on, and each request after a delay.
fn proxy(from: &str, to: &str, delay: Duration) -> io::Result<()> {
    for client in TcpListener::bind(from)?.incoming() {
        let (client, server) = (client?, TcpStream::connect(to)?);
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let has_answered = Arc::new(AtomicBool::new(true));
        let is_next = Arc::clone(&has_answered);
        let (requests, to_server) = (client.try_clone()?, server.try_clone()?);
        thread::spawn(move || {
            pass(requests, to_server, || {
                if is_next.swap(false, Relaxed) {
                    thread::sleep(delay);
                }
            })
        });
        thread::spawn(move || pass(server, client, || has_answered.store(true, Relaxed)));
    }
    Ok(())
}

fn pass(mut from: TcpStream, mut to: TcpStream, each: impl Fn()) {
    let mut buffer = vec![0; 256 << 10];
    while let Ok(len @ 1..) = from.read(&mut buffer) {
        each();
        if to.write_all(&buffer[..len]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
