//! The data that templates render, one type for each audience.
//!
//! *Invariant*: every text in a view is already escaped, so that no template can forget it; and a view for a customer
//! has no field for internal words or for another customer, so that no template can leak them.

use schemars::JsonSchema;
use serde::Serialize;

/// A text of the last entry or of an earlier one, with the earlier entry's time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct TextWithTime {
    /// The words, as a block.
    pub text: String,
    /// The time of the earlier entry with the text; `None` if this entry has it.
    pub since: Option<String>,
}

/// The data of the executive summary after an entry. Audience: executives.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct SummaryView {
    /// The severity's name.
    pub severity: String,
    /// The status's name.
    pub status: String,
    /// Why the incident ended without a resolution; `None` if it did not.
    pub outcome: Option<String>,
    /// Whether the incident is a drill.
    pub drill: bool,
    /// The incident's title.
    pub title: String,
    /// When the entry was made.
    pub at: String,
    /// The author of the entry.
    pub by: String,
    /// *Current Status of Incident*.
    pub current_status: Option<TextWithTime>,
    /// *Current Actions being performed*.
    pub current_actions: Option<TextWithTime>,
    /// *Next steps*.
    pub next_steps: Option<TextWithTime>,
    /// *Next Update*.
    pub next_update: Option<String>,
    /// When service is expected back.
    pub expected_restoration: Option<String>,
    /// *Link to Slack channel*.
    pub channel: Option<String>,
    /// The users or groups to mention, from process.yaml.
    pub mention: Option<String>,
}

/// The data of the incident issue's description and of the review. Audience: internal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct IssueView {
    /// The incident's id.
    pub id: String,
    /// The incident's title.
    pub title: String,
    /// The severity's name.
    pub severity: String,
    /// The status's name.
    pub status: String,
    /// The time since which the status applies.
    pub status_since: String,
    /// Whether the incident is a drill.
    pub drill: bool,
    /// Why the incident ended without a resolution; `None` if it did not.
    pub outcome: Option<String>,
    /// When it was declared.
    pub declared_at: String,
    /// The person who declared it.
    pub declared_by: String,
    /// How long the incident lasted, or that it is running.
    pub lasted: String,
    /// When the trouble started.
    pub started_at: Option<String>,
    /// When it was noticed.
    pub detected_at: Option<String>,
    /// When it ended.
    pub ended_at: Option<String>,
    /// The degradation.
    pub degradation: Option<String>,
    /// What customers can do instead.
    pub workaround: Option<String>,
    /// What customers see.
    pub symptoms: Option<String>,
    /// The latest text on the current status.
    pub current_status: Option<TextWithTime>,
    /// Roles in the order of the process.
    pub roles: Vec<RoleLine>,
    /// The time of the promised update to the business.
    pub next_update: Option<String>,
    /// The time of the promised update to customers.
    pub customer_next_update: Option<String>,
    /// Whether the update to the business is overdue.
    pub overdue: bool,
    /// Whether the update to customers is overdue.
    pub customer_overdue: bool,
    /// The hold on words to customers; `None` if they are not held.
    pub held: Option<CustomerMessagesHold>,
    /// The dedicated channel.
    pub channel: Option<String>,
    /// The words for customers that are not listed by name.
    pub customers_note: Option<String>,
    /// Customers, in the order in which they were named.
    pub customers: Vec<CustomerLine>,
    /// Steps in the order of the process.
    pub steps: Vec<StepLine>,
    /// The number of timeline points that are not shown.
    pub earlier: Option<usize>,
    /// Points of the timeline, sorted by time.
    pub timeline: Vec<PointLine>,
    /// Promises kept.
    pub kept: usize,
    /// Promises missed.
    pub missed: usize,
    /// Promises to the business.
    pub promises: Vec<PromiseLine>,
    /// The last few promises to the business.
    pub last_promises: Vec<PromiseLine>,
    /// Promises to customers kept.
    pub customer_kept: usize,
    /// Promises to customers missed.
    pub customer_missed: usize,
    /// Promises to customers.
    pub customer_promises: Vec<PromiseLine>,
    /// The numbers of targets that were met and missed, in words; `None` if the severities have no targets.
    pub target_numbers: Option<String>,
    /// The targets that were missed or are overdue.
    pub late_targets: Vec<TargetLine>,
    /// All targets.
    pub targets: Vec<TargetLine>,
    /// Why customers who were told get no last words from this program; `None` if they get some.
    pub told_otherwise: Option<String>,
    /// Named links.
    pub links: Vec<LinkLine>,
    /// Rules that are overridden.
    pub overrides: Vec<OverrideLine>,
}

/// A role and its holders.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct RoleLine {
    /// The role's name.
    pub title: String,
    /// Names, or none.
    pub people: Option<String>,
}

/// The hold on words to customers: since when and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct CustomerMessagesHold {
    /// The time since which words are held.
    pub since: String,
    /// The reason.
    pub why: String,
}

