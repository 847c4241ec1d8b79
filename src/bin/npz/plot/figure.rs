//! The layout of a picture: which bars, lines, texts and images it consists of, and where they are.

use npz::ndarray::Array2;

use super::colour::{BLACK, Colour, LINES, NEUTRAL, viridis};
use super::data::{Histogram, Lines};
use super::font::Font;
use super::ticks::Ticks;
use super::{Axis, Content, Plot};
use crate::Result;

/// A picture on white ground, in pixels; y goes down.
pub struct Figure {
    pub width: f32,
    pub height: f32,
    pub font: Font,
    pub shapes: Vec<Shape>,
    /// By how much it is larger than a picture of 800 times 600 pixels.
    unit: f32,
}

#[derive(Debug)]
pub enum Shape {
    Bar { area: Area, colour: Colour },
    Line { points: Vec<(f32, f32)>, width: f32, colour: Colour },
    Text { text: String, at: (f32, f32), align: Align, size: f32, is_upright: bool },
    Image { area: Area, pixels: Array2<Colour> },
}

/// Which part of a text is at its position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Align {
    Start,
    Middle,
    End,
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    pub left: f32,
    pub top: f32,
    pub width: f32,
    pub height: f32,
}

impl Area {
    /// With edges between pixels, so that they are sharp.
    fn rounded(self) -> Self {
        let (left, top) = (self.left.round(), self.top.round());
        let (right, bottom) = (self.right().round(), self.bottom().round());
        Self { left, top, width: right - left, height: bottom - top }
    }

    fn right(&self) -> f32 {
        self.left + self.width
    }

    fn bottom(&self) -> f32 {
        self.top + self.height
    }
}

/// Sizes in a picture of 800 times 600 pixels.
const TEXT: f32 = 14.0;
const TITLE: f32 = 17.0;
const TICK: f32 = 5.0;
const GAP: f32 = 5.0;
const MARGIN: f32 = 14.0;
const COLOUR_BAR: f32 = 20.0;
/// How far lines of text are apart, as a share of their size.
const LINE: f32 = 1.3;
/// How high capitals and digits are, as a share of the size of the text.
const CAPITAL: f32 = 0.73;

impl Figure {
    pub fn new(plot: &Plot, [width, height]: [u32; 2]) -> Result<Self> {
        let (width, height) = (width as f32, height as f32);
        let unit = (width / 800.0).min(height / 600.0).max(0.75);
        let mut figure = Self { width, height, font: Font::new()?, shapes: Vec::new(), unit };
        figure.plot(plot);
        Ok(figure)
    }

    fn plot(&mut self, plot: &Plot) {
        let [x, y] = plot.axes();
        let room = self.room(plot, &x, &y);
        let area = match &plot.content {
            Content::Image(image) => square_pixels(room, image.shape),
            Content::Colours(image) => square_pixels(room, image.shape),
            Content::Lines(_) | Content::Histogram(_) => room,
        }
        .rounded();
        match &plot.content {
            Content::Lines(lines) => self.lines(lines, area, &x, &y),
            Content::Histogram(histogram) => self.bars(histogram, area, &y),
            Content::Colours(image) => self.image(area, &image.pixels),
            Content::Image(image) => {
                let axis = plot.colour_axis(image);
                let colour = |&value: &f64| match value.is_nan() {
                    true => NEUTRAL,
                    false => viridis(axis.span.fraction(value)),
                };
                self.image(area, &image.pixels.map(colour));
                self.colour_bar(area, &axis);
            }
        }
        self.frame(area);
        self.level_axis(area, &x);
        self.upright_axis(area, &y, Side::Left);
        // In the middle of the axes, if it is whole there.
        let (size, margin) = (TITLE * self.unit, MARGIN * self.unit);
        let title = self.font.shortened(&plot.title, size, self.width - 2.0 * margin);
        let half = self.font.width(&title, size) / 2.0;
        let middle = area.left + area.width / 2.0;
        let middle = middle.min(self.width - margin - half).max(margin + half);
        let baseline = area.top - self.above(plot, area.height) - size * 0.6;
        self.text(title, (middle, baseline), Align::Middle, TITLE);
    }

