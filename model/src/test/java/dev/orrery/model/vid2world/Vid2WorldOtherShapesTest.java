package dev.orrery.model.vid2world;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.RandomWeights;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.random.GaussianNoise;
import dev.orrery.runtime.trace.ActivationTrace;
import dev.orrery.runtime.trace.Trace;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The comparisons of the U-Net's fixtures take fixtures of other shapes than the project's own: a
 * robot of 13 numbers, heads of 16, transformers at other levels, five frames, four steps. This one
 * is made by the reference backend.
 */
class Vid2WorldOtherShapesTest {
  private static final int FRAMES = 5;
  private static final int STEPS = 4;
  private static final int ACTION = 13;
  private static final int CONTEXT = 24;
  private static final int TOKENS = UnetContext.TEXT_TOKENS + 6;
  private static final int ROWS = 2;
  private static final int COLUMNS = 4;

  private static final String CONFIG =
      """
      {"model_channels": 32, "num_res_blocks": 1, "attention_resolutions": [2],
       "channel_mult": [1, 2], "num_head_channels": 16, "context_dim": 24, "action_dim": 13,
       "h": 2, "w": 4, "frames": 5, "ddim_steps": 4, "eta": 0.8, "guidance": 1.5,
       "guidance_rescale": 0.4, "fs": 7}
      """;

  @TempDir Path folder;

  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  /** Draws an input. */
  private void input(String name, long... extents) {
    float[] values = new float[Math.toIntExact(Shape.of(extents).elements())];
    GaussianNoise.fill(17, tensors.size(), 0, values);
    tensors.put("inputs." + name, Tensor.of(values, extents));
  }

  private Golden.Arguments write(String name, String backend) {
    Path file = folder.resolve(name + ".safetensors");
    SafetensorsWriter.write(file, tensors, Map.of("config", CONFIG));
    return new Golden.Arguments(file, backend);
  }

  private void draw() {
    JsonValue json = JsonValue.parse("config", CONFIG.getBytes(StandardCharsets.UTF_8));
    PlannedTensors asked = PlannedTensors.of(DType.F32);
    try (Backend backend = PlanningBackend.cpu()) {
      Weights weights = Weights.of(asked);
      Parameters p = Parameters.ofTransformer(weights, backend, backend.newArena());
      new VideoUnet(p, UnetFixture.config(json));
    }
    RandomWeights.of(asked, 3).forEach((name, it) -> tensors.put("weights." + name, it));
    input("x", 1, 4, FRAMES, ROWS, COLUMNS);
    input("concat", 1, 4, FRAMES, ROWS, COLUMNS);
    input("context", 1, TOKENS, CONTEXT);
    input("uncond_context", 1, TOKENS, CONTEXT);
    input("actions", 1, FRAMES, ACTION);
    input("z_history", 1, 4, FRAMES - 1, ROWS, COLUMNS);
    input("x_T", 1, 4, FRAMES, ROWS, COLUMNS);
    input("history_noise", 1, 4, FRAMES - 1, ROWS, COLUMNS);
    input("history_noise_last", 1, 4, 1, ROWS, COLUMNS);
    input("step_noise", STEPS, 1, 4, FRAMES, ROWS, COLUMNS);
    tensors.put("inputs.action_mask", Tensor.of(new float[] {1, 0, 1, 1, 0}, 1, FRAMES));
    long[] timesteps = {3, 250, 250, 499, 999};
    tensors.put(
        "inputs.t", Tensor.host(DType.I64, Shape.of(1, FRAMES), MemorySegment.ofArray(timesteps)));
  }

  /** Outputs of a pass, as the reference implementation stores them. */
  private void record(ActivationTrace trace) {
    for (String embedding : new String[] {"time", "fps", "action"}) {
      float[] values = trace.values().get(embedding + "_embedding");
      int rows = embedding.equals("fps") ? 1 : FRAMES;
      tensors.put(
          "outputs." + embedding + "_embedding", Tensor.of(values, 1, rows, values.length / rows));
    }
    float[] middle = trace.values().get("middle_block");
    int channels = middle.length / FRAMES / (ROWS / 2) / (COLUMNS / 2);
    float[] stored = new float[middle.length];
    int size = middle.length / FRAMES;
    for (int frame = 0; frame < FRAMES; frame++) {
      Tensor one =
          Tensor.of(middle, FRAMES, ROWS / 2, COLUMNS / 2, channels).slice(frame, frame + 1L);
      System.arraycopy(Golden.channelsFirst(one), 0, stored, frame * size, size);
    }
    tensors.put("outputs.middle_block", Tensor.of(stored, FRAMES, channels, ROWS / 2, COLUMNS / 2));
    put("outputs.v", trace.values().get("v"), FRAMES);
  }

  private void put(String name, float[] latents, int frames) {
    float[] values = Golden.channelsFirst(Tensor.of(latents, frames, ROWS, COLUMNS, 4));
    tensors.put(name, Tensor.of(values, 1, 4, frames, ROWS, COLUMNS));
  }

  @Test
  void fixturesOfOtherShapesAreCompared() {
    draw();
    Golden.Arguments inputs = write("unet-inputs", "reference");
    try (UnetFixture fixture = new UnetFixture(inputs)) {
      ActivationTrace trace = new ActivationTrace(fixture.backend);
      fixture.velocity(FRAMES, trace);
      record(trace);
    }
    try (SamplerFixture fixture = new SamplerFixture(inputs)) {
      put("outputs.ar_latents", fixture.make(Trace.NONE), 1);
    }
    Golden.Arguments whole = write("unet", "cpu");
    new Vid2WorldUnetGoldenTest().activations(whole);
    new Vid2WorldSamplerGoldenTest().levels(whole);
    new Vid2WorldSamplerGoldenTest().framesOfTheReference(whole);
  }
}
