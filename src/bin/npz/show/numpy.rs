//! Arrays as NumPy prints them: `numpy.array_str`, line for line.

use npz::Value;
use npz::ndarray::{ArrayD, ArrayViewD, Axis};

use super::float::{FloatFormat, scalar_float};
use crate::item::Item;
use crate::load::EDGE;
use crate::output::visible;
use crate::value;

/// NumPy's print options.
pub struct Options {
    pub precision: usize,
    pub width: usize,
}

/// Writes one item.
type Format = Box<dyn Fn(&Item) -> String>;

/// Writes an array of this shape, of which `items` are all elements, or what is at its edges.
pub fn array(items: &ArrayD<Item>, shape: &[usize], options: &Options) -> String {
    if shape.contains(&0) {
        return "[]".to_owned();
    }
    if let ([], Some(item)) = (shape, items.first()) {
        return scalar(item, options);
    }
    let format = format(&items.iter().collect::<Vec<_>>(), true, options);
    let layout = Layout { format, is_short: items.len() < shape.iter().product() };
    layout.nested(items.view(), shape, 1, options.width)
}

/// Writes the only element of an array without axes.
fn scalar(item: &Item, options: &Options) -> String {
    match item {
        Item::Text(text) => visible(text),
        Item::Date(date) => date.clone().unwrap_or("NaT".to_owned()),
        Item::Difference(Some(count), Some(unit)) => value::difference(*count, *unit),
        Item::Difference(None, _) => "NaT".to_owned(),
        Item::Object(value) => match value.as_str() {
            Some(text) => visible(text),
            None => value.to_string(),
        },
        item => format(&[item], false, options)(item),
    }
}

/// Writes a number that stands alone.
fn number(item: &Item) -> String {
    match item {
        Item::Float(x) => scalar_float(*x),
        Item::Complex(re, im) => {
            let [re, im] = [re, im].map(|x| {
                let text = scalar_float(*x);
                text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
            });
            match re == "0" {
                true => format!("{im}j"),
                false => format!("({re}{}{im}j)", if im.starts_with('-') { "" } else { "+" }),
            }
        }
        _ => String::new(),
    }
}

struct Layout {
    format: Format,
    is_short: bool,
}

impl Layout {
    /// Writes `items` in brackets, so far from the margin and in so many columns.
    fn nested(
        &self,
        items: ArrayViewD<Item>,
        shape: &[usize],
        indent: usize,
        width: usize,
    ) -> String {
        let Some((&len, below)) = shape.split_first() else {
            return items.first().map(&self.format).unwrap_or_default();
        };
        let dots = (self.is_short && len > 2 * EDGE).then_some(EDGE);
        let width = width.saturating_sub(1);
        let margin = " ".repeat(indent);
        let mut words = Vec::new();
        for (index, item) in items.axis_iter(Axis(0)).enumerate() {
            if dots == Some(index) {
                words.push("...".to_owned());
            }
            words.push(self.nested(item, below, indent + 1, width));
        }
        if !below.is_empty() {
            let separator = format!("{}{margin}", "\n".repeat(below.len()));
            return format!("[{}]", words.join(&separator));
        }
        let mut lines = Lines { done: String::new(), line: String::new(), indent, width };
        let last = words.len().saturating_sub(1);
        for (index, word) in words.iter().enumerate() {
            lines.add(word);
            if index < last {
                lines.line.push(' ');
            }
        }
        format!("[{}{}]", lines.done, lines.line)
    }
}

/// Lines of words, which are broken where a word would not fit.
struct Lines {
    done: String,
    /// The last line, without its margin.
    line: String,
    indent: usize,
    width: usize,
}

impl Lines {
    /// Adds a word, which may have lines of its own.
    fn add(&mut self, word: &str) {
        let len = |text: &str| text.chars().count();
        let widest = word.lines().map(len).max().unwrap_or(0);
        let used = len(&self.line);
        if used > 0 && self.indent + used + widest > self.width {
            self.end_line();
        }
        let column = len(&self.line);
        for (index, part) in word.lines().enumerate() {
            if index > 0 {
                self.end_line();
                self.line = " ".repeat(column);
            }
            self.line.push_str(part);
        }
        // What follows stands beside the widest of the word's lines.
        if word.contains('\n') {
            let space = (column + widest).saturating_sub(len(&self.line));
            self.line.push_str(&" ".repeat(space));
        }
    }

    fn end_line(&mut self) {
        self.done.push_str(self.line.trim_end());
        self.done.push('\n');
        self.done.push_str(&" ".repeat(self.indent));
        self.line.clear();
    }
}

