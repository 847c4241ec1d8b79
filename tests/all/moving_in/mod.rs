//! Programs that move here from ndarray-npy, ndarray-npz and npyz: the public test suites of these crates, written
//! anew for this one.
//!
//! Each module begins with a shim: the names of the other crate, written with what is public here. It is the
//! proof of the table in `src/moving_in.md`. The tests check the cases of the other crate's suite; above each it
//! says of which. Where the answer is another one, or is had in another way, the test checks what happens here, and
//! a table at the head of the module says why.
//!
//! | suite            | tests | with the same answer | that differ | left out |
//! |------------------|-------|----------------------|-------------|----------|
//! | ndarray-npy 0.10 | 39    | 39                   | 0           | 0        |
//! | ndarray-npz 0.4  | 1     | 0                    | 1           | 0        |
//! | npyz 0.9         | 120   | 86                   | 34          | 0        |

mod ndarray_npy;
mod ndarray_npz;
mod npyz;

use ndarray::Order;

use crate::common::hostile::npy;

/// An `.npy` file as NumPy writes it, of up to 128 bytes and the body.
fn file(descr: &str, order: Order, shape: &str, body: &[u8]) -> Vec<u8> {
    let is_fortran = if order == Order::F { "True" } else { "False" };
    let header = format!("{{'descr': {descr}, 'fortran_order': {is_fortran}, 'shape': {shape}, }}");
    npy(1, format!("{header:<117}\n").as_bytes(), body)
}

/// Checks of what kind an error is.
macro_rules! has_kind {
    ($result:expr, $kind:pat) => {
        match $result {
            Err(error) if matches!(error.kind(), $kind) => {}
            Err(error) => panic!("{:?}", error.kind()),
            Ok(_) => panic!("no error"),
        }
    };
}

use has_kind;
