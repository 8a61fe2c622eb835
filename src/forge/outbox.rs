//! The outbox: a folder in which every issue, note, ticket and message is a Markdown file.
//!
//! A file is written under another name and then renamed, so that no half-written file exists. Text below this program's end
//! mark belongs to a person and stays.
//!
//! *Invariant*: nothing outside the outbox is read or written: links in it are refused ([`Folder`]).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{DesiredIncident, Failure, Forge, Observation};
use crate::effects::{Action, Audience, EarlierRuns, Effect, Key, Kind, Observed, ObservedObject, Planned, hash_texts};
use crate::folder::{EntryKind, Folder, FolderPath};
use crate::model::IncidentId;
use crate::render::{escape, time, with_references};

/// The beginning of a file that this program wrote.
const MARK: &str = "<!-- incidentctl: ";
/// The end of this program's part of a file.
const END: &str = "<!-- /incidentctl -->";

/// The beginning and the end of the line that says what earlier runs did, in the file of an incident's issue.
const RUNS: &str = "<!-- incidentctl runs ";
const RUNS_END: &str = " -->";

/// The largest file of an outbox, in bytes: far more than a person writes.
const MAX_FILE_BYTES: usize = 64 << 20;

/// A folder in which every issue, note, ticket and message is a Markdown file.
#[derive(Debug)]
pub struct Outbox {
    place: FolderPath,
    /// The path as people see it.
    shown: PathBuf,
    /// What earlier runs did with each incident.
    earlier: BTreeMap<IncidentId, EarlierRuns>,
}

impl Outbox {
    /// The outbox in the folder that a person named; the folder may not exist yet.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self::at(FolderPath::from_person(root), root)
    }

    /// Opens the outbox at a path; messages call it `shown`.
    #[must_use]
    pub fn at(place: FolderPath, shown: &Path) -> Self {
        Self {
            place,
            shown: shown.to_path_buf(),
            earlier: BTreeMap::new(),
        }
    }

    /// The path as people see it.
    #[must_use]
    pub fn display_path(&self) -> &Path {
        &self.shown
    }
}

impl Forge for Outbox {
    fn address(&self) -> String {
        self.shown.display().to_string()
    }

    fn observe(&mut self, wanted: &DesiredIncident) -> anyhow::Result<Observation> {
        let seen = self.observed(wanted.incident)?;
        let last = wanted.handled_until(|key| seen.contains_key(key));
        let noted = self.noted_runs(wanted.incident)?;
        let earlier = if noted.is_empty() {
            // An outbox calls nobody, so it also shows what was over before its first run.
            EarlierRuns::found(last, true)
        } else {
            noted.with_this_generation(last).as_active(wanted.is_open())
        };
        self.earlier.insert(wanted.incident.clone(), earlier.clone());
        Ok(Observation {
            seen,
            earlier,
            ..Observation::default()
        })
    }

    fn carry_out(&mut self, planned: &Planned) -> Result<String, Failure> {
        self.write_down(planned)
            .map_err(|error| Failure::Failed(format!("{error:#}")))
    }
}

impl Outbox {
    /// Returns the objects of an incident that the outbox has files of.
    ///
    /// # Errors
    /// Fails if a file cannot be read.
    pub fn observed(&self, incident: &IncidentId) -> anyhow::Result<Observed> {
        let mut all = Observed::new();
        let name = encode(incident.as_str());
        let root = self.place.open()?;
        if let Some(folder) = root.map(|root| root.subfolder(name)).transpose()?.flatten() {
            collect(&folder, &mut vec![incident.as_str().to_owned()], &mut all)?;
        }
        Ok(all)
    }

    /// What the file of an incident's issue says about earlier runs; empty if it says nothing.
    fn noted_runs(&self, incident: &IncidentId) -> anyhow::Result<EarlierRuns> {
        let path = path(&Key::Issue(incident.clone()));
        let root = self.place.open()?;
        let text = root.as_ref().map(|root| read(root, &path)).transpose()?.flatten();
        Ok(text.as_deref().and_then(noted_runs).unwrap_or_default())
    }

