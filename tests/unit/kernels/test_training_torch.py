"""Training does the arithmetic that the NumPy model does, learns, and takes up where it was cut."""

import numpy as np
import pytest
import torch

from kernels.autodiff import muon
from kernels.tinylm import jobs_scaling, training_torch, transformer
from kernels.tinylm.configuration import Configuration
from kernels.tinylm.corpus import joined, plain, read
from kernels.tinylm.training_torch import Plan, Text

TINY = Configuration(32, 16, 2, 16, 2, 2, 24)
PLAN = Plan(steps=12, batch=4, warm_up=2, look=4, seed=3)
RNG = np.random.default_rng(0)
TOKENS = np.resize(RNG.integers(0, 32, 90), 2000)  # a text that repeats itself can be learned


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def task(**given):
    return Text(TOKENS, TOKENS[:300], **given)


@pytest.mark.parametrize(
    "configuration",
    [
        TINY,
        Configuration(32, 16, 2, 16, 4, 2, 24, "gelu", tied=False),
        Configuration(32, 16, 2, 16, 2, 1, 0, "gelu"),
    ],
)
def test_logits_are_those_of_the_numpy_model(configuration):
    parameters = training_torch.first_parameters(configuration, 1)
    arrays = {name: p.detach().numpy() for name, p in parameters.items()}
    tokens = RNG.integers(0, 32, (3, 16))
    found = training_torch.logits(configuration, parameters, torch.from_numpy(tokens))
    for row, text in zip(found.detach().numpy(), tokens, strict=True):
        expected = transformer.forward(configuration, arrays, text)
        np.testing.assert_allclose(row, expected, rtol=1e-5, atol=2e-6)


@pytest.mark.slow
def test_the_loss_falls():
    _, record = training_torch.train(TINY, Plan(steps=60, batch=8, look=20, warm_up=5), task())
    losses = [row["validation"] for row in record["curve"]]
    assert losses[-1] < losses[0] - 0.5
    assert record["curve"][-1]["tokens"] == 60 * 8 * 16


def test_a_run_that_was_stopped_ends_with_the_same_weights(tmp_path):
    whole, record = training_torch.train(TINY, PLAN, task())
    training_torch.train(TINY, PLAN, task(), tmp_path / "a.pt", stop=8)
    parts, again = training_torch.train(TINY, PLAN, task(), tmp_path / "a.pt")
    for name, values in whole.items():
        np.testing.assert_array_equal(parts[name], values)
    assert again["curve"] == record["curve"]


@pytest.mark.slow
def test_one_plateau_serves_runs_of_two_lengths(tmp_path):
    longer = Plan(**{**PLAN.__dict__, "steps": 20})
    stop = training_torch.cooling(PLAN)
    training_torch.train(TINY, PLAN, task(), tmp_path / "a.pt", stop=stop)
    found, _ = training_torch.train(TINY, longer, task(), tmp_path / "a.pt")
    expected, _ = training_torch.train(TINY, longer, task())
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values)


@pytest.mark.slow
def test_a_checkpoint_of_another_plan_is_refused(tmp_path):
    training_torch.train(TINY, PLAN, task(), tmp_path / "a.pt")
    longer = Plan(**{**PLAN.__dict__, "steps": 20})  # what has cooled can't go on
    slower = Plan(**{**PLAN.__dict__, "rate": 1e-4})
    for plan, text in ((longer, task()), (slower, task()), (PLAN, Text(TOKENS[1:], TOKENS))):
        with pytest.raises(ValueError, match=r"a\.pt is of another plan"):
            training_torch.train(TINY, plan, text, tmp_path / "a.pt")


def test_rates_climb_stay_and_fall_to_almost_nothing():
    plan = Plan(steps=100, warm_up=10, cool=0.3)
    shares = [training_torch.schedule(step, plan) for step in range(100)]
    assert shares[:10] == pytest.approx(np.arange(1, 11) / 10)
    assert set(shares[10:70]) == {1.0}
    assert np.diff(shares[70:]) == pytest.approx(np.full(29, -1 / 31))
    assert 0.0 < shares[-1] < 0.04


