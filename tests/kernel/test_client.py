"""The kernel process lives through everything that runs in it, and the window never waits."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from visualad.graph.model import Graph
from visualad.kernel.client import KernelClient
from visualad.kernel.messages import CompareCosts, Failed

from .asking import Asking
from .odd_requests import Echo, Misbehave, Said


def test_starting_and_sending_do_not_wait_for_the_process() -> None:
    client = KernelClient()
    try:
        client.start()
        id_ = client.send(Echo("early"))
        assert not client.alive
        assert Asking(client).answer(id_) == Said(id_, "early")
        assert client.alive
    finally:
        client.close()


def test_replies_carry_the_id_of_their_request_and_come_in_order(kernel: Asking) -> None:
    ids = [kernel.client.send(Echo(i)) for i in range(20)]
    kernel.answer(ids[-1])
    assert kernel.replies == [Said(id_, i) for i, id_ in enumerate(ids)]


def test_large_arrays_travel_unchanged(kernel: Asking) -> None:
    array = np.arange(1_000_000.0)
    id_ = kernel.client.send(Echo(array))
    reply = kernel.answer(id_)
    assert isinstance(reply, Said)
    np.testing.assert_array_equal(reply.content, array)


def test_the_socket_is_readable_exactly_while_replies_lie_ready(kernel: Asking) -> None:
    def readable() -> bool:
        return bool(select.select([kernel.client], [], [], 0)[0])

    assert not readable()
    kernel.client.send(Echo(1))
    assert select.select([kernel.client], [], [], 10)[0]
    assert kernel.client.poll()
    assert not readable()


def test_an_exception_becomes_one_sentence_with_the_traceback_behind_it(kernel: Asking) -> None:
    reply = kernel.answer(kernel.client.send(Misbehave("raise")))
    assert isinstance(reply, Failed)
    assert reply.message == "Unexpected failure while working (RuntimeError: no such thing)."
    assert "Traceback" in reply.detail
    assert "noise" in reply.detail


def test_leaving_python_ends_only_the_request(kernel: Asking) -> None:
    pid = kernel.client.pid
    reply = kernel.answer(kernel.client.send(Misbehave("leave")))
    assert isinstance(reply, Failed)
    assert kernel.client.pid == pid


@pytest.mark.parametrize("how", ["unpicklable", "unreadable"])
def test_a_reply_that_cannot_travel_becomes_a_failure(kernel: Asking, how: str) -> None:
    assert isinstance(kernel.answer(kernel.client.send(Misbehave(how))), Failed)
    assert kernel.answer(kernel.client.send(Echo(1))).content == 1  # type: ignore[attr-defined]


def test_a_request_that_cannot_travel_becomes_a_failure(kernel: Asking) -> None:
    assert isinstance(kernel.answer(kernel.client.send(Echo(lambda: None))), Failed)


def test_printing_does_not_disturb_the_protocol(kernel: Asking) -> None:
    assert kernel.answer(kernel.client.send(Misbehave("print"))) == Said(
        kernel.replies[0].id, "done"
    )


@pytest.mark.parametrize("how", ["exit", "crash"])
def test_a_crash_fails_what_waits_and_the_kernel_starts_again(kernel: Asking, how: str) -> None:
    crashing, waiting = kernel.client.send(Misbehave(how)), kernel.client.send(Echo(1))
    reply = kernel.answer(crashing)
    assert isinstance(reply, Failed)
    assert reply.message == (
        "The kernel stopped unexpectedly while working; it was started again. "
        "Your graph is unchanged."
    )
    assert ("status 3" if how == "exit" else "about to crash") in reply.detail
    assert isinstance(kernel.answer(waiting), Failed)
    assert kernel.answer(kernel.client.send(Echo(2))).content == 2  # type: ignore[attr-defined]


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine even a quick answer to an interrupt may take longer than usual."""
    monkeypatch.setattr("visualad.kernel.client.INTERRUPT_PATIENCE", 10.0)


@pytest.mark.usefixtures("patient")
def test_an_endless_loop_stops_when_asked_without_a_new_process(kernel: Asking) -> None:
    pid = kernel.client.pid
    id_ = kernel.client.send(Misbehave("loop"))
    queued = kernel.client.send(Echo(1))
    time.sleep(0.1)
    kernel.client.interrupt()
    reply = kernel.answer(id_)
    assert isinstance(reply, Failed)
    assert reply.message == "Stopped while working."
    assert isinstance(kernel.answer(queued), Failed)
    assert kernel.answer(kernel.client.send(Echo(2))).content == 2  # type: ignore[attr-defined]
    assert kernel.client.pid == pid


def test_a_loop_that_will_not_stop_is_killed_and_the_kernel_starts_again(kernel: Asking) -> None:
    pid = kernel.client.pid
    id_ = kernel.client.send(Misbehave("stubborn loop"))
    time.sleep(0.1)
    kernel.client.interrupt()
    reply = kernel.answer(id_)
    assert isinstance(reply, Failed)
    assert reply.message == (
        "The kernel did not stop working when it was asked to, so it was started again. "
        "Your graph is unchanged."
    )
    assert kernel.answer(kernel.client.send(Echo(2))).content == 2  # type: ignore[attr-defined]
    assert kernel.client.pid != pid


