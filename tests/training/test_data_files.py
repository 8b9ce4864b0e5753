"""Data from files: what comes along, tables with words and gaps, archives, images."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

import visualad as va
from visualad import datasets
from visualad.errors import FileError, VisualADError
from visualad.training.columns import belongs_to, read_columns
from visualad.training.data_settings import from_settings
from visualad.training.fitting import fitting_perceptron
from visualad.training.loop import trainer_from
from visualad.training.perceptron import default_perceptron
from visualad.training.shipped import SHIPPED
from visualad.training.source import with_copy


def written(tmp_path: Path, text: str, name: str = "own.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


# What comes along ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shape", "mean"),
    # Means over all inputs as scikit-learn's loaders give them.
    [
        ("iris", (150, 4, 3), 3.4645),
        ("wine", (178, 13, 3), 69.133663),
        ("breast_cancer", (569, 30, 1), 61.890712),
        ("digits", (1797, 64, 10), 4.884165),
        ("diabetes", (442, 10, 1), None),
    ],
)
def test_known_data_sets_come_along(
    name: str, shape: tuple[int, int, int], mean: float | None
) -> None:
    data = datasets.load(name)
    assert (len(data), data.x.shape[1], data.y.shape[1]) == shape
    assert np.isfinite(data.x).all()
    if mean is not None:
        assert data.x.mean() == pytest.approx(mean, abs=1e-6)
    assert data.task == ("classification" if SHIPPED[name].has_classes else "regression")
    assert set(np.unique(data.y)) == {0.0, 1.0} or name == "diabetes"
    if shape[2] > 1:
        np.testing.assert_array_equal(data.y.sum(axis=1), 1)
        assert data.y.sum(axis=0).min() > 40
    assert data.bounds()


def test_classes_keep_their_names() -> None:
    iris = datasets.load("iris")
    assert iris.names == (
        *("sepal length", "sepal width", "petal length", "petal width"),
        *("species=setosa", "species=versicolor", "species=virginica"),
    )
    assert datasets.load("breast_cancer").target_names == ("diagnosis",)


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer"])
def test_a_perceptron_learns_them_with_their_defaults(name: str) -> None:
    how = default_perceptron(name)
    data = datasets.load(name)
    sizes = [data.x.shape[1], *how["layers"], data.y.shape[1]]
    g = va.mlp(sizes, activation=how["activation"], output=how["output"], data=name)
    trainer, _ = trainer_from(g)
    for _ in range(31):
        trainer.finish_epoch()
    assert trainer.history.metrics["accuracy test"][-1] > 0.9


def test_standardising_uses_the_training_part_alone() -> None:
    settings = {"name": "wine", "standardize": True, "test_fraction": 0.25, "seed": 3}
    train, test = from_settings(settings).split(0.25, 3)
    np.testing.assert_allclose(train.x.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(train.x.std(axis=0), 1)
    assert np.abs(test.x.mean(axis=0)).max() > 1e-3


# Tables ----------------------------------------------------------------------------------------


def test_inputs_and_targets_are_chosen_by_name(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b,c,d\n1,2,3,4\n5,6,7,8\n")
    data = datasets.load(path, inputs=("c", "a"), targets="b")
    assert data.names == ("c", "a", "b")
    assert data.x.tolist() == [[3, 1], [7, 5]]
    assert datasets.load(path, inputs="a").names == ("a", "d")
    with pytest.raises(VisualADError, match="'a' cannot be an input and a target"):
        datasets.load(path, inputs="a", targets="a")
    with pytest.raises(VisualADError, match="no column 'z'; its columns are a, b, c, d"):
        datasets.load(path, inputs="z")


def test_words_become_classes_and_columns_of_their_own(tmp_path: Path) -> None:
    path = written(tmp_path, "size,colour,kind\n1,red,yes\n2,blue,no\n3,red,yes\n")
    data = datasets.load(path)
    assert data.names == ("size", "colour=blue", "colour=red", "kind")
    assert data.x.tolist() == [[1, 0, 1], [2, 1, 0], [3, 0, 1]]
    assert data.y.tolist() == [[1], [0], [1]]
    assert data.task == "classification"


def test_a_file_without_a_header_loses_no_row_to_its_words(tmp_path: Path) -> None:
    path = written(tmp_path, "5.1,3.5,Iris-setosa\n4.9,3.0,Iris-setosa\n6.0,2.2,Iris-virginica\n")
    data = datasets.load(path)
    assert len(data) == 3
    assert data.input_names == ("x1", "x2")


def test_numbers_are_classes_when_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, "x,y\n1,3\n2,10\n3,7\n4,3\n")
    assert datasets.load(path).task == "regression"
    data = datasets.load(path, classes=True)
    assert data.target_names == ("y=3", "y=7", "y=10")
    assert data.y.argmax(axis=1).tolist() == [0, 2, 1, 0]


def test_missing_values_are_refused_dropped_or_filled_in_and_that_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b,y\n1,red,1\n?,red,2\n3,,3\n5,blue,NA\n6,blue,4\n")
    with pytest.raises(FileError, match=r"line 3, column 'a': the value is missing \(and 2 more\)"):
        datasets.load(path)
    dropped = datasets.load(path, missing="drop")
    assert dropped.y.tolist() == [[1], [4]]
    assert dropped.notes == (
        "3 rows were left out of 5 because a value is missing; the first: line 3.",
    )
    filled = datasets.load(path, missing="mean")
    assert filled.x[:, 0].tolist() == [1, 3.75, 3, 6]
    assert len(filled.notes) == 3
    assert "filled in with their mean, 3.75" in filled.notes[0]
    with pytest.raises(VisualADError, match="not 'guess'"):
        datasets.load(path, missing="guess")


def test_bad_rows_are_refused_or_left_out_and_that_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, "a,y\n1,2\n1,2,3\nx,4\ninf,5\n6,7\n")
    with pytest.raises(FileError, match="line 3: 3 values where the table has 2 columns"):
        datasets.load(path)
    data = datasets.load(path, missing="drop")
    assert data.x.tolist() == [[1], [6]]
    assert [note.partition(";")[0] for note in data.notes] == [
        "1 row was left out of 5",
        "2 rows were left out of 4",
    ]
    assert "line 4, column 'a': 'x' is not a number" in data.notes[1]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a,y\n" + "".join(f"w{i},1\n" for i in range(150)), "150 different values"),
        ("a,y\n1,same\n2,same\n", "one class only"),
        ("a,y\n,1\n,2\n", "the value is missing"),
        ("a\n1\n", "at least one input column"),
        ("a,y\n\n", "has a header but no rows"),
        ("\0\0\0", "at least one input|header"),
    ],
)
def test_tables_that_make_no_data_are_refused(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(VisualADError, match=sentence) as caught:
        datasets.load(written(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_compressed_tables_are_read_and_damaged_ones_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.csv.gz"
    whole = gzip.compress(b"a,y\n1,2\n3,4\n")
    path.write_bytes(whole)
    assert datasets.load(path).y.tolist() == [[2], [4]]
    for content in (whole[:-9], b"no gzip", whole[:12] + b"\xff" * 8):
        path.write_bytes(content)
        with pytest.raises(FileError, match=r"damaged|cannot be read"):
            datasets.load(path)


# Archives --------------------------------------------------------------------------------------


def test_archives_of_arrays_are_read(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    images = np.arange(24.0).reshape(3, 2, 4)
    np.savez(path, images=images, labels=np.array([2, 0, 1]))
    data = datasets.load(path)
    assert data.x.shape == (3, 8)
    assert data.target_names == ("y=0", "y=1", "y=2")
    np.savez_compressed(path, x=[1.0, 2.0], y=[[0.5, 1.5], [2.5, 3.5]])
    data = datasets.load(path)
    assert data.names == ("x", "y1", "y2")
    assert data.task == "regression"
    np.save(tmp_path / "own.npy", np.arange(6.0).reshape(2, 3))
    assert datasets.load(tmp_path / "own.npy").y.tolist() == [[2], [5]]
    np.savez(path, x=[1.0, np.nan], y=[1.5, 2.5])
    with pytest.raises(FileError, match="row 1, column 'x': the value is missing"):
        datasets.load(path)


def hostile_pickle() -> bytes:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return (pytest.fail, ("the file was run",))

    file = io.BytesIO()
    np.savez(file, x=np.array([Trap()], dtype=object), y=np.zeros(1), allow_pickle=True)
    return file.getvalue()


def bomb() -> bytes:
    """An archive that says it holds 100 GiB."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.npy", b"0" * 100)
    content = bytearray(file.getvalue())
    place = content.rindex(b"PK\x01\x02")
    content[place + 24 : place + 28] = struct.pack("<I", 0xF0000000)
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (hostile_pickle(), "without running code"),
        (bomb(), "more than 2 GiB"),
        (b"PK\x03\x04 broken", "without running code"),
        (b"", "without running code"),
    ],
)
def test_hostile_archives_are_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "own.npz"
    path.write_bytes(content)
    with pytest.raises(FileError, match=sentence):
        datasets.load(path)


