//! A panic in what the caller gave, be it a writer, a callback, a source or a type of its own, and
//! what is left when it has been caught.

use std::fs;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::{Array2, s};
use npz::npy::{Incoming, Outgoing};
use npz::{ErrorKind, FromNpy, NpzReader, NpzWriter, ReadAt, ReadCost, ToNpy, savez};

use crate::common::{self, compressions, without_index};

/// Counts calls, and panics at one of them, or at that and all later ones.
#[derive(Clone)]
struct Bomb {
    calls: Arc<AtomicUsize>,
    at: usize,
    once: bool,
}

impl Bomb {
    fn new(at: usize, once: bool) -> Self {
        Self { calls: Arc::default(), at, once }
    }

    fn tick(&self) {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        if call == self.at || (call > self.at && !self.once) {
            std::panic::resume_unwind(Box::new("as planned"));
        }
    }

    fn has_gone_off(&self) -> bool {
        self.calls.load(Ordering::Relaxed) > self.at
    }
}

struct Fragile<T>(T, Bomb);

impl<W: Write> Write for Fragile<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.1.tick();
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.1.tick();
        self.0.flush()
    }
}

impl<R: Read> Read for Fragile<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.1.tick();
        self.0.read(out)
    }
}

impl<T: Seek> Seek for Fragile<T> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.1.tick();
        self.0.seek(to)
    }
}

impl<R: ReadAt> ReadAt for Fragile<R> {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.1.tick();
        self.0.read_at(buf, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.1.tick();
        self.0.size()
    }

    fn cost(&self) -> ReadCost {
        self.0.cost()
    }
}

/// Bytes whose reads are planned.
struct Slow<'a>(&'a [u8]);

impl ReadAt for Slow<'_> {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(buf, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.0.size()
    }

    fn cost(&self) -> ReadCost {
        ReadCost::REMOTE.gap(4 << 10).sizes(64 << 10, 128 << 10)
    }
}

fn caught<T>(act: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(act)).ok()
}

/// Large enough to be hashed on another thread, and written in parts.
fn x() -> Array2<f64> {
    Array2::from_shape_fn((600, 900), |(i, j)| (i * j) as f64)
}

/// Writes arrays one after the other, and goes on after panics. Returns the names of those of which
/// the writer said `Ok`, and whether one panicked.
fn write_all<W: Write + Send>(
    npz: &mut NpzWriter<W>,
    x: &Array2<f64>,
) -> (Vec<&'static str>, bool) {
    let (mut done, mut panicked) = (Vec::new(), false);
    let mut said = |name: &'static str, said: Option<npz::Result<()>>| match said {
        Some(Ok(())) => done.push(name),
        Some(Err(error)) => {
            assert!(panicked && matches!(error.kind(), ErrorKind::Unusable), "{error}");
        }
        None => panicked = true,
    };
    let mut add = |name: &'static str, array: &dyn ToNpy| {
        said(name, caught(|| npz.array(name, array).map(drop)));
    };
    add("contiguous", x);
    add("strided", &x.slice(s![..;2, ..;-1]));
    add("small", &[1, 2, 3]);
    match caught(|| npz.rows::<f64>("rows", [x.ncols()])) {
        Some(Ok(mut rows)) => {
            let pushed = x.rows().into_iter().map(|row| caught(|| rows.push(&row).map(drop)));
            let failed: Vec<_> = pushed.filter(|pushed| !matches!(pushed, Some(Ok(())))).collect();
            failed.into_iter().for_each(|failed| said("rows", failed));
            said("rows", caught(|| rows.finish()));
        }
        Some(Err(error)) => said("rows", Some(Err(error))),
        None => said("rows", None),
    }
    (done, panicked)
}

#[test]
fn after_a_writer_has_panicked_there_is_no_archive() {
    let x = x();
    for compression in compressions(1) {
        for once in [true, false] {
            for at in 0.. {
                let bomb = Bomb::new(at, once);
                let mut bytes = Vec::new();
                let writer = Fragile(Cursor::new(&mut bytes), bomb.clone());
                let mut npz = NpzWriter::new(writer).compression(compression);
                let (done, panicked) = write_all(&mut npz, &x);
                match caught(|| npz.finish()) {
                    Some(Ok(_)) => assert!(!bomb.has_gone_off() && done.len() == 4, "{at}"),
                    Some(Err(error)) => {
                        assert!(panicked && matches!(error.kind(), ErrorKind::Unusable), "{error}");
                    }
                    None => assert!(!panicked, "{at}: it went off before"),
                }
                match NpzReader::from_bytes(&bytes) {
                    // At last, or if nothing but the last flush has failed.
                    Ok(npz) => {
                        npz.verify().unwrap();
                        assert!(npz.len() == 4 && at > 10, "{at}");
                    }
                    Err(_) => assert!(bomb.has_gone_off()),
                }
                if !bomb.has_gone_off() {
                    break;
                }
            }
        }
    }
}

