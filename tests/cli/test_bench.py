"""test_bench.py - kmu bench: what it measures is there, every method ends with the same J, and the words of bad usage."""
import json

METHODS = ["auto", "dense", "bounds", "filter", "tree", "auto"]



def test_every_cell_is_timed_by_every_method(spawn):
    out, err = spawn("bench", "--json", "-t", 2).communicate(timeout=300)
    assert not err
    bench = json.loads(out)
    assert bench["peaks"]["fma"] > 0 and bench["peaks"]["read"] > 0 and bench["threads"] == 2
    assert len(bench["cells"]) >= 7
    for cell in bench["cells"]:
        assert [fit["algorithm"] for fit in cell["fits"]] == METHODS
        assert [fit["threads"] for fit in cell["fits"]][-1] == 1
        turns = {len(fit["trace"]) for fit in cell["fits"]}
        assert len(turns) > 1 or len({fit["J"] for fit in cell["fits"]}) == 1  # a slow machine makes fewer turns in its time
        for fit in cell["fits"]:
            assert fit["seconds"] > 0 and 1 <= len(fit["trace"]) <= 20
            for turn in fit["trace"]:
                assert turn["pairs"] + turn["skipped"] > 0 and turn["certified"] >= turn["exact"] >= 0


def test_it_makes_its_data(kmu):
    code, out, err = kmu("bench", "points.csv")
    assert (code, out) == (2, "") and err == 'kmu: kmu bench makes its data: there is no use for "points.csv"\n'
    code, out, err = kmu("bench", "-k", "3")
    assert (code, out) == (2, "") and "there is no option -k" in err
