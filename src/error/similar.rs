//! The names that are most similar to one that was not found.

use super::{Error, ErrorKind};
use crate::visible::quoted;

impl Error {
    /// `name` was not found among `names`.
    pub(crate) fn not_found<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Self {
        /// How many pairs of characters are compared: a few milliseconds' worth.
        const MOST_WORK: usize = 4_000_000;
        let mut work = 0_usize;
        let mut distance_to = |other: &str| {
            work = work.saturating_add(name.len().min(64).saturating_mul(other.len().min(64)));
            if work > MOST_WORK { usize::MAX } else { distance(name, other) }
        };
        let mut names: Vec<_> = names.map(|other| (distance_to(other), other)).collect();
        let total = names.len();
        names.sort_by_key(|&(distance, _)| distance); // stable: the archive's order among equals
        let names = names.into_iter().take(10).map(|(_, other)| other.to_owned()).collect();
        Self::from(ErrorKind::NotFound { name: name.to_owned(), names, total }).in_array(name)
    }
}

pub(super) fn describe_names(names: &[String], total: usize) -> String {
    if names.is_empty() {
        return "the archive has no arrays".to_owned();
    }
    let names: Vec<_> = names.iter().map(|name| quoted(name)).collect();
    let more = match total.saturating_sub(names.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("the archive has {}{more}", names.join(", "))
}

/// How many characters must be inserted, deleted or replaced to make `a` of `b`
/// (Levenshtein). Only the first 64 of each are looked at, which bounds the time
/// on names that come from a file.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "the row is one longer than `b`, and counts to 128 at most"
)]
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("", ""), 0);
        assert_eq!(distance("weights", "weights"), 0);
        assert_eq!(distance("wieghts", "weights"), 2);
        assert_eq!(distance("", "bias"), 4);
        assert_eq!(distance("bias", "basis"), 3);
    }

    #[test]
    fn nearest_names_come_first_and_the_rest_is_counted() {
        let names: Vec<String> = (0..12).map(|i| format!("layer{i}")).collect();
        let error = Error::not_found("layer7", names.iter().map(String::as_str));
        let text = error.to_string();
        assert!(text.starts_with("no array `layer7`; the archive has `layer7`, "), "{text}");
        assert!(text.ends_with(" and 2 more"), "{text}");
        let hostile = Error::not_found("\x1b[31m", ["a\nb"].into_iter());
        assert_eq!(hostile.to_string(), r"no array `\u{1b}[31m`; the archive has `a\nb`");
        let empty = Error::not_found("x", std::iter::empty());
        assert_eq!(empty.to_string(), "no array `x`; the archive has no arrays");
    }
}
