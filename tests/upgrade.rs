//! Upgrades: lives of incidents, half by version 0.1.0 and half by this one, end without doubles and without orphans.
//!
//! `tests/upgrade/run` builds version 0.1.0 and runs these tests. What is compared is who each object is, its state and
//! the hash of its source words; never how it is worded, which later versions may change.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "tests read files and run programs"
)]

mod common;
mod gitlab_server;
mod loopback;
mod slack_server;

#[path = "chat/both.rs"]
mod both;
#[path = "gitlab/life.rs"]
mod life;

#[path = "upgrade/gitlab.rs"]
mod gitlab;
#[path = "upgrade/objects.rs"]
mod objects;
#[path = "upgrade/outbox.rs"]
mod outbox;
#[path = "upgrade/talk.rs"]
mod talk;

use std::path::PathBuf;

use common::matrix::{each, same};
use life::STAGES;

/// Which program runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Version {
    Old,
    New,
}

use Version::{New, Old};

impl Version {
    /// The program.
    fn binary(self) -> PathBuf {
        match self {
            Old => std::env::var_os("INCIDENTCTL_OLD")
                .map(PathBuf::from)
                .expect("INCIDENTCTL_OLD names the binary of version 0.1.0: run tests/upgrade/run"),
            New => common::binary(),
        }
    }
}

/// Which version lives each stage: every split either way, and turn by turn.
fn lives() -> Vec<[Version; STAGES]> {
    let mut all = Vec::new();
    for (first, second) in [(Old, New), (New, Old)] {
        all.extend((1..=STAGES).map(|split| std::array::from_fn(|stage| if stage < split { first } else { second })));
        all.push(std::array::from_fn(|stage| if stage % 2 == 0 { first } else { second }));
    }
    all
}
