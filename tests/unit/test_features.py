"""The checklist of features names tests that exist, and its table is the one in the docs."""

from pathlib import Path

from workings_build.feature_list import LIST, PAGE, audit, systems

ROOT = Path(__file__).parents[2]

RESTED_ON = (
    "explainers/articles/model-flops-utilization",
    "explainers/articles/multi-head-latent-attention",
    "explainers/articles/solar-cells",
    "explainers/articles/wireless-charging",
    "explainers/comparisons/flashattention-vs-pagedattention",
    "explainers/course/deepseek-v3-architecture",
    "explainers/course/deepseek-v3-course",
    "explainers/papers/attention",
    "explainers/papers/backpropagation",
    "explainers/papers/chinchilla",
    "explainers/papers/clip",
    "explainers/papers/ddpm",
    "explainers/papers/deepseek-r1",
    "explainers/papers/deepseek-v3",
    "explainers/papers/dpo",
    "explainers/papers/flash-attention",
    "explainers/papers/lora",
    "explainers/papers/mamba",
    "explainers/papers/paged-attention",
    "explainers/papers/rope",
    "explainers/papers/sdsl",
    "explainers/papers/speculative-decoding",
    "explainers/papers/switch-transformers",
    "explainers/papers/tau-bench",
    "explainers/tracks/the-transformer",
)
ROOMS = ("pyproject.toml", "site", "explainers", "kernels", "build", "tests")


def listed(root: Path) -> list[dict]:
    return [row for system in systems(root) for row in system["features"]]


def test_every_feature_is_held_by_a_test_and_stands_in_the_table():
    assert [str(problem) for problem in audit(ROOT)] == []
    assert len(listed(ROOT)) > 90


def test_what_is_wrong_with_the_checklist_is_told_with_its_line(tmp_path: Path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "tests" / "test_one.py").write_text("def test_it(): ...\n")
    (tmp_path / LIST).write_text(
        '[[system]]\nname = "One"\nfeatures = [\n'
        '  { id = "1", what = "A", status = "done", tests = ["tests/test_one.py::test_it"] },\n'
        '  { id = "1", what = "B", status = "maybe", tests = [] },\n'
        '  { id = "2", what = "C", status = "done", tests = ["tests/test_one.py::test_gone"] },\n'
        "]\n"
    )
    told = [str(problem).split("\n")[0] for problem in audit(tmp_path)]
    assert told[0] == f"{LIST}:4: 1 is listed twice."
    assert "1 has the status 'maybe'." in told[1]
    assert "No test holds 1." in told[2]
    assert told[3].startswith(f"{LIST}:6: 2 names the test tests/test_one.py::test_gone")
    assert told[4].startswith(f"{PAGE}: The table isn't")
    assert len(told) == 5


def test_the_pages_that_features_rest_on_are_there():
    for folder in RESTED_ON:
        assert (ROOT / folder / "page.md").is_file(), folder
        assert (ROOT / folder / "exhibits.py").is_file(), folder
    assert all((ROOT / room).exists() for room in ROOMS)
