//! A file is whole or not there, whatever happens while it is written.

use std::fs::{self, Permissions};
use std::path::{Path, PathBuf};

use ndarray::{Array1, Array2};
use npz::{ErrorKind, NpzReader, NpzWriter, WriteNpy, WriteNpz, savez};

/// The names in a folder, sorted.
fn listing(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_file_appears_when_it_is_finished_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    let mut npz = NpzWriter::create(&path).unwrap();
    npz.array("x", &[1, 2, 3]).unwrap();
    assert!(!path.exists());
    npz.finish().unwrap();
    assert_eq!(listing(folder.path()), ["x.npz"]);
    assert_eq!(NpzReader::open(&path).unwrap().get::<Vec<i32>>("x").unwrap(), [1, 2, 3]);
}

#[test]
fn the_old_file_stays_until_the_new_one_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    savez!(&path, x = 1).unwrap();

    let mut dropped = NpzWriter::create(&path).unwrap();
    dropped.array("x", &2).unwrap();
    drop(dropped);
    assert_eq!(NpzReader::open(&path).unwrap().get::<i32>("x").unwrap(), 1);
    assert_eq!(listing(folder.path()), ["x.npz"], "nothing temporary is left");

    assert!(savez!(&path, x = 2, y = 3, z = Refused).is_err());
    assert_eq!(NpzReader::open(&path).unwrap().get::<i32>("x").unwrap(), 1);
    assert_eq!(listing(folder.path()), ["x.npz"]);

    // Who has the old file open goes on reading it.
    let old = NpzReader::open(&path).unwrap();
    savez!(&path, x = 2).unwrap();
    assert_eq!(old.get::<i32>("x").unwrap(), 1);
    assert_eq!(NpzReader::open(&path).unwrap().get::<i32>("x").unwrap(), 2);
}

/// Something that cannot be saved.
struct Refused;

impl Refused {
    fn write_npz<W: std::io::Write>(&self, npz: &mut NpzWriter<W>, _: &str) -> npz::Result<()> {
        npz.array("not a name\0", &0).map(drop)
    }
}

#[test]
fn two_writers_to_one_path_leave_one_whole_archive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    let mut first = NpzWriter::create(&path).unwrap();
    let mut second = NpzWriter::create(&path).unwrap();
    first.array("x", &1).unwrap();
    second.array("x", &2).unwrap();
    second.finish().unwrap();
    first.finish().unwrap();
    assert_eq!(NpzReader::open(&path).unwrap().get::<i32>("x").unwrap(), 1);
    assert_eq!(listing(folder.path()), ["x.npz"]);
}

#[test]
fn a_path_that_cannot_be_written_is_an_error_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for path in
        [folder.path().to_owned(), folder.path().join("no/such/folder/x.npz"), PathBuf::new()]
    {
        let error = NpzWriter::create(&path).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Io { .. }));
        assert!(error.to_string().starts_with("cannot create `"), "{error}");
    }
    assert!(listing(folder.path()).is_empty());
}

