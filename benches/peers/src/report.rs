//! The results as Markdown, which reads as plain text too.

use crate::machine::About;
use crate::results::{Measured, Results};
use crate::rows::Group;
use crate::sides::Side;
use crate::targets::{Bound, targets};
use crate::works::{SIDES, label, works};

const NONE: &str = "–";

pub fn markdown(results: &Results, about: &About, rounds: usize, quick: bool) -> String {
    let mut text = format!(
        "# npz beside its peers\n\n\
         {}. {}.\n\n{}.\n\n\
         Medians of {rounds} rounds in which the sides take turns, each round on a new file or one in the page cache.\n\
         A side that is slow takes part in fewer rounds, and the table says in how many.\n\
         What a time covers is the user's call: from opening or creating the file until it is closed. Before it, each side\n\
         keeps the processor busy for 50 ms, because it wakes slowly. Speeds are bytes of array data a second. Every result was verified. `cargo run --release` in this folder measures all of it again.\n",
        about.date, about.machine, about.versions,
    );
    if quick {
        text += "\nThis was a quick run, over small arrays: it says nothing about speed.\n";
    }
    text += "\n## What must be reached\n\n";
    text += &target_table(results);
    for group in Group::ALL {
        let rows: Vec<&Measured> = results.group(group).collect();
        if rows.is_empty() {
            if group == Group::Cold {
                text += "\nNothing was read cold: the files could not be dropped from the cache, or it was not asked for.\n";
            }
            continue;
        }
        let title = group.title();
        text += &format!("\n## {}{}\n\n", title[..1].to_uppercase(), &title[1..]);
        text += &format!("{}\n\n", group.explanation());
        text += &match group {
            Group::Memory => memory_table(&rows),
            _ => time_tables(results, &rows, group, rounds),
        };
    }
    text
}

/// The table of the crate's documentation.
pub fn summary(results: &Results, about: &About) -> String {
    let header = line("speed, NumPy = 1", &SIDES, |side| Some(side.name().to_owned()));
    let mut lines = vec![header];
    for work in works(results) {
        let title = match work.note {
            "" => work.name.to_owned(),
            slice if slice.starts_with('[') => format!("{}, `{slice}`", work.name),
            note => format!("{}, {note}", work.name),
        };
        let speed = |side| work.speeds.iter().find(|speed| speed.0 == side).map(|speed| speed.1);
        lines.push(line(&title, &SIDES, |side| speed(side).map(label)));
    }
    format!(
        "{}\nMeasured on {}: {}. {}.\n",
        align(&lines),
        about.date,
        about.machine,
        about.versions
    )
}

fn memory_table(rows: &[&Measured]) -> String {
    let peak = |row: &Measured, side| Some(mib(row.cell(side)?.value));
    align(&lines(rows, &sides(rows), "memory", peak))
}

fn time_tables(results: &Results, rows: &[&Measured], group: Group, rounds: usize) -> String {
    let sides = sides(rows);
    let mut text = align(&lines(rows, &sides, "time, speed", |row, side| {
        let cell = row.cell(side)?;
        let mut text = time(cell.value);
        if row.row.has_speed() {
            text += &format!(", {}", speed(row.row.bytes as f64 / cell.value));
        }
        match cell.rounds {
            1 if rounds > 1 => text += " (1 round)",
            fewer if fewer < rounds => text += &format!(" ({fewer} rounds)"),
            _ => {}
        }
        Some(text)
    }));

    let others: Vec<Side> = sides.iter().copied().filter(|&side| side != Side::Npz).collect();
    let compared: Vec<&Measured> =
        rows.iter().copied().filter(|row| row.row.sides.len() > 1).collect();
    let ratio = |row: &Measured, side| Some(times(row.ratio(Side::Npz, side)?));
    let mut ratios = lines(&compared, &others, "npz is faster by", ratio);
    if group.is_corpus() {
        let mean = |side| results.mean_ratio(group, Side::Npz, side).map(times);
        ratios.push(line("geometric mean", &others, mean));
    }
    if !compared.is_empty() {
        text += "\n";
        text += &align(&ratios);
    }

    if group == Group::Deflate {
        let size = |row: &Measured, side| {
            let share = row.cell(side)?.size? as f64 / row.row.bytes as f64;
            Some(format!("{:.2} %", share * 100.0))
        };
        text += "\n";
        text += &align(&lines(rows, &sides, "size, of the data's", size));
    }
    text
}

