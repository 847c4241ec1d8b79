//! The subset of Python literals that `.npy` headers are written in.
//!
//! Headers have been written by many programs: keys in any order, every style of
//! quotes, Python 2's `3L`, `u''` and `b''`, trailing commas or none. A literal is
//! parsed in one pass over its characters, so in time and memory linear in its length;
//! nesting is bounded, so that recursion is.

use std::borrow::Cow;

use super::scalar::split_digits;
use crate::visible::{is_visible, visible};

/// NumPy's own deepest test nests three levels; Python's parser stops at about 100.
const MAX_DEPTH: usize = 64;

/// A parsed Python literal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal<'a> {
    Int(i128),
    /// Only in the metadata of dtypes, which nobody reads.
    Float,
    Bool(bool),
    None,
    Str(Cow<'a, str>),
    Tuple(Vec<Self>),
    List(Vec<Self>),
    Dict(Vec<(Self, Self)>),
}

impl<'a> Literal<'a> {
    /// Parses `text`, all of it; the error says what is wrong and at which byte.
    pub(crate) fn parse(text: &'a str) -> Result<Self, String> {
        let mut parser = Parser { text, rest: text };
        let literal = parser.value(MAX_DEPTH)?;
        parser.space();
        match parser.rest {
            "" => Ok(literal),
            _ => Err(parser.problem("expected the end")),
        }
    }

