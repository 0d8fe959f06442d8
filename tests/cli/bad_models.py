"""bad_models.py - models that make no sense though their checksum fits: what kmu predict says of them.

A row is (what a good model of two centroids has, what stands there instead, what follows "kmu: x.kmu", where : stands for
": a damaged kmu model:")."""
import zlib

from file_bytes import model

GOOD = model([[1, 2], [7, 9]])[:-len("crc32 01234567\n")]


def edited(old, new):
    """The model with one part of it replaced, and its checksum made good."""
    assert GOOD.count(old) == 1
    body = GOOD.replace(old, new)
    return body + b"crc32 %08x\n" % zlib.crc32(body)


MODELS = [
    (b"k 2\n", b"", ":5: type, d or k are missing or too large"),
    (b"type f64\n", b"", ":5: type, d or k are missing or too large"),
    (b"type f64\n", b"type f16\n", ':4: the value of "type" makes no sense'),
    (b"d 2\n", b"d 0\n", ':2: the value of "d" makes no sense'),
    (b"d 2\n", b"d -1\n", ':2: the value of "d" makes no sense'),
    (b"d 2\n", b"d 2\nd 9\n", ':3: the value of "d" makes no sense'),
    (b"d 2\n", b"d 4521984000000\nname a\n", ':2: the value of "d" makes no sense'),
    (b"d 2\n", b"d 900\n", ':2: the value of "d" makes no sense'),
    (b"k 2\n", b"k 900\n", ':3: the value of "k" makes no sense'),
    (b"k 2\n", b"k 99999999999999999999\n", ':3: the value of "k" makes no sense'),
    (b"k 2\n", b"k 1000000000000\n", ':3: the value of "k" makes no sense'),
    (b"k 2\n", b"k 3\n", ":9: centroids are missing"),
    (b"k 2\n", b"k 1\n", ":8: there are lines behind the centroids"),
    (b"d 2\n", b"d 3\n", ":7: a centroid is no list of d numbers"),
    (b"d 2\n", b"d 1\n", ":7: a centroid is no list of d numbers"),
    (b"7.0", b"inf", ":8: a centroid is no list of d numbers"),
    (b"7.0", b"nan", ":8: a centroid is no list of d numbers"),
    (b"scale none\n", b"scale z\nshift 1 2\nunit 1 inf\n", ":7: a scale is no list of d numbers"),
    (b"7.0", b"7.x", ":8: a centroid is no list of d numbers"),
    (b"centroids\n", b"", ":8: it has no centroids"),
    (b"kmu-model 1\n", b"kmu-model 0\n", ":1: its version makes no sense"),
    (b"kmu-model 1\n", b"kmu-model 1x\n", ":1: its version makes no sense"),
    (b"kmu-model 1\n", b"kmu-model \n", ":1: its version makes no sense"),
    (b"k 2\n", b"k 2\nJ nan\n", ':4: the value of "J" makes no sense'),
    (b"k 2\n", b"k 2\nJ -1\n", ':4: the value of "J" makes no sense'),
    (b"k 2\n", b'k 2\nstop "\n', ':4: the value of "stop" makes no sense'),
    (b"k 2\n", b"k 2\nstop \x1b[2J\n", ':4: the value of "stop" makes no sense'),
    (b"scale none\n", b"scale z\n", ":6: names or scales are incomplete"),
    (b"scale none\n", b"scale z\nshift 1 2\nunit 1 0\n", ":8: a unit is not positive"),
    (b"scale none\n", b"scale z\nshift 1 2\nunit -1 1\n", ":8: a unit is not positive"),
    (b"scale none\n", b"scale z\nshift 1 2\n", ":7: names or scales are incomplete"),
    (b"scale none\n", b"scale z\nshift 1 2\nunit 1\n", ":7: a scale is no list of d numbers"),
    (b"scale none\n", b"name a\n", ":6: names or scales are incomplete"),
    (b"d 2\nk 2\n", b"shift 1 2\nd 2\nk 2\n", ":2: a scale comes before d, or twice"),
    (b"k 2\n", b"k 2\nn 0\n", ':4: the value of "n" makes no sense'),
    (b"k 2\n", b"k two\n", ':3: the value of "k" makes no sense'),
    (b"k 2\n", b"k 2\nn 1e3\n", ':4: the value of "n" makes no sense'),
    (b"1.0 7.0 9.0\n", b"", ":8: centroids are missing"),
    (b"1.0 7.0 9.0\n", b"1.0\n", ":8: centroids are missing"),
    (b"1.0 7.0 9.0\n", b"-1 7.0 9.0\n", ":8: a centroid is no list of d numbers"),
    (b"1.0 7.0 9.0\n", b"1.0 7.0 9.0\nsplits\n", ":10: splits are missing"),
    (b"1.0 7.0 9.0\n", b"1.0 7.0 9.0\nsplits\n0 1 2\n", ":11: splits are missing"),
    (b"1.0 7.0 9.0\n", b"1.0 7.0 9.0\nsplits\n0 1 2\n2 1 2\n", ":11: a split is no child and d numbers"),
    (b"1.0 7.0 9.0\n", b"1.0 7.0 9.0\nsplits\n0 1 2\n1 1\n", ":11: a split is no child and d numbers"),
    (b"1.0 7.0 9.0\n", b"1.0 7.0 9.0\nsplits\n0 1 2\n1 1 2\n0 1 2\n", ":12: there are lines behind the splits"),
    (b"scale none\n", b"scale z\nshift 1 2\nshift 1 2\n", ":7: a scale comes before d, or twice"),
    (b"scale none\n", b"name a\nname b\nname c\n", ':7: the value of "name" makes no sense'),
    (b"d 2\n", b"name a\nname b\nd 2\n", ':2: the value of "name" makes no sense'),
    (b"7.0", b"1e999", ":8: a centroid is no list of d numbers"),
]
