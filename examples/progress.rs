//! A progress bar for a long save.
//!
//! ```text
//! cargo run --release --example progress
//! ```

use std::fs;

use indicatif::{ProgressBar, ProgressStyle};
use ndarray::Array3;
use npz::{Compression, NpzWriter};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let style = "{msg:8} {wide_bar} {bytes}/{total_bytes} {binary_bytes_per_sec}";
    let bar = ProgressBar::no_length().with_style(ProgressStyle::with_template(style)?);

    let field = Array3::from_shape_fn((400, 400, 400), |(i, j, k)| ((i * j + k) as f32).sin());
    fs::create_dir_all("target")?;
    let shown = bar.clone();
    let mut npz = NpzWriter::create("target/progress.npz")?
        .compression(Compression::Deflate(6))
        .progress(move |p| {
            shown.set_message(p.name.to_owned());
            shown.set_length(p.bytes_total);
            shown.set_position(p.bytes_done);
        });
    npz.array("field", &field)?.array("turned", &field.t())?;
    npz.finish()?;
    bar.finish_with_message("saved");
    Ok(())
}
