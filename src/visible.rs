//! Text that comes from a file, as people get to see it: without the power to control a
//! terminal or to turn the order of a line, and never longer than anybody reads.

use std::fmt::{self, Write};

/// How much of a name is shown.
const NAME: usize = 100;

/// How much is shown of a longer text in a message: a dtype, a problem.
pub(crate) const TEXT: usize = 1000;

/// A name, in backquotes.
pub(crate) fn quoted(name: &str) -> String {
    format!("`{}`", visible(name, NAME))
}

/// A name.
pub(crate) fn visible_name(name: &str) -> String {
    visible(name, NAME)
}

/// The first `most` characters of what `text` displays, and `…` if there are more. Characters that
/// cannot be seen are escaped.
pub fn visible(text: impl fmt::Display, most: usize) -> String {
    let mut out = String::new();
    let mut visible = Visible { out: &mut out, left: most };
    if write!(visible, "{text}").is_err() {
        out.push('…');
    }
    out
}

/// Passes on what can be seen, and escapes the rest; it fails when enough has been passed on.
struct Visible<'a> {
    out: &'a mut String,
    left: usize,
}

impl Write for Visible<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            match is_visible(c) {
                true => self.out.push(c),
                false => self.out.extend(c.escape_default()),
            }
        }
        Ok(())
    }
}

/// Whether `c` is shown as itself: what Python calls printable, which neither a control
/// character is, nor a separator other than the space, nor what has no width or no meaning.
pub(crate) fn is_visible(c: char) -> bool {
    match c {
        ' '..='~' => true,
        // Behind another character, so that marks which combine with it are not escaped.
        _ => String::from_iter(['x', c]).escape_debug().count() == 2,
    }
}

/// Text that is cut off: writing more than its first bytes fails, after `...` has been put
/// behind them.
pub(crate) struct Limited {
    pub(crate) text: String,
    most: usize,
}

impl Limited {
    pub(crate) fn new(most: usize) -> Self {
        Self { text: String::new(), most }
    }
}

impl Write for Limited {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let left = self.most.saturating_sub(self.text.len());
        if text.len() <= left {
            self.text.push_str(text);
            return Ok(());
        }
        let end = (0..=left).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
        self.text.extend([text.split_at(end).0, "..."]);
        Err(fmt::Error)
    }
}

/// What `write` writes, but for what is more than `most` bytes.
pub(crate) fn limited(most: usize, write: impl FnOnce(&mut Limited) -> fmt::Result) -> String {
    let mut out = Limited::new(most);
    // It fails when there is enough, and has put `...` there.
    let _ = write(&mut out);
    out.text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_escaped() {
        for (text, expected) in [
            ("layer/0 'w' \"b\" \\n", "layer/0 'w' \"b\" \\n"),
            ("é粒子😀e\u{301}", "é粒子😀e\u{301}"),
            ("a\nb\x1b[31m\u{9b}", r"a\nb\u{1b}[31m\u{9b}"),
            ("\u{202e}zpn.evil\u{2069}", r"\u{202e}zpn.evil\u{2069}"),
            ("\u{200b}\u{200f}\u{feff}\u{ad}", r"\u{200b}\u{200f}\u{feff}\u{ad}"),
            ("\u{2028}\u{a0}\u{e0041}\u{e000}", r"\u{2028}\u{a0}\u{e0041}\u{e000}"),
        ] {
            assert_eq!(visible(text, 100), expected);
        }
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(visible("x".repeat(100), 100), "x".repeat(100));
        assert_eq!(visible("é".repeat(101), 100), "é".repeat(100) + "…");
        let mut limited = Limited::new(5);
        assert!(limited.write_str("éé").is_ok());
        assert!(limited.write_str("").is_ok());
        assert!(limited.write_str("é").is_err());
        assert_eq!(limited.text, "éé...");
    }
}
