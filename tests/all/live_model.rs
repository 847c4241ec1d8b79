//! The model of an archive under the eyes of NumPy, Python's zipfile, `unzip` and `7z`, which
//! must not be able to tell who wrote it; Python takes part in the writing, too.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use ndarray::ArrayD;
use npz::{Raw, ReadNpz, WriteNpz};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::common;
use crate::common::model::{Content, Model, Step};
use crate::live::{python, run};
use crate::model::sequences;

/// For each line it is asked, it tells in one line what NumPy sees, or adds an array.
const SERVER: &str = "\
import sys, io, zipfile, zlib, numpy as np
for line in sys.stdin:
    path, name, number = line.rstrip('\\n').split('\\t')
    if number:
        npy = io.BytesIO()
        np.save(npy, np.arange(float(number)))
        with zipfile.ZipFile(path, 'a') as zip:
            zip.writestr(name + '.npy', npy.getvalue())
    with zipfile.ZipFile(path) as zip:
        assert zip.testzip() is None
    seen = []
    with np.load(path) as npz:
        for name in npz.files:
            a = npz[name]
            if isinstance(a, bytes):
                seen.append(f'{name}|bytes|{zlib.crc32(a)}')
            else:
                shape = 'x'.join(map(str, a.shape))
                seen.append(f'{name}|{a.dtype.str} {shape}|{zlib.crc32(a.tobytes())}')
    print(*seen, sep='\\t', flush=True)
";

struct Python {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Python {
    fn start() -> Self {
        let mut command = python();
        command.args(["-W", "ignore", "-c", SERVER]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, input, output: BufReader::new(output) }
    }

    /// What NumPy sees, after it has added an array of that many numbers, if there are any.
    fn sees(&mut self, path: &Path, add: Option<(&str, usize)>) -> Vec<String> {
        let (name, number) = add.unwrap_or_default();
        let number = if add.is_some() { number.to_string() } else { String::new() };
        writeln!(self.input, "{}\t{name}\t{number}", path.display()).unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert!(line.ends_with('\n'), "Python has failed");
        let line = line.trim_end_matches('\n');
        line.split('\t').filter(|seen| !seen.is_empty()).map(str::to_owned).collect()
    }
}

/// What NumPy should see.
fn expected(model: &Model) -> Vec<String> {
    fn seen<T: npz::Element>(name: &str, x: &ArrayD<T>) -> String {
        let mut npy = Vec::new();
        x.as_standard_layout().write_npy(&mut npy).unwrap();
        let raw = Raw::read_npy(&npy[..]).unwrap();
        let shape: Vec<_> = x.shape().iter().map(usize::to_string).collect();
        format!("{name}|{} {}|{}", raw.dtype(), shape.join("x"), crc32fast::hash(raw.bytes()))
    }
    let members = model.0.iter().map(|(name, content)| match content {
        Content::Floats(x) => seen(name, x),
        Content::Bytes(x) => seen(name, x),
        Content::Flags(x) => seen(name, x),
        Content::Text(x) => seen(name, x),
        Content::Other(bytes) => format!("{name}|bytes|{}", crc32fast::hash(bytes)),
    });
    members.collect()
}

#[test]
#[ignore = "needs NumPy, unzip and 7z"]
fn python_sees_what_the_model_has() {
    let mut runner = TestRunner::deterministic();
    let mut python = Python::start();
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    for sequence in 0..200 {
        let steps = sequences().new_tree(&mut runner).unwrap().current();
        let (mut model, mut is_ours) = (Model::default(), true);
        for (at, step) in steps.iter().enumerate() {
            let add = match step {
                Step::Zipfile(index) => model.add_by_python(*index),
                _ => None,
            };
            is_ours &= add.is_none();
            model.apply(&*path, step);
            let seen = python.sees(&path, add);
            assert_eq!(seen, expected(&model), "{sequence}: {:?}", &steps[..=at]);
            model.check(&path, is_ours);
        }
        if !model.0.is_empty() {
            // unzip says of an empty archive that it is one, and fails.
            let tested = run(Command::new("unzip").arg("-t").arg(&path));
            assert!(tested.contains("No errors detected"), "{tested}");
        }
        let tested = run(Command::new("7z").arg("t").arg(&path));
        assert!(tested.contains("Everything is Ok") && !tested.contains("arning"), "{tested}");
    }
    drop(python.input);
    assert!(python.child.wait().unwrap().success());
}
