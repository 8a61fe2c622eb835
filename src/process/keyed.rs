//! A list whose values have keys.

use std::ops::Deref;

/// A value with a key.
pub trait HasKey {
    /// The key.
    fn key(&self) -> &str;
}

/// Values in order, with an index of their keys: the cost of a search does not depend on the number of values.
#[derive(Clone, PartialEq, Debug)]
pub struct Keyed<T> {
    all: Vec<T>,
    /// The places of the values, sorted by key.
    by_key: Vec<usize>,
}

impl<T: HasKey> Keyed<T> {
    /// The value with this key, the first one if several have it; `None` if no value has it.
    #[must_use]
    pub fn with_key(&self, key: &str) -> Option<&T> {
        self.place_of(key).map(|place| &self.all[place])
    }

    /// The place of the value with this key; `None` if no value has it.
    #[must_use]
    pub fn place_of(&self, key: &str) -> Option<usize> {
        let first = self.by_key.partition_point(|place| self.all[*place].key() < key);
        let place = *self.by_key.get(first)?;
        (self.all[place].key() == key).then_some(place)
    }
}

impl<T: HasKey> Keyed<T> {
    /// Changes the values, and indexes their keys anew.
    pub fn edit(&mut self, edit: impl FnMut(&mut T)) {
        let mut values = std::mem::take(&mut self.all);
        values.iter_mut().for_each(edit);
        *self = values.into_iter().collect();
    }
}

impl<T: HasKey> FromIterator<T> for Keyed<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let all: Vec<T> = values.into_iter().collect();
        let mut by_key: Vec<usize> = (0..all.len()).collect();
        by_key.sort_by_key(|place| all[*place].key());
        Self { all, by_key }
    }
}

impl<T> Default for Keyed<T> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            by_key: Vec::new(),
        }
    }
}

impl<T> Deref for Keyed<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.all
    }
}

impl<'a, T> IntoIterator for &'a Keyed<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.all.iter()
    }
}