    fn write_down(&self, planned: &Planned) -> anyhow::Result<String> {
        let path = path(&planned.effect.key);
        let shown = self.shown.join(&path).display().to_string();
        let root = self.place.open()?;
        let before = root.as_ref().map(|root| read(root, &path)).transpose()?.flatten();
        if before.as_deref().is_some_and(|text| seen(text).is_none()) {
            bail!("{shown} is not ours: its first line is not our mark; move it away");
        }
        let root = match root {
            Some(root) => root,
            None => self.place.make()?,
        };
        if planned.action == Action::Cancel {
            root.remove(&path)?;
            return Ok(shown);
        }
        let people = before
            .as_deref()
            .and_then(|text| Some(text.split_once(END)?.1))
            .unwrap_or("\n");
        let mut own = managed(&planned.effect);
        let earlier = self.earlier.get(&planned.effect.incident);
        if let Some(earlier) = earlier.filter(|_| planned.effect.kind == Kind::Issue) {
            own += &format!("{RUNS}{}{RUNS_END}\n", serde_json::to_string(earlier)?);
        }
        let text = format!("{own}{END}{people}");
        if let Some(folder) = path.parent() {
            root.make_subfolder(folder)?;
        }
        root.replace(&path, text.as_bytes())?;
        // An earlier version that was killed may have left a half-written file under this name.
        let unfinished = path.with_extension("md.unfinished");
        if root.kind(&unfinished)? == Some(EntryKind::File) {
            root.remove(&unfinished)?;
        }
        Ok(shown)
    }
}

/// Adds the objects in a folder's files to `all`; `parts` are the segments of the key so far.
fn collect(folder: &Folder, parts: &mut Vec<String>, all: &mut Observed) -> anyhow::Result<()> {
    for entry in folder.entries()? {
        let name = entry.name.to_string_lossy().into_owned();
        if entry.kind == EntryKind::Folder {
            if let Some(below) = folder.subfolder(&entry.name)? {
                parts.push(decode(&name));
                collect(&below, parts, all)?;
                parts.pop();
            }
        } else if let Some(stem) = name.strip_suffix(".md")
            && let Some(text) = read(folder, Path::new(&entry.name))?
            && let Some(seen) = seen(&text)
        {
            all.insert(key(parts, &decode(stem)), seen);
        }
    }
    Ok(())
}

/// The text of a file; `None` if the file does not exist.
fn read(folder: &Folder, path: &Path) -> anyhow::Result<Option<String>> {
    let Some(bytes) = folder.read(path, MAX_FILE_BYTES)? else {
        return Ok(None);
    };
    // A person's words, which must stay, would be cut off.
    if bytes.len() > MAX_FILE_BYTES {
        bail!("{} is larger than 64 MiB; move it away", folder.display_path(path));
    }
    let text = String::from_utf8(bytes).map(Some);
    text.with_context(|| format!("cannot read {}", folder.display_path(path)))
}

/// The text of this program's part of an effect's file.
fn managed(effect: &Effect) -> String {
    let ObservedObject {
        hash: words,
        content,
        open,
    } = ObservedObject::after_applying(effect);
    // The incident's id is a readable sentence, so files that a customer might see carry a hash of the key.
    let identity = match effect.audience {
        Audience::Customer => effect.key.digest(),
        Audience::Internal | Audience::Executive => escape::comment(&effect.key.to_string()),
    };
    let state = if open { "open" } else { "closed" };
    let mut out = format!("{MARK}{identity} {words} {content} {state} -->\n");
    if let Some(title) = &effect.title {
        out += &format!("# {}\n\n", escape::line(title));
    }
    let mut about = vec![
        effect.kind.display_name().to_owned(),
        effect.audience.display_name().to_owned(),
        escape::line(&format!("in {}", effect.to)),
    ];
    if !effect.labels.is_empty() {
        let labels: Vec<_> = effect
            .labels
            .iter()
            .map(|label| format!("`{}`", label.replace('`', "'")))
            .collect();
        about.push(labels.join(" "));
    }
    about.extend(effect.at.map(|at| format!("to be sent at {}", time(at))));
    if effect.kind.is_kept_up_to_date() {
        about.push(state.to_owned());
    }
    out += &format!("*{}*\n\n", about.join(" · "));
    let body = resolved(&effect.body, &path(&effect.key), effect.kind.is_chat());
    if effect.kind.is_chat() {
        let fence = fence(&body);
        out += &format!("{fence}text\n{}\n{fence}\n\n", body.trim_end());
    } else {
        out += body.trim_end();
        out += "\n\n";
    }
    out
}

