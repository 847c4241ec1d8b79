//! Numbers of one type from numbers of another, each checked to be the same value.

use num_traits::NumCast;

use super::{Body, Element, LoadElement, half, items_at_once, pod};
use crate::dtype::{DType, Endian, Kind};
use crate::error::{ErrorKind, Result};

/// A type that numbers can be cast to: `bool`, integers, floats, halves and complex numbers, and
/// also `usize` and `isize`, which are not element types because their size depends on the
/// machine.
///
/// # Examples
///
/// ```
/// use ndarray::Array1;
/// use npz::{NpzReader, Numeric};
///
/// /// Loads numbers of any dtype, if they are values of `T`.
/// fn load<T: Numeric, R>(npz: &NpzReader<R>, name: &str) -> npz::Result<Array1<T>> {
///     npz.get_cast(name)
/// }
/// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
/// # npz.array("x", &[1_u8, 2])?;
/// # let npz = NpzReader::new(npz.finish()?)?;
/// assert_eq!(load::<f64, _>(&npz, "x")?[1], 2.0);
/// # Ok::<(), npz::Error>(())
/// ```
pub trait Numeric: Copy + Default + Send + Sync {
    /// What it is called in messages.
    #[doc(hidden)]
    fn name() -> String;

    /// Reads `len` numbers of `dtype` if this is the element type for it, and else gives
    /// `body` back.
    #[doc(hidden)]
    fn decode_own<'a>(
        body: Body<'a>,
        _dtype: &DType,
        _len: usize,
    ) -> Result<Result<Vec<Self>>, Body<'a>> {
        Err(body)
    }

    /// The value that is the same as `number`, or for floats the nearest.
    #[doc(hidden)]
    fn from_real<S: Real>(number: S) -> Option<Self>;

    /// The value that is the same as the complex number, or for floats the nearest.
    #[doc(hidden)]
    fn from_complex<S: Real>(re: S, im: S) -> Option<Self> {
        if im.to_f64() == Some(0.0) { Self::from_real(re) } else { None }
    }
}

/// A real number: what casts begin and end with.
#[doc(hidden)]
pub trait Real: bytemuck::Pod + NumCast {
    const IS_FLOAT: bool;
    /// How many binary digits it has without its sign, so that fewer fit into more.
    const DIGITS: u32;

    /// For floats: the nearest to `value`.
    fn nearest(value: f64) -> Self;
}

/// The `T` that is the same number; between floats, the nearest, unless that is infinite.
fn exactly<S: Real, T: Real>(number: S) -> Option<T> {
    if S::IS_FLOAT && T::IS_FLOAT {
        let wide = number.to_f64()?;
        let nearest = T::nearest(wide);
        let overflows = || wide.is_finite() && nearest.to_f64().is_none_or(f64::is_infinite);
        let fits = S::DIGITS <= T::DIGITS || !overflows();
        return fits.then_some(nearest);
    }
    let cast: T = num_traits::cast(number)?; // None out of range
    let is_same = match (S::IS_FLOAT, T::IS_FLOAT) {
        (false, true) => S::DIGITS <= T::DIGITS || cast.to_i128() == number.to_i128(),
        (true, false) => cast.to_f64() == number.to_f64(), // no fraction was cut off
        _ => true,
    };
    is_same.then_some(cast)
}

/// The methods of [`Numeric`] that are the same for all element types.
macro_rules! element_methods {
    () => {
        fn name() -> String {
            Self::expected(&Self::dtype(Endian::NATIVE))
        }

        fn decode_own<'a>(
            body: Body<'a>,
            dtype: &DType,
            len: usize,
        ) -> Result<Result<Vec<Self>>, Body<'a>> {
            if Self::accepts(dtype) { Ok(Self::decode(body, dtype, len)) } else { Err(body) }
        }
    };
}

macro_rules! reals {
    ($($real:ty: $is_float:literal, $digits:expr, |$value:ident| $nearest:expr;)*) => {$(
        impl Real for $real {
            const IS_FLOAT: bool = $is_float;
            const DIGITS: u32 = $digits;

            fn nearest($value: f64) -> Self {
                $nearest
            }
        }

        impl Numeric for $real {
            element_methods!();

            fn from_real<S: Real>(number: S) -> Option<Self> {
                exactly(number)
            }
        }
    )*};
}

