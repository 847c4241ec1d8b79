//! The side of this crate.

use std::any::Any;
use std::hint::black_box;
use std::ops::Range;
use std::path::Path;

use common::{Arrays, Loaded, Many, Result, Serves, Source, Text, checksum, serve};
use ndarray::{Array1, Array3, ArrayView3, s};
use npz::{
    Bytes, Compression, FixedBytes, FixedStr, LoadElement, Map, NpzReader, NpzWriter, ViewElement,
};

struct Npz;

impl<T: ViewElement> Arrays<T> for Npz {
    fn save(path: &Path, source: &Source<'_, T>, deflated: bool) -> Result<()> {
        let compression = if deflated { Compression::Deflate(6) } else { Compression::Stored };
        let mut npz = NpzWriter::create(path)?.compression(compression);
        npz.array("x", &source.view())?;
        npz.finish()?;
        Ok(())
    }

    fn load(path: &Path) -> Result<impl AsRef<[T]>> {
        let array: Array3<T> = NpzReader::open(path)?.get("x")?;
        Ok(array.into_raw_vec_and_offset().0)
    }

    fn load_rows(path: &Path, rows: Range<usize>) -> Result<impl AsRef<[T]>> {
        let array: Array3<T> = NpzReader::open(path)?.get_slice("x", s![rows, .., ..])?;
        Ok(array.into_raw_vec_and_offset().0)
    }

    fn view(path: &Path) -> Result<impl AsRef<[T]>> {
        // SAFETY: the driver waits for the answer before it does anything to the file, and the
        // map is gone by then.
        let mapped = Mapped(unsafe { NpzReader::map(path)? });
        black_box(mapped.view::<T>()?);
        Ok(mapped)
    }
}

/// An archive that is mapped. Its array is viewed again by whoever looks at the elements.
struct Mapped(NpzReader<Map>);

impl Mapped {
    fn view<T: ViewElement>(&self) -> Result<ArrayView3<'_, T>> {
        Ok(self.0.view("x")?)
    }
}

impl<T: ViewElement> AsRef<[T]> for Mapped {
    fn as_ref(&self) -> &[T] {
        let view = self.view().expect("it was viewed before");
        view.to_slice().expect("it is in C order")
    }
}

impl Many for Npz {
    fn save_many(path: &Path, arrays: &[(String, Vec<f64>)]) -> Result<()> {
        let mut npz = NpzWriter::create(path)?;
        for (name, array) in arrays {
            npz.array(name, array)?;
        }
        npz.finish()?;
        Ok(())
    }

    fn load_many(path: &Path, names: &[String]) -> Result<Vec<Vec<f64>>> {
        let npz = NpzReader::open(path)?;
        let load = |name: &String| {
            let array: Array1<f64> = npz.get(name)?;
            Ok(array.into_raw_vec_and_offset().0)
        };
        names.iter().map(load).collect()
    }

    fn open(path: &Path) -> Result<(Box<dyn Any>, usize)> {
        let npz = NpzReader::open(path)?;
        let len = npz.len();
        Ok((Box::new(npz), len))
    }
}

impl Text for Npz {
    fn load_text(path: &Path, element: &str) -> Result<Loaded> {
        match element {
            "String" => load_words(path, |text: &String| text.chars().collect()),
            "FixedStr" => load_words(path, |text: &FixedStr<10>| text.chars().collect()),
            "Bytes" => {
                load_words(path, |bytes: &Bytes| bytes.iter().copied().map(char::from).collect())
            }
            "FixedBytes" => load_words(path, |bytes: &FixedBytes<10>| {
                bytes.iter().copied().map(char::from).collect()
            }),
            _ => Err(format!("no type `{element}`").into()),
        }
    }
}

/// Loads elements, of which `chars` gives the characters.
fn load_words<T: LoadElement + 'static>(path: &Path, chars: fn(&T) -> Vec<char>) -> Result<Loaded> {
    let array: Array3<T> = NpzReader::open(path)?.get("x")?;
    Ok(Box::new(move || {
        checksum(array.iter().flat_map(|item| {
            let mut word = [0_u32; 10];
            word.iter_mut().zip(chars(item)).for_each(|(code, char)| *code = char.into());
            word
        }))
    }))
}

impl Serves for Npz {}

fn main() -> Result<()> {
    serve::<Npz>()
}
