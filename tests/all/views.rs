//! Arrays where they are: `view`, `cow`, maps, and changes in place.

use std::fmt::Debug;
use std::io::Cursor;

use crate::common::{self, Aligned, Sample, data, values};
use ndarray::{Array1, Array2, ArrayD, ArrayViewD, CowArray, Ix1, Ix2, IxDyn, Order, array};
use npz::{
    Compression, Endian, ErrorKind, FixedBytes, FixedStr, NpzReader, NpzWriter, ViewElement,
    time::{Datetime64, unit},
};

fn archive(write: impl FnOnce(&mut NpzWriter<Cursor<Vec<u8>>>)) -> Vec<u8> {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    write(&mut npz);
    npz.finish().unwrap().into_inner()
}

fn no_view<T: Debug>(result: npz::Result<T>, problem: &str) {
    let error = result.expect_err(problem);
    assert!(matches!(error.kind(), ErrorKind::NoView { .. }), "{error}");
    assert!(error.to_string().contains(problem), "{error}");
}

fn views<T: Sample>(shape: &[usize]) {
    let x = values::<T>(shape);
    for order in [Order::C, Order::F] {
        let bytes = archive(|npz| {
            npz.entry("x").order(order).array(&x).unwrap();
        });
        for beyond in 0..16 {
            let npz = NpzReader::from_bytes(Aligned::new(&bytes, beyond)).unwrap();
            let is_aligned = beyond % align_of::<T>() == 0 || x.is_empty();
            match npz.view::<T, IxDyn>("x") {
                Ok(view) => {
                    assert!(is_aligned);
                    assert!(view.as_ptr().is_aligned());
                    assert_eq!(view, x);
                }
                Err(error) => {
                    assert!(!is_aligned, "{error}");
                    no_view::<()>(Err(error), "not at multiples of");
                }
            }
            let cow: CowArray<T, IxDyn> = npz.cow("x").unwrap();
            assert_eq!((cow.is_view(), &cow), (is_aligned, &x.view().into()));
        }
    }
}

