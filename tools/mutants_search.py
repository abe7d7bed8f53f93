"""The bugs to plant in the search for routes. As in mutants_list, `old` stands exactly once."""

from mutants_list import Mutant

SEARCH = [
    Mutant(
        "a round is told from each start that lies on it",
        "route-search/src/enumerate.rs",
        "self.ranks[token as usize] < self.rank",
        "self.ranks[token as usize] < 0",
    ),
    Mutant(
        "a round through two changed pools is told twice",
        "route-search/src/enumerate.rs",
        "            self.told[pool as usize] = true;\n",
        "",
    ),
    Mutant(
        "a round grown backwards comes past a token twice",
        "route-search/src/enumerate.rs",
        "            || growing.is_visited(edge.from)\n",
        "",
    ),
    Mutant(
        "the loan's fee does not count in the size",
        "route-search/src/size.rs",
        "    let ahead = rate.best_input(cost);",
        "    let ahead = rate.best_input(1.0);",
    ),
    Mutant(
        "the loan's fee is rounded down",
        "route-search/src/route.rs",
        "fee.checked_add(BPS - U256::ONE)? / BPS",
        "fee / BPS",
    ),
    Mutant(
        "of several starts the last says what is too little",
        "route-search/src/bounds.rs",
        "*least = least.min(if token == *start { sent } else { back / yielded });",
        "*least = if token == *start { sent } else { back / yielded };",
    ),
    Mutant(
        "what rounding took before a swap is forgotten after it",
        "route-search/src/slack.rs",
        "missing * slope / (below * below) + 1.0",
        "1.0",
    ),
    Mutant(
        "hops compose as if the first gave one for one",
        "route-search/src/rate.rs",
        "bend: self.bend + self.slope * next.bend",
        "bend: self.bend + next.bend",
    ),
    Mutant(
        "of many rounds some that are better than the last are left out",
        "route-search/src/best.rs",
        "self.needed = real(last.profit) + real(self.gas);",
        "self.needed = 2.0 * real(last.profit) + real(self.gas);",
    ),
    Mutant(
        "of a split trade the rest is not sent",
        "route-search/src/split.rs",
        "        inputs[at] += left;\n",
        "",
    ),
    Mutant(
        "what Balancer multiplies after rounding counts as a unit",
        "route-search/src/stable.rs",
        "times * (1.0 + held / left)",
        "(1.0 + held / left)",
    ),
    Mutant(
        "of a small balance of Solidly's the last cut is forgotten",
        "route-search/src/stable.rs",
        "(1.0 + 1.0 / (x * x + y * y))",
        "1.0",
    ),
    Mutant(
        "a range that ends where another did goes on",
        "route-search/src/size.rs",
        "room.max(0.0) /",
        "room /",
    ),
    Mutant(
        "what real numbers take for no gain is given up",
        "route-search/src/refine.rs",
        "if loss.is_finite() && !start.may_earn_only(within, terms) {",
        "if loss.is_finite() {",
    ),
    Mutant(
        "a change of a pool that there is not is passed over until it is made",
        "route-search/src/graph.rs",
        "let place = self.pools.get(at).ok_or(GraphError::Pool { pool: at })?;",
        "let Some(place) = self.pools.get(at) else { continue };",
    ),
    Mutant(
        "what Solidly's solver refuses by chance ends a range",
        "route-search/src/refine.rs",
        "if may_pass { PASSED_OVER } else { 0 }",
        "0",
    ),
]
