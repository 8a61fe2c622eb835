//! The arguments of a call, the channel that it names, and pages of lists.

use super::*;

/// A call of a method.
pub(super) struct Call {
    pub(super) arguments: BTreeMap<String, Value>,
}

impl Call {
    pub(super) fn text(&self, name: &str) -> String {
        match self.arguments.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        }
    }

    pub(super) fn number(&self, name: &str) -> i64 {
        self.text(name).parse().unwrap_or(0)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.text(name).as_str(), "true" | "1")
    }

    pub(super) fn value(&self, name: &str) -> Value {
        self.arguments.get(name).cloned().unwrap_or_default()
    }

    /// The most items that a page may have.
    pub(super) fn limit(&self, state: &Workspace, standard: usize) -> usize {
        let asked = usize::try_from(self.number("limit")).unwrap_or(0);
        let asked = if asked == 0 { standard } else { asked };
        state.page_limit.map_or(asked, |most| asked.min(most))
    }

    /// The place of a channel that the bot may see.
    pub(super) fn seen(&self, state: &Workspace) -> Result<usize, String> {
        let id = self.text("channel");
        let at = state.rooms.iter().position(|room| room.id == id);
        let at = at.ok_or("channel_not_found")?;
        let room = &state.rooms[at];
        if room.private && !room.members.contains(BOT_USER) {
            return Err("channel_not_found".into());
        }
        Ok(at)
    }

    /// The place of a channel in which the bot is.
    pub(super) fn own(&self, state: &Workspace) -> Result<usize, String> {
        let at = self.seen(state)?;
        if state.rooms[at].archived {
            return Err("is_archived".into());
        }
        if !state.rooms[at].members.contains(BOT_USER) {
            return Err("not_in_channel".into());
        }
        Ok(at)
    }
}

/// A page of a list, and the cursor of the next one.
pub(super) fn page<T: Clone>(all: &[T], call: &Call, limit: usize) -> Result<(Vec<T>, String), String> {
    let cursor = call.text("cursor");
    let start = if cursor.is_empty() {
        0
    } else {
        let number = cursor.strip_prefix("dXNlc").and_then(|number| number.parse().ok());
        number.ok_or("invalid_cursor")?
    };
    let end = all.len().min(start + limit);
    let next = if end < all.len() {
        format!("dXNlc{end}")
    } else {
        String::new()
    };
    Ok((all[start.min(end)..end].to_vec(), next))
}
