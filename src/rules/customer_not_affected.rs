//! INC510 customer-not-affected: a customer named as affected, restored or removed who is not.

use std::collections::BTreeSet;

use super::context::{FindingSink, IncidentContext, Turn, items};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::{CustomerKey, Customers, CustomersChange, CustomersEdit, RestoredCustomers, State};
use crate::span::Span;

pub(super) static RULE: Rule = Rule {
    code: "INC510",
    name: "customer-not-affected",
    level: Level::Error,
    since: "0.5.0",
    summary: "a customer who is spoken to, restored or removed, and is not affected",
    overridable: true,
    flag_hint: Some("--customer-message-to, --restored or --remove-customer with an affected customer"),
    docs: DOCS,
    check: CheckFunction::Added(check),
};

const DOCS: &str = r"## What it checks
The customers in `customer_message_to`, `customers.restored` and `customers.remove` against the customers whom the incident affects before
the entry. Words may also go to customers who were told of the incident, and to those whom the entry adds. A customer whom the entry adds
may be restored; one who is restored already may not. A merged entry is a warning.

## Why
A misspelt or mixed-up customer gets words about an incident of somebody else, and the customer who waits gets none.

## Example
```yaml updates/20261123T0940Z-bob.yaml
by: bob
customers: { restored: [hooli] }
#                       ^^^^^ INC510
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
customers: { restored: [globex] }
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries() {
        check_recipients(turn, out);
        let (Some(CustomersChange::Edit(edit)), Some(before)) = (turn.entry.customers.get(), turn.before) else {
            continue;
        };
        check_edit(turn, edit, before, out);
    }
}

/// Reports the customers to whom the entry speaks, and who are neither affected nor told.
fn check_recipients(turn: Turn, out: &mut FindingSink) {
    let Some(named) = turn.entry.customer_message_to.get() else {
        return;
    };
    let states = || turn.before.into_iter().chain([turn.after]);
    if states().any(|state| state.customers == Customers::All) {
        return;
    }
    let known: BTreeSet<&str> = states().flat_map(listed).collect();
    for (customer, span) in items(named) {
        if !known.contains(customer.as_str()) && !turn.after.told.contains_key(customer) {
            let message = format!("`{customer}` is not affected and was not told of the incident");
            report(
                turn,
                span,
                message,
                "name an affected customer, or add this one with `customers: { add: […] }`",
                out,
            );
        }
    }
}

/// Reports the customers whom the entry restores or removes, and who are not affected.
fn check_edit(turn: Turn, edit: &CustomersEdit, before: &State, out: &mut FindingSink) {
    if before.customers == Customers::All {
        return;
    }
    let known: BTreeSet<&str> = listed(before).collect();
    let added = edit.add.get().into_iter().flat_map(|list| items(list));
    let added: BTreeSet<&str> = added.map(|(customer, _)| customer.as_str()).collect();
    for (customer, span, _) in edit.restored.get().into_iter().flat_map(RestoredCustomers::iter) {
        if added.contains(customer) {
            continue;
        }
        if before.restored.contains_key(customer) {
            let message = format!("`{customer}` is restored already");
            report(
                turn,
                span,
                message,
                "leave it out, or add it again first if it was affected again",
                out,
            );
        } else if !known.contains(customer) {
            let message = format!("`{customer}` is not affected, so it cannot be restored");
            report(turn, span, message, "name an affected customer", out);
        }
    }
    for (customer, span) in edit.remove.get().into_iter().flat_map(|list| items(list)) {
        if !known.contains(customer.as_str()) {
            let message = format!("`{customer}` is not affected, so it cannot be removed");
            report(turn, span, message, "name an affected customer", out);
        }
    }
}

/// The customers whom the incident affects or affected: the list, with those who are restored.
fn listed(state: &State) -> impl Iterator<Item = &str> {
    state.customers.listed().iter().map(CustomerKey::as_str)
}

fn report(turn: Turn, span: Span, message: String, help: &str, out: &mut FindingSink) {
    out.at(turn.index, span, message).help(help);
}

#[cfg(test)]
mod tests {
    use crate::diagnostics::Level;
    use crate::rules::tests::{TOLD, merged_levels, messages};

    const UPDATE: &str = "updates/20261123T0940Z-bob.yaml";

    fn found(update: &str) -> Vec<String> {
        let update = format!("by: bob\n{update}\n");
        messages("INC510", "", &[("incident.yaml", TOLD), (UPDATE, &update)])
    }

    #[test]
    fn words_go_to_customers_who_are_affected_or_were_told_or_are_added() {
        let to = |more: &str, customer: &str| {
            found(&format!("{more}customer_message: a\ncustomer_message_to: [{customer}]"))
        };
        assert_eq!(
            to("", "hooli"),
            ["`hooli` is not affected and was not told of the incident"]
        );
        assert_eq!(to("", "acme"), [""; 0]);
        assert_eq!(to("customers: { add: [hooli] }\n", "hooli"), [""; 0]);
        assert_eq!(to("customers: { remove: [acme] }\n", "acme"), [""; 0], "acme was told");
        assert_eq!(
            to("status: resolved\ncustomers: { restored: [acme] }\n", "acme"),
            [""; 0]
        );
        let update = "by: bob\ncustomer_message: a\ncustomer_message_to: [hooli]\n";
        assert_eq!(
            merged_levels("INC510", &[("incident.yaml", TOLD), (UPDATE, update)]),
            [Level::Warning]
        );
    }

    #[test]
    fn a_customer_is_restored_once_and_only_if_it_is_affected() {
        let twice = [
            ("incident.yaml", TOLD),
            (
                "updates/20261123T0930Z-bob.yaml",
                "by: bob\ncustomers: { restored: [acme] }\n",
            ),
            (UPDATE, "by: bob\ncustomers: { restored: { acme: 09:35 } }\n"),
        ];
        assert_eq!(messages("INC510", "", &twice), ["`acme` is restored already"]);
        let again = "by: bob\ncustomers: { add: [acme], restored: [acme] }\n";
        assert_eq!(messages("INC510", "", &[twice[0], twice[1], (UPDATE, again)]), [""; 0]);
        let wanted = ["`hooli` is not affected, so it cannot be restored"];
        assert_eq!(found("customers: { restored: [hooli, acme] }"), wanted);
        assert_eq!(found("customers: { add: [hooli], restored: [hooli] }"), [""; 0]);
    }

    #[test]
    fn a_customer_is_removed_only_if_it_is_affected_or_was() {
        assert_eq!(
            found("customers: { remove: [hooli] }"),
            ["`hooli` is not affected, so it cannot be removed"]
        );
        assert_eq!(found("customers: { remove: [acme] }"), [""; 0]);
        let all = TOLD.replace("[acme, globex]", "all");
        let restored = "by: bob\ncustomers: { restored: [hooli] }\n";
        assert_eq!(
            messages("INC510", "", &[("incident.yaml", &all), (UPDATE, restored)]),
            [""; 0]
        );
    }
}
