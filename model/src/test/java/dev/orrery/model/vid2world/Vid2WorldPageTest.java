package dev.orrery.model.vid2world;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.attention.TemporalAttention;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.conv.CausalConv3d;
import dev.orrery.kernels.conv.Conv2d;
import dev.orrery.kernels.linear.quantized.MatmulInt8;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.MeasuredPage;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.Quantization;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/**
 * The tables of {@code docs/models/vid2world.md} that code can tell. Run with {@code
 * -Dvid2world.tables=write}, they are written.
 */
class Vid2WorldPageTest {
  private static final UnetConfig UNET = UnetConfig.RELEASED;

  /** Operations of one pass of the released U-Net, by what they are. */
  private record Pass(
      double all, double quantized, double pictures, double overTime, double attention) {
    static Pass of(PlanningBackend counted) {
      return new Pass(
          counted.operations(),
          counted.operations(MatmulInt8.class),
          counted.operations(Conv2d.class),
          counted.operations(CausalConv3d.class),
          counted.operations(Attention.class) + counted.operations(TemporalAttention.class));
    }

    double otherProducts() {
      return all - quantized - pictures - overTime - attention;
    }
  }

  @Test
  void operations() throws IOException {
    List<Pass> passes = List.of(pass(10), pass(16), pass(20));
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("TFLOP", "10 frames", "16 frames", "20 frames"));
    add(
        rows,
        "products of the transformers' blocks, which may be quantised",
        passes,
        Pass::quantized);
    add(rows, "other products", passes, Pass::otherProducts);
    add(rows, "convolutions of pictures", passes, Pass::pictures);
    add(rows, "convolutions over time", passes, Pass::overTime);
    add(rows, "attention", passes, Pass::attention);
    add(rows, "a pass", passes, Pass::all);
    JsonValue defaults = JsonValue.parse("defaults", "{}".getBytes(StandardCharsets.UTF_8));
    int each = Vid2WorldSampling.read(defaults).passes();
    add(rows, "a frame, " + each + " passes", passes, pass -> each * pass.all());
    List<String> shares = new ArrayList<>(List.of("may be quantised"));
    for (Pass pass : passes) {
      shares.add(String.format(Locale.ROOT, "%.0f %%", 100 * pass.quantized() / pass.all()));
    }
    rows.add(shares);
    new MeasuredPage("models/vid2world.md", "vid2world.tables", 0).check("operations", rows);
  }

  private static void add(
      List<List<String>> rows, String what, List<Pass> passes, ToDoubleFunction<Pass> operations) {
    List<String> row = new ArrayList<>(List.of(what));
    for (Pass pass : passes) {
      row.add(String.format(Locale.ROOT, "%.2f", operations.applyAsDouble(pass) / 1e12));
    }
    rows.add(row);
  }

  /** A pass with the weights quantised that may be, so that their products are told apart. */
  private static Pass pass(int count) {
    try (PlanningBackend backend = PlanningBackend.cpu();
        TensorArena arena = backend.newArena()) {
      Weights weights = Weights.of(PlannedTensors.of(DType.F16, Vid2WorldPageTest::quantized));
      VideoUnet unet = new VideoUnet(Parameters.ofTransformer(weights, backend, arena), UNET);
      Tensor latents = arena.empty(DType.F32, count, 40, 64, UnetConfig.LATENT_CHANNELS);
      UnetFrames frames =
          new UnetFrames(
              arena.empty(DType.F32, count),
              arena.empty(DType.F32, 1),
              arena.empty(DType.F32, count, UNET.actionDim()),
              new boolean[count]);
      UnetContext context =
          new UnetContext(
              arena.empty(unet.activations(), UnetContext.TEXT_TOKENS, UNET.contextDim()),
              arena.empty(unet.activations(), 256, UNET.contextDim()));
      Workspace workspace = Workspace.measuring();
      unet.forward(latents, latents.slice(0, 1), frames, context, workspace, latents, Trace.NONE);
      return Pass.of(backend);
    }
  }

  private static List<TensorSpec> quantized(TensorSpec spec) {
    return VideoUnet.QUANTIZABLE.test(spec.name()) ? Quantization.INT8.stored(spec) : List.of(spec);
  }
}