#[test]
fn numbers_are_viewed_where_they_are_aligned() {
    for dtype in ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8"] {
        for shape in [&[][..], &[5], &[3, 4], &[2, 0, 3], &[2, 3, 4]] {
            with_element!(dtype, views(shape));
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Particle {
    id: u64,
    pos: [f32; 2],
}
npz::record!(Particle { id, pos });

/// Padding keeps it from being `Pod`.
#[derive(Debug, Clone, Copy, PartialEq, bytemuck::Zeroable)]
#[repr(C)]
struct Padded {
    is_on: bool,
    id: u64,
}
npz::record!(Padded { is_on, id });

#[test]
fn what_is_plain_in_memory_is_viewed() {
    fn view<T: ViewElement + Debug + PartialEq>(x: Array1<T>) {
        let bytes = archive(|npz| {
            npz.array("x", &x).unwrap();
        });
        let npz = NpzReader::from_bytes(Aligned::new(&bytes, 0)).unwrap();
        assert_eq!(npz.view::<T, Ix1>("x").unwrap(), x);
    }
    view(array![Particle { id: 1, pos: [0.5, 1.5] }, Particle { id: 2, pos: [2.5, 3.5] }]);
    view(array![Datetime64::<unit::Day>::new(5), Datetime64::NAT]);
    view(array![FixedBytes::<3>::try_from("abc").unwrap(), FixedBytes::try_from("d").unwrap()]);
    view(array![FixedStr::<3>::try_from("abç").unwrap(), FixedStr::try_from("d").unwrap()]);
    #[cfg(feature = "half")]
    view(array![half::f16::from_f32(0.5), half::f16::from_f32(1.5)]);
    // These are little-endian in every file.
    #[cfg(all(feature = "half", target_endian = "little"))]
    view(array![half::bf16::from_f32(0.5), half::bf16::from_f32(1.5)]);
    view(array![num_complex::Complex::new(0.5_f32, 1.5), num_complex::Complex::new(2.5, 3.5)]);
}

#[test]
fn what_is_not_says_why() {
    let padded = array![Padded { is_on: true, id: 7 }];
    let bytes = archive(|npz| {
        npz.array("padded", &padded).unwrap();
        npz.entry("foreign").endian(foreign()).array(&[1.0, 2.0]).unwrap();
        npz.array("short", &[FixedBytes::<2>::try_from("ab").unwrap()]).unwrap();
        npz.array("x", &[1.0, 2.0]).unwrap();
        if cfg!(feature = "deflate") {
            npz.entry("small").compression(Compression::Deflate(6)).array(&[1.0, 2.0]).unwrap();
        }
    });
    let npz = NpzReader::from_bytes(Aligned::new(&bytes, 0)).unwrap();
    let form = "take another form in memory (cow loads it)";
    no_view(npz.view::<Padded, Ix1>("padded"), form);
    let order = if foreign() == Endian::Big { '>' } else { '<' };
    let text = format!("its byte order is not this machine's (dtype {order}f8) (cow loads it)");
    no_view(npz.view::<f64, Ix1>("foreign"), &text);
    no_view(npz.view::<FixedBytes<4>, Ix1>("short"), "dtype |S2 take 4 bytes in memory");
    if cfg!(feature = "deflate") {
        no_view(npz.view::<f64, Ix1>("small"), "it is compressed (cow loads it)");
        assert_eq!(npz.cow::<f64, Ix1>("small").unwrap().to_vec(), [1.0, 2.0]);
    }
    assert_eq!(npz.cow::<Padded, Ix1>("padded").unwrap(), padded);
    assert_eq!(npz.cow::<f64, Ix1>("foreign").unwrap().to_vec(), [1.0, 2.0]);

    // These no loading mends.
    let kind = |error: npz::Error| format!("{:?}", error.kind());
    assert!(kind(npz.cow::<f32, Ix1>("x").unwrap_err()).starts_with("WrongDtype"));
    assert!(kind(npz.view::<i64, Ix1>("x").unwrap_err()).starts_with("WrongDtype"));
    assert!(kind(npz.view::<f64, Ix2>("x").unwrap_err()).starts_with("WrongNdim"));
    assert!(kind(npz.view::<f64, Ix1>("y").unwrap_err()).starts_with("NotFound"));
}

fn foreign() -> Endian {
    if Endian::NATIVE == Endian::Little { Endian::Big } else { Endian::Little }
}

#[test]
fn a_byte_that_is_no_bool_is_not_viewed() {
    let mut bytes = archive(|npz| {
        npz.array("x", &[true, false, true, false]).unwrap();
    });
    let at = bytes.windows(4).position(|four| four == [1, 0, 1, 0]).unwrap();
    bytes[at + 2] = 2;
    let npz = NpzReader::from_bytes(bytes).unwrap();
    let error = npz.view::<bool, Ix1>("x").unwrap_err();
    assert_eq!(error.to_string(), "array `x`: element 2: a bool is the byte 0 or 1, found 2");
}

/// NumPy aligns nothing: where a member starts depends on the names before it.
#[test]
fn numpys_archives_are_viewed_only_where_they_happen_to_be_aligned() {
    let bytes = std::fs::read(data("cases.npz")).unwrap();
    let npz = NpzReader::from_bytes(Aligned::new(&bytes, 0)).unwrap();
    let (mut viewed, mut refused) = (0, 0);
    let mut check = |name: &str, view: npz::Result<ArrayViewD<'_, f64>>, x: &ArrayD<f64>| match view
    {
        Ok(view) => {
            assert!(view.as_ptr().is_aligned() && view == *x, "{name}");
            viewed += 1;
        }
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::NoView { .. }), "{name}: {error}");
            refused += 1;
        }
    };
    for name in npz.names() {
        let info = npz.info(name).unwrap();
        if info.dtype().to_string().ends_with("f8") {
            let x: ArrayD<f64> = npz.get(name).unwrap();
            check(name, npz.view(name), &x);
            assert_eq!(npz.cow::<f64, IxDyn>(name).unwrap(), x.view(), "{name}");
        }
    }
    assert!(viewed > 0 && refused > viewed, "{viewed} viewed, {refused} refused");
}

