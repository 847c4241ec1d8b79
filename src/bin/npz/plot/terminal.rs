//! Pictures made of characters, for the terminal.

use std::env;
use std::io::{StdoutLock, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{Ansi256Color, Color, RgbColor, Style};
use npz::ndarray::Array2;
use unicode_width::UnicodeWidthStr;

use super::colour::{Colour, LINES, NEUTRAL, brightness, viridis};
use super::data::{Histogram, Lines};
use super::figure::{Area, square_pixels};
use super::ticks::{Ticks, short};
use super::{Axis, Content, Kind, Plot, VALUE};
use crate::Result;
use crate::output;
use crate::table::shortened;

/// Which colours the terminal has.
#[derive(Clone, Copy, PartialEq)]
pub enum Colours {
    None,
    /// A cube of 6 times 6 times 6 colours.
    Cube,
    All,
}

impl Colours {
    pub fn of(out: &AutoStream<StdoutLock>) -> Self {
        match env::var("COLORTERM").as_deref() {
            _ if out.current_choice() == ColorChoice::Never => Self::None,
            Ok("truecolor" | "24bit") => Self::All,
            _ => Self::Cube,
        }
    }

    fn color(self, colour: Colour) -> Option<Color> {
        let [red, green, blue] = colour;
        match self {
            Self::None => None,
            Self::All => Some(RgbColor(red, green, blue).into()),
            Self::Cube => {
                // The levels are 0, 95, 135, 175, 215 and 255.
                let [red, green, blue] = colour.map(|level| match level {
                    0..48 => 0,
                    48..115 => 1,
                    _ => (level - 35) / 40,
                });
                Some(Ansi256Color(16 + 36 * red + 6 * green + blue).into())
            }
        }
    }

    fn style(self, colour: Colour) -> Style {
        Style::new().fg_color(self.color(colour))
    }
}

/// How many columns and lines a drawing has: as many as fit into the terminal, if it is not very large.
pub fn size() -> [u32; 2] {
    let (columns, lines) = output::terminal().unwrap_or((80, 24));
    let columns = columns.clamp(30, 1000);
    [columns.into(), lines.saturating_sub(1).min(columns / 3).clamp(10, 40).into()]
}

/// How many rows and columns of pixels there are for an array of this shape. A character has two rows; in lines
/// also two columns.
pub fn most(size: [usize; 2], kind: Kind, shape: &[usize]) -> [usize; 2] {
    match (kind, shape) {
        (Kind::Image, &[rows, columns, ..]) => pixels(size, [rows, columns]),
        _ => [size[1] * 2, size[0] * 2],
    }
}

/// How many bars fit beside the numbers of an axis.
pub fn most_bins(size: [usize; 2]) -> usize {
    size[0].saturating_sub(16)
}

/// How many rows and columns of pixels an image of this shape is drawn with.
fn pixels([columns, lines]: [usize; 2], shape: [usize; 2]) -> [usize; 2] {
    let labels = shape[0].to_string().len() + 1;
    let room = Area {
        left: 0.0,
        top: 0.0,
        width: columns.saturating_sub(labels + 2).max(1) as f32,
        height: (lines.saturating_sub(4) * 2).max(2) as f32,
    };
    let area = square_pixels(room, shape);
    let drawn = [area.height, area.width].map(|len| (len.round() as usize).max(1));
    // All elements are of the same size if they are larger than a pixel.
    let whole = |axis: usize| match drawn[axis] / shape[axis] {
        0 => drawn[axis],
        times => times * shape[axis],
    };
    [whole(0), whole(1)]
}

/// Draws with this many columns and lines.
pub fn draw(plot: &Plot, size: [usize; 2], colours: Colours, out: &mut impl Write) -> Result {
    match &plot.content {
        Content::Lines(lines) => {
            let frame = Frame::new(plot, size, if lines.lines.len() > 1 { 5 } else { 4 });
            let canvas = frame.lines(lines);
            frame.write(plot, &canvas, colours, lines.lines.len() > 1, out)?;
            if lines.lines.len() > 1 {
                legend(lines.lines.len(), colours, out)?;
            }
        }
        Content::Histogram(histogram) => {
            let mut frame = Frame::new(plot, size, 4);
            // All bars have the same width.
            let width = (frame.width / histogram.counts.len()).max(1);
            frame.width = width * histogram.counts.len();
            let canvas = frame.bars(histogram, width);
            frame.write(plot, &canvas, colours, false, out)?;
        }
        Content::Image(image) => {
            let span = plot.colour_axis(image).span;
            let shade = |&value: &f64| match value.is_nan() {
                true => (NEUTRAL, None),
                false => (viridis(span.fraction(value)), Some(span.fraction(value))),
            };
            image_of(plot, &image.pixels.map(shade), image.shape, size, colours, out)?;
            scale([short(span.low), short(span.high)], colours, out)?;
        }
        Content::Colours(image) => {
            let shade = |&colour: &Colour| (colour, Some(brightness(colour)));
            image_of(plot, &image.pixels.map(shade), image.shape, size, colours, out)?;
        }
    }
    Ok(())
}

/// A character, and the number of the line that it belongs to.
type Cell = (char, usize);

/// The axes, and the room between them.
struct Frame {
    width: usize,
    height: usize,
    x: Axis,
    y: Axis,
    y_ticks: Ticks,
}

impl Frame {
    /// `others` is the number of lines above and below.
    fn new(plot: &Plot, [columns, lines]: [usize; 2], others: usize) -> Self {
        let [x, y] = plot.axes();
        let height = lines.saturating_sub(others).max(2);
        let y_ticks =
            Ticks::fitting(y.span, y.is_whole, |ticks| ticks.ticks.len() * 3 <= height + 2);
        let width = columns.saturating_sub(widest(&y_ticks) + 3).max(2);
        Self { width, height, x, y, y_ticks }
    }

    /// Lines of dots, of which a character has 2 by 4.
    fn lines(&self, lines: &Lines) -> Array2<Cell> {
        let mut dots = Array2::<(u8, usize)>::default((self.height, self.width));
        let mut dot = |x: i64, y: i64, line: usize| {
            /// The bits of dots in braille characters.
            const BITS: [[u8; 2]; 4] = [[0, 3], [1, 4], [2, 5], [6, 7]];
            let (x, y) = (x as usize, y as usize);
            if let Some((bits, of)) = dots.get_mut((y / 4, x / 2)) {
                *bits |= 1 << BITS[y % 4][x % 2];
                *of = line;
            }
        };
        let (right, bottom) = (self.width as f64 * 2.0 - 1.0, self.height as f64 * 4.0 - 1.0);
        for (line, points) in lines.lines.iter().enumerate() {
            for points in points.split(|(_, value)| value.is_nan()) {
                let mut points = points.iter().map(|&(index, value)| {
                    let x = self.x.span.fraction(index) * right;
                    let y = (1.0 - self.y.span.fraction(value)) * bottom;
                    (x.round() as i64, y.round() as i64)
                });
                let Some(mut from) = points.next() else { continue };
                dot(from.0, from.1, line);
                for to in points {
                    let (across, down) = (to.0 - from.0, to.1 - from.1);
                    let steps = across.abs().max(down.abs()).max(1);
                    for step in 1..=steps {
                        dot(from.0 + across * step / steps, from.1 + down * step / steps, line);
                    }
                    from = to;
                }
            }
        }
        dots.map(|&(bits, line)| match bits {
            0 => (' ', line),
            bits => (char::from_u32(0x2800 + u32::from(bits)).unwrap_or(' '), line),
        })
    }

    /// Bars of eighths of characters.
    fn bars(&self, histogram: &Histogram, width: usize) -> Array2<Cell> {
        const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        Array2::from_shape_fn((self.height, self.width), |(row, column)| {
            let count = histogram.counts.get(column / width).copied().unwrap_or(0);
            let is_between = width > 2 && column % width == width - 1;
            let height = self.y.span.fraction(count as f64) * self.height as f64 * 8.0;
            let eighths = (height.round() as usize).max(usize::from(count > 0));
            let below = (self.height - 1 - row) * 8;
            let part = if is_between { 0 } else { eighths.saturating_sub(below).min(8) };
            (EIGHTHS[part], 0)
        })
    }

    /// Writes title, axes and what is between them. Where several lines cannot be told apart by
    /// colours, they consist of digits.
    fn write(
        &self,
        plot: &Plot,
        canvas: &Array2<Cell>,
        colours: Colours,
        is_several: bool,
        out: &mut impl Write,
    ) -> Result {
        let labels = widest(&self.y_ticks);
        title(plot, labels + 2, self.width, self.y_ticks.offset.as_deref(), out)?;
        let mut at_left = vec![None; self.height];
        for (value, label) in &self.y_ticks.ticks {
            let dot = (1.0 - self.y.span.fraction(*value)) * (self.height as f64 * 4.0 - 1.0);
            if let Some(place) = at_left.get_mut(dot.round() as usize / 4) {
                *place = Some(label);
            }
        }
        for (cells, label) in canvas.rows().into_iter().zip(at_left) {
            match label {
                Some(label) => write!(out, "{label:>labels$} ┤")?,
                None => write!(out, "{:labels$} │", "")?,
            }
            let mut text = String::new();
            let end = cells.iter().rposition(|cell| cell.0 != ' ').map_or(0, |last| last + 1);
            for &(c, line) in cells.iter().take(end) {
                let style = colours.style(LINES[line]);
                match (c, colours) {
                    (' ', _) => text.push(' '),
                    (_, Colours::None) if is_several => text += &line.to_string(),
                    _ => text += &format!("{style}{c}{style:#}"),
                }
            }
            writeln!(out, "{text}")?;
        }
        x_axis(&self.x, labels + 2, self.width, true, out)
    }
}

/// The title, in the middle, after the offset of the axis at the left.
fn title(
    plot: &Plot,
    left: usize,
    width: usize,
    offset: Option<&str>,
    out: &mut impl Write,
) -> Result {
    let offset = offset.unwrap_or_default();
    let room = (left + width).saturating_sub(offset.width() + 2).max(1);
    let title = match &plot.value[..] {
        VALUE => plot.title.clone(),
        value => format!("{} ({value})", plot.title),
    };
    let title = shortened(title, room);
    let start = (left + width / 2).saturating_sub(title.width() / 2);
    let start = start.min((left + width).saturating_sub(title.width())).max(offset.width() + 1);
    Ok(writeln!(out, "{offset}{}{title}", " ".repeat(start - offset.width()))?)
}

/// The axis at the bottom: ticks, their numbers, and what it is called.
fn x_axis(axis: &Axis, left: usize, width: usize, has_line: bool, out: &mut impl Write) -> Result {
    let ticks = Ticks::fitting(axis.span, axis.is_whole, |ticks| {
        (widest(ticks) + 3) * ticks.ticks.len() <= width
    });
    let column = |value: f64| {
        ((axis.span.fraction(value) * width as f64) as usize).min(width.saturating_sub(1))
    };
    if has_line {
        let mut line = vec!['─'; width];
        for (value, _) in &ticks.ticks {
            line[column(*value)] = '┬';
        }
        writeln!(out, "{:1$}└{2}", "", left - 1, line.iter().collect::<String>())?;
    }
    let mut numbers = String::new();
    for (value, label) in &ticks.ticks {
        let start = (left + column(*value)).saturating_sub(label.len() / 2);
        let start = start.min((left + width).saturating_sub(label.len()));
        if start > numbers.len() || numbers.is_empty() {
            numbers += &" ".repeat(start - numbers.len());
            numbers += label;
        }
    }
    writeln!(out, "{numbers}")?;
    let offset = ticks.offset.map(|offset| format!(" ({offset})")).unwrap_or_default();
    let label = shortened(format!("{}{offset}", axis.label), width);
    let start = left + (width / 2).saturating_sub(label.width() / 2);
    Ok(writeln!(out, "{}{label}", " ".repeat(start))?)
}

fn legend(count: usize, colours: Colours, out: &mut impl Write) -> Result {
    write!(out, "columns:")?;
    for (line, colour) in (0..count).zip(LINES) {
        let style = colours.style(colour);
        let mark = if colours == Colours::None { "" } else { "━━ " };
        write!(out, "  {style}{mark}{style:#}{line}")?;
    }
    Ok(writeln!(out)?)
}

/// A pixel: its colour, and how light it is, from 0 to 1, unless nothing is known of it.
type Shade = (Colour, Option<f64>);

/// Characters that are ever darker on paper, or lighter on a screen.
const SHADES: [char; 9] = ['.', ':', '-', '=', '+', '*', '#', '%', '@'];

fn image_of(
    plot: &Plot,
    image: &Array2<Shade>,
    shape: [usize; 2],
    size: [usize; 2],
    colours: Colours,
    out: &mut impl Write,
) -> Result {
    let [x, y] = plot.axes();
    let [height, width] = pixels(size, shape);
    let (rows, columns) = image.dim();
    let pixel = |row: usize, column: usize| image[(row * rows / height, column * columns / width)];
    let lines = height.div_ceil(2);
    let ticks = Ticks::fitting(y.span, true, |ticks| ticks.ticks.len() * 2 <= lines + 1);
    let labels = widest(&ticks);
    title(plot, labels + 1, width, None, out)?;
    for line in 0..lines {
        let is_here = |value: f64| (y.span.fraction(value) * height as f64) as usize / 2 == line;
        let label = ticks.ticks.iter().find(|(value, _)| is_here(*value));
        write!(out, "{:>labels$} ", label.map_or("", |(_, label)| label))?;
        for column in 0..width {
            let upper = pixel(line * 2, column);
            let lower = (line * 2 + 1 < height).then(|| pixel(line * 2 + 1, column));
            write_pixels(upper, lower, colours, out)?;
        }
        writeln!(out)?;
    }
    x_axis(&x, labels + 1, width, false, out)
}

/// Two pixels, one above the other, as one character.
fn write_pixels(
    upper: Shade,
    lower: Option<Shade>,
    colours: Colours,
    out: &mut impl Write,
) -> Result {
    if colours == Colours::None {
        let shades = [upper.1, lower.unwrap_or(upper).1];
        let known: Vec<_> = shades.into_iter().flatten().collect();
        let mean = known.iter().sum::<f64>() / known.len() as f64;
        let index = (mean * SHADES.len() as f64) as usize;
        let shade = if known.is_empty() { ' ' } else { SHADES[index.min(SHADES.len() - 1)] };
        return Ok(write!(out, "{shade}")?);
    }
    let style =
        colours.style(upper.0).bg_color(lower.and_then(|(colour, _)| colours.color(colour)));
    Ok(write!(out, "{style}▀{style:#}")?)
}

/// Which values the colours stand for.
fn scale([low, high]: [String; 2], colours: Colours, out: &mut impl Write) -> Result {
    write!(out, "{low} ")?;
    match colours {
        Colours::None => write!(out, "{}", SHADES.iter().collect::<String>())?,
        _ => {
            for step in 0..24 {
                let style = colours.style(viridis(f64::from(step) / 23.0));
                write!(out, "{style}█{style:#}")?;
            }
        }
    }
    Ok(writeln!(out, " {high}")?)
}

fn widest(ticks: &Ticks) -> usize {
    ticks.labels().map(str::len).max().unwrap_or(0)
}
