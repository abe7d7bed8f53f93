//! The pools: what all can be asked stands in their base, and each kind adds how it is made.
//!
//! A pool keeps the reference's pool that it was made of: fields, defaults and names are from there,
//! and only what swaps move is read back from the curve.

use std::sync::Arc;

use amm_math::balancer::{fixed_point::PowRule, scaling::Token, stable, weighted};
use amm_math::constant_product::{ConstantProduct, Fee};
use amm_math::curve::{self, invariant::Template};
use amm_math::pool::{Pool as Curve, Quote};
use amm_math::solidly_stable::SolidlyStable;
use amm_math::uniswap_v3::{Pool as V3, State, Ticks};
use amm_math::{QuoteError, U256};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use python_words::{Row, Word, int, ints, place, word};

use crate::{Any, guarded, reference, refused, unfit};

type Arg<'a, 'py> = &'a Any<'py>;
type Answer = (Py<PyAny>, Py<PyAny>); // an amount, and the pool after it
type Quoted = (Quote, Py<PyAny>);
type Worth = Result<U256, QuoteError>;

/// Any pool, at one moment.
#[pyclass(module = "omnivenue_kernel", subclass, frozen)]
pub struct Pool {
    pub curve: Curve,
    made_of: Py<PyAny>, // of the reference's class, and shared by all states
}

