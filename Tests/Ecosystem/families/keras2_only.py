"""What only Keras 2 writes: TensorFlow functions in a functional model, and options of old."""
from layer_cases import IS_KERAS_3, family, keras, tf

if not IS_KERAS_3:
    from keras import layers as L

    OPERATIONS = {      # x and y of (3, 4)
        "add": lambda x, y: x + y, "sub": lambda x, y: x - 1.5, "rsub": lambda x, y: 1.0 - x, "mul": lambda x, y: x * 2.0, "div": lambda x, y: x / (y * y + 1.0),
        "rdiv": lambda x, y: 3.0 / (x * x + 1.0), "neg": lambda x, y: -x, "pow": lambda x, y: x ** 2.0, "abs": lambda x, y: tf.abs(x),
        "relu": lambda x, y: tf.nn.relu(x), "relu6": lambda x, y: tf.nn.relu6(x), "sigmoid": lambda x, y: tf.sigmoid(x), "tanh": lambda x, y: tf.math.tanh(x),
        "softmax": lambda x, y: tf.nn.softmax(x), "leaky": lambda x, y: tf.nn.leaky_relu(x, 0.1), "gelu": lambda x, y: tf.nn.gelu(x),
        "exp": lambda x, y: tf.exp(x), "square": lambda x, y: tf.square(x), "sqrt": lambda x, y: tf.sqrt(tf.abs(x)), "clip": lambda x, y: tf.clip_by_value(x, -0.5, 0.5),
        "maximum": lambda x, y: tf.maximum(x, y), "minimum": lambda x, y: tf.minimum(x, 0.3), "mean": lambda x, y: tf.reduce_mean(x, axis=1),
        "sum": lambda x, y: tf.reduce_sum(x, axis=-1, keepdims=True), "max": lambda x, y: tf.reduce_max(x, axis=[1, 2]), "reshape": lambda x, y: tf.reshape(x, (-1, 2, 6)),
        "transpose": lambda x, y: tf.transpose(x, (0, 2, 1)), "expand": lambda x, y: tf.expand_dims(x, -1), "squeeze": lambda x, y: tf.squeeze(x[:, :1], axis=1),
        "slice": lambda x, y: x[:, 1:], "slice_index": lambda x, y: x[:, 0], "slice_newaxis": lambda x, y: x[:, tf.newaxis],
        "concat": lambda x, y: tf.concat([x, y], axis=-1), "stack": lambda x, y: tf.stack([x, y], axis=1), "matmul": lambda x, y: tf.matmul(x, y, transpose_b=True),
        "log": lambda x, y: tf.math.log(tf.abs(x) + 0.1), "cast": lambda x, y: tf.cast(x, tf.float32), "multiply": lambda x, y: tf.multiply(x, y),
        "add_fn": lambda x, y: tf.math.add(x, y), "split": lambda x, y: tf.split(x, 2, axis=-1)[1], "l2": lambda x, y: tf.math.l2_normalize(x, axis=-1),
        "backend_mean": lambda x, y: keras.backend.mean(x, axis=1), "backend_sum": lambda x, y: keras.backend.sum(x, axis=2), "silu": lambda x, y: tf.nn.silu(x),
        "pad": lambda x, y: tf.pad(x, [[0, 0], [1, 2], [0, 1]]), "tile": lambda x, y: tf.tile(x, [1, 2, 1]), "constant": lambda x, y: x + tf.constant([1.0, 2.0, 3.0, 4.0]),
    }

    @family("tf_op", keras2=len(OPERATIONS))
    def tf_op(r):
        f = OPERATIONS[r.pick("", OPERATIONS)]
        x, y = r.input((3, 4)), r.input((3, 4))
        return r.model([f(L.Dense(4)(x), y), L.Dense(2)(y)])

    @family("leaky_alpha", keras2=2)
    def leaky_alpha(r):
        return r.stack((9,), L.LeakyReLU(alpha=r.pick("a", [0.1, 0.3])), values="wide")

    @family("relu_old", keras2=3)
    def relu_old(r):
        return r.stack((9,), L.ReLU(max_value=r.pick("max", [None, 6.0]), negative_slope=r.pick("slope", [0.0, 0.1, 0.2]), threshold=r.pick("at", [0.0, 0.5])),
                       values="wide")

    @family("thresholded", keras2=2)
    def thresholded(r):
        return r.stack((9,), L.ThresholdedReLU(theta=r.pick("theta", [1.0, 0.3])), values="wide")

    @family("locally_connected", keras2=0)
    def locally_connected(r):
        return r.stack((6, 2), L.LocallyConnected1D(3, 2))

    @family("time_major", keras2=2)
    def time_major(r):
        """Options that Keras 3 no longer has."""
        kind = r.pick("", ["LSTM", "GRU"])
        return r.stack((5, 4), getattr(L, kind)(3, implementation=r.pick("i", [1, 2]), return_sequences=True))

    @family("batch_norm_old", keras2=2)
    def batch_norm_old(r):
        """`axis` comes as a list here."""
        return r.stack((3, 4, 5), L.BatchNormalization(axis=r.pick("axis", [-1, 1, 2]), fused=False))