def test_archives_that_make_no_data_are_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    for arrays, sentence in (
        ({"a": np.zeros((2, 2)), "b": np.zeros(2)}, "holds the arrays a, b; name the inputs x"),
        ({"x": np.zeros((3, 2)), "y": np.zeros(2)}, "3 samples of inputs but 2 of targets"),
        ({"x": np.zeros(2, complex), "y": np.zeros(2)}, "no table of numbers"),
        ({"x": np.array([np.inf]), "y": np.zeros(1)}, "holds infinity"),
        ({"x": np.zeros(3)}, r"shape \(3,\)"),
    ):
        np.savez(path, **arrays)
        with pytest.raises(FileError, match=sentence):
            datasets.load(path)


# IDX -------------------------------------------------------------------------------------------


def idx(array: np.ndarray) -> bytes:
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def test_mnist_files_are_read_with_the_labels_beside_them(tmp_path: Path) -> None:
    images = np.arange(4 * 3 * 2).reshape(4, 3, 2) * 10
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(idx(images)))
    with pytest.raises(FileError, match="needs its labels beside it"):
        datasets.load(path)
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(
        gzip.compress(idx(np.array([7, 1, 7, 3])))
    )
    data = datasets.load(path)
    np.testing.assert_allclose(data.x, images.reshape(4, 6) / 255)
    assert data.target_names == ("y=1", "y=3", "y=7")
    assert data.y.argmax(axis=1).tolist() == [2, 0, 2, 1]
    assert len(datasets.load(path, n=2)) == 2
    with pytest.raises(FileError, match="Give the file with the images"):
        datasets.load(tmp_path / "train-labels-idx1-ubyte.gz")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "does not begin as one"),
        (b"\0\0\x08", "does not begin as one"),
        (b"\0\0\x07\x01\0\0\0\1\0", "does not begin as one"),
        (b"\0\0\x08\xff", "header is damaged"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "damaged: it says 4294967295 x"),
        (idx(np.zeros((2, 2, 2)))[:-1], "but holds 7"),
    ],
)
def test_hostile_idx_files_are_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "t-images-idx3-ubyte"
    path.write_bytes(content)
    (tmp_path / "t-labels-idx1-ubyte").write_bytes(idx(np.array([1])))
    with pytest.raises(FileError, match=sentence):
        datasets.load(path)


