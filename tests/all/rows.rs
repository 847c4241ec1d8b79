//! Arrays that are written row by row: what is in the file is what would be there if they had been saved
//! as a whole.

use std::fs;
use std::io::{Cursor, Write};

use ndarray::{Array1, Array2, Array3, Axis, Order, array, s};
use npz::{
    AnyArray, Bytes, Endian, ErrorKind, FixedStr, NpyReader, NpyWriter, NpzReader, NpzWriter, Raw,
    ReadNpz, Rows, ToNpy, WriteNpz, savez,
};

use crate::common::{compressions, data, folder, listing, members, native};

/// Numbers of which some bytes can be compressed and others cannot.
fn sample(rows: usize, columns: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns), |(i, j)| ((i * columns + j) as f64).sqrt().floor() + 0.1)
}

/// Writes `x` in rows and blocks of rows, of all sizes in turn.
fn write(mut rows: Rows<'_>, x: &Array2<f64>) {
    let (mut at, mut block) = (0, 0);
    while at < x.nrows() {
        if block == 0 {
            rows.push(&x.row(at)).unwrap();
        } else {
            rows.extend(&x.slice(s![at..(at + block).min(x.nrows()), ..])).unwrap();
        }
        at += block.max(1);
        block = (block * 3 + 1) % 1000;
    }
    assert_eq!((rows.len(), rows.is_empty()), (x.nrows(), x.nrows() == 0));
    rows.finish().unwrap();
}

/// From none to several blocks of deflate, and to what is written on several threads.
const SIZES: [(usize, usize); 7] =
    [(0, 3), (1, 1), (7, 0), (100, 7), (3000, 43), (3000, 44), (40_000, 17)];

#[test]
fn an_archive_is_the_same_byte_for_byte_if_the_number_of_rows_is_known() {
    for compression in compressions(6) {
        for (rows, columns) in SIZES {
            let x = sample(rows, columns);
            let mut whole = NpzWriter::new(Cursor::new(Vec::new())).compression(compression);
            whole.array("x", &x).unwrap().array("y", &1).unwrap();
            let whole = whole.finish().unwrap().into_inner();

            let mut by_rows = NpzWriter::new(Cursor::new(Vec::new())).compression(compression);
            write(by_rows.entry("x").count(rows).rows::<f64>([columns]).unwrap(), &x);
            by_rows.array("y", &1).unwrap();
            assert!(
                by_rows.finish().unwrap().into_inner() == whole,
                "{compression:?} {rows} {columns}"
            );

            let mut whole = NpzWriter::stream(Vec::new()).compression(compression);
            whole.array("x", &x).unwrap();
            let mut by_rows = NpzWriter::stream(Vec::new()).compression(compression);
            write(by_rows.entry("x").count(rows).rows::<f64>([columns]).unwrap(), &x);
            assert!(by_rows.finish().unwrap() == whole.finish().unwrap(), "{compression:?} {rows}");
        }
    }
}

/// How large a member is, compressed; and what it is inflated.
fn member(archive: &[u8]) -> (u64, Vec<u8>) {
    let npz = NpzReader::from_bytes(archive).unwrap();
    npz.verify().unwrap();
    (npz.info("x").unwrap().compressed_size(), members(archive).remove(0).1)
}

#[test]
fn a_member_is_the_same_byte_for_byte_if_it_is_not_known() {
    let folder = folder();
    let path = folder.path().join("x.npz");
    for compression in compressions(6) {
        for (rows, columns) in SIZES {
            let x = sample(rows, columns);
            let mut whole = NpzWriter::new(Cursor::new(Vec::new())).compression(compression);
            whole.array("x", &x).unwrap();
            let whole = whole.finish().unwrap().into_inner();

            // In a file, in memory, and in memory behind something else.
            let mut by_rows = NpzWriter::create(&path).unwrap().compression(compression);
            write(by_rows.rows::<f64>("x", [columns]).unwrap(), &x);
            by_rows.array("y", &1).unwrap();
            by_rows.finish().unwrap();
            assert!(
                member(&fs::read(&path).unwrap()) == member(&whole),
                "{compression:?} {rows} {columns}"
            );
            let mut file = Cursor::new(Vec::new());
            file.write_all(b"something else").unwrap();
            let mut by_rows = NpzWriter::new(file).compression(compression);
            write(by_rows.rows::<f64>("x", [columns]).unwrap(), &x);
            assert!(member(&by_rows.finish().unwrap().into_inner()) == member(&whole), "{rows}");

            // Slices are found by the index.
            let npz = NpzReader::open(&path).unwrap();
            for at in [0, rows / 2, rows.saturating_sub(1)].into_iter().filter(|&at| at < rows) {
                let row: Array1<f64> = npz.get_slice("x", s![at as isize, ..]).unwrap();
                assert_eq!(row, x.row(at));
            }
        }
    }
}

