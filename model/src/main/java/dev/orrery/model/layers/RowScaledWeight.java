package dev.orrery.model.layers;

import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.linear.quantized.QuantizeRows;
import dev.orrery.kernels.linear.quantized.ScaledProduct;
import dev.orrery.kernels.linear.quantized.ScaledRows;
import dev.orrery.kernels.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * An int8 or fp8 weight with a scale for each output channel, multiplied with activations of the
 * same type.
 *
 * @param rows {@code [out, in]}
 */
record RowScaledWeight(QuantizeRows quantize, ScaledProduct product, ScaledRows rows)
    implements LinearWeight {
  static RowScaledWeight of(Parameters p, ScaledProduct product, ScaledRows rows) {
    return new RowScaledWeight(p.kernel(QuantizeRows.class), product, rows);
  }

  @Override
  public void run(LinearInput x, Tensor bias, Epilogue epilogue) {
    product.run(quantized(x), rows, bias, epilogue);
  }

  private ScaledRows quantized(LinearInput x) {
    return x.quantized(rows.values().dtype(), quantize);
  }

  @Override
  public boolean runAll(LinearInput x, List<Part> parts) {
    List<ScaledProduct.Layer> layers = new ArrayList<>();
    for (Part part : parts) {
      if (!(part.weight() instanceof RowScaledWeight weight)
          || weight.rows.values().dtype() != rows.values().dtype()) {
        return false;
      }
      layers.add(new ScaledProduct.Layer(weight.rows, part.bias(), part.out()));
    }
    product.run(quantized(x), layers);
    return true;
  }

  @Override
  public LinearWeight outputs(int from, int to) {
    ScaledRows some = new ScaledRows(rows.values().slice(from, to), rows.scales().slice(from, to));
    return new RowScaledWeight(quantize, product, some);
  }
}
