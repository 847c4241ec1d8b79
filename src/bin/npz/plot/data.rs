//! What is drawn of an array. It is read in blocks and reduced while it is read, so that memory is needed for
//! the picture, and not for the array.

use anyhow::{bail, ensure};
use npz::AnyArray;
use npz::dtype::{DType, Kind as DTypeKind};
use npz::ndarray::{Array2, ArrayD, ArrayViewD, Axis as AxisIndex};

use super::VALUE;
use super::colour::{Colour, NEUTRAL};
use super::ticks::Span;
use crate::Result;
use crate::archive::Archive;
use crate::slice::Selection;
use crate::{load, output, value};

/// Lines, each of points (index, value). A value that is NaN is a gap.
pub struct Lines {
    pub len: usize,
    pub lines: Vec<Vec<(f64, f64)>>,
}

/// An image: rows of values, or of colours. Each may stand for many elements.
pub struct Image<T> {
    /// How many rows and columns the array has.
    pub shape: [usize; 2],
    pub pixels: Array2<T>,
}

/// How many values are in each of equal parts of a range.
pub struct Histogram {
    pub span: Span,
    pub counts: Vec<u64>,
    /// How many values are NaN or infinite.
    pub left_out: u64,
}

/// Numbers of an array in a file.
pub struct Numbers<'a> {
    archive: &'a Archive,
    selection: &'a Selection<'a>,
    pub shape: Vec<usize>,
    kind: DTypeKind,
    itemsize: usize,
}

impl<'a> Numbers<'a> {
    /// What the selection takes, if it is numbers and there are any.
    pub fn new(archive: &'a Archive, selection: &'a Selection<'a>) -> Result<Self> {
        let info = archive.info(selection.name)?;
        let (name, dtype) = (selection.name, info.dtype());
        let itemsize = dtype.itemsize();
        let kind = match dtype {
            DType::Scalar(scalar) => scalar.kind(),
            _ => DTypeKind::Void,
        };
        let is_numeric = match kind {
            DTypeKind::Bool | DTypeKind::Int | DTypeKind::Uint => true,
            DTypeKind::Datetime(_) | DTypeKind::Timedelta(_) => true,
            DTypeKind::Float => matches!(itemsize, 2 | 4 | 8),
            DTypeKind::Complex => matches!(itemsize, 8 | 16),
            _ => false,
        };
        ensure!(is_numeric, "`{name}` has the dtype {dtype}: only numbers and dates can be drawn");
        let shape = selection.shape();
        ensure!(
            !shape.is_empty(),
            "`{name}` is a single value there, of which there is no picture"
        );
        ensure!(
            !shape.contains(&0),
            "`{name}` is empty there: the shape is {}",
            output::shape(&shape)
        );
        Ok(Self { archive, selection, shape, kind, itemsize })
    }

    /// Whether its last axis is red, green, blue and maybe opacity: of bytes, or of floats from 0 to 1.
    pub fn has_colours(&self) -> bool {
        let is_colour = match self.kind {
            DTypeKind::Uint => self.itemsize == 1,
            kind => kind == DTypeKind::Float,
        };
        is_colour && matches!(self.shape[..], [_, _, 3 | 4])
    }

    /// Whether its values are whole numbers.
    pub fn is_whole(&self) -> bool {
        !matches!(self.kind, DTypeKind::Float | DTypeKind::Complex)
    }

    /// What the values are called.
    pub fn label(&self) -> String {
        let (unit, since) = match self.kind {
            DTypeKind::Complex => return "magnitude".to_owned(),
            DTypeKind::Datetime(Some(unit)) => (unit, " since 1970"),
            DTypeKind::Timedelta(Some(unit)) => (unit, ""),
            _ => return VALUE.to_owned(),
        };
        let base = value::units(unit.base);
        match unit.multiple {
            1 => format!("{base}{since}"),
            multiple => format!("{multiple} {base}{since}"),
        }
    }

