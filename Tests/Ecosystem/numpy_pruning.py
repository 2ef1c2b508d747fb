"""Pruning without data as reference/methods.md states it, in NumPy: what coppice's masks are held against.

Kernels are lists of arrays in file order; a mask is a list of bool arrays, True where a weight is kept.
"""
import numpy as np


def _split(flat, kernels):
    at, parts = 0, []
    for k in kernels:
        parts.append(flat[at:at + k.size].reshape(k.shape))
        at += k.size
    return parts


def lowest(scores, count):
    """Keeps all but the `count` lowest scores over all tensors; ties fall to the earlier (tensor, index)."""
    flat = np.concatenate([np.asarray(s, dtype=s.dtype).ravel() for s in scores]) if scores else np.zeros(0)
    keep = np.ones(flat.size, bool)
    keep[np.argsort(flat, kind="stable")[:count]] = False
    return _split(keep, scores)


def magnitude(kernels, count):
    return lowest([np.abs(k.astype(np.float64)) for k in kernels], count)


def lamp_scores(kernel):
    """w² over the sum of the squares not smaller than it (A2); equal weights follow their index."""
    squares = kernel.astype(np.float64).ravel() ** 2
    order = np.argsort(np.abs(kernel.astype(np.float64)).ravel(), kind="stable")
    above = np.cumsum(squares[order][::-1])[::-1]
    scores = np.zeros(squares.size)
    np.divide(squares[order], above, out=above, where=above > 0)
    scores[order] = above
    return scores.reshape(kernel.shape)


def lamp(kernels, count):
    return lowest([lamp_scores(k) for k in kernels], count)


def lookahead_scores(kernels):
    """Of a chain of Dense kernels (in, out): w_ij² x (squares into unit i) x (squares out of unit j) (B11)."""
    squares = [k.astype(np.float64) ** 2 for k in kernels]
    scores = []
    for i, s in enumerate(squares):
        before = squares[i - 1].sum(axis=0)[:, None] if i > 0 else 1.0
        after = squares[i + 1].sum(axis=1)[None, :] if i + 1 < len(squares) else 1.0
        scores.append(s * before * after)
    return scores


def as_matrix(kernel, output_axes=1):
    """Inputs by outputs: the last `output_axes` axes are the outputs (two in a depthwise kernel, whose channels
    do not mix), the others flattened are the inputs."""
    return kernel.reshape(int(np.prod(kernel.shape[:kernel.ndim - output_axes])), -1)


def n_of_m(kernel, n, m, output_axes=1):
    """Keeps the `n` largest of each `m` consecutive inputs of one output (A13); a last group that is not full
    stays whole."""
    rows = as_matrix(np.abs(kernel.astype(np.float64)), output_axes)
    keep = np.ones(rows.shape, bool)
    for start in range(0, rows.shape[0] - m + 1, m):
        order = np.argsort(rows[start:start + m], axis=0, kind="stable")
        np.put_along_axis(keep[start:start + m], order[:m - n], False, axis=0)
    return keep.reshape(kernel.shape)


def applied(kernels, masks):
    """The kernels with +0.0 where the mask says so."""
    return [np.where(m, k, np.zeros((), k.dtype)) for k, m in zip(kernels, masks)]
