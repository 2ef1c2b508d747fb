"""Dense and convolutions."""
import keras
from keras import layers as L

from layer_cases import IS_KERAS_3, family, sequential

ACTIVATIONS = ["linear", "relu", "tanh", "sigmoid", "elu", "softplus", "selu"]
FIRST, LAST = "channels_first", "channels_last"


def turned(rank):
    """The permutations to channels last and back."""
    return tuple(range(2, rank + 2)) + (1,), (rank + 1,) + tuple(range(1, rank + 1))


def with_twin(draw, size, channels, data_format, layer):
    """One layer on images of `size`; channels first it is judged by the same layer between two Permutes."""
    if data_format == LAST:
        return draw.stack((*size, channels), layer(LAST))
    there, back = turned(len(size))
    shape = (channels, *(s if s else None for s in size))
    return draw.stack(shape, layer(FIRST)), sequential(shape, L.Permute(there), layer(LAST), L.Permute(back))


@family("dense", keras3=10, keras2=3)
def dense(r):
    shape = r.pick("in", [(7,), (4, 5), (2, 3, 4), (None, 5)])
    return r.stack(shape, L.Dense(
        r.pick("units", [1, 3, 16, 17]), use_bias=r.flag("bias"), activation=r.pick("", ACTIVATIONS)))


@family("einsum_dense", keras3=8, keras2=2)
def einsum_dense(r):
    equation, shape, output, bias = r.pick("", [
        ("ab,bc->ac", (5,), 4, "c"), ("abc,cd->abd", (4, 5), (None, 3), "d"), ("abc,cde->abde", (4, 5), (None, 2, 3), "de"),
        ("abcd,cde->abe", (3, 2, 4), (None, 5), "e"), ("abc,bd->adc", (4, 5), (3, 5), "d"), ("abc,cd->abd", (4, 5), (4, 3), "bd"),
        ("...x,xy->...y", (4, 5), 3, "y"), ("abc,bcd->abd", (4, 5), (4, 3), None)])
    return r.stack(shape, L.EinsumDense(equation, output, bias_axes=bias, activation=r.pick("", ACTIVATIONS)))


def conv(r, dimensions, sizes, open_sizes):
    """Options of ConvND: dilation only without strides, groups that divide channels and filters."""
    options = {}
    kernels = [1, 2, 3, 5, tuple(range(3, 3 - dimensions, -1))] if dimensions > 1 else [1, 2, 3, 5]
    if dimensions == 3:
        kernels = [1, 2, 3, (3, 1, 2)]
    options["kernel_size"] = r.pick("k", kernels)
    step, value = r.pick("", [("s", 1), ("s", 2), ("s", 3), ("d", 2), ("d", 3), ("s", tuple(range(1, dimensions + 1)))])
    if value != 1 and not isinstance(value, int) and dimensions == 1:
        value = 2
    if step == "d" and dimensions == 3:
        value = 2
    options["strides" if step == "s" else "dilation_rate"] = value
    options["padding"] = r.pick("", ["valid", "same"] + (["causal"] if dimensions == 1 else []))
    if step == "d" and options["kernel_size"] == 5:
        options["padding"] = r.pick("", ["same"])   # the kernel is larger than the image
    channels, filters, groups = r.pick("c", [(3, 5, 1), (4, 6, 2), (4, 8, 4), (1, 17, 1), (2, 1, 1), (6, 6, 6), (18, 16, 1)])
    options.update(filters=filters, use_bias=r.flag("bias"), activation=r.pick("", ACTIVATIONS))
    if IS_KERAS_3 or groups == 1:
        options["groups"] = groups
    size = open_sizes if r.pick("size", ["fixed", "fixed", "open"]) == "open" else sizes
    data_format = LAST if options["padding"] == "causal" else r.pick("", [LAST, LAST, FIRST])
    kind = getattr(L, f"Conv{dimensions}D")
    if data_format == FIRST and size is open_sizes:
        size = sizes
    return with_twin(r, size, channels, data_format, lambda f: kind(data_format=f, **options))


@family("conv1d", keras3=16, keras2=4)
def conv1d(r):
    return conv(r, 1, r.pick("n", [(11,), (8,)]), (None,))


@family("conv2d", keras3=24, keras2=5)
def conv2d(r):
    return conv(r, 2, r.pick("n", [(9, 11), (8, 7), (12, 10)]), (None, None))


