//! The pools: what all can be asked stands in their base, and each kind adds how it is made.
//!
//! A pool keeps the fields that it was made of, as the reference's class gave them. All its states
//! share them, and only what swaps move is read back from the curve.

use std::sync::Arc;

use amm_math::balancer::{fixed_point::PowRule, scaling::Token, stable, weighted};
use amm_math::constant_product::{ConstantProduct, Fee};
use amm_math::curve::{self, invariant::Template};
use amm_math::pool::{Pool as Curve, Quote};
use amm_math::uniswap_v3::{self, State, Ticks};
use amm_math::{QuoteError, U256};
use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::ints::{Word, int, ints, word};
use crate::{Any, guarded, reference, refused, unfit};

/// Any pool, at one moment.
#[pyclass(module = "omnivenue_kernel", subclass, frozen)]
pub struct Pool {
    pub curve: Curve,
    made_of: Py<PyTuple>,
}

/// A class for each kind, with the curve behind it, and what it alone can be asked.
macro_rules! kinds {
    ($($kind:ident is $curve:ident, by $read:ident, with {$($more:tt)*})*) => {
        impl Pool {
            const fn kind(&self) -> &'static str {
                match self.curve {
                    $(Curve::$curve(_) => stringify!($kind),)*
                    Curve::SolidlyStable(_) => "Pool", // no way to make one yet
                }
            }

            fn into_object(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                Ok(match self.curve {
                    $(Curve::$curve(_) => {
                        Py::new(py, PyClassInitializer::from(self).add_subclass($kind))?.into_any()
                    })*
                    Curve::SolidlyStable(_) => Py::new(py, self)?.into_any(),
                })
            }
        }
        $(
            #[doc = "A kind of pool, as the reference has it."]
            #[pyclass(module = "omnivenue_kernel", extends = Pool, frozen)]
            pub struct $kind;

            #[pymethods]
            impl $kind {
                /// So that `dataclasses.replace` takes it for what it stands for.
                #[classattr]
                fn __dataclass_fields__(py: Python<'_>) -> PyResult<Any<'_>> {
                    reference(py, stringify!($kind))?.getattr("__dataclass_fields__")
                }

                #[new]
                #[pyo3(signature = (*args, **named))]
                fn new(
                    args: &Bound<'_, PyTuple>,
                    named: Option<&Bound<'_, PyDict>>,
                ) -> PyResult<PyClassInitializer<Self>> {
                    let given = reference(args.py(), stringify!($kind))?.call(args, named)?;
                    let names = given.getattr("__match_args__")?.try_iter()?;
                    let fields = names.map(|name| given.getattr(name?.cast()?));
                    let made_of = PyTuple::new(args.py(), fields.collect::<PyResult<Vec<_>>>()?)?;
                    let curve = Curve::$curve(guarded(|| $read(&made_of))??);
                    let made_of = made_of.unbind();
                    Ok(PyClassInitializer::from(Pool { curve, made_of }).add_subclass(Self))
                }

                $($more)*
            }
        )*
    };
}

kinds! {
    V2Pool is ConstantProduct, by read_v2, with {}
    V3Pool is Concentrated, by read_v3, with {}
    WeightedPool is Weighted, by read_weighted, with {}
    StablePool is Stable, by read_stable, with {}
    CurvePool is StableSwap, by read_curve, with {
        fn virtual_price_down<'py>(slf: &Bound<'py, Self>) -> PyResult<Any<'py>> {
            shares(slf.as_super(), curve::Pool::virtual_price_down)
        }

        #[pyo3(signature = (amounts, *, is_deposit))]
        fn token_amount_down<'py>(
            slf: &Bound<'py, Self>,
            amounts: &Any<'py>,
            is_deposit: bool,
        ) -> PyResult<Any<'py>> {
            let amounts = Word::all(&amounts.extract::<Vec<_>>()?);
            shares(slf.as_super(), |pool| pool.calc_token_amount_down(&amounts, is_deposit))
        }

        fn withdraw_one_coin_down<'py>(
            slf: &Bound<'py, Self>,
            lp: Word,
            i: &Any<'py>,
        ) -> PyResult<Any<'py>> {
            let i = place(i)?;
            shares(slf.as_super(), |pool| Ok(pool.withdraw_one_coin_down(lp.0, i)?.amount_out))
        }
    }
}

