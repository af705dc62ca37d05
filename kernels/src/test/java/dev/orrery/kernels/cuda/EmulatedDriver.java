package dev.orrery.kernels.cuda;

import dev.orrery.kernels.cuda.EmulatorBuild.Runs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A look-alike of the NVIDIA driver that runs CUDA kernels on the CPU. Once it is started, {@link
 * CudaDevice} and everything above it work on it as on a GPU; only the kernel images are others.
 *
 * <p>There is one in a JVM, it stays until the end, and a real driver cannot be used beside it.
 */
public final class EmulatedDriver {
  /** How kernels are compiled. */
  public enum Variant {
    /** Every access to memory is checked: bounds, initialisation, races. */
    CHECKED("-fsanitize=thread"),
    /** Two to five times as fast. */
    FAST;

    private final List<String> flags;

    Variant(String... flags) {
      this.flags = List.of(flags);
    }

    List<String> flags() {
      return flags;
    }
  }

  /**
   * What the driver shows and how kernels run.
   *
   * @param seed order of the threads of a block: 0 runs them in order, others in a random order
   * @param capability compute capability times ten: 80, 90 or 120
   * @param totalMemory bytes of the device
   * @param driverVersion 12060 being 12.6
   */
  public record Setup(long seed, int capability, long totalMemory, int driverVersion) {
    /** Threads in order on a Hopper GPU of 8 GiB. */
    public static final Setup DEFAULT = new Setup(0, 90, 8L << 30, 12060);

    /** The same with another order of threads. */
    public Setup withSeed(long newSeed) {
      return new Setup(newSeed, capability, totalMemory, driverVersion);
    }

    /** The same on another generation of GPUs. */
    public Setup withCapability(int newCapability) {
      return new Setup(seed, newCapability, totalMemory, driverVersion);
    }

    /** The same with more or less memory. */
    public Setup withTotalMemory(long bytes) {
      return new Setup(seed, capability, bytes, driverVersion);
    }

    /** The same with another driver. */
    public Setup withDriverVersion(int version) {
      return new Setup(seed, capability, totalMemory, version);
    }
  }

  /** What the kernels take, as nvcc reported it when the documentation was made. */
  private static final String RESOURCES = "benchmarks/results/cuda/resources.json";

  private static final Pattern REGISTERS =
      Pattern.compile("\"function\": \"(\\w+)\", .*\"(\\d+)a?\", \"registers\": (\\d+)");

  private static EmulatedDriver started;

  private final EmulatorBuild build;
  private final MethodHandle configure;
  private final MethodHandle launches;
  private final MethodHandle overlappingLaunches;
  private final MethodHandle setRegisters;
  private final ExecutorService compilers;
  private final Map<Path, CompletableFuture<byte[]>> images = new ConcurrentHashMap<>();

