//! The shared code of the commands that write the record; each command has a file of its own.
//!
//! *Invariant*: an existing file is overwritten only by a requested correction; a file that would fail `check` is not
//! written; and only `--push` needs a network.

mod close;
mod declare;
mod fields;
mod hand_over;
mod identity;
mod push;
mod report;
mod resolve;
mod step;
mod update;

pub(super) use close::{Close, close};
pub(super) use declare::{Declare, declare};
pub(super) use hand_over::{HandOver, hand_over};
pub(super) use push::{Push, push};
pub(super) use resolve::{Resolve, resolve};
pub(super) use step::{Step, step};
pub(super) use update::{Update, update};

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, bail};

use super::{Global, Outcome, complete, open_repo};
use crate::author::{self, NewFile, Question, Verdict, replace_or_add_file, short_description};
use crate::cli::ask::{self, Choice};
use crate::folder::Folder;
use crate::git::{Repo, person_config_value};
use crate::ledger::{self, LedgerConfig};
use crate::model::{Entry, PersonKey, Record, State};
use crate::process::StatusKind;
use crate::rules;
use crate::run::{self, Overview, PushRequest, PushResult};
use crate::source::{self, File};
use crate::terminal::plain;

/// The options of every command that writes to the record.
#[derive(clap::Args, Clone, Default)]
pub(super) struct Common {
    /// The author: a key of people.yaml. Default: `INCIDENTCTL_BY`, git's global setting `incidentctl.person`, or git's user.
    #[arg(long, value_name = "PERSON", add = complete::people())]
    by: Option<String>,
    /// Also commits, pushes a new branch, and opens a merge request that merges when its pipeline succeeds.
    #[arg(long)]
    push: bool,
    /// Prints the result as JSON, and asks no questions.
    #[arg(long)]
    json: bool,
}

/// The context of a writing command: ledger, settings, repository and answers.
struct Session<'a> {
    global: &'a Global,
    common: Common,
    root: PathBuf,
    /// The ledger's root, from which files are reached without following links.
    folder: Folder,
    world: LedgerConfig,
    repo: Option<Repo>,
    /// The reason why there is no repository to push from.
    without_repo: String,
    /// Whether a person can be asked.
    asks: bool,
    /// The answers as flags, so that they can be shown if the command is refused.
    answers: Vec<String>,
}

/// The incident that a command writes to.
struct Target {
    id: String,
    files: Vec<File>,
    record: Record,
    state: State,
}

impl<'a> Session<'a> {
    fn open(global: &'a Global, common: &Common) -> anyhow::Result<Self> {
        let root = global.root();
        ledger::incident_ids(&root)?;
        // Writing needs no git; pushing says why it cannot.
        let (repo, refusal) = match open_repo(&root) {
            Ok(repo) => (repo, None),
            Err(error) => (None, Some(format!("{error:#}"))),
        };
        Ok(Self {
            global,
            common: common.clone(),
            world: global.config()?,
            repo,
            without_repo: refusal.unwrap_or_else(|| "the ledger is in no git repository".to_owned()),
            folder: Folder::open(&root, "")?,
            root,
            asks: !common.json && ask::somebody_is_there(),
            answers: Vec::new(),
        })
    }

    /// The repository.
    ///
    /// # Errors
    /// Fails if there is no repository, or git does not work in it.
    fn repo(&self) -> anyhow::Result<&Repo> {
        self.repo.as_ref().with_context(|| self.without_repo.clone())
    }

    /// Records an answer as the flag that gives it.
    fn record_answer(&mut self, flag: &str, value: &str) {
        self.answers.push(format!("{flag}={value}"));
    }

    /// The incident that a word names; asks for the incident if there is no word.
    fn case(&mut self, word: Option<&str>) -> anyhow::Result<Target> {
        let id = match word {
            Some(word) => ledger::find_id(&self.root, word)?,
            None if self.asks => self.ask_which()?,
            None => bail!("which incident? Give its id, or a part that only it has"),
        };
        let files = ledger::incident_files(&self.root, &id)?;
        let record = ledger::require_record(&id, source::read_record(&id, &files))?;
        let state = self.world.history(&record).last().clone();
        Ok(Target {
            id,
            files,
            record,
            state,
        })
    }

    /// Asks for one of the running incidents, or of all incidents if no incident is running.
    fn ask_which(&mut self) -> anyhow::Result<String> {
        let (mut running, mut all) = (Vec::new(), Vec::new());
        for (record, state) in Overview::read(&self.root, &self.world)?.incidents.iter().rev() {
            let choice = Choice::new(record.id.as_str(), &state.title);
            if self.world.process.status_kind(&state.status) == StatusKind::Active {
                running.push(choice.clone());
            }
            all.push(choice);
        }
        let choices = if running.is_empty() { all } else { running };
        if choices.is_empty() {
            bail!("there is no incident yet: `incidentctl declare`");
        }
        if let [only] = choices.as_slice() {
            return Ok(only.key.clone());
        }
        let id = ask::pick("Which incident?", choices, 0)?;
        self.answers.push(id.clone());
        Ok(id)
    }

