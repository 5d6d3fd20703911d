"""The pipeline as a whole: what it writes, what it refuses, what it does anew."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import jsonschema
import pytest
from workings_build.cache import Cache
from workings_build.pipeline import Built, build, check
from workings_build.site_schema import SITE_SCHEMA

from tests.unit.pipeline.project import contents, replace, settings_of, write


def cold(root: Path) -> Built:
    shutil.rmtree(root / ".cache")
    shutil.rmtree(root / "dist")
    return build(settings_of(root))


def page(root: Path, name: str = "page.md") -> Path:
    return root / "explainers" / "papers" / "one" / name


def test_two_clean_builds_are_byte_identical(project: Path) -> None:
    first = contents(project / "dist")
    assert cold(project).problems == ()
    assert contents(project / "dist") == first


def test_an_incremental_build_is_byte_identical_to_a_clean_one(project: Path) -> None:
    before = contents(project / "dist")
    replace(page(project), "Start with what", "Begin with what")
    replace(page(project, "exhibits.py"), "0.8, 0.3", "0.7, 0.2")
    assert build(settings_of(project)).problems == ()
    incremental = contents(project / "dist")
    assert incremental != before
    assert cold(project).problems == ()
    assert contents(project / "dist") == incremental


def test_equal_sources_in_another_folder_give_equal_bytes(project: Path, tmp_path: Path) -> None:
    other = tmp_path / "another" / "place"
    shutil.copytree(project, other, ignore=shutil.ignore_patterns(".cache", "dist"))
    assert build(settings_of(other)).problems == ()
    assert contents(other / "dist") == contents(project / "dist")


def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Count what each pass puts into the cache: what it did anew."""
    counts: dict[str, int] = {}
    put = Cache.put

    def counting(self: Cache, kind: str, key: str, value: object) -> None:
        counts[kind] = counts.get(kind, 0) + 1
        put(self, kind, key, value)

    monkeypatch.setattr(Cache, "put", counting)
    return counts


def test_nothing_is_done_anew_where_nothing_changed(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = counted(monkeypatch)
    assert build(settings_of(project)).problems == ()
    assert counts == {}


def test_an_edit_of_prose_computes_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = counted(monkeypatch)
    replace(page(project), "Start with what", "Begin with what")
    build(settings_of(project))
    assert counts.keys() == {"prose", "characters", "pages", "facts", "search"}
    assert counts["prose"] == counts["pages"] == 1


def test_an_edit_of_exhibits_computes_that_page_alone(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = counted(monkeypatch)
    replace(page(project, "exhibits.py"), "0.8, 0.3", "0.7, 0.2")
    build(settings_of(project))
    assert (counts["run"], counts["bake"]) == (1, 2)


def test_an_edit_of_a_kernel_computes_the_pages_that_import_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = counted(monkeypatch)
    write(project / "kernels" / "unused" / "__init__.py", "")
    build(settings_of(project))
    assert "run" not in counts
    rotary = project / "kernels" / "attention" / "rotary.py"
    rotary.write_text(rotary.read_text() + "\n# A remark.\n")
    build(settings_of(project))
    assert (counts["run"], counts["bake"]) == (2, 4)


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("page.md", "\\cos\\varphi", "\\nocommand", "nocommand"),
        ("page.md", "{exhibit} turning", "{exhibit} turnip", "turnip"),
        ("exhibits.py", "difference < 1e-12", "difference > 1", "The claim a_turn_keeps"),
        ("exhibits.py", "first * cos + second", "first * cos - second", "lost_sign is not caught"),
        ("exhibits.py", "x, y = turned(degrees)", "x, y = 1 / 0, 0", "ZeroDivisionError"),
        ("exhibits.py", "PAIR = ", "PAIR = undefined + ", "NameError"),
    ],
)
def test_a_problem_leaves_the_last_good_site_untouched(
    project: Path, file: str, old: str, new: str, says: str
) -> None:
    before = contents(project / "dist")
    replace(page(project, file), old, new)
    built = build(settings_of(project))
    assert built.out is None
    found = [problem for problem in built.problems if says in problem.what]
    assert found, built.problems
    assert found[0].file == f"explainers/papers/one/{file}"
    assert found[0].line
    assert contents(project / "dist") == before
    assert not list(project.glob(".dist-*"))


