//! What Aave V3's contracts answered on a local chain, against the same maths here.

#[allow(dead_code, reason = "this reads numbers alone")]
mod document;

use std::fs;

use amm_math::aave::{
    Index, Position, RateStrategy, Reserve, account_down, percent_mul_half_up, ray_mul_half_up,
};
use amm_math::{QuoteError, U256};
use document::uint;
use serde_json::{Value, json};

fn index(of: &Value) -> Index {
    Index { index: uint(&of["index"]), rate: uint(&of["rate"]), at: of["at"].as_u64().unwrap() }
}

fn grown(of: &Value, now: u64) -> Result<(U256, U256), QuoteError> {
    Ok((index(&of["supply"]).income_half_up(now)?, index(&of["debt"]).debt_half_up(now)?))
}

fn position(row: &Value, now: u64) -> Result<Position, QuoteError> {
    let (income, debt) = grown(row, now)?;
    Ok(Position {
        collateral: ray_mul_half_up(uint(&row["supplied"]), income)?,
        debt: ray_mul_half_up(uint(&row["owed"]), debt)?,
        price: uint(&row["price"]),
        decimals: u8::try_from(row["decimals"].as_u64().unwrap()).unwrap(),
        threshold: uint(&row["threshold"]),
    })
}

fn answer(request: &Value) -> Result<Value, QuoteError> {
    let now = request["now"].as_u64().unwrap_or(0);
    let text = |x: U256| x.to_string();
    Ok(match request["kind"].as_str().unwrap() {
        "aave_indexes" => {
            let (supply, debt) = grown(request, now)?;
            json!({"supply": text(supply), "debt": text(debt)})
        }
        "aave_account" => {
            let rows = request["positions"].as_array().unwrap().iter();
            let positions = rows.map(|row| position(row, now)).collect::<Result<Vec<_>, _>>()?;
            let found = account_down(&positions)?;
            json!({
                "collateral": text(found.collateral),
                "debt": text(found.debt),
                "threshold": text(found.threshold),
                "health": text(found.health),
            })
        }
        "aave_rates" => {
            let of = |name: &str| uint(&request[name]);
            let strategy = RateStrategy {
                optimal: of("optimal"),
                base: of("base"),
                slope1: of("slope1"),
                slope2: of("slope2"),
                weighs_debt: true,
            };
            let rates = strategy.rates_half_up(&Reserve {
                available: of("available"),
                debt: of("debt"),
                unbacked: of("unbacked"),
                reserve_factor: of("reserve_factor"),
            })?;
            json!({"supply": text(rates.liquidity), "borrow": text(rates.borrow)})
        }
        "aave_premium" => {
            let premium = percent_mul_half_up(uint(&request["amount"]), uint(&request["bps"]))?;
            json!({"premium": text(premium)})
        }
        other => panic!("kind {other}"),
    })
}

#[test]
fn every_answer_is_the_contracts() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/aave.json");
    let document: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut count = 0;
    for scene in document["scenes"].as_array().unwrap() {
        for case in scene["cases"].as_array().unwrap() {
            let expected = &case["expected"];
            match answer(&case["request"]) {
                Ok(found) => assert_eq!(found, *expected, "{case}"),
                Err(reason) => assert!(expected == "reverts", "{reason:?} {case}"),
            }
            count += 1;
        }
    }
    assert!(count >= 100, "{count}");
}
