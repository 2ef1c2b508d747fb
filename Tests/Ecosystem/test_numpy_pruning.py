"""The reference implementations against the vectors printed in methods.md."""
import numpy as np

import numpy_pruning as reference


def test_lamp_vectors():
    a, b = np.array([[1., -2, 3, -4]]), np.array([[.1, .2, -.3]])
    assert np.allclose(reference.lamp_scores(a), [[.03333333, .13793103, .36, 1]])
    assert np.allclose(reference.lamp_scores(b), [[.07142857, .30769231, 1]])
    keep = reference.lamp([a, b], 3)
    assert keep[0].tolist() == [[False, False, True, True]] and keep[1].tolist() == [[False, True, True]]
    keep = reference.magnitude([a, b], 3)
    assert keep[0].all() and not keep[1].any()


def test_lookahead_vectors():
    w1, w2, w3 = np.array([[1, 2], [3, .5]]).T, np.array([[1, -1], [2, .5]]).T, np.array([[2., 1]]).T
    l1, l2, l3 = reference.lookahead_scores([w1, w2, w3])
    assert np.allclose(l1.T, [[5, 20], [11.25, .3125]])
    assert np.allclose(l2.T, [[20, 37], [20, 2.3125]])
    assert np.allclose(l3.T, [[8, 4.25]])


def test_two_of_four_vector():
    row = np.array([.1, -.5, .3, .2, -.05, .06, -.07, .04])[:, None]
    assert np.flatnonzero(~reference.n_of_m(row, 2, 4)[:, 0]).tolist() == [0, 3, 4, 7]


def test_ties_fall_to_the_earlier_tensor_and_index():
    keep = reference.magnitude([np.full((2, 2), .5), np.full((1, 2), -.5)], 3)
    assert [k.ravel().tolist() for k in keep] == [[False, False, False, True], [True, True]]
