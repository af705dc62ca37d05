package dev.orrery.cli;

import com.sun.management.OperatingSystemMXBean;
import dev.orrery.cli.command.Console;
import dev.orrery.cli.command.ConsoleCommand;
import dev.orrery.kernels.cpu.SimdTile;
import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaUnavailableException;
import dev.orrery.kernels.tornado.DeviceFacts;
import dev.orrery.kernels.tornado.TornadoUnavailableException;
import dev.orrery.kernels.tornado.TornadoVm;
import dev.orrery.weights.report.CheckpointReport;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;

/** {@code orrery devices}. */
@Command(
    name = "devices",
    description =
        "Lists what --backend can name on this machine, with memory; and if a kind is missing, why.",
    footer = {"", "Example:", "  orrery devices"})
final class DevicesCommand extends ConsoleCommand {
  DevicesCommand(Console console) {
    super(console);
  }

  @Override
  protected void run() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    line(
        "cpu",
        "%d processors, vectors of %d bits, %s of memory",
        system.getAvailableProcessors(),
        SimdTile.SPECIES.vectorBitSize(),
        CheckpointReport.size(system.getTotalMemorySize()));
    listCuda();
    listTornado();
  }

  private void listCuda() {
    for (int ordinal = 0; ; ordinal++) {
      try (CudaDevice device = CudaDevice.open(ordinal)) {
        line(
            device.name(),
            "%s, %s of memory, %s of shared memory a block",
            device.model(),
            CheckpointReport.size(device.totalMemory()),
            CheckpointReport.size(device.sharedMemory()));
      } catch (CudaUnavailableException e) {
        if (ordinal == 0) {
          line("cuda", "none: %s", e.getMessage());
        }
        return;
      }
    }
  }

  private void listTornado() {
    List<DeviceFacts> devices;
    try {
      devices = TornadoVm.devices();
    } catch (TornadoUnavailableException e) {
      line("tornado", "none: %s", e.getMessage());
      return;
    }
    for (int ordinal = 0; ordinal < devices.size(); ordinal++) {
      DeviceFacts device = devices.get(ordinal);
      line(
          "tornado:" + ordinal,
          "%s, %s of memory, largest buffer %s, %s of local memory, %s fp64",
          device.name(),
          CheckpointReport.size(device.memory()),
          CheckpointReport.size(device.largestBuffer()),
          CheckpointReport.size(device.localMemory()),
          device.fp64() ? "with" : "without");
    }
  }

  private void line(String name, String format, Object... values) {
    printLine(
        String.format(Locale.ROOT, "%-10s %s", name, String.format(Locale.ROOT, format, values)));
  }
}
