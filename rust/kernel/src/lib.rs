//! The compiled half of `omnivenue.kernel`: `amm-math` and `route-search` as Python sees them. It
//! decides nothing, and answers with the reference's own exception, enums and tuples, so that only
//! speed tells the two apart. No panic goes through: a mistake of ours becomes a `RuntimeError`.

use amm_math::QuoteError;
use amm_math::uniswap_v3::tick_math;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use std::panic::{AssertUnwindSafe, catch_unwind};

mod graph;
mod pools;

type Any<'py> = Bound<'py, PyAny>;

/// What the reference has under this name.
fn reference<'py>(py: Python<'py>, name: &str) -> PyResult<Any<'py>> {
    static PACKAGE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let import = || py.import("omnivenue.reference").map(Bound::unbind);
    PACKAGE.get_or_try_init(py, import)?.bind(py).getattr(name)
}

/// The exception of both kernels.
fn refused(py: Python<'_>, why: QuoteError) -> PyErr {
    let code = reference(py, "Why").and_then(|codes| codes.call1((why.code(),)));
    let made = code.and_then(|code| reference(py, "QuoteError")?.call1((code,)));
    made.map_or_else(|error| error, PyErr::from_value)
}

/// What is no pool, number or batch at all.
fn unfit(why: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(why.to_string())
}

fn guarded<T>(work: impl FnOnce() -> T) -> PyResult<T> {
    let failed = |_| PyRuntimeError::new_err("the kernel is at fault: what it said stands above");
    catch_unwind(AssertUnwindSafe(work)).map_err(failed)
}

#[pyfunction]
fn ratio_at(py: Python<'_>, tick: i32) -> PyResult<Any<'_>> {
    python_words::int(py, tick_math::sqrt_ratio_up(tick).ok_or_else(|| unfit("no such tick"))?)
}

#[pyfunction]
fn tick_at(ratio: python_words::Word) -> PyResult<i32> {
    tick_math::tick_at(ratio.0).ok_or_else(|| unfit("no tick has such a ratio"))
}

#[pymodule(name = "omnivenue_kernel")]
mod module {
    #[pymodule_export]
    use super::{graph::PoolGraph, pools::CurvePool, pools::StablePool, pools::V2Pool};
    #[pymodule_export]
    use super::{pools::SolidlyStablePool, pools::V3Pool, pools::WeightedPool, ratio_at, tick_at};
}