/// Of a pool of Curve, what shares in it are worth.
fn shares<'py>(
    pool: &Bound<'py, Pool>,
    of: impl FnOnce(&curve::Pool) -> Result<U256, QuoteError>,
) -> PyResult<Any<'py>> {
    let Curve::StableSwap(curve) = &pool.get().curve else { return Err(unfit("no shares")) };
    int(pool.py(), guarded(|| of(curve))?.map_err(|why| refused(pool.py(), why))?)
}

fn read_v2(fields: &Bound<'_, PyTuple>) -> PyResult<ConstantProduct> {
    let (reserves, fee_bps) = fields.extract::<([Word; 2], u32)>()?;
    Ok(ConstantProduct::new(reserves.map(|x| x.0), Fee::from_bps(fee_bps).map_err(unfit)?))
}

fn read_v3(fields: &Bound<'_, PyTuple>) -> PyResult<uniswap_v3::Pool> {
    type Fields = (u32, i32, Word, i32, u128, Vec<i32>, Vec<i128>);
    let (fee, spacing, price, tick, liquidity, ticks, nets) = fields.extract::<Fields>()?;
    if ticks.len() != nets.len() || !ticks.is_sorted() {
        return Err(unfit("ticks must ascend, and each have its net liquidity"));
    }
    let ticks = Ticks::new(spacing, ticks.into_iter().zip(nets).collect()).map_err(unfit)?;
    let state = State { sqrt_price_x96: price.0, tick, liquidity };
    uniswap_v3::Pool::v3(state, fee, Arc::new(ticks)).map_err(unfit)
}

fn read_weighted(fields: &Bound<'_, PyTuple>) -> PyResult<weighted::Pool> {
    type Fields = (Vec<Word>, Vec<Word>, Vec<Word>, Word, bool);
    let (balances, factors, weights, Word(fee), has_shortcuts) = fields.extract::<Fields>()?;
    let rule = if has_shortcuts { PowRule::Shortcuts } else { PowRule::Series };
    let weights = Word::all(&weights);
    match Token::all(&Word::all(&balances), &Word::all(&factors)) {
        Some(tokens) if tokens.len() == weights.len() => {
            Ok(weighted::Pool { rule, tokens, weights, fee })
        }
        _ => Err(unfit("two tokens or more, each with a balance, a factor and a weight")),
    }
}

fn read_stable(fields: &Bound<'_, PyTuple>) -> PyResult<stable::Pool> {
    type Fields = (Vec<Word>, Vec<Word>, Word, Word, bool);
    let (balances, factors, Word(amp), Word(fee), rounds_invariant_up) =
        fields.extract::<Fields>()?;
    let curve = stable::Curve { amp, rounds_invariant_up };
    let tokens = Token::all(&Word::all(&balances), &Word::all(&factors))
        .ok_or_else(|| unfit("two tokens or more, each with a balance and a factor"))?;
    Ok(stable::Pool { curve, tokens, fee })
}

fn read_curve(fields: &Bound<'_, PyTuple>) -> PyResult<curve::Pool> {
    type Fields<'py> = (Any<'py>, Vec<Word>, Vec<u8>, Word, Word, Word, Word);
    let (template, balances, decimals, amp, fee, admin_fee, supply) = fields.extract::<Fields>()?;
    let template = match template.getattr("name")?.extract::<String>()?.as_str() {
        "THREE_POOL" => Template::ThreePool,
        "STETH" => Template::Steth,
        _ => Template::Base,
    };
    let coins = (Word::all(&balances), decimals);
    curve::Pool::new(template, amp.0, coins, (fee.0, admin_fee.0), supply.0).map_err(unfit)
}

impl Pool {
    fn quote(
        &self,
        (token_in, token_out): (&Any<'_>, &Any<'_>),
        amount: &Any<'_>,
        limit: U256,
        by_in: bool,
    ) -> PyResult<(Quote, Curve)> {
        let (i, j) = (place(token_in)?, place(token_out)?);
        let amount = word(amount)?;
        let asked = guarded(|| match amount {
            Some(amount) if by_in => self.curve.exact_in(i, j, amount, limit),
            Some(amount) => self.curve.exact_out(i, j, amount, limit),
            None if i == j || i.max(j) >= self.curve.tokens() => Err(QuoteError::Token),
            None => Err(QuoteError::AmountTooLarge),
        })?;
        asked.map_err(|why| refused(token_in.py(), why))
    }

