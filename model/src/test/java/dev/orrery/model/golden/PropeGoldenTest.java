package dev.orrery.model.golden;

import dev.orrery.kernels.attention.PropeAttention;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link PropeAttention} against what WorldPlay's implementation computed. */
class PropeGoldenTest {
  static List<Golden.Arguments> prope() {
    return Golden.cases("worldplay", "prope");
  }

  @ParameterizedTest
  @MethodSource("prope")
  void propeAttention(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      List<JsonValue> cases = golden.config().get("cases").asList();
      for (int i = 0; i < cases.size(); i++) {
        float[] expected = tokensFirst(golden.tensor("case" + i + ".out")).toFloats();
        float[] fp32 = run(golden, backend, arena, i, DType.F32);
        Golden.assertRelative("case " + i + " in fp32", expected, fp32, 2e-6);
        if (arguments.isGpu()) {
          // Takes the kernel on tensor cores where the head dim is a multiple of 8.
          float[] bf16 = run(golden, backend, arena, i, DType.BF16);
          Golden.assertRelative("case " + i + " in bf16", expected, bf16, Golden.GPU_LIMIT);
        }
      }
    }
  }

  private static float[] run(
      Golden golden, Backend backend, TensorArena arena, int index, DType dtype) {
    String name = "case" + index + ".";
    Tensor q = Golden.moved(backend, arena, dtype, tokensFirst(golden.tensor(name + "q")));
    Tensor k = Golden.moved(backend, arena, dtype, tokensFirst(golden.tensor(name + "k")));
    Tensor v = Golden.moved(backend, arena, dtype, tokensFirst(golden.tensor(name + "v")));
    Tensor out = arena.empty(dtype, q.shape().extents());
    backend
        .kernel(PropeAttention.class)
        .run(
            q,
            k,
            v,
            Golden.moved(backend, arena, DType.F32, golden.tensor(name + "P").row(0)),
            Golden.moved(backend, arena, DType.F32, golden.tensor(name + "P_inv").row(0)),
            0,
            1 / Math.sqrt(q.size(2)),
            arena.empty(dtype, PropeAttention.roomRows(k), k.size(1), k.size(2)),
            out);
    return Golden.floats(backend, out);
  }

  /** {@code [1, H, T, D]} in the order of the operation, {@code [T, H, D]}. */
  private static Tensor tokensFirst(Tensor stored) {
    int heads = stored.size(1);
    int tokens = stored.size(2);
    int headDim = stored.size(3);
    float[] from = stored.toFloats();
    float[] to = new float[from.length];
    for (int head = 0; head < heads; head++) {
      for (int token = 0; token < tokens; token++) {
        int at = (head * tokens + token) * headDim;
        System.arraycopy(from, at, to, (token * heads + head) * headDim, headDim);
      }
    }
    return Tensor.of(to, tokens, heads, headDim);
  }
}
