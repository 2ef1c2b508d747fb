"""Activations, normalizations, and layers that only do something in training."""
import numpy as np
import keras
from keras import layers as L

from layer_cases import IS_KERAS_3, family

# Those of each Keras by name; `glu` halves its axis.
NAMES = ("celu elu exponential gelu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu linear log_sigmoid log_softmax "
         "mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus sparse_sigmoid sparsemax "
         "squareplus swish tanh tanh_shrink").split() if IS_KERAS_3 else (
             "elu exponential gelu hard_sigmoid linear relu selu sigmoid softmax softplus softsign swish tanh mish").split()


@family("activation", keras3=len(NAMES), keras2=len(NAMES))
def activation(r):
    return r.stack((4, 9), L.Activation(r.pick("", NAMES)), values="wide")


@family("activation_in", keras3=8, keras2=4)
def activation_in(r):
    """The activation as an option of a layer, where it may be spelled otherwise."""
    name = r.pick("", NAMES)
    layer = r.pick("", ["Dense", "Conv2D", "DepthwiseConv2D", "SeparableConv2D"])
    layer = L.Dense(9, activation=name) if layer == "Dense" else getattr(L, layer)(
        *((9, 2) if layer != "DepthwiseConv2D" else (2,)), activation=name)
    return r.stack((3, 3, 9), layer)


@family("activation_function", keras3=4)
def activation_function(r):
    """A function instead of a name."""
    f = r.pick("", [keras.activations.gelu, keras.activations.hard_sigmoid, keras.activations.log_softmax, keras.activations.relu6])
    return r.stack((9,), L.Dense(5, activation=f))


@family("leaky_relu", keras3=3)
def leaky_relu(r):
    return r.stack((9,), L.LeakyReLU(negative_slope=r.pick("slope", [0.0, 0.1, 0.3])), values="wide")


@family("relu", keras3=8)
def relu(r):
    options = dict(max_value=r.pick("max", [None, 0.5, 6.0]), negative_slope=r.pick("slope", [0.0, 0.2]),
                   threshold=r.pick("at", [0.0, 0.3, 1.0]))
    return r.stack((9, 2), L.ReLU(**options), values="wide")


@family("elu", keras3=2, keras2=2)
def elu(r):
    return r.stack((9,), L.ELU(alpha=r.pick("a", [1.0, 0.3])), values="wide")


@family("prelu", keras3=6, keras2=3)
def prelu(r):
    return r.stack((4, 5, 3), L.PReLU(shared_axes=r.pick("shared", [None, [1], [1, 2], [3], [2, 3], [1, 2, 3]])), values="wide")


@family("softmax", keras3=6, keras2=3)
def softmax(r):
    return r.stack((4, 5), L.Softmax(axis=r.pick("axis", [-1, 1, 2, -2] + ([(1, 2), [-1, -2]] if IS_KERAS_3 else []))))


@family("softmax_mask", keras3=3, keras2=2)
def softmax_mask(r):
    x, mask = r.input((4, 5)), r.input((4, 5), values="mask", dtype="bool")
    return r.model(L.Softmax(axis=-1)(x, mask=mask))


@family("batch_norm", keras3=14, keras2=5)
def batch_norm(r):
    shape = r.pick("in", [(6,), (4, 6), (3, 4, 6), (2, 3, 2, 6), (None, 6)])
    axes = [-1, -1, 1] if None not in shape else [-1]
    if len(shape) == 3:
        axes += [2, 3]
    options = dict(axis=r.pick("axis", axes), center=r.flag("center"), scale=r.flag("scale"),
                   epsilon=r.pick("e", [1e-3, 1e-5, 0.1]))
    return r.stack(shape, L.BatchNormalization(**options))


@family("dense_batch_norm", keras3=4, keras2=2)
def dense_batch_norm(r):
    """Normalization after a layer that it can be folded into, and before one."""
    before = r.pick("", ["Dense", "Conv1D", "none"])
    layers = {"Dense": [L.Dense(5, activation=r.pick("", ["linear", "relu"]))], "Conv1D": [L.Conv1D(5, 2)], "none": []}[before]
    return r.stack((5, 5), *layers, L.BatchNormalization(), L.Dense(3), L.BatchNormalization(center=False))


