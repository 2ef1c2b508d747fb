"""Keras's own rate on a model, by the protocol of pair.py: a number (samples/s) a line on standard output for
every line on standard input.

    python keras_peer.py MODEL.keras DATA.npz BATCH [--jit] [--predict]

Without --predict one compiled function is called, which is faster than Keras's own loop; with it
`model.predict(x, batch_size=BATCH)` over all of the data."""
import os
import sys
import time

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
import keras
import tensorflow as tf

path, data, batch = sys.argv[1], np.load(sys.argv[2]), int(sys.argv[3])
tf.config.threading.set_intra_op_parallelism_threads(len(os.sched_getaffinity(0)))
model = keras.models.load_model(path, compile=False)
arrays = [data[k] for k in sorted(data.files) if k.startswith("x")]
rows = len(arrays[0])
if "--predict" in sys.argv:
    rows = min(rows, 64 * batch)
    arrays = [a[:rows] for a in arrays]
    if "--jit" in sys.argv:
        model.compile(jit_compile=True)
    given = arrays if len(arrays) > 1 else arrays[0]
    step = lambda: model.predict(given, batch_size=batch, verbose=0)
else:
    parts = [[tf.constant(a[s:s + batch]) for a in arrays] for s in range(0, min(rows, 4 * batch), batch)]
    call = tf.function(lambda x: model(x, training=False), jit_compile="--jit" in sys.argv)
    calls = [0]
    rows = batch

    def step():
        calls[0] += 1
        part = parts[calls[0] % len(parts)]
        call(part if len(part) > 1 else part[0]).numpy()


for _ in range(3):
    step()
print("ready", flush=True)
for line in sys.stdin:
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < 0.5:
        step()
        done += rows
    print(done / (time.perf_counter() - began), flush=True)