    /// A line, or one for each column. If there are many points, two stand for those of each of `columns` parts
    /// of the picture: the lowest and the highest.
    pub fn lines(&self, columns: usize) -> Result<Lines> {
        let len = self.shape.first().copied().unwrap_or(0);
        let count = self.shape.get(1).copied().unwrap_or(1);
        let mut lines = vec![Extremes::new(len, columns); count];
        self.blocks(|start, block| {
            let (first, first_line) = (start[0], start.get(1).copied().unwrap_or(0));
            let columns = block.to_shape((block.shape()[0], block.len() / block.shape()[0]))?;
            for (line, values) in lines[first_line..].iter_mut().zip(columns.columns()) {
                for (index, &value) in values.iter().enumerate() {
                    line.add(first + index, value);
                }
            }
            Ok(())
        })?;
        Ok(Lines { len, lines: lines.iter().map(Extremes::points).collect() })
    }

    /// An image of no more than `most` rows and columns. Pixels are the means of the elements that
    /// they stand for.
    pub fn image(&self, most: [usize; 2]) -> Result<Image<f64>> {
        let [channel] = &self.channels(most)?[..] else { bail!("an image has two axes") };
        Ok(Image { shape: channel.shape, pixels: channel.means.clone() })
    }

    /// The same of colours.
    pub fn colours(&self, most: [usize; 2]) -> Result<Image<Colour>> {
        let largest = if self.kind == DTypeKind::Float { 1.0 } else { 255.0 };
        let channels = self.channels(most)?;
        let span = channels.iter().fold((0.0_f64, 0.0_f64), |(low, high), channel| {
            (low.min(channel.low), high.max(channel.high))
        });
        ensure!(
            (0.0..=largest).contains(&span.0) && span.1 <= largest,
            "colours are bytes, or floats from 0 to 1, but values of `{name}` are from {} to {}: choose one \
             channel, as in `{name}[..., 0]`",
            span.0,
            span.1,
            name = self.selection.name,
        );
        let [red, green, blue, rest @ ..] = &channels[..] else {
            bail!("colours have three channels")
        };
        let pixels = Array2::from_shape_fn(red.means.raw_dim(), |at| {
            let opacity = rest.first().map_or(1.0, |channel| channel.means[at] / largest);
            // On white.
            let shown = |channel: &Means| 1.0 - opacity * (1.0 - channel.means[at] / largest);
            let colour = [red, green, blue].map(shown);
            match colour.iter().all(|share| share.is_finite()) {
                true => colour.map(|share| (share * 255.0).round() as u8),
                false => NEUTRAL,
            }
        });
        Ok(Image { shape: red.shape, pixels })
    }

    fn channels(&self, most: [usize; 2]) -> Result<Vec<Means>> {
        let (&[rows, columns], rest) = self.shape.split_first_chunk().unwrap_or((&[0; 2], &[]));
        let mut channels = vec![Means::new([rows, columns], most); rest.iter().product()];
        self.blocks(|start, mut block| {
            if start.len() == 2 {
                block.insert_axis_inplace(AxisIndex(2));
            }
            let first = start.get(2).copied().unwrap_or(0);
            for (channel, values) in channels[first..].iter_mut().zip(block.axis_iter(AxisIndex(2)))
            {
                channel.add([start[0], start[1]], &values.into_dimensionality()?.to_owned());
            }
            Ok(())
        })?;
        Ok(channels)
    }

    /// A histogram of at most `most` bins. The array is read twice: for the range, and for the counts.
    pub fn histogram(&self, most: usize) -> Result<Histogram> {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut count, mut left_out) = (0, 0);
        self.blocks(|_, block| {
            for &value in block.iter() {
                if value.is_finite() {
                    (low, high) = (low.min(value), high.max(value));
                    count += 1;
                } else {
                    left_out += 1;
                }
            }
            Ok(())
        })?;
        self.require(count > 0)?;
        let (span, bins) = bins(low, high, count, most, self.is_whole());
        let mut counts = vec![0; bins];
        self.blocks(|_, block| {
            for &value in block.iter().filter(|value| value.is_finite()) {
                let bin = (span.fraction(value) * bins as f64) as usize;
                counts[bin.min(bins - 1)] += 1;
            }
            Ok(())
        })?;
        Ok(Histogram { span, counts, left_out })
    }

    /// An error if nothing of it can be drawn.
    pub fn require(&self, is_any_finite: bool) -> Result {
        ensure!(is_any_finite, "`{}` has no finite value there", self.selection.name);
        Ok(())
    }

    /// Passes on its numbers in blocks, each with the index of its first.
    fn blocks(&self, mut each: impl FnMut(&[usize], ArrayViewD<f64>) -> Result) -> Result {
        load::blocks(self.archive, self.selection, |start, block: AnyArray| {
            each(start, floats(block)?.view())
        })
    }
}