#[test]
#[cfg_attr(target_family = "wasm", ignore = "WebAssembly has no threads")]
fn readers_can_be_shared_by_threads() {
    fn is_shareable<T: Send + Sync>() {}
    is_shareable::<NpzReader<std::fs::File>>();
    is_shareable::<NpzReader<Vec<u8>>>();
    is_shareable::<NpzReader<&[u8]>>();
    is_shareable::<NpzReader<Cursor<Vec<u8>>>>();

    let path = common::file().into_temp_path();
    let array = |i: usize| Array2::from_shape_fn((300, 500), |(j, k)| (i * j + k) as f64);
    let mut npz = NpzWriter::create(&path).unwrap();
    for i in 0..8 {
        npz.array(&format!("x{i}"), &array(i)).unwrap();
    }
    npz.finish().unwrap();
    let file = NpzReader::open(&path).unwrap();
    let bytes = NpzReader::from_bytes(std::fs::read(&path).unwrap()).unwrap();
    std::thread::scope(|scope| {
        for i in 0..8 {
            let (file, bytes) = (&file, &bytes);
            scope.spawn(move || {
                for _ in 0..10 {
                    assert_eq!(file.get::<Array2<f64>>(&format!("x{i}")).unwrap(), array(i));
                    assert_eq!(bytes.get::<Array2<f64>>(&format!("x{i}")).unwrap(), array(i));
                }
            });
        }
    });
}

#[cfg(feature = "mmap")]
mod maps {
    use super::*;
    use npz::NpzMapMut;
    use std::fs;
    use std::path::Path;

    fn map(path: impl AsRef<Path>) -> npz::Result<NpzReader<npz::Map>> {
        // SAFETY: these tests change no file that is mapped.
        unsafe { NpzReader::map(path) }
    }

    fn edit(path: &Path) -> npz::Result<NpzMapMut> {
        // SAFETY: nobody else knows of the file.
        unsafe { NpzMapMut::open(path) }
    }

    #[test]
    fn what_we_wrote_is_mapped() {
        fn is_shareable<T: Send + Sync>() {}
        is_shareable::<NpzReader<npz::Map>>();

        let path = common::file().into_temp_path();
        let x = Array2::from_shape_fn((300, 400), |(i, j)| (i * j) as f64);
        npz::savez!(&path, odd = [1_u8], x, xt = x.t(), flags = x.mapv(|x| x > 5.0)).unwrap();
        let npz = map(&path).unwrap();
        assert_eq!(npz.view::<f64, Ix2>("x").unwrap(), x);
        assert_eq!(npz.view::<f64, Ix2>("xt").unwrap(), x.t());
        assert!(npz.view::<f64, Ix2>("xt").unwrap().t().is_standard_layout());
        assert_eq!(npz.view::<bool, Ix2>("flags").unwrap(), x.mapv(|x| x > 5.0));
        assert!(npz.cow::<f64, Ix2>("x").unwrap().is_view());
        assert_eq!(npz.get::<Array2<f64>>("x").unwrap(), x);
        npz.verify().unwrap();
    }

