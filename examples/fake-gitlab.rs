//! Serves the tests' fake GitLab until it is killed, for clients that are no tests of this package.

#![expect(clippy::print_stdout, reason = "its address is its output")]

#[path = "../tests/fake/mod.rs"]
mod fake;

fn main() {
    let mut state = fake::State::team();
    state.merge_requests.push(fake::MergeRequest {
        iid: 1,
        project: 1,
        state: "opened".into(),
        author: 2,
        source_branch: "incident/example/declare".into(),
        source_project: 1,
        ..fake::MergeRequest::default()
    });
    let port = std::env::args().nth(1).unwrap_or_else(|| "0".to_owned());
    let fake = fake::Fake::start_at(state, &format!("127.0.0.1:{port}"));
    println!("listening on {}", fake.url);
    loop {
        std::thread::park();
    }
}