reals! {
    i8: false, i8::BITS - 1, |value| value as Self;
    i16: false, i16::BITS - 1, |value| value as Self;
    i32: false, i32::BITS - 1, |value| value as Self;
    i64: false, i64::BITS - 1, |value| value as Self;
    u8: false, u8::BITS, |value| value as Self;
    u16: false, u16::BITS, |value| value as Self;
    u32: false, u32::BITS, |value| value as Self;
    u64: false, u64::BITS, |value| value as Self;
    f32: true, f32::MANTISSA_DIGITS, |value| value as Self;
    f64: true, f64::MANTISSA_DIGITS, |value| value;
}

#[cfg(feature = "half")]
reals! {
    ::half::f16: true, ::half::f16::MANTISSA_DIGITS, |value| Self::from_f64(value);
    ::half::bf16: true, ::half::bf16::MANTISSA_DIGITS, |value| Self::from_f64(value);
}

/// Python's integers, which are cast to others, and never others to them.
impl Real for i128 {
    const IS_FLOAT: bool = false;
    const DIGITS: u32 = Self::BITS - 1;

    fn nearest(value: f64) -> Self {
        value as Self
    }
}

/// Integers of the machine's size.
macro_rules! sizes {
    ($($size:ident: $digits:expr;)*) => {$(
        impl Real for $size {
            const IS_FLOAT: bool = false;
            const DIGITS: u32 = $digits;

            fn nearest(value: f64) -> Self {
                value as Self
            }
        }

        impl Numeric for $size {
            fn name() -> String {
                stringify!($size).to_owned()
            }

            fn from_real<S: Real>(number: S) -> Option<Self> {
                exactly(number)
            }
        }
    )*};
}

sizes! {
    usize: usize::BITS;
    isize: isize::BITS - 1;
}

impl Numeric for bool {
    element_methods!();

    fn from_real<S: Real>(number: S) -> Option<Self> {
        match number.to_f64()? {
            0.0 => Some(false),
            1.0 => Some(true),
            _ => None,
        }
    }
}

impl<T: Real> Numeric for num_complex::Complex<T>
where
    Self: LoadElement + Default,
{
    element_methods!();

    fn from_real<S: Real>(number: S) -> Option<Self> {
        Self::from_complex(number, S::zeroed())
    }

    fn from_complex<S: Real>(re: S, im: S) -> Option<Self> {
        Some(Self::new(exactly(re)?, exactly(im)?))
    }
}

/// Reads `len` numbers of any numeric `dtype` as `T`s, or `None` if it is not numeric.
pub(crate) fn decode<T: Numeric>(
    body: Body<'_>,
    dtype: &DType,
    len: usize,
) -> Option<Result<Vec<T>>> {
    let DType::Scalar(scalar) = dtype else { return None };
    let body = match T::decode_own(body, dtype, len) {
        Ok(values) => return Some(values),
        Err(body) => body,
    };
    Some(match (scalar.kind(), scalar.itemsize()) {
        (Kind::Bool, _) => bool::decode(body, dtype, len).and_then(|bools| {
            let bytes: Vec<u8> = bools.into_iter().map(|value| value as u8).collect();
            let mut values = Vec::new();
            convert(&bytes, &mut values, T::from_real, describe::<u8, T>)?;
            Ok(values)
        }),
        (Kind::Int, 1) => reals::<i8, T>(body, dtype, len),
        (Kind::Int, 2) => reals::<i16, T>(body, dtype, len),
        (Kind::Int, 4) => reals::<i32, T>(body, dtype, len),
        (Kind::Int, 8) => reals::<i64, T>(body, dtype, len),
        (Kind::Uint, 1) => reals::<u8, T>(body, dtype, len),
        (Kind::Uint, 2) => reals::<u16, T>(body, dtype, len),
        (Kind::Uint, 4) => reals::<u32, T>(body, dtype, len),
        (Kind::Uint, 8) => reals::<u64, T>(body, dtype, len),
        (Kind::Float, 2) => halves(body, dtype, len, half::f16_to_f32),
        (Kind::Float, 4) => reals::<f32, T>(body, dtype, len),
        (Kind::Float, 8) => reals::<f64, T>(body, dtype, len),
        // Ordered void is what ml_dtypes makes of bfloat16.
        (Kind::Void, 2) if scalar.endian().is_some() => halves(body, dtype, len, half::bf16_to_f32),
        (Kind::Complex, 8) => complexes::<f32, T>(body, dtype, len),
        (Kind::Complex, 16) => complexes::<f64, T>(body, dtype, len),
        _ => return None,
    })
}