    #[test]
    fn every_file_of_numpys_is_read_through_a_map_as_through_the_file() {
        for file in ["cases.npz", "stored.npz", "compressed.npz", "streamed.npz"] {
            if cfg!(not(feature = "deflate")) && file != "stored.npz" {
                continue;
            }
            let (mapped, read) = (map(data(file)).unwrap(), NpzReader::open(data(file)).unwrap());
            for name in read.names() {
                let dtype = read.info(name).unwrap().dtype().to_string();
                match dtype.trim_start_matches(['<', '>', '|']) {
                    "f8" => same::<f64>(&mapped, &read, name),
                    "i4" => same::<i32>(&mapped, &read, name),
                    "b1" => same::<bool>(&mapped, &read, name),
                    _ => {}
                }
            }
        }
        fn same<T: ViewElement + PartialEq + Debug>(
            mapped: &NpzReader<npz::Map>,
            read: &NpzReader<fs::File>,
            name: &str,
        ) {
            let x: ArrayD<T> = read.get(name).unwrap();
            assert_eq!(mapped.cow::<T, IxDyn>(name).unwrap(), x.view(), "{name}");
            assert_eq!(mapped.get::<ArrayD<T>>(name).unwrap(), x, "{name}");
        }
    }

    #[test]
    fn what_cannot_be_mapped_is_an_error() {
        let folder = common::folder();
        let error = map(folder.path()).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
        assert!(map(folder.path().join("none.npz")).is_err());
        let empty = folder.path().join("empty.npz");
        fs::write(&empty, b"").unwrap();
        assert!(map(&empty).unwrap_err().to_string().contains("empty"));
        assert!(edit(&empty).unwrap_err().to_string().contains("empty"));
        fs::write(&empty, b"neither").unwrap();
        assert!(matches!(map(&empty).unwrap_err().kind(), ErrorKind::Archive { .. }));
    }

    #[test]
    fn what_is_changed_through_a_map_is_in_the_file() {
        let source = archive(|npz| {
            npz.array("x", &[1, 2]).unwrap().array("y", &[3]).unwrap();
        });
        let path = common::file().into_temp_path();
        for is_flushed in [false, true] {
            fs::write(&path, &source).unwrap();
            let mut npz = edit(&path).unwrap();
            npz.view_mut::<i32, Ix1>("x").unwrap()[0] = 5;
            if is_flushed {
                npz.flush().unwrap();
                NpzReader::open(&path).unwrap().verify().unwrap();
            }
            drop(npz);
            let npz = NpzReader::open(&path).unwrap();
            assert_eq!(npz.get::<Vec<i32>>("x").unwrap(), [5, 2]);
            npz.verify().unwrap();
        }
    }

    #[test]
    fn until_then_the_file_calls_itself_damaged() {
        let path = common::file().into_temp_path();
        npz::savez!(&path, x = [1, 2], y = [3]).unwrap();
        let mut npz = edit(&path).unwrap();
        npz.view_mut::<i32, Ix1>("x").unwrap()[0] = 5;
        std::mem::forget(npz); // as if the process had been killed
        let npz = NpzReader::open(&path).unwrap();
        let error = npz.get::<Vec<i32>>("x").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Checksum { .. }), "{error}");
        assert_eq!(npz.get::<Vec<i32>>("y").unwrap(), [3]);
    }
}

mod in_place {
    use super::*;
    use npz::{NpyMut, NpyReader, NpzMut, WriteNpz};
    use std::cell::Cell;
    use std::fs;
    use std::rc::Rc;

    /// Changed through `change` and closed in one of three ways, the archive is sound and
    /// has the new elements, and no others.
    fn changes(name: &str, source: &[u8], change: impl Fn(&mut NpzMut<&mut Aligned>, &str)) {
        for way in 0..3 {
            let mut changed = Aligned::new(source, 0);
            let mut npz = NpzMut::from_bytes(&mut changed).unwrap();
            change(&mut npz, name);
            if way > 0 {
                npz.update().unwrap();
                npz.reader().unwrap().verify().unwrap();
            }
            if way > 1 {
                change(&mut npz, name); // once more, after an update
            }
            drop(npz);
            let changed = changed.as_ref();
            assert_eq!(changed == source, way > 1 && name == "é", "{name}"); // negated twice
            assert_eq!(changed.len(), source.len());
            NpzReader::from_bytes(changed).unwrap().verify().unwrap();
            let mut zip = zip::ZipArchive::new(Cursor::new(changed)).unwrap();
            for index in 0..zip.len() {
                std::io::copy(&mut zip.by_index(index).unwrap(), &mut std::io::sink()).unwrap();
            }
        }
    }

