"""The load of a thousand readers: what is asked for, and the server that is asked."""

from pathlib import Path

from workings_build.bench.load import HEAD, Load, configuration, kinds

ROOT = Path(__file__).parents[3]


def test_readers_ask_for_pages_states_and_what_pages_are_made_of(tmp_path: Path) -> None:
    for path in (
        "index.html",
        "index.html.br",
        "rope/index.html",
        "rope/states/clocks.1.json",
        "rope/states/exhibits.1.py",
        "assets/1/main.js",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert kinds(tmp_path) == {
        "pages": ["/", "/rope/"],
        "exhibits' states": ["/rope/states/clocks.1.json"],
        "pages, states, assets": [
            *("/", "/rope/", "/rope/states/clocks.1.json", "/assets/1/main.js")
        ],
    }


def test_the_server_is_the_one_that_the_docs_offer_on_the_loopback_address(tmp_path: Path) -> None:
    sample = (ROOT / "docs" / "hosting" / "nginx.conf").read_text()
    text = configuration(sample, Path("/site"), 4321, tmp_path)
    assert "listen 127.0.0.1:4321;" in text and "listen 80" not in text
    assert "root /site;" in text and "/srv/" not in text
    assert text.count("{") == text.count("}")


def test_a_run_is_a_row_under_its_headings() -> None:
    row = Load("pages", 10_000, 10.0, 50_000_000, 0, 90.0, 170.0, 210.0).row()
    assert row.split() == ["pages", "1,000", "5.0", "90.0", "170.0", "210.0", "0"]
    assert len(row) == len(HEAD)
