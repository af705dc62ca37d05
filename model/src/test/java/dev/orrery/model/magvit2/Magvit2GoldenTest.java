package dev.orrery.model.magvit2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.image.FramesToBytes;
import dev.orrery.kernels.image.PixelRange;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.ActivationTrace;
import dev.orrery.runtime.trace.Trace;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pictures to tokens and tokens to pictures against the reference implementation. */
class Magvit2GoldenTest {
  static final double LIMIT = 1e-5;

  static List<Golden.Arguments> cases() {
    return Stream.concat(
            Golden.cases("genie-1xgpt", "magvit2").stream(),
            Golden.cases("genie-1xgpt", "encode").stream())
        .toList();
  }

  /** For what is computed on the host, on any backend alike. */
  static List<Golden.Arguments> hostCases() {
    return cases().stream()
        .filter(arguments -> arguments.backendName().equals("reference"))
        .toList();
  }

  static List<Golden.Arguments> encodings() {
    return Golden.cpuCases("genie-1xgpt", "encode").stream()
        .filter(arguments -> arguments.backendName().equals("reference"))
        .toList();
  }

  /** Both networks of a fixture on a backend. */
  static final class Fixture implements AutoCloseable {
    final Golden.Arguments arguments;
    final Golden golden;
    final Backend backend;
    final TensorArena arena;
    final Magvit2Config config;
    final Magvit2Encoder encoder;
    final Magvit2Decoder decoder;
    final Workspace workspace;

    Fixture(Golden.Arguments arguments) {
      this.arguments = arguments;
      golden = arguments.golden();
      backend = arguments.backend();
      arena = backend.newArena();
      config = Magvit2Config.read(golden.config());
      Weights weights = Weights.of(golden.weights(""));
      Parameters parameters = Parameters.ofAutoencoder(weights, backend, arena);
      encoder = new Magvit2Encoder(parameters, config);
      decoder = new Magvit2Decoder(parameters, config);
      weights.finish();
      workspace = Workspace.of(arena, Golden.AMPLE);
    }

    void assertClose(String name, float[] found) {
      float[] wanted = channelsLast(golden, name).toFloats();
      Golden.assertRelative(name, wanted, found, arguments.isGpu() ? Golden.GPU_LIMIT : LIMIT);
    }

    /** Decodes ids {@code [N, h, w]}; the bytes of the pictures go to {@code bytes}. */
    float[] decode(long[] ids, Shape grid, Tensor bytes) {
      int[] numbers = Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
      float[] signs = new SignCode(config.bits()).code(numbers);
      Tensor host = Tensor.of(signs, grid.extent(0), grid.extent(1), grid.extent(2), config.bits());
      Tensor code = Golden.moved(backend, arena, DType.F32, host);
      long[] extents = {
        grid.extent(0), config.ratio() * grid.extent(1), config.ratio() * grid.extent(2), 3
      };
      Tensor pixels = arena.empty(backend.computeTypes().autoencoder(), extents);
      decoder.decode(code, workspace, pixels, Trace.NONE);
      Tensor onBackend = arena.empty(DType.U8, extents);
      backend.kernel(FramesToBytes.class).run(pixels, PixelRange.SIGNED, onBackend);
      backend.copy(onBackend, bytes);
      return Golden.floats(backend, pixels);
    }

    @Override
    public void close() {
      arena.close();
      backend.close();
      golden.close();
    }
  }

  /** Features, and the activations on the way where the fixture has them. */
  @ParameterizedTest
  @MethodSource("cases")
  void encodesLikeTheReference(Golden.Arguments arguments) {
    try (Fixture fixture = new Fixture(arguments)) {
      Golden golden = fixture.golden;
      Tensor image = channelsLast(golden, "inputs.image");
      DType activations = fixture.backend.computeTypes().autoencoder();
      Tensor pixels = Golden.moved(fixture.backend, fixture.arena, activations, image);
      String name = golden.has("outputs.features") ? "outputs.features" : "outputs.encoder_z";
      Shape shape = golden.shape(name);
      Tensor features =
          fixture.arena.empty(
              DType.F32, shape.extent(0), shape.extent(2), shape.extent(3), shape.extent(1));
      ActivationTrace trace = new ActivationTrace(fixture.backend);
      fixture.encoder.encode(pixels, fixture.workspace, features, trace);
      float[] found = Golden.floats(fixture.backend, features);
      fixture.assertClose(name, found);
      for (String tap : golden.names()) {
        if (tap.startsWith("outputs.encoder.")) {
          fixture.assertClose(tap, trace.values().get(tap.substring("outputs.".length())));
        }
      }
      if (golden.has("outputs.ids") && !arguments.isGpu()) {
        int[] ids = new SignCode(fixture.config.bits()).ids(found);
        assertArrayEquals(golden.longs("outputs.ids"), longs(ids), "ids");
      }
    }
  }

