//! Who may read a file: what a file that replaces another takes over from it.

use std::fs::{File, OpenOptions};
use std::io;

/// How a new file is created: one that only its owner may read, or one with the permissions that
/// `File::create` asks for, which the umask reduces.
pub(super) fn of_new_file(is_private: bool) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if is_private { 0o600 } else { 0o666 });
    #[cfg(not(unix))]
    let _ = is_private;
    options
}

/// Gives `new` the owner, the group and the permissions of `old`, and on Linux its access control
/// list and its attributes of users. If something cannot be taken over, nobody may read or write who
/// could not before.
#[cfg(unix)]
pub(super) fn copy(old: &File, new: &File) -> io::Result<()> {
    use std::fs::Permissions;
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
    if !extended::copy(old, new, has_group) {
        // What looks like the rights of the group is the most that anybody in the list had.
        new.set_permissions(Permissions::from_mode(mode & !0o070))?;
    }
    Ok(())
}

/// WebAssembly has no permissions.
#[cfg(not(unix))]
pub(super) fn copy(old: &File, new: &File) -> io::Result<()> {
    if cfg!(windows) { new.set_permissions(old.metadata()?.permissions()) } else { Ok(()) }
}

#[cfg(target_os = "linux")]
mod extended {
    use std::fs::File;

    use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fremovexattr, fsetxattr};

    const ACCESS_LIST: &str = "system.posix_acl_access";

    /// Copies the access control list, if it is to be copied, and the attributes that users have
    /// given names like `user.note`. Returns whether `new` has the list that `old` has; not every
    /// file system has any.
    pub(super) fn copy(old: &File, new: &File, with_list: bool) -> bool {
        /// Longer than the kernel lets a list of names, or a value, be.
        const MOST: usize = 64 << 10;
        // A folder can give its new files a list of their own.
        let _ = fremovexattr(new, ACCESS_LIST);
        let mut names = vec![0; MOST];
        let Ok(len) = flistxattr(old, &mut names[..]) else { return true };
        names.truncate(len);
        let mut has_list = true;
        for name in names.split(|&byte| byte == 0) {
            let is_list = name == ACCESS_LIST.as_bytes();
            if !name.starts_with(b"user.") && !is_list {
                continue;
            }
            let mut value = vec![0; MOST];
            let copied = fgetxattr(old, name, &mut value[..]).and_then(|len| {
                value.truncate(len);
                if is_list && !with_list {
                    return Err(rustix::io::Errno::PERM);
                }
                fsetxattr(new, name, &value, XattrFlags::empty())
            });
            has_list &= !is_list || copied.is_ok();
        }
        has_list
    }
}
