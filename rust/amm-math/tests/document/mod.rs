//! Reads the pools of a vector, as `omnivenue quote` does.

use std::collections::HashMap;
use std::sync::Arc;

use amm_math::U256;
use amm_math::balancer::fixed_point::PowRule;
use amm_math::balancer::scaling::{Token, scaling_factor};
use amm_math::balancer::stable::{self, Curve};
use amm_math::balancer::weighted;
use amm_math::constant_product::{ConstantProduct, Fee};
use amm_math::pool::Pool;
use amm_math::solidly_stable::SolidlyStable;
use amm_math::uniswap_v3::{self, State, Ticks};
use serde_json::Value;

pub struct Listed {
    pub tokens: Vec<String>,
    pub pool: Pool,
}

pub fn uint(value: &Value) -> U256 {
    match value {
        Value::String(digits) => digits.parse().unwrap(),
        other => U256::from(other.as_u64().unwrap()),
    }
}

pub fn pools(of: &Value) -> HashMap<String, Listed> {
    of.as_object().unwrap().iter().map(|(name, pool)| (name.clone(), listed(pool))).collect()
}

fn listed(of: &Value) -> Listed {
    let tokens = list(&of["tokens"], |token| token.as_str().unwrap().to_owned());
    let pool = match of["kind"].as_str().unwrap() {
        "uniswap_v2" => Pool::ConstantProduct(ConstantProduct::new(
            list(&of["reserves"], uint).try_into().unwrap(),
            Fee::from_bps(small(&of["fee_bps"])).unwrap(),
        )),
        "uniswap_v3" | "uniswap_v4" => Pool::Concentrated(concentrated(of)),
        "solidly_stable" => {
            let reserves = list(&of["reserves"], uint).try_into().unwrap();
            let decimals = list(&of["decimals"], |each| u8::try_from(small(each)).unwrap());
            let fee = small(&of["fee_bps"]);
            let made = SolidlyStable::new(reserves, decimals.try_into().unwrap(), fee);
            Pool::SolidlyStable(made.unwrap())
        }
        "balancer_weighted" => Pool::Weighted(weighted::Pool {
            rule: if of["version"].as_u64().unwrap_or(1) == 1 {
                PowRule::Series
            } else {
                PowRule::Shortcuts
            },
            tokens: scaled(of),
            weights: list(&of["weights"], uint),
            fee: uint(&of["swap_fee"]),
        }),
        "balancer_stable" => Pool::Stable(stable::Pool {
            curve: Curve {
                amp: uint(&of["amp"]),
                rounds_invariant_up: of["version"].as_u64().unwrap_or(1) == 1,
            },
            tokens: scaled(of),
            fee: uint(&of["swap_fee"]),
        }),
        other => panic!("kind {other}"),
    };
    Listed { tokens, pool }
}

fn concentrated(of: &Value) -> uniswap_v3::Pool {
    let nets = of["ticks"].as_object().unwrap().iter();
    let nets = nets
        .map(|(tick, net)| (tick.parse().unwrap(), net.as_str().unwrap().parse::<i128>().unwrap()));
    let spacing = i32::try_from(of["tick_spacing"].as_i64().unwrap()).unwrap();
    let ticks = Ticks::new(spacing, nets.collect::<Vec<_>>()).unwrap();
    let state = State {
        sqrt_price_x96: uint(&of["sqrt_price_x96"]),
        tick: i32::try_from(of["tick"].as_i64().unwrap()).unwrap(),
        liquidity: uint(&of["liquidity"]).to(),
    };
    let (fee, ticks) = (small(&of["fee_pips"]), Arc::new(ticks));
    if of["kind"] == "uniswap_v3" {
        return uniswap_v3::Pool::v3(state, fee, ticks).unwrap();
    }
    let protocol = list(&of["protocol_fee_pips"], small).try_into().unwrap();
    let fees = uniswap_v3::Pool::v4_fees_up(fee, protocol).unwrap();
    uniswap_v3::Pool::v4(state, fees, ticks).unwrap()
}

fn scaled(of: &Value) -> Vec<Token> {
    let balances = list(&of["balances"], uint);
    let rates = of["scaling_factors"].as_array();
    let tokens = balances.into_iter().enumerate().map(|(n, balance)| {
        let decimals = u8::try_from(of["decimals"][n].as_u64().unwrap()).unwrap();
        let factor = rates.map_or_else(|| scaling_factor(decimals).unwrap(), |all| uint(&all[n]));
        Token { balance, factor }
    });
    tokens.collect()
}

fn small(value: &Value) -> u32 {
    u32::try_from(value.as_u64().unwrap()).unwrap()
}

fn list<T>(of: &Value, read: impl Fn(&Value) -> T) -> Vec<T> {
    of.as_array().unwrap().iter().map(read).collect()
}