    /// What it is, for messages.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Int(value) => value.to_string(),
            Self::Float => "a float".to_owned(),
            Self::Bool(true) => "True".to_owned(),
            Self::Bool(false) => "False".to_owned(),
            Self::None => "None".to_owned(),
            Self::Str(text) => format!("the string {}", visible(repr(text), 100)),
            Self::Tuple(items) => format!("a tuple of {}", items.len()),
            Self::List(items) => format!("a list of {}", items.len()),
            Self::Dict(_) => "a dict".to_owned(),
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    /// What has not been read yet.
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next();
        self.rest = chars.as_str();
        next
    }

    fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    fn problem(&self, problem: &str) -> String {
        let at = self.text.len().saturating_sub(self.rest.len());
        match self.peek() {
            Some(found) => format!("{problem} at byte {at}, found {found:?}"),
            None => format!("{problem}, but the text ends"),
        }
    }

    /// Reads a value, in which others may be nested up to this many levels deep.
    fn value(&mut self, levels: usize) -> Result<Literal<'a>, String> {
        self.space();
        match self.peek() {
            Some('{') => self.dict(levels),
            Some('[') => Ok(Literal::List(self.items(']', levels)?.0)),
            Some('(') => {
                let (mut items, ends_in_comma) = self.items(')', levels)?;
                // Parentheses around one value only group it; a comma makes the tuple.
                match items.pop() {
                    Some(only) if items.is_empty() && !ends_in_comma => Ok(only),
                    last => {
                        items.extend(last);
                        Ok(Literal::Tuple(items))
                    }
                }
            }
            Some('-' | '0'..='9') => self.int(),
            Some('\'' | '"') => self.string(),
            Some('u' | 'U' | 'b' | 'B') => {
                self.next();
                self.string()
            }
            _ if self.take("True") => Ok(Literal::Bool(true)),
            _ if self.take("False") => Ok(Literal::Bool(false)),
            _ if self.take("None") => Ok(Literal::None),
            _ => Err(self.problem("expected a value")),
        }
    }

    /// Reads from an opening bracket to `close`; also tells whether a comma precedes that.
    fn items(&mut self, close: char, levels: usize) -> Result<(Vec<Literal<'a>>, bool), String> {
        let levels = self.open(levels)?;
        let (mut items, mut ends_in_comma) = (Vec::new(), false);
        loop {
            self.space();
            if self.peek() == Some(close) {
                self.next();
                return Ok((items, ends_in_comma));
            }
            if !items.is_empty() && !ends_in_comma {
                return Err(self.problem(&format!("expected `,` or `{close}`")));
            }
            items.push(self.value(levels)?);
            self.space();
            ends_in_comma = self.take(",");
        }
    }

    /// Reads an opening bracket, and returns how many levels there may be inside.
    fn open(&mut self, levels: usize) -> Result<usize, String> {
        self.next();
        levels.checked_sub(1).ok_or_else(|| format!("nested more than {MAX_DEPTH} levels deep"))
    }

    fn dict(&mut self, levels: usize) -> Result<Literal<'a>, String> {
        let levels = self.open(levels)?;
        let mut entries = Vec::new();
        loop {
            self.space();
            if self.take("}") {
                return Ok(Literal::Dict(entries));
            }
            let key = self.value(levels)?;
            self.space();
            if !self.take(":") {
                return Err(self.problem("expected `:`"));
            }
            entries.push((key, self.value(levels)?));
            self.space();
            if !self.take(",") && self.peek() != Some('}') {
                return Err(self.problem("expected `,` or `}`"));
            }
        }
    }

    fn int(&mut self) -> Result<Literal<'a>, String> {
        let negative = self.take("-");
        let (digits, rest) = split_digits(self.rest);
        let value = digits.parse().ok().and_then(|value: i128| match negative {
            true => value.checked_neg(),
            false => Some(value),
        });
        if let Some(rest) = skip_fraction(rest) {
            self.rest = rest;
            return Ok(Literal::Float);
        }
        let Some(value) = value else {
            return Err(self.problem("expected an integer of reasonable size"));
        };
        self.rest = rest;
        let _ = self.take("L") || self.take("l");
        Ok(Literal::Int(value))
    }

    #[expect(clippy::arithmetic_side_effects, reason = "what is added up is text")]
    fn string(&mut self) -> Result<Literal<'a>, String> {
        let quotes = ["'''", "'", "\"\"\"", "\""];
        let Some(quote) = quotes.into_iter().find(|quote| self.take(quote)) else {
            return Err(self.problem("expected a quote"));
        };
        let mut value = Cow::Borrowed("");
        loop {
            let is_special = |byte| matches!(byte, b'\\' | b'\'' | b'"');
            let special = self.rest.bytes().position(is_special).unwrap_or(self.rest.len());
            let (plain, rest) = self.rest.split_at(special);
            value += plain;
            self.rest = rest;
            if self.take(quote) {
                return Ok(Literal::Str(value));
            }
            match self.next() {
                Some('\\') => self.escape(value.to_mut())?,
                Some(c) => value.to_mut().push(c),
                None => return Err(self.problem("expected the string's closing quote")),
            }
        }
    }

    /// Reads what follows a backslash.
    fn escape(&mut self, value: &mut String) -> Result<(), String> {
        if let Some('0'..='7') = self.peek() {
            value.push(self.code_point(1, 3, 8)?);
            return Ok(());
        }
        let unescaped = match self.next() {
            Some('\n') => return Ok(()),
            Some(c @ ('\\' | '\'' | '"')) => c,
            Some('a') => '\x07',
            Some('b') => '\x08',
            Some('f') => '\x0c',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('v') => '\x0b',
            Some('x') => self.code_point(2, 2, 16)?,
            Some('u') => self.code_point(4, 4, 16)?,
            Some('U') => self.code_point(8, 8, 16)?,
            // As Python: a backslash before anything else stands for itself.
            Some(c) => {
                value.push('\\');
                c
            }
            None => return Err(self.problem("expected the string's closing quote")),
        };
        value.push(unescaped);
        Ok(())
    }

    /// Reads `least` to `most` digits of base `radix` as a character's number.
    fn code_point(&mut self, least: usize, most: usize, radix: u32) -> Result<char, String> {
        let digits = self.rest.chars().take(most).take_while(|c| c.is_digit(radix)).count();
        let (number, rest) = self.rest.split_at(digits);
        let code = u32::from_str_radix(number, radix).ok();
        match code.filter(|_| digits >= least).and_then(char::from_u32) {
            Some(c) => {
                self.rest = rest;
                Ok(c)
            }
            None => Err(self.problem("expected the number of a character")),
        }
    }
}

/// What follows the fraction and the exponent of a float, if `text` begins with either.
fn skip_fraction(text: &str) -> Option<&str> {
    let mut rest = text;
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = split_digits(fraction).1;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        rest = split_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)).1;
    }
    (rest.len() < text.len()).then_some(rest)
}

