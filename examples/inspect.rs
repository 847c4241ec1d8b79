//! Lists what an archive holds, or shows one of its arrays.
//!
//! ```text
//! cargo run --release --example inspect -- FILE [NAME]
//! ```

use std::{env, error::Error, process::ExitCode};

use npz::{AnyArray, ErrorKind, NpzReader};

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let done = match &arguments[..] {
        [file] => list(file),
        [file, name] => show(file, name),
        _ => Err("usage: inspect FILE [NAME]".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            if let Some(source) = error.source() {
                eprintln!("  because: {source}");
            }
            ExitCode::FAILURE
        }
    }
}

/// The table of the members; no array is read but its header.
fn list(file: &str) -> Result<(), Box<dyn Error>> {
    let npz = NpzReader::open(file)?;
    let mut rows = vec![
        ["name", "dtype", "shape", "order", "compression", "bytes", "in file", "ratio"]
            .map(String::from),
    ];
    for name in npz.names() {
        let info = match npz.info(name) {
            Ok(info) => info,
            Err(error) => {
                eprintln!("{error}");
                continue;
            }
        };
        let compression = if info.is_compressed() { "deflated" } else { "stored" };
        let ratio = info.compressed_size() as f64 / info.nbytes().max(1) as f64;
        rows.push([
            name.to_owned(),
            shortened(info.dtype().to_string()),
            shape(info.shape()),
            format!("{:?}", info.order()),
            compression.to_owned(),
            info.nbytes().to_string(),
            info.compressed_size().to_string(),
            format!("{ratio:.3}"),
        ]);
    }
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..rows[0].len()).map(width).collect();
    for row in &rows {
        let cells =
            row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| match column {
                5.. => format!("{cell:>width$}"),
                _ => format!("{cell:<width$}"),
            });
        println!("{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
    for name in npz.other_members() {
        println!("not an array: {name}");
    }
    Ok(())
}

/// As Python writes it: `(3,)`, `(3, 4)`.
fn shape(shape: &[usize]) -> String {
    let lens: Vec<_> = shape.iter().map(usize::to_string).collect();
    let comma = if lens.len() == 1 { "," } else { "" };
    format!("({}{comma})", lens.join(", "))
}

/// Wide records would hide the other columns.
fn shortened(dtype: String) -> String {
    match dtype.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &dtype[..end]),
        None => dtype,
    }
}

fn show(file: &str, name: &str) -> Result<(), Box<dyn Error>> {
    let npz = NpzReader::open(file)?;
    match npz.get::<AnyArray>(name) {
        Ok(array) => println!("{array}"),
        // As in NumPy, a member that is not an array is its bytes.
        Err(error) if matches!(error.kind(), ErrorKind::NotAnArray { .. }) => {
            println!("{}", npz.bytes(name)?.escape_ascii());
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
