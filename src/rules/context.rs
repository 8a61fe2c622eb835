//! The input of the rules, and the place for their findings.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::places::place_of;
pub(super) use super::places::{author_span, customers, first_names, items, pairs, people, time_span, value_span};
use super::text::Names;
use crate::changes::IncidentChange;
use crate::diagnostics::suggest::Suggestions;
use crate::diagnostics::{Diagnostic, Level, MAX_PER_FILE, Related};
use crate::model::{
    CustomerKey, Customers, Directory, Entries, Entry, History, PersonKey, Record, RecordEntry, RoleKey, State,
    Timestamp,
};
use crate::process::{Process, Severity, StatusKind, Step, StepEffect};
use crate::span::{Field, Span};

pub(super) use crate::model::directory::{CUSTOMERS_PATH as CUSTOMERS, PEOPLE_PATH as PEOPLE};

/// The input that all incidents of a check share: process, people, customers and time.
pub struct CheckContext<'a> {
    /// The process that applies.
    pub process: &'a Process,
    /// People and customers.
    pub directory: &'a Directory,
    /// The time of the check.
    pub now: Timestamp,
    /// The GitLab users who wrote and approved the change, the author first; empty if unknown.
    pub actors: Vec<String>,
    /// The ids of all incidents of the ledger; `None` if unknown.
    pub incident_ids: Option<BTreeSet<String>>,
    /// The project of the pipeline, which has the incident issues if process.yaml names none; `None` outside a pipeline.
    pub pipeline_project: Option<String>,
    /// The names that a text for customers must not contain.
    pub(super) names: Names<'a>,
}

impl<'a> CheckContext<'a> {
    /// The context of a check at the time `now`.
    #[must_use]
    pub fn new(process: &'a Process, directory: &'a Directory, now: Timestamp) -> Self {
        let names = Names::new(directory);
        Self {
            process,
            directory,
            now,
            actors: Vec::new(),
            incident_ids: None,
            pipeline_project: None,
            names,
        }
    }
}

/// The input of a rule about one incident: its record and history, and the shared context.
pub struct IncidentContext<'a> {
    /// The process that applies.
    pub(super) process: &'a Process,
    /// People and customers.
    pub(super) directory: &'a Directory,
    /// The time of the check.
    pub(super) now: Timestamp,
    /// The GitLab users who wrote and approved the change, the author first; empty if unknown.
    pub(super) actors: &'a [String],
    /// The ids of all incidents of the ledger; `None` if unknown.
    pub(super) incident_ids: Option<&'a BTreeSet<String>>,
    /// The project of the incident issues; `None` if it is unknown.
    pub(super) incident_project: Option<&'a str>,
    /// The record of the incident.
    pub(super) record: &'a Record,
    /// The history of the record.
    pub(super) history: &'a History,
    /// The names that a text for customers must not contain.
    pub(super) names: &'a Names<'a>,
    /// The gates of each entry.
    gates: Vec<Vec<Gate>>,
    /// For each entry, whether the ticket of every listed customer has a place. Filled by the first question.
    all_have_tickets: Vec<OnceCell<bool>>,
}

/// The input of a rule about a change: the incident after the change, and the change.
#[derive(Clone, Copy)]
pub struct ChangeContext<'a> {
    /// The incident after the change.
    pub incident: &'a IncidentContext<'a>,
    /// The change of the record.
    pub change: &'a IncidentChange,
}

/// An important step of an incident at which some rules become errors.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Gate {
    /// The entry declares the incident.
    Declaration,
    /// The entry sends a message to customers.
    CustomerWords,
    /// The entry changes the severity.
    Reclassification,
    /// The entry resolves an active incident.
    Resolution,
    /// The entry closes an incident.
    Closure,
}

