//! The command `npz`: it looks into archives and `.npy` files, compares, checks, converts and draws them.
//!
//! `main.rs` knows the subcommands, each of which is a file of its own. They read through `archive.rs`,
//! `load.rs` and `blocks.rs`, and print through `output.rs`.

#![deny(unsafe_code)]

mod add;
mod archive;
mod blocks;
mod copy;
mod diff;
mod from_csv;
mod generate;
mod item;
mod load;
mod ls;
mod mv;
mod names;
mod new_file;
mod output;
mod pack;
mod plot;
mod progress;
mod repack;
mod rm;
mod show;
mod slice;
mod sources;
mod stat;
mod table;
mod to_csv;
mod unpack;
mod value;
mod verify;

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use npz::Limits;

use crate::progress::{INTERRUPTED, Interrupted};

type Result<T = ()> = anyhow::Result<T>;

/// Look into NumPy's .npz and .npy files; compare, check, convert and draw them
#[derive(Parser)]
#[command(name = "npz", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Refuse what a stranger's file could do harm with: more than 10,000 members, arrays of more than
    /// 1 GiB in memory, 4 GiB in all
    #[arg(long, global = true)]
    strict: bool,
}

const EXIT_CODES: &str = "Exit codes: 0 if all went well, 1 if `diff` found a difference or `verify` found \
                          damage, 2 if something could not be done.";

#[derive(Subcommand)]
enum Command {
    Ls(ls::Args),
    Show(show::Args),
    Stat(stat::Args),
    Plot(plot::Args),
    Diff(diff::Args),
    Verify(verify::Args),
    Repack(repack::Args),
    Pack(pack::Args),
    Unpack(unpack::Args),
    Add(add::Args),
    Rm(rm::Args),
    Mv(mv::Args),
    Completions(generate::Completions),
    #[command(name = "man")]
    Manual(generate::Manual),
}

fn main() -> ExitCode {
    let Cli { command, strict } = Cli::parse();
    let limits = if strict { Limits::STRICT } else { Limits::default() };
    let success = |()| ExitCode::SUCCESS;
    let run = || match command {
        Command::Ls(args) => args.run(&limits).map(success),
        Command::Show(args) => args.run(&limits).map(success),
        Command::Stat(args) => args.run(&limits),
        Command::Plot(args) => args.run(&limits).map(success),
        Command::Diff(args) => args.run(&limits),
        Command::Verify(args) => args.run(&limits),
        Command::Repack(args) => args.run(&limits).map(success),
        Command::Pack(args) => args.run(&limits).map(success),
        Command::Unpack(args) => args.run(&limits).map(success),
        Command::Add(args) => args.run(&limits).map(success),
        Command::Rm(args) => args.run(&limits).map(success),
        Command::Mv(args) => args.run(&limits).map(success),
        Command::Completions(args) => args.run().map(success),
        Command::Manual(args) => args.run().map(success),
    };
    let done = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(done) => done,
        Err(panic) if panic.is::<Interrupted>() => return ExitCode::from(INTERRUPTED),
        Err(panic) => resume_unwind(panic),
    };
    done.unwrap_or_else(|error| {
        // Whoever closes a pipe, as `head` does, has seen enough.
        let mut io_errors = error.chain().filter_map(|error| error.downcast_ref::<io::Error>());
        if io_errors.any(|error| error.kind() == io::ErrorKind::BrokenPipe) {
            return ExitCode::SUCCESS;
        }
        output::error(format!("{error:#}"));
        ExitCode::from(2)
    })
}
