//! What the figures depend on: the date, the machine, and the versions of the sides.

use std::fs;
use std::process::Command;
use std::thread::available_parallelism;
use std::time::SystemTime;

use common::Result;

use crate::sides::{Side, cargo};

pub struct About {
    pub date: String,
    pub machine: String,
    pub versions: String,
}

/// `numpy` is what its side says of its versions.
pub fn about(date: Option<String>, numpy: &str) -> Result<About> {
    let mut versions = vec![numpy.to_owned()];
    for side in Side::ALL.into_iter().filter(|&side| side != Side::Plain) {
        if let Some(package) = side.package() {
            let name = if side == Side::Libdeflate { "libdeflater" } else { side.name() };
            versions.push(version(&package, name)?);
        }
    }
    versions.push(output(Command::new("rustc").arg("--version")).unwrap_or("rustc".to_owned()));
    let machine = [cpu(), memory(), system()].into_iter().flatten().collect::<Vec<_>>().join("; ");
    Ok(About { date: date.unwrap_or_else(today), machine, versions: versions.join(", ") })
}

/// The version of the crate `name` that `package` was built with.
fn version(package: &str, name: &str) -> Result<String> {
    let mut tree = cargo();
    tree.args(["tree", "--quiet", "-p", package, "--depth", "1", "--prefix", "none"]);
    let tree = output(&mut tree).ok_or("cargo tree failed")?;
    let mut lines = tree.lines().filter_map(|line| line.split_once(" v"));
    let found = lines.find(|line| line.0 == name).and_then(|line| line.1.split(' ').next());
    Ok(format!("{name} {}", found.ok_or_else(|| format!("{package} is without {name}"))?))
}

fn cpu() -> Option<String> {
    let cores = available_parallelism().map_or(0, usize::from);
    let linux = || field("/proc/cpuinfo", "model name");
    let mac = || output(Command::new("sysctl").args(["-n", "machdep.cpu.brand_string"]));
    let model = linux().or_else(mac).unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    Some(format!("{model}, {cores} cores"))
}

fn memory() -> Option<String> {
    let kib: u64 = field("/proc/meminfo", "MemTotal")?.strip_suffix(" kB")?.parse().ok()?;
    Some(format!("{} GiB of memory", (kib + (1 << 19)) >> 20))
}

fn system() -> Option<String> {
    let release = fs::read_to_string("/etc/os-release").ok();
    let name = release.and_then(|text| {
        let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
        Some(name.trim_matches('"').to_owned())
    });
    let kernel = output(Command::new("uname").args(["-s", "-r", "-m"]));
    let known: Vec<String> = [name, kernel].into_iter().flatten().collect();
    Some(if known.is_empty() { std::env::consts::OS.to_owned() } else { known.join(", ") })
}

/// The value in the first line `key: value`.
fn field(file: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let mut fields = text.lines().filter_map(|line| line.split_once(':'));
    Some(fields.find(|field| field.0.trim() == key)?.1.trim().to_owned())
}

fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

/// The date in UTC.
fn today() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let mut days = now.as_secs() / 86_400;
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", days + 1)
}