    #[test]
    fn changes_in_place_come_with_their_checksums() {
        let x = array![[1.5, 2.5], [3.5, 4.5]];
        let source = archive(|npz| {
            npz.array("before", &[7]).unwrap().array("x", &x).unwrap();
            npz.array("flags", &[true, false]).unwrap();
        });
        changes("x", &source, |npz, name| {
            npz.view_mut::<f64, Ix2>(name).unwrap()[[1, 0]] += 1.0;
            let npz = npz.reader().unwrap();
            assert_ne!(npz.view::<f64, Ix2>(name).unwrap(), x);
            assert_eq!(npz.get::<Vec<i32>>("before").unwrap(), [7]);
        });
        changes("flags", &source, |npz, name| {
            npz.view_mut::<bool, Ix1>(name).unwrap()[1] = true;
        });
        // Several at once.
        changes("flags", &source, |npz, name| {
            npz.view_mut::<i32, Ix1>("before").unwrap()[0] += 1;
            npz.view_mut::<f64, Ix2>("x").unwrap()[[0, 1]] += 1.0;
            npz.view_mut::<bool, Ix1>(name).unwrap()[0] ^= true;
        });
        let mut stream = NpzWriter::stream(Vec::new());
        stream.array("before", &[7]).unwrap().array("x", &x).unwrap();
        // With the checksum after the bytes.
        changes("before", &stream.finish().unwrap(), |npz, name| {
            npz.view_mut::<i32, Ix1>(name).unwrap()[0] += 1;
        });
    }

    /// Of an archive that NumPy wrote, what is aligned can be changed.
    #[test]
    fn numpys_archives_are_changed_too() {
        for file in ["stored.npz", "prefixed.npz"] {
            changes("é", &fs::read(data(file)).unwrap(), |npz, name| {
                npz.view_mut::<bool, IxDyn>(name).unwrap().mapv_inplace(|flag| !flag);
            });
        }
    }

    #[test]
    fn what_cannot_be_changed_in_place_is_refused() {
        let source = archive(|npz| {
            npz.array("x", &[1.0, 2.0]).unwrap();
            if cfg!(feature = "deflate") {
                npz.entry("small").compression(Compression::Deflate(6)).array(&[1.0]).unwrap();
            }
        });
        let mut bytes = Aligned::new(&source, 0);
        let mut npz = NpzMut::from_bytes(&mut bytes).unwrap();
        if cfg!(feature = "deflate") {
            no_view(npz.view_mut::<f64, Ix1>("small"), "it is compressed");
        }
        assert!(npz.view_mut::<f32, Ix1>("x").is_err());
        assert!(npz.view_mut::<f64, Ix2>("x").is_err());
        let error = npz.view_mut::<f64, Ix1>("z").unwrap_err().to_string();
        assert_eq!(error.split(';').next(), Some("no array `z`"));
        drop(npz);
        assert_eq!(bytes.as_ref(), source);

        // Bytes that lie where no `f64` may.
        let mut npz = NpzMut::from_bytes(Aligned::new(&source, 1)).unwrap();
        no_view(npz.view_mut::<f64, Ix1>("x"), "its elements are not at multiples of");

        // A header that disagrees with the directory on the checksum gives no place for it.
        let mut bytes = Aligned::new(&source, 0);
        bytes.as_mut()[14] ^= 1;
        let error = NpzMut::from_bytes(bytes).unwrap().view_mut::<f64, Ix1>("x").unwrap_err();
        assert!(error.to_string().contains("two headers disagree on its checksum"), "{error}");
    }