#[test]
fn after_a_callback_has_panicked_the_old_file_is_there_or_a_whole_new_one() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    let x = x();
    for compression in compressions(1) {
        for at in 0.. {
            savez!(&path, old = 1).unwrap();
            let bomb = Bomb::new(at, true);
            let progress = bomb.clone();
            let npz = NpzWriter::create(&path).unwrap().compression(compression);
            let mut npz = npz.progress(move |_| progress.tick());
            let (done, panicked) = write_all(&mut npz, &x);
            assert_eq!(panicked, bomb.has_gone_off());
            let finished = npz.finish();
            let npz = NpzReader::open(&path).unwrap();
            npz.verify().unwrap();
            match finished {
                // The panic may have come when the array was complete.
                Ok(_) => assert!(done.iter().all(|name| npz.contains(name)), "{at}"),
                Err(error) => {
                    assert!(matches!(error.kind(), ErrorKind::Unusable), "{error}");
                    assert_eq!(npz.names().collect::<Vec<_>>(), ["old"]);
                }
            }
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
            if !panicked {
                assert!(at > 5 && npz.len() == 4);
                break;
            }
        }
    }
}

#[test]
fn a_panic_in_save_leaves_the_old_file() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    savez!(&path, old = 1).unwrap();
    let saved = caught(|| {
        npz::save(&path, |npz| {
            npz.array("new", &2)?;
            std::panic::resume_unwind(Box::new("as planned"))
        })
    });
    assert!(saved.is_none());
    assert_eq!(NpzReader::open(&path).unwrap().get::<i32>("old").unwrap(), 1);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// A type that panics when it is saved, and when it is loaded.
struct Explosive;

impl ToNpy for Explosive {
    fn to_npy(&self) -> Outgoing<'_> {
        std::panic::resume_unwind(Box::new("as planned"))
    }
}

impl FromNpy for Explosive {
    fn from_npy(_: Incoming<'_>) -> npz::Result<Self> {
        std::panic::resume_unwind(Box::new("as planned"))
    }
}

#[test]
fn types_that_panic_leave_writers_and_readers_as_they_were() {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    npz.array("x", &[1, 2]).unwrap();
    assert!(caught(|| npz.array("y", &Explosive).map(drop)).is_none());
    npz.array("y", &3).unwrap();
    let npz = NpzReader::new(npz.finish().unwrap()).unwrap();
    assert!(caught(|| npz.get::<Explosive>("x")).is_none());
    assert_eq!(npz.get::<Vec<i32>>("x").unwrap(), [1, 2]);
    npz.verify().unwrap();
}

#[test]
fn after_a_source_has_panicked_it_is_read_again() {
    // Large enough to be read in parts, and soon inflated.
    let x = Array2::from_shape_fn((300, 900), |(i, j)| (i * (j / 300)) as f64);
    let archives = compressions(1).into_iter().flat_map(|compression| {
        let mut npz = NpzWriter::stream(Vec::new()).compression(compression);
        npz.array("x", &x).unwrap().array("small", &[1, 2]).unwrap();
        let archive = npz.finish().unwrap();
        [without_index(archive.clone()), archive]
    });
    for bytes in archives {
        fn check<R>(npz: NpzReader<R>, x: &Array2<f64>, bomb: &Bomb) {
            let mut buffer = Array2::<f64>::zeros((300, 900));
            let _ = caught(|| npz.get::<Array2<f64>>("x").map(drop));
            let _ = caught(|| npz.get_slice::<Array2<f64>>("x", s![3..200, ..;2]).map(drop));
            let _ = caught(|| npz.read_into("x", &mut buffer));
            let _ = caught(|| npz.verify());
            if bomb.has_gone_off() {
                npz.verify().unwrap();
                assert_eq!(&npz.get::<Array2<f64>>("x").unwrap(), x);
            }
        }
        let sources: [&dyn ReadAt; 2] = [&bytes, &Slow(&bytes)];
        for source in sources {
            for at in 0.. {
                let bomb = Bomb::new(at, true);
                let source = Fragile(source, bomb.clone());
                if let Some(npz) = caught(|| NpzReader::from_read_at(source)) {
                    check(npz.unwrap(), &x, &bomb);
                }
                if !bomb.has_gone_off() {
                    break;
                }
            }
        }
        for at in 0.. {
            let bomb = Bomb::new(at, true);
            let source = Fragile(Cursor::new(&bytes), bomb.clone());
            if let Some(npz) = caught(|| NpzReader::new(source)) {
                check(npz.unwrap(), &x, &bomb);
            }
            if !bomb.has_gone_off() {
                break;
            }
        }
    }
}