    /// Checks the files of an incident after a change, compared with the files before.
    fn judge(&self, id: &str, merged: &[File], before: &[File], after: &[File]) -> Verdict {
        let mut world = self.world.check_context(&self.root, self.global.now);
        world.pipeline_project = super::server::pipeline_project();
        author::check_draft(&world, id, merged, before, after)
    }

    /// The editor that a person set by a variable, or in git's configuration outside of the repository, because a
    /// repository must not name a program to run.
    fn editor(&self) -> String {
        let set = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let of_git = || person_config_value(&self.root, "core.editor");
        set("VISUAL")
            .or_else(|| set("EDITOR"))
            .or_else(of_git)
            .unwrap_or_else(|| "vi".to_owned())
    }

    /// Asks for an optional text if it is not given.
    fn ask_text(&mut self, slot: &mut Option<String>, question: &Question) -> anyhow::Result<()> {
        if self.asks && slot.is_none() {
            *slot = ask::text(question.text, question.readers, &self.editor())?;
            if let Some(text) = slot.clone() {
                self.record_answer(question.flag, &text);
            }
        }
        Ok(())
    }

    /// Pushes the requested files of an incident.
    ///
    /// # Errors
    /// Fails as [`run::push`] does, or if there is no repository.
    fn push(&self, request: &PushRequest) -> anyhow::Result<PushResult> {
        run::push(self.repo()?, &self.root, &self.world, request)
    }

    /// Shows the new file to a person who answered questions, and asks for a confirmation.
    fn confirm_preview(&self, new: &NewFile, out: &mut dyn Write) -> anyhow::Result<()> {
        if self.answers.is_empty() {
            return Ok(());
        }
        let path = rules::mask_path(&new.path);
        let text = rules::mask_source(&new.text);
        writeln!(out, "\n{}", plain(path.as_deref().unwrap_or(&new.path)))?;
        for line in text.as_deref().unwrap_or(&new.text).lines() {
            writeln!(out, "    {}", plain(line))?;
        }
        writeln!(out)?;
        out.flush()?;
        if !ask::confirm("Write it?", true)? {
            bail!("nothing was written");
        }
        Ok(())
    }

    /// Whether to push: as the flag says, otherwise as a person who answers questions decides.
    fn wants_push(&self) -> anyhow::Result<bool> {
        let remote = || {
            self.repo
                .as_ref()
                .and_then(|repo| repo.config_value("remote.origin.url"))
        };
        if self.common.push || self.answers.is_empty() || remote().is_none() {
            return Ok(self.common.push);
        }
        ask::confirm("Push it and open the merge request?", true)
    }

    /// Writes an entry as an update, and pushes the update if requested.
    fn add_update(&mut self, case: &Target, entry: &Entry, out: &mut dyn Write) -> anyhow::Result<Outcome> {
        let by = identity::person(self)?;
        let mut files = case.files.clone();
        let mut record = case.record.clone();
        let mut looked = false;
        // Another process may take the name at the same moment; then the next name is tried.
        for _ in 0..8 {
            let (new, verdict) = self.draft_update(&record, &files, entry, &by)?;
            if !verdict.passes() {
                return report::refused(self, &new.file(), &files, &verdict, out);
            }
            if !std::mem::replace(&mut looked, true) {
                self.confirm_preview(&new, out)?;
            }
            if write_new(&self.folder, &new)? {
                let mut written = report::Written::new("updated", &new, &verdict);
                written.says = short_description(entry);
                return report::written(self, &written, &new.file(), &files, out);
            }
            files = ledger::incident_files(&self.root, &case.id)?;
            record = source::read_record(&case.id, &files).record.unwrap_or(record);
        }
        bail!(
            "others keep writing updates of {} at this moment; nothing was written: try again",
            plain(&case.id)
        )
    }

    fn draft_update(
        &self,
        record: &Record,
        files: &[File],
        entry: &Entry,
        by: &PersonKey,
    ) -> anyhow::Result<(NewFile, Verdict)> {
        let tolerance = self.world.process.clock_tolerance.0;
        let new = author::new_update(record, files, entry, self.global.now, by, tolerance)?;
        let verdict = self.judge(
            record.id.as_str(),
            files,
            files,
            &replace_or_add_file(files, &new.file()),
        );
        Ok((new, verdict))
    }

    /// The first status of this kind in the process.
    fn status_of(&self, kind: StatusKind) -> anyhow::Result<String> {
        let status = self.world.process.statuses.iter().find(|status| status.kind == kind);
        let status = status.with_context(|| format!("the process has no status of kind {kind:?}"))?;
        Ok(status.key.to_string())
    }
}

/// Writes a new file with its folders, and returns whether it did; an existing file stays.
fn write_new(root: &Folder, new: &NewFile) -> anyhow::Result<bool> {
    if let Some((folder, _)) = new.path.rsplit_once('/') {
        root.make_subfolder(folder)?;
    }
    root.create(&new.path, new.text.as_bytes())
}
