//! A file is whole or not there, whatever becomes of the process that writes it, and
//! whichever other one does too. Limits of a process are errors.

#![cfg(unix)]

#[path = "all/common/mod.rs"]
mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use common::{add_and_finish, compressions, listing};
use ndarray::{Array1, Array2};
use npz::{
    Compression, ErrorKind, NpyReader, NpyWriter, NpzReader, NpzWriter, ReadNpz, WriteNpz, savez,
};

/// This test binary again, to run one of its ignored tests on `path`.
fn child(test: &str, path: &Path, limits: &str) -> Command {
    let mut child = Command::new("sh");
    child
        .args(["-c", &format!("{limits} exec \"$0\" --exact {test} --ignored")])
        .arg(std::env::current_exe().unwrap())
        .env("NPZ_TEST_TARGET", path)
        .stdout(Stdio::null());
    child
}

/// How something is saved: words of `create`, `append`, `deflated` and `synced`.
type Way = &'static str;

/// Saves `x` and `new`, all of whose elements are `value`.
fn save(path: &Path, way: &str, value: u64) -> npz::Result<()> {
    let is = |word| way.contains(word);
    let npz = if is("append") { NpzWriter::append(path) } else { NpzWriter::create(path) };
    let compression = if is("deflated") { compressions(1).pop() } else { None };
    let compression = compression.unwrap_or(Compression::Stored);
    let mut npz = npz?.sync(is("synced")).compression(compression);
    let x = Array2::from_elem((200, 1000), value);
    npz.array("x", &x)?.array("new", &x)?;
    npz.finish().map(drop)
}

/// What is then in the archive, if it had been `before`: the value of each array.
fn saved(before: &Contents, way: Way, value: u64) -> Contents {
    let kept = if way.contains("append") { before.clone() } else { Contents::new() };
    kept.into_iter().chain(["x", "new"].map(|name| (name.to_owned(), value))).collect()
}

type Contents = BTreeMap<String, u64>;

fn contents(path: &Path) -> Contents {
    let npz = NpzReader::open(path).unwrap();
    npz.verify().unwrap();
    let value = |name: &str| {
        let array: Array2<u64> = npz.get(name).unwrap();
        assert!(array.iter().all(|value| value == &array[[0, 0]]), "one archive, not parts of two");
        array[[0, 0]]
    };
    npz.names().map(|name| (name.to_owned(), value(name))).collect()
}

/// Replaces the archive by one of `x` and `kept`.
fn save_old(path: &Path) -> Contents {
    let x = Array2::from_elem((200, 1000), 0_u64);
    savez!(path, x = x, kept = x).unwrap();
    ["x", "kept"].map(|name| (name.to_owned(), 0)).into()
}

/// A process that saves when it is told to.
struct Saver {
    process: Child,
    values: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

/// What it says before, and when it has saved.
const READY: &str = "ready";

impl Saver {
    fn start(path: &Path, way: Way) -> Self {
        let mut command = child("saves_when_it_is_told", path, "");
        command.env("NPZ_TEST_WAY", way);
        Self::over(command)
    }

    fn over(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let values = process.stdin.take().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut saver = Self { process, values, lines };
        saver.wait();
        saver
    }

    fn save(&mut self, value: u64) {
        writeln!(self.values, "{value}").unwrap();
    }

    fn wait(&mut self) {
        // Before it there may be words of the test harness.
        let is_ready = self.lines.any(|line| line.unwrap().ends_with(READY));
        assert!(is_ready, "it has ended");
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        assert!(!self.process.wait().unwrap().success(), "it was killed, it did not end before");
    }

