//! Many pools at once: one crossing for a batch, without Python's lock.

use amm_math::pool::Pool as Curve;
use amm_math::{QuoteError, U256};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::pools::Pool;
use crate::{Any, guarded, unfit};

/// Pools and the tokens that they join.
#[pyclass(module = "omnivenue_kernel")]
pub struct PoolGraph {
    pools: Vec<Curve>,
}

#[pymethods]
impl PoolGraph {
    #[new]
    fn new(pools: &Any<'_>, tokens: &Any<'_>) -> PyResult<Self> {
        let pools = pools.extract::<Vec<PyRef<'_, Pool>>>()?;
        let tokens = tokens.extract::<Vec<Vec<u32>>>()?;
        let held = pools.iter().map(|pool| pool.curve.tokens());
        if !held.eq(tokens.iter().map(Vec::len)) {
            return Err(unfit("each pool needs the numbers of its tokens, one for each"));
        }
        Ok(Self { pools: pools.iter().map(|pool| pool.curve.clone()).collect() })
    }

    /// Of exact inputs. A request has 8 bytes: the pool, and the places of both tokens in it, as
    /// `<IHH`; an amount has 32. The same come out, and a byte for how each went: 0 done, 1 a part
    /// of it, else two more than the place of the reason in `Why`.
    fn quotes<'py>(
        &self,
        py: Python<'py>,
        requests: &[u8],
        amounts: &[u8],
    ) -> PyResult<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)> {
        let ((asked, odd), (given, more)) = (requests.as_chunks::<8>(), amounts.as_chunks::<32>());
        if !odd.is_empty() || !more.is_empty() || asked.len() != given.len() {
            return Err(unfit("a request has 8 bytes, and an amount of 32 bytes beside it"));
        }
        let mut went = vec![0; asked.len()];
        let out = PyBytes::new_with(py, amounts.len(), |out| {
            let answers = out.as_chunks_mut::<32>().0.iter_mut().zip(&mut went);
            let work = || {
                for ((request, amount), (out, went)) in asked.iter().zip(given).zip(answers) {
                    match self.quote(*request, U256::from_le_bytes(*amount)) {
                        Ok((amount, is_partial)) => {
                            (*out, *went) = (amount.to_le_bytes(), u8::from(is_partial));
                        }
                        Err(why) => *went = 2 + why as u8,
                    }
                }
            };
            guarded(|| py.detach(work))
        })?;
        Ok((out, PyBytes::new(py, &went)))
    }
}

impl PoolGraph {
    fn quote(&self, request: [u8; 8], amount: U256) -> Result<(U256, bool), QuoteError> {
        let word = u64::from_le_bytes(request);
        let part = |shift: u32, mask: u64| usize::try_from(word >> shift & mask);
        let parts = (part(0, 0xffff_ffff), part(32, 0xffff), part(48, 0xffff));
        let (Ok(at), Ok(i), Ok(j)) = parts else { return Err(QuoteError::Token) };
        match self.pools.get(at).ok_or(QuoteError::Token)? {
            Curve::Concentrated(pool) => {
                let swap = pool.exact_in(i, j, amount, U256::ZERO)?;
                Ok((swap.amount_out, swap.is_partial))
            }
            pool => Ok((pool.amount_out_down(i, j, amount)?, false)),
        }
    }
}
