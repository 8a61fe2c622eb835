//! Lives in GitLab.

use super::gitlab_server::State;
use super::life::*;
use super::loopback::Fault;
use super::*;

/// A stage as a version lives it after what other versions lived before.
struct Stage {
    number: usize,
    before: State,
    /// Its requests that write, counted from its first one.
    writes: Vec<usize>,
}

/// One run of a version; what it said.
fn apply(run: &mut Run, version: Version) -> Result<String, String> {
    run.binary = version.binary();
    let ended = run.apply(&[]);
    let said = format!("{version:?} ends with {}: {}", ended.code, ended.text);
    if ended.code == 0 { Ok(said) } else { Err(said) }
}

/// Who is there after each stage of the life that this version lives alone, and what the stage took.
fn alone(version: Version) -> (Vec<Vec<String>>, Vec<Stage>) {
    let mut run = Run::new();
    let (mut after, mut stages) = (Vec::new(), Vec::new());
    for number in 0..STAGES {
        run.write(number);
        let before = run.fake.lock().clone();
        apply(&mut run, version).expect("it is green");
        let state = run.fake.lock();
        let (all, wrong) = objects::gitlab(&state);
        assert_eq!(wrong, Vec::<String>::new());
        after.push(all);
        let requests = state.traffic.log[before.traffic.log.len()..].iter().enumerate();
        let writes = requests.filter(|(_, line)| !line.starts_with("GET "));
        stages.push(Stage {
            number,
            writes: writes.map(|(at, _)| at).collect(),
            before,
        });
    }
    (after, stages)
}

/// This version has nothing to do any more: it writes nothing.
fn quiet(name: &str, run: &mut Run) -> Result<(), String> {
    let before = run.fake.lock().writes().len();
    let said = apply(run, New)?;
    let state = run.fake.lock();
    let more = state.writes().into_iter().skip(before).cloned();
    same(
        &format!("{name}: writes of a run without news"),
        &more.collect::<Vec<_>>(),
        &[],
        &[said],
    )
}

#[test]
#[ignore = "needs the binary of 0.1.0: tests/upgrade/run"]
fn a_life_that_two_versions_live_is_the_life_that_one_lives() {
    let (wanted, _) = alone(New);
    each(&lives(), |versions| {
        let name = format!("{versions:?}");
        let mut run = Run::new();
        let mut said = Vec::new();
        for (stage, version) in versions.iter().enumerate() {
            run.write(stage);
            said.push(apply(&mut run, *version)?);
            let (_, wrong) = objects::gitlab(&run.fake.lock());
            same(&format!("{name}, stage {stage}"), &wrong, &[], &said)?;
        }
        // What only this version does is done by its next run.
        said.push(apply(&mut run, New)?);
        let (all, wrong) = objects::gitlab(&run.fake.lock());
        same(&name, &wrong, &[], &said)?;
        same(&name, &all, &wanted[STAGES - 1], &said)?;
        quiet(&name, &mut run)
    });
}

#[test]
#[ignore = "needs the binary of 0.1.0: tests/upgrade/run"]
fn what_an_older_version_handled_gets_no_new_kind_of_effect_later() {
    for versions in [
        [Old; STAGES],
        [Old, Old, Old, Old, Old, New],
        [Old, Old, Old, Old, New, New],
    ] {
        let mut run = Run::new();
        for (stage, version) in versions.iter().enumerate() {
            run.write(stage);
            apply(&mut run, *version).expect("it is green");
        }
        apply(&mut run, New).expect("it is green");
        let state = run.fake.lock();
        let (resolves, closes) = (versions[4], versions[5]);
        let told = state
            .notes
            .iter()
            .filter(|note| note.project == 2 && note.body.contains("All is well again."));
        assert_eq!(
            told.count(),
            usize::from(resolves == New),
            "{versions:?}: last words for a restored customer"
        );
        let closed = state
            .issues
            .iter()
            .filter(|issue| issue.project != 1 && issue.closed)
            .count();
        assert_eq!(
            closed,
            if closes == New { 3 } else { 0 },
            "{versions:?}: closed tickets"
        );
    }
}

#[test]
#[ignore = "needs the binary of 0.1.0: tests/upgrade/run"]
fn where_the_texts_are_the_same_two_versions_leave_the_same_texts() {
    let live = |versions: [Version; STAGES]| {
        let mut run = Run::new();
        for (stage, version) in versions.iter().enumerate() {
            run.write(stage);
            apply(&mut run, *version).expect("it is green");
        }
        run.fake.lock().world()
    };
    let (old, new) = (live([Old; STAGES]), live([New; STAGES]));
    if old != new {
        // This version words something differently: then texts are not compared.
        return;
    }
    each(&lives(), |versions| {
        same(&format!("{versions:?}"), &live(*versions), &new, &[])
    });
}

/// A run of the first version is killed at each of its writes; the second goes on.
fn killed(first: Version, second: Version) {
    let (wanted, _) = alone(New);
    let (_, stages) = alone(first);
    let cells: Vec<(&Stage, usize, Fault)> = stages
        .iter()
        .flat_map(|stage| stage.writes.iter().map(move |at| (stage, *at)))
        .flat_map(|(stage, at)| [Fault::KilledBefore, Fault::KilledAfter].map(|fault| (stage, at, fault)))
        .collect();
    assert!(cells.len() > 50, "only {} cells", cells.len());
    each(&cells, |(stage, at, fault)| {
        let name = format!("{first:?} killed in stage {}, request {at}, {fault:?}", stage.number);
        let mut run = Run::from(stage.before.clone());
        run.fake.fail(*at, *fault);
        run.write_to(stage.number);
        let mut said = match apply(&mut run, first) {
            Ok(said) => return Err(format!("{name}: not killed: {said}")),
            Err(said) => vec![said],
        };
        for _ in 0..4 {
            let ended = apply(&mut run, second);
            let is_green = ended.is_ok();
            said.push(ended.unwrap_or_else(|said| said));
            if is_green {
                break;
            }
        }
        let (_, wrong) = objects::gitlab(&run.fake.lock());
        same(&name, &wrong, &[], &said)?;
        said.push(apply(&mut run, New).map_err(|last| format!("{name}: {}\n{last}", said.join("\n")))?);
        let (all, wrong) = objects::gitlab(&run.fake.lock());
        same(&name, &wrong, &[], &said)?;
        same(&name, &all, &wanted[stage.number], &said)
    });
}

#[test]
#[ignore = "needs the binary of 0.1.0: tests/upgrade/run"]
fn this_version_goes_on_where_the_old_one_was_killed() {
    killed(Old, New);
}

#[test]
#[ignore = "needs the binary of 0.1.0: tests/upgrade/run"]
fn the_old_version_goes_on_where_this_one_was_killed() {
    killed(New, Old);
}
