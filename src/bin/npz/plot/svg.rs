//! Pictures as SVG.

use std::fmt::Write;

use npz::ndarray::Array2;

use super::colour::Colour;
use super::figure::{Align, Figure, Shape};
use super::png;
use crate::Result;

pub fn svg(figure: &Figure) -> Result<Vec<u8>> {
    let (width, height) = (figure.width, figure.height);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"DejaVu Sans, Verdana, sans-serif\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for shape in &figure.shapes {
        draw(&mut svg, shape)?;
    }
    svg.push_str("</svg>\n");
    Ok(svg.into_bytes())
}

fn draw(svg: &mut String, shape: &Shape) -> Result {
    match shape {
        Shape::Bar { area, colour } => writeln!(
            svg,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>",
            area.left,
            area.top,
            area.width,
            area.height,
            hex(*colour)
        )?,
        Shape::Line { points, width, colour } => {
            let points: Vec<_> = points.iter().map(|(x, y)| format!("{x:.2},{y:.2}")).collect();
            writeln!(
                svg,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{width:.2}\" \
                 stroke-linecap=\"round\" stroke-linejoin=\"round\"/>",
                points.join(" "),
                hex(*colour)
            )?;
        }
        Shape::Text { text, at: (x, y), align, size, is_upright } => {
            let anchor = match align {
                Align::Start => "start",
                Align::Middle => "middle",
                Align::End => "end",
            };
            let turn = match is_upright {
                true => format!(" transform=\"rotate(-90 {x:.2} {y:.2})\""),
                false => String::new(),
            };
            writeln!(
                svg,
                "<text x=\"{x:.2}\" y=\"{y:.2}\" font-size=\"{size:.2}\" text-anchor=\"{anchor}\"{turn}>{}</text>",
                escaped(text)
            )?;
        }
        Shape::Image { area, pixels } => {
            writeln!(
                svg,
                "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" \
                 style=\"image-rendering:pixelated\" href=\"data:image/png;base64,{}\"/>",
                area.left,
                area.top,
                area.width,
                area.height,
                base64(&png::image(&enlarged(pixels, [area.height, area.width]))?)
            )?;
        }
    }
    Ok(())
}

/// The image with as many more pixels as its area has, because not every program that shows an SVG leaves
/// pixels as they are.
fn enlarged(pixels: &Array2<Colour>, area: [f32; 2]) -> Array2<Colour> {
    let (rows, columns) = pixels.dim();
    let times = |len: usize, area: f32| (area as usize).div_ceil(len).max(1);
    let [height, width] = [times(rows, area[0]), times(columns, area[1])];
    Array2::from_shape_fn((rows * height, columns * width), |(row, column)| {
        pixels[[row / height, column / width]]
    })
}

fn hex([red, green, blue]: Colour) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // What no XML may contain.
            '\0'..' ' | '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            c => escaped.push(c),
        }
    }
    escaped
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |index: usize| u32::from(three.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            match digit <= three.len() {
                true => text.push(DIGITS[(bits >> (18 - 6 * digit) & 63) as usize].into()),
                false => text.push('='),
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_base64() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn text_is_no_markup() {
        assert_eq!(escaped("<a & b>\u{1}ü"), "&lt;a &amp; b&gt;\u{fffd}ü");
    }
}
