//! The HTTP server on loopback that the fake GitLab and the fake Slack share: it accepts connections, reads requests, records
//! them, lets one of them fail, and writes answers.
//!
//! Invariant: it knows neither service. What a request means is decided by a [`Service`] and its own state.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::must_use_candidate,
    reason = "shared by several tests, each of which uses a part"
)]

mod fault;
mod request;

use std::io::BufReader;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

pub use fault::Fault;
pub use request::{Answer, Request};

/// The requests that a service has received, and what goes wrong with one of them.
#[derive(Clone, Debug)]
pub struct Traffic {
    /// The number of requests so far.
    pub count: usize,
    /// One line for each request.
    pub log: Vec<String>,
    /// The number of the request that fails, counted from 0, and how.
    pub fault: Option<(usize, Fault)>,
    /// How long a slow answer takes.
    pub pause: Duration,
    /// Whether the request that was to be done late has been done.
    pub late: bool,
    /// The process that a fault kills.
    pub pid: Option<u32>,
}

impl Default for Traffic {
    fn default() -> Self {
        Self {
            count: 0,
            log: Vec::new(),
            fault: None,
            pause: Duration::from_millis(600),
            late: false,
            pid: None,
        }
    }
}

impl Traffic {
    /// Records a request; returns its fault, if it has one.
    fn record(&mut self, line: String) -> Option<Fault> {
        let at = self.count;
        self.count += 1;
        self.log.push(line);
        self.fault.filter(|(when, _)| *when == at).map(|(_, fault)| fault)
    }
}

/// The state of a fake service, and how the service answers.
pub trait Service: Send + 'static {
    /// The path that follows the server's address in the service's URL.
    const BASE: &'static str;

    /// The service's requests.
    fn traffic(&mut self) -> &mut Traffic;

    /// The line of the log for a request.
    fn line(request: &Request) -> String;

    /// Tells the service the URL at which it is served.
    fn set_url(&mut self, _url: &str) {}

    /// Answers a request instead of doing it; `None` if the request is to be done.
    fn refuse(&mut self, request: &Request) -> Option<Refusal>;

    /// Does a request and answers it.
    fn answer(&mut self, request: &Request) -> Answer;
}

/// How a service refuses a request.
pub enum Refusal {
    /// The connection closes.
    Close,
    /// The service answers.
    Answer(Answer),
}

/// A running service.
pub struct Server<S> {
    pub url: String,
    state: Arc<Mutex<S>>,
}

impl<S: Service> Server<S> {
    /// Serves a state on a free port until the process ends.
    pub fn start(mut state: S) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let url = format!("http://{address}{}", S::BASE);
        state.set_url(&url);
        let state = Arc::new(Mutex::new(state));
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { url, state }
    }

    pub fn lock(&self) -> MutexGuard<'_, S> {
        locked(&self.state)
    }

    /// The number of requests so far.
    pub fn count(&self) -> usize {
        self.lock().traffic().count
    }

    /// The lines of the log from this request on.
    pub fn log_from(&self, at: usize) -> Vec<String> {
        self.lock().traffic().log[at..].to_vec()
    }

    /// Lets a request fail, counted from the next one.
    pub fn fail(&self, at: usize, fault: Fault) {
        let mut state = self.lock();
        let traffic = state.traffic();
        traffic.fault = Some((traffic.count + at, fault));
    }

    /// Says which process a fault kills.
    pub fn set_pid(&self, pid: Option<u32>) {
        self.lock().traffic().pid = pid;
    }
}

fn locked<S>(shared: &Mutex<S>) -> MutexGuard<'_, S> {
    shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Answers the requests of one connection.
fn serve<S: Service>(stream: TcpStream, shared: &Mutex<S>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    while let Some(request) = Request::read(&mut reader)? {
        let fault = locked(shared).traffic().record(S::line(&request));
        let answer = match fault {
            Some(fault) => fault.apply(shared, &request),
            None => answer(&mut *locked(shared), &request),
        };
        match answer {
            Some(answer) => answer.write(&mut writer)?,
            None => return Ok(()),
        }
    }
    Ok(())
}

/// The answer of a service; `None` if the connection closes.
fn answer<S: Service>(service: &mut S, request: &Request) -> Option<Answer> {
    match service.refuse(request) {
        Some(Refusal::Close) => None,
        Some(Refusal::Answer(answer)) => Some(answer),
        None => Some(service.answer(request)),
    }
}
