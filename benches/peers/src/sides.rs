//! The sides: how they are built, started and asked.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use common::Result;

/// This folder.
pub const HERE: &str = env!("CARGO_MANIFEST_DIR");

const NUMPY: &str = "numpy==2.4.6";

/// Who takes part, in the order of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Npz,
    NumPy,
    NdarrayNpy,
    NdarrayNpz,
    Npyz,
    /// What the machine can do, without a format.
    Plain,
    /// What one thread can do, inflating and deflating in one go.
    Libdeflate,
}

impl Side {
    pub const ALL: [Self; 7] = [
        Self::Npz,
        Self::NumPy,
        Self::NdarrayNpy,
        Self::NdarrayNpz,
        Self::Npyz,
        Self::Plain,
        Self::Libdeflate,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Npz => "npz",
            Self::NumPy => "NumPy",
            Self::NdarrayNpy => "ndarray-npy",
            Self::NdarrayNpz => "ndarray-npz",
            Self::Npyz => "npyz",
            Self::Plain => "plain",
            Self::Libdeflate => "libdeflate",
        }
    }

    /// The package in this workspace.
    pub fn package(self) -> Option<String> {
        (self != Self::NumPy).then(|| format!("side-{}", self.name()))
    }

    pub fn is_here(self) -> bool {
        self != Self::Plain || cfg!(target_os = "linux")
    }
}

/// Where the sides are.
pub struct Tools {
    /// Cargo's target folder.
    pub target: PathBuf,
    programs: PathBuf,
    python: PathBuf,
}

impl Tools {
    /// Builds every side, each by a cargo of its own so that the features of one do not
    /// reach another, and makes NumPy's virtual environment unless it is there.
    pub fn prepare() -> Result<Self> {
        let driver = env::current_exe()?;
        let target = driver.ancestors().nth(2).ok_or("the driver is not in a target folder")?;
        for package in Side::ALL.into_iter().filter(|side| side.is_here()).filter_map(Side::package)
        {
            eprintln!("building {package}");
            let mut build = cargo();
            build.args(["build", "--quiet", "--release", "-p", &package, "--target-dir"]);
            run(build.arg(target))?;
        }
        let venv = target.join("venv");
        let bin = venv.join(if cfg!(windows) { "Scripts" } else { "bin" });
        let tools = Self {
            target: target.to_owned(),
            programs: target.join("release"),
            python: bin.join("python"),
        };
        if !tools.has_numpy() {
            eprintln!("installing {NUMPY}");
            let python = if cfg!(windows) { "python" } else { "python3" };
            run(Command::new(python).args(["-m", "venv"]).arg(&venv))?;
            let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", NUMPY];
            run(Command::new(&tools.python).args(pip))?;
        }
        Ok(tools)
    }

    fn has_numpy(&self) -> bool {
        let (name, version) = NUMPY.split_once("==").expect("a name and a version");
        let test = format!("import {name}; assert {name}.__version__ == '{version}'");
        let mut python = Command::new(&self.python);
        python.args(["-c", &test]).stderr(Stdio::null());
        python.status().is_ok_and(|status| status.success())
    }

    fn command(&self, side: Side) -> Command {
        match side.package() {
            Some(package) => Command::new(self.programs.join(package)),
            None => {
                let mut python = Command::new(&self.python);
                python.arg(Path::new(HERE).join("sides/numpy/side.py"));
                python
            }
        }
    }
}

/// The cargo that runs this, in this folder.
pub fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(HERE);
    cargo
}

fn run(command: &mut Command) -> Result<()> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{command:?}: {status}").into()),
        Err(error) => Err(format!("{command:?}: {error}").into()),
    }
}

/// A side that runs.
pub struct Process {
    side: Side,
    child: Child,
    /// None when there is nothing more to ask, which ends it.
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Process {
    /// Starts `side` in `folder`, with so many threads for rayon's pool, or one for each core.
    pub fn start(tools: &Tools, side: Side, threads: Option<usize>, folder: &Path) -> Result<Self> {
        let mut command = tools.command(side);
        if let Some(threads) = threads {
            command.env("RAYON_NUM_THREADS", threads.to_string());
        }
        command.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
        let requests = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("it is piped"));
        Ok(Self { side, child, requests, answers })
    }

    /// The answer to one line.
    pub fn ask(&mut self, request: &str) -> Result<String> {
        let failed = |why: &str| format!("{}: {request}: {why}", self.side.name());
        let requests = self.requests.as_mut().expect("it is open until the end");
        writeln!(requests, "{request}").map_err(|error| failed(&error.to_string()))?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        match answer.trim_end() {
            "" => Err(failed("it has stopped").into()),
            answer if answer.starts_with("error: ") => Err(failed(answer).into()),
            answer => Ok(answer.to_owned()),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.requests = None;
        // It has nothing to say that would count now.
        drop(self.child.wait());
    }
}
