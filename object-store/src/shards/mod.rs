//! Arrays that are cut along their first axis into many archives: see [`ShardSet`].

mod index;
mod rows;
mod set;
mod shard;
mod source;

pub use set::ShardSet;
pub use shard::{Shard, ShardArray};
