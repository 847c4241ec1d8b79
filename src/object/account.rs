//! [`Account`]: the memory that the objects of a pickle take, charged before it is made.

use super::value::Value;
use crate::element::Body;
use crate::error::{ErrorKind, Result};
use crate::limits::{Budget, Limits};

/// As much is made of each byte of a pickle at most, as deflate can make of a byte. A text that is
/// referred to often becomes many texts.
const MOST_PER_BYTE: u64 = 1024;

/// What may be made of a small pickle.
const FREE: u64 = 1 << 20;

/// What a copied value takes, while it is shared, too.
const VALUE: u64 = 2 * size_of::<Value>() as u64;

/// How much is taken from a budget, which others wait for, at a time.
const AT_ONCE: u64 = 64 << 10;

/// The memory that the objects of one array take.
pub(super) struct Account<'a> {
    limits: Limits,
    budget: Option<&'a Budget>,
    /// The bytes of the pickle that have been read.
    read: u64,
    made: u64,
    /// What has been taken from the budget.
    charged: u64,
}

impl<'a> Account<'a> {
    /// For the array whose body is `body`.
    pub(super) fn of(body: &Body<'a>) -> Self {
        let (limits, budget) = body.limits();
        Self { limits, budget, read: 0, made: 0, charged: 0 }
    }

    /// Counts bytes that have been read.
    pub(super) fn read(&mut self, len: u64) {
        self.read = self.read.saturating_add(len);
    }

    /// How many bytes have been read.
    pub(super) fn len(&self) -> u64 {
        self.read
    }

    /// Charges for `size` bytes more, which are made next.
    pub(super) fn add(&mut self, size: u64) -> Result<()> {
        self.made = self.made.saturating_add(size);
        self.limits.check_array(self.made)?;
        if self.made > FREE.saturating_add(self.read.saturating_mul(MOST_PER_BYTE)) {
            let problem = format!(
                "Python objects of {} bytes from a pickle of {} bytes or more; at most {MOST_PER_BYTE} are \
                 made of each",
                self.made, self.read
            );
            return Err(ErrorKind::LimitExceeded { problem }.into());
        }
        let more = self.made.saturating_sub(self.charged);
        match self.budget.filter(|_| more >= AT_ONCE) {
            Some(budget) => {
                self.charged = self.made;
                budget.charge(more)
            }
            None => Ok(()),
        }
    }

    /// Charges for a copy of `len` values, which share what is in them.
    pub(super) fn add_values(&mut self, len: usize) -> Result<()> {
        self.add((len as u64).saturating_mul(VALUE))
    }

    /// Charges for what is left.
    pub(super) fn close(self) -> Result<()> {
        let more = self.made.saturating_sub(self.charged);
        self.budget.map_or(Ok(()), |budget| budget.charge(more))
    }
}
