//! The one place that sends requests to GitLab.
//!
//! The `gitlab` crate's own client follows redirects with the token, repeats POSTs and sends a request when it is built; this
//! client does not. Its endpoint builders are used through [`Client::send`].
//!
//! *Invariants*: a POST is repeated only if the server has certainly not carried it out (429, or no connection was
//! made). The token is sent only to the address that the client was built with, and is in no message.

use std::cell::Cell;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use gitlab::api::{ApiError, Endpoint, RestClient, UrlBase};
use http::{HeaderMap, Method, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::fault::{Fault, fault};
use crate::forge::journal::IndexKey;
use crate::transport::{self, AttemptError, Cost, Transport, TransportSettings, header};

/// The wait for a rate limit that names no time: the interval of GitLab's own limits.
/// <https://docs.gitlab.com/administration/instance_limits/>
const LIMIT_INTERVAL: Duration = Duration::from_secs(60);

/// The longest time-out of one request: GitLab itself ends a request after this time.
/// <https://docs.gitlab.com/administration/operations/puma/#change-the-worker-timeout>
pub const LONGEST_TIMEOUT: Duration = Duration::from_secs(60);

/// The kind of a token, which decides the header that carries it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenKind {
    /// A personal, project or group access token, or a service account's.
    Access,
    /// The token of a job: it may only read.
    Job,
}

/// The settings of a connection to GitLab: address, token and time-outs.
#[derive(Clone)]
pub struct Settings {
    /// The address of its API, such as `https://gitlab.example.com/api/v4`.
    pub api: Url,
    /// The token and its kind; `None` allows only requests that need no token.
    pub token: Option<(TokenKind, String)>,
    /// Connection time-outs and the trusted certificate authority.
    pub terms: TransportSettings,
    /// The name of this run, as other runs see it.
    pub run: String,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Settings({})", self.api)
    }
}

/// A decoded answer of GitLab, with its status and its next page.
#[derive(Debug)]
pub struct Answer<T> {
    /// The decoded body.
    pub value: T,
    /// The number of the next page; `None` if this page is the last.
    pub next_page: Option<u64>,
    /// The status.
    pub status: u16,
}

/// The server's clock at one answer. The answer was made between two moments of the local clock, which counts while the
/// computer is suspended or this process is stopped.
#[derive(Clone, Copy)]
struct ServerClock {
    date: DateTime<Utc>,
    /// The moment before the request was sent.
    sent: Duration,
    /// The moment after the answer was read.
    read: Duration,
}

/// A client of one GitLab server.
pub struct Client {
    transport: Transport,
    settings: Settings,
    /// The server's clock at its last answer; `None` before the first one.
    server: Cell<Option<ServerClock>>,
    /// The end of the lock's lease on the server's clock; `None` if this run holds no lock.
    lease: Cell<Option<DateTime<Utc>>>,
    /// The number of writes that timed out.
    lost: Cell<u32>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.settings.api)
    }
}

impl Client {
    /// Creates a client without sending a request.
    ///
    /// # Errors
    /// Fails if the certificate or the token cannot be used, or if there are no trusted certificates.
    pub fn new(settings: Settings) -> anyhow::Result<Self> {
        let mut headers = HeaderMap::new();
        if let Some((kind, token)) = &settings.token {
            let name = match kind {
                TokenKind::Access => "private-token",
                TokenKind::Job => "job-token",
            };
            headers.insert(name, transport::secret_header_value(token)?);
        }
        Ok(Self {
            transport: Transport::new(headers, &settings.terms)?,
            settings,
            server: Cell::default(),
            lease: Cell::default(),
            lost: Cell::default(),
        })
    }

    /// The number of writes that timed out so far, repeated ones included: GitLab may still carry out each of them, even after
    /// later requests.
    pub(super) const fn lost(&self) -> u32 {
        self.lost.get()
    }

