"""Pooling, padding, cropping, upsampling, and layers that only turn shapes."""
from keras import layers as L

from families.convolution import FIRST, LAST, turned
from layer_cases import IS_KERAS_3, family, sequential

SIZES = {1: (9,), 2: (7, 8), 3: (5, 6, 4)}


def either_way(r, dimensions, layer, channels=3, back=True):
    """Channels first is judged by a twin between Permutes (before only, where the layer drops the space)."""
    data_format = r.pick("", [LAST, LAST, FIRST])
    size = SIZES[dimensions]
    if data_format == LAST:
        size = r.pick("size", [size, size, (None,) * dimensions])
        return r.stack((*size, channels), layer(LAST))
    there, home = turned(dimensions)
    shape = (channels, *size)
    after = [L.Permute(home)] if back else []
    return r.stack(shape, layer(FIRST)), sequential(shape, L.Permute(there), layer(LAST), *after)


def pooling(r, dimensions):
    kind = getattr(L, r.pick("", ["MaxPooling", "AveragePooling"]) + f"{dimensions}D")
    pools = [1, 2, 3] + ([tuple(range(2, 2 + dimensions))] if dimensions > 1 else [4])
    options = dict(pool_size=r.pick("p", pools), strides=r.pick("s", [None, 1, 2, 3]), padding=r.pick("", ["valid", "same"]))
    return either_way(r, dimensions, lambda f: kind(data_format=f, **options))


@family("pool1d", keras3=10, keras2=3)
def pool1d(r):
    return pooling(r, 1)


@family("pool2d", keras3=14, keras2=4)
def pool2d(r):
    return pooling(r, 2)


@family("pool3d", keras3=8, keras2=2)
def pool3d(r):
    return pooling(r, 3)


@family("global_pool", keras3=14, keras2=4)
def global_pool(r):
    dimensions = r.pick("d", [1, 2, 3])
    kind, keep = getattr(L, r.pick("", ["GlobalMaxPooling", "GlobalAveragePooling"]) + f"{dimensions}D"), r.flag("keepdims")
    return either_way(r, dimensions, lambda f: kind(data_format=f, keepdims=keep), back=keep)


@family("masked_pool", keras3=4, keras2=2)
def masked_pool(r):
    """A mask weighs steps out of the average; the others drop it."""
    x = r.input((6, 4), values=r.pick("", ["padded", "padded_front"]))
    h = L.Masking()(x)
    return r.model([L.GlobalAveragePooling1D(keepdims=r.flag("keepdims"))(h), L.GlobalMaxPooling1D()(h),
                    L.LSTM(2)(L.MaxPooling1D(2)(h))])


@family("zero_padding", keras3=10, keras2=3)
def zero_padding(r):
    dimensions = r.pick("d", [1, 2, 3])
    kind = getattr(L, f"ZeroPadding{dimensions}D")
    if dimensions == 1:
        padding = r.pick("p", [1, 3, (0, 2), (2, 1)])
        return r.stack((9, 3), kind(padding))
    pairs = [((1, 2), (0, 3)), ((2, 0), (0, 0))] if dimensions == 2 else [((1, 2), (0, 3), (0, 1)), ((0, 0), (1, 0), (2, 2))]
    padding = r.pick("p", [0, 2, tuple(range(1, dimensions + 1)), *pairs])
    return either_way(r, dimensions, lambda f: kind(padding, data_format=f))


@family("cropping", keras3=10, keras2=3)
def cropping(r):
    dimensions = r.pick("d", [1, 2, 3])
    kind = getattr(L, f"Cropping{dimensions}D")
    if dimensions == 1:
        return r.stack((9, 3), kind(r.pick("p", [1, (0, 2), (2, 1), (0, 0)])))
    pairs = [((1, 2), (0, 3)), ((2, 0), (0, 0))] if dimensions == 2 else [((1, 2), (0, 3), (0, 1)), ((0, 0), (1, 0), (1, 1))]
    cut = r.pick("p", [1, (1, 2) if dimensions == 2 else (2, 1, 1), *pairs])
    return either_way(r, dimensions, lambda f: kind(cut, data_format=f))


