//! Histograms drawn in characters.

use std::io::Write;

use super::histogram::Bins;
use crate::Result;
use crate::{output, value};

/// The width where there is no terminal.
const WIDTH: usize = 80;

/// Parts of a character, in eighths.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Writes a line for each bin: where it begins and ends, a bar, and the count.
pub fn write(bins: &Bins, out: &mut impl Write) -> Result {
    let width = output::terminal().map_or(WIDTH, |(columns, _)| columns.into());
    for line in lines(bins, width) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn lines(bins: &Bins, width: usize) -> Vec<String> {
    let edges = texts(&bins.edges);
    let longest = edges.iter().map(String::len).max().unwrap_or(0);
    let most = bins.counts.iter().copied().max().unwrap_or(0);
    let digits = most.to_string().len();
    let room = width.saturating_sub(2 * longest + digits + "  …    ".len()).max(8);
    let line = |(edges, &count): (&[String], &u64)| {
        let bar = bar(count, most, room);
        let [from, to] = edges else { return String::new() };
        format!("  {from:>longest$} … {to:>longest$}  {count:>digits$} {bar}").trim_end().to_owned()
    };
    edges.windows(2).zip(&bins.counts).map(line).collect()
}

/// Edges in as many digits as it takes to tell them apart, if there is more than one bin.
fn texts(edges: &[f64]) -> Vec<String> {
    let text = |digits| edges.iter().map(|&edge| value::digits(edge, digits)).collect::<Vec<_>>();
    let is_enough = |texts: &Vec<String>| texts.windows(2).all(|pair| pair[0] != pair[1]);
    if edges.len() == 2 {
        return text(7);
    }
    (5..17).map(text).find(is_enough).unwrap_or_else(|| text(17))
}

/// A bar of so many characters at most. What is not zero is seen.
fn bar(count: u64, most: u64, room: usize) -> String {
    let eighths = (count as f64 / most.max(1) as f64 * 8.0 * room as f64).round() as usize;
    let eighths = if count > 0 { eighths.max(1) } else { 0 };
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_in_proportion() {
        assert_eq!(bar(0, 100, 10), "");
        assert_eq!(bar(1, 1_000_000, 10), "▏");
        assert_eq!(bar(50, 100, 10), "█████");
        assert_eq!(bar(100, 100, 10), "██████████");
        assert_eq!(bar(55, 100, 10), "█████▌");
    }

    #[test]
    fn lines_fit_the_terminal() {
        let bins = Bins { edges: vec![-0.5, 0.0, 0.5], counts: vec![3, 12] };
        let expected = ["  -0.5 …    0   3 ██", "     0 …  0.5  12 ████████"];
        assert_eq!(lines(&bins, 26), expected);
        assert!(lines(&bins, 60).iter().all(|line| line.chars().count() <= 60));
    }

    #[test]
    fn edges_can_be_told_apart() {
        assert_eq!(texts(&[1e6, 1e6 + 0.5, 1e6 + 1.0]), ["1000000", "1000000.5", "1000001"]);
        assert_eq!(texts(&[0.0, 0.0625, 0.125]), ["0", "0.0625", "0.125"]);
        assert_eq!(texts(&[2.0, 2.0 + 1e-15]), ["2", "2"]);
    }
}
