//! Which arrays are meant.

use glob::Pattern;

use crate::Result;
use crate::archive::Archive;

/// The arrays that are called so, or match one of these patterns (`layer*.weight`); all if there
/// are none.
pub fn select<'a>(archive: &'a Archive, patterns: &[String]) -> Result<Vec<&'a str>> {
    let mut names = archive.names();
    if patterns.is_empty() {
        return Ok(names);
    }
    let patterns: Vec<_> = patterns.iter().map(|text| Wanted::new(archive, text)).collect();
    for wanted in &patterns {
        if !names.iter().any(|name| wanted.is(name)) {
            // Says that there is no such array, and which there are.
            archive.info(wanted.text)?;
        }
    }
    names.retain(|name| patterns.iter().any(|wanted| wanted.is(name)));
    Ok(names)
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

    pub fn is(&self, name: &str) -> bool {
        match &self.pattern {
            Some(pattern) => pattern.matches(name),
            None => self.text == name || self.text.strip_suffix(".npy") == Some(name),
        }
    }
}