impl Gate {
    /// The gate's key in `process.yaml`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Declaration => "declaration",
            Self::CustomerWords => "customer_words",
            Self::Reclassification => "reclassification",
            Self::Resolution => "resolution",
            Self::Closure => "closure",
        }
    }

    /// Every gate.
    pub const ALL: [Self; 5] = [
        Self::Declaration,
        Self::CustomerWords,
        Self::Reclassification,
        Self::Resolution,
        Self::Closure,
    ];
}

/// One entry with the states before and after it.
#[derive(Clone, Copy)]
pub(super) struct Turn<'a> {
    /// The index of the entry in the record.
    pub(super) index: usize,
    /// The entry's file.
    pub(super) file: &'a RecordEntry,
    /// The content of the file.
    pub(super) entry: &'a Entry,
    /// The state before the entry; `None` for the declaration.
    pub(super) before: Option<&'a State>,
    /// The state after the entry.
    pub(super) after: &'a State,
}

impl<'a> IncidentContext<'a> {
    /// The input for a record with this history.
    #[must_use]
    pub fn new(world: &'a CheckContext<'a>, record: &'a Record, history: &'a History) -> Self {
        let mut incident = Self {
            process: world.process,
            directory: world.directory,
            now: world.now,
            actors: &world.actors,
            incident_ids: world.incident_ids.as_ref(),
            incident_project: world
                .process
                .gitlab_project
                .as_deref()
                .or(world.pipeline_project.as_deref()),
            record,
            history,
            names: &world.names,
            gates: Vec::new(),
            all_have_tickets: vec![OnceCell::new(); record.entries.len()],
        };
        incident.gates = incident.entries().map(|turn| incident.passes(turn)).collect();
        incident
    }

    /// The entries, each with the states before and after it.
    pub(super) fn entries(&self) -> impl Iterator<Item = Turn<'a>> + use<'a> {
        let (record, history) = (self.record, self.history);
        record
            .entries
            .iter()
            .zip(&history.states)
            .enumerate()
            .map(|(index, (file, after))| Turn {
                index,
                file,
                entry: &file.entry,
                before: history.before(index),
                after,
            })
    }

