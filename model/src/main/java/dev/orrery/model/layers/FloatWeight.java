package dev.orrery.model.layers;

import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.linear.MatmulResidual;
import dev.orrery.kernels.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A weight that is not quantised.
 *
 * @param values {@code [out, in]}
 */
record FloatWeight(Matmul matmul, MatmulResidual matmulResidual, Tensor values)
    implements LinearWeight {
  static FloatWeight of(Parameters p, Tensor values) {
    return new FloatWeight(p.kernel(Matmul.class), p.kernel(MatmulResidual.class), values);
  }

  @Override
  public void run(LinearInput x, Tensor bias, Epilogue epilogue) {
    switch (epilogue) {
      case Epilogue.Store(var activation, var out) ->
          matmul.run(x.tensor(), values, bias, activation, out);
      case Epilogue.AddTo(var gate, var residual) ->
          matmulResidual.run(x.tensor(), values, bias, gate, residual);
    }
  }

  @Override
  public boolean runAll(LinearInput x, List<Part> parts) {
    List<Matmul.Layer> layers = new ArrayList<>();
    for (Part part : parts) {
      if (!(part.weight() instanceof FloatWeight weight)) {
        return false;
      }
      layers.add(new Matmul.Layer(weight.values, part.bias(), part.out()));
    }
    matmul.run(x.tensor(), layers);
    return true;
  }

  @Override
  public LinearWeight outputs(int from, int to) {
    return new FloatWeight(matmul, matmulResidual, values.slice(from, to));
  }
}
