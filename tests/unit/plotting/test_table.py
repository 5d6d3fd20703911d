import numpy as np
from workings.plotting import figure, subplots


def test_lines_over_the_same_x_share_a_table():
    fig, ax = figure()
    ax.plot([1, 2], [0.5, 0.25], label="scaled")
    ax.plot([1, 2], [3, 4], label="unscaled")
    ax.set_xlabel("$d_k$")
    assert fig.table() == {
        "columns": ["d_k", "scaled", "unscaled"],
        "rows": [[1, 0.5, 3], [2, 0.25, 4]],
    }


def test_bars_name_their_categories():
    fig, ax = figure()
    ax.bar(["RNN", "attention"], [10, 1.5])
    ax.set_ylabel("steps")
    assert fig.table() == {"columns": ["x", "steps"], "rows": [["RNN", 10], ["attention", 1.5]]}


def test_level_bars_are_keyed_by_y():
    fig, ax = figure()
    ax.barh(["a", "b"], [1, 2])
    ax.set(xlabel="cost", ylabel="method")
    assert fig.table() == {"columns": ["method", "cost"], "rows": [["a", 1], ["b", 2]]}


def test_a_matrix_stays_a_matrix():
    fig, ax = figure()
    ax.imshow([[1.0, 2.0], [3.0, np.nan]])
    ax.set_xticks([0, 1], ["the", "cat"])
    assert fig.table() == {"columns": ["row", "the", "cat"], "rows": [[0, 1, 2], [1, 3, None]]}


def test_different_x_make_a_long_table():
    fig, ax = figure()
    ax.plot([1, 2], [3, 4], label="a")
    ax.plot([5], [6], label="b")
    assert fig.table()["rows"] == [["a", 1, 3], ["a", 2, 4], ["b", 5, 6]]


def test_long_tables_are_thinned_evenly_with_both_ends():
    fig, ax = figure()
    ax.plot(np.arange(5000), np.arange(5000))
    rows = fig.table()["rows"]
    assert len(rows) == 200 and rows[0] == [0, 0] and rows[-1] == [4999, 4999]


def test_panels_are_told_apart():
    fig, (a, b) = subplots(1, 2)
    a.plot([1], [2])
    a.set_title("left")
    b.plot([3], [4])
    assert fig.table() == {"columns": ["panel", "x", "y"], "rows": [["left", 1, 2], ["2", 3, 4]]}


def test_every_row_has_a_cell_a_column():
    from .test_svg import everything

    table = everything().table()
    assert all(len(row) == len(table["columns"]) for row in table["rows"])


def test_a_figure_without_data_has_an_empty_table():
    assert figure()[0].table() == {"columns": [], "rows": []}


def test_masked_values_are_gaps_in_lines_and_matrices():
    line, ax = figure()
    ax.plot([1, 2, 3], np.ma.masked_greater([4, 9, 6], 8), label="a")
    assert [row[1] for row in line.table()["rows"]] == [4, None, 6]
    matrix, ax = figure()
    ax.imshow(np.ma.masked_equal([[1, 2], [0, 4]], 0))
    assert matrix.table()["rows"] == [[0, 1, 2], [1, None, 4]]
