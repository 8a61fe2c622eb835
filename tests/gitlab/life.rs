//! A whole life of an incident, stage by stage, and the program run against a fake GitLab.

#![allow(dead_code, unreachable_pub, reason = "shared by several tests")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::gitlab_server::{GitlabServer, State, TOKEN};

pub const ID: &str = "2026-01-05-pushes-rejected";
pub const NOW: &str = "2026-01-05T16:00:00Z";
/// How many stages a life has.
pub const STAGES: usize = 6;

const PROCESS: &str =
    "extends: handbook\ngitlab:\n  project: support/incidents\n  mention: { executives: \"@company/executives\" }\n";
const PEOPLE: &str = "alice: { name: Alice Ng, gitlab: alice }\nbob: { name: Bob Li, gitlab: bob }\ncarol: { name: Carol, gitlab: carol }\n\
                      dave: { name: Dave, gitlab: dave }\nerin: { name: Erin Roy, gitlab: erin, leadership: true }\n";
const CUSTOMERS: &str = "acme: { name: Acme Corp, tickets: customers/acme }\nglobex: { name: Globex, tickets: customers/globex, service_desk: true }\n\
                         initech: { name: Initech, tickets: customers/initech }\n";

/// Each stage: a file of the incident's folder and what it says.
pub const LIFE: [(&str, &str); STAGES] = [
    (
        "incident.yaml",
        "title: Git pushes rejected on every secondary\nseverity: sev0\ndeclared_at: 2026-01-05T09:12:00Z\ndeclared_by: alice\n\
         customers: [acme, globex]\nimpact:\n  headline: Pushes to secondaries fail\n  symptoms: git push fails\n\
         roles:\n  incident_manager: alice\n  incident_coordinator: bob\n  incident_analysts: [carol]\n",
    ),
    (
        "updates/20260105T0940Z-bob.yaml",
        "by: bob\nstatus: identified\nroles:\n  incident_manager: erin\ncurrent_status: A proxy drops packets.\n\
         current_actions: Rolling back.\nnext_steps: Watch it.\nnext_update: 60m\ncustomer_message: We know the cause.\n",
    ),
    (
        "updates/20260105T1035Z-bob.yaml",
        "by: bob\ncustomers: { add: [initech] }\ncurrent_status: A third customer is affected.\nnext_update: 60m\n\
         customer_message: We are rolling back.\n",
    ),
    (
        "updates/20260105T1130Z-bob.yaml",
        "by: bob\nseverity: sev1\nreason: Two of three are back.\ncustomers: { restored: [acme, globex] }\n\
         current_status: One is left.\nnext_update: 60m\n",
    ),
    (
        "updates/20260105T1220Z-carol.yaml",
        "by: carol\nstatus: resolved\ncustomers: { restored: [initech] }\ncurrent_status: Resolved.\ncustomer_message: All is well again.\n",
    ),
    (
        "updates/20260105T1500Z-erin.yaml",
        "by: erin\nstatus: closed\ncurrent_status: Closed.\n",
    ),
];

/// What a run of the program said, and its exit code.
pub struct Ended {
    pub code: i32,
    pub text: String,
}

/// A ledger in a folder, and a GitLab.
pub struct Run {
    pub folder: tempfile::TempDir,
    pub fake: GitlabServer,
    /// The program to run.
    pub binary: PathBuf,
}

impl Run {
    pub fn new() -> Self {
        Self::with(State::team())
    }

    pub fn with(state: State) -> Self {
        let run = Self {
            folder: tempfile::tempdir().expect("a folder"),
            fake: GitlabServer::start(state),
            binary: binary(),
        };
        run.put("process.yaml", PROCESS);
        run.put("people.yaml", PEOPLE);
        run.put("customers.yaml", CUSTOMERS);
        fs::create_dir_all(run.folder.path().join("incidents")).expect("a folder");
        run
    }

    pub fn put(&self, path: &str, text: &str) {
        let file = self.folder.path().join(path);
        fs::create_dir_all(file.parent().expect("a parent")).expect("a folder");
        fs::write(file, text).expect("it is written");
    }

    /// Writes the file of a stage.
    pub fn write(&self, stage: usize) {
        let (path, text) = LIFE[stage];
        self.put(&format!("incidents/{ID}/{path}"), text);
    }

    /// Writes all stages up to this one.
    pub fn write_to(&self, stage: usize) {
        (0..=stage).for_each(|stage| self.write(stage));
    }

    pub fn apply(&self, more: &[&str]) -> Ended {
        self.run("apply", TOKEN, more)
    }

    /// Applies; returns what was said.
    pub fn green(&self, more: &[&str]) -> String {
        let ended = self.apply(more);
        assert_eq!(ended.code, 0, "{}", ended.text);
        ended.text
    }

    /// All notes and tickets that were posted, sorted.
    pub fn texts(&self) -> Vec<String> {
        let state = self.fake.lock();
        let tickets = state
            .issues
            .iter()
            .filter(|issue| issue.project != 1)
            .map(|issue| issue.description.clone());
        let mut all: Vec<String> = state
            .notes
            .iter()
            .map(|note| note.body.clone())
            .chain(tickets)
            .collect();
        all.sort();
        all
    }

    pub fn run(&self, command: &str, token: &str, more: &[&str]) -> Ended {
        let mut child = self.command(command, token, more).spawn().expect("it starts");
        self.fake.set_pid(Some(child.id()));
        let ended = child.wait();
        self.fake.set_pid(None);
        let output = child.wait_with_output().expect("it ends");
        let status = ended.expect("it ends");
        Ended {
            code: status.code().unwrap_or(-9),
            text: format!(
                "{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            ),
        }
    }

    pub fn command(&self, command: &str, token: &str, more: &[&str]) -> Command {
        let mut it = program(&self.binary, self.folder.path());
        it.env("CI_SERVER_URL", &self.fake.url)
            .env("CI_API_V4_URL", format!("{}/api/v4", self.fake.url))
            .arg(command)
            .args(more);
        if !more.contains(&"--now") {
            it.args(["--now", NOW]);
        }
        if !token.is_empty() {
            it.env("GITLAB_TOKEN", token);
        }
        if matches!(command, "apply" | "remind") {
            it.args(["--request-timeout", "0.4", "--patience", "20"]);
        }
        it
    }
}

/// The binary under test: the one of this build, or the one that `INCIDENTCTL_BINARY` names.
pub fn binary() -> PathBuf {
    let named = std::env::var_os("INCIDENTCTL_BINARY").map(PathBuf::from);
    named.unwrap_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_incidentctl")))
}

/// A program in a folder, with nothing of this environment.
pub fn program(binary: &Path, folder: &Path) -> Command {
    let mut it = Command::new(binary);
    it.env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("NO_PROXY", "127.0.0.1")
        .arg("-C")
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    it
}
