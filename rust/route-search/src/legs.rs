//! The legs of a round, within it: a place of their own for each of many rounds is a tenth of what
//! it takes to find them.

use core::fmt;
use core::ops::Deref;

use crate::MAX_HOPS;
use crate::graph::Leg;

/// Up to [`MAX_HOPS`] of them, as a slice.
#[derive(Clone, Copy)]
pub struct Legs {
    legs: [Leg; MAX_HOPS],
    count: usize,
}

impl FromIterator<Leg> for Legs {
    /// # Panics
    /// For more than there is room for.
    fn from_iter<T: IntoIterator<Item = Leg>>(iter: T) -> Self {
        let mut found =
            Self { legs: [Leg { pool: 0, token_in: 0, token_out: 0 }; MAX_HOPS], count: 0 };
        for leg in iter {
            found.legs[found.count] = leg;
            found.count += 1;
        }
        found
    }
}

impl Deref for Legs {
    type Target = [Leg];

    fn deref(&self) -> &[Leg] {
        &self.legs[..self.count]
    }
}

impl PartialEq for Legs {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Legs {}

impl fmt::Debug for Legs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