#[test]
fn a_file_name_alone_is_a_file_in_the_current_folder() {
    // Cargo runs tests in the package's folder.
    let name = Path::new("target").join("files-test.npz");
    savez!(&name, x = 1).unwrap();
    let mut bare = tempfile::Builder::new();
    let bare = bare.prefix("npz-test-").suffix(".npy").tempfile_in(".").unwrap();
    let bare = bare.path().file_name().unwrap();
    1.5.save_npy(bare).unwrap();
    assert_eq!(<f64 as npz::ReadNpy>::load_npy(bare).unwrap(), 1.5);
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_new_file_has_the_mode_of_any_new_file() {
        let folder = tempfile::tempdir().unwrap();
        let (ours, plain) = (folder.path().join("x.npz"), folder.path().join("plain"));
        fs::write(&plain, "").unwrap();
        savez!(&ours, x = 1).unwrap();
        assert_eq!(mode(&ours), mode(&plain));
        [1].save_npy(&ours).unwrap();
        assert_eq!(mode(&ours), mode(&plain));
    }

    #[test]
    fn a_replaced_file_passes_its_mode_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.npz");
        for wanted in [0o600, 0o640, 0o755, 0o666] {
            savez!(&path, x = 1).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(wanted)).unwrap();
            savez!(&path, x = 2).unwrap();
            assert_eq!(mode(&path), wanted);
        }
    }

    #[test]
    fn a_symbolic_link_stays_and_its_target_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().join("real");
        fs::create_dir(&real).unwrap();
        // Relative and absolute links, one behind the other; a target that is not there yet.
        let (first, second) = (folder.path().join("first.npz"), folder.path().join("second.npz"));
        symlink("real/x.npz", &first).unwrap();
        symlink(&first, &second).unwrap();
        for value in [1, 2] {
            savez!(&second, x = value).unwrap();
            assert!(fs::symlink_metadata(&first).unwrap().is_symlink());
            assert!(fs::symlink_metadata(&second).unwrap().is_symlink());
            assert_eq!(
                NpzReader::open(real.join("x.npz")).unwrap().get::<i32>("x").unwrap(),
                value
            );
            assert_eq!(listing(&real), ["x.npz"]);
        }
        let round = folder.path().join("round.npz");
        symlink("round.npz", &round).unwrap();
        assert!(savez!(&round, x = 1).is_err());
    }

    #[test]
    fn what_is_no_regular_file_is_not_replaced() {
        let error = NpzWriter::create("/dev/null").unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(source, "it exists and is not a regular file");
    }

    /// This test binary again, to run one of its ignored tests on `path`.
    fn child(test: &str, path: &Path, limits: &str) -> std::process::Command {
        let mut child = std::process::Command::new("sh");
        child
            .args(["-c", &format!("{limits} exec \"$0\" --exact unix::{test} --ignored")])
            .arg(std::env::current_exe().unwrap())
            .env("NPZ_TEST_TARGET", path)
            .stdout(std::process::Stdio::null());
        child
    }

    #[test]
    #[ignore = "run by another test, as a process to kill"]
    fn saves_until_it_is_killed() {
        let Some(path) = std::env::var_os("NPZ_TEST_TARGET") else { return };
        for value in 0_u64.. {
            Array2::from_elem((300, 1000), value).save_npz(&path, "x").unwrap();
        }
    }

    #[test]
    fn sigkill_at_any_moment_leaves_a_whole_archive() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.npz");
        let mut values = Vec::new();
        for kill in 0..30 {
            Array2::from_elem((300, 1000), u64::MAX).save_npz(&path, "x").unwrap();
            let mut saver = child("saves_until_it_is_killed", &path, "").spawn().unwrap();
            // At times that fall everywhere in its work of some 10 ms a save.
            std::thread::sleep(std::time::Duration::from_micros(20_000 + kill * 5_713));
            saver.kill().unwrap();
            assert!(!saver.wait().unwrap().success(), "it was killed, it did not fail before");
            let npz = NpzReader::open(&path).unwrap();
            npz.verify().unwrap();
            let x: Array2<u64> = npz.get("x").unwrap();
            assert!(x.iter().all(|value| value == &x[[0, 0]]), "one archive, not parts of two");
            values.push(x[[0, 0]]);
        }
        assert!(values.iter().any(|&value| value != u64::MAX), "some saves came to an end");
    }

    #[test]
    fn a_full_disk_is_an_error_and_leaves_nothing() {
        // Writing more than RLIMIT_FSIZE fails like a full disk; `sh` sets it for a child.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.npz");
        savez!(&path, x = Array1::<f64>::zeros(10)).unwrap();
        let limits = "ulimit -f 100; trap '' XFSZ;";
        let status = child("saves_too_much", &path, limits).status().unwrap();
        assert!(status.success());
        assert_eq!(listing(folder.path()), ["x.npz"]);
        assert_eq!(NpzReader::open(&path).unwrap().get::<Vec<f64>>("x").unwrap().len(), 10);
    }

    #[test]
    #[ignore = "run by another test, with a limit on the size of files"]
    fn saves_too_much() {
        let Some(path) = std::env::var_os("NPZ_TEST_TARGET") else { return };
        let error = Array1::<f64>::zeros(1_000_000).save_npz(&path, "x").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
        assert_eq!(error.array(), Some("x"));
        assert!(Array1::<f64>::zeros(1_000_000).save_npy(&path).is_err());
    }

    #[test]
    fn more_than_memory_holds_is_an_error_and_no_abort() {
        // 16 GiB that are nowhere: a sparse file behind a header.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.npy");
        let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (17179869184,)}";
        let start =
            [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes()]
                .concat();
        fs::write(&path, &start).unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_len(start.len() as u64 + (16 << 30)).unwrap();
        assert!(child("loads_too_much", &path, "ulimit -v 4000000;").status().unwrap().success());
    }

    #[test]
    #[ignore = "run by another test, with a limit on memory"]
    fn loads_too_much() {
        let Some(path) = std::env::var_os("NPZ_TEST_TARGET") else { return };
        let expected = "cannot allocate 17179869184 bytes";
        assert_eq!(<Vec<u8> as npz::ReadNpy>::load_npy(&path).unwrap_err().to_string(), expected);
        let error = <npz::AnyArray as npz::ReadNpy>::load_npy(&path).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}
