use proptest::prelude::*;

use super::*;

/// The keys of version 0.1.0 in the golden files: of effects, with and without their incident.
fn golden() -> (Vec<String>, Vec<String>) {
    let effects = [
        include_str!("../../../tests/golden/ledger.effects"),
        include_str!("../../../tests/golden/life.effects"),
    ];
    let named = [
        include_str!("../../../tests/golden/paths.txt"),
        include_str!("../../../tests/golden/purposes.txt"),
    ];
    let served = [
        include_str!("../../../tests/golden/life.served"),
        include_str!("../../../tests/golden/reminders.served"),
    ];
    let first = |line: &str, end: &str| line.split_once(end).map(|(key, _)| key.to_owned());
    let effects = effects
        .into_iter()
        .flat_map(str::lines)
        .filter_map(|line| first(line, " "));
    let named = named
        .into_iter()
        .flat_map(str::lines)
        .filter_map(|line| first(line, " => "));
    let served = served.into_iter().flat_map(str::lines);
    let short = served.filter_map(|line| {
        let (key, _) = line.strip_prefix("index .done.")?.split_once(" = ")?;
        Some(key.rsplit_once('.')?.0.to_owned())
    });
    (effects.chain(named).collect(), short.collect())
}

#[test]
fn every_golden_key_has_its_text() {
    let (keys, short) = golden();
    assert!(
        keys.len() > 200 && short.len() > 100,
        "{} and {}",
        keys.len(),
        short.len()
    );
    for text in &keys {
        assert_eq!(Key::from(text.as_str()).to_string(), *text);
    }
    for text in &short {
        let key = ShortKey::from(text.as_str());
        assert_eq!(key.to_string(), *text);
        assert!(!matches!(key, ShortKey::Other(_)), "{text}");
    }
}

#[test]
fn every_golden_key_of_an_effect_is_known() {
    let effects = [
        include_str!("../../../tests/golden/ledger.effects"),
        include_str!("../../../tests/golden/life.effects"),
    ];
    for line in effects.into_iter().flat_map(str::lines) {
        let (text, rest) = line.split_once(' ').expect("a key");
        let key = Key::from(text);
        let kind = rest.split(' ').next().expect("a kind");
        let is_it = match (&key, kind) {
            (Key::Issue(_), "issue") => true,
            (Key::Of(_, short), kind) => matches!(
                (short, kind),
                (ShortKey::Step { .. }, "channel" | "ping" | "broadcast")
                    | (ShortKey::Resolution { .. } | ShortKey::ExecutiveMessage(_), "broadcast")
                    | (ShortKey::Summary(_), "summary")
                    | (ShortKey::Ticket(_), "ticket")
                    | (ShortKey::TicketNote { .. }, "ticket-note")
                    | (ShortKey::ChannelUpdate(_), "channel-update")
                    | (ShortKey::Reminder(_), "nag")
            ),
            _ => false,
        };
        assert!(is_it, "{line}: {key:?}");
    }
}

#[test]
fn a_text_of_another_version_is_kept_as_it_is() {
    for text in [
        "",
        "review",
        "nag",
        "nag/a/b",
        "slack/",
        "slack/a/b/c",
        "slack/overdue/s/60m",
        "overdue/s/soon",
        "customer/acme/report/s",
        "customer/acme/correct-0",
        "incident/other/update/s",
    ] {
        let key = ShortKey::from(text);
        assert_eq!(key.to_string(), text);
        assert_eq!(serde_json::to_value(&key).expect("JSON"), text);
        let whole = format!("incident/i/{text}");
        assert_eq!(Key::from(whole.as_str()).to_string(), whole);
    }
    for text in ["", "incident", "inciden/i/update/s", "update/s"] {
        assert!(matches!(Key::from(text), Key::Other(own) if own == text));
    }
    assert!(ShortKey::from("nag/a/b").is_reminder() && ShortKey::from("slack/a/b/c").is_in_chat());
}

#[test]
fn two_readings_of_one_text_are_one_key() {
    let step = ShortKey::Step {
        step: "update".into(),
        severity: "s".into(),
    };
    assert_eq!(step, ShortKey::ChannelUpdate("s".into()));
    assert_eq!(ShortKey::Ticket("a/b".into()), ShortKey::from("customer/a/b"));
    assert_ne!(Key::from("incident/i"), Key::from("incident/i/"));
}

