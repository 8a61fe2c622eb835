//! The laws of the outbox: applied twice is applied once; replayed, or killed and run again, it ends the same.

#![expect(clippy::expect_used, reason = "a test may fail")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::{copy_ledger, files, git, repository, run, write};
use incidentctl::effects::{ForcedKeys, Planned, desired};
use incidentctl::forge::{DesiredIncident, Failure, Forge, Observation, Outbox};
use incidentctl::model::{Directory, fold};
use incidentctl::render::{RenderContext, Renderer};
use incidentctl::run::{ApplyOptions, RunReport, apply};
use incidentctl::source::{self, File};

fn sample() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    copy_ledger(&repository(), folder.path());
    folder
}

#[test]
fn the_sample_ledger_is_clean_and_applied_once() {
    let ledger = sample();
    let (code, text) = run(ledger.path(), &["check"]);
    assert_eq!(
        (code, text.as_str()),
        (0, "checked 3 incidents in 19 files: no findings\n")
    );
    let (code, text) = run(ledger.path(), &["apply"]);
    assert_eq!(code, 0, "{text}");
    let first = files(&ledger.path().join("outbox"));
    assert_eq!(first.len(), 51);
    // The sample incidents are drills, which tell no customer: the words are shown.
    assert!(
        !first.keys().any(|path| path.contains("/customer/")),
        "{:?}",
        first.keys()
    );
    assert!(
        text.contains("a drill tells no customer") && text.contains("| [DRILL] We are handling an incident"),
        "{text}"
    );
    let (code, text) = run(ledger.path(), &["apply"]);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.ends_with("Nothing is to do: the outbox in outbox has it all.\n"),
        "{text}"
    );
    assert!(
        files(&ledger.path().join("outbox")) == first,
        "a byte of the outbox changed"
    );
}

/// The files of the sample ledger's incidents by the time at which each was written.
fn history() -> Vec<(String, String, Vec<u8>)> {
    let mut all = Vec::new();
    for (path, bytes) in files(&repository())
        .into_iter()
        .filter(|(path, _)| path.starts_with("incidents/"))
    {
        let name = path.rsplit('/').next().expect("a name").to_owned();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let declared = text.lines().find_map(|line| line.strip_prefix("declared_at: "));
        let at = declared.map_or(name, |at| at.replace(['-', ':'], ""));
        all.push((at[..13].to_owned(), path, bytes));
    }
    all.sort();
    all
}

#[test]
fn replayed_commit_by_commit_or_only_the_last_one_the_outbox_is_the_same() {
    let ledger = tempfile::tempdir().expect("a folder");
    let root = ledger.path();
    git(root, &["init", "-q"]);
    for (path, bytes) in files(&repository()) {
        if ["people.yaml", "customers.yaml"].contains(&path.as_str()) {
            write(root, &path, &String::from_utf8_lossy(&bytes));
        }
    }
    for (_, path, bytes) in history() {
        write(root, &path, &String::from_utf8_lossy(&bytes));
        git(root, &["add", "-A", "incidents", "people.yaml", "customers.yaml"]);
        git(root, &["commit", "-q", "-m", &path]);
    }
    let commits = git(root, &["rev-list", "--reverse", "HEAD"]);
    assert_eq!(commits.lines().count(), 19);
    for commit in commits.lines() {
        git(root, &["checkout", "-q", commit]);
        let (code, text) = run(
            root,
            &["apply", "--to", &format!("outbox:{}", root.join("step").display())],
        );
        assert_eq!(code, 0, "{text}");
    }
    let (code, text) = run(
        root,
        &["apply", "--to", &format!("outbox:{}", root.join("once").display())],
    );
    assert_eq!(code, 0, "{text}");
    let (step, once) = (files(&root.join("step")), files(&root.join("once")));
    assert_eq!(step.keys().collect::<Vec<_>>(), once.keys().collect::<Vec<_>>());
    for (path, bytes) in &step {
        assert!(
            once[path] == *bytes,
            "{path} differs:\n{}\n{}",
            String::from_utf8_lossy(bytes),
            String::from_utf8_lossy(&once[path])
        );
    }
}

/// An outbox whose process is killed when it has carried out so many effects.
struct Killed {
    outbox: Outbox,
    left: usize,
}

impl Forge for Killed {
    fn address(&self) -> String {
        self.outbox.address()
    }

