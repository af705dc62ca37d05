package dev.orrery.model.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.image.FramesToBytes;
import dev.orrery.kernels.image.PixelRange;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.norm.ChannelRmsNorm;
import dev.orrery.kernels.norm.LayerNorm;
import dev.orrery.kernels.norm.LayerNormModulate;
import dev.orrery.kernels.norm.RmsNorm;
import dev.orrery.kernels.position.Rope;
import dev.orrery.kernels.position.RotaryTable;
import dev.orrery.kernels.sampling.LinearCombination;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.sampling.FlowMatchSchedule;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Single operations against what the reference implementation computed. */
class KernelGoldenTest {
  static List<Golden.Arguments> rope() {
    return Golden.cpuCases("rope");
  }

  static List<Golden.Arguments> norms() {
    return Golden.cpuCases("norms");
  }

  static List<Golden.Arguments> sampler() {
    return Golden.cpuCases("sampler");
  }

  static List<Golden.Arguments> preprocess() {
    return Golden.cpuCases("preprocess");
  }

  @ParameterizedTest
  @MethodSource("rope")
  void videoRope(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend()) {
      List<JsonValue> cases = golden.config().get("cases").asList();
      for (int i = 0; i < cases.size(); i++) {
        JsonValue config = cases.get(i);
        int[] grid = config.integers("grid");
        int headDim = config.integer("head_dim");
        int start = config.integer("start_frame");
        float[] table = RotaryTable.video(start, grid[0], grid[1], grid[2], headDim, 10000);
        int tokens = grid[0] * grid[1] * grid[2];
        rotate(golden, backend, "case" + i, Tensor.of(table, tokens, headDim / 2, 2), tokens);

        // The tables have a column for each pair: temporal, row and column pairs side by side.
        float[] cos = golden.floats("outputs.case" + i + ".angles_cos");
        float[] sin = golden.floats("outputs.case" + i + ".angles_sin");
        int positions = golden.tensor("outputs.case" + i + ".angles_cos").size(0);
        int pairs = headDim / 2;
        int spatial = pairs / 3;
        int temporal = pairs - 2 * spatial;
        float[] byPosition = new float[positions * pairs * 2];
        for (int p = 0; p < positions; p++) {
          float[] frame = RotaryTable.video(p, 1, 1, 1, headDim, 10000);
          float[] row = RotaryTable.video(0, 1, p + 1, 1, headDim, 10000);
          float[] column = RotaryTable.video(0, 1, 1, p + 1, headDim, 10000);
          int at = p * pairs * 2;
          System.arraycopy(frame, 0, byPosition, at, temporal * 2);
          System.arraycopy(
              row,
              row.length - pairs * 2 + temporal * 2,
              byPosition,
              at + temporal * 2,
              spatial * 2);
          System.arraycopy(
              column,
              column.length - spatial * 2,
              byPosition,
              at + (temporal + spatial) * 2,
              spatial * 2);
        }
        for (int j = 0; j < cos.length; j++) {
          Golden.assertClose("cos", new float[] {cos[j]}, new float[] {byPosition[2 * j]}, 2e-6);
          Golden.assertClose(
              "sin", new float[] {sin[j]}, new float[] {byPosition[2 * j + 1]}, 2e-6);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("rope")
  void actionRope(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend()) {
      List<JsonValue> cases = golden.config().get("action_cases").asList();
      for (int i = 0; i < cases.size(); i++) {
        JsonValue config = cases.get(i);
        int frames = config.integer("frames");
        int dims = config.integers("dims")[0];
        float[] table =
            RotaryTable.frames(config.integer("start_frame"), frames, dims, config.number("theta"));
        rotate(golden, backend, "action" + i, Tensor.of(table, frames, dims / 2, 2), frames);

        float[] cos = golden.floats("outputs.action" + i + ".cos");
        float[] sin = golden.floats("outputs.action" + i + ".sin");
        int rows = golden.tensor("outputs.action" + i + ".cos").size(0);
        int columns = golden.tensor("outputs.action" + i + ".cos").size(1);
        float[] rotating = RotaryTable.frames(0, rows, dims, config.number("theta"));
        for (int row = 0; row < rows; row++) {
          for (int c = 0; c < columns; c++) {
            int at = (row * (dims / 2) + c / 2) * 2;
            float wantCos = c < dims ? rotating[at] : 1;
            float wantSin = c < dims ? rotating[at + 1] : 0;
            Golden.assertClose(
                "cos", new float[] {cos[row * columns + c]}, new float[] {wantCos}, 2e-6);
            Golden.assertClose(
                "sin", new float[] {sin[row * columns + c]}, new float[] {wantSin}, 2e-6);
          }
        }
      }
    }
  }

  private static void rotate(
      Golden golden, Backend backend, String name, Tensor table, int tokens) {
    for (String which : List.of("q", "k")) {
      Tensor x = golden.tensor("inputs." + name + "." + which);
      int batch = x.size(0);
      float[] expected = golden.floats("outputs." + name + "." + which);
      int length = expected.length / batch;
      for (int b = 0; b < batch; b++) {
        float[] out = new float[length];
        Tensor one = x.row(b);
        backend.kernel(Rope.class).run(one, table, Tensor.of(out, one.shape().extents()));
        float[] want = Arrays.copyOfRange(expected, b * length, (b + 1) * length);
        Golden.assertClose(name + "." + which, want, out, 2e-6);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("norms")
  void norms(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      int dim = golden.config().integer("dim");
      Tensor weight = golden.tensor("inputs.weight");
      Tensor bias = golden.tensor("inputs.bias");
      Tensor zeros = arena.empty(DType.F32, 1, dim);
      for (int i = 0; golden.has("inputs.x" + i); i++) {
        Tensor x = golden.tensor("inputs.x" + i);
        Tensor rows = x.reshape(x.elements() / dim, dim);
        Tensor out = arena.empty(DType.F32, rows.shape().extents());
        backend.kernel(RmsNorm.class).run(rows, weight, 1e-6, out);
        same(golden, "dit_rms." + i, out);
        backend.kernel(RmsNorm.class).run(rows, null, 1e-6, out);
        same(golden, "action_rms." + i, out);
        backend.kernel(LayerNormModulate.class).run(rows, zeros, zeros, 1e-6, out);
        same(golden, "dit_layernorm." + i, out);
        backend.kernel(LayerNorm.class).run(rows, weight, bias, 1e-6, out);
        same(golden, "dit_layernorm_affine." + i, out);
        backend.kernel(LayerNorm.class).run(rows, weight, bias, 1e-5, out);
        same(golden, "img_emb_layernorm." + i, out);
        same(golden, "clip_layernorm." + i, out);
        Tensor v = golden.channelsLast("inputs.v" + i);
        Tensor pixels = v.reshape(v.elements() / dim, dim);
        Tensor normed = arena.empty(DType.F32, pixels.shape().extents());
        backend.kernel(ChannelRmsNorm.class).run(pixels, weight, Activation.NONE, normed);
        float[] want = golden.channelsLast("outputs.vae_rms." + i).toFloats();
        Golden.assertClose("vae_rms." + i, want, normed.toFloats(), 1e-5);
      }
    }
  }

  private static void same(Golden golden, String name, Tensor out) {
    Golden.assertClose(name, golden.floats("outputs." + name), out.toFloats(), 1e-5);
  }

  @ParameterizedTest
  @MethodSource("sampler")
  void sampler(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend()) {
      FlowMatchSchedule schedule = new FlowMatchSchedule(5.0);
      Golden.assertClose("sigmas", golden.floats("outputs.sigmas"), schedule.sigmas(), 1e-6);
      Golden.assertClose(
          "timesteps", golden.floats("outputs.timesteps"), schedule.timesteps(), 1e-3);
      for (double shift : golden.config().numbers("other_shifts")) {
        float[] want = golden.floats("outputs.sigmas.shift" + shift);
        Golden.assertClose(
            "sigmas at shift " + shift, want, new FlowMatchSchedule(shift).sigmas(), 1e-6);
      }
      JsonValue steps = golden.config().get("steps");
      for (String variant : steps.keys()) {
        List<Integer> list = Arrays.stream(steps.integers(variant)).boxed().toList();
        float[] want = golden.floats("outputs.denoising_step_list." + variant);
        Golden.assertClose("steps of " + variant, want, schedule.warped(list), 1e-3);
      }
      float[] timesteps = golden.floats("inputs.timestep");
      float[] sigmas = golden.floats("outputs.sigma_at_timestep");
      for (int f = 0; f < timesteps.length; f++) {
        float sigma = schedule.sigmaAt(timesteps[f]);
        Golden.assertClose("sigma", new float[] {sigmas[f]}, new float[] {sigma}, 1e-6);
        step(golden, backend, f, sigma);
      }
    }
  }

  private static void step(Golden golden, Backend backend, int frame, float sigma) {
    Tensor x = golden.tensor("inputs.xt").row(frame);
    float[] out = new float[(int) x.elements()];
    Tensor result = Tensor.of(out, x.shape().extents());
    LinearCombination combination = backend.kernel(LinearCombination.class);
    combination.run(1, x, -sigma, golden.tensor("inputs.flow").row(frame), result);
    Golden.assertClose("x0", golden.tensor("outputs.x0").row(frame).toFloats(), out, 1e-6);
    Tensor clean = golden.tensor("inputs.clean").row(frame);
    combination.run(1 - sigma, clean, sigma, golden.tensor("inputs.noise").row(frame), result);
    Golden.assertClose("noisy", golden.tensor("outputs.noisy").row(frame).toFloats(), out, 1e-6);
  }

  @ParameterizedTest
  @MethodSource("preprocess")
  void frameBytes(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Tensor values = golden.tensor("outputs.frame_values");
      Tensor out = arena.empty(DType.U8, values.elements());
      backend.kernel(FramesToBytes.class).run(values, PixelRange.SIGNED, out);
      byte[] bytes = out.segment().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
      assertArrayEquals(golden.bytes("outputs.frame_u8"), bytes);
    }
  }
}
