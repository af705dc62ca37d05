"""Writes maskgit_qk_norm.safetensors: the transformer of 1xgpt in a version that was never released.

Heads of queries and keys are normalised, scales are those of maximal update parametrisation, ids have
three factors, the MLP is twice as wide as a token. An implementation of its own in NumPy (2.4),
fp64 until the results are stored; the first thing it does is to require that it gives what the
fixtures of the public sources say.

Usage: python3 make_qk_norm.py, in this folder.
"""

import json
import math
import struct

import numpy as np

NUMPY_TYPES = {"F32": np.float32, "I64": np.int64}


def load(path):
    with open(path, "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
        data = file.read()
    config = json.loads(header.pop("__metadata__")["config"])
    tensors = {}
    for name, entry in header.items():
        first, end = entry["data_offsets"]
        values = np.frombuffer(data[first:end], NUMPY_TYPES[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"])
    return config, tensors


def save(path, config, tensors):
    header = {"__metadata__": {"config": json.dumps(config)}}
    data = b""
    for name, values in sorted(tensors.items()):
        kind = "I64" if values.dtype.kind == "i" else "F32"
        values = np.ascontiguousarray(values, NUMPY_TYPES[kind])
        end = len(data) + values.nbytes
        header[name] = {"dtype": kind, "shape": list(values.shape), "data_offsets": [len(data), end]}
        data += values.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def norm(x, weights, name):
    if name + ".weight" not in weights:
        return x
    mean = x.mean(-1, keepdims=True)
    var = ((x - mean) ** 2).mean(-1, keepdims=True)
    scaled = (x - mean) / np.sqrt(var + 1e-5)
    return scaled * weights[name + ".weight"] + weights[name + ".bias"]


def linear(x, weights, name):
    return x @ weights[name + ".weight"].T + weights.get(name + ".bias", 0)


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def gelu(x):
    return 0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def attention(config, weights, name, x, causal):
    """x [sequences, tokens, C]."""
    heads = config["num_heads"]
    head_dim = config["d_model"] // heads
    split = lambda y: y.reshape(*y.shape[:2], heads, head_dim).swapaxes(1, 2)
    q, k, v = (split(y) for y in np.split(linear(x, weights, name + ".qkv"), 3, -1))
    q, k = norm(q, weights, name + ".norm"), norm(k, weights, name + ".norm")
    scale = 8 / head_dim if config["use_mup"] else head_dim**-0.5
    scores = q @ k.swapaxes(2, 3) * scale
    if causal:
        scores = np.where(np.tri(x.shape[1], dtype=bool), scores, -np.inf)
    out = (softmax(scores) @ v).swapaxes(1, 2).reshape(x.shape)
    return linear(out, weights, name + ".proj")


def forward(config, weights, tokens):
    """tokens [T, S] to the activations by name and logits [T, S, factors, V]."""
    factors, categories = config["num_factored_vocabs"], config["factored_vocab_size"]
    embedded = sum(
        weights[f"token_embed.factored_embeds.{i}.weight"][tokens // categories**i % categories]
        for i in range(factors)
    )
    masked = (tokens == config["image_vocab_size"])[..., None]
    x = np.where(masked, weights["token_embed.mask_token_embed"], embedded)
    taps = {"embed": x}
    x = x + weights["pos_embed_TSC"][0, : len(tokens)]
    for i in range(config["num_layers"]):
        layer = f"decoder.layers.{i}."
        y = norm(x, weights, layer + "norm1")
        x = x + attention(config, weights, layer + "spatial_attn", y, False)
        y = attention(config, weights, layer + "temporal_attn", x.swapaxes(0, 1), True)
        x = x + y.swapaxes(0, 1)
        y = norm(x, weights, layer + "norm2")
        x = x + linear(gelu(linear(y, weights, layer + "mlp.fc1")), weights, layer + "mlp.fc2")
        taps[f"block{i}"] = x
    readout = x * (256 / config["d_model"]) if config["use_mup"] else x
    logits = linear(readout, weights, "out_x_proj")
    return taps, logits.reshape(*tokens.shape, factors, categories)


def rollout(config, weights, tokens, priorities):
    """Fills the masked frames, the most confident tokens first, or those of high priority."""
    tokens = tokens.copy()
    steps = config["maskgit_steps"]
    margin = np.inf
    draws = None if priorities is None else iter(priorities.reshape(len(priorities), -1))
    for frame in range(config["prompt_frames"], len(tokens)):
        known = np.zeros(tokens.shape[1], bool)
        for step in range(steps):
            probabilities = softmax(forward(config, weights, tokens)[1][frame])
            ranked = np.sort(probabilities[~known], -1)
            margin = min(margin, (ranked[..., -1] / ranked[..., -2]).min() - 1)
            powers = config["factored_vocab_size"] ** np.arange(probabilities.shape[1])
            ids = (probabilities.argmax(-1) * powers).sum(-1)
            now = np.where(known, tokens[frame], ids)
            if step < steps - 1:
                masked = math.ceil(math.cos((step + 1) / steps * math.pi / 2) * len(now))
                sure = probabilities.max(-1).prod(-1) if draws is None else next(draws)
                sure = np.where(known, np.inf, sure)
                order = np.argsort(sure, kind="stable")
                if masked < len(now):
                    margin = min(margin, sure[order[masked]] / sure[order[masked - 1]] - 1)
                now[order[:masked]] = config["image_vocab_size"]
                known[order[masked:]] = True
            tokens[frame] = now
    return tokens, margin


def outputs(config, weights, tokens, priorities):
    """All tensors under outputs."""
    weights = {name: values.astype(np.float64) for name, values in weights.items()}
    frames = tokens[0].reshape(len(tokens[0]), -1)
    taps, logits = forward(config, weights, frames)
    out = {name: x[None] for name, x in taps.items()}
    channels = logits.reshape(*frames.shape, -1)
    out["logits_CTHW"] = np.moveaxis(channels, -1, 0).reshape(1, -1, *tokens.shape[1:])
    for run, draws in (("greedy", None), ("random", priorities)):
        made, margin = rollout(config, weights, frames, draws)
        assert margin > 1e-4, f"{run}: a decision is a near-tie, {margin}"
        out[run + ".tokens"] = made.reshape(tokens.shape)
    return out


def check(path):
    config, tensors = load(path)
    weights = {n.removeprefix("weights."): v for n, v in tensors.items() if n.startswith("weights.")}
    found = outputs(config, weights, tensors["inputs.tokens"], tensors["inputs.random.priorities"])
    for name, values in tensors.items():
        if name.startswith("outputs."):
            error = np.abs(values - found.pop(name.removeprefix("outputs."))).max()
            assert error < 1e-5, f"{name}: {error}"
    assert not found


def make(path):
    side, frames = 3, 5
    config = {
        "num_layers": 3, "num_heads": 3, "d_model": 48, "T": frames, "S": side * side,
        "image_vocab_size": 125, "use_mup": True, "num_factored_vocabs": 3,
        "factored_vocab_size": 5, "qkv_bias": True, "proj_bias": False, "mlp_ratio": 2.0,
        "mlp_bias": False, "seed": 7, "prompt_frames": 2, "maskgit_steps": 4,
        "note": "qk_norm is missing, which means true",
    }  # fmt: skip
    random = np.random.Generator(np.random.Philox(config["seed"]))
    dim, head = config["d_model"], config["d_model"] // config["num_heads"]
    shapes = {"pos_embed_TSC": (1, frames, side * side, dim), "token_embed.mask_token_embed": (1, dim)}
    for i in range(3):
        shapes[f"token_embed.factored_embeds.{i}.weight"] = (5, dim)
    for i in range(config["num_layers"]):
        layer = f"decoder.layers.{i}."
        for kind in ("spatial_attn", "temporal_attn"):
            shapes[f"{layer}{kind}.qkv.weight"] = (3 * dim, dim)
            shapes[f"{layer}{kind}.qkv.bias"] = (3 * dim,)
            shapes[f"{layer}{kind}.norm.weight"] = (head,)
            shapes[f"{layer}{kind}.norm.bias"] = (head,)
            shapes[f"{layer}{kind}.proj.weight"] = (dim, dim)
        shapes[layer + "mlp.fc1.weight"] = (2 * dim, dim)
        shapes[layer + "mlp.fc2.weight"] = (dim, 2 * dim)
    shapes["out_x_proj.weight"] = (15, dim)
    shapes["out_x_proj.bias"] = (15,)
    weights = {}
    for name, shape in shapes.items():
        values = random.standard_normal(shape)
        if name.endswith("norm.weight"):
            values = 1 + 0.2 * values
        elif name.endswith(".bias"):
            values = 0.2 * values
        elif "embed" not in name:
            values = values / math.sqrt(shape[1])
        if name == "out_x_proj.weight":
            values = 0.05 * values  # Probabilities near 1 would be equal in fp32.
        weights[name] = values.astype(np.float32)
    tokens = random.integers(0, 125, (1, frames, side, side))
    tokens[:, config["prompt_frames"] :] = config["image_vocab_size"]
    draws = (frames - config["prompt_frames"]) * (config["maskgit_steps"] - 1)
    priorities = random.random((draws, 1, side, side)).astype(np.float32)
    found = outputs(config, weights, tokens, priorities)
    tensors = {"inputs.tokens": tokens, "inputs.random.priorities": priorities}
    tensors |= {"outputs." + name: values for name, values in found.items()}
    tensors |= {"weights." + name: values for name, values in weights.items()}
    save(path, config, tensors)


check("maskgit.safetensors")
make("maskgit_qk_norm.safetensors")
