//! Reads an archive and writes it again, every dtype unchanged.
//!
//! ```text
//! cargo run --release --example repack -- IN OUT [--deflate LEVEL] [--order c|fortran|keep]
//! ```
//!
//! Without `--deflate`, members stay compressed or not, as they were. Members that are not arrays are copied as
//! they are, and so are arrays of Python objects. All keep their order.

use std::{env, error::Error, process::ExitCode};

use ndarray::Order;
use npz::{Compression, ErrorKind, NpzReader, NpzWriter, Raw};

const USAGE: &str = "usage: repack IN OUT [--deflate LEVEL] [--order c|fortran|keep]";

#[derive(Default)]
struct Options {
    files: Vec<String>,
    deflate: Option<u8>,
    order: Option<Order>,
}

fn main() -> ExitCode {
    match options().and_then(repack) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options, Box<dyn Error>> {
    let mut options = Options::default();
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--deflate" => options.deflate = Some(arguments.next().ok_or(USAGE)?.parse()?),
            "--order" => {
                options.order = match arguments.next().as_deref() {
                    Some("c") => Some(Order::C),
                    Some("fortran") => Some(Order::F),
                    Some("keep") => None,
                    _ => return Err(USAGE.into()),
                }
            }
            _ => options.files.push(argument),
        }
    }
    Ok(options)
}

fn repack(options: Options) -> Result<(), Box<dyn Error>> {
    let [input, output] = &options.files[..] else { return Err(USAGE.into()) };
    let from = NpzReader::open(input)?;
    let mut to = NpzWriter::create(output)?.order(options.order);
    for member in from.members() {
        let info = match from.info(member) {
            Err(error) if matches!(error.kind(), ErrorKind::NotAnArray { .. }) => {
                to.bytes(member, &from.bytes(member)?)?;
                continue;
            }
            info => info?,
        };
        let compression = match options.deflate {
            Some(level) => Compression::Deflate(level),
            None if info.is_compressed() => Compression::Deflate(6),
            None => Compression::Stored,
        };
        // Nothing in a pickle needs to be understood for this.
        if info.dtype().has_object() {
            to.entry(member).compression(compression).bytes(&from.bytes(member)?)?;
            continue;
        }
        let array: Raw = from.get(member)?;
        let name = member.strip_suffix(".npy").unwrap_or(member);
        to.entry(name).compression(compression).array(&array)?;
    }
    to.finish()?;
    Ok(())
}
