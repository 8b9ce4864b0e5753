"""The web page in a headless Chromium: it plays, steps, scrubs, and shows the sweep's numbers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import visualad as va
from visualad.assets import asset
from visualad.exchange.formats import Request, write
from visualad.graph.edits import set_settings
from visualad.graph.model import Graph
from visualad.ops.writing import name_pretty, number_text

if sys.platform == "win32":
    pytest.skip("the browser is steered over Unix pipes", allow_module_level=True)

from .browser import Page, browser, browser_path
from .test_page import EVIL, renamed

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(browser_path() is None, reason="no Chromium is installed here"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Page]:
    with browser(browser_path() or "") as page:
        page.resize(1440, 900)
        yield page


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "lecture.html"
    write(lecture(), path, Request(order="backward"))
    return path


def lecture() -> Graph:
    return va.load(asset("graphs/lecture.vad"))


@pytest.fixture
def page(chromium: Page, file: Path) -> Iterator[Page]:
    chromium.messages.clear()
    chromium.media(prefers_color_scheme="light", prefers_reduced_motion="no-preference")
    chromium.open(file)
    chromium.run("localStorage.clear()")
    yield chromium
    assert chromium.faults() == []


def derivative(page: Page, title: str) -> str:
    """What a card shows as derivative."""
    return page.run(
        f"[...document.querySelectorAll('.card')].find((card) => "
        f"card.querySelector('.title').textContent.startsWith({title!r}))"
        ".querySelector('.number.derivative').textContent"
    )


def where(page: Page) -> str:
    return page.text("#where")


def test_it_opens_before_the_first_step_with_all_values(page: Page) -> None:
    assert where(page) == "step 0 of 9"
    assert derivative(page, "x₄") == "—"
    assert "5.977" in page.texts(".card .number")
    assert page.run("document.querySelector('#back').disabled")


def test_stepping_with_the_keyboard_shows_one_result_after_the_other(page: Page) -> None:
    steps = list(va.sweep(lecture()))
    for number, step in enumerate(steps, start=1):
        page.press("ArrowRight")
        assert where(page) == f"step {number} of 9"
        assert page.text("#heading") == f"Step {number} of 9: {step.quantity.text}"
    assert derivative(page, "x₁") == "10.68"
    page.press("ArrowRight")
    assert where(page) == "step 9 of 9"
    page.press("ArrowLeft")
    assert derivative(page, "x₁") == "—"
    page.press("Home")
    assert where(page) == "step 0 of 9"
    page.press("End")
    assert where(page) == "step 9 of 9"


@pytest.mark.parametrize("mode", ["forward", "backward"])
def test_the_table_and_the_cards_agree_with_the_sweep_at_the_end(page: Page, mode: str) -> None:
    page.click(f"#modes .{mode}")
    page.press("End")
    swept = va.sweep(lecture(), mode=mode)
    cells = page.texts(f"#trace td.{mode}")
    assert len(cells) == len(swept)
    names = [title.split(" ")[0] for title in page.texts("#trace td.name")]
    by_name = dict(zip(names, cells, strict=True))
    for step in swept:
        result = step.result_text.replace("-", "−")
        assert result in by_name[name_pretty(step.name)]
        assert derivative(page, name_pretty(step.name)) == result


def test_playing_carries_pulses_against_the_edges_and_shows_partial_sums(page: Page) -> None:
    page.run("document.querySelector('#speed').value = '0.25'")
    page.run("document.querySelector('#speed').dispatchEvent(new Event('change'))")
    page.run("location.hash = 'backward-5'")
    page.wait("document.querySelector('#where').textContent === 'step 5 of 9'")
    page.press(" ", "Space")
    page.wait("[...document.querySelectorAll('.pulse')].some((p) => p.style.display !== 'none')")
    place = "document.querySelector('.pulse').getCTM().e"
    first = page.run(place)
    page.wait(f"Math.abs({place} - {first}) > 10")
    assert page.run(place) < first  # to the left: from f back to the inputs
    assert (
        page.run("getComputedStyle(document.querySelector('.line.result')).visibility") == "hidden"
    )
    page.wait("document.querySelector('tr.current').textContent.includes('so far')")
    assert derivative(page, "x₄") == "0.6366"
    page.press(" ", "Space")
    assert where(page) == "step 6 of 9"
    assert derivative(page, "x₄") == "5.341"


def test_it_plays_to_the_end_and_stops(page: Page) -> None:
    page.run("document.querySelector('#speed').value = '4'")
    page.run("document.querySelector('#speed').dispatchEvent(new Event('change'))")
    page.click("#play")
    page.wait("document.body.classList.contains('playing')")
    page.wait("document.querySelector('#where').textContent === 'step 9 of 9'")
    page.wait("!document.body.classList.contains('playing')")
    assert derivative(page, "x₁") == "10.68"


def test_forward_pulses_run_along_the_edges(page: Page) -> None:
    page.run("document.querySelector('#speed').value = '0.25'")
    page.run("document.querySelector('#speed').dispatchEvent(new Event('change'))")
    page.run("location.hash = 'forward-3'")
    page.wait("document.querySelector('#where').textContent === 'step 3 of 9'")
    page.click("#play")
    page.wait("[...document.querySelectorAll('.pulse')].some((p) => p.style.display !== 'none')")
    place = "document.querySelector('.pulse').getCTM().e"
    first = page.run(place)
    page.wait(f"Math.abs({place} - {first}) > 10")
    assert page.run(place) > first


def test_reduced_motion_lets_nothing_travel(page: Page, file: Path) -> None:
    page.media(prefers_reduced_motion="reduce")
    page.open(file, "#backward-2")
    page.click("#play")
    page.wait("document.querySelector('#where').textContent !== 'step 2 of 9'")
    assert not page.run(
        "[...document.querySelectorAll('.pulse')].some((p) => p.style.display !== 'none')"
    )
    page.wait("document.querySelector('#where').textContent === 'step 5 of 9'")


def test_cross_mode_makes_edges_and_leaves_the_jacobian(page: Page) -> None:
    page.press("3")
    assert where(page) == "step 0 of 5"
    drawn = "document.querySelectorAll('.edge.fill:not(.off)').length"
    assert page.run(drawn) == 0
    swept = va.sweep(lecture(), mode="cross")
    base = {(edge.source, edge.target) for edge in lecture().edges}
    standing: set[tuple[str, str]] = set()
    gone: set[str] = set()
    for step in swept:
        page.press("ArrowRight")
        gone.add(step.node)
        standing |= {(f.source, f.target) for f in step.fill_ins}
        standing = {pair for pair in standing - base if not gone & set(pair)}
        assert page.run(drawn) == len(standing)
        assert page.run("document.querySelectorAll('.card.gone').length") == len(gone)
    facts = page.text("#facts")
    assert "8 of 8" in facts
    assert "10.68" in facts
    assert any("∂x₉/∂x₁" in text for text in page.texts(".text"))


def test_scrubbing_and_clicking_lead_to_a_step(page: Page) -> None:
    page.run("document.querySelector('#scrub').value = 4")
    page.run("document.querySelector('#scrub').dispatchEvent(new Event('input'))")
    assert where(page) == "step 4 of 9"
    page.run("document.querySelector('.card').dispatchEvent(new MouseEvent('click'))")
    assert where(page) == "step 9 of 9"
    page.run("[...document.querySelectorAll('#trace tbody tr')][1].click()")
    assert where(page) == "step 2 of 9"


def test_a_factor_of_the_derivation_lights_its_edge(page: Page) -> None:
    page.run("location.hash = 'backward-6'")
    page.wait("document.querySelector('#where').textContent === 'step 6 of 9'")
    part = "document.querySelector('.line.numbers .part[tabindex]')"
    page.run(f"{part}.dispatchEvent(new PointerEvent('pointerenter'))")
    assert page.run("document.querySelectorAll('.edge.lit').length") == 1
    page.run(f"{part}.dispatchEvent(new PointerEvent('pointerleave'))")
    assert page.run("document.querySelectorAll('.edge.lit').length") == 0


def test_the_theme_follows_the_system_until_it_is_chosen(page: Page, file: Path) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    light = page.run(colour)
    page.media(prefers_color_scheme="dark")
    dark = page.run(colour)
    assert light != dark
    page.click("#theme")
    assert page.run(colour) == light
    page.open(file)
    assert page.run(colour) == light
    page.run("localStorage.clear()")


@pytest.mark.parametrize("width", [360, 820, 1440])
def test_nothing_runs_out_of_the_page_at_any_width(page: Page, file: Path, width: int) -> None:
    try:
        page.resize(width, 900)
        page.open(file, "#backward-6")
        assert page.run("document.documentElement.scrollWidth") <= width
    finally:
        page.resize(1440, 900)


def test_nothing_moves_from_step_to_step(page: Page) -> None:
    tops = set()
    for _ in range(9):
        page.press("ArrowRight")
        tops.add(page.run("document.querySelector('.transport').getBoundingClientRect().top"))
    assert len(tops) == 1


def test_it_prints_on_one_or_two_pages_with_the_whole_table(page: Page) -> None:
    import io

    from pypdf import PdfReader

    page.run("location.hash = 'backward-6'")
    page.wait("document.querySelector('#where').textContent === 'step 6 of 9'")
    printed = PdfReader(io.BytesIO(page.pdf()))
    assert 1 <= len(printed.pages) <= 2
    text = "".join(sheet.extract_text() for sheet in printed.pages)
    assert "10.68" in text
    assert "waits" not in text


def test_a_hostile_name_is_only_text(chromium: Page, tmp_path: Path) -> None:
    chromium.messages.clear()
    path = tmp_path / "evil.html"
    write(renamed(lecture(), "x4", EVIL), path, Request(title=EVIL))
    chromium.open(path, "#backward-9")
    assert chromium.run("document.images.length") == 0
    assert chromium.run("document.scripts.length") == 2
    assert any(EVIL[:20] in name for name in chromium.texts("#trace td.name"))
    assert chromium.faults() == []


def test_an_eliminated_output_that_others_use_stays(chromium: Page, tmp_path: Path) -> None:
    path = tmp_path / "lighthouse.html"
    write(va.load(asset("graphs/lighthouse.vad")), path, Request(mode="cross", order="backward"))
    chromium.open(path, "#cross-1")
    faded = (
        "[...document.querySelectorAll('.card.gone')]"
        ".map((card) => card.getAttribute('aria-label').split(':')[0])"
    )
    assert chromium.run(faded) == []
    chromium.press("ArrowRight")
    assert chromium.run(faded) == [name_pretty("v1")]


def choose(page: Page, number: int) -> None:
    page.run(f"document.querySelector('#view').selectedIndex = {number}")
    page.run("document.querySelector('#view').dispatchEvent(new Event('change'))")


def test_each_input_and_all_of_them_can_be_seeded(page: Page) -> None:
    page.press("1")
    assert page.texts("#view option") == ["x₁", "x₂", "x₃", "all inputs, as columns"]
    gradient = va.gradient(lecture())
    for number, name in enumerate(("x1", "x2", "x3")):
        choose(page, number)
        assert where(page) == "step 0 of 9"
        page.press("End")
        assert derivative(page, "x₉") == number_text(gradient[name]).replace("-", "−")
    choose(page, 3)
    page.press("End")
    assert derivative(page, "x₉") == "(10.7, 5.34, −3.81)"
    assert "(10.68, 5.341, −3.805)" in page.text("#facts")
    assert "each input in turn" in page.text("#trace")


def test_the_seed_that_was_chosen_is_kept_in_the_address(page: Page, file: Path) -> None:
    page.press("1")
    page.press("s", "KeyS")
    page.press("End")
    assert page.run("location.hash") == "#forward-2-9"
    page.open(file, "#forward-3-9")
    assert derivative(page, "x₉") == "−3.805"
    page.open(file, "#forward-99-99")  # of another page: the nearest there is
    assert where(page) == "step 9 of 9"


def test_each_order_of_elimination_draws_its_own_edges(page: Page) -> None:
    page.press("3")
    names = page.texts("#view option")
    assert names[0] == "backward order: 8 mul"
    assert names[-1] == "forward order: 13 mul"
    choose(page, len(names) - 1)
    drawn = "document.querySelectorAll('.edge.fill:not(.off)').length"
    assert page.run(drawn) == 0
    page.press("ArrowRight")
    first = va.sweep(lecture(), mode="cross", order="forward")[0]
    assert page.text("#heading") == "Step 1 of 5: eliminate x₄"
    assert page.run(drawn) == sum(fill.created for fill in first.fill_ins)
    page.press("End")
    assert "13 of 13" in page.text("#facts")
    choose(page, 0)
    assert page.run(drawn) == 0
    page.press("End")
    assert "8 of 8" in page.text("#facts")


@pytest.mark.parametrize("width", [360, 820])
def test_the_choice_of_seeds_fits_a_phone(page: Page, file: Path, width: int) -> None:
    try:
        page.resize(width, 800)
        page.open(file, "#forward-4-9")
        assert page.run("document.documentElement.scrollWidth") <= width
        tops = "[...document.querySelectorAll('#play, #where, #speed')].map((e) => Math.round("
        tops += "e.getBoundingClientRect().top + e.getBoundingClientRect().height / 2))"
        found = page.run(tops)
        assert max(found) - min(found) <= 2  # in one line
    finally:
        page.resize(1440, 900)


def test_a_graph_larger_than_the_page_is_followed_card_by_card(
    chromium: Page, tmp_path: Path
) -> None:
    lines = [f"y{i} = sin(y{i - 1})*cos(y{i - 1}) + {i}*x" for i in range(1, 25)]
    graph = va.parse("; ".join(["y0 = x", *lines]))
    graph = set_settings(graph, {graph.id_of("x"): {"value": 1.0}})
    path = tmp_path / "large.html"
    write(graph, path, Request(mode="backward"))
    chromium.open(path)

    def in_sight(title: str) -> bool:
        return bool(
            chromium.run(
                "(() => { const place = document.querySelector('.stage').getBoundingClientRect();"
                f"const card = [...document.querySelectorAll('.card')].find((one) => "
                f"one.querySelector('.title').textContent.startsWith('{title}'));"
                "const box = card.getBoundingClientRect();"
                "return box.width > 60 && box.left >= place.left && box.right <= place.right"
                " && box.top >= place.top && box.bottom <= place.bottom; })()"
            )
        )

    assert in_sight("y₂₄")
    assert not in_sight("x")
    chromium.media(prefers_color_scheme="light", prefers_reduced_motion="reduce")
    chromium.press("End")
    assert in_sight("x")
