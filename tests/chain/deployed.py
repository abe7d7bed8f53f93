"""The contracts that every test finds, at the same addresses each time."""

from dataclasses import dataclass

from chain.node import OWNER, Node

TOKENS = 4
ALLOWANCE = 2**256 - 1
PLENTY = 2**250
ZERO = "0x" + 40 * "0"


@dataclass(frozen=True)
class Deployed:
    """Addresses. Tokens are sorted by address and named A, B, C, D in that order, so that a pool's
    own order is the alphabet's."""

    weth: str
    tokens: tuple[str, ...]
    v2_factory: str
    v2_router: str
    v3_factory: str
    v3_positions: str
    v3_router: str
    quoter: str
    multicall: str

    def token(self, name: str) -> str:
        return self.tokens[ord(name) - ord("A")]


def deploy(node: Node) -> Deployed:
    weth = node.deploy("WETH9")
    tokens = tuple(sorted(new_token(node, f"T{n}", 18) for n in range(TOKENS)))
    v2_factory = node.deploy("UniswapV2Factory", "(address)", OWNER)
    v3_factory = node.deploy("UniswapV3Factory")
    both = "(address,address)"
    made = Deployed(
        weth=weth,
        tokens=tokens,
        v2_factory=v2_factory,
        v2_router=node.deploy("UniswapV2Router02", both, v2_factory, weth),
        v3_factory=v3_factory,
        v3_positions=node.deploy(
            "NonfungiblePositionManager", "(address,address,address)", v3_factory, weth, ZERO
        ),
        v3_router=node.deploy("SwapRouter", both, v3_factory, weth),
        quoter=node.deploy("QuoterV2", both, v3_factory, weth),
        multicall=node.deploy("Multicall"),
    )
    for token in tokens:
        mint(node, token, OWNER, PLENTY)
        for spender in (made.v3_positions, made.v3_router):
            node.send(token, "approve(address,uint256)", spender, ALLOWANCE)
    return made


def new_token(node: Node, symbol: str, decimals: int) -> str:
    return node.deploy("MintableERC20", "(string,string,uint8)", symbol, symbol, decimals)


def mint(node: Node, token: str, to: str, amount: int) -> None:
    node.send(token, "mint(address,uint256)", to, amount)
