//! Against the NumPy at hand, Python's zipfile, `unzip`, `7z`, and files from the wild.
//!
//! They need a Python with NumPy, SciPy and matplotlib, named by the environment variable
//! `NPZ_PYTHON`, `unzip` and `7z`; `.ci/run` provides them:
//!
//! ```text
//! NPZ_PYTHON=python3 cargo test --test all live:: -- --ignored
//! ```

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::corpus::corpus;
use crate::common::{self, Case, Sample, data, lay_out, members, record_descrs, values};
use ndarray::{Array1, Array2, ArrayD, s};
use npz::{
    Bytes, Compression, Endian, LoadElement, NpyWriter, NpzReader, NpzWriter, Raw, ReadNpz, savez,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// Runs a command, and returns what it prints.
#[track_caller]
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}\n{out}\n{err}");
    out.trim().to_owned()
}

/// A Python command that can import tests/data/make.py.
pub fn python() -> Command {
    let python = std::env::var_os("NPZ_PYTHON").expect("NPZ_PYTHON names a Python with NumPy");
    let mut python = Command::new(python);
    python.env("PYTHONPATH", data("")).env("PYTHONDONTWRITEBYTECODE", "1");
    python
}

#[track_caller]
pub fn script(script: &str, arguments: &[&Path]) -> String {
    run(python().args(["-W", "ignore", "-c", script]).args(arguments))
}

#[test]
#[ignore = "needs NumPy"]
fn numpy_loads_all_that_we_write() {
    fn add<T: Sample>(npz: &mut NpzWriter<fs::File>, name: &str, case: &Case) {
        lay_out(&values::<T>(&case.shape), case.layout, |array| {
            npz.entry(name).endian(case.endian).array(&array).unwrap();
        });
    }
    let folder = common::folder();
    let path = folder.path().join("cases.npz");
    let names = script("import make; print(*dict(make.cases()), sep='\\n')", &[]);
    for compression in [Compression::Stored, Compression::Deflate(6)] {
        let mut npz = NpzWriter::create(&path).unwrap().compression(compression);
        for name in names.lines() {
            let case = Case::parse(name);
            with_element!(case.dtype, add(&mut npz, name, &case));
        }
        npz.finish().unwrap();
        let compared = script(
            "import io, sys, make, numpy as np\n\
             loaded = np.load(sys.argv[1])\n\
             for name, a in make.cases():\n\
             \tb = np.load(io.BytesIO(make.npy(a)))  # contiguous, as NumPy itself loads it\n\
             \tx = loaded[name]\n\
             \tassert x.dtype == a.dtype and x.dtype.str == a.dtype.str, name\n\
             \tassert x.shape == a.shape and x.flags.f_contiguous == b.flags.f_contiguous, name\n\
             \tassert x.flags.c_contiguous == b.flags.c_contiguous, name\n\
             \tassert x.tobytes() == a.tobytes(), name\n\
             print(len(loaded.files))",
            &[&path],
        );
        assert_eq!(compared, names.lines().count().to_string());
    }
}

#[test]
#[ignore = "needs NumPy"]
fn what_numpy_writes_today_is_what_the_fixtures_hold() {
    let folder = common::folder();
    run(python().arg(data("make.py")).arg(folder.path()));
    let mut compared = 0;
    for entry in fs::read_dir(folder.path()).unwrap() {
        let name = entry.unwrap().file_name();
        let read = |folder: &Path| fs::read(folder.join(&name)).unwrap();
        let (here, fresh) = (read(&data("")), read(folder.path()));
        let has_strange_members =
            ["bzip2.npz", "lzma.npz", "twice.npz"].iter().any(|other| name == *other);
        if name == "x.npy" || has_strange_members {
            assert!(here == fresh, "{name:?}");
        } else {
            // Python's zlib may compress in another way than the one that made them.
            assert!(members(&here) == members(&fresh), "{name:?}");
        }
        compared += 1;
    }
    assert!(compared > 10);
}

