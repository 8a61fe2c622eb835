//! The managed section of an issue's description, with the index in it.
//!
//! Text above and below the managed section belongs to people and stays.

use super::index::Index;
use super::mark::{MARK, mark, normal};

/// The end of the managed section.
const END: &str = "<!-- /incidentctl -->";

/// The managed section of a description, and the text of people around it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::forge) struct Section {
    pub(in crate::forge) before: String,
    pub(in crate::forge) after: String,
    pub(in crate::forge) state: SectionState,
}

/// The state in which the managed section of a description was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::forge) enum SectionState {
    /// Whole, with its index.
    Whole(Box<Index>),
    /// New: the section has only the mark, and no index yet.
    Bare,
    /// Present without a readable index.
    NoIndex,
    /// Not there.
    Missing,
    /// Only its beginning or only its end is present.
    Broken,
}

impl Section {
    /// Finds the managed section in a description.
    pub(in crate::forge) fn parse(description: &str) -> Self {
        let text = normal(description);
        let outside = |before: &str, after: &str, state| Self {
            before: before.to_owned(),
            after: after.to_owned(),
            state,
        };
        let (start, end) = (text.find(MARK), text.find(END));
        match (start, end) {
            (None, None) => outside("", &text, SectionState::Missing),
            (Some(start), Some(end)) if start < end && text.matches(END).count() == 1 => {
                let inside = &text[start..end];
                let state = Index::of_section(inside)
                    .map_or(SectionState::NoIndex, |index| SectionState::Whole(Box::new(index)));
                outside(&text[..start], &text[end + END.len()..], state)
            }
            (Some(0), None) if !text.contains('\n') => outside("", "", SectionState::Bare),
            _ => outside("", &text, SectionState::Broken),
        }
    }

    /// The description with a new managed section.
    pub(in crate::forge) fn with(&self, identity: &str, words: &str, body: &str, index: &Index) -> String {
        let gap = if self.state == SectionState::Missing && !self.after.is_empty() {
            "\n\n"
        } else {
            ""
        };
        normal(&format!(
            "{}{}\n\n{}\n\n{}\n{END}{gap}{}",
            self.before,
            mark(identity, words),
            body.trim(),
            index.line(),
            self.after
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::super::mark::{CLOSE, identity, marked, marks};
    use super::*;
    use crate::effects::{Audience, Effect, Kind};
    use crate::forge::journal::Place;

    fn filled() -> Index {
        let mut index = Index::of(&"2026-11-23-a--b".into());
        index.pending.insert("update/x--><b>".into());
        index.done.insert("customer/acme".into(), Place::default());
        index
    }

    #[test]
    fn what_is_written_is_read_again_with_what_people_wrote_around_it() {
        let section = Section {
            before: "mine\n\n".to_owned(),
            after: "\n\nalso mine".to_owned(),
            state: SectionState::Bare,
        };
        let text = section.with("incident/x", "h", "words", &filled());
        let read = Section::parse(&text.replace('\n', "\r\n"));
        assert_eq!(
            (read.before.as_str(), read.after.as_str()),
            ("mine\n\n", "\n\nalso mine")
        );
        assert_eq!(read.state, SectionState::Whole(Box::new(filled())));
        assert_eq!(marked(&text), Some(("incident/x", "h")));
    }

    #[test]
    fn no_sign_in_the_index_ends_its_comment() {
        let line = filled().line();
        assert_eq!(line.matches("-->").count(), 1, "{line}");
        assert!(line.ends_with(CLOSE));
    }

    #[test]
    fn a_part_that_lost_an_end_is_broken_and_one_without_an_index_says_so() {
        let whole = Section::parse("").with("i", "h", "words", &filled());
        assert_eq!(Section::parse(&whole.replace(END, "")).state, SectionState::Broken);
        assert_eq!(
            Section::parse(&whole.replace("{\"incident", "{{")).state,
            SectionState::NoIndex
        );
        assert_eq!(Section::parse("by hand").state, SectionState::Missing);
        assert_eq!(Section::parse(&mark("i", "h")).state, SectionState::Bare);
    }

    #[test]
    fn an_issue_of_version_0_1_0_is_read_and_written_byte_for_byte() {
        let golden = include_str!("../../../tests/golden/issue.md");
        let section = Section::parse(golden);
        let SectionState::Whole(index) = &section.state else {
            panic!("{section:?}");
        };
        let (identity, words) = marked(golden).expect("a mark");
        assert_eq!(section.with(identity, words, "Our words.", index), golden.trim_end());
        let all = &index.done[&"update/declaration".into()];
        assert!(
            all.needs_backfill && all.gone && all.archived && all.note == Some(42),
            "{all:?}"
        );
        assert_eq!((index.mr, index.pending.len()), (Some(7), 2));
    }

    #[test]
    fn marks_of_every_audience_have_the_form_of_version_0_1_0() {
        for line in include_str!("../../../tests/golden/marks.txt").lines() {
            let (of, golden) = line.split_once(" => ").expect("a mark");
            let (audience, key) = of.split_once(' ').expect("an audience");
            let audiences = [Audience::Internal, Audience::Executive, Audience::Customer];
            let mut effect = Effect::with_empty_fields(key.into(), "i".into(), Kind::Summary);
            effect.audience = audiences
                .into_iter()
                .find(|own| own.display_name() == audience)
                .expect("one");
            let own = mark(&identity(&effect), "0123456789abcdef");
            assert_eq!(own, golden, "{line}");
            assert_eq!(marks(golden).collect::<Vec<_>>(), [identity(&effect)]);
        }
    }
}
