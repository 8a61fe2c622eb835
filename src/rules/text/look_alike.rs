//! Converts text to words that can be compared: by letter, or by how letters look.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;

/// How letters are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Comparison {
    /// Letters are equal if they differ only in case.
    Letters,
    /// Letters are equal if they look alike. Accents and invisible characters do not count.
    Looks,
}

/// The sign before, between and after words. No word contains it.
pub(super) const GAP: char = '\n';

/// The words of a text (letters and digits) in a form that can be compared, with a [`GAP`] before and after each word.
pub(super) struct Words {
    /// The words.
    pub(super) text: String,
    /// The places of the words, in order.
    pub(super) places: Vec<WordPlace>,
}

/// The place of a word.
pub(super) struct WordPlace {
    /// The offset in [`Words::text`].
    at: usize,
    /// The offset of the first byte in the original text.
    start: usize,
    /// The offset after the last byte in the original text.
    end: usize,
    /// The number of words up to this one that contain more than letters and digits of ASCII.
    unusual: usize,
}

impl Words {
    /// Converts a text.
    pub(super) fn new(text: &str, comparison: Comparison) -> Self {
        let mut words = Self {
            text: String::with_capacity(text.len() + 2),
            places: Vec::new(),
        };
        let mut known: HashMap<char, Option<String>> = HashMap::new();
        let mut is_inside = false;
        let mut one = [0; 4];
        for (at, c) in text.char_indices() {
            let found = match (comparison, c.is_ascii()) {
                (Comparison::Looks, true) if is_hidden_control(c) => Some(""),
                (_, true) if !c.is_ascii_alphanumeric() => None,
                (Comparison::Letters, true) => Some(&*c.to_ascii_lowercase().encode_utf8(&mut one)),
                (Comparison::Looks, true) => Some(&*ascii_look(c).encode_utf8(&mut one)),
                (Comparison::Letters, false) => known.entry(c).or_insert_with(|| lower_case(c)).as_deref(),
                (Comparison::Looks, false) => known.entry(c).or_insert_with(|| look(c)).as_deref(),
            };
            match found {
                None => is_inside = false,
                Some("") => {}
                Some(letters) => {
                    words.add(is_inside, (at, c), letters);
                    is_inside = true;
                }
            }
        }
        words.text.push(GAP);
        words
    }

    /// Adds the letters of a character to the last word if `is_inside`, otherwise to a new word.
    fn add(&mut self, is_inside: bool, (at, c): (usize, char), letters: &str) {
        if !is_inside {
            self.places.push(WordPlace {
                at: self.text.len(),
                start: at,
                end: at,
                unusual: self.places.last().map_or(0, |last| last.unusual),
            });
            self.text.push(GAP);
        }
        self.text.push_str(letters);
        let before = self
            .places
            .len()
            .checked_sub(2)
            .map_or(0, |before| self.places[before].unusual);
        if let Some(place) = self.places.last_mut() {
            if !c.is_ascii() || place.end != at {
                place.unusual = before + 1;
            }
            place.end = at + c.len_utf8();
        }
    }

    /// The number of the word at this offset of [`Words::text`], which is not before the word `from`.
    pub(super) fn number_from(&self, from: usize, at: usize) -> usize {
        let later = self.places.iter().skip(from + 1);
        from + later.take_while(|place| place.at <= at).count()
    }

    /// The end of the gap after this number of words in [`Words::text`]; `None` if there are fewer words.
    pub(super) fn end_of(&self, count: usize) -> Option<usize> {
        self.places.get(count).map(|next| next.at + GAP.len_utf8())
    }

    /// The range in the original text of the words from `first` to `last`.
    pub(super) fn range(&self, first: usize, last: usize) -> (usize, usize) {
        (self.places[first].start, self.places[last].end)
    }

    /// Whether the words from `first` to `last` contain only letters and digits of ASCII.
    pub(super) fn is_plain(&self, first: usize, last: usize) -> bool {
        let before = first.checked_sub(1).map_or(0, |before| self.places[before].unusual);
        self.places[last].unusual == before
    }
}

/// Whether a text contains only characters of ASCII that readers see.
pub(super) fn is_plain(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii() && !is_hidden_control(c))
}

