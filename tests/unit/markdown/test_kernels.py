from collections.abc import Callable
from pathlib import Path

import pytest
from workings_build.highlight import code, lines
from workings_build.kernel_source import KernelError, find, kernels_folder
from workings_build.markdown import Document

from tests.unit.markdown.telling import html, told

Parsed = Callable[..., Document]
DOUBLE = 'def double(x):\n    """Return twice `x`."""\n    return 2 * x  # twice'


@pytest.mark.parametrize(
    "name", ["kernels.demo.core.double", "kernels.demo.twice", "kernels.demo.core.Pair.swap"]
)
def test_source_is_cut_from_the_file_and_imports_are_followed(root: Path, name: str):
    found = find(name, root / "kernels")
    assert found.file == "kernels/demo/core.py"
    if name.endswith("swap"):
        assert found.source.startswith("def swap(self):\n    ")
    else:
        assert (found.source, found.first_line, found.last_line) == (DOUBLE, 6, 8)


def test_a_constant_and_what_a_module_takes_from_another_can_be_shown(root: Path):
    (root / "kernels/demo/more.py").write_text(
        "from kernels.demo.core import double\n\nFACTOR = 2\nOFFSET: int = 3\n"
    )
    assert find("kernels.demo.more.FACTOR", root / "kernels").source == "FACTOR = 2"
    assert find("kernels.demo.more.OFFSET", root / "kernels").source == "OFFSET: int = 3"
    assert find("kernels.demo.more.double", root / "kernels").source == DOUBLE


def test_a_whole_module_can_be_shown(root: Path):
    assert find("kernels.demo.core", root / "kernels").source.startswith('"""A kernel."""')


def test_nothing_is_imported(root: Path):
    find("kernels.demo.core.double", root / "kernels")  # its module's import would fail


@pytest.mark.parametrize(
    ("name", "what", "remedy"),
    [
        (
            "demo.core.double",
            "'demo.core.double' is not a kernel.",
            "Start the name with 'kernels.', such as kernels.attention.core.softmax.",
        ),
        (
            "kernels.dmeo.core.double",
            "There is no kernel 'kernels.dmeo.core.double'.",
            "Did you mean 'kernels.demo'?",
        ),
        (
            "kernels.demo.core.doubel",
            "There is no kernel 'kernels.demo.core.doubel'.",
            "Did you mean 'kernels.demo.core.double'?",
        ),
        (
            "kernels.demo.core.zzz",
            "There is no kernel 'kernels.demo.core.zzz'.",
            "kernels.demo.core has double, Pair.",
        ),
        (
            "kernels.demo.gone",
            "There is no kernel 'kernels.demo.gone'.",
            "kernels.demo has core.",
        ),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest(root: Path, name: str, what: str, remedy: str):
    with pytest.raises(KernelError) as caught:
        find(name, root / "kernels")
    assert (caught.value.what, caught.value.remedy) == (what, remedy)


def test_the_projects_own_kernels_are_found_from_a_root_without_any(tmp_path: Path):
    assert (kernels_folder(tmp_path) / "attention").is_dir()


def test_notes_stand_beside_chunks_of_the_source(parsed: Parsed):
    document = parsed(
        ":::{kernel} kernels.demo.core.double\n2: What it does, $2x$,\n   in short.\n"
        "3: And how.\n:::\n"
    )
    assert document.problems == ()
    assert document.kernels == ("kernels.demo.core.double",)
    pre = '<pre class="code" tabindex="0"><code class="language-python">'
    assert html(document) == (
        '<figure class="kernel" id="kernels-demo-core-double" '
        'data-kernel="kernels.demo.core.double">\n<figcaption><code>kernels.demo.core.double</code>'
        ' <span class="kernel-file">kernels/demo/core.py, lines 6–8</span></figcaption>\n'
        f'<div class="chunk">{pre}<span class="line" data-line="1"><span class="hl-k">def</span> '
        '<span class="hl-nf">double</span>(x):</span></code></pre></div>\n'
        f'<div class="chunk">{pre}<span class="line noted" data-line="2">    '
        '<span class="hl-sd">"""Return twice `x`."""</span></span></code></pre><p class="note">'
        '<span class="note-line">Line 2</span> What it does, ⟦2x⟧, in short.</p></div>\n'
        f'<div class="chunk">{pre}<span class="line noted" data-line="3">    '
        '<span class="hl-k">return</span> 2 * '
        'x  <span class="hl-c1"># twice</span></span></code></pre><p class="note">'
        '<span class="note-line">Line 3</span> And how.</p></div>\n</figure>\n'
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "kernels.demo.core.duble\n",
            "1: There is no kernel 'kernels.demo.core.duble'.\n"
            "    Did you mean 'kernels.demo.core.double'?",
        ),
        (
            "kernels.demo.core.double\n9: Too far.\n",
            "2: The note is on line 9, but the shown source has 3.\n"
            "    Count lines from the first one shown.",
        ),
        (
            "kernels.demo.core.double\n1: One.\n1: Another.\n",
            "3: Line 1 has two notes.\n    Join them.",
        ),
        (
            "kernels.demo.core.double\nNo note.\n",
            "2: 'No note.' is no note on a line.\n"
            "    Write each note as `12: what that line does`.",
        ),
    ],
)
def test_a_fault_is_told_at_its_line(parsed: Parsed, body: str, message: str):
    assert told(parsed(f":::{{kernel}} {body}:::\n")) == [message]


def test_lines_are_whole_elements_and_escaped():
    text = 'a = """<b>\ntwo"""\n\nc = 1 < 2\n'
    shown = lines(text)
    assert len(shown) == 4
    for line in shown:
        assert line.count("<span") == line.count("</span>")
        assert "<b>" not in line
    assert shown[2] == ""
    assert code(text) == "\n".join(shown)


def test_text_without_a_language_is_only_escaped():
    assert code("a < b\n", "") == "a &lt; b"


def test_an_unknown_language_is_an_error():
    with pytest.raises(ValueError, match=r"No highlighter knows the language 'klingon'\."):
        code("x", "klingon")
