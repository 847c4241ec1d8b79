//! What the programs have in common: their command line, and what they compute. None of it reads or
//! writes arrays.

pub mod device;
pub mod vectors;

use std::env;
use std::error::Error;
use std::path::Path;

/// Runs a program that has two parts, one that writes files and one that reads them: `write FOLDER`,
/// `read FOLDER`, or without arguments both, in a folder of their own.
///
/// # Errors
///
/// Those of the parts, and if the arguments are others.
pub fn run<E: Into<Box<dyn Error>>>(
    write: impl Fn(&Path) -> Result<(), E>,
    read: impl Fn(&Path) -> Result<(), E>,
) -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            let folder = tempfile::tempdir()?;
            write(folder.path()).map_err(E::into)?;
            read(folder.path()).map_err(E::into)
        }
        ["write", folder] => write(Path::new(folder)).map_err(E::into),
        ["read", folder] => read(Path::new(folder)).map_err(E::into),
        _ => Err("expected `write FOLDER`, `read FOLDER`, or nothing".into()),
    }
}

/// Returns a function that returns numbers below its argument. They look random, and are always the same.
pub fn random(mut state: u64) -> impl FnMut(u64) -> u64 {
    // SplitMix64.
    move |end| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) % end
    }
}