    #[test]
    fn an_npy_file_in_memory_is_changed() {
        for order in [Order::C, Order::F] {
            let x = array![[1.5, 2.5], [3.5, 4.5]];
            let x = if order == Order::C { x } else { x.reversed_axes() };
            let mut file = Vec::new();
            x.write_npy(&mut file).unwrap();
            file.extend(b"of somebody else");
            let mut bytes = Aligned::new(&file, 0);
            let mut npy = NpyMut::from_bytes(&mut bytes).unwrap();
            npy.view_mut::<f64, Ix2>().unwrap()[[1, 0]] = 9.0;
            assert!(npy.view_mut::<f32, Ix2>().is_err());
            assert!(npy.view_mut::<f64, Ix1>().is_err());
            assert_eq!(npy.reader().unwrap().info().order(), order);
            let mut expected = x.clone();
            expected[[1, 0]] = 9.0;
            let npy = NpyReader::from_bytes(bytes.as_ref()).unwrap();
            assert_eq!(npy.get::<Array2<f64>>().unwrap(), expected);
            assert!(bytes.as_ref().ends_with(b"of somebody else"));
        }
    }

    /// Bytes that are fewer from a given look at them on.
    struct Shrinking {
        bytes: Aligned,
        looks: Rc<Cell<usize>>,
    }

    impl Shrinking {
        fn len(&self) -> usize {
            let left = self.looks.get();
            self.looks.set(left.saturating_sub(1));
            if left == 0 { 100 } else { self.bytes.as_ref().len() }
        }
    }

    impl AsRef<[u8]> for Shrinking {
        fn as_ref(&self) -> &[u8] {
            &self.bytes.as_ref()[..self.len()]
        }
    }

    impl AsMut<[u8]> for Shrinking {
        fn as_mut(&mut self) -> &mut [u8] {
            let len = self.len();
            &mut self.bytes.as_mut()[..len]
        }
    }

    #[test]
    fn bytes_that_become_fewer_are_an_error() {
        let source = archive(|npz| {
            npz.array("x", &[1.0, 2.0]).unwrap();
        });
        let attempt = |looks: usize| -> npz::Result<()> {
            let looks = Rc::new(looks.into());
            let bytes = Shrinking { bytes: Aligned::new(&source, 0), looks };
            let mut npz = NpzMut::from_bytes(bytes)?;
            npz.view_mut::<f64, Ix1>("x")?[0] = 3.0;
            npz.update()
        };
        let failed = (0..30).take_while(|&looks| attempt(looks).is_err()).count();
        assert!((6..30).contains(&failed), "{failed}");

        // What could not be done can be done later.
        let looks = Rc::new(Cell::new(usize::MAX));
        let bytes = Shrinking { bytes: Aligned::new(&source, 0), looks: Rc::clone(&looks) };
        let mut npz = NpzMut::from_bytes(bytes).unwrap();
        npz.view_mut::<f64, Ix1>("x").unwrap()[0] = 3.0;
        looks.set(0);
        npz.update().unwrap_err();
        looks.set(usize::MAX);
        npz.reader().unwrap().verify().unwrap_err();
        npz.update().unwrap();
        npz.reader().unwrap().verify().unwrap();
    }

    /// Nobody vouches for what a panic has left half changed.
    #[test]
    #[cfg(panic = "unwind")]
    fn after_a_panic_the_archive_calls_itself_damaged() {
        let source = archive(|npz| {
            npz.array("x", &[1.0, 2.0]).unwrap().array("y", &[3]).unwrap();
        });
        let mut bytes = Aligned::new(&source, 0);
        let change = std::panic::AssertUnwindSafe(|| {
            let mut npz = NpzMut::from_bytes(&mut bytes).unwrap();
            npz.view_mut::<f64, Ix1>("x").unwrap()[0] = 10.0;
            std::panic::resume_unwind(Box::new("half of it"));
        });
        std::panic::catch_unwind(change).unwrap_err();
        let npz = NpzReader::from_bytes(bytes.as_ref()).unwrap();
        let error = npz.get::<Vec<f64>>("x").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Checksum { .. }), "{error}");
        assert_eq!(npz.get::<Vec<i32>>("y").unwrap(), [3]);
    }
}
