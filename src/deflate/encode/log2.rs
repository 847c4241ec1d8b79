//! A logarithm that is the same on every machine.

/// The binary logarithm, to 0.00015; that of 0 is finite. Simple enough to be done for
/// several numbers at once, and the same on every machine.
pub(super) fn log2(x: f32) -> f32 {
    let exponent = (x.to_bits() >> 23) as f32 - 127.0;
    // From 0 to 1, and the polynomial is exact at both.
    let m = f32::from_bits(x.to_bits() & 0x007f_ffff | 1_f32.to_bits()) - 1.0;
    exponent + m + m * (1.0 - m) * (0.438_07 + m * (m * 0.080_31 - 0.236_69))
}
