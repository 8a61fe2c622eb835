//! What can go wrong with a request.

use std::process::Command;
use std::sync::Mutex;
use std::thread::sleep;
use std::time::Duration;

use super::{Answer, Request, Service, locked};

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// The connection closes before anything was done.
    Refused,
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
    /// The client is stopped, as a suspended computer is, and then it was done: until somebody lets the client go on.
    Frozen,
    /// The answer comes a byte at a time, each well within the client's patience.
    Drip,
    /// Another answer comes than the request's own.
    Instead(Instead),
}

/// An answer that comes instead of a request's own.
#[derive(Clone, Copy)]
pub struct Instead {
    pub name: &'static str,
    /// Whether the request was done.
    pub done: bool,
    pub answer: fn() -> Answer,
}

impl std::fmt::Debug for Instead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Fault {
    /// 502 from a proxy, in HTML, and it was done.
    pub const BAD_GATEWAY: Self = Self::instead("BadGateway", true, || {
        Answer::text(502, "text/html", "<html><h1>502 Bad Gateway</h1></html>")
    });

    pub const fn instead(name: &'static str, done: bool, answer: fn() -> Answer) -> Self {
        Self::Instead(Instead { name, done, answer })
    }

    /// Does a request as far as the fault lets it; `None` if the connection closes.
    pub(super) fn apply<S: Service>(self, shared: &Mutex<S>, request: &Request) -> Option<Answer> {
        let answer = || locked(shared).answer(request);
        let pause = locked(shared).traffic().pause;
        match self {
            Self::Refused => None,
            Self::Dropped => {
                answer();
                None
            }
            Self::Slow => {
                let answer = answer();
                sleep(pause);
                Some(answer)
            }
            Self::Late => {
                sleep(pause);
                let answer = answer();
                locked(shared).traffic().late = true;
                Some(answer)
            }
            Self::KilledBefore => {
                kill(shared);
                None
            }
            Self::KilledAfter => {
                answer();
                kill(shared);
                None
            }
            Self::Frozen => {
                signal(shared, "-STOP");
                Some(answer())
            }
            Self::Drip => Some(answer().dripping()),
            Self::Instead(instead) => {
                if instead.done {
                    answer();
                }
                Some((instead.answer)())
            }
        }
    }
}

/// Kills the client, as soon as the test has said which process it is.
fn kill<S: Service>(shared: &Mutex<S>) {
    signal(shared, "-9");
}

/// Sends a signal to the process, as soon as it is known.
fn signal<S: Service>(shared: &Mutex<S>, name: &str) {
    loop {
        let pid = locked(shared).traffic().pid;
        if let Some(pid) = pid {
            let _ = Command::new("kill").args([name, &pid.to_string()]).status();
            return;
        }
        sleep(Duration::from_millis(1));
    }
}
