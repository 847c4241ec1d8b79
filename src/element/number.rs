//! Integers and floats.

super::pod::pod_elements! {
    i8: Int, i16: Int, i32: Int, i64: Int,
    u8: Uint, u16: Uint, u32: Uint, u64: Uint,
    f32: Float, f64: Float,
}
