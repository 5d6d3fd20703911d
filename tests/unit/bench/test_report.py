"""The bench's tables."""

from workings_build.bench.report import PAGES, ROWS, summary, tables


def measured() -> dict:
    pages = {name: {key: [1000.0, 2000.0, 3000.0] for _, key, _, _ in ROWS} for name in PAGES}
    pages["site"]["ready_cold"] = [4000.0]
    del pages["numpy"]["answer_baked"]
    one = {"whole": [4.0, 5.0, 9.0], "python": [1.0]}
    redraws = {"hand": {"whole": [2.5], "python": [0.5]}, "light": one, "matplotlib": one}
    return {"pages": pages, "redraws": {name: redraws for name in ("line", "bars", "heat")}}


def test_medians_percentiles_and_ratios_are_of_the_samples():
    found = summary(measured())
    rows = {row["what"]: row for row in found["rows"]}
    assert rows["Python ready, cold"]["site"] == 4000
    assert rows["Python ready, cold"]["site/numpy"] == 2
    assert rows["answer from live Python, p95"]["site"] == 2900
    assert rows["answer from baked states, median"]["numpy"] is None
    assert rows["answer from baked states, median"]["site/numpy"] is None
    whole = found["redraws"][0]
    assert whole["light"] == 5
    assert whole["light/hand"] == 2


def test_tables_have_a_line_for_every_row_and_say_what_is_missing():
    found = summary(measured())
    lines = tables(found).splitlines()
    assert len(lines) == len(ROWS) + 2 + 1 + 6 + 2 + 2
    assert any(line.startswith("Python ready, cold (ms)") and "4,000" in line for line in lines)
    assert next(line for line in lines if "baked states, median" in line).split()[-2] == "-"


def test_the_last_line_says_whether_redraws_keep_to_their_limit():
    within = measured()
    assert tables(summary(within)).endswith("takes at most 3 times SVG by hand.")
    over = measured()
    over["redraws"]["bars"] = {
        **over["redraws"]["bars"],
        "light": {"whole": [10.0], "python": [1.0]},
    }
    last = tables(summary(over)).splitlines()[-1]
    assert last.startswith("Over the limit of 3 times SVG by hand: chart of 16 bars")
    assert last.endswith(": 4 times.")