    fn moved(&self, py: Python<'_>, curve: Curve) -> PyResult<Py<PyAny>> {
        Self { curve, made_of: self.made_of.clone_ref(py) }.into_object(py)
    }

    /// The fields of the reference's class, as they are now.
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Vec<Any<'py>>> {
        let mut now: Vec<_> = self.made_of.bind(py).iter().collect();
        match &self.curve {
            Curve::Concentrated(pool) => {
                let State { sqrt_price_x96, tick, liquidity } = pool.state();
                let tick = tick.into_pyobject(py)?.into_any();
                let moved = [int(py, sqrt_price_x96)?, tick, int(py, U256::from(liquidity))?];
                now.splice(2..5, moved);
            }
            Curve::StableSwap(_) => now[1] = ints(py, &self.curve.balances())?,
            _ => now[0] = ints(py, &self.curve.balances())?,
        }
        Ok(now)
    }

    fn as_reference<'py>(&self, py: Python<'py>) -> PyResult<Any<'py>> {
        reference(py, self.kind())?.call1(PyTuple::new(py, self.fields(py)?)?)
    }
}

#[pymethods]
impl Pool {
    fn exact_in<'py>(
        &self,
        token_in: &Any<'py>,
        token_out: &Any<'py>,
        amount: &Any<'py>,
    ) -> PyResult<(Any<'py>, Py<PyAny>)> {
        let (quote, after) = self.quote((token_in, token_out), amount, U256::ZERO, true)?;
        Ok((int(amount.py(), quote.amount_out)?, self.moved(amount.py(), after)?))
    }

    fn exact_out<'py>(
        &self,
        token_in: &Any<'py>,
        token_out: &Any<'py>,
        amount: &Any<'py>,
    ) -> PyResult<(Any<'py>, Py<PyAny>)> {
        let (quote, after) = self.quote((token_in, token_out), amount, U256::ZERO, false)?;
        Ok((int(amount.py(), quote.amount_in)?, self.moved(amount.py(), after)?))
    }

    #[pyo3(signature = (token_in, token_out, amount, limit = None, *, by_in))]
    fn swap<'py>(
        &self,
        token_in: &Any<'py>,
        token_out: &Any<'py>,
        amount: &Any<'py>,
        limit: Option<&Any<'py>>,
        by_in: bool,
    ) -> PyResult<Any<'py>> {
        let py = amount.py();
        let limit = limit.map_or(Ok(Some(U256::ZERO)), word)?.unwrap_or(U256::MAX);
        if !limit.is_zero() && !matches!(self.curve, Curve::Concentrated(_)) {
            return Err(refused(py, QuoteError::PriceLimit));
        }
        let (quote, after) = self.quote((token_in, token_out), amount, limit, by_in)?;
        let Quote { ticks_crossed, is_partial, .. } = quote;
        let (came, went) = (int(py, quote.amount_in)?, int(py, quote.amount_out)?);
        let done = (came, went, ticks_crossed, is_partial, self.moved(py, after)?);
        reference(py, "Swap")?.call1(done)
    }

    fn __getattr__<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Any<'py>> {
        let names =
            reference(py, self.kind())?.getattr("__match_args__")?.extract::<Vec<String>>()?;
        let lacks = || PyAttributeError::new_err(format!("{} has no {name}", self.kind()));
        let at = names.iter().position(|other| other == name).ok_or_else(lacks)?;
        Ok(self.fields(py)?.swap_remove(at))
    }

    fn __eq__(&self, other: &Any<'_>) -> bool {
        other.cast::<Self>().is_ok_and(|other| self.curve == other.get().curve)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.as_reference(py)?.hash()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.as_reference(py)?.repr()?.to_string())
    }
}

/// A place in a list; one that no list has where the int is no place at all.
fn place(x: &Any<'_>) -> PyResult<usize> {
    Ok(word(x)?.and_then(|at| usize::try_from(at).ok()).unwrap_or(usize::MAX))
}
