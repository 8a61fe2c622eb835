//! Runs the documentation of every rule: its example must fire the rule, at the place that carets mark, and what is to
//! be used instead must not.

use std::collections::BTreeMap;

use super::*;
use crate::changes::IncidentChange;
use crate::diagnostics::Diagnostic;
use crate::diagnostics::position::position;
use crate::model::{Directory, Timestamp, fold};
use crate::source::{self, File};

const ID: &str = "2026-11-23-pushes-rejected";

/// What an example continues where it has no declaration of its own.
const DECLARATION: &str = "title: Pushes rejected\nseverity: sev0\ndeclared_at: 2026-11-23T09:00:00Z\n\
    declared_by: alice\ncustomers: [acme, globex]\nroles: { incident_manager: alice, incident_coordinator: bob, \
    incident_analysts: [carol, dave] }\n";

const PEOPLE: &str = "alice: { name: Alice Ng }\nbob: { name: Bob Ito, gitlab: bob }\ncarol: { name: Carol Diaz }\n\
    dave: { name: Dave Kim }\nerin: { name: Erin Roy, leadership: true }\n";

const CUSTOMERS: &str = "acme: { name: Acme Corp, tickets: customers/acme }\nglobex: { name: Globex, tickets: \
    customers/globex }\nhooli: { name: Hooli, tickets: customers/hooli, strategic: true }\numbrella: { name: Umbrella }\n";

/// One example: files by the name in the fence, and the time of the check where the fence has one.
struct Example {
    files: Vec<(String, String)>,
    now: Option<Timestamp>,
    /// Users behind the merge request.
    actors: Vec<String>,
}

fn examples(docs: &str, heading: &str) -> Example {
    let section = docs
        .split("\n## ")
        .find(|section| section.trim_start_matches("## ").starts_with(heading));
    let mut files = Vec::new();
    let mut now = None;
    let mut actors = Vec::new();
    for block in section.expect("the section").split("```yaml ").skip(1) {
        let (fence, rest) = block.split_once('\n').expect("a fence");
        let text = rest.split("```").next().expect("an end of the block");
        let (fence, user) = fence
            .split_once(" merge-request-by=")
            .map_or((fence, None), |(fence, user)| (fence, Some(user)));
        actors.extend(user.map(str::to_owned));
        let (name, time) = fence
            .split_once(" now=")
            .map_or((fence, None), |(name, time)| (name, Some(time)));
        now = time.map(|time| Timestamp::parse(time).expect("a time")).or(now);
        files.push((name.to_owned(), text.to_owned()));
    }
    assert!(!files.is_empty(), "no example under {heading}");
    Example { files, now, actors }
}

/// The files of an example as the folder of an incident; `base/` ones for the revision before.
fn folder(example: &Example, base: bool) -> Vec<File> {
    let mut files: Vec<File> = Vec::new();
    for (name, text) in &example.files {
        let inside = match (name.strip_prefix("base/"), base) {
            (Some(inside), true) => inside,
            (None, false) => name,
            _ => continue,
        };
        if inside.ends_with("process.yaml") || inside.ends_with(".hbs") {
            continue;
        }
        let (inside, link) = inside
            .split_once(" -> ")
            .map_or((inside, false), |(inside, _)| (inside, true));
        files.push(File {
            link,
            ..File::new(&format!("incidents/{ID}/{inside}"), text.as_str())
        });
    }
    let declaration = format!("incidents/{ID}/incident.yaml");
    if !files.iter().any(|file| file.path == declaration) {
        files.push(File::new(&declaration, DECLARATION));
    }
    files
}

