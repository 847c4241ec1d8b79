//! All tests that need no process of their own, a module for each theme.

#[macro_use]
mod common;

mod append;
mod bad_input;
mod codecs;
mod compress;
mod contract;
mod damage;
mod deadlock;
mod directory;
mod dtypes;
mod faults;
mod files;
mod live;
mod live_model;
mod live_tools;
mod mistaken;
mod model;
mod numpy_bytes;
mod panics;
mod printing;
mod property;
mod reader_faults;
mod replace;
mod requests;
mod save;
mod slices;
mod views;
