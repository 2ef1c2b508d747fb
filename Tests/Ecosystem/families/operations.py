"""The functions of keras.ops and Python arithmetic between layers (Keras 3)."""
from layer_cases import IS_KERAS_3, family, keras

if IS_KERAS_3:
    from keras import layers as L
    from keras import ops

    X, Y = (3, 4), (3, 4)
    # One operand x of (3, 4), or x and y.
    UNARY = {
        "neg": lambda x: -x, "abs": lambda x: ops.abs(x), "exp": lambda x: ops.exp(x), "square": lambda x: ops.square(x),
        "tanh": lambda x: ops.tanh(x), "sigmoid": lambda x: ops.sigmoid(x), "relu": lambda x: ops.relu(x), "gelu": lambda x: ops.gelu(x),
        "gelu_exact": lambda x: ops.gelu(x, approximate=False), "silu": lambda x: ops.silu(x), "softplus": lambda x: ops.softplus(x),
        "leaky": lambda x: ops.leaky_relu(x, 0.1), "elu": lambda x: ops.elu(x), "selu": lambda x: ops.selu(x), "relu6": lambda x: ops.relu6(x),
        "softmax": lambda x: ops.softmax(x), "softmax1": lambda x: ops.softmax(x, axis=1), "log_softmax": lambda x: ops.log_softmax(x),
        "clip": lambda x: ops.clip(x, -0.5, 0.7), "sin": lambda x: ops.sin(x), "cos": lambda x: ops.cos(x), "sign": lambda x: ops.sign(x),
        "pow2": lambda x: x ** 2, "pow3": lambda x: ops.power(x, 3.0), "floor": lambda x: ops.floor(x), "hard_sigmoid": lambda x: ops.hard_sigmoid(x),
        "sqrt": lambda x: ops.sqrt(ops.abs(x)), "rsqrt": lambda x: ops.rsqrt(x * x + 0.1), "log": lambda x: ops.log(ops.abs(x) + 0.1),
        "erf": lambda x: ops.erf(x), "reciprocal": lambda x: ops.reciprocal(x * x + 1.0),
    }
    ARITHMETIC = {
        "add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y, "div": lambda x, y: x / (y * y + 1),
        "radd": lambda x, y: 1.5 + x, "rsub": lambda x, y: 1 - x, "rmul": lambda x, y: 2 * x, "rdiv": lambda x, y: 3.0 / (x * x + 1.0),
        "addc": lambda x, y: x + 2, "subc": lambda x, y: x - 0.5, "divc": lambda x, y: x / 4, "maximum": lambda x, y: ops.maximum(x, y),
        "minimum": lambda x, y: ops.minimum(x, y), "maximumc": lambda x, y: ops.maximum(x, 0.2), "add_fn": lambda x, y: ops.add(x, y),
        "subtract_fn": lambda x, y: ops.subtract(x, y), "multiply_fn": lambda x, y: ops.multiply(x, 3.0), "divide_fn": lambda x, y: ops.divide(x, 2.0),
        "true_divide": lambda x, y: ops.true_divide(x, ops.abs(y) + 1.0), "where": lambda x, y: ops.where(x > y, x, y * 0.5),
        "greater": lambda x, y: ops.cast(x > 0.0, "float32"), "less": lambda x, y: ops.where(ops.less(x, y), x, y),
        "constant": lambda x, y: x * ops.convert_to_tensor([1.0, 2.0, 3.0, 4.0]), "mixed": lambda x, y: (x + y) * (x - y) / 2.0 + 1,
        "same": lambda x, y: x + x, "same_mul": lambda x, y: x * x,
    }
    REDUCTIONS = {
        "mean": ops.mean, "sum": ops.sum, "max": ops.max, "min": ops.min, "var": ops.var, "std": ops.std, "prod": ops.prod, "logsumexp": ops.logsumexp,
        "norm": ops.norm,
    }
    SHAPES = {      # x of (3, 4, 2)
        "reshape": lambda x: ops.reshape(x, (-1, 8, 3)), "reshape_flat": lambda x: ops.reshape(x, (-1, 24)), "transpose": lambda x: ops.transpose(x, (0, 2, 1, 3)),
        "transpose_last": lambda x: ops.transpose(x, axes=[0, 3, 1, 2]), "expand": lambda x: ops.expand_dims(x, 1), "expand_last": lambda x: ops.expand_dims(x, -1),
        "squeeze": lambda x: ops.squeeze(x[:, :1], axis=1), "slice": lambda x: x[:, 1:], "slice_ellipsis": lambda x: x[..., 0], "slice_index": lambda x: x[:, 1],
        "slice_step": lambda x: x[:, ::2, 1:3], "slice_negative": lambda x: x[:, -1, :, :], "slice_back": lambda x: x[:, :, ::-1],
        "slice_newaxis": lambda x: x[:, None, :, 0], "concatenate": lambda x: ops.concatenate([x, x * 2.0], axis=-1),
        "concatenate1": lambda x: ops.concatenate([x, x[:, :2]], axis=1), "stack": lambda x: ops.stack([x, -x], axis=1), "swapaxes": lambda x: ops.swapaxes(x, 1, 3),
        "split": lambda x: ops.split(x, 2, axis=2)[1], "split_many": lambda x: list(ops.split(x, [1, 2], axis=1)), "repeat": lambda x: ops.repeat(x, 2, axis=2),
        "tile": lambda x: ops.tile(x, [1, 1, 2, 1]), "pad": lambda x: ops.pad(x, [[0, 0], [1, 2], [0, 1], [0, 0]]), "flip": lambda x: ops.flip(x, axis=1),
        "moveaxis": lambda x: ops.moveaxis(x, 1, 3), "take": lambda x: ops.take(x, [0, 2], axis=1), "unstack": lambda x: ops.unstack(x, axis=1)[2],
        "cast": lambda x: ops.cast(x, "float32"), "roll": lambda x: ops.roll(x, 1, axis=2), "ravel": lambda x: ops.reshape(x, (-1, 4, 6)),
    }
    PRODUCTS = {    # x of (3, 4), y of (3, 4)
        "matmul": lambda x, y: ops.matmul(x, ops.transpose(y, (0, 2, 1))), "matmul_operator": lambda x, y: x @ ops.transpose(y, (0, 2, 1)),
        "einsum": lambda x, y: ops.einsum("bij,bkj->bik", x, y), "einsum_scale": lambda x, y: ops.softmax(ops.einsum("bqd,bkd->bqk", x, y) / 2.0),
        "matmul_constant": lambda x, y: ops.matmul(x, ops.convert_to_tensor([[1.0, 0.5], [2.0, -1.0], [0.0, 3.0], [1.0, 1.0]])),
        "normalize": lambda x, y: ops.normalize(x, axis=-1), "dot": lambda x, y: ops.sum(x * y, axis=-1),
        "l2": lambda x, y: x / ops.sqrt(ops.sum(ops.square(x), axis=-1, keepdims=True) + 1e-6),
    }

    @family("op_unary", keras3=len(UNARY), formats=("keras",))
    def op_unary(r):
        return r.model(UNARY[r.pick("", UNARY)](r.input((3, 4))))

    @family("op_arithmetic", keras3=len(ARITHMETIC), formats=("keras",))
    def op_arithmetic(r):
        f = ARITHMETIC[r.pick("", ARITHMETIC)]
        x, y = r.input((3, 4)), r.input((3, 4))
        return r.model([f(x, y), L.Dense(2)(y)])

    @family("op_broadcast", keras3=8, formats=("keras",))
    def op_broadcast(r):
        one, two = r.pick("", [((3, 4), (1, 4)), ((3, 1), (3, 4)), ((3, 1), (1, 4)), ((2, 3, 4), (2, 1, 4))])
        x, y = r.input(one), r.input(two)
        return r.model({"add": lambda: x + y, "sub": lambda: x - y, "mul": lambda: x * y, "max": lambda: ops.maximum(x, y)}[
            r.pick("", ["add", "sub", "mul", "max"])]())

    @family("op_reduction", keras3=18, formats=("keras",))
    def op_reduction(r):
        name = r.pick("", REDUCTIONS)
        axis = r.pick("axis", [-1, 1, (1, 2), 2, (1, 2, 3)] if name != "norm" else [-1, 1])
        return r.model(REDUCTIONS[name](r.input((3, 4, 2)), axis=axis, keepdims=r.flag("keepdims")))

    @family("op_arg", keras3=2, formats=("keras",))
    def op_arg(r):
        x = r.input((3, 4))
        return r.model(ops.cast({"argmax": ops.argmax, "argmin": ops.argmin}[r.pick("", ["argmax", "argmin"])](x, axis=-1), "float32"))

    @family("op_shape", keras3=len(SHAPES), formats=("keras",))
    def op_shape(r):
        return r.model(SHAPES[r.pick("", SHAPES)](L.Dense(2)(r.input((3, 4, 2)))))

    @family("op_product", keras3=len(PRODUCTS), formats=("keras",))
    def op_product(r):
        return r.model(PRODUCTS[r.pick("", PRODUCTS)](r.input((3, 4)), r.input((3, 4))))

    @family("op_network", keras3=6, formats=("keras",))
    def op_network(r):
        """Arithmetic between layers with weights: squeeze and excite, a gate, a residual."""
        x = r.input((6, 6, 4))
        h = L.Conv2D(4, 3, padding="same", activation=r.pick("", ["relu", "linear"]))(x)
        how = r.pick("", ["excite", "gate", "residual"])
        if how == "excite":
            s = L.Dense(4, activation="sigmoid")(ops.mean(h, axis=(1, 2), keepdims=True))
            h = h * s
        elif how == "gate":
            g = ops.sigmoid(L.Conv2D(4, 1)(x))
            h = g * h + (1.0 - g) * x
        else:
            h = ops.relu(x + 0.5 * h)
        return r.model(L.Dense(2)(ops.mean(h, axis=[1, 2])))
