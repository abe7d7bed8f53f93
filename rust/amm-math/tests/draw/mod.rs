//! Numbers for tests that are the same every time, of every size from one bit on: what goes wrong
//! goes wrong at the edges, which evenly drawn numbers never come near.

use amm_math::U256;

/// Steele's `SplitMix64`.
pub struct Draw(pub u64);

impl Draw {
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From `0` to `bound - 1`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.word() % bound
    }

    /// At least one, of a length that is drawn evenly up to `bits`.
    pub fn sized(&mut self, bits: u64) -> U256 {
        let length = 1 + usize::try_from(self.below(bits)).unwrap();
        let limbs = [self.word(), self.word(), self.word(), self.word()];
        let top = U256::ONE << (length - 1);
        match self.below(8) {
            0 => top,
            1 => top | (top - U256::ONE),
            _ => top | (U256::from_limbs(limbs) & (top - U256::ONE)),
        }
    }

    /// As `sized`, in two words.
    #[allow(dead_code, reason = "each test file uses what it needs")]
    pub fn sized_u128(&mut self, bits: u64) -> u128 {
        self.sized(bits).to::<u128>()
    }
}
