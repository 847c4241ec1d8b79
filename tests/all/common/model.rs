//! A model of an archive: all that can be done to one, after which every reader must see what a
//! plain map has. The tests of `model.rs` and a fuzzer make the sequences.

use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::path::Path;

use ndarray::{ArrayD, Dimension, IxDyn, ShapeBuilder, s};
use npz::{AnyArray, Compression, ErrorKind, NpzReader, NpzWriter, Raw, WriteNpz};

/// Where the archive is: a file that is written as users do, or as fuzzers do.
pub trait Place {
    fn path(&self) -> &Path;

    /// Writes a new archive in the place of the old one.
    fn create(&mut self, write: impl FnOnce(&mut NpzWriter<File>));

    /// Changes the archive.
    fn append(&mut self, change: impl FnOnce(&mut NpzWriter<File>));
}

impl Place for &Path {
    fn path(&self) -> &Path {
        self
    }

    fn create(&mut self, write: impl FnOnce(&mut NpzWriter<File>)) {
        let mut npz = NpzWriter::create(self).unwrap();
        write(&mut npz);
        npz.finish().unwrap();
    }

    fn append(&mut self, change: impl FnOnce(&mut NpzWriter<File>)) {
        let mut npz = NpzWriter::append(self).unwrap();
        change(&mut npz);
        npz.finish().unwrap();
    }
}

/// What a member holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    Floats(ArrayD<f64>),
    Bytes(ArrayD<u8>),
    Flags(ArrayD<bool>),
    Text(ArrayD<String>),
    /// Not an array.
    Other(Vec<u8>),
}

/// One thing that is done. Names are few, so that they meet; what an index means depends on
/// the members that there are.
#[derive(Debug, Clone)]
pub enum Step {
    Create(Vec<Add>),
    Append(Vec<Change>),
    RemoveAll,
    /// Changes an array in the file itself.
    Edit(usize),
    /// Copies everything to a new archive, stored or deflated.
    Repack(bool),
    /// Adds a member as Python's zipfile does in mode "a"; only where Python is asked.
    Zipfile(usize),
}

#[derive(Debug, Clone)]
pub enum Change {
    Add(Add),
    Remove(usize),
    /// What it is renamed to is one of the names.
    Rename(usize, usize),
}

#[derive(Debug, Clone)]
pub struct Add {
    pub name: usize,
    pub kind: usize,
    pub shape: usize,
    pub is_deflated: bool,
    pub is_fortran: bool,
    pub seed: u8,
}

/// Of lengths that move what follows them; two of them are not arrays.
const NAMES: [&str; 8] = [
    "x",
    "layer/0/weights",
    "é粒子",
    "",
    "a name that is rather long, for its own sake",
    "yy",
    "README",
    "n.txt",
];
const OTHERS: usize = 2;

pub const SHAPES: [&[usize]; 8] =
    [&[], &[3], &[0], &[4, 5], &[7, 2, 3], &[100], &[2, 0, 3], &[70, 1]];

/// Deflated, it is of several blocks.
const LARGE: usize = 1_100_000;

/// One of the names, of what is an array or not.
fn name(index: usize, is_other: bool) -> &'static str {
    match is_other {
        true => NAMES[NAMES.len() - OTHERS + index % OTHERS],
        false => NAMES[index % (NAMES.len() - OTHERS)],
    }
}

