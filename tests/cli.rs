//! The command `npz` as a person uses it: what is typed and what is printed, as the README and the pages in
//! `tests/cli` show it. `TRYCMD=overwrite cargo test --features cli --test cli` writes what is printed into them.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::{env, fs};

use ndarray::{Array2, Order};
use npz::{Compression, FixedStr, NpzWriter, Raw, WriteNpz};
use trycmd::TestCases;

#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Particle {
    id: i32,
    mass: f32,
    kind: FixedStr<4>,
}
npz::record!(Particle { id, mass, kind });

/// The files that the sessions find in their folder. There is nothing in them but sums, products and
/// quotients, which are the same on every machine.
fn write_files() -> npz::Result<()> {
    let field = Array2::from_shape_fn((120, 200), |(i, j)| {
        let (y, x) = ((i as f64 - 60.0) / 20.0, (j as f64 - 80.0) / 30.0);
        100.0 / (1.0 + y * y + x * x)
    });
    let times: Vec<_> = (0..501).map(|step| f64::from(step) * 0.25).collect();
    let labels = field.mapv(|heat| (heat / 5.0) as i32);
    let particles: Vec<_> = [("Na", 22.99), ("Cl", 35.45), ("K", 39.1)]
        .into_iter()
        .zip(1..)
        .map(|((kind, mass), id)| Ok(Particle { id, mass, kind: kind.try_into()? }))
        .collect::<npz::Result<_>>()?;

    let mut npz = NpzWriter::create("run.npz")?;
    npz.array("field", &field)?.array("transposed", &field.t())?.array("times", &times)?;
    npz.entry("labels").compression(Compression::Deflate(6)).array(&labels)?;
    npz.array("particles", &particles)?.array("title", "heat on a plate")?;
    npz.bytes("README.txt", b"Sampled at 4 Hz.\n")?;
    npz.finish()?;

    // Another run, which differs a little.
    let mut other = field.clone();
    other[[3, 4]] += 0.5;
    other[[100, 150]] *= 1.25;
    let mut npz = NpzWriter::create("other.npz")?;
    npz.array("field", &other)?.array("times", &times[..500])?.array("labels", &labels)?;
    npz.finish()?;

    times[..4].save_npy("times.npy")?;
    let text = "time,temperature,valid,station\n0,21.5,True,north\n1,,False,\"south, roof\"\n2,19,True,north\n";
    fs::write("stations.csv", text).unwrap();
    let mut damaged = fs::read("other.npz").unwrap();
    damaged[1000] ^= 1;
    fs::write("damaged.npz", damaged).unwrap();
    Ok(())
}

#[test]
fn sessions() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = fs::read_dir(root.join("tests/cli")).unwrap();
    let mut pages: Vec<_> = pages.map(|page| page.unwrap().path()).collect();
    pages.push(root.join("README.md"));
    pages.sort();
    for page in pages {
        let folder =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli").join(page.file_stem().unwrap());
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        env::set_current_dir(&folder).unwrap();
        write_files().unwrap();
        TestCases::new()
            .register_bin("npz", Path::new(env!("CARGO_BIN_EXE_npz")))
            .env("COLUMNS", "80")
            .case(page)
            .run();
    }
}

/// A command in a folder of its own that has the files.
fn npz(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_npz"));
    command.args(arguments).current_dir(folder);
    command
}

