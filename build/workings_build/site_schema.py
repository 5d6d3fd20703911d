"""The JSON schema of `site.json`, the site's list of pages for other tools."""

from typing import Any

_TEXT = {"type": "string"}
_WORDS = {"type": "string", "minLength": 1}
_COUNT = {"type": "integer", "minimum": 0}
_VALUE = {"type": ["boolean", "number", "string"]}


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
        "additionalProperties": False,
    }


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


_COMMON = {
    "name": _WORDS,
    "label": _TEXT,
    "default": _VALUE,
    "stops": {"type": "array", "items": _VALUE, "minItems": 1},
}

_CONTROL = {
    "oneOf": [
        _object(
            _COMMON
            | {
                "kind": {"const": "slider"},
                "type": {"enum": ["int", "float"]},
                "low": {"type": "number"},
                "high": {"type": "number"},
                "scale": {"enum": ["linear", "log", "log2"]},
                "step": {"type": ["number", "null"]},
                "unit": _TEXT,
                "play": {"type": "boolean"},
            }
        ),
        _object(_COMMON | {"kind": {"const": "toggle"}, "type": {"const": "bool"}}),
        _object(
            _COMMON
            | {
                "kind": {"const": "choice"},
                "type": {"enum": ["str", "int"]},
                "labels": _list(_TEXT),
            }
        ),
        _object(
            _COMMON
            | {
                "kind": {"const": "text"},
                "type": {"const": "str"},
                "pattern": _TEXT,
                "max_length": _COUNT,
            }
        ),
    ]
}

_STATES = _object({"path": _WORDS, "count": _COUNT, "bytes": _COUNT})

_EXHIBIT = _object(
    {
        "name": _WORDS,
        "title": _WORDS,
        "sentence": _TEXT,
        "needs": _list(_WORDS),
        "play": {"type": ["string", "null"]},
        "controls": _list({"$ref": "#/$defs/control"}),
        "states": _nullable(_STATES),
    }
)

_CLAIM = _object(
    {
        "name": _WORDS,
        "sentence": _WORDS,
        "locator": _WORDS,
        "kind": {"enum": ["recomputed", "reproduced small", "quoted"]},
        "ok": {"type": "boolean"},
        "measured": {"type": "object", "additionalProperties": {"type": "number"}},
    }
)

_MUTANT = _object({"name": _WORDS, "sentence": _WORDS, "claim": _WORDS, "changes": _list(_WORDS)})

_QUOTE = _object({"text": _WORDS, "source": _WORDS, "locator": _TEXT})

_ASSET = _object({"path": _WORDS, "bytes": _COUNT, "compressed": _COUNT})

_PAGE = _object(
    {
        "slug": {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
        "kind": {"enum": ["paper", "article", "comparison", "course", "track"]},
        "path": {"type": "string", "pattern": "^([a-z0-9-]+/)+$"},
        "title": _WORDS,
        "short_title": _WORDS,
        "dek": _WORDS,
        "authors": _TEXT,
        "year": {"type": ["integer", "null"]},
        "field": _TEXT,
        "era": _list(_WORDS),
        "tags": _list(_WORDS),
        "builds_on": _list(_WORDS),
        "date": {"type": "string", "format": "date"},
        "words": _COUNT,
        "minutes": _COUNT,
        "exhibits": _list(_EXHIBIT),
        "claims": _list(_CLAIM),
        "mutants": _list(_MUTANT),
        "quotes": _list(_QUOTE),
        "assets": _list(_ASSET),
        "bytes": _object({"html": _COUNT, "html_compressed": _COUNT, "states_compressed": _COUNT}),
    }
)

SITE_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Workings: the site's pages",
    "description": "What site.json holds. Paths are relative to the site's root; bytes that are "
    "called compressed are gzip's at level 9.",
    "$defs": {"control": _CONTROL},
    **_object(
        {
            "version": {"const": 1},
            "title": _WORDS,
            "url": {"type": ["string", "null"]},
            "assets": {"type": "string", "pattern": "^assets/[0-9a-f]+/$"},
            "runtime": {"type": "string", "pattern": "^runtime/[0-9a-f]+/$"},
            "python_bytes": _COUNT,
            "pages": _list(_PAGE),
        }
    ),
}
