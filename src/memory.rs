//! Memory that the system hands out in large pages: filling it costs a third of the time.

/// Asks for huge pages, 2 MiB each, for the whole ones in `bytes`, which should not have
/// been touched yet. NumPy does so, too. A system that has none is asked for nothing.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
pub(crate) fn prefer_huge_pages(bytes: &mut [u8]) {
    const HUGE: usize = 2 << 20;
    if bytes.len() < 2 * HUGE {
        return;
    }
    let skip = bytes.as_ptr().align_offset(HUGE).min(bytes.len());
    let whole = &mut bytes[skip..];
    let len = whole.len() / HUGE * HUGE;
    // SAFETY: the range lies within `bytes`, which is borrowed mutably, and advice on the
    // size of pages changes nothing that is in them.
    let advised = unsafe {
        rustix::mm::madvise(whole.as_mut_ptr().cast(), len, rustix::mm::Advice::LinuxHugepage)
    };
    // Without huge pages it is only slower.
    let _ = advised;
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn prefer_huge_pages(_: &mut [u8]) {}
