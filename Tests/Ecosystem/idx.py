"""Files of the IDX format (LeCun's MNIST page), gzip'd: images and labels."""
import gzip

import numpy as np


def read(path):
    """The array of bytes in a file."""
    raw = gzip.decompress(path.read_bytes())
    shape = np.frombuffer(raw, ">u4", raw[3], 4).astype(int)
    return np.frombuffer(raw, "u1", offset=4 + 4 * raw[3]).reshape(shape)
