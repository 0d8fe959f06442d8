"""Data sets of every kind that the benchmarks name, each made the same way everywhere. Needs numpy.

    file(name, folder)       the path of NAME.npy in the folder, made there if need be
    start(name, k, folder)   of NAME-K-start.npy likewise: k rows drawn at random
"""
import glob
import gzip
from pathlib import Path

import numpy as np


def mixture(n, d, modes, spread, seed, wide=(0.5, 1.5)):
    """Overlapping Gaussians of unequal weight and width."""
    r = np.random.default_rng(seed)
    centre = r.normal(size=(modes, d)).astype("f4") * np.float32(spread)
    z = r.choice(modes, n, p=r.dirichlet(np.full(modes, 2.0)))
    width = r.uniform(*wide, modes).astype("f4")
    return centre[z] + r.standard_normal((n, d), dtype="f4") * width[z, None]


def embeddings(n, d, seed, rank=64, modes=2000):
    """Unit vectors around many modes, their spectrum falling as 1 / i^0.7."""
    r = np.random.default_rng(seed)
    weight = (1 / np.arange(1, rank + 1) ** 0.7).astype("f4")
    basis = np.linalg.qr(r.standard_normal((d, rank)))[0].T.astype("f4")
    centre = r.standard_normal((modes, rank), dtype="f4") * weight
    x = (centre[r.integers(0, modes, n)] + np.float32(0.6) * r.standard_normal((n, rank), dtype="f4") * weight) @ basis
    x += np.float32(0.02) * r.standard_normal((n, d), dtype="f4")
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def pixels(rows, columns, seed):
    """A picture of soft shapes with a little noise, three bytes a pixel."""
    r = np.random.default_rng(seed)
    y, x = np.mgrid[0:1:rows * 1j, 0:1:columns * 1j]
    picture = np.zeros((rows, columns, 3))
    for _ in range(60):
        a, b, size = r.uniform(0, 1), r.uniform(0, 1), r.uniform(0.02, 0.3)
        picture += np.exp(-((x - a) ** 2 + (y - b) ** 2) / size**2)[:, :, None] * r.uniform(-80, 120, 3)
    return np.clip(np.rint(picture + 60 + r.normal(0, 1, picture.shape)), 0, 255).reshape(-1, 3)


def fashion():
    """The 60,000 images of Debian's package dataset-fashion-mnist."""
    path = glob.glob("/usr/share/**/train-images-idx3-ubyte.gz", recursive=True)
    if not path:
        raise SystemExit("Fashion-MNIST is missing: apt-get install dataset-fashion-mnist")
    with gzip.open(path[0], "rb") as f:
        return np.frombuffer(f.read(), np.uint8, offset=16).reshape(-1, 784)


def china():
    """The pixels of china.jpg, which comes with scikit-learn; needs pillow."""
    from sklearn.datasets import load_sample_image

    return load_sample_image("china.jpg").reshape(-1, 3)


def draws(n, d, seed, how):
    return how(np.random.default_rng(seed), (n, d))


MAKERS = {
    "small": lambda: mixture(3000, 2, 10, 5, 7),
    "geo": lambda: mixture(1_000_000, 2, 300, 8, 1),
    "china": china,
    "pixels": lambda: pixels(427, 640, 8),
    "m3": lambda: mixture(2_000_000, 3, 3000, 10, 21),
    "table8": lambda: mixture(5_000_000, 8, 40, 1.5, 3),
    "table16": lambda: mixture(500_000, 16, 80, 1.2, 2),
    "m20": lambda: mixture(2_000_000, 20, 300, 1.0, 22),
    "sift": lambda: np.abs(mixture(200_000, 128, 1500, 0.8, 4)),
    "fashion": fashion,
    "e384": lambda: embeddings(150_000, 384, 23),
    "embed768": lambda: embeddings(100_000, 768, 5),
    "embed1536": lambda: embeddings(50_000, 1536, 6),
    "flat128": lambda: draws(100_000, 128, 5, lambda r, s: r.standard_normal(s)),
    "heavy32": lambda: draws(200_000, 32, 5, lambda r, s: r.standard_t(2, s)),
    "scores": lambda: draws(500_000, 16, 5, lambda r, s: r.integers(1, 6, s)),
    "bin64": lambda: draws(200_000, 64, 5, lambda r, s: r.random(s) < 0.3),
    "lat2": lambda: draws(1_000_000, 2, 5, lambda r, s: r.integers(0, 100, s)),
    "d1": lambda: draws(2_000_000, 1, 5, lambda r, s: r.normal(size=s)),
}


def file(name, folder):
    path = Path(folder) / f"{name}.npy"
    if not path.exists():
        if name not in MAKERS:
            raise SystemExit(f"{path} is not there, and nothing here makes it")
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.ascontiguousarray(MAKERS[name](), dtype="f4"))
    return path


def start(name, k, folder):
    path = Path(folder) / f"{name}-{k}-start.npy"
    if not path.exists():
        x = np.load(file(name, folder), mmap_mode="r")
        np.save(path, x[np.sort(np.random.default_rng(0).choice(len(x), k, replace=False))])
    return path