@family("upsampling", keras3=12, keras2=4)
def upsampling(r):
    dimensions = r.pick("d", [1, 2, 2, 3])
    kind = getattr(L, f"UpSampling{dimensions}D")
    if dimensions == 1:
        return r.stack((5, 3), kind(r.pick("s", [1, 2, 3])))
    if dimensions == 3:
        size = r.pick("s", [2, (2, 1, 3)])
        return either_way(r, 3, lambda f: kind(size, data_format=f), channels=2)
    size, how = r.pick("s", [2, 3, (2, 3), (1, 4)]), r.pick("", ["nearest", "bilinear"])
    return either_way(r, 2, lambda f: kind(size, interpolation=how, data_format=f))


@family("resizing", keras3=12, keras2=4)
def resizing(r):
    """Larger, smaller, one way each; layers of Keras 2 are channels last alone."""
    height, width = r.pick("to", [(3, 4), (14, 16), (4, 16), (7, 8), (10, 5), (1, 1)])
    how = r.pick("", ["bilinear", "nearest"])
    if IS_KERAS_3:
        return either_way(r, 2, lambda f: L.Resizing(height, width, interpolation=how, data_format=f))
    return r.stack((*r.pick("size", [SIZES[2], (None, None)]), 3), L.Resizing(height, width, interpolation=how))


@family("center_crop", keras3=6, keras2=3)
def center_crop(r):
    """Odd and even margins, one of them none."""
    height, width = r.pick("to", [(3, 4), (7, 5), (6, 8), (1, 1), (4, 3), (7, 8)])
    if IS_KERAS_3 and r.flag("first"):
        there, home = turned(2)
        shape = (3, *SIZES[2])
        r.input(shape)
        return sequential(shape, L.CenterCrop(height, width, data_format=FIRST)), sequential(
            shape, L.Permute(there), L.CenterCrop(height, width), L.Permute(home))
    return r.stack((*SIZES[2], 3), L.CenterCrop(height, width))


@family("flatten", keras3=5, keras2=2)
def flatten(r):
    shape = r.pick("in", [(4, 3), (2, 3, 4), (5,), (2, 2, 3, 2)])
    return r.stack(shape, L.Flatten(data_format=r.pick("", [LAST, FIRST])), L.Dense(3))


@family("reshape", keras3=8, keras2=2)
def reshape(r):
    shape, target = r.pick("", [
        ((12,), (3, 4)), ((3, 4), (12,)), ((3, 4), (-1, 2)), ((2, 3, 4), (4, -1)), ((None, 4), (-1, 2)),
        ((3, 4), (3, 4, 1)), ((2, 6), (2, -1, 3)), ((None, 2, 3), (-1, 6))])
    return r.stack(shape, L.Reshape(target))


@family("permute", keras3=5, keras2=2)
def permute(r):
    dims = r.pick("", [(1,), (2, 1), (2, 3, 1), (3, 2, 1), (4, 1, 3, 2), (1, 3, 2)])
    shape = (3, 4, 5, 2)[:len(dims)]
    return r.stack(shape, L.Permute(dims))


@family("repeat_vector", keras3=3, keras2=1)
def repeat_vector(r):
    return r.stack((r.pick("in", [1, 5]),), L.RepeatVector(r.pick("n", [1, 2, 5])), L.LSTM(3))


@family("rescaling", keras3=4, keras2=2)
def rescaling(r):
    shape = (4, 4, 3)
    scale, offset = r.pick("", [(1 / 255, 0.0), (1 / 127.5, -1.0), ([0.1, 0.2, 0.3], [1.0, 0.0, -1.0]), (2.0, 0.5)])
    if not IS_KERAS_3 and isinstance(scale, list):
        scale = 0.5
    return r.stack(shape, L.Rescaling(scale, offset), values="bytes")
