//! HTTP as it is: one request and its answer, how often to try again, and how long to wait in all.
//!
//! *Invariants*: the only user of `reqwest`. No redirect is followed. What a client sends it sends to the addresses that it
//! is given, with the headers that it was built with; no address stands in a message, because it may hold a secret.

use std::cell::Cell;
use std::fmt;
use std::io::Read as _;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use bytes::Bytes;
use http::{HeaderMap, Method, Response};
use url::Url;

/// No answer is read further than this.
const MAX_BODY: u64 = 64 * 1024 * 1024;
/// How often a request that may be repeated is tried.
const TRIES: u32 = 5;

/// Connection time-outs and the trusted certificate authority.
#[derive(Clone)]
pub struct TransportSettings {
    /// A certificate to trust besides the system's, as PEM.
    pub authority: Option<Vec<u8>>,
    /// Whether the proxies that the environment names are used.
    pub proxied: bool,
    /// How long one answer may take.
    pub timeout: Duration,
    /// How long a run may wait in all: for limits, for retries, for other runs.
    pub max_wait: Duration,
}

/// What a run has cost so far.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Cost {
    /// Requests sent, repeated ones included.
    pub requests: u32,
    /// Of these, those that write.
    pub writes: u32,
    /// Time spent waiting for limits, retries and other runs.
    pub waited: Duration,
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TransportError {
    /// The server was not reached: it has not carried it out.
    Unreachable(String),
    /// The answer was lost: it may have been carried out.
    Lost(String),
    /// The answer is larger than any that is expected.
    TooLarge,
}

/// What a try came to that was no success.
#[derive(Debug)]
pub struct Try<F> {
    /// Why.
    pub fault: F,
    /// How long to wait before the next try; none: there is to be none.
    pub again: Option<Duration>,
    /// The server asked for the wait.
    pub limit: bool,
}

/// Sends requests.
pub struct Transport {
    http: reqwest::blocking::Client,
    timeout: Duration,
    max_wait: Duration,
    cost: Cell<Cost>,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transport")
    }
}

impl Transport {
    /// Ready to send, with these headers on every request; nothing is sent yet.
    ///
    /// # Errors
    /// The certificate cannot be used, or there are no certificates to trust at all.
    pub fn new(headers: HeaderMap, terms: &TransportSettings) -> anyhow::Result<Self> {
        let mut builder = reqwest::blocking::Client::builder()
            .user_agent(concat!("incidentctl/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(terms.timeout.min(Duration::from_secs(10)))
            .timeout(terms.timeout)
            .default_headers(headers);
        if !terms.proxied {
            builder = builder.no_proxy();
        }
        if let Some(pem) = &terms.authority {
            let certificates = reqwest::Certificate::from_pem_bundle(pem)
                .context("the file that CI_SERVER_TLS_CA_FILE names holds no certificate")?;
            anyhow::ensure!(
                !certificates.is_empty(),
                "the file that CI_SERVER_TLS_CA_FILE names holds no certificate"
            );
            builder = builder.tls_certs_merge(certificates);
        }
        Ok(Self {
            http: builder.build().context("cannot make an HTTP client")?,
            timeout: terms.timeout,
            max_wait: terms.max_wait,
            cost: Cell::default(),
        })
    }

    /// What this run has cost so far.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.cost.get()
    }

    /// How long one answer may take.
    #[must_use]
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Waits, as far as the run's patience goes; whether it did.
    #[must_use]
    pub fn wait(&self, time: Duration) -> bool {
        let mut cost = self.cost.get();
        if cost.waited + time > self.max_wait {
            return false;
        }
        std::thread::sleep(time);
        cost.waited += time;
        self.cost.set(cost);
        true
    }

    /// Tries as often as is useful. A write is over within two and a half times the time of one answer, so that a lock
    /// outlasts it; where the server asks to wait for longer before a write, `limited` says so.
    ///
    /// # Errors
    /// What the last try came to.
    pub fn retry<T, F>(
        &self,
        writes: bool,
        limited: impl Fn(Duration) -> F,
        mut attempt: impl FnMut(u32) -> Result<T, Try<F>>,
    ) -> Result<T, F> {
        let start = Instant::now();
        let mut number = 0;
        loop {
            let Try { fault, again, limit } = match attempt(number) {
                Ok(answer) => return Ok(answer),
                Err(tried) => tried,
            };
            let Some(pause) = again else { return Err(fault) };
            if writes && pause > self.timeout {
                return Err(if limit { limited(pause) } else { fault });
            }
            if writes && start.elapsed() + pause > self.timeout * 3 / 2 {
                return Err(fault);
            }
            number += 1;
            if number == TRIES || !self.wait(pause) {
                return Err(fault);
            }
        }
    }

    /// Sends one request once.
    ///
    /// # Errors
    /// There is no answer.
    pub fn send_once(
        &self,
        method: &Method,
        url: Url,
        writes: bool,
        body: Option<(&'static str, Vec<u8>)>,
    ) -> Result<Response<Bytes>, TransportError> {
        let mut cost = self.cost.get();
        cost.requests += 1;
        cost.writes += u32::from(writes);
        self.cost.set(cost);
        let mut request = self.http.request(method.clone(), url);
        if let Some((mime, data)) = body {
            request = request.header(http::header::CONTENT_TYPE, mime).body(data);
        }
        let answer = request.send().map_err(broken)?;
        let status = answer.status();
        let headers = answer.headers().clone();
        let mut data = Vec::new();
        answer
            .take(MAX_BODY + 1)
            .read_to_end(&mut data)
            .map_err(|error| TransportError::Lost(format!("the connection broke: {error}")))?;
        if data.len() as u64 > MAX_BODY {
            return Err(TransportError::TooLarge);
        }
        let mut response = Response::new(Bytes::from(data));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

/// A header with a token, which is never shown.
///
/// # Errors
/// The token has characters that no header has.
pub fn secret(text: &str) -> anyhow::Result<http::HeaderValue> {
    let mut value = http::HeaderValue::from_str(text.trim())
        .ok()
        .context("the token has characters that no token has")?;
    value.set_sensitive(true);
    Ok(value)
}

/// A header's text.
#[must_use]
pub fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// How long to wait before try `attempt + 1`: doubling, with a random part, so that runs do not meet again.
#[must_use]
pub fn backoff(attempt: u32) -> Duration {
    use std::hash::{BuildHasher, Hasher};
    let random = std::collections::hash_map::RandomState::new().build_hasher().finish() % 100;
    let base = 200_u64 << attempt.min(5);
    Duration::from_millis(base + base * random / 200)
}

/// Why there is no answer. Addresses are taken out: they may hold what nobody is to see.
fn broken(error: reqwest::Error) -> TransportError {
    use std::error::Error as _;
    let error = error.without_url();
    let mut why = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        why = next.to_string();
        cause = next.source();
    }
    if error.is_connect() {
        TransportError::Unreachable(why)
    } else if error.is_timeout() {
        TransportError::Lost("no answer in time".to_owned())
    } else {
        TransportError::Lost(why)
    }
}
