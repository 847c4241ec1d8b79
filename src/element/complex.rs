//! Complex numbers: a real part, then an imaginary part.

use num_complex::Complex;

super::pod::pod_elements! {
    Complex<f32>: Complex, Complex<f64>: Complex,
}
