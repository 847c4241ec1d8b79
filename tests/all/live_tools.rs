//! Archives that other tools have touched: whatever NumPy still reads, or Python's zipfile,
//! loads equal here.

use crate::common;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;

use ndarray::{Array2, ArrayD, s};
use npz::{AnyArray, Compression, NpzReader, NpzWriter, ReadCost};

use crate::live::{python, run, script};
use crate::requests::remote;

/// The arrays that each archive has, before anything is done to it.
fn arrays() -> [(&'static str, ArrayD<f64>); 3] {
    let x = Array2::from_shape_fn((300, 500), |(i, j)| ((i * j) as f64).sqrt());
    [
        ("x", x.clone().into_dyn()),
        ("layer/0/w", x.slice(s![..7, ..3]).to_owned().reversed_axes().into_dyn()),
        ("half", ArrayD::from_elem(vec![], 0.5)),
    ]
}

/// Archives of each sort: ours stored, deflated, streamed, appended to, over a longer file; NumPy's.
fn archives(folder: &Path) -> Vec<PathBuf> {
    let path = |name: &str| folder.join(format!("{name}.npz"));
    let fill = |npz: NpzWriter<fs::File>, compression: Compression| {
        let mut npz = npz.compression(compression);
        for (name, array) in &arrays() {
            npz.array(name, array).unwrap();
        }
        npz.bytes("README.txt", b"not an array").unwrap();
        npz.finish().unwrap();
    };
    fill(NpzWriter::create(path("stored")).unwrap(), Compression::Stored);
    fill(NpzWriter::create(path("deflated")).unwrap(), Compression::Deflate(6));
    let file = fs::File::create(path("stream")).unwrap();
    fill(NpzWriter::stream(file), Compression::Deflate(6));
    fs::write(path("over"), vec![7; 9_000_000]).unwrap();
    let file = fs::OpenOptions::new().read(true).write(true).open(path("over")).unwrap();
    fill(NpzWriter::new(file), Compression::Deflate(6));
    let mut npz = NpzWriter::create(path("appended")).unwrap();
    npz.array("odd", &[1_u8; 3]).unwrap();
    npz.finish().unwrap();
    fill(NpzWriter::append(path("appended")).unwrap(), Compression::Stored);
    let mut npz = NpzWriter::append(path("appended")).unwrap();
    npz.remove("odd").unwrap();
    npz.finish().unwrap();
    for save in ["savez", "savez_compressed"] {
        let code = format!(
            "import sys, zipfile, numpy as np\n\
             np.{save}(sys.argv[2], **{{k: v for k, v in np.load(sys.argv[1]).items() if not isinstance(v, bytes)}})\n\
             zipfile.ZipFile(sys.argv[2], 'a').writestr('README.txt', 'not an array')"
        );
        script(&code, &[&path("stored"), &path(save)]);
    }
    ["stored", "deflated", "stream", "over", "appended", "savez", "savez_compressed"]
        .map(path)
        .to_vec()
}

/// Checks that all arrays are as they were, and that NumPy says so too.
#[track_caller]
fn is_equal(path: &Path, what: &str) {
    let bytes = fs::read(path).unwrap();
    let (slow, _) = remote(bytes.clone(), ReadCost::REMOTE);
    for npz in [NpzReader::from_bytes(bytes.clone()).map(|npz| npz.get_all())]
        .into_iter()
        .chain([NpzReader::new(Cursor::new(bytes)).map(|npz| npz.get_all())])
    {
        let all = npz.and_then(|all| all).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(all.len(), arrays().len(), "{what}: {:?}", all.keys());
        for (name, array) in arrays() {
            let found = all.get(name).unwrap_or_else(|| panic!("{what}: {:?}", all.keys()));
            assert!(*found == AnyArray::F64(array), "{what}: {name}");
        }
    }
    let npz = NpzReader::open(path).unwrap();
    npz.verify().unwrap();
    assert_eq!(npz.len(), arrays().len(), "{what}");
    let (name, array) = &arrays()[0];
    let rows = s![280..290, ..];
    let expected = array.slice(rows).into_dyn();
    assert!(npz.get_slice::<ArrayD<f64>>(name, rows).unwrap() == expected, "{what}");
    assert!(slow.get_slice::<ArrayD<f64>>(name, rows).unwrap() == expected, "{what}");
    // What can be read can be appended to, and is read by NumPy then.
    let again = path.with_extension("again");
    fs::copy(path, &again).unwrap();
    let mut npz = NpzWriter::append(&again).unwrap();
    npz.array("new", &1).unwrap();
    npz.finish().unwrap();
    let sums = "import sys, zipfile, numpy as np\n\
        assert zipfile.ZipFile(sys.argv[1]).testzip() is None\n\
        d = np.load(sys.argv[1])\n\
        print(float(d['x'].sum()), d['layer/0/w'].shape, float(d['half']), int(d['new']))";
    let (_, x) = &arrays()[0];
    let found = script(sums, &[&again]);
    let (sum, rest) = found.split_once(' ').unwrap();
    assert!((sum.parse::<f64>().unwrap() - x.sum()).abs() < 1e-3, "{what}: {found}");
    assert_eq!(rest, "(3, 7) 0.5 1", "{what}");
}

/// Does something to a copy of each archive, and checks what becomes of it.
fn each(what: &str, change: impl Fn(&Path)) {
    let folder = common::folder();
    for source in archives(folder.path()) {
        let path = source.with_extension("changed.npz");
        fs::copy(&source, &path).unwrap();
        change(&path);
        let name = source.file_stem().unwrap().to_string_lossy();
        is_equal(&path, &format!("{what}, {name}"));
    }
}

fn tool(program: &str, arguments: &[&str], folder: &Path) {
    run(Command::new(program).env("LC_ALL", "C.UTF-8").args(arguments).current_dir(folder));
}

#[test]
#[ignore = "needs NumPy"]
fn as_they_are() {
    each("as it is", |_| ());
}

#[test]
#[ignore = "needs NumPy, zip and 7z"]
fn extracted_and_zipped_again() {
    for (program, options) in [
        ("zip", &["-q", "-r"][..]),
        ("zip", &["-q", "-r", "-0"]),
        ("zip", &["-q", "-r", "-9", "-X"]),
        ("zip", &["-q", "-r", "-fz"]),
        ("zip", &["-q", "-r", "-fd"]),
        ("7z", &["a", "-tzip", "-bd"]),
        ("7z", &["a", "-tzip", "-bd", "-mx=0"]),
    ] {
        each(&format!("{program} {options:?}"), |path| {
            let members = path.with_extension("members");
            let code = "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])";
            script(code, &[path, &members]);
            fs::remove_file(path).unwrap();
            let path = path.to_str().unwrap();
            tool(program, &[options, &[path, "."]].concat(), &members);
        });
    }
}

#[test]
#[ignore = "needs NumPy and zip"]
fn members_added_and_deleted_by_zip() {
    each("zip, zip -d", |path| {
        let folder = path.parent().unwrap();
        fs::write(folder.join("extra.txt"), "extra").unwrap();
        let path = path.to_str().unwrap();
        tool("zip", &["-q", path, "extra.txt"], folder);
        tool("zip", &["-q", "-d", path, "extra.txt", "README.txt"], folder);
    });
}

/// Written again by a function of Python from the members' names and bytes.
fn rewritten(what: &str, code: &str) {
    let code = format!(
        "import sys, io, struct, zipfile, zlib\npath = sys.argv[1]\nold = zipfile.ZipFile(path)\nmembers = [(i.filename, old.read(i)) for i in old.infolist()]\ndata = open(path, 'rb').read()\n{code}"
    );
    each(what, |path| {
        script(&code, &[path]);
    });
}

#[test]
#[ignore = "needs NumPy"]
fn written_by_pythons_zipfile() {
    rewritten(
        "zipfile, to a stream",
        "class Stream(io.RawIOBase):\n\
         \tdef __init__(self): self.f = open(path, 'wb')\n\
         \tdef writable(self): return True\n\
         \tdef seekable(self): return False\n\
         \tdef write(self, b): return self.f.write(b)\n\
         s = Stream()\n\
         with zipfile.ZipFile(s, 'w', zipfile.ZIP_DEFLATED) as z:\n\
         \tfor name, b in members: z.writestr(name, b)\n\
         s.f.close()",
    );
    rewritten(
        "zipfile, with the fields that the members had",
        "infos = old.infolist()\n\
         with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as z:\n\
         \tfor info, (_, b) in zip(infos, members): z.writestr(info, b)",
    );
    rewritten(
        "zipfile, forced zip64",
        "with zipfile.ZipFile(path, 'w') as z:\n\
         \tfor name, b in members:\n\
         \t\twith z.open(name, 'w', force_zip64=True) as m: m.write(b)",
    );
    rewritten(
        "a comment",
        "with zipfile.ZipFile(path, 'a') as z: z.comment = b'made by hand ' * 999",
    );
    rewritten(
        "Finder's members",
        "apple = b'\\0\\5\\x16\\7\\0\\2\\0\\0Mac OS X        '\n\
         with zipfile.ZipFile(path, 'w') as z:\n\
         \tfor name, b in members:\n\
         \t\tz.writestr(name, b)\n\
         \t\tz.writestr('__MACOSX/' + name.rpartition('/')[0] + '/._' + name.rpartition('/')[2], apple)\n\
         \tz.writestr('.DS_Store', b'\\0\\0\\0\\1Bud1')",
    );
}

/// Data descriptors with their signature and without, of 32 bits, made by hand.
#[test]
#[ignore = "needs NumPy"]
fn data_descriptors_of_either_form() {
    for signature in ["b''", "b'PK\\7\\10'"] {
        rewritten(
            &format!("descriptors with {signature}"),
            &format!(
                "out, cd = b'', b''\n\
                 for name, b in members:\n\
                 \tn = name.encode()\n\
                 \tz = zlib.compressobj(6, zlib.DEFLATED, -15)\n\
                 \tc = z.compress(b) + z.flush()\n\
                 \thead = struct.pack('<HHHHH', 20, 0x808, 8, 0, 33)\n\
                 \tsizes = struct.pack('<III', zlib.crc32(b), len(c), len(b))\n\
                 \tcd += b'PK\\1\\2\\24\\0' + head + sizes + struct.pack('<HHHHHII', len(n), 0, 0, 0, 0, 0, len(out)) + n\n\
                 \tout += b'PK\\3\\4' + head + bytes(12) + struct.pack('<HH', len(n), 0) + n + c + {signature} + sizes\n\
                 end = struct.pack('<4sHHHHIIH', b'PK\\5\\6', 0, 0, len(members), len(members), len(cd), len(out), 0)\n\
                 open(path, 'wb').write(out + cd + end)"
            ),
        );
    }
}

/// Renamed, and renamed back; after each step `is_equal` asks NumPy what it makes of the old names.
#[test]
#[ignore = "needs NumPy, unzip and 7z"]
fn renamed_to_other_letters_and_back() {
    let report = "import sys, zipfile, numpy as np\n\
        z = zipfile.ZipFile(sys.argv[1])\n\
        assert z.testzip() is None\n\
        for info in z.infolist():\n\
        \tz.fp.seek(info.header_offset + 6)\n\
        \tassert int.from_bytes(z.fp.read(2), 'little') == info.flag_bits, info\n\
        \tassert (info.flag_bits & 0x800 == 0) == info.filename.isascii(), info\n\
        new, old = map(np.load, sys.argv[1:])\n\
        for name, old_name in zip(new.files, old.files):\n\
        \tassert np.array_equal(new[name], old[old_name]), name\n\
        print(*z.namelist(), sep='|')";
    let new_names =
        [("x", "ξ"), ("layer/0/w", "w"), ("half", "ein halbes ½"), ("README.txt", "読")];
    let rename = |path: &Path, names: &[(&str, &str)]| {
        let mut npz = NpzWriter::append(path).unwrap();
        for (name, new_name) in names {
            npz.rename(name, new_name).unwrap();
        }
        npz.finish().unwrap();
    };
    each("renamed", |path| {
        let before = path.with_extension("before");
        fs::copy(path, &before).unwrap();
        rename(path, &new_names);
        assert_eq!(script(report, &[path, &before]), "ξ.npy|w.npy|ein halbes ½.npy|読");
        run(Command::new("unzip").env("LC_ALL", "C.UTF-8").arg("-t").arg(path));
        let tested = run(Command::new("7z").arg("t").arg(path));
        assert!(tested.contains("Everything is Ok") && !tested.contains("arning"), "{tested}");
        rename(path, &new_names.map(|(name, new_name)| (new_name, name)));
        assert_eq!(script(report, &[path, &before]), "x.npy|layer/0/w.npy|half.npy|README.txt");
    });
}

/// NumPy looks at the first byte, and Python's zipfile at the last.
#[test]
#[ignore = "needs NumPy"]
fn behind_other_bytes_as_zipfile_reads_them() {
    let folder = common::folder();
    for source in archives(folder.path()) {
        let bytes = fs::read(&source).unwrap();
        let path = source.with_extension("prefixed");
        fs::write(&path, [b"#!/bin/sh\n", &bytes[..]].concat()).unwrap();
        let names = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), len(z.namelist()))";
        assert_eq!(script(names, &[&path]), "None 4");
        is_equal(&path, "behind other bytes");
    }
}

/// zipfile takes what is in the comment for the end, and fails; so do we.
#[test]
#[ignore = "needs NumPy"]
fn a_comment_with_an_end_record_is_refused_as_by_zipfile() {
    let folder = common::folder();
    for source in archives(folder.path()) {
        let mut bytes = fs::read(&source).unwrap();
        let comment = [&b"see PK\x05\x06"[..], &[1; 30]].concat();
        let end = bytes.len();
        bytes[end - 2..].copy_from_slice(&(comment.len() as u16).to_le_bytes());
        bytes.extend(comment);
        fs::write(&source, &bytes).unwrap();
        let read = python()
            .args(["-c", "import sys, zipfile; zipfile.ZipFile(sys.argv[1])"])
            .arg(&source)
            .output();
        assert!(!read.unwrap().status.success());
        let error = NpzReader::open(&source).map(drop).unwrap_err().to_string();
        assert!(
            error.contains("its end record is not whole") || error.contains("bytes follow"),
            "{error}"
        );
    }
}
