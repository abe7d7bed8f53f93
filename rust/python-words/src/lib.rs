//! Between Python's ints and words of 256 bits: most of what a single quote costs. So it goes by
//! those calls of Python's stable interface that make no object where 64 bits will do. They have no
//! safe form, which is why they stand in a crate of their own: all others forbid such calls.

#![allow(unsafe_code, reason = "each call is given live objects of a checked type")]

use std::ops::Deref;

use pyo3::conversion::FromPyObjectOwned;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyInt, PySequence, PyString, PyTuple};

use ruint::aliases::U256;

type Any<'py> = Bound<'py, PyAny>;

/// As an argument: an int that is out of range is no argument at all.
#[derive(Clone, Copy)]
pub struct Word(pub U256);

impl Word {
    /// All of them.
    #[must_use]
    pub fn all(words: &[Self]) -> Vec<U256> {
        words.iter().map(|word| word.0).collect()
    }
}

impl FromPyObject<'_, '_> for Word {
    type Error = PyErr;

    fn extract(x: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        word(&x)?.map(Self).ok_or_else(|| PyValueError::new_err("a number must be 0 to 2^256 - 1"))
    }
}

/// A list as an argument. Python makes a tuple of it first: what says that it has 2^40 members is a
/// `MemoryError` then, where room for so many here would be the end of the process.
pub struct Row<T>(pub Vec<T>);

impl<'py, T: FromPyObjectOwned<'py>> FromPyObject<'_, 'py> for Row<T> {
    type Error = PyErr;

    fn extract(x: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if x.is_instance_of::<PyString>() {
            return Err(PyTypeError::new_err("a list is wanted, not str"));
        }
        let members = x.cast::<PySequence>()?.to_tuple()?;
        members
            .iter()
            .map(|each| each.extract().map_err(Into::into))
            .collect::<PyResult<_>>()
            .map(Self)
    }
}

impl<T> Deref for Row<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> IntoIterator for Row<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// The value of an int; `None` where it is below zero or has more than 256 bits. No bool is one.
///
/// # Errors
/// `TypeError` for what is no int.
pub fn word(x: &Any<'_>) -> PyResult<Option<U256>> {
    if !x.is_exact_instance_of::<PyInt>() {
        let found = x.get_type().name()?;
        return Err(PyTypeError::new_err(format!("an int is wanted, not {found}")));
    }
    match signed(x) {
        (low, 0) => return Ok(u64::try_from(low).ok().map(U256::from)),
        (_, ..0) => return Ok(None),
        _ => (),
    }
    let (mut limbs, mut rest) = ([0; 4], x.clone());
    for limb in &mut limbs {
        // SAFETY: `rest` is an int; the call takes its low bits and cannot fail.
        *limb = unsafe { ffi::PyLong_AsUnsignedLongLongMask(rest.as_ptr()) };
        let bits = 64_u8.into_pyobject(x.py())?;
        // SAFETY: both are live ints; the result is ours, or null with an error set.
        rest = unsafe {
            let shifted = ffi::PyNumber_Rshift(rest.as_ptr(), bits.as_ptr());
            Bound::from_owned_ptr_or_err(x.py(), shifted)?
        };
        if signed(&rest) == (0, 0) {
            return Ok(Some(U256::from_limbs(limbs)));
        }
    }
    Ok(None)
}

/// The int where 64 bits with a sign hold it, and else on which side of them it is.
fn signed(x: &Any<'_>) -> (i64, i32) {
    let mut side = 0;
    // SAFETY: `x` is an int, and so this cannot fail.
    let low = unsafe { ffi::PyLong_AsLongLongAndOverflow(x.as_ptr(), &raw mut side) };
    (low, side)
}

/// The int of a word.
///
/// # Errors
/// Where Python has no memory left.
pub fn int(py: Python<'_>, x: U256) -> PyResult<Any<'_>> {
    let limbs = x.as_limbs();
    let made = if limbs[1..] == [0; 3] {
        // SAFETY: makes an int that is ours, or sets an error and returns null.
        unsafe { ffi::PyLong_FromUnsignedLongLong(limbs[0]) }
    } else {
        let mut digits = [0_u8; 65]; // the last one stays zero, and so ends it
        for (pair, byte) in digits.chunks_exact_mut(2).zip(x.to_be_bytes::<32>()) {
            let digit = |half: u8| b"0123456789abcdef"[usize::from(half)];
            (pair[0], pair[1]) = (digit(byte >> 4), digit(byte & 15));
        }
        // SAFETY: it reads up to the zero, and makes an int as above.
        unsafe { ffi::PyLong_FromString(digits.as_ptr().cast(), core::ptr::null_mut(), 16) }
    };
    // SAFETY: see both.
    unsafe { Bound::from_owned_ptr_or_err(py, made) }
}

/// The ints of words, as a tuple.
///
/// # Errors
/// As [`int`].
pub fn ints<'py>(py: Python<'py>, words: &[U256]) -> PyResult<Any<'py>> {
    let made = words.iter().map(|&x| int(py, x)).collect::<PyResult<Vec<_>>>()?;
    Ok(PyTuple::new(py, made)?.into_any())
}

/// A place in a list; one that no list has where the int is no place at all.
///
/// # Errors
/// As [`word`].
pub fn place(x: &Any<'_>) -> PyResult<usize> {
    Ok(word(x)?.and_then(|at| usize::try_from(at).ok()).unwrap_or(usize::MAX))
}
