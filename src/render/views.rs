//! What a template gets to see, one type for each audience.
//!
//! *Invariant*: every text in a view is escaped already, so that no template can do it wrong; and a view for a customer
//! has no field for internal words or for another customer, so that no template can leak them.

use serde::Serialize;

/// A text, and since when it stands, where that was an earlier entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Said {
    /// The words, as a block.
    pub text: String,
    /// The time of the entry that said it; none where it is this one.
    pub since: Option<String>,
}

/// The executive summary after an entry. Audience: executives.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SummaryView {
    /// The severity's name.
    pub severity: String,
    /// The status's name.
    pub status: String,
    /// An exercise.
    pub drill: bool,
    /// The incident's title.
    pub title: String,
    /// When the entry was made.
    pub at: String,
    /// Who made it.
    pub by: String,
    /// *Current Status of Incident*.
    pub current_status: Option<Said>,
    /// *Current Actions being performed*.
    pub current_actions: Option<Said>,
    /// *Next steps*.
    pub next_steps: Option<Said>,
    /// *Next Update*.
    pub next_update: Option<String>,
    /// When service is expected back.
    pub expected_restoration: Option<String>,
    /// *Link to Slack channel*.
    pub channel: Option<String>,
    /// Who is mentioned, from process.yaml.
    pub mention: Option<String>,
}

/// The incident issue's description. Audience: internal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct IssueView {
    /// The incident's id.
    pub id: String,
    /// The incident's title.
    pub title: String,
    /// The severity's name.
    pub severity: String,
    /// The status's name.
    pub status: String,
    /// Since when.
    pub status_since: String,
    /// An exercise.
    pub drill: bool,
    /// Why it ended without having been resolved.
    pub outcome: Option<String>,
    /// When it was declared.
    pub declared_at: String,
    /// By whom.
    pub declared_by: String,
    /// How long it lasted, or that it is running.
    pub lasted: String,
    /// When the trouble started.
    pub started_at: Option<String>,
    /// When it was noticed.
    pub detected_at: Option<String>,
    /// When it ended.
    pub ended_at: Option<String>,
    /// How badly.
    pub degradation: Option<String>,
    /// What customers can do instead.
    pub workaround: Option<String>,
    /// What customers see.
    pub symptoms: Option<String>,
    /// The last words on the status.
    pub current_status: Option<Said>,
    /// Roles in the order of the process.
    pub roles: Vec<RoleLine>,
    /// The promise to the business.
    pub next_update: Option<String>,
    /// The promise to customers.
    pub customer_next_update: Option<String>,
    /// Words to customers are held.
    pub held: Option<Held>,
    /// The dedicated channel.
    pub channel: Option<String>,
    /// For customers that are not listed.
    pub customers_note: Option<String>,
    /// Customers, as they were named.
    pub customers: Vec<CustomerLine>,
    /// Steps in the order of the process.
    pub steps: Vec<StepLine>,
    /// How many points are not shown.
    pub earlier: Option<usize>,
    /// Points by time.
    pub timeline: Vec<PointLine>,
    /// Promises kept.
    pub kept: usize,
    /// Promises missed.
    pub missed: usize,
    /// Promises to the business.
    pub promises: Vec<PromiseLine>,
    /// The last few of them.
    pub last_promises: Vec<PromiseLine>,
    /// Promises to customers kept.
    pub customer_kept: usize,
    /// Promises to customers missed.
    pub customer_missed: usize,
    /// Promises to customers.
    pub customer_promises: Vec<PromiseLine>,
    /// Named links.
    pub links: Vec<LinkLine>,
    /// Rules set aside.
    pub overrides: Vec<OverrideLine>,
}

/// A role and who holds it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct RoleLine {
    /// The role's name.
    pub title: String,
    /// Names, or none.
    pub people: Option<String>,
}

/// Why words to customers are held.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Held {
    /// Since when.
    pub since: String,
    /// Why.
    pub why: String,
}

