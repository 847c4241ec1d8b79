//! Reading: where containers and arrays meet.

mod ahead;
mod chunks;
mod contents;
mod info;
mod load;
mod npy;
mod npz;
mod open;
mod view;

pub use chunks::Chunks;
pub use info::ArrayInfo;
pub use npy::NpyReader;
pub use npz::NpzReader;