    fn end(mut self) {
        drop(self.values);
        assert!(self.process.wait().unwrap().success());
    }
}

/// Removes the file that the error says was kept.
fn remove_kept(path: &Path, error: &npz::Error) {
    let text = error.to_string();
    let (_, kept) = text.rsplit_once("(the complete file is `").expect("it is kept");
    let kept = Path::new(kept.strip_suffix("`)").unwrap());
    assert_eq!(kept.parent(), path.parent());
    fs::remove_file(kept).unwrap();
}

#[test]
#[ignore = "run by other tests, as a process of its own"]
fn appends_until_all_is_there() {
    let Some(path) = std::env::var_os("NPZ_TEST_TARGET") else { return };
    let who = std::env::var("NPZ_TEST_WAY").unwrap();
    let mut again = 0;
    for number in 0..APPENDS {
        let append = || {
            let mut npz = NpzWriter::append(&path)?;
            npz.array(&format!("{who} {number}"), &number)?;
            npz.finish().map(drop)
        };
        while let Err(error) = append() {
            assert!(matches!(error.kind(), ErrorKind::Changed { .. }), "{error}");
            remove_kept(path.as_ref(), &error);
            again += 1;
        }
    }
    println!("{who} had to append {again} times once more");
}

const APPENDS: u32 = 50;

#[test]
fn of_several_processes_that_append_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    let who = ["a", "b", "c", "d"];
    let start = |who: &str| {
        let mut child = child("appends_until_all_is_there", &path, "");
        child.env("NPZ_TEST_WAY", who).spawn().unwrap()
    };
    let appenders = who.map(start);
    for mut appender in appenders {
        assert!(appender.wait().unwrap().success());
    }
    let npz = NpzReader::open(&path).unwrap();
    npz.verify().unwrap();
    for who in who {
        for number in 0..APPENDS {
            assert_eq!(npz.get::<u32>(&format!("{who} {number}")).unwrap(), number);
        }
    }
    assert_eq!(npz.len(), who.len() * APPENDS as usize);
    assert_eq!(listing(folder.path()), ["x.npz"]);
}

#[test]
#[ignore = "run by other tests, as a process of its own"]
fn saves_when_it_is_told() {
    let Some(path) = std::env::var_os("NPZ_TEST_TARGET") else { return };
    let way = std::env::var("NPZ_TEST_WAY").unwrap();
    let say_ready = || writeln!(io::stdout(), "{READY}").unwrap();
    say_ready();
    for value in io::stdin().lines() {
        let value = value.unwrap().parse().unwrap();
        // The other one has been quicker: once more.
        while let Err(error) = save(path.as_ref(), &way, value) {
            assert!(matches!(error.kind(), ErrorKind::Changed { .. }), "{error}");
            remove_kept(path.as_ref(), &error);
        }
        say_ready();
    }
}

/// Whether what is being written in `folder` has no name, so that a kill leaves nothing of it.
fn has_files_without_a_name(folder: &Path) -> bool {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{Mode, OFlags, open};
        open(folder, OFlags::TMPFILE | OFlags::RDWR, Mode::RUSR | Mode::WUSR).is_ok()
    }
    #[cfg(not(target_os = "linux"))]
    {
        _ = folder;
        false
    }
}

#[test]
fn sigkill_at_any_moment_leaves_the_old_archive_or_the_new_one() {
    const KILLS: u32 = 40;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    let (mut old, mut new, mut unfinished) = (0, 0, 0);
    let leaves_nothing = has_files_without_a_name(folder.path());
    for way in ["create", "create deflated", "create synced", "append", "append synced"] {
        let mut usual = Duration::ZERO;
        for kill in 0..KILLS {
            let before = save_old(&path);
            let after = saved(&before, way, 1);
            let mut saver = Saver::start(&path, way);
            let start = Instant::now();
            saver.save(1);
            match kill {
                0 => {
                    saver.wait();
                    usual = start.elapsed();
                }
                // Some of them when it has usually ended.
                _ => std::thread::sleep(usual * kill / (KILLS - 10)),
            }
            saver.kill();
            let found = contents(&path);
            assert!(found == before || found == after, "{way}, {kill}: {found:?}");
            *if found == before { &mut old } else { &mut new } += 1;
            for name in listing(folder.path()).iter().filter(|name| *name != "x.npz") {
                assert!(name.starts_with(".npz-") && name.ends_with(".tmp"), "{name}");
                let file = folder.path().join(name);
                if leaves_nothing {
                    // It was killed just before the file got its final name.
                    assert_eq!(contents(&file), after, "{way}, {kill}");
                }
                fs::remove_file(file).unwrap();
                unfinished += 1;
            }
        }
    }
    println!("{old} old, {new} new, {unfinished} left a temporary file");
    // How many there are of each is the scheduler's choice, but for those that were waited for.
    assert!(old + new == 200 && new >= 5, "{old} {new}");
}