    /// The requests and the waiting time of this run so far.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.transport.cost()
    }

    /// The name of this run, as other runs see it.
    #[must_use]
    pub fn run_name(&self) -> &str {
        &self.settings.run
    }

    /// The time-out of one request.
    #[must_use]
    pub const fn timeout(&self) -> Duration {
        self.settings.terms.timeout
    }

    /// The kind of the client's token; `None` if it has no token.
    #[must_use]
    pub fn token_kind(&self) -> Option<TokenKind> {
        self.settings.token.as_ref().map(|(kind, _)| *kind)
    }

    /// The key that signs indexes, derived from the token; `None` if the token may only read.
    pub(super) fn index_key(&self) -> Option<IndexKey> {
        let (kind, token) = self.settings.token.as_ref()?;
        (*kind == TokenKind::Access).then(|| IndexKey::derive(token))?
    }

    /// The address of the server that requests go to: scheme and host.
    #[must_use]
    pub fn web_address(&self) -> String {
        let api = self.settings.api.as_str().trim_end_matches('/');
        api.strip_suffix("/api/v4").unwrap_or(api).to_owned()
    }

    /// The earliest time that the server's clock may show now, from the `Date` header of its last answer; `None` before
    /// the first answer.
    #[must_use]
    pub fn server_time(&self) -> Option<DateTime<Utc>> {
        let clock = self.server.get()?;
        Some(clock.date + since(clock.read))
    }

    /// The latest time that the server's clock may show now, apart from the fractions of a second that its `Date` header
    /// leaves out;
    /// `None` before the first answer.
    pub(super) fn latest_server_time(&self) -> Option<DateTime<Utc>> {
        let clock = self.server.get()?;
        Some(clock.date + since(clock.sent))
    }

    /// Sets the end of the lock's lease: from then on a write is sent only if its deadline is before this time. `None`
    /// lets every write pass.
    pub(super) fn set_lease(&self, until: Option<DateTime<Utc>>) {
        self.lease.set(until);
    }

    /// Fails if the lock's lease may end before a write that is sent now.
    fn ensure_leased(&self) -> Result<(), Fault> {
        let Some(until) = self.lease.get() else { return Ok(()) };
        let deadline = chrono::TimeDelta::from_std(self.timeout()).unwrap_or_default();
        if self.latest_server_time().is_some_and(|now| now + deadline < until) {
            return Ok(());
        }
        Err(Fault::Overtaken(
            "this run was stopped or slow for longer than its lock holds".to_owned(),
        ))
    }

    /// Waits, unless the run's longest waiting time would be exceeded; returns whether it waited.
    #[must_use]
    pub fn wait(&self, time: Duration) -> bool {
        self.transport.wait(time)
    }

    /// Sends an endpoint's request and decodes its answer.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn send<T: DeserializeOwned>(&self, endpoint: &impl Endpoint) -> Result<Answer<T>, Fault> {
        let answer = self.raw(endpoint)?;
        // A deletion has no body.
        let body: &[u8] = if answer.body().is_empty() {
            b"null"
        } else {
            answer.body()
        };
        let value = serde_json::from_slice(body).map_err(|error| {
            let start = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
            Fault::Odd(format!("{error}, in {start:?}"))
        })?;
        Ok(Answer {
            value,
            next_page: next_page(answer.headers()),
            status: answer.status().as_u16(),
        })
    }

    /// Sends an endpoint's request, and repeats it if that is safe and useful.
    fn raw(&self, endpoint: &impl Endpoint) -> Result<Response<Bytes>, Fault> {
        let method = endpoint.method();
        let url = self.url(endpoint)?;
        let body = endpoint.body().map_err(|error| Fault::Odd(error.to_string()))?;
        let repeatable = method != Method::POST;
        let writes = method != Method::GET;
        self.transport.retry(writes, Fault::Limited, |attempt| {
            let answer = self.send_once(&method, url.clone(), body.clone());
            let (fault, pause) = match answer {
                Ok(answer) if answer.status().is_success() => return Ok(answer),
                Ok(answer) => (fault(&answer), self.pause(&answer, attempt)),
                Err(fault) => (fault, transport::backoff(attempt)),
            };
            let fault = fault.without(self.settings.token.as_ref().map(|(_, token)| token.as_str()));
            self.lost
                .update(|lost| lost + u32::from(writes && fault.may_have_succeeded()));
            let limit = fault.status() == Some(429);
            let again = match &fault {
                Fault::Unreachable(_) => true,
                // GitLab: another request holds the lock on this row.
                Fault::Refused { status: 409, message } => repeatable && message.contains("Resource lock"),
                Fault::Lost(_) => repeatable,
                _ => limit,
            };
            Err(AttemptError {
                fault,
                again: again.then_some(pause),
                limit,
            })
        })
    }

    fn url(&self, endpoint: &impl Endpoint) -> Result<Url, Fault> {
        let base = endpoint.url_base();
        let mut url = base
            .endpoint_for(self, &endpoint.endpoint())
            .map_err(|error: ApiError<Fault>| Fault::Odd(error.to_string()))?;
        endpoint.parameters().add_to_url(&mut url);
        Ok(url)
    }

    /// Sends one request once.
    fn send_once(
        &self,
        method: &Method,
        url: Url,
        body: Option<(&'static str, Vec<u8>)>,
    ) -> Result<Response<Bytes>, Fault> {
        let writes = *method != Method::GET;
        if writes {
            self.ensure_leased()?;
        }
        let sent = transport::time_since_start();
        let answer = self.transport.send_once(method, url, writes, body)?;
        if let Some(date) = header(answer.headers(), "date").and_then(|text| DateTime::parse_from_rfc2822(text).ok()) {
            self.server.set(Some(ServerClock {
                date: date.with_timezone(&Utc),
                sent,
                read: transport::time_since_start(),
            }));
        }
        Ok(answer)
    }

    /// The wait before the next try.
    fn pause(&self, answer: &Response<Bytes>, attempt: u32) -> Duration {
        if answer.status() != StatusCode::TOO_MANY_REQUESTS {
            return transport::backoff(attempt);
        }
        let headers = answer.headers();
        let number = |name| header(headers, name).and_then(|text| text.trim().parse::<i64>().ok());
        // <https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers>
        let reset = || Some(number("ratelimit-reset")? - self.server_time().unwrap_or_default().timestamp());
        let seconds = number("retry-after").or_else(reset);
        let asked = seconds.map_or(LIMIT_INTERVAL, |seconds| {
            Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
        });
        asked + transport::backoff(0)
    }
}

