#!/usr/bin/env python3
"""Measures with PyTorch what our benchmark measures with our kernels: the same calls, sizes and dtypes.

    peers.py CASES OUT SECONDS

CASES is what `GpuReport --cases` writes; after SECONDS the rest of them is left out. Each call is made in every way
that PyTorch has for it, and the fastest counts. As in our own benchmark many calls are one CUDA graph and go round
tensors that do not fit in the L2 cache, and the time is the device's. Calls that PyTorch has no fused form of are left
out.
"""

import json
import math
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

ROUND_BYTES = 256e6
MOST_SETS = 64
GRAPH_MICROSECONDS = 5e3
MOST_CALLS = 400
ROUNDS = 9
LARGE = 8192


def random(dtype, *shape):
    return torch.randn(shape, device="cuda", dtype=dtype)


def microseconds(make_call):
    """Median time of a call. make_call() makes a call on tensors of its own and tells the bytes they have."""
    call, size = make_call()
    sets = max(1, min(MOST_SETS, math.ceil(ROUND_BYTES / size)))
    calls = [call] + [make_call()[0] for _ in range(sets - 1)]

    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        for _ in range(3):  # algorithms are chosen in the first calls
            for call in calls:
                call()
        stream.synchronize()
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        for call in calls:
            call()
        end.record()
        stream.synchronize()
        guess = max(1.0, start.elapsed_time(end) * 1e3 / sets)
        rounds = max(1, math.ceil(min(MOST_CALLS, GRAPH_MICROSECONDS / guess) / sets))
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=stream):
            for _ in range(rounds):
                for call in calls:
                    call()
        graph.replay()
        times = []
        for _ in range(ROUNDS):
            graph.replay()
            start.record()
            graph.replay()
            end.record()
            stream.synchronize()
            times.append(start.elapsed_time(end))
    return 1e3 * statistics.median(times) / (rounds * sets)


def of_tensors(call, *tensors):
    return (lambda: call(*tensors)), sum(t.numel() * t.element_size() for t in tensors)


def matmul_ways(dtype, m, k, n):
    yield "linear", lambda: of_tensors(F.linear, random(dtype, m, k), random(dtype, n, k), random(dtype, n))


def matmul_residual_ways(dtype, m, k, n):
    """Without the gate, which PyTorch cannot fuse."""

    def add(residual, x, weight):
        torch.addmm(residual, x, weight.t(), out=residual)

    yield "addmm", lambda: of_tensors(add, random(dtype, m, n), random(dtype, m, k), random(dtype, n, k))


def lacks(name):
    """Whether this PyTorch lacks something, which is then said. What begins with _ comes and goes with versions."""
    if hasattr(torch, name):
        return False
    print(f"    PyTorch {torch.__version__} has no torch.{name}", flush=True)
    return True


def matmul_int8_ways(dtype, m, k, n):
    """The sums in int32: without scales, bias and residual, which PyTorch cannot fuse."""
    if lacks("_int_mm"):
        return

    def values(rows):
        return torch.randint(-127, 128, (rows, k), device="cuda", dtype=torch.int8)

    def call(x, weight):
        torch._int_mm(x, weight.t())

    yield "_int_mm, sums alone", lambda: of_tensors(call, values(m), values(n))


def matmul_fp8_ways(dtype, m, k, n):
    """With scales of rows, as our kernel has them, and with one for each operand; without the residual. Sums are
    accumulated as exactly as ours, which use_fast_accum would not do."""
    if lacks("_scaled_mm") or lacks("float8_e4m3fn"):
        return

    def call(x, x_scale, weight, weight_scale, bias):
        torch._scaled_mm(
            x,
            weight.t(),
            scale_a=x_scale,
            scale_b=weight_scale,
            bias=bias,
            out_dtype=dtype,
            use_fast_accum=False,
        )

    def way(x_scale, weight_scale):
        def values(rows):
            return (100 * random(torch.float32, rows, k)).clamp(-448, 448).to(torch.float8_e4m3fn)

        def scale(shape):
            return torch.full(shape, 0.01, device="cuda")

        return lambda: of_tensors(
            call, values(m), scale(x_scale), values(n), scale(weight_scale), random(dtype, n)
        )

    yield "_scaled_mm, scales of rows", way((m, 1), (1, n))
    yield "_scaled_mm, scales of tensors", way((), ())


