//! A device that encrypts, and consumes power.

use crate::random;

/// How many traces are measured.
pub const TRACES: usize = 2000;
/// How many samples a trace has.
pub const SAMPLES: usize = 50;
/// Which byte of the key is searched for.
pub const BYTE: usize = 3;

const KEY: [u8; 16] = *b"a well-kept key!";

/// What the device is supposed to consume when it has `plaintext`, and `key` is the byte of the key.
pub fn model(plaintext: u8, key: u8) -> f64 {
    // The cube is a permutation of these numbers, and far from linear, as a cipher's S-box is.
    let substituted = u32::from(plaintext ^ key).pow(3) % 257;
    f64::from(substituted.count_ones())
}

/// Encrypts something, and measures the power that this takes: (samples, plaintext).
pub fn measure() -> impl Iterator<Item = ([f32; SAMPLES], [u8; 16])> {
    let mut random = random(1);
    (0..TRACES).map(move |_| {
        let plaintext = [(); 16].map(|()| random(256) as u8);
        // Whole numbers, of which sums are exact in whatever order the threads add them.
        let mut samples = [(); SAMPLES].map(|()| random(32) as f32);
        samples[17] += 2.0 * model(plaintext[BYTE], KEY[BYTE]) as f32;
        (samples, plaintext)
    })
}
