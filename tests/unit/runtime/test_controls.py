"""What a control accepts, refuses and says of itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workings import Choice, Slider, Text
from workings.controls import MAX_STOPS, ControlError, bind


def test_log2_slider_stops_at_powers_of_two_and_its_default():
    control = bind("d_k", int, Slider(1, 512, scale="log2"), 48)
    assert control.stops == (1, 2, 4, 8, 16, 32, 48, 64, 128, 256, 512)


def test_integer_slider_has_every_value_when_they_are_few():
    assert bind("heads", int, Slider(1, 8), 4).stops == (1, 2, 3, 4, 5, 6, 7, 8)


def test_step_sets_the_stops_and_the_ends_belong():
    assert bind("x", float, Slider(0, 1, step=0.25), 0.5).stops == (0, 0.25, 0.5, 0.75, 1)


def test_log_slider_keeps_equal_ratios():
    stops = bind("base", float, Slider(1, 1000, scale="log", stops=4), 10.0).stops
    assert stops == (1.0, 10.0, 100.0, 1000.0)


def test_long_integer_axis_is_thinned_and_keeps_ends_and_default():
    stops = bind("n", int, Slider(1, 10_000), 777).stops
    assert stops[0] == 1 and stops[-1] == 10_000 and 777 in stops
    assert len(stops) <= MAX_STOPS + 1
    assert all(isinstance(stop, int) for stop in stops)


@pytest.mark.parametrize(
    ("annotated", "kind", "default", "says"),
    [
        (str, Slider(1, 2), "a", "a Slider needs a parameter of type int or float"),
        (int, Slider(5, 2), 3, "low end must be below its high end"),
        (float, Slider(0, 2, scale="log"), 1.0, "a log slider starts above zero"),
        (float, Slider(1, 2, scale="cubic"), 1.0, "linear, log or log2, not 'cubic'"),
        (float, Slider(1, 2, step=-1.0), 1.0, "positive step"),
        (int, Slider(1, 4), 9, "must lie between 1 and 4"),
        (str, Choice("only"), "only", "two or more different options"),
        (str, Choice("a", "b", labels=("A",)), "a", "one label each"),
        (str, Choice("a", "b"), "c", "choose one of a, b"),
        (str, Text("[a-z]*", max_length=3), "Abc", "must match [a-z]*"),
        (int, None, 3, "annotate it"),
    ],
)
def test_ill_made_control_says_what_to_do(annotated, kind, default, says):
    with pytest.raises(ControlError) as caught:
        bind("p", annotated, kind, default)
    assert says in str(caught.value)
    assert "p" in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "annotated", "default", "raw"),
    [
        (Slider(1, 8), int, 4, 9),
        (Slider(1, 8), int, 4, 2.5),
        (Slider(1, 8), int, 4, True),
        (Slider(1, 8), int, 4, "4"),
        (Slider(0, 1), float, 0.5, float("nan")),
        (Slider(0, 1), float, 0.5, float("inf")),
        (Choice("a", "b"), str, "a", "c"),
        (Choice(1, 2), int, 1, 3),
        (None, bool, True, 1),
        (None, bool, True, "true"),
        (Text("[a-z]*", 5), str, "abc", "<b>"),
        (Text("[a-z]*", 5), str, "abc", "abcdef"),
        (Text("[a-z]*", 5), str, "abc", None),
    ],
)
def test_value_from_outside_is_refused(kind, annotated, default, raw):
    with pytest.raises(ControlError):
        bind("p", annotated, kind, default).parse(raw)


def test_refusal_shows_little_of_a_hostile_value():
    control = bind("p", str, Text("[a-z]*", 5), "abc")
    with pytest.raises(ControlError) as caught:
        control.parse("<" * 10**6)
    assert len(str(caught.value)) < 200


@given(
    low=st.floats(-1e6, 1e6),
    span=st.floats(1e-3, 1e6),
    share=st.floats(0, 1),
    stops=st.integers(2, 60),
)
def test_every_stop_of_a_real_slider_is_a_value_it_accepts(low, span, share, stops):
    low = float(f"{low:.6g}")
    high = float(f"{low + span:.6g}")
    if not low < high:
        return
    default = min(max(low + share * (high - low), low), high)
    control = bind("x", float, Slider(low, high, stops=stops), default)
    assert control.default in control.stops
    assert list(control.stops) == sorted(set(control.stops))
    for stop in control.stops:
        control.parse(stop)


def test_schema_is_what_the_page_reads():
    control = bind("d_k", int, Slider(1, 4, scale="log2", unit="dims", play=True), 2)
    assert control.schema() == {
        "name": "d_k",
        "label": "d_k",
        "kind": "slider",
        "type": "int",
        "default": 2,
        "stops": [1, 2, 4],
        "low": 1,
        "high": 4,
        "step": None,
        "scale": "log2",
        "unit": "dims",
        "play": True,
    }
