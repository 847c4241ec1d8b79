//! All tests of the package, in one binary.

mod asynchronous;
mod reading;
mod shards;
mod watched;
mod writing;
