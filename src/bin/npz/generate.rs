//! `npz completions` and `npz man`: for the shell, and for `man`.

use std::io::Write;

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::{Cli, Result, output};

/// Print a script that completes the arguments of `npz` in a shell
///
/// For bash: `npz completions bash > ~/.local/share/bash-completion/completions/npz`.
#[derive(clap::Args)]
pub struct Completions {
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub fn run(&self) -> Result {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "npz", &mut script);
        let mut out = output::verbatim();
        out.write_all(&script)?;
        Ok(out.flush()?)
    }
}

/// Print the manual page of `npz`, or of one of its commands
///
/// `npz man ls | man -l -` shows it.
#[derive(clap::Args)]
pub struct Manual {
    /// A command, such as `ls`
    command: Option<String>,
}

impl Manual {
    pub fn run(&self) -> Result {
        let mut command = Cli::command();
        command.build();
        let command = match &self.command {
            Some(name) => find(&command, name)?,
            None => command,
        };
        let mut out = output::verbatim();
        Man::new(command).render(&mut out)?;
        Ok(out.flush()?)
    }
}

fn find(command: &Command, name: &str) -> Result<Command> {
    let found = command.find_subcommand(name);
    let found = found.ok_or_else(|| anyhow::anyhow!("there is no command `{name}`"))?;
    Ok(found.clone())
}
