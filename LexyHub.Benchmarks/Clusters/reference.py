"""References for the clustering benchmarks: FAISS and scikit-learn over the same raw files.

Usage: reference.py check
       reference.py kmeans VECTORS CENTROIDS ROWS DIMENSIONS CLUSTERS PASSES
       reference.py quality VECTORS ROWS DIMENSIONS CLUSTERS OUTPUT

Vectors are rows of little-endian float32. Answers are lines of JSON on standard output.
"""
import json
import os
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")
os.environ.setdefault("OMP_NUM_THREADS", "2")

import numpy as np  # noqa: E402


def say(**fields):
    print(json.dumps(fields), flush=True)


def read(path, rows, dimensions):
    return np.fromfile(path, dtype="<f4").reshape(rows, dimensions)


def objective(vectors, centroids):
    """Mean cosine to the nearest of the centroids, which are unit vectors."""
    total = 0.0
    for start in range(0, len(vectors), 8192):
        total += float((vectors[start:start + 8192] @ centroids.T).max(axis=1).astype(np.float64).sum())
    return total / len(vectors)


def unit(rows):
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def kmeans(vectors_path, centroids_path, rows, dimensions, clusters, passes):
    vectors = read(vectors_path, rows, dimensions)
    initial = read(centroids_path, clusters, dimensions)

    import faiss
    faiss.omp_set_num_threads(2)
    means = faiss.Kmeans(dimensions, clusters, niter=passes, nredo=1, spherical=True, verbose=False,
                         min_points_per_centroid=1, max_points_per_centroid=rows)
    started = time.perf_counter()
    means.train(vectors, init_centroids=initial)
    elapsed = time.perf_counter() - started
    say(name="faiss.Kmeans (spherical)", version=faiss.__version__, seconds=elapsed,
        objective=objective(vectors, unit(means.centroids)))

    import sklearn
    from sklearn.cluster import KMeans, MiniBatchKMeans
    started = time.perf_counter()
    lloyd = KMeans(clusters, init=initial, n_init=1, max_iter=passes, tol=0, algorithm="lloyd").fit(vectors)
    say(name="sklearn KMeans (lloyd)", version=sklearn.__version__, seconds=time.perf_counter() - started,
        objective=objective(vectors, unit(lloyd.cluster_centers_)))
    started = time.perf_counter()
    batches = MiniBatchKMeans(clusters, init=initial, n_init=1, max_iter=passes, batch_size=4096, random_state=1).fit(vectors)
    say(name="sklearn MiniBatchKMeans", version=sklearn.__version__, seconds=time.perf_counter() - started,
        objective=objective(vectors, unit(batches.cluster_centers_)))


def quality(vectors_path, rows, dimensions, clusters, output):
    import sklearn.cluster as cluster
    vectors = read(vectors_path, rows, dimensions)
    labels = [("sklearn KMeans", cluster.KMeans(clusters, n_init=1, random_state=1).fit_predict(vectors)),
              ("sklearn MiniBatchKMeans", cluster.MiniBatchKMeans(clusters, n_init=3, random_state=1).fit_predict(vectors))]
    try:
        import faiss
        faiss.omp_set_num_threads(2)
        means = faiss.Kmeans(dimensions, clusters, niter=25, spherical=True, min_points_per_centroid=1, seed=1)
        means.train(vectors)
        labels.append(("faiss.Kmeans (spherical)", means.index.search(vectors, 1)[1][:, 0]))
    except ImportError:
        pass
    try:
        hdbscan = cluster.HDBSCAN
    except AttributeError:
        try:
            from hdbscan import HDBSCAN as hdbscan
        except ImportError:
            hdbscan = None
    if hdbscan is not None:
        labels.append(("HDBSCAN", hdbscan(min_cluster_size=3).fit_predict(vectors)))
    with open(output, "wb") as file:
        for _, of_rows in labels:
            file.write(np.asarray(of_rows, dtype="<i4").tobytes())
    for name, _ in labels:
        say(name=name)


if __name__ == "__main__":
    if sys.argv[1] == "check":
        import faiss  # noqa: F401
        import sklearn  # noqa: F401
    elif sys.argv[1] == "kmeans":
        kmeans(sys.argv[2], sys.argv[3], *map(int, sys.argv[4:8]))
    else:
        quality(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), sys.argv[6])