/// The numbers as floats; dates as counts of their unit, complex numbers as their magnitudes.
fn floats(array: AnyArray) -> Result<ArrayD<f64>> {
    let time = |count| if count == i64::MIN { f64::NAN } else { count as f64 }; // NaT
    Ok(match array {
        AnyArray::F64(array) => array,
        AnyArray::F32(array) => array.mapv(f64::from),
        AnyArray::I64(array) => array.mapv(|value| value as f64),
        AnyArray::U64(array) => array.mapv(|value| value as f64),
        AnyArray::C64(array) => array.mapv(|value| f64::from(value.re).hypot(value.im.into())),
        AnyArray::C128(array) => array.mapv(|value| value.re.hypot(value.im)),
        AnyArray::Datetime(array, _) | AnyArray::Timedelta(array, _) => array.mapv(time),
        AnyArray::Bool(array) => array.mapv(|value| f64::from(u8::from(value))),
        array => array.cast()?,
    })
}

/// The lowest and the highest value of each part of a line, with their indices.
#[derive(Clone)]
struct Extremes {
    len: usize,
    /// How many values there are in a part.
    width: usize,
    parts: Vec<Option<[(usize, f64); 2]>>,
}

impl Extremes {
    fn new(len: usize, columns: usize) -> Self {
        let width = if len <= columns * 2 { 1 } else { len.div_ceil(columns) };
        Self { len, width, parts: vec![None; len.div_ceil(width)] }
    }

    fn add(&mut self, index: usize, value: f64) {
        if !value.is_finite() {
            return;
        }
        match &mut self.parts[index / self.width] {
            Some([low, _]) if value < low.1 => *low = (index, value),
            Some([_, high]) if value > high.1 => *high = (index, value),
            Some(_) => {}
            part => *part = Some([(index, value); 2]),
        }
    }

    fn points(&self) -> Vec<(f64, f64)> {
        let mut points = Vec::new();
        for (start, part) in (0..self.len).step_by(self.width).zip(&self.parts) {
            let Some([low, high]) = *part else {
                points.push((start as f64, f64::NAN));
                continue;
            };
            let (first, last) = if low.0 <= high.0 { (low, high) } else { (high, low) };
            points.push((first.0 as f64, first.1));
            if first != last {
                points.push((last.0 as f64, last.1));
            }
        }
        points
    }
}

/// An image whose pixels are the means of the finite values in the cells of a grid.
#[derive(Clone)]
struct Means {
    shape: [usize; 2],
    low: f64,
    high: f64,
    means: Array2<f64>,
    counts: Array2<u64>,
}

impl Means {
    fn new(shape: [usize; 2], most: [usize; 2]) -> Self {
        let grid = [shape[0].min(most[0]), shape[1].min(most[1])];
        let means = Array2::from_elem(grid, f64::NAN);
        Self {
            shape,
            low: f64::INFINITY,
            high: f64::NEG_INFINITY,
            means,
            counts: Array2::zeros(grid),
        }
    }

    /// Adds values, the first of which is in the row and the column `start`.
    fn add(&mut self, start: [usize; 2], values: &Array2<f64>) {
        let cells = |axis: usize| {
            let (len, cells) = (self.shape[axis] as u128, self.means.shape()[axis] as u128);
            let cell = move |index| (index as u128 * cells / len) as usize;
            (start[axis]..start[axis] + values.shape()[axis]).map(cell).collect::<Vec<_>>()
        };
        let (rows, columns) = (cells(0), cells(1));
        for (row, values) in rows.into_iter().zip(values.rows()) {
            for (&column, &value) in columns.iter().zip(values) {
                if !value.is_finite() {
                    continue;
                }
                (self.low, self.high) = (self.low.min(value), self.high.max(value));
                let (mean, count) =
                    (&mut self.means[[row, column]], &mut self.counts[[row, column]]);
                *count += 1;
                if *count == 1 {
                    *mean = value;
                } else {
                    // The sum of large values may be no finite number.
                    *mean += value / *count as f64 - *mean / *count as f64;
                }
            }
        }
    }
}

