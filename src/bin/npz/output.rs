//! What is printed: text that cannot control a terminal, and JSON.

use std::io::{self, BufWriter, StdoutLock, Write};

use anstream::AutoStream;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{Formatter, PrettyFormatter};

use crate::Result;

/// Standard output. Colours are left out where they would not be seen, or are not wanted.
pub fn stdout() -> BufWriter<AutoStream<StdoutLock<'static>>> {
    BufWriter::new(AutoStream::auto(io::stdout().lock()))
}

/// The text, with whatever could not be seen escaped.
pub fn visible(text: impl std::fmt::Display) -> String {
    npz::__private::visible(text, usize::MAX)
}

/// As Python writes it: `()`, `(3,)`, `(3, 4)`.
pub fn shape(shape: &[usize]) -> String {
    let lens: Vec<_> = shape.iter().map(usize::to_string).collect();
    let comma = if lens.len() == 1 { "," } else { "" };
    format!("({}{comma})", lens.join(", "))
}

/// Prints it as JSON.
pub fn json(value: &impl Serialize) -> Result {
    let mut out = stdout();
    value.serialize(&mut Serializer::with_formatter(&mut out, Visible(PrettyFormatter::new())))?;
    writeln!(out)?;
    out.flush()?;
    Ok(())
}

/// JSON in which whatever could not be seen is escaped, so that it can be printed on a terminal.
pub struct Visible<F>(pub F);

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
