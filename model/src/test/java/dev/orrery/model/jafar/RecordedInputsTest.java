package dev.orrery.model.jafar;

import dev.orrery.model.session.RecordedInputs;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordedInputsTest {
  @Test
  void everyInputIsReadAsItWasWritten(@TempDir Path folder) throws IOException {
    RecordedInputs.assertRoundTrip(JafarActionSpace.of(12), folder);
  }
}
