//! The shapes of updates and of customers.

use std::collections::BTreeMap;

use super::settings;

/// The size up to which a file is filled, in bytes: 1 MiB without room for the fixed lines.
pub(crate) const SIZE: usize = (1 << 20) - 500;
pub(crate) const ID: &str = "2026-01-05-pushes-rejected";

/// A ledger: its name in the table, and its files by path.
pub(crate) struct Shape {
    pub(crate) name: String,
    pub(crate) files: BTreeMap<String, String>,
}

/// Every shape.
pub(crate) fn shapes() -> Vec<Shape> {
    let mut all = vec![shape("ordinary", &[])];
    all.extend(texts());
    all.extend(lists());
    all.extend(mappings());
    all.extend(customers());
    all.extend(settings::syntax());
    all.extend(settings::settings());
    all
}

/// An ordinary ledger in which these files replace the files of the same paths.
pub(crate) fn shape(name: &str, files: &[(&str, String)]) -> Shape {
    let declaration = "title: Pushes rejected\nseverity: sev0\ndeclared_at: 2026-01-05T09:12:00Z\ndeclared_by: bob\n\
        customers: [acme, globex]\nimpact: { headline: Pushes fail, symptoms: Pushes fail, degradation: total }\n";
    let base = [
        ("process.yaml", "extends: handbook\n"),
        ("people.yaml", "bob: { name: Bob Brown }\nalice: { name: Alice Ash }\n"),
        (
            "customers.yaml",
            "acme: { name: Acme Corp, tickets: a/a }\nglobex: { name: Globex, tickets: a/g }\n",
        ),
        ("incident.yaml", declaration),
    ];
    let base = base.iter().map(|(path, text)| (*path, (*text).to_owned()));
    let all = base.chain(files.iter().cloned());
    let place = |path: &str| match path {
        "incident.yaml" | "update.yaml" => {
            let name = path.replace("update", "updates/20260105T0940Z-bob");
            format!("incidents/{ID}/{name}")
        }
        _ => path.to_owned(),
    };
    Shape {
        name: name.to_owned(),
        files: all.map(|(path, text)| (place(path), text)).collect(),
    }
}

/// An ordinary ledger with an update of this content.
pub(crate) fn update(name: &str, content: &str) -> Shape {
    shape(name, &[("update.yaml", format!("by: bob\n{content}\n"))])
}

/// Numbered items until they fill a file.
pub(crate) fn fill(item: impl Fn(usize) -> String) -> String {
    let mut text = String::with_capacity(SIZE);
    for number in 0.. {
        let next = item(number);
        if text.len() + next.len() > SIZE {
            break;
        }
        text += &next;
    }
    text
}

/// Texts to customers that repeat a part.
fn texts() -> Vec<Shape> {
    let parts = [
        "word ",
        "eyJ",
        "-eyJ",
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY ",
        "glpat-abcdefghij0123456789 ",
        "://a:",
        "<a",
        "!@a",
        "Acme Corp ",
        "\u{410}cme Corp ",
        "The Company 77 ",
    ];
    let many = |name: &str| {
        (0..15_000).fold(String::new(), |text, number| {
            text + &format!("c{number}: {{ name: {name} {number} }}\n")
        })
    };
    let with_customers = |name: &str, message: String, customers: String| {
        let update = format!("by: bob\ncustomer_message: \"{message}\"\n");
        shape(name, &[("update.yaml", update), ("customers.yaml", customers)])
    };
    let mut all: Vec<Shape> = parts
        .iter()
        .map(|part| {
            with_customers(
                &format!("text of `{part}`"),
                part.repeat(SIZE / part.len()),
                many("The Company"),
            )
        })
        .collect();
    for name in ["The Company", "The C\u{43e}mpany"] {
        let names = fill(|number| format!("{name} {} ", number % 15_000));
        all.push(with_customers(
            &format!("text that names every customer, `{name}`"),
            names,
            many("The Company"),
        ));
    }
    for (name, unit) in [("a ", "a "), ("a", "a"), ("\u{e9} ", "\u{e9} ")] {
        let long = unit.repeat(400_000 / unit.len());
        let customers = format!("acme: {{ name: \"{long}\" }}\nglobex: {{}}\n");
        let text = unit.repeat(SIZE / unit.len());
        all.push(with_customers(
            &format!("name of 400 kB of `{name}` against its text"),
            text,
            customers,
        ));
    }
    for (name, more) in [("", ""), (", one of them unusual", "x: { name: \u{e9}\u{e9}\u{e9} }\n")] {
        let nested = fill(|number| format!("c{number}: {{ name: \"{}\" }}\n", "a ".repeat(2 + number % 2000)));
        let name = format!("names of `a a a` of every length{name}");
        all.push(with_customers(&name, "a ".repeat(SIZE / 2), nested + more));
    }
    let equal = fill(|number| format!("c{number}: {{ name: abc }}\n")) + "x: { name: \u{e9}\u{e9}\u{e9} }\n";
    all.push(with_customers(
        "equal names and one unusual name",
        "abc ".repeat(SIZE / 4),
        equal,
    ));
    all
}

