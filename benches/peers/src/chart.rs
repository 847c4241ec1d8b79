//! The results as a drawing for a README: for each kind of work the speed of each crate in
//! speeds of NumPy, as bars to the right (faster) and to the left (slower) of a line.
//!
//! It has a background of its own, and other colours where the reader prefers dark ones.

use crate::results::Results;
use crate::sides::Side;
use crate::works::{SIDES, Work, label, works};

/// The CSS class of a side's colour.
fn class(side: Side) -> &'static str {
    match side {
        Side::NdarrayNpy => "a",
        Side::NdarrayNpz => "b",
        Side::Npyz => "c",
        _ => "npz",
    }
}

const STYLE: &str = "\
text { font: 13px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328 }
.title { font-size: 17px; font-weight: 600 }
.small { font-size: 11px; fill: #59636e }
.end { text-anchor: end }
.middle { text-anchor: middle }
.strong { font-weight: 600; fill: #1f2328 }
.card { fill: #ffffff; stroke: #d1d9e0 }
.grid { stroke: #d1d9e0; stroke-width: 1 }
.one { stroke: #59636e; stroke-width: 1.5 }
.limit { stroke: #cf222e; stroke-width: 2 }
.npz { fill: #0969da }
.a { fill: #bc4c00 }
.b { fill: #e3a063 }
.c { fill: #8c959f }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.small { fill: #9198a1 }
.strong { fill: #e6edf3 }
.card { fill: #0d1117; stroke: #3d444d }
.grid { stroke: #2a313c }
.one { stroke: #9198a1 }
.limit { stroke: #ff7b72 }
.npz { fill: #4493f8 }
.a { fill: #db6d28 }
.b { fill: #9e6a3a }
.c { fill: #656c76 }
}";

const WIDTH: f64 = 820.0;
/// Where the bars may begin and end, and where the first one's top is.
const LEFT: f64 = 216.0;
const RIGHT: f64 = 766.0;
const TOP: f64 = 104.0;
const BAR: f64 = 13.0;
const GAP: f64 = 17.0;

/// How high a work's bars are together.
fn height_of(work: &Work) -> f64 {
    BAR * work.speeds.len().max(2) as f64
}

pub fn svg(results: &Results) -> String {
    let works = works(results);
    let height = TOP + works.iter().map(|work| height_of(work) + GAP).sum::<f64>() + 12.0;
    let speeds =
        works.iter().flat_map(|work| work.speeds.iter().map(|speed| speed.1).chain(work.limit));
    let axis = Axis::around(speeds);
    let mut drawing = Drawing::new(height);
    drawing.text("title", 24.0, 34.0, "Speed, NumPy = 1");
    drawing.text("small end", RIGHT, 34.0, "logarithmic; longer to the right is faster");
    drawing.legend();
    drawing.axis(&axis, height - 22.0);
    let mut top = TOP;
    for work in &works {
        drawing.work(work, &axis, top);
        top += height_of(work) + GAP;
    }
    drawing.finish()
}

/// A logarithmic scale.
struct Axis {
    /// The powers of two at the ends.
    low: f64,
    high: f64,
}

impl Axis {
    fn around(speeds: impl Iterator<Item = f64>) -> Self {
        let least = Self { low: -1.0, high: 1.0 };
        speeds.map(f64::log2).fold(least, |axis, log| Self {
            low: axis.low.min(log.floor()),
            high: axis.high.max(log.ceil()),
        })
    }

    fn x(&self, speed: f64) -> f64 {
        LEFT + (speed.log2() - self.low) / (self.high - self.low) * (RIGHT - LEFT)
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        (self.low as i32..=self.high as i32).map(|power| 2_f64.powi(power))
    }
}

/// SVG as far as it is written.
struct Drawing(String);

impl Drawing {
    fn new(height: f64) -> Self {
        let mut drawing = Self(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
             width=\"{WIDTH}\" height=\"{height}\" role=\"img\">\n\
             <title>Speed of npz and its peers, in speeds of NumPy</title>\n\
             <style>\n{STYLE}\n</style>\n",
        ));
        drawing.rect("card", 0.5, 0.5, WIDTH - 1.0, height - 1.0);
        drawing
    }

    fn legend(&mut self) {
        let mut x = 24.0;
        for side in SIDES {
            self.rect(class(side), x, 51.0, 11.0, 11.0);
            self.text("", x + 17.0, 61.0, side.name());
            x += 48.0 + 7.0 * side.name().len() as f64;
        }
        self.tick(x, 50.0, 63.0);
        self.text("", x + 8.0, 61.0, "limit: plain copies, or libdeflate on one thread");
    }

    fn axis(&mut self, axis: &Axis, bottom: f64) {
        for tick in axis.ticks() {
            let (class, x, top) =
                (if tick == 1.0 { "one" } else { "grid" }, axis.x(tick), TOP - 8.0);
            self.line(&format!("<path class=\"{class}\" d=\"M{x:.1} {top:.1}V{bottom:.1}\"/>"));
            let label = if tick < 1.0 { format!("1/{}", 1.0 / tick) } else { tick.to_string() };
            self.text("small middle", x, TOP - 14.0, &label);
        }
    }

    fn work(&mut self, work: &Work, axis: &Axis, top: f64) {
        let middle = top + height_of(work) / 2.0;
        if work.note.is_empty() {
            self.text("end", LEFT - 14.0, middle + 4.5, work.name);
        } else {
            self.text("end", LEFT - 14.0, middle - 2.0, work.name);
            self.text("small end", LEFT - 14.0, middle + 12.0, work.note);
        }
        let mut y = middle - BAR * work.speeds.len() as f64 / 2.0;
        for &(side, speed) in &work.speeds {
            let (from, to) = (axis.x(speed.min(1.0)), axis.x(speed.max(1.0)));
            self.rect(class(side), from, y, to - from, BAR - 1.5);
            // To the right of the line even if the bar is to its left: there is room.
            let weight = if side == Side::Npz { "small strong" } else { "small" };
            self.text(weight, to + 5.0, y + BAR - 3.0, &label(speed));
            y += BAR;
        }
        if let Some(limit) = work.limit {
            self.tick(axis.x(limit), top - 3.0, top + height_of(work) + 2.0);
        }
    }

    fn tick(&mut self, x: f64, top: f64, bottom: f64) {
        self.line(&format!("<path class=\"limit\" d=\"M{x:.1} {top:.1}V{bottom:.1}\"/>"));
    }

    fn text(&mut self, class: &str, x: f64, y: f64, text: &str) {
        let text = text.replace('<', "&lt;");
        self.line(&format!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>"));
    }

    fn rect(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64) {
        let corner = if class == "card" { " rx=\"8\"" } else { "" };
        self.line(&format!(
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" \
             height=\"{height:.1}\"{corner}/>"
        ));
    }

    fn line(&mut self, line: &str) {
        self.0 += line;
        self.0 += "\n";
    }

    fn finish(mut self) -> String {
        self.line("</svg>");
        self.0
    }
}