/// The time since a moment of the local clock.
fn since(moment: Duration) -> chrono::TimeDelta {
    let passed = transport::time_since_start().saturating_sub(moment);
    chrono::TimeDelta::from_std(passed).unwrap_or_default()
}

impl RestClient for Client {
    type Error = Fault;

    fn rest_endpoint(&self, endpoint: &str) -> Result<Url, ApiError<Fault>> {
        let base = self.settings.api.as_str().trim_end_matches('/');
        Ok(Url::parse(&format!("{base}/{endpoint}"))?)
    }

    fn instance_endpoint(&self, endpoint: &str) -> Result<Url, ApiError<Fault>> {
        Ok(Url::parse(&format!("{}/{endpoint}", self.web_address()))?)
    }
}

impl gitlab::api::Client for Client {
    fn rest(&self, request: http::request::Builder, body: Vec<u8>) -> Result<Response<Bytes>, ApiError<Fault>> {
        let request = request
            .body(body)
            .map_err(|error| ApiError::client(Fault::Odd(error.to_string())))?;
        let url = Url::parse(&request.uri().to_string())?;
        let mime = header(request.headers(), "content-type").map(|_| "application/json");
        let body = mime.map(|mime| (mime, request.body().clone()));
        self.send_once(request.method(), url, body).map_err(ApiError::client)
    }
}

/// A request for which the `gitlab` crate has no builder.
#[derive(Clone, Debug)]
pub struct PlainRequest {
    /// The method.
    pub method: Method,
    /// The encoded path below the API's address.
    pub path: String,
    /// The query.
    pub query: Vec<(&'static str, String)>,
    /// The body.
    pub body: Option<Value>,
    /// Whether the path begins at the server's address instead of the API's.
    pub instance: bool,
}

impl PlainRequest {
    /// A request that reads from a path.
    #[must_use]
    pub fn get(path: String, query: Vec<(&'static str, String)>) -> Self {
        Self {
            method: Method::GET,
            path,
            query,
            body: None,
            instance: false,
        }
    }

    /// A request that writes a JSON body to a path.
    #[must_use]
    pub fn write(method: Method, path: String, body: Value) -> Self {
        Self {
            method,
            path,
            query: Vec::new(),
            body: Some(body),
            instance: false,
        }
    }
}

impl Endpoint for PlainRequest {
    fn method(&self) -> Method {
        self.method.clone()
    }

    fn endpoint(&self) -> std::borrow::Cow<'static, str> {
        self.path.clone().into()
    }

    fn url_base(&self) -> UrlBase {
        if self.instance {
            UrlBase::Instance
        } else {
            UrlBase::ApiV4
        }
    }

    fn parameters(&self) -> gitlab::api::QueryParams<'_> {
        let mut parameters = gitlab::api::QueryParams::default();
        for (name, value) in &self.query {
            parameters.push(*name, value);
        }
        parameters
    }

    fn body(&self) -> Result<Option<(&'static str, Vec<u8>)>, gitlab::api::BodyError> {
        Ok(match &self.body {
            Some(body) => Some(("application/json", serde_json::to_vec(body)?)),
            None => None,
        })
    }
}

/// The next page's number; `None` on the last page. A short page may not be the last, because GitLab removes invisible notes
/// after paging.
/// <https://docs.gitlab.com/api/rest/#pagination>
fn next_page(headers: &HeaderMap) -> Option<u64> {
    if let Some(page) = header(headers, "x-next-page") {
        return page.trim().parse().ok();
    }
    let link = header(headers, "link")?
        .split(',')
        .find(|link| link.contains("rel=\"next\""))?;
    let address = link.split_once('<')?.1.split_once('>')?.0;
    let url = Url::parse(address).ok()?;

    url.query_pairs().find(|(name, _)| name == "page")?.1.parse().ok()
}
