"""test_data.py - whatever arrays come in: the same answer, no copy that need not be, nothing modified, errors with words."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from kmu import DataError, KMeans, _core, kmeans_plusplus

X = np.random.default_rng(0).integers(-50, 50, (300, 4)).astype("f8") / 4


def same(km, right):
    assert km.labels_.tobytes() == right.labels_.tobytes()
    assert km.cluster_centers_.astype("f8").tobytes() == right.cluster_centers_.astype("f8").tobytes()
    assert km.inertia_ == right.inertia_


def strided(x):
    wide = np.full((2 * x.shape[0], 3 * x.shape[1]), np.nan if x.dtype.kind == "f" else 1, x.dtype)
    wide[::2, 1::3] = x
    return wide[::2, 1::3]


def unaligned(x):
    raw = np.zeros(x.nbytes + 1, np.uint8)
    moved = raw[1:].view(x.dtype).reshape(x.shape)
    moved[:] = x
    return moved


def read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


LAYOUTS = {
    "C": np.ascontiguousarray,
    "Fortran": np.asfortranarray,
    "strided": strided,
    "backward": lambda x: x[::-1, ::-1].copy()[::-1, ::-1],
    "unaligned": unaligned,
    "read-only": read_only,
    "big endian": lambda x: x.astype(x.dtype.newbyteorder(">")),
    "list": lambda x: x.tolist(),
    "csr": sparse.csr_array,
    "csr, indices of 64 bits": lambda x: wide_indices(x),
    "csc": sparse.csc_matrix,
    "coo, indices twice": lambda x: sparse.coo_array(
        (np.repeat(x[x != 0], 2) / 2, [np.repeat(i, 2) for i in np.nonzero(x)]), shape=x.shape
    ),
    "pandas": pd.DataFrame,
}


@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_is_no_difference(name, dtype):
    x = X.astype(dtype)
    if name == "list":
        x = x.astype("f8")  # NumPy makes binary64 of Python's floats
    right = KMeans(5, random_state=0).fit(x)
    got = LAYOUTS[name](x)
    km = KMeans(5, random_state=0).fit(got)
    same(km, right)
    assert km.cluster_centers_.dtype == x.dtype
    assert km.predict(got).tolist() == right.labels_.tolist()
    assert km.transform(got).tobytes() == right.transform(x).tobytes()
    assert km.score(got) == right.score(x)
    assert np.array_equal(kmeans_plusplus(got, 5, random_state=3)[1], kmeans_plusplus(x, 5, random_state=3)[1])


def test_memmap(tmp_path):
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    same(KMeans(5, random_state=0).fit(mapped), KMeans(5, random_state=0).fit(X))


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "?", ">i4", ">f2", "g"])
def test_other_numbers_widen(dtype):
    x = np.abs(X).astype(np.dtype(dtype))
    km = KMeans(2, random_state=0).fit(x)
    same(km, KMeans(2, random_state=0).fit(x.astype("f8")))
    assert km.cluster_centers_.dtype == np.float64
    assert km.predict(x).tolist() == km.labels_.tolist()


@pytest.mark.parametrize("library", ["polars", "pyarrow"])
def test_tables_of_other_libraries(library):
    table = pytest.importorskip(library)
    made = (
        table.DataFrame(X, schema=list("abcd"))
        if library == "polars"
        else table.table({n: X[:, i] for i, n in enumerate("abcd")})
    )
    km = KMeans(5, random_state=0).fit(made)
    same(km, KMeans(5, random_state=0).fit(X))


def test_dlpack_alone():
    class Tensor:
        def __init__(self, x):
            self.x = x

        def __dlpack__(self, **how):
            return self.x.__dlpack__(**how)

        def __dlpack_device__(self):
            return self.x.__dlpack_device__()

    same(KMeans(5, random_state=0).fit(Tensor(X)), KMeans(5, random_state=0).fit(X))


def test_model_and_points_of_different_types():
    narrow, wide = KMeans(5, random_state=0).fit(X.astype("f4")), KMeans(5, random_state=0).fit(X)
    assert narrow.predict(X).tolist() == narrow.labels_.tolist()
    assert wide.predict(X.astype("f4")).tolist() == wide.labels_.tolist()
    assert narrow.transform(X).dtype == wide.transform(X.astype("f4")).dtype == np.float64


@pytest.mark.parametrize("name", ["C", "Fortran", "strided", "read-only"])
@pytest.mark.parametrize("dtype", ["f4", "f8", "u1", "i4", "f2"])
def test_nothing_is_copied_or_modified(name, dtype):
    x = LAYOUTS[name](np.random.default_rng(1).integers(0, 100, (40_000, 20)).astype(dtype))
    before = x.copy()
    km = KMeans(3, random_state=0, max_iter=2, init="random", n_init=1)
    km.fit(x)  # imports and caches
    tracemalloc.start()
    try:
        km.fit(x)
        km.predict(x)
        km.score(x)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * 40_000 * 3 + 100_000, "labels, three times at most"
    assert (x == before).all()
    assert km._points[0] is x


def test_copy_x_has_no_effect():
    x = X.copy()
    same(KMeans(5, random_state=0, copy_x=False).fit(x), KMeans(5, random_state=0).fit(X))
    assert x.tobytes() == X.tobytes()


# ---- errors: the words of scikit-learn where it has them -----------------------------------------------------------------


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array, pd.DataFrame])
def test_numbers_that_are_not_finite_raise_what_scikit_learn_raises(bad, kind):
    from sklearn.cluster import KMeans as Theirs

    x = X.copy()
    x[7, 2] = bad
    km = KMeans(5).fit(X)
    for act in ("fit", "predict", "transform", "score"):
        with pytest.raises(ValueError) as ours:  # noqa: PT011
            getattr(km, act)(kind(x))
        with pytest.raises(ValueError) as theirs:  # noqa: PT011
            getattr(Theirs(5).fit(X), act)(kind(x))
        assert str(ours.value) == str(theirs.value)


def test_integers_beyond_binary64_are_an_error():
    with pytest.raises(DataError, match=r"point 1, coordinate 0 is an integer beyond 2\^53"):
        KMeans(1).fit(np.array([[1], [2**53 + 1]]))


def test_weights():
    for bad, words in (
        ([1] * 299, "sample_weight.shape == "),
        (np.ones((300, 2)), "Sample weights must be 1D array or scalar, got 2D array"),
        (np.zeros(300), "Sample weights must contain at least one non-zero number"),
        (np.r_[np.ones(299), -1], "weight 299 is -1"),
        (np.r_[np.ones(299), np.nan], "Input sample_weight contains NaN"),
    ):
        with pytest.raises(ValueError, match=words):
            KMeans(3).fit(X, sample_weight=bad)
    w = np.arange(300, dtype="f4")[::-1]
    same(KMeans(3, random_state=0).fit(X, sample_weight=w), KMeans(3, random_state=0).fit(X, sample_weight=w.tolist()))
    same(KMeans(3, random_state=0).fit(X, sample_weight=2), KMeans(3, random_state=0).fit(X, sample_weight=[2] * 300))


def wide_indices(x):
    a = sparse.csr_array(x)
    a.indices, a.indptr = a.indices.astype("i8"), a.indptr.astype("i8")
    return a


def test_sparse_points_stay_sparse():
    """2^20 rows of 2^13 numbers would be 64 GiB."""
    wide = sparse.csr_array((np.ones(2), ([0, 1], [0, 5])), shape=(2**20, 2**13))
    km = KMeans(2, init=wide[:2].toarray(), n_init=1, max_iter=3).fit(wide)
    assert km.predict(wide[:1]).tolist() == km.labels_[:1].tolist()


def test_no_index_of_sparse_points_is_changed():
    unsorted = sparse.csr_array((np.array([2.0, 1, 5, 0]), np.array([3, 0, 3, 1]), np.array([0, 2, 2, 4])), shape=(3, 4))
    twice = sparse.csr_array((np.array([2.0, 1, 5, 4]), np.array([3, 0, 2, 2]), np.array([0, 2, 2, 4])), shape=(3, 4))
    for x in (unsorted, twice, wide_indices(twice.toarray())):
        before = [a.copy() for a in (x.data, x.indices, x.indptr)]
        same(KMeans(2, random_state=0).fit(x), KMeans(2, random_state=0).fit(x.toarray()))
        for a, b in zip(before, (x.data, x.indices, x.indptr), strict=True):
            assert np.array_equal(a, b)


def test_sparse_points_that_have_no_answer():
    x = sparse.csr_array(X)
    x.data[7] = np.nan
    with pytest.raises(ValueError, match="Input X contains NaN"):
        KMeans(3).fit(x)
    mu, c = np.zeros((1, 4)), np.empty(300, np.int32)
    for name, bad in (("indices", x.indices + 2), ("indices", x.indices.astype("f8")), ("indptr", x.indptr[1:])):
        broken = sparse.csr_array(X)
        setattr(broken, name, bad)
        with pytest.raises((TypeError, ValueError)):
            _core.assign(broken, None, mu, c, 1, False)


def test_the_extension_refuses_what_it_cannot_read():
    mu, c = np.zeros((1, 4)), np.empty(300, np.int32)
    for bad in (unaligned(X), X.astype(">f8"), X[0], X.astype(complex), np.broadcast_to(X[:1], X.shape), [[1.0]]):
        with pytest.raises((TypeError, ValueError)):
            _core.assign(bad, None, mu, c, 1, False)
    for args in (
        (X, None, mu, c[1:], 1, False),
        (X, X[1:, 0].copy(), mu, c, 1, False),
        (X, None, mu[:, 1:].copy(), c, 1, False),
    ):
        with pytest.raises(ValueError, match="not"):
            _core.assign(*args)
    c.flags.writeable = False
    with pytest.raises((ValueError, BufferError)):
        _core.assign(X, None, mu, c, 1, False)


def test_update_is_fill_and_means():
    c, mu = np.zeros(4, np.int32), np.array([[0.0], [9.0]])
    x = np.array([[0.0], [1], [2], [9]])
    _core.update(x, None, c, mu, 1)
    assert c.tolist() == [0, 0, 0, 1]
    assert mu.tolist() == [[1.0], [9.0]]
