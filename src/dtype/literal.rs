//! The subset of Python literals that `.npy` headers are written in.
//!
//! Headers have been written by many programs: keys in any order, every style of
//! quotes, Python 2's `3L`, `u''` and `b''`, trailing commas or none. A literal is
//! parsed in one pass over its characters, so in time and memory linear in its length;
//! nesting is bounded, so that recursion is.

use std::borrow::Cow;

/// NumPy's own deepest test nests three levels; Python's parser stops at about 100.
const MAX_DEPTH: usize = 64;

/// A parsed Python literal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal<'a> {
    Int(i128),
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
        let mut parser = Parser { text, at: 0 };
        let literal = parser.value(0)?;
        parser.space();
        if parser.at < text.len() {
            return Err(parser.problem("expected the end"));
        }
        Ok(literal)
    }

    /// What it is, for messages.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Int(value) => value.to_string(),
            Self::Bool(true) => "True".to_owned(),
            Self::Bool(false) => "False".to_owned(),
            Self::None => "None".to_owned(),
            Self::Str(text) => format!("the string {text:?}"),
            Self::Tuple(items) => format!("a tuple of {}", items.len()),
            Self::List(items) => format!("a list of {}", items.len()),
            Self::Dict(_) => "a dict".to_owned(),
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    /// How many bytes have been read; always at a character's border.
    at: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn space(&mut self) {
        let is_space = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c');
        self.at += self.rest().as_bytes().iter().take_while(is_space).count();
    }

    fn problem(&self, problem: &str) -> String {
        match self.peek() {
            Some(found) => format!("{problem} at byte {}, found {found:?}", self.at),
            None => format!("{problem}, but the text ends"),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Literal<'a>, String> {
        if depth > MAX_DEPTH {
            return Err(format!("nested more than {MAX_DEPTH} levels deep"));
        }
        self.space();
        match self.peek() {
            Some('{') => self.dict(depth),
            Some('[') => Ok(Literal::List(self.items(']', depth)?.0)),
            Some('(') => {
                let (mut items, commas) = self.items(')', depth)?;
                // Parentheses around one value only group it; a comma makes the tuple.
                match (items.pop(), commas) {
                    (Some(only), 0) => Ok(only),
                    (last, _) => {
                        items.extend(last);
                        Ok(Literal::Tuple(items))
                    }
                }
            }
            Some('-' | '0'..='9') => self.int(),
            Some('\'' | '"') => self.string(),
            Some('u' | 'U' | 'b' | 'B') if self.rest()[1..].starts_with(['\'', '"']) => {
                self.at += 1;
                self.string()
            }
            _ if self.take("True") => Ok(Literal::Bool(true)),
            _ if self.take("False") => Ok(Literal::Bool(false)),
            _ if self.take("None") => Ok(Literal::None),
            _ => Err(self.problem("expected a value")),
        }
    }

    /// Reads from an opening bracket to `close`; also counts the commas.
    fn items(&mut self, close: char, depth: usize) -> Result<(Vec<Literal<'a>>, usize), String> {
        self.next();
        let (mut items, mut commas) = (Vec::new(), 0);
        loop {
            self.space();
            if self.peek() == Some(close) {
                self.next();
                return Ok((items, commas));
            }
            if items.len() > commas {
                return Err(self.problem(&format!("expected `,` or `{close}`")));
            }
            items.push(self.value(depth + 1)?);
            self.space();
            commas += usize::from(self.take(","));
        }
    }

    fn dict(&mut self, depth: usize) -> Result<Literal<'a>, String> {
        self.next();
        let mut entries = Vec::new();
        loop {
            self.space();
            if self.take("}") {
                return Ok(Literal::Dict(entries));
            }
            let key = self.value(depth + 1)?;
            self.space();
            if !self.take(":") {
                return Err(self.problem("expected `:`"));
            }
            entries.push((key, self.value(depth + 1)?));
            self.space();
            if !self.take(",") && self.peek() != Some('}') {
                return Err(self.problem("expected `,` or `}`"));
            }
        }
    }

    fn int(&mut self) -> Result<Literal<'a>, String> {
        let negative = self.take("-");
        let rest = self.rest();
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let Ok(value) = rest[..digits].parse::<i128>() else {
            return Err(self.problem("expected an integer of reasonable size"));
        };
        self.at += digits;
        let _ = self.take("L") || self.take("l");
        Ok(Literal::Int(if negative { -value } else { value }))
    }

    fn string(&mut self) -> Result<Literal<'a>, String> {
        let quote = match self.peek() {
            Some('\'') if self.rest().starts_with("'''") => "'''",
            Some('\'') => "'",
            _ if self.rest().starts_with("\"\"\"") => "\"\"\"",
            _ => "\"",
        };
        self.at += quote.len();
        let mut value = Cow::Borrowed("");
        loop {
            let rest = self.rest();
            let is_special = |byte| matches!(byte, b'\\' | b'\'' | b'"');
            let plain = rest.bytes().position(is_special).unwrap_or(rest.len());
            value += &rest[..plain];
            self.at += plain;
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
            Some('0'..='7') => {
                self.at -= 1;
                self.code_point(1, 3, 8)?
            }
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
        let digits = self.rest().chars().take(most).take_while(|c| c.is_digit(radix)).count();
        let code = u32::from_str_radix(&self.rest()[..digits], radix).ok();
        match code.filter(|_| digits >= least).and_then(char::from_u32) {
            Some(c) => {
                self.at += digits;
                Ok(c)
            }
            None => Err(self.problem("expected the number of a character")),
        }
    }
}

/// A string as Python's `repr` writes it, which is how headers hold field names.
pub(crate) fn repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut repr = String::with_capacity(text.len() + 2);
    repr.push(quote);
    for c in text.chars() {
        match c {
            '\\' => repr.push_str("\\\\"),
            '\n' => repr.push_str("\\n"),
            '\r' => repr.push_str("\\r"),
            '\t' => repr.push_str("\\t"),
            _ if c == quote => repr.extend(['\\', c]),
            ' ' => repr.push(c),
            // Python escapes what is not printable: controls and separators, here.
            _ if c.is_control() || c.is_whitespace() || c == '\u{ad}' => match u32::from(c) {
                code @ ..=0xff => repr.push_str(&format!("\\x{code:02x}")),
                code @ ..=0xffff => repr.push_str(&format!("\\u{code:04x}")),
                code => repr.push_str(&format!("\\U{code:08x}")),
            },
            _ => repr.push(c),
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
            "1e3",
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
