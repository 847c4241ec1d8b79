//! The kinds of work, and how fast each crate does them, in speeds of NumPy: what the chart
//! shows, and the table in the crate's documentation.

use crate::results::Results;
use crate::rows::Group;
use crate::sides::Side;

/// The sides that are shown.
pub const SIDES: [Side; 4] = [Side::Npz, Side::NdarrayNpy, Side::NdarrayNpz, Side::Npyz];

/// One kind of work: what it is called, and the speeds of those who do it.
pub struct Work {
    pub name: &'static str,
    pub note: &'static str,
    /// In speeds of NumPy.
    pub speeds: Vec<(Side, f64)>,
    /// What the machine can do: the speed of plain copies, or of libdeflate, which uses one thread.
    pub limit: Option<f64>,
}

/// A speed as text.
pub fn label(speed: f64) -> String {
    match speed {
        ..0.995 => format!("{speed:.2}"),
        ..9.95 => format!("{speed:.1}"),
        _ => format!("{speed:.0}"),
    }
}

/// All kinds of work that were measured.
pub fn works(results: &Results) -> Vec<Work> {
    let row = |group, name| {
        move |side| results.row(group, name).and_then(|row| row.ratio(side, Side::NumPy))
    };
    let mean = |group| move |side| results.mean_ratio(group, side, Side::NumPy);
    let mut works = Vec::new();
    let mut put = |name, note, speed: &dyn Fn(Side) -> Option<f64>| {
        let speeds = SIDES.into_iter().filter_map(|side| Some((side, speed(side)?)));
        let limit = speed(Side::Plain).or_else(|| speed(Side::Libdeflate));
        works.push(Work { name, note, speeds: speeds.collect(), limit });
    };
    put("write", "f64, stored", &row(Group::Stored, "write"));
    put("write, axes permuted", "", &row(Group::Stored, "write, permuted"));
    put("write, with steps", "[.., ..;2, ..;-1]", &row(Group::Stored, "write, strided"));
    put("read", "f64, stored", &row(Group::Stored, "read"));
    put("write, deflated", "thirteen kinds of data, level 6", &mean(Group::Deflate));
    put("read, deflated", "as NumPy wrote it", &mean(Group::Inflate));
    put("read, deflated", "each its own file", &mean(Group::InflateOwn));
    put("read bool", "stored", &row(Group::Bool, "read"));
    put("read text", "<U10 as objects", &row(Group::Text, "<U10 as String"));
    put("write many small arrays", "", &row(Group::Small, "write"));
    put("read many small arrays", "each by its name", &row(Group::Small, "read each by name"));
    put("open", "an archive of many arrays", &row(Group::Small, "open"));
    works.retain(|work| !work.speeds.is_empty());
    works
}
