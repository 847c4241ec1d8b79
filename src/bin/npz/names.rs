//! Which arrays are meant, or which members.

use glob::Pattern;

use crate::Result;
use crate::archive::{Archive, Member, without_suffix};

/// The members that are called so, and the arrays whose names match one of these patterns
/// (`layer*.weight`); all if there are none.
pub fn select<'a>(archive: &'a Archive, patterns: &'a [String]) -> Result<Vec<Member<'a>>> {
    select_of(archive.members(), archive, patterns)
}

/// The same of the arrays among them.
pub fn select_arrays<'a>(archive: &'a Archive, patterns: &'a [String]) -> Result<Vec<&'a str>> {
    let arrays = archive.names().into_iter().map(Member::Array).collect();
    let selected = select_of(arrays, archive, patterns)?;
    Ok(selected.into_iter().map(Member::name).collect())
}

fn select_of<'a>(
    mut members: Vec<Member<'a>>,
    archive: &'a Archive,
    patterns: &'a [String],
) -> Result<Vec<Member<'a>>> {
    if patterns.is_empty() {
        return Ok(members);
    }
    let patterns: Vec<_> = patterns.iter().map(|text| Wanted::new(archive, text)).collect();
    for wanted in &patterns {
        if !members.iter().any(|member| wanted.is(*member)) {
            // Says that there is no such array, and which there are, unless it is there and not listed.
            archive.info(wanted.text)?;
            members.push(Member::Array(wanted.text));
        }
    }
    members.retain(|member| patterns.iter().any(|wanted| wanted.is(*member)));
    Ok(members)
}

/// The name of an array, or a pattern.
pub struct Wanted<'a> {
    text: &'a str,
    pattern: Option<Pattern>,
}

impl<'a> Wanted<'a> {
    /// What an array is called is no pattern, even if it contains a `*`.
    pub fn new(archive: &Archive, text: &'a str) -> Self {
        let is_name = archive.contains(text);
        Self { text, pattern: Pattern::new(text).ok().filter(|_| !is_name) }
    }

    pub fn is(&self, member: Member) -> bool {
        match (member, &self.pattern) {
            (Member::Array(name), Some(pattern)) => pattern.matches(name),
            (Member::Array(name), None) => name == without_suffix(self.text) || name == self.text,
            (Member::Other(name), _) => name == self.text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use npz::Limits;

    #[test]
    fn members_are_arrays_by_pattern_and_others_by_their_whole_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.npz");
        npz::save(&path, |npz| {
            for name in ["a*", "ab", "ac", "b", "notes"] {
                npz.array(name, &1)?;
            }
            npz.bytes("note.txt", b"text")?.bytes("ab.txt", b"text").map(drop)
        })
        .unwrap();
        let archive = Archive::open(&path, &Limits::default()).unwrap();
        for (patterns, selected) in [
            (&["a*"][..], &["a*"][..]), // that is its name
            (&["a?"], &["a*", "ab", "ac"]),
            (&["note.txt", "b.npy", "b"], &["b", "note.txt"]),
            (&["note*", "ab.txt"], &["notes", "ab.txt"]),
            (&[], &["a*", "ab", "ac", "b", "notes", "note.txt", "ab.txt"]),
            (&["ab.txt"], &["ab.txt"]),
        ] {
            let patterns: Vec<_> = patterns.iter().map(|&text| text.to_owned()).collect();
            let members = select(&archive, &patterns).unwrap().into_iter().map(Member::name);
            assert_eq!(members.collect::<Vec<_>>(), selected, "{patterns:?}");
        }
        for missing in ["*.txt", "x", "note"] {
            let patterns = ["ab.txt".to_owned(), missing.to_owned()];
            let error = select(&archive, &patterns).map(drop).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("no array `{missing}`; the archive has ")),
                "{error}"
            );
        }
    }
}
