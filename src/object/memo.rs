//! A pickle's memo: the objects that it refers to again, by number.

use std::collections::HashMap;

use super::graph::Id;

/// Python numbers them one after the other. A file can have any numbers.
#[derive(Default)]
pub(super) struct Memo {
    /// Those from 0 on, as long as none has been left out.
    first: Vec<Id>,
    others: HashMap<u32, Id>,
}

impl Memo {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.first.len().saturating_add(self.others.len())
    }

    pub(super) fn get(&self, index: u32) -> Option<Id> {
        let first = self.first.get(index as usize);
        first.or_else(|| self.others.get(&index)).copied()
    }

    pub(super) fn put(&mut self, index: u32, id: Id) {
        let is_next = index as usize == self.first.len() && self.others.is_empty();
        match self.first.get_mut(index as usize) {
            Some(first) => *first = id,
            None if is_next => self.first.push(id),
            None => {
                self.others.insert(index, id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_can_have_any_numbers() {
        let mut memo = Memo::default();
        let numbers = [0, 1, 3, 2, 1, 3, u32::MAX];
        for (id, index) in (10..).zip(numbers) {
            memo.put(index, id);
        }
        let found = [0, 1, 2, 3, 4, u32::MAX].map(|index| memo.get(index));
        assert_eq!(found, [Some(10), Some(14), Some(13), Some(15), None, Some(16)]);
        assert_eq!(memo.len(), 5);
    }
}
