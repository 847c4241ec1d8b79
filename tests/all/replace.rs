//! What becomes of files that are replaced, of their attributes, and of targets that cannot be
//! files.
#![cfg(unix)]

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use crate::common::{self, not_tested};
use npz::{ErrorKind, NpzReader, NpzWriter, ReadNpz, WriteNpz, savez};

fn names(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| name(entry).into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_new_file_takes_over_who_may_read_the_old_one() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    let mode = || fs::metadata(&path).unwrap().mode() & 0o7777;
    savez!(&path, x = 1).unwrap();
    for wanted in [0o600, 0o640, 0o664, 0o604, 0o777] {
        fs::set_permissions(&path, fs::Permissions::from_mode(wanted)).unwrap();
        savez!(&path, x = 2).unwrap();
        assert_eq!(mode(), wanted);
    }
    if std::os::unix::fs::chown(&path, Some(1234), Some(4321)).is_ok() {
        fs::set_permissions(&path, fs::Permissions::from_mode(0o2640)).unwrap();
        1.5.save_npz(&path, "x").unwrap();
        let found = fs::metadata(&path).unwrap();
        assert_eq!((found.uid(), found.gid(), mode()), (1234, 4321, 0o2640));
    } else {
        not_tested("owners: that takes root");
    }
}

/// An access control list as the kernel takes it: the owner, user 1000 and the most that anybody but
/// the owner may read and write, the group reads, others do nothing.
#[cfg(target_os = "linux")]
fn access_list() -> Vec<u8> {
    let entry = |tag: u16, may: u16, id: u32| {
        [&tag.to_le_bytes()[..], &may.to_le_bytes(), &id.to_le_bytes()].concat()
    };
    let none = u32::MAX;
    let entries = [(1, 6, none), (2, 6, 1000), (4, 4, none), (0x10, 6, none), (0x20, 0, none)];
    let entries = entries.map(|(tag, may, id)| entry(tag, may, id)).concat();
    [&2_u32.to_le_bytes()[..], &entries].concat()
}

#[test]
#[cfg(target_os = "linux")]
fn the_list_of_a_folder_gives_nobody_more_rights_than_the_old_file_gave() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    savez!(&path, x = 1).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let default = "system.posix_acl_default";
    if let Err(error) = setxattr(folder.path(), default, &access_list(), XattrFlags::empty()) {
        not_tested(&format!("{default}: {error}"));
        return;
    }
    savez!(&path, x = 2).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o640);
    let list = getxattr(&path, "system.posix_acl_access", &mut [0_u8; 1000][..]);
    assert_eq!(list, Err(rustix::io::Errno::NODATA));
}

#[test]
#[cfg(target_os = "linux")]
fn access_control_lists_and_attributes_of_users_stay() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    savez!(&path, x = 1).unwrap();
    let list = access_list();
    let wanted = [("system.posix_acl_access", &list[..]), ("user.note", b"sampled at 10 Hz")];
    for (name, value) in wanted {
        if let Err(error) = setxattr(&path, name, value, XattrFlags::empty()) {
            not_tested(&format!("{name}: {error}"));
            return;
        }
    }
    savez!(&path, x = 2).unwrap();
    for (name, value) in wanted {
        let mut found = vec![0; 1000];
        let len = getxattr(&path, name, &mut found[..]).unwrap();
        assert_eq!(found[..len], *value, "{name}");
    }
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o660);
}

#[test]
fn what_cannot_become_a_file_is_refused_at_once() {
    let folder = common::folder();
    let open = File::create(folder.path().join("open.npz")).unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    std::os::unix::fs::symlink(
        format!("/proc/self/fd/{}", open.as_raw_fd()),
        folder.path().join("link"),
    )
    .unwrap();
    let refuse = |path: &Path, expected: &str| {
        let error = format!("{:?}", NpzWriter::create(path).unwrap_err());
        assert!(error.contains(expected), "{}: {error}", path.display());
    };
    refuse(&folder.path().join("new.npz/"), "it does not name a file");
    refuse(&folder.path().join("folder"), "is not a regular file");
    refuse(&folder.path().join(".."), "it does not name a file");
    if cfg!(target_os = "linux") {
        let descriptor = format!("/dev/fd/{}", open.as_raw_fd());
        refuse(Path::new(&descriptor), "pass the open file to NpzWriter::new");
        refuse(&folder.path().join("link"), "pass the open file to NpzWriter::new");
    }
    assert_eq!(names(folder.path()), ["folder", "link", "open.npz"]);
}

#[test]
fn a_complete_file_is_kept_when_it_cannot_get_its_name() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    for sync in [false, true] {
        let mut npz = NpzWriter::create(&path).unwrap().sync(sync);
        npz.array("x", &[1, 2]).unwrap();
        fs::create_dir(&path).unwrap();
        let error = npz.finish().unwrap_err();
        assert_eq!(error.path(), Some(&*path));
        fs::remove_dir(&path).unwrap();
        let [kept] = &names(folder.path())[..] else { panic!("it was lost") };
        let kept = folder.path().join(kept);
        assert!(error.to_string().contains(&*kept.to_string_lossy()), "{error}");
        assert_eq!(Vec::<i32>::load_npz(&kept, "x").unwrap(), [1, 2]);
        fs::remove_file(&kept).unwrap();
    }
}

