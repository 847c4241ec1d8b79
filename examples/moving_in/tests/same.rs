//! The two programs of a pair print the same, whichever of them has written the files.

use std::path::Path;
use std::process::Command;

fn run(program: &str, part: &str, folder: &Path) -> String {
    let output = Command::new(program).arg(part).arg(folder).output().unwrap();
    assert!(output.status.success(), "{program} {part}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// `result` is a line that they print.
fn check(programs: [&str; 2], result: &str) {
    let mut printed = Vec::new();
    for writer in programs {
        let folder = tempfile::tempdir().unwrap();
        run(writer, "write", folder.path());
        printed.extend(programs.map(|reader| run(reader, "read", folder.path())));
    }
    assert!(printed[0].contains(result), "{}", printed[0]);
    for other in &printed[1..] {
        assert_eq!(*other, printed[0]);
    }
}

#[test]
fn traces() {
    let programs = [env!("CARGO_BIN_EXE_traces_before"), env!("CARGO_BIN_EXE_traces_after")];
    check(programs, "all: byte 3 of the key is 0x65");
}

#[test]
fn index() {
    let programs = [env!("CARGO_BIN_EXE_index_before"), env!("CARGO_BIN_EXE_index_after")];
    check(programs, "document 77: 61.8");
}

#[test]
fn table() {
    let programs = [env!("CARGO_BIN_EXE_table_before"), env!("CARGO_BIN_EXE_table_after")];
    check(programs, "rain at Cádiz: 493.279");
}
