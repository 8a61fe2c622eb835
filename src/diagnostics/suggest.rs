//! Suggestions ("did you mean") for a misspelt word.

/// The known word that is most similar to `word`; `None` if no known word is similar. Of equally similar words, the
/// first.
#[must_use]
pub fn nearest_word<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    let limit = (length / 3).max(1);
    if word.len() > 64 {
        return None;
    }
    // The distance is at least the difference of the lengths.
    let is_near = |candidate: &&str| candidate.chars().count().abs_diff(length) <= limit;
    known
        .into_iter()
        .filter(is_near)
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= limit && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Advice for an unknown word: the most similar known word, or the list of all known words.
#[must_use]
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    if let Some(near) = nearest_word(word, known.clone()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let all: Vec<_> = known.into_iter().take(40).map(|word| format!("`{word}`")).collect();
    (!all.is_empty()).then(|| format!("known are {}", all.join(", ")))
}

/// The edit distance between two words: insertions, deletions, replacements and swaps of neighbours, ignoring case.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.to_lowercase().chars().collect(), b.to_lowercase().chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
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
}
