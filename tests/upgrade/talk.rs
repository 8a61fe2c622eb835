//! Lives in GitLab and Slack together.

use super::both::*;
use super::gitlab_server::State;
use super::life::*;
use super::loopback::Fault;
use super::slack_server::*;
use super::*;

/// A stage as a version lives it, and its requests that write, counted from its first ones.
struct Stage {
    number: usize,
    before: (State, Workspace),
    writes: (Vec<usize>, Vec<usize>),
}

fn apply(both: &mut Both, version: Version, stage: usize) -> Result<String, String> {
    both.run.binary = version.binary();
    let ended = both.at("apply", NOWS[stage], &[]);
    let said = format!("{version:?} ends with {}: {}", ended.code, ended.text);
    if ended.code == 0 { Ok(said) } else { Err(said) }
}

/// Who is there, and what must not be.
fn objects(both: &Both) -> (Vec<String>, Vec<String>) {
    let (mut all, mut wrong) = objects::gitlab(&both.run.fake.lock());
    let (more, also) = objects::slack(&both.slack.lock());
    all.extend(more);
    wrong.extend(also);
    (all, wrong)
}

/// Whether a method of Slack only reads.
fn reads(method: &str) -> bool {
    let name = method.rsplit('.').next().unwrap_or_default();
    ["list", "history", "info", "test", "conversations"].contains(&name)
}

fn alone(version: Version) -> (Vec<Vec<String>>, Vec<Stage>) {
    let mut both = Both::new();
    let (mut after, mut stages) = (Vec::new(), Vec::new());
    for (number, now) in NOWS.iter().enumerate() {
        both.slack.lock().pass(now.parse().expect("a time"));
        let before = (both.run.fake.lock().clone(), both.slack.lock().clone());
        both.run.write(number);
        apply(&mut both, version, number).expect("it is green");
        let (all, wrong) = objects(&both);
        assert_eq!(wrong, Vec::<String>::new());
        after.push(all);
        let places = |log: &[String], skip: usize, is_read: &dyn Fn(&str) -> bool| {
            let requests = log[skip..].iter().enumerate();
            let writes = requests.filter(|(_, line)| !is_read(line));
            writes.map(|(at, _)| at).collect::<Vec<_>>()
        };
        let gitlab = places(&both.run.fake.lock().traffic.log, before.0.traffic.log.len(), &|line| {
            line.starts_with("GET ")
        });
        let slack = places(&both.slack.lock().traffic.log, before.1.traffic.log.len(), &reads);
        stages.push(Stage {
            number,
            before,
            writes: (gitlab, slack),
        });
    }
    (after, stages)
}

#[test]
#[ignore = "needs the binary of 0.1.0: tests/upgrade/run"]
fn a_life_with_slack_that_two_versions_live_is_the_life_that_one_lives() {
    let (wanted, _) = alone(New);
    each(&lives(), |versions| {
        let name = format!("{versions:?}");
        let mut both = Both::new();
        let mut said = Vec::new();
        for (stage, version) in versions.iter().enumerate() {
            both.run.write(stage);
            said.push(apply(&mut both, *version, stage)?);
            let (_, wrong) = objects(&both);
            same(&format!("{name}, stage {stage}"), &wrong, &[], &said)?;
        }
        said.push(apply(&mut both, New, STAGES - 1)?);
        let (all, wrong) = objects(&both);
        same(&name, &wrong, &[], &said)?;
        same(&name, &all, &wanted[STAGES - 1], &said)?;
        // One more run has nothing to say.
        let before = (both.run.fake.lock().writes().len(), both.slack.count());
        said.push(apply(&mut both, New, STAGES - 1)?);
        let after = (both.run.fake.lock().writes().len(), both.slack.count());
        if before == after {
            Ok(())
        } else {
            Err(format!("{name}: a run without news writes\n{}", said.join("\n")))
        }
    });
}

