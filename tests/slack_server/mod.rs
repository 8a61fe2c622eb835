//! A Slack on loopback: stateful, strict, and as unkind as the real one.
//!
//! It answers over real connections to the real client, refuses as Slack refuses, forgets answers on demand, and counts a
//! method or a parameter that it does not know as a violation that fails the test. `tests/slack_server/check.py` proves it
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

mod api;
mod state;
pub mod text;

use super::loopback::{Answer, Fault, Refusal, Request, Server, Service, Traffic};

pub use state::*;

/// A running fake Slack.
pub type SlackServer = Server<Workspace>;

/// All that can go wrong with a request to Slack.
pub const SLACK_FAULTS: [Fault; 14] = [
    Fault::Refused,
    // 500, and nothing was done.
    Fault::instead("Failed", false, || Answer {
        status: 500,
        headers: Vec::new(),
        body: "upstream connect error".into(),
        drips: false,
    }),
    Fault::BAD_GATEWAY,
    // 429 with a time to wait.
    Fault::instead("Limited", false, || limited(429)),
    // 200, and `ratelimited` in the body.
    Fault::instead("LimitedInBody", false, || limited(200)),
    Fault::Dropped,
    Fault::Slow,
    Fault::Late,
    Fault::KilledBefore,
    Fault::KilledAfter,
    Fault::instead("FatalApplied", true, || error("fatal_error")),
    Fault::instead("FatalNot", false, || error("fatal_error")),
    Fault::instead("InternalApplied", true, || error("internal_error")),
    Fault::instead("InternalNot", false, || error("internal_error")),
];

fn error(word: &str) -> Answer {
    Answer::json(200, serde_json::json!({ "ok": false, "error": word }))
}

fn limited(status: u16) -> Answer {
    let mut answer = error("ratelimited").with("Retry-After", "0");
    answer.status = status;
    answer
}

impl Service for Workspace {
    const BASE: &'static str = "/api/";

    fn traffic(&mut self) -> &mut Traffic {
        &mut self.traffic
    }

    /// The method's name.
    fn line(request: &Request) -> String {
        request.path.last().cloned().unwrap_or_default()
    }

    fn refuse(&mut self, _: &Request) -> Option<Refusal> {
        self.down.then_some(Refusal::Close)
    }

    fn answer(&mut self, request: &Request) -> Answer {
        api::handle(self, request)
    }
}