/// An archive of each sort that we write.
fn archives(folder: &Path) -> Vec<PathBuf> {
    fn fill<W: Write>(npz: NpzWriter<W>, compression: Compression) {
        let x: Array2<f64> = values(&[30, 40]).into_dimensionality().unwrap();
        let mut npz = npz.compression(compression);
        npz.array("x", &x).unwrap().array("é/粒子", &x.t()).unwrap();
        npz.array("", &1).unwrap().push(&[0_u8; 0]).unwrap();
        npz.finish().unwrap();
    }
    let path = |name: &str| folder.join(name);
    fill(NpzWriter::create(path("stored")).unwrap(), Compression::Stored);
    fill(NpzWriter::create(path("deflated")).unwrap(), Compression::Deflate(6));
    let stream = |name: &str| NpzWriter::stream(fs::File::create(path(name)).unwrap());
    fill(stream("stored stream"), Compression::Stored);
    fill(stream("deflated stream"), Compression::Deflate(6));
    NpzWriter::create(path("empty")).unwrap().finish().unwrap();
    let mut archives =
        ["stored", "deflated", "stored stream", "deflated stream"].map(path).to_vec();
    for archive in archives.clone() {
        let appended = archive.with_extension("appended");
        fs::copy(archive, &appended).unwrap();
        let mut npz = NpzWriter::append(&appended).unwrap();
        npz.array("x", &[1.5; 1000]).unwrap();
        npz.finish().unwrap();
        archives.push(appended);
    }
    archives.push(path("empty"));
    archives
}

#[test]
#[ignore = "needs NumPy and unzip"]
fn zipfile_unzip_and_numpy_accept_our_archives() {
    let folder = common::folder();
    for path in archives(folder.path()) {
        let tested = run(python().args(["-m", "zipfile", "-t"]).arg(&path));
        assert_eq!(tested, "Done testing");
        if !path.ends_with("empty") {
            // unzip says of an empty archive that it is one, and fails.
            assert!(run(Command::new("unzip").arg("-t").arg(&path)).contains("No errors detected"));
        }
        let names = script("import sys, numpy as np; print(np.load(sys.argv[1]).files)", &[&path]);
        let is_appended = path.extension().is_some();
        let expected = match is_appended {
            _ if path.ends_with("empty") => "[]",
            true => "['é/粒子', '', 'arr_0', 'x']",
            false => "['x', 'é/粒子', '', 'arr_0']",
        };
        assert_eq!(names, expected);
        if is_appended {
            let sums = "import sys, numpy as np; x = np.load(sys.argv[1]); print(*map(np.sum, x.values()))";
            let xt = values::<f64>(&[30, 40]).sum();
            assert_eq!(script(sums, &[&path]), format!("{xt:?} 1 0 1500.0"));
        }
    }
}

#[test]
#[ignore = "needs NumPy and unzip"]
fn numpy_loads_what_is_written_row_by_row_and_we_add_to_what_numpy_has_saved() {
    let folder = common::folder();
    let path = folder.path().join("rows.npz");
    for compression in [Compression::Stored, Compression::Deflate(6)] {
        let mut npz = NpzWriter::create(&path).unwrap().compression(compression);
        for (name, count) in [("many", 5000), ("few", 3), ("none", 0)] {
            let mut rows = npz.rows::<f64>(name, [100]).unwrap();
            for row in 0..count {
                rows.push(&Array1::from_shape_fn(100, |i| (100 * row + i) as f64)).unwrap();
            }
            rows.finish().unwrap();
        }
        npz.finish().unwrap();
        assert_eq!(run(python().args(["-m", "zipfile", "-t"]).arg(&path)), "Done testing");
        assert!(run(Command::new("unzip").arg("-t").arg(&path)).contains("No errors detected"));
        assert!(run(Command::new("7z").arg("t").arg(&path)).contains("Everything is Ok"));
        let compared = script(
            "import sys, numpy as np\n\
             npz = np.load(sys.argv[1])\n\
             for name, count in ('many', 5000), ('few', 3), ('none', 0):\n\
             \tassert (npz[name] == np.arange(100.0 * count).reshape(count, 100)).all(), name\n\
             \tassert npz[name].shape == (count, 100) and npz[name].flags.c_contiguous\n\
             print(npz.files)",
            &[&path],
        );
        assert_eq!(compared, "['many', 'few', 'none']");
    }
    let path = folder.path().join("rows.npy");
    for dtype in ["<f8", ">f8"] {
        script(
            &format!(
                "import sys, numpy as np; np.save(sys.argv[1], np.arange(30, dtype='{dtype}').reshape(10, 3))"
            ),
            &[&path],
        );
        for part in 1..4 {
            let next = |(i, j)| (30 * part + 3 * i + j) as f64;
            NpyWriter::append(&path).unwrap().array(&Array2::from_shape_fn((10, 3), next)).unwrap();
        }
        let compared = script(
            "import sys, numpy as np\n\
             for mode in None, 'r', 'r+', 'c':\n\
             \tx = np.load(sys.argv[1], mmap_mode=mode)\n\
             \tassert (x == np.arange(120).reshape(40, 3)).all(), x\n\
             print(x.dtype.str, x.offset)",
            &[&path],
        );
        assert_eq!(compared, format!("{dtype} 128"));
    }
}

