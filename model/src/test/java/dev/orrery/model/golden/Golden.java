package dev.orrery.model.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.TornadoHarness;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.model.session.SessionPlan;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.SharedStart;
import dev.orrery.model.session.StartMemory;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.SafetensorsFile;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.memory.WorkspaceSize;
import dev.orrery.runtime.trace.ActivationTrace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
  public static final WorkspaceSize AMPLE =
      new WorkspaceSize(64 << 20, 2 << 20, 2 << 20, 32 << 20, 0, 1 << 20);

  /**
   * Largest relative L2 error of a network that computes in bf16 or fp16. It says that the parts
   * are put together rightly; a wrong epsilon or the other GELU would pass. Those are found by the
   * tests of the operations, whose limits are tight, and by the same networks in fp32.
   */
  public static final double GPU_LIMIT = 0.02;

  /** What benchmarks/gpu/verify.sh runs tests with. */
  private static final boolean VERIFIES_GPU =
      Boolean.getBoolean("requireGpu") || Boolean.getBoolean("requireEmulator");

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

  /**
   * Every fixture of Matrix-Game 2.0 whose name starts with a prefix, on both CPU backends, on a
   * GPU, emulated unless {@code -DrequireGpu=true} asks for a real one, and on an emulated device
   * of TornadoVM. Where tests are to verify a GPU, that device would show nothing and is left out.
   */
  public static List<Arguments> cases(String prefix) {
    return cases("matrix-game-2", prefix);
  }

  /** The same for the fixtures of another model family, a sub-folder of {@code golden.dir}. */
  public static List<Arguments> cases(String family, String prefix) {
    return VERIFIES_GPU
        ? list(family, prefix, "reference", "cpu", "cuda")
        : list(family, prefix, "reference", "cpu", "cuda", "tornado");
  }

  /**
   * The same without the emulated device of TornadoVM, for properties of the model's code: what its
   * kernels compute is known from the fixtures, and it takes minutes.
   */
  public static List<Arguments> casesOfProperties(String family, String prefix) {
    return list(family, prefix, "reference", "cpu", "cuda");
  }

  /** The same on the CPU backends alone, for operations that have tests of their own on GPUs. */
  public static List<Arguments> cpuCases(String prefix) {
    return cpuCases("matrix-game-2", prefix);
  }

  /** The same for the fixtures of another model family. */
  public static List<Arguments> cpuCases(String family, String prefix) {
    return list(family, prefix, "reference", "cpu");
  }

  private static List<Arguments> list(String family, String prefix, String... backends) {
    Path folder = Path.of(System.getProperty("golden.dir"), family);
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
    return files.stream()
        .flatMap(path -> Stream.of(backends).map(backend -> new Arguments(path, backend)))
        .toList();
  }

  /** A fixture and the backend to run it on. */
  public record Arguments(Path path, String backendName) {
    public Backend backend() {
      return switch (backendName) {
        case "reference" -> CpuBackend.reference(2);
        case "cpu" -> CpuBackend.simd(2);
        case "cuda" -> CudaTestDevice.openForModels();
        case "tornado" -> TornadoHarness.openForModels();
        default -> throw new IllegalArgumentException(backendName);
      };
    }

    /**
     * Requires all values to be within {@code tolerance} of the expected ones in fp32; in the
     * 16-bit types of a GPU the relative L2 error of all values together to be within {@link
     * #GPU_LIMIT}.
     */
    public void assertClose(String what, float[] expected, float[] actual, double tolerance) {
      if (isGpu()) {
        assertRelative(what, expected, actual, GPU_LIMIT);
      } else {
        Golden.assertClose(what, expected, actual, tolerance);
      }
    }

    /** Whether the backend computes in 16-bit types. */
    public boolean isGpu() {
      return backendName.equals("cuda");
    }

    /** Whether the backend is an emulated device, on which every launch takes long. */
    public boolean isEmulated() {
      return isGpu() || backendName.equals("tornado");
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

  public int[] integers(String name) {
    assertEquals(DType.I32, file.tensor(name).dtype(), name);
    return file.tensor(name).segment().toArray(ValueLayout.JAVA_INT_UNALIGNED);
  }

  /** Bytes as 0 to 255. */
  public int[] unsignedBytes(String name) {
    byte[] bytes = bytes(name);
    int[] values = new int[bytes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = bytes[i] & 0xff;
    }
    return values;
  }

  public double[] doubles(String name) {
    assertEquals(DType.F64, file.tensor(name).dtype(), name);
    return file.tensor(name).segment().toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED);
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

  /** Requires the relative L2 error of all values together to be within a limit. */
  public static void assertRelative(String what, float[] expected, float[] actual, double limit) {
    assertEquals(expected.length, actual.length, what + ": number of values");
    double relative = relativeError(expected, actual);
    assertTrue(relative <= limit, what + ": relative error " + relative + " above " + limit);
  }

  /** The relative L2 error of all values together; the absolute one where zeros are expected. */
  public static double relativeError(float[] expected, float[] actual) {
    double error = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      error += Math.pow(expected[i] - (double) actual[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return norm == 0 ? Math.sqrt(error) : Math.sqrt(error / norm);
  }

  /** What was added to a residual. */
  public static float[] difference(float[] after, float[] before) {
    float[] difference = new float[after.length];
    for (int i = 0; i < after.length; i++) {
      difference[i] = after[i] - before[i];
    }
    return difference;
  }

  /** The values of a tensor of a backend, whatever its dtype. */
  public static float[] floats(Backend backend, Tensor tensor) {
    ActivationTrace trace = new ActivationTrace(backend);
    trace.tap("value", tensor);
    return trace.values().get("value");
  }

  /** A host tensor of fp32 values brought to a backend in a dtype. */
  public static Tensor moved(Backend backend, TensorArena arena, DType dtype, Tensor host) {
    Tensor fp32 = arena.empty(DType.F32, host.shape().extents());
    backend.copy(host, fp32);
    Tensor out = arena.empty(dtype, host.shape().extents());
    backend.kernel(Convert.class).run(fp32, out);
    return out;
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

  /** What a session is made from, with ample memory. */
  public static SessionResources resources(Backend backend, NoiseSource noise) {
    return start(backend, noise).newResources();
  }

  /** What a start is encoded with, and sessions are made from, with ample memory. */
  public static SharedStart start(Backend backend, NoiseSource noise) {
    boolean overlapped = !backend.usesHostMemory();
    SessionPlan plan = new SessionPlan(0, 0, AMPLE, 0, 0, AMPLE, AMPLE, overlapped, true);
    StartMemory memory = StartMemory.of(new StartMemory.Host(backend, plan, null));
    return new SharedStart(memory, 0, noise, state -> {}, null);
  }
}
