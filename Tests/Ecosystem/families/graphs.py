"""Shapes of graphs: nested and shared models, several inputs and outputs, names."""
from keras import layers as L

from layer_cases import IS_KERAS_3, family, keras, sequential


def small(r, width, out, kind):
    """A nested model of a kind."""
    if kind == "sequential":
        return sequential((width,), L.Dense(4, activation="relu"), L.Dense(out))
    i = keras.Input((width,))
    h = L.Dense(4, activation="tanh")(i)
    if kind == "residual":
        h = L.Add()([h, L.Dense(4)(i)])
    if kind == "normalised":
        h = L.BatchNormalization()(h)
    return keras.Model(i, L.Dense(out)(h))


NESTED = ["sequential", "functional", "residual", "normalised"]


@family("nested", keras3=8, keras2=4)
def nested(r):
    x = r.input((5,))
    h = small(r, 5, 3, r.pick("", NESTED))(x)
    if r.flag("deep"):
        i = keras.Input((3,))
        h = keras.Model(i, L.Dense(2)(small(r, 3, 3, r.pick("", NESTED))(i)))(h)
    return r.model(L.Dense(2)(h))


@family("nested_shared", keras3=6, keras2=3)
def nested_shared(r):
    """One model called twice, and a layer called on tensors of two depths."""
    a, b = r.input((5,)), r.input((5,))
    inner = small(r, 5, 5, r.pick("", NESTED))
    d = L.Dense(5, activation="tanh")
    h = getattr(L, r.pick("", ["Add", "Subtract", "Concatenate"]))()([inner(a), inner(b)])
    return r.model([h, d(a), d(d(inner(b)))])


@family("nested_ports", keras3=4, keras2=2)
def nested_ports(r):
    """A nested model with two inputs and two outputs, of which one or both are used."""
    i, j = keras.Input((4,)), keras.Input((3,))
    h = L.Concatenate()([L.Dense(3)(i), j])
    inner = keras.Model([i, j], [L.Dense(2)(h), L.Dense(3, activation="relu")(h)])
    one, two = inner([r.input((4,)), r.input((3,))])
    if r.flag("twice"):
        three, _ = inner([L.Dense(4)(two), two])
        one = L.Add()([one, three])
    return r.model([one, two] if r.flag("both") else L.Dense(2)(two))


@family("nested_inputs_twice", keras3=2, keras2=1)
def nested_inputs_twice(r):
    """The same tensor as both inputs, and an input that is an output too."""
    x = r.input((4,))
    i, j = keras.Input((4,)), keras.Input((4,))
    inner = keras.Model([i, j], L.Subtract()([L.Dense(3)(i), L.Dense(3)(j)]))
    return r.model([inner([x, x]), x] if r.flag("itself") else inner([x, x]))


@family("ports", keras3=6, keras2=3)
def ports(r):
    """Several inputs and outputs; inputs in another order than they are made."""
    a, b, c = r.input((6,)), r.input((3,), values=("ids", 7), dtype="int32"), r.input((4, 4, 1))
    h = L.Concatenate()([L.Dense(4, activation="relu")(a), L.Flatten()(L.Embedding(7, 2)(b)), L.Flatten()(L.Conv2D(2, 3)(c))])
    outputs = [L.Dense(1)(h), L.Dense(3, activation="softmax")(h), L.Reshape((2, 2))(L.Dense(4)(h))]
    order = r.pick("", [[0, 1, 2], [2, 0, 1], [1, 2, 0]])
    return r.model(outputs[:r.pick("n", [1, 2, 3])], inputs=[(a, b, c)[i] for i in order])


@family("shared_weights", keras3=4, keras2=2)
def shared_weights(r):
    """A layer called at different sizes, and one called three times in a row."""
    a, b = r.input((6, 6, 2)), r.input((8, 5, 2))
    c = L.Conv2D(2, 3, padding=r.pick("", ["same", "valid"]), activation="relu")
    g = L.GlobalAveragePooling2D()
    d = L.Dense(2, activation="tanh")
    return r.model(L.Add()([d(d(d(g(c(a))))), g(c(b))]))


@family("seq_in_seq", keras3=3, keras2=2)
def seq_in_seq(r):
    inner = sequential((6,), L.Dense(5, activation="relu"), sequential((5,), L.Dense(4), L.LayerNormalization()))
    after = r.pick("", ["Dense", "functional", "Reshape"])
    last = {"Dense": lambda: L.Dense(2), "functional": lambda: small(r, 4, 2, "residual"), "Reshape": lambda: L.Reshape((2, 2))}[after]()
    return r.stack((6,), inner, last)


@family("names", keras3=6)
def names(r):
    """Names of layers that TensorFlow does not take for a scope: the twin's are plain."""
    name = r.pick("", ["with space", "schicht_öß", "a.b-c", "vars", "layers", "quote'd"])
    x = r.input((4,))
    model = r.model(L.Dense(2, name="last " + name)(L.Dense(3, name=name)(x)))
    return model, sequential((4,), L.Dense(3), L.Dense(2))


@family("open_shapes", keras3=4, keras2=2)
def open_shapes(r):
    """Fully convolutional, and any number of steps."""
    if r.pick("", ["image", "steps"]) == "image":
        x = r.input((None, None, 2))
        h = L.Conv2D(4, 3, padding="same", activation="relu")(x)
        h = L.UpSampling2D(2)(L.MaxPooling2D(2, padding="same")(h)) if r.flag("up") else L.Conv2DTranspose(3, 2, strides=2)(h)
        return r.model([h, L.GlobalMaxPooling2D()(h)])
    x = r.input((None, 3))
    h = L.Bidirectional(L.GRU(3, return_sequences=True))(L.Conv1D(4, 3, padding="causal")(x))
    return r.model([L.GlobalAveragePooling1D()(h), L.TimeDistributed(L.Dense(2))(h)])


@family("unet", keras3=2, keras2=1)
def unet(r):
    x = r.input((8, 8, 1))
    a = L.Conv2D(4, 3, padding="same", activation="relu")(x)
    b = L.Conv2D(6, 3, padding="same", activation="relu")(L.MaxPooling2D()(a))
    u = L.UpSampling2D(2)(b) if r.flag("up") else L.Conv2DTranspose(4, 2, strides=2, padding="same")(b)
    return r.model(L.Conv2D(1, 1, activation="sigmoid")(L.Concatenate()([u, a])))


if IS_KERAS_3:
    @family("dictionaries", keras3=3, formats=("keras",))
    def dictionaries(r):
        a, b = r.input((3,)), r.input((4,))
        h = L.Concatenate()([L.Dense(2)(a), L.Dense(2)(b)])
        one, two = L.Dense(1)(h), L.Dense(2)(h)
        outputs = r.pick("", [lambda: {"zeta": one, "alpha": two}, lambda: [one, two], lambda: (two, one)])()
        r.words[-1] = type(outputs).__name__
        inputs = {t.name: t for t in ((a, b) if r.flag("order") else (b, a))}
        return keras.Model(inputs, outputs)
