package dev.orrery.model.vae22;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.layout.DownsampleShortcut;
import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.Patchify;
import dev.orrery.kernels.layout.UpsampleShortcut;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class Vae22GoldenTest {
  static List<Golden.Arguments> cases() {
    return Golden.cases("worldplay", "vae22");
  }

  static List<Golden.Arguments> casesOfProperties() {
    return Golden.casesOfProperties("worldplay", "vae22");
  }

  static List<Golden.Arguments> cpuCases() {
    return Golden.cpuCases("worldplay", "vae22");
  }

  /** The values that every call gave under a name. */
  private static final class Calls implements Trace {
    private final Backend backend;
    private final Map<String, List<float[]>> values = new HashMap<>();

    Calls(Backend backend) {
      this.backend = backend;
    }

    @Override
    public void tap(String name, Tensor value) {
      values.computeIfAbsent(name, key -> new ArrayList<>()).add(Golden.floats(backend, value));
    }

    /** Compares taps {@code start<part>.call<n>} of the fixture with those of these calls. */
    void assertLike(Golden.Arguments arguments, Golden golden, String start, String stages) {
      int compared = 0;
      for (String name : golden.names()) {
        if (name.startsWith(start)) {
          String part = name.substring(start.length(), name.lastIndexOf('.'));
          int call = Integer.parseInt(name.substring(name.lastIndexOf("call") + 4));
          String tap =
              part.equals("mid") ? "mid_block.resnets.1" : stages + part.charAt(part.length() - 1);
          assertTrue(values.containsKey(tap), tap + " was not tapped");
          float[] want = golden.channelsLast(name).toFloats();
          Vae22Fixture.assertClose(arguments, name, want, values.get(tap).get(call));
          compared++;
        }
      }
      assertTrue(compared > 0, "no taps " + start);
    }
  }

  /** A network of a fixture on a backend, with what a stream needs. */
  private record Setting(
      Golden golden, Backend backend, TensorArena arena, Vae22Config config, Workspace workspace) {
    static Setting of(Golden golden, Backend backend, TensorArena arena) {
      Workspace workspace = Workspace.of(arena, Golden.AMPLE);
      return new Setting(golden, backend, arena, Vae22Fixture.config(golden.config()), workspace);
    }

    Parameters parameters() {
      return Parameters.ofAutoencoder(Weights.of(golden.weights("")), backend, arena);
    }

    /** The fixture's video as the encoder takes it. */
    Tensor video() {
      DType pixels = backend.computeTypes().autoencoder();
      return Golden.moved(backend, arena, pixels, golden.channelsLast("video"));
    }

    /** The fixture's latents as the decoder takes them; the fixture has them not normalised. */
    Tensor latents() {
      Tensor z = golden.channelsLast("z");
      float[] values = z.toFloats();
      for (int i = 0; i < values.length; i++) {
        int channel = i % config.latentChannels();
        double centred = (double) values[i] - config.mean()[channel];
        values[i] = (float) (centred / config.std()[channel]);
      }
      return Golden.moved(backend, arena, DType.F32, Tensor.of(values, z.shape().extents()));
    }

    /** Latent frames that a video becomes. */
    static int latentFrames(Tensor video) {
      return 1 + (video.size(0) - 1) / Vae22Config.TEMPORAL_RATIO;
    }

    /**
     * Encodes the frames, in calls that end behind these latent frames.
     *
     * @return {@code [F, h, w, 2C]}
     */
    Tensor encode(Vae22Encoder encoder, Tensor video, Trace trace, int... ends) {
      FeatureCache cache = new FeatureCache(backend, arena);
      int side = Vae22Config.SPATIAL_RATIO;
      Tensor out =
          arena.empty(
              DType.F32,
              latentFrames(video),
              video.size(1) / side,
              video.size(2) / side,
              2L * config.latentChannels());
      int done = 0;
      for (int end : ends) {
        Tensor chunk = video.slice(Vae22Fixture.videoFrames(done), Vae22Fixture.videoFrames(end));
        encoder.encode(chunk, cache, workspace, out.slice(done, end), trace);
        done = end;
      }
      return out;
    }

    /** Decodes the fixture's latents, in calls that end behind these latent frames. */
    Tensor decode(Vae22Decoder decoder, Trace trace, int... ends) {
      FeatureCache cache = new FeatureCache(backend, arena);
      Tensor latents = latents();
      int side = Vae22Config.SPATIAL_RATIO;
      Tensor video =
          arena.empty(
              backend.computeTypes().autoencoder(),
              Vae22Fixture.videoFrames(latents.size(0)),
              (long) side * latents.size(1),
              (long) side * latents.size(2),
              3);
      int done = 0;
      for (int end : ends) {
        Tensor out = video.slice(Vae22Fixture.videoFrames(done), Vae22Fixture.videoFrames(end));
        decoder.decode(latents.slice(done, end), cache, workspace, out, trace);
        done = end;
      }
      return video;
    }
  }

  /** Every {@code width} values from {@code from} on, of rows of {@code row} values. */
  private static float[] columns(float[] values, int row, int from, int width) {
    float[] out = new float[values.length / row * width];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[i / width * row + from + i % width];
    }
    return out;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void encodesLikeTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Setting setting = Setting.of(golden, backend, arena);
      Vae22Encoder encoder = new Vae22Encoder(setting.parameters(), setting.config());
      Calls calls = new Calls(backend);
      Tensor input = setting.video();
      int[] ends = Vae22Fixture.oneByOne(Setting.latentFrames(input));
      Tensor out = setting.encode(encoder, input, calls, ends);
      calls.assertLike(arguments, golden, "tap5.enc.", "down_blocks.");
      int z = setting.config().latentChannels();
      float[] moments = Golden.floats(backend, out);
      float[] image = Golden.floats(backend, out.slice(0, 1));
      for (boolean means : new boolean[] {true, false}) {
        String part = means ? "mean" : "logvar";
        int from = means ? 0 : z;
        float[] want = golden.channelsLast("enc." + part).toFloats();
        Vae22Fixture.assertClose(arguments, part, want, columns(moments, 2 * z, from, z));
        float[] wantImage = golden.channelsLast("image." + part).toFloats();
        Vae22Fixture.assertClose(
            arguments, "image " + part, wantImage, columns(image, 2 * z, from, z));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void decodesLikeTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Setting setting = Setting.of(golden, backend, arena);
      Vae22Decoder decoder = new Vae22Decoder(setting.parameters(), setting.config());
      Calls calls = new Calls(backend);
      int frames = golden.tensor("z").size(2);
      Tensor video = setting.decode(decoder, calls, Vae22Fixture.oneByOne(frames));
      calls.assertLike(arguments, golden, "tap.dec.", "up_blocks.");
      float[] found = Vae22Fixture.clipped(Golden.floats(backend, video));
      float[] want = golden.channelsLast("decoded").toFloats();
      Vae22Fixture.assertClose(arguments, "decoded video", want, found);
    }
  }

  /** Frame by frame gives the bits that all frames behind the first at once give. */
  @ParameterizedTest
  @MethodSource("casesOfProperties")
  void streamingIsBatch(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Setting setting = Setting.of(golden, backend, arena);
      Vae22Decoder decoder = new Vae22Decoder(setting.parameters(), setting.config());
      int frames = golden.tensor("z").size(2);
      Tensor all = setting.decode(decoder, Trace.NONE, Vae22Fixture.atOnce(frames));
      Tensor each = setting.decode(decoder, Trace.NONE, Vae22Fixture.oneByOne(frames));
      assertArrayEquals(Golden.floats(backend, all), Golden.floats(backend, each));

      Vae22Encoder encoder = new Vae22Encoder(setting.parameters(), setting.config());
      Tensor video = setting.video();
      int latents = Setting.latentFrames(video);
      all = setting.encode(encoder, video, Trace.NONE, Vae22Fixture.atOnce(latents));
      each = setting.encode(encoder, video, Trace.NONE, Vae22Fixture.oneByOne(latents));
      assertArrayEquals(Golden.floats(backend, all), Golden.floats(backend, each));
    }
  }

  @ParameterizedTest
  @MethodSource("cpuCases")
  void refusesChunksThatAStreamDoesNotHave(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Setting setting = Setting.of(golden, backend, arena);
      Vae22Decoder decoder = new Vae22Decoder(setting.parameters(), setting.config());
      assertRefused("1 frame at the start", () -> setting.decode(decoder, Trace.NONE, 2));
      Vae22Encoder encoder = new Vae22Encoder(setting.parameters(), setting.config());
      Tensor video = setting.video();
      assertRefused("1 frame at the start", () -> setting.encode(encoder, video, Trace.NONE, 2));
      FeatureCache cache = new FeatureCache(backend, arena);
      long side = Vae22Config.SPATIAL_RATIO;
      Tensor out =
          arena.empty(
              DType.F32,
              1,
              video.size(1) / side,
              video.size(2) / side,
              2L * setting.config().latentChannels());
      encoder.encode(video.slice(0, 1), cache, setting.workspace(), out, Trace.NONE);
      assertRefused(
          "a multiple of 4",
          () -> encoder.encode(video.slice(1, 4), cache, setting.workspace(), out, Trace.NONE));
    }
  }

  private static void assertRefused(String expected, Executable call) {
    IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, call);
    assertTrue(refused.getMessage().contains(expected), refused.getMessage());
  }

  /** After both networks no tensor of the checkpoint is left over. */
  @ParameterizedTest
  @MethodSource("cpuCases")
  void everyTensorIsRead(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Weights weights = Weights.of(golden.weights(""));
      Parameters parameters = Parameters.ofAutoencoder(weights, backend, arena);
      Vae22Config config = Vae22Fixture.config(golden.config());
      new Vae22Encoder(parameters, config);
      new Vae22Decoder(parameters, config);
      weights.finish();
    }
  }

  @ParameterizedTest
  @MethodSource("cpuCases")
  void squaresAreCountedLikeTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend()) {
      Tensor frame = golden.channelsLast("video").slice(0, 1);
      Tensor want = golden.channelsLast("patchified_frame0");
      int channels = want.size(3);
      float[] squares = new float[Math.toIntExact(want.elements())];
      backend
          .kernel(Patchify.class)
          .run(
              frame,
              2,
              PatchOrder.CHANNEL_SLOWEST,
              0,
              Tensor.of(squares, want.elements() / channels, channels));
      int[] order = PackedPixels.patchifyOrder();
      float[] expected = want.toFloats();
      for (int i = 0; i < squares.length; i++) {
        int pixel = i / channels * channels;
        assertEquals(expected[pixel + order[i % channels]], squares[i]);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cpuCases")
  void shortcutsAreThoseOfTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend()) {
      Tensor x = golden.channelsLast("unit.x");
      DownsampleShortcut down = backend.kernel(DownsampleShortcut.class);
      UpsampleShortcut up = backend.kernel(UpsampleShortcut.class);
      for (String name : golden.names()) {
        if (name.startsWith("unit.avg_down") || name.startsWith("unit.dup_up")) {
          int frames = name.contains("_t2") ? 2 : 1;
          Tensor want = golden.channelsLast(name);
          float[] values = new float[Math.toIntExact(want.elements())];
          Tensor out = Tensor.of(values, want.shape().extents());
          if (name.contains("avg_down")) {
            down.run(x, frames, 2, PatchOrder.CHANNEL_SLOWEST, out);
          } else {
            up.run(x, frames, 2, PatchOrder.CHANNEL_SLOWEST, out);
          }
          Golden.assertClose(name, want.toFloats(), values, 1e-6);
        }
      }
    }
  }
}
