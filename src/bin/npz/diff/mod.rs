//! `npz diff`: whether two files hold the same, and what differs.

mod compare;
mod values;

use std::collections::HashSet;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use npz::ndarray::Order;
use npz::{ArrayInfo, Limits};
use serde::Serialize;

use self::values::{Differences, Largest, Place, Values};
use crate::Result;
use crate::archive::Archive;
use crate::blocks::is_flat;
use crate::names::select_arrays;
use crate::output::{self, visible};
use crate::value;

/// Compare two files: names, dtypes, shapes, orders and values of arrays, and all else
///
/// Arrays are the same if their dtypes are, byte order included, their shapes, their orders (C or Fortran),
/// and all their values. Two numbers a and b are the same if |a - b| <= ATOL + RTOL * |b|; by default, if
/// they are equal. NaN differ from everything, and so do NaT, unless `--equal-nan` is given. How arrays
/// are compressed and where they are in the file does not matter. Members that are not arrays are compared
/// byte by byte. Two .npy files are compared whatever their names are.
///
/// Exit codes: 0 if the files are the same, 1 if they differ, 2 if something could not be compared.
#[derive(clap::Args)]
pub struct Args {
    /// An archive or an .npy file
    a: PathBuf,
    /// The one that it is compared with
    b: PathBuf,
    /// Only arrays of this name, or of names that match this pattern (`layer*.weight`)
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    tolerance: Tolerance,
    /// Compare only names, shapes and values: dtypes and orders may differ
    #[arg(long)]
    values: bool,
    /// How many differences to show of each array
    #[arg(long, value_name = "N", default_value_t = 5)]
    max: usize,
    /// Print nothing: the exit code tells
    #[arg(short, long)]
    quiet: bool,
    /// Print JSON: what differs of each array, and nothing of those that are the same
    #[arg(long, conflicts_with = "quiet")]
    json: bool,
}

/// When two numbers are the same.
#[derive(clap::Args)]
pub struct Tolerance {
    /// How much numbers may differ, in units of the second one
    #[arg(long, default_value_t = 0.0, value_parser = not_negative)]
    rtol: f64,
    /// How much numbers may differ
    #[arg(long, default_value_t = 0.0, value_parser = not_negative)]
    atol: f64,
    /// Take NaN, and NaT, as equal to each other
    #[arg(long)]
    equal_nan: bool,
}

/// What was compared.
#[derive(Serialize)]
struct Report {
    a: String,
    b: String,
    is_same: bool,
    /// How many arrays and other members were compared, or are in one file only.
    compared: usize,
    differing: Vec<Differing>,
    errors: Vec<String>,
}

/// An array, or another member, that is not the same in both files.
#[derive(Serialize)]
struct Differing {
    name: String,
    #[serde(flatten)]
    how: How,
}

#[derive(Serialize)]
#[serde(untagged)]
enum How {
    /// It is in this file only.
    OnlyIn {
        only_in: String,
    },
    /// It is not an array.
    Bytes {
        has_other_bytes: bool,
    },
    Array(ArrayDiff),
}

/// What differs of an array.
#[derive(Default, Serialize)]
struct ArrayDiff {
    dtype: Option<[String; 2]>,
    shape: Option<[Vec<usize>; 2]>,
    order: Option<[&'static str; 2]>,
    values: Vec<Differences>,
    /// What has dtypes whose values cannot be compared: the array, or fields of its records.
    incomparable: Vec<String>,
}

impl Args {
    pub fn run(&self, limits: &Limits) -> Result<ExitCode> {
        let [a, b] = [Archive::open(&self.a, limits)?, Archive::open(&self.b, limits)?];
        let report = self.compare(&a, &b)?;
        for error in report.errors.iter().filter(|_| !self.json) {
            output::error(error);
        }
        if self.json {
            output::json(&report)?;
        } else if !self.quiet {
            report.write()?;
        }
        Ok(match (report.errors.is_empty(), report.is_same) {
            (false, _) => ExitCode::from(2),
            (true, false) => ExitCode::from(1),
            (true, true) => ExitCode::SUCCESS,
        })
    }

