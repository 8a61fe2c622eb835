//! Checks records against the format and the process, and collects the findings.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use serde_json::Value;

use super::revisions::Revisions;
use crate::changes::IncidentChange;
use crate::diagnostics::json::{self, CheckedCounts};
use crate::diagnostics::position::byte_range;
use crate::diagnostics::{Diagnostic, Level};
use crate::ledger::{self, Incidents, LedgerConfig};
use crate::model::{History, Record, Timestamp};
use crate::process::{HANDBOOK, HANDBOOK_PATH};
use crate::rules::{self, ChangeContext, CheckContext, FailureScope, IncidentContext};
use crate::source::{self, File};

/// All findings of a run, with the texts of the files that they point to.
#[derive(Default)]
pub struct Findings {
    /// The findings, sorted.
    pub all: Vec<Diagnostic>,
    /// The texts of files with findings, by path.
    pub sources: BTreeMap<String, String>,
    /// The numbers of checked incidents and files.
    pub checked: CheckedCounts,
}

impl Findings {
    /// The findings about the settings.
    fn of_settings(config: &LedgerConfig) -> Self {
        Self {
            all: config.findings.clone(),
            sources: config.sources.clone(),
            checked: CheckedCounts::default(),
        }
    }

    /// Creates findings from diagnostics about files, with credentials masked.
    #[must_use]
    pub fn from_diagnostics(findings: &[Diagnostic], files: &[File]) -> Self {
        let texts = files
            .iter()
            .filter_map(|file| Some((file.path.clone(), file.text()?.to_owned())));
        let mut sources: BTreeMap<String, String> = texts.collect();
        sources.insert(HANDBOOK_PATH.to_owned(), HANDBOOK.to_owned());
        let mut findings = Self {
            all: findings.to_vec(),
            sources,
            checked: CheckedCounts::default(),
        };
        findings.mask();
        findings
    }

    /// Returns the findings as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let text = json::render(self.checked, &self.all, &self.sources, &rules::rule_name);
        let report: Value = serde_json::from_str(&text).unwrap_or_default();
        report.get("findings").cloned().unwrap_or_default()
    }

    /// Whether at least one finding fails the run.
    #[must_use]
    pub fn fails_run(&self) -> bool {
        self.all.iter().any(|finding| finding.level == Level::Error)
    }

    /// Replaces credentials in paths, in messages and in the lines of files.
    pub fn mask(&mut self) {
        self.mask_sources();
        let apply = |text: &mut String, mask: fn(&str) -> Option<String>| {
            if let Some(masked) = mask(text) {
                *text = masked;
            }
        };
        for finding in &mut self.all {
            apply(&mut finding.path, rules::mask_path);
            let texts = [&mut finding.message].into_iter().chain(&mut finding.help);
            texts
                .chain(&mut finding.overridden)
                .for_each(|text| apply(text, rules::mask_credentials));
            for related in &mut finding.related {
                apply(&mut related.path, rules::mask_path);
                apply(&mut related.message, rules::mask_credentials);
            }
        }
    }

    /// Replaces credentials in the lines of files. If no star is in the place of a finding about a credential, its exact place
    /// is not known, and the whole place becomes stars.
    fn mask_sources(&mut self) {
        let mut places: BTreeMap<&str, Vec<Range<usize>>> = BTreeMap::new();
        for finding in self.all.iter().filter(|finding| rules::is_credential_finding(finding)) {
            if let Some(text) = self.sources.get(&finding.path) {
                let range = byte_range(text, finding.span);
                places.entry(&finding.path).or_default().push(range);
            }
        }
        let masked = self.sources.iter().map(|(path, text)| {
            let mut shown = rules::mask_source(text).unwrap_or_else(|| text.clone());
            let places = places.get(path.as_str()).into_iter().flatten();
            let missed: Vec<_> = places
                .filter(|range| shown.get((*range).clone()) == text.get((*range).clone()))
                .map(|range| (range.start, range.end))
                .collect();
            if !missed.is_empty() {
                shown = rules::with_stars(&shown, missed);
            }
            (rules::mask_path(path).unwrap_or_else(|| path.clone()), shown)
        });
        self.sources = masked.collect();
    }

    /// Returns the findings with `place`, the ledger's folder in its repository, before each path, as GitLab's reports need it.
    #[must_use]
    pub fn with_path_prefix(&self, place: &str) -> Self {
        let below = |path: &mut String| path.insert_str(0, place);
        let mut all = self.all.clone();
        for finding in &mut all {
            below(&mut finding.path);
            finding.related.iter_mut().for_each(|related| below(&mut related.path));
        }
        let sources = self.sources.iter();
        Self {
            all,
            sources: sources
                .map(|(path, text)| (format!("{place}{path}"), text.clone()))
                .collect(),
            checked: self.checked,
        }
    }

    /// Adds other findings to these.
    fn add(&mut self, mut other: Self) {
        // `append` would copy the whole map each time.
        self.all.append(&mut other.all);
        self.sources.extend(other.sources);
        self.checked.incidents += other.checked.incidents;
        self.checked.files += other.checked.files;
    }
}

