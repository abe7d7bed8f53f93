//! What Curve's contracts returned on a chain, call by call, and what must hold around it.

use std::fs;

use amm_math::curve::Pool;
use amm_math::curve::invariant::Template;
use amm_math::{QuoteError, U256};
use serde_json::Value;

fn vectors() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/curve_stableswap.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn uint(value: &Value) -> U256 {
    value.as_str().unwrap().parse().unwrap()
}

fn index(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

fn pool(data: &Value, name: &str) -> Pool {
    let state = &data["state"][name];
    let (template, amp) = match state["template"].as_str().unwrap() {
        "StableSwap3Pool" => (Template::ThreePool, &state["A"]),
        "StableSwapSTETH" => (Template::Steth, &state["A_precise"]),
        "Base2_18_6" => (Template::Base, &state["A_precise"]),
        other => panic!("template {other}"),
    };
    let balances = state["balances"].as_array().unwrap().iter().map(uint).collect();
    let decimals = state["decimals"].as_array().unwrap();
    let decimals = decimals.iter().map(|d| u8::try_from(d.as_u64().unwrap()).unwrap()).collect();
    let fees = (uint(&state["fee"]), uint(&state["admin_fee"]));
    Pool::new(template, uint(amp), (balances, decimals), fees, uint(&state["lpSupply"])).unwrap()
}

fn call(pool: &Pool, kind: &str, with: &Value) -> Result<U256, QuoteError> {
    match kind {
        "get_dy" => pool.get_dy_down(index(&with["i"]), index(&with["j"]), uint(&with["dx"])),
        "get_virtual_price" => pool.virtual_price_down(),
        "calc_token_amount" => {
            let amounts: Vec<U256> = with["amounts"].as_array().unwrap().iter().map(uint).collect();
            pool.calc_token_amount_down(&amounts, with["is_deposit"].as_bool().unwrap())
        }
        "calc_withdraw_one_coin" => pool
            .withdraw_one_coin_down(uint(&with["lp"]), index(&with["i"]))
            .map(|withdrawal| withdrawal.amount_out),
        other => panic!("kind {other}"),
    }
}

#[test]
fn every_call_returns_what_the_contract_returned() {
    let data = vectors();
    let all = data["vectors"].as_array().unwrap();
    assert_eq!(all.len(), 98);
    for vector in all {
        let pool = pool(&data, vector["in"]["pool"].as_str().unwrap());
        let got = call(&pool, vector["kind"].as_str().unwrap(), &vector["in"]);
        let expect = vector["expect"].as_object().unwrap();
        let (key, value) = expect.iter().next().unwrap();
        if key == "revert" {
            assert_eq!(got, Err(QuoteError::Token), "{}", vector["id"]);
        } else {
            assert_eq!(got, Ok(uint(value)), "{}", vector["id"]);
        }
    }
}

#[test]
fn exact_out_is_the_least_input_whose_quote_reaches_it() {
    let data = vectors();
    let mut asked = 0;
    for vector in data["vectors"].as_array().unwrap() {
        if vector["kind"] != "get_dy" || vector["expect"]["dy"].is_null() {
            continue;
        }
        let pool = pool(&data, vector["in"]["pool"].as_str().unwrap());
        let (i, j) = (index(&vector["in"]["i"]), index(&vector["in"]["j"]));
        let (dx, dy) = (uint(&vector["in"]["dx"]), uint(&vector["expect"]["dy"]));
        if dy.is_zero() {
            assert_eq!(pool.exact_out_up(i, j, dy), Err(QuoteError::ZeroAmount));
            continue;
        }
        let swap = pool.exact_out_up(i, j, dy).unwrap();
        assert!(swap.amount_in <= dx, "{}", vector["id"]);
        assert!(pool.get_dy_down(i, j, swap.amount_in).unwrap() >= dy, "{}", vector["id"]);
        for less in 1..=100_u64 {
            let below = swap.amount_in.saturating_sub(U256::from(less));
            let quote = pool.get_dy_down(i, j, below);
            assert!(quote.is_err() || quote.unwrap() < dy, "{} {less}", vector["id"]);
        }
        asked += 1;
    }
    assert!(asked > 50, "{asked}");
}

#[test]
fn no_input_buys_all_that_the_pool_has() {
    let data = vectors();
    for name in ["3pool", "steth", "dai-usdc"] {
        let pool = pool(&data, name);
        let all = pool.balances()[1];
        assert_eq!(pool.exact_out_up(0, 1, all), Err(QuoteError::InsufficientLiquidity));
        assert_eq!(pool.exact_out_up(0, 1, U256::MAX), Err(QuoteError::InsufficientLiquidity));
        let most = pool.exact_out_up(0, 1, all - U256::ONE);
        assert_eq!(most, Err(QuoteError::InsufficientLiquidity), "{name}: the fee stays");
        assert_eq!(pool.exact_out_up(1, 1, U256::ONE), Err(QuoteError::Token));
        assert_eq!(pool.exact_out_up(0, 3, U256::ONE), Err(QuoteError::Token));
    }
}

#[test]
fn a_swap_moves_the_balances_and_half_of_the_fee_goes_to_the_admin() {
    let data = vectors();
    let before = pool(&data, "steth");
    let dx = U256::from(10).pow(U256::from(20));
    let swap = before.exchange_down(0, 1, dx).unwrap();
    assert_eq!(swap.amount_out, before.get_dy_down(0, 1, dx).unwrap());
    assert_eq!(swap.pool.balances()[0], before.balances()[0] + dx);
    let left = before.balances()[1] - swap.pool.balances()[1];
    let admin = left - swap.amount_out;
    // fee = 4 bp of what leaves the curve, half of it the admin's: 2 bp
    let gross = swap.amount_out + admin * U256::from(2);
    let twice = gross * U256::from(4_000_000) / U256::from(10_000_000_000_u64);
    assert!(admin.abs_diff(twice / U256::from(2)) <= U256::from(1));
    assert!(swap.pool.virtual_price_down().unwrap() > before.virtual_price_down().unwrap());
    assert_eq!(before.exchange_down(0, 1, U256::ZERO), Err(QuoteError::ZeroAmount));
}

#[test]
fn three_pools_exchange_is_at_most_a_unit_off_its_quote() {
    let pool = pool(&vectors(), "3pool");
    let mut apart = 0;
    for k in 1..400_u64 {
        let dx = U256::from(k * 7_919) * U256::from(10).pow(U256::from(14));
        let quoted = pool.get_dy_down(0, 1, dx).unwrap();
        let paid = pool.exchange_down(0, 1, dx).unwrap().amount_out;
        assert!(quoted.abs_diff(paid) <= U256::ONE);
        apart += u32::from(quoted != paid);
    }
    assert!(apart > 0, "3pool's two roundings are told apart");
}

#[test]
fn a_withdrawal_burns_its_tokens_and_the_rest_gain() {
    let data = vectors();
    for name in ["3pool", "steth", "dai-usdc"] {
        let before = pool(&data, name);
        let burned = before.supply() / U256::from(7);
        let out = before.withdraw_one_coin_down(burned, 1).unwrap();
        assert_eq!(out.pool.supply(), before.supply() - burned);
        let paid = before.balances()[1] - out.pool.balances()[1];
        assert_eq!(paid, out.amount_out + out.fee / U256::from(2));
        assert!(out.fee > U256::ZERO);
        assert!(out.pool.virtual_price_down().unwrap() > before.virtual_price_down().unwrap());
        assert_eq!(before.withdraw_one_coin_down(burned, 3), Err(QuoteError::Token));
    }
}

#[test]
fn a_share_beyond_all_is_told_what_all_bring_but_cannot_be_burned() {
    let held = vec![U256::from(3_326_400_082_514_u64); 2];
    let supply = U256::from(12_585_039_033_033_950_890_968_200_387_u128);
    let fees = (U256::from(1_000_000_000_u64), U256::ZERO);
    let coins = (held.clone(), vec![8; 2]);
    let pool = Pool::new(Template::Base, U256::from(1_000), coins, fees, supply).unwrap();
    let most = held[0] - U256::ONE;
    assert_eq!(pool.calc_withdraw_one_coin_down(supply, 0), Ok(most));
    let beyond = supply + U256::ONE;
    assert_eq!(pool.calc_withdraw_one_coin_down(beyond, 0), Ok(most));
    assert_eq!(pool.withdraw_one_coin_down(beyond, 0), Err(QuoteError::Overflow));
}

#[test]
fn a_pool_that_the_templates_do_not_know_is_refused() {
    let make = |amp: u64, balances: usize, decimals: u8, fee: u64| {
        let lists = (vec![U256::from(1000); balances], vec![decimals; balances]);
        let fees = (U256::from(fee), U256::ZERO);
        Pool::new(Template::Base, U256::from(amp), lists, fees, U256::ONE).map(|_| ())
    };
    assert_eq!(make(100, 2, 18, 0), Ok(()));
    assert_eq!(make(99, 2, 18, 0), Err(QuoteError::Overflow));
    assert_eq!(make(100, 3, 18, 0), Err(QuoteError::Token));
    assert_eq!(make(100, 2, 19, 0), Err(QuoteError::Overflow));
    assert_eq!(make(100, 2, 18, 10_000_000_001), Err(QuoteError::Overflow));
}