#[test]
fn a_correction_is_below_what_it_corrects() {
    for text in ["incident/i/customer/a", "incident/i/customer/a/update/s"] {
        let key = Key::from(text);
        let short = key.short_key().expect("a short key").correction("h");
        let correction = Key::for_incident(&"i".into(), short);
        assert_eq!(correction.to_string(), format!("{text}/correction-h"));
        assert!(correction.is_below(&key) && !key.is_below(&key));
        assert_eq!(correction.customer(), key.customer());
    }
}

/// A name in a key.
fn name() -> impl Strategy<Value = String> {
    // Never the words that other keys have in its place.
    "[a-z0-9_. ü<-]{1,12}".prop_filter("it has another meaning", |name| {
        let words = ["update", "executives", "missing", "overdue"];
        !words.contains(&name.as_str()) && !name.starts_with("correction-")
    })
}

fn item() -> impl Strategy<Value = OverdueItem> {
    prop_oneof![
        (name(), 0_i64..100_000).prop_map(|(stamp, after)| OverdueItem::Promise {
            stamp: Stamp(stamp),
            after: Length::minutes(after),
        }),
        (name(), name()).prop_map(|(role, stamp)| OverdueItem::Role {
            role: RoleKey(role),
            stamp: Stamp(stamp),
        }),
        (name(), name()).prop_map(|(step, severity)| OverdueItem::Step {
            step: StepKey(step),
            severity: SeverityKey(severity),
        }),
    ]
}

fn on_ticket() -> impl Strategy<Value = ShortKey> {
    prop_oneof![
        name().prop_map(|customer| ShortKey::Ticket(CustomerKey(customer))),
        (name(), name()).prop_map(|(customer, stamp)| ShortKey::TicketNote {
            customer: CustomerKey(customer),
            stamp: Stamp(stamp),
        }),
        (name(), proptest::option::of(name()), "[0-9a-f]{16}").prop_map(|(customer, stamp, hash)| {
            ShortKey::Correction {
                customer: CustomerKey(customer),
                stamp: stamp.map(Stamp),
                hash,
            }
        }),
    ]
}

fn short() -> impl Strategy<Value = ShortKey> {
    prop_oneof![
        name().prop_map(|stamp| ShortKey::Summary(Stamp(stamp))),
        on_ticket(),
        (name(), name()).prop_map(|(step, severity)| ShortKey::Step {
            step: StepKey(step),
            severity: SeverityKey(severity),
        }),
        (name(), name(), name()).prop_map(|(step, severity, stamp)| ShortKey::Resolution {
            step: StepKey(step),
            severity: SeverityKey(severity),
            stamp: Stamp(stamp),
        }),
        name().prop_map(|stamp| ShortKey::ChannelUpdate(Stamp(stamp))),
        name().prop_map(|stamp| ShortKey::ExecutiveMessage(Stamp(stamp))),
        name().prop_map(|stamp| ShortKey::Reminder(Stamp(stamp))),
        item().prop_map(ShortKey::Overdue),
        item().prop_map(ShortKey::OverdueMessage),
    ]
}

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![
        1 => name().prop_map(|incident| Key::Issue(IncidentId(incident))),
        9 => (name(), short()).prop_map(|(incident, short)| Key::Of(IncidentId(incident), short)),
    ]
}

proptest! {
    #[test]
    fn what_is_read_is_what_was_written(key in key()) {
        let read = Key::from(key.to_string().as_str());
        // Keys are equal by their text; here they are the same value.
        prop_assert_eq!(format!("{read:?}"), format!("{key:?}"));
        prop_assert_eq!(read, key);
    }

    #[test]
    fn any_text_is_kept(text in "(incident/)?([a-z0-9-]{0,8}/?){0,6}") {
        prop_assert_eq!(Key::from(text.as_str()).to_string(), text);
    }

    #[test]
    fn keys_are_ordered_as_their_texts(one in key(), other in key()) {
        prop_assert_eq!(one.cmp(&other), one.to_string().cmp(&other.to_string()));
        prop_assert_eq!(one.cmp(&one.clone()), Ordering::Equal);
    }

    #[test]
    fn texts_in_pieces_are_ordered_as_whole_ones(one in "[a/-]{0,6}", other in "[a/-]{0,6}", at in 0_usize..6) {
        let parts = |text: &str| {
            let (start, end) = text.split_at(at.min(text.len()));
            [start, "", end].map(|part| Cow::Owned(part.to_owned()))
        };
        let whole = |text: &str| [Cow::Owned(text.to_owned())];
        prop_assert_eq!(compare(parts(&one).into_iter(), whole(&other).into_iter()), one.cmp(&other));
        prop_assert_eq!(compare(whole(&one).into_iter(), parts(&other).into_iter()), one.cmp(&other));
    }
}
