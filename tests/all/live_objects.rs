//! Arrays of Python objects as the NumPy at hand writes them.

use std::fs;

use crate::common::{self, data};
use crate::live::{python, run};
use crate::objects::compare;

#[test]
#[ignore = "needs NumPy"]
fn objects_of_every_kind_and_protocol_are_what_numpy_writes_today() {
    let folder = common::folder();
    run(python().arg(data("make_objects.py")).arg(folder.path()));
    assert_eq!(compare(folder.path()), compare(&data("")));
}

#[test]
#[ignore = "needs NumPy"]
fn random_objects_are_what_numpy_writes() {
    let folder = common::folder();
    run(python().arg(data("random_objects.py")).arg(folder.path()));
    for (name, copies) in [("pickled", 6), ("savez", 1), ("savez_compressed", 1)] {
        let (arrays, lines) = compare(&folder.path().join(name));
        assert_eq!(arrays, copies * lines);
        assert!(lines >= 300, "{lines}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}