/// A string as Python's `repr` writes it, which is how headers hold field names.
pub(crate) fn repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut repr = String::with_capacity(text.len());
    repr.push(quote);
    for c in text.chars() {
        match c {
            '\\' => repr.push_str("\\\\"),
            '\n' => repr.push_str("\\n"),
            '\r' => repr.push_str("\\r"),
            '\t' => repr.push_str("\\t"),
            _ if c == quote => repr.extend(['\\', c]),
            _ if is_visible(c) => repr.push(c),
            _ => match u32::from(c) {
                code @ ..=0xff => repr.push_str(&format!("\\x{code:02x}")),
                code @ ..=0xffff => repr.push_str(&format!("\\u{code:04x}")),
                code => repr.push_str(&format!("\\U{code:08x}")),
            },
        }
    }
    repr.push(quote);
    repr
}

#[cfg(test)]
mod tests {
    use super::*;

    fn str(text: &str) -> Literal<'_> {
        Literal::Str(text.into())
    }

    #[test]
    fn values_of_every_kind() {
        for (text, expected) in [
            ("0", Literal::Int(0)),
            ("-12", Literal::Int(-12)),
            ("3L", Literal::Int(3)),
            ("-1.5e-3", Literal::Float),
            (" True ", Literal::Bool(true)),
            ("False", Literal::Bool(false)),
            ("None", Literal::None),
            ("()", Literal::Tuple(vec![])),
            ("(3)", Literal::Int(3)),
            ("(3,)", Literal::Tuple(vec![Literal::Int(3)])),
            ("( 3L ,\n4L )", Literal::Tuple(vec![Literal::Int(3), Literal::Int(4)])),
            ("[1, 2,]", Literal::List(vec![Literal::Int(1), Literal::Int(2)])),
            ("[]", Literal::List(vec![])),
            ("{}", Literal::Dict(vec![])),
            ("{'a': 1}", Literal::Dict(vec![(str("a"), Literal::Int(1))])),
            ("{'a': 1, }", Literal::Dict(vec![(str("a"), Literal::Int(1))])),
        ] {
            assert_eq!(Literal::parse(text).as_ref(), Ok(&expected), "{text}");
        }
    }

    #[test]
    fn strings_of_every_style() {
        for (text, expected) in [
            ("'a'", "a"),
            ("\"a'b\"", "a'b"),
            ("'''a'b'''", "a'b"),
            ("\"\"\"a\"\"\"", "a"),
            ("u'a'", "a"),
            ("b'a'", "a"),
            ("''", ""),
            (r"'\'\\\n\t\x41\u00e9\U0001f600\101\q'", "'\\\n\tA\u{e9}\u{1f600}A\\q"),
            ("'é'", "é"),
        ] {
            assert_eq!(Literal::parse(text), Ok(str(expected)), "{text}");
        }
    }

    #[test]
    fn nonsense_is_an_error() {
        for text in [
            "",
            " ",
            "(",
            ")",
            "[1 2]",
            "(,)",
            "[,]",
            "{'a'}",
            "{'a': }",
            "{'a': 1 'b': 2}",
            "{,}",
            "'a",
            "'''a'",
            "u",
            "Tru",
            "1 2",
            "--1",
            "0x10",
            "'\\x4'",
            "'\\ud800'",
            "'\\",
            "1, 2",
            "nan",
            "\u{e9}",
            "999999999999999999999999999999999999999999",
        ] {
            assert!(Literal::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Literal::parse(&nested(MAX_DEPTH)).is_ok());
        assert!(Literal::parse(&nested(10_000)).unwrap_err().contains("nested"));
        assert!(Literal::parse(&"(".repeat(1_000_000)).unwrap_err().contains("nested"));
    }

    #[test]
    fn repr_is_read_back() {
        for text in [
            "",
            "x",
            "it's",
            "\"",
            "'\"",
            "a\\b",
            "\n\r\t\0\x7f\u{a0}\u{2028}",
            "é",
            "粒子",
            "\u{1f600}",
        ] {
            assert_eq!(Literal::parse(&repr(text)), Ok(str(text)), "{text:?}");
        }
        assert_eq!(repr("it's"), "\"it's\"");
        assert_eq!(repr("\u{85}\u{2028}"), "'\\x85\\u2028'");
    }
}