/// A code fence that is longer than any run of backticks in the text.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// What the text of an issue's file says about earlier runs; `None` if it says nothing.
fn noted_runs(text: &str) -> Option<EarlierRuns> {
    let own = text.split_once(END)?.0;
    let line = own.rsplit_once(RUNS)?.1.split_once(RUNS_END)?.0;
    serde_json::from_str(line).ok()
}

/// The state of the object in a file's text; `None` if this program did not write the file.
fn seen(text: &str) -> Option<ObservedObject> {
    let inside = text.lines().next()?.strip_prefix(MARK)?.strip_suffix(" -->")?;
    let mut parts = inside.split(' ').skip(1);
    let mut next = || parts.next().map(str::to_owned);
    let (hash, content, state) = (next()?, next()?, next()?);
    Some(ObservedObject {
        hash,
        content,
        open: state == "open",
    })
}

/// A body whose references are relative paths from its own file.
fn resolved(body: &str, own: &Path, chat: bool) -> String {
    with_references(body, |key| {
        let target = relative(own, &path(&Key::from(key)));
        if chat { target } else { format!("[{target}]({target})") }
    })
}

/// The relative path from one file of the outbox to another.
fn relative(from: &Path, to: &Path) -> String {
    let up = from.components().count().saturating_sub(1);
    let to: Vec<_> = to
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    let own: Vec<_> = from
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    let common = own.iter().zip(&to).take(up).take_while(|(a, b)| a == b).count();
    let steps = std::iter::repeat_n("..".to_owned(), up - common).chain(to.into_iter().skip(common));
    steps.collect::<Vec<_>>().join("/")
}

/// The file of a key, from the outbox's root: `incident/ID/a/b` is `ID/a/b.md`; the issue and tickets, which have files
/// below them, are `issue.md` and `ticket.md` in their folders.
fn path(key: &Key) -> PathBuf {
    let mut parts = key.segments();
    match parts.as_slice() {
        [_] => parts.push("issue".to_owned()),
        [_, customer, _] if customer == "customer" => parts.push("ticket".to_owned()),
        _ => {}
    }
    let mut path: PathBuf = parts.iter().map(|part| encode(part)).collect();
    path.as_mut_os_string().push(".md");
    path
}

/// The key of a file.
fn key(folders: &[String], stem: &str) -> Key {
    let folder = format!("incident/{}", folders.join("/"));
    match (folders, stem) {
        ([_], "issue") => Key::from(folder.as_str()),
        ([_, customer, _], "ticket") if customer == "customer" => Key::from(folder.as_str()),
        _ => Key::from(format!("{folder}/{stem}").as_str()),
    }
}

/// The characters that are percent-encoded in a file's name: all but letters, digits and `. _ -`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'-');

/// A key's segment as a file name, which never begins with a dot.
fn encode(segment: &str) -> String {
    let dot = if segment.starts_with('.') { "%2E" } else { "" };
    let rest = segment.strip_prefix('.').unwrap_or(segment);
    let out = format!("{dot}{}", utf8_percent_encode(rest, ENCODED));
    // A file's name has at most 255 bytes on most systems.
    if out.len() > 180 {
        format!("{}-{}", &out[..100], hash_texts(&[segment]))
    } else {
        out
    }
}