    /// The last entry.
    pub(super) fn last(&self) -> Turn<'a> {
        let index = self.record.entries.len() - 1;
        let file = &self.record.entries[index];
        Turn {
            index,
            file,
            entry: &file.entry,
            before: self.history.before(index),
            after: self.history.last(),
        }
    }

    /// The severity of a state; `None` if the process does not have it.
    pub(super) fn severity(&self, state: &State) -> Option<&'a Severity> {
        self.process.severity(state.severity.as_str())
    }

    /// The titles of roles, joined as alternatives.
    pub(super) fn role_titles(&self, roles: &[RoleKey]) -> String {
        let titles: Vec<_> = roles
            .iter()
            .map(|role| self.process.role_title(role.as_str()))
            .collect();
        titles.join(" or ")
    }

    /// The step of a severity that opens customer tickets; `None` if it does not exist.
    pub(super) fn ticket_step(&self, state: &State) -> Option<&'a Step> {
        let severity = self.severity(state)?;
        severity
            .steps
            .iter()
            .find(|step| step.effect == Some(StepEffect::Tickets))
    }

    /// Whether the incident is active in a state.
    pub(super) fn is_active(&self, state: &State) -> bool {
        self.process.status_kind(&state.status) == StatusKind::Active
    }

    /// Whether the incident is closed in a state.
    pub(super) fn is_closed(&self, state: &State) -> bool {
        self.process.status_kind(&state.status) == StatusKind::Closed
    }

    /// Whether the program carries out this step, so that no person must record it.
    pub(super) fn is_automated(&self, step: &Step, turn: Turn) -> bool {
        match step.effect {
            None => false,
            Some(StepEffect::Tickets) => *self.all_have_tickets[turn.index].get_or_init(|| {
                let state = turn.after;
                match &state.customers {
                    Customers::Listed(list) => list.iter().all(|customer| self.has_ticket(state, customer)),
                    Customers::Unknown | Customers::All => false,
                }
            }),
            Some(_) => true,
        }
    }

    /// Whether a customer's ticket has a place: an adopted ticket, a ticket project, or no `customers.yaml` that could
    /// name one.
    pub(super) fn has_ticket(&self, state: &State, customer: &CustomerKey) -> bool {
        state.tickets.contains_key(customer) || self.directory.has_ticket_project(customer.as_str())
    }

    /// The gates that an entry passes.
    #[must_use]
    pub fn gates(&self, index: usize) -> &[Gate] {
        self.gates.get(index).map_or(&[], Vec::as_slice)
    }

    /// The gate at which this rule becomes an error; `None` if the entry passes no such gate.
    pub(super) fn gate_of(&self, entry: usize, code: &str) -> Option<Gate> {
        let holds = |gate: &Gate| {
            let codes = self.process.gates.get(gate.key());
            codes.is_some_and(|codes| codes.value.iter().any(|known| known == code))
        };
        self.gates(entry).iter().copied().find(holds)
    }

    fn passes(&self, step: Turn) -> Vec<Gate> {
        let mut gates = Vec::new();
        let entry = step.entry;
        let first = step.before.is_none();
        if first {
            gates.push(Gate::Declaration);
        }
        let symptoms = entry.impact.get().is_some_and(|impact| impact.symptoms.get().is_some());
        if entry.customer_message.get().is_some() || (symptoms && !step.after.customers.listed().is_empty()) {
            gates.push(Gate::CustomerWords);
        }
        if let Some(before) = step.before {
            if before.severity != step.after.severity {
                gates.push(Gate::Reclassification);
            }
            let kinds = (
                self.process.status_kind(&before.status),
                self.process.status_kind(&step.after.status),
            );
            match kinds {
                (StatusKind::Active, StatusKind::Resolved) => gates.push(Gate::Resolution),
                (StatusKind::Active | StatusKind::Resolved, StatusKind::Closed) => gates.push(Gate::Closure),
                _ => {}
            }
        }
        gates
    }
}

impl Turn<'_> {
    /// The span of the status if the entry sets it, else of the file's first field.
    pub(super) fn status_span(&self) -> Span {
        place_of(&self.entry.status).unwrap_or_else(|| self.by_span())
    }

    /// Whether the author holds one of these roles before or after the entry, because either side may write a
    /// hand-over.
    pub(super) fn author_holds(&self, roles: &[RoleKey]) -> bool {
        self.is_held_by(&self.file.by, roles)
    }

    /// Whether a person holds one of these roles before or after the entry.
    pub(super) fn is_held_by(&self, person: &PersonKey, roles: &[RoleKey]) -> bool {
        let states = self.before.into_iter().chain([self.after]);
        let mut holders = states.flat_map(|state| roles.iter().flat_map(|role| state.holders(role.as_str())));
        holders.any(|holder| holder == person)
    }

    /// The span of a role's new holders in this entry.
    pub(super) fn role_span(&self, role: &str) -> Span {
        value_span(&self.entry.roles, role)
    }

    /// The span of the author.
    pub(super) fn by_span(&self) -> Span {
        author_span(self.entry)
    }
}

/// The number of findings of a rule up to which unlisted keys get a suggestion.
const MAX_SUGGESTIONS: usize = 50;

/// Collects the findings of one rule.
pub struct FindingSink<'a> {
    pub(super) code: &'static str,
    pub(super) record: &'a Record,
    /// The findings, each with the index of its entry: for each entry one more than are shown.
    pub(super) found: Vec<(usize, Diagnostic)>,
    /// The number of findings for each entry, the findings that are not kept included.
    pub(super) counts: Vec<usize>,
    /// The suggestions for unknown words.
    pub(super) suggestions: Suggestions,
}

/// The number of findings of a rule about one entry that are kept: one more than are shown.
const MAX_KEPT: usize = MAX_PER_FILE + 1;

