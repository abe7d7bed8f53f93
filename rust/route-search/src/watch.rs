//! A search through many rounds can take longer than anybody waits. So now and then it asks whether
//! it shall go on.

use core::cell::Cell;

/// Steps from pool to pool between two questions: some hundredths of a second.
const STEPS: u32 = 1 << 16;
/// What the sizing of a round takes, in such steps.
pub(crate) const ROUND: u32 = 1 << 7;

pub(crate) struct Watch<'a> {
    goes_on: &'a dyn Fn() -> bool,
    steps: Cell<u32>,
    is_over: Cell<bool>,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(goes_on: &'a dyn Fn() -> bool) -> Self {
        Self { goes_on, steps: Cell::new(0), is_over: Cell::new(false) }
    }

    /// After so many more steps.
    #[inline]
    pub(crate) fn is_over(&self, steps: u32) -> bool {
        let taken = self.steps.get() + steps;
        self.steps.set(taken);
        if taken >= STEPS {
            self.steps.set(0);
            self.is_over.set(self.is_over.get() || !(self.goes_on)());
        }
        self.is_over.get()
    }
}
