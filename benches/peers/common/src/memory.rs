//! How much memory a piece of work takes at its peak, as Linux counts it.

use std::fs;

use crate::Result;

/// Does `work`; returns its result, and by how much the process's resident memory was, at
/// its peak, greater than before.
pub fn peak<R>(work: impl FnOnce() -> Result<R>) -> Result<(R, u64)> {
    // 5 sets the peak to what is resident now.
    fs::write("/proc/self/clear_refs", "5")?;
    let before = status("VmRSS:")?;
    let result = work()?;
    Ok((result, status("VmHWM:")?.saturating_sub(before)))
}

/// A line of the process's status, in bytes.
fn status(key: &str) -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let value = status.lines().find_map(|line| line.strip_prefix(key));
    let kib = value.and_then(|value| value.trim().strip_suffix(" kB"));
    Ok(kib.ok_or_else(|| format!("no `{key}` in the process's status"))?.parse::<u64>()? * 1024)
}
