"""Layers of several inputs."""
from keras import layers as L

from layer_cases import IS_KERAS_3, family


@family("merge", keras3=18, keras2=6)
def merge(r):
    kind = r.pick("", ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"])
    count = 2 if kind == "Subtract" else r.pick("n", [2, 3, 4])
    shape = r.pick("in", [(5,), (3, 4), (2, 3, 4), (None, 4)])
    xs = [r.input(shape, size=5) for _ in range(count)]
    xs = [xs[0], *(L.Dense(shape[-1])(x) for x in xs[1:])]
    return r.model(getattr(L, kind)()(xs))


@family("merge_broadcast", keras3=10, keras2=3)
def merge_broadcast(r):
    kind = r.pick("", ["Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract"])
    one, two = r.pick("", [((3, 4), (1, 4)), ((3, 1), (3, 4)), ((3, 1), (1, 4)), ((2, 3, 4), (1, 1, 4)), ((2, 3, 4), (3, 4)), ((3, 4), (4,))])
    if len(one) != len(two) and kind == "Subtract":
        kind = "Add"
    return r.model(getattr(L, kind)()([r.input(one), r.input(two)]))


@family("concatenate", keras3=10, keras2=3)
def concatenate(r):
    axis = r.pick("axis", [-1, 1, 2, 3, -2, -3])
    count = r.pick("n", [2, 3])
    shapes = [[3, 4, 5] for _ in range(count)]
    for i, shape in enumerate(shapes):
        shape[axis - 1 if axis > 0 else axis] += i
    xs = [r.input(tuple(s)) for s in shapes]
    return r.model(L.Concatenate(axis=axis)(xs))


@family("dot", keras3=10, keras2=3)
def dot(r):
    one, two, axes = r.pick("", [
        ((4,), (4,), 1), ((4,), (4,), -1), ((3, 4), (5, 4), 2), ((3, 4), (5, 4), -1), ((3, 4), (3, 5), 1), ((3, 4), (4, 5), (2, 1)),
        ((3, 4), (5, 3), (1, 2)), ((3, 4), (4,), (2, 1)), ((4,), (3, 4), (1, 2)), ((2, 3, 4), (5, 4), (3, 2))])
    return r.model(L.Dot(axes=axes, normalize=r.flag("normalize"))([r.input(one), r.input(two)]))


@family("merge_masks", keras3=8, keras2=3)
def merge_masks(r):
    """What a merge makes of the masks of its inputs, seen by an LSTM after it."""
    kind = r.pick("", ["Add", "Multiply", "Average", "Maximum", "Concatenate", "Concatenate1"])
    a, b = r.input((5, 3), values="padded"), r.input((5, 3), values=r.pick("", ["padded_front", "normal"]))
    a = L.Masking()(a)
    b = L.Masking()(b) if r.flag("both") else L.Dense(3)(b)
    merged = L.Concatenate(axis=1)([a, b]) if kind == "Concatenate1" else getattr(L, kind)()([a, b])
    return r.model(L.LSTM(3, return_sequences=True)(merged))
