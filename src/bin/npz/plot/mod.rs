//! `npz plot`: arrays as pictures.
//!
//! `data.rs` reads what is drawn; `figure.rs` lays a picture out, which `png.rs` and `svg.rs` write;
//! `terminal.rs` draws with characters.

mod colour;
mod data;
mod figure;
mod font;
mod png;
mod svg;
mod terminal;
mod ticks;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use npz::Limits;

use self::colour::Colour;
use self::data::{Histogram, Image, Lines, Numbers};
use self::figure::Figure;
use self::ticks::Span;
use crate::Result;
use crate::archive::Archive;
use crate::new_file::new_file;
use crate::output::{self, visible};
use crate::slice::Selection;

/// Draw an array: as lines, an image or a histogram
///
/// An array with one axis is a line, one with two is an image, or a line for each column if it has at most
/// 8 and more rows. A third axis of 3 or 4 holds the colours of an image. Of complex numbers the magnitude is
/// drawn. The array may be larger than memory: where many elements share a pixel, lines show the lowest and
/// the highest, and images the mean.
#[derive(clap::Args)]
pub struct Args {
    /// An archive or a .npy file
    file: PathBuf,
    /// The array, or a slice of it (`x[0, ::2]`); needed if there are several arrays
    #[arg(value_name = "NAME[SLICE]")]
    array: Option<String>,
    /// Write the picture to this file, a .png or .svg, instead of drawing on the terminal
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Draw this, whatever the number of axes suggests
    #[arg(short, long, value_enum)]
    kind: Option<Kind>,
    /// Width and height in pixels, or on the terminal in characters [default: 800x600, or what the
    /// terminal has]
    #[arg(long, value_name = "WIDTHxHEIGHT", value_parser = size)]
    size: Option<[u32; 2]>,
}

#[derive(Clone, Copy, Debug, PartialEq, clap::ValueEnum)]
enum Kind {
    /// Values against their index, a line for each column
    Line,
    /// Rows and columns of pixels
    Image,
    /// How many values are in each part of their range; any number of axes
    Histogram,
}

/// What is drawn.
struct Plot {
    title: String,
    /// What the values are called.
    value: String,
    /// Whether they are whole numbers.
    is_whole: bool,
    content: Content,
}

enum Content {
    Lines(Lines),
    Image(Image<f64>),
    Colours(Image<Colour>),
    Histogram(Histogram),
}

/// An axis of a picture.
struct Axis {
    span: Span,
    is_whole: bool,
    /// Whether its low end is at the top.
    is_down: bool,
    label: String,
}

/// The most lines that can be told apart.
const MOST_LINES: usize = colour::LINES.len();

/// What values are called about which nothing is known.
const VALUE: &str = "value";

/// The formats of pictures.
#[derive(Clone, Copy)]
enum Format {
    Png,
    Svg,
}

impl Args {
    pub fn run(&self, limits: &Limits) -> Result {
        let output = match &self.output {
            Some(path) => Some((path, Format::of(path)?)),
            None => None,
        };
        let archive = Archive::open(&self.file, limits)?;
        let selection = Selection::parse(&archive, self.array.as_deref())?;
        let numbers = Numbers::new(&archive, &selection)?;
        let kind = kind(&numbers, self.kind)?;
        let title = visible(self.array.as_deref().unwrap_or(selection.name));
        match output {
            Some((path, format)) => self.write(path, format, &numbers, kind, title),
            None => self.draw(&numbers, kind, title),
        }
    }

    fn write(
        &self,
        path: &Path,
        format: Format,
        numbers: &Numbers,
        kind: Kind,
        title: String,
    ) -> Result {
        let size = self.size.unwrap_or([800, 600]);
        check(size, [[240, 180], [10_000, 10_000]], "a picture", "pixels")?;
        let [width, height] = size.map(|len| len as usize);
        let plot = Plot::new(numbers, title, kind, [height, width], 100)?;
        let figure = Figure::new(&plot, size)?;
        let picture = match format {
            Format::Png => png::png(&figure)?,
            Format::Svg => svg::svg(&figure)?,
        };
        new_file(path, |file| Ok(file.write_all(&picture)?))
    }

    fn draw(&self, numbers: &Numbers, kind: Kind, title: String) -> Result {
        let size = self.size.unwrap_or_else(terminal::size);
        check(size, [[30, 10], [1000, 1000]], "a drawing", "characters")?;
        let size = size.map(|len| len as usize);
        let most = terminal::most(size, kind, &numbers.shape);
        let plot = Plot::new(numbers, title, kind, most, terminal::most_bins(size))?;
        let mut out = output::stdout();
        let colours = terminal::Colours::of(out.get_ref());
        terminal::draw(&plot, size, colours, &mut out)?;
        Ok(out.flush()?)
    }
}

