package dev.orrery.model.oasis;

import dev.orrery.model.session.ActionInput;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Rows of VPT's action files: every switch as 0 or 1, and {@code camera}, two bins from 0 to 80 for
 * pitch and yaw, of which the middle one is rest.
 */
final class VptActions {
  private static final String CAMERA = "camera";
  private static final int LAST_BIN = 80;
  private static final int REST = LAST_BIN / 2;

  private VptActions() {}

  /**
   * The input that a row records.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if a switch is missing, unknown or
   *     neither 0 nor 1, or a bin is out of range
   */
  static ActionInput input(JsonValue row) {
    Set<String> held = new LinkedHashSet<>();
    for (String name : OasisActionSpace.INSTANCE.switches()) {
      int value = row.integer(name);
      if (value != 0 && value != 1) {
        throw row.get(name).unexpected("0 or 1");
      }
      if (value == 1) {
        held.add(name);
      }
    }
    for (String name : row.keys()) {
      if (!name.equals(CAMERA) && !OasisActionSpace.INSTANCE.switches().contains(name)) {
        throw row.get(name).unexpected("one of VPT's switches or " + CAMERA);
      }
    }
    int[] bins = row.integers(CAMERA);
    if (bins.length != 2 || outside(bins[0]) || outside(bins[1])) {
      throw row.get(CAMERA).unexpected("two numbers from 0 to " + LAST_BIN);
    }
    return input(held, bins[0], bins[1]);
  }

  private static boolean outside(int bin) {
    return bin < 0 || bin > LAST_BIN;
  }

  /** An input from switches and the bins of pitch and yaw. */
  static ActionInput input(Set<String> held, int pitchBin, int yawBin) {
    return new ActionInput(
        held,
        Map.of(
            OasisActionSpace.VERTICAL,
            (pitchBin - REST) / (double) REST,
            OasisActionSpace.HORIZONTAL,
            (yawBin - REST) / (double) REST),
        Optional.empty());
  }
}