/// How items like these are written, all in as many columns. `are_many` is false for the only element
/// of an array without axes.
fn format(items: &[&Item], are_many: bool, options: &Options) -> Format {
    let plain: fn(&Item) -> String = match items.first() {
        Some(Item::Float(_) | Item::Complex(..)) if !are_many => number,
        Some(Item::Float(_)) => {
            let values = items.iter().filter_map(|item| match item {
                Item::Float(x) => Some(*x),
                _ => None,
            });
            let format = FloatFormat::new(values, options.precision, false);
            return Box::new(move |item| match item {
                Item::Float(x) => format.text(*x),
                _ => String::new(),
            });
        }
        Some(Item::Complex(..)) => {
            let parts = items.iter().filter_map(|item| match item {
                Item::Complex(re, im) => Some((*re, *im)),
                _ => None,
            });
            let (re, im): (Vec<_>, Vec<_>) = parts.unzip();
            let re = FloatFormat::new(re.into_iter(), options.precision, false);
            let im = FloatFormat::new(im.into_iter(), options.precision, true);
            return Box::new(move |item| match item {
                Item::Complex(x, y) => {
                    let im = im.text(*y);
                    let number = im.trim_end();
                    format!("{}{number}j{}", re.text(*x), &im[number.len()..])
                }
                _ => String::new(),
            });
        }
        Some(Item::Record(names, _)) => return record(items, names.len(), are_many, options),
        Some(Item::Array(_)) => {
            let arrays = items.iter().filter_map(|item| match item {
                Item::Array(items) => Some(items),
                _ => None,
            });
            let format = self::format(&arrays.flatten().collect::<Vec<_>>(), true, options);
            return Box::new(move |item| match item {
                Item::Array(items) => list(items.view(), &format),
                _ => String::new(),
            });
        }
        Some(Item::Bool(_)) if are_many => {
            |item| if *item == Item::Bool(true) { " True" } else { "False" }.to_owned()
        }
        _ => word,
    };
    match items.first() {
        Some(Item::Int(_) | Item::Uint(_) | Item::Date(_) | Item::Difference(..)) => {
            let width = items.iter().map(|item| plain(item).len()).max().unwrap_or(0);
            Box::new(move |item| format!("{:>width$}", plain(item)))
        }
        _ => Box::new(plain),
    }
}

/// Records, each field of which is written like an array of its own.
fn record(items: &[&Item], len: usize, are_many: bool, options: &Options) -> Format {
    let field = |index: usize| {
        let values = items.iter().filter_map(|item| match item {
            Item::Record(_, fields) => fields.get(index),
            _ => None,
        });
        format(&values.collect::<Vec<_>>(), are_many, options)
    };
    let formats: Vec<_> = (0..len).map(field).collect();
    Box::new(move |item| {
        let Item::Record(_, fields) = item else { return String::new() };
        let texts: Vec<_> =
            fields.iter().zip(&formats).map(|(item, format)| format(item)).collect();
        format!("({}{})", texts.join(", "), if texts.len() == 1 { "," } else { "" })
    })
}

/// A field that is an array.
fn list(items: ArrayViewD<Item>, format: &Format) -> String {
    match items.ndim() {
        0 => items.first().map(format).unwrap_or_default(),
        _ => {
            let items: Vec<_> = items.outer_iter().map(|item| list(item, format)).collect();
            format!("[{}]", items.join(", "))
        }
    }
}

/// An item whose text does not depend on others.
fn word(item: &Item) -> String {
    match item {
        Item::Bool(x) => (if *x { "True" } else { "False" }).to_owned(),
        Item::Int(x) => x.to_string(),
        Item::Uint(x) => x.to_string(),
        Item::Text(text) => quoted(text),
        Item::Bytes(bytes) => format!("b'{}'", bytes.escape_ascii()),
        Item::Date(date) => format!("'{}'", date.as_deref().unwrap_or("NaT")),
        Item::Difference(Some(count), _) => count.to_string(),
        Item::Difference(None, _) => "'NaT'".to_owned(),
        Item::Void(bytes) => {
            let digits: String = bytes.iter().map(|byte| format!("\\x{byte:02X}")).collect();
            format!("b'{digits}'")
        }
        Item::Object(list @ Value::List(_)) => format!("list({list})"),
        Item::Object(value) => value.to_string(),
        Item::Float(_) | Item::Complex(..) | Item::Record(..) | Item::Array(_) => String::new(),
    }
}

/// A text as Python's `repr` writes it.
fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut quoted = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c == quote => quoted.extend(['\\', c]),
            c => quoted.push_str(&visible(c)),
        }
    }
    quoted.push(quote);
    quoted
}
