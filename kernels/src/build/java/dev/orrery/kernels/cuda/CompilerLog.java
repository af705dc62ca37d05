package dev.orrery.kernels.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What NVIDIA's assembler reports in verbose mode.
 *
 * @param functions what each kernel function takes, in the order of the report
 * @param remarks all lines that are not part of the report of resources, such as warnings
 */
record CompilerLog(List<Resources> functions, List<String> remarks) {
  private static final Pattern ENTRY =
      Pattern.compile(".*Compiling entry function '(.+)' for 'sm_(\\w+)'.*");
  private static final Pattern FRAME =
      Pattern.compile(
          ".*?(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads.*");
  private static final Pattern REGISTERS = Pattern.compile(".* Used (\\d+) registers.*");
  private static final Pattern SHARED = Pattern.compile(".* (\\d+) bytes smem.*");

  /**
   * What ptxas says where it adds waits or registers to wgmma, which then computes one product
   * after the other: C7510 serialised, C7517 and C7519 a wait or an arrive injected.
   */
  private static final Pattern SERIALISED = Pattern.compile(".*\\(C75\\d\\d\\).*");

  private static final Pattern NO_REMARK =
      Pattern.compile(
          ".*(bytes gmem|Function properties for|Compile time =|cumulative stack size).*|\\s*");

  /**
   * What a kernel function takes of a multiprocessor.
   *
   * @param name the function, as the driver knows it
   * @param architecture {@code 90a} for sm_90a
   * @param registers registers of a thread
   * @param sharedBytes static shared memory of a block
   * @param stackBytes stack of a thread, that of functions which were not inlined included
   * @param spillStoreBytes bytes that a thread stores for want of registers
   * @param spillLoadBytes bytes that it loads again
   */
  record Resources(
      String name,
      String architecture,
      int registers,
      int sharedBytes,
      int stackBytes,
      int spillStoreBytes,
      int spillLoadBytes) {
    /** Bytes that a thread moves for want of registers. */
    int spillBytes() {
      return spillStoreBytes + spillLoadBytes;
    }

    /** One line of JSON. */
    String json(String source) {
      return String.format(
          Locale.ROOT,
          "{\"source\": \"%s\", \"function\": \"%s\", \"architecture\": \"%s\", \"registers\": %d,"
              + " \"sharedBytes\": %d, \"stackBytes\": %d, \"spillStoreBytes\": %d,"
              + " \"spillLoadBytes\": %d}",
          source,
          name,
          architecture,
          registers,
          sharedBytes,
          stackBytes,
          spillStoreBytes,
          spillLoadBytes);
    }
  }

  /** The remarks that tell of wgmma made slow, which no kernel may have. */
  List<String> serialised() {
    return remarks.stream().filter(SERIALISED.asMatchPredicate()).toList();
  }

  /** Reads a report. */
  static CompilerLog parse(String text) {
    List<Resources> functions = new ArrayList<>();
    List<String> remarks = new ArrayList<>();
    for (String line : text.lines().toList()) {
      Matcher entry = ENTRY.matcher(line);
      Matcher frame = FRAME.matcher(line);
      Matcher registers = REGISTERS.matcher(line);
      if (entry.matches()) {
        functions.add(new Resources(entry.group(1), entry.group(2), 0, 0, 0, 0, 0));
      } else if (frame.matches() && !functions.isEmpty()) {
        functions.add(withFrame(functions.removeLast(), frame));
      } else if (registers.matches() && !functions.isEmpty()) {
        Matcher shared = SHARED.matcher(line);
        int sharedBytes = shared.matches() ? Integer.parseInt(shared.group(1)) : 0;
        int count = Integer.parseInt(registers.group(1));
        functions.add(withRegisters(functions.removeLast(), count, sharedBytes));
      } else if (!NO_REMARK.matcher(line).matches()) {
        remarks.add(line);
      }
    }
    return new CompilerLog(List.copyOf(functions), List.copyOf(remarks));
  }

  /** Adds a frame: an entry function has one for itself and one for each function it calls. */
  private static Resources withFrame(Resources r, Matcher frame) {
    return new Resources(
        r.name(),
        r.architecture(),
        r.registers(),
        r.sharedBytes(),
        r.stackBytes() + Integer.parseInt(frame.group(1)),
        r.spillStoreBytes() + Integer.parseInt(frame.group(2)),
        r.spillLoadBytes() + Integer.parseInt(frame.group(3)));
  }

  private static Resources withRegisters(Resources r, int registers, int sharedBytes) {
    return new Resources(
        r.name(),
        r.architecture(),
        registers,
        sharedBytes,
        r.stackBytes(),
        r.spillStoreBytes(),
        r.spillLoadBytes());
  }
}