/// A customer's state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CustomerLine {
    /// The customer's name.
    pub name: String,
    /// Affected, restored since when, or taken off the list.
    pub state: String,
    /// The ticket.
    pub ticket: Option<String>,
}

/// A step's state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct StepLine {
    /// A sign.
    pub mark: String,
    /// What is done.
    pub title: String,
    /// By whom and with what evidence.
    pub note: Option<String>,
}

/// A point of the timeline.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PointLine {
    /// When.
    pub at: String,
    /// What happened.
    pub what: String,
}

/// A promise and its end.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PromiseLine {
    /// When it fell due.
    pub due: String,
    /// How it ended.
    pub end: String,
}

/// A named link.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct LinkLine {
    /// Its name.
    pub name: String,
    /// The address.
    pub link: String,
}

/// A rule set aside.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OverrideLine {
    /// Its code.
    pub rule: String,
    /// Why.
    pub reason: String,
}

/// What one customer reads. Audience: that customer. No internal field, no other customer, no name of a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CustomerView {
    /// When the entry was made.
    pub at: String,
    /// When the trouble started.
    pub since: Option<String>,
    /// What customers see.
    pub symptoms: Option<String>,
    /// The words of the update.
    pub message: Option<String>,
    /// The promise to customers.
    pub next_update: Option<String>,
}

/// A message in Slack. Audience: internal. Texts are escaped for Slack, not for Markdown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ChatView {
    /// Who is mentioned, from process.yaml.
    pub mention: Option<String>,
    /// An exercise.
    pub drill: bool,
    /// The severity's name.
    pub severity: String,
    /// The status's name.
    pub status: String,
    /// The incident's title.
    pub title: String,
    /// When the entry was made.
    pub at: String,
    /// Who made it.
    pub by: String,
    /// Words on the status.
    pub current_status: Option<String>,
    /// Words on the actions.
    pub current_actions: Option<String>,
    /// Words on the next steps.
    pub next_steps: Option<String>,
    /// What else the entry changed.
    pub changes: Vec<String>,
    /// The promise.
    pub next_update: Option<String>,
    /// The dedicated channel.
    pub channel: Option<String>,
    /// The incident issue.
    pub issue: String,
    /// These are the last words.
    pub closed: bool,
}

/// A reminder of a promise. Audience: internal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PromiseView {
    /// An exercise.
    pub drill: bool,
    /// The incident's title.
    pub title: String,
    /// When the update is due.
    pub due: String,
    /// Who is asked for it.
    pub who: String,
}

/// Something that the process asks for and that is not there in time. Audience: internal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct MissingView {
    /// A role, rather than a step.
    pub role: bool,
    /// Its name.
    pub what: String,
    /// Since when it should be there.
    pub since: String,
    /// Who is asked for it.
    pub who: String,
}

/// The note on a merge request. Audience: internal; the texts that others will read are in the previews.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct MergeRequestView {
    /// One line: what this merge request does.
    pub headline: String,
    /// What the check found.
    pub findings: Vec<FindingLine>,
    /// What changes.
    pub changes: Vec<ChangeLine>,
    /// Against what the plan was made.
    pub observed: Option<String>,
    /// What merging does.
    pub effects: Vec<EffectLine>,
    /// How many customers it reaches.
    pub reach: Option<String>,
    /// The words, as they will be read.
    pub previews: Vec<Preview>,
}

/// A finding.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FindingLine {
    /// Error, warning or note.
    pub level: String,
    /// The rule's code.
    pub code: String,
    /// File and line.
    pub place: String,
    /// What is wrong.
    pub message: String,
}

/// A change of an incident.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ChangeLine {
    /// The incident.
    pub incident: String,
    /// What changes.
    pub what: String,
}

/// An effect.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct EffectLine {
    /// What is done.
    pub action: String,
    /// With what.
    pub kind: String,
    /// Who reads it.
    pub audience: String,
    /// Where.
    pub to: String,
    /// Why.
    pub why: String,
}

/// Words as they will be read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Preview {
    /// Whose words.
    pub title: String,
    /// The words, as a block.
    pub body: String,
}
