//! Which flag mends what a rule complains of.

/// The flag, where there is one for it.
pub(super) fn flag(code: &str) -> Option<&'static str> {
    Some(match code {
        "INC006" => "another title, or --slug",
        "INC009" => "--severity, --status, --role or --step with a word that the process has",
        "INC101" | "INC104" => "--customer, or another --severity",
        "INC102" => "--degradation or --workaround, or another --severity",
        "INC103" => "--reason TEXT",
        "INC201" | "INC204" | "INC205" => "--role ROLE=PERSON",
        "INC202" | "INC208" => "--role ROLE=PERSON, one person in each",
        "INC203" => "--role or --by with a key of people.yaml, or a new line in people.yaml",
        "INC206" | "INC303" => "--by PERSON, if somebody else says it",
        "INC207" => "--role ROLE=SUCCESSOR",
        "INC301" | "INC302" => "--step STEP=EVIDENCE for what was done before",
        "INC304" => "--step STEP=EVIDENCE",
        "INC305" => "--step with a step of this severity, or --severity",
        "INC401" => "another --status",
        "INC403" => "--started-at, --detected-at, --ended-at or --timeline with an earlier time",
        "INC405" => "--current-status TEXT and --customer-message TEXT",
        "INC407" => "--outcome false_alarm, or --outcome duplicate --related ID",
        "INC501" | "INC502" => "--next-update 60m",
        "INC504" => "--current-status, --current-actions and --next-steps",
        "INC506" => "--ticket CUSTOMER=URL",
        "INC508" => "--ticket CUSTOMER=URL with the address of the customer's own issue",
        "INC507" => "--customer with a key of customers.yaml, or a new line in customers.yaml",
        "INC601" => "the text without the credential",
        "INC602" => "--customer-message, --symptoms or --headline without that name",
        "INC604" => "--reach NUMBER",
        "INC605" => "--override RULE=REASON with a reason",
        _ => return None,
    })
}
