//! Arrays of Python objects, as data.
//!
//! NumPy stores them as a pickle, which is a program that makes objects. It is never run. What it would
//! put together is read as a graph ([`pickle`], [`graph`]), and each object of the graph becomes a
//! [`Value`] ([`resolve`]): arrays, scalars and collections by the few calls that are known
//! ([`known`], [`dtype`]), and whatever else would be called remains a name with arguments.

mod account;
mod convert;
mod dtype;
mod graph;
mod input;
mod int;
mod known;
mod load;
mod memo;
mod opcode;
mod pickle;
mod repr;
mod resolve;
mod summary;
mod text;
mod value;

pub(crate) use convert::{numbers, typed};
pub use int::BigInt;
pub(crate) use load::{cast, decode, read};
pub(crate) use repr::value as write;
pub use value::{Opaque, Value};
