//! A file is whole or not there, whatever happens while it is written.

use std::path::{Path, PathBuf};

use crate::common::{self, listing, not_tested, open_files_can_be_replaced};
use npz::{ErrorKind, NpzReader, NpzWriter, WriteNpz, savez};

#[test]
fn a_file_appears_when_it_is_finished_and_not_before() {
    let folder = common::folder();
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
    let folder = common::folder();
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
    if !open_files_can_be_replaced() {
        return not_tested("a file that is open is replaced: this system does not do that");
    }
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
    let folder = common::folder();
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
    let folder = common::folder();
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
    let mut bare = tempfile::Builder::new();
    let bare = bare.prefix("npz-test-").suffix(".npy").tempfile_in(".").unwrap().into_temp_path();
    let bare = bare.file_name().unwrap();
    1.5.save_npy(bare).unwrap();
    assert_eq!(<f64 as npz::ReadNpz>::load_npy(bare).unwrap(), 1.5);
    let relative = Path::new(".").join(bare);
    savez!(&relative, x = 1).unwrap();
    assert_eq!(NpzReader::open(&relative).unwrap().get::<i32>("x").unwrap(), 1);
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_new_file_has_the_mode_of_any_new_file() {
        let folder = common::folder();
        let (ours, plain) = (folder.path().join("x.npz"), folder.path().join("plain"));
        fs::write(&plain, "").unwrap();
        savez!(&ours, x = 1).unwrap();
        assert_eq!(mode(&ours), mode(&plain));
        [1].save_npy(&ours).unwrap();
        assert_eq!(mode(&ours), mode(&plain));
    }

    #[test]
    fn a_replaced_file_passes_its_mode_on() {
        let folder = common::folder();
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
        let folder = common::folder();
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
}
