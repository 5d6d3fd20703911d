"""What is counted in Shakespeare's plays: the merges of a tokeniser, and n-grams as a baseline.

Both read 36 plays; what they foresee is judged on two others (`kernels.tinylm.corpus`).
"""

import numpy as np

from kernels.jobs import Context, Tolerance, job
from kernels.tinylm import bpe, corpus, ngram
from kernels.tinylm.jobs_shared import CARRIER, plays, tokeniser_of


@job("shakespeare-tokeniser", obtained="trained", carriers=(CARRIER,),
     parameters={"vocabulary": 1024}, tolerance=Tolerance(why="counting is exact"))  # fmt: skip
def shakespeare_tokeniser(context: Context) -> dict[str, object]:
    """Learn byte-pair merges from 36 plays, and keep the two that are held out, as text."""
    training, validation = plays(context)
    tokeniser = bpe.train(training, context.parameters["vocabulary"])
    length = len(bpe.encode(tokeniser, validation))
    context.note("held_out", list(corpus.HELD_OUT))
    context.note("training_characters", len(training))
    context.note("characters_per_token", len(validation) / length)
    return {"merges.npy": np.array(tokeniser.merges, np.int16), "held-out.txt": validation}


@shakespeare_tokeniser.recheck
def _(context: Context) -> dict[str, float]:
    again = shakespeare_tokeniser(context)
    return {"merges": context.difference(again["merges.npy"], context.asset("merges.npy"))}


def ngram_bits(texts, order, vocabulary):
    """Count the first of two texts; return the mean surprise at a symbol of the second, in bits."""
    training, validation = texts
    return float(ngram.surprisals(ngram.fit(training, order, vocabulary), validation).mean())


def as_symbols(text, alphabet):
    """Return the place of each character in an alphabet; its length for one that it lacks."""
    places = {character: place for place, character in enumerate(alphabet)}
    return np.array([places.get(character, len(alphabet)) for character in text], np.int64)


@job("shakespeare-ngram", obtained="trained", after=("shakespeare-tokeniser",),
     carriers=(CARRIER,), parameters={"token_orders": [1, 2, 3, 4, 5],
     "character_orders": [1, 2, 3, 4, 5, 6, 7, 8]}, reduced={"token_orders": [2],
     "character_orders": [3]}, tolerance=Tolerance(0.0, 1e-9, "logarithms of another machine"),
     )  # fmt: skip
def shakespeare_ngram(context: Context) -> dict[str, object]:
    """Count n-grams of tokens and of characters, and judge every order on the held-out plays."""
    training, validation = plays(context)
    tokeniser, characters = tokeniser_of(context), len(validation)
    ids = [np.array(bpe.encode(tokeniser, text)) for text in (training, validation)]
    alphabet = sorted(set(training))
    letters = [as_symbols(text, alphabet) for text in (training, validation)]
    rows = []
    for unit, texts, size in (("token", ids, tokeniser.vocabulary),
                              ("character", letters, len(alphabet) + 1)):  # fmt: skip
        for order in context.parameters[f"{unit}_orders"]:
            bits = ngram_bits(texts, order, size)
            share = bits * len(texts[1]) / characters
            rows.append({"unit": unit, "order": order, "bits_per_symbol": bits,
                         "bits_per_character": share})  # fmt: skip
            context.progress(len(rows), 13, f"{unit}s, order {order}: {share:.3f} bits a character")
    best = min(rows, key=lambda row: row["bits_per_character"])
    return {"baseline.json": {"rows": rows, "best": best, "characters": characters}}


@shakespeare_ngram.recheck
def _(context: Context) -> dict[str, float]:
    kept = {(r["unit"], r["order"]): r for r in context.asset("baseline.json")["rows"]}
    found = {}
    for row in shakespeare_ngram(context)["baseline.json"]["rows"]:  # type: ignore[index]
        place = (row["unit"], row["order"])
        found["-".join(map(str, place))] = context.difference(
            row["bits_per_character"], kept[place]["bits_per_character"]
        )
    return found