# What a graph keeps ----------------------------------------------------------------------------


def rows(count: int, kind: str) -> str:
    return "".join(f"{i % 7},{i % 3},{kind if i % 2 else 'no'}\n" for i in range(count))


def test_a_long_table_is_read_in_pieces_to_the_same_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "a,b,y\n" + "1,2,3\n" * 9 + "4,?,5\n" + "6,7,x\n" + "8,9,1e3\n\n10,11,12\n"
    whole = datasets.load(written(tmp_path, text), missing="drop")
    monkeypatch.setattr("visualad.training.table.CHUNK", 4)
    pieces = datasets.load(written(tmp_path, text, "pieces.csv"), missing="drop")
    np.testing.assert_array_equal(pieces.x, whole.x)
    np.testing.assert_array_equal(pieces.y[-2:], [[1000], [12]])
    assert pieces.notes == whole.notes
    assert "line 12, column 'y': 'x' is not a number" in pieces.notes[0]


LONG_TABLES = {
    "words": "a,kind,y\n" + "1,red,0\n2, blue ,1\n?,NA,1\n4,red,0\n" * 3 + "5,green,1\n",
    "quotes": 'a,kind,y\n1,"red, dark",0\n2,"blue",1\n3,"over\n",1\n\n4,"re""d",0\n',
    "a word among numbers": "a,kind,y\n" + "1,red,0\n2,blue,1\n" * 3 + "3,7,0\n1,2\n4,red,x\n",
    "words that come late": "a,kind,y\n" + "1,,0\n" * 5 + "2,red,1\n3,inf,0\n",
}


@pytest.mark.parametrize("name", LONG_TABLES)
def test_words_are_read_in_pieces_as_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    whole = read_columns(written(tmp_path, LONG_TABLES[name]), leave_out=True)
    monkeypatch.setattr("visualad.training.table.CHUNK", 2)
    pieces = read_columns(written(tmp_path, LONG_TABLES[name], "pieces.csv"), leave_out=True)
    for column in whole.names:
        np.testing.assert_array_equal(pieces.values[column], whole.values[column])
    assert list(pieces.where) == list(whole.where)
    assert pieces.faults == whole.faults
    assert pieces.notes == whole.notes


def test_cells_of_a_column_of_words_are_bare_and_quotes_belong_to_none(tmp_path: Path) -> None:
    words = read_columns(written(tmp_path, LONG_TABLES["words"])).values["kind"]
    assert list(words)[:4] == ["red", "blue", "", "red"]
    quoted = read_columns(written(tmp_path, LONG_TABLES["quotes"], "quoted.csv"))
    assert list(quoted.values["kind"]) == ["red, dark", "blue", "over", 're"d']
    assert list(quoted.where) == ["line 2", "line 3", "line 5", "line 7"]


