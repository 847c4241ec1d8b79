//! Random sequences of all that can be done to an archive, held against a model of it.
//!
//! `NPZ_SEQUENCES` says how many sequences are tried. The test that asks Python after every
//! step is `live_model::python_sees_what_the_model_has`.

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::common;
use crate::common::model::{Add, Change, Model, SHAPES, Step};

fn adds() -> impl Strategy<Value = Add> {
    let kind = prop_oneof![300 => 0..5_usize, 1 => Just(5_usize), 60 => Just(6_usize)];
    let parts = (0..48_usize, kind, 0..SHAPES.len(), any::<bool>(), any::<bool>(), any::<u8>());
    parts.prop_map(|(name, kind, shape, is_deflated, is_fortran, seed)| Add {
        name,
        kind,
        shape,
        is_deflated,
        is_fortran,
        seed,
    })
}

/// A sequence of steps, the first of which makes an archive.
pub fn sequences() -> impl Strategy<Value = Vec<Step>> {
    let change = prop_oneof![
        3 => adds().prop_map(Change::Add),
        2 => any::<usize>().prop_map(Change::Remove),
        2 => (any::<usize>(), any::<usize>()).prop_map(|(index, new)| Change::Rename(index, new)),
    ];
    let create = || prop::collection::vec(adds(), 0..6).prop_map(Step::Create);
    let step = prop_oneof![
        1 => create(),
        8 => prop::collection::vec(change, 0..5).prop_map(Step::Append),
        1 => Just(Step::RemoveAll),
        2 => any::<usize>().prop_map(Step::Edit),
        1 => any::<bool>().prop_map(Step::Repack),
        1 => any::<usize>().prop_map(Step::Zipfile),
    ];
    (create(), prop::collection::vec(step, 0..30)).prop_map(|(first, mut steps)| {
        steps.insert(0, first);
        steps
    })
}

pub fn run(path: &Path, steps: &[Step]) -> Model {
    let mut model = Model::default();
    for step in steps {
        model.apply(path, step);
        model.check(path, true);
    }
    model
}

#[test]
fn after_any_sequence_every_reader_sees_what_the_model_has() {
    let count = std::env::var("NPZ_SEQUENCES").map_or(150, |count| count.parse().unwrap());
    let config = Config { cases: count, failure_persistence: None, ..Config::default() };
    let folder = common::folder();
    let path = folder.path().join("x.npz");
    TestRunner::new(config)
        .run(&sequences(), |steps| {
            run(&path, &steps);
            Ok(())
        })
        .unwrap();
    assert_eq!(crate::common::listing(folder.path()).len(), 1);
}
