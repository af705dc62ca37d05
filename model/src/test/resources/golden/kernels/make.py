"""Writes kernels.safetensors: every operation of module kernels on small inputs, by PyTorch on the CPU.

Inputs are fp32; results are computed in double precision and stored in fp32, so the limits of the test
measure the kernels alone. Run it in this folder; INDEX.md says with which versions.
"""

import json
import struct

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

TYPES = {
    torch.float32: "F32",
    torch.bfloat16: "BF16",
    torch.float16: "F16",
    torch.uint8: "U8",
    torch.int8: "I8",
    torch.int32: "I32",
}
EPS = 1e-6
tensors = {}
generator = torch.Generator().manual_seed(11)


def normal(*shape):
    return torch.randn(*shape, generator=generator, dtype=torch.float64).float()


def case(name, results, **inputs):
    """Stores the inputs of a case as they are and its results in fp32, unless they are bytes."""
    for key, value in {**inputs, **results}.items():
        if value.dtype == torch.float64:
            value = value.float()
        tensors[f"{name}.{key}"] = value.contiguous()


def out(value):
    return {"out": value}


def d(x):
    return x.double()


def scores(q, k, scale):
    """[T, H, D] and [Tk, H, D] to [H, T, Tk]."""
    return torch.einsum("ihd,jhd->hij", d(q), d(k)) * scale


def weighted(scores, v):
    return torch.einsum("hij,jhd->ihd", torch.softmax(scores, -1), d(v))


# attention
q, k, v = normal(5, 2, 12), normal(13, 2, 12), normal(13, 2, 12)
case("Attention.one", out(weighted(scores(q, k, 0.3), v)), q=q, k=k, v=v)
sequences = normal(3, 4, 2, 12), normal(3, 7, 2, 12), normal(3, 7, 2, 12)
each = [weighted(scores(q_, k_, 0.3), v_) for q_, k_, v_ in zip(*sequences)]
rows = [x.flatten(0, 1) for x in sequences]
case("Attention.three", out(torch.cat(each)), q=rows[0], k=rows[1], v=rows[2])
bias = normal(2, 5 + 13 - 1)
column = torch.arange(13)[None, :] - torch.arange(5)[:, None] + 5 - 1
case("BiasedAttention", out(weighted(scores(q, k, 0.3) + d(bias)[:, column], v)), q=q, k=k, v=v, bias=bias)
q, k, v = normal(3, 7, 2, 12), normal(5, 7, 2, 12), normal(5, 7, 2, 12)
positions = [weighted(scores(q[:, s], k[:, s], 0.3), v[:, s]) for s in range(7)]
case("TemporalAttention.ALL", out(torch.stack(positions, 1)), q=q, k=k, v=v)
# Of three query frames the first sees three of five key frames.
hidden = torch.full((3, 5), -torch.inf, dtype=torch.float64).triu(5 - 3 + 1)
positions = [weighted(scores(q[:, s], k[:, s], 0.3) + hidden, v[:, s]) for s in range(7)]
case("TemporalAttention.CAUSAL", out(torch.stack(positions, 1)), q=q, k=k, v=v)
# A matrix multiplies groups of four channels of the tokens of its frame.
q, k, v = normal(6, 2, 8), normal(9, 2, 8), normal(9, 2, 8)
to_image, to_world = normal(2, 4, 4), normal(3, 4, 4)