/// Compares each array of an archive with the file of its name in a folder.
const COMPARE: &str = "\
import sys, numpy as np
npz = np.load(sys.argv[1])
for name in npz.files:
    assert npz[name].tobytes() == open(sys.argv[2] + '/' + name, 'rb').read(), name
print(len(npz.files))";

#[test]
#[ignore = "needs NumPy, unzip and 7z"]
fn everyone_reads_what_is_compressed_at_any_level_on_any_number_of_threads() {
    let data = corpus((1 << 20) + 98_765);
    let folder = common::folder();
    for (name, bytes) in &data {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let fill = |npz: NpzWriter<Box<dyn WriteSeek>>, level| {
        let mut npz = npz.compression(Compression::Deflate(level));
        data.iter().for_each(|(name, bytes)| {
            npz.array(name, bytes).unwrap();
        });
        npz.finish().unwrap();
    };
    for level in 1..=9 {
        for is_stream in [false, true] {
            let threads: &[usize] = if level == 6 { &[1, 2, 5] } else { &[2] };
            let paths = threads.iter().map(|&threads| {
                let path = folder.path().join(format!("{threads}.npz"));
                let file: Box<dyn WriteSeek> = Box::new(fs::File::create(&path).unwrap());
                common::on_threads(threads, || match is_stream {
                    true => fill(NpzWriter::stream(file), level),
                    false => fill(NpzWriter::new(file), level),
                });
                path
            });
            let paths: Vec<_> = paths.collect();
            let archives: Vec<_> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
            assert!(archives.iter().all(|archive| *archive == archives[0]), "level {level}");

            // They are equal, so one will do.
            let path = &paths[0];
            assert_eq!(script(COMPARE, &[path, folder.path()]), data.len().to_string());
            assert_eq!(run(python().args(["-m", "zipfile", "-t"]).arg(path)), "Done testing");
            let said = run(Command::new("unzip").arg("-t").arg(path));
            assert!(said.contains("No errors detected"), "{said}");
            let said = run(Command::new("7z").arg("t").arg(path));
            assert!(said.contains("Everything is Ok") && !said.contains("arning"), "{said}");
            for ((_, expected), (member, found)) in data.iter().zip(members(&archives[0])) {
                assert!(found[128..] == *expected, "{member} at level {level}");
            }
        }
    }
}

trait WriteSeek: Write + std::io::Seek + Send {}

impl WriteSeek for fs::File {}

#[test]
#[ignore = "needs NumPy"]
fn what_save_npy_writes_numpy_loads() {
    let folder = common::folder();
    let path = folder.path().join("x.npy");
    npz::WriteNpz::save_npy(&values::<f64>(&[3, 4]).t(), &path).unwrap();
    let sum = script(
        "import sys, numpy as np; x = np.load(sys.argv[1]); print(x.shape, x.flags.fnc)",
        &[&path],
    );
    assert_eq!(sum, "(4, 3) True");
}

/// What NumPy loads of `path` and saves again.
fn through_numpy(path: &Path) -> NpzReader<fs::File> {
    let again = path.with_extension("again.npz");
    script(
        "import sys, numpy as np; np.savez(sys.argv[2], **np.load(sys.argv[1]))",
        &[path, &again],
    );
    NpzReader::open(again).unwrap()
}

#[test]
#[ignore = "needs NumPy"]
fn random_records_survive_numpy() {
    let folder = common::folder();
    let path = folder.path().join("records.npz");
    let mut runner = TestRunner::deterministic();
    let mut npz = NpzWriter::create(&path).unwrap();
    let mut arrays = Vec::new();
    while arrays.len() < 200 {
        let descr = record_descrs().new_tree(&mut runner).unwrap().current();
        let size = 6 * descr.parse::<npz::DType>().unwrap().itemsize();
        // NumPy does not copy the padding of a long double, nor keep an order of nothing.
        if descr.contains("f16") || size == 0 {
            continue;
        }
        let bytes = prop::collection::vec(0..=1_u8, size).new_tree(&mut runner).unwrap().current();
        let fortran = if arrays.len() % 2 == 0 { "True" } else { "False" };
        let header = format!("{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': (2, 3)}}");
        let len = (header.len() as u32).to_le_bytes();
        let file = [b"\x93NUMPY\x03\x00", &len[..], header.as_bytes(), &bytes].concat();
        let raw = Raw::read_npy(&file[..]).unwrap();
        npz.array(&arrays.len().to_string(), &raw).unwrap();
        arrays.push(raw);
    }
    npz.finish().unwrap();
    let npz = through_numpy(&path);
    for (name, raw) in arrays.iter().enumerate() {
        assert_eq!(&npz.get::<Raw>(&name.to_string()).unwrap(), raw, "{}", raw.dtype());
    }
}

#[test]
#[ignore = "needs NumPy"]
fn text_and_bytes_survive_numpy() {
    let folder = common::folder();
    let path = folder.path().join("text.npz");
    let mut runner = TestRunner::deterministic();
    let texts = prop::collection::vec("[^\0]{0,20}", 0..20);
    let mut npz = NpzWriter::create(&path).unwrap();
    let mut arrays = Vec::new();
    for i in 0..100 {
        let texts: Vec<String> = texts.new_tree(&mut runner).unwrap().current();
        let bytes: Vec<Bytes> = texts.iter().map(|text| Bytes::from(text.as_str())).collect();
        npz.array(&format!("text {i}"), &texts).unwrap();
        npz.entry(&format!("big {i}")).endian(Endian::Big).array(&texts).unwrap();
        npz.array(&format!("bytes {i}"), &bytes).unwrap();
        arrays.push((texts, bytes));
    }
    npz.finish().unwrap();
    let npz = through_numpy(&path);
    for (i, (texts, bytes)) in arrays.iter().enumerate() {
        assert_eq!(&npz.get::<Vec<String>>(&format!("text {i}")).unwrap(), texts);
        assert_eq!(&npz.get::<Vec<String>>(&format!("big {i}")).unwrap(), texts);
        assert_eq!(&npz.get::<Vec<Bytes>>(&format!("bytes {i}")).unwrap(), bytes);
    }
}

#[test]
#[cfg(feature = "half")]
#[ignore = "needs NumPy and ml_dtypes"]
fn bfloat16_is_what_ml_dtypes_sees() {
    use half::bf16;
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    let values: Vec<bf16> = [0.0, 1.0, -2.5, f32::INFINITY].map(bf16::from_f32).to_vec();
    npz::savez!(&path, x = values).unwrap();
    let seen = script(
        "import sys, numpy as np\n\
         from ml_dtypes import bfloat16\n\
         x = np.load(sys.argv[1])['x'].view(bfloat16)\n\
         np.savez(sys.argv[1], x=x)\n\
         print(x.tolist())",
        &[&path],
    );
    assert_eq!(seen, "[0.0, 1.0, -2.5, inf]");
    assert_eq!(NpzReader::open(&path).unwrap().get::<Vec<bf16>>("x").unwrap(), values);
}

/// Copies an array from one archive to another, if its elements are of a type we have.
fn copy(npz: &NpzReader<fs::File>, name: &str, out: &mut NpzWriter<fs::File>) -> bool {
    fn copy<T: LoadElement>(
        npz: &NpzReader<fs::File>,
        name: &str,
        out: &mut NpzWriter<fs::File>,
    ) -> bool {
        let dtype = npz.info(name).unwrap().dtype().clone();
        let Some(endian) =
            [Endian::Little, Endian::Big].into_iter().find(|&endian| T::dtype(endian) == dtype)
        else {
            return false;
        };
        let array: ArrayD<T> = npz.get(name).unwrap();
        out.entry(name).endian(endian).array(&array).unwrap();
        true
    }
    ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8"]
        .iter()
        .any(|&dtype| with_element!(dtype, copy(npz, name, out)))
}

#[test]
#[ignore = "needs NumPy and matplotlib"]
fn matplotlibs_sample_data_is_what_numpy_sees() {
    let files = script(
        "import pathlib, matplotlib; print(*pathlib.Path(matplotlib.get_data_path()).rglob('*.npz'), sep='\\n')",
        &[],
    );
    let folder = common::folder();
    let (mut copied, mut others) = (0, Vec::new());
    for (index, file) in files.lines().enumerate() {
        let npz = NpzReader::open(file).unwrap();
        npz.verify().unwrap();
        let out = folder.path().join(format!("{index}.npz"));
        let mut copies = NpzWriter::create(&out).unwrap();
        for name in npz.names() {
            match copy(&npz, name, &mut copies) {
                true => copied += 1,
                false => others.push(format!("{name}: {}", npz.info(name).unwrap().dtype())),
            }
        }
        copies.finish().unwrap();
        script(
            "import sys, numpy as np\n\
             ours, theirs = np.load(sys.argv[1]), np.load(sys.argv[2])\n\
             for name in ours.files:\n\
             \ta, b = ours[name], theirs[name]\n\
             \tassert a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes(), name",
            &[&out, Path::new(file)],
        );
    }
    println!("{copied} arrays copied; not numeric: {others:?}");
    assert!(copied >= 5, "only {copied} numeric arrays in {files}");
}

/// Of what NumPy wrote, stored and compressed, in both orders.
#[test]
#[ignore = "needs NumPy"]
fn slices_are_numpys() {
    let folder = common::folder();
    let [path, expected] = ["x.npz", "parts.npz"].map(|name| folder.path().join(name));
    for save in ["savez", "savez_compressed"] {
        script(
            &format!(
                "import sys, numpy as np\n\
                 c = np.sqrt(np.arange(3 * 500 * 400.)).reshape(3, 500, 400)\n\
                 np.{save}(sys.argv[1], c=c, f=np.asfortranarray(c), b=c.astype('>f8'))\n\
                 np.savez(sys.argv[2], c[1:, 100:200:7, ::-3], c[2, ::-1, 5], c[-1:, ..., -2:])"
            ),
            &[&path, &expected],
        );
        let (npz, expected) =
            (NpzReader::open(&path).unwrap(), NpzReader::open(&expected).unwrap());
        let part = |name| expected.get::<ArrayD<f64>>(name).unwrap();
        for name in ["c", "f", "b"] {
            // Where NumPy starts at the end, ndarray ends at the start.
            let slices: [ArrayD<f64>; 3] = [
                npz.get_slice(name, s![1.., 100..200;7, ..;-3]).unwrap(),
                npz.get_slice(name, s![2, ..;-1, 5]).unwrap(),
                npz.get_slice(name, s![-1.., .., -2..]).unwrap(),
            ];
            assert_eq!(slices, ["arr_0", "arr_1", "arr_2"].map(part), "{save} {name}");
        }
    }
}

#[test]
#[ignore = "needs NumPy"]
#[cfg(feature = "mmap")]
fn numpy_loads_what_was_changed_in_place() {
    use ndarray::Ix2;
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    let x = Array2::from_shape_fn((300, 40), |(i, j)| (i * j) as f64);
    npz::savez!(&path, x, xt = x.t()).unwrap();
    // SAFETY: nobody else knows of the file.
    let mut npz = unsafe { npz::NpzMapMut::open(&path) }.unwrap();
    npz.view_mut::<f64, Ix2>("x").unwrap().mapv_inplace(|x| x + 0.5);
    npz.view_mut::<f64, Ix2>("xt").unwrap()[[39, 299]] = -1.0;
    drop(npz);
    let found = script(
        "import sys, zipfile, numpy as np\n\
         assert zipfile.ZipFile(sys.argv[1]).testzip() is None\n\
         x = np.load(sys.argv[1])\n\
         print(x['x'].sum() - np.outer(range(300), range(40)).sum(), x['xt'][-1, -1], x['xt'].sum())",
        &[&path],
    );
    let sum = x.sum() - x[[299, 39]] - 1.0;
    assert_eq!(found, format!("6000.0 -1.0 {sum:?}"));
}

/// As in the cookbook.
#[test]
#[ignore = "needs NumPy and SciPy"]
fn sparse_matrices_go_from_scipy_and_back() {
    let folder = common::folder();
    let paths = ["scipys.npz", "ours.npz"].map(|name| folder.path().join(name));
    for (make, len) in [
        ("s.csr_matrix(([0.5, 1.5, 2.5], ([0, 1, 1], [2, 0, 1])), (2, 3))", 3),
        ("s.random(300, 200, 0.1, 'csr', 'f4', rng=1)", 6000),
        ("s.csr_array((5, 4), dtype='f8')", 0),
    ] {
        let save = format!("import sys, scipy.sparse as s\ns.save_npz(sys.argv[1], {make})");
        script(&save, &[&paths[0]]);
        let npz = NpzReader::open(&paths[0]).unwrap();
        assert_eq!(&*npz.get::<Bytes>("format").unwrap(), b"csr");
        let shape: Vec<i64> = npz.get_cast("shape").unwrap();
        let indptr: Vec<i64> = npz.get_cast("indptr").unwrap();
        let indices: Vec<i64> = npz.get_cast("indices").unwrap();
        let data: Vec<f64> = npz.get_cast("data").unwrap();
        assert_eq!((indptr.len() as i64, data.len()), (shape[0] + 1, len));
        let format = Bytes::from("csr");
        savez!(&paths[1], indices, indptr, format, shape, data).unwrap();
        let compared = script(
            "import sys, scipy.sparse as s\n\
             a, b = map(s.load_npz, sys.argv[1:])\n\
             assert a.shape == b.shape and a.nnz == b.nnz and b.has_canonical_format\n\
             print(abs(a - b).sum())",
            &[&paths[0], &paths[1]],
        );
        assert_eq!(compared, "0.0", "{make}");
    }
}

#[test]
#[ignore = "needs NumPy"]
fn dtypes_by_name_are_what_numpy_takes_them_for() {
    let names = script(
        "import numpy as np\n\
         names = [*np.sctypeDict, *'?bBhHiIlLqQefdgFDGSUVMmnNpPcO']\n\
         names += [f'{t}64[{u}]' for t in ('datetime', 'timedelta') for u in ('ns', 'D', '25s')]\n\
         for name in names:\n\
         \tif isinstance(name, str): print(name, np.dtype(name).str)",
        &[],
    );
    let mut compared = 0;
    for line in names.lines() {
        let (name, descr) = line.split_once(' ').unwrap();
        let dtype: npz::DType = name.parse().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(dtype.to_string(), descr, "{name}");
        compared += 1;
    }
    assert!(compared > 70, "{compared}");
}

/// What NumPy writes, whose zlib may be of another version each time.
#[test]
#[ignore = "needs NumPy"]
fn what_is_compressed_is_no_larger_than_numpys() {
    const LEN: usize = 4 << 20;
    let folder = common::folder();
    let path = folder.path().join("ours.npz");
    let data = corpus(LEN);
    let mut npz = NpzWriter::create(&path).unwrap().compression(Compression::Deflate(6));
    data.iter().for_each(|(name, bytes)| {
        npz.array(name, bytes).unwrap();
    });
    npz.finish().unwrap();
    let again = folder.path().join("numpys.npz");
    script(
        "import sys, numpy as np; np.savez_compressed(sys.argv[2], **np.load(sys.argv[1]))",
        &[&path, &again],
    );
    let (ours, numpys) = (NpzReader::open(&path).unwrap(), NpzReader::open(&again).unwrap());
    for (name, _) in data {
        let size = |npz: &NpzReader<fs::File>| npz.info(name).unwrap().compressed_size() as f64;
        let share = |npz| size(npz) / LEN as f64;
        let ratio = size(&ours) / size(&numpys);
        println!(
            "{name:10} {:.4} of its size, NumPy {:.4}: {ratio:.4}",
            share(&ours),
            share(&numpys)
        );
        let most = match name {
            // Bytes, of which nobody says that eight are an item; as integers it is less than 1.
            "labels" => 1.30,
            // Next to nothing, and an end for each block; each block has the tile anew.
            "zeros" => 2.0,
            "tiles" => 4.0,
            _ => 1.01,
        };
        assert!(ratio <= most, "{name}: {ratio}");
    }
}
