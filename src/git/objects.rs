//! Reads objects by id from one running `git cat-file`.

use std::io::{BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::thread::JoinHandle;

use anyhow::{Context, bail};

use super::Repo;
use super::output::read_object;

/// A running `git cat-file` that returns the contents of objects. It ends when the value is dropped.
pub(super) struct ObjectReader<'a> {
    repo: &'a Repo,
    child: Child,
    /// `None` once git is told that no more ids follow.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// Collects what git writes to its standard error; `None` once it is read.
    errors: Option<JoinHandle<Vec<u8>>>,
}

impl Repo {
    /// Starts a reader of objects.
    ///
    /// # Errors
    /// Fails if git cannot be run.
    pub(super) fn object_reader(&self) -> anyhow::Result<ObjectReader<'_>> {
        let mut child = self
            .command(&["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("git cannot be run")?;
        let (Some(input), Some(output), Some(mut errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            bail!("git has no pipes")
        };
        let errors = std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = errors.read_to_end(&mut text);
            text
        });
        Ok(ObjectReader {
            repo: self,
            child,
            input: Some(input),
            output: BufReader::with_capacity(256 * 1024, output),
            errors: Some(errors),
        })
    }
}

impl ObjectReader<'_> {
    /// The contents of objects, in the order of their ids; `None` for an object that is missing or of another kind than `kind`
    /// (`blob`, `tree`). At most `max` bytes and one more are read of each, so that the caller notices a larger object.
    ///
    /// # Errors
    /// Fails if git stops early.
    pub(super) fn read(&mut self, ids: &[&str], max: usize, kind: &str) -> anyhow::Result<Vec<Option<Vec<u8>>>> {
        let Self {
            input, output, child, ..
        } = self;
        let contents = std::thread::scope(|scope| {
            // A pipe holds little: writing all ids before reading would wait forever.
            scope.spawn(|| {
                let Some(input) = input else { return };
                let lines: String = ids.iter().flat_map(|id| [*id, "\n"]).collect();
                // A failed write ends git's output, which the reader reports.
                let _ = input.write_all(lines.as_bytes());
            });
            let contents: anyhow::Result<Vec<_>> = ids.iter().map(|_| read_object(output, max, kind)).collect();
            if contents.is_err() {
                // The thread may wait for git to read on.
                let _ = child.kill();
            }
            contents
        });
        contents.map_err(|error| {
            let reason = self.end();
            error.context(format!("git cat-file failed: {}", self.repo.clean(reason.trim())))
        })
    }

    /// Ends git and returns what it wrote to its standard error.
    fn end(&mut self) -> String {
        self.input = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
        let text = self.errors.take().and_then(|reader| reader.join().ok());
        String::from_utf8_lossy(&text.unwrap_or_default()).into_owned()
    }
}

impl Drop for ObjectReader<'_> {
    fn drop(&mut self) {
        // Without its input, git ends by itself.
        self.input = None;
        let _ = self.child.wait();
    }
}
