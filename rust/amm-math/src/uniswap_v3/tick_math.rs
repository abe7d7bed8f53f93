//! Ticks and the square roots of prices, after `TickMath` of Uniswap V3 core (V4 has the same).
//!
//! From tick to price the contract's own multiplications are repeated, as their truncations are in
//! the result. The way back is defined by the way there: the last tick whose price is not above.
//! So it may be found in any way, and here an estimate from a small table leaves at most two.

use crate::U256;

/// The lowest tick: below it prices leave 64.96 bits.
pub const MIN_TICK: i32 = -887_272;
/// The highest.
pub const MAX_TICK: i32 = -MIN_TICK;
/// The price of the lowest tick.
pub const MIN_SQRT_RATIO: U256 = U256::from_limbs([4_295_128_739, 0, 0, 0]);
/// The price of the highest tick, which no pool reaches.
pub const MAX_SQRT_RATIO: U256 =
    U256::from_limbs([6_743_328_256_752_651_558, 17_280_870_778_742_802_505, 4_294_805_859, 0]);

/// `1.0001^(-2^i / 2)` in 128 bits, one for each bit of a tick.
const FACTORS: [u128; 20] = [
    0xfffc_b933_bd6f_ad37_aa2d_162d_1a59_4001,
    0xfff9_7272_373d_4132_59a4_6990_580e_213a,
    0xfff2_e50f_5f65_6932_ef12_357c_f3c7_fdcc,
    0xffe5_caca_7e10_e4e6_1c36_24ea_a094_1cd0,
    0xffcb_9843_d60f_6159_c9db_5883_5c92_6644,
    0xff97_3b41_fa98_c081_472e_6896_dfb2_54c0,
    0xff2e_a164_66c9_6a38_43ec_78b3_26b5_2861,
    0xfe5d_ee04_6a99_a2a8_11c4_61f1_969c_3053,
    0xfcbe_86c7_900a_88ae_dcff_c83b_479a_a3a4,
    0xf987_a725_3ac4_1317_6f2b_074c_f781_5e54,
    0xf339_2b08_22b7_0005_940c_7a39_8e4b_70f3,
    0xe715_9475_a2c2_9b74_43b2_9c7f_a6e8_89d9,
    0xd097_f3bd_fd20_22b8_845a_d8f7_92aa_5825,
    0xa9f7_4646_2d87_0fdf_8a65_dc1f_90e0_61e5,
    0x70d8_69a1_56d2_a1b8_90bb_3df6_2baf_32f7,
    0x31be_135f_97d0_8fd9_8123_1505_542f_cfa6,
    0x09aa_508b_5b7a_84e1_c677_de54_f3e9_9bc9,
    0x005d_6af8_dedb_8119_6699_c329_225e_e604,
    0x0000_2216_e584_f5fa_1ea9_2604_1bed_fe98,
    0x0000_0000_048a_1703_91f7_dc42_444e_8fa2,
];

/// The products of the factors of a tick's eight lowest bits, which are always the first taken.
/// The entry of none stands for one, which 128 bits do not hold.
const LOW_PRODUCTS: [u128; 256] = low_products();

const fn low_products() -> [u128; 256] {
    let mut products = [0; 256];
    let mut low = 1;
    while low < 256 {
        let mut product = 0;
        let mut bit = 0;
        while bit < 8 {
            if low >> bit & 1 == 1 {
                product = if product == 0 { FACTORS[bit] } else { mul_128(product, FACTORS[bit]) };
            }
            bit += 1;
        }
        products[low] = product;
        low += 1;
    }
    products
}

/// The upper half of a product.
const fn mul_128(x: u128, y: u128) -> u128 {
    const WORD: u128 = u64::MAX as u128;
    let (x1, x0, y1, y0) = (x >> 64, x & WORD, y >> 64, y & WORD);
    let middle = x1 * y0 + ((x0 * y0) >> 64);
    let carried = x0 * y1 + (middle & WORD);
    x1 * y1 + (middle >> 64) + (carried >> 64)
}

