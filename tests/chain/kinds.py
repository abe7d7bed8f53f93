"""The kinds of pool that the contracts can be asked about, and how each is drawn."""

from collections.abc import Callable
from random import Random

from chain import draw, draw_balancer
from chain.case import Scene
from chain.deployed import Deployed
from chain.node import Node

type Draw = Callable[[Node, Deployed, Random, int], Scene]

DRAWN: dict[str, Draw] = {
    "uniswap_v2": draw.v2,
    "uniswap_v3": draw.v3,
    "balancer": draw_balancer.scene,
}
