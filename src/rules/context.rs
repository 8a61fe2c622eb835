//! What a rule sees, and where it reports.

use super::places::place_of;
pub(super) use super::places::{author_span, customers, items, pairs, people, time_span, value_span};
use super::text::Names;
use crate::changes::IncidentChange;
use crate::diagnostics::{Diagnostic, Level, Related, suggest};
use crate::model::{
    CustomerKey, Customers, Directory, Entries, Entry, History, Record, RecordEntry, RoleKey, State, Timestamp,
};
use crate::process::{Process, Severity, StatusKind, Step, StepEffect};
use crate::span::{Field, Span};

pub(super) use crate::model::directory::{CUSTOMERS_PATH as CUSTOMERS, PEOPLE_PATH as PEOPLE};

/// What all incidents of a run are held against.
pub struct CheckContext<'a> {
    /// The process that applies.
    pub process: &'a Process,
    /// People and customers.
    pub directory: &'a Directory,
    /// The time of the check.
    pub now: Timestamp,
    /// Users on GitLab who stand behind the change, its author first; empty where nobody was asked.
    pub actors: Vec<String>,
    /// Names that a text for customers may not hold.
    pub(super) names: Names<'a>,
}

impl<'a> CheckContext<'a> {
    /// The world at a time.
    #[must_use]
    pub fn new(process: &'a Process, directory: &'a Directory, now: Timestamp) -> Self {
        let names = Names::new(directory);
        Self {
            process,
            directory,
            now,
            actors: Vec::new(),
            names,
        }
    }
}

/// One incident, and all that a rule may know of the world.
pub struct IncidentContext<'a> {
    /// The process that applies.
    pub(super) process: &'a Process,
    /// People and customers.
    pub(super) directory: &'a Directory,
    /// The time of the check.
    pub(super) now: Timestamp,
    /// Users on GitLab who stand behind the change, its author first; empty where nobody was asked.
    pub(super) actors: &'a [String],
    /// The record.
    pub(super) record: &'a Record,
    /// The record, folded by the process.
    pub(super) history: &'a History,
    /// Names that a text for customers may not hold.
    pub(super) names: &'a Names<'a>,
    /// The gates that each entry passes.
    gates: Vec<Vec<Gate>>,
}

/// An incident that changed.
#[derive(Clone, Copy)]
pub struct ChangeContext<'a> {
    /// The incident after the change.
    pub incident: &'a IncidentContext<'a>,
    /// What changed.
    pub change: &'a IncidentChange,
}

/// A change that matters: some rules are errors where an entry passes it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Gate {
    /// The incident is declared.
    Declaration,
    /// Words go to customers.
    CustomerWords,
    /// The severity changes.
    Reclassification,
    /// An active incident is resolved.
    Resolution,
    /// An incident is closed.
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

/// One entry with the states around it.
#[derive(Clone, Copy)]
pub(super) struct Turn<'a> {
    /// Its index in the record.
    pub(super) index: usize,
    /// The file.
    pub(super) file: &'a RecordEntry,
    /// What it says.
    pub(super) entry: &'a Entry,
    /// The state before; none before the declaration.
    pub(super) before: Option<&'a State>,
    /// The state after.
    pub(super) after: &'a State,
}

impl<'a> IncidentContext<'a> {
    /// A record, folded by the world's process.
    #[must_use]
    pub fn new(world: &'a CheckContext<'a>, record: &'a Record, history: &'a History) -> Self {
        let mut incident = Self {
            process: world.process,
            directory: world.directory,
            now: world.now,
            actors: &world.actors,
            record,
            history,
            names: &world.names,
            gates: Vec::new(),
        };
        incident.gates = incident.entries().map(|turn| incident.passes(turn)).collect();
        incident
    }

    /// The entries with the states around them.
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

