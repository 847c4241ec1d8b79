//! The command `npz` as a person uses it: what is typed and what is printed, as the README and the pages in
//! `tests/cli` show it. `TRYCMD=overwrite cargo test --features cli --test cli` writes what is printed into them.

use std::path::Path;
use std::{env, fs};

use ndarray::Array2;
use npz::{Compression, FixedStr, NpzWriter, WriteNpz};
use trycmd::TestCases;

#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Particle {
    id: i32,
    mass: f32,
    kind: FixedStr<4>,
}
npz::record!(Particle { id, mass, kind });

/// The files that the sessions find in their folder. There is nothing in them but sums, products and
/// quotients, which are the same on every machine.
fn write_files() -> npz::Result<()> {
    let field = Array2::from_shape_fn((120, 200), |(i, j)| {
        let (y, x) = ((i as f64 - 60.0) / 20.0, (j as f64 - 80.0) / 30.0);
        100.0 / (1.0 + y * y + x * x)
    });
    let times: Vec<_> = (0..501).map(|step| f64::from(step) * 0.25).collect();
    let labels = field.mapv(|heat| (heat / 5.0) as i32);
    let particles: Vec<_> = [("Na", 22.99), ("Cl", 35.45), ("K", 39.1)]
        .into_iter()
        .zip(1..)
        .map(|((kind, mass), id)| Ok(Particle { id, mass, kind: kind.try_into()? }))
        .collect::<npz::Result<_>>()?;

    let mut npz = NpzWriter::create("run.npz")?;
    npz.array("field", &field)?.array("transposed", &field.t())?.array("times", &times)?;
    npz.entry("labels").compression(Compression::Deflate(6)).array(&labels)?;
    npz.array("particles", &particles)?.array("title", "heat on a plate")?;
    npz.bytes("README.txt", b"Sampled at 4 Hz.\n")?;
    npz.finish()?;

    // Another run, which differs a little.
    let mut other = field.clone();
    other[[3, 4]] += 0.5;
    other[[100, 150]] *= 1.25;
    let mut npz = NpzWriter::create("other.npz")?;
    npz.array("field", &other)?.array("times", &times[..500])?.array("labels", &labels)?;
    npz.finish()?;

    times[..4].save_npy("times.npy")?;
    let text = "time,temperature,valid,station\n0,21.5,True,north\n1,,False,\"south, roof\"\n2,19,True,north\n";
    fs::write("stations.csv", text).unwrap();
    let mut damaged = fs::read("other.npz").unwrap();
    damaged[1000] ^= 1;
    fs::write("damaged.npz", damaged).unwrap();
    Ok(())
}

#[test]
fn sessions() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = fs::read_dir(root.join("tests/cli")).unwrap();
    let mut pages: Vec<_> = pages.map(|page| page.unwrap().path()).collect();
    pages.push(root.join("README.md"));
    pages.sort();
    for page in pages {
        let folder =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli").join(page.file_stem().unwrap());
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        env::set_current_dir(&folder).unwrap();
        write_files().unwrap();
        TestCases::new()
            .register_bin("npz", Path::new(env!("CARGO_BIN_EXE_npz")))
            .env("COLUMNS", "80")
            .case(page)
            .run();
    }
}