/// All findings about an example.
fn findings(example: &Example) -> (Vec<Diagnostic>, BTreeMap<String, String>) {
    let files = folder(example, false);
    let process_file = example.files.iter().find(|(name, _)| name == "process.yaml");
    let process_file = process_file.map(|(_, text)| File::new("process.yaml", text.as_str()));
    let (process, mut all) = source::read_process(process_file.as_ref());
    all.extend(check_process(&process));
    let templates = example
        .files
        .iter()
        .filter_map(|(name, text)| Some((name.strip_prefix("templates/")?.to_owned(), text.clone())));
    let problems = crate::render::Renderer::new(&templates.collect()).1;
    all.extend(problems.iter().map(|(file, problem)| {
        let code = match problem {
            crate::render::TemplateProblem::UnknownVariable(_) => "INC013",
            _ => "INC011",
        };
        Diagnostic::new(code, Level::Error, file, crate::span::Span::default(), "")
    }));
    let directory = Directory {
        people: source::read_people(&File::new("people.yaml", PEOPLE)).0,
        customers: source::read_customers(&File::new("customers.yaml", CUSTOMERS)).0,
    };
    let read = source::read_record(ID, &files);
    let mut sources: BTreeMap<String, String> = files
        .iter()
        .chain(&process_file)
        .filter_map(|file| Some((file.path.clone(), file.text()?.to_owned())))
        .collect();
    sources.insert("people.yaml".into(), PEOPLE.into());
    let Some(record) = read.record else {
        all.extend(read.findings);
        return (all, sources);
    };
    let history = fold(&record, &process.with(&directory));
    let last = record.entries[record.entries.len() - 1].at;
    let now = example.now.unwrap_or(Timestamp(last.0 + chrono::TimeDelta::minutes(1)));
    let mut world = CheckContext::new(&process, &directory, now);
    world.actors.clone_from(&example.actors);
    world.incident_ids = Some([ID, "2026-11-23-proxy-headers"].map(str::to_owned).into());
    let incident = IncidentContext::new(&world, &record, &history);
    let paths: BTreeSet<String> = files.iter().map(|file| file.path.clone()).collect();
    let scope = FailureScope::Changed {
        added: paths.clone(),
        paths,
    };
    all.extend(check_incident(&incident, read.findings, &scope));
    let from_files = folder(example, true);
    let from = source::read_record(ID, &from_files).record;
    let gone = from_files
        .iter()
        .filter(|file| !files.iter().any(|new| new.path == file.path));
    let change = IncidentChange {
        id: record.id.clone(),
        gone: gone.map(|file| file.path.clone()).collect(),
        from,
        to: Some(record.clone()),
    };
    all.extend(check_change(&ChangeContext {
        incident: &incident,
        change: &change,
    }));
    (all, sources)
}

/// Checks the carets of an example: `#^^^ CODE` below a line marks where the finding has to be.
fn carets(rule: &Rule, example: &Example, found: &[Diagnostic], sources: &BTreeMap<String, String>) {
    for (name, text) in &example.files {
        let path = if name == "process.yaml" {
            name.clone()
        } else {
            format!("incidents/{ID}/{name}")
        };
        let mut line_of_code = 0;
        for (number, line) in text.lines().enumerate() {
            let Some((marks, code)) = line.strip_prefix('#').and_then(|rest| rest.trim_end().rsplit_once(' ')) else {
                line_of_code = number + 1;
                continue;
            };
            if code != rule.code || !marks.trim().chars().all(|c| c == '^') {
                continue;
            }
            let start = 2 + marks.find('^').expect("carets");
            let end = start + marks.trim().len();
            let hit = found
                .iter()
                .filter(|finding| finding.code == code && finding.path == path)
                .any(|finding| {
                    let source = &sources[&finding.path];
                    let (from, to) = (position(source, finding.span.start), position(source, finding.span.end));
                    from.line == line_of_code && from.column <= start && (to.line > from.line || end <= to.column)
                });
            assert!(
                hit,
                "{code}: no finding at {name}:{line_of_code}:{start}..{end}, but {found:#?}"
            );
        }
    }
}

