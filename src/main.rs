//! The program's entry point; all code is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    incidentctl::cli::main()
}
