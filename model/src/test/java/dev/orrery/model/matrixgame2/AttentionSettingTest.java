package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.media.RgbImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a model attends in is part of a saved session's model. */
class AttentionSettingTest {
  private static final List<String> FILES =
      List.of("config.json", "dit.safetensors", "image_encoder.safetensors", "vae.safetensors");

  @Test
  void aSessionIsRefusedByTheOtherSetting(@TempDir Path folder) throws Exception {
    for (String name : FILES) {
      Files.copy(DemoWorldGoldenTest.FOLDER.resolve(name), folder.resolve(name));
    }
    RgbImage image = RgbImage.read(DemoWorldGoldenTest.FOLDER.resolve("start.png"));
    Path saved = folder.resolve("saved.safetensors");
    try (Backend backend = CpuBackend.simd(2)) {
      String description;
      try (WorldModel model = MatrixGame2.load(folder, backend, Progress.NONE);
          WorldSession session = model.start(image, 1, Progress.NONE)) {
        session.save(saved, Progress.NONE);
        description = model.description();
      }
      Path config = folder.resolve("config.json");
      String settings = Files.readString(config);
      Files.writeString(config, settings.replaceFirst("\\{", "{\"attention\": \"int8\","));
      try (WorldModel model = MatrixGame2.load(folder, backend, Progress.NONE)) {
        String message =
            assertThrows(CheckpointException.class, () -> model.resume(saved, Progress.NONE))
                .getMessage();
        assertEquals(
            saved
                + ": model: expected "
                + description
                + ", attention in int8, found "
                + description,
            message);
      }
    }
  }
}
