//! Writing into a file whose blocks are allocated first; reading on two threads into huge
//! pages.

use std::ffi::c_void;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::ptr::null_mut;
use std::{io, io::Write, slice, thread};

use common::{Arrays, Cut, Element, Many, Result, Serves, Source, Text, bytes_of};
use rustix::fs::{FallocateFlags, fallocate};
use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous, munmap};

pub struct Plain;

/// What one call reads or writes; caches hold it.
const CHUNK: usize = 1 << 20;
const HUGE_PAGE: usize = 2 << 20;

impl<T: Element> Arrays<T> for Plain {
    fn save(path: &Path, source: &Source<'_, T>, deflated: bool) -> Result<()> {
        if deflated || source.cut != Cut::Whole {
            return Err("it writes bytes as they are".into());
        }
        let bytes = bytes_of(source.data);
        let mut file = File::create(path)?;
        fallocate(&file, FallocateFlags::empty(), 0, bytes.len() as u64)?;
        for chunk in bytes.chunks(CHUNK) {
            file.write_all(chunk)?;
        }
        Ok(())
    }

    fn load(path: &Path) -> Result<impl AsRef<[T]>> {
        let file = File::open(path)?;
        let (start, len) = body(&file)?;
        let mut pages = Pages::new(len)?;
        let (left, right) = pages.bytes().split_at_mut(len / 2);
        thread::scope(|scope| {
            let left = scope.spawn(|| read(&file, left, start));
            read(&file, right, start + (len / 2) as u64)?;
            left.join().expect("reading does not panic")
        })?;
        Ok(Typed { pages, items: len / size_of::<T>(), element: std::marker::PhantomData })
    }
}

impl Many for Plain {}

impl Text for Plain {}

impl Serves for Plain {}

fn read(file: &File, bytes: &mut [u8], mut at: u64) -> io::Result<()> {
    for chunk in bytes.chunks_mut(CHUNK) {
        file.read_exact_at(chunk, at)?;
        at += chunk.len() as u64;
    }
    Ok(())
}

/// Where the body of the first array of an archive starts, and its length, as the headers
/// of NumPy's archives have it: the zip's (of 30 bytes, the name, and extra fields, of
/// which zip64's comes first) and the `.npy`'s.
fn body(file: &File) -> Result<(u64, usize)> {
    let mut head = [0; 512];
    file.read_exact_at(&mut head, 0)?;
    let two = |at: usize| usize::from(u16::from_le_bytes([head[at], head[at + 1]]));
    let extra = 30 + two(26);
    let npy = extra + two(28);
    let start = npy + 10 + two(npy + 8);
    let size = u64::from_le_bytes(head[extra + 4..extra + 12].try_into()?);
    Ok((start as u64, size as usize - (start - npy)))
}

/// Fresh memory that may be made of huge pages.
struct Pages {
    map: *mut c_void,
    mapped: usize,
    len: usize,
}

impl Pages {
    fn new(len: usize) -> Result<Self> {
        let mapped = len.next_multiple_of(HUGE_PAGE) + HUGE_PAGE;
        // SAFETY: a new mapping, at an address of the system's choice.
        let map = unsafe {
            mmap_anonymous(
                null_mut(),
                mapped,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::PRIVATE,
            )
        }?;
        // SAFETY: all of it was just mapped.
        unsafe { madvise(map, mapped, Advice::LinuxHugepage) }?;
        Ok(Self { map, mapped, len })
    }

    /// From a multiple of the size of a huge page.
    fn start(&self) -> *mut u8 {
        let map = self.map.cast::<u8>();
        map.wrapping_add(map.align_offset(HUGE_PAGE))
    }

    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: `new` mapped a huge page more than `len`, all zero at first.
        unsafe { slice::from_raw_parts_mut(self.start(), self.len) }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: `new` mapped it, and the references into it are gone.
        let unmapped = unsafe { munmap(self.map, self.mapped) };
        debug_assert!(unmapped.is_ok());
    }
}

/// Pages read as elements.
struct Typed<T> {
    pages: Pages,
    items: usize,
    element: std::marker::PhantomData<T>,
}

impl<T: Element> AsRef<[T]> for Typed<T> {
    fn as_ref(&self) -> &[T] {
        // SAFETY: it is aligned, `items` of them fit, and they are elements that NumPy wrote.
        unsafe { slice::from_raw_parts(self.pages.start().cast(), self.items) }
    }
}
