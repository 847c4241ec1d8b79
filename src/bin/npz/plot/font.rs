//! The font of pictures: DejaVu Sans, of which the binary contains the letters that names and numbers need.
//!
//! `DejaVuSans.subset.ttf` was made of version 2.37, whose licence is in `DejaVuSans.LICENSE`, by fonttools:
//!
//! ```text
//! pyftsubset DejaVuSans.ttf --no-hinting --notdef-outline --layout-features=
//!     --drop-tables+=FFTM,GDEF,GPOS,GSUB,MATH,gasp --output-file=DejaVuSans.subset.ttf
//!     --unicodes=U+0020-007E,U+00A0-017F,U+0370-03FF,U+0400-045F,U+2010-2015,U+2018-201E,U+2020-2022,U+2026,
//!         U+2032-2033,U+2070,U+2074-2079,U+207A-207B,U+2080-2089,U+20AC,U+2190-2193,U+2202,U+2206-2207,
//!         U+2211-2212,U+221A,U+221E,U+222B,U+2248,U+2260,U+2264-2265
//! ```

use tiny_skia::{Path, PathBuilder};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

use crate::Result;

/// A font, for text of any size.
pub struct Font(Face<'static>);

impl Font {
    pub fn new() -> Result<Self> {
        Ok(Self(Face::parse(include_bytes!("DejaVuSans.subset.ttf"), 0)?))
    }

    /// How wide the text is.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|c| self.advance(self.glyph(c), size)).sum()
    }

    /// The text, or its beginning if it is wider than that.
    pub fn shortened(&self, text: &str, size: f32, width: f32) -> String {
        if self.width(text, size) <= width {
            return text.to_owned();
        }
        let mut short = text.to_owned();
        while short.pop().is_some() && self.width(&short, size) + size > width {}
        short + "…"
    }

    /// The outlines of the text, the first letter of which stands on the origin.
    pub fn outlines(&self, text: &str, size: f32) -> Option<Path> {
        let mut outlines =
            Outlines { path: PathBuilder::new(), scale: self.scale(size), start: 0.0 };
        for glyph in text.chars().map(|c| self.glyph(c)) {
            self.0.outline_glyph(glyph, &mut outlines);
            outlines.start += self.advance(glyph, size);
        }
        outlines.path.finish()
    }

    /// The letter, or the box that stands for what the font has not.
    fn glyph(&self, c: char) -> GlyphId {
        self.0.glyph_index(c).unwrap_or_default()
    }

    fn advance(&self, glyph: GlyphId, size: f32) -> f32 {
        f32::from(self.0.glyph_hor_advance(glyph).unwrap_or_default()) * self.scale(size)
    }

    fn scale(&self, size: f32) -> f32 {
        size / f32::from(self.0.units_per_em())
    }
}

/// Letters one beside the other. A font's y goes up, a picture's down.
struct Outlines {
    path: PathBuilder,
    scale: f32,
    start: f32,
}

impl Outlines {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.start + x * self.scale, -y * self.scale)
    }
}

impl OutlineBuilder for Outlines {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_any_letters_has_a_width_and_outlines() {
        let font = Font::new().unwrap();
        assert!(font.width("wide", 10.0) > font.width("lil", 10.0));
        for text in ["x[0] = −1.5e9", "größe αβγ", "Привет", "名前 🦀"] {
            assert!(font.outlines(text, 14.0).is_some() && font.width(text, 14.0) > 14.0);
        }
        assert!(font.outlines("", 14.0).is_none());
        let short = font.shortened("a name that is long", 14.0, 60.0);
        assert!(short.ends_with('…') && font.width(&short, 14.0) <= 60.0, "{short}");
    }
}
