"""Data sets are TensorFlow Playground's, the same for the same seed; files are read with care."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from visualad import datasets
from visualad.errors import FileError, ShapeError, VisualADError


@pytest.mark.parametrize("name", datasets.NAMES)
def test_the_same_seed_gives_the_same_points_and_another_gives_others(name: str) -> None:
    first, again = datasets.load(name, noise=0.2, seed=3), datasets.load(name, noise=0.2, seed=3)
    other = datasets.load(name, noise=0.2, seed=4)
    assert first.x.tobytes() == again.x.tobytes()
    assert first.y.tobytes() == again.y.tobytes()
    assert first.x.tobytes() != other.x.tobytes()


@pytest.mark.parametrize("name", datasets.NAMES)
@pytest.mark.parametrize("n", [1, 2, 7, 100])
def test_as_many_samples_as_asked_for_come_as_tables(name: str, n: int) -> None:
    data = datasets.load(name, n=n)
    assert data.x.shape == (n, len(data.input_names))
    assert data.y.shape == (n, 1)
    assert data.target_names == ("y",)
    assert len(data) == n
    with pytest.raises(ValueError, match="read-only"):
        data.x[0, 0] = 1


@pytest.mark.parametrize("name", ["circle", "xor", "gauss", "spiral"])
def test_classes_are_minus_and_plus_one_in_playgrounds_number(name: str) -> None:
    data = datasets.load(name, seed=1)
    assert len(data) == 500
    assert data.task == "classification"
    assert set(data.y.ravel()) == {-1.0, 1.0}
    assert abs(data.y.sum()) < 100


def test_circle_has_a_uniform_radius_within_2_5_and_from_3_5_to_5() -> None:
    data = datasets.load("circle", n=20_000, seed=1)
    radius = np.hypot(*data.x.T)
    inner, outer = radius[data.y[:, 0] > 0], radius[data.y[:, 0] < 0]
    assert len(inner) == len(outer) == 10_000
    assert inner.max() <= 2.5
    assert outer.min() >= 3.5
    assert outer.max() <= 5
    # Uniform in the radius: mean in the middle, variance w²/12.
    assert inner.mean() == pytest.approx(1.25, abs=0.03)
    assert inner.var() == pytest.approx(2.5**2 / 12, rel=0.05)
    assert outer.mean() == pytest.approx(4.25, abs=0.02)


@pytest.mark.parametrize("name", ["circle", "xor"])
def test_noise_moves_the_labels_and_not_the_points(name: str) -> None:
    clean, noisy = (datasets.load(name, noise=noise, seed=2) for noise in (0.0, 0.3))
    assert clean.x.tobytes() == noisy.x.tobytes()
    changed = np.mean(clean.y != noisy.y)
    assert 0.02 < changed < 0.4


@pytest.mark.parametrize("name", ["plane", "two_hills"])
def test_noise_moves_the_targets_and_not_the_points_in_regression(name: str) -> None:
    clean, noisy = (datasets.load(name, noise=noise, seed=2) for noise in (0.0, 0.1))
    assert clean.task == "regression"
    assert len(clean) == 1200
    assert clean.x.tobytes() == noisy.x.tobytes()
    assert not np.array_equal(clean.y, noisy.y)
    assert np.abs(clean.x).max() <= 6


@pytest.mark.parametrize("name", ["gauss", "spiral"])
def test_noise_moves_the_points_and_not_the_labels(name: str) -> None:
    clean, noisy = (datasets.load(name, noise=noise, seed=2) for noise in (0.0, 0.1))
    assert clean.y.tobytes() == noisy.y.tobytes()
    assert not np.array_equal(clean.x, noisy.x)


def test_xor_keeps_clear_of_the_axes() -> None:
    data = datasets.load("xor", n=5000)
    assert np.abs(data.x).min() >= 0.3
    assert np.abs(data.x).max() <= 5.3
    np.testing.assert_array_equal(np.sign(data.x[:, 0] * data.x[:, 1]), data.y[:, 0])


@pytest.mark.parametrize(("noise", "variance"), [(0.0, 0.5), (0.25, 2.25), (0.5, 4.0)])
def test_gauss_has_playgrounds_centres_and_variance(noise: float, variance: float) -> None:
    data = datasets.load("gauss", n=40_000, noise=noise)
    for sign in (1, -1):
        cloud = data.x[data.y[:, 0] == sign]
        assert cloud.mean(axis=0) == pytest.approx([2 * sign] * 2, abs=0.05)
        assert cloud.var(axis=0) == pytest.approx([variance] * 2, rel=0.05)


def test_spiral_without_noise_is_the_curve_itself() -> None:
    data = datasets.load("spiral", n=500)
    i = 100
    angle = 1.75 * 2 * np.pi * i / 250
    expected = 5 * i / 250 * np.array([np.sin(angle), np.cos(angle)])
    np.testing.assert_allclose(data.x[i], expected)
    np.testing.assert_allclose(data.x[250 + i], -expected, atol=1e-12)
    assert data.y[i] == 1
    assert data.y[250 + i] == -1


def test_plane_and_two_hills_follow_their_formulas() -> None:
    flat = datasets.load("plane")
    np.testing.assert_allclose(flat.y[:, 0], flat.x.sum(axis=1) / 10)
    hills = datasets.load("two_hills", n=100_000)
    near = np.hypot(hills.x[:, 0] - 4, hills.x[:, 1] - 2.5) < 0.05
    assert hills.y[near].min() > 0.97
    near = np.hypot(hills.x[:, 0], hills.x[:, 1] - 2.5) < 0.05
    assert hills.y[near].max() < -0.97
    assert np.abs(hills.y).max() <= 1


def test_sine_is_a_noisy_regression_on_a_line() -> None:
    data = datasets.load("sine", n=20_000, noise=0.1)
    residue = data.y[:, 0] - np.sin(data.x[:, 0])
    assert residue.std() == pytest.approx(0.1, rel=0.03)
    assert data.task == "regression"
    assert data.names == ("x", "y")


def test_splitting_shuffles_once_and_takes_every_sample_exactly_once() -> None:
    data = datasets.load("spiral", n=501, noise=0.1)
    train, test = data.split(0.5, seed=7)
    assert (len(train), len(test)) == (250, 251)
    both = np.concatenate([train.x, test.x])
    assert sorted(map(tuple, both)) == sorted(map(tuple, data.x))
    again, _ = data.split(0.5, seed=7)
    assert again.x.tobytes() == train.x.tobytes()
    assert data.split(0.5, seed=8)[0].x.tobytes() != train.x.tobytes()
    assert 80 < (train.y > 0).sum() < 170


def test_splitting_off_nothing_or_everything() -> None:
    data = datasets.load("sine", n=10)
    train, test = data.split(0.0)
    assert (len(train), len(test)) == (10, 0)
    assert len(data.split(0.9)[0]) == 1
    with pytest.raises(VisualADError, match="none is left for training"):
        datasets.load("sine", n=1).split(0.5)
    with pytest.raises(VisualADError, match="at least 0 and less than 1"):
        data.split(1.0)


def test_bounds_are_playgrounds_for_its_data_and_the_range_for_others() -> None:
    assert datasets.load("circle").bounds() == ((-6, 6), (-6, 6))
    own = datasets.from_arrays([[0.0, 1.0], [10.0, 1.0]], [0, 1])
    assert own.bounds() == ((-0.5, 10.5), (0.0, 2.0))


def test_unknown_names_and_impossible_numbers_are_refused_in_words() -> None:
    with pytest.raises(VisualADError, match=r"no data set 'spirall'; take one of circle, xor"):
        datasets.load("spirall")
    with pytest.raises(VisualADError, match="at least one sample"):
        datasets.load("circle", n=0)
    with pytest.raises(VisualADError, match="noise"):
        datasets.load("circle", noise=-1)


def test_arrays_become_a_data_set_with_names_and_task() -> None:
    data = datasets.from_arrays([[1, 2], [3, 4], [5, 6]], [0.5, 1.5, 2.5])
    assert data.names == ("x1", "x2", "y")
    assert data.y.shape == (3, 1)
    assert data.task == "regression"
    assert datasets.from_arrays([1, 2], [[0, 1], [1, 0]]).names == ("x1", "y1", "y2")
    assert datasets.from_arrays([1, 2], [-1, 1]).task == "classification"


def test_arrays_that_do_not_fit_are_refused_in_words() -> None:
    with pytest.raises(ShapeError, match="2 samples of inputs but 3 of targets"):
        datasets.from_arrays([1, 2], [1, 2, 3])
    with pytest.raises(ShapeError, match="table of numbers"):
        datasets.from_arrays([["a"]], [1])
    with pytest.raises(ShapeError, match="empty"):
        datasets.from_arrays([], [])
    with pytest.raises(ShapeError, match=r"shape \(1, 1, 1\)"):
        datasets.from_arrays([[[1]]], [1])


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_is_read_with_its_last_column_as_target(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "own.csv"
    text = "height, weight ,class\n1.5,2,1\n\n2.5,3e1,-1\n".replace(",", delimiter)
    path.write_text(text, encoding="utf-8-sig")
    data = datasets.load(path)
    assert data.names == ("height", "weight", "class")
    assert data.x.tolist() == [[1.5, 2.0], [2.5, 30.0]]
    assert data.y.tolist() == [[1.0], [-1.0]]
    assert data.task == "classification"
    assert data.name == "own.csv"


def test_target_columns_may_be_named_or_counted(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("a,b,c\n1,2,3\n4,5,6\n")
    named = datasets.load(str(path), targets="a")
    assert named.names == ("b", "c", "a")
    assert named.y.tolist() == [[1.0], [4.0]]
    assert datasets.load(path, targets=2).y.tolist() == [[2.0, 3.0], [5.0, 6.0]]
    assert datasets.load(path, targets=("c", "a")).y.tolist() == [[3.0, 1.0], [6.0, 4.0]]
    with pytest.raises(VisualADError, match="no column 'd'; its columns are a, b, c"):
        datasets.load(path, targets="d")
    with pytest.raises(VisualADError, match="at least one input column"):
        datasets.load(path, targets=3)


def test_a_table_without_a_header_gets_names(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("1,2,3\n4,5,6\n")
    assert datasets.load(path).names == ("x1", "x2", "y")
    assert len(datasets.load(path)) == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a,b\n1,2\n3,x\n", "own.csv, line 3, column 'b': 'x' is not a number; write numbers."),
        ("a;b\n1;2,5\n", "column 'b': '2,5' is not a number; write numbers with a decimal point."),
        ("a,b\n1,\n", "own.csv, line 2, column 'b': the value is missing"),
        ("a,b\n1,2\n1,nan\n", "line 3, column 'b': the value is missing"),
        ("a,b\n1,2\n\n1,2,3\n", "own.csv, line 4: 3 values where the table has 2 columns (a, b)."),
        ("", "own.csv is empty"),
        ("a,b\n", "own.csv has a header but no rows"),
        ("a,a\n1,2\n", "own.csv has two columns 'a'"),
        ('a,b\n1,"2\n', "own.csv, line 2: unexpected end of data."),
    ],
)
def test_a_broken_table_is_refused_with_line_and_column(
    tmp_path: Path, text: str, sentence: str
) -> None:
    path = tmp_path / "own.csv"
    path.write_text(text)
    with pytest.raises(FileError) as caught:
        datasets.load(path)
    assert sentence in str(caught.value)


def test_a_file_that_is_not_there_or_no_text_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read: No such file"):
        datasets.load(tmp_path / "absent.csv")
    path = tmp_path / "binary.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileError, match="UTF-8"):
        datasets.load(path)
