package dev.orrery.model.layers;

import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.linear.quantized.QuantizeRows;
import dev.orrery.kernels.linear.quantized.ScaledRows;
import dev.orrery.kernels.tensor.Tensor;

/**
 * An int8 or fp8 weight with a scale for each output channel, multiplied with activations of the
 * same type.
 *
 * @param rows {@code [out, in]}
 */
record RowScaledWeight(QuantizeRows quantize, Product product, ScaledRows rows)
    implements LinearWeight {
  /** What {@link dev.orrery.kernels.linear.quantized.MatmulInt8} and its fp8 sibling compute. */
  interface Product {
    void run(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue);
  }

  static RowScaledWeight of(Parameters p, Product product, ScaledRows rows) {
    return new RowScaledWeight(p.kernel(QuantizeRows.class), product, rows);
  }

  @Override
  public void run(LinearInput x, Tensor bias, Epilogue epilogue) {
    product.run(x.quantized(rows.values().dtype(), quantize), rows, bias, epilogue);
  }

  @Override
  public LinearWeight outputs(int from, int to) {
    ScaledRows some = new ScaledRows(rows.values().slice(from, to), rows.scales().slice(from, to));
    return new RowScaledWeight(quantize, product, some);
  }
}