    fn compare(&self, a: &Archive, b: &Archive) -> Result<Report> {
        let [a_path, b_path] = [a, b].map(|archive| archive.path.display().to_string());
        let mut report = Report {
            a: a_path,
            b: b_path,
            is_same: true,
            compared: 0,
            differing: Vec::new(),
            errors: Vec::new(),
        };
        for (name, other_name) in self.pairs(a, b)? {
            match self.compare_arrays(a, b, name, other_name) {
                Ok(how) => report.add(name.or(other_name), how),
                Err(error) => report.errors.push(format!("{error:#}")),
            }
            if self.quiet && !report.is_same {
                return Ok(report);
            }
        }
        if self.names.is_empty() {
            for name in union(other_members(a), other_members(b)) {
                match compare_bytes(a, b, name) {
                    Ok(how) => report.add(Some(name), how),
                    Err(error) => report.errors.push(format!("{error:#}")),
                }
            }
        }
        Ok(report)
    }

    /// The names of the arrays to be compared, in each of the files that have them.
    fn pairs<'a>(
        &'a self,
        a: &'a Archive,
        b: &'a Archive,
    ) -> Result<Vec<(Option<&'a str>, Option<&'a str>)>> {
        if self.names.is_empty() && a.npz().is_none() && b.npz().is_none() {
            return Ok(a
                .names()
                .into_iter()
                .map(Some)
                .zip(b.names().into_iter().map(Some))
                .collect());
        }
        let (mut in_a, mut in_b) = (Vec::new(), Vec::new());
        if self.names.is_empty() {
            (in_a, in_b) = (a.names(), b.names());
        }
        for pattern in &self.names {
            let pattern = std::slice::from_ref(pattern);
            let (of_a, of_b) = (select_arrays(a, pattern), select_arrays(b, pattern));
            match (of_a, of_b) {
                (Err(error), Err(_)) => return Err(error),
                (of_a, of_b) => {
                    in_a.extend(of_a.unwrap_or_default());
                    in_b.extend(of_b.unwrap_or_default());
                }
            }
        }
        let [of_a, of_b] =
            [&in_a, &in_b].map(|names| names.iter().copied().collect::<HashSet<_>>());
        let names = union(in_a, in_b);
        Ok(names
            .into_iter()
            .map(|name| (of_a.get(name).copied(), of_b.get(name).copied()))
            .collect())
    }

    /// What differs, if anything does.
    fn compare_arrays(
        &self,
        a: &Archive,
        b: &Archive,
        name: Option<&str>,
        other_name: Option<&str>,
    ) -> Result<Option<How>> {
        let (name, other_name) = match (name, other_name) {
            (Some(name), Some(other_name)) => (name, other_name),
            (Some(_), None) => return Ok(Some(How::only_in(a))),
            _ => return Ok(Some(How::only_in(b))),
        };
        let (info, other) = (a.info(name)?, b.info(other_name)?);
        let mut diff = ArrayDiff::default();
        if info.shape() != other.shape() {
            diff.shape = Some([info.shape().to_vec(), other.shape().to_vec()]);
        } else {
            let arrays = [(a, name, &info), (b, other_name, &other)];
            let most = if self.quiet { 0 } else { self.max };
            let values = Values::compare(arrays, &self.tolerance, most)?;
            (diff.values, diff.incomparable) = (values.differences, values.incomparable);
        }
        let dtypes = [info.dtype(), other.dtype()];
        if dtypes[0] != dtypes[1] && (!self.values || !diff.incomparable.is_empty()) {
            diff.dtype = Some(dtypes.map(ToString::to_string));
        }
        let orders = [order(&info), order(&other)];
        if !self.values && diff.shape.is_none() && orders[0] != orders[1] {
            diff.order = Some(orders);
        }
        Ok(Some(diff).filter(ArrayDiff::is_something).map(How::Array))
    }
}

/// The order of an array. One that is in both counts as one in C order.
fn order(info: &ArrayInfo) -> &'static str {
    if info.order() == Order::F && !is_flat(info.shape()) { "F" } else { "C" }
}

fn other_members(archive: &Archive) -> Vec<&str> {
    archive.npz().into_iter().flat_map(|npz| npz.other_members()).collect()
}