#[test]
fn every_rule_fires_on_its_example_where_it_says_and_is_silent_on_what_to_use_instead() {
    for rule in RULES {
        let example = examples(rule.docs, "Example");
        let (found, sources) = findings(&example);
        assert!(
            found.iter().any(|finding| finding.code == rule.code),
            "{} is silent on its example: {found:#?}",
            rule.code
        );
        carets(rule, &example, &found, &sources);
        let (found, _) = findings(&examples(rule.docs, "Use instead"));
        let wrong: Vec<_> = found.iter().filter(|finding| finding.code == rule.code).collect();
        assert!(
            wrong.is_empty(),
            "{} fires on what to use instead: {wrong:#?}",
            rule.code
        );
    }
}

#[test]
fn codes_and_names_never_change_unnoticed() {
    let all: Vec<_> = RULES
        .iter()
        .map(|rule| format!("{} {}", rule.code, rule.name))
        .collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn codes_are_unique_and_sorted_and_names_are_kebab_case() {
    let codes: Vec<_> = RULES.iter().map(|rule| rule.code).collect();
    assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "{codes:?}");
    for rule in RULES {
        assert!(
            rule.name.chars().all(|c| c.is_ascii_lowercase() || c == '-'),
            "{}",
            rule.name
        );
        let headings: Vec<_> = rule.docs.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(
            headings,
            ["What it checks", "Why", "Example", "Use instead"],
            "{}",
            rule.code
        );
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test looks at the folder of the rules")]
fn every_rule_file_is_registered() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    for entry in std::fs::read_dir(folder).expect("the folder of the rules") {
        let name = entry
            .expect("an entry")
            .file_name()
            .to_string_lossy()
            .replace(".rs", "")
            .replace('_', "-");
        let other = [
            "mod",
            "context",
            "judge",
            "places",
            "reference",
            "text",
            "tests",
            "snapshots",
        ]
        .contains(&name.as_str());
        assert!(
            other || RULES.iter().any(|rule| rule.name == name),
            "{name} is not registered"
        );
    }
}

/// The messages of the findings of a rule about these files, checked at `now`; one minute after the last entry if it is empty.
pub(super) fn messages(code: &str, now: &str, files: &[(&str, &str)]) -> Vec<String> {
    let files = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let example = Example {
        files: files.collect(),
        now: Timestamp::parse(now).ok(),
        actors: Vec::new(),
    };
    let (found, _) = findings(&example);
    let of_rule = found.into_iter().filter(|finding| finding.code == code);
    of_rule.map(|finding| finding.message).collect()
}

/// The level of the findings of a rule about these files.
pub(super) fn levels(code: &str, files: &[(&str, &str)]) -> Vec<Level> {
    let files = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    let (found, _) = findings(&Example {
        files,
        now: None,
        actors: Vec::new(),
    });
    found
        .iter()
        .filter(|finding| finding.code == code)
        .map(|finding| finding.level)
        .collect()
}

const EMPTY_ROLES: &str = "title: Pushes rejected\nseverity: sev0\ndeclared_at: 2026-11-23T09:00:00Z\n\
    declared_by: alice\ncustomers: [acme, globex]\n";

#[test]
fn a_plain_internal_update_warns_where_words_to_customers_are_an_error() {
    let update = "updates/20261123T0940Z-bob.yaml";
    let internal = levels(
        "INC201",
        &[
            ("incident.yaml", EMPTY_ROLES),
            (update, "by: bob\ncurrent_status: looking\n"),
        ],
    );
    assert!(
        !internal.is_empty() && internal.iter().all(|level| *level == Level::Warning),
        "{internal:?}"
    );
    let words = levels(
        "INC201",
        &[
            ("incident.yaml", EMPTY_ROLES),
            (update, "by: bob\ncustomer_message: We are on it\n"),
        ],
    );
    assert!(
        !words.is_empty() && words.iter().all(|level| *level == Level::Error),
        "{words:?}"
    );
}

#[test]
fn a_required_role_may_stay_empty_until_its_grace_is_over() {
    let early = levels(
        "INC201",
        &[
            ("incident.yaml", EMPTY_ROLES),
            ("updates/20261123T0929Z-bob.yaml", "by: bob\ncustomer_message: hi\n"),
        ],
    );
    assert_eq!(early, []);
}

#[test]
fn an_override_with_a_reason_makes_an_error_a_warning_and_the_process_sets_levels() {
    let update = "updates/20261123T0940Z-bob.yaml";
    let text = "by: bob\ncustomer_message: We are on it\noverrides: [{ rule: INC201, reason: paging }]\n";
    let overridden = levels("INC201", &[("incident.yaml", EMPTY_ROLES), (update, text)]);
    assert!(
        !overridden.is_empty() && overridden.iter().all(|level| *level == Level::Warning),
        "{overridden:?}"
    );
    let person = ("updates/20261123T0940Z-zoe.yaml", "by: zoe\nstatus: identified\n");
    assert_eq!(levels("INC203", &[person]), [Level::Warning]);
    let strict = ("process.yaml", "extends: handbook\nrules: { INC203: error }\n");
    assert_eq!(levels("INC203", &[person, strict]), [Level::Error]);
    let off = ("process.yaml", "extends: handbook\nrules: { INC203: off }\n");
    assert_eq!(levels("INC203", &[person, off]), []);
}

#[test]
fn a_file_that_was_merged_long_ago_only_warns() {
    let bad = [(
        "updates/20261123T0940Z-bob.yaml".to_owned(),
        "by: bob\nstatus: identifed\n".to_owned(),
    )];
    let example = Example {
        files: bad.to_vec(),
        now: None,
        actors: Vec::new(),
    };
    let files = folder(&example, false);
    let (process, _) = source::read_process(None);
    let directory = Directory::default();
    let read = source::read_record(ID, &files);
    let record = read.record.expect("a record");
    let history = fold(&record, &process.with(&directory));
    let world = CheckContext::new(&process, &directory, record.entries[1].at);
    let incident = IncidentContext::new(&world, &record, &history);
    let level = |scope: &FailureScope| {
        let found = check_incident(&incident, Vec::new(), scope);
        found
            .iter()
            .filter(|finding| finding.code == "INC009")
            .map(|finding| finding.level)
            .collect::<Vec<_>>()
    };
    assert_eq!(level(&FailureScope::Everything), [Level::Error]);
    assert_eq!(
        level(&FailureScope::Changed {
            paths: [].into(),
            added: [].into()
        }),
        [Level::Warning]
    );
}

/// A declaration by which both customers are told on tickets and are promised hourly updates.
pub(super) const TOLD: &str = "title: Pushes rejected\nseverity: sev0\ndeclared_at: 2026-11-23T09:00:00Z\ndeclared_by: alice\n\
    customers: [acme, globex]\nimpact: { symptoms: Pushes are refused }\nroles: { incident_manager: alice, \
    incident_coordinator: bob, incident_analysts: [carol, dave] }\n";

/// The level of the findings of a rule about these files in a check of a change that adds none of them.
pub(super) fn merged_levels(code: &str, files: &[(&str, &str)]) -> Vec<Level> {
    let files = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let example = Example {
        files: files.collect(),
        now: None,
        actors: Vec::new(),
    };
    let files = folder(&example, false);
    let (process, _) = source::read_process(None);
    let directory = Directory::default();
    let record = source::read_record(ID, &files).record.expect("a record");
    let history = fold(&record, &process.with(&directory));
    let now = record.entries[record.entries.len() - 1].at;
    let world = CheckContext::new(&process, &directory, now);
    let incident = IncidentContext::new(&world, &record, &history);
    let scope = FailureScope::Changed {
        paths: files.into_iter().map(|file| file.path).collect(),
        added: [].into(),
    };
    let found = check_incident(&incident, Vec::new(), &scope);
    let of_rule = found.iter().filter(|finding| finding.code == code);
    of_rule.map(|finding| finding.level).collect()
}