#[test]
fn rows_are_a_member_like_any_other() {
    let folder = folder();
    let path = folder.path().join("x.npz");
    for compression in compressions(6) {
        savez!(&path, kept = [1, 2], x = [0.5]).unwrap();
        let x = sample(30_000, 9);
        let mut npz = NpzWriter::append(&path).unwrap().compression(compression);
        write(npz.rows::<f64>("x", [9]).unwrap(), &x);
        assert!(npz.rows::<f64>("x", [9]).is_err(), "the name is taken");
        npz.finish().unwrap();
        let npz = NpzReader::open(&path).unwrap();
        npz.verify().unwrap();
        assert_eq!(npz.names().collect::<Vec<_>>(), ["kept", "x"]);
        assert_eq!(npz.get::<Array2<f64>>("x").unwrap(), x);
    }
}

#[test]
fn progress_is_told() {
    let reports = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = reports.clone();
    let mut npz = NpzWriter::new(Cursor::new(Vec::new())).progress(move |p| {
        seen.lock().unwrap().push((p.name.to_owned(), p.bytes_done, p.bytes_total));
    });
    write(npz.rows::<f64>("x", [20]).unwrap(), &sample(20_000, 20));
    npz.finish().unwrap();
    let reports = reports.lock().unwrap();
    let (last, before) = reports.split_last().unwrap();
    assert_eq!(*last, ("x".to_owned(), 3_200_000, 3_200_000));
    assert!(
        before.len() > 1
            && before.iter().all(|&(_, done, total)| done < 3_200_001 && total == u64::MAX)
    );
}

/// Every array that NumPy has written in these files, of whatever dtype.
#[test]
fn every_dtype_can_be_written_row_by_row() {
    let (mut tested, mut any_tested) = (0, 0);
    for file in ["every.npz", "dtypes.npz", "values.npz", "versions.npz"] {
        let npz = NpzReader::open(data(file)).unwrap();
        for name in npz.names() {
            let Ok(raw) = npz.get::<Raw>(name) else { continue };
            let array: AnyArray = npz.get(name).unwrap();
            let Some((&rows, row)) = raw.shape().split_first() else { continue };
            let mut copy = NpzWriter::new(Cursor::new(Vec::new()));
            for (name, count) in [("known", Some(rows)), ("not known", None)] {
                let entry = copy.entry(name);
                let entry = if let Some(count) = count { entry.count(count) } else { entry };
                let mut all = entry.rows_of(raw.dtype().clone(), row).unwrap();
                all.extend(&raw).unwrap();
                all.finish().unwrap();
            }
            let mut any = copy.entry("any").rows_of(raw.dtype().clone(), row).unwrap();
            // Bytes that are text are saved as text.
            let is_same = any.extend(&array).is_ok();
            any.finish().unwrap();
            let copy = NpzReader::new(copy.finish().unwrap()).unwrap();
            for name in ["known", "not known", "any"].into_iter().take(2 + usize::from(is_same)) {
                assert_eq!(
                    copy.get::<AnyArray>(name).unwrap().to_string(),
                    array.to_string(),
                    "{name}"
                );
                let info = copy.info(name).unwrap();
                assert_eq!((info.dtype(), info.shape()), (raw.dtype(), raw.shape()));
                assert_eq!(info.order(), Order::C);
            }
            tested += 1;
            any_tested += usize::from(is_same);
        }
    }
    assert!(tested > 150 && any_tested > 100, "{tested} {any_tested}");
}