/// The facts that a check takes from outside the ledger.
#[derive(Clone, Debug)]
pub struct CheckFacts {
    /// The time of the check.
    pub now: Timestamp,
    /// The merge request's author and approvers; empty if unknown.
    pub actors: Vec<String>,
    /// The project of the pipeline, which has the incident issues if process.yaml names none; `None` outside a pipeline.
    pub pipeline_project: Option<String>,
}

impl CheckFacts {
    /// The context of a check with these settings.
    fn context<'a>(&self, config: &'a LedgerConfig) -> CheckContext<'a> {
        let mut context = CheckContext::new(&config.process, &config.written_directory, self.now);
        context.actors.clone_from(&self.actors);
        context.pipeline_project.clone_from(&self.pipeline_project);
        context
    }
}

/// Checks every incident of the ledger on the disk.
///
/// # Errors
/// Fails if there is no ledger, or if it cannot be read.
pub fn check_ledger(root: &Path, config: &LedgerConfig, facts: &CheckFacts) -> anyhow::Result<Findings> {
    let incidents = Incidents::open(root)?;
    let (ids, stray) = incidents.ids()?;
    let mut findings = Findings::of_settings(config);
    findings.all.extend(rules::apply_rule_levels(&config.process, stray));
    let mut context = facts.context(config);
    context.incident_ids = Some(ids.iter().cloned().collect());
    let parts = ledger::in_parallel(&ids, |id| {
        let files = incidents.files(id)?;
        let read = source::read_record(id, &files);
        let history = read.record.as_ref().map(|record| config.history(record));
        let folded = read.record.as_ref().zip(history.as_ref());
        let all = check_record(folded, read.findings, None, &context);
        anyhow::Ok(Findings::of_incident(all, &files))
    });
    for part in parts {
        findings.add(part?);
    }
    findings.all.sort();
    Ok(findings)
}

/// Checks the incidents that differ between two revisions, and their changes.
#[must_use]
pub fn check_revisions(revisions: &Revisions, facts: &CheckFacts) -> Findings {
    let config = &revisions.after;
    let mut findings = Findings::of_settings(config);
    let changed = revisions.comparison.changed_settings();
    rules::fail_changed_templates(&config.process, &mut findings.all, &changed);
    rules::warn_of_merged_settings(&mut findings.all, &changed);
    let mut context = facts.context(config);
    context.incident_ids.clone_from(&revisions.incident_ids);
    for incident in &revisions.incidents {
        let changed = &incident.changed;
        match &changed.after {
            Some(read) => {
                let folded = read.record.as_ref().zip(incident.history.as_ref());
                let scope = FailureScope::Changed {
                    paths: changed.paths.clone(),
                    added: changed.change.unchecked_paths(),
                };
                let change = Some((&changed.change, scope));
                let all = check_record(folded, read.findings.clone(), change.as_ref(), &context);
                findings.add(Findings::of_incident(all, &changed.files));
            }
            None => findings.all.extend(rules::incident_gone_findings(&changed.change)),
        }
    }
    findings.all.sort();
    findings
}

/// The findings about one record and its change. `reader` holds the findings from reading its files.
fn check_record(
    folded: Option<(&Record, &History)>,
    reader: Vec<Diagnostic>,
    change: Option<&(&IncidentChange, FailureScope)>,
    context: &CheckContext,
) -> Vec<Diagnostic> {
    let Some((record, history)) = folded else {
        return rules::apply_rule_levels(context.process, reader);
    };
    let incident = IncidentContext::new(context, record, history);
    let scope = change.map_or(&FailureScope::Everything, |(_, scope)| scope);
    let mut all = rules::check_incident(&incident, reader, scope);
    if let Some((change, _)) = change {
        all.extend(rules::check_change(&ChangeContext {
            incident: &incident,
            change,
        }));
    }
    all
}

impl Findings {
    /// The findings of one incident. Only texts with a finding are kept.
    fn of_incident(mut all: Vec<Diagnostic>, files: &[File]) -> Self {
        all.sort();
        let mut sources = BTreeMap::new();
        if !all.is_empty() {
            let texts = files
                .iter()
                .filter_map(|file| Some((file.path.clone(), file.text()?.to_owned())));
            sources.extend(texts);
        }
        let checked = CheckedCounts {
            incidents: 1,
            files: files.len(),
        };
        Self { all, sources, checked }
    }
}
