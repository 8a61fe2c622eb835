//! Serves the tests' fake Slack until it is killed, for clients that are no tests of this package.

#![expect(clippy::print_stdout, reason = "its address is its output")]

#[path = "../tests/fake/mod.rs"]
mod fake;
#[path = "../tests/slack/mod.rs"]
mod slack;

fn main() {
    let fake = slack::FakeSlack::start(slack::Workspace::team());
    println!("listening on {}", fake.url);
    loop {
        std::thread::park();
    }
}