impl Add {
    pub fn name(&self) -> &'static str {
        name(self.name, self.kind == 6)
    }

    fn content(&self) -> Content {
        let shape = IxDyn(SHAPES[self.shape]).set_f(self.is_fortran);
        let value = |index: &IxDyn| {
            let place = index.as_array_view().iter().fold(0, |sum, &at| sum * 31 + at);
            (place * 7 + usize::from(self.seed)) % 251
        };
        let value = |index: IxDyn| value(&index);
        match self.kind {
            0 | 1 => {
                Content::Floats(ArrayD::from_shape_fn(shape, |index| (value(index) as f64).sqrt()))
            }
            2 => Content::Bytes(ArrayD::from_shape_fn(shape, |index| value(index) as u8)),
            3 => Content::Flags(ArrayD::from_shape_fn(shape, |index| value(index) % 2 == 0)),
            4 => Content::Text(ArrayD::from_shape_fn(shape, |index| {
                "aé粒".repeat(value(index) % 3 + 1)
            })),
            5 => Content::Bytes(ArrayD::from_shape_fn(IxDyn(&[LARGE]), |index| value(index) as u8)),
            _ => Content::Other(vec![self.seed; SHAPES[self.shape].iter().sum()]),
        }
    }

    fn write(&self, npz: &mut NpzWriter<File>) -> Content {
        let content = self.content();
        let compression = compression(self.is_deflated, 1);
        fn array<T: WriteNpz + ?Sized>(
            npz: &mut NpzWriter<File>,
            name: &str,
            compression: Compression,
            array: &T,
        ) {
            npz.entry(name).compression(compression).array(array).unwrap();
        }
        match &content {
            Content::Floats(x) => array(npz, self.name(), compression, x),
            Content::Bytes(x) => array(npz, self.name(), compression, x),
            Content::Flags(x) => array(npz, self.name(), compression, x),
            Content::Text(x) => array(npz, self.name(), compression, x),
            Content::Other(bytes) => {
                npz.bytes(self.name(), bytes).unwrap();
            }
        }
        content
    }
}

/// The members in their order.
#[derive(Debug, Default, Clone)]
pub struct Model(pub Vec<(String, Content)>);

