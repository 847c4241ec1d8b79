//! One array as NumPy stores it: a header, then a body.
//!
//! What is public here is for types of your own that are to be saved and loaded like arrays:
//! see [`ToNpy`] and [`FromNpy`].

mod convert;
mod decode;
mod encode;
mod flat;
mod header;
#[cfg(feature = "ndarray-0_16")]
mod ndarray_0_16;
mod slice;
mod stored;
mod view;

pub use convert::{CastFromNpy, FromNpy, ToNpy};
pub use decode::Incoming;
pub(crate) use decode::in_shape;
pub use encode::Outgoing;
pub(crate) use encode::{Encode, Gather, order_in_file, order_in_memory, raw_body, raw_header};
pub use flat::Flat;
pub(crate) use header::{Header, MAGIC, Preamble};
pub(crate) use slice::Slice;
pub(crate) use stored::{Contents, StoredArray};
pub(crate) use view::view_mut;