def test_texts_read_once_are_never_read_again():
    plan = Plan(steps=12, batch=10)
    starts = [
        tuple(window[:-1].tolist())
        for step in range(plan.steps)
        for window in Text(np.arange(2000), TOKENS, once=True).batch(TINY, plan, step)
    ]
    assert len(set(starts)) == 120
    assert len({token for window in starts for token in window}) == 120 * 16
    with pytest.raises(ValueError, match="the text ends before 13 steps"):
        Text(np.arange(2000), TOKENS, once=True).batch(TINY, Plan(steps=13, batch=10), 12)


def test_steps_are_made_orthogonal_as_muon_has_it():
    for shape in ((6, 10), (10, 6), (8, 8)):
        stack = RNG.normal(size=(3, *shape))
        found = training_torch.orthogonalise(torch.from_numpy(stack))
        for matrix, step in zip(stack, found.numpy(), strict=True):
            np.testing.assert_allclose(step, muon.newton_schulz(matrix), rtol=1e-6, atol=1e-9)


def test_a_matrix_steps_as_the_numpy_muon_does():
    parameters = training_torch.first_parameters(TINY, 0)
    plan = Plan(steps=3, muon_rate=0.02, decay=0.1)
    optimiser = training_torch.Optimiser(parameters, plan)
    w, state = parameters["0.up"].detach().numpy().T.astype(float), None
    for step in range(3):
        training_torch.loss_of(TINY, parameters, task().batch(TINY, PLAN, step)).backward()
        g = parameters["0.up"].grad.numpy().T.astype(float)
        optimiser.step(0.5)
        w, state = muon.muon(w, g, state, rate=0.01, decay=0.1, rule="adam")
    np.testing.assert_allclose(parameters["0.up"].detach().numpy().T, w, rtol=1e-3, atol=1e-6)


@pytest.mark.slow
def test_a_student_comes_near_its_teacher():
    wise, _ = training_torch.train(TINY, Plan(steps=40, batch=8, warm_up=5), task())
    teacher = (TINY, {name: torch.from_numpy(values) for name, values in wise.items()})
    small = Configuration(32, 16, 1, 8, 1, 1, 16)
    _, record = training_torch.train(
        small, Plan(steps=60, batch=8, look=20, warm_up=5), task(), teacher=teacher
    )
    distances = [row["training"] for row in record["curve"]]
    assert 0.0 < distances[-1] < distances[0]


def test_plays_lose_their_marks_and_keep_their_words(tmp_path):
    lines = ["# Play", "", "## ACT I", "", "_Enter A_", "", "**A B**  ", "Well, _\\[Aside]_  "]
    source = "\n".join([*lines, "\\--I go—so.  ", "", "", "", "_Exit_", ""])
    kept = ["Play", "", "ACT I", "", "[Enter A]", "", "A B:", "Well, [Aside]", "--I go--so."]
    assert plain(source) == "\n".join([*kept, "", "[Exit]", ""])
    for name in ("b", "a", "macbeth", "twelfth-night"):
        file = tmp_path / "plays" / name[0] / f"{name}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# {name}\n")
    found = read(tmp_path)
    assert joined(found.training) == "a\n\n\nb\n"
    assert list(found.validation) == ["macbeth", "twelfth-night"]
    with pytest.raises(ValueError, match="there is no play hamlet"):
        read(tmp_path, ("hamlet",))


def test_a_sweep_gives_every_budget_what_a_run_of_its_own_would_have_given(tmp_path):
    base = {"batch": 4, "warm_up": 2, "look": 4}
    text = Text(np.resize(TOKENS, 4000), TOKENS[:300], once=True, windows=4)
    found = list(jobs_scaling.train_size(TINY, base, [6, 12], text, tmp_path, seed=1))
    for steps, last in zip([6, 12], found, strict=True):
        _, alone = training_torch.train(TINY, Plan(steps=steps, seed=1, **base), text)
        assert last["validation"] == alone["curve"][-1]["validation"]
        assert last["tokens"] == steps * 4 * 16
