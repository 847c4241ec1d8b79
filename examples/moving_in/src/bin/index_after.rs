//! Searches documents by the vectors of their words: with npz.
//!
//! The index is written in chunks: how many vectors each document has, and the vectors' centroids and
//! residuals. The chunks are merged into one file each, which are mapped, and read where a document's
//! vectors are.

use ndarray::{Array1, Array2, ArrayD, ArrayView1, ArrayView2, s};
use npz::{LoadElement, Map, NpyReader, NpyWriter, Result, read_npy, write_npy};
use npz_moving_in::vectors::{self, CHUNKS};
use rayon::prelude::*;
use std::error::Error;
use std::ops::Range;
use std::path::Path;

fn write(folder: &Path) -> Result<()> {
    let (centroids, weights) = vectors::codebook();
    write_npy(folder.join("centroids.npy"), &centroids)?;
    write_npy(folder.join("weights.npy"), &weights)?;
    for i in 0..CHUNKS {
        let (lengths, codes, residuals) = vectors::chunk(i);
        write_npy(folder.join(format!("{i}.lengths.npy")), &lengths)?;
        write_npy(folder.join(format!("{i}.codes.npy")), &codes)?;
        write_npy(folder.join(format!("{i}.residuals.npy")), &residuals)?;
    }
    merge::<i64>(folder, "lengths")?;
    merge::<i64>(folder, "codes")?;
    merge::<u8>(folder, "residuals")
}

/// Writes the chunks of an array as one file, and has one of them in memory at a time.
fn merge<T: LoadElement>(folder: &Path, name: &str) -> Result<()> {
    let chunk = |i| folder.join(format!("{i}.{name}.npy"));
    let first = NpyReader::open(chunk(0))?;
    let merged = NpyWriter::create(folder.join(format!("{name}.npy")))?;
    let mut rows = merged.rows::<T>(&first.info().shape()[1..])?;
    for i in 0..CHUNKS {
        rows.extend(&read_npy::<_, ArrayD<T>>(chunk(i))?)?;
    }
    rows.finish()
}

struct Index {
    centroids: Array2<f32>,
    weights: Array1<f32>,
    /// Where the vectors of each document are.
    documents: Vec<Range<usize>>,
    codes: NpyReader<Map>,
    residuals: NpyReader<Map>,
}

impl Index {
    fn open(folder: &Path) -> Result<Self> {
        let lengths: Vec<i64> = read_npy(folder.join("lengths.npy"))?;
        let mut end = 0;
        let documents = lengths.iter().map(|&length| {
            let start = end;
            end += length as usize;
            start..end
        });
        // SAFETY: `merge` replaces the files, and changes none.
        let map = |name| unsafe { NpyReader::map(folder.join(name)) };
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
        let codes: ArrayView1<i64> = self.codes.view()?;
        let residuals: ArrayView2<u8> = self.residuals.view()?;
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

fn main() -> std::result::Result<(), Box<dyn Error>> {
    npz_moving_in::run(write, read)
}