#[test]
fn rows_of_any_layout_are_written_in_c_order() {
    let x = Array3::from_shape_fn((4, 5, 6), |(i, j, k)| (i * 100 + j * 10 + k) as i32);
    let rows: Vec<_> = x.axis_iter(Axis(1)).collect();
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    let mut all = npz.rows::<i32>("x", [6, 4]).unwrap();
    for row in &rows {
        all.push(&row.t()).unwrap();
    }
    let mut reversed = x.view().permuted_axes([1, 2, 0]);
    reversed.invert_axis(Axis(0));
    all.extend(&reversed).unwrap();
    all.extend(&reversed.slice(s![..0, .., ..])).unwrap();
    all.finish().unwrap();
    let found: Array3<i32> = NpzReader::new(npz.finish().unwrap()).unwrap().get("x").unwrap();
    assert_eq!(found.slice(s![..5, .., ..]), x.view().permuted_axes([1, 2, 0]));
    assert_eq!(found.slice(s![5.., .., ..]), reversed);
}

#[test]
fn text_is_as_long_as_was_said() {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    for (name, endian) in [("<U4", '<'), (">U4", '>')] {
        let mut rows = npz.entry(name).rows_of(name.parse().unwrap(), [2]).unwrap();
        rows.push(&["a", "bcde"]).unwrap().push(&array!["", "é"]).unwrap();
        rows.extend(&array![[String::from("x"), String::from("yz")]]).unwrap();
        rows.push(&[FixedStr::<2>::try_from("FG").unwrap(), FixedStr::default()]).unwrap();
        let raw: Raw =
            Raw::new(format!("{endian}U1").parse().unwrap(), &[2], Order::C, vec![0; 8]).unwrap();
        rows.push(&raw).unwrap();
        for too_long in [["a", "bcdef"], ["longer", ""]] {
            let error = rows.push(&too_long).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::WrongDtype { .. }), "{error}");
            assert_eq!(error.array(), Some(name));
        }
        rows.finish().unwrap();
    }
    let mut rows = npz.entry("S").rows_of("|S3".parse().unwrap(), []).unwrap();
    rows.push(&Bytes::from("ab")).unwrap().extend(&[Bytes::from(""), Bytes::from("cde")]).unwrap();
    assert!(rows.push(&Bytes::from("long")).is_err() && rows.push("abc").is_err());
    rows.finish().unwrap();
    let npz = NpzReader::new(npz.finish().unwrap()).unwrap();
    let expected = array![["a", "bcde"], ["", "é"], ["x", "yz"], ["FG", ""], ["", ""]];
    for name in ["<U4", ">U4"] {
        assert_eq!(npz.info(name).unwrap().dtype().to_string(), name);
        assert_eq!(npz.get::<Array2<String>>(name).unwrap(), expected);
    }
    assert_eq!(npz.get::<Vec<String>>("S").unwrap(), ["ab", "", "cde"]);
}

#[test]
fn what_is_no_row_is_an_error_and_the_others_can_go_on() {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    let mut rows = npz.entry("x").count(3).rows::<f64>([2]).unwrap();
    rows.push(&[1.0, 2.0]).unwrap();
    let dtype = "array `x`: expected dtype <f8, found <f4";
    let errors: [(&dyn ToNpy, bool, &str); 8] = [
        (&[1.0_f32, 2.0], false, dtype),
        (&[1.0], false, "array `x`: expected shape (2,), found (1,)"),
        (&1.0, false, "array `x`: expected shape (2,), found ()"),
        (&[1.0, 2.0], true, "array `x`: expected shape (2, 2), found (2,)"),
        (&array![[1.0], [2.0]], true, "array `x`: expected shape (2, 2), found (2, 1)"),
        (&1.0, true, "array `x`: expected 2 dimensions, found shape ()"),
        (&array![[1.0_f32, 2.0]], true, dtype),
        (&Array2::<f64>::zeros((3, 2)), true, "array `x`: expected shape (3, 2), found (4, 2)"),
    ];
    for (wrong, is_block, expected) in errors {
        let error = if is_block { rows.extend(wrong) } else { rows.push(wrong) }.unwrap_err();
        assert_eq!(error.to_string(), native(expected));
        assert_eq!(rows.len(), 1);
    }
    rows.extend(&array![[3.0, 4.0], [5.0, 6.0]]).unwrap();
    rows.finish().unwrap();
    let found: Array2<f64> = NpzReader::new(npz.finish().unwrap()).unwrap().get("x").unwrap();
    assert_eq!(found, array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
}

#[test]
fn what_cannot_be_begun_is_an_error_and_nothing_is_written() {
    let mut npz = NpzWriter::stream(Vec::new());
    let error = npz.rows::<f64>("x", []).unwrap_err();
    assert!(error.to_string().contains("`x`: a stream has to be told"), "{error}");
    let error = npz.entry("x").count(2).order(Order::F).rows::<f64>([]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidOption { .. }), "{error}");
    let error = npz.entry("x").count(2).rows_of("|O".parse().unwrap(), []).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }), "{error}");
    let error = npz.entry("x").count(2).rows::<f64>([usize::MAX]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Npy { .. }), "{error}");
    let error = npz.entry("x").count(2).rows::<f64>([1; 64]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }), "{error}");
    let error = npz.entry("x.npy").count(2).rows::<f64>([]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidName { .. }), "{error}");
    npz.array("x", &1).unwrap();
    let npz = NpzReader::from_bytes(npz.finish().unwrap()).unwrap();
    assert_eq!(npz.names().collect::<Vec<_>>(), ["x"]);
    assert!(NpyWriter::stream(Vec::new()).rows::<f64>([]).is_err());
    assert!(NpyWriter::new(Cursor::new(Vec::new())).order(Order::F).rows::<f64>([2]).is_err());
}

