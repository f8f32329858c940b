"""The page: what it is made of, and that it works in a real browser."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from fractions import Fraction
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from xml.etree import ElementTree

import pytest

from asymptotix import InvalidInput, Problem, phase_diagram, solve, spectrum
from asymptotix.files import write_text
from asymptotix.report import page, page_data
from asymptotix.report.markdown import to_html
from tools import screenshots
from tools.screenshots import resize


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """The page with a coarse map, beside two small reports."""
    folder = tmp_path_factory.mktemp("reports")
    write_text(
        folder / "slopes.md", "# Slopes\n\nAs *measured*.\n\n| a | b |\n|---|---|\n| `1` | x \\| y |\n"
    )
    write_text(folder / "derivations" / "01_first.md", "# 1. Two equations\n")
    heat = {"diagonal": page_data.heat("diagonal", gammas=(1.25,), shape=(10, 11))}
    write_text(folder / "index.html", page.page(folder, heat))
    return folder / "index.html"


def content(path: Path) -> dict:
    return json.loads(re.search(r'<script id="data"[^>]*>(.*?)</script>', path.read_text(), re.S)[1])


class Addresses(HTMLParser):
    """Everything a browser would load by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "src" or (tag == "link" and name == "href"):
                self.loaded.append(value)


def test_nothing_is_loaded_from_anywhere(built):
    parser = Addresses()
    text = built.read_text()
    parser.feed(text)
    assert all(x.startswith("data:") for x in parser.loaded)
    assert not re.search(r"@import|url\((?!#)", text)
    assert "{{" not in text


def test_other_reports_are_embedded_and_derivations_linked(built):
    text = built.read_text()
    assert "<td><code>1</code></td>\n<td>x | y</td>" in text
    assert '<a href="derivations/01_first.md">Two equations</a>' in text
    assert "<math>" in text


def test_every_phase_is_there_as_data(built):
    data = content(built)["networks"]
    assert [m.key for m in page_data.members()] == list(data)
    assert {"diagonal-3-layers", "diagonal-unequal-inputs", "quadratic-any-width"} <= set(data)
    for member in page_data.members():
        for kind, noisy in (("noisy", True), ("noiseless", False)):
            phases = member.diagram(noisy).phases
            assert [p["name"] for p in data[member.key][kind]] == [p.phase for p in phases]


def test_no_fraction_stands_within_another(built):
    depth = most = 0
    tables = re.sub(r"<script.*?</script>", "", built.read_text(), flags=re.S)
    for tag in re.findall(r"<(/?)mfrac>", tables):
        depth += -1 if tag else 1
        most = max(most, depth)
    assert (depth, most) == (0, 1)
    assert "n_eff" not in tables


def test_the_map_is_the_state_evolution(built):
    heat = content(built)["networks"]["diagonal"]["heat"]
    rows, columns = heat["shape"]
    j, i = 4, 7
    a = -0.5 + 4.5 * i / (columns - 1)
    l = -2 + 5 * j / (rows - 1)  # noqa: E741
    exact = solve(Problem("diagonal", gamma=1.25, d=1e12, n=1e12**a, lam=1e12**l, noise=1)).error
    assert 10 ** (heat["log10"]["1.25"][j * columns + i] / 1000) == pytest.approx(exact, rel=2e-3)


def test_markdown_lists_and_pictures(tmp_path):
    (tmp_path / "p.svg").write_text("<svg/>")
    made = to_html("## A\n\n- **x**\n- [y](y.md)\n\n![pic](p.svg)\n\n    code <b>\n", tmp_path)
    assert "<ul><li><strong>x</strong></li><li><a" in made.replace("\n", "")
    assert "data:image/svg+xml;base64,PHN2Zy8+" in made
    assert "code &lt;b&gt;" in made


def test_markdown_folded_commands_and_formulas(tmp_path):
    text = "<details><summary>All</summary>\n\n```\nrun 2*a - 3*b\n```\n</details>\n\n| a |\n|---|\n| 2*a - 3*b |\n"
    made = to_html(text, tmp_path)
    assert "<details><summary>All</summary>" in made
    assert "<pre><code>run 2*a - 3*b" in made
    assert '<th scope="col">a</th>' in made
    assert "<td>2*a - 3*b</td>" in made