#[test]
#[ignore = "needs the binary of 0.1.0: tests/upgrade/run"]
fn with_slack_this_version_goes_on_where_the_old_one_was_killed() {
    let (wanted, _) = alone(New);
    let (_, stages) = alone(Old);
    let mut cells: Vec<(&Stage, Wrong)> = Vec::new();
    for stage in &stages {
        for at in &stage.writes.0 {
            let faults = [Fault::KilledBefore, Fault::KilledAfter];
            cells.extend(faults.map(|fault| (stage, Wrong::Gitlab(*at, fault))));
        }
        for at in &stage.writes.1 {
            let faults = [Fault::KilledBefore, Fault::KilledAfter];
            cells.extend(faults.map(|fault| (stage, Wrong::Slack(*at, fault))));
        }
    }
    assert!(cells.len() > 100, "only {} cells", cells.len());
    each(&cells, |(stage, wrong)| {
        let name = format!("killed in stage {}, {wrong:?}", stage.number);
        let mut both = Both::from(&stage.before, *wrong);
        both.run.write_to(stage.number);
        let mut said = match apply(&mut both, Old, stage.number) {
            Ok(said) => return Err(format!("{name}: not killed: {said}")),
            Err(said) => vec![said],
        };
        for _ in 0..4 {
            let ended = apply(&mut both, New, stage.number);
            let is_green = ended.is_ok();
            said.push(ended.unwrap_or_else(|said| said));
            if is_green {
                break;
            }
        }
        let (all, wrong) = objects(&both);
        same(&name, &wrong, &[], &said)?;
        same(&name, &all, &wanted[stage.number], &said)
    });
}

/// A version lives three stages; then a person deletes the last summary, an earlier update is corrected, and this version
/// goes on. Who is there, and what was said.
fn corrected(first: Version) -> Result<(Vec<String>, Vec<String>), String> {
    let mut both = Both::new();
    for stage in 0..3 {
        both.run.write(stage);
        apply(&mut both, first, stage)?;
    }
    both.run.correct(
        1,
        &[
            ("A proxy drops packets.", "Two proxies drop packets."),
            ("We know the cause.", "We know both causes."),
        ],
    );
    {
        let mut state = both.run.fake.lock();
        let summary = format!("incidentctl: incident/{ID}/update/20260105T1035Z-bob ");
        let before = state.notes.len();
        state.notes.retain(|note| !note.body.contains(&summary));
        assert_eq!(state.notes.len(), before - 1);
    }
    // Without a signature, the index does not prove that a person removed the summary: the run asks, and sends nothing again.
    let went_on = apply(&mut both, New, 2);
    let is_asked = |said: &String| said.contains("it is unknown whether") && said.contains("20260105T1035Z-bob");
    let mut said = match (first, went_on) {
        (Old, Err(said)) if is_asked(&said) => vec![said],
        (_, went_on) => vec![went_on?],
    };
    said.push(both.at("remind", NOWS[2], &[]).text);
    let (mut all, wrong) = objects(&both);
    same("corrected", &wrong, &[], &said)?;
    let state = both.slack.lock();
    let messages = state.rooms.iter().flat_map(|room| &room.messages);
    let edited = messages.filter(|message| message.edited).count();
    assert!(edited > 0, "nothing is edited: {said:?}");
    all.push(format!("{edited} messages are edited"));
    // Only a signed index remembers the number of the removed note.
    all.retain(|line| !line.starts_with("index update/20260105T1035Z-bob"));
    Ok((all, said))
}

#[test]
#[ignore = "needs the binary of 0.1.0: tests/upgrade/run"]
fn what_the_old_version_posted_is_corrected_where_it_is_and_what_a_person_removed_stays_away() {
    let (wanted, _) = corrected(New).expect("it is green");
    let (all, said) = corrected(Old).expect("it is green");
    assert_eq!(same("corrected", &all, &wanted, &said), Ok(()));
}
