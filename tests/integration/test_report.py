"""The page in a real browser, without network."""

import shutil
import struct
import subprocess
import zlib

import pytest

from keel.report import page, studies
from keel.sim import market
from keel.sim.backtest.parameters import BacktestParameters
from keel.sim.backtest.records import Backtest
from keel.sim.backtest.weeks import Weeks
from keel.sim.studies import composition

BROWSER = shutil.which("chromium")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--virtual-time-budget=8000",
    "--window-size=1200,3600",
)

needs_browser = pytest.mark.skipif(BROWSER is None, reason="no chromium on PATH")


@pytest.fixture(scope="module")
def written(week, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "demo.html"
    page.write(page.render(week), path)
    return path


def browse(path, *options):
    profile = path.parent / "profile"
    command = [BROWSER, *FLAGS, f"--user-data-dir={profile}", *options, path.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=True).stdout


def test_report__holds_everything_itself(written):
    text = written.read_text()
    assert "Plotly" in text
    assert "<script src=" not in text
    assert "<link" not in text


@needs_browser
def test_report__draws_charts_and_tables(written):
    dom = browse(written, "--dump-dom")
    assert dom.count('class="js-line"') >= 15
    for words in ("Impatient seller", "STAKE-7", "What the pool holds", "against holding",
                  "REDEEM-1", "What the vault holds", "Where the rewards are"):  # fmt: skip
        assert words.lower() in dom.lower()


@needs_browser
def test_studies__draw_a_chart_and_a_table_each(tmp_path):
    path = tmp_path / "studies.html"
    found = studies.run(market.load()[30:50], composition.READINGS)
    page.write(page.render_studies(found, "none"), path)
    dom = browse(path, "--dump-dom")
    assert dom.count("<figcaption>") == 4
    assert dom.count('class="js-line"') >= 14
    assert dom.count("<table") == 4
    assert "2021-09-04" in dom


@needs_browser
def test_backtest__draws_its_charts(tmp_path):
    weeks = Weeks(market.load(), BacktestParameters())
    weeks.play()
    found = Backtest(
        source="summer2022.csv", commit="none", apr=0.04, vaults=list(weeks.vaults.values()),
        fridays=weeks.fridays,
    )  # fmt: skip
    path = tmp_path / "calls.html"
    page.write(page.render_backtest(found), path)
    dom = browse(path, "--dump-dom")
    assert dom.count("<figcaption>") == 4
    assert dom.count('class="js-line"') >= 11
    assert dom.count('class="point"') >= 2 * 3 * found.weeks
    for words in ("12 weeks", "Writing calls lost against holding", "The rounds that cost most"):
        assert words in dom


@needs_browser
def test_report__screenshot_is_not_blank(written):
    shot = written.parent / "shot.png"
    browse(written, f"--screenshot={shot}")
    rows = pixel_rows(shot.read_bytes())
    inked = sum(len(set(row)) > 8 for row in rows)
    assert inked > len(rows) // 3


def pixel_rows(png):
    """Bytes of each row of an 8-bit PNG, still filtered: enough to see what is blank."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert depth == 8
    stride = 1 + width * {2: 3, 6: 4}[colour]
    data, offset = b"", 8
    while offset < len(png):
        (length,) = struct.unpack(">I", png[offset : offset + 4])
        if png[offset + 4 : offset + 8] == b"IDAT":
            data += png[offset + 8 : offset + 8 + length]
        offset += 12 + length
    raw = zlib.decompress(data)
    return [raw[n * stride : (n + 1) * stride] for n in range(height)]


def test_report__path_that_can_not_be_written__reverts(week, tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("")
    with pytest.raises(page.ReportNotWritten, match="can't be written"):
        page.write(page.render(week), blocker / "demo.html")