/// The key's segment that a file name stands for.
fn decode(name: &str) -> String {
    percent_decode_str(name).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests look at the folder")]
mod tests {
    use std::fs;

    use super::*;
    use crate::effects::Destination;

    fn effect(key: &str, body: &str) -> Effect {
        Effect {
            audience: Audience::Executive,
            to: Destination::NewChannel("x".into()),
            body: body.to_owned(),
            hash: "h".into(),
            ..Effect::with_empty_fields(Key::from(key), "i".into(), Kind::Summary)
        }
    }

    fn create(effect: Effect) -> Planned {
        Planned {
            action: Action::Create,
            effect,
        }
    }

    #[test]
    fn what_was_written_is_observed_under_its_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut outbox = Outbox::new(folder.path());
        let keys = [
            "incident/i",
            "incident/i/update/s",
            "incident/i/customer/a",
            "incident/i/customer/a/update/s",
            "incident/i/customer/../x y/u",
        ];
        for key in keys {
            outbox.carry_out(&create(effect(key, "words"))).expect("it is written");
        }
        let seen = outbox.observed(&"i".into()).expect("it is read");
        let mut expected: Vec<_> = keys.into_iter().map(Key::from).collect();
        expected.sort();
        assert_eq!(seen.keys().cloned().collect::<Vec<_>>(), expected);
        assert_eq!(
            seen[&expected[0]],
            ObservedObject::after_applying(&effect(keys[0], "words"))
        );
    }

    #[test]
    fn no_key_leaves_the_outbox() {
        for key in [
            "incident/../../x",
            "incident/i/customer/..",
            "incident//etc/passwd",
            "incident/i/.",
            "incident/i/a\\b",
        ] {
            let path = path(&Key::from(key));
            assert!(
                path.components()
                    .all(|part| matches!(part, std::path::Component::Normal(_))),
                "{}",
                path.display()
            );
        }
    }

    #[test]
    fn a_persons_text_below_the_end_mark_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut outbox = Outbox::new(folder.path());
        let place = outbox
            .carry_out(&create(effect("incident/i", "one")))
            .expect("it is written");
        let text = fs::read_to_string(&place).expect("it is there") + "a person's note\n";
        fs::write(&place, text).expect("it is edited");
        outbox
            .carry_out(&Planned {
                action: Action::Edit,
                effect: effect("incident/i", "two"),
            })
            .expect("it is edited");
        let text = fs::read_to_string(&place).expect("it is there");
        assert!(
            text.contains("two") && !text.contains("one") && text.ends_with("a person's note\n"),
            "{text}"
        );
    }

    #[test]
    fn a_persons_file_is_not_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("i")).expect("a folder");
        fs::write(folder.path().join("i/issue.md"), "mine").expect("a file");
        let mut outbox = Outbox::new(folder.path());
        assert!(outbox.carry_out(&create(effect("incident/i", "ours"))).is_err());
        assert_eq!(
            fs::read_to_string(folder.path().join("i/issue.md")).expect("it is there"),
            "mine"
        );
    }

    #[test]
    fn a_reference_becomes_the_way_to_the_other_file() {
        let body = format!("see {}", crate::render::reference("incident/i/slack/open_channel/sev0"));
        let own = path(&Key::from("incident/i/update/s"));
        assert_eq!(resolved(&body, &own, true), "see ../slack/open_channel/sev0.md");
    }

    #[test]
    fn every_key_has_the_file_of_version_0_1_0_and_every_file_its_key() {
        for line in include_str!("../../tests/golden/paths.txt").lines() {
            let (own, golden) = line.split_once(" => ").expect("a path");
            assert_eq!(path(&Key::from(own)), Path::new(golden));
            let mut parts: Vec<String> = golden.split('/').map(decode).collect();
            let stem = parts.pop().expect("a file");
            let back = key(&parts, stem.strip_suffix(".md").expect("a Markdown file"));
            // A segment that is too long for a file's name is cut: its key is not in its name.
            if own.len() < 180 {
                assert_eq!(back.to_string(), own);
            }
        }
    }
}
