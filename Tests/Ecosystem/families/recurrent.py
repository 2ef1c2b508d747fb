"""Recurrent layers, their wrappers, and masks."""
from keras import layers as L

from layer_cases import IS_KERAS_3, family, keras, sequential

KINDS = ["SimpleRNN", "LSTM", "GRU"]
STATES = {"SimpleRNN": 1, "LSTM": 2, "GRU": 1}


def options(r, kind, **given):
    made = dict(units=r.pick("u", [1, 3, 4, 17]), use_bias=r.flag("bias"), activation=r.pick("", ["tanh", "relu", "sigmoid", "tanh"]))
    if kind != "SimpleRNN":
        made["recurrent_activation"] = r.pick("rec", ["sigmoid", "hard_sigmoid", "sigmoid", "tanh"])
    if kind == "GRU":
        made["reset_after"] = r.flag("after")
    made.update(given)
    return made


def recurrent(r, kind):
    made = options(r, kind, return_sequences=r.flag("seq"), go_backwards=r.flag("back"), unroll=r.pick("unroll", [False, False, True]))
    state = r.flag("state")
    masked, shape = r.pick("", ["unmasked", "masked", "unmasked"]), r.pick("in", [(5, 4), (None, 4), (1, 2)])
    if made["unroll"] or masked == "masked":
        shape = (5, 4)
    x = r.input(shape, values="padded" if masked == "masked" else "normal")
    h = L.Masking(mask_value=0.0)(x) if masked == "masked" else x
    return r.model(getattr(L, kind)(return_state=state, **made)(h))


@family("simple_rnn", keras3=12, keras2=3)
def simple_rnn(r):
    return recurrent(r, "SimpleRNN")


@family("lstm", keras3=16, keras2=4)
def lstm(r):
    return recurrent(r, "LSTM")


@family("gru", keras3=16, keras2=4)
def gru(r):
    return recurrent(r, "GRU")


@family("initial_state", keras3=6, keras2=3)
def initial_state(r):
    """An encoder's state begins a decoder."""
    kind, how = r.pick("", KINDS), r.pick("", ["list", "positional"] if IS_KERAS_3 else ["list"])
    x, y = r.input((5, 4)), r.input((3, 2))
    states = getattr(L, kind)(3, return_state=True)(x)[1:]
    decoder = getattr(L, kind)(3, return_sequences=True)
    begin = list(states) if STATES[kind] > 1 else states[0]
    return r.model(decoder(y, begin) if how == "positional" else decoder(y, initial_state=begin))


@family("zero_output", keras3=3, keras2=1)
def zero_output(r):
    x = r.input((5, 4), values=r.pick("", ["padded", "padded_front"]))
    kind = r.pick("", KINDS)
    return r.model(getattr(L, kind)(3, return_sequences=True, zero_output_for_mask=True)(L.Masking()(x)))


@family("masking", keras3=6, keras2=3)
def masking(r):
    """Layers that pass a mask on, and two that end it."""
    x = r.input((6, 4), values=r.pick("", ["padded", "padded_front"]))
    h = L.Masking(mask_value=r.pick("value", [0.0, 0.0, 1.5]))(x)
    between = r.pick("", ["Dense", "Dropout", "BatchNormalization", "Activation", "LayerNormalization", "TimeDistributed", "none"])
    layer = {"Dense": lambda: L.Dense(3), "Dropout": lambda: L.Dropout(0.1), "Activation": lambda: L.Activation("relu"),
             "TimeDistributed": lambda: L.TimeDistributed(L.Dense(3)), "none": lambda: L.Permute((1, 2))}
    h = layer.get(between, lambda: getattr(L, between)())()(h)
    return r.model(getattr(L, r.pick("", KINDS))(3, return_sequences=r.flag("seq"))(h))


@family("embedding", keras3=6, keras2=3)
def embedding(r):
    shape = r.pick("in", [(5,), (2, 3), (None,), ()]) if IS_KERAS_3 else r.pick("in", [(5,), (2, 3), (None,)])
    ids = r.input(shape, values=("ids", 11), dtype=r.pick("", ["int32", "float32", "int64"]))
    return r.model(L.Embedding(11, r.pick("out", [1, 4, 17]))(ids))


@family("embedding_mask", keras3=6, keras2=3)
def embedding_mask(r):
    ids = r.input((6,), values=("padded_ids", 9), dtype="int32")
    h = L.Embedding(9, 4, mask_zero=True)(ids)
    kind = r.pick("", [*KINDS, "Bidirectional", "GlobalAveragePooling1D", "stacked"])
    if kind == "stacked":
        return r.model(L.GRU(2)(L.LSTM(3, return_sequences=True)(h)))
    if kind == "Bidirectional":
        return r.model(L.Bidirectional(L.LSTM(3))(h))
    return r.model(L.GlobalAveragePooling1D()(h) if "Pool" in kind else getattr(L, kind)(3)(h))