@pytest.fixture(scope="module")
def browser():
    try:
        driver = screenshots.browser()
    except InvalidInput as missing:
        pytest.skip(str(missing))
    yield driver
    driver.quit()


@pytest.fixture
def opened(browser, built):
    resize(browser, 1280, 1400)
    browser.get(built.as_uri())
    return browser


@pytest.fixture
def asked(browser, built):
    """The page as the last test left it, for those who set all that they ask about."""
    resize(browser, 1280, 1400)
    if browser.current_url.partition("#")[0] != built.as_uri():
        browser.get(built.as_uri())
    return browser


def choose(browser, name: str, value: str) -> None:
    browser.execute_script(f"document.querySelector('input[name={name}][value={value}]').click()")


def choose_member(browser, network: str, key: str) -> None:
    choose(browser, "network", network)
    browser.execute_script(f"document.querySelector('input[name=variant][value={key}]')?.click()")


def slide(browser, name: str, value: object) -> None:
    script = "const x = document.getElementById(arguments[0]); x.value = arguments[1];"
    browser.execute_script(script + "x.dispatchEvent(new Event('input'))", name, str(value))


def hover(browser, a: float, l: float) -> None:  # noqa: E741
    """Move a real pointer to a point of the diagram."""
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.by import By

    plot = browser.find_element(By.ID, "plot")
    x = (70 + (a + 0.5) / 4.5 * 636) / 720 * plot.size["width"]
    y = (14 + 500 - (l + 2) / 5 * 500) / 580 * plot.size["height"]
    offset = (round(x - plot.size["width"] / 2), round(y - plot.size["height"] / 2))
    ActionChains(browser).move_to_element_with_offset(plot, *offset).perform()


def shown(browser) -> tuple[str, float, float]:
    script = """const p = document.querySelector('#panel .phase'), x = document.querySelector('#panel [data-constant]');
        return [p.dataset.phase, Number(x.dataset.constant), Number(x.dataset.exponent)]"""
    return tuple(browser.execute_script(script))


def test_loads_without_errors_or_requests(opened):
    choose(opened, "view", "numbers")
    for network in ("quadratic", "symmetric", "diagonal"):
        choose(opened, "network", network)
    events = [json.loads(e["message"])["message"] for e in opened.get_log("performance")]
    asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    assert asked
    assert all(url.startswith(("file:", "data:", "blob:")) for url in asked)
    assert [e for e in opened.get_log("browser") if e["level"] == "SEVERE"] == []
    assert opened.execute_script("return document.querySelectorAll('#contours path').length") > 4


def test_hovering_a_point_shows_its_law(opened):
    choose(opened, "network", "quadratic")
    hover(opened, 0.6, -1)
    name, constant, exponent = shown(opened)
    expected = phase_diagram("quadratic").at(gamma="5/4", a="3/5", l=-1)
    assert name == expected.phase == "V"
    assert constant == pytest.approx(float(expected.constant), rel=1e-12)
    assert exponent == pytest.approx(float(expected.risk_exponent), abs=0.01)  # a pixel is 1/200 of a


def laws(browser, points) -> list[tuple[str, float, float]]:
    """What the panel shows at every point."""
    script = """return arguments[0].map(([a, l]) => { move(a, l);
        const p = document.querySelector('#panel .phase'), x = document.querySelector('#panel [data-constant]');
        return [p.dataset.phase, Number(x.dataset.constant), Number(x.dataset.exponent)] })"""
    return browser.execute_script(script, [[float(Fraction(x)) for x in point] for point in points])


POINTS = [(a, l) for a in ("-1/4", "1/4", "3/5", "3/2", "7/2") for l in ("-3/2", "-1/7", "1/3", "3/2")]  # noqa: E741


@pytest.mark.parametrize("network", ["diagonal", "quadratic", "symmetric"])
@pytest.mark.parametrize(("gamma", "zeta"), [("5/4", "0"), ("7/10", "1/2"), ("2", "-13/20")])
def test_the_page_evaluates_what_python_does(asked, network, gamma, zeta):
    choose_member(asked, network, network)
    slide(asked, "gamma", float(Fraction(gamma)))
    slide(asked, "zeta", float(Fraction(zeta)))
    for (a, l), (name, constant, exponent) in zip(POINTS, laws(asked, POINTS), strict=True):  # noqa: E741
        expected = phase_diagram(network).at(gamma=gamma, a=a, l=l, zeta=zeta)
        assert name == expected.phase, (a, l)
        assert constant == pytest.approx(float(expected.constant), rel=1e-9)
        assert exponent == pytest.approx(float(expected.risk_exponent), abs=1e-9)


