//! Searches documents by the vectors of their words: with ndarray-npy.
//!
//! The index is written in chunks: how many vectors each document has, and the vectors' centroids and
//! residuals. The chunks are merged into one file each, which are mapped, and read where a document's
//! vectors are.

use memmap2::Mmap;
use ndarray::{Array1, Array2, ArrayD, ArrayView1, ArrayView2, s};
use ndarray_npy::npy::header::{Header, Layout};
use ndarray_npy::{ReadableElement, ViewNpyExt, WritableElement, read_npy, write_npy};
use npz_moving_in::vectors::{self, CHUNKS};
use rayon::prelude::*;
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write};
use std::ops::Range;
use std::path::Path;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn write(folder: &Path) -> Result<()> {
    let (centroids, weights) = vectors::codebook();
    write_npy(folder.join("centroids.npy"), &centroids)?;
    write_npy(folder.join("weights.npy"), &weights)?;
    for i in 0..CHUNKS {
        let (lengths, codes, residuals) = vectors::chunk(i);
        write_npy(folder.join(format!("{i}.lengths.npy")), &Array1::from(lengths))?;
        write_npy(folder.join(format!("{i}.codes.npy")), &Array1::from(codes))?;
        write_npy(folder.join(format!("{i}.residuals.npy")), &residuals)?;
    }
    merge::<i64>(folder, "lengths")?;
    merge::<i64>(folder, "codes")?;
    merge::<u8>(folder, "residuals")
}

/// Writes the chunks of an array as one file, and has one of them in memory at a time.
fn merge<T>(folder: &Path, name: &str) -> Result<()>
where
    T: ReadableElement + WritableElement + Clone,
{
    let chunk = |i| folder.join(format!("{i}.{name}.npy"));
    // The header comes first, and says how many rows there are.
    let mut shape = read_shape(&chunk(0))?;
    for i in 1..CHUNKS {
        let other = read_shape(&chunk(i))?;
        if other[1..] != shape[1..] {
            return Err(format!("{:?} is of shape {other:?}", chunk(i)).into());
        }
        shape[0] += other[0];
    }
    // An index that is searched keeps the old file mapped, which must not be changed.
    let new = folder.join(format!("{name}.npy.new"));
    let mut file = BufWriter::new(File::create(&new)?);
    let type_descriptor = T::type_descriptor();
    Header { type_descriptor, layout: Layout::Standard, shape }.write(&mut file)?;
    for i in 0..CHUNKS {
        let array: ArrayD<T> = read_npy(chunk(i))?;
        let rows = array.as_standard_layout();
        T::write_slice(rows.as_slice().expect("it is in standard layout"), &mut file)?;
    }
    file.flush()?;
    Ok(fs::rename(new, folder.join(format!("{name}.npy")))?)
}

fn read_shape(path: &Path) -> Result<Vec<usize>> {
    Ok(Header::from_reader(&mut BufReader::new(File::open(path)?))?.shape)
}

struct Index {
    centroids: Array2<f32>,
    weights: Array1<f32>,
    /// Where the vectors of each document are.
    documents: Vec<Range<usize>>,
    codes: Mmap,
    residuals: Mmap,
}

impl Index {
    fn open(folder: &Path) -> Result<Self> {
        let lengths: Array1<i64> = read_npy(folder.join("lengths.npy"))?;
        let mut end = 0;
        let documents = lengths.iter().map(|&length| {
            let start = end;
            end += length as usize;
            start..end
        });
        // SAFETY: `merge` replaces the files, and changes none.
        let map = |name| unsafe { Mmap::map(&File::open(folder.join(name))?) };
        Ok(Self {
            centroids: read_npy(folder.join("centroids.npy"))?,
            weights: read_npy(folder.join("weights.npy"))?,
            documents: documents.collect(),
            codes: map("codes.npy")?,
            residuals: map("residuals.npy")?,
        })
    }

    /// The documents that are similar to one of them, which is the first.
    fn search(&self, document: usize) -> Result<Vec<(usize, f32)>> {
        let codes = ArrayView1::<i64>::view_npy(&self.codes)?;
        let residuals = ArrayView2::<u8>::view_npy(&self.residuals)?;
        let decompress = |rows: &Range<usize>| {
            let (codes, residuals) =
                (codes.slice(s![rows.clone()]), residuals.slice(s![rows.clone(), ..]));
            vectors::decompress(codes, residuals, &self.centroids, &self.weights)
        };
        let query = decompress(&self.documents[document]);
        let documents = self.documents.par_iter().enumerate();
        let mut found: Vec<(usize, f32)> = documents
            .map(|(i, rows)| (i, vectors::similarity(&query, &decompress(rows))))
            .collect();
        found.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        Ok(found)
    }
}

fn read(folder: &Path) -> Result<()> {
    for (document, similarity) in Index::open(folder)?.search(77)?.iter().take(5) {
        println!("document {document}: {similarity:.4}");
    }
    Ok(())
}

fn main() -> Result<()> {
    npz_moving_in::run(write, read)
}