@pytest.mark.usefixtures("patient")
def test_interrupting_an_idle_kernel_does_nothing(kernel: Asking) -> None:
    pid = kernel.client.pid
    kernel.client.interrupt()
    assert kernel.answer(kernel.client.send(Echo(1))).content == 1  # type: ignore[attr-defined]
    assert kernel.client.pid == pid


@pytest.mark.usefixtures("patient")
def test_many_interrupts_at_odd_moments_lose_no_answer(kernel: Asking) -> None:
    pid = kernel.client.pid
    ids = []
    for i in range(60):
        ids.append(kernel.client.send(Echo(i)))
        if i % 3 == 0:
            time.sleep(0.0005 * (i % 7))
            kernel.client.interrupt()
    for id_ in ids:
        kernel.answer(id_)
    assert len(kernel.replies) == len(ids)
    assert kernel.client.pid == pid


def test_restarting_fails_what_waits(kernel: Asking) -> None:
    id_ = kernel.client.send(Misbehave("stubborn loop"))
    time.sleep(0.05)
    kernel.client.restart()
    reply = kernel.answer(id_)
    assert isinstance(reply, Failed)
    assert reply.message == "The kernel was started again. Your graph is unchanged."
    kernel.answer(kernel.client.send(Echo(1)))


def test_a_newer_request_of_the_same_type_makes_older_ones_obsolete(kernel: Asking) -> None:
    kernel.client.send(Misbehave("sleep"))
    older = [kernel.client.send(CompareCosts(Graph())) for _ in range(5)]
    newest = kernel.client.send(CompareCosts(Graph()))
    kernel.answer(newest)
    assert not {reply.id for reply in kernel.replies} & set(older)
    assert not kernel.client.is_busy


def test_after_a_crash_only_the_newest_of_a_type_is_answered(kernel: Asking) -> None:
    kernel.client.send(Misbehave("exit"))
    older = kernel.client.send(CompareCosts(Graph()))
    newest = kernel.client.send(CompareCosts(Graph()))
    assert isinstance(kernel.answer(newest), Failed)
    assert older not in {reply.id for reply in kernel.replies}
    kernel.idle()


def test_closing_in_an_endless_loop_leaves_no_thread_and_no_process() -> None:
    before = threading.active_count()
    client = KernelClient()
    client.start()
    asking = Asking(client)
    pid = asking.answer(client.send(Misbehave("pid"))).content  # type: ignore[attr-defined]
    client.send(Misbehave("stubborn loop"))
    client.close()
    assert threading.active_count() == before
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_closing_before_the_process_is_there_works() -> None:
    client = KernelClient()
    client.start()
    client.close()
    client.close()
    never_started = KernelClient()
    never_started.close()


def test_a_kernel_that_cannot_start_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    client = KernelClient()
    client.start()
    try:
        asking = Asking(client)
        reply = asking.answer(client.send(Echo(1)))
        assert isinstance(reply, Failed)
        assert reply.message.startswith("The kernel process cannot be started (")
        assert isinstance(asking.answer(client.send(Echo(1))), Failed)
        monkeypatch.undo()
        client.restart()
        deadline = time.monotonic() + 10
        while not client.alive and time.monotonic() < deadline:
            time.sleep(0.01)
        assert asking.answer(client.send(Echo(2))).content == 2  # type: ignore[attr-defined]
    finally:
        client.close()


def test_a_kernel_that_cannot_be_imported_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    with KernelClient() as client:
        reply = Asking(client).answer(client.send(Echo(1)))
    assert isinstance(reply, Failed)
    assert reply.message.startswith("The kernel process ends before it is ready (")


PROGRAM = """
import os, sys, time
sys.path[:] = {path!r}
from kernel.odd_requests import Misbehave
from visualad.graph.model import Graph
from visualad.kernel import protocol
from visualad.kernel.client import KernelClient
protocol.TRUSTED.add("kernel")
client = KernelClient()
client.start()
id_ = client.send(Misbehave("pid"))
while not (replies := [reply for reply in client.poll() if reply.id == id_]):
    time.sleep(0.01)
print(replies[0].content, flush=True)
client.send(Misbehave({how!r}))
time.sleep(0.2)
{end}
"""


@pytest.mark.parametrize("how", ["sleep", "stubborn loop"])
@pytest.mark.parametrize("end", ["os._exit(0)", "pass"])
def test_the_kernel_ends_with_its_parent_which_needs_no_main_guard(
    tmp_path: Path, how: str, end: str
) -> None:
    script = tmp_path / "window.py"
    script.write_text(
        PROGRAM.format(path=[str(Path(__file__).parents[1]), *sys.path], how=how, end=end)
    )
    result = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=60, check=True
    )
    assert result.stderr == ""
    pid = int(result.stdout)
    deadline = time.monotonic() + 10
    while _runs(pid):
        assert time.monotonic() < deadline, "the kernel outlived its parent"
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] == "Z")
