//! The built-in templates: their names and texts.

/// A template that a team may replace with its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Template {
    /// The executive summary, posted after each update.
    ExecutiveSummary,
    /// The incident issue's description.
    Issue,
    /// A customer's ticket.
    CustomerTicket,
    /// Words to a customer.
    CustomerUpdate,
    /// The last words to a customer, at the resolution.
    CustomerResolution,
    /// The note on a merge request.
    MergeRequest,
    /// The call for participants.
    ChatPing,
    /// The dedicated channel's topic.
    ChatChannel,
    /// A message to the business.
    ChatBroadcast,
    /// A message in the dedicated channel.
    ChatUpdate,
    /// The reminder before a promise falls due.
    Nag,
    /// The reminder after a promise fell due.
    Overdue,
    /// The reminder of a vacant role or an unrecorded step.
    Missing,
    /// The review after the incident.
    Review,
}

impl Template {
    /// Every template.
    pub const ALL: [Self; 14] = [
        Self::ExecutiveSummary,
        Self::Issue,
        Self::CustomerTicket,
        Self::CustomerUpdate,
        Self::CustomerResolution,
        Self::MergeRequest,
        Self::ChatPing,
        Self::ChatChannel,
        Self::ChatBroadcast,
        Self::ChatUpdate,
        Self::Nag,
        Self::Overdue,
        Self::Missing,
        Self::Review,
    ];

    /// The name of the template's file.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        self.shipped().0
    }

    /// The built-in text of the template.
    #[must_use]
    pub const fn text(self) -> &'static str {
        self.shipped().1
    }

    const fn shipped(self) -> (&'static str, &'static str) {
        macro_rules! file {
            ($name:literal) => {
                ($name, include_str!(concat!("../../templates/", $name)))
            };
        }
        match self {
            Self::ExecutiveSummary => file!("executive-summary.hbs"),
            Self::Issue => file!("issue.hbs"),
            Self::CustomerTicket => file!("customer-ticket.hbs"),
            Self::CustomerUpdate => file!("customer-update.hbs"),
            Self::CustomerResolution => file!("customer-resolution.hbs"),
            Self::MergeRequest => file!("merge-request.hbs"),
            Self::ChatPing => file!("slack-ping.hbs"),
            Self::ChatChannel => file!("slack-channel.hbs"),
            Self::ChatBroadcast => file!("slack-broadcast.hbs"),
            Self::ChatUpdate => file!("slack-update.hbs"),
            Self::Nag => file!("nag.hbs"),
            Self::Overdue => file!("overdue.hbs"),
            Self::Missing => file!("missing.hbs"),
            Self::Review => file!("review.hbs"),
        }
    }
}
