"""Architectures of published weights that came without one, as their authors' sources have them.

    python architectures.py OUT      (Keras 2; writes OUT/NAME.json)

`deepxplore` is written by Keras itself. `music_tagger` is of Keras 1 with images channels first, which no Keras of
today can write: its configuration is put together here by hand.
"""
import json
import sys
from pathlib import Path


def deepxplore():
    from keras import Sequential, layers as L
    return Sequential([
        L.Input((28, 28, 1), name="input_1"), L.Conv2D(6, 5, activation="relu", padding="same", name="block1_conv1"),
        L.MaxPooling2D(name="block1_pool1"), L.Conv2D(16, 5, activation="relu", padding="same", name="block2_conv1"),
        L.MaxPooling2D(name="block2_pool1"), L.Flatten(name="flatten"), L.Dense(120, "relu", name="fc1"),
        L.Dense(84, "relu", name="fc2"), L.Dense(10, name="before_softmax"), L.Activation("softmax", name="predictions"),
    ]).to_json()


def music_tagger():
    layers = []

    def add(kind, name, **settings):
        inbound = [[[layers[-1]["name"], 0, 0]]] if layers else []
        layers.append({"class_name": kind, "name": name, "inbound_nodes": inbound,
                       "config": {"name": name, "trainable": True, **settings}})
    add("InputLayer", "input_2", batch_input_shape=[None, 1, 96, 1366], input_dtype="float32", sparse=False)
    add("ZeroPadding2D", "zeropadding2d_1", padding=[0, 37], dim_ordering="th")
    add("BatchNormalization", "bn_0_freq", axis=3, mode=0, epsilon=1e-3, momentum=0.99)
    for n, filters, pool in ((1, 64, 2), (2, 128, 3), (3, 128, 4), (4, 128, 4)):
        add("Convolution2D", f"conv{n}", nb_filter=filters, nb_row=3, nb_col=3, border_mode="same", subsample=[1, 1],
            dim_ordering="th", activation="linear", bias=True)
        add("BatchNormalization", f"bn{n}", axis=1, mode=0, epsilon=1e-3, momentum=0.99)
        add("ELU", f"elu_{5 + n}", alpha=1.0)
        add("MaxPooling2D", f"pool{n}", pool_size=[pool, pool], strides=[pool, pool], border_mode="valid", dim_ordering="th")
        add("Dropout", f"dropout{n}", p=0.1)
    add("Permute", "permute_1", dims=[3, 1, 2])
    add("Reshape", "reshape_1", target_shape=[15, 128])
    for n in (1, 2):
        add("GRU", f"gru{n}", output_dim=32, return_sequences=n == 1, activation="tanh", inner_activation="hard_sigmoid",
            consume_less="cpu", go_backwards=False, stateful=False, unroll=False)
    add("Dropout", "dropout_1", p=0.3)
    add("Dense", "output", output_dim=50, activation="sigmoid", bias=True)
    return json.dumps({"class_name": "Model", "keras_version": "1.2.0", "config": {
        "name": "model_1", "layers": layers, "input_layers": [["input_2", 0, 0]], "output_layers": [["output", 0, 0]]}})


if __name__ == "__main__":
    for make in (deepxplore, music_tagger):
        Path(sys.argv[1], f"{make.__name__}.json").write_text(make())
