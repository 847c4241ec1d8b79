//! What the driver and the sides share.
//!
//! * [`corpus`]: the arrays, which the driver writes as raw files and every side loads.
//! * [`set`]: how such a file is described, loaded, viewed and summed up.
//! * [`serve`](mod@serve): the loop in which a side does what the driver asks for.
//! * [`memory`]: how much memory a piece of work takes at its peak.

pub mod corpus;
pub mod memory;
pub mod serve;
pub mod set;

pub use serve::{Arrays, Loaded, Many, Serves, Text, serve};
pub use set::{Cut, Element, Set, Source, bytes_of, checksum, middle};

/// Whatever went wrong, on either side; it ends the run.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;
