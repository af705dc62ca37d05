package dev.orrery.kernels.linear;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

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
    Tensor factors = epilogue instanceof Epilogue.AddTo addTo ? addTo.gate() : null;
    gate = factors == null ? null : FloatView.of(factors);
    rowsPerFrame = MatmulResidual.rowsPerFrame(epilogue.target(), factors);
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