/// A customer's state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct CustomerLine {
    /// The customer's name.
    pub name: String,
    /// The state of the customer: affected, restored since a time, or removed from the list.
    pub state: String,
    /// The ticket.
    pub ticket: Option<String>,
}

/// A step's state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct StepLine {
    /// A sign for the step's state.
    pub mark: String,
    /// What is done.
    pub title: String,
    /// The person who did the step, and the evidence.
    pub note: Option<String>,
}

/// A point of the timeline.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct PointLine {
    /// The time of the point.
    pub at: String,
    /// What happened.
    pub what: String,
}

/// A promise and its outcome.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct PromiseLine {
    /// When it fell due.
    pub due: String,
    /// The customer to whom it was made; `None` if it was made to the business or to all customers at once.
    pub customer: Option<String>,
    /// The outcome of the promise.
    pub end: String,
}

/// A target of a severity and its outcome.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct TargetLine {
    /// The part of the work.
    pub title: String,
    /// The customer, for the targets of each customer.
    pub customer: Option<String>,
    /// When it fell due.
    pub due: String,
    /// The outcome of the target, with the time by which it was missed.
    pub end: String,
    /// The role that sees to it, with its holders at that time; `None` if anybody does.
    pub who: Option<String>,
}

/// A named link.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct LinkLine {
    /// The name.
    pub name: String,
    /// The address.
    pub link: String,
}

/// An overridden rule.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct OverrideLine {
    /// The code of the rule.
    pub rule: String,
    /// The reason.
    pub reason: String,
}

/// The data of a customer's ticket or note. Audience: that customer. No internal field, no other customer, no person's name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct CustomerView {
    /// When the entry was made.
    pub at: String,
    /// When the trouble started.
    pub since: Option<String>,
    /// What customers see.
    pub symptoms: Option<String>,
    /// The words of the update.
    pub message: Option<String>,
    /// The time of the promised update to customers.
    pub next_update: Option<String>,
}

/// The data of a message in Slack. Audience: internal. Texts are escaped for Slack, not for Markdown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ChatView {
    /// The users or groups to mention, from process.yaml.
    pub mention: Option<String>,
    /// Whether the incident is a drill.
    pub drill: bool,
    /// The severity's name.
    pub severity: String,
    /// The status's name.
    pub status: String,
    /// Why the incident ended without a resolution; `None` if it did not.
    pub outcome: Option<String>,
    /// The incident's title.
    pub title: String,
    /// When the entry was made.
    pub at: String,
    /// The author of the entry.
    pub by: String,
    /// Words on the status.
    pub current_status: Option<String>,
    /// Words on the actions.
    pub current_actions: Option<String>,
    /// Words on the next steps.
    pub next_steps: Option<String>,
    /// The other changes of the entry.
    pub changes: Vec<String>,
    /// The promise.
    pub next_update: Option<String>,
    /// The dedicated channel.
    pub channel: Option<String>,
    /// The incident issue.
    pub issue: String,
    /// Whether the incident is closed, so that this is the last message.
    pub closed: bool,
}

/// The data of a reminder of a promise. Audience: internal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct PromiseView {
    /// Whether the incident is a drill.
    pub drill: bool,
    /// The incident's title.
    pub title: String,
    /// When the update is due.
    pub due: String,
    /// Whether the update is promised to the business.
    pub business: bool,
    /// The customers to whom the update is promised; `None` if it is promised to the business alone.
    pub customers: Option<String>,
    /// The people who are reminded.
    pub who: String,
}

/// The data of a reminder of a vacant role or an unrecorded step. Audience: internal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct MissingView {
    /// Whether a role is missing rather than a step.
    pub role: bool,
    /// The name of the role or of the step.
    pub what: String,
    /// The time since which it is missing.
    pub since: String,
    /// The people who are reminded.
    pub who: String,
}

/// The data of the note on a merge request. Audience: internal; the texts that others will read are in the previews.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct MergeRequestView {
    /// One line that says what this merge request does.
    pub headline: String,
    /// The findings of the check.
    pub findings: Vec<FindingLine>,
    /// The changes of incidents.
    pub changes: Vec<ChangeLine>,
    /// One sentence about what the plan was compared with.
    pub observed: Option<String>,
    /// The effects of merging.
    pub effects: Vec<EffectLine>,
    /// The number of customers who read something, in words.
    pub reach: Option<String>,
    /// The exact words that executives and customers will read.
    pub previews: Vec<Preview>,
}

/// A finding.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
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
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ChangeLine {
    /// The incident.
    pub incident: String,
    /// The changes, in words.
    pub what: String,
}

/// An effect.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct EffectLine {
    /// What is done.
    pub action: String,
    /// The kind of object.
    pub kind: String,
    /// Who reads it.
    pub audience: String,
    /// The place of the object.
    pub to: String,
    /// The reason.
    pub why: String,
}

/// The exact words of one effect, as its readers will see them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Preview {
    /// The effect and its readers.
    pub title: String,
    /// The words, as a block.
    pub body: String,
}
