//! Finds the names of customers and people in a text for customers.
//!
//! *Invariant*: one pass over the text, whatever the number of names is.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use super::look_alike::{Comparison, Words, is_plain};
use crate::model::{Directory, Entries};
use crate::span::Span;

/// The minimum number of letters and digits of a name.
const MIN_SIGNS: usize = 2;
/// The maximum number of names that are reported for one text.
const MAX_REPORTED: usize = 10;
/// The number of names after which a search stops: more than are reported, because a longer name may replace a shorter one.
const MAX_FOUND: usize = MAX_REPORTED + 64;
/// The number of words of a name that are searched, so that the names that end at one word are few.
const MAX_WORDS: usize = 16;
/// The number of signs of a name that are searched, so that a name of any length makes a small search.
const MAX_SIGNS: usize = 100;

/// Names of customers and people, prepared for a search in one pass.
pub(in crate::rules) struct Names<'a> {
    all: Vec<Name<'a>>,
    by_letters: OnceLock<Option<Search>>,
    by_looks: OnceLock<Option<Search>>,
}

/// The search for all names by one comparison.
struct Search {
    patterns: AhoCorasick,
    /// The names of each pattern.
    names: Vec<PatternNames>,
}

/// The names with the same letters.
struct PatternNames {
    /// The number of words.
    words: usize,
    /// The last of the names.
    last: usize,
    /// The last of the names that contain more than characters of ASCII; `None` if there is none.
    unusual: Option<usize>,
}

/// A name with its owner and the place that lists it.
pub(in crate::rules) struct Name<'a> {
    /// The name as it is written.
    pub(in crate::rules) text: &'a str,
    /// The customer's key; `None` for a person.
    pub(in crate::rules) customer: Option<&'a str>,
    /// The place that lists the name.
    pub(in crate::rules) place: Span,
    /// Whether the name contains only characters of ASCII.
    is_plain: bool,
}

impl<'a> Name<'a> {
    fn new(text: &'a str, customer: Option<&'a str>, place: Span) -> Self {
        Self {
            text,
            customer,
            place,
            is_plain: is_plain(text),
        }
    }
}

impl<'a> Names<'a> {
    /// The names in a directory: keys and names of customers, full names of people. Names under three letters are left
    /// out.
    pub(in crate::rules) fn new(directory: &'a Directory) -> Self {
        let mut names = Vec::new();
        let mut add = |text, customer, place| names.push(Name::new(text, customer, place));
        for (key, field) in directory.customers.iter().flat_map(Entries::iter) {
            add(key, Some(key), field.key_span());
            if let Some(name) = field.get().and_then(|customer| customer.name.get()) {
                add(name, Some(key), field.key_span());
            }
        }
        for (_, field) in directory.people.iter().flat_map(Entries::iter) {
            let person = field.get().filter(|person| person.team.get() != Some(&true));
            if let Some(name) = person
                .and_then(|person| person.name.get())
                .filter(|name| name.contains(' '))
            {
                add(name, None, field.key_span());
            }
        }
        Self::from_names(names)
    }

    /// The keys of the customers in a record, as names.
    pub(in crate::rules) fn keys(keys: impl Iterator<Item = &'a str>) -> Self {
        let name = |key| Name::new(key, Some(key), Span::default());
        Self::from_names(keys.map(name).collect())
    }

    fn from_names(mut names: Vec<Name<'a>>) -> Self {
        names.retain(|name| name.text.chars().nth(2).is_some());
        Self {
            all: names,
            by_letters: OnceLock::new(),
            by_looks: OnceLock::new(),
        }
    }

    /// The names in a text except those of the customer `only`, each once, with the range of its first place. If several names
    /// begin at one word, the longest counts. At most [`MAX_REPORTED`] names are returned.
    pub(in crate::rules) fn find(&self, text: &str, only: Option<&str>) -> Vec<(&Name<'a>, usize, usize)> {
        let mut found = self.find_by(text, only, Comparison::Letters);
        if !is_plain(text) || self.all.iter().any(|name| !name.is_plain) {
            found.extend(self.find_by(text, only, Comparison::Looks));
            found.sort_by_key(|(_, start, end)| (*start, Reverse(*end)));
            found.dedup_by_key(|(_, start, _)| *start);
        }
        let mut reported = BTreeSet::new();
        found.retain(|(name, ..)| reported.insert(name.text));
        found.truncate(MAX_REPORTED);
        found
    }

