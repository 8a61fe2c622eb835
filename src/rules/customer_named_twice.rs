//! INC512 customer-named-twice: a customer who is named twice in one entry.

use std::collections::BTreeSet;

use super::context::{FindingSink, IncidentContext, Turn, items};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::{CustomerKey, CustomersChange, CustomersEdit, RestoredCustomers};
use crate::span::{Field, Span};

pub(super) static RULE: Rule = Rule {
    code: "INC512",
    name: "customer-named-twice",
    level: Level::Error,
    since: "0.5.0",
    summary: "a customer who is named twice in one entry",
    overridable: false,
    flag_hint: Some("--customer, --restored, --remove-customer and --customer-message-to with each customer once"),
    docs: DOCS,
    check: CheckFunction::Added(check),
};

const DOCS: &str = r"## What it checks
Each list of customers of an entry names a customer once, and `customers` says one thing about it: added, restored or removed. A customer
who is added and restored by the same entry was affected before anybody wrote it down, and is no finding. A merged entry is a warning.

## Why
Two statements about one customer contradict each other, or one of them was meant for another customer.

## Example
```yaml updates/20261123T0940Z-bob.yaml
by: bob
customers: { restored: [acme], remove: [acme] }
#                                       ^^^^ INC512
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
customers: { restored: [acme], remove: [globex] }
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries() {
        repeated(turn, "customer_message_to", keys(&turn.entry.customer_message_to), out);
        match turn.entry.customers.get() {
            Some(CustomersChange::List(list)) => {
                let list = items(list).map(|(customer, span)| (customer.as_str(), span));
                repeated(turn, "customers", list, out);
            }
            Some(CustomersChange::Edit(edit)) => check_edit(turn, edit, out),
            Some(CustomersChange::Unknown | CustomersChange::All) | None => {}
        }
    }
}

fn check_edit(turn: Turn, edit: &CustomersEdit, out: &mut FindingSink) {
    let restored = || edit.restored.get().into_iter().flat_map(RestoredCustomers::iter);
    let restored = || restored().map(|(customer, span, _)| (customer, span));
    repeated(turn, "customers.add", keys(&edit.add), out);
    repeated(turn, "customers.restored", restored(), out);
    repeated(turn, "customers.remove", keys(&edit.remove), out);
    let stays: BTreeSet<&str> = keys(&edit.add)
        .chain(restored())
        .map(|(customer, _)| customer)
        .collect();
    for (customer, span) in keys(&edit.remove).filter(|(customer, _)| stays.contains(customer)) {
        let message = format!("`{customer}` is removed, and added or restored, by the same entry");
        out.at(turn.index, span, message)
            .help("say one thing about each customer");
    }
}

/// Reports the customers that a list names again.
fn repeated<'a>(turn: Turn, list: &str, named: impl Iterator<Item = (&'a str, Span)>, out: &mut FindingSink) {
    let mut known = BTreeSet::new();
    for (customer, span) in named.filter(|(customer, _)| !known.insert(*customer)) {
        out.at(turn.index, span, format!("`{list}` names `{customer}` twice"))
            .help("name each customer once; was one of them meant to be another?");
    }
}

/// The customers of a list, each with its span.
fn keys(list: &Field<Vec<Field<CustomerKey>>>) -> impl Iterator<Item = (&str, Span)> {
    let named = list.get().into_iter().flat_map(|list| items(list));
    named.map(|(customer, span)| (customer.as_str(), span))
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::messages;

    #[test]
    fn each_list_names_a_customer_once_and_only_one_list_names_it() {
        let update = "updates/20261123T0940Z-bob.yaml";
        let found = |text: &str| messages("INC512", "", &[(update, &format!("by: bob\n{text}\n"))]);
        let twice = found("customers: { add: [hooli, hooli] }");
        assert_eq!(twice, ["`customers.add` names `hooli` twice"]);
        let recipients = found("customer_message: a\ncustomer_message_to: [acme, globex, acme]");
        assert_eq!(recipients, ["`customer_message_to` names `acme` twice"]);
        let both = found("customers: { add: [hooli], remove: [hooli] }");
        assert_eq!(both, ["`hooli` is removed, and added or restored, by the same entry"]);
        assert_eq!(
            found("customers: { add: [hooli], restored: [hooli], remove: [acme] }"),
            [""; 0]
        );
        assert_eq!(
            found("customers: { restored: [acme] }\ncustomer_message: a\ncustomer_message_to: [acme]"),
            [""; 0]
        );
    }
}
