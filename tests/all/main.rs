//! All tests that need no process of their own, a module for each theme.

#[macro_use]
mod common;

mod append;
mod bad_input;
mod chunks;
mod codecs;
mod compress;
mod contract;
mod damage;
// WebAssembly has no threads that could wait for each other.
#[cfg(not(target_family = "wasm"))]
mod deadlock;
mod directory;
mod dtypes;
mod faults;
mod files;
mod flat;
mod header_copies;
mod live;
mod live_model;
#[cfg(feature = "pickle")]
mod live_objects;
mod live_tools;
mod mistaken;
mod model;
mod moving_in;
#[cfg(feature = "ndarray-0_16")]
mod ndarray_0_16;
mod numpy_bytes;
#[cfg(feature = "pickle")]
mod objects;
#[cfg(feature = "pickle")]
mod objects_hostile;
// Elsewhere a panic ends the program.
#[cfg(panic = "unwind")]
mod panics;
mod printing;
mod property;
mod reader_faults;
mod rename;
mod replace;
mod requests;
mod rows;
mod save;
mod slices;
mod views;