/// The range of a histogram, and its number of bins, which grows with the number of values.
fn bins(low: f64, high: f64, count: u64, most: usize, is_whole: bool) -> (Span, usize) {
    let most = most.clamp(10, 100);
    let wanted = ((count as f64).cbrt() * 2.0).clamp(10.0, most as f64).floor();
    if !is_whole {
        let span = Span::new(low, high);
        // All in one bin: that in the middle.
        return (span, if span.low < low { 11 } else { wanted as usize });
    }
    let values = high - low + 1.0;
    let width = if values <= most as f64 { 1.0 } else { (values / wanted).ceil() };
    // Each bin has as many whole numbers as the others; so the last should have few beyond the values.
    let beyond = |width: f64| (values / width).ceil() - values / width;
    let widths = (0..=width as usize / 2).take(1000).map(|more| width + more as f64);
    let width = widths.min_by(|a, b| beyond(*a).total_cmp(&beyond(*b))).unwrap_or(width);
    let bins = (values / width).ceil();
    (Span::new(low - 0.5, low - 0.5 + bins * width), bins as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use npz::ndarray::array;

    #[test]
    fn lines_keep_their_extremes() {
        let mut line = Extremes::new(100, 10);
        for index in 0..100 {
            line.add(index, if index == 57 { -9.0 } else { (index % 10) as f64 });
        }
        let points = line.points();
        assert_eq!(points[..2], [(0.0, 0.0), (9.0, 9.0)]);
        assert_eq!(points[10..12], [(57.0, -9.0), (59.0, 9.0)]);
        let mut line = Extremes::new(4, 10);
        for (index, value) in [1.0, f64::NAN, f64::INFINITY, 2.0].into_iter().enumerate() {
            line.add(index, value);
        }
        let points = line.points();
        assert_eq!((points[0], points[3]), ((0.0, 1.0), (3.0, 2.0)));
        assert!(points[1].1.is_nan() && points[2].1.is_nan());
    }

    #[test]
    fn pixels_are_means() {
        let mut image = Means::new([2, 5], [1, 2]);
        image.add([0, 0], &array![[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]);
        image.add([0, 3], &array![[5.0, f64::NAN], [7.0, f64::INFINITY]]);
        assert_eq!((image.means, image.low, image.high), (array![[2.0, 6.0]], 1.0, 7.0));
        let mut large = Means::new([1, 3], [1, 1]);
        large.add([0, 0], &array![[f64::MAX, f64::MIN, f64::MAX]]);
        let third = large.means[[0, 0]] / f64::MAX;
        assert!((third - 1.0 / 3.0).abs() < 1e-9, "{third}");
        let mut empty = Means::new([1, 1], [9, 9]);
        empty.add([0, 0], &array![[f64::NAN]]);
        assert!(empty.means[[0, 0]].is_nan());
    }

    #[test]
    fn bins_fit_the_values() {
        assert_eq!(bins(0.0, 1.0, 1000, 100, false), (Span { low: 0.0, high: 1.0 }, 20));
        assert_eq!(bins(0.0, 1.0, 1 << 40, 60, false).1, 60);
        assert_eq!(bins(0.0, 1.0, 9, 100, true), (Span { low: -0.5, high: 1.5 }, 2));
        assert_eq!(bins(0.0, 255.0, 1 << 20, 100, true), (Span { low: -0.5, high: 255.5 }, 64));
        assert_eq!(bins(5.0, 5.0, 9, 100, false).1, 11);
        let (span, count) = bins(-9e18, 9e18, 1000, 100, true);
        assert!(span.high >= 9e18 && (10..=100).contains(&count));
        let (span, count) = bins(9e18, 9e18, 5, 100, true);
        assert!(count == 1 && span.low < 9e18 && 9e18 < span.high);
        assert_eq!(bins(f64::MIN, f64::MAX, 5, 100, false).1, 10);
    }
}