def by_frame(matrices, x):
    each = d(matrices).repeat_interleave(x.shape[0] // matrices.shape[0], 0)
    return torch.einsum("tij,thgj->thgi", each, d(x).unflatten(-1, (-1, 4))).flatten(-2)


attended = weighted(
    scores(by_frame(to_image.transpose(1, 2), q), by_frame(to_world, k), 0.3), by_frame(to_world, v)
)
case("PropeAttention.frames", out(by_frame(to_image, attended)), q=q, k=k, v=v, imageFromWorld=to_image, worldFromImage=to_world)

# conv
x, weight, bias = normal(2, 5, 7, 3), normal(4, 3, 3, 3), normal(4)
frames = d(x).permute(0, 3, 1, 2)
one = F.conv2d(frames, d(weight), d(bias), padding=1)
two = F.conv2d(F.pad(frames, (0, 1, 0, 1)), d(weight), d(bias), stride=2)
order = weight.permute(2, 3, 1, 0)
case("Conv2d.one", out(one.permute(0, 2, 3, 1)), x=x, weight=order, bias=bias)
case("Conv2d.two", out(two.permute(0, 2, 3, 1)), x=x, weight=order, bias=bias)
history, x = normal(2, 4, 5, 3), normal(3, 4, 5, 3)
weight = normal(6, 3, 3, 3, 3)
video = d(torch.cat([history, x])).permute(3, 0, 1, 2)[None]
bias = normal(6)
for stride in (1, 2):
    y = F.conv3d(video, d(weight), d(bias), stride=(stride, 1, 1), padding=(0, 1, 1))[0]
    case(f"CausalConv3d.{stride}", out(y.permute(1, 2, 3, 0)), history=history, x=x, weight=weight.permute(2, 3, 4, 1, 0), bias=bias)
case("ConvWeightOrder", out(weight.permute(2, 3, 4, 1, 0)), stored=weight)

# elementwise
a, b = normal(7, 13), normal(7, 13)
case("Multiply", out(d(a) * d(b)), a=a, b=b)
case("Relu", out(F.relu(d(a))), x=a)
case("Silu", out(F.silu(d(4 * a))), x=4 * a)
case("SoftClamp", out(3 * torch.tanh(d(4 * a) / 3)), x=4 * a)
case("Softmax", out(torch.softmax(d(4 * a), -1)), x=4 * a)
case("Convert", {"bf16": a.bfloat16(), "f16": a.half()}, x=a)
scale, offset = normal(13), normal(13)
case("ChannelAffine", out(d(a) * d(scale) + d(offset)), x=a, scale=scale, offset=offset)
x, y, gate = normal(6, 13), normal(6, 13), normal(3, 13)
rows = {"EACH": gate.repeat_interleave(2, 0), "CYCLE": gate.repeat(2, 1)}
sums = {name: d(x) + d(each) for name, each in rows.items()}
case("Add", {"out": d(x) + d(y), **sums}, a=x, b=y, few=gate)
case("GatedResidual", out(d(x) + (d(y).view(3, 2, 13) * d(gate)[:, None]).view(6, 13)), x=x, y=y, gate=gate)
table, embedding, shared = normal(6, 13), normal(6, 3, 13), normal(1, 3, 13)
case("Modulation.each", out(d(table)[:, None] + d(embedding)), table=table, embedding=embedding)
case("Modulation.shared", out(d(table)[:, None] + d(shared)), table=table, embedding=shared)

# norm; small values, so that eps counts
x, weight, bias = 0.01 * normal(6, 13), normal(13), normal(13)
case("LayerNorm", out(F.layer_norm(d(x), (13,), d(weight), d(bias), EPS)), x=x, weight=weight, bias=bias)
shift, scale = normal(3, 13), normal(3, 13)
normed = F.layer_norm(d(x), (13,), None, None, EPS).view(3, 2, 13)
modulated = normed * (1 + d(scale)[:, None]) + d(shift)[:, None]
case("LayerNormModulate", out(modulated.view(6, 13)), x=x, shift=shift, scale=scale)


def rms(x):
    return d(x) * torch.rsqrt(d(x).pow(2).mean(-1, keepdim=True) + EPS)


case("RmsNorm", out(rms(x) * d(weight)), x=x, weight=weight)
unit = F.normalize(d(x), dim=-1) * 13**0.5 * d(weight)
case("ChannelRmsNorm", {"NONE": unit, "SILU": F.silu(unit)}, x=x, gamma=weight)
# A mean of three, so that a variance about zero is wrong.
x, weight, bias = 3 + normal(2, 7, 12), normal(12), normal(12)
grouped = F.group_norm(d(x).transpose(1, 2), 3, d(weight), d(bias), EPS).transpose(1, 2)
case("GroupNorm", {"NONE": grouped, "SILU": F.silu(grouped)}, x=x, weight=weight, bias=bias)

# position
x, angle = 0.01 * normal(6, 2, 12), normal(3, 5)
table = torch.stack([angle.cos(), angle.sin()], -1)


def rope(x):
    """Complex numbers, as in RoFormer; the last pair has no angle."""
    turns = torch.view_as_complex(d(table)).repeat_interleave(2, 0)[:, None]
    pairs = torch.view_as_complex(d(x).unflatten(-1, (-1, 2)).contiguous())
    turned = torch.cat([pairs[..., :5] * turns, pairs[..., 5:]], -1)
    return torch.view_as_real(turned).flatten(-2)


case("Rope", out(rope(x)), x=x, table=table)
weight, head = normal(24), normal(12)
case("RmsNormRope.TOKEN", out(rope((rms(x.flatten(1)) * d(weight)).view(6, 2, 12))), x=x, weight=weight, table=table)
case("RmsNormRope.HEAD", out(rope(rms(x) * d(head))), x=x, weight=head, table=table)
timesteps = torch.tensor([0.0, 1.0, 713.97942, 1000.0])
angle = torch.outer(d(timesteps), torch.pow(10000, -torch.arange(6, dtype=torch.float64) / 6))
case("TimestepEmbedding", out(torch.cat([angle.cos(), angle.sin()], 1)), timesteps=timesteps)

# sampling
two = 0.25 * d(a) - 0.75 * d(b)
z = a.flip(0)
case("LinearCombination", {"two": two, "three": two + 1.5 * d(z)}, x=a, y=b, z=z)

# layout
x, frame = normal(6, 5), normal(3, 4)
table, ids, before = normal(5, 6), torch.tensor([4, 0, 4, 1], dtype=torch.int32), normal(4, 6)
rows = F.embedding(ids, table)
case("GatherRows", {"out": rows, "sum": d(before) + d(rows)}, table=table, ids=ids, before=before)
case("AppendColumns", out(torch.cat([x, frame.repeat_interleave(2, 0)], 1)), x=x, frame=frame)
x = normal(3, 4, 6, 5)
case("NearestUpsample", out(F.interpolate(x.permute(0, 3, 1, 2), scale_factor=2.0, mode="nearest-exact").permute(0, 2, 3, 1)), x=x)
# What unfold gives is the order in which a patch convolution stores its weight.
patches = F.unfold(x.permute(0, 3, 1, 2), 2, stride=2).transpose(1, 2).flatten(0, 1)
case("Patchify.CHANNEL_SLOWEST", out(patches), x=x)
# Four rows are padded to two patches of three.
y = F.pad(x, (0, 0, 0, 0, 0, 2)).view(3, 2, 3, 2, 3, 5).transpose(2, 3)
case("Patchify.CHANNEL_FASTEST", out(y.reshape(3 * 2 * 2, 3 * 3 * 5)), x=x)
# unpatchify of Wan 2.1's model.py, without the batch
rows = normal(3 * 2 * 3, 2 * 2 * 5)
y = torch.einsum("fhwpqrc->cfphqwr", rows.view(3, 2, 3, 1, 2, 2, 5)).reshape(5, 3, 4, 6)
case("Unpatchify.CHANNEL_FASTEST", out(y.permute(1, 2, 3, 0)), x=rows)
# What fold takes is the other order; of four rows and six columns three and five are kept.
y = F.fold(rows.view(3, 2 * 3, 2 * 2 * 5).transpose(1, 2), (4, 6), 2, stride=2)[:, :, :3, :5]
case("Unpatchify.CHANNEL_SLOWEST", out(y.permute(0, 2, 3, 1)), x=rows)
# Resample of Wan 2.1's vae.py, mode upsample3d
x = normal(3, 35, 10)
y = x.view(1, 3, 5, 7, 10).permute(0, 4, 1, 2, 3).reshape(1, 2, 5, 3, 5, 7)
y = torch.stack((y[:, 0], y[:, 1]), 3).reshape(1, 5, 6, 5, 7)
case("TimeUnshuffle", out(y[0].permute(1, 2, 3, 0).reshape(6, 35, 5)), x=x)
# AvgDown3D and DupUp3D of Wan 2.2's vae2_2.py, with factors of 2 and 2
x, before = normal(3, 4, 6, 3), normal(2, 2, 3, 6)
y = F.pad(d(x).permute(3, 0, 1, 2)[None], (0, 0, 0, 0, 1, 0))
y = y.view(1, 3, 2, 2, 2, 2, 3, 2).permute(0, 1, 3, 5, 7, 2, 4, 6).reshape(1, 24, 2, 2, 3)
y = y.view(1, 6, 4, 2, 2, 3).mean(2)[0].permute(1, 2, 3, 0)
case("DownsampleShortcut.CHANNEL_SLOWEST", out(y + d(before)), x=x, before=before)
x, before = normal(2, 2, 3, 6), normal(3, 4, 6, 3)
y = d(x).permute(3, 0, 1, 2)[None].repeat_interleave(3 * 8 // 6, dim=1)
y = y.view(1, 3, 2, 2, 2, 2, 2, 3).permute(0, 1, 5, 2, 6, 3, 7, 4).reshape(1, 3, 4, 4, 6)
case("UpsampleShortcut.CHANNEL_SLOWEST", out(y[0, :, 1:].permute(1, 2, 3, 0) + d(before)), x=x, before=before)

# image
x = 1.5 * normal(5, 7, 3)
case(
    "FramesToBytes",
    {"SIGNED": ((x + 1) * 127.5).clip(0, 255).byte(), "UNIT": (x * 255).clip(0, 255).byte()},
    x=x,
)
x = normal(9, 11, 3)
y = F.interpolate(d(x).permute(2, 0, 1)[None], (5, 17), mode="bicubic", align_corners=False)
case("ResizeBicubic", out(y[0].permute(1, 2, 0)), x=x)
x = torch.randint(0, 256, (19, 23, 3), generator=generator, dtype=torch.uint8)
image = Image.fromarray(x.numpy())
case(
    "ResizeAntialiased",
    {
        name: torch.from_numpy(np.array(image.resize((31, 8), getattr(Image.Resampling, name))))
        for name in ("BILINEAR", "BICUBIC", "LANCZOS")
    },
    x=x,
)

# linear
x, weight, bias = normal(6, 37), normal(13, 37), normal(13)
y = F.linear(d(x), d(weight), d(bias))
activated = {
    "NONE": y,
    "SILU": F.silu(y),
    "GELU_TANH": F.gelu(y, approximate="tanh"),
    "GELU_ERF": F.gelu(y),
    "SIGMOID": torch.sigmoid(y),
}
case("Matmul", activated, x=x, weight=weight, bias=bias)
gate, residual = normal(3, 13), normal(6, 13)
gated = d(residual) + (y.view(3, 2, 13) * d(gate)[:, None]).view(6, 13)
case("MatmulResidual", out(gated), x=x, weight=weight, bias=bias, gate=gate, residual=residual)


def e4m3(values):
    """The nearest number of three fractional bits, ties to even; with subnormals of 2^-9."""
    exponent = torch.clamp(torch.floor(torch.log2(values.abs().clamp(min=1e-30))), min=-6)
    step = torch.exp2(exponent - 3)
    return torch.round(values / step) * step


def e4m3_bits(values):
    """The byte of a value that is a number of the type."""
    size = values.abs()
    exponent = torch.clamp(torch.floor(torch.log2(size.clamp(min=1e-30))), min=-6)
    whole = size / torch.exp2(exponent - 3)
    bits = torch.where(whole < 8, whole, (exponent + 7) * 8 + whole - 8)
    return (bits + torch.where(values < 0, 128.0, 0.0)).byte()


def quantized(x, limit, rounded):
    """Every step rounded to fp32, as the contract says."""
    largest = x.abs().amax(1)
    return largest / limit, rounded(d(x * (limit / largest)[:, None]))


codes = {"MatmulInt8": (127, torch.round, lambda v: v.to(torch.int8)), "MatmulFp8": (448, e4m3, e4m3_bits)}
for name, (limit, rounded, bits) in codes.items():
    x_scales, x_values = quantized(x, limit, rounded)
    w_scales, w_values = quantized(weight, limit, rounded)
    suffix = name.removeprefix("Matmul")
    case(f"QuantizeRows.{suffix}", {"values": bits(x_values), "scales": x_scales}, x=x)
    product = F.linear(d(x_scales)[:, None] * x_values, d(w_scales)[:, None] * w_values, d(bias))
    case(
        name,
        out(F.gelu(product, approximate="tanh")),
        x=bits(x_values),
        xScales=x_scales,
        weight=bits(w_values),
        weightScales=w_scales,
        bias=bias,
    )
x = normal(6, 64)
codes = torch.randint(0, 16, (13, 64), generator=generator)
scales = normal(13, 2)
weight = (d(scales)[..., None] * (codes.view(13, 2, 32) - 8)).view(13, 64)
packed = (codes[:, 0::2] + 16 * codes[:, 1::2]).byte()
case("MatmulInt4", out(F.linear(d(x), weight, d(bias))), x=x, packed=packed, scales=scales, bias=bias)

# What came later, so that the random numbers of the others stay.
q, k, v = normal(6, 2, 8), normal(13, 2, 8), normal(13, 2, 8)
to_image, to_world = normal(2, 4, 4), normal(3, 4, 4)
keys, values = (torch.cat([d(x[:4]), by_frame(to_world, x[4:])]) for x in (k, v))
attended = weighted(scores(by_frame(to_image.transpose(1, 2), q), keys, 0.3), values)
case("PropeAttention.plain", out(by_frame(to_image, attended)), q=q, k=k, v=v, imageFromWorld=to_image, worldFromImage=to_world)
history, x = normal(2, 4, 5, 3), normal(3, 4, 5, 3)
weight, bias = normal(6, 3, 3, 3, 5), normal(6)
video = F.pad(d(torch.cat([history, x])).permute(3, 0, 1, 2)[None], (2, 2, 1, 1, 0, 0), mode="replicate")
y = F.conv3d(video, d(weight), d(bias))[0]
case("CausalConv3d.repeated", out(y.permute(1, 2, 3, 0)), history=history, x=x, weight=weight.permute(2, 3, 4, 1, 0), bias=bias)
# Boxes that count their channels last; enlarged by pixels first and repeated then.
x, before = normal(4, 4, 6, 3), normal(2, 2, 3, 6)
y = d(x).view(2, 2, 2, 2, 3, 2, 3).permute(0, 2, 4, 1, 3, 5, 6).reshape(2, 2, 3, 24)
case("DownsampleShortcut.CHANNEL_FASTEST", out(y.unflatten(-1, (6, 4)).mean(-1) + d(before)), x=x, before=before)
x, before = normal(2, 2, 3, 16), normal(3, 4, 6, 6)
y = d(x).view(2, 2, 3, 2, 2, 2, 2).permute(0, 3, 1, 4, 2, 5, 6).reshape(4, 4, 6, 2)
case("UpsampleShortcut.CHANNEL_FASTEST", out(y.repeat_interleave(3, -1)[1:] + d(before)), x=x, before=before)
# Int8 queries with a scale each, and keys less their mean with one scale: there are no more than 64,
# of which the mean would be that of some, or 128, whose scale they would not share.
q, k, v = normal(6, 2, 16), normal(9, 2, 16) + 3, normal(9, 2, 16)
to_image, to_world = normal(2, 4, 4), normal(3, 4, 4)


def int8(x, dims):
    scale = x.abs().amax(dims, keepdim=True) / 127
    return torch.round(x / scale) * scale


def attended_in_int8(q, k, v):
    keys = k - k.mean(0, keepdim=True)
    return weighted(scores(int8(q, 2), int8(keys, (0, 2)), 0.3), v)


case("AttentionInt8.one", out(attended_in_int8(d(q), d(k), v)), q=q, k=k, v=v)
keys, values = by_frame(to_world, k), by_frame(to_world, v)
seen = attended_in_int8(by_frame(to_image.transpose(1, 2), q), keys, values)
case("AttentionInt8.cameras", out(by_frame(to_image, seen)), q=q, k=k, v=v, imageFromWorld=to_image, worldFromImage=to_world)

header, data = {"__metadata__": {"torch": torch.__version__}}, b""
for name in sorted(tensors):
    value = tensors[name]
    raw = value.view(torch.uint8) if value.dtype != torch.uint8 else value
    raw = raw.numpy().tobytes()
    # This version of PyTorch has no dtype for fp8: its bits are bytes here.
    fp8 = "Fp8" in name and value.dtype == torch.uint8
    header[name] = {
        "dtype": "F8_E4M3" if fp8 else TYPES[value.dtype],
        "shape": list(value.shape),
        "data_offsets": [len(data), len(data) + len(raw)],
    }
    data += raw
text = json.dumps(header, separators=(",", ":")).encode()
text += b" " * (-len(text) % 8)
with open("kernels.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
print(len(tensors), "tensors,", len(data), "bytes; torch", torch.__version__)
