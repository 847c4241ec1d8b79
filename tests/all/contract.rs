//! The names that DESIGN.md fixes, used as its contract uses them.
#![cfg(all(feature = "deflate", feature = "mmap"))]

use std::collections::BTreeMap;
use std::fs::File;

use crate::common::{self, native};
use ndarray::{Array1, Array2, ArrayView2, CowArray, Ix1, Ix2, Order, ShapeBuilder, array, s};
use npz::npy::{Incoming, Outgoing};
use npz::{
    AnyArray, Compression, Endian, FromNpy, Limits, NpyMapMut, NpyReader, NpzMapMut, NpzReader,
    NpzWriter, Raw, ReadNpz, ToNpy, WriteNpz, savez, savez_compressed,
};

fn x() -> Array2<f64> {
    Array2::from_shape_fn((20, 3), |(i, j)| (10 * i + j) as f64)
}

#[test]
fn one_call() -> npz::Result<()> {
    let folder = common::folder();
    let [npz, npy] = ["x.npz", "x.npy"].map(|name| folder.path().join(name));
    let (x, labels) = (x(), vec![1_u8, 2]);
    x.save_npz(&npz, "x")?;
    assert_eq!(Array2::<f64>::load_npz(&npz, "x")?, x);
    x.save_npy(&npy)?;
    assert_eq!(Array2::<f64>::load_npy(&npy)?, x);
    let mut w = Vec::new();
    x.write_npy(&mut w)?;
    let mut r = &w[..];
    assert_eq!(Array2::<f64>::read_npy(&mut r)?, x);
    savez!(&npz, x, y = labels)?;
    savez_compressed!(&npz, x, y = labels)?;
    npz::save(&npz, |npz| {
        npz.array("x", &x)?;
        Ok(())
    })?;
    assert_eq!(NpzReader::open(&npz)?.len(), 1);
    Ok(())
}

/// Takes any writer of files, whatever its options.
fn add(npz: &mut NpzWriter<File>, x: &Array2<f64>) -> npz::Result<()> {
    npz.array("added", x).map(drop)
}

#[test]
fn the_writer() -> npz::Result<()> {
    let folder = common::folder();
    let path = folder.path().join("run.npz");
    let (w, b, c) = (x(), array![0.5_f32], [1, 2]);
    savez!(&path, old = 1)?;
    let (sender, progress) = std::sync::mpsc::channel();
    let mut npz = NpzWriter::append(&path)?
        .compression(Compression::Deflate(6))
        .order(Order::F)
        .endian(Endian::Little)
        .sync(true)
        .progress(move |p| sender.send(p.bytes_done).unwrap());
    npz.array("weights", &w)?.array("bias", &b)?;
    npz.push(&c)?;
    npz.entry("grid").order(Order::C).compression(Compression::Stored).array(&w)?;
    npz.entry("kept").order(None).array(&w)?;
    npz.entry("notes.txt").compression(Compression::Stored).bytes(b"abc")?;
    npz.arrays(&BTreeMap::from([("map", vec![1.0])]))?;
    npz.arrays([("x", &w as &dyn ToNpy), ("n", &3)])?;
    npz.bytes("README.txt", b"...")?;
    w.write_npz(&mut npz, "again")?;
    add(&mut npz, &w)?;
    npz.rename("old", "older")?.remove("older")?;
    assert!(npz.to_string().contains("run.npz\" with 12 members"), "{npz}");
    npz.finish()?;
    assert!(progress.iter().count() >= 12);

    let npz = NpzReader::open(&path)?;
    let orders = ["weights", "grid", "kept"].map(|name| npz.info(name).unwrap().order());
    assert_eq!(orders, [Order::F, Order::C, Order::C]);
    assert_eq!((npz.get::<i32>("n")?, npz.get::<Array2<f64>>("x")?), (3, w));
    Ok(())
}

