//! Rounds, in which the sides take turns; verification; fresh processes for memory.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use common::{Result, Set};

use crate::cold;
use crate::report;
use crate::results::{Cell, Measured, Results, median};
use crate::rows::{Group, Row, Task};
use crate::sides::{Process, Side, Tools};

pub struct Bench<'a> {
    tools: &'a Tools,
    folder: PathBuf,
    sets: Vec<Set>,
    rounds: usize,
    /// Each with the number of its threads, if a row says that.
    processes: Vec<(Side, Option<usize>, Process)>,
}

/// How long a side may take for all rounds of a row. One that needs more takes part in fewer; one that
/// needs as much for the first round, which verifies, is measured in that one.
const MOST_SECONDS: f64 = 3.0;

impl<'a> Bench<'a> {
    pub fn start(tools: &'a Tools, folder: &Path, sets: Vec<Set>, rounds: usize) -> Result<Self> {
        Ok(Self { tools, folder: folder.to_owned(), sets, rounds, processes: Vec::new() })
    }

    pub fn numpy_versions(&mut self) -> Result<String> {
        self.ask(Side::NumPy, None, "versions")
    }

    pub fn measure(&mut self, rows: Vec<Row>) -> Result<Results> {
        let mut measured = Vec::new();
        for (i, row) in rows.iter().enumerate() {
            eprint!("{}, {}:", row.group.title(), row.name);
            self.write_inputs(row)?;
            let expected = row.task.checksum(&self.sets, &self.folder)?;
            let cells = match row.group {
                Group::Memory => self.peaks(row, expected)?,
                _ => self.times(row, expected)?,
            };
            for (side, cell) in &cells {
                let value = match row.group {
                    Group::Memory => report::mib(cell.value),
                    _ => report::time(cell.value),
                };
                eprint!("  {} {value}", side.name());
            }
            eprintln!();
            self.remove_files_but_inputs_of(&rows[i + 1..])?;
            measured.push(Measured { row: row.clone(), cells });
        }
        Ok(Results { rows: measured })
    }

    /// The median times of the rounds, after one that verifies.
    fn times(&mut self, row: &Row, expected: u64) -> Result<Vec<(Side, Cell)>> {
        let (mut sizes, mut times, mut rounds) = (Vec::new(), Vec::new(), Vec::new());
        for &side in &row.sides {
            let first = if row.task.saves() { self.time(row, side)? } else { 0.0 };
            self.verify(row, side, expected, None)?;
            sizes.push(self.size(row, side)?);
            let is_slow = first >= MOST_SECONDS;
            times.push(if is_slow { vec![first] } else { Vec::new() });
            rounds.push(((MOST_SECONDS / first) as usize).min(self.rounds));
        }
        for round in 0..self.rounds {
            let count = row.sides.len();
            for turn in 0..count {
                // Backwards every other time, so that the one before is not always the same.
                let step = if round % 2 == 0 { turn } else { count - turn };
                let at = (round + step) % count;
                if round < rounds[at] {
                    times[at].push(self.time(row, row.sides[at])?);
                }
            }
        }
        let cells = times.iter_mut().zip(sizes);
        let cells =
            cells.map(|(times, size)| Cell { value: median(times), size, rounds: times.len() });
        Ok(row.sides.iter().copied().zip(cells).collect())
    }

    /// One round of one side. What it saves is a new file, and none is left of the others
    /// that the system would have to write out meanwhile.
    fn time(&mut self, row: &Row, side: Side) -> Result<f64> {
        if row.task.saves() {
            for &side in &row.sides {
                let file = self.folder.join(row.task.file(side));
                if file.exists() {
                    fs::remove_file(file)?;
                }
            }
        }
        if row.is_cold {
            cold::drop_from_cache(&self.folder.join(row.task.file(side)))?;
        }
        let request = format!("time {}", row.task.request(side));
        Ok(self.ask(side, row.threads, &request)?.parse()?)
    }

    /// The peaks of memory, each in a process of its own.
    fn peaks(&mut self, row: &Row, expected: u64) -> Result<Vec<(Side, Cell)>> {
        let mut cells = Vec::new();
        for &side in &row.sides {
            let mut fresh = Process::start(self.tools, side, row.threads, &self.folder)?;
            let value = fresh.ask(&format!("peak {}", row.task.request(side)))?.parse()?;
            self.verify(row, side, expected, Some(fresh))?;
            cells.push((side, Cell { value, size: self.size(row, side)?, rounds: 1 }));
        }
        Ok(cells)
    }

    /// That what was saved is what NumPy loads, or what is loaded is what there is; by
    /// `process` if there is one, else by the side's own.
    fn verify(
        &mut self,
        row: &Row,
        side: Side,
        expected: u64,
        process: Option<Process>,
    ) -> Result<()> {
        let found = match (row.task.inverse(side), process) {
            (Some(Task::Load { set, .. }), _) if side == Side::Plain => {
                let raw = fs::read(self.folder.join(&Set::find(&self.sets, &set)?.file))?;
                let same = fs::read(self.folder.join(row.task.file(side)))? == raw;
                if same { expected.to_string() } else { "other bytes".to_owned() }
            }
            (Some(load), _) => {
                self.ask(Side::NumPy, None, &format!("check {}", load.request(side)))?
            }
            (None, Some(mut process)) => {
                process.ask(&format!("check {}", row.task.request(side)))?
            }
            (None, None) => {
                self.ask(side, row.threads, &format!("check {}", row.task.request(side)))?
            }
        };
        if found != expected.to_string() {
            let (row, side) = (&row.name, side.name());
            return Err(format!("{row}, {side}: {found} instead of {expected}").into());
        }
        Ok(())
    }

    /// The size of what was saved.
    fn size(&self, row: &Row, side: Side) -> Result<Option<u64>> {
        let file = self.folder.join(row.task.file(side));
        Ok(if row.task.saves() { Some(fs::metadata(file)?.len()) } else { None })
    }

    /// The files that the row reads and that are not there yet.
    fn write_inputs(&mut self, row: &Row) -> Result<()> {
        for (author, save) in row.sides.iter().filter_map(|&side| row.task.input(side)) {
            let file = self.folder.join(save.file(author));
            if !file.exists() {
                self.ask(author, None, &format!("time {}", save.request(author)))?;
            }
            // Else the system might choose a measurement as the time to write it out.
            File::open(file)?.sync_all()?;
        }
        Ok(())
    }

    fn remove_files_but_inputs_of(&self, rows: &[Row]) -> Result<()> {
        let inputs = rows.iter().flat_map(|row| {
            let inputs = row.sides.iter().filter_map(|&side| row.task.input(side));
            inputs.map(|(author, save)| save.file(author))
        });
        let inputs: HashSet<String> = inputs.collect();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            let is_archive = path.extension().is_some_and(|extension| extension == "npz");
            if is_archive && name.is_some_and(|name| !inputs.contains(&name)) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// The answer of the side's process with so many threads, which is started if there is none yet.
    fn ask(&mut self, side: Side, threads: Option<usize>, request: &str) -> Result<String> {
        let known = self.processes.iter().position(|known| (known.0, known.1) == (side, threads));
        let at = known.unwrap_or(self.processes.len());
        if known.is_none() {
            let process = Process::start(self.tools, side, threads, &self.folder)?;
            self.processes.push((side, threads, process));
        }
        self.processes[at].2.ask(request)
    }
}