/// Whether a character is a control character other than white space.
fn is_hidden_control(c: char) -> bool {
    c.is_control() && !c.is_whitespace()
}

/// A letter or digit in lower case; `None` if the character separates words.
fn lower_case(c: char) -> Option<String> {
    c.is_alphanumeric().then(|| c.to_lowercase().collect())
}

/// The sign for a letter or digit of ASCII and for all that look like it: `I`, `l` and `1` are one sign, `O` and `0` are one.
const fn ascii_look(c: char) -> char {
    match c.to_ascii_lowercase() {
        'i' | '1' => 'l',
        '0' => 'o',
        lower => lower,
    }
}

/// The signs that a character looks like: empty if the reader does not see it, `None` if it separates words.
fn look(c: char) -> Option<String> {
    if is_invisible(c) {
        return Some(String::new());
    }
    let parts: Vec<char> = c.nfkd().filter(|part| !is_accent(*part)).collect();
    let mut out = String::new();
    for part in &parts {
        if part.is_ascii_alphanumeric() {
            out.push(ascii_look(*part));
        } else if part.is_alphanumeric() {
            out += &ascii_look_alike(*part).unwrap_or_else(|| part.to_lowercase().collect());
        }
    }
    // A sign that is no letter may still look like one.
    if out.is_empty() && !parts.is_empty() {
        return ascii_look_alike(c);
    }
    Some(out)
}

/// The letters and digits of ASCII that a character looks like, in either case; `None` if it looks like none.
fn ascii_look_alike(c: char) -> Option<String> {
    let cases = [c.to_string(), c.to_uppercase().collect(), c.to_lowercase().collect()];
    cases.iter().find_map(|case| {
        let shown: String = skeleton(case).filter(|part| !is_accent(*part)).collect();
        match shown.as_str() {
            "rn" => Some("m".to_owned()),
            "|" => Some("l".to_owned()),
            _ if shown.is_empty() || !shown.chars().all(|c| c.is_ascii_alphanumeric()) => None,
            _ => Some(shown.chars().map(ascii_look).collect()),
        }
    })
}

/// Whether readers do not see a character. Private-use characters are removed before a text is sent.
pub(super) fn is_invisible(c: char) -> bool {
    let is_private = matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{fff9}'..='\u{fffb}' | '\u{f0000}'..);
    is_private || is_hidden_control(c) || skeleton(c.encode_utf8(&mut [0; 4])).next().is_none()
}

/// Whether a character is an accent over or under a letter of a European script.
const fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str, comparison: Comparison) -> String {
        Words::new(text, comparison)
            .text
            .trim()
            .replace(GAP, " ")
            .replace("  ", " ")
    }

    #[test]
    fn letters_that_look_alike_are_one_sign() {
        for hidden in [
            "\u{410}\u{441}me",
            "\u{391}cme",
            "\u{ff21}\u{ff43}\u{ff4d}\u{ff45}",
            "A\u{200b}c\u{200d}m\u{ad}e",
            "\u{2066}Ac\u{2069}me",
            "Ac\u{e000}me",
            "a\u{441}\u{43c}\u{435}",
            "\u{1d41a}\u{1d41c}\u{1d426}\u{1d41e}",
            "A\u{301}cm\u{e9}",
            "\u{24b6}cme",
            "ac\u{fe0f}me",
        ] {
            assert_eq!(words(hidden, Comparison::Looks), "acme", "{hidden:?}");
        }
        let globex = words("Globex", Comparison::Looks);
        for hidden in ["G\u{399}obex", "G\u{4cf}\u{3bf}bex", "Gl\u{43e}b\u{435}\u{445}"] {
            assert_eq!(words(hidden, Comparison::Looks), globex, "{hidden:?}");
        }
    }

    #[test]
    fn words_of_other_scripts_stay_words() {
        assert_eq!(words("Straße, 東京", Comparison::Letters), "straße 東京");
        assert_eq!(words("a\u{a0}b\u{2003}c\u{2014}d", Comparison::Looks), "a b c d");
        assert_eq!(words("Привет", Comparison::Letters), "привет");
    }
}