#[test]
fn the_reader() -> npz::Result<()> {
    let folder = common::folder();
    let path = folder.path().join("run.npz");
    savez!(&path, weights = x(), n = 7)?;
    let npz = NpzReader::open(&path)?.with_limits(Limits::STRICT.max_array_bytes(1 << 20))?;
    assert!(npz.len() == 2 && !npz.is_empty() && npz.contains("weights"));
    assert_eq!((npz.names().count(), npz.other_members().count()), (2, 0));
    assert!(npz.iter().all(|(name, info)| info.unwrap() == npz.info(name).unwrap()));
    let info = npz.info("weights")?;
    assert_eq!((info.shape(), info.order(), info.nbytes()), (&[20, 3][..], Order::C, 480));
    let w: Array2<f64> = npz.get("weights")?;
    let single: Array2<f32> = npz.get_cast("weights")?;
    let part = npz.get_slice::<Array2<f64>>("weights", s![10..20, ..])?;
    let mut buffer = Array2::zeros((20, 3));
    npz.read_into("weights", &mut buffer)?;
    assert_eq!(
        (&buffer, part, single),
        (&w, w.slice(s![10..20, ..]).to_owned(), w.mapv(|x| x as f32))
    );
    assert_eq!(npz.get_all()?.len(), 2);
    assert!(npz.bytes("weights.npy")?.starts_with(b"\x93NUMPY"));
    npz.verify()?;
    let _: &File = npz.get_ref().unwrap();
    let _: File = npz.into_inner();
    Ok(())
}

#[test]
fn a_npy_file_can_all_that_an_array_in_an_archive_can() -> npz::Result<()> {
    let folder = common::folder();
    let path = folder.path().join("x.npy");
    for order in [Order::C, Order::F] {
        let mut x = Array2::zeros((20, 3).set_f(order == Order::F));
        x.assign(&self::x());
        x.save_npy(&path)?;
        let bytes = std::fs::read(&path).unwrap();
        fn check<R>(npy: &NpyReader<R>, x: &Array2<f64>, order: Order) -> npz::Result<()> {
            let info = npy.info();
            assert_eq!((info.dtype().to_string(), info.shape()), (native("<f8"), x.shape()));
            assert_eq!((info.order(), info.nbytes(), info.is_compressed()), (order, 480, false));
            assert_eq!(info.compressed_size(), 128 + 480);
            assert_eq!(&npy.get::<Array2<f64>>()?, x);
            assert_eq!(npy.get_cast::<Array2<f32>>()?, x.mapv(|x| x as f32));
            assert_eq!(npy.get_slice::<Array2<f64>>(s![..5, ..])?, x.slice(s![..5, ..]));
            assert_eq!(npy.get_slice::<Array1<f64>>(s![..;-7, 1])?, x.slice(s![..;-7, 1]));
            let mut buffer = Array2::<f64>::zeros((20, 3));
            npy.read_into(&mut buffer)?;
            assert_eq!(&buffer, x);
            assert!(npy.get::<Array1<f64>>().is_err() && npy.get::<Array2<i64>>().is_err());
            assert!(npy.get_slice::<Array2<f64>>(s![..21, ..]).is_err());
            Ok(())
        }
        check(&NpyReader::open(&path)?, &x, order)?;
        check(&NpyReader::from_read_at(bytes.clone())?, &x, order)?;
        check(&NpyReader::new(std::io::Cursor::new(&bytes))?, &x, order)?;
        check(&NpyReader::from_bytes(&bytes)?.with_limits(Limits::STRICT)?, &x, order)?;
        // SAFETY: nobody else has to do with the file.
        let npy = unsafe { NpyReader::map(&path)? };
        check(&npy, &x, order)?;
        let view: ArrayView2<f64> = npy.view()?;
        assert_eq!(view, x);
        let cow: CowArray<f64, Ix2> = npy.cow()?;
        assert!(cow.is_view() && cow == x);
        drop(npy);

        // SAFETY: nobody else has to do with the file.
        let mut npy = unsafe { NpyMapMut::open(&path)? };
        npy.view_mut::<f64, Ix2>()?[[1, 2]] = 0.5;
        npy.flush()?;
        assert_eq!(npy.reader()?.get::<Array2<f64>>()?[[1, 2]], 0.5);
        x[[1, 2]] = 0.5;
        assert_eq!(Array2::<f64>::load_npy(&path)?, x);
    }
    Ok(())
}