/// How many rows each append adds to a file: more than are written at once.
const ROWS: usize = 150;

/// Of a table whose rows are numbered.
fn row(number: usize) -> Array1<u64> {
    Array1::from_elem(1024, number as u64)
}

#[test]
#[ignore = "run by another test, as a process of its own"]
fn adds_rows_as_long_as_it_lives() {
    let Some(path) = std::env::var_os("NPZ_TEST_TARGET") else { return };
    let is_synced = std::env::var("NPZ_TEST_WAY").unwrap() == "synced";
    writeln!(io::stdout(), "{READY}").unwrap();
    for _ in io::stdin().lines() {
        for _ in 0..20 {
            let file = NpyWriter::append(&path).unwrap().sync(is_synced);
            let mut rows = file.rows::<u64>([1024]).unwrap();
            for _ in 0..ROWS {
                rows.push(&row(rows.len())).unwrap();
            }
            rows.finish().unwrap();
        }
    }
}

#[test]
fn sigkill_at_any_moment_leaves_the_old_rows_or_all_new_ones() {
    const KILLS: u32 = 200;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let (mut appended, mut interrupted) = (0, 0);
    for kill in 0..KILLS {
        if kill % 10 == 0 {
            // A new file, of which it has been seen that it can be begun.
            let _ = fs::remove_file(&path);
            NpyWriter::append(&path).unwrap().array(&Array2::<u64>::zeros((0, 1024))).unwrap();
        }
        let mut child = child("adds_rows_as_long_as_it_lives", &path, "");
        child.env("NPZ_TEST_WAY", ["synced", "not synced"][kill as usize % 2]);
        let mut adder = Saver::over(child);
        adder.save(0);
        std::thread::sleep(Duration::from_micros(150) * kill);
        adder.kill();
        let x = Array2::<u64>::load_npy(&path).unwrap();
        assert_eq!((x.nrows() % ROWS, x.ncols()), (0, 1024), "{kill}");
        assert!(x.rows().into_iter().enumerate().all(|(at, found)| found == row(at)), "{kill}");
        appended += x.nrows();
        let whole = NpyReader::open(&path).unwrap().info().compressed_size();
        interrupted += u32::from(fs::metadata(&path).unwrap().len() > whole);
    }
    println!("{appended} rows, and {interrupted} times rows that were not complete");
    assert!(appended > 0 && interrupted > 0);
    assert_eq!(listing(folder.path()), ["x.npy"]);
}

#[test]
fn of_two_processes_that_save_at_once_one_wins() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    let value = |index| index as u64 + 1;
    for ways in [["create"; 2], ["append", "create"], ["append"; 2]] {
        let mut savers = ways.map(|way| Saver::start(&path, way));
        let mut wins = [0; 2];
        for round in 0..50 {
            let old = save_old(&path);
            for index in [round % 2, 1 - round % 2] {
                savers[index].save(value(index));
            }
            savers.iter_mut().for_each(Saver::wait);
            let found = contents(&path);
            let winner = found["x"] as usize - 1;
            let loser = 1 - winner;
            let by_winner = |before: &Contents| saved(before, ways[winner], value(winner));
            // It may have begun when the other one had ended.
            let in_turn = by_winner(&saved(&old, ways[loser], value(loser)));
            assert!(found == by_winner(&old) || found == in_turn, "{ways:?}, {round}: {found:?}");
            assert_eq!(listing(folder.path()), ["x.npz"]);
            wins[winner] += 1;
        }
        println!("{ways:?} won {wins:?} times");
        savers.into_iter().for_each(Saver::end);
    }
}

