//! Many pools at once: a crossing for a whole batch or search, and Python's lock is not held for it.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyList, PyTuple};
use python_words::{Row, Word, int};
use route_search::{CYCLES_MAX, Found, Terms};

use crate::{Any, guarded, pools::Pool, reference, unfit};

type Answers = (Py<PyBytes>, Py<PyBytes>);

/// Pools and the tokens that they join. A change while another thread searches is an error.
#[pyclass(module = "omnivenue_kernel")]
pub struct PoolGraph(route_search::PoolGraph);

/// Rounds, best first, which become Python's own once they are looked at.
#[pyclass(module = "omnivenue_kernel", frozen, sequence)]
pub struct Cycles(Found, PyOnceLock<Py<PyList>>);

#[pymethods]
impl PoolGraph {
    #[new]
    fn new(pools: Row<Bound<'_, Pool>>, tokens: Row<Row<u32>>) -> PyResult<Self> {
        if pools.len() != tokens.len() {
            let (pools, tokens) = (pools.len(), tokens.len());
            return Err(unfit(format!("{pools} pools, and the tokens of {tokens}")));
        }
        let made = pools.into_iter().zip(tokens).map(|(pool, of)| (pool.get().curve.clone(), of.0));
        guarded(|| route_search::PoolGraph::new(made.collect()))?.map(Self).map_err(unfit)
    }

    fn update(&mut self, changes: Row<(u32, Bound<'_, Pool>)>) -> PyResult<()> {
        let made = changes.into_iter().map(|(at, pool)| (at, pool.get().curve.clone()));
        guarded(|| self.0.update(made.collect()))?.map_err(unfit)
    }

    #[pyo3(signature = (starts, max_hops = 4, through = None, most = CYCLES_MAX))]
    fn cycles(
        &self,
        py: Python<'_>,
        starts: Row<(u32, (u32, Word, Word))>,
        max_hops: usize,
        through: Option<Row<u32>>,
        most: usize,
    ) -> PyResult<Cycles> {
        let starts = starts.into_iter().map(|(at, (loan_fee_bps, Word(gas), Word(min_profit)))| {
            (at, Terms { loan_fee_bps, gas, min_profit })
        });
        let (starts, signal) = (starts.collect::<Vec<_>>(), PyOnceLock::new());
        let check = |py: Python| py.check_signals().map_err(|why| signal.set(py, why)).is_ok();
        let goes_on = || Python::attach(check);
        let search =
            move || self.0.watched_cycles(&starts, max_hops, through.as_deref(), most, &goes_on);
        let found = guarded(|| py.detach(search))?.unwrap_or_default();
        signal.into_inner().map_or_else(|| Ok(Cycles(found, PyOnceLock::new())), Err)
    }

    /// As bytes: see `route_search::batch`.
    fn quotes(&self, py: Python, requests: &[u8], amounts: &[u8]) -> PyResult<Answers> {
        let ((asked, odd), (given, more)) = (requests.as_chunks(), amounts.as_chunks());
        if !odd.is_empty() || !more.is_empty() || asked.len() != given.len() {
            return Err(unfit("a request has 8 bytes, and its amount 32"));
        }
        let mut states = vec![0; asked.len()];
        let outs = PyBytes::new_with(py, amounts.len(), |outs| {
            let (outs, _) = outs.as_chunks_mut();
            guarded(|| py.detach(|| self.0.quotes(asked, given, outs, &mut states)))
        })?;
        Ok((outs.unbind(), PyBytes::new(py, &states).unbind()))
    }
}

#[pymethods]
impl Cycles {
    #[getter]
    const fn examined(&self) -> u64 {
        self.0.examined
    }

    #[getter]
    const fn is_cut(&self) -> bool {
        self.0.is_cut
    }

    const fn __len__(&self) -> usize {
        self.0.cycles.len()
    }

    fn __getitem__<'py>(&self, key: &Any<'py>) -> PyResult<Any<'py>> {
        self.list(key.py())?.as_any().get_item(key)
    }
}

impl Cycles {
    fn list<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyList>> {
        let make = || {
            let (cycle, leg) = (reference(py, "Cycle")?, reference(py, "Leg")?);
            let made = self.0.cycles.iter().map(|found| {
                let legs = found.legs.iter().map(|l| leg.call1((l.pool, l.token_in, l.token_out)));
                let legs = PyTuple::new(py, legs.collect::<PyResult<Vec<_>>>()?)?;
                let (came, went) = (int(py, found.amount_in)?, int(py, found.amount_out)?);
                cycle.call1((legs, came, went, int(py, found.profit)?, int(py, found.within)?))
            });
            Ok(PyList::new(py, made.collect::<PyResult<Vec<_>>>()?)?.unbind())
        };
        self.1.get_or_try_init(py, make).map(|list| list.bind(py))
    }
}
