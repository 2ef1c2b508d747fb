"""Attention of every kind, with the masks it takes."""
from keras import layers as L

from layer_cases import IS_KERAS_3, family


@family("multi_head", keras3=16, keras2=4)
def multi_head(r):
    options = dict(num_heads=r.pick("h", [1, 2, 3]), key_dim=r.pick("k", [1, 3, 4]), value_dim=r.pick("v", [None, 2, 5]),
                   output_shape=r.pick("out", [None, 5, None]), use_bias=r.flag("bias"))
    layer, how = L.MultiHeadAttention(**options), r.pick("", ["self", "cross", "three"])
    q = r.input((4, 6))
    if how == "self":
        return r.model(layer(q, q))
    v = r.input((5, 7))
    if how == "cross":
        return r.model(layer(q, v))
    return r.model(layer(q, v, key=r.input((5, 3))))


@family("multi_head_mask", keras3=10, keras2=3)
def multi_head_mask(r):
    how = r.pick("", ["causal", "mask", "both", "scores", "padded", "padded_values"])
    layer = L.MultiHeadAttention(2, 3)
    if how.startswith("padded"):
        x = L.Masking()(r.input((5, 6), values=r.pick("", ["padded", "padded_front"])))
        q = x if how == "padded" else r.input((4, 6))
        h = layer(q, x, use_causal_mask=r.flag("causal")) if how == "padded" else layer(q, x)
        return r.model(h if not r.flag("lstm") else L.LSTM(2)(h))
    x = r.input((5, 6))
    if how == "causal":
        return r.model(layer(x, x, use_causal_mask=True))
    if how == "scores":
        return r.model(list(layer(x, x, return_attention_scores=True, use_causal_mask=r.flag("causal"))))
    mask = r.input((5, 5), values="mask", dtype=r.pick("", ["bool", "int32"] if IS_KERAS_3 else ["int32"]))
    return r.model(layer(x, x, attention_mask=mask, use_causal_mask=how == "both"))


@family("multi_head_axes", keras3=4)
def multi_head_axes(r):
    axes, shape = r.pick("", [((2,), (3, 4, 6)), ((1,), (3, 4, 6)), ((1, 2), (3, 4, 6)), ((2, 3), (2, 3, 2, 6))])
    x = r.input(shape)
    return r.model(L.MultiHeadAttention(2, 3, attention_axes=axes)(x, x))


@family("multi_head_open", keras3=2, keras2=1)
def multi_head_open(r):
    x = r.input((None, 6))
    return r.model(L.MultiHeadAttention(2, 3)(x, x, use_causal_mask=r.flag("causal")))


@family("group_query", keras3=8)
def group_query(r):
    heads, groups = r.pick("", [(4, 2), (4, 1), (2, 2), (6, 3)])
    layer = L.GroupQueryAttention(r.pick("d", [2, 4]), heads, groups, use_bias=r.flag("bias"))
    q = r.input((4, 6))
    how = r.pick("", ["self", "cross", "causal", "mask", "scores"])
    if how == "cross":
        return r.model(layer(q, r.input((5, 6))))
    if how == "mask":
        return r.model(layer(q, q, attention_mask=r.input((4, 4), values="mask", dtype="bool")))
    if how == "scores":
        return r.model(list(layer(q, q, return_attention_scores=True)))
    return r.model(layer(q, q, use_causal_mask=how == "causal"))


@family("dot_attention", keras3=10, keras2=3)
def dot_attention(r):
    options = dict(use_scale=r.flag("scale"), score_mode=r.pick("", ["dot", "concat"]))
    layer = L.Attention(**options)
    how = r.pick("", ["two", "three", "causal", "scores", "query_mask", "value_mask", "both_masks"])
    q, v = r.input((4, 6), values="padded" if "mask" in how else "normal"), r.input((5, 6), values="padded_front" if "mask" in how else "normal")
    if how == "three":
        return r.model(layer([q, v, r.input((5, 6))]))
    if how == "causal":
        return r.model(layer([q, v], use_causal_mask=True))
    if how == "scores":
        return r.model(list(layer([q, v], return_attention_scores=True)))
    if how in ("query_mask", "both_masks"):
        q = L.Masking()(q)
    if how in ("value_mask", "both_masks"):
        v = L.Masking()(v)
    return r.model(layer([q, v]))


@family("additive_attention", keras3=6, keras2=2)
def additive_attention(r):
    layer = L.AdditiveAttention(use_scale=r.flag("scale"))
    how = r.pick("", ["two", "three", "causal", "masks", "scores"])
    q, v = r.input((4, 6), values="padded" if how == "masks" else "normal"), r.input((5, 6), values="padded" if how == "masks" else "normal")
    if how == "three":
        return r.model(layer([q, v, r.input((5, 6))]))
    if how == "causal":
        return r.model(layer([q, v], use_causal_mask=True))
    if how == "scores":
        return r.model(list(layer([q, v], return_attention_scores=True)))
    return r.model(layer([L.Masking()(q), L.Masking()(v)]) if how == "masks" else layer([q, v]))


@family("explicit_mask", keras3=3, keras2=1)
def explicit_mask(r):
    """A mask handed to a layer by its keyword."""
    x, mask = r.input((5, 4)), r.input((5,), values="mask", dtype="bool")
    kind = r.pick("", ["LSTM", "GRU", "GlobalAveragePooling1D"])
    layer = L.GlobalAveragePooling1D() if "Pool" in kind else getattr(L, kind)(3)
    return r.model(layer(x, mask=mask))


@family("transformer", keras3=4, keras2=1)
def transformer(r):
    ids = r.input((6,), values=("padded_ids", 13), dtype="int32")
    x = L.Embedding(13, 8, mask_zero=r.flag("mask"))(ids)
    a = L.MultiHeadAttention(2, 4)(x, x)
    x = L.LayerNormalization(epsilon=1e-6)(L.Add()([x, a]))
    f = L.Dense(8)(L.Dense(16, activation=r.pick("", ["gelu", "relu"]))(x))
    x = L.LayerNormalization(epsilon=1e-6)(L.Add()([x, f]))
    return r.model(L.Dense(3, activation="softmax")(L.GlobalAveragePooling1D()(x)))
