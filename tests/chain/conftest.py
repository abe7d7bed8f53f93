"""One anvil for the tests of this folder; where its packages cannot be had they are skipped."""

from collections.abc import Iterator

import pytest

import chain_setup
from chain.deployed import Deployed, deploy
from chain.node import Node


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    try:
        chain_setup.ensure()
    except chain_setup.NoChain as why:
        pytest.skip(f"no local chain here: {why}")
    made = Node(chain_setup.CACHE)
    yield made
    made.close()


@pytest.fixture
def at(node: Node) -> Iterator[Deployed]:
    """Contracts that this test alone has seen."""
    with node.undone():
        yield deploy(node)
