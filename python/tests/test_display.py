"""test_display.py - pictures with matplotlib: the cells are those of the nearest centroids; and what a notebook shows."""

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import sklearn
import sklearn.cluster
from sklearn.exceptions import NotFittedError

import kmu
from kmu import BisectingKMeans, KMeans, KMeansDisplay, MiniBatchKMeans

DRAW = np.random.default_rng(3)
X = DRAW.normal(size=(300, 2))
WIDE = DRAW.normal(size=(300, 5))


@pytest.fixture
def plt():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


def turn(a, b, c):
    return (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (c[..., 0] - a[..., 0])


def inside(cell, p):
    """Whether points are in a convex polygon."""
    return np.all([turn(a, b, p) >= 0 for a, b in zip(cell, np.roll(cell, -1, 0), strict=True)], axis=0)


@pytest.mark.parametrize("k", [1, 2, 7, 60])
def test_random_points_fall_in_the_drawn_cell_of_their_nearest_centroid(plt, k):
    centers = np.random.default_rng(k).normal(size=(k, 2))
    display = KMeansDisplay._of(centers, None, None, None).plot()
    low, high = display.view
    p = np.random.default_rng(k).uniform(low, high, (10_000, 2))
    squares = ((p[:, None] - centers) ** 2).sum(-1)
    order = np.sort(squares, 1)
    sure = order[:, 1] - order[:, 0] > 1e-9 if k > 1 else np.ones(len(p), bool)
    for i, cell in enumerate(display.cells):
        n = len(cell)
        assert all(turn(cell[a], cell[(a + 1) % n], cell[(a + 2) % n]) > -1e-12 for a in range(n)), "convex, counter-clockwise"
        assert np.array_equal(inside(cell, p[sure]) if n else np.zeros(sure.sum(), bool), squares.argmin(1)[sure] == i)
    area = sum(0.5 * turn(c[0], c[1:-1], c[2:]).sum() for c in display.cells if len(c))
    assert area == pytest.approx(np.prod(high - low), rel=1e-9), "the cells cover the view once"


@pytest.mark.parametrize("unit", [1e-150, 1e-9, 1e150])
@pytest.mark.parametrize("centers", [X[:7], WIDE[:7], X[:7] * [1, 0]])
def test_cells_do_not_depend_on_the_unit(plt, unit, centers):
    """Of lengths in metres as of their nanometres."""
    one, other = (KMeansDisplay._of(centers * by, None, None, None) for by in (1, unit))
    other.plot()
    for cell, again in zip(one.cells, other.cells, strict=True):
        assert np.allclose(cell, again / unit, rtol=1e-9, atol=1e-9)


def test_of_more_features_the_plane_cuts_the_cells(plt):
    """A random point of the plane is in the drawn cell of its nearest centroid in space."""
    km = KMeans(9, random_state=0).fit(WIDE)
    display = KMeansDisplay.from_estimator(km, WIDE)
    assert display.ax_.get_xlabel() == "principal axis 1"
    origin = km.cluster_centers_.mean(0)
    axes = np.linalg.lstsq(km.cluster_centers_ - origin, display.centers, rcond=None)[0]  # exact where they span the space
    p = np.random.default_rng(0).uniform(*display.view, (2000, 2))
    nearest = ((p @ axes.T + origin)[:, None] - km.cluster_centers_) ** 2
    for i, cell in enumerate(display.cells):
        drawn = inside(cell, p) if len(cell) else np.zeros(len(p), bool)
        assert np.mean(drawn == (nearest.sum(-1).argmin(1) == i)) > 0.999


@pytest.mark.parametrize("estimator", [KMeans, MiniBatchKMeans, BisectingKMeans, sklearn.cluster.KMeans])
def test_a_display_keeps_scikit_learns_convention(plt, estimator):
    km = estimator(4, random_state=0).fit(X)
    _, ax = plt.subplots()
    display = KMeansDisplay.from_estimator(km, X, ax=ax, point_kw={"alpha": 0.5})
    assert isinstance(display, KMeansDisplay)
    assert display.ax_ is ax
    assert display.figure_ is ax.figure
    assert np.array_equal(display.labels, km.predict(X))
    assert len(display.points_.get_offsets()) == 300
    assert display.points_.get_alpha() == 0.5
    assert len(display.centers_.get_offsets()) == 4
    assert display.plot() is display
    assert display.ax_ is not ax
    display.figure_.canvas.draw()


def test_voronoi_takes_a_model_or_centroids(plt):
    km = KMeans(4, random_state=0).fit(X)
    _, ax = plt.subplots()
    assert kmu.plot.voronoi(km, X, ax=ax) is ax
    for made in (
        kmu.plot.voronoi(km),
        kmu.plot.voronoi(km.cluster_centers_.tolist()),
        kmu.plot.voronoi(km.cluster_centers_, X),
    ):
        assert np.array_equal(made.collections[-1].get_offsets(), km.cluster_centers_)
    colours = [axes.collections[1].get_facecolors() for axes in (ax, made)]
    assert np.array_equal(*colours), "points are in the colour of the nearest centroid, whoever gives it"


def test_equal_centroids_and_one_point_have_a_picture(plt):
    assert [len(c) > 0 for c in KMeansDisplay._of([[0, 0], [1, 1], [0, 0]], None, None, None).cells] == [True, True, False]
    kmu.plot.voronoi([[5, 5]], [[5, 5]]).figure.canvas.draw()
    kmu.plot.voronoi(WIDE[:2], WIDE).figure.canvas.draw()
    kmu.plot.voronoi(WIDE[:1]).figure.canvas.draw()


def test_names_of_columns_name_the_axes(plt):
    frame = pd.DataFrame(X, columns=["long", "wide"])
    display = KMeansDisplay.from_estimator(KMeans(3, random_state=0).fit(frame), frame)
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("long", "wide")


def test_of_many_points_some_are_drawn(plt):
    many = np.random.default_rng(1).normal(size=(50_000, 2))
    display = KMeansDisplay.from_estimator(KMeans(3, random_state=0).fit(many), many, max_points=1000)
    assert len(display.points) == 1000
    assert np.array_equal(display.points[-1], many[-1])


@pytest.mark.parametrize(
    ("model", "data", "error", "words"),
    [
        (KMeans(3), X, NotFittedError, "not fitted"),
        (KMeans(3, random_state=0).fit(X), WIDE, ValueError, "5 features"),
        ([[0], [1]], None, ValueError, "two features or more"),
        ([[0, np.nan]], None, ValueError, "NaN"),
        (X[:3], WIDE, ValueError, "features"),
    ],
)
def test_what_has_no_picture(plt, model, data, error, words):
    with pytest.raises(error, match=words):
        kmu.plot.voronoi(model, data)


def test_matplotlib_is_asked_for_when_something_is_drawn():
    words = """
import sys
sys.modules["matplotlib"] = None
import kmu
from kmu import KMeansDisplay
for call in (lambda: kmu.plot.voronoi([[0, 0], [1, 1]]), lambda: KMeansDisplay.from_estimator(None, None)):
    try:
        call()
    except ImportError as e:
        print("pip install" in str(e))
"""
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout == "True\nTrue\n"
    done = subprocess.run(
        [sys.executable, "-c", "import kmu, sys; kmu.KMeansDisplay; print('matplotlib' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False\n"


def test_a_notebook_shows_how_the_fit_ended():
    km = KMeans(3, random_state=0)
    assert "kmu-ending" not in km._repr_html_()
    km.fit(X)
    for html in (km._repr_html_(), km._repr_mimebundle_()["text/html"]):
        assert html.startswith(sklearn.utils.estimator_html_repr(km)[:20])
        assert "KMeans" in html
        ending = html[html.index('<p class="kmu-ending">') :]
        assert repr(km.inertia_) in ending
        assert "every row is with a nearest centroid" in ending
        assert {"fixpoint": "at a fixpoint", "tolerance": "by tolerance"}[km.stop_reason_] in ending
    tree = BisectingKMeans(5, random_state=0).fit(X)
    assert f"{tree.certificate_.not_nearest} rows have a nearer centroid" in tree._repr_html_()
    copied = pickle.loads(pickle.dumps(KMeans(3, random_state=0).fit(X)))
    assert "stopped" in copied._ending(), "without the points nothing is proved"
    assert "nearest" not in copied._ending()
    with sklearn.config_context(display="text"):
        assert not hasattr(km, "_repr_html_")
        assert "text/html" not in km._repr_mimebundle_()
