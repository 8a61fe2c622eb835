//! Serves the tests' fake Slack until it is killed, for clients that are no tests of this package.

#![expect(clippy::print_stdout, reason = "its address is its output")]

#[path = "../tests/loopback/mod.rs"]
mod loopback;
#[path = "../tests/slack_server/mod.rs"]
mod slack_server;

fn main() {
    let server = slack_server::SlackServer::start(slack_server::Workspace::team());
    println!("listening on {}", server.url);
    loop {
        std::thread::park();
    }
}
