"""A kernel process shared by the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from visualad.kernel.client import KernelClient

from .asking import Asking


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