/// The items of a list in one of three kinds: `(kind, item)`.
pub(crate) type Item = (&'static str, fn(usize) -> String);

/// Every list of an update, filled with unknown, repeated and valid items, on one line and on many.
fn lists() -> Vec<Shape> {
    let keys: [Item; 3] = [
        ("unknown", |number| format!("x{number}")),
        ("repeated", |_| "acme".to_owned()),
        ("similar", |number| format!("acm{}", number % 90)),
    ];
    let effects: [Item; 2] = [
        ("unknown", |number| format!("k{number}")),
        ("valid", |number| {
            format!("incident/{ID}/note/c{number}/20260105T0940Z-bob")
        }),
    ];
    let ids: [Item; 2] = [
        ("valid", |number| format!("2026-01-05-x{number}")),
        ("repeated", |_| ID.to_owned()),
    ];
    let points: [Item; 2] = [
        ("valid", |number| {
            format!("{{ at: \"{:02}:{:02}\", what: w }}", number / 60 % 24, number % 60)
        }),
        ("unreadable", |_| "{ at: x }".to_owned()),
    ];
    let overrides: [Item; 3] = [
        ("unknown", |number| format!("{{ rule: INC{number}, reason: r }}")),
        ("valid", |number| format!("{{ rule: INC201, reason: r{number} }}")),
        ("without reason", |_| "{ rule: INC201 }".to_owned()),
    ];
    let wrong: [Item; 2] = [("of lists", |_| "[]".to_owned()), ("of nothing", |_| "~".to_owned())];
    let fields: [(&str, &[Item]); 15] = [
        ("customers", &keys),
        ("customers/add", &keys),
        ("customers/restored", &keys),
        ("customers/remove", &keys),
        ("customer_message_to", &keys),
        ("roles/incident_analysts", &keys),
        ("roles/incident_analysts/add", &keys),
        ("roles/incident_analysts/remove", &keys),
        ("related", &ids),
        ("sent_by_hand", &effects),
        ("timeline", &points),
        ("overrides", &overrides),
        ("customers", &wrong),
        ("sent_by_hand", &wrong),
        ("timeline", &wrong),
    ];
    let mut all = Vec::new();
    for (field, kinds) in fields {
        for (kind, item) in kinds {
            let flow = fill(|number| item(number) + ", ");
            all.push(update(
                &format!("{field} {kind}, one line"),
                &under(field, &format!("[{flow}]")),
            ));
            let block = fill(|number| format!("\n      - {}", item(number)));
            all.push(update(&format!("{field} {kind}, many lines"), &under(field, &block)));
        }
    }
    all
}

/// Every mapping of an update, filled with unknown, valid and repeated keys, on one line and on many.
fn mappings() -> Vec<Shape> {
    let pairs: [(&str, Item); 14] = [
        ("roles", ("unknown", |number| format!("x{number}: bob"))),
        ("roles", ("unknown of unknown", |number| format!("x{number}: y"))),
        ("steps", ("unknown", |number| format!("x{number}: y"))),
        ("steps", ("without evidence", |number| format!("x{number}: done"))),
        ("steps", ("repeated", |_| "brief_analysts: done".to_owned())),
        ("links", ("valid", |number| format!("x{number}: y"))),
        (
            "links",
            ("addresses", |number| format!("x{number}: https://example.com/{number}")),
        ),
        (
            "links",
            ("credentials", |number| format!("x{number}: glpat-abcdefghij0123456789")),
        ),
        ("links", ("mentions", |number| format!("x{number}: \"@a\""))),
        ("links", ("repeated", |_| "x: y".to_owned())),
        ("tickets", ("unknown", |number| format!("x{number}: y"))),
        (
            "tickets",
            ("same issue", |number| format!("x{number}: https://g.io/a/b/-/issues/1")),
        ),
        (
            "tickets",
            ("valid", |number| {
                format!("x{number}: https://g.io/a/b/-/issues/{}", number + 1)
            }),
        ),
        ("impact", ("unknown", |number| format!("x{number}: y"))),
    ];
    let mut all = Vec::new();
    for (field, (kind, item)) in pairs {
        let flow = fill(|number| item(number) + ", ");
        all.push(update(
            &format!("{field} {kind}, one line"),
            &format!("{field}: {{{flow}}}"),
        ));
        let block = fill(|number| format!("\n  {}", item(number)));
        all.push(update(
            &format!("{field} {kind}, many lines"),
            &format!("{field}:{block}"),
        ));
    }
    all.push(update("unknown keys", &fill(|number| format!("x{number}: y\n"))));
    all.push(update("repeated keys", &fill(|_| "status: identified\n".to_owned())));
    all
}

/// A value under keys that are separated by `/`.
fn under(field: &str, value: &str) -> String {
    let indent = |level: usize| "  ".repeat(level);
    let keys = field.split('/').enumerate();
    let keys: Vec<String> = keys.map(|(level, key)| format!("{}{key}:", indent(level))).collect();
    format!("{} {value}", keys.join("\n"))
}

/// Many listed customers, with an update that names each of them.
fn customers() -> Vec<Shape> {
    let files: [(&str, fn(usize) -> String); 4] = [
        ("in one project", |number| format!("c{number}: {{ tickets: a/b }}\n")),
        ("in own projects", |number| {
            format!("c{number}: {{ tickets: a/c{number} }}\n")
        }),
        ("without projects", |number| format!("c{number}: {{}}\n")),
        ("with names", |number| {
            format!("c{number}: {{ name: The Company {number}, tickets: a/b }}\n")
        }),
    ];
    let updates: [(&str, fn(usize) -> String, &str, &str); 4] = [
        ("listed", |number| format!("c{number}, "), "customers: [", "]"),
        ("unknown", |number| format!("d{number}, "), "customers: { add: [", "] }"),
        (
            "told",
            |number| format!("c{number}, "),
            "customer_message: Hello\ncustomer_message_to: [",
            "]",
        ),
        (
            "with tickets",
            |number| format!("c{number}: https://g.io/a/b/-/issues/{number}, "),
            "tickets: {",
            "}",
        ),
    ];
    let mut all = Vec::new();
    for (how, customer) in files {
        for (what, item, before, after) in updates {
            let text = format!("by: bob\n{before}{}{after}\n", fill(item));
            let files = [("update.yaml", text), ("customers.yaml", fill(customer))];
            all.push(shape(&format!("customers {how}, {what}"), &files));
        }
    }
    for (how, more) in [("", ""), (" with tickets", ", tickets: a/b")] {
        let message = format!("by: bob\ncustomer_message: \"{}\"\n", "The Company ".repeat(66_000));
        let keys: String = (0..15_000).map(|number| format!("c{number}, ")).collect();
        let declaration = format!(
            "title: t\nseverity: sev0\ndeclared_at: 2026-01-05T09:12:00Z\ndeclared_by: bob\ncustomers: [{keys}]\n\
             impact: {{ symptoms: s }}\nreach: 15000\n"
        );
        let listed = (0..15_000).map(|number| format!("c{number}: {{ name: The Company {number}{more} }}\n"));
        let files = [
            ("update.yaml", message),
            ("customers.yaml", listed.collect()),
            ("incident.yaml", declaration),
        ];
        all.push(shape(&format!("15,000 customers{how} and a message of 800 kB"), &files));
    }
    all
}