impl Model {
    fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|(other, _)| other == name)
    }

    fn remove(&mut self, name: &str) {
        self.0.retain(|(other, _)| other != name);
    }

    fn name(&self, index: usize) -> Option<String> {
        let index = index.checked_rem(self.0.len())?;
        Some(self.0[index].0.clone())
    }

    /// The names of the members in the archive.
    pub fn members(&self) -> Vec<String> {
        let member = |(name, content): &(String, Content)| match content {
            Content::Other(_) => name.clone(),
            _ => format!("{name}.npy"),
        };
        self.0.iter().map(member).collect()
    }

    /// Does `step` to the archive at `place`, which is there if it was created before.
    pub fn apply(&mut self, mut place: impl Place, step: &Step) {
        match step {
            Step::Create(adds) => {
                self.0.clear();
                place.create(|npz| {
                    for add in adds {
                        self.add(npz, add);
                    }
                });
            }
            Step::Append(changes) => place.append(|npz| {
                let before = self.0.len();
                let mut added = Self::default();
                for change in changes {
                    match change {
                        Change::Add(add) => {
                            if added.add(npz, add) {
                                self.remove(add.name());
                            }
                        }
                        Change::Remove(index) => {
                            if let Some(name) = self.name(*index) {
                                npz.remove(&name).unwrap();
                                self.remove(&name);
                            }
                        }
                        Change::Rename(index, new) => self.rename(npz, *index, *new, &added),
                    }
                }
                assert!(self.0.len() <= before);
                self.0.extend(added.0);
            }),
            Step::RemoveAll => place.append(|npz| {
                for (name, _) in self.0.drain(..) {
                    npz.remove(&name).unwrap();
                }
            }),
            Step::Edit(index) => self.edit(place.path(), *index),
            Step::Repack(is_deflated) => repack(place, *is_deflated),
            Step::Zipfile(_) => {}
        }
    }

    /// Adds a member, and tells whether its name was free.
    fn add(&mut self, npz: &mut NpzWriter<File>, add: &Add) -> bool {
        if self.position(add.name()).is_some() {
            let error = npz.array(add.name(), &0).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::InvalidName { .. }), "{error}");
            return false;
        }
        let content = add.write(npz);
        self.0.push((add.name().to_owned(), content));
        true
    }

    /// Renames a member, unless the name is taken, maybe by one of those that have been `added`.
    fn rename(&mut self, npz: &mut NpzWriter<File>, index: usize, new: usize, added: &Self) {
        let Some(index) = index.checked_rem(self.0.len()) else { return };
        let (name, content) = &self.0[index];
        let new_name = self::name(new, matches!(content, Content::Other(_)));
        let is_taken = |model: &Self| model.position(new_name).is_some();
        let renamed = npz.rename(name, new_name);
        if new_name != name && (is_taken(self) || is_taken(added)) {
            let error = renamed.unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::InvalidName { .. }), "{error}");
        } else {
            renamed.unwrap();
            self.0[index].0 = new_name.to_owned();
        }
    }

    #[cfg(feature = "mmap")]
    fn edit(&mut self, path: &Path, index: usize) {
        let Some(name) = self.name(index) else { return };
        let position = self.position(&name).unwrap();
        let Content::Floats(x) = &mut self.0[position].1 else { return };
        // SAFETY: no one else has to do with the file.
        let mut npz = unsafe { npz::NpzMapMut::open(path) }.unwrap();
        match npz.view_mut::<f64, IxDyn>(&name) {
            Ok(mut view) => {
                view.mapv_inplace(|x| x + 0.5);
                x.mapv_inplace(|x| x + 0.5);
            }
            Err(error) => assert!(matches!(error.kind(), ErrorKind::NoView { .. }), "{error}"),
        }
        npz.flush().unwrap();
    }

    #[cfg(not(feature = "mmap"))]
    fn edit(&mut self, _: &Path, _: usize) {}

    /// Adds an array that Python is about to write: its name, and of how many numbers it is.
    pub fn add_by_python(&mut self, index: usize) -> Option<(&'static str, usize)> {
        let name = NAMES[index % (NAMES.len() - OTHERS)];
        let len = index % 11;
        self.position(name).is_none().then(|| {
            let x = ArrayD::from_shape_fn(IxDyn(&[len]), |at| at[0] as f64);
            self.0.push((name.to_owned(), Content::Floats(x)));
            (name, len)
        })
    }

    /// Checks that our readers, and the zip crate, see what the model has. What others have
    /// written need not be aligned.
    pub fn check(&self, path: &Path, is_ours: bool) {
        let bytes = fs::read(path).unwrap();
        self.check_layout(&bytes, is_ours);
        self.check_reader(&NpzReader::open(path).unwrap());
        self.check_reader(&NpzReader::from_bytes(&bytes).unwrap());
        self.check_reader(&NpzReader::new(Cursor::new(&bytes)).unwrap());
        #[cfg(feature = "mmap")]
        // SAFETY: nobody changes the file.
        self.check_views(&unsafe { NpzReader::map(path) }.unwrap(), is_ours);
    }

    /// NumPy wants to see a member at the start, and there is nothing between members.
    pub fn check_layout(&self, bytes: &[u8], is_ours: bool) {
        match self.0.is_empty() {
            true => assert_eq!(bytes, b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
            false => assert!(bytes.starts_with(b"PK\x03\x04")),
        }
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let (mut places, mut names) = (Vec::new(), Vec::new());
        for index in 0..zip.len() {
            let mut member = zip.by_index(index).unwrap();
            let data = member.data_start().unwrap();
            let is_stored = member.compression() == zip::CompressionMethod::Stored;
            assert!(
                !is_ours || !is_stored || data.is_multiple_of(64),
                "{} is not aligned",
                member.name().unwrap()
            );
            places.push((member.header_start(), data + member.compressed_size()));
            names.push(member.name().unwrap().into_owned());
            // Which checks the CRC.
            member.read_to_end(&mut Vec::new()).unwrap();
        }
        assert_eq!(names, self.members());
        places.sort_unstable();
        let ends = places.iter().fold(0, |last, &(start, end)| {
            assert_eq!(start, last, "there are bytes between the members");
            end
        });
        assert_eq!(zip.central_directory_start(), ends);
    }

    pub fn check_reader<R>(&self, npz: &NpzReader<R>) {
        npz.verify().unwrap();
        let is_other = |content: &Content| matches!(content, Content::Other(_));
        let arrays = self.0.iter().filter(|(_, content)| !is_other(content));
        let names: Vec<_> = arrays.map(|(name, _)| &**name).collect();
        assert_eq!(npz.names().collect::<Vec<_>>(), names);
        assert_eq!(npz.members().collect::<Vec<_>>(), self.members());
        let mut all = npz.get_all().unwrap();
        assert_eq!(all.len(), names.len());
        for (name, content) in &self.0 {
            let mut any = |array: &dyn Fn(&AnyArray) -> bool| {
                assert!(array(&all.remove(name).unwrap()), "{name}");
            };
            match content {
                Content::Floats(x) => {
                    assert_eq!(npz.get::<ArrayD<f64>>(name).unwrap(), x);
                    any(&|found| found.as_array::<f64>().unwrap() == x);
                    let mut out = ArrayD::<f64>::zeros(x.raw_dim());
                    npz.read_into(name, &mut out).unwrap();
                    assert_eq!(out, x);
                }
                Content::Bytes(x) => {
                    assert!(
                        npz.get::<ArrayD<u8>>(name).unwrap().as_slice_memory_order()
                            == x.as_slice_memory_order()
                    );
                    any(&|found| found.as_array::<u8>().unwrap() == x);
                    if x.ndim() == 1 && x.len() > 10 {
                        let part: ArrayD<u8> = npz.get_slice(name, s![-9..;2]).unwrap();
                        assert_eq!(part, x.slice(s![-9..;2]).into_dyn());
                    }
                }
                Content::Flags(x) => {
                    assert_eq!(npz.get::<ArrayD<bool>>(name).unwrap(), x);
                    any(&|found| found.as_array::<bool>().unwrap() == x);
                }
                Content::Text(x) => {
                    assert_eq!(npz.get::<ArrayD<String>>(name).unwrap(), x);
                    any(&|found| found.as_array::<String>().unwrap() == x);
                }
                Content::Other(bytes) => assert_eq!(&npz.bytes(name).unwrap(), bytes),
            }
        }
    }

    #[cfg(feature = "mmap")]
    fn check_views(&self, npz: &NpzReader<npz::Map>, is_ours: bool) {
        for (name, content) in &self.0 {
            let Content::Floats(x) = content else { continue };
            match npz.view::<f64, IxDyn>(name) {
                Ok(view) => assert_eq!(view, x),
                Err(error) => {
                    assert!(matches!(error.kind(), ErrorKind::NoView { .. }), "{error}");
                    assert!(!is_ours || npz.info(name).unwrap().is_compressed(), "{error}");
                }
            }
        }
    }
}

/// As the example `repack` does.
fn repack(mut place: impl Place, is_deflated: bool) {
    // Wine replaces no file that is open.
    let from = NpzReader::from_bytes(fs::read(place.path()).unwrap()).unwrap();
    place.create(|to| {
        for member in from.members() {
            let entry = to
                .entry(member.strip_suffix(".npy").unwrap_or(member))
                .compression(compression(is_deflated, 6));
            match from.get::<Raw>(member) {
                Ok(array) => entry.array(&array).unwrap(),
                Err(error) => {
                    assert!(matches!(error.kind(), ErrorKind::NotAnArray { .. }), "{error}");
                    entry.bytes(&from.bytes(member).unwrap()).unwrap()
                }
            };
        }
    });
}

fn compression(is_deflated: bool, level: u8) -> Compression {
    match is_deflated && cfg!(feature = "deflate") {
        true => Compression::Deflate(level),
        false => Compression::Stored,
    }
}
