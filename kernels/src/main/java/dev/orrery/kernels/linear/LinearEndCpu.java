package dev.orrery.kernels.linear;

import dev.orrery.kernels.cpu.FloatView;

/** {@link LinearEnd} of the references: one element at a time, in double precision. */
final class LinearEndCpu {
  private final LinearEnd end;
  private final int columns;
  private final int rowsPerFrame;
  private final FloatView gate;
  private final FloatView target;

  LinearEndCpu(LinearEnd end) {
    this.end = end;
    columns = end.target().size(1);
    target = FloatView.of(end.target());
    if (end instanceof LinearEnd.AddTo addTo && addTo.gate() != null) {
      gate = FloatView.of(addTo.gate());
      rowsPerFrame = end.target().size(0) / addTo.gate().size(0);
    } else {
      gate = null;
      rowsPerFrame = 1;
    }
  }

  /**
   * Ends an element.
   *
   * @param y its sum, bias added
   */
  void put(int row, int column, double y) {
    long at = (long) row * columns + column;
    switch (end) {
      case LinearEnd.Store store -> target.set(at, store.activation().apply(y));
      case LinearEnd.AddTo _ -> {
        double factor = gate == null ? 1 : gate.get((long) (row / rowsPerFrame) * columns + column);
        target.set(at, target.get(at) + factor * y);
      }
    }
  }
}
