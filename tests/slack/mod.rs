//! A Slack on loopback: stateful, strict, and as unkind as the real one.
//!
//! It answers over real connections to the real client, refuses as Slack refuses, forgets answers on demand, and counts a
//! method or a parameter that it does not know as a violation that fails the test. `tests/slack/check.py` proves it
//! against an independent client. What each method does: <https://docs.slack.dev/reference/methods>.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "shared by several tests, each of which uses a part"
)]

pub mod api;
pub mod state;
pub mod text;

use std::io::{BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

pub use state::*;

use super::fake::{Answer, Request, read};

/// What goes wrong with a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SlackFault {
    /// The connection closes before anything was done.
    Refused,
    /// 500, and nothing was done.
    Failed,
    /// 502 from a proxy, in HTML, and it was done.
    BadGateway,
    /// 429 with a time to wait.
    Limited,
    /// 200, and `ratelimited` in the body.
    LimitedInBody,
    /// It was done; the connection closes without an answer.
    Dropped,
    /// It was done; the answer comes after the client's patience.
    Slow,
    /// It is done after the client has given up.
    Late,
    /// The client is killed before it was done.
    KilledBefore,
    /// The client is killed when it was done.
    KilledAfter,
    /// `fatal_error`, and it was done.
    FatalApplied,
    /// `fatal_error`, and nothing was done.
    FatalNot,
    /// `internal_error`, and it was done.
    InternalApplied,
    /// `internal_error`, and nothing was done.
    InternalNot,
}

pub const SLACK_FAULTS: [SlackFault; 14] = [
    SlackFault::Refused,
    SlackFault::Failed,
    SlackFault::BadGateway,
    SlackFault::Limited,
    SlackFault::LimitedInBody,
    SlackFault::Dropped,
    SlackFault::Slow,
    SlackFault::Late,
    SlackFault::KilledBefore,
    SlackFault::KilledAfter,
    SlackFault::FatalApplied,
    SlackFault::FatalNot,
    SlackFault::InternalApplied,
    SlackFault::InternalNot,
];

/// A running fake.
pub struct FakeSlack {
    pub url: String,
    state: Arc<Mutex<Workspace>>,
}

impl FakeSlack {
    pub fn start(state: Workspace) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/api/", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(state));
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                std::thread::spawn(move || {
                    let _ = serve(stream, &shared);
                });
            }
        });
        Self { url, state }
    }

    pub fn lock(&self) -> MutexGuard<'_, Workspace> {
        locked(&self.state)
    }
}

fn locked(shared: &Arc<Mutex<Workspace>>) -> MutexGuard<'_, Workspace> {
    shared.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn error(word: &str) -> Answer {
    Answer::json(200, serde_json::json!({ "ok": false, "error": word }))
}

fn limited(status: u16) -> Answer {
    let mut answer = error("ratelimited");
    answer.status = status;
    answer.headers.push(("Retry-After".into(), "0".into()));
    answer
}

fn serve(stream: TcpStream, shared: &Arc<Mutex<Workspace>>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    while let Some(request) = read(&mut reader)? {
        let (fault, pause) = {
            let mut state = locked(shared);
            let at = state.count;
            state.count += 1;
            let method = request.path.last().cloned().unwrap_or_default();
            state.log.push(method);
            (
                state.fault.filter(|(when, _)| *when == at).map(|(_, fault)| fault),
                state.pause,
            )
        };
        let handle = |request: &Request| api::handle(&mut locked(shared), request);
        let kill = || {
            loop {
                if let Some(pid) = locked(shared).pid {
                    let _ = std::process::Command::new("kill")
                        .args(["-9", &pid.to_string()])
                        .status();
                    return;
                }
                std::thread::sleep(Duration::from_millis(1));
            }
        };
        let answer = match fault {
            None if locked(shared).down => return Ok(()),
            None => handle(&request),
            Some(SlackFault::Refused) => return Ok(()),
            Some(SlackFault::Failed) => Answer {
                status: 500,
                headers: Vec::new(),
                body: "upstream connect error".into(),
            },
            Some(SlackFault::BadGateway) => {
                handle(&request);
                Answer {
                    status: 502,
                    headers: vec![("Content-Type".into(), "text/html".into())],
                    body: "<html><h1>502 Bad Gateway</h1></html>".into(),
                }
            }
            Some(SlackFault::Limited) => limited(429),
            Some(SlackFault::LimitedInBody) => limited(200),
            Some(SlackFault::Dropped) => {
                handle(&request);
                return Ok(());
            }
            Some(SlackFault::Slow) => {
                let answer = handle(&request);
                std::thread::sleep(pause);
                answer
            }
            Some(SlackFault::Late) => {
                std::thread::sleep(pause);
                handle(&request)
            }
            Some(SlackFault::KilledBefore) => {
                kill();
                return Ok(());
            }
            Some(SlackFault::KilledAfter) => {
                handle(&request);
                kill();
                return Ok(());
            }
            Some(SlackFault::FatalApplied) => {
                handle(&request);
                error("fatal_error")
            }
            Some(SlackFault::FatalNot) => error("fatal_error"),
            Some(SlackFault::InternalApplied) => {
                handle(&request);
                error("internal_error")
            }
            Some(SlackFault::InternalNot) => error("internal_error"),
        };
        let mut head = format!(
            "HTTP/1.1 {} X\r\nContent-Length: {}\r\n",
            answer.status,
            answer.body.len()
        );
        for (name, value) in &answer.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += "\r\n";
        writer.write_all(head.as_bytes())?;
        writer.write_all(answer.body.as_bytes())?;
        writer.flush()?;
    }
    Ok(())
}