/// Writing more than RLIMIT_FSIZE fails like a full disk; `sh` sets it for a child.
#[test]
fn a_limit_on_the_size_of_files_is_an_error_and_leaves_the_old_archive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    Array1::<f64>::zeros(6000).save_npz(&path, "kept").unwrap();
    let before = fs::read(&path).unwrap();
    let limits = "ulimit -f 100; trap '' XFSZ;"; // 51200 bytes
    assert!(child("saves_too_much", &path, limits).status().unwrap().success());
    assert_eq!(listing(folder.path()), ["x.npz"]);
    assert!(fs::read(&path).unwrap() == before);
}

#[test]
#[ignore = "run by another test, with a limit on the size of files"]
fn saves_too_much() {
    let Some(path) = std::env::var_os("NPZ_TEST_TARGET") else { return };
    let path = Path::new(&path);
    let in_file = format!("`{}`: ", path.display());
    let create = || NpzWriter::create(path).unwrap();
    let append = || NpzWriter::append(path).unwrap();
    for is_synced in [false, true] {
        // Too much at once, too much when what is buffered is written, and too much together
        // with what is kept.
        for (npz, len, expected) in [
            (create(), 1_000_000, "array `new`: cannot write"),
            (append(), 1_000_000, "array `new`: cannot write"),
            (create(), 7_000, "cannot write"),
            (append(), 7_000, "cannot write"),
            (append(), 1_000, "array `kept`: cannot copy the members that are kept"),
        ] {
            let saved = add_and_finish(npz.sync(is_synced), "new", &Array1::<f64>::zeros(len));
            let error = saved.unwrap_err().to_string();
            // The caller knows in which file an array is.
            let error = error.strip_prefix(&in_file).unwrap_or(&error);
            assert!(error.starts_with(expected), "{error}");
        }
        assert_eq!(listing(path.parent().unwrap()), ["x.npz"]);
        add_and_finish(create().sync(is_synced), "kept", &Array1::<f64>::zeros(6000)).unwrap();
    }
    assert!(Array1::<f64>::zeros(1_000_000).save_npy(path).is_err());
}

/// Bytes of an array: more than the process may have, but not more than it can count.
const TOO_MUCH: u64 = if cfg!(target_pointer_width = "32") { 1 << 30 } else { 16 << 30 };

#[test]
fn more_than_memory_holds_is_an_error_and_no_abort() {
    // It is nowhere: a sparse file behind a header.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({TOO_MUCH},)}}");
    let start = [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes()]
        .concat();
    fs::write(&path, &start).unwrap();
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_len(start.len() as u64 + TOO_MUCH).unwrap();
    // KiB, and a quarter of it.
    let limit = format!("ulimit -v {};", TOO_MUCH >> 12);
    assert!(child("loads_too_much", &path, &limit).status().unwrap().success());
}

#[test]
#[ignore = "run by another test, with a limit on memory"]
fn loads_too_much() {
    let Some(path) = std::env::var_os("NPZ_TEST_TARGET") else { return };
    let expected = format!("`{}`: cannot allocate {TOO_MUCH} bytes", Path::new(&path).display());
    assert_eq!(<Vec<u8> as npz::ReadNpz>::load_npy(&path).unwrap_err().to_string(), expected);
    let error = <npz::AnyArray as npz::ReadNpz>::load_npy(&path).unwrap_err();
    assert_eq!(error.to_string(), expected);
}
