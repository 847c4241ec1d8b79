//! npz, NumPy and the other crates for `.npz`, measured side by side.
//!
//! ```text
//! cargo run --release                         # all of it: RESULTS.md and results.svg beside
//!                                             # Cargo.toml, and the table of the crate's docs
//! cargo run --release -- --quick              # small arrays, two rounds: to try it out
//! cargo run --release -- deflate "write, permuted"    # the rows whose names contain one of these
//!     --rounds N                              # instead of 7
//!     --date YYYY-MM-DD                       # instead of the system's, for the report
//! ```
//!
//! What is not the whole run leaves its report below `target`.
//!
//! Each side is a process that stays: the crates are built one by one, NumPy runs in a
//! virtual environment made below `target`. All work on the same arrays, which are made
//! once, and on files in one folder there, in the page cache unless a row says otherwise. In
//! each row the sides take turns, so that what disturbs the machine disturbs all of them; the
//! order changes from round to round. The first round is not measured: in it, what each side wrote is loaded
//! by NumPy, and what it loaded compared, by checksums.
//!
//! The processes keep what they have of their allocator's state: as in any program that has
//! run for a while, an array of the middle sizes may get memory that was freed a round ago.

mod chart;
mod cold;
mod machine;
mod measure;
mod report;
mod results;
mod rows;
mod sides;
mod targets;
mod works;

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use common::{Result, corpus};

use crate::measure::Bench;
use crate::sides::Tools;

struct Options {
    quick: bool,
    rounds: Option<usize>,
    date: Option<String>,
    /// Parts of the names of rows; none means all rows.
    filters: Vec<String>,
}

impl Options {
    fn parse() -> Result<Self> {
        let mut options = Self { quick: false, rounds: None, date: None, filters: Vec::new() };
        let mut args = env::args().skip(1);
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} takes a value"));
            match arg.as_str() {
                "--quick" => options.quick = true,
                "--rounds" => {
                    let rounds = value()?.parse().ok().filter(|&rounds| rounds > 0);
                    options.rounds = Some(rounds.ok_or("--rounds takes a number from 1")?);
                }
                "--date" => options.date = Some(value()?),
                flag if flag.starts_with('-') => return Err(format!("no option {flag}").into()),
                _ => options.filters.push(arg),
            }
        }
        Ok(options)
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let options = Options::parse()?;
    let tools = Tools::prepare()?;
    let folder = tools.target.join("arrays");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let report = measure_all(&options, &tools, &folder);
    fs::remove_dir_all(&folder)?;
    report
}

fn measure_all(options: &Options, tools: &Tools, folder: &Path) -> Result<()> {
    let sets = corpus::write(folder, options.quick)?;
    let mut rows = rows::rows(&sets, cold::is_possible(folder)?)?;
    rows.retain(|row| row.is_named(&options.filters));
    if rows.is_empty() {
        return Err("no row has such a name".into());
    }
    let rounds = options.rounds.unwrap_or(if options.quick { 2 } else { 7 });
    let mut bench = Bench::start(tools, folder, sets, rounds)?;
    let results = bench.measure(rows)?;
    let about = machine::about(options.date.clone(), &bench.numpy_versions()?)?;

    let whole = !options.quick && options.filters.is_empty();
    let into = if whole { Path::new(sides::HERE) } else { &tools.target };
    let text = report::markdown(&results, &about, rounds, options.quick);
    print!("{text}");
    fs::write(into.join("RESULTS.md"), text)?;
    fs::write(into.join("results.svg"), chart::svg(&results))?;
    let of_docs = if whole { &Path::new(sides::HERE).join("../../src") } else { into };
    fs::write(of_docs.join("performance.md"), report::summary(&results, &about))?;
    eprintln!("RESULTS.md and results.svg are in {}", into.display());
    Ok(())
}