    /// The names in a text by one comparison, in the order of their places.
    fn find_by(&self, text: &str, only: Option<&str>, comparison: Comparison) -> Vec<(&Name<'a>, usize, usize)> {
        let Some(search) = self.search(comparison) else {
            return Vec::new();
        };
        let words = Words::new(text, comparison);
        // The longest name that begins at each word, with its last word; matches come by their end, so a later match is longer.
        let mut longest: Vec<Option<(usize, usize)>> = vec![None; words.places.len()];
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        let is_allowed = |number: usize| only.is_some() && self.all[number].customer == only;
        let mut last = 0;
        for found in search.patterns.find_overlapping_iter(&words.text) {
            #[cfg(test)]
            super::STEPS.set(super::STEPS.get() + 1);
            let names = &search.names[found.pattern().as_usize()];
            last = words.number_from(last, found.end() - 2);
            let first = last + 1 - names.words;
            // Between plain texts only letters count: `Ali` must not be found in `all`.
            let is_plain = comparison == Comparison::Looks && words.is_plain(first, last);
            let Some(number) = (if is_plain { names.unusual } else { Some(names.last) }) else {
                continue;
            };
            longest[first] = Some((number, last));
            if !is_allowed(number) && seen.insert(number) && seen.len() >= MAX_FOUND {
                break;
            }
        }
        let mut reported = BTreeSet::new();
        let firsts = longest.iter().enumerate().filter_map(|(first, found)| {
            let (number, last) = (*found)?;
            if is_allowed(number) || !reported.insert(number) {
                return None;
            }
            let (start, end) = words.range(first, last);
            Some((&self.all[number], start, end))
        });
        firsts.collect()
    }

    /// The search for all names; `None` if there are no names.
    fn search(&self, comparison: Comparison) -> Option<&Search> {
        let slot = match comparison {
            Comparison::Letters => &self.by_letters,
            Comparison::Looks => &self.by_looks,
        };
        slot.get_or_init(|| self.prepare(comparison)).as_ref()
    }

    /// Prepares the search. Names with the same letters are one pattern.
    fn prepare(&self, comparison: Comparison) -> Option<Search> {
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut names: Vec<PatternNames> = Vec::new();
        for (last, name) in self.all.iter().enumerate() {
            let Some((pattern, words)) = pattern(name.text, comparison) else {
                continue;
            };
            let unusual = (!name.is_plain).then_some(last);
            let number = *numbers.entry(pattern).or_insert(names.len());
            match names.get_mut(number) {
                Some(known) => {
                    known.last = last;
                    known.unusual = unusual.or(known.unusual);
                }
                None => names.push(PatternNames { words, last, unusual }),
            }
        }
        let mut patterns: Vec<(String, usize)> = numbers.into_iter().collect();
        patterns.sort_unstable_by_key(|(_, number)| *number);
        let patterns = AhoCorasick::new(patterns.iter().map(|(pattern, _)| pattern)).ok();
        let patterns = patterns.filter(|_| !names.is_empty())?;
        Some(Search { patterns, names })
    }
}

