//! Texts in pickles, in the forms of each protocol.

use std::borrow::Cow;
use std::sync::Arc;

use super::value::{Opaque, Value};

/// A `str`, of which these are the UTF-8. With lone surrogates, which Python allows, there is no text
/// of Rust's for it.
pub(super) fn str(bytes: Cow<'_, [u8]>) -> Value {
    match str::from_utf8(&bytes) {
        Ok(text) => Value::Str(text.into()),
        Err(_) => Value::Opaque(Arc::new(Opaque {
            args: Some([Value::Bytes(bytes.into())].into()),
            ..Opaque::named("builtins".into(), "str".into())
        })),
    }
}

/// A `str` of Python 2's, which is text or bytes.
pub(super) fn python2_str(bytes: Cow<'_, [u8]>) -> Value {
    match bytes.is_ascii() {
        true => str(bytes),
        false => Value::Bytes(bytes.into()),
    }
}

/// The UTF-8 of a text in Python's encoding `raw_unicode_escape`. Python 2 has written some characters as
/// two surrogates. Lone ones are encoded likewise.
pub(super) fn raw_unicode(line: &str) -> Option<Vec<u8>> {
    let (mut units, mut rest) = (Vec::new(), line);
    while let Some(c) = rest.chars().next() {
        let digits = match rest.as_bytes() {
            [b'\\', b'u', ..] => 4,
            [b'\\', b'U', ..] => 8,
            _ => 0,
        };
        let code = if digits == 0 {
            rest = rest.strip_prefix(c)?;
            u32::from(c)
        } else {
            let (code, after) =
                rest.strip_prefix(['\\'])?.split_at_checked(1)?.1.split_at_checked(digits)?;
            rest = after;
            hex(code)?
        };
        match char::from_u32(code) {
            Some(c) => units.extend_from_slice(c.encode_utf16(&mut [0; 2])),
            None => units.push(u16::try_from(code).ok()?),
        }
    }
    let mut text = Vec::with_capacity(units.len());
    for c in char::decode_utf16(units) {
        match c.map_err(|error| error.unpaired_surrogate()) {
            Ok(c) => text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Err(lone) => {
                let six_bits = |shift: u16| 0x80 | (lone >> shift & 0x3f) as u8;
                text.extend([0xe0 | (lone >> 12) as u8, six_bits(6), six_bits(0)]);
            }
        }
    }
    Some(text)
}

/// The bytes of a string as Python 2's `repr` writes it.
pub(super) fn quoted_bytes(line: &str) -> Option<Vec<u8>> {
    let quote = line.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let mut rest = line.trim_end().strip_prefix(quote)?.strip_suffix(quote)?;
    let mut bytes = Vec::with_capacity(rest.len());
    while let Some(c) = rest.chars().next() {
        rest = rest.strip_prefix(c)?;
        if c != '\\' {
            bytes.push(u8::try_from(c).ok()?);
            continue;
        }
        let escaped = rest.chars().next()?;
        let octal = rest.bytes().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
        if octal > 0 {
            let (digits, after) = rest.split_at(octal);
            bytes.push(u16::from_str_radix(digits, 8).ok()? as u8);
            rest = after;
            continue;
        }
        rest = rest.strip_prefix(escaped)?;
        let byte = match escaped {
            '\\' | '\'' | '"' => escaped as u8,
            'a' => 7,
            'b' => 8,
            't' => b'\t',
            'n' => b'\n',
            'v' => 11,
            'f' => 12,
            'r' => b'\r',
            'x' => {
                let (digits, after) = rest.split_at_checked(2)?;
                rest = after;
                hex(digits)? as u8
            }
            // As Python: a backslash before anything else stands for itself.
            _ => {
                bytes.push(b'\\');
                u8::try_from(escaped).ok()?
            }
        };
        bytes.push(byte);
    }
    Some(bytes)
}

/// The number that these hexadecimal digits are, and nothing else.
fn hex(digits: &str) -> Option<u32> {
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_protocol_0_are_read_as_by_python() {
        for (line, expected) in [
            ("", ""),
            ("caf\u{e9}", "caf\u{e9}"),
            (r"\u732b\U0001f600", "猫😀"),
            // Two halves, as Python 2 has written them.
            (r"\ud83d\ude00!", "😀!"),
            (r"\u005cn \n \q", r"\n \n \q"),
        ] {
            assert_eq!(raw_unicode(line).as_deref(), Some(expected.as_bytes()), "{line}");
        }
        assert_eq!(raw_unicode(r"a\ud800b").as_deref(), Some(&b"a\xed\xa0\x80b"[..]));
        for line in [r"\u12", r"\u12é4", r"\U00110000", r"\u+123"] {
            assert_eq!(raw_unicode(line), None, "{line}");
        }
    }

    #[test]
    fn strings_of_python_2_are_read_as_by_python() {
        for (line, expected) in [
            ("''", &b""[..]),
            (r#"'it\'s "'"#, b"it's \""),
            (r#""it's""#, b"it's"),
            (r"'\\\n\r\t\a\b\v\f\x00\xfF'", b"\\\n\r\t\x07\x08\x0b\x0c\0\xff"),
            (r"'\0\12\1234\777'", b"\0\nS4\xff"),
            (r"'\q'", b"\\q"),
            ("'\u{e9}' ", b"\xe9"),
        ] {
            assert_eq!(quoted_bytes(line).as_deref(), Some(expected), "{line}");
        }
        for line in ["", "'", "a", "'a", "'a\"", r"'\'", r"'\x4'", r"'\xg0'", "'猫'"] {
            assert_eq!(quoted_bytes(line), None, "{line}");
        }
    }
}
