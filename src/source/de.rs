//! Converts a tree to types through serde: it reports every mistake and reads on.
//!
//! *Invariant*: no value is coerced. Only a plain `true` is true, only plain digits are a number, and a number is not
//! text.

use std::fmt;

use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, EnumAccess, Expected, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor, value::U32Deserializer,
};

use super::sink::Sink;
use super::tree::{Kind, Node};
use crate::diagnostics::suggest;
use crate::span::{FIELD, Span};

/// The typed value of a tree; `None` if it could not be read, which is then reported.
pub(super) fn from_tree<'de, T: Deserialize<'de>>(node: &'de Node<'de>, sink: &'de Sink) -> Option<T> {
    let reader = Reader {
        node,
        key: node.span,
        sink,
    };
    T::deserialize(reader)
        .map_err(|error| sink.report("INC003", node.span, error.message, error.help))
        .ok()
}

/// A mismatch: what was expected and what was found, as text for people.
#[derive(Debug)]
pub(super) struct Error {
    message: String,
    help: Option<String>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            message: message.to_string(),
            help: None,
        }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        let wanted = describe_expected(&expected);
        let help = match (wanted, &found) {
            ("text", Unexpected::Bool(_) | Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_)) => {
                Some("put it in quotes".to_owned())
            }
            ("true or false", Unexpected::Str("no" | "off" | "n" | "No" | "NO")) => Some("write `false`".to_owned()),
            ("true or false", Unexpected::Str("yes" | "on" | "y" | "Yes" | "YES")) => Some("write `true`".to_owned()),
            (_, Unexpected::Unit | Unexpected::Option) => {
                Some("write a value after the colon; inside { } a text with a comma has to be in quotes".to_owned())
            }
            _ => None,
        };
        Self {
            message: format!("expected {wanted}, found {}", describe(&found)),
            help,
        }
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let all: Vec<_> = expected.iter().map(|word| format!("`{word}`")).collect();
        Self {
            message: format!("expected one of {}, found `{}`", all.join(", "), short(variant)),
            help: suggest::nearest_word(variant, expected.iter().copied())
                .map(|near| format!("did you mean `{near}`?")),
        }
    }
}

/// The expected type in words that fit a YAML file.
fn describe_expected(expected: &str) -> &str {
    match expected {
        "a string" | "a borrowed string" => "text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "a mapping",
        "u32" | "u64" | "usize" => "a whole number",
        other if other.starts_with("struct ") => "a mapping",
        other => other,
    }
}

fn describe(found: &Unexpected<'_>) -> String {
    match found {
        Unexpected::Unit | Unexpected::Option => "nothing".to_owned(),
        Unexpected::Bool(value) => format!("the truth value `{value}`"),
        Unexpected::Unsigned(value) => format!("the number `{value}`"),
        Unexpected::Signed(value) => format!("the number `{value}`"),
        Unexpected::Float(value) => format!("the number `{value}`"),
        Unexpected::Str(text) => format!("`{}`", short(text)),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map | Unexpected::StructVariant => "a mapping".to_owned(),
        other => other.to_string(),
    }
}

/// The first line of a text, at most 40 characters, cut between words: a part of a credential does not look like one, so nobody would
/// mask it.
fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= 40 && line.len() == text.len() {
        return line.to_owned();
    }
    let kept = line.char_indices().nth(40).map_or(line, |(end, _)| {
        let kept = &line[..end];
        kept.rfind(char::is_whitespace).map_or("", |blank| &kept[..blank])
    });
    format!("{kept}…")
}

/// The type of a plain scalar.
enum Plain {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text,
}

fn plain(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Plain::Null,
        "true" => return Plain::Bool(true),
        "false" => return Plain::Bool(false),
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if unsigned.is_empty() || !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Plain::Text;
    }
    if unsigned.bytes().all(|b| b.is_ascii_digit()) {
        // `017` is eight, fifteen or seventeen, depending on whom one asks: text.
        if unsigned.len() > 1 && unsigned.starts_with('0') {
            return Plain::Text;
        }
        if let Ok(number) = text.parse() {
            return Plain::Unsigned(number);
        }
        if let Ok(number) = text.parse() {
            return Plain::Signed(number);
        }
    }
    let digits = unsigned
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    match text.parse() {
        Ok(number) if digits => Plain::Float(number),
        _ => Plain::Text,
    }
}

