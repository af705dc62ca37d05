package dev.orrery.model.worldplayhy;

import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.golden.QuantizedForm;
import dev.orrery.model.golden.QuantizedTinyWorldTest;
import dev.orrery.model.session.TinyWorld;
import java.nio.file.Path;

/** A tiny transformer with the matrices of its blocks quantised. */
class WorldPlayHyQuantizationTest extends QuantizedTinyWorldTest {
  @Override
  protected TinyWorld write(Path folder) throws Exception {
    return TinyWorldPlayHyWorld.in(folder);
  }

  @Override
  protected ModelFamily family() {
    return WorldPlayHy.FAMILY;
  }

  @Override
  protected String firstOutput() {
    return "step0.velocity";
  }

  @Override
  protected double seenError(QuantizedForm form) {
    return switch (form.quantization().format()) {
      case INT8 -> 0.009;
      case FP8 -> 0.032;
      case INT4 -> 0.061;
    };
  }
}
