"""A kernel process shared by the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from visualad.kernel import protocol
from visualad.kernel.client import KernelClient

from .asking import Asking

# The replies in `odd_requests` are classes of the tests.
protocol.TRUSTED.add(__name__.partition(".")[0])


@pytest.fixture(scope="module")
def client() -> Iterator[KernelClient]:
    with KernelClient() as client:
        yield client


@pytest.fixture
def kernel(client: KernelClient) -> Asking:
    client.poll()
    asking = Asking(client)
    asking.idle()
    return asking