@family("layer_norm", keras3=12, keras2=4)
def layer_norm(r):
    axes = [-1, 3, [2, 3], [1, 2, 3], [-1, -2]] if IS_KERAS_3 else [-1, 3, [2, 3], [1, 2, 3]]
    options = dict(axis=r.pick("axis", axes), epsilon=r.pick("e", [1e-3, 1e-6]), center=r.flag("center"), scale=r.flag("scale"))
    return r.stack((3, 4, 6), L.LayerNormalization(**options))


@family("layer_norm_axis", keras3=3)
def layer_norm_axis(r):
    return r.stack((3, 4, 6), L.LayerNormalization(axis=r.pick("axis", [1, 2, [1, 3]])))


@family("group_norm", keras3=9, keras2=2)
def group_norm(r):
    options = dict(groups=r.pick("g", [1, 2, 3, 6, -1]), center=r.flag("center"), scale=r.flag("scale"),
                   axis=r.pick("axis", [-1, -1, 3 if IS_KERAS_3 else -1]), epsilon=r.pick("e", [1e-3, 1e-5]))
    return r.stack((3, 4, 6), L.GroupNormalization(**options))


@family("group_norm_first", keras3=2)
def group_norm_first(r):
    return r.stack((6, 3, 4), L.GroupNormalization(groups=r.pick("g", [2, -1]), axis=1))


@family("unit_norm", keras3=4, keras2=2)
def unit_norm(r):
    return r.stack((3, 4, 5), L.UnitNormalization(axis=r.pick("axis", [-1, 1, [1, 2], [2, 3]])))


@family("rms_norm", keras3=4)
def rms_norm(r):
    return r.stack((3, 4, 5), L.RMSNormalization(axis=r.pick("axis", [-1, [-1], [-1, -2]]), epsilon=r.pick("e", [1e-6, 1e-3])))


@family("spectral_norm", keras3=3)
def spectral_norm(r):
    layer = r.pick("", ["Dense", "Conv2D", "Conv1D"])
    held = {"Dense": lambda: L.Dense(4), "Conv2D": lambda: L.Conv2D(4, 2), "Conv1D": lambda: L.Conv1D(4, 2)}[layer]()
    shape = {"Dense": (5,), "Conv2D": (5, 5, 2), "Conv1D": (5, 2)}[layer]
    return r.stack(shape, L.SpectralNormalization(held, power_iterations=r.pick("n", [1, 2])))


@family("normalization", keras3=8, keras2=3)
def normalization(r):
    shape, axis = r.pick("", [((4,), -1), ((3, 4), -1), ((3, 4), None), ((3, 4), 1), ((2, 3, 4), (1, 3))])
    how = r.pick("", ["adapted", "given"])
    options = {"invert": r.flag("invert")}
    if how == "given":
        numbers = {None: (0.3, 2.0), -1: ([1., 2, 3, 4], [.5, 1, 2, 3]), 1: ([1., 2, 3], [.5, 1, 2]),
                   (1, 3): (np.arange(8.).reshape(2, 4), np.arange(1., 9).reshape(2, 4))}[axis]
        return r.stack(shape, L.Normalization(axis=axis, mean=numbers[0], variance=numbers[1], **options))
    layer = L.Normalization(axis=axis, **options)
    layer.adapt(r.random.normal(3, 2, (40, *shape)).astype("float32"))
    return r.stack(shape, layer)


@family("training_only", keras3=8, keras2=4)
def training_only(r):
    rate = r.pick("rate", [0.0, 0.1, 0.5])
    name = r.pick("", ["Dropout", "GaussianDropout", "GaussianNoise", "AlphaDropout", "SpatialDropout1D", "ActivityRegularization",
                       "Dropout_shape", "SpatialDropout1D"])
    layer = {"ActivityRegularization": lambda: L.ActivityRegularization(l1=0.1), "Dropout_shape": lambda: L.Dropout(rate, noise_shape=(None, 1, 4))}.get(
        name, lambda: getattr(L, name)(rate))()
    return r.stack((3, 4), layer, L.Dense(2))


@family("spatial_dropout", keras3=2, keras2=2)
def spatial_dropout(r):
    dimensions = r.pick("d", [2, 3])
    return r.stack((2, 3, 2, 4)[:dimensions + 1], getattr(L, f"SpatialDropout{dimensions}D")(0.3), L.Dense(2))
