//! Sends HTTP requests: one request and its answer, repetitions, and the longest waiting time.
//!
//! *Invariants*: the only user of `reqwest`. No redirect is followed. A client sends requests only to the addresses that it
//! is given, with the headers that it was built with; no message contains an address, because it may hold a secret.

use std::cell::Cell;
use std::fmt;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use bytes::Bytes;
use http::{HeaderMap, Method, Response};
use url::Url;

/// The largest answer that is read, in bytes.
const MAX_BODY: usize = 64 * 1024 * 1024;
/// The number of tries of a request that may be repeated.
const TRIES: u32 = 5;

/// Connection time-outs and the trusted certificate authority.
#[derive(Clone)]
pub struct TransportSettings {
    /// A certificate to trust besides the system's, as PEM.
    pub authority: Option<Vec<u8>>,
    /// Whether the proxies in the environment are used.
    pub proxied: bool,
    /// The time-out of one request.
    pub timeout: Duration,
    /// The longest time that a run may wait in total, for limits, retries and other runs.
    pub max_wait: Duration,
}

/// The requests and the waiting time of a run so far.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Cost {
    /// Requests sent, repeated ones included.
    pub requests: u32,
    /// The requests that write.
    pub writes: u32,
    /// Time spent waiting for limits, retries and other runs.
    pub waited: Duration,
}

/// Why a request has no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TransportError {
    /// The server was not reached and did not carry out the request.
    Unreachable(String),
    /// The answer was lost; the request may have been carried out.
    Lost(String),
    /// The answer is larger than the limit.
    TooLarge,
}

/// A failed try of a request.
#[derive(Debug)]
pub struct AttemptError<F> {
    /// Why.
    pub fault: F,
    /// The wait before the next try; `None` if the request is not repeated.
    pub again: Option<Duration>,
    /// Whether the server asked for the wait.
    pub limit: bool,
}

/// An HTTP client that counts requests and limits a run's waiting time.
pub struct Transport {
    http: reqwest::Client,
    runtime: tokio::runtime::Runtime,
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
    /// Creates a client that sends these headers with every request.
    ///
    /// # Errors
    /// Fails if the certificate cannot be used, or if there are no trusted certificates.
    pub fn new(headers: HeaderMap, terms: &TransportSettings) -> anyhow::Result<Self> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("incidentctl/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(terms.timeout.min(Duration::from_secs(10)))
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
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Ok(Self {
            http: builder.build().context("cannot make an HTTP client")?,
            runtime: runtime.context("cannot start the network")?,
            timeout: terms.timeout,
            max_wait: terms.max_wait,
            cost: Cell::default(),
        })
    }

    /// The requests and the waiting time of this run so far.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.cost.get()
    }

    /// The time-out of one request.
    #[must_use]
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Waits, unless the run's longest waiting time would be exceeded; returns whether it waited.
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

    /// Repeats a request as often as is useful. A write ends within two and a half time-outs, before a lock ends; if the server
    /// asks to wait longer before a write, the fault is made by `limited`.
    ///
    /// # Errors
    /// Fails with the fault of the last try.
    pub fn retry<T, F>(
        &self,
        writes: bool,
        limited: impl Fn(Duration) -> F,
        mut attempt: impl FnMut(u32) -> Result<T, AttemptError<F>>,
    ) -> Result<T, F> {
        let start = Instant::now();
        let mut number = 0;
        loop {
            let AttemptError { fault, again, limit } = match attempt(number) {
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

    /// Sends one request once. The time-out is a deadline for the whole request, the body of its answer included.
    ///
    /// # Errors
    /// Fails if there is no whole answer in time.
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
        let answered = async {
            let mut answer = request.send().await.map_err(broken)?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            let mut data = Vec::new();
            let lost =
                |error: reqwest::Error| TransportError::Lost(format!("the connection broke: {}", error.without_url()));
            while let Some(part) = answer.chunk().await.map_err(lost)? {
                data.extend_from_slice(&part);
                if data.len() > MAX_BODY {
                    return Err(TransportError::TooLarge);
                }
            }
            Ok((status, headers, data))
        };
        // One deadline for connecting, sending and the whole body: a server that sends a byte now and then does not prolong it.
        let answered = self
            .runtime
            .block_on(async { tokio::time::timeout(self.timeout, answered).await });
        let late = || TransportError::Lost(format!("no whole answer within {} s", self.timeout.as_secs_f64()));
        let (status, headers, data) = answered.map_err(|_| late())??;
        let mut response = Response::new(Bytes::from(data));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

/// The time since the computer started, counted also while it is suspended or this process is stopped.
#[must_use]
pub fn time_since_start() -> Duration {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let clock = rustix::time::ClockId::Boottime;
    // Elsewhere the monotonic clock is the nearest.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let clock = rustix::time::ClockId::Monotonic;
    let time = rustix::time::clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// A header value with a token, marked so that it is never shown.
///
/// # Errors
/// Fails if the token has characters that a header cannot have.
pub fn secret_header_value(text: &str) -> anyhow::Result<http::HeaderValue> {
    let mut value = http::HeaderValue::from_str(text.trim())
        .ok()
        .context("the token contains characters that an HTTP header cannot have: copy it again")?;
    value.set_sensitive(true);
    Ok(value)
}

/// The text of a header; `None` if the header is absent or not plain text.
#[must_use]
pub fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The wait before try `attempt + 1`: it doubles each time and has a random part, so that runs do not collide again.
#[must_use]
pub fn backoff(attempt: u32) -> Duration {
    use std::hash::{BuildHasher, Hasher};
    let random = std::collections::hash_map::RandomState::new().build_hasher().finish() % 100;
    let base = 200_u64 << attempt.min(5);
    Duration::from_millis(base + base * random / 200)
}

/// Converts an error of `reqwest`, without addresses, because they may contain secrets.
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
