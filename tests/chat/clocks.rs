//! A long day of a severity 0 with two customers: reminders, overdue notes, words and scores, for the business and for each customer.

use super::both::*;
use super::life::*;

const NOW: &str = "2026-01-05T21:30:00Z";

/// The entries of the day: the time, the author and the text.
///
/// The business hears late at 11:25 (due 11:10), Globex at 12:40 (due 12:10). Acme is restored at 12:00, words are held from 13:10 to
/// 14:10, Bob hands over to Frank at 15:00, the severity changes at 16:05 and back at 17:05.
const DAY: &[(&str, &str, &str)] = &[
    (
        "0940",
        "bob",
        "status: identified\ncurrent_status: One.\nnext_steps: Fix it.\ncustomer_message: One.\n",
    ),
    ("1010", "bob", "current_status: Two.\ncustomer_message: Two.\n"),
    ("1100", "bob", "customer_message: Three.\n"),
    ("1125", "bob", "current_status: Three, late.\n"),
    (
        "1150",
        "bob",
        "current_status: Four.\ncustomers: { restored: { acme: 11:45 } }\n",
    ),
    ("1240", "bob", "current_status: Five.\ncustomer_message: Four, late.\n"),
    ("1310", "bob", "current_status: Six.\nhold_customers: legal review\n"),
    (
        "1410",
        "bob",
        "current_status: Seven.\nhold_customers: null\ncustomer_message: Five.\n",
    ),
    (
        "1500",
        "bob",
        "current_status: Eight.\nroles: { incident_coordinator: frank }\ncustomer_message: Six.\n",
    ),
    ("1555", "frank", "current_status: Nine.\ncustomer_message: Seven.\n"),
    (
        "1605",
        "frank",
        "severity: sev1\nreason: Only Globex is left.\ncustomers: { remove: [acme] }\ncurrent_status: Ten.\n",
    ),
    ("1650", "frank", "customer_message: Only you are affected.\n"),
    (
        "1705",
        "frank",
        "severity: sev0\nreason: Initech as well.\ncustomers: { add: [initech] }\nimpact: { degradation: total }\n",
    ),
    ("1800", "frank", "current_status: Eleven.\ncustomer_message: Eight.\n"),
    ("1855", "frank", "current_status: Twelve.\ncustomer_message: Nine.\n"),
    ("1950", "frank", "current_status: Thirteen.\ncustomer_message: Ten.\n"),
    (
        "2040",
        "frank",
        "status: resolved\ncurrent_status: Over.\ncustomer_message: It is over.\n",
    ),
    ("2110", "frank", "status: closed\n"),
];

fn declare(both: &Both) {
    both.run.put(
        &format!("incidents/{ID}/incident.yaml"),
        "title: Pushes rejected\nseverity: sev0\ndeclared_at: 2026-01-05T09:10:00Z\ndeclared_by: alice\n\
         customers: [acme, globex]\nroles: { incident_manager: alice, incident_coordinator: bob, incident_analysts: [carol] }\n\
         impact: { headline: Pushes fail, symptoms: git push is refused }\n",
    );
}

/// The times of messages in the incident's channel that contain these words.
fn said(both: &Both, words: &str) -> Vec<String> {
    let state = both.slack.lock();
    let room = state.room(&format!("inc-{ID}"));
    let with = room.messages.iter().filter(|message| message.text.contains(words));
    let time = |ts: &str| {
        let seconds = ts.split('.').next()?.parse().ok()?;
        Some(
            chrono::DateTime::from_timestamp(seconds, 0)?
                .format("%H:%M")
                .to_string(),
        )
    };
    with.filter_map(|message| time(&message.ts)).collect()
}