    fn observe(&mut self, wanted: &DesiredIncident) -> anyhow::Result<Observation> {
        self.outbox.observe(wanted)
    }

    fn carry_out(&mut self, planned: &Planned) -> Result<String, Failure> {
        if self.left == 0 {
            return Err(Failure::Failed("killed".to_owned()));
        }
        self.left -= 1;
        self.outbox.carry_out(planned)
    }
}

/// Carries out all of one incident of the sample ledger, at most so many effects.
fn carry_out(id: &str, place: &Path, effects: usize) -> RunReport {
    let all = files(&repository());
    let prefix = format!("incidents/{id}/");
    let own: Vec<File> = all
        .iter()
        .filter(|(path, _)| path.starts_with(&prefix))
        .map(|(path, bytes)| File::new(path, bytes.clone()))
        .collect();
    let record = source::read_record(id, &own).record.expect("a record");
    let (process, _) = source::read_process(None);
    let directory = Directory {
        people: source::read_people(&File::new("people.yaml", all["people.yaml"].clone())).0,
        customers: source::read_customers(&File::new("customers.yaml", all["customers.yaml"].clone())).0,
    };
    let history = fold(&record, &process.with(&directory));
    let context = RenderContext {
        now: history.last().at,
        observed: &incidentctl::targets::nothing_observed,
        process: &process,
        directory: &directory,
        record: &record,
        history: &history,
    };
    let wanted = desired(&context, &Renderer::new(&BTreeMap::new()).0);
    let mut forge = Killed {
        outbox: Outbox::new(place),
        left: effects,
    };
    let asked = ForcedKeys::default();
    let wanted = DesiredIncident {
        incident: &record.id,
        effects: &wanted,
        since: record.declaration().at,
        recreate: &asked.recreate,
    };
    let scope = ApplyOptions {
        stage: None,
        policy: None,
        forced: &asked,
    };
    apply(&mut forge, [wanted], scope)
}

#[test]
fn killed_after_any_effect_and_run_again_the_outbox_is_the_same() {
    let id = "2026-11-03-geo-push-rejected";
    let reference = tempfile::tempdir().expect("a folder");
    let whole = carry_out(id, reference.path(), usize::MAX);
    assert!(whole.is_complete() && whole.done.len() > 15);
    let expected = files(reference.path());
    for effects in 0..whole.done.len() {
        let place = tempfile::tempdir().expect("a folder");
        let killed = carry_out(id, place.path(), effects);
        assert_eq!(killed.done.len(), effects);
        assert!(!killed.is_complete());
        let rest = carry_out(id, place.path(), usize::MAX);
        assert_eq!(rest.done.len(), whole.done.len() - effects);
        assert!(
            files(place.path()) == expected,
            "killed after {effects} effects, the outbox differs"
        );
        assert!(carry_out(id, place.path(), usize::MAX).is_empty());
    }
}

#[test]
fn a_file_that_was_half_written_when_the_process_died_is_written_again() {
    let id = "2026-11-17-registry-pulls-fail";
    let (reference, place) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    carry_out(id, reference.path(), usize::MAX);
    write(
        place.path(),
        &format!("{id}/issue.md.unfinished"),
        "<!-- incidentctl: half",
    );
    carry_out(id, place.path(), usize::MAX);
    assert!(files(place.path()) == files(reference.path()));
}

#[test]
fn one_unreadable_incident_holds_up_no_other_and_makes_the_run_red() {
    let ledger = sample();
    write(
        ledger.path(),
        "incidents/2026-11-17-registry-pulls-fail/updates/20261118T0900Z-ivan.yaml",
        "by: [ivan\n",
    );
    let (code, text) = run(ledger.path(), &["apply"]);
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("SKIPPED  incidents/2026-11-17-registry-pulls-fail"),
        "{text}"
    );
    let outbox = files(&ledger.path().join("outbox"));
    assert!(outbox.keys().any(|path| path.starts_with("2026-11-03")));
    assert!(!outbox.keys().any(|path| path.starts_with("2026-11-17")));
}

#[test]
fn a_persons_file_in_the_way_is_reported_and_left_alone() {
    let ledger = sample();
    let path = "outbox/2026-11-03-geo-push-rejected/issue.md";
    write(ledger.path(), path, "mine\n");
    let (code, text) = run(ledger.path(), &["apply"]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("FAILED"), "{text}");
    assert_eq!(files(ledger.path())[path], b"mine\n");
}
