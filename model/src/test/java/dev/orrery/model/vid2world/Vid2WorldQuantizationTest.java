package dev.orrery.model.vid2world;

import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.golden.QuantizedForm;
import dev.orrery.model.golden.QuantizedTinyWorldTest;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.model.session.TinyWorld;
import java.io.IOException;
import java.nio.file.Path;

/** A tiny U-Net with the products of its transformers quantised. */
class Vid2WorldQuantizationTest extends QuantizedTinyWorldTest {
  @Override
  protected TinyWorld write(Path folder) throws IOException {
    return SyntheticWorld.write(Vid2World.FAMILY, folder, Vid2WorldSessionTest.SCRIPT);
  }

  @Override
  protected ModelFamily family() {
    return Vid2World.FAMILY;
  }

  @Override
  protected String firstOutput() {
    return "step0.acting.v";
  }

  @Override
  protected double seenError(QuantizedForm form) {
    return switch (form.quantization().format()) {
      case INT8 -> 0.0063;
      case FP8 -> 0.021;
      case INT4 -> 0.077;
    };
  }
}