    /// The severity of a state, where the process knows it.
    pub(super) fn severity(&self, state: &State) -> Option<&'a Severity> {
        self.process.severity(state.severity.as_str())
    }

    /// The names of roles, as alternatives.
    pub(super) fn role_titles(&self, roles: &[RoleKey]) -> String {
        let titles: Vec<_> = roles
            .iter()
            .map(|role| self.process.role_title(role.as_str()))
            .collect();
        titles.join(" or ")
    }

    /// The step of a severity that tells customers by tickets.
    pub(super) fn ticket_step(&self, state: &State) -> Option<&'a Step> {
        let severity = self.severity(state)?;
        severity
            .steps
            .iter()
            .find(|step| step.effect == Some(StepEffect::Tickets))
    }

    /// Whether the incident is running.
    pub(super) fn is_active(&self, state: &State) -> bool {
        self.process.status_kind(&state.status) == StatusKind::Active
    }

    /// Whether the incident is closed for good.
    pub(super) fn is_closed(&self, state: &State) -> bool {
        self.process.status_kind(&state.status) == StatusKind::Closed
    }

    /// Whether the program carries out this step, so that it needs nobody's evidence.
    pub(super) fn is_automated(&self, step: &Step, state: &State) -> bool {
        match step.effect {
            None => false,
            Some(StepEffect::Tickets) => match &state.customers {
                Customers::Listed(list) => list.iter().all(|customer| self.has_ticket(state, customer)),
                Customers::Unknown | Customers::All => false,
            },
            Some(_) => true,
        }
    }

    /// Whether there is a place for this customer's ticket: an adopted one, a project, or nobody who says otherwise.
    pub(super) fn has_ticket(&self, state: &State, customer: &CustomerKey) -> bool {
        state.tickets.contains_key(customer)
            || self.directory.customers.is_none()
            || self
                .directory
                .customer(customer.as_str())
                .is_some_and(|known| known.tickets.get().is_some())
    }

    /// The gates that an entry passes.
    #[must_use]
    pub fn gates(&self, index: usize) -> &[Gate] {
        self.gates.get(index).map_or(&[], Vec::as_slice)
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
    /// Where an entry changes the status, or the file's first field.
    pub(super) fn status_span(&self) -> Span {
        place_of(&self.entry.status).unwrap_or_else(|| self.by_span())
    }

    /// Whether the author holds one of these roles, before or after the entry: a hand-over may be written by either side.
    pub(super) fn author_holds(&self, roles: &[RoleKey]) -> bool {
        let states = self.before.into_iter().chain([self.after]);
        let mut holders = states.flat_map(|state| roles.iter().flat_map(|role| state.holders(role.as_str())));
        holders.any(|person| *person == self.file.by)
    }

    /// The place of who holds a role by this entry.
    pub(super) fn role_span(&self, role: &str) -> Span {
        value_span(&self.entry.roles, role)
    }

    /// The place of the author.
    pub(super) fn by_span(&self) -> Span {
        author_span(self.entry)
    }
}

/// Where a rule puts its findings.
pub struct FindingSink<'a> {
    pub(super) code: &'static str,
    pub(super) record: &'a Record,
    pub(super) found: Vec<(usize, Diagnostic)>,
}

impl FindingSink<'_> {
    /// Adds a finding about a key that a list in the file `path` does not have; `kind` is what it would be the key of.
    pub(super) fn unlisted<T>(
        &mut self,
        entry: usize,
        span: Span,
        key: &str,
        known: &Entries<T>,
        (kind, path): (&str, &str),
    ) {
        let near = suggest::nearest_word(key, known.iter().map(|(key, _)| key));
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

    /// Adds a finding in the file of an entry; the place is not optional.
    pub(super) fn at(&mut self, entry: usize, span: Span, message: impl Into<String>) -> Finding<'_> {
        let path = &self.record.entries[entry].path;
        self.found
            .push((entry, Diagnostic::new(self.code, Level::Error, path, span, message)));
        let last = self.found.len() - 1;
        Finding(&mut self.found[last].1)
    }

    /// Adds a finding about a file that is not an entry any more.
    pub(super) fn at_file(&mut self, path: &str, message: impl Into<String>) -> Finding<'_> {
        self.found.push((
            0,
            Diagnostic::new(self.code, Level::Error, path, Span::default(), message),
        ));
        let last = self.found.len() - 1;
        Finding(&mut self.found[last].1)
    }
}

/// A finding that has been reported, to be told more of.
pub(super) struct Finding<'r>(&'r mut Diagnostic);

impl Finding<'_> {
    /// What to do instead.
    pub(super) fn help(self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// What to do instead, if there is something to say.
    pub(super) fn maybe_help(self, help: Option<String>) -> Self {
        self.0.help = help;
        self
    }

    /// Another place that matters to it.
    pub(super) fn related(self, path: &str, span: Span, message: impl Into<String>) -> Self {
        self.0.related.push(Related {
            path: path.to_owned(),
            span,
            message: message.into(),
        });
        self
    }

    /// The line of the process that it goes by.
    pub(super) fn by(self, origin: crate::process::Origin, message: impl Into<String>) -> Self {
        self.related(origin.path, origin.span, message)
    }
}