/// A header of which more than a block's half would have to be left uncompressed.
#[test]
#[cfg(feature = "deflate")]
fn a_very_long_header_is_complete_when_it_is_written() {
    for (fields, is_too_long) in [(20_000, false), (40_000, true)] {
        let fields: Vec<_> = (0..fields).map(|i| format!("('field {i}', '|u1')")).collect();
        let dtype: npz::DType = format!("[{}]", fields.join(", ")).parse().unwrap();
        let row = Raw::new(dtype.clone(), &[], Order::C, vec![7; fields.len()]).unwrap();
        let mut npz =
            NpzWriter::new(Cursor::new(Vec::new())).compression(npz::Compression::Deflate(6));
        match npz.entry("x").rows_of(dtype.clone(), []) {
            Ok(mut rows) => {
                for _ in 0..100 {
                    rows.push(&row).unwrap();
                }
                rows.finish().unwrap();
                assert!(!is_too_long);
            }
            Err(error) => assert!(is_too_long, "{error}"),
        }
        let mut rows = npz.entry("y").count(100).rows_of(dtype.clone(), []).unwrap();
        for _ in 0..100 {
            rows.push(&row).unwrap();
        }
        rows.finish().unwrap();
        let npz = NpzReader::new(npz.finish().unwrap()).unwrap();
        let limits = npz::Limits::default().max_header_bytes(2 << 20);
        let npz = npz.with_limits(limits).unwrap();
        npz.verify().unwrap();
        for name in npz.names() {
            assert_eq!(npz.get::<Raw>(name).unwrap().bytes(), vec![7; 100 * fields.len()]);
        }
    }
}

#[test]
fn what_is_not_finished_leaves_no_archive() {
    let folder = folder();
    let path = folder.path().join("x.npz");
    savez!(&path, x = 1).unwrap();
    let old = fs::read(&path).unwrap();
    for compression in compressions(1) {
        for count in [0, 3, 300_000] {
            let mut npz = NpzWriter::create(&path).unwrap().compression(compression);
            let mut rows = npz.rows::<f64>("x", []).unwrap();
            rows.extend(&Array1::<f64>::zeros(count)).unwrap();
            drop(rows);
            let error = npz.array("y", &1).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Unusable), "{error}");
            let error = npz.finish().unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Unusable), "{error}");
            // Fewer than were announced.
            let mut npz = NpzWriter::create(&path).unwrap().compression(compression);
            let mut rows = npz.entry("x").count(count + 1).rows::<f64>([]).unwrap();
            rows.extend(&Array1::<f64>::zeros(count)).unwrap();
            let error = rows.finish().unwrap_err().to_string();
            let expected = format!("array `x`: expected shape ({},), found ({count},)", count + 1);
            assert!(error.ends_with(&expected), "{error}");
            assert!(npz.finish().is_err());
            let mut rows = NpyWriter::create(&path).unwrap().rows::<f64>([]).unwrap();
            rows.push(&1.0).unwrap();
        }
    }
    assert!(fs::read(&path).unwrap() == old);
    assert_eq!(listing(folder.path()), ["x.npz"]);
}

/// Fails from some call on.
struct Broken(Cursor<Vec<u8>>, usize);

impl Broken {
    fn tick(&mut self) -> std::io::Result<()> {
        self.1 = self.1.checked_sub(1).ok_or_else(|| std::io::Error::other("as planned"))?;
        Ok(())
    }
}

