package dev.orrery.kernels.cuda;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUmodule;

/**
 * One GPU: its context, the kernels loaded on it and a stream for each thread that uses it. Threads
 * may share a device.
 */
public final class CudaDevice implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(CudaDevice.class.getName());

  /** Ampere: asynchronous copies to shared memory and bf16 tensor cores. */
  private static final int OLDEST_CAPABILITY = 80;

  private static final int HOPPER = 90;

  private final int ordinal;
  private final CUdevice handle;
  private final CUcontext context;
  private final KernelImages images;
  private final String model;
  private final int capability;
  private final boolean hopper;
  private final boolean overlapsKernels;
  private final int multiprocessors;
  private final int sharedMemory;
  private final Map<String, CUmodule> modules = new HashMap<>();
  private final List<CudaFunction> functions = new ArrayList<>();
  private final List<LibraryCall> libraryCalls = new ArrayList<>();
  private final List<CudaStream> streams = new ArrayList<>();
  private final ThreadLocal<CudaStream> stream = ThreadLocal.withInitial(this::newStream);

  private CudaDevice(
      int ordinal,
      CUdevice handle,
      IntFunction<KernelImages> images,
      boolean portable,
      boolean overlapsKernels) {
    this.ordinal = ordinal;
    this.handle = handle;
    model = Driver.deviceName(handle);
    capability = capability(handle);
    multiprocessors = attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
    sharedMemory =
        attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
    this.images = images.apply(capability);
    hopper = capability == HOPPER && !portable;
    this.overlapsKernels = overlapsKernels && KernelLaunch.mayOverlap(capability);
    context = Driver.retainPrimaryContext(handle);
    LOG.log(
        System.Logger.Level.DEBUG,
        "{0}: {1} kernels for matmul and attention, because its compute capability is {2}",
        this,
        hopper ? "TMA and wgmma" : "portable mma.sync",
        dotted(capability));
    LOG.log(
        System.Logger.Level.DEBUG,
        "{0}: a kernel is started {1}",
        this,
        this.overlapsKernels ? "while the one before it runs" : "when the one before it has ended");
  }

  /**
   * Opens a GPU with the kernels of the jar.
   *
   * @param ordinal its number, 0 being the first
   * @throws CudaUnavailableException saying in one line why it cannot be used
   */
  public static CudaDevice open(int ordinal) {
    return open(ordinal, false);
  }

  /**
   * Opens a GPU with kernels from elsewhere.
   *
   * @throws CudaUnavailableException saying in one line why it cannot be used
   */
  public static CudaDevice open(int ordinal, KernelImages images) {
    Availability.requireDriver();
    return open(ordinal, capability -> images, false);
  }

  /**
   * Opens a GPU with the kernels of the jar.
   *
   * @param portable whether to use the portable kernels even where better ones run
   */
  static CudaDevice open(int ordinal, boolean portable) {
    int driver = Availability.requireDriver();
    return open(
        ordinal,
        capability -> {
          requireKernels();
          return KernelImages.ofJar(driver, capability);
        },
        portable);
  }

  private static CudaDevice open(int ordinal, IntFunction<KernelImages> images, boolean portable) {
    return new CudaDevice(ordinal, usable(ordinal), images, portable, true);
  }

  /**
   * Requires a GPU that kernels can run on, whether they are built or not.
   *
   * @throws CudaUnavailableException saying in one line why it cannot be used
   */
  public static void requireUsable(int ordinal) {
    Availability.requireDriver();
    usable(ordinal);
  }

  private static CUdevice usable(int ordinal) {
    try {
      Driver.initialise();
      int count = Driver.deviceCount();
      if (ordinal < 0 || ordinal >= count) {
        throw new CudaUnavailableException(
            String.format(
                Locale.ROOT,
                "there is no GPU %d: the NVIDIA driver finds %d, counted from 0",
                ordinal,
                count));
      }
      CUdevice handle = Driver.device(ordinal);
      int capability = capability(handle);
      if (capability < OLDEST_CAPABILITY) {
        throw new CudaUnavailableException(
            String.format(
                Locale.ROOT,
                "cuda:%d (%s) is too old: it has compute capability %s, the kernels need %s",
                ordinal,
                Driver.deviceName(handle),
                dotted(capability),
                dotted(OLDEST_CAPABILITY)));
      }
      return handle;
    } catch (LinkageError e) {
      throw new CudaUnavailableException(
          "JCuda's native library does not load: " + e.getMessage(), e);
    }
  }

  /** Before a model is loaded, which would find out late. */
  private static void requireKernels() {
    if (KernelImages.class.getResource("resources.json") == null) {
      throw new CudaUnavailableException(
          "this build has no CUDA kernels: they were left out, or nvcc was not found");
    }
  }

  private static int capability(CUdevice handle) {
    return 10
            * Driver.attribute(
                handle, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
        + Driver.attribute(handle, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
  }

  /**
   * The same GPU, opened once more, with kernels that are each started when the one before has
   * ended: what it gains to start them earlier is measured beside it.
   */
  public CudaDevice oneAfterTheOther() {
    boolean portable = capability == HOPPER && !hopper;
    return new CudaDevice(ordinal, handle, same -> images, portable, false);
  }

  /** Whether a kernel behind a kernel may be started while that one runs. */
  boolean overlapsKernels() {
    return overlapsKernels;
  }

  /** How backends and tensors call it: {@code cuda:0}. */
  public String name() {
    return "cuda:" + ordinal;
  }

  /** What its maker calls it: {@code NVIDIA H200}. */
  public String model() {
    return model;
  }

  /** Compute capability times ten: 90 for Hopper. */
  public int capability() {
    return capability;
  }

  /** Whether the TMA and wgmma kernels run here; their machine code is for this generation only. */
  public boolean isHopper() {
    return hopper;
  }

  public int multiprocessors() {
    return multiprocessors;
  }

  /** Most bytes of shared memory that a block may have. */
  public int sharedMemory() {
    return sharedMemory;
  }

  /** Bytes of memory the device has. */
  public long totalMemory() {
    bind();
    return Driver.totalMemory();
  }

  /** Bytes of memory nobody uses. */
  public long freeMemory() {
    bind();
    return Driver.freeMemory();
  }

  /**
   * Loads a kernel function.
   *
   * @param stem name of its source file without the ending
   * @param name its name in the source
   */
  public synchronized CudaFunction function(String stem, String name) {
    bind();
    CUmodule module = modules.computeIfAbsent(stem, s -> Driver.loadModule(images.image(s), s));
    CudaFunction function = new CudaFunction(functions.size(), name, Driver.function(module, name));
    functions.add(function);
    return function;
  }

  /**
   * Loads a kernel function that needs more dynamic shared memory than every block has.
   *
   * @param sharedBytes most bytes that it will be launched with
   */
  public CudaFunction function(String stem, String name, int sharedBytes) {
    CudaFunction function = function(stem, name);
    Driver.allowSharedMemory(function.handle(), sharedBytes);
    return function;
  }

  synchronized CudaFunction function(int id) {
    return functions.get(id);
  }

  /** Gives a library's call its number; it is closed with the device. */
  synchronized int register(LibraryCall call) {
    libraryCalls.add(call);
    return libraryCalls.size() - 1;
  }

  synchronized LibraryCall libraryCall(int id) {
    return libraryCalls.get(id);
  }

  /** The stream of the calling thread. */
  public CudaStream stream() {
    return stream.get();
  }

  /** Makes the context current on the calling thread. */
  void bind() {
    Driver.setCurrent(context);
  }

  private synchronized CudaStream newStream() {
    bind();
    CudaStream created = new CudaStream(this);
    streams.add(created);
    return created;
  }

  private int attribute(int attribute) {
    return Driver.attribute(handle, attribute);
  }

  private static String dotted(int capability) {
    return capability / 10 + "." + capability % 10;
  }

  @Override
  public synchronized void close() {
    bind();
    streams.forEach(CudaStream::close);
    streams.clear();
    libraryCalls.forEach(LibraryCall::close);
    libraryCalls.clear();
    Driver.releasePrimaryContext(handle);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s (%s)", name(), model);
  }
}