impl Format {
    fn of(path: &Path) -> Result<Self> {
        let extension = path.extension().unwrap_or_default();
        if extension.eq_ignore_ascii_case("png") {
            Ok(Self::Png)
        } else if extension.eq_ignore_ascii_case("svg") {
            Ok(Self::Svg)
        } else {
            bail!("`{}`: pictures are written as .png or .svg", path.display())
        }
    }
}

impl Plot {
    /// `most` is the number of rows and columns of pixels that there are, `most_bins` that of bars.
    fn new(
        numbers: &Numbers,
        title: String,
        kind: Kind,
        most: [usize; 2],
        most_bins: usize,
    ) -> Result<Self> {
        let content = match kind {
            Kind::Line => Content::Lines(numbers.lines(most[1])?),
            Kind::Image if numbers.has_colours() => Content::Colours(numbers.colours(most)?),
            Kind::Image => Content::Image(numbers.image(most)?),
            Kind::Histogram => Content::Histogram(numbers.histogram(most_bins)?),
        };
        let plot = Self { title, value: numbers.label(), is_whole: numbers.is_whole(), content };
        numbers.require(match &plot.content {
            Content::Lines(lines) => lines.values().next().is_some(),
            Content::Image(image) => image.pixels.iter().any(|value| !value.is_nan()),
            Content::Colours(_) | Content::Histogram(_) => true,
        })?;
        Ok(plot)
    }

    /// The axis of the colours that stand for values.
    fn colour_axis(&self, image: &Image<f64>) -> Axis {
        let (low, high) = range(image.pixels.iter().copied());
        let label = if self.value == VALUE { "" } else { &self.value };
        Axis {
            span: Span::new(low, high),
            is_whole: self.is_whole,
            is_down: false,
            label: label.to_owned(),
        }
    }

    /// The axis at the bottom, and the one at the left.
    fn axes(&self) -> [Axis; 2] {
        let axis = |span, is_whole, label: &str| Axis {
            span,
            is_whole,
            is_down: false,
            label: label.to_owned(),
        };
        let pixels = |shape: [usize; 2], of: usize| {
            let span = Span { low: -0.5, high: shape[of] as f64 - 0.5 };
            Axis { is_down: of == 0, ..axis(span, true, &format!("axis {of}")) }
        };
        match &self.content {
            Content::Lines(lines) => {
                let last = lines.len.saturating_sub(1) as f64;
                let indices = if last > 0.0 {
                    Span::new(0.0, last).with_margin(0.02)
                } else {
                    Span { low: -1.0, high: 1.0 }
                };
                let (low, high) = range(lines.values());
                let values = Span::new(low, high).with_margin(0.05);
                [axis(indices, true, "index"), axis(values, self.is_whole, &self.value)]
            }
            Content::Image(Image { shape, .. }) => [pixels(*shape, 1), pixels(*shape, 0)],
            Content::Colours(Image { shape, .. }) => [pixels(*shape, 1), pixels(*shape, 0)],
            Content::Histogram(histogram) => {
                let label = match histogram.left_out {
                    0 => self.value.clone(),
                    count => format!("{} ({count} not finite, left out)", self.value),
                };
                let highest = histogram.counts.iter().max().copied().unwrap_or(0);
                let counts = Span { low: 0.0, high: highest.max(1) as f64 * 1.05 };
                [axis(histogram.span, self.is_whole, &label), axis(counts, true, "count")]
            }
        }
    }
}

impl Lines {
    /// The values of all points that are no gaps.
    fn values(&self) -> impl Iterator<Item = f64> {
        self.lines.iter().flatten().map(|(_, value)| *value).filter(|value| !value.is_nan())
    }
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        })
}

/// What is asked for, if the array can be drawn so, or else what its axes suggest.
fn kind(numbers: &Numbers, asked: Option<Kind>) -> Result<Kind> {
    let has_colours = numbers.has_colours();
    let kind = match (asked, &numbers.shape[..]) {
        (Some(kind), _) => kind,
        (None, [_]) => Kind::Line,
        (None, [rows, 1..=MOST_LINES]) if *rows > numbers.shape[1] => Kind::Line,
        (None, [_, _]) => Kind::Image,
        (None, _) if has_colours => Kind::Image,
        (None, shape) => bail!(
            "the shape is {}: choose one or two axes by a slice, such as `[{}]`, or `--kind histogram`",
            output::shape(shape),
            vec!["0"; shape.len() - 2].join(", ")
        ),
    };
    match (kind, &numbers.shape[..]) {
        (Kind::Line, [_] | [_, 1..=MOST_LINES]) | (Kind::Histogram, _) | (Kind::Image, [_, _]) => {}
        (Kind::Image, _) if has_colours => {}
        (Kind::Line, shape) => bail!(
            "the shape is {}: lines are drawn of one axis, or of up to {MOST_LINES} columns; choose them by a slice",
            output::shape(shape)
        ),
        (Kind::Image, shape) => {
            let shape = output::shape(shape);
            bail!("the shape is {shape}: an image has two axes; choose them by a slice")
        }
    }
    Ok(kind)
}