@pytest.mark.parametrize(
    ("encoding", "two", "three"),
    [
        ("automatic", [[0], [1]], [[1, 0, 0], [0, 1, 0]]),
        ("one-hot", [[1, 0], [0, 1]], [[1, 0, 0], [0, 1, 0]]),
        ("signs", [[-1], [1]], [[1, -1, -1], [-1, 1, -1]]),
        ("index", [[0], [1]], [[0], [1]]),
    ],
)
def test_classes_are_encoded_as_wanted(
    tmp_path: Path, encoding: str, two: list[list[int]], three: list[list[int]]
) -> None:
    path = written(tmp_path, "x,y\n1,no\n2,yes\n")
    data = datasets.load(path, encoding=encoding)
    assert data.y.tolist() == two
    assert data.classes == ("no", "yes")
    path = written(tmp_path, "x,y\n1,a\n2,b\n3,c\n", "three.csv")
    assert datasets.load(path, encoding=encoding).y[:2].tolist() == three


def test_a_column_can_say_what_is_kept_for_testing(tmp_path: Path) -> None:
    path = written(tmp_path, "x,part,y\n1,train,1\n2,test,2\n3,,3\n4,Test,4\n")
    settings = {"name": str(path), "split_column": "part", "inputs": ["x"]}
    with pytest.raises(VisualADError, match="puts every row aside for testing"):
        from_settings({**settings, "split_column": "y"})
    train, test = from_settings(settings).split(0.5)
    assert (train.x.tolist(), test.y.tolist()) == ([[1], [3]], [[2], [4]])


def test_a_saved_graph_trains_the_same_when_its_file_is_gone(tmp_path: Path) -> None:
    path = written(tmp_path, "x1,x2,y\n" + rows(40, "yes"))
    kept = {**with_copy(path), "test_fraction": 0.25, "seed": 1, "standardize": True}
    graph = fitting_perceptron(from_settings(kept), kept, (3,))
    assert graph.training["loss"] == "binary_cross_entropy"
    va.save(graph, tmp_path / "own.vad")
    before, _ = trainer_from(graph)
    path.unlink()
    after, _ = trainer_from(va.load(tmp_path / "own.vad"))
    for trainer in (before, after):
        trainer.finish_epoch()
        trainer.finish_epoch()
    assert after.history.test == before.history.test


def test_mnist_files_are_kept_with_their_labels(tmp_path: Path) -> None:
    path = tmp_path / "t10k-images-idx3-ubyte"
    path.write_bytes(idx(np.arange(36).reshape(4, 3, 3)))
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(idx(np.array([1, 0, 1, 2])))
    kept = with_copy(path, belongs_to(path))
    data = from_settings(kept)
    assert (data.image, data.classes, len(data)) == ((3, 3), ("0", "1", "2"), 4)


def test_a_large_file_is_named_with_a_digest_and_another_one_is_not_taken_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualad.training.source.MOST_KEPT", 10)
    path = written(tmp_path, "x,y\n1,2\n3,4\n")
    kept = with_copy(path)
    assert "content" not in kept
    assert from_settings(kept).y.tolist() == [[2], [4]]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    graph = va.mlp([1, 1]).with_(training={"data": {**kept, "name": "/nowhere/own.csv"}})
    va.save(graph, elsewhere / "own.vad")
    (elsewhere / "own.csv").write_bytes(path.read_bytes())
    found = va.load(elsewhere / "own.vad").training["data"]
    assert from_settings(found).y.tolist() == [[2], [4]]
    path.write_text("x,y\n1,2\n3,5\n9,9\n", encoding="utf-8")
    with pytest.raises(FileError, match="has changed since it was chosen"):
        from_settings(kept)
    path.unlink()
    with pytest.raises(FileError, match="No such file"):
        from_settings(kept)


def test_a_damaged_copy_is_said_in_one_sentence() -> None:
    for parts in ({"own.csv.gz": "no base64!"}, {"other.csv": "YQ=="}):
        with pytest.raises(FileError, match=r"copy of own\.csv\S* in the graph is damaged"):
            from_settings({"name": "own.csv", "content": parts})


def test_drawn_points_keep_their_part_when_more_are_drawn() -> None:
    points = [[i / 5, -1.0, 1.0 if i % 2 else -1.0] for i in range(20)]
    few, many = (
        from_settings({"name": "drawn points", "points": points[:n], "seed": 3}) for n in (8, 20)
    )
    assert few.tested is not None
    assert many.tested is not None
    assert few.tested.tolist() == many.tested[:8].tolist()
    assert 0 < many.tested.sum() < 20
    assert few.bounds() == ((-6.0, 6.0), (-6.0, 6.0))
    with pytest.raises(VisualADError, match="No points are drawn yet"):
        from_settings({"name": "drawn points", "points": []})
