//! Who may read a file: what a file that replaces another takes over from it.

use std::fs::{File, Permissions};
use std::io;

/// The permissions that `File::create` asks for, which the umask reduces. tempfile's own choice is
/// for the owner alone.
pub(super) fn of_new_files() -> Option<Permissions> {
    #[cfg(unix)]
    return Some(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    #[cfg(not(unix))]
    return None;
}

/// Gives `new` the owner, the group and the permissions of `old`, and on Linux its access control
/// list and its attributes of users. What cannot be taken over never lets anybody read or write who
/// could not before.
#[cfg(unix)]
pub(super) fn copy(old: &File, new: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};

    let (was, is) = (old.metadata()?, new.metadata()?);
    let mut mode = was.mode() & 0o7777;
    // The owner first, because a change of owner takes some of the permissions away.
    let has_owner = was.uid() == is.uid() || fchown(new, Some(was.uid()), None).is_ok();
    let has_group = was.gid() == is.gid() || fchown(new, None, Some(was.gid())).is_ok();
    if !has_owner {
        mode &= 0o1777;
    }
    if !has_group {
        // What the group might do another one may not, and the old one's members are others now.
        mode = mode & 0o1700 | mode & (mode >> 3) & 0o007;
    }
    new.set_permissions(Permissions::from_mode(mode))?;
    #[cfg(target_os = "linux")]
    if has_group {
        copy_extended(old, new);
    }
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn copy(old: &File, new: &File) -> io::Result<()> {
    new.set_permissions(old.metadata()?.permissions())
}

/// Copies the access control list, and the attributes that users have given names like
/// `user.note`. Not every file system has them.
#[cfg(target_os = "linux")]
fn copy_extended(old: &File, new: &File) {
    use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr};

    /// Longer than the kernel lets a list of names, or a value, be.
    const MOST: usize = 64 << 10;
    let mut names = vec![0; MOST];
    let Ok(len) = flistxattr(old, &mut names[..]) else { return };
    names.truncate(len);
    for name in names.split(|&byte| byte == 0) {
        if name.starts_with(b"user.") || name == b"system.posix_acl_access" {
            let mut value = vec![0; MOST];
            let copied = fgetxattr(old, name, &mut value[..]).and_then(|len| {
                value.truncate(len);
                fsetxattr(new, name, &value, XattrFlags::empty())
            });
            // A file system that has them for reading has them for writing, or is full.
            let _ = copied;
        }
    }
}