#[test]
fn zero_copy() -> npz::Result<()> {
    let folder = common::folder();
    let path = folder.path().join("run.npz");
    savez!(&path, weights = x())?;
    // SAFETY: nobody else has to do with the file.
    let npz = unsafe { NpzReader::map(&path)? };
    let w: ArrayView2<f64> = npz.view("weights")?;
    let cow: CowArray<f64, Ix2> = npz.cow("weights")?;
    assert_eq!(w, cow);
    // SAFETY: nobody else looks at the file while it is changed.
    let mut npz = unsafe { NpzMapMut::open(&path)? };
    npz.view_mut::<f64, Ix2>("weights")?[[0, 0]] = 3.0;
    npz.flush()?;
    assert_eq!(npz.reader()?.get::<Array2<f64>>("weights")?[[0, 0]], 3.0);
    Ok(())
}

/// A newtype, as another crate would make it a thing to save and load.
#[derive(Debug, PartialEq)]
struct Celsius(Array1<f64>);

impl ToNpy for Celsius {
    fn to_npy(&self) -> Outgoing<'_> {
        self.0.view().into()
    }
}

impl FromNpy for Celsius {
    fn from_npy(array: Incoming<'_>) -> npz::Result<Self> {
        Array1::from_npy(array).map(Self)
    }
}

/// One that is made only when it is saved.
struct Kelvin<'a>(&'a Celsius);

impl ToNpy for Kelvin<'_> {
    fn to_npy(&self) -> Outgoing<'_> {
        (&self.0.0 + 273.15).into()
    }
}

#[test]
fn types_of_other_crates_are_saved_and_loaded() -> npz::Result<()> {
    let folder = common::folder();
    let path = folder.path().join("run.npz");
    let celsius = Celsius(array![-273.15, 0.0]);
    savez!(&path, celsius, kelvin = Kelvin(&celsius), n = 1)?;
    assert_eq!(Celsius::load_npz(&path, "celsius")?, celsius);
    let npz = NpzReader::open(&path)?;
    assert_eq!(npz.get::<Vec<f64>>("kelvin")?, [0.0, 273.15]);
    let error = npz.get::<Celsius>("n").unwrap_err();
    let expected = native("array `n`: expected dtype <f8, found <i4 (get_cast converts)");
    assert_eq!(error.to_string(), expected);
    assert_eq!(npz.get_slice::<Celsius>("celsius", s![1..])?.0.len(), 1);
    Ok(())
}

struct Empty;

