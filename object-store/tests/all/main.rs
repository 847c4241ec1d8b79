//! All tests of the package, in one binary.

mod asynchronous;
mod reading;
mod watched;
mod writing;
