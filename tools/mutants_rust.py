"""The bugs to plant in the exact maths of pools. As in mutants_list, `old` stands exactly once."""

from mutants_list import Mutant

PAIRS = [
    Mutant(
        "a pair's fee is counted coarser than its contract does",
        "amm-math/src/constant_product.rs",
        "        let whole = [1_000, 10_000, 100_000, 1_000_000]",
        "        let whole = [10_000, 100_000, 1_000_000]",
    ),
    Mutant(
        "what is paid into a pair is rounded down",
        "amm-math/src/constant_product.rs",
        "    add(numerator / denominator, U256::ONE)",
        "    Ok(numerator / denominator)",
    ),
    Mutant(
        "all of a pair's reserve can be bought",
        "amm-math/src/constant_product.rs",
        "|| amount_out >= reserve_out {",
        "|| amount_out > reserve_out {",
    ),
    Mutant(
        "a pair's other side does not move",
        "amm-math/src/constant_product.rs",
        "        reserves[1 - token_in] = sub(reserves[1 - token_in], received)?;\n",
        "",
    ),
]
TICKS = [
    Mutant(
        "a word without ticks ends one tick late",
        "amm-math/src/uniswap_v3/ticks.rs",
        "(tick.div_euclid(self.spacing) + 1) | 0xff;",
        "((tick.div_euclid(self.spacing) + 1) | 0xff) + 1;",
    ),
    Mutant(
        "ticks below zero are divided towards zero",
        "amm-math/src/uniswap_v3/ticks.rs",
        "((tick.div_euclid(self.spacing) & !0xff)",
        "(((tick / self.spacing) & !0xff)",
    ),
    Mutant(
        "liquidity is added on the way down",
        "amm-math/src/uniswap_v3/walk.rs",
        "liquidity.checked_sub_signed(net)",
        "liquidity.checked_add_signed(net)",
    ),
    Mutant(
        "who comes down to a tick is still above it",
        "amm-math/src/uniswap_v3/walk.rs",
        "if self.zero_for_one { stop.tick - 1 } else { stop.tick };",
        "stop.tick;",
    ),
    Mutant(
        "the last step's fee is its share, without what rounding leaves",
        "amm-math/src/uniswap_v3/swap_math.rs",
        "            (price, remaining)\n        };\n        Ok(Step { price, paid, received: self",
        "            (price, self.fee.with_up(self.paid_until_up(price)?)?)\n        };\n"
        "        Ok(Step { price, paid, received: self",
    ),
    Mutant(
        "a step's fee is rounded down",
        "amm-math/src/uniswap_v3/swap_math.rs",
        "add(amount, kept.mul_div_up(amount, self.pips)?)",
        "add(amount, kept.mul_div_down(amount, self.pips)?)",
    ),
    Mutant(
        "what reaches the target exactly stops short of it",
        "amm-math/src/uniswap_v3/swap_math.rs",
        "if counted >= to_target {",
        "if counted > to_target {",
    ),
    Mutant(
        "token 0 is received rounded up",
        "amm-math/src/uniswap_v3/sqrt_price_math.rs",
        "    Ok(amount_0(low, high, liquidity)?.down)",
        "    amount_0_up(low, high, liquidity)",
    ),
    Mutant(
        "token 1 is paid rounded down",
        "amm-math/src/uniswap_v3/swap_math.rs",
        "            amount_1_up(self.from, price, self.liquidity)",
        "            amount_1_down(self.from, price, self.liquidity)",
    ),
    Mutant(
        "the price after a huge input of token 0 adds nothing for it",
        "amm-math/src/uniswap_v3/sqrt_price_math.rs",
        "None => div_up(scaled, add(scaled / price, amount)?),",
        "None => div_up(scaled, scaled / price),",
    ),
    Mutant(
        "the price after an output is rounded against the pool",
        "amm-math/src/uniswap_v3/sqrt_price_math.rs",
        "    within_room(mul_div_up(scaled, price, denominator)?)",
        "    within_room(mul_div_down(scaled, price, denominator)?)",
    ),
    Mutant(
        "a price limit may be the price",
        "amm-math/src/uniswap_v3/pool.rs",
        "if zero_for_one { limit < price } else { limit > price };",
        "if zero_for_one { limit <= price } else { limit >= price };",
    ),
    Mutant(
        "an exact output that ran out is an answer",
        "amm-math/src/uniswap_v3/pool.rs",
        "if limit.is_zero() && !walk.remaining.is_zero() {",
        "if false {",
    ),
    Mutant(
        "a tick begins just above its price",
        "amm-math/src/uniswap_v3/tick_math.rs",
        "price <= sqrt_ratio",
        "price < sqrt_ratio",
    ),
]
BALANCER = [
    Mutant(
        "a power is rounded in the trader's favour",
        "amm-math/src/balancer/fixed_point.rs",
        "        add(raw, max_error(raw)?)",
        "        Ok(raw)",
    ),
    Mutant(
        "the first pools multiply powers out too",
        "amm-math/src/balancer/fixed_point.rs",
        "        if self == Self::Series {\n            return None;\n        }\n",
        "",
    ),
    Mutant(
        "logarithms near one are taken with 18 decimals",
        "amm-math/src/balancer/log_exp.rs",
        "const NEAR: U256 = scaled(1, 17);",
        "const NEAR: U256 = scaled(1, 16);",
    ),
    Mutant(
        "a series ends a term early",
        "amm-math/src/balancer/log_exp.rs",
        "for order in 2..=12_u8 {",
        "for order in 2..=11_u8 {",
    ),
    Mutant(
        "the exponent is rounded the same both ways",
        "amm-math/src/balancer/weighted.rs",
        "let exponent_up = div_up(to.weight, from.weight)?;",
        "let exponent_up = div_down(to.weight, from.weight)?;",
    ),
    Mutant(
        "Balancer's fee is rounded down",
        "amm-math/src/balancer/scaling.rs",
        "    sub(amount, mul_up(amount, fee)?)",
        "    sub(amount, mul_down(amount, fee)?)",
    ),
    Mutant(
        "the fee leaves the pool",
        "amm-math/src/balancer/stable.rs",
        "        Ok((out, self.after((i, j), amount, out)?))",
        "        let kept = scaling::subtract_fee_down(amount, self.fee)?;\n"
        "        Ok((out, self.after((i, j), kept, out)?))",
    ),
    Mutant(
        "the invariant of a first stable pool is rounded down",
        "amm-math/src/balancer/stable.rs",
        "if self.rounds_invariant_up { invariant_up } else",
        "if self.rounds_invariant_up { invariant_down } else",
    ),
    Mutant(
        "a stable pool keeps no unit for itself",
        "amm-math/src/balancer/stable.rs",
        "    sub(sub(balances[j], kept)?, U256::ONE)",
        "    sub(balances[j], kept)",
    ),
    Mutant(
        "the Vault holds any amount",
        "amm-math/src/balancer/scaling.rs",
        ".filter(|&sum| sum <= MAX_BALANCE);",
        ".filter(|_| true);",
    ),
]
CURVE = [
    Mutant(
        "stETH's pool divides by nothing more",
        "amm-math/src/curve/invariant.rs",
        "U256::from(u8::from(template == Template::Steth))",
        "U256::ZERO",
    ),
    Mutant(
        "3pool takes its fee before it scales",
        "amm-math/src/curve/pool.rs",
        "        if self.template == Template::ThreePool {\n            let own",
        "        if false {\n            let own",
    ),
    Mutant(
        "the admin's share of the fee stays",
        "amm-math/src/curve/pool.rs",
        "sub(sub(pool.balances[j], amount_out)?, admin)?",
        "sub(pool.balances[j], amount_out)?",
    ),
    Mutant(
        "a withdrawal in one coin pays the whole fee",
        "amm-math/src/curve/pool.rs",
        "div_down(mul(self.fee, n)?, mul(U256::from(4), sub(n, U256::ONE)?)?)?",
        "div_down(mul(self.fee, n)?, mul(U256::from(2), sub(n, U256::ONE)?)?)?",
    ),
    Mutant(
        "the least input is not looked for to the end",
        "amm-math/src/curve/exact_out.rs",
        "while high - low > U256::ONE {",
        "while high - low > U256::from(2) {",
    ),
]
AAVE = [
    Mutant(
        "rays are multiplied rounded down",
        "amm-math/src/aave.rs",
        "pub fn ray_mul_half_up(a: U256, b: U256) -> Result<U256, QuoteError> {\n",
        "pub fn ray_mul_half_up(a: U256, b: U256) -> Result<U256, QuoteError> {\n"
        "    return div_down(mul(a, b)?, RAY);\n    #[allow(unreachable_code)]\n",
    ),
]
OTHERS = [
    Mutant(
        "a Solidly pool keeps its fee",
        "amm-math/src/solidly_stable.rs",
        "add(self.reserves[token_in], counted)?;",
        "add(self.reserves[token_in], amount)?;",
    ),
    Mutant(
        "a product is wide a bit too late",
        "amm-math/src/mul_div.rs",
        "    if x.bit_len() + y.bit_len() <= 256 {",
        "    if x.bit_len() + y.bit_len() <= 257 {",
    ),
]

RUST = [*PAIRS, *TICKS, *BALANCER, *CURVE, *AAVE, *OTHERS]
