//! Colours.

/// Red, green and blue.
pub type Colour = [u8; 3];

pub const BLACK: Colour = [0; 3];
/// What stands in images for values that are not finite.
pub const NEUTRAL: Colour = [190; 3];

/// The colours of lines, in their order: those of Tableau, which matplotlib uses too.
pub const LINES: [Colour; 8] = [
    [0x1f, 0x77, 0xb4],
    [0xff, 0x7f, 0x0e],
    [0x2c, 0xa0, 0x2c],
    [0xd6, 0x27, 0x28],
    [0x94, 0x67, 0xbd],
    [0x8c, 0x56, 0x4b],
    [0xe3, 0x77, 0xc2],
    [0x17, 0xbe, 0xcf],
];

/// Every eighth colour of the map viridis by Nathaniel Smith and Stéfan van der Walt, which they gave to the
/// public domain (CC0). What is interpolated differs by at most 2 from the original.
#[rustfmt::skip]
const VIRIDIS: [u32; 33] = [
    0x440154, 0x470d60, 0x48186a, 0x482374, 0x472d7b, 0x453681, 0x424086, 0x3f4989, 0x3b528b, 0x375a8d, 0x33638d,
    0x2f6a8e, 0x2c728e, 0x297a8e, 0x26818e, 0x23898e, 0x21908c, 0x1f988b, 0x1f9f88, 0x21a685, 0x28ae80, 0x31b57b,
    0x3ebc74, 0x4cc26c, 0x5dc963, 0x6ece58, 0x82d34c, 0x96d83f, 0xabdc32, 0xc0df24, 0xd5e21a, 0xeae51a, 0xfde725,
];

/// The colour of a value between 0 and 1.
pub fn viridis(fraction: f64) -> Colour {
    let place = fraction.clamp(0.0, 1.0) * (VIRIDIS.len() - 1) as f64;
    let index = (place as usize).min(VIRIDIS.len() - 2);
    let part = place - index as f64;
    let ([_, low @ ..], [_, high @ ..]) =
        (VIRIDIS[index].to_be_bytes(), VIRIDIS[index + 1].to_be_bytes());
    let between = |low: u8, high: u8| f64::from(low) + part * (f64::from(high) - f64::from(low));
    std::array::from_fn(|channel| between(low[channel], high[channel]).round() as u8)
}

/// How bright it looks, from 0 to 1.
pub fn brightness([red, green, blue]: Colour) -> f64 {
    (0.299 * f64::from(red) + 0.587 * f64::from(green) + 0.114 * f64::from(blue)) / 255.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn viridis_is_viridis() {
        assert_eq!(viridis(0.0), [0x44, 0x01, 0x54]);
        assert_eq!(viridis(0.5), [0x21, 0x90, 0x8c]);
        assert_eq!(viridis(1.0), [0xfd, 0xe7, 0x25]);
        assert_eq!(viridis(f64::NAN).len(), 3);
        assert_eq!((viridis(-1.0), viridis(2.0)), (viridis(0.0), viridis(1.0)));
        let steps = (0..=1000).map(|step| brightness(viridis(f64::from(step) / 1000.0)));
        assert!(steps.collect::<Vec<_>>().is_sorted_by(|a, b| *b > a - 0.01));
    }
}
