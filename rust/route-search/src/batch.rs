//! Many exact inputs at once, as bytes: what crosses from another language, and back, in one piece.

use amm_math::pool::Pool;
use amm_math::{QuoteError, U256};

use crate::graph::PoolGraph;
use crate::narrow;

/// All of it was done; a part of it, since a concentrated pool ran out.
const DONE: u8 = 0;
const PARTLY_DONE: u8 = 1;
/// And the place of the reason among all of them.
const REFUSED: u8 = 2;

/// A request: the pool (32 bits), and the places of both tokens in it (16 bits each).
pub type Request = [u8; 8];
/// An amount. All numbers have their lowest byte first.
pub type Amount = [u8; 32];

impl PoolGraph {
    /// Each request by itself, with its amount: what comes out goes to `outs`, 0 where it is
    /// refused, and to `states` how it went: 0 done, 1 a part, else 2 and the place of the error
    /// among [`QuoteError`]s. The shortest of the four ends it.
    pub fn quotes(
        &self,
        requests: &[Request],
        amounts: &[Amount],
        outs: &mut [Amount],
        states: &mut [u8],
    ) {
        let asked = requests.iter().zip(amounts);
        for ((request, amount), (out, state)) in asked.zip(outs.iter_mut().zip(states)) {
            let (found, how) = match self.quote(*request, limbs(amount)) {
                Ok((found, false)) => (found, DONE),
                Ok((found, true)) => (found, PARTLY_DONE),
                Err(why) => (U256::ZERO, REFUSED + why as u8),
            };
            *state = how;
            for (bytes, limb) in out.as_chunks_mut::<8>().0.iter_mut().zip(found.as_limbs()) {
                *bytes = limb.to_le_bytes();
            }
        }
    }

    fn quote(&self, request: Request, amount: U256) -> Result<(U256, bool), QuoteError> {
        let [p0, p1, p2, p3, i0, i1, j0, j1] = request;
        let number = u32::from_le_bytes([p0, p1, p2, p3]);
        let (i, j) = (u16::from_le_bytes([i0, i1]).into(), u16::from_le_bytes([j0, j1]).into());
        match self.pool(number).ok_or(QuoteError::Token)? {
            Pool::Concentrated(pool) => {
                let swap = pool.exact_in(i, j, amount, U256::ZERO)?;
                Ok((swap.amount_out, swap.is_partial))
            }
            Pool::ConstantProduct(pool) => {
                Ok((narrow::amount_out_down(pool, (i, j), amount)?, false))
            }
            pool => Ok((pool.amount_out_down(i, j, amount)?, false)),
        }
    }
}

fn limbs(amount: &Amount) -> U256 {
    let mut limbs = [0; 4];
    for (limb, bytes) in limbs.iter_mut().zip(amount.as_chunks::<8>().0) {
        *limb = u64::from_le_bytes(*bytes);
    }
    U256::from_limbs(limbs)
}