def test_problems_name_the_line(project: Path) -> None:
    source = page(project, "exhibits.py")
    replace(source, "x, y = turned(degrees)", "x, y = 1 / 0, 0")
    problems = build(settings_of(project)).problems
    line = source.read_text().splitlines().index("    x, y = 1 / 0, 0") + 1
    assert problems[0].line == line
    assert "turning with degrees = " in problems[0].what


def test_all_pages_problems_are_told_at_once(project: Path) -> None:
    replace(page(project, "exhibits.py"), "difference < 1e-12", "difference > 1")
    other = project / "explainers" / "articles" / "two" / "page.md"
    replace(other, "{exhibit} turning", "{exhibit} turnip")
    files = {problem.file for problem in build(settings_of(project)).problems}
    assert len(files) >= 2


def test_an_exhibit_that_never_ends_is_stopped_and_named(project: Path) -> None:
    replace(page(project, "exhibits.py"), "x, y = turned(degrees)", "while True: pass")
    built = build(settings_of(project, time_limit=2.0))
    assert built.out is None
    assert any(
        "stopped at the exhibit turning with degrees = 0: still running after 2 s" in p.what
        for p in built.problems
    ), built.problems


def test_keep_going_builds_the_rest_and_shows_problems_in_place(project: Path) -> None:
    before = contents(project / "dist")
    replace(page(project, "exhibits.py"), "difference < 1e-12", "difference > 1 <2")
    settings = settings_of(project, keep_going=True)
    built = build(settings)
    assert built.out == settings.preview
    assert contents(project / "dist") == before
    broken = (settings.preview / "one" / "index.html").read_text()
    assert "The claim a_turn_keeps_the_length fails" in broken
    assert "explainers/papers/one/exhibits.py:" in broken
    whole = (settings.preview / "articles" / "two" / "index.html").read_text()
    assert 'data-exhibit="turning"' in whole


def test_keep_going_without_problems_builds_the_site_itself(project: Path) -> None:
    settings = settings_of(project, keep_going=True)
    assert build(settings).out == settings.out


def test_a_broken_template_is_a_problem_with_file_and_line(project: Path) -> None:
    replace(project / "site" / "templates" / "page.html", "{{ page.title }}", "{{ page.titel }}")
    problem = build(settings_of(project)).problems[0]
    assert (problem.file, problem.line) == ("site/templates/page.html", 2)
    assert "titel" in problem.what


