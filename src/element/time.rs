//! Dates and time differences: NumPy's `datetime64` and `timedelta64`, 64-bit counts of
//! a unit that the dtype names. The count `i64::MIN` is NaT, "not a time".

use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytemuck::{Pod, Zeroable};

use super::sealed::Sealed;
use super::{Element, LoadElement, ViewElement, pod};
use crate::dtype::calendar::{self, Count, NAT};
use crate::dtype::{DType, Endian, Kind, Scalar};
use crate::error::{Error, ErrorKind, Result};

pub use crate::dtype::scalar::{TimeBase, TimeUnit};

/// The units of [`Datetime64`] and [`Timedelta64`], as types.
pub mod unit {
    use super::{Hash, TimeBase, fmt};

    /// A unit of time, as a type.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::time::{Datetime64, unit::{Day, Unit}};
    ///
    /// fn symbol<U: Unit>(_: Datetime64<U>) -> String {
    ///     U::BASE.to_string()
    /// }
    /// assert_eq!(symbol(Datetime64::<Day>::new(0)), "D");
    /// ```
    pub trait Unit:
        Copy + Ord + Hash + fmt::Debug + Send + Sync + sealed::Sealed + 'static
    {
        /// The unit as a value.
        const BASE: TimeBase;
    }

    mod sealed {
        pub trait Sealed {}
    }

    macro_rules! units {
        ($($(#[$doc:meta])* $unit:ident),* $(,)?) => {$(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $unit;

            impl sealed::Sealed for $unit {}

            impl Unit for $unit {
                const BASE: TimeBase = TimeBase::$unit;
            }
        )*};
    }

    units! {
        /// NumPy's `Y`: calendar years.
        Year,
        /// NumPy's `M`: calendar months.
        Month,
        /// NumPy's `W`: weeks of 7 days.
        Week,
        /// NumPy's `D`: days.
        Day,
        /// NumPy's `h`: hours.
        Hour,
        /// NumPy's `m`: minutes.
        Minute,
        /// NumPy's `s`: seconds.
        Second,
        /// NumPy's `ms`: 10⁻³ seconds.
        Millisecond,
        /// NumPy's `us`: 10⁻⁶ seconds.
        Microsecond,
        /// NumPy's `ns`: 10⁻⁹ seconds.
        Nanosecond,
        /// NumPy's `ps`: 10⁻¹² seconds.
        Picosecond,
        /// NumPy's `fs`: 10⁻¹⁵ seconds.
        Femtosecond,
        /// NumPy's `as`: 10⁻¹⁸ seconds.
        Attosecond,
    }
}

use unit::Unit;

macro_rules! times {
    ($($(#[$doc:meta])* $time:ident: $kind:ident, $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(transparent)]
        pub struct $time<U: Unit>(i64, PhantomData<U>);

        impl<U: Unit> $time<U> {
            /// Not a time: NumPy's `NaT`. Unlike in NumPy it is equal to itself, and less than all
            /// other values.
            pub const NAT: Self = Self::new(NAT);

            #[doc = concat!($what, " of `value` units.")]
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("use npz::time::{", stringify!($time), ", unit::Day};")]
            ///
            #[doc = concat!("let two = ", stringify!($time), "::<Day>::new(2);")]
            /// assert_eq!((two.value(), two.is_nat()), (2, false));
            #[doc = concat!("assert!(", stringify!($time), "::<Day>::NAT.is_nat());")]
            /// ```
            pub const fn new(value: i64) -> Self {
                Self(value, PhantomData)
            }

            /// The number of units. It is `i64::MIN` for [`NAT`](Self::NAT).
            pub const fn value(self) -> i64 {
                self.0
            }

            /// Whether it is [`NAT`](Self::NAT).
            pub const fn is_nat(self) -> bool {
                self.0 == NAT
            }

            const UNIT: TimeUnit = TimeUnit { multiple: 1, base: U::BASE };

            /// As what it converts from and to.
            const KIND: Kind = Kind::$kind(Some(Self::UNIT));
        }

        impl<U: Unit> Default for $time<U> {
            fn default() -> Self {
                Self::new(0)
            }
        }

        impl<U: Unit> fmt::Debug for $time<U> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($time), "({})"), self)
            }
        }

        // SAFETY: transparent over `i64`, of which 0 is a value.
        #[allow(unsafe_code)]
        unsafe impl<U: Unit> Zeroable for $time<U> {}
        // SAFETY: transparent over `i64`: `Copy`, no padding, any bytes are a value.
        #[allow(unsafe_code)]
        unsafe impl<U: Unit> Pod for $time<U> {}

        impl<U: Unit> Sealed for $time<U> {}

        impl<U: Unit> Element for $time<U> {
            fn dtype(endian: Endian) -> DType {
                DType::Scalar(Scalar::new(Self::KIND, size_of::<Self>(), endian))
            }

            pod::save_as_pod!();
        }

        impl<U: Unit> LoadElement for $time<U> {
            fn from_count(count: Count) -> Option<Self> {
                count.convert(Self::KIND).map(Self::new)
            }

            pod::load_as_pod!();
        }

        impl<U: Unit> ViewElement for $time<U> {
            pod::view_as_pod!();
        }
    )*};
}