/// Names, text, fields and errors that hold what moves a cursor, or turns text round.
#[test]
fn nothing_that_is_printed_controls_a_terminal() {
    const EVIL: &str = "\u{1b}[31m\u{9b}2J\u{202e}\u{7}\r";
    let folder = tempfile::tempdir().unwrap();
    let text = ndarray::arr1(&[EVIL.to_owned(), "plain".to_owned()]);
    let dtype = format!("[('{}', '<i4')]", EVIL.replace('\u{1b}', "\\x1b").replace('\r', "\\r"));
    let record = Raw::new(dtype.parse().unwrap(), &[1], Order::C, vec![1, 0, 0, 0]).unwrap();
    let mut archive = NpzWriter::create(folder.path().join("evil.npz")).unwrap();
    archive.array(EVIL, &text).unwrap().array("record", &record).unwrap();
    archive.bytes(&format!("{EVIL}.txt"), EVIL.as_bytes()).unwrap();
    archive.finish().unwrap();
    let mut archive = NpzWriter::create(folder.path().join("other.npz")).unwrap();
    archive.array(EVIL, &[1]).unwrap();
    archive.finish().unwrap();

    let none = format!("none{EVIL}.npz");
    for arguments in [
        &["ls", "evil.npz"][..],
        &["ls", "--long", "evil.npz"],
        &["ls", "--json", "evil.npz"],
        &["ls", &none],
        &["show", "evil.npz", EVIL],
        &["show", "evil.npz", EVIL, "--json"],
        &["show", "evil.npz", "record"],
        &["show", "evil.npz", "record", "--json"],
        &["show", "evil.npz", "none"],
        &["show", "evil.npz", &format!("{EVIL}[7]")],
        &["stat", "evil.npz"],
        &["stat", "--json", "evil.npz"],
        &["diff", "evil.npz", "other.npz"],
        &["diff", "evil.npz", "other.npz", "--json"],
        &["plot", "evil.npz", EVIL],
        &["plot", "other.npz", EVIL],
        &["verify", "evil.npz", &none],
        &["verify", "--json", "evil.npz"],
        &["repack", "evil.npz", "out.npz", "--cast", "*=f4"],
        &["unpack", "evil.npz", &format!("folder{EVIL}")],
        &["pack", "out.npz", &none],
        &["add", "evil.npz", &none],
        &["rm", "evil.npz", "none"],
        &["mv", "evil.npz", "none", EVIL],
    ] {
        let Output { status, stdout, stderr } = npz(folder.path(), arguments).output().unwrap();
        assert!(status.code().is_some_and(|code| code < 3), "{arguments:?}: {status}");
        for printed in [stdout, stderr] {
            let printed = String::from_utf8(printed).unwrap();
            let is_evil = |c: char| c != '\n' && EVIL.contains(c) && !c.is_ascii_graphic();
            assert!(!printed.contains(is_evil), "{arguments:?}: {printed:?}");
        }
    }
}

/// What `npz show … | head -1` does.
#[test]
fn a_closed_pipe_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let x = Array2::<f64>::zeros((1000, 1000));
    x.save_npz(folder.path().join("x.npz"), "x").unwrap();
    for arguments in [
        &["show", "x.npz", "--all"][..],
        &["show", "x.npz", "--csv"],
        &["show", "x.npz", "--json"],
        &["show", "x.npz", "--raw"],
        &["repack", "x.npz", "-"],
    ] {
        let mut command = npz(folder.path(), arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut start = [0; 10];
        child.stdout.take().unwrap().read_exact(&mut start).unwrap();
        let Output { status, stderr, .. } = child.wait_with_output().unwrap();
        assert!(status.success(), "{arguments:?}: {status}");
        assert_eq!(String::from_utf8(stderr).unwrap(), "", "{arguments:?}");
    }
}

/// Every bit of small files is changed, and every command reads them.
#[test]
fn damaged_files_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let mut archive = NpzWriter::create(folder.path().join("x.npz")).unwrap();
    archive.entry("x").compression(Compression::Deflate(6)).array(&[1.5, 2.5]).unwrap();
    archive.array("t", "text").unwrap();
    archive.finish().unwrap();
    let sound = fs::read(folder.path().join("x.npz")).unwrap();
    for index in 0..sound.len() {
        let mut damaged = sound.clone();
        damaged[index] ^= 1 << (index % 8);
        fs::write(folder.path().join("damaged.npz"), damaged).unwrap();
        let commands: [&[&str]; 4] = [
            &["ls", "--long", "damaged.npz"],
            &["show", "damaged.npz", "x"],
            &["stat", "damaged.npz"],
            &["diff", "x.npz", "damaged.npz"],
        ];
        let arguments = commands[index % commands.len()];
        let Output { status, stderr, .. } = npz(folder.path(), arguments).output().unwrap();
        assert!(status.code().is_some_and(|code| code < 3), "{arguments:?}: {status}");
        assert!(!String::from_utf8_lossy(&stderr).contains("panicked"), "{arguments:?}");
    }
}

/// Ctrl-C while files are written leaves the folder as it was.
#[test]
#[cfg(target_os = "linux")]
fn an_interrupt_leaves_nothing_behind() {
    use rustix::process::{Pid, Signal, kill_process};

    let folder = tempfile::tempdir().unwrap();
    let x =
        Array2::from_shape_fn((4000, 1000), |(i, j)| ((i * 7919 + j * 104_729) % 10_007) as f64);
    x.save_npz(folder.path().join("x.npz"), "x").unwrap();
    let mut command = npz(folder.path(), &["repack", "x.npz", "x.npz", "--level", "9"]);
    let mut child = command.spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let status = child.wait().unwrap();
    // On a machine so quick that it was done already, there is a new archive.
    assert!(status.code() == Some(130) || status.success(), "{status}");
    let files = fs::read_dir(folder.path()).unwrap();
    assert_eq!(files.map(|file| file.unwrap().file_name()).collect::<Vec<_>>(), ["x.npz"]);
    npz::NpzReader::open(folder.path().join("x.npz")).unwrap().verify().unwrap();
}
