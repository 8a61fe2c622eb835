//! Speed on hostile files: `cargo bench --bench hostile`, or with a word to run the shapes whose names contain it.
//!
//! Each shape is a ledger in which one file, or one file of each kind, has nearly the largest size that is read, 1 MiB. The
//! table shows the time of the whole command in milliseconds, the shortest of three runs. A star marks a time over the bar.

#![expect(
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::format_collect,
    clippy::type_complexity,
    reason = "a benchmark may fail, makes large files from tables, starts the program and prints its table"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

mod settings;
mod shapes;

use shapes::{ID, Shape, shapes};

/// The longest time of a command.
const BAR: Duration = Duration::from_millis(300);
/// The time after which a run is stopped.
const LONGEST: Duration = Duration::from_secs(10);
const NOW: &str = "2026-01-05T10:00:00Z";

fn main() {
    let filter = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let is_wanted = |shape: &Shape| filter.as_ref().is_none_or(|word| shape.name.contains(word));
    println!(
        "{:<56} {:>9} {:>8} {:>8} {:>8}",
        "shape", "bytes", "check", "plan", "show"
    );
    for shape in shapes().into_iter().filter(is_wanted) {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in &shape.files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        let commands: [&[&str]; 3] = [&["check", "--now", NOW], &["plan"], &["show", ID]];
        let times = commands.map(|words| milliseconds(shortest(folder.path(), words)));
        let bytes: usize = shape.files.values().map(String::len).sum();
        println!(
            "{:<56} {bytes:>9} {:>8} {:>8} {:>8}",
            shape.name, times[0], times[1], times[2]
        );
    }
}

/// A time in milliseconds, with a star if it is over the bar.
fn milliseconds(time: Duration) -> String {
    let star = if time > BAR { "*" } else { "" };
    format!("{star}{}", time.as_millis())
}

/// The shortest time of three runs of a command; of one run if the first is far over the bar.
fn shortest(folder: &Path, words: &[&str]) -> Duration {
    let first = run(folder, words);
    if first > BAR * 4 {
        return first;
    }
    first.min(run(folder, words)).min(run(folder, words))
}

/// The time of one run of a command. A run that takes longer than [`LONGEST`] is stopped.
fn run(folder: &Path, words: &[&str]) -> Duration {
    let mut command = Command::new(env!("CARGO_BIN_EXE_incidentctl"));
    command.current_dir(folder).args(words).env_remove("CI");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn().expect("the program starts");
    while child.try_wait().expect("the program runs").is_none() {
        if start.elapsed() > LONGEST {
            child.kill().expect("the program stops");
            child.wait().expect("the program ends");
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    start.elapsed()
}
