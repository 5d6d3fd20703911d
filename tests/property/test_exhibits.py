"""In any state a reader can reach, an exhibit gives a picture, a sentence and numbers."""

import math
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from workings.session import Session

from tests.explainers import exhibit_names, pages, states

FORBIDDEN = {"script", "foreignObject", "style", "a", "iframe", "animate", "set"}


@pytest.mark.parametrize(("slug", "name"), exhibit_names())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_state_gives_a_picture_a_sentence_and_finite_numbers(slug, name, data):
    page = pages()[slug]
    state = data.draw(states(page.exhibits[name]))
    answer = Session(page).answer({"exhibit": name, "state": state})
    assert answer["ok"], answer
    assert "warnings" not in answer, answer["warnings"]
    assert answer["sentence"].strip().endswith((".", "!", "?", ".”"))
    assert "nan" not in answer["sentence"].lower().split()
    rows = answer["table"]["rows"]
    assert rows, "there is something to show as data"
    numbers = [cell for row in rows for cell in row if isinstance(cell, float)]
    assert all(math.isfinite(number) for number in numbers)

    root = ElementTree.fromstring(answer["svg"])
    for element in root.iter():
        tag = element.tag.split("}")[-1]
        assert tag not in FORBIDDEN
        for attribute, value in element.attrib.items():
            assert attribute.split("}")[-1] != "style"
            assert not attribute.startswith("on")
            assert "nan" not in value.split() and "inf" not in value.split()


@pytest.mark.parametrize(("slug", "name"), exhibit_names())
def test_the_default_state_is_on_the_lattice_once(slug, name):
    exhibit = pages()[slug].exhibits[name]
    keys = [exhibit.key(state) for state in exhibit.lattice()]
    assert keys.count(exhibit.key(exhibit.state({}))) == 1
    assert len(keys) == len(set(keys))