/// A class for each kind, with the curve behind it, and what it alone can be asked.
macro_rules! kinds {
    ($($kind:ident is $curve:ident, by $read:ident, with {$($more:tt)*})*) => {
        impl Pool {
            fn into_object(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                Ok(match self.curve {
                    $(Curve::$curve(_) => {
                        Py::new(py, PyClassInitializer::from(self).add_subclass($kind))?.into_any()
                    })*
                })
            }
        }
        $(
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
                fn new(args: &Bound<PyTuple>, named: Option<&Bound<PyDict>>)
                -> PyResult<PyClassInitializer<Self>> {
                    let given = reference(args.py(), stringify!($kind))?.call(args, named)?;
                    let names = given.getattr("__match_args__")?.cast_into::<PyTuple>()?;
                    let fields = args.py().import("operator")?.call_method1("attrgetter", names)?;
                    let curve = guarded(|| $read(&fields.call1((&given,))?))??;
                    let (curve, made_of) = (Curve::$curve(curve), given.unbind());
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
    SolidlyStablePool is SolidlyStable, by read_solidly, with {}
    CurvePool is StableSwap, by read_curve, with {
        fn virtual_price_down(slf: &Bound<Self>) -> PyResult<Py<PyAny>> {
            shares(slf.as_super(), curve::Pool::virtual_price_down)
        }

        #[pyo3(signature = (amounts, *, is_deposit))]
        fn token_amount_down(slf: &Bound<Self>, amounts: Arg, is_deposit: bool) -> PyResult<Py<PyAny>> {
            let amounts = Word::all(&amounts.extract::<Row<_>>()?);
            shares(slf.as_super(), |pool| pool.calc_token_amount_down(&amounts, is_deposit))
        }

        fn withdraw_one_coin_down(slf: &Bound<Self>, lp: Word, i: Arg) -> PyResult<Py<PyAny>> {
            let i = place(i)?;
            shares(slf.as_super(), |pool| pool.calc_withdraw_one_coin_down(lp.0, i))
        }
    }
}

/// Of a pool of Curve, what shares in it are worth.
fn shares(pool: &Bound<Pool>, of: impl FnOnce(&curve::Pool) -> Worth) -> PyResult<Py<PyAny>> {
    let Curve::StableSwap(curve) = &pool.get().curve else { return Err(unfit("no shares")) };
    let found = guarded(|| of(curve))?.map_err(|why| refused(pool.py(), why))?;
    Ok(int(pool.py(), found)?.unbind())
}

fn read_v2(fields: &Any<'_>) -> PyResult<ConstantProduct> {
    let (reserves, fee_bps) = fields.extract::<([Word; 2], u32)>()?;
    Ok(ConstantProduct::new(reserves.map(|x| x.0), Fee::from_bps(fee_bps).map_err(unfit)?))
}

fn read_solidly(fields: &Any<'_>) -> PyResult<SolidlyStable> {
    let (reserves, decimals, fee_bps) = fields.extract::<([Word; 2], [u8; 2], u32)>()?;
    SolidlyStable::new(reserves.map(|x| x.0), decimals, fee_bps).map_err(unfit)
}

fn read_v3(fields: &Any<'_>) -> PyResult<V3> {
    type Fields = (u32, i32, Word, i32, u128, Row<i32>, Row<i128>, Option<[u32; 2]>);
    let (fee, spacing, price, tick, liquidity, ticks, nets, v4) = fields.extract::<Fields>()?;
    if ticks.len() != nets.len() || !ticks.is_sorted() {
        return Err(unfit("ticks must ascend, and each have its net liquidity"));
    }
    let ticks = Ticks::new(spacing, ticks.into_iter().zip(nets).collect()).map_err(unfit)?;
    let (state, ticks) = (State { sqrt_price_x96: price.0, tick, liquidity }, Arc::new(ticks));
    let Some(protocol) = v4 else { return V3::v3(state, fee, ticks).map_err(unfit) };
    V3::v4_fees_up(fee, protocol).and_then(|fees| V3::v4(state, fees, ticks)).map_err(unfit)
}

fn read_weighted(fields: &Any<'_>) -> PyResult<weighted::Pool> {
    type Fields = (Row<Word>, Row<Word>, Row<Word>, Word, bool);
    let (balances, factors, weights, Word(fee), has_shortcuts) = fields.extract::<Fields>()?;
    let rule = if has_shortcuts { PowRule::Shortcuts } else { PowRule::Series };
    let tokens = Token::all(&Word::all(&balances), &Word::all(&factors));
    let fitting = tokens.filter(|tokens| tokens.len() == weights.len());
    let tokens = fitting.ok_or_else(|| unfit("each token has a balance, a factor and a weight"))?;
    Ok(weighted::Pool { rule, tokens, weights: Word::all(&weights), fee })
}

fn read_stable(fields: &Any<'_>) -> PyResult<stable::Pool> {
    type Fields = (Row<Word>, Row<Word>, Word, Word, bool);
    let (balances, factors, Word(amp), Word(fee), upwards) = fields.extract::<Fields>()?;
    let curve = stable::Curve { amp, rounds_invariant_up: upwards };
    let tokens = Token::all(&Word::all(&balances), &Word::all(&factors));
    let tokens = tokens.ok_or_else(|| unfit("each token has a balance and a factor"))?;
    Ok(stable::Pool { curve, tokens, fee })
}

fn read_curve(fields: &Any<'_>) -> PyResult<curve::Pool> {
    type Fields<'py> = (Any<'py>, Row<Word>, Row<u8>, Word, Word, Word, Word);
    let (template, balances, decimals, amp, fee, admin_fee, supply) = fields.extract::<Fields>()?;
    let name = template.getattr("name").and_then(|name| name.extract::<String>());
    let known = Template::named(&name.unwrap_or_default());
    let template = known.ok_or_else(|| unfit("a template is one of Template"))?;
    let coins = (Word::all(&balances), decimals.0);
    curve::Pool::new(template, amp.0, coins, (fee.0, admin_fee.0), supply.0).map_err(unfit)
}

impl Pool {
    fn quote(&self, pair: (Arg, Arg), x: Arg, limit: U256, by_in: bool) -> PyResult<Quoted> {
        let (i, j, py, amount) = (place(pair.0)?, place(pair.1)?, x.py(), word(x)?);
        let (quote, curve) = guarded(|| match amount {
            Some(amount) if by_in => self.curve.exact_in(i, j, amount, limit),
            Some(amount) => self.curve.exact_out(i, j, amount, limit),
            None if i == j || i.max(j) >= self.curve.tokens() => Err(QuoteError::Token),
            None => Err(QuoteError::AmountTooLarge),
        })?
        .map_err(|why| refused(py, why))?;
        Ok((quote, Self { curve, made_of: self.made_of.clone_ref(py) }.into_object(py)?))
    }

    /// The reference's pool, as it is now.
    fn as_reference<'py>(&self, py: Python<'py>) -> PyResult<Any<'py>> {
        let (now, held) = (PyDict::new(py), ints(py, &self.curve.balances())?);
        let (name, value) = match &self.curve {
            Curve::Concentrated(pool) => {
                now.set_item("sqrt_price", int(py, pool.state().sqrt_price_x96)?)?;
                now.set_item("tick", pool.state().tick)?;
                ("liquidity", int(py, U256::from(pool.state().liquidity))?)
            }
            Curve::ConstantProduct(_) | Curve::SolidlyStable(_) => ("reserves", held),
            _ => ("balances", held),
        };
        now.set_item(name, value)?;
        py.import("dataclasses")?.call_method("replace", (&self.made_of,), Some(&now))
    }
}

#[pymethods]
impl Pool {
    fn exact_in(&self, token_in: Arg, token_out: Arg, amount: Arg) -> PyResult<Answer> {
        let (quote, after) = self.quote((token_in, token_out), amount, U256::ZERO, true)?;
        Ok((int(amount.py(), quote.amount_out)?.unbind(), after))
    }

    fn exact_out(&self, token_in: Arg, token_out: Arg, amount: Arg) -> PyResult<Answer> {
        let (quote, after) = self.quote((token_in, token_out), amount, U256::ZERO, false)?;
        Ok((int(amount.py(), quote.amount_in)?.unbind(), after))
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
        let (came, went) = (int(py, quote.amount_in)?, int(py, quote.amount_out)?);
        reference(py, "Swap")?.call1((came, went, quote.ticks_crossed, quote.is_partial, after))
    }

    /// What else it has, its fields above all, is what the reference's pool has.
    fn __getattr__<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Any<'py>> {
        self.as_reference(py)?.getattr(name)
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