    /// The room that titles, numbers and legend leave.
    fn room(&self, plot: &Plot, x: &Axis, y: &Axis) -> Area {
        let (margin, line) = (MARGIN * self.unit, TEXT * LINE * self.unit);
        let top = margin + TITLE * 1.4 * self.unit;
        let bottom = self.height - margin - 2.0 * line - (TICK + GAP) * self.unit;
        let top = top + self.above(plot, bottom - top);
        let left = margin + line + self.width_of(&self.upright_ticks(y, bottom - top));
        let beside = match &plot.content {
            Content::Lines(lines) if lines.lines.len() > 1 => self.legend_width(lines.lines.len()),
            Content::Image(image) => self.colour_bar_width(&plot.colour_axis(image), bottom - top),
            _ => 0.0,
        };
        let right = self.width - margin - beside;
        let mut room = Area { left, top, width: right - left, height: bottom - top };
        // The last number below the axis may be wider than the margin.
        if let Some((value, label)) = self.level_ticks(x, room.width).ticks.last() {
            let middle = left + room.width * x.span.fraction(*value) as f32;
            let end = middle + self.text_width(label) / 2.0;
            room.width -= (end - (self.width - margin / 2.0)).max(0.0);
        }
        room
    }

    /// The height of what is between the title and the axes.
    fn above(&self, plot: &Plot, height: f32) -> f32 {
        let [_, y] = plot.axes();
        let axis = match &plot.content {
            Content::Image(image) => plot.colour_axis(image),
            _ => y,
        };
        let has_offset = self.upright_ticks(&axis, height).offset.is_some();
        if has_offset { TEXT * LINE * self.unit } else { 0.0 }
    }

    fn lines(&mut self, lines: &Lines, area: Area, x: &Axis, y: &Axis) {
        let at = |&(index, value): &(f64, f64)| {
            let (right, down) =
                (x.span.fraction(index) as f32, 1.0 - y.span.fraction(value) as f32);
            (area.left + right * area.width, area.top + down * area.height)
        };
        for (points, colour) in lines.lines.iter().zip(LINES) {
            for points in points.split(|(_, value)| value.is_nan()) {
                let mut points: Vec<_> = points.iter().map(at).collect();
                let mut width = 1.8 * self.unit;
                if let [(x, y)] = points[..] {
                    points.push((x + 0.01, y)); // a dot
                    width *= 3.0;
                }
                if !points.is_empty() {
                    self.shapes.push(Shape::Line { points, width, colour });
                }
            }
        }
        if lines.lines.len() > 1 {
            self.legend(area, lines.lines.len());
        }
    }

    fn legend(&mut self, area: Area, count: usize) {
        let (left, length) = (area.right() + TEXT * self.unit, TEXT * 1.5 * self.unit);
        for (column, colour) in (0..count).zip(LINES) {
            let y = area.top + TEXT * (0.8 + 1.5 * column as f32) * self.unit;
            let points = vec![(left, y), (left + length, y)];
            self.shapes.push(Shape::Line { points, width: 1.8 * self.unit, colour });
            let at = (left + length + GAP * self.unit, y + self.half_capital());
            self.text(column_name(column), at, Align::Start, TEXT);
        }
    }

    fn legend_width(&self, count: usize) -> f32 {
        let names = (0..count).map(|column| self.text_width(&column_name(column)));
        names.fold(0.0, f32::max) + (TEXT * 2.5 + GAP) * self.unit
    }

