//! What the targets have in common: inputs that are nearly right, and how arrays compare.

mod chance;
mod files;
#[path = "../../all/common/forged.rs"]
mod forged;
#[path = "../../all/common/model.rs"]
pub mod model;
pub mod mutate;
pub mod pickle;

use npz::ndarray::{ArrayViewD, SliceInfoElem};
use npz::{Element, Limits, WriteNpz};

pub use chance::Chance;
pub use files::Files;

/// An input of some KiB must not take more of the memory.
pub const LIMITS: Limits = Limits::STRICT.max_array_bytes(32 << 20).max_total_bytes(64 << 20);

/// A slice of an array of this shape, in which no index is outside.
pub fn slice_of(shape: &[usize], chance: &mut Chance) -> Vec<SliceInfoElem> {
    let mut slice = Vec::new();
    for &len in shape {
        let step = [1, 1, 2, 3, -1, -2][chance.below(6)];
        let (start, end) = (chance.below(len + 1) as isize, chance.below(len + 1) as isize);
        slice.push(match chance.below(4) {
            0 if len > 0 => SliceInfoElem::Index(chance.below(len) as isize),
            0 | 1 => SliceInfoElem::Slice { start: 0, end: None, step },
            2 => SliceInfoElem::Slice { start: -start, end: None, step },
            _ => SliceInfoElem::Slice { start: start.min(end), end: Some(start.max(end)), step },
        });
        if chance.one_in(16) {
            slice.push(SliceInfoElem::NewAxis);
        }
    }
    slice
}

/// What an array is to the bit, whatever its layout: `NaN`s too are equal to themselves.
pub fn bits<T: Element + Clone>(array: ArrayViewD<'_, T>) -> (Vec<usize>, Vec<u8>) {
    (array.shape().to_vec(), npy(&array.iter().cloned().collect::<Vec<T>>()))
}

/// An array as an `.npy` file.
pub fn npy(array: &impl WriteNpz) -> Vec<u8> {
    let mut file = Vec::new();
    array.write_npy(&mut file).expect("memory does not fail");
    file
}
