"""The Jinja environment for `site/templates/`, and template faults as problems."""

import traceback
from pathlib import Path
from typing import Any

import jinja2

from workings_build.cache import digest_folder
from workings_build.patterns import html_pattern
from workings_build.problems import Problem, relative


def environment(folder: Path) -> jinja2.Environment:
    """Make the environment: everything escaped, and a name that isn't given is an error."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["html_pattern"] = html_pattern
    return made


def macro(templates: jinja2.Environment, template: str, name: str, context: Any = None) -> Any:
    """Return a macro of a template as a function that gives HTML."""
    return getattr(templates.get_template(template).make_module(context or {}), name)


def templates_digest(folder: Path) -> str:
    """Hash the templates and what sets them."""
    return digest_folder(folder) + jinja2.__version__


def template_problem(fault: jinja2.TemplateError, folder: Path, root: Path) -> Problem:
    """Say where in which template something is wrong."""
    if isinstance(fault, jinja2.TemplateSyntaxError):
        file, line = fault.filename or fault.name or "", fault.lineno
    else:
        frames = traceback.extract_tb(fault.__traceback__)
        ours = [f for f in frames if Path(f.filename).is_relative_to(folder)]
        file, line = (ours[-1].filename, ours[-1].lineno or 0) if ours else (str(folder), 0)
    name = relative(Path(file), root)
    remedy = "Templates may use the names of build/workings_build/views.py and nothing else."
    return Problem(name, line or None, f"{type(fault).__name__}: {fault}", remedy)