impl Write for Broken {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.tick()?;
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.tick()
    }
}

impl std::io::Seek for Broken {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.tick()?;
        self.0.seek(to)
    }
}

#[test]
fn a_failure_is_told_and_nothing_can_be_written_after_it() {
    let x = sample(3000, 60);
    for compression in compressions(1) {
        for fails_at in 0.. {
            let mut npz =
                NpzWriter::new(Broken(Cursor::default(), fails_at)).compression(compression);
            let write = |npz: &mut NpzWriter<Broken>| {
                let mut rows = npz.rows::<f64>("x", [60])?;
                for row in x.rows() {
                    if let Err(error) = rows.push(&row) {
                        let again = rows.push(&row).unwrap_err();
                        assert!(matches!(again.kind(), ErrorKind::Unusable), "{again}");
                        assert!(matches!(rows.finish().unwrap_err().kind(), ErrorKind::Unusable));
                        return Err(error);
                    }
                }
                rows.finish()
            };
            let written = write(&mut npz);
            if let Err(error) = &written {
                assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
                assert_eq!(error.array(), Some("x"));
            }
            match npz.finish() {
                Ok(file) => {
                    assert!(written.is_ok());
                    let npz = NpzReader::from_bytes(file.0.into_inner()).unwrap();
                    assert_eq!(npz.get::<Array2<f64>>("x").unwrap(), x);
                    assert!(fails_at > 4, "{fails_at}");
                    break;
                }
                Err(error) => assert_eq!(
                    matches!(error.kind(), ErrorKind::Unusable),
                    written.is_err(),
                    "{error}"
                ),
            }
        }
    }
    for fails_at in 0.. {
        let mut file = Broken(Cursor::default(), fails_at);
        let mut write = || {
            let mut rows = NpyWriter::new(&mut file).rows::<f64>([60])?;
            x.rows().into_iter().try_for_each(|row| rows.push(&row).map(drop))?;
            rows.finish()
        };
        match write() {
            Ok(()) => {
                assert_eq!(Array2::<f64>::read_npy(&file.0.get_ref()[..]).unwrap(), x);
                break;
            }
            Err(error) => assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}"),
        }
    }
}

#[test]
fn a_file_is_the_same_byte_for_byte() {
    let folder = folder();
    let path = folder.path().join("x.npy");
    for (rows, columns) in SIZES {
        let x = sample(rows, columns);
        let mut whole = Vec::new();
        x.write_npy(&mut whole).unwrap();
        write(NpyWriter::create(&path).unwrap().rows::<f64>([columns]).unwrap(), &x);
        assert!(fs::read(&path).unwrap() == whole, "{rows} {columns}");
        NpyWriter::create(&path).unwrap().array(&x).unwrap();
        assert!(fs::read(&path).unwrap() == whole);
        let mut file = Vec::new();
        write(NpyWriter::stream(&mut file).count(rows).rows::<f64>([columns]).unwrap(), &x);
        assert!(file == whole);
        // Behind something else, and before it.
        let mut file = Cursor::new(b"before, after".to_vec());
        file.set_position(7);
        write(NpyWriter::new(&mut file).rows::<f64>([columns]).unwrap(), &x);
        file.write_all(b"end").unwrap();
        assert!(file.into_inner() == [b"before,", &whole[..], b"end"].concat());
        // In two halves.
        fs::remove_file(&path).unwrap();
        for part in [x.slice(s![..rows / 2, ..]), x.slice(s![rows / 2.., ..])] {
            NpyWriter::append(&path).unwrap().array(&part).unwrap();
        }
        assert!(fs::read(&path).unwrap() == whole);
        let mut more = NpyWriter::append(&path).unwrap().rows::<f64>([columns]).unwrap();
        assert_eq!(more.len(), rows);
        more.extend(&x).unwrap();
        more.finish().unwrap();
        let mut twice = Vec::new();
        ndarray::concatenate(Axis(0), &[x.view(), x.view()])
            .unwrap()
            .write_npy(&mut twice)
            .unwrap();
        assert!(fs::read(&path).unwrap() == twice);
    }
    assert_eq!(listing(folder.path()), ["x.npy"]);
}

