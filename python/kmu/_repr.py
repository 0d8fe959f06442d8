"""What a notebook shows of an estimator: scikit-learn's diagram, and below it how the fit ended."""

from typing import Any

WORDS = {
    "fixpoint": "stopped at a fixpoint: no centroid moves any more",
    "tolerance": "stopped by tolerance",
    "max_iter": "stopped by max_iter: more turns may lower J",
    "budget": "stopped by max_seconds: more time may lower J",
    "no_improvement": "stopped by max_no_improvement",
    "interrupted": "interrupted: the best so far",
}


class Shown:
    """scikit-learn's HTML, with a line about the fit."""

    def _ending(self) -> str:
        """How the fit ended, as HTML; empty before a fit."""
        if "inertia_" not in self.__dict__ or "cluster_centers_" not in self.__dict__:
            return ""
        words = [f"{len(self.cluster_centers_)} clusters, J&nbsp;=&nbsp;{float(self.inertia_)!r}"]  # type: ignore[attr-defined]
        if "stop_reason_" in self.__dict__:
            words.append(WORDS[self.stop_reason_])  # type: ignore[attr-defined]
        words += self._proved()
        return f'<p class="kmu-ending">{"; ".join(words)}.</p>'

    def _proved(self) -> list[str]:
        """What the certificate says, where the points of the fit are still there."""
        try:
            certificate = self.certificate_  # type: ignore[attr-defined]
        except AttributeError:
            return []
        nearest = (
            "every row is with a nearest centroid"
            if certificate.holds
            else f"{certificate.not_nearest} rows have a nearer centroid than their own"
        )
        means = (
            "every centroid is the exact mean, rounded once"
            if certificate.means_off == 0
            else f"{certificate.means_off} coordinates of centroids are not the mean"
        )
        return [nearest, means]

    def _repr_html_inner(self) -> str:
        html: str = super()._repr_html_inner()  # type: ignore[misc]
        return html + self._ending()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        bundle: dict[str, str] = super()._repr_mimebundle_(**kwargs)  # type: ignore[misc]
        if "text/html" in bundle:
            bundle["text/html"] += self._ending()
        return bundle
