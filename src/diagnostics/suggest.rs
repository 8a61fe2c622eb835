//! Suggestions ("did you mean") for a misspelt word.

/// The work that the suggestions for one file or one rule may take, in compared pairs of characters. It is enough for
/// thousands of words and small dictionaries, and for dozens of words and the largest dictionary.
const MAX_WORK: usize = 10_000_000;

/// The work for a known word that is too long or too short to be similar.
const SMALL_WORK: usize = 8;

/// Makes suggestions until their work is too much; after that, words get no suggestion.
pub struct Suggestions {
    work_left: usize,
}

impl Default for Suggestions {
    fn default() -> Self {
        Self { work_left: MAX_WORK }
    }
}

impl Suggestions {
    /// Like [`nearest_word`]; also `None` if the work is too much.
    pub fn nearest_word<'a>(&mut self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        let word_length = word.chars().count();
        let limit = limit(word_length);
        let letters: Vec<char> = word.to_lowercase().chars().collect();
        let mut nearest: Option<(usize, &str)> = None;
        if self.work_left == 0 || word.len() > MAX_LENGTH {
            return None;
        }
        for candidate in known {
            let length = candidate.chars().count();
            // The distance is at least the difference of the lengths.
            let is_near = length.abs_diff(word_length) <= limit;
            let work = if is_near { length * word_length } else { 0 };
            self.work_left = self.work_left.saturating_sub(SMALL_WORK + work);
            if self.work_left == 0 {
                return None;
            }
            let found = is_near.then(|| distance(&letters, candidate, limit)).flatten();
            let found = found.filter(|found| *found < length);
            if let Some(found) = found.filter(|found| nearest.is_none_or(|(best, _)| *found < best)) {
                nearest = Some((found, candidate));
            }
        }
        nearest.map(|(_, candidate)| candidate)
    }

    /// Like [`did_you_mean`]; also `None` if the work is too much.
    pub fn did_you_mean<'a>(&mut self, word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
        if let Some(near) = self.nearest_word(word, known.clone()) {
            return Some(format!("did you mean `{near}`?"));
        }
        if self.work_left == 0 {
            return None;
        }
        let all: Vec<_> = known
            .into_iter()
            .take(MAX_LISTED)
            .map(|word| format!("`{word}`"))
            .collect();
        let list = all.join(", ");
        self.work_left = self.work_left.saturating_sub(SMALL_WORK * list.len());
        (!all.is_empty()).then(|| format!("known are {list}"))
    }
}

/// The length of a word up to which it gets a suggestion, in bytes.
const MAX_LENGTH: usize = 64;

/// The number of known words that are listed.
const MAX_LISTED: usize = 40;

/// The largest distance at which a known word is similar to a word of this length.
fn limit(length: usize) -> usize {
    (length / 3).max(1)
}

/// The known word that is most similar to `word`; `None` if no known word is similar. Of equally similar words, the
/// first.
#[must_use]
pub fn nearest_word<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    Suggestions::default().nearest_word(word, known)
}

/// Advice for an unknown word: the most similar known word, or the list of all known words.
#[must_use]
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    Suggestions::default().did_you_mean(word, known)
}

/// The edit distance between a word in lower case and another word, ignoring case: insertions, deletions, replacements and swaps of
/// neighbours. `None` if it is larger than the limit.
fn distance(a: &[char], other: &str, limit: usize) -> Option<usize> {
    let b: Vec<char> = other.chars().flat_map(char::to_lowercase).collect();
    // The rows before the last one, the last one, and the next one.
    let (mut before, mut last, mut next) = (
        Vec::<usize>::new(),
        (0..=b.len()).collect::<Vec<_>>(),
        vec![0; b.len() + 1],
    );
    let mut smallest_before = 0;
    for i in 1..=a.len() {
        next[0] = i;
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(last[j] + 1).min(next[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            next[j] = best;
        }
        let smallest = next.iter().copied().min().unwrap_or_default();
        if smallest > limit && smallest_before > limit {
            return None;
        }
        smallest_before = smallest;
        (before, last, next) = (last, next, if i > 1 { before } else { vec![0; b.len() + 1] });
    }
    Some(last[b.len()]).filter(|found| *found <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_a_slip_and_a_missing_letter_are_understood() {
        let known = ["severity", "status", "steps"];
        for wrong in ["severty", "sevreity", "severiti", "Severity"] {
            assert_eq!(nearest_word(wrong, known), Some("severity"), "{wrong}");
        }
    }

    #[test]
    fn a_word_that_is_like_nothing_gets_the_list() {
        assert_eq!(nearest_word("banana", ["status"]), None);
        assert_eq!(
            did_you_mean("banana", ["status", "steps"]).as_deref(),
            Some("known are `status`, `steps`")
        );
    }

    #[test]
    fn suggestions_end_when_their_work_is_too_much() {
        let known: Vec<String> = (0..1000).map(|number| format!("word-{number}")).collect();
        let mut suggestions = Suggestions::default();
        let mut words = (0..).map(|number| format!("ward-{number}"));
        let mut is_answered = |word: String| {
            suggestions
                .nearest_word(&word, known.iter().map(String::as_str))
                .is_some()
        };
        let answered = words.by_ref().take_while(|word| is_answered(word.clone())).count();
        assert!((100..1000).contains(&answered), "{answered}");
        assert!(suggestions.did_you_mean("status", ["status"]).is_none());
    }
}