def test_site_json_lists_what_the_schema_says(project: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(SITE_SCHEMA)
    listed = json.loads((project / "dist" / "site.json").read_text())
    schema = json.loads((project / "dist" / "site.schema.json").read_text())
    jsonschema.validate(listed, schema)
    one = next(page for page in listed["pages"] if page["slug"] == "one")
    assert [exhibit["name"] for exhibit in one["exhibits"]] == ["turning", "lengths"]
    assert one["exhibits"][0]["controls"][0]["stops"][0] == 0
    assert one["mutants"][0]["changes"] == ["turning", "lengths"]
    for entry in (*one["assets"], {"path": one["exhibits"][0]["states"]["path"]}):
        assert (project / "dist" / entry["path"]).is_file()
    del one["claims"]
    with pytest.raises(jsonschema.ValidationError, match="claims"):
        jsonschema.validate(listed, schema)


def test_the_service_worker_knows_every_file_that_pages_need(project: Path) -> None:
    text = (project / "dist" / "sw.js").read_text()
    manifest = json.JSONDecoder().raw_decode(text[text.index("[{") + 1 :])[0]
    assert {"", "one/", "articles/two/", "about/", "claims/"} <= set(manifest["pages"])
    assert not any("/embed/" in path for path in manifest["pages"])
    files = {**manifest["assets"], **manifest["runtime"]}
    lists = json.loads((project / "dist" / manifest["lists"]).read_text())
    assert lists.keys() == manifest["pages"].keys()
    for page, paths in lists.items():
        assert manifest["pages"][page][1] == sum(paths.values())
        files |= paths
    for path, size in files.items():
        place = project / "dist" / path
        assert (place / "index.html" if path.endswith("/") or not path else place).is_file(), path
        assert size > 0
    assert set(manifest["first"]) <= set(manifest["runtime"])
    assert any(path.endswith("pyodide.asm.wasm") for path in manifest["first"])
    assert not any("matplotlib" in path for path in manifest["first"])


def test_nothing_is_left_among_the_sources(project: Path) -> None:
    assert not list((project / "kernels").rglob("__pycache__"))


def test_the_build_id_changes_with_a_page(project: Path) -> None:
    def build_id() -> str:
        return re.findall(r'"build":"(\w+)"', (project / "dist" / "sw.js").read_text())[0]

    before = build_id()
    replace(page(project), "Start with what", "Begin with what")
    build(settings_of(project))
    assert build_id() != before


def test_no_page_links_from_the_root_of_the_host(project: Path) -> None:
    for path in (project / "dist").rglob("*.html"):
        assert not re.search(r'(?:href|src|data-states)="/', path.read_text()), path


def test_the_base_url_gives_a_sitemap_and_nothing_else_needs_it(project: Path) -> None:
    assert not (project / "dist" / "sitemap.xml").exists()
    built = build(settings_of(project, base_url="https://workings.example/site"))
    assert built.problems == ()
    sitemap = (project / "dist" / "sitemap.xml").read_text()
    assert "<loc>https://workings.example/site/articles/two/</loc>" in sitemap
    robots = (project / "dist" / "robots.txt").read_text()
    assert "Sitemap: https://workings.example/site/sitemap.xml" in robots


def test_the_page_for_lost_readers_works_at_any_address_of_a_known_site(project: Path) -> None:
    assert 'href="assets/' in (project / "dist" / "404.html").read_text()
    build(settings_of(project, base_url="https://workings.example/site"))
    lost = (project / "dist" / "404.html").read_text()
    assert 'href="/site/assets/' in lost and 'href="assets/' not in lost
    assert 'href="../assets/' in (project / "dist" / "one" / "index.html").read_text()


def test_page_data_names_files_that_are_there(project: Path) -> None:
    html = (project / "dist" / "one" / "index.html").read_text()
    data = json.loads(re.findall(r'id="workings-page">(.*?)</script>', html)[0])
    folder = project / "dist" / "one"
    assert (folder / data["exhibits_source"]).read_text() == page(
        project, "exhibits.py"
    ).read_text()
    sizes = {}
    for path, size, mark in data["files"]:
        content = (folder / data["runtime"] / path).read_bytes()
        sizes[path] = len(content)
        assert size == len(content)
        assert hashlib.sha256(content).hexdigest().startswith(mark)
        assert len(mark) == 8
    assert 1_000_000 < data["bytes"]["python"] < sum(sizes.values())
    assert data["needs"] == ["numpy"]
    assert 5_000_000 < data["bytes"]["matplotlib"] < 15_000_000


def test_check_writes_nothing_and_tells_of_all_that_is_wrong(project: Path) -> None:
    shutil.rmtree(project / "dist")
    replace(page(project, "exhibits.py"), "difference < 1e-12", "difference > 1")
    two = project / "explainers" / "articles" / "two" / "page.md"
    two.write_text(two.read_text() + "\n[Nowhere](../nowhere/)\n")
    home = project / "site" / "templates" / "home.html"
    home.write_text(home.read_text().replace("{% block main %}", "{% block main %}<b></i>", 1))
    told = [str(problem) for problem in check(settings_of(project)).problems]
    for file, what in (
        ("explainers/papers/one/exhibits.py", "fails"),
        ("explainers/articles/two/page.md", "../nowhere/"),
        ("index.html", "Stray end tag"),
    ):
        assert any(line.startswith(file) and what in line for line in told), (file, told)
    assert not (project / "dist").exists()


def test_what_is_found_in_the_written_site_keeps_it_from_its_place(project: Path) -> None:
    before = contents(project / "dist")
    home = project / "site" / "templates" / "home.html"
    home.write_text(home.read_text() + '{% block title %}<a href="gone/">x</a>{% endblock %}')
    refused = build(settings_of(project))
    assert refused.out is None
    assert any("gone/" in problem.what for problem in refused.problems)
    shown = build(settings_of(project, keep_going=True))
    assert shown.out == settings_of(project).preview
    assert (shown.out / "index.html").is_file()
    assert contents(project / "dist") == before


def test_files_for_hosts_that_send_them_are_put_beside_pages(project: Path) -> None:
    assert build(settings_of(project, precompress=True)).problems == ()
    assert (project / "dist" / "index.html.br").is_file()
    assert (project / "dist" / "index.html.gz").is_file()


def test_a_site_without_pages_is_told_how_to_begin(project: Path) -> None:
    shutil.rmtree(project / "explainers" / "papers")
    shutil.rmtree(project / "explainers" / "articles")
    (problem,) = build(settings_of(project)).problems
    assert problem.what == "There is no page to build."
