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

use std::fs::File;
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
            Some((path, format)) => {
                let size = self.size.unwrap_or([800, 600]);
                check(size, [[200, 150], [10_000, 10_000]], "a picture", "pixels")?;
                let [width, height] = size.map(|len| len as usize);
                let plot = Plot::new(&numbers, title, kind, [height, width], 100)?;
                let figure = Figure::new(&plot, size)?;
                let picture = match format {
                    Format::Png => png::png(&figure)?,
                    Format::Svg => svg::svg(&figure)?,
                };
                write(path, &picture).with_context(|| format!("cannot write `{}`", path.display()))
            }
            None => {
                let size = self.size.unwrap_or_else(terminal::size);
                check(size, [[30, 10], [1000, 1000]], "a drawing", "characters")?;
                let size = size.map(|len| len as usize);
                let most = terminal::most(size, &numbers.shape);
                let plot =
                    Plot::new(&numbers, title, kind, most, size[0].saturating_sub(16).min(100))?;
                let mut out = output::stdout();
                let colours = terminal::Colours::of(out.get_ref());
                terminal::draw(&plot, size, colours, &mut out)?;
                Ok(out.flush()?)
            }
        }
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
            bail!(
                "the shape is {}: an image has two axes; choose them by a slice",
                output::shape(shape)
            )
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

/// Writes a file that is complete, or not there.
fn write(path: &Path, bytes: &[u8]) -> Result {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let name = tempfile::Builder::new()
        .prefix(".npz-")
        .suffix(".tmp")
        .make_in(folder.unwrap_or(Path::new(".")), |name| File::create_new(name))?;
    let (mut file, name) = name.into_parts();
    file.write_all(bytes)?;
    drop(file); // Windows does not rename what is open.
    Ok(name.persist(path)?)
}