def attention_ways(dtype, queries, keys, heads, dim, batch=None):
    """Tokens first, as our kernels have it, and heads first, as PyTorch likes it, on every backend."""
    backends = {
        "flash": SDPBackend.FLASH_ATTENTION,
        "cudnn": SDPBackend.CUDNN_ATTENTION,
        "efficient": SDPBackend.EFFICIENT_ATTENTION,
        "math": SDPBackend.MATH,
    }

    def tokens_first(tokens):
        shape = (1, tokens, heads, dim) if batch is None else (tokens, batch, heads, dim)
        axes = (0, 2, 1, 3) if batch is None else (1, 2, 0, 3)
        return random(dtype, *shape).permute(*axes)

    def heads_first(tokens):
        return random(dtype, batch or 1, heads, tokens, dim)

    def way(backend, make):
        def call(q, k, v):
            with sdpa_kernel(backend):
                F.scaled_dot_product_attention(q, k, v)

        return lambda: of_tensors(call, make(queries), make(keys), make(keys))

    for name, backend in backends.items():
        yield name + ", tokens first", way(backend, tokens_first)
        yield name + ", heads first", way(backend, heads_first)


def temporal_attention_ways(dtype, frames, key_frames, positions, heads, dim):
    return attention_ways(dtype, frames, key_frames, heads, dim, batch=positions)


def conv3d_ways(dtype, kt, ky, kx, c_in, c_out, frames, rows, columns):
    """The frames of the history lie in front of the new ones, where PyTorch would have to copy them."""

    def call(x, weight, bias):
        F.conv3d(x, weight, bias, padding=(0, ky // 2, kx // 2))

    def make(memory_format):
        x = random(dtype, 1, c_in, kt - 1 + frames, rows, columns).to(memory_format=memory_format)
        weight = random(dtype, c_out, c_in, kt, ky, kx).to(memory_format=memory_format)
        return of_tensors(call, x, weight, random(dtype, c_out))

    yield "channels last", lambda: make(torch.channels_last_3d)


def conv2d_ways(dtype, ky, kx, c_in, c_out, frames, rows, columns):
    def call(x, weight, bias):
        F.conv2d(x, weight, bias, padding=(ky // 2, kx // 2))

    def make(memory_format):
        x = random(dtype, frames, c_in, rows, columns).to(memory_format=memory_format)
        weight = random(dtype, c_out, c_in, ky, kx).to(memory_format=memory_format)
        return of_tensors(call, x, weight, random(dtype, c_out))

    yield "channels last", lambda: make(torch.channels_last)


def layer_norm_ways(dtype, rows, channels):
    def call(x, weight, bias):
        F.layer_norm(x, (channels,), weight, bias)

    yield "layer_norm", lambda: of_tensors(
        call, random(dtype, rows, channels), random(dtype, channels), random(dtype, channels)
    )


WAYS = {
    "Matmul": matmul_ways,
    "MatmulResidual": matmul_residual_ways,
    "MatmulInt8": matmul_int8_ways,
    "MatmulFp8": matmul_fp8_ways,
    "Attention": attention_ways,
    "TemporalAttention": temporal_attention_ways,
    "CausalConv3d": conv3d_ways,
    "Conv2d": conv2d_ways,
    "LayerNorm": layer_norm_ways,
}


def best(case):
    """The fastest way of a case and its time; None if PyTorch has none."""
    size = [int(extent) for extent in case["size"].split("x")]
    found = None
    for name, make_call in WAYS[case["operation"]](getattr(torch, case["dtype"]), *size):
        try:
            measured = microseconds(make_call)
        # A backend that does not take this size, no memory, or a function of another version with other parameters.
        except (RuntimeError, TypeError, ValueError) as error:
            print(f"    {name}: {str(error).splitlines()[0][:100]}", flush=True)
            torch.cuda.synchronize()
            torch.cuda.empty_cache()
            continue
        print(f"    {name}: {measured:.1f} us", flush=True)
        if found is None or measured < found["microseconds"]:
            found = dict(case, way=name, microseconds=round(measured, 3))
    return found


def main():
    deadline = time.monotonic() + float(sys.argv[3])
    torch.backends.cudnn.benchmark = True
    with open(sys.argv[1]) as file:
        cases = [case for case in json.load(file) if case["operation"] in WAYS]
    # Some versions read beyond the scales of rows, and what follows a stray access fails.
    cases.sort(key=lambda case: case["operation"] == "MatmulFp8")
    large = dict(operation="Matmul", size="x".join([str(LARGE)] * 3), dtype="bfloat16")
    peers = []
    with torch.inference_mode():
        for case in [large] + cases:
            if time.monotonic() > deadline:
                print("no time is left for the rest")
                break
            print(case["operation"], case["size"], case["dtype"], flush=True)
            try:
                found = best(case)
                torch.cuda.empty_cache()
            except RuntimeError as error:
                print(f"the device is lost: {str(error).splitlines()[0][:100]}")
                break
            if found:
                peers.append(found)
    teraflops = 0.0
    if peers and peers[0]["size"] == large["size"]:
        teraflops = 2 * LARGE**3 / peers[0]["microseconds"] / 1e6
    with open(sys.argv[2], "w") as file:
        json.dump(
            {"library": "PyTorch " + torch.__version__, "largeMatmulTeraflops": round(teraflops, 1), "peers": peers},
            file,
            indent=1,
        )


if __name__ == "__main__":
    main()
