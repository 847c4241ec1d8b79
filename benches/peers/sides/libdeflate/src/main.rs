//! What one thread can do: libdeflate inflates and deflates the array in one go. It follows a layout
//! for as much as NumPy needs to read what is written, and checks no more than libdeflate does.

use std::fs;
use std::marker::PhantomData;
use std::path::Path;

use common::{Arrays, Cut, Element, Many, Result, Serves, Source, Text, bytes_of, serve};
use libdeflater::{CompressionLvl, Compressor, Decompressor, crc32};

struct Libdeflate;

/// The level that the others deflate at.
const LEVEL: i32 = 6;

const NAME: &[u8] = b"x.npy";

impl<T: Element> Arrays<T> for Libdeflate {
    fn save(path: &Path, source: &Source<'_, T>, deflated: bool) -> Result<()> {
        if !deflated || source.cut != Cut::Whole {
            return Err("it deflates whole arrays".into());
        }
        let [n0, n1, n2] = source.shape;
        let dict = format!(
            "{{'descr': '{}', 'fortran_order': False, 'shape': ({n0}, {n1}, {n2}), }}",
            T::CODE
        );
        let mut npy = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
        npy.extend(format!("{dict:117}\n").bytes());
        npy.extend(bytes_of(source.data));

        let level = CompressionLvl::new(LEVEL).map_err(|_| "it has no such level")?;
        let mut compressor = Compressor::new(level);
        let mut deflated = vec![0; compressor.deflate_compress_bound(npy.len())];
        let len = compressor.deflate_compress(&npy, &mut deflated)?;
        deflated.truncate(len);
        Ok(fs::write(path, archive(&npy, &deflated))?)
    }

    fn load(path: &Path) -> Result<impl AsRef<[T]>> {
        let file = fs::read(path)?;
        let two = |at: usize| usize::from(u16::from_le_bytes([file[at], file[at + 1]]));
        let eight = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().expect("eight"));
        // As NumPy writes it: the sizes are in the first extra field, that of zip64.
        let extra = 30 + two(26);
        let (size, compressed) = (eight(extra + 4) as usize, eight(extra + 12) as usize);
        let start = extra + two(28);
        let mut npy = vec![0; size];
        Decompressor::new().deflate_decompress(&file[start..start + compressed], &mut npy)?;
        if crc32(&npy).to_le_bytes() != file[14..18] {
            return Err("the checksum is another".into());
        }
        let header = 10 + usize::from(u16::from_le_bytes([npy[8], npy[9]]));
        Ok(Body { npy, header, element: PhantomData })
    }
}

impl Many for Libdeflate {}

impl Text for Libdeflate {}

/// An `.npy` file whose body is of elements.
struct Body<T> {
    npy: Vec<u8>,
    header: usize,
    element: PhantomData<T>,
}

impl<T: Element> AsRef<[T]> for Body<T> {
    fn as_ref(&self) -> &[T] {
        // SAFETY: they are elements that NumPy, or this side, has written.
        let (before, items, _) = unsafe { self.npy[self.header..].align_to() };
        assert!(before.is_empty(), "large allocations, and NumPy's headers, are aligned");
        items
    }
}

/// An archive of one member, deflated.
fn archive(npy: &[u8], deflated: &[u8]) -> Vec<u8> {
    // Version, flags, method, time and date, checksum, sizes, and the lengths of the name and of nothing.
    let mut about = vec![20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0];
    about.extend(crc32(npy).to_le_bytes());
    about.extend((deflated.len() as u32).to_le_bytes());
    about.extend((npy.len() as u32).to_le_bytes());
    about.extend([NAME.len() as u8, 0, 0, 0]);
    let mut file = [b"PK\x03\x04", &about[..], NAME, deflated].concat();
    let directory = file.len() as u32;
    file.extend([b"PK\x01\x02\x14\x00", &about[..], &[0; 14], NAME].concat());
    let size = file.len() as u32 - directory;
    file.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    file.extend([size.to_le_bytes(), directory.to_le_bytes()].concat());
    file.extend([0, 0]);
    file
}

impl Serves for Libdeflate {}

fn main() -> Result<()> {
    serve::<Libdeflate>()
}