    fn bars(&mut self, histogram: &Histogram, area: Area, y: &Axis) {
        let edge = |bin: usize| area.left + area.width * bin as f32 / histogram.counts.len() as f32;
        // What is between wide bars tells them apart.
        let between = if edge(1) - edge(0) > 6.0 * self.unit { self.hairline() } else { 0.0 };
        let last = histogram.counts.len() - 1;
        for (bin, &count) in histogram.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let height = area.height * y.span.fraction(count as f64) as f32;
            let (left, right) = (edge(bin).round(), edge(bin + 1).round());
            let right = if bin < last { right - between } else { right };
            // However few they are, they can be seen.
            let top = (area.bottom() - height).round().min(area.bottom() - self.hairline());
            let bar = Area { left, top, width: right - left, height: area.bottom() - top };
            self.shapes.push(Shape::Bar { area: bar, colour: LINES[0] });
        }
    }

    /// An image, whose pixels are whole if there are not more of them than fit.
    fn image(&mut self, area: Area, pixels: &Array2<Colour>) {
        let pixels = shrunk(pixels, [area.height as usize, area.width as usize]);
        self.shapes.push(Shape::Image { area, pixels });
    }

    fn colour_bar(&mut self, beside: Area, axis: &Axis) {
        let left = beside.right() + COLOUR_BAR * self.unit;
        let area = Area { left, width: COLOUR_BAR * self.unit, ..beside }.rounded();
        let pixels = Array2::from_shape_fn((256, 1), |(row, _)| viridis(1.0 - row as f64 / 255.0));
        self.image(area, &pixels);
        self.frame(area);
        self.upright_axis(area, axis, Side::Right);
    }

    fn colour_bar_width(&self, axis: &Axis, height: f32) -> f32 {
        let label = if axis.label.is_empty() { 0.0 } else { TEXT * 1.4 };
        let ticks = self.upright_ticks(axis, height);
        self.width_of(&ticks) + (COLOUR_BAR * 2.0 + label) * self.unit
    }

    fn level_axis(&mut self, area: Area, axis: &Axis) {
        let ticks = self.level_ticks(axis, area.width);
        let baseline = area.bottom() + (TICK + GAP + TEXT * 0.8) * self.unit;
        for (value, label) in &ticks.ticks {
            let x = area.left + area.width * axis.span.fraction(*value) as f32;
            self.mark(x - self.hairline() / 2.0, area.bottom(), self.hairline(), TICK * self.unit);
            self.text(minus(label), (x, baseline), Align::Middle, TEXT);
        }
        let below = baseline + TEXT * 1.5 * self.unit;
        self.text(axis.label.clone(), (area.left + area.width / 2.0, below), Align::Middle, TEXT);
        if let Some(offset) = &ticks.offset {
            self.text(minus(offset), (area.right(), below), Align::End, TEXT);
        }
    }

    fn upright_axis(&mut self, area: Area, axis: &Axis, side: Side) {
        let ticks = self.upright_ticks(axis, area.height);
        let (edge, outwards, align) = match side {
            Side::Left => (area.left, -1.0, Align::End),
            Side::Right => (area.right(), 1.0, Align::Start),
        };
        let tick = TICK * self.unit;
        for (value, label) in &ticks.ticks {
            let fraction = axis.span.fraction(*value) as f32;
            let down = if axis.is_down { fraction } else { 1.0 - fraction };
            let y = area.top + area.height * down;
            let end = edge + outwards * tick;
            self.mark(edge.min(end), y - self.hairline() / 2.0, tick, self.hairline());
            let at = (end + outwards * GAP * self.unit, y + self.half_capital());
            self.text(minus(label), at, align, TEXT);
        }
        if let Some(offset) = &ticks.offset {
            let at = (area.left, area.top - TEXT * 0.5 * self.unit);
            self.text(minus(offset), at, Align::Start, TEXT);
        }
        if axis.label.is_empty() {
            return;
        }
        // The letters are at the left of their line.
        let beyond =
            self.width_of(&ticks) + TEXT * if side == Side::Left { 0.6 } else { 1.3 } * self.unit;
        let (size, middle) = (TEXT * self.unit, area.top + area.height / 2.0);
        self.shapes.push(Shape::Text {
            text: axis.label.clone(),
            at: (edge + outwards * beyond, middle),
            align: Align::Middle,
            size,
            is_upright: true,
        });
    }

    fn frame(&mut self, area: Area) {
        let line = self.hairline();
        let (width, height) = (area.width + line, area.height + line);
        let (left, top) = (area.left - (line / 2.0).floor(), area.top - (line / 2.0).floor());
        self.mark(left, top, width, line);
        self.mark(left, top + area.height, width, line);
        self.mark(left, top, line, height);
        self.mark(left + area.width, top, line, height);
    }

    /// A black bar.
    fn mark(&mut self, left: f32, top: f32, width: f32, height: f32) {
        let area = Area { left, top, width, height }.rounded();
        self.shapes.push(Shape::Bar { area, colour: BLACK });
    }

    fn text(&mut self, text: String, at: (f32, f32), align: Align, size: f32) {
        let size = size * self.unit;
        self.shapes.push(Shape::Text { text, at, align, size, is_upright: false });
    }

    /// Ticks one beside the other.
    fn level_ticks(&self, axis: &Axis, width: f32) -> Ticks {
        let fits = |ticks: &Ticks| {
            let widest = ticks.labels().map(|label| self.text_width(label)).fold(0.0, f32::max);
            (widest + TEXT * self.unit) * ticks.ticks.len() as f32 <= width
        };
        Ticks::fitting(axis.span, axis.is_whole, fits)
    }

    /// Ticks one above the other.
    fn upright_ticks(&self, axis: &Axis, height: f32) -> Ticks {
        let fits = |ticks: &Ticks| ticks.ticks.len() as f32 * TEXT * 1.5 * self.unit <= height;
        Ticks::fitting(axis.span, axis.is_whole, fits)
    }

    /// The width of ticks and their labels.
    fn width_of(&self, ticks: &Ticks) -> f32 {
        let widths = ticks.labels().map(|label| self.text_width(label));
        widths.fold(0.0, f32::max) + (TICK + GAP) * self.unit
    }

    fn text_width(&self, text: &str) -> f32 {
        self.font.width(&minus(text), TEXT * self.unit)
    }

    fn half_capital(&self) -> f32 {
        TEXT * CAPITAL / 2.0 * self.unit
    }

    /// The width of thin lines, in whole pixels.
    fn hairline(&self) -> f32 {
        self.unit.round().max(1.0)
    }
}

