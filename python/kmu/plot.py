"""Pictures of clusters with matplotlib (`pip install "kmu[plot]"`), which is imported when one is drawn."""

from typing import Any, Self

import numpy as np
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

from kmu._data import Array

# The colours of the command's pictures: any two differ to everyone, and from white by 3 : 1 (report/ink.c).
HUES = ("#3794f9", "#d0761e", "#659e59", "#b3006f", "#6f5509", "#928bb9", "#6f44b3", "#8e4042")


class KMeansDisplay:
    """Clusters in the plane: points by cluster, the centroids' cells, the centroids.

    Made by `KMeansDisplay.from_estimator`. Of more than two features the plane of two principal axes is shown (of the
    centroids; of the points, if there are fewer than three centroids), and the cells as that plane cuts them: a point that
    lies off the plane may be drawn in another cell than its own, but has the colour of its cluster.

    Parameters
    ----------
    centers : ndarray of shape (n_clusters, 2)
        Centroids, where they fall on the plane.

    cells : list of n_clusters ndarrays of shape (n_corners, 2)
        Each centroid's cell, a convex polygon within the view, its corners counter-clockwise; without corners if none of
        it is seen. Computed in float64.

    view : ndarray of shape (2, 2)
        Least and greatest coordinates of what is shown.

    points : ndarray of shape (n_points, 2) or None, default=None
        Points, where they fall on the plane.

    labels : ndarray of shape (n_points,) or None, default=None
        Their clusters.

    names : tuple of 2 str, default=("feature 0", "feature 1")
        What the axes are called.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the picture.

    figure_ : matplotlib Figure
        Its figure.

    cells_ : matplotlib PolyCollection
        The cells that are seen.

    points_ : matplotlib PathCollection or None
        The points.

    centers_ : matplotlib PathCollection
        The centroids.

    See Also
    --------
    voronoi : The same for centroids that are no estimator's.

    References
    ----------
    G. Voronoi, 1908, "Nouvelles applications des parametres continus a la theorie des formes quadratiques",
    doi:10.1515/crll.1908.134.198.

    Examples
    --------
    >>> import numpy as np
    >>> from kmu import KMeans, KMeansDisplay
    >>> X = np.array([[1, 2], [1, 4], [1, 0], [10, 2], [10, 4], [10, 0]])
    >>> km = KMeans(n_clusters=2, random_state=0).fit(X)
    >>> display = KMeansDisplay.from_estimator(km, X)  # doctest: +SKIP
    >>> display.ax_.set_title("six points")  # doctest: +SKIP
    """

    def __init__(
        self,
        *,
        centers: Array,
        cells: list[Array],
        view: Array,
        points: Array | None = None,
        labels: Array | None = None,
        names: tuple[str, str] = ("feature 0", "feature 1"),
    ) -> None:
        self.centers = centers
        self.cells = cells
        self.view = view
        self.points = points
        self.labels = labels
        self.names = names

    def plot(
        self,
        ax: Any = None,
        *,
        colors: Any = HUES,
        cell_kw: dict[str, Any] | None = None,
        point_kw: dict[str, Any] | None = None,
        center_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw in; None: those of a new figure.
        colors : sequence of colours
            Cluster i has colour i, and again from the first when there are more clusters.
        cell_kw, point_kw, center_kw : dict, default=None
            What matplotlib's `PolyCollection`, and its `scatter` for points and centroids, are to be told besides.

        Returns
        -------
        display : KMeansDisplay
            Itself, with `ax_`, `figure_`, `cells_`, `points_`, `centers_`.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        _ask_for_matplotlib("KMeansDisplay.plot")
        import matplotlib.pyplot as plt
        from matplotlib.collections import PolyCollection

        if ax is None:
            _, ax = plt.subplots()
        color = np.array([colors[i % len(colors)] for i in range(len(self.centers))])
        seen = [i for i, cell in enumerate(self.cells) if len(cell)]
        look: dict[str, Any] = {"facecolors": color[seen], "alpha": 0.15, "edgecolors": "0.4", "linewidths": 0.8, "zorder": 0}
        self.cells_ = ax.add_collection(PolyCollection([self.cells[i] for i in seen], **(look | (cell_kw or {}))))
        self.points_ = None
        if self.points is not None and self.labels is not None:
            few = len(self.points) < 2000
            look = {"c": color[self.labels], "s": 12 if few else 4, "linewidths": 0, "rasterized": not few, "zorder": 1}
            self.points_ = ax.scatter(*self.points.T, **(look | (point_kw or {})))
        few = len(self.centers) <= 40  # of more they would hide the points
        look = {
            "c": color,
            "marker": "o",
            "s": 60 if few else 15,
            "edgecolors": "black",
            "linewidths": 1.2 if few else 0.6,
            "zorder": 2,
        }
        self.centers_ = ax.scatter(*self.centers.T, **(look | (center_kw or {})))
        ax.set(xlim=self.view[:, 0], ylim=self.view[:, 1], xlabel=self.names[0], ylabel=self.names[1])
        self.ax_ = ax
        self.figure_ = ax.figure
        return self

    @classmethod
    def from_estimator(cls, estimator: Any, X: Any, *, ax: Any = None, max_points: int = 20_000, **plot_kw: Any) -> Self:
        """Draw the clusters of an estimator and points.

        Parameters
        ----------
        estimator : KMeans, MiniBatchKMeans or BisectingKMeans
            Fitted: kmu's, or scikit-learn's. Of `BisectingKMeans`, whose labels follow its tree, a point may have another
            colour than the cell it is in.
        X : array-like of shape (n_samples, n_features)
            Points; they have the colours of `estimator.predict(X)`.
        ax : matplotlib Axes, default=None
            Axes to draw in; None: those of a new figure.
        max_points : int, default=20_000
            So many rows of X are drawn at most, evenly spread over it.
        **plot_kw : dict
            As `plot` takes them.

        Returns
        -------
        display : KMeansDisplay
            The picture.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        NotFittedError
            If the estimator is not fitted.
        ValueError
            If there is one feature only, or X has other features than the estimator.
        """
        _ask_for_matplotlib(f"{cls.__name__}.from_estimator")
        check_is_fitted(estimator)
        rows = np.linspace(0, _rows(X) - 1, min(_rows(X), max_points)).round().astype(int)
        few = X.iloc[rows] if hasattr(X, "iloc") else np.asarray(X)[rows]
        labels = estimator.predict(few)
        names = getattr(estimator, "feature_names_in_", None)
        return cls._of(estimator.cluster_centers_, np.asarray(few), labels, names).plot(ax, **plot_kw)

    @classmethod
    def _of(cls, centers: Any, points: Array | None, labels: Array | None, names: Any) -> Self:
        """Make the display of centroids and points of any number of features, at least two."""
        centers = check_array(centers, dtype=np.float64)
        if points is not None:
            points = check_array(points, dtype=np.float64)
            if points.shape[1] != centers.shape[1]:
                raise ValueError(f"X has {points.shape[1]} features, but the centroids have {centers.shape[1]}.")
        if centers.shape[1] < 2:
            raise ValueError("A picture in the plane needs two features or more; there is one.")
        if centers.shape[1] == 2:
            off, flat, shown = centers, centers, points
            names = tuple(names) if names is not None else ("feature 0", "feature 1")
        else:
            origin, axes = _plane(centers if points is None or len(centers) > 2 else points)
            off = centers - origin
            flat = off @ axes.T
            shown = None if points is None else (points - origin) @ axes.T
            names = ("principal axis 1", "principal axis 2")
        view = _view(flat if shown is None else np.concatenate([flat, shown]))
        unit = 2.0 ** np.floor(np.log2((view[1] - view[0]).max()))  # cells are cut where the view is about 1 wide
        height = ((off / unit) ** 2).sum(1) - ((flat / unit) ** 2).sum(1)
        box, seen = (view - view[0]) / unit, (flat - view[0]) / unit
        cells = [view[0] + unit * _cell(seen, height, i, box) for i in range(len(flat))]
        return cls(centers=flat, cells=cells, view=view, points=shown, labels=labels, names=names)


def voronoi(model: Any, X: Any = None, *, ax: Any = None, **plot_kw: Any) -> Any:
    """Draw the cells of centroids: where each of them is the nearest.

    Parameters
    ----------
    model : fitted estimator or array-like of shape (n_clusters, n_features)
        An estimator with `cluster_centers_`, or centroids.
    X : array-like of shape (n_samples, n_features), default=None
        Points to draw as well, in the colour of their cluster: at most 20,000 rows of them, evenly spread.
    ax : matplotlib Axes, default=None
        Axes to draw in; None: those of a new figure.
    **plot_kw : dict
        As `KMeansDisplay.plot` takes them.

    Returns
    -------
    ax : matplotlib Axes
        The axes with the picture.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    ValueError
        If there is one feature only, or X has other features than the centroids.

    See Also
    --------
    KMeansDisplay : How more than two features are shown, and what the picture is made of.

    Examples
    --------
    >>> import kmu
    >>> kmu.plot.voronoi([[0, 0], [4, 0], [2, 3]])  # doctest: +SKIP
    """
    _ask_for_matplotlib("kmu.plot.voronoi")
    from kmu import KMeans

    if hasattr(model, "predict"):
        if X is not None:
            return KMeansDisplay.from_estimator(model, X, ax=ax, **plot_kw).ax_
        check_is_fitted(model)
        names = getattr(model, "feature_names_in_", None)
        return KMeansDisplay._of(model.cluster_centers_, None, None, names).plot(ax, **plot_kw).ax_
    if X is None:
        return KMeansDisplay._of(model, None, None, None).plot(ax, **plot_kw).ax_
    centers = check_array(model, dtype=np.float64)
    nearest = KMeans(len(centers), init=centers, n_init=1, max_iter=1)
    nearest.cluster_centers_, nearest.n_features_in_ = centers, centers.shape[1]
    return KMeansDisplay.from_estimator(nearest, X, ax=ax, **plot_kw).ax_


def _ask_for_matplotlib(caller: str) -> None:
    try:
        import matplotlib  # noqa: F401
    except ImportError as e:
        raise ImportError(f'{caller} draws with matplotlib: pip install "kmu[plot]", or matplotlib itself.') from e


def _rows(X: Any) -> int:
    return int(X.shape[0]) if hasattr(X, "shape") else len(X)


def _plane(rows: Array) -> tuple[Array, Array]:
    """Mean and the two principal axes of rows."""
    origin = rows.mean(0)
    axes = np.linalg.svd(rows - origin, full_matrices=len(rows) < 3)[2][:2]
    return origin, axes


def _view(shown: Array) -> Array:
    """Least and greatest coordinates, and a rim."""
    low, high = shown.min(0), shown.max(0)
    wide = np.where(high > low, high - low, float((high - low).max()) or 1.0)
    view: Array = np.stack([low - 0.05 * wide, high + 0.05 * wide])
    return view


def _cell(centers: Array, height: Array, i: int, view: Array) -> Array:
    """Cut the view by the half-plane in which i is nearer than h, for every h that has a corner of what is left.

    2 p.(c_h - c_i) <= ||c_h||^2 + height_h - ||c_i||^2 - height_i is a half-plane, so what is left stays convex; of centroids
    that are equal the first has the cell.
    """
    corners = np.array([[view[a, 0], view[b, 1]] for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))])
    away = centers - centers[i]
    limit = (away * (centers + centers[i])).sum(1) + height - height[i]
    if ((away == 0).all(1) & (height == height[i]))[:i].any():
        return corners[:0]
    while len(corners):
        beyond = 2 * corners @ away.T - limit  # corners x centroids; above 0: nearer to the other one
        beyond[:, i] = 0
        beyond[np.abs(beyond) <= 1e-12 * (1 + np.abs(limit))] = 0
        h = int(beyond.max(0).argmax())
        side = beyond[:, h]
        if side.max() <= 0:
            break
        kept = []
        for a, b in zip(range(len(corners)), np.roll(range(len(corners)), -1), strict=True):
            if side[a] <= 0:
                kept.append(corners[a])
            if side[a] * side[b] < 0:
                kept.append(corners[a] + side[a] / (side[a] - side[b]) * (corners[b] - corners[a]))
        corners = np.array(kept).reshape(-1, 2)
    return corners