@family("conv3d", keras3=10, keras2=2)
def conv3d(r):
    return conv(r, 3, r.pick("n", [(7, 5, 6)]), (None, None, None))


def transposed(r, dimensions, size, **more):
    kernel = r.pick("k", [1, 2, 3, 4] + ([tuple(range(3, 3 - dimensions, -1))] if dimensions == 2 else []))
    strides = r.pick("s", [1, 2, 3] + ([(2, 1)] if dimensions == 2 else []))
    padding = r.pick("", ["valid", "same"])
    options = dict(kernel_size=kernel, strides=strides, padding=padding, filters=r.pick("f", [1, 4, 17]),
                   use_bias=r.flag("bias"), activation=r.pick("", ACTIVATIONS), **more)
    if strides == 2 and isinstance(kernel, int) and kernel > 1:
        given = r.pick("out", [None, 0, 1] if kernel % 2 else [None, 1])
        if given is not None:
            options["output_padding"] = given
    kind = getattr(L, f"Conv{dimensions}DTranspose")
    return with_twin(r, size, r.pick("c", [1, 3]), r.pick("", [LAST, LAST, FIRST]), lambda f: kind(data_format=f, **options))


@family("conv1d_transpose", keras3=12, keras2=3)
def conv1d_transpose(r):
    return transposed(r, 1, (r.pick("n", [5, 6]),))


@family("conv2d_transpose", keras3=16, keras2=4)
def conv2d_transpose(r):
    return transposed(r, 2, r.pick("n", [(4, 5), (3, 6)]))


@family("conv3d_transpose", keras3=5)
def conv3d_transpose(r):
    return transposed(r, 3, (3, 2, 4))


def depthwise(r, dimensions, size, separable):
    options = dict(kernel_size=r.pick("k", [1, 2, 3, 5] + ([(3, 2)] if dimensions == 2 and not separable else [])),
                   padding=r.pick("", ["valid", "same"]), depth_multiplier=r.pick("m", [1, 2, 3]),
                   use_bias=r.flag("bias"), activation=r.pick("", ACTIVATIONS))
    step, value = r.pick("", [("s", 1), ("s", 2), ("d", 2), ("s", 3)])
    options["strides" if step == "s" else "dilation_rate"] = value
    if separable:
        options["filters"] = r.pick("f", [1, 5, 16])
    kind = getattr(L, ("Separable" if separable else "Depthwise") + f"Conv{dimensions}D")
    return with_twin(r, size, r.pick("c", [1, 3, 17]), r.pick("", [LAST, LAST, FIRST]), lambda f: kind(data_format=f, **options))


@family("depthwise1d", keras3=8, keras2=2)
def depthwise1d(r):
    return depthwise(r, 1, (r.pick("n", [9, 12]),), False)


@family("depthwise2d", keras3=12, keras2=3)
def depthwise2d(r):
    return depthwise(r, 2, r.pick("n", [(9, 8), (11, 10)]), False)


@family("separable1d", keras3=6, keras2=2)
def separable1d(r):
    return depthwise(r, 1, (r.pick("n", [9, 12]),), True)


@family("separable2d", keras3=8, keras2=2)
def separable2d(r):
    return depthwise(r, 2, r.pick("n", [(9, 8), (11, 10)]), True)


@family("conv_net", keras3=4, keras2=2)
def conv_net(r):
    """A chain that engines fuse: convolution, normalization, activation, sum, pooling."""
    x = r.input((8, 8, 3))
    h = L.Conv2D(8, 3, padding="same", use_bias=r.flag("bias"))(x)
    h = L.BatchNormalization()(h)
    h = L.Activation(r.pick("", ["relu", "elu", "tanh"]))(h)
    g = L.Conv2D(8, r.pick("k", [1, 3]), padding="same")(h)
    g = L.BatchNormalization(scale=r.flag("scale"))(g)
    if r.pick("dw", [True, False]):
        g = L.DepthwiseConv2D(3, padding="same", use_bias=False)(g)
    h = L.Add()([h, g]) if r.flag("hfirst") else L.Add()([g, h])
    h = L.ReLU(max_value=r.pick("max", [None, 6.0]))(h)
    h = L.ZeroPadding2D(1)(h)
    h = getattr(L, r.pick("", ["MaxPooling2D", "AveragePooling2D"]))(2)(h)
    return r.model([L.Dense(3, activation="softmax")(L.Flatten()(h)), h])