/// The square root of the price at `tick`, with 96 fractional bits, rounded up as in
/// `getSqrtRatioAtTick`. `None` beyond the ticks.
#[must_use]
pub fn sqrt_ratio_up(tick: i32) -> Option<U256> {
    let distance = tick.unsigned_abs();
    if distance > MAX_TICK.unsigned_abs() {
        return None;
    }
    if tick == 0 {
        return Some(U256::ONE << 96);
    }
    let mut product = LOW_PRODUCTS[(distance & 0xff) as usize];
    let mut rest = distance >> 8;
    while rest != 0 {
        let factor = FACTORS[8 + rest.trailing_zeros() as usize];
        product = if product == 0 { factor } else { mul_128(product, factor) };
        rest &= rest - 1;
    }
    Some(if tick < 0 {
        U256::from((product >> 32) + u128::from(product & 0xffff_ffff != 0))
    } else {
        let inverse = U256::MAX / U256::from(product);
        let is_exact = inverse.trailing_zeros() >= 32;
        (inverse >> 32) + U256::from(u8::from(!is_exact))
    })
}

/// Binary logarithms of `1 + i / 256`, with 32 fractional bits.
const LOGARITHMS: [u64; 257] = logarithms();

const fn logarithms() -> [u64; 257] {
    let mut table = [0; 257];
    let mut i = 0;
    while i < 256 {
        let mut x = (256 + i as u128) << 55; // 63 fractional bits, from 1 to below 2
        let mut bit = 32;
        while bit > 0 {
            bit -= 1;
            x = (x * x) >> 63;
            if x >> 64 != 0 {
                x >>= 1;
                table[i] |= 1 << bit;
            }
        }
        i += 1;
    }
    table[256] = 1 << 32;
    table
}

/// Ticks in a doubling of the square root, `2 / log2(1.0001)`, with 40 fractional bits.
const TICKS_PER_DOUBLING: i128 = 15_243_229_806_399_573;
/// A straight line between two entries is below the logarithm by less than 0.039 ticks; the rest is
/// for the truncations of the table and of the contract's prices. With 72 fractional bits.
const SLACK_ABOVE: i128 = (1 << 72) / 22;
const SLACK_BELOW: i128 = (1 << 72) / 1_000;

/// The last tick whose price is not above `sqrt_ratio`, as in `getTickAtSqrtRatio`. `None` where
/// that is out of range; so is the price of the highest tick itself.
#[must_use]
pub fn tick_at(sqrt_ratio: U256) -> Option<i32> {
    if sqrt_ratio < MIN_SQRT_RATIO || sqrt_ratio >= MAX_SQRT_RATIO {
        return None;
    }
    let estimate = logarithm_down(sqrt_ratio) * TICKS_PER_DOUBLING;
    let low = i32::try_from((estimate - SLACK_BELOW) >> 72).ok()?;
    let high = i32::try_from((estimate + SLACK_ABOVE) >> 72).ok()?;
    if low == high {
        return Some(low);
    }
    Some(if sqrt_ratio_up(high).is_some_and(|price| price <= sqrt_ratio) { high } else { low })
}

/// The binary logarithm, with 32 fractional bits, by a straight line between two entries.
fn logarithm_down(sqrt_ratio: U256) -> i128 {
    let top = sqrt_ratio.bit_len() - 1;
    let scaled = if top >= 63 { sqrt_ratio >> (top - 63) } else { sqrt_ratio << (63 - top) };
    let fraction = scaled.as_limbs()[0] & (u64::MAX >> 1);
    let (index, part) = ((fraction >> 55) as usize, fraction & ((1 << 55) - 1));
    let (from, to) = (LOGARITHMS[index], LOGARITHMS[index + 1]);
    let between = (u128::from(to - from) * u128::from(part)) >> 55;
    ((top as i128 - 96) << 32) + i128::from(from) + between.cast_signed()
}
