package dev.orrery.kernels.linear;

import dev.orrery.kernels.cpu.FloatView;

/** {@link Epilogue} of the references: one element at a time, in double precision. */
final class EpilogueCpu {
  private final Epilogue epilogue;
  private final int columns;
  private final int rowsPerFrame;
  private final FloatView gate;
  private final FloatView target;

  EpilogueCpu(Epilogue epilogue) {
    this.epilogue = epilogue;
    columns = epilogue.target().size(1);
    target = FloatView.of(epilogue.target());
    if (epilogue instanceof Epilogue.AddTo addTo && addTo.gate() != null) {
      gate = FloatView.of(addTo.gate());
      rowsPerFrame = epilogue.target().size(0) / addTo.gate().size(0);
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
    switch (epilogue) {
      case Epilogue.Store store -> target.set(at, store.activation().apply(y));
      case Epilogue.AddTo _ -> {
        double factor = gate == null ? 1 : gate.get((long) (row / rowsPerFrame) * columns + column);
        target.set(at, target.get(at) + factor * y);
      }
    }
  }
}
