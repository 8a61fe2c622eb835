//! The one place that sends requests to Slack.
//!
//! Slack answers 200 with `ok: false` where it refuses: <https://docs.slack.dev/apis/web-api/#responses>.
//!
//! *Invariants*: a request that creates an object is repeated only if Slack has certainly not carried it out. The token is sent
//! only to the address that the client was built with, and is in no message.

use std::cell::Cell;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode};
use serde_json::Value;
use url::Url;

use crate::transport::{self, AttemptError, Cost, Transport, TransportError, TransportSettings, header};

/// The wait for a rate limit that names no time: <https://docs.slack.dev/apis/web-api/rate-limits> counts by the minute.
const LIMIT_INTERVAL: Duration = Duration::from_secs(60);
/// The number of calls without an answer after which this run sends nothing more to Slack.
const SILENT: u32 = 3;
/// The largest number of characters of Slack's words that are shown.
const MAX_SHOWN: usize = 200;

/// The settings of a connection to Slack: address, token and time-outs.
#[derive(Clone)]
pub struct Settings {
    /// The address of its Web API, such as `https://slack.com/api/`.
    pub api: Url,
    /// The token of a bot.
    pub token: String,
    /// Connection time-outs and the trusted certificate authority.
    pub terms: TransportSettings,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Settings({})", self.api)
    }
}

/// Why a request to Slack has no usable answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Slack refused the request and did not carry it out.
    Refused {
        /// Slack's word for the reason.
        error: String,
        /// The missing scope; `None` if Slack names none.
        needed: Option<String>,
    },
    /// Slack was not reached and did not carry out the request.
    Unreachable(String),
    /// The request timed out or Slack failed; the request may have been carried out.
    Lost(String),
    /// Slack asks to wait this long and did not carry out the request.
    Limited(Duration),
}

impl Fault {
    /// Slack's word for the reason of a refusal; `None` for other faults.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        match self {
            Self::Refused { error, .. } => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { error, needed } => match error.as_str() {
                "invalid_auth" | "not_authed" | "account_inactive" | "token_revoked" | "token_expired" => write!(
                    f,
                    "Slack does not accept the token ({error}): put the bot token of the app (`xoxb-…`) into the variable \
                     SLACK_BOT_TOKEN"
                ),
                "missing_scope" => write!(
                    f,
                    "the Slack app lacks the scope `{}`: add it, and install the app again",
                    needed.as_deref().unwrap_or("that this needs")
                ),
                _ => write!(f, "Slack refuses: {error}"),
            },
            Self::Unreachable(why) => write!(f, "Slack cannot be reached: {why}"),
            Self::Lost(why) => write!(f, "Slack's answer is lost: {why}"),
            Self::Limited(pause) => write!(
                f,
                "Slack asks to wait for {} s, which is longer than this run may: run again later",
                pause.as_secs()
            ),
        }
    }
}

impl std::error::Error for Fault {}

/// The arguments of a call.
#[derive(Clone, Debug)]
pub enum Arguments {
    /// The arguments of a reading method, as a form, which every method accepts.
    Form(Vec<(&'static str, String)>),
    /// The arguments of a writing method, as JSON.
    Json(Value),
}

/// Whether a request may be sent again after a time-out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RetryAfterTimeout {
    /// The request changes nothing, or repeating it has no further effect.
    Allowed,
    /// The request creates a new object.
    Forbidden,
}

/// A client of one Slack workspace.
#[derive(Debug)]
pub struct Client {
    transport: Transport,
    api: Url,
    /// The number of consecutive calls without an answer.
    silent: Cell<u32>,
}

impl Client {
    /// Creates a client without sending a request.
    ///
    /// # Errors
    /// Fails if the certificate or the token cannot be used.
    pub fn new(settings: Settings) -> anyhow::Result<Self> {
        let mut headers = HeaderMap::new();
        let bearer = format!("Bearer {}", settings.token.trim());
        headers.insert(http::header::AUTHORIZATION, transport::secret_header_value(&bearer)?);
        let mut api = settings.api;
        if !api.path().ends_with('/') {
            api.set_path(&format!("{}/", api.path()));
        }
        Ok(Self {
            transport: Transport::new(headers, &settings.terms)?,
            api,
            silent: Cell::new(0),
        })
    }

    /// The requests and the waiting time of this run so far.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.transport.cost()
    }

