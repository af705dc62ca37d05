package dev.orrery.kernels.tornado;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.TornadoTargetDevice;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/**
 * TornadoVM as it is installed in this Java, which has to be started with its argument file.
 * Whether it can be used is found out once.
 */
public final class TornadoVm {
  private static final String BAILOUT = "tornado.recover.bailout";

  /** Read by TornadoVM when its first class is loaded. */
  private static final List<Setting> SETTINGS =
      List.of(
          // A kernel that does not compile is an error. By default it would be run by Java, one
          // thread alone, which gives wrong numbers or never ends.
          new Setting(BAILOUT, "False"),
          // By default 4GB are the end. The device knows better.
          new Setting("tornado.device.memory", "1024GB"),
          new Setting("tornado.tvm.maxbytecodesize", "65536"),
          // By default numbers may be rounded and reordered at will.
          new Setting("tornado.opencl.compiler.flags", "-w"),
          // By default roots are those of the device's choice.
          new Setting("tornado.enable.nativeFunctions", "False"));

  /** What TornadoVM needs to be told: a system property, unless the user has set it. */
  private record Setting(String name, String value) {}

  /** The devices, or why there are none; null until somebody asks. */
  private static Found found;

  /**
   * What was found.
   *
   * @param devices of all drivers in turn
   * @param reason why there are none, with its cause; null if there are some
   */
  private record Found(List<TornadoDevice> devices, TornadoUnavailableException reason) {}

  private TornadoVm() {}

  /**
   * The devices that {@code tornado:0}, {@code tornado:1} and so on name.
   *
   * @throws TornadoUnavailableException if there are none
   */
  public static List<DeviceFacts> devices() {
    return find().stream().map(TornadoVm::facts).toList();
  }

  /**
   * Opens a device.
   *
   * @param ordinal its number, 0 being the first
   * @throws TornadoUnavailableException if there is none of that number
   */
  public static TornadoDriver open(int ordinal) {
    List<TornadoDevice> devices = find();
    if (ordinal >= devices.size()) {
      throw new TornadoUnavailableException(
          String.format(
              Locale.ROOT,
              "TornadoVM finds %d %s, counted from 0",
              devices.size(),
              devices.size() == 1 ? "device" : "devices"));
    }
    TornadoDevice device = devices.get(ordinal);
    DeviceFacts facts = facts(device);
    if (facts.largestGroup() < Grid.LARGEST_GROUP) {
      // TornadoVM would choose another size by itself, and local arrays would not fit it.
      throw new TornadoUnavailableException(
          String.format(
              Locale.ROOT,
              "%s has groups of at most %d threads, the kernels need %d",
              facts.name(),
              facts.largestGroup(),
              Grid.LARGEST_GROUP));
    }
    return new TornadoVmDriver(device, facts);
  }

  private static DeviceFacts facts(TornadoDevice device) {
    TornadoTargetDevice physical = device.getPhysicalDevice();
    return new DeviceFacts(
        physical.getDeviceName().strip(),
        physical.getDeviceGlobalMemorySize(),
        physical.getDeviceMaxAllocationSize(),
        physical.getDeviceLocalMemorySize(),
        physical.getDeviceMaxWorkGroupSize()[0],
        device.getDeviceContext().isFP64Supported());
  }

  private static synchronized List<TornadoDevice> find() {
    if (found == null) {
      found = findOnce();
    }
    if (found.reason() != null) {
      throw new TornadoUnavailableException(found.reason().getMessage(), found.reason());
    }
    return found.devices();
  }

  private static Found findOnce() {
    for (Setting setting : SETTINGS) {
      if (System.getProperty(setting.name()) == null) {
        System.setProperty(setting.name(), setting.value());
      }
    }
    if (!"false".equalsIgnoreCase(System.getProperty(BAILOUT))) {
      return missing(
          "the system property "
              + BAILOUT
              + " has to be False, or kernels that do not compile would give wrong results",
          null);
    }
    try {
      TornadoRuntime runtime = TornadoRuntimeProvider.getTornadoRuntime();
      List<TornadoDevice> devices = new ArrayList<>();
      for (int b = 0; b < runtime.getNumBackends(); b++) {
        TornadoBackend backend = runtime.getBackend(b);
        for (int d = 0; d < backend.getNumDevices(); d++) {
          devices.add(backend.getDevice(d));
        }
      }
      return devices.isEmpty()
          ? missing("TornadoVM finds no device: is there a driver, such as OpenCL's?", null)
          : new Found(devices, null);
    } catch (NoClassDefFoundError e) {
      return missing(
          "this Java was started without TornadoVM: set TORNADOVM_HOME to its folder, or start Java"
              + " with @$TORNADOVM_HOME/tornado-argfile",
          e);
    } catch (LinkageError | RuntimeException | InternalError e) {
      return missing("TornadoVM does not start: " + plain(e), e);
    }
  }

  /** What a failure of TornadoVM says in the end, in one line and without colours. */
  static String plain(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return message.replaceAll("\\x1B\\[[0-9;]*m", "").strip().replaceAll("\\s*\\R\\s*", " ");
  }

  private static Found missing(String reason, Throwable cause) {
    return new Found(List.of(), new TornadoUnavailableException(reason, cause));
  }
}
