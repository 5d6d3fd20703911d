"""Formulas: KaTeX in one long-lived Node process, and its inline styles turned into classes.

The pages' policy forbids `style=` attributes, which KaTeX's HTML is full of. Each distinct style
becomes a class named after its content, so that rules from many pages can share one stylesheet.
"""

import contextlib
import hashlib
import html
import json
import queue
import re
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from workings_build.vendor import find_node

SERVER = Path(__file__).with_name("katex_server.js")
TIMEOUT = 30.0
"""Seconds to wait for one formula."""


class FormulaError(ValueError):
    """KaTeX refuses a formula; `position` is where in it, counted from 0, if known."""

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


class KatexError(RuntimeError):
    """The Node process can't be started, or died."""


@dataclass(frozen=True)
class Formula:
    """A set formula: HTML with MathML for screen readers, and its rules by class name."""

    html: str
    rules: Mapping[str, str] = field(default_factory=dict)


class Katex:
    """Sets formulas through Node. Start it once, use it from one thread at a time, close it.

    Parameters
    ----------
    dist
        The `dist` folder of KaTeX, which holds `katex.min.js`.
    node
        Node's path; looked for when not given.
    """

    def __init__(self, dist: Path, node: Path | None = None) -> None:
        script = dist / "katex.min.js"
        if not script.is_file():
            raise KatexError(f"KaTeX is not in {dist}: run `workings vendor` to fetch it.")
        command = [str(node or find_node()), str(SERVER), str(script)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )
        self._answers: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._set: dict[tuple[str, bool], Formula] = {}
        try:
            self.version = str(self._answer()["version"])
        except KatexError:
            self.close()
            raise

    def __enter__(self) -> "Katex":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the Node process; closing twice does no harm."""
        process = self._process
        if process.stdin and not process.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._reader.join(5)
        if process.stdout:
            process.stdout.close()

    def render(self, tex: str, display: bool = False) -> Formula:
        """Set a formula; raise `FormulaError` if KaTeX refuses it."""
        if (tex, display) in self._set:
            return self._set[tex, display]
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(json.dumps({"tex": tex, "display": display}) + "\n")
            stdin.flush()
        except (BrokenPipeError, ValueError) as fault:
            raise KatexError("The Node process that sets formulas has ended.") from fault
        answer = self._answer()
        if "error" in answer:
            raise FormulaError(answer["error"], answer["position"])
        formula = self._set[tex, display] = classes(answer["html"])
        return formula

    def _answer(self) -> dict[str, Any]:
        try:
            line = self._answers.get(timeout=TIMEOUT)
        except queue.Empty:
            self._process.kill()
            raise KatexError(f"Node did not answer within {TIMEOUT:.0f} seconds.") from None
        if not line:
            raise KatexError("The Node process that sets formulas has ended.")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _read(self) -> None:
        """Pass on Node's lines, and an empty one when it ends."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put("")


TAG = re.compile(r"<[a-z][^<>]*>")
STYLE = re.compile(r"""\sstyle=(?:"([^"]*)"|'([^']*)')""")
CLASS = re.compile(r'\sclass="([^"]*)"')


def classes(markup: str) -> Formula:
    """Replace each `style` attribute by a class; give the rules that these classes stand for."""
    rules: dict[str, str] = {}

    def replace(match: re.Match[str]) -> str:
        tag = match[0]
        if not (style := STYLE.search(tag)):
            return tag
        declarations = html.unescape(style[1] if style[1] is not None else style[2])
        body = ";".join(part.strip() for part in declarations.split(";") if part.strip())
        tag = tag[: style.start()] + tag[style.end() :]
        if not body:
            return tag
        name = "k" + hashlib.sha256(body.encode()).hexdigest()[:8]
        rules[name] = body
        if CLASS.search(tag):
            return CLASS.sub(lambda found: f' class="{found[1]} {name}"', tag, count=1)
        end = -2 if tag.endswith("/>") else -1
        return f'{tag[:end]} class="{name}"{tag[end:]}'

    return Formula(TAG.sub(replace, markup), rules)


def stylesheet(rules: Mapping[str, str]) -> str:
    """Write rules as CSS, one a line in order of name.

    The name stands three times, so that a rule wins over KaTeX's own stylesheet as the inline
    style did.
    """
    return "".join(f".katex .{name}.{name}.{name}{{{rules[name]}}}\n" for name in sorted(rules))