    /// Calls a method and returns its answer.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn call(&self, method: &str, arguments: &Arguments, retry: RetryAfterTimeout) -> Result<Value, Fault> {
        self.call_with_headers(method, arguments, retry).map(|(value, _)| value)
    }

    /// Calls a method and returns its answer with its headers.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn call_with_headers(
        &self,
        method: &str,
        arguments: &Arguments,
        retry: RetryAfterTimeout,
    ) -> Result<(Value, HeaderMap), Fault> {
        let url = self
            .api
            .join(method)
            .map_err(|error| Fault::Unreachable(error.to_string()))?;
        let writes = matches!(arguments, Arguments::Json(_));
        if self.silent.get() >= SILENT {
            return Err(Fault::Unreachable("it did not answer before in this run".to_owned()));
        }
        let answer = self.transport.retry(writes, Fault::Limited, |attempt| {
            let answer = self
                .transport
                .send_once(&Method::POST, url.clone(), writes, Some(body(arguments)));
            let (fault, pause) = match answer {
                Ok(answer) => match read(&answer) {
                    Ok(value) => return Ok((value, answer.headers().clone())),
                    Err(fault) => (fault, transport::backoff(attempt)),
                },
                Err(TransportError::Unreachable(why)) => (Fault::Unreachable(why), transport::backoff(attempt)),
                Err(TransportError::Lost(why)) => (Fault::Lost(why), transport::backoff(attempt)),
                Err(TransportError::TooLarge) => (
                    Fault::Lost("it is larger than 64 MiB".to_owned()),
                    transport::backoff(attempt),
                ),
            };
            let (retry, pause) = match &fault {
                Fault::Limited(asked) => (true, *asked + transport::backoff(0)),
                Fault::Unreachable(_) => (true, pause),
                Fault::Lost(_) => (retry == RetryAfterTimeout::Allowed, pause),
                Fault::Refused { .. } => (false, pause),
            };
            Err(AttemptError {
                limit: matches!(fault, Fault::Limited(_)),
                fault,
                again: retry.then_some(pause),
            })
        });
        let silent = matches!(answer, Err(Fault::Unreachable(_) | Fault::Lost(_)));
        self.silent.set(if silent { self.silent.get() + 1 } else { 0 });
        answer
    }
}

fn body(arguments: &Arguments) -> (&'static str, Vec<u8>) {
    match arguments {
        Arguments::Json(value) => ("application/json; charset=utf-8", value.to_string().into_bytes()),
        Arguments::Form(pairs) => {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(pairs);
            ("application/x-www-form-urlencoded", form.finish().into_bytes())
        }
    }
}

/// The value of a successful answer. Slack's words for its own failures do not say whether the request was carried out:
/// <https://docs.slack.dev/reference/methods/chat.postMessage#errors>.
fn read(answer: &Response<Bytes>) -> Result<Value, Fault> {
    let status = answer.status();
    let limited = || {
        let seconds = header(answer.headers(), "retry-after").and_then(|text| text.trim().parse().ok());
        Fault::Limited(seconds.map_or(LIMIT_INTERVAL, Duration::from_secs))
    };
    if status == StatusCode::TOO_MANY_REQUESTS {
        return Err(limited());
    }
    let value: Option<Value> = serde_json::from_slice(answer.body()).ok();
    let Some(value) = value.filter(|value| value.get("ok").is_some()) else {
        return Err(match status.as_u16() {
            200..=299 | 500..=599 => Fault::Lost(format!("it is not one of Slack's ({})", status.as_u16())),
            code => Fault::Refused {
                error: format!("HTTP {code}"),
                needed: None,
            },
        });
    };
    if value["ok"] == Value::Bool(true) {
        return Ok(value);
    }
    let shown = |name: &str| {
        let text = value.get(name)?.as_str()?;
        Some(
            text.chars()
                .filter(|c| !c.is_control())
                .take(MAX_SHOWN)
                .collect::<String>(),
        )
    };
    let error = shown("error").unwrap_or_else(|| "no reason given".to_owned());
    Err(match error.as_str() {
        "ratelimited" | "rate_limited" => limited(),
        "fatal_error" | "internal_error" | "service_unavailable" | "request_timeout" => {
            Fault::Lost(format!("Slack failed with {error}"))
        }
        _ => Fault::Refused {
            error,
            needed: shown("needed"),
        },
    })
}