/// What is in the first list, and then what is in the second one only; each once.
fn union<'a>(a: Vec<&'a str>, b: Vec<&'a str>) -> Vec<&'a str> {
    let mut seen = HashSet::new();
    a.into_iter().chain(b).filter(|name| seen.insert(*name)).collect()
}

/// Compares a member that is not an array.
fn compare_bytes(a: &Archive, b: &Archive, name: &str) -> npz::Result<Option<How>> {
    let bytes = |archive: &Archive| {
        let npz = archive.npz().filter(|npz| npz.other_members().any(|other| other == name));
        npz.map(|npz| npz.bytes(name)).transpose()
    };
    Ok(match (bytes(a)?, bytes(b)?) {
        (Some(a), Some(b)) => (a != b).then_some(How::Bytes { has_other_bytes: true }),
        (Some(_), None) => Some(How::only_in(a)),
        (None, _) => Some(How::only_in(b)),
    })
}

impl How {
    fn only_in(archive: &Archive) -> Self {
        Self::OnlyIn { only_in: archive.path.display().to_string() }
    }
}

impl Report {
    fn add(&mut self, name: Option<&str>, how: Option<How>) {
        self.compared += 1;
        if let Some(how) = how {
            self.is_same = false;
            self.differing.push(Differing { name: name.unwrap_or_default().to_owned(), how });
        }
    }

    fn write(&self) -> Result {
        let mut out = output::stdout();
        for differing in &self.differing {
            differing.write(&mut out)?;
        }
        let s = if self.compared == 1 { "" } else { "s" };
        let compared = format!("{} member{s}", self.compared);
        match self.differing.len() {
            0 if self.errors.is_empty() => writeln!(out, "no differences in {compared}")?,
            0 => writeln!(out, "no differences in {compared}, but not all could be compared")?,
            1 => writeln!(out, "1 of {compared} differs")?,
            differing => writeln!(out, "{differing} of {compared} differ")?,
        }
        Ok(out.flush()?)
    }
}

impl Differing {
    fn write(&self, out: &mut impl Write) -> Result {
        let name = visible(&self.name);
        match &self.how {
            How::OnlyIn { only_in } => writeln!(out, "{name}: only in {}", visible(only_in))?,
            How::Bytes { .. } => writeln!(out, "{name}: other bytes")?,
            How::Array(diff) => diff.write(&name, out)?,
        }
        Ok(())
    }
}

impl ArrayDiff {
    fn is_something(&self) -> bool {
        let is_other = self.dtype.is_some() || self.shape.is_some() || self.order.is_some();
        is_other || !self.values.is_empty() || !self.incomparable.is_empty()
    }

    fn write(&self, name: &str, out: &mut impl Write) -> Result {
        if let Some([a, b]) = &self.dtype {
            writeln!(out, "{name}: dtype {} and {}", visible(a), visible(b))?;
        }
        if let Some([a, b]) = &self.shape {
            writeln!(out, "{name}: shape {} and {}", output::shape(a), output::shape(b))?;
        }
        if let Some([a, b]) = &self.order {
            writeln!(out, "{name}: order {a} and {b}")?;
        }
        for name in &self.incomparable {
            writeln!(out, "{}: values of these dtypes cannot be compared", visible(name))?;
        }
        self.values.iter().try_for_each(|differences| differences.write(out))
    }
}

impl Differences {
    fn write(&self, out: &mut impl Write) -> Result {
        let Self { name, compared, count, both_nan, first, largest, largest_relative } = self;
        writeln!(out, "{}: {count} of {compared} values differ", visible(name))?;
        if *both_nan > 0 {
            writeln!(out, "  NaN in both: {both_nan} (the same with --equal-nan)")?;
        }
        for place in first {
            writeln!(out, "  {place}")?;
        }
        if *count > first.len() as u64 && !first.is_empty() {
            writeln!(out, "  …")?;
        }
        for (what, largest) in [("difference", largest), ("relative difference", largest_relative)]
        {
            if let Some(Largest { difference, at }) = largest {
                writeln!(out, "  largest {what}: {} at {at}", value::short(*difference))?;
            }
        }
        Ok(())
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}: {} and {}", self.index, self.a, self.b)
    }
}

fn not_negative(text: &str) -> std::result::Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if number >= 0.0 { Ok(number) } else { Err("a tolerance is not negative".to_owned()) }
}
