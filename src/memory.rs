//! Memory for what is read: zeroed without waste, and of large pages, which take a third of
//! the time to fill.

use std::convert::Infallible;
use std::mem::MaybeUninit;
use std::slice;

use bytemuck::Pod;

use crate::parallel;

/// What Linux calls a huge page.
const HUGE: usize = 2 << 20;

/// The most bytes for which glibc hands out memory that it has had before, and zeroes it on
/// one thread. For more it asks the system, as other allocators do.
const MOST_REUSED: usize = 32 << 20;

/// `len` values that are zeros, or `None` if there is no memory for them.
#[allow(unsafe_code)]
pub(crate) fn zeroed<T: Pod + Send>(len: usize) -> Option<Vec<T>> {
    let size = len.checked_mul(size_of::<T>())?;
    if !(2 * HUGE..=MOST_REUSED).contains(&size) {
        let mut values = bytemuck::allocation::try_zeroed_vec(len).ok()?;
        prefer_huge_pages(&mut values);
        return Some(values);
    }
    let mut values = Vec::<T>::new();
    values.try_reserve_exact(len).ok()?;
    prefer_huge_pages(&mut values);
    let start = values.as_mut_ptr().cast::<MaybeUninit<u8>>();
    // SAFETY: `len` values have been allocated, and uninitialized bytes are what they are.
    fill_with_zeros(unsafe { slice::from_raw_parts_mut(start, size) });
    // SAFETY: the first `len` values have just been set to zeros, which any `Pod` may be.
    unsafe { values.set_len(len) };
    Some(values)
}

fn fill_with_zeros(bytes: &mut [MaybeUninit<u8>]) {
    let Ok(_) = parallel::for_parts(bytes, HUGE, |part, _| {
        part.fill(MaybeUninit::new(0));
        Ok::<_, Infallible>(())
    });
}

/// Asks for huge pages for the whole ones in the memory of `values`, which should not have
/// been touched yet. NumPy does so, too. A system that has none is asked for nothing.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
#[expect(clippy::arithmetic_side_effects, reason = "what is skipped is less than the size")]
fn prefer_huge_pages<T: Pod>(values: &mut Vec<T>) {
    let size = values.capacity().saturating_mul(size_of::<T>());
    let start = values.as_mut_ptr().cast::<u8>();
    let skip = start.align_offset(HUGE);
    if size < 2 * HUGE || skip >= size {
        return;
    }
    // SAFETY: the range lies within what is allocated for `values`, which is borrowed mutably,
    // and advice on the size of pages changes nothing that is in them.
    let advised = unsafe {
        let len = (size - skip) / HUGE * HUGE;
        rustix::mm::madvise(start.add(skip).cast(), len, rustix::mm::Advice::LinuxHugepage)
    };
    // Without huge pages it is only slower.
    let _ = advised;
}

#[cfg(not(target_os = "linux"))]
fn prefer_huge_pages<T: Pod>(_: &mut Vec<T>) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_it_is_zero() {
        fn check<T: Pod + Send + PartialEq>(len: usize) {
            // What was there before is not.
            drop(vec![0xff_u8; len * size_of::<T>()]);
            let values = zeroed::<T>(len).unwrap();
            assert!(values.len() == len && values.iter().all(|value| *value == T::zeroed()));
        }
        for size in [0, 1, 2 * HUGE - 1, 2 * HUGE, 5 * HUGE + 3, MOST_REUSED, MOST_REUSED + 1] {
            check::<u8>(size);
            check::<u64>(size / 8);
            check::<[u8; 3]>(size / 3);
            check::<[u64; 4096]>(size / size_of::<[u64; 4096]>());
        }
        assert!(zeroed::<u64>(usize::MAX / 4).is_none());
        assert!(zeroed::<u64>(usize::MAX / 9).is_none());
    }
}
