//! What npz must reach, and what it has reached.

use crate::results::Results;
use crate::rows::{Group, Task};
use crate::sides::Side;

pub struct Target {
    pub work: String,
    /// A side, or another row.
    pub against: String,
    pub bound: Bound,
    /// None if a row it takes was not measured.
    pub reached: Option<f64>,
}

#[derive(Clone, Copy)]
pub enum Bound {
    /// A ratio of times.
    AtLeast(f64),
    /// A ratio of sizes, or of npz's own times.
    AtMost(f64),
    /// Memory.
    AtMostMiB(f64),
    /// A time.
    AtMostMicros(f64),
}

impl Bound {
    pub fn admits(self, value: f64) -> bool {
        match self {
            Self::AtLeast(bound) => value >= bound,
            Self::AtMost(bound) | Self::AtMostMiB(bound) | Self::AtMostMicros(bound) => {
                value <= bound
            }
        }
    }
}

pub fn targets(results: &Results) -> Vec<Target> {
    use Bound::{AtLeast, AtMost, AtMostMiB, AtMostMicros};
    use Side::{NdarrayNpy, NumPy, Plain};
    let mut targets = Vec::new();
    let mut put = |work: &str, against: &str, bound: Bound, reached: Option<f64>| {
        let (work, against) = (work.to_owned(), against.to_owned());
        targets.push(Target { work, against, bound, reached });
    };
    let value = |group, name: &str| Some(results.row(group, name)?.cell(Side::Npz)?.value);

    let times = [
        (Group::Stored, "write", NumPy, 2.4),
        (Group::Stored, "write", NdarrayNpy, 1.5),
        (Group::Stored, "write", Plain, 0.85),
        (Group::Stored, "write, permuted", NumPy, 2.5),
        (Group::Stored, "write, permuted", NdarrayNpy, 4.0),
        (Group::Stored, "write, strided", NumPy, 2.5),
        (Group::Stored, "write, strided", NdarrayNpy, 3.5),
        (Group::Stored, "read", NumPy, 2.5),
        (Group::Stored, "read", NdarrayNpy, 4.5),
        (Group::Stored, "read", Plain, 0.75),
        (Group::Deflate, "smooth", NumPy, 15.0),
        (Group::Deflate, "gauss", NumPy, 15.0),
        (Group::Inflate, "smooth", NumPy, 3.0),
        (Group::Inflate, "rounded", NumPy, 3.0),
        (Group::Inflate, "gauss", NumPy, 3.0),
        (Group::Inflate, "tenths", NumPy, 3.0),
        (Group::Text, "<U10 as String", NumPy, 1.0),
        (Group::Text, "<U10 as FixedStr", NumPy, 1.0),
        (Group::Text, "S10 as Bytes", NumPy, 1.0),
        (Group::Text, "S10 as FixedBytes", NumPy, 1.0),
        (Group::Bool, "read", NumPy, 1.0),
        (Group::Small, "write", NumPy, 12.0),
        (Group::Small, "write", NdarrayNpy, 3.0),
        (Group::Small, "read each by name", NumPy, 30.0),
        (Group::Small, "read each by name", NdarrayNpy, 15.0),
        (Group::Small, "open", NdarrayNpy, 4.0),
    ];
    let means = [
        (Group::Deflate, NumPy, 12.0),
        (Group::Inflate, NumPy, 3.0),
        (Group::Inflate, NdarrayNpy, 2.2),
        (Group::InflateOwn, NumPy, 6.0),
    ];
    let parts = [
        ("1 % of the rows, stored", "all, stored", 0.03),
        ("1 % of the rows, deflated", "all, deflated", 0.05),
    ];
    let peaks = [
        ("write", 32.0),
        ("write, deflated", 64.0),
        ("read", 32.0),
        ("read, deflated by NumPy", 32.0),
        ("read, deflated by npz", 32.0),
    ];

    for group in Group::ALL {
        for (_, name, side, bound) in times.iter().filter(|target| target.0 == group) {
            let reached = results.row(group, name).and_then(|row| row.ratio(Side::Npz, *side));
            put(&format!("{}, {name}", group.title()), side.name(), AtLeast(*bound), reached);
        }
        for (_, side, bound) in means.iter().filter(|target| target.0 == group) {
            let work = format!("{}, geometric mean", group.title());
            put(&work, side.name(), AtLeast(*bound), results.mean_ratio(group, Side::Npz, *side));
        }
        if group == Group::InflateAlone {
            for row in results.group(group) {
                let work = format!("{}, {}", group.title(), row.row.name);
                let reached = row.ratio(Side::Npz, Side::Libdeflate);
                put(&work, "libdeflate", AtLeast(0.95), reached);
            }
        }
        if group == Group::Deflate {
            let ratios = results.corpus(group).map(|rows| {
                let ratios = rows.into_iter().filter_map(|row| row.ratio(Side::Npz, NumPy));
                ratios.fold(f64::INFINITY, f64::min)
            });
            put("deflate, level 6, the least", "NumPy", AtLeast(5.0), ratios);
            let total = |side| results.total_size(group, side);
            let total = total(Side::Npz).zip(total(NumPy));
            let total = total.map(|(npz, numpy)| npz as f64 / numpy as f64);
            put("deflate, level 6, size of all files", "NumPy", AtMost(1.0), total);
            for row in results.group(group) {
                let bound = if row.row.name == "labels" { 1.1 } else { 1.01 };
                let work = format!("deflate, level 6, size of {}", row.row.name);
                put(&work, "NumPy", AtMost(bound), row.size_ratio(NumPy));
            }
        }
        if group == Group::Part {
            let own = |name: &str, other: &str| Some(value(group, name)? / value(group, other)?);
            for (name, whole, bound) in parts {
                put(&format!("{}, {name}", group.title()), whole, AtMost(bound), own(name, whole));
            }
            let views = results.group(group).map(|row| &row.row);
            let views = views.filter(|row| matches!(row.task, Task::View { .. }));
            let views: Vec<&str> = views.map(|row| row.name.as_str()).collect();
            for name in &views {
                let reached = value(group, name).map(|seconds| seconds * 1e6);
                put(&format!("{}, {name}", group.title()), "", AtMostMicros(100.0), reached);
            }
            if let [little, much] = views[..] {
                put(&format!("{}, {much}", group.title()), little, AtMost(2.0), own(much, little));
            }
        }
        if group == Group::Memory {
            for (name, bound) in peaks {
                let reached = value(group, name).map(|bytes| bytes / f64::from(1 << 20));
                put(&format!("memory, {name}"), "", AtMostMiB(bound), reached);
            }
        }
    }
    targets
}