#[test]
fn an_archive_that_changes_while_it_is_appended_to_is_not_replaced() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    let append = |name: &str| {
        let mut npz = NpzWriter::append(&path).unwrap();
        npz.array(name, &[1, 2]).unwrap();
        npz
    };
    let changed = |npz: NpzWriter<File>, expected: &str| {
        let before = fs::read(&path).ok();
        let error = npz.finish().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Changed { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(fs::read(&path).ok(), before);
        // What was added is not lost.
        let names = names(folder.path());
        let kept = names.iter().find(|name| name.ends_with(".tmp")).expect("the new file");
        assert!(error.to_string().contains(kept), "{error}");
        let kept = folder.path().join(kept);
        assert!(NpzReader::open(&kept).unwrap().contains("second"));
        fs::remove_file(kept).unwrap();
    };
    // Nothing was there, and another program has created it.
    let (first, second) = (append("first"), append("second"));
    first.finish().unwrap();
    changed(second, "has created the file");
    // Both have opened the same archive.
    let (first, second) = (append("third"), append("second"));
    first.finish().unwrap();
    changed(second, "has changed or replaced the file");
    let second = append("second");
    fs::remove_file(&path).unwrap();
    changed(second, "has removed or renamed the file");
    // A new archive replaces whatever is there.
    savez!(&path, x = 1).unwrap();
    let mut npz = NpzWriter::create(&path).unwrap();
    savez!(&path, y = 1).unwrap();
    npz.array("z", &1).unwrap();
    npz.finish().unwrap();
    assert_eq!(NpzReader::open(&path).unwrap().names().collect::<Vec<_>>(), ["z"]);
}

#[test]
#[cfg(feature = "mmap")]
fn changes_to_a_file_that_was_replaced_are_an_error() {
    use ndarray::Ix1;
    use npz::{NpyMapMut, NpzMapMut};
    let folder = common::folder();
    let [npz, npy] = ["x.npz", "x.npy"].map(|name| folder.path().join(name));
    savez!(&npz, x = [1.0]).unwrap();
    [1.0].save_npy(&npy).unwrap();
    // SAFETY: nobody changes these files; they are replaced.
    let (mut in_npz, mut in_npy) =
        unsafe { (NpzMapMut::open(&npz).unwrap(), NpyMapMut::open(&npy).unwrap()) };
    in_npz.view_mut::<f64, Ix1>("x").unwrap()[0] = 2.0;
    in_npy.view_mut::<f64, Ix1>().unwrap()[0] = 2.0;
    in_npz.flush().unwrap();
    in_npy.flush().unwrap();
    savez!(&npz, x = [3.0]).unwrap();
    fs::remove_file(&npy).unwrap();
    in_npz.view_mut::<f64, Ix1>("x").unwrap()[0] = 4.0;
    in_npy.view_mut::<f64, Ix1>().unwrap()[0] = 4.0;
    for error in [in_npz.flush().unwrap_err(), in_npy.flush().unwrap_err()] {
        assert!(matches!(error.kind(), ErrorKind::Changed { .. }), "{error}");
        assert!(error.to_string().contains("has replaced or removed the file"), "{error}");
    }
    drop(in_npz);
    assert_eq!(Vec::<f64>::load_npz(&npz, "x").unwrap(), [3.0]);
}

/// Nothing of an unfinished file is in its folder, which can be removed.
#[test]
#[cfg(target_os = "linux")]
fn a_complete_file_is_kept_elsewhere_if_its_folder_is_gone() {
    let outer = common::folder();
    let folder = outer.path().join("folder");
    fs::create_dir(&folder).unwrap();
    let mut npz = NpzWriter::create(folder.join("x.npz")).unwrap();
    npz.array("x", &[1, 2]).unwrap();
    if let Err(error) = fs::remove_dir(&folder) {
        not_tested(&format!("files without a name: {error}"));
        return;
    }
    let error = npz.finish().unwrap_err().to_string();
    let kept = error.split('`').find(|part| part.ends_with(".tmp")).expect(&error);
    assert_eq!(Vec::<i32>::load_npz(kept, "x").unwrap(), [1, 2]);
    fs::remove_file(kept).unwrap();
}

/// Whoever holds a lock on the archive while it is appended to is not waited for.
#[test]
#[cfg(target_os = "linux")]
fn a_lock_of_the_callers_does_not_block() {
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    savez!(&path, x = 1).unwrap();
    let locked = File::open(&path).unwrap();
    rustix::fs::flock(&locked, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let mut npz = NpzWriter::append(&path).unwrap();
    npz.array("y", &2).unwrap();
    npz.finish().unwrap();
    assert_eq!(NpzReader::open(&path).unwrap().len(), 2);
}