  /** Ids to pixels and bytes. */
  @ParameterizedTest
  @MethodSource("cases")
  void decodesLikeTheReference(Golden.Arguments arguments) {
    try (Fixture fixture = new Fixture(arguments)) {
      Golden golden = fixture.golden;
      String ids = golden.has("outputs.ids") ? "outputs.ids" : "inputs.tokens";
      assertPicture(fixture, ids, "outputs.image_u8", "outputs.image");
      if (golden.has("outputs.wrong_order.image_u8")) {
        // What the other order of bits would show, decoded on purpose.
        byte[] wrong =
            assertPicture(fixture, "outputs.ids_msb_first", "outputs.wrong_order.image_u8", null);
        assertNotEquals(Arrays.toString(bytes(golden, "outputs.image_u8")), Arrays.toString(wrong));
      }
    }
  }

  /**
   * Requires the picture of ids; its bytes are the same, where they are cut from fp32.
   *
   * @param pixels name of the floats, or null
   */
  private static byte[] assertPicture(Fixture fixture, String ids, String bytes, String pixels) {
    Golden golden = fixture.golden;
    byte[] wanted = bytes(golden, bytes);
    byte[] found = new byte[wanted.length];
    Tensor host = Tensor.host(DType.U8, Shape.of(found.length), MemorySegment.ofArray(found));
    float[] values = fixture.decode(golden.longs(ids), golden.shape(ids), host);
    if (pixels != null) {
      fixture.assertClose(pixels, values);
    }
    if (!fixture.arguments.isGpu()) {
      assertArrayEquals(wanted, found, bytes);
    }
    return found;
  }

  /** Bytes {@code [N, 3, Y, X]} of a fixture as {@code [N, Y, X, 3]}. */
  private static byte[] bytes(Golden golden, String name) {
    byte[] stored = golden.bytes(name);
    Shape shape = golden.shape(name);
    int channels = (int) shape.extent(1);
    int pixels = (int) (shape.extent(2) * shape.extent(3));
    byte[] out = new byte[stored.length];
    for (int i = 0; i < stored.length; i++) {
      int picture = i / (channels * pixels);
      int channel = i / pixels % channels;
      out[(picture * pixels + i % pixels) * channels + channel] = stored[i];
    }
    return out;
  }

  /** Ids to the signs that are decoded. */
  @ParameterizedTest
  @MethodSource("hostCases")
  void codesOfIds(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden()) {
      String ids = golden.has("outputs.ids") ? "outputs.ids" : "inputs.tokens";
      int[] numbers = Arrays.stream(golden.longs(ids)).mapToInt(Math::toIntExact).toArray();
      Tensor wanted = channelsLast(golden, "outputs.code");
      assertArrayEquals(wanted.toFloats(), new SignCode(wanted.size(3)).code(numbers));
    }
  }

  /** Features to bits and ids in both orders, of a picture and of values around zero. */
  @ParameterizedTest
  @MethodSource("encodings")
  void bitsOfFeatures(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden()) {
      assertBits(golden, "outputs.features", "outputs.bits", "outputs.ids");
      assertBits(golden, "inputs.edge_features", "outputs.edge_bits", "outputs.edge_ids");
    }
  }

  private static void assertBits(Golden golden, String features, String bits, String ids) {
    Tensor stored = channelsLast(golden, features);
    int channels = stored.size(3);
    float[] values = stored.toFloats();
    byte[] wantedBits = bytes(golden, bits);
    int[] found = new SignCode(channels).ids(values);
    long[] reversed = new long[found.length];
    for (int i = 0; i < values.length; i++) {
      int bit = found[i / channels] >>> i % channels & 1;
      assertEquals(wantedBits[i], bit, bits + " at " + i);
      reversed[i / channels] |= (long) bit << channels - 1 - i % channels;
    }
    assertArrayEquals(golden.longs(ids), longs(found), ids);
    assertArrayEquals(golden.longs(ids + "_msb_first"), reversed, "the other order of " + ids);
    assertTrue(!Arrays.equals(longs(found), reversed), "the orders differ");
  }

  /** A tensor {@code [N, C, Y, X]} of a fixture as {@code [N, Y, X, C]}. */
  static Tensor channelsLast(Golden golden, String name) {
    Tensor stored = golden.tensor(name);
    return Golden.framesChannelsLast(
        stored.toFloats(), stored.size(0), stored.size(1), stored.size(2), stored.size(3));
  }

  private static long[] longs(int[] values) {
    return Arrays.stream(values).asLongStream().toArray();
  }

  /** The bytes of a picture are what its floats were made of. */
  @ParameterizedTest
  @MethodSource("encodings")
  void pixelsOfBytes(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden()) {
      byte[] bytes = golden.bytes("inputs.image_u8");
      float[] pixels = golden.floats("inputs.image");
      for (int i = 0; i < pixels.length; i++) {
        assertEquals(Byte.toUnsignedInt(bytes[i]) / 127.5f - 1, pixels[i], 1e-6f);
      }
    }
  }
}
