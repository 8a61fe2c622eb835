//! A mapping that keeps the file's order, with the place of each key.

use std::fmt;
use std::marker::PhantomData;
use std::sync::OnceLock;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::{Serialize, Serializer};

use crate::span::Field;

/// The number of pairs up to which a search looks at each pair.
const FEW: usize = 16;

/// Key and value pairs in the order of the file; the value's [`Field`] holds the place of both.
pub struct Entries<T> {
    pairs: Vec<(String, Field<T>)>,
    /// The numbers of the pairs, sorted by key, for a search in many pairs. Filled by the first search.
    by_key: OnceLock<Vec<usize>>,
}

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl<T: Clone> Clone for Entries<T> {
    fn clone(&self) -> Self {
        Self::new(self.pairs.clone())
    }
}

impl<T: PartialEq> PartialEq for Entries<T> {
    fn eq(&self, other: &Self) -> bool {
        self.pairs == other.pairs
    }
}

impl<T: Eq> Eq for Entries<T> {}

impl<T: fmt::Debug> fmt::Debug for Entries<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Entries").field(&self.pairs).finish()
    }
}

impl<T> Entries<T> {
    /// The mapping with these pairs.
    #[must_use]
    pub const fn new(pairs: Vec<(String, Field<T>)>) -> Self {
        Self {
            pairs,
            by_key: OnceLock::new(),
        }
    }

    /// The field with this key, the first one if several have it; `None` if the mapping does not have it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Field<T>> {
        if self.pairs.len() <= FEW {
            return self.pairs.iter().find(|(name, _)| name == key).map(|(_, field)| field);
        }
        let name = |number: &usize| self.pairs[*number].0.as_str();
        let sorted = self.by_key.get_or_init(|| {
            let mut numbers: Vec<usize> = (0..self.pairs.len()).collect();
            numbers.sort_by_key(name);
            numbers
        });
        let number = sorted.get(sorted.partition_point(|number| name(number) < key))?;
        let (found, field) = &self.pairs[*number];
        (found == key).then_some(field)
    }

    /// The keys and fields, to be changed, in the order of the file.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&mut String, &mut Field<T>)> {
        self.by_key = OnceLock::new();
        self.pairs.iter_mut().map(|(name, field)| (name, field))
    }

    /// The keys and fields, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Field<T>)> {
        self.pairs.iter().map(|(name, field)| (name.as_str(), field))
    }

    /// Keeps the pairs whose key is accepted.
    pub fn retain(&mut self, accepts: impl Fn(&str) -> bool) {
        self.by_key = OnceLock::new();
        self.pairs.retain(|(name, _)| accepts(name));
    }

    /// Whether the mapping has no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }
}

impl<T: Serialize> Serialize for Entries<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().filter(|(_, field)| !field.is_present_without_value()))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Read<T> {
            type Value = Entries<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(entry) = map.next_entry::<String, Field<T>>()? {
                    all.push(entry);
                }
                Ok(Entries::new(all))
            }
        }
        deserializer.deserialize_map(Read(PhantomData))
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for Entries<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Entries_{}", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        <std::collections::BTreeMap<String, T>>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_field_of_a_key_is_found_among_few_and_among_many() {
        for count in [FEW, 1000] {
            let pair = |number: usize| (format!("k{}", number % (count - 1)), Field::without_place(number));
            let mut entries = Entries::new((0..count).map(pair).collect());
            for number in 0..count - 1 {
                let found = entries.get(&format!("k{number}")).and_then(Field::get);
                assert_eq!(found, Some(&number));
            }
            assert!(entries.get("k").is_none() && entries.get("z").is_none());
            entries.iter_mut().for_each(|(key, _)| key.insert(0, 'a'));
            assert!(entries.get("ak1").is_some() && entries.get("k1").is_none());
        }
    }
}
