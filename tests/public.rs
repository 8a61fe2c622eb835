//! Three public incidents, written in the record's format: they pass the check, and their summaries read well.

mod common;

use common::{repository, run};

#[test]
fn they_pass_the_check() {
    let ledger = repository().join("tests/public");
    let (code, text) = run(&ledger, &["check", "--now", "2026-11-23T00:00:00Z", "--quiet"]);
    assert_eq!(
        (code, text.as_str()),
        (0, "checked 3 incidents in 31 files: no findings\n")
    );
}

#[test]
fn their_executive_summaries_read_well() {
    let ledger = repository().join("tests/public");
    for (id, at) in [
        ("2017-01-31-gitlab-database-removed", "2017-02-01T03:30:00Z"),
        ("2022-04-05-atlassian-sites-deleted", "2022-04-08T10:00:00Z"),
        ("2021-04-01-codecov-uploader-altered", "2021-04-12T00:00:00Z"),
    ] {
        let (code, text) = run(&ledger, &["summary", id, "--at", at]);
        assert_eq!(code, 0, "{text}");
        insta::assert_snapshot!(id, text);
    }
}

#[test]
fn their_reviews_hold_who_when_and_which_promises() {
    let ledger = repository().join("tests/public");
    let (_, text) = run(&ledger, &["summary", "2022-04-05", "--template", "review"]);
    insta::assert_snapshot!(text);
}

#[test]
fn no_word_reached_a_customer_while_words_were_held() {
    let ledger = repository().join("tests/public");
    let (_, text) = run(&ledger, &["plan", "--format", "json"]);
    let plan: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let effects = plan["effects"].as_array().expect("effects");
    let told = |id: &str| {
        effects
            .iter()
            .filter(|one| one["audience"] == "customer" && one["key"].as_str().expect("a key").contains(id))
            .count()
    };
    assert_eq!(told("codecov"), 0);
    assert!(told("atlassian") > 10);
}