/// The beginning of a name as words to search, with the number of words; `None` if it has too few signs.
fn pattern(name: &str, comparison: Comparison) -> Option<(String, usize)> {
    let mut words = Words::new(name, comparison);
    let signs = words.text.chars().count() - words.places.len() - 1;
    if signs < MIN_SIGNS {
        return None;
    }
    let signs = words.text.char_indices().nth(MAX_SIGNS).map(|(end, _)| end);
    let end = words.end_of(MAX_WORDS).into_iter().chain(signs).min();
    words.text.truncate(end.unwrap_or(words.text.len()));
    let count = words.number_from(0, words.text.len() - 2) + 1;
    Some((words.text, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names that a directory with these customers finds in a text, with their ranges.
    fn found(customers: &str, text: &str, only: Option<&str>) -> Vec<(String, usize, usize)> {
        let directory = Directory {
            people: None,
            customers: Some(serde_yaml::from_str(customers).expect("customers")),
        };
        let names = Names::new(&directory);
        let found = names.find(text, only).into_iter();
        found
            .map(|(name, start, end)| (name.text.to_owned(), start, end))
            .collect()
    }

    const CUSTOMERS: &str = "{acme: {name: Acme Corp}, é: {}, ali: {name: Ali}, nord: {name: Nörd AG}}";

    #[test]
    fn names_are_found_as_words_whatever_their_case() {
        let found = |text: &str| found(CUSTOMERS, text, None);
        assert_eq!(found("down for ACME Corp."), [("Acme Corp".to_owned(), 9, 18)]);
        assert_eq!(found("down for acme."), [("acme".to_owned(), 9, 13)]);
        assert_eq!(found("acmeology İstanbul é, all of us"), []);
    }

    #[test]
    fn a_hidden_name_is_found_at_the_bytes_that_hide_it() {
        for hidden in [
            "\u{410}cme",
            "A\u{200b}cme",
            "\u{ff21}cme",
            "Ac\u{e000}me",
            "acm\u{435}",
            "a\u{1}cme",
        ] {
            let text = format!("all of é {hidden}, and more");
            let (start, end) = (10, 10 + hidden.len());
            assert_eq!(
                found(CUSTOMERS, &text, None),
                [("acme".to_owned(), start, end)],
                "{hidden:?}"
            );
            assert_eq!(found(CUSTOMERS, &text, Some("acme")), [], "{hidden:?}");
        }
        assert_eq!(found(CUSTOMERS, "Nord AG", None), [("Nörd AG".to_owned(), 0, 7)]);
        assert_eq!(
            found("{x: {name: Nörd AG}}", "of Nord Ag", None),
            [("Nörd AG".to_owned(), 3, 10)]
        );
        assert_eq!(found("{x: {name: ΗΛΙΟΣ}}", "το Ηλιοσ", None).len(), 1);
    }

    #[test]
    fn the_longest_name_at_a_word_counts_and_a_customer_may_read_its_own() {
        let customers = "{acme: {name: Acme Globex Bank}, globex: {}, bank: {name: Globex Bank}}";
        let names = |only| {
            let found = found(customers, "Acme Globex Bank", only);
            found.into_iter().map(|(name, ..)| name).collect::<Vec<_>>()
        };
        assert_eq!(names(None), ["Acme Globex Bank", "Globex Bank", "bank"]);
        assert_eq!(names(Some("acme")), ["Globex Bank", "bank"]);
    }

    #[test]
    fn a_repeated_name_is_reported_once_and_many_names_are_not_all_reported() {
        assert_eq!(found(CUSTOMERS, &"acme ".repeat(10_000), None).len(), 1);
        let many: Vec<String> = (0..1000).map(|number| format!("acme-{number}")).collect();
        let customers = format!("{}: {{}}\n", many.join(": {}\n"));
        assert_eq!(found(&customers, &many.join(" "), None).len(), MAX_REPORTED);
        assert_eq!(found(&customers, &"acme ".repeat(10_000), None), []);
    }

    #[test]
    fn the_cost_of_a_search_grows_with_the_text_and_not_with_the_names() {
        let nested = |count: usize| (1..=count).map(|words| format!("c{words}: {{name: {}}}", "a ".repeat(words)));
        let steps = |count: usize, text: &str| {
            let customers: Vec<String> = nested(count).chain(["é: {name: ééé}".to_owned()]).collect();
            let customers = format!("{{{}}}", customers.join(", "));
            super::super::steps_of(|| {
                found(&customers, text, None);
            })
        };
        let text = "a ".repeat(2000);
        assert_eq!(steps(100, &text), steps(1000, &text));
        assert!(steps(1000, &text.repeat(2)) <= 2 * steps(1000, &text) + 300);
    }

    #[test]
    fn a_name_of_any_length_is_found_by_its_beginning() {
        for unit in ["a ", "b", "é "] {
            let long = unit.repeat(200_000);
            let customers = format!("{{long: {{name: \"{long}\"}}}}");
            let found = found(&customers, &long, None);
            assert_eq!(found.len(), 1, "{unit}");
        }
    }
}