times! {
    /// A moment, as the number of units `U` since 1970-01-01T00:00: `numpy.datetime64`.
    ///
    /// It converts to and from [`SystemTime`] where that is exact. It is displayed as by NumPy, in
    /// ISO 8601 without a time zone.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{NpzReader, NpzWriter, time::{Datetime64, unit::{Day, Nanosecond}}};
    /// use std::io::Cursor;
    /// use std::time::{Duration, SystemTime};
    ///
    /// let days = [Datetime64::<Day>::new(19_723), Datetime64::NAT];
    /// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    /// npz.array("days", &days)?;   // dtype <M8[D]
    /// let npz = NpzReader::new(npz.finish()?)?;
    /// let days: Vec<Datetime64<Day>> = npz.get("days")?;
    /// assert_eq!(days[0].to_string(), "2024-01-01");
    /// assert!(days[1].is_nat());
    ///
    /// let moment: Datetime64<Nanosecond> = SystemTime::UNIX_EPOCH.try_into()?;
    /// assert_eq!(moment.value(), 0);
    /// assert_eq!(SystemTime::try_from(days[0])?.duration_since(SystemTime::UNIX_EPOCH).unwrap(),
    ///            Duration::from_secs(19_723 * 86_400));
    /// # Ok::<(), npz::Error>(())
    /// ```
    Datetime64: Datetime, "A moment";

    /// A time difference, as a number of units `U`: `numpy.timedelta64`.
    ///
    /// It converts to and from [`Duration`] where that is exact.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::time::{Timedelta64, unit::{Millisecond, Hour}};
    /// use std::time::Duration;
    ///
    /// let step: Timedelta64<Millisecond> = Duration::from_micros(25_000).try_into()?;
    /// assert_eq!(step.value(), 25);
    /// assert_eq!(Duration::try_from(Timedelta64::<Hour>::new(2))?, Duration::from_secs(7200));
    /// assert!(Timedelta64::<Hour>::try_from(Duration::from_secs(1)).is_err());
    /// assert_eq!(step.to_string(), "25 ms");
    /// # Ok::<(), npz::Error>(())
    /// ```
    Timedelta64: Timedelta, "A time difference";
}

fn inexact(value: impl fmt::Display, to: &str) -> Error {
    ErrorKind::Inexact { problem: format!("{value} cannot be exactly a {to}") }.into()
}

const NANOSECOND: TimeUnit = TimeUnit { multiple: 1, base: TimeBase::Nanosecond };