/// Reads `800x600`.
fn size(text: &str) -> Result<[u32; 2]> {
    let sides = text
        .split_once('x')
        .and_then(|(width, height)| Some([width.parse().ok()?, height.parse().ok()?]));
    sides.context("a size is a width and a height, such as 800x600")
}

fn check(
    [width, height]: [u32; 2],
    [least, most]: [[u32; 2]; 2],
    what: &str,
    unit: &str,
) -> Result {
    ensure!(
        (least[0]..=most[0]).contains(&width) && (least[1]..=most[1]).contains(&height),
        "{what} has from {}x{} to {}x{} {unit}, not {width}x{height}",
        least[0],
        least[1],
        most[0],
        most[1]
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use npz::ndarray::{Array1, Array2, ArrayD, array};
    use npz::{Element, WriteNpz};
    use tempfile::NamedTempFile;

    use super::figure::Shape;
    use super::*;

    /// What `draw` makes of the array in a file.
    fn with<T>(
        array: &ArrayD<impl Element>,
        draw: impl FnOnce(&Numbers) -> Result<T>,
    ) -> Result<T> {
        let file = NamedTempFile::new()?;
        array.write_npy(file.as_file())?;
        let archive = Archive::open(file.path(), &Limits::default())?;
        let selection = Selection::parse(&archive, None)?;
        draw(&Numbers::new(&archive, &selection)?)
    }

    fn drawn(array: &ArrayD<impl Element>, asked: Option<Kind>) -> Result<String> {
        with(array, |numbers| {
            let (size, kind) = ([30, 10], kind(numbers, asked)?);
            let most = terminal::most(size, kind, &numbers.shape);
            let plot = Plot::new(numbers, "x".to_owned(), kind, most, 10)?;
            let mut out = Vec::new();
            terminal::draw(&plot, size, terminal::Colours::None, &mut out)?;
            Ok(String::from_utf8(out)?)
        })
    }

    #[test]
    fn axes_suggest_what_is_drawn() {
        let kind_of = |shape: &[usize], asked| {
            let zeros = ArrayD::<u8>::zeros(shape);
            with(&zeros, |numbers| kind(numbers, asked)).map_err(|error| error.to_string())
        };
        for (shape, expected) in [
            (&[9][..], Kind::Line),
            (&[9, 8], Kind::Line),
            (&[2, 1], Kind::Line),
            (&[8, 8], Kind::Image),
            (&[1, 1], Kind::Image),
            (&[99, 9], Kind::Image),
            (&[5, 6, 3], Kind::Image),
            (&[5, 6, 4], Kind::Image),
        ] {
            assert_eq!(kind_of(shape, None), Ok(expected), "{shape:?}");
            assert_eq!(kind_of(shape, Some(Kind::Histogram)), Ok(Kind::Histogram));
        }
        for (shape, asked, problem) in [
            (&[5, 6, 7][..], None, "by a slice, such as `[0]`, or `--kind histogram`"),
            (&[2, 2, 2, 3], None, "such as `[0, 0]`"),
            (&[9, 9], Some(Kind::Line), "of up to 8 columns"),
            (&[9], Some(Kind::Image), "an image has two axes"),
            (&[], None, "is a single value"),
            (&[3, 0], None, "is empty there: the shape is (3, 0)"),
        ] {
            assert!(kind_of(shape, asked).unwrap_err().contains(problem), "{shape:?}");
        }
    }

    #[test]
    fn what_cannot_be_drawn_is_an_error() {
        let nothing = Array1::from_elem(3, f64::NAN).into_dyn();
        for kind in [Kind::Line, Kind::Histogram] {
            let error = drawn(&nothing, Some(kind)).unwrap_err().to_string();
            assert!(error.ends_with("has no finite value there"), "{error}");
        }
        let error = drawn(&ArrayD::from_elem(vec![2, 2, 3], 1.5), None).unwrap_err().to_string();
        assert!(error.contains("are from 0 to 1.5: choose one channel"), "{error}");
        assert!(drawn(&ArrayD::from_elem(vec![2], "text"), None).is_err());
    }

    #[test]
    fn characters_show_axes_and_values() {
        let line = "
                x
4 ┤                       ⣀⠤⠂
  │                  ⣀⠤⠔⠊⠉
  │              ⣀⠤⠒⠉
2 ┤         ⢀⡠⠤⠒⠉
  │    ⢀⡠⠔⠒⠉⠁
0 ┤⠠⠤⠒⠉⠁
  └┬─────┬──────┬─────┬─────┬
   0     1      2     3     4
              index
";
        assert_eq!(drawn(&Array1::range(0.0, 5.0, 1.0).into_dyn(), None).unwrap(), line[1..]);
        let columns = "
                x
  │11111                 0000
2 ┤    1111111      000000
  │          1111111
  │    0000000      111111
0 ┤00000                 1111
  └┬───────┬────────┬───────┬
   0       1        2       3
              index
columns:  0  1
";
        let crossing = array![[0, 3], [1, 2], [2, 1], [3, 0]].into_dyn();
        assert_eq!(drawn(&crossing, None).unwrap(), columns[1..]);
        let bars = "
               x
  │                ▆▆▆▆▆▆▆
  │                ███████
2 ┤        ▆▆▆▆▆▆▆ ███████
  │        ███████ ███████
  │▇▇▇▇▇▇▇ ███████ ███████
0 ┤███████ ███████ ███████
  └────┬───────┬───────┬───
       1       2       3
             value
";
        let counted = array![1, 2, 2, 3, 3, 3].into_dyn();
        assert_eq!(drawn(&counted, Some(Kind::Histogram)).unwrap(), bars[1..]);
        let image = "
           x
  ......======······
0 ......======······
  ......======······
  @@@@@@######======
1 @@@@@@######======
  @@@@@@######======
     0     1     2
        axis 1
0 .:-=+*#%@ 3
";
        let values = array![[0.0, 1.0, f64::NAN], [3.0, 2.0, 1.0]].into_dyn();
        // What is not finite is blank.
        assert_eq!(drawn(&values, None).unwrap(), image[1..].replace('·', " "));
    }

    /// Whatever the values are, nothing is outside of the picture.
    #[test]
    fn every_range_is_drawn() {
        let extremes = [f64::MIN, f64::MAX, 0.0, -1e300, 1e-300, 5e-324, f64::NAN, f64::INFINITY];
        let arrays = [
            Array1::from(extremes.to_vec()).into_dyn(),
            Array1::from_elem(1, 3.5).into_dyn(),
            Array1::from_elem(50, f64::MAX).into_dyn(),
            Array1::from_elem(50, 0.0).into_dyn(),
            Array1::from_shape_fn(50, |index| 1.0 + index as f64 * f64::EPSILON).into_dyn(),
            Array2::from_shape_fn((8, 20), |(row, _)| extremes[row]).into_dyn(),
            Array2::from_elem((20, 8), -1e9).into_dyn(),
            Array2::from_elem((1, 3000), 1e9).into_dyn(),
        ];
        for array in &arrays {
            for (asked, size) in [
                (None, [240, 180]),
                (None, [800, 600]),
                (Some(Kind::Histogram), [240, 400]),
                (Some(Kind::Histogram), [400, 180]),
            ] {
                let figure = with(array, |numbers| {
                    let kind = kind(numbers, asked)?;
                    let plot =
                        Plot::new(numbers, "a name\nof any length ".repeat(9), kind, [9, 9], 9)?;
                    Figure::new(&plot, size)
                })
                .unwrap();
                let is_inside = |x: f32, y: f32| {
                    (0.0..=figure.width).contains(&x) && (0.0..=figure.height).contains(&y)
                };
                for shape in &figure.shapes {
                    let is_inside = match shape {
                        Shape::Bar { area, .. } | Shape::Image { area, .. } => {
                            is_inside(area.left, area.top)
                                && is_inside(area.left + area.width, area.top + area.height)
                        }
                        Shape::Line { points, .. } => points.iter().all(|&(x, y)| is_inside(x, y)),
                        Shape::Text { at: (x, y), .. } => is_inside(*x, *y),
                    };
                    assert!(is_inside, "{:?} as {asked:?} in {size:?}: {shape:?}", array.shape());
                }
                assert!(png::png(&figure).unwrap().starts_with(b"\x89PNG"));
                assert!(svg::svg(&figure).unwrap().ends_with(b"</svg>\n"));
                drawn(array, asked).unwrap();
            }
        }
    }

    #[test]
    fn sizes_are_two_numbers() {
        assert_eq!(size("800x600").unwrap(), [800, 600]);
        for text in ["800", "800x", "800x600x2", "-1x5", "axb", "99999999999x1"] {
            assert!(size(text).is_err(), "{text}");
        }
        let limits = [[240, 180], [10_000, 10_000]];
        assert!(check([240, 10_000], limits, "a picture", "pixels").is_ok());
        let error = check([10_001, 600], limits, "a picture", "pixels").unwrap_err().to_string();
        assert_eq!(error, "a picture has from 240x180 to 10000x10000 pixels, not 10001x600");
    }
}
