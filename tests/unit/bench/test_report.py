"""The bench's tables."""

from workings_build.bench.report import PAGES, PEER_ROWS, ROWS, peer_tables, summary, tables


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


def beside_peers() -> dict:
    pages = {name: {key: [1000.0] for _, key, _, _ in ROWS} for name in ("site", "slow", "other")}
    pages["slow"]["answer_live"] = [500.0, 1500.0]
    del pages["slow"]["answer_baked"]
    peers = {"slow": {"name": "Slow", "version": "1.2"}, "other": {"name": "Other", "version": "3"}}
    return {"pages": pages, "peers": peers, "elsewhere": {"slow": [], "other": []}}


def test_peers_stand_in_one_table_with_a_ratio_each():
    measured = beside_peers()
    lines = peer_tables(measured, summary(measured)).splitlines()
    assert lines[0].split() == ["site", "Slow", "1.2", "Other", "3", "site/Slow", "site/Other"]
    assert len(lines) == len(PEER_ROWS) + 2
    live = next(line for line in lines if line.startswith("answer from live Python, p95"))
    assert live.split()[-5:] == ["1,000", "1,450", "1,000", "0.69", "1"]
    baked = next(line for line in lines if line.startswith("answer from baked states, median"))
    assert baked.split()[-5:] == ["1,000", "-", "1,000", "-", "1"]


def test_what_a_peer_asks_for_elsewhere_stands_under_the_table():
    measured = beside_peers()
    measured["elsewhere"]["slow"] = ["https://example.org/fonts.css"]
    last = peer_tables(measured, summary(measured)).splitlines()[-1]
    assert last == "slow asked elsewhere, in vain, for https://example.org/fonts.css"