/// A header, and one line a row, with one column a side.
fn lines(
    rows: &[&Measured],
    sides: &[Side],
    title: &str,
    cell: impl Fn(&Measured, Side) -> Option<String>,
) -> Vec<Vec<String>> {
    let header = line(title, sides, |side| Some(side.name().to_owned()));
    let body = rows.iter().map(|row| line(&row.row.label, sides, |side| cell(row, side)));
    [header].into_iter().chain(body).collect()
}

fn line(title: &str, sides: &[Side], cell: impl Fn(Side) -> Option<String>) -> Vec<String> {
    let cells = sides.iter().map(|&side| cell(side).unwrap_or(NONE.to_owned()));
    [title.to_owned()].into_iter().chain(cells).collect()
}

/// The sides that take part in one of the rows.
fn sides(rows: &[&Measured]) -> Vec<Side> {
    let takes_part = |side: &Side| rows.iter().any(|row| row.cell(*side).is_some());
    Side::ALL.into_iter().filter(takes_part).collect()
}

fn target_table(results: &Results) -> String {
    let header = ["work", "against", "must reach", "reached", ""];
    let mut lines = vec![header.map(str::to_owned).to_vec()];
    for target in targets(results) {
        let (bound, show): (String, fn(f64) -> String) = match target.bound {
            Bound::AtLeast(bound) => (format!("≥ {bound}"), |value| format!("{value:.2}")),
            Bound::AtMost(bound) => (format!("≤ {bound}"), |value| format!("{value:.3}")),
            Bound::AtMostMiB(bound) => {
                (format!("≤ {bound} MiB"), |value| format!("{value:.1} MiB"))
            }
            Bound::AtMostMicros(bound) => {
                (format!("≤ {bound} µs"), |value| format!("{value:.1} µs"))
            }
        };
        let verdict = match target.reached {
            None => "not measured",
            Some(value) if target.bound.admits(value) => "reached",
            Some(_) => "**missed**",
        };
        let reached = target.reached.map_or(NONE.to_owned(), show);
        lines.push(vec![target.work, target.against, bound, reached, verdict.to_owned()]);
    }
    align(&lines)
}

/// A Markdown table whose columns are of one width each.
fn align(lines: &[Vec<String>]) -> String {
    let width = |column: usize| {
        lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
    let mut text = String::new();
    for (i, line) in lines.iter().enumerate() {
        let cells = line.iter().zip(&widths);
        let cells: Vec<String> = cells.map(|(cell, width)| format!("{cell:width$}")).collect();
        text += &format!("| {} |\n", cells.join(" | "));
        if i == 0 {
            let rules: Vec<String> = widths.iter().map(|&width| "-".repeat(width)).collect();
            text += &format!("| {} |\n", rules.join(" | "));
        }
    }
    text
}

fn times(ratio: f64) -> String {
    format!("×{}", digits(ratio))
}

pub fn mib(bytes: f64) -> String {
    format!("{:.1} MiB", bytes / f64::from(1 << 20))
}

pub fn time(seconds: f64) -> String {
    match seconds {
        ..1e-3 => format!("{} µs", digits(seconds * 1e6)),
        ..1.0 => format!("{} ms", digits(seconds * 1e3)),
        _ => format!("{} s", digits(seconds)),
    }
}

/// Of bytes a second.
fn speed(rate: f64) -> String {
    match rate {
        ..1e9 => format!("{} MB/s", digits(rate / 1e6)),
        _ => format!("{} GB/s", digits(rate / 1e9)),
    }
}

/// Three significant digits.
fn digits(value: f64) -> String {
    match value {
        ..10.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}