#[test]
fn options_of_a_file_are_those_of_an_archive() {
    let folder = folder();
    let path = folder.path().join("x.npy");
    let x = array![[1_i16, 2, 3], [4, 5, 6]];
    NpyWriter::create(&path)
        .unwrap()
        .order(Order::F)
        .endian(Endian::Big)
        .sync(true)
        .array(&x)
        .unwrap();
    let npy = NpyReader::open(&path).unwrap();
    assert_eq!((npy.info().order(), npy.info().dtype().to_string()), (Order::F, ">i2".to_owned()));
    assert_eq!(npy.get::<Array2<i16>>().unwrap(), x);
    // Rows are added in the array's own byte order.
    let mut rows = NpyWriter::create(&path).unwrap().endian(Endian::Big).rows::<i16>([3]).unwrap();
    rows.extend(&x).unwrap();
    rows.finish().unwrap();
    NpyWriter::append(&path).unwrap().sync(true).array(&x).unwrap();
    let mut rows = NpyWriter::append(&path).unwrap().count(5).rows::<i16>([3]).unwrap();
    rows.push(&[7_i16, 8, 9]).unwrap();
    assert!(rows.push(&[7_i16, 8, 9]).is_err());
    rows.finish().unwrap();
    let npy = NpyReader::open(&path).unwrap();
    assert_eq!(npy.info().dtype().to_string(), ">i2");
    let expected = array![[1, 2, 3], [4, 5, 6], [1, 2, 3], [4, 5, 6], [7, 8, 9]];
    assert_eq!(npy.get::<Array2<i16>>().unwrap(), expected);
}

/// An `.npy` file with this header, and so many bytes of zeros behind it.
fn file_with(header: &str, zeros: usize) -> Vec<u8> {
    let len = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &len[..], header.as_bytes(), &vec![0; zeros]].concat()
}

#[test]
fn what_has_no_rows_is_not_added_to() {
    let folder = folder();
    let path = folder.path().join("x.npy");
    let header = |order: &str, shape: &str| {
        format!("{{'descr': '<f8', 'fortran_order': {order}, 'shape': {shape}, }}\n")
    };
    let several = [file_with(&header("False", "(2,)"), 16), file_with(&header("False", "(1,)"), 8)];
    let cases = [
        (file_with(&header("True", "(2, 3)"), 48), "Fortran order"),
        (file_with(&header("False", "()"), 8), "no axis"),
        (file_with(&header("False", "(2, 3)"), 47), "takes 48 bytes, but 47 follow"),
        (file_with(&header("False", "(2)"), 16), "expected a shape"),
        (file_with(&header("False", "(2, 3)").replace("<f8", "|O"), 48), "Python objects"),
        (several.concat(), "another array follows"),
        (b"PK\x03\x04 and so on".to_vec(), "it is an archive"),
        (Vec::new(), "there is no array"),
    ];
    for (file, expected) in cases {
        fs::write(&path, &file).unwrap();
        let error = NpyWriter::append(&path).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(error.path(), Some(&*path));
        assert!(fs::read(&path).unwrap() == file);
    }
    for other in [folder.path(), "/dev/null".as_ref()].into_iter().filter(|path| path.exists()) {
        let error = NpyWriter::append(other).unwrap_err();
        assert!(format!("{error:?}").contains("not a regular file"), "{error:?}");
    }
    assert!(NpyWriter::append(folder.path().join("none/x.npy")).is_err());
}

#[test]
fn rows_that_do_not_fit_the_array_are_not_added() {
    let folder = folder();
    let path = folder.path().join("x.npy");
    array![[1.0, 2.0]].save_npy(&path).unwrap();
    let old = fs::read(&path).unwrap();
    let append = || NpyWriter::append(&path).unwrap();
    assert!(matches!(append().rows::<f32>([2]).unwrap_err().kind(), ErrorKind::WrongDtype { .. }));
    assert!(matches!(append().rows::<f64>([3]).unwrap_err().kind(), ErrorKind::WrongShape { .. }));
    assert!(append().order(Order::F).rows::<f64>([2]).is_err());
    assert!(append().array(&[1.0, 2.0]).is_err() && append().array(&array![[1_i64, 2]]).is_err());
    let mut rows = append().count(4).rows::<f64>([2]).unwrap();
    rows.push(&[3.0, 4.0]).unwrap();
    assert!(rows.finish().is_err(), "fewer than were announced");
    let mut rows = append().rows::<f64>([2]).unwrap();
    rows.extend(&Array2::<f64>::zeros((100_000, 2))).unwrap();
    drop(rows);
    assert!(fs::read(&path).unwrap() == old);
}