impl<U: Unit> TryFrom<SystemTime> for Datetime64<U> {
    type Error = Error;

    /// # Errors
    ///
    /// [`ErrorKind::Inexact`] if the time is no whole number of `U`, or out of range.
    fn try_from(time: SystemTime) -> Result<Self> {
        let nanoseconds = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => after.as_nanos() as i128,
            Err(before) => (before.duration().as_nanos() as i128).saturating_neg(),
        };
        let unit = Self::UNIT;
        let converted = calendar::convert_datetime(nanoseconds, NANOSECOND, unit).map(Self::new);
        converted.ok_or_else(|| inexact(format!("{time:?}"), &format!("datetime64[{}]", U::BASE)))
    }
}

impl<U: Unit> TryFrom<Datetime64<U>> for SystemTime {
    type Error = Error;

    /// # Errors
    ///
    /// [`ErrorKind::Inexact`] if the moment is NaT, is finer than nanoseconds, or out of
    /// the system's range.
    fn try_from(moment: Datetime64<U>) -> Result<Self> {
        let second = TimeUnit { multiple: 1, base: TimeBase::Second };
        // As whole seconds, if they are, to reach further than nanoseconds do in 64 bits.
        let to =
            |unit| calendar::convert_datetime(moment.value().into(), Datetime64::<U>::UNIT, unit);
        let since = match (to(second), to(NANOSECOND)) {
            (Some(seconds), _) => Some((Duration::from_secs(seconds.unsigned_abs()), seconds < 0)),
            (_, Some(nanos)) => Some((Duration::from_nanos(nanos.unsigned_abs()), nanos < 0)),
            _ => None,
        };
        let time =
            since.filter(|_| !moment.is_nat()).and_then(|(since, is_before)| match is_before {
                true => UNIX_EPOCH.checked_sub(since),
                false => UNIX_EPOCH.checked_add(since),
            });
        time.ok_or_else(|| inexact(moment, "SystemTime"))
    }
}

impl<U: Unit> TryFrom<Duration> for Timedelta64<U> {
    type Error = Error;

    /// # Errors
    ///
    /// [`ErrorKind::Inexact`] if the duration is no whole number of `U`, or out of range.
    fn try_from(duration: Duration) -> Result<Self> {
        let nanoseconds = duration.as_nanos() as i128;
        let converted =
            calendar::convert_timedelta(nanoseconds, NANOSECOND, Self::UNIT).map(Self::new);
        converted
            .ok_or_else(|| inexact(format!("{duration:?}"), &format!("timedelta64[{}]", U::BASE)))
    }
}

impl<U: Unit> TryFrom<Timedelta64<U>> for Duration {
    type Error = Error;

    /// # Errors
    ///
    /// [`ErrorKind::Inexact`] if the difference is NaT or negative, is finer than
    /// nanoseconds, or is in months or years, which have no one length.
    fn try_from(difference: Timedelta64<U>) -> Result<Self> {
        let second = TimeUnit { multiple: 1, base: TimeBase::Second };
        let to = |unit| {
            let value = calendar::convert_timedelta(
                difference.value().into(),
                Timedelta64::<U>::UNIT,
                unit,
            )?;
            u64::try_from(value).ok()
        };
        let duration =
            to(second).map(Self::from_secs).or_else(|| to(NANOSECOND).map(Self::from_nanos));
        duration.ok_or_else(|| inexact(difference, "Duration"))
    }
}

impl<U: Unit> fmt::Display for Datetime64<U> {
    /// As `str(numpy.datetime64(…))`: `2024-01-01T12:30`, as precise as the unit; `NaT`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&calendar::datetime_text(self.0, Some(Self::UNIT)))
    }
}

impl<U: Unit> fmt::Display for Timedelta64<U> {
    /// The value and NumPy's symbol of the unit: `25 ms`; `NaT`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&calendar::timedelta_text(self.0, Some(Self::UNIT)))
    }
}
