//! What the contracts answered on a local chain, pool by pool and route by route, against the fold
//! over any pools.

mod document;

use std::collections::HashMap;
use std::fs;

use amm_math::pool::{Pool, Quote};
use amm_math::{QuoteError, U256};
use document::{Listed, pools, uint};
use serde_json::Value;

type Pools = HashMap<String, Listed>;

fn scenes(name: &str) -> Vec<Value> {
    let path = format!("{}/../../tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let document: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    document["scenes"].as_array().unwrap().clone()
}

fn token(listed: &Listed, name: &Value) -> usize {
    listed.tokens.iter().position(|token| name == token).unwrap()
}

fn route(pools: &Pools, request: &Value) -> Result<Vec<Quote>, QuoteError> {
    let by_in = request["kind"] == "exact_in";
    let path = request["path"].as_array().unwrap();
    let limit = request.get("sqrt_price_limit_x96").map_or(U256::ZERO, uint);
    let mut amount = uint(&request["amount"]);
    if amount.is_zero() {
        return Err(QuoteError::ZeroAmount);
    }
    let mut done = Vec::new();
    for n in 0..path.len() {
        let hop = &path[if by_in { n } else { path.len() - 1 - n }];
        let listed = &pools[hop["pool"].as_str().unwrap()];
        let (i, j) = (token(listed, &hop["token_in"]), token(listed, &hop["token_out"]));
        let (quote, _) = if by_in {
            let found = listed.pool.exact_in(i, j, amount, limit)?;
            if !found.0.is_partial {
                assert_eq!(listed.pool.amount_out_down(i, j, amount), Ok(found.0.amount_out));
            }
            found
        } else {
            listed.pool.exact_out(i, j, amount, limit)?
        };
        amount = if by_in { quote.amount_out } else { quote.amount_in };
        done.push(quote);
    }
    if !by_in {
        done.reverse();
    }
    Ok(done)
}

fn batch(pools: &Pools, request: &Value) -> Result<Vec<String>, QuoteError> {
    let by_in = request["swap_kind"] == "given_in";
    let assets = request["assets"].as_array().unwrap();
    let mut states: HashMap<&str, Pool> = HashMap::new();
    let mut deltas = vec![(U256::ZERO, U256::ZERO); assets.len()];
    let mut before: Option<(usize, U256)> = None;
    for step in request["steps"].as_array().unwrap() {
        let name = step["pool"].as_str().unwrap();
        let listed = &pools[name];
        let place = |of: &Value| usize::try_from(of.as_u64().unwrap()).unwrap();
        let (asset_in, asset_out) = (place(&step["asset_in"]), place(&step["asset_out"]));
        let (given, found) = if by_in { (asset_in, asset_out) } else { (asset_out, asset_in) };
        let mut amount = uint(&step["amount"]);
        if amount.is_zero() {
            let (token, result) = before.ok_or(QuoteError::ZeroAmount)?;
            if token != given {
                return Err(QuoteError::Token);
            }
            amount = result;
        }
        let now = states.remove(name).unwrap_or_else(|| listed.pool.clone());
        let (i, j) = (token(listed, &assets[asset_in]), token(listed, &assets[asset_out]));
        let (quote, after) = if by_in {
            now.exact_in(i, j, amount, U256::ZERO)?
        } else {
            now.exact_out(i, j, amount, U256::ZERO)?
        };
        states.insert(name, after);
        deltas[asset_in].0 += quote.amount_in;
        deltas[asset_out].1 += quote.amount_out;
        before = Some((found, if by_in { quote.amount_out } else { quote.amount_in }));
    }
    let signed = |(came, went): (U256, U256)| {
        if came >= went { (came - went).to_string() } else { format!("-{}", went - came) }
    };
    Ok(deltas.into_iter().map(signed).collect())
}

fn check(pools: &Pools, case: &Value) {
    let (request, expected) = (&case["request"], &case["expected"]);
    let is_error = expected == "reverts";
    if request["kind"] == "balancer_batch" {
        match batch(pools, request) {
            Ok(deltas) => assert_eq!(Value::from(deltas), expected["asset_deltas"], "{case}"),
            Err(reason) => assert!(is_error, "{reason:?} {case}"),
        }
        return;
    }
    match route(pools, request) {
        Ok(done) => {
            assert!(!is_error, "{done:?} {case}");
            let (first, last) = (done[0], done[done.len() - 1]);
            assert_eq!(first.amount_in, uint(&expected["amount_in"]), "{case}");
            assert_eq!(last.amount_out, uint(&expected["amount_out"]), "{case}");
            let is_partial = done.iter().any(|quote| quote.is_partial);
            assert_eq!(is_partial, expected["partial"] == true, "{case}");
            for (quote, hop) in done.iter().zip(expected["hops"].as_array().unwrap()) {
                for (amount, name) in
                    [(quote.amount_in, "amount_in"), (quote.amount_out, "amount_out")]
                {
                    // What passes from hop to hop the quoter does not tell.
                    let said = hop.get(name);
                    assert!(said.is_none_or(|said| uint(said) == amount), "{name} {case}");
                }
                if let Some(crossed) = hop.get("ticks_crossed").and_then(Value::as_u64) {
                    assert_eq!(u64::from(quote.ticks_crossed), crossed, "{case}");
                }
            }
        }
        Err(reason) => assert!(is_error, "{reason:?} {case}"),
    }
}

#[test]
fn every_answer_is_the_contracts() {
    for (name, fewest) in
        [("uniswap_v2", 50), ("uniswap_v3", 100), ("uniswap_v4", 100), ("balancer", 80)]
    {
        let mut count = 0;
        for scene in scenes(name) {
            let pools = pools(&scene["pools"]);
            for case in scene["cases"].as_array().unwrap() {
                check(&pools, case);
                count += 1;
            }
        }
        assert!(count >= fewest, "{name}: {count}");
    }
}

#[test]
fn every_answer_on_solidlys_curve_is_what_halving_finds() {
    for scene in scenes("solidly_stable") {
        let pools = pools(&scene["pools"]);
        let cases = scene["cases"].as_array().unwrap();
        assert!(cases.len() > 5);
        for case in cases {
            check(&pools, case);
        }
    }
}

#[test]
fn a_pool_knows_how_many_tokens_it_has_and_refuses_others() {
    for name in ["uniswap_v2", "uniswap_v3", "uniswap_v4", "solidly_stable", "balancer"] {
        let scene = &scenes(name)[0];
        for listed in pools(&scene["pools"]).values() {
            let tokens = listed.pool.tokens();
            assert_eq!(tokens, listed.tokens.len());
            for (i, j) in [(0, 0), (0, tokens), (tokens, 0), (usize::MAX, 0)] {
                let one = U256::ONE;
                let refused = Err(QuoteError::Token);
                assert_eq!(listed.pool.exact_in(i, j, one, U256::ZERO).map(|_| ()), refused);
                assert_eq!(listed.pool.exact_out(i, j, one, U256::ZERO).map(|_| ()), refused);
                assert_eq!(listed.pool.amount_out_down(i, j, one).map(|_| ()), refused);
            }
        }
    }
}
