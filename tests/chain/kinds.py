"""The kinds of contract that can be asked, how each is drawn, and who of ours answers alike."""

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from chain import aave, aave_answers, deployed, draw, draw_aave, draw_balancer, draw_v4, uniswap_v4
from chain.case import Kernel, Scene
from chain.node import Node
from omnivenue.wire.pools import quote


class Kind(NamedTuple):
    deploy: Callable[[Node], Any]
    draw: Callable[[Node, Any, Random, int], Scene]
    answer: Kernel


KINDS = {
    "uniswap_v2": Kind(deployed.deploy, draw.v2, quote),
    "uniswap_v3": Kind(deployed.deploy, draw.v3, quote),
    "uniswap_v4": Kind(uniswap_v4.deploy, draw_v4.scene, quote),
    "balancer": Kind(deployed.deploy, draw_balancer.scene, quote),
    "aave": Kind(aave.deploy, draw_aave.scene, aave_answers.answered),
}