#[derive(Clone, Copy)]
struct Reader<'de> {
    node: &'de Node<'de>,
    /// The place of the value's key; in a list, the place of the value.
    key: Span,
    sink: &'de Sink,
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.node.kind {
            Kind::Scalar { text, plain: false } => visitor.visit_str(text),
            Kind::Scalar { text, plain: true } => match plain(text) {
                Plain::Null => visitor.visit_unit(),
                Plain::Bool(value) => visitor.visit_bool(value),
                Plain::Unsigned(value) => visitor.visit_u64(value),
                Plain::Signed(value) => visitor.visit_i64(value),
                Plain::Float(value) => visitor.visit_f64(value),
                Plain::Text => visitor.visit_str(text),
            },
            Kind::List(items) => visitor.visit_seq(Items {
                rest: items.iter(),
                sink: self.sink,
            }),
            Kind::Mapping(_) => visitor.visit_map(Pairs::new(self, None)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.node.kind {
            Kind::Scalar { text, plain: true } if matches!(plain(text), Plain::Null) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        if name == FIELD {
            return visitor.visit_seq(FieldParts { reader: self, next: 0 });
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match &self.node.kind {
            Kind::Mapping(_) => visitor.visit_map(Pairs::new(self, Some(fields))),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if let Kind::Scalar { text, .. } = &self.node.kind {
            visitor.visit_enum(Word(text))
        } else {
            let all: Vec<_> = variants.iter().map(|word| format!("`{word}`")).collect();
            Err(de::Error::custom(format!("expected one of {}", all.join(", "))))
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier
    }
}

/// The items of a list.
struct Items<'de> {
    rest: std::slice::Iter<'de, Node<'de>>,
    sink: &'de Sink,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some(node) = self.rest.next() else { return Ok(None) };
        let reader = Reader {
            node,
            key: node.span,
            sink: self.sink,
        };
        seed.deserialize(reader).map(Some)
    }
}

/// The pairs of a mapping. With known keys, an unknown one is reported and left out.
struct Pairs<'de> {
    rest: std::slice::Iter<'de, (super::tree::Key<'de>, Node<'de>)>,
    known: Option<&'static [&'static str]>,
    value: Option<Reader<'de>>,
    sink: &'de Sink,
}

impl<'de> Pairs<'de> {
    fn new(reader: Reader<'de>, known: Option<&'static [&'static str]>) -> Self {
        let entries: &[_] = match &reader.node.kind {
            Kind::Mapping(entries) => entries,
            _ => &[],
        };
        Self {
            rest: entries.iter(),
            known,
            value: None,
            sink: reader.sink,
        }
    }
}

impl<'de> MapAccess<'de> for Pairs<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        for (key, node) in self.rest.by_ref() {
            if let Some(known) = self.known
                && !known.contains(&key.text.as_ref())
            {
                // `{ what: stopped, and locked }` has the key `and locked`.
                let help = if key.text.contains(' ') {
                    Some("inside { } a text with a comma has to be in quotes".to_owned())
                } else {
                    self.sink.did_you_mean(&key.text, known)
                };
                let message = format!("unknown key `{}`", short(&key.text));
                self.sink.report("INC002", key.span, message, help);
                continue;
            }
            self.value = Some(Reader {
                node,
                key: key.span,
                sink: self.sink,
            });
            let name: &str = &key.text;
            return seed.deserialize(de::value::StrDeserializer::new(name)).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        match self.value.take() {
            Some(reader) => seed.deserialize(reader),
            None => Err(de::Error::custom("a value without a key")),
        }
    }
}

/// The parts of a `Field`: four offsets, then the value. An unreadable value is absent and reported here.
struct FieldParts<'de> {
    reader: Reader<'de>,
    next: u8,
}

impl<'de> SeqAccess<'de> for FieldParts<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let (key, value) = (self.reader.key, self.reader.node.span);
        let offset = [key.start, key.end, value.start, value.end]
            .get(usize::from(self.next))
            .copied();
        self.next += 1;
        match offset {
            Some(offset) => seed.deserialize(U32Deserializer::new(offset)).map(Some),
            None => match seed.deserialize(self.reader) {
                Ok(value) => Ok(Some(value)),
                Err(error) => {
                    // A place without width (nothing after a key) is shown at the key.
                    let span = if value.start == value.end { key } else { value };
                    self.reader.sink.report("INC003", span, error.message, error.help);
                    Ok(None)
                }
            },
        }
    }
}

/// A word as the variant of an enum.
struct Word<'de>(&'de str);

impl<'de> EnumAccess<'de> for Word<'de> {
    type Error = Error;
    type Variant = Unit;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Unit), Error> {
        seed.deserialize(de::value::StrDeserializer::new(self.0))
            .map(|variant| (variant, Unit))
    }
}

/// A variant without content.
struct Unit;

impl<'de> VariantAccess<'de> for Unit {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Error> {
        Err(de::Error::custom("expected a word"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Error> {
        Err(de::Error::custom("expected a word"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Error> {
        Err(de::Error::custom("expected a word"))
    }
}