#[test]
fn a_header_has_room_for_so_many_rows() {
    let folder = folder();
    let path = folder.path().join("x.npy");
    // 8 and 9 fit into what other programs have written, 10 does not.
    fs::write(&path, file_with("{'descr': '|u1', 'fortran_order': False, 'shape': (8,), }\n", 8))
        .unwrap();
    let mut rows = NpyWriter::append(&path).unwrap().rows::<u8>([]).unwrap();
    rows.push(&1_u8).unwrap();
    let error = rows.push(&2_u8).unwrap_err();
    assert!(error.to_string().contains("no room for 10 rows"), "{error}");
    rows.finish().unwrap();
    assert_eq!(Vec::<u8>::load_npy(&path).unwrap(), [0, 0, 0, 0, 0, 0, 0, 0, 1]);
    // A dialect becomes NumPy's own.
    fs::write(
        &path,
        file_with("{'shape':(2L,),'fortran_order':True,\"descr\":'|u1'}            \n", 2),
    )
    .unwrap();
    NpyWriter::append(&path).unwrap().array(&[7_u8]).unwrap();
    assert_eq!(Vec::<u8>::load_npy(&path).unwrap(), [0, 0, 7]);
}

/// What cannot be dropped cannot end the array: the archive must not be complete without it.
#[test]
fn an_archive_with_a_forgotten_array_is_given_up() {
    let folder = folder();
    let path = folder.path().join("x.npz");
    savez!(&path, x = 1, y = 2).unwrap();
    let old = fs::read(&path).unwrap();
    for compression in compressions(1) {
        for begin in [NpzWriter::create, NpzWriter::append] {
            let begun = || {
                let mut npz = begin(&path).unwrap().compression(compression);
                std::mem::forget(npz.rows::<f64>("rows", []).unwrap());
                npz
            };
            let error = begun().finish().unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Unusable), "{error}");
            let mut npz = begun();
            let error = npz.array("y", &3).map(drop).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Unusable), "{error}");
            assert!(npz.finish().is_err());
        }
    }
    assert!(fs::read(&path).unwrap() == old);
}

/// Into a writer of the caller's, the header is written before the rows are.
#[test]
fn what_is_not_finished_is_no_array_anywhere() {
    let mut file = Cursor::new(Vec::new());
    let mut rows = NpyWriter::new(&mut file).rows::<f64>([1000]).unwrap();
    rows.extend(&Array2::<f64>::ones((1000, 1000))).unwrap();
    rows.abandon();
    let bytes = file.into_inner();
    assert!(bytes.len() > 1 << 20);
    let error = NpyReader::from_bytes(bytes).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotAnArray { .. }), "{error}");
}

/// What an append leaves that was killed: rows that the header does not count.
#[test]
fn what_an_interrupted_append_has_left_is_passed_over_and_written_over() {
    let folder = folder();
    let path = folder.path().join("x.npy");
    let x = sample(1000, 3);
    for rest in [1, 24, 100_000] {
        x.save_npy(&path).unwrap();
        let whole = fs::read(&path).unwrap();
        fs::write(&path, [&whole[..], &vec![7; rest]].concat()).unwrap();
        let npy = NpyReader::open(&path).unwrap();
        assert_eq!(npy.get::<Array2<f64>>().unwrap(), x);
        assert_eq!(npy.get::<AnyArray>().unwrap().shape(), [1000, 3]);
        assert_eq!(npy.get_slice::<Array2<f64>>(s![990.., ..]).unwrap(), x.slice(s![990.., ..]));
        assert_eq!(npy.info().compressed_size(), whole.len() as u64);
        let bytes = fs::read(&path).unwrap();
        let aligned = crate::common::Aligned::new(&bytes, 0);
        let npy = NpyReader::from_bytes(aligned).unwrap();
        assert_eq!(npy.view::<f64, ndarray::Ix2>().unwrap(), x);
        #[cfg(feature = "mmap")]
        {
            let mut npy = unsafe { npz::NpyMapMut::open(&path).unwrap() };
            assert_eq!(npy.view_mut::<f64, ndarray::Ix2>().unwrap(), x);
        }
        // It may be somebody's, and stays if nothing is written.
        drop(NpyWriter::append(&path).unwrap().rows::<f64>([3]).unwrap());
        NpyWriter::append(&path).unwrap().array(&array![[0_u8, 0, 0]]).unwrap_err();
        assert!(fs::read(&path).unwrap() == bytes);
        NpyWriter::append(&path).unwrap().array(&x.slice(s![..1, ..])).unwrap();
        assert_eq!(Array2::<f64>::load_npy(&path).unwrap().nrows(), 1001);
        assert_eq!(fs::metadata(&path).unwrap().len(), whole.len() as u64 + 24);
    }
}

