package dev.orrery.benchmarks;

import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.HashMap;
import java.util.Map;

/** What the compiler reported of the functions for one architecture. */
final class KernelResources {
  private final Map<String, JsonValue> functions = new HashMap<>();

  /**
   * @param stored {@link CudaKernelsPage#RESULTS}
   * @param architecture such as 90a
   */
  KernelResources(JsonValue stored, String architecture) {
    for (JsonValue row : stored.get("functions").asList()) {
      if (row.string("architecture").equals(architecture)) {
        functions.put(row.string("function"), row);
      }
    }
  }

  /**
   * Blocks of a function that a multiprocessor of an H200 holds.
   *
   * @param sharedBytes that a block asks for at launch
   */
  int residentBlocks(String function, int threads, int sharedBytes) {
    JsonValue row = functions.get(function);
    if (row == null) {
      throw new IllegalStateException(
          CudaKernelsPage.RESULTS + " has no " + function + ", which a launcher names");
    }
    return HopperRates.residentBlocks(
        row.integer("registers"), threads, sharedBytes + row.integer("sharedBytes"));
  }
}
