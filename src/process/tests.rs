use super::*;

fn team(text: &str) -> Process {
    let file: ProcessFile = serde_yaml::from_str(text).expect("a process file");
    resolve(&handbook(), Some(&file))
}

fn handbook() -> ProcessFile {
    serde_yaml::from_str(HANDBOOK).expect("the embedded file is valid")
}

fn keys<T>(all: &[T], key: impl Fn(&T) -> String) -> Vec<String> {
    all.iter().map(key).collect()
}

#[test]
fn the_embedded_process_can_be_read_and_is_the_handbooks() {
    let process = resolve(&handbook(), None);
    let roles = keys(&process.roles, |role| role.key.to_string());
    assert_eq!(
        roles,
        [
            "incident_manager",
            "incident_coordinator",
            "incident_analysts",
            "executive_sponsor"
        ]
    );
    let sev0 = process.severity("sev0").expect("sev0");
    let steps = keys(&sev0.steps, |step| step.key.to_string());
    assert_eq!(
        steps,
        [
            "notify",
            "open_channel",
            "brief_analysts",
            "broadcast",
            "notify_customers"
        ]
    );
    assert_eq!(process.initial_status().as_str(), "investigating");
    assert_eq!(
        process.cadence(&"sev0".into(), &"identified".into()),
        Some(Length::minutes(60))
    );
    assert_eq!(process.cadence(&"sev0".into(), &"resolved".into()), None);
    assert_eq!(process.cadence(&"sev1".into(), &"identified".into()), None);
}

#[test]
fn a_team_writes_only_what_differs() {
    let process = team(
        "extends: handbook\nroles: {scribe: {title: Scribe}, executive_sponsor: null}\nroles_within: 1h\n\
         severities: {sev0: {cadence: {monitoring: 2h}}, sev2: {customers: {min: 1}}}\n\
         statuses: {mitigated: {kind: active}}\nrules: {INC203: error}\n",
    );
    let roles = keys(&process.roles, |role| role.key.to_string());
    assert_eq!(
        roles,
        [
            "incident_manager",
            "incident_coordinator",
            "incident_analysts",
            "scribe"
        ]
    );
    assert_eq!(process.roles_within.value, Length::minutes(60));
    assert_eq!(
        process.cadence(&"sev0".into(), &"monitoring".into()),
        Some(Length::minutes(120))
    );
    assert_eq!(
        process.cadence(&"sev0".into(), &"mitigated".into()),
        Some(Length::minutes(60))
    );
    assert_eq!(process.severity_rank("sev2"), 2);
    assert_eq!(process.severity("sev0").map(|severity| severity.steps.len()), Some(5));
    assert_eq!(process.levels["INC203"].value, RuleLevel::Error);
}

#[test]
fn without_extends_nothing_is_inherited() {
    let process = team("statuses: {open: {kind: active, to: [done]}, done: {kind: closed}}\n");
    assert!(process.roles.is_empty());
    assert_eq!(process.initial_status().as_str(), "open");
    assert!(process.may_follow(&"open".into(), &"done".into()));
    assert!(!process.may_follow(&"done".into(), &"open".into()));
}