impl<'a> FindingSink<'a> {
    /// No findings of the rule with this code.
    pub(super) fn new(code: &'static str, record: &'a Record) -> Self {
        Self {
            code,
            record,
            found: Vec::new(),
            counts: vec![0; record.entries.len()],
            suggestions: Suggestions::default(),
        }
    }

    /// Adds a finding about a key that the file `path` does not list; `kind` names what the key stands for.
    pub(super) fn unlisted<T>(
        &mut self,
        entry: usize,
        span: Span,
        key: &str,
        known: &Entries<T>,
        (kind, path): (&str, &str),
    ) {
        if self.counts[entry] >= MAX_KEPT {
            self.counts[entry] += 1;
            return;
        }
        let near = (self.found.len() < MAX_SUGGESTIONS)
            .then(|| self.suggestions.nearest_word(key, known.iter().map(|(key, _)| key)))
            .flatten();
        let help = near.map_or_else(
            || format!("add the {kind} to {path}"),
            |near| format!("did you mean `{near}`?"),
        );
        let place = near
            .and_then(|near| known.get(near))
            .map_or(Span::default(), Field::key_span);
        let listed = format!("{} are listed here", path.trim_end_matches(".yaml"));
        self.at(entry, span, format!("{path} has no `{key}`"))
            .help(help)
            .related(path, place, listed);
    }

    /// Adds a finding in the file of an entry; its place is required.
    pub(super) fn at(&mut self, entry: usize, span: Span, message: impl Into<String>) -> Finding<'_> {
        self.counts[entry] += 1;
        if self.counts[entry] > MAX_KEPT {
            return Finding(None);
        }
        let path = &self.record.entries[entry].path;
        self.push(entry, Diagnostic::new(self.code, Level::Error, path, span, message))
    }

    /// Adds a finding about a file that no longer is an entry.
    pub(super) fn at_file(&mut self, path: &str, message: impl Into<String>) -> Finding<'_> {
        let finding = Diagnostic::new(self.code, Level::Error, path, Span::default(), message);
        self.push(0, finding)
    }

    fn push(&mut self, entry: usize, finding: Diagnostic) -> Finding<'_> {
        self.found.push((entry, finding));
        Finding(self.found.last_mut().map(|(_, finding)| finding))
    }

    /// The entries with findings that are not kept, each with the number of these findings.
    pub(super) fn left_out(&self) -> impl Iterator<Item = (usize, usize)> {
        let counts = self.counts.iter().enumerate();
        counts.filter_map(|(entry, count)| Some((entry, count.checked_sub(MAX_KEPT).filter(|left| *left > 0)?)))
    }
}

/// A reported finding, to which a rule adds advice and related places; `None` if the finding is not kept.
pub(super) struct Finding<'r>(Option<&'r mut Diagnostic>);

impl Finding<'_> {
    /// Adds advice.
    pub(super) fn help(self, help: impl Into<String>) -> Self {
        self.changed(|finding| finding.help = Some(help.into()))
    }

    /// Adds advice, if there is any.
    pub(super) fn maybe_help(self, help: Option<String>) -> Self {
        self.changed(|finding| finding.help = help)
    }

    /// Adds a related place.
    pub(super) fn related(self, path: &str, span: Span, message: impl Into<String>) -> Self {
        self.changed(|finding| {
            finding.related.push(Related {
                path: path.to_owned(),
                span,
                message: message.into(),
            });
        })
    }

    fn changed(mut self, change: impl FnOnce(&mut Diagnostic)) -> Self {
        if let Some(finding) = &mut self.0 {
            change(finding);
        }
        self
    }

    /// Adds the place in the process that defines the requirement.
    pub(super) fn by(self, origin: crate::process::Origin, message: impl Into<String>) -> Self {
        self.related(origin.path, origin.span, message)
    }
}
