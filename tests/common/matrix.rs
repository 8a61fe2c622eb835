//! Fault matrices: many cells at once, each of which runs the program until it is green and compares what is there.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Ended;

/// Checks each of these, twelve at once; fails with what is wrong.
pub fn each<T: Sync>(all: &[T], check: impl Fn(&T) -> Result<(), String> + Sync) {
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                while let Some(one) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(words) = check(one) {
                        wrong.lock().expect("the list").push(words);
                    }
                }
            });
        }
    });
    let wrong: Vec<String> = wrong.into_inner().expect("the list");
    let names: Vec<&str> = wrong.iter().filter_map(|words| words.lines().next()).collect();
    assert!(
        wrong.is_empty(),
        "{} of {} are wrong:\n{}\n\n{}",
        wrong.len(),
        all.len(),
        names.join("\n"),
        wrong.iter().take(3).cloned().collect::<Vec<_>>().join("\n\n")
    );
}

/// Runs the program until it ends with 0, five times at most; returns what it said. Fails if it does not get there, or ends
/// otherwise than with a failure or by being killed.
pub fn until_green(name: &str, mut run: impl FnMut() -> Ended) -> Result<Vec<String>, String> {
    let mut said = Vec::new();
    for _ in 0..5 {
        let ended = run();
        said.push(format!("exit {}: {}", ended.code, ended.text));
        match ended.code {
            0 => return Ok(said),
            2 | 3 | -9 => {}
            code => return Err(format!("{name}: exit {code}\n{}", said.join("\n"))),
        }
    }
    Err(format!("{name}: never green\n{}", said.join("\n")))
}

/// Fails with the difference between two lists, whatever their order.
pub fn same(name: &str, there: &[String], wanted: &[String], said: &[String]) -> Result<(), String> {
    let (unexpected, missing) = (beyond(there, wanted), beyond(wanted, there));
    if unexpected.is_empty() && missing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{name}: unexpected {:#?}, missing {:#?}\n{}",
        parts(&unexpected, &missing),
        parts(&missing, &unexpected),
        said.join("\n")
    ))
}

/// What is in a list, and not as often in another one.
fn beyond(list: &[String], other: &[String]) -> Vec<String> {
    let mut rest = other.to_vec();
    let mut more = Vec::new();
    for line in list {
        match rest.iter().position(|other| other == line) {
            Some(at) => drop(rest.swap_remove(at)),
            None => more.push(line.clone()),
        }
    }
    more
}

/// The lines of texts that no other text has; the whole texts if there are none.
fn parts<'a>(texts: &'a [String], others: &[String]) -> Vec<&'a str> {
    let known: Vec<&str> = others.iter().flat_map(|text| text.lines()).collect();
    let lines = texts.iter().flat_map(|text| text.lines());
    let own: Vec<&str> = lines.filter(|line| !known.contains(line)).collect();
    if own.is_empty() {
        return texts.iter().map(String::as_str).collect();
    }
    own
}