@pytest.mark.parametrize(
    ("key", "options", "b"),
    [
        ("quadratic-any-width", {"width": True}, "3/10"),
        ("quadratic-any-width", {"width": True}, "17/20"),
        ("diagonal-3-layers", {"depth": 3}, None),
        ("diagonal-unequal-inputs", {"beta": "1/2"}, None),
        ("elastic-net-any-ridge", {"ridge": True}, "-1/5"),
        ("elastic-net-any-ridge", {"ridge": True}, "2/5"),
    ],
)
def test_the_page_evaluates_variants_as_python_does(asked, key, options, b):
    network = next(m.network for m in page_data.members() if m.key == key)
    choose_member(asked, network, key)
    slide(asked, "gamma", 1.25)
    slide(asked, "zeta", 0)
    if b is not None:
        slide(asked, "b", float(Fraction(b)))
    points = list(product(("1/4", "3/5", "3/2", "7/2"), ("-3/2", "-1/7", "1/3", "8/5")))
    for (a, l), (name, constant, exponent) in zip(points, laws(asked, points), strict=True):  # noqa: E741
        more = {} if b is None else {"b": b}
        expected = phase_diagram(network, **options).at(gamma="5/4", a=a, l=l, **more)
        assert name == expected.phase, (a, l)
        assert constant == pytest.approx(float(expected.constant), rel=1e-8)
        assert exponent == pytest.approx(float(expected.risk_exponent), abs=1e-9)


@pytest.mark.parametrize("network", ["diagonal", "quadratic"])
def test_the_page_evaluates_numbers_without_a_closed_form(opened, network):
    choose(opened, "network", network)
    opened.execute_script(f"document.querySelector('input[value={network}-unequal-inputs]').click()")
    slide(opened, "gamma", 0.75)
    slide(opened, "zeta", 3.0)
    opened.execute_script("move(0.25, -2)")
    name, constant, _ = shown(opened)
    expected = phase_diagram(network, beta="1/2").at(gamma="3/4", a="1/4", l=-2, zeta=3)
    assert name == expected.phase == "IV0"
    assert constant == pytest.approx(float(expected.constant), rel=1e-8)


def test_an_address_leads_back_to_what_was_seen(opened, built):
    opened.execute_script("state.network = 'symmetric-any-width'; state.b = 0.6; move(1.5, -0.25); pin(true)")
    address = opened.execute_script("draw(); return address()")
    opened.get("about:blank")
    opened.get(built.as_uri() + address)
    kept = "return [state.network, state.b, state.a, state.l, state.pinned]"
    assert opened.execute_script(kept) == ["symmetric-any-width", 0.6, 1.5, -0.25, True]
    assert (
        opened.execute_script("return document.querySelector('input[name=network]:checked').value")
        == "symmetric"
    )
    opened.execute_script("location.hash = '#network=none&gamma=77&a=x'")
    opened.execute_script("return new Promise((done) => setTimeout(done, 50))")
    assert opened.execute_script("return [state.network, state.gamma]") == ["symmetric-any-width", 3]
    opened.get("about:blank")


def test_a_click_pins_the_point_and_another_lets_go(opened):
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    opened.execute_script("pin(false)")
    hover(opened, 0.6, -1)
    ActionChains(opened).click().perform()
    hover(opened, 2.5, 1)
    assert opened.execute_script("return state.pinned && Math.abs(state.a - 0.6) < 0.02")
    opened.find_element(By.ID, "plot").send_keys(Keys.ENTER)
    hover(opened, 2.4, 1)
    assert opened.execute_script("return !state.pinned && Math.abs(state.a - 2.4) < 0.02")


