//! A batch answers as each pool does by itself.

use amm_math::constant_product::{ConstantProduct, Fee};
use amm_math::pool::Pool;
use amm_math::{QuoteError, U256};
use route_search::PoolGraph;

fn pair(first: u64, second: u64) -> Pool {
    let fee = Fee::from_bps(30).unwrap();
    Pool::ConstantProduct(ConstantProduct::new([U256::from(first), U256::from(second)], fee))
}

fn request(pool: u32, token_in: u16, token_out: u16) -> [u8; 8] {
    let places = u64::from(token_in) << 32 | u64::from(token_out) << 48;
    (u64::from(pool) | places).to_le_bytes()
}

#[test]
fn each_has_its_answer_or_its_reason() {
    let pools = [pair(1_000, 2_000), pair(5_000_000_000, 7)];
    let graph =
        PoolGraph::new(vec![(pools[0].clone(), vec![0, 1]), (pools[1].clone(), vec![1, 2])])
            .unwrap();
    let asked: [(u32, u16, u16, u64); 6] =
        [(0, 0, 1, 100), (1, 1, 0, 3), (0, 0, 0, 9), (9, 0, 1, 9), (0, 1, 0, 0), (0, 256, 1, 1)];
    let requests: Vec<_> = asked.iter().map(|&(p, i, j, _)| request(p, i, j)).collect();
    let amounts: Vec<_> = asked.iter().map(|&(.., x)| U256::from(x).to_le_bytes::<32>()).collect();
    let (mut outs, mut states) = (vec![[7; 32]; 6], vec![7; 6]);
    graph.quotes(&requests, &amounts, &mut outs, &mut states);
    let token = 2 + QuoteError::Token as u8;
    assert_eq!(states, [0, 0, token, token, 2 + QuoteError::ZeroAmount as u8, token]);
    for (n, &(p, i, j, x)) in asked.iter().enumerate() {
        let pool = pools.get(p as usize).unwrap_or(&pools[0]);
        let alone = pool.amount_out_down(i.into(), j.into(), U256::from(x)).unwrap_or(U256::ZERO);
        let alone = if p == 9 { U256::ZERO } else { alone };
        assert_eq!(U256::from_le_bytes(outs[n]), alone, "request {n}");
    }
}
