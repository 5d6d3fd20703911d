"""`Session`: where a request becomes an answer, in the build and in the worker alike."""

import base64
import traceback
import warnings
from typing import Any

import numpy as np

from . import claims
from .claims import Claim
from .exhibits import Exhibit
from .mutants import Mutant, switched_on
from .page import Page, edit_filename, edited
from .pictures import Picture, picture_of


class Session:
    """A page at work: answers for its exhibits, verdicts for its claims, and a reader's edits.

    Every method takes and returns plain JSON values (docs/architecture.md, "Worker"), and none
    raises for what an author's or a reader's code does: the answer then holds the error.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self._edits: dict[str, tuple[Exhibit, dict[str, Any]]] = {}

    def schema(self, name: str) -> dict[str, Any]:
        """Describe an exhibit, as edited where it is edited."""
        return self._exhibit(name).schema()

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Draw one state of one exhibit: `{"exhibit", "state", "mutants"}`.

        With `"raw": true` the answer also lists the table's numbers unrounded, as `"numbers"`.
        """
        caught: list[warnings.WarningMessage] = []
        try:
            picture = self._draw(request, caught)
            answer: dict[str, Any] = {
                "ok": True,
                "svg": picture.svg(request["exhibit"]),
                "sentence": picture.sentence,
                "table": picture.table.plain(),
            }
        except (Exception, SystemExit) as failure:
            return self._failed(failure)
        if request.get("raw"):
            answer["numbers"] = picture.table.numbers()
        if caught:
            answer["warnings"] = [f"{w.category.__name__}: {w.message}" for w in caught]
        return answer

    def claim(self, request: dict[str, Any]) -> dict[str, Any]:
        """Run one claim, under mutants if the request names any: `{"name", "mutants"}`."""
        claim: Claim = self.page.claims[request["name"]]
        with switched_on(self._mutants(request), self.page.namespace), np.errstate(all="ignore"):
            return claims.run(claim)

    def edit(self, request: dict[str, Any]) -> dict[str, Any]:
        """Take a reader's edit of an exhibit, `{"exhibit", "source"}`; `None` gives it up."""
        name = request["exhibit"]
        try:
            if request["source"] is None:
                self._edits.pop(name, None)
            else:
                original = self.page.exhibits[name]
                self._edits[name] = edited(original, request["source"], self.page)
        except (Exception, SystemExit) as failure:
            return self._failed(failure)
        return {"ok": True, "schema": self.schema(name)}

    def download(self, request: dict[str, Any]) -> dict[str, Any]:
        """Write one state as a file: a request as for `answer`, and `"format"`."""
        name, form = request["exhibit"], request["format"]
        try:
            content = self._draw(request, []).file(form, name)
        except (Exception, SystemExit) as failure:
            return self._failed(failure)
        encoded = base64.b64encode(content).decode("ascii")
        return {"ok": True, "name": f"{self.page.name}-{name}.{form}", "base64": encoded}

    def _draw(self, request: dict[str, Any], caught: list[warnings.WarningMessage]) -> Picture:
        name = request["exhibit"]
        shown = self._exhibit(name)
        state = shown.state(request.get("state", {}))
        namespaces = [self.page.namespace, *(space for _, space in self._edits.values())]
        with (
            switched_on(self._mutants(request), *namespaces),
            warnings.catch_warnings(record=True) as seen,
            np.errstate(all="warn"),
        ):
            warnings.simplefilter("always")
            picture = picture_of(shown.function(**state), shown.summary)
        caught.extend(seen)
        return picture

    def _exhibit(self, name: str) -> Exhibit:
        return self._edits[name][0] if name in self._edits else self.page.exhibits[name]

    def _mutants(self, request: dict[str, Any]) -> list[Mutant]:
        return [self.page.mutants[name] for name in request.get("mutants", [])]

    def _failed(self, failure: BaseException) -> dict[str, Any]:
        """Describe a failure by the lines that the author or the reader wrote, and no others."""
        own = {self.page.filename, *(edit_filename(name) for name in self.page.exhibits)}
        frames = [f for f in traceback.extract_tb(failure.__traceback__) if f.filename in own]
        line = frames[-1].lineno if frames else None
        shown = [f"line {f.lineno}, in {f.name}: {f.line}" for f in frames[-5:]]
        message = str(failure)
        if isinstance(failure, SyntaxError):
            line, message = failure.lineno, failure.msg
            shown = [f"line {line}: {(failure.text or '').rstrip()}"]
        headline = f"{type(failure).__name__}: {message}" if message else type(failure).__name__
        return {
            "ok": False,
            "error": {
                "type": type(failure).__name__,
                "message": message[:2000],
                "line": line,
                "traceback": "\n".join([*shown, headline])[:4000],
            },
        }