/// Whether numbers of `dtype` can be cast: whether [`decode`] takes none of them.
pub(crate) fn is_numeric(dtype: &DType) -> bool {
    decode::<f64>(Body::known(&mut &[][..]), dtype, 0).is_some()
}

fn reals<S: Real, T: Numeric>(body: Body<'_>, dtype: &DType, len: usize) -> Result<Vec<T>> {
    chunks(body, dtype, len, |chunk: &[S], values| {
        convert(chunk, values, T::from_real, describe::<S, T>)
    })
}

/// Reads 16-bit floats, which `widen` makes `f32`s of.
fn halves<T: Numeric>(
    body: Body<'_>,
    dtype: &DType,
    len: usize,
    widen: impl Fn(u16) -> f32,
) -> Result<Vec<T>> {
    chunks(body, dtype, len, |chunk: &[u16], values| {
        let floats: Vec<f32> = chunk.iter().map(|&bits| widen(bits)).collect();
        convert(&floats, values, T::from_real, describe::<f32, T>)
    })
}

fn complexes<S: Real, T: Numeric>(body: Body<'_>, dtype: &DType, len: usize) -> Result<Vec<T>>
where
    [S; 2]: bytemuck::Pod,
{
    chunks(body, dtype, len, |chunk: &[[S; 2]], values| {
        convert(chunk, values, |[re, im]| T::from_complex(re, im), describe_complex::<S, T>)
    })
}

/// Reads native `S`s, a chunk at a time.
fn chunks<S: bytemuck::Pod, T>(
    mut body: Body<'_>,
    dtype: &DType,
    len: usize,
    take: impl Fn(&[S], &mut Vec<T>) -> Result<()>,
) -> Result<Vec<T>> {
    let mut values = Vec::new();
    let mut chunk = vec![S::zeroed(); len.min(items_at_once(size_of::<S>()))];
    while values.len() < len {
        body.reserve(&mut values, len, size_of::<S>())?;
        chunk.truncate(len.saturating_sub(values.len()));
        let chunk = &mut chunk[..];
        body.fill(bytemuck::cast_slice_mut(chunk))?;
        pod::to_or_from_native(bytemuck::cast_slice_mut(chunk), dtype);
        take(chunk, &mut values)?;
    }
    Ok(values)
}

/// Converts all of `numbers`, or fails at the first that does not fit.
///
/// Numbers are looked at twice, without a branch for each: where every number fits, as in a
/// widening, the first loop vanishes in optimization, and the second is of vector instructions.
fn convert<S: Copy, T: Numeric>(
    numbers: &[S],
    values: &mut Vec<T>,
    convert: impl Fn(S) -> Option<T>,
    describe: impl Fn(S) -> String,
) -> Result<()> {
    let all_fit = numbers.iter().fold(true, |fit, &number| fit & convert(number).is_some());
    if !all_fit {
        let does_not_fit = |&(_, &number): &(usize, &S)| convert(number).is_none();
        if let Some((index, &number)) = numbers.iter().enumerate().find(does_not_fit) {
            let (index, problem) = (values.len().saturating_add(index), describe(number));
            return Err(ErrorKind::InvalidValue { index, problem }.into());
        }
    }
    values.extend(numbers.iter().map(|&number| convert(number).unwrap_or_default()));
    Ok(())
}

fn describe<S: Real, T: Numeric>(number: S) -> String {
    is_not_a::<T>(&text(number))
}

fn describe_complex<S: Real, T: Numeric>([re, im]: [S; 2]) -> String {
    let im = text(im);
    let sign = if im.starts_with('-') { "" } else { "+" };
    is_not_a::<T>(&format!("{}{sign}{im}j", text(re)))
}

fn is_not_a<T: Numeric>(number: &str) -> String {
    format!("{number} is not a value of {}", T::name())
}

fn text<S: Real>(number: S) -> String {
    match S::IS_FLOAT {
        true => format!("{:?}", number.to_f64().unwrap_or(f64::NAN)),
        false => number.to_i128().map(|number| number.to_string()).unwrap_or_default(),
    }
}
