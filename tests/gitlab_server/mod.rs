//! A GitLab on loopback: stateful, strict, and as unkind as the real one.
//!
//! It answers over real connections to the real client. It drops what a user may not set without a word, runs quick
//! actions and takes them out of texts, pages short, forgets answers on demand, and counts a request that GitLab does not
//! have as a violation that fails the test. `tests/gitlab_server/check.py` proves it against an independent client.

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

mod api;
mod edits;
pub mod signature;
mod state;

#[path = "../../src/render/escape/hostile.rs"]
pub mod hostile;
#[path = "../../src/render/escape/proof.rs"]
pub mod proof;

use super::loopback::{Answer, Fault, Refusal, Request, Server, Service, Traffic};

pub use state::*;

/// A running fake GitLab.
pub type GitlabServer = Server<State>;

/// All that can go wrong with a request to GitLab.
pub const GITLAB_FAULTS: [Fault; 10] = [
    Fault::Refused,
    // 500, and nothing was done.
    Fault::instead("Failed", false, || Answer::message(500, "500 Internal Server Error")),
    Fault::BAD_GATEWAY,
    // 429 of an application limit, in JSON.
    Fault::instead("LimitJson", false, || {
        let words = "This endpoint has been requested too many times. Try again later.";
        Answer::json(429, serde_json::json!({ "message": { "error": words } })).with("Retry-After", "0")
    }),
    // 429 of Rack::Attack, as text.
    Fault::instead("LimitText", false, || limited("0")),
    Fault::Dropped,
    Fault::Slow,
    Fault::Late,
    Fault::KilledBefore,
    Fault::KilledAfter,
];

/// 429 that asks to wait for so many seconds.
fn limited(seconds: &str) -> Answer {
    Answer::text(429, "text/plain", "Retry later\n").with("Retry-After", seconds)
}

impl Answer {
    pub fn message(status: u16, text: &str) -> Self {
        Self::json(status, serde_json::json!({ "message": text }))
    }
}

impl Service for State {
    const BASE: &'static str = "";

    fn traffic(&mut self) -> &mut Traffic {
        &mut self.traffic
    }

    fn line(request: &Request) -> String {
        format!("{} {}", request.method, request.raw)
    }

    fn set_url(&mut self, url: &str) {
        self.url = url.to_owned();
    }

    fn refuse(&mut self, request: &Request) -> Option<Refusal> {
        let hit = |(method, part, _): &(&str, &str, &str)| *method == request.method && request.raw.contains(part);
        if let Some((_, _, seconds)) = self.limited_once.take_if(|once| hit(once)) {
            return Some(Refusal::Answer(limited(seconds)));
        }
        let seconds = self.limited.as_deref().filter(|_| request.method != "GET")?;
        Some(Refusal::Answer(limited(seconds)))
    }

    fn answer(&mut self, request: &Request) -> Answer {
        let answer = api::handle(self, request);
        let date = self.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        answer.with("Date", &date)
    }
}

impl GitlabServer {
    /// Goes on from the state of another server.
    pub fn set(&self, mut state: State) {
        let old = std::mem::take(&mut state.url);
        for issue in &mut state.issues {
            // The index holds addresses: what was signed stays signed.
            let was_signed = signature::is_signed(&issue.description, TOKEN, issue.project, issue.iid);
            issue.description = issue.description.replace(&old, &self.url);
            if was_signed {
                signature::sign(&mut issue.description, TOKEN, issue.project, issue.iid);
            }
        }
        for note in &mut state.notes {
            note.body = note.body.replace(&old, &self.url);
        }
        state.url = self.url.clone();
        *self.lock() = state;
    }
}
