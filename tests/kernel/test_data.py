"""Data sets in the kernel: reading with progress, choosing columns, bringing them into a graph."""

from __future__ import annotations

from pathlib import Path

import visualad as va
from visualad.kernel.data_messages import (
    DataPreview,
    DataRead,
    DataReading,
    DatasetDrawn,
    DataTaken,
    DrawDataset,
    PreviewData,
    ReadData,
    TakeData,
)
from visualad.kernel.messages import Control, Evaluate, Evaluated, Failed

from .asking import Asking


def test_a_file_is_read_described_chosen_and_taken(kernel: Asking, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    lines = [f"{i},{i % 5},{'abc'[i % 3]}" for i in range(60)]
    lines[3], lines[5] = "x,1,a", "1,?,a"
    path.write_text("u,v,kind\n" + "\n".join(lines) + "\n", encoding="utf-8")
    about = kernel.answer(kernel.client.send(ReadData(str(path))))
    assert isinstance(about, DataRead)
    found = about.description
    assert [fault.where for fault in found.faults] == ["line 5"]
    assert [(gap.where, gap.column) for gap in found.gaps] == [("line 7", "v")]
    assert [(c.kind, c.missing) for c in found.columns[:2]] == [
        ("whole number", 0),
        ("whole number", 1),
    ]
    assert found.columns[0].high == 59
    settings = {"name": str(path), **found.suggested}
    g = va.mlp([2, 4, 1], loss="mean_squared_error", data={"name": "circle"})
    preview = kernel.answer(kernel.client.send(PreviewData(g, settings, hidden=(8,))))
    assert isinstance(preview, DataPreview)
    assert (preview.train, preview.test) == (43, 15)
    assert preview.sizes == (2, 8, 3)
    assert preview.loss == "cross_entropy"
    assert "1 target column" in preview.misfit
    taken = kernel.answer(kernel.client.send(TakeData(g, settings, "fit", (8,))))
    assert isinstance(taken, DataTaken)
    assert taken.sizes == (2, 8, 3)
    assert taken.graph.training["data"]["content"]
    fitting = kernel.answer(kernel.client.send(TakeData(taken.graph, settings)))
    assert isinstance(fitting, DataTaken)
    assert fitting.sizes == ()
    drawn = kernel.answer(kernel.client.send(DrawDataset(fitting.graph.training["data"])))
    assert isinstance(drawn, DatasetDrawn)
    assert drawn.classes == ("a", "b", "c")


def test_a_million_rows_are_read_with_progress_and_can_be_given_up(
    kernel: Asking, tmp_path: Path
) -> None:
    path = tmp_path / "large.csv"
    path.write_text("a,b,y\n" + "1.5,2.5,yes\n" * 400_000, encoding="utf-8")
    id_ = kernel.client.send(ReadData(str(path)))
    kernel.wait(lambda replies: any(isinstance(r, DataReading) for r in replies))
    other = kernel.client.send(Evaluate(va.parse("x*x")))
    assert isinstance(kernel.answer(other), Evaluated)
    assert not any(isinstance(r, DataRead) for r in kernel.replies)
    kernel.client.send(Control(id_, "stop"))
    end = kernel.answer(id_)
    assert isinstance(end, Failed)
    assert end.message == "Stopped while reading data."


def test_a_broken_file_is_said_in_one_sentence(kernel: Asking, tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    path.write_bytes(b"PK\x03\x04 broken")
    failed = kernel.answer(kernel.client.send(ReadData(str(path))))
    assert isinstance(failed, Failed)
    assert "without running code" in failed.message