#[derive(Debug, PartialEq)]
struct Run {
    field: Array2<f64>,
    steps: u64,
    r#type: String,
    adam: Adam,
    before: Option<Adam>,
    mask: Option<Vec<bool>>,
}
npz::archive!(Run { field, steps, r#type, adam, before, mask });

#[derive(Debug, PartialEq)]
struct Adam {
    m: Vec<f32>,
    celsius: Celsius,
}
npz::archive!(Adam { m, celsius });

#[test]
fn a_struct_is_an_archive() -> npz::Result<()> {
    let folder = common::folder();
    let path = folder.path().join("run.npz");
    let adam = || Adam { m: vec![1.0], celsius: Celsius(array![20.0]) };
    let r#type = "implicit".to_owned();
    let mut run = Run { field: x(), steps: 3, r#type, adam: adam(), before: None, mask: None };
    run.save(&path)?;
    assert_eq!(Run::load(&path)?, run);
    let names = ["field", "steps", "type", "adam/m", "adam/celsius"];
    assert_eq!(NpzReader::open(&path)?.names().collect::<Vec<_>>(), names);

    (run.before, run.mask) = (Some(adam()), Some(vec![true]));
    let mut npz = NpzWriter::create(&path)?;
    run.write_to(&mut npz, "a/b")?;
    run.write_to(&mut npz, "")?;
    npz.finish()?;
    let npz = NpzReader::open(&path)?;
    assert_eq!(npz.get::<f32>("a/b/before/m").unwrap_err().array(), Some("a/b/before/m"));
    for prefix in ["", "a/b"] {
        assert_eq!(Run::read_from(&npz, prefix)?, run);
    }
    drop(npz);
    // Part of an optional struct is not the same as none of it.
    let mut npz = NpzWriter::append(&path)?;
    npz.remove("before/m")?;
    npz.finish()?;
    assert_eq!(Run::load(&path).unwrap_err().array(), Some("before/m"));
    Ok(())
}

#[test]
fn arrays_of_any_type_come_from_arrays_and_become_arrays() -> npz::Result<()> {
    let any = AnyArray::from(x());
    assert!(matches!(&any, AnyArray::F64(array) if array.shape() == [20, 3]));
    assert_eq!(Array2::<f64>::try_from(any.clone())?, x());
    assert!(Array1::<f64>::try_from(any.clone()).is_err() && Array2::<f32>::try_from(any).is_err());
    let raw = Raw::new("<u2".parse()?, &[2, 1], Order::F, vec![1, 0, 2, 0])?;
    assert_eq!(Array2::<u16>::try_from(AnyArray::from(raw))?, array![[1], [2]]);
    assert!(Raw::new("|O".parse()?, &[0], Order::C, vec![]).is_err());
    let error = Raw::new("<u2".parse()?, &[2], Order::C, vec![0; 3]).unwrap_err();
    assert!(matches!(error.kind(), npz::ErrorKind::Npy { .. }), "{error}");
    Ok(())
}

#[test]
fn errors_say_where_and_become_errors_of_io() {
    let folder = common::folder();
    let path = folder.path().join("run.npz");
    savez!(&path, x = [1.0]).unwrap();
    let npz = NpzReader::open(&path).unwrap();
    let error = npz.get::<Vec<f32>>("x").unwrap_err();
    assert_eq!((error.array(), error.path()), (Some("x"), Some(&*path)));
    match error.into_kind() {
        npz::ErrorKind::WrongDtype { expected, found, .. } => {
            assert_eq!((expected, found.to_string()), (native("dtype <f4"), native("<f8")));
        }
        other => panic!("{other}"),
    }
    let kind = |error: npz::Error| std::io::Error::from(error).kind();
    assert_eq!(kind(npz.get::<f64>("y").unwrap_err()), std::io::ErrorKind::NotFound);
    assert_eq!(kind(NpzReader::open("no/such").unwrap_err()), std::io::ErrorKind::NotFound);
    let damaged = NpzReader::from_bytes(b"PK").unwrap_err();
    let error = std::io::Error::from(damaged);
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
    assert!(error.get_ref().unwrap().is::<npz::Error>());

    let failed = npz::save(&path, |npz| {
        npz.array("y", &1)?;
        Err(npz::Error::other("changed my mind"))
    });
    assert_eq!(failed.unwrap_err().to_string(), "changed my mind");
    assert_eq!(NpzReader::open(&path).unwrap().names().collect::<Vec<_>>(), ["x"]);
}

/// Whether `ndarray` and `npz` can both be imported whole.
mod globs {
    #[allow(unused_imports)]
    use ndarray::*;
    #[allow(unused_imports)]
    use npz::*;

    #[test]
    fn names_do_not_collide() {
        let order: Option<Order> = Some(Order::F);
        drop(NpzWriter::stream(Vec::new()).order(order));
    }
}

const _: fn() = || {
    // Without `finish` a writer may be dropped, and it may be of anything.
    fn holds<W>(_: Option<NpzWriter<W>>) {}
    holds::<Empty>(None);
    fn any_dimension<D: ndarray::Dimension>(x: &CowArray<f64, D>) -> Vec<u8> {
        let mut out = Vec::new();
        x.write_npy(&mut out).unwrap();
        out
    }
    any_dimension::<Ix1>(&CowArray::from(array![1.0]));
};
