//! Serves the tests' fake GitLab until it is killed, for clients that are no tests of this package.
//!
//! `GITLAB_TOKEN`, `GITLAB_MR_TOKEN` and `CI_JOB_TOKEN` are tokens that it knows besides its own, and `PERSON_TOKEN` is the token of
//! a person who may edit issues; `CI_MERGE_REQUEST_IID` is the number of its merge request.

#![expect(clippy::print_stdout, reason = "its address is its output")]
#![expect(clippy::disallowed_methods, reason = "it is told what to know by the environment")]

#[path = "../tests/gitlab_server/mod.rs"]
mod gitlab_server;
#[path = "../tests/loopback/mod.rs"]
mod loopback;

use gitlab_server::{BOT, GitlabServer, MergeRequest, State, Token};

/// A token of the environment.
fn token(state: &mut State, name: &str, user: u64, scopes: &[&str], job: bool) {
    if let Ok(value) = std::env::var(name) {
        let token = Token {
            user,
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            expired: false,
            job,
            expires_at: None,
        };
        state.tokens.insert(value, token);
    }
}

fn main() {
    let mut state = State::team();
    token(&mut state, "GITLAB_TOKEN", BOT, &["api"], false);
    token(&mut state, "GITLAB_MR_TOKEN", BOT + 1, &["api"], false);
    token(&mut state, "CI_JOB_TOKEN", 1, &[], true);
    token(&mut state, "PERSON_TOKEN", 3, &["api"], false);
    let iid = std::env::var("CI_MERGE_REQUEST_IID").ok();
    state.merge_requests.push(MergeRequest {
        iid: iid.and_then(|iid| iid.parse().ok()).unwrap_or(1),
        project: 1,
        state: "opened".into(),
        author: 2,
        source_branch: "incident/example/declare".into(),
        source_project: 1,
        ..MergeRequest::default()
    });
    let server = GitlabServer::start(state);
    println!("listening on {}", server.url);
    loop {
        std::thread::park();
    }
}
