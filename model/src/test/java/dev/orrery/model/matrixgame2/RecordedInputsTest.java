package dev.orrery.model.matrixgame2;

import dev.orrery.model.session.RecordedInputs;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordedInputsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void everyInputIsReadAsItWasWritten(Variant variant) throws IOException {
    RecordedInputs.assertRoundTrip(variant, folder);
  }
}
