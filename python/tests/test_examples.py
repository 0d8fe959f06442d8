"""test_examples.py - the examples in the docstrings run, and say what they show."""


def test_example(example, run_example, capsys):
    run_example.run(example)
    assert run_example.failures == 0, capsys.readouterr().out
