//! Pictures as PNG.

use anyhow::Context;
use npz::ndarray::Array2;
use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint, PathBuilder, Pixmap, PixmapPaint,
    PremultipliedColorU8, Rect, Stroke, Transform,
};

use super::colour::{BLACK, Colour};
use super::figure::{Align, Figure, Shape};
use crate::Result;

pub fn png(figure: &Figure) -> Result<Vec<u8>> {
    let mut canvas = canvas(figure.width as u32, figure.height as u32)?;
    canvas.fill(Color::WHITE);
    for shape in &figure.shapes {
        draw(&mut canvas, figure, shape)?;
    }
    Ok(canvas.encode_png()?)
}

/// An image as PNG, a pixel for each of its own.
pub fn image(pixels: &Array2<Colour>) -> Result<Vec<u8>> {
    Ok(pixmap(pixels)?.encode_png()?)
}

fn draw(canvas: &mut Pixmap, figure: &Figure, shape: &Shape) -> Result {
    let unmoved = Transform::identity();
    match shape {
        Shape::Bar { area, colour } => {
            if let Some(rect) = Rect::from_xywh(area.left, area.top, area.width, area.height) {
                canvas.fill_rect(rect, &paint(*colour), unmoved, None);
            }
        }
        Shape::Line { points, width, colour } => {
            let mut path = PathBuilder::new();
            for (index, &(x, y)) in points.iter().enumerate() {
                if index == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
            }
            let stroke = Stroke {
                width: *width,
                line_cap: LineCap::Round,
                line_join: LineJoin::Round,
                ..Stroke::default()
            };
            if let Some(path) = path.finish() {
                canvas.stroke_path(&path, &paint(*colour), &stroke, unmoved, None);
            }
        }
        Shape::Text { text, at, align, size, is_upright } => {
            let left = match align {
                Align::Start => 0.0,
                Align::Middle => -figure.font.width(text, *size) / 2.0,
                Align::End => -figure.font.width(text, *size),
            };
            let turn = if *is_upright { -90.0 } else { 0.0 };
            let place =
                Transform::from_translate(at.0, at.1).pre_rotate(turn).pre_translate(left, 0.0);
            if let Some(path) = figure.font.outlines(text, *size) {
                canvas.fill_path(&path, &paint(BLACK), FillRule::Winding, place, None);
            }
        }
        Shape::Image { area, pixels } => {
            let (rows, columns) = pixels.dim();
            let (width, height) = (area.width / columns as f32, area.height / rows as f32);
            let place = Transform::from_row(width, 0.0, 0.0, height, area.left, area.top);
            canvas.draw_pixmap(
                0,
                0,
                pixmap(pixels)?.as_ref(),
                &PixmapPaint::default(),
                place,
                None,
            );
        }
    }
    Ok(())
}

fn pixmap(pixels: &Array2<Colour>) -> Result<Pixmap> {
    let (rows, columns) = pixels.dim();
    let mut pixmap = canvas(columns as u32, rows as u32)?;
    for (pixel, &[red, green, blue]) in pixmap.pixels_mut().iter_mut().zip(pixels) {
        *pixel = PremultipliedColorU8::from_rgba(red, green, blue, 255).unwrap_or(*pixel);
    }
    Ok(pixmap)
}

fn canvas(width: u32, height: u32) -> Result<Pixmap> {
    Pixmap::new(width, height).context("there is no memory for a picture of this size")
}

fn paint([red, green, blue]: Colour) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(red, green, blue, 255);
    paint
}
