//! Faults: why a request to GitLab has no usable answer, and what to do.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use serde_json::Value;

use crate::transport::{TransportError, header};

/// The largest number of characters of an error's body that are shown.
const MAX_SHOWN: usize = 300;

/// Why a request to GitLab has no usable answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The server refused the request and did not carry it out.
    Refused {
        /// The status.
        status: u16,
        /// The server's message, cut at a fixed length.
        message: String,
    },
    /// The requested object was moved to another address.
    Moved(String),
    /// The server was not reached and did not carry out the request.
    Unreachable(String),
    /// The request timed out or the server failed; the request may have been carried out.
    Lost(String),
    /// The answer has a form that GitLab does not send.
    Odd(String),
    /// The answer is larger than an answer may be; the request may have been carried out.
    TooLarge,
    /// The server asks to wait this long before a write and did not carry it out.
    Limited(Duration),
    /// Another run may have taken the lock, so nothing more is written.
    Overtaken(String),
}

impl Fault {
    /// The HTTP status of a refusal; `None` for other faults.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The same fault with stars for the token, which a server may repeat in its message.
    #[must_use]
    pub(super) fn without(mut self, token: Option<&str>) -> Self {
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            return self;
        };
        if let Self::Refused { message: text, .. }
        | Self::Moved(text)
        | Self::Unreachable(text)
        | Self::Lost(text)
        | Self::Odd(text)
        | Self::Overtaken(text) = &mut self
        {
            *text = text.replace(token, "***");
        }
        self
    }

    /// Whether the server may have carried out the request despite the fault.
    #[must_use]
    pub const fn may_have_succeeded(&self) -> bool {
        matches!(self, Self::Lost(_) | Self::Odd(_) | Self::TooLarge)
    }

    /// Whether only one object cannot be read, so that others still can.
    pub(super) const fn is_of_one_object(&self) -> bool {
        matches!(
            self,
            Self::Odd(_) | Self::TooLarge | Self::Lost(_) | Self::Refused { status: 403..=405, .. }
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { status: 401, message } => write!(
                f,
                "GitLab does not accept the token ({message}): it is expired, revoked or of another server; put a new one \
                 into the variable GITLAB_TOKEN"
            ),
            Self::Refused { status: 403, message } => write!(
                f,
                "the token has no right to do this ({message}): it needs the scope `api` and at least the role Reporter \
                 in this project; `incidentctl doctor` says what is missing"
            ),
            Self::Refused { status: 404, message } => write!(
                f,
                "GitLab finds nothing there, or the token may not see it ({message}): check the project's path, and that \
                 the token's user is a member"
            ),
            Self::Refused { status: 429, message } => write!(
                f,
                "GitLab asks to wait for longer than this run may ({message}); run again later"
            ),
            Self::Refused { status, message } => write!(f, "GitLab refuses ({status}): {message}"),
            Self::Moved(to) => write!(
                f,
                "the project has moved to {to}: write its new path where the old one stands"
            ),
            Self::Unreachable(why) => write!(f, "GitLab cannot be reached: {why}"),
            Self::Lost(why) => write!(f, "the answer is lost: {why}"),
            Self::TooLarge => write!(f, "the answer is larger than 64 MiB"),
            Self::Odd(why) => write!(f, "the answer is not one of GitLab's: {why}"),
            Self::Limited(pause) => write!(
                f,
                "GitLab asks to wait for {} s, which is longer than this run may: run again later",
                pause.as_secs()
            ),
            Self::Overtaken(why) => write!(
                f,
                "this run was too slow and another may have taken over ({why}): run again"
            ),
        }
    }
}

impl std::error::Error for Fault {}

/// Converts an unsuccessful answer to a fault.
pub(super) fn fault(answer: &Response<Bytes>) -> Fault {
    let status = answer.status();
    if status.is_redirection() {
        let to = header(answer.headers(), "location").unwrap_or("a place that it does not name");
        return Fault::Moved(to.chars().take(MAX_SHOWN).collect());
    }
    let message = message(answer.body());
    if status.is_server_error() {
        return Fault::Lost(format!("the server failed with {}: {message}", status.as_u16()));
    }
    Fault::Refused {
        status: status.as_u16(),
        message,
    }
}

/// The message in an error's body, in any of GitLab's forms, on one line and cut at a fixed length. The body may not be JSON,
/// because proxies answer too.
fn message(body: &[u8]) -> String {
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(value) => said(&value),
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    };
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_SHOWN)
        .collect();
    if line.trim().is_empty() {
        "no reason given".to_owned()
    } else {
        line.trim().to_owned()
    }
}

fn said(value: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let parts = ["message", "error", "error_description"];
    let said: Vec<String> = parts.iter().filter_map(|name| value.get(name)).map(text).collect();
    if said.is_empty() { text(value) } else { said.join(", ") }
}

impl From<TransportError> for Fault {
    fn from(broken: TransportError) -> Self {
        match broken {
            TransportError::Unreachable(why) => Self::Unreachable(why),
            TransportError::Lost(why) => Self::Lost(why),
            TransportError::TooLarge => Self::TooLarge,
        }
    }
}