def test_the_guide_shows_what_it_says(opened):
    from selenium.webdriver.common.by import By

    buttons = opened.find_elements(By.CSS_SELECTOR, "#guide button")
    assert len(buttons) == 3
    said = ("few", "many")
    for button, step in zip((buttons[0], buttons[2]), said, strict=True):
        button.click()
        text = opened.execute_script("return arguments[0].parentElement.textContent", button)
        assert f"phase {shown(opened)[0]}," in text, step
    opened.execute_script("pin(false)")


def test_the_map_has_a_scale_and_its_lines_say_their_level(opened):
    choose(opened, "network", "diagonal")
    choose(opened, "view", "numbers")
    assert opened.execute_script("return document.querySelectorAll('.colourbar text').length") >= 4
    levels = opened.execute_script(
        "return [...document.querySelectorAll('#contours .level')].map((x) => x.textContent)"
    )
    assert {"10−1", "10−2"} <= set(levels)
    choose(opened, "view", "phases")


def test_the_table_and_the_picture_can_be_kept(opened):
    choose(opened, "network", "diagonal")
    rows = list(csv.DictReader(io.StringIO(opened.execute_script("return csv()"))))
    phases = phase_diagram("diagonal").phases
    assert [r["phase"] for r in rows] == [p.phase for p in phases]
    assert [r["risk_exponent"] for r in rows] == [str(p.to_dict()["risk_exponent"]) for p in phases]
    picture = ElementTree.fromstring(opened.execute_script("return picture()"))
    assert picture.tag.endswith("svg")


def test_keyboard(opened):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    opened.execute_script("move(0.6, -1)")
    plot = opened.find_element(By.ID, "plot")
    plot.send_keys(Keys.ARROW_RIGHT, Keys.SHIFT + Keys.ARROW_UP)
    assert opened.execute_script("return [state.a, state.l]") == [0.65, -0.75]


@pytest.mark.parametrize("width", [1280, 390])
def test_fits_its_width(opened, width, tmp_path):
    resize(opened, width, 1400)
    assert opened.execute_script("return document.documentElement.scrollWidth") <= width
    opened.save_screenshot(str(tmp_path / "page.png"))
    assert (tmp_path / "page.png").stat().st_size > 20_000


@pytest.mark.parametrize("network", ["diagonal", "quadratic"])
@pytest.mark.parametrize(("a", "l"), [(0.3, 2.0), (0.6, -1.0), (1.4, -0.5), (3.5, -0.5)])
def test_the_sketch_counts_what_the_spectrum_does(asked, network, a, l):  # noqa: E741
    choose_member(asked, network, network)
    slide(asked, "gamma", 1.25)
    slide(asked, "zeta", 0)
    asked.execute_script("move(arguments[0], arguments[1])", a, l)
    drawn = asked.execute_script("return {...document.querySelector('#panel .sketch').dataset}")
    d = 1e12
    n = d**a * (1 if network == "diagonal" else d)
    law = spectrum(Problem(network, gamma=1.25, d=d, n=n, lam=d**l, noise=1))
    assert float(drawn["features"]) == pytest.approx(law.spike_count, rel=0.05)
    noise = law.count_above(0.0) - law.spike_count
    assert float(drawn["bulk"]) == pytest.approx(noise, rel=0.06)


def test_dark_and_light_are_readable(opened):
    script = """const ink = getComputedStyle(document.body), parts = (c) => c.match(/[0-9.]+/g).map(Number);
        return [parts(ink.color), parts(ink.backgroundColor)]"""
    for scheme in ("light", "dark"):
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        opened.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        ink, paper = (luminance(c[:3]) for c in opened.execute_script(script))
        assert (ink < paper) == (scheme == "light")
        assert (max(ink, paper) + 0.05) / (min(ink, paper) + 0.05) > 7  # WCAG 2, level AAA
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def luminance(colour) -> float:
    """Relative luminance as WCAG 2 defines it."""
    linear = [x / 255 / 12.92 if x <= 10 else ((x / 255 + 0.055) / 1.055) ** 2.4 for x in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_prints_the_tables_on_few_pages(opened):
    paper = base64.b64decode(opened.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"])
    assert paper.startswith(b"%PDF")
    tables = "return [...document.querySelectorAll('#phases details')].every((x) => x.open)"
    assert opened.execute_script(tables)
    assert paper.count(b"/Type /Page\n") <= 14