/// The largest area in the middle of the room in which pixels are squares; all of the room if that would
/// be very narrow.
pub fn square_pixels(room: Area, shape: [usize; 2]) -> Area {
    let [rows, columns] = shape.map(|len| len as f32);
    let pixel = (room.width / columns).min(room.height / rows);
    let (width, height) = (pixel * columns, pixel * rows);
    if width * 6.0 < room.width || height * 6.0 < room.height {
        return room;
    }
    let (left, top) =
        (room.left + (room.width - width) / 2.0, room.top + (room.height - height) / 2.0);
    Area { left, top, width, height }
}

fn column_name(column: usize) -> String {
    format!("column {column}")
}

/// The number with the sign that is as wide as a digit.
fn minus(number: &str) -> String {
    number.replace('-', "−")
}

/// An image of no more than that many rows and columns, whose pixels are the means of those that they cover.
fn shrunk(pixels: &Array2<Colour>, most: [usize; 2]) -> Array2<Colour> {
    let (rows, columns) = pixels.dim();
    let [rows, columns] = [covered(rows, most[0]), covered(columns, most[1])];
    Array2::from_shape_fn((rows.len(), columns.len()), |(row, column)| {
        let (mut sums, mut weight) = ([0.0; 3], 0.0);
        for &(row, height) in &rows[row] {
            for &(column, width) in &columns[column] {
                for (sum, level) in sums.iter_mut().zip(pixels[[row, column]]) {
                    *sum += f64::from(level) * width * height;
                }
                weight += width * height;
            }
        }
        sums.map(|sum| (sum / weight).round() as u8)
    })
}

/// Which of `len` pixels are covered by each of at most `most`, and how much of them.
fn covered(len: usize, most: usize) -> Vec<Vec<(usize, f64)>> {
    let count = len.min(most.max(1));
    let edge = |index: usize| index as f64 * len as f64 / count as f64;
    let parts = (0..count).map(|index| {
        let (start, end) = (edge(index), edge(index + 1));
        let pixels = start.floor() as usize..(end.ceil() as usize).min(len);
        let part = |pixel: usize| end.min(pixel as f64 + 1.0) - start.max(pixel as f64);
        pixels.map(|pixel| (pixel, part(pixel))).collect()
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use npz::ndarray::array;

    #[test]
    fn shrunk_pixels_are_means() {
        let image = array![[[0; 3], [30; 3], [60; 3]], [[60; 3], [90; 3], [120; 3]]];
        assert_eq!(shrunk(&image, [9, 9]), image);
        assert_eq!(shrunk(&image, [2, 2]), array![[[10; 3], [50; 3]], [[70; 3], [110; 3]]]);
        assert_eq!(shrunk(&image, [1, 0]), array![[[60; 3]]]);
    }

    #[test]
    fn pixels_are_squares_where_that_can_be_seen() {
        let room = Area { left: 10.0, top: 20.0, width: 400.0, height: 300.0 };
        let area = square_pixels(room, [10, 20]);
        assert_eq!(area, Area { left: 10.0, top: 70.0, width: 400.0, height: 200.0 });
        assert_eq!(square_pixels(room, [1, 1000]), room);
    }
}
