package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A product of {@link ScaledRows} under test; what holds for each type of their values is in {@link
 * ScaledMatmulTest} and {@link ScaledMatmulCudaTest}.
 *
 * @param contract the operation
 * @param matrices of its type, whose elements are as large as normal deviates
 */
record ScaledMatmul<K extends Kernel & ScaledProduct>(Class<K> contract, Matrices matrices) {
  static final ScaledMatmul<MatmulFp8> FP8 = new ScaledMatmul<>(MatmulFp8.class, Fp8Rows::normal);

  static final ScaledMatmul<MatmulInt8> INT8 =
      new ScaledMatmul<>(MatmulInt8.class, Int8Rows::random);

  /** Makes a matrix from a seed. */
  @FunctionalInterface
  interface Matrices {
    ScaledRows of(long seed, int rows, int columns);
  }

  /** Entries {@code [from, to)}. */
  static ScaledRows slice(ScaledRows rows, int from, int to) {
    return new ScaledRows(rows.values().slice(from, to), rows.scales().slice(from, to));
  }

  /** Rows brought to the backend of a case. */
  static ScaledRows moved(Inputs inputs, ScaledRows rows) {
    return new ScaledRows(inputs.moved(rows.values()), inputs.moved(rows.scales()));
  }

  /** A product with a bias that is stored. */
  KernelCase<K> stored(int rows, int depth, int columns, Activation activation) {
    return (matmul, inputs) -> {
      ScaledRows x = moved(inputs, matrices.of(1, rows, depth));
      ScaledRows weight = moved(inputs, matrices.of(2, columns, depth));
      Tensor out = inputs.output(rows, columns);
      Epilogue epilogue = new Epilogue.Store(activation, out);
      matmul.run(x, weight, inputs.fp32(3, columns), epilogue);
      return out;
    };
  }

  /**
   * Three layers of the same input, without activation, their results one below the other; the
   * second has no bias.
   *
   * @param together whether the operation is given all of them at once
   */
  KernelCase<K> layers(int rows, int depth, int columns, boolean together) {
    return (matmul, inputs) -> {
      ScaledRows x = moved(inputs, matrices.of(1, rows, depth));
      Tensor out = inputs.output(3, rows, columns);
      List<ScaledProduct.Layer> layers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        ScaledRows weight = moved(inputs, matrices.of(2 + i, columns, depth));
        Tensor bias = i == 1 ? null : inputs.fp32(5 + i, columns);
        layers.add(new ScaledProduct.Layer(weight, bias, out.row(i)));
      }
      if (together) {
        matmul.run(x, layers);
      } else {
        layers.forEach(each -> matmul.run(x, each.weight(), each.bias(), each.epilogue()));
      }
      return out;
    };
  }

  /**
   * A product that is added to a residual.
   *
   * @param frames of the gate; 0 for none
   */
  KernelCase<K> added(int rows, int depth, int columns, int frames, boolean withBias) {
    return (matmul, inputs) -> {
      ScaledRows x = moved(inputs, matrices.of(1, rows, depth));
      ScaledRows weight = moved(inputs, matrices.of(2, columns, depth));
      Tensor bias = withBias ? inputs.fp32(3, columns) : null;
      Tensor gate = frames == 0 ? null : inputs.fp32(4, frames, columns);
      Tensor residual = inputs.activation(5, rows, columns);
      matmul.run(x, weight, bias, new Epilogue.AddTo(gate, residual));
      return residual;
    };
  }
}