  @SuppressWarnings("restricted")
  private EmulatedDriver(EmulatorBuild build) {
    this.build = build;
    System.load(build.runtime().toString());
    SymbolLookup library = SymbolLookup.libraryLookup(Availability.library(), Arena.global());
    if (library.find("emu_configure").isEmpty()) {
      throw new IllegalStateException(
          "a real NVIDIA driver is in use in this JVM; the emulated one needs another JVM");
    }
    Linker linker = Linker.nativeLinker();
    configure =
        linker.downcallHandle(
            library.findOrThrow("emu_configure"),
            FunctionDescriptor.ofVoid(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT));
    FunctionDescriptor count = FunctionDescriptor.of(ValueLayout.JAVA_LONG);
    launches = linker.downcallHandle(library.findOrThrow("emu_launches"), count);
    overlappingLaunches =
        linker.downcallHandle(library.findOrThrow("emu_overlapping_launches"), count);
    setRegisters =
        linker.downcallHandle(
            library.findOrThrow("emu_set_registers"),
            FunctionDescriptor.ofVoid(
                ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    compilers =
        Executors.newFixedThreadPool(
            Runtime.getRuntime().availableProcessors(),
            Thread.ofPlatform().daemon().name("kernel-compiler").factory());
  }

  /**
   * Starts the driver if that has not been done, and sets it up. Where kernels cannot be compiled
   * the calling test is skipped, or fails with {@code -DrequireEmulator=true}.
   */
  public static synchronized EmulatedDriver start(Setup setup) {
    if (started == null) {
      started = new EmulatedDriver(new EmulatorBuild(requireCompiler(), root()));
      started.setRegisters(read(root().resolve(RESOURCES)));
    }
    started.configure(setup);
    return started;
  }

  private static Path requireCompiler() {
    Assumptions.assumeFalse(Boolean.getBoolean("skipEmulator"), "left out by emulator.skip");
    boolean runs =
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64");
    Path compiler = runs ? EmulatorBuild.findCompiler() : null;
    if (compiler == null) {
      String reason = "CUDA kernels are not emulated: that needs g++ on Linux for x86-64";
      if (Boolean.getBoolean("requireEmulator")) {
        throw new IllegalStateException(reason);
      }
      Assumptions.abort(reason);
    }
    return compiler;
  }

  private static Path root() {
    String property = System.getProperty("project.root");
    if (property == null) {
      throw new IllegalStateException("project.root: expected the folder that holds the modules");
    }
    return Path.of(property);
  }

  /** Changes what the driver shows and how kernels run from now on. */
  public void configure(Setup setup) {
    try {
      configure.invokeExact(
          setup.seed(), setup.capability(), setup.totalMemory(), setup.driverVersion());
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private void setRegisters(String resources) {
    Matcher row = REGISTERS.matcher(resources);
    while (row.find()) {
      setRegisters(row.group(1), Integer.parseInt(row.group(2)), Integer.parseInt(row.group(3)));
    }
  }

  /**
   * Tells the registers of a thread of a kernel, which limit the threads of its blocks.
   *
   * @param capability compute capability times ten
   * @param registers 0 if they are not known
   */
  void setRegisters(String kernel, int capability, int registers) {
    try (Arena arena = Arena.ofConfined()) {
      setRegisters.invokeExact(arena.allocateFrom(kernel), capability, registers);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** How many kernels have been run. */
  public long launches() {
    return count(launches);
  }

  /** How many of them were allowed to begin while the kernel before them ran. */
  long overlappingLaunches() {
    return count(overlappingLaunches);
  }

  private static long count(MethodHandle counter) {
    try {
      return (long) counter.invokeExact();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** The kernels of the product. */
  public KernelImages images(Variant variant) {
    return stem -> {
      Path source = build.kernels().resolve(stem + ".cu");
      start(source, variant);
      compileAll(variant);
      return image(source, variant);
    };
  }

  /** The kernels that test the emulator itself. */
  KernelImages testImages(Variant variant) {
    return stem -> image(build.testKernels().resolve(stem + ".cu"), variant);
  }

  /** The kernels of the product, one of them with another text in one place. */
  public KernelImages editedImages(Variant variant, String stem, String found, String replacement) {
    return edited(build.kernels(), variant, stem, found, replacement);
  }

  /** The same with the kernels that test the emulator itself. */
  KernelImages editedTestImages(Variant variant, String stem, String found, String replacement) {
    return edited(build.testKernels(), variant, stem, found, replacement);
  }

  private KernelImages edited(
      Path folder, Variant variant, String stem, String found, String replacement) {
    String text = read(folder.resolve(stem + ".cu"));
    if (!text.contains(found)) {
      text = withHeaderOf(text, found);
    }
    int at = text.indexOf(found);
    if (at < 0 || text.indexOf(found, at + 1) >= 0) {
      throw new IllegalArgumentException(
          "expected once in "
              + stem
              + ".cu, found "
              + (at < 0 ? "not at all: " : "twice: ")
              + found);
    }
    String edited = text.substring(0, at) + replacement + text.substring(at + found.length());
    byte[] image = path(build.buildKernel(stem, edited, variant, Runs.FEW));
    return other -> other.equals(stem) ? image : image(folder.resolve(other + ".cu"), variant);
  }

  /** A source with the text of headers in place of inclusions, as far as one contains something. */
  private String withHeaderOf(String source, String found) {
    for (String line : source.lines().filter(l -> l.startsWith("#include \"")).toList()) {
      Path header =
          build.kernels().resolve(line.substring(line.indexOf('"') + 1, line.lastIndexOf('"')));
      if (!Files.exists(header)) {
        continue;
      }
      String text = read(header);
      String with = text.contains(found) ? text : withHeaderOf(text, found);
      if (with.contains(found)) {
        return source.replace(line, with);
      }
    }
    return source;
  }

  /** Keeps all compilers busy: a backend asks for one kernel after the other. */
  private void compileAll(Variant variant) {
    try (Stream<Path> sources = Files.list(build.kernels())) {
      sources
          .filter(source -> source.toString().endsWith(".cu"))
          .forEach(source -> start(source, variant));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private CompletableFuture<byte[]> start(Path source, Variant variant) {
    return images.computeIfAbsent(
        source.resolve(variant.name()),
        key ->
            CompletableFuture.supplyAsync(
                () -> path(build.buildKernel(stem(source), read(source), variant, Runs.MANY)),
                compilers));
  }

  private byte[] image(Path source, Variant variant) {
    try {
      return start(source, variant).join();
    } catch (CompletionException e) {
      throw new IllegalStateException(e.getCause().getMessage(), e);
    }
  }

  private static String stem(Path source) {
    return source.getFileName().toString().replace(".cu", "");
  }

  private static String read(Path source) {
    try {
      return Files.readString(source);
    } catch (IOException e) {
      throw new UncheckedIOException("no kernel source " + source, e);
    }
  }

  /** What the driver takes for an image: the path of a library, ended by a zero. */
  private static byte[] path(Path library) {
    return (library + "\0").getBytes(StandardCharsets.UTF_8);
  }
}
