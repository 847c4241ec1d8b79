//! What the machine can do: the bytes of the array and nothing else, without a format,
//! checksums or a layout to follow. Linux only, elsewhere every task is an error.

#[cfg(target_os = "linux")]
mod linux;

#[cfg(target_os = "linux")]
fn main() -> common::Result<()> {
    common::serve::<linux::Plain>()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("the plain side is for Linux");
}
