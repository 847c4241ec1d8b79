//! Documents whose words are vectors, each stored as the nearest of some centroids, and a residual of four
//! bits per number.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

use crate::random;

/// How many numbers a vector has.
pub const DIM: usize = 16;
/// In how many chunks the documents are written.
pub const CHUNKS: usize = 3;

const CENTROIDS: usize = 32;

/// The centroids, and the 16 values of a residual's numbers.
pub fn codebook() -> (Array2<f32>, Array1<f32>) {
    let mut random = random(2);
    let centroids =
        Array2::from_shape_simple_fn((CENTROIDS, DIM), || random(200) as f32 / 100.0 - 1.0);
    (centroids, Array1::linspace(-0.15, 0.15, 16))
}

/// The documents of a chunk: how many vectors each has, and of all of them the centroids and the residuals.
pub fn chunk(number: usize) -> (Vec<i64>, Vec<i64>, Array2<u8>) {
    let mut random = random(3 + number as u64);
    let lengths: Vec<i64> = (0..40).map(|_| 5 + random(8) as i64).collect();
    let vectors = lengths.iter().sum::<i64>() as usize;
    let codes = (0..vectors).map(|_| random(CENTROIDS as u64) as i64).collect();
    let residuals = Array2::from_shape_simple_fn((vectors, DIM / 2), || random(256) as u8);
    (lengths, codes, residuals)
}

/// The vectors that are stored as `codes` and `residuals`.
pub fn decompress(
    codes: ArrayView1<i64>,
    residuals: ArrayView2<u8>,
    centroids: &Array2<f32>,
    weights: &Array1<f32>,
) -> Array2<f32> {
    Array2::from_shape_fn((codes.len(), DIM), |(i, j)| {
        let bucket = (residuals[[i, j / 2]] >> (4 * (j % 2))) & 15;
        centroids[[codes[i] as usize, j]] + weights[usize::from(bucket)]
    })
}

/// How similar a document is to a query: the sum over the query's vectors, of the best product with one of the
/// document's.
pub fn similarity(query: &Array2<f32>, document: &Array2<f32>) -> f32 {
    let best = |row: ArrayView1<f32>| row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    query.dot(&document.t()).rows().into_iter().map(best).sum()
}