/// The notes on a customer's ticket, each without its mark.
fn words(both: &Both, project: u64) -> Vec<String> {
    let state = both.run.fake.lock();
    let notes = state
        .notes
        .iter()
        .filter(|note| note.project == project && !note.system);
    let text = |body: &str| {
        body.lines()
            .filter(|line| !line.starts_with("<!--"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    notes.map(|note| text(&note.body).trim().to_owned()).collect()
}

/// Brings the clock of GitLab to a time of the day; Slack's follows the run.
fn set_clock(both: &Both, stamp: &str) {
    let now = format!("2026-01-05T{}:{}:10Z", &stamp[..2], &stamp[2..]);
    let now: chrono::DateTime<chrono::Utc> = now.parse().expect("a time");
    both.run.fake.lock().skew = now - chrono::Utc::now();
}

/// Lives the day: every five minutes a scheduled run, and a run for each update.
fn live(both: &Both) {
    declare(both);
    set_clock(both, "0911");
    both.green("apply", "2026-01-05T09:11:00Z", &[]);
    let mut entries = DAY.iter().peekable();
    for minute in (0..=149).map(|tick| 9 * 60 + 15 + tick * 5) {
        let stamp = format!("{:02}{:02}", minute / 60, minute % 60);
        while let Some((at, by, text)) = entries.next_if(|(at, ..)| *at <= stamp.as_str()) {
            set_clock(both, at);
            let path = format!("incidents/{ID}/updates/20260105T{at}Z-{by}.yaml");
            both.run.put(&path, &format!("by: {by}\n{text}"));
            both.green("apply", &format!("2026-01-05T{}:{}:30Z", &at[..2], &at[2..]), &[]);
        }
        set_clock(both, &stamp);
        both.green(
            "remind",
            &format!("2026-01-05T{}:{}:59Z", &stamp[..2], &stamp[2..]),
            &[],
        );
    }
}

#[test]
fn a_day_of_two_clocks_ends_with_the_reminders_words_and_scores_that_the_process_prescribes() {
    let both = Both::new();
    live(&both);
    // The business: due 11:10, answered at 11:25. The coordinator is told at once, the manager 15 minutes later only if it lasts.
    let business = "The update promised for";
    assert_eq!(said(&both, business), ["11:10"]);
    // Globex: due 12:00, answered at 12:40: three levels passed.
    let customers = "The update promised to Globex";
    assert_eq!(said(&both, customers), ["12:00", "12:15", "12:30"]);
    assert_eq!(said(&both, "promised to Acme"), Vec::<String>::new());
    // Nobody is reminded of customers while words to them are held, nor at severity 1.
    assert_eq!(
        said(&both, "the next update to Acme Corp, Globex was promised for"),
        ["11:50"]
    );
    let acme = words(&both, 2);
    let globex = words(&both, 3);
    let initech = words(&both, 4);
    insta::assert_snapshot!(
        "a_day_of_two_clocks_words",
        [acme.join("\n"), globex.join("\n"), initech.join("\n")].join("\n---\n")
    );
    let state = both.run.fake.lock();
    for project in [2, 3, 4] {
        assert!(state.issue(project, 1).expect("a ticket").closed, "{project}");
    }
    assert_eq!(state.violations, Vec::<String>::new());
    assert_eq!(both.slack.lock().violations, Vec::<String>::new());
    assert!(both.slack.lock().scheduled.is_empty());
}

#[test]
fn the_scores_of_the_day_tell_what_happened_by_the_observed_times() {
    let both = Both::new();
    live(&both);
    both.green("apply", NOW, &["--observed", "observed.json"]);
    let (_, report) = super::common::run(both.run.folder.path(), &["report", "--at", NOW]);
    insta::assert_snapshot!("a_day_of_two_clocks_report", report);
    std::fs::remove_file(both.run.folder.path().join("observed.json")).expect("it is there");
    let (_, blind) = super::common::run(both.run.folder.path(), &["report", "--at", NOW]);
    assert!(
        blind.contains("customer notice —") && blind.contains("first broadcast —"),
        "{blind}"
    );
    assert!(report.contains("customer notice 1 min"), "{report}");
}