@family("cells", keras3=8, keras2=3)
def cells(r):
    names = r.pick("", [["LSTMCell"], ["GRUCell"], ["SimpleRNNCell"], ["LSTMCell", "GRUCell"], ["SimpleRNNCell", "LSTMCell"]])
    made = [getattr(L, n)(3 + i) for i, n in enumerate(names)]
    cell = made[0] if len(made) == 1 else r.pick("", [lambda: made, lambda: L.StackedRNNCells(made)])()
    r.words[-1] = "list" if isinstance(cell, list) else "one"
    masked = r.flag("masked")
    x = r.input((5, 4), values="padded" if masked else "normal")
    rnn = L.RNN(cell, return_sequences=r.flag("seq"), go_backwards=r.flag("back"))
    return r.model(rnn(L.Masking()(x) if masked else x))


@family("bidirectional", keras3=18, keras2=5)
def bidirectional(r):
    kind, mode = r.pick("", KINDS), r.pick("", ["concat", "sum", "mul", "ave", None])
    masked = r.pick("", ["unmasked", "masked", "unmasked"])
    made = options(r, kind, return_sequences=r.flag("seq"))
    x = r.input(r.pick("in", [(5, 4), (None, 4)]) if masked == "unmasked" else (5, 4), values="padded" if masked == "masked" else "normal")
    return r.model(L.Bidirectional(getattr(L, kind)(**made), merge_mode=mode)(L.Masking()(x) if masked == "masked" else x))


@family("bidirectional_two", keras3=4, keras2=2)
def bidirectional_two(r):
    """Two layers of one's own, one of which the wrapper runs backwards."""
    one, two = r.pick("", [("LSTM", "GRU"), ("GRU", "SimpleRNN"), ("SimpleRNN", "LSTM")])
    seq = r.flag("seq")
    return r.model(L.Bidirectional(
        getattr(L, one)(3, return_sequences=seq), backward_layer=getattr(L, two)(3, return_sequences=seq, go_backwards=True),
        merge_mode=r.pick("", ["concat", "sum"]))(r.input((5, 4))))


@family("bidirectional_state", keras3=4, keras2=2)
def bidirectional_state(r):
    kind = r.pick("", KINDS)
    return r.model(L.Bidirectional(getattr(L, kind)(3, return_state=True, return_sequences=r.flag("seq")))(r.input((5, 4))))


@family("time_distributed", keras3=12, keras2=5)
def time_distributed(r):
    name = r.pick("", ["Dense", "Conv2D", "LSTM", "Flatten", "model", "BatchNormalization", "MaxPooling1D", "nested", "Embedding"])
    if name == "Embedding":
        ids = r.input((3, 4), values=("ids", 7), dtype="int32")
        return r.model(L.LSTM(2)(L.Reshape((3, 8))(L.TimeDistributed(L.Embedding(7, 2))(ids))))
    layer, shape = {
        "Dense": lambda: (L.Dense(3, activation="relu"), (4, 5)),
        "Conv2D": lambda: (L.Conv2D(3, 2), (2, 5, 4, 2)),
        "LSTM": lambda: (L.LSTM(3), (3, 4, 2)),
        "Flatten": lambda: (L.Flatten(), (3, 4, 2)),
        "BatchNormalization": lambda: (L.BatchNormalization(), (3, 4, 2)),
        "MaxPooling1D": lambda: (L.MaxPooling1D(2), (3, 5, 2)),
        "model": lambda: (sequential((5,), L.Dense(4, activation="tanh"), L.Dense(2)), (3, 5)),
        "nested": lambda: (L.TimeDistributed(L.Dense(3)), (2, 3, 4)),
    }[name]()
    return r.stack(shape, L.TimeDistributed(layer))


@family("time_distributed_mask", keras3=3, keras2=2)
def time_distributed_mask(r):
    x = r.input((5, 4), values="padded")
    h = L.TimeDistributed(L.Dense(3))(L.Masking()(x))
    return r.model(getattr(L, r.pick("", KINDS))(2)(h))


@family("nested_mask", keras3=5, keras2=3)
def nested_mask(r):
    """A mask goes into a nested model and comes out of it."""
    i = keras.Input((6, 4))
    kind = r.pick("", ["functional", "sequential", "two"])
    x = L.Masking()(r.input((6, 4), values="padded"))
    layers = [L.Dense(5), getattr(L, r.pick("", KINDS))(3, return_sequences=True)]
    if kind == "two":
        j = keras.Input((6, 4))
        inner = keras.Model([i, j], L.Concatenate()([layers[1](layers[0](i)), L.Dense(2)(j)]))
        y = L.Masking()(r.input((6, 4), values=r.pick("", ["padded_front", "normal"])))
        h = inner([x, y])
    elif kind == "sequential":
        h = sequential((6, 4), *layers)(x)
    else:
        h = keras.Model(i, layers[1](layers[0](i)))(x)
    return r.model(L.GRU(2)(h) if r.flag("gru") else L.GlobalAveragePooling1D()(h))


@family("conv_lstm", keras3=6)
def conv_lstm(r):
    dimensions = r.pick("d", [1, 2])
    made = dict(kernel_size=r.pick("k", [2, 3]), padding=r.pick("", ["valid", "same"]), strides=r.pick("s", [1, 2]),
                return_sequences=r.flag("seq"), use_bias=r.flag("bias"), go_backwards=r.flag("back"))
    return r.stack((3, 6, 5, 2)[:dimensions + 1] + (2,), getattr(L, f"ConvLSTM{dimensions}D")(3, **made))
