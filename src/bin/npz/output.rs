//! What is printed: text that cannot control a terminal, and JSON.

use std::io::{self, BufWriter, IsTerminal, Stdout, StdoutLock, Write};

use anstream::AutoStream;
use anyhow::ensure;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use terminal_size::{Height, Width, terminal_size};

use crate::Result;

/// Standard output. Colours are left out where they would not be seen, or are not wanted.
pub fn stdout() -> BufWriter<AutoStream<StdoutLock<'static>>> {
    BufWriter::new(AutoStream::auto(io::stdout().lock()))
}

/// Standard output for bytes.
pub fn binary() -> Result<Stdout> {
    let out = io::stdout();
    ensure!(!out.is_terminal(), "bytes are not for a terminal: redirect them (`> FILE`)");
    Ok(out)
}

/// Says on standard error what went wrong. If that cannot be written, the exit code still tells.
pub fn error(error: impl std::fmt::Display) {
    let _ = writeln!(anstream::stderr(), "npz: {}", visible(error));
}

/// The text, with whatever could not be seen escaped.
pub fn visible(text: impl std::fmt::Display) -> String {
    let text = text.to_string();
    if is_visible(&text) { text } else { npz::__private::visible(text, usize::MAX) }
}

/// Whether all of it can be seen, which is soon known of most text.
fn is_visible(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// As Python writes it: `()`, `(3,)`, `(3, 4)`.
pub fn shape(shape: &[usize]) -> String {
    let mut text = String::from("(");
    for (axis, len) in shape.iter().enumerate() {
        text.push_str(if axis > 0 { ", " } else { "" });
        text.push_str(&len.to_string());
    }
    text.push_str(if shape.len() == 1 { ",)" } else { ")" });
    text
}

/// A size in bytes, for people: `187.50 KiB`.
pub fn size(bytes: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let Some(power) = bytes.max(1).ilog2().checked_sub(10).map(|bits| bits / 10) else {
        return format!("{bytes} B");
    };
    let hundredths = (u128::from(bytes) * 100) >> (10 * (power + 1));
    format!("{}.{:02} {}", hundredths / 100, hundredths % 100, units[power as usize])
}

/// Prints it as JSON.
pub fn json(value: &impl Serialize) -> Result {
    let mut out = stdout();
    write_json(&mut out, PrettyFormatter::new(), value)?;
    writeln!(out)?;
    Ok(out.flush()?)
}

/// Writes it as JSON, on one line.
pub fn compact_json(out: &mut impl Write, value: &impl Serialize) -> Result {
    write_json(out, CompactFormatter, value)
}

fn write_json(out: &mut impl Write, format: impl Formatter, value: &impl Serialize) -> Result {
    let written = value.serialize(&mut Serializer::with_formatter(out, Visible(format)));
    // The system's own error, which tells whether a pipe was closed.
    Ok(written.map_err(io::Error::from)?)
}

/// The columns and lines of the terminal, if that is where standard output goes.
pub fn terminal() -> Option<(u16, u16)> {
    let size = terminal_size().filter(|_| io::stdout().is_terminal());
    size.map(|(Width(columns), Height(lines))| (columns, lines))
}

/// Standard output for other programs: text is as it is, unless a person sees it.
pub fn verbatim() -> BufWriter<Verbatim> {
    BufWriter::new(Verbatim(io::stdout().lock()))
}

pub struct Verbatim(StdoutLock<'static>);

impl Write for Verbatim {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.0.is_terminal() {
            return self.0.write(bytes);
        }
        for line in String::from_utf8_lossy(bytes).split_inclusive('\n') {
            let text = line.trim_end_matches('\n');
            write!(self.0, "{}{}", visible(text), &line[text.len()..])?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// JSON in which whatever could not be seen is escaped, so that it can be printed on a terminal.
struct Visible<F>(F);

/// Passes calls on.
macro_rules! pass_on {
    ($($call:ident($($argument:ident: $type:ty),*);)*) => {$(
        fn $call<W: ?Sized + Write>(&mut self, out: &mut W, $($argument: $type),*) -> io::Result<()> {
            self.0.$call(out, $($argument),*)
        }
    )*};
}

impl<F: Formatter> Formatter for Visible<F> {
    pass_on! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        end_object_key();
        begin_object_value();
        end_object_value();
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if is_visible(fragment) {
            return out.write_all(fragment.as_bytes());
        }
        for c in fragment.chars() {
            match visible(c).chars().eq([c]) {
                true => write!(out, "{c}")?,
                false => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        write!(out, "\\u{unit:04x}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.00 KiB"),
            (192_000, "187.50 KiB"),
            ((1 << 20) - 1, "1023.99 KiB"),
            (1 << 30, "1.00 GiB"),
            (u64::MAX, "15.99 EiB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }
}