#[test]
#[cfg(not(target_family = "wasm"))]
fn one_writer_at_a_time_adds_to_a_file() {
    let folder = folder();
    let path = folder.path().join("x.npy");
    [1_u8].save_npy(&path).unwrap();
    let mut rows = NpyWriter::append(&path).unwrap().rows::<u8>([]).unwrap();
    rows.push(&2_u8).unwrap();
    let error = NpyWriter::append(&path).unwrap_err();
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "another writer adds to it");
    assert_eq!(Vec::<u8>::load_npy(&path).unwrap(), [1]);
    rows.finish().unwrap();
    NpyWriter::append(&path).unwrap().array(&[3_u8]).unwrap();
    assert_eq!(Vec::<u8>::load_npy(&path).unwrap(), [1, 2, 3]);
}

/// Or the rows would be in a file that nobody can see.
#[test]
#[cfg(unix)]
fn a_file_that_is_replaced_meanwhile_is_not_added_to() {
    let folder = folder();
    let [path, other] = ["x.npy", "other.npy"].map(|name| folder.path().join(name));
    for replace in [true, false] {
        [1_u8].save_npy(&path).unwrap();
        let _ = fs::remove_file(&other);
        fs::hard_link(&path, &other).unwrap();
        let old = fs::read(&path).unwrap();
        let mut rows = NpyWriter::append(&path).unwrap().rows::<u8>([]).unwrap();
        rows.push(&2_u8).unwrap();
        match replace {
            true => [7_u8].save_npy(&path).unwrap(),
            false => fs::remove_file(&path).unwrap(),
        }
        let error = rows.finish().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Changed { .. }), "{error}");
        assert_eq!(error.path(), Some(&*path));
        assert!(fs::read(&other).unwrap() == old, "by its other name it is as it was");
        assert!(!replace || Vec::<u8>::load_npy(&path).unwrap() == [7]);
    }
}

#[test]
#[cfg(feature = "mmap")]
fn a_file_of_zeros_is_filled_where_it_is() {
    let folder = folder();
    let path = folder.path().join("x.npy");
    fs::write(&path, "something else").unwrap();
    for shape in [vec![], vec![0], vec![3, 0, 2], vec![5], vec![300, 400]] {
        let mut npy = unsafe { npz::NpyMapMut::create_zeroed::<f64>(&path, &shape).unwrap() };
        let expected = ndarray::ArrayD::<f64>::zeros(&shape[..]);
        let mut whole = Vec::new();
        expected.write_npy(&mut whole).unwrap();
        assert!(fs::read(&path).unwrap() == whole);
        npy.view_mut::<f64, ndarray::IxDyn>().unwrap().fill(1.5);
        npy.flush().unwrap();
        assert!(ndarray::ArrayD::<f64>::load_npy(&path).unwrap().iter().all(|&x| x == 1.5));
    }
    let error = unsafe { npz::NpyMapMut::create_zeroed::<f64>(&path, [usize::MAX]).unwrap_err() };
    assert!(matches!(error.kind(), ErrorKind::Npy { .. }), "{error}");
    assert_eq!(listing(folder.path()), ["x.npy"]);
}

/// A file in memory may be as long as one likes, and cannot be mapped then.
#[test]
#[cfg(all(feature = "mmap", target_os = "linux"))]
fn zeros_that_cannot_be_mapped_replace_nothing() {
    let Ok(folder) = tempfile::tempdir_in("/dev/shm") else {
        return crate::common::not_tested("files in memory: there is no /dev/shm");
    };
    let path = folder.path().join("x.npy");
    [1.0, 2.0].save_npy(&path).unwrap();
    for len in [isize::MAX as usize - 1000, usize::MAX >> 17] {
        unsafe { npz::NpyMapMut::create_zeroed::<u8>(&path, [len]).unwrap_err() };
        assert_eq!(Vec::<f64>::load_npy(&path).unwrap(), [1.0, 2.0]);
        assert_eq!(listing(folder.path()), ["x.npy"]);
    }
}
