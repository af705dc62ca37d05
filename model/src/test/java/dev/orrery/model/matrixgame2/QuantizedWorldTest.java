package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.golden.QuantizationPage;
import dev.orrery.model.golden.QuantizedForm;
import dev.orrery.model.golden.QuantizedTensors;
import dev.orrery.model.layers.AttentionPrecision;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionScript;
import dev.orrery.model.session.EncodedStart;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionPlan;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.StartMemory;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.Quantization;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.media.Psnr;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.quantize.ScaleChoice;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The demo world, which is trained, with its transformer quantised: what a person would see. */
class QuantizedWorldTest {
  private static final int BLOCKS = 2;
  private static final int GROUP = 64;

  /** Video of some blocks, and bytes of the transformer. */
  private record Played(List<byte[]> blocks, long bytes) {}

  /**
   * A way to quantise it, and the least signal-to-noise ratio of a block's frames.
   *
   * @param form of the weights of a layer; null where they stay
   */
  private record Case(
      String name,
      Function<String, Quantization> form,
      ScaleChoice choice,
      AttentionPrecision attention,
      double least) {}

  private static final Quantization INT4 = Quantization.int4(GROUP);

  /** The limits are about three decibels below what was seen. */
  private static final List<Case> CASES =
      List.of(
          all(QuantizedForm.INT8, 50),
          all(QuantizedForm.FP8, 41),
          all(QuantizedForm.int4(GROUP, ScaleChoice.ABS_MAX), 28),
          all(QuantizedForm.int4(GROUP, ScaleChoice.MSE), 33),
          keeping(
              "int4 with MSE-optimal scales, values of self-attention int8", ".*self_attn.v.*", 35),
          keeping("int4 with MSE-optimal scales, all attention int8", ".*attn.*", 38),
          attending("attention in int8", null, 55),
          attending("int8, attention too", Quantization.INT8, 50));

  private static Case all(QuantizedForm form, double least) {
    return new Case(
        form.toString(),
        name -> form.quantization(),
        form.choice(),
        AttentionPrecision.FLOAT,
        least);
  }

  private static Case attending(String name, Quantization form, double least) {
    return new Case(name, layer -> form, ScaleChoice.ABS_MAX, AttentionPrecision.INT8, least);
  }

  private static Case keeping(String name, String eightBits, double least) {
    return new Case(
        name,
        layer -> layer.matches(eightBits) ? Quantization.INT8 : INT4,
        ScaleChoice.MSE,
        AttentionPrecision.FLOAT,
        least);
  }

  @Test
  void looksLikeTheWorldThatIsNotQuantized() throws Exception {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("Form", "transformer", "PSNR of chunk 0", "PSNR of chunk 1"));
    try (Checkpoint dit = Checkpoint.find(DemoWorldGoldenTest.FOLDER, "dit");
        Backend backend = CpuBackend.simd(2)) {
      Played expected = play(dit, backend, AttentionPrecision.FLOAT);
      rows.add(List.of("as it is, bf16", megabytes(expected.bytes()), "–", "–"));
      for (Case test : CASES) {
        QuantizedTensors quantized =
            new QuantizedTensors(
                dit,
                name ->
                    MatrixGame2.FAMILY.isQuantizable(name)
                        ? Optional.ofNullable(test.form().apply(name))
                        : Optional.empty(),
                test.choice());
        Played found = play(quantized, backend, test.attention());
        List<String> row = new ArrayList<>(List.of(test.name(), megabytes(found.bytes())));
        for (int block = 0; block < BLOCKS; block++) {
          double psnr = Psnr.decibels(expected.blocks().get(block), found.blocks().get(block));
          assertTrue(
              psnr >= test.least() && psnr < 75,
              test.name() + ", block " + block + ": " + psnr + " dB");
          row.add(String.format(Locale.ROOT, "%.1f dB", psnr));
        }
        rows.add(row);
      }
    }
    QuantizationPage.check("demo-world", rows);
  }

  /** The world's configuration with a setting of attention. */
  private static MatrixGame2Config config(Path folder, AttentionPrecision attention)
      throws Exception {
    String settings = Files.readString(folder.resolve("config.json"));
    String added = settings.replaceFirst("\\{", "{\"attention\": \"" + attention.id() + "\",");
    JsonValue json = JsonValue.parse("config.json", added.getBytes(StandardCharsets.UTF_8));
    return MatrixGame2Config.read(json, json.get("dit"));
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.2f MB", bytes / 1e6);
  }

  private static Played play(TensorSource dit, Backend backend, AttentionPrecision attention)
      throws Exception {
    Path folder = DemoWorldGoldenTest.FOLDER;
    MatrixGame2Config config = config(folder, attention);
    PlannedTensors planned = PlannedTensors.like(dit);
    List<byte[]> blocks = new ArrayList<>();
    try (Checkpoint vae = Checkpoint.find(folder, "vae");
        Checkpoint imageEncoder = Checkpoint.find(folder, "image_encoder");
        TensorArena arena = backend.newArena()) {
      SourceModel stored =
          new SourceModel(
              config, planned, PlannedTensors.like(vae), PlannedTensors.like(imageEncoder));
      SessionPlan plan = stored.plan(PlanningBackend.like(backend));
      SourceModel source = new SourceModel(config, dit, vae, imageEncoder);
      MatrixGame2Networks networks = source.build(backend, arena);
      RgbImage image = RgbImage.read(folder.resolve("start.png"));
      ActionScript script = ActionScript.parse("w*12 w+l*9", config.variant().controls());
      StartMemory memory = StartMemory.of(new StartMemory.Host(backend, plan, null));
      try (EncodedStart encoded =
              source.model().encode(networks, Start.of(image, 42), memory, Progress.NONE);
          WorldSession session = encoded.start(42)) {
        int at = 0;
        for (int block = 0; block < BLOCKS; block++) {
          List<Action> actions = new ArrayList<>();
          for (int i = 0; i < session.nextFrames(); i++) {
            actions.add(script.at(at++));
          }
          VideoFrames frames = session.step(actions, Progress.NONE);
          blocks.add(frames.rgb());
        }
      }
    }
    return new Played(blocks, planned.byteSize());
  }
}
