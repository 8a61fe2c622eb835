//! Finds and masks credentials in the text of a file, before its syntax is read.
//!
//! A file is searched in three readings: as it is written, with the escapes of quoted texts decoded (`"\x67lpat-…"`, and a line that
//! `\` continues), and with line breaks folded to blanks. So a credential in a value is also one in the lines that show the value,
//! even if the syntax of the file is broken. Too many stars in a shown line do no harm.

use super::credentials::{Credential, visible_credentials, with_stars};

/// Replaces every credential in the text of a file by stars of the same length, line breaks excluded; `None` if the text has no
/// credential.
#[must_use]
pub fn mask_source(text: &str) -> Option<String> {
    let found = source_credentials(text);
    (!found.is_empty()).then(|| {
        let ranges = found.iter().map(|found| (found.start, found.secret_end));
        with_stars(text, ranges)
    })
}

/// Like [`mask_source`], for the credentials that [`settings_credentials`] finds.
#[must_use]
pub(super) fn mask_settings(text: &str) -> Option<String> {
    let found = settings_credentials(text);
    (!found.is_empty()).then(|| with_stars(text, found.iter().map(|found| (found.start, found.secret_end))))
}

/// The credentials in the text of a settings file, which is full of names: what reads as words is no credential.
pub(in crate::rules) fn settings_credentials(text: &str) -> Vec<Credential> {
    let mut found = source_credentials(text);
    found.retain(|found| !found.is_like_words);
    found
}

/// The credentials in the text of a file, by place, without those that begin in another one.
fn source_credentials(text: &str) -> Vec<Credential> {
    let mut all = visible_credentials(text);
    if text.contains('\\') {
        all.extend(Reading::decoded(text).credentials());
    }
    if text.contains("-----BEGIN") {
        all.extend(Reading::folded(text).credentials());
    }
    all.sort_by_key(|found| (found.start, std::cmp::Reverse(found.secret_end)));
    let mut end = 0;
    all.retain(|found| {
        let is_new = found.secret_end > end;
        end = end.max(found.secret_end);
        is_new
    });
    all
}

/// A text as a reader of its syntax sees it.
#[derive(Default)]
struct Reading {
    text: String,
    /// The range in the file for each byte of the text.
    ranges: Vec<(usize, usize)>,
}

impl Reading {
    /// The text with the escapes of double-quoted texts decoded: <https://yaml.org/spec/1.2.2/#57-escaped-characters>.
    fn decoded(text: &str) -> Self {
        let mut reading = Self::default();
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let plain = (Some(c), at + c.len_utf8());
            let (c, end) = if c == '\\' {
                escape(text, at).unwrap_or(plain)
            } else {
                plain
            };
            reading.push(c, at, end);
            at = end;
        }
        reading
    }

    /// The text with each line break, and the blanks around it, as one blank.
    fn folded(text: &str) -> Self {
        let mut reading = Self::default();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let start = at + (line.len() - line.trim_start().len());
            let content = line.trim();
            content
                .char_indices()
                .for_each(|(offset, c)| reading.push(Some(c), start + offset, start + offset + c.len_utf8()));
            at += line.len();
            reading.push(Some(' '), (start + content.len()).min(at), at);
        }
        reading
    }

    fn push(&mut self, c: Option<char>, start: usize, end: usize) {
        if let Some(c) = c {
            self.text.push(c);
            self.ranges.extend(std::iter::repeat_n((start, end), c.len_utf8()));
        }
    }

    /// The credentials of the reading, with their ranges in the file.
    fn credentials(&self) -> Vec<Credential> {
        let end = |end: usize| self.ranges[end - 1].1;
        let original = |found: Credential| Credential {
            start: self.ranges[found.start].0,
            end: end(found.end),
            secret_end: end(found.secret_end),
            ..found
        };
        visible_credentials(&self.text).into_iter().map(original).collect()
    }
}

/// The character that the escape at `at` stands for, and the end of the escape; no character for a continued line. `None` if it
/// is not an escape.
fn escape(text: &str, at: usize) -> Option<(Option<char>, usize)> {
    let start = at + 1;
    let kind = text[start..].chars().next()?;
    let end = start + kind.len_utf8();
    let digits = match kind {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        '\r' | '\n' => {
            let rest = &text[start..];
            return Some((None, start + (rest.len() - rest.trim_start().len())));
        }
        _ => return Some((Some(short_escape(kind)), end)),
    };
    let code = text.get(end..end + digits)?;
    let c = char::from_u32(u32::from_str_radix(code, 16).ok()?)?;
    Some((Some(c), end + digits))
}

/// The character of an escape without digits.
const fn short_escape(kind: char) -> char {
    match kind {
        '0' => '\0',
        'a' => '\x07',
        'b' => '\x08',
        't' => '\t',
        'n' => '\n',
        'v' => '\x0b',
        'f' => '\x0c',
        'r' => '\r',
        'e' => '\x1b',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_masked_however_the_file_writes_it() {
        for written in [
            "title: a glpat-abcdefghij0123456789 b\n",
            "title: \"a gl\\x70at-abcdefghij0123456789 b\"\n",
            "title: \"a \\u0067lpat-abcdefghij\\U00000030123456789 b\"\n",
            "title: \"a glpat-abcd\\\n  efghij0123456789 b\"\n",
            "title: \"a glpat-abcd\\\r\n  efghij0123456789 b\"\n",
            "title: \"a glpat-abcd\\eefghij\\00123456789 b\"\n",
            "title: 'it''s a glpat-abcdefghij0123456789 b'\n",
            "\"gl\\x70at-abcdefghij0123456789\": [broken\n",
        ] {
            let masked = mask_source(written).expect(written);
            assert!(
                !masked.contains("0123456789") && masked.len() == written.len(),
                "{masked}"
            );
            assert_eq!(masked.matches('\n').count(), written.matches('\n').count(), "{masked}");
            assert_eq!(masked.contains(" b"), written.contains(" b"), "{masked}");
        }
        let key = "x: -----BEGIN RSA\n  PRIVATE KEY-----\n  MIIEpAIBAAKC\n  -----END RSA PRIVATE KEY-----\ny: z\n";
        let masked = mask_source(key).expect("a key");
        assert!(!masked.contains("MIIE") && masked.ends_with("\ny: z\n"), "{masked}");
    }

    #[test]
    fn twin_words_and_escapes_without_a_credential_stay() {
        for written in [
            "title: glpat-short\n",
            "title: \"C:\\x41 \\",
            "title: \"a \\\\x67lpat-abcdefghij0123456789\"\n",
            "x: \"\\uD800 \\xé\"\n",
            "x: -----BEGIN CERTIFICATE-----\n",
        ] {
            assert_eq!(mask_source(written), None, "{written}");
        }
    }
}
