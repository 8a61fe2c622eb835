//! The view for the executive summary. Audience: executives.

use super::issue::outcome;
use super::{RenderContext, channel_of, line, said, time};
use crate::model::DatedText;
use crate::render::views::SummaryView;

impl RenderContext<'_> {
    /// The view for the executive summary after an entry. `channel` is the key of the channel that this program opens;
    /// `None` if it opens none.
    #[must_use]
    pub fn summary(&self, index: usize, channel: Option<&str>) -> SummaryView {
        let (entry, state) = (self.entry(index), self.state(index));
        let said = |text: &Option<DatedText>| text.as_ref().map(|text| said(text, entry.at));
        SummaryView {
            severity: line(self.process.severity_title(state.severity.as_str())),
            status: line(self.process.status_title(state.status.as_str())),
            outcome: outcome(state),
            drill: state.drill,
            title: line(&state.title),
            at: time(entry.at),
            by: self.person(&entry.by),
            current_status: said(&state.current_status),
            current_actions: said(&state.current_actions),
            next_steps: said(&state.next_steps),
            next_update: state.next_update.map(time),
            expected_restoration: state.expected_restoration.filter(|_| self.is_active(state)).map(time),
            channel: channel_of(state, channel),
            mention: self
                .process
                .gitlab_mention
                .get("executives")
                .filter(|_| !state.drill)
                .cloned(),
        }
    }
}
