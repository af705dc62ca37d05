package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the transformer makes of the states of the glyph encoder, in fp32 on a GPU too. */
class Byt5MapperGoldenTest {
  /** Largest relative L2 error. */
  private static final double LIMIT = 5e-6;

  static List<Golden.Arguments> cases() {
    return Golden.cases("worldplay-hy8b-encoders", "byt5");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void mapsLikeTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Tensor states = golden.tensor("outputs.last_hidden_state");
      Tensor mapped = golden.tensor("outputs.mapped");
      int rows = states.size(0) * states.size(1);
      int hidden = golden.tensor("weights.byt5_in.fc1.weight").size(0);
      Weights weights = Weights.of(golden.weights("byt5_in."));
      Parameters p = Parameters.ofTransformer(weights, backend, arena).beside(DType.F32);
      GlyphMapper mapper = new GlyphMapper(p, states.size(2), hidden, mapped.size(2));
      weights.finish();
      Tensor out = arena.empty(DType.F32, rows, mapped.size(2));
      mapper.into(
          Golden.moved(backend, arena, DType.F32, states.reshape(rows, states.size(2))),
          out,
          Workspace.of(arena, Golden.AMPLE));
      Golden.assertRelative("mapped", mapped.toFloats(), Golden.floats(backend, out), LIMIT);
    }
  }
}
