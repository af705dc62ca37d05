package dev.orrery.model.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.SafetensorsFile;
import dev.orrery.runtime.checkpoint.TensorSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A fixture that the reference implementation wrote: weights, inputs and outputs of one network,
 * with the configuration in the file's metadata. The folder is {@code -Dgolden.dir}, with one
 * sub-folder for each model family; whatever it holds under a known prefix is run.
 */
public final class Golden implements AutoCloseable {
  /** Enough for the activations of any network that fits in a fixture. */
  public static final long WORKSPACE_BYTES = 256 << 20;

  private final SafetensorsFile file;
  private final JsonValue config;

  private Golden(Path path) {
    file = SafetensorsFile.open(path);
    // The fixtures call the image encoder's channels by another name than the model configurations
    // do.
    String json =
        file.metadata().getOrDefault("config", "{}").replace("\"clip_dim\"", "\"img_dim\"");
    config = JsonValue.parse(path.getFileName().toString(), json.getBytes(StandardCharsets.UTF_8));
  }

  public static Golden open(Path path) {
    return new Golden(path);
  }

  /** Every fixture of Matrix-Game 2.0 whose name starts with a prefix, on both CPU backends. */
  public static List<Arguments> cases(String prefix) {
    Path folder = Path.of(System.getProperty("golden.dir"), "matrix-game-2");
    List<Path> files;
    try (Stream<Path> listing = Files.list(folder)) {
      files =
          listing
              .filter(path -> path.getFileName().toString().startsWith(prefix))
              .filter(path -> path.getFileName().toString().endsWith(".safetensors"))
              .sorted()
              .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("golden.dir: cannot list " + folder, e);
    }
    assertTrue(!files.isEmpty(), "no fixture " + prefix + "*.safetensors in " + folder);
    List<Arguments> cases = new ArrayList<>();
    for (Path path : files) {
      cases.add(new Arguments(path, "reference"));
      cases.add(new Arguments(path, "cpu"));
    }
    return cases;
  }

  /** A fixture and the backend to run it on. */
  public record Arguments(Path path, String backendName) {
    public Backend backend() {
      return backendName.equals("reference") ? CpuBackend.reference(2) : CpuBackend.simd(2);
    }

    public Golden golden() {
      return Golden.open(path);
    }

    @Override
    public String toString() {
      return path.getFileName() + " on " + backendName;
    }
  }

  public JsonValue config() {
    return config;
  }

  public boolean has(String name) {
    return file.tensors().containsKey(name);
  }

  public Set<String> names() {
    return file.tensors().keySet();
  }

  public Tensor tensor(String name) {
    return file.tensor(name);
  }

  public Shape shape(String name) {
    return file.tensor(name).shape();
  }

  public float[] floats(String name) {
    return file.tensor(name).toFloats();
  }

  public byte[] bytes(String name) {
    assertEquals(DType.U8, file.tensor(name).dtype(), name);
    return file.tensor(name).segment().toArray(ValueLayout.JAVA_BYTE);
  }

  public long[] longs(String name) {
    assertEquals(DType.I64, file.tensor(name).dtype(), name);
    return file.tensor(name).segment().toArray(ValueLayout.JAVA_LONG_UNALIGNED);
  }

  /**
   * A tensor of one video, {@code [1, C, F, Y, X]}, brought into channels-last order {@code [F, Y,
   * X, C]}.
   */
  public Tensor channelsLast(String name) {
    Tensor stored = tensor(name);
    return channelsLast(stored.toFloats(), stored.shape());
  }

  /** As {@link #channelsLast(String)}, for values of a shape {@code [1, C, F, Y, X]}. */
  public static Tensor channelsLast(float[] values, Shape shape) {
    int channels = (int) shape.extent(1);
    int pixels = (int) (shape.elements() / channels);
    float[] out = new float[values.length];
    for (int c = 0; c < channels; c++) {
      for (int p = 0; p < pixels; p++) {
        out[p * channels + c] = values[c * pixels + p];
      }
    }
    return Tensor.of(out, shape.extent(2), shape.extent(3), shape.extent(4), channels);
  }

  /** Frames {@code [F, C, Y, X]} (after any leading ones) brought into channels-last order. */
  public static Tensor framesChannelsLast(
      float[] values, int frames, int channels, int rows, int columns) {
    int pixels = rows * columns;
    float[] out = new float[values.length];
    for (int f = 0; f < frames; f++) {
      for (int c = 0; c < channels; c++) {
        for (int p = 0; p < pixels; p++) {
          out[(f * pixels + p) * channels + c] = values[(f * channels + c) * pixels + p];
        }
      }
    }
    return Tensor.of(out, frames, rows, columns, channels);
  }

  /** Values {@code [F, Y, X, C]} in the reference's order {@code [1, C, F, Y, X]}. */
  public static float[] channelsFirst(Tensor x) {
    int channels = x.size(3);
    float[] values = x.toFloats();
    int pixels = values.length / channels;
    float[] out = new float[values.length];
    for (int c = 0; c < channels; c++) {
      for (int p = 0; p < pixels; p++) {
        out[c * pixels + p] = values[p * channels + c];
      }
    }
    return out;
  }

  /** The tensors {@code weights.<prefix>*} of this fixture as a checkpoint without that prefix. */
  public TensorSource weights(String prefix) {
    String start = "weights." + prefix;
    Set<String> names = new LinkedHashSet<>();
    for (String name : names()) {
      if (name.startsWith(start)) {
        names.add(name.substring(start.length()));
      }
    }
    return new TensorSource() {
      @Override
      public Set<String> names() {
        return names;
      }

      @Override
      public Optional<Tensor> find(String name, Shape shape) {
        return names.contains(name) ? Optional.of(tensor(start + name)) : Optional.empty();
      }

      @Override
      public String location(String name) {
        return file.path().toString();
      }
    };
  }

  /** Requires all values to be within {@code tolerance} of the expected ones. */
  public static void assertClose(String what, float[] expected, float[] actual, double tolerance) {
    assertEquals(expected.length, actual.length, what + ": number of values");
    double largest = 0;
    int at = -1;
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs((double) expected[i] - actual[i]);
      if (!(error <= largest)) {
        largest = Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
        at = i;
      }
    }
    assertTrue(
        largest <= tolerance,
        what
            + ": largest error "
            + largest
            + " above "
            + tolerance
            + " at "
            + at
            + ", expected "
            + (at < 0 ? "" : expected[at] + ", found " + actual[at]));
  }

  /** A host tensor of its own memory with some values. */
  public static Tensor host(float[] values, long... extents) {
    return Tensor.host(
        DType.F32, Shape.of(extents), MemorySegment.ofArray(Arrays.copyOf(values, values.length)));
  }

  @Override
  public void close() {
    file.close();
  }
}
