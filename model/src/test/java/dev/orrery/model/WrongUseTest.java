package dev.orrery.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.matrixgame2.MatrixGame2;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.EncodedStart;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.model.worldplay.WorldPlay;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.media.ImageLimits;
import dev.orrery.runtime.media.RgbImage;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What a program does wrong is said by name. */
class WrongUseTest {
  @TempDir Path folder;

  private Backend backend;
  private WorldModel model;

  @BeforeEach
  void load() throws Exception {
    backend = CpuBackend.simd(2);
    model = SyntheticWorld.write(MatrixGame2.FAMILY, folder, "").load(backend);
  }

  @AfterEach
  void close() {
    model.close();
    backend.close();
  }

  private Start start() {
    return SyntheticWorld.begin(model, 1, 1);
  }

  private Action rest() {
    return model.actionSpace().controls().action(Set.of());
  }

  @Test
  void aClosedSessionSaysSo() {
    WorldSession session = model.start(start());
    session.step(rest());
    session.close();
    session.close();
    Path file = folder.resolve("a.safetensors");
    for (Executable use :
        new Executable[] {() -> session.step(rest()), session::fork, () -> session.save(file)}) {
      assertEquals(
          "the session is closed", assertThrows(IllegalStateException.class, use).getMessage());
    }
  }

  /** Weights are gone while somebody still plays with them. */
  @Test
  void aClosedModelSaysSo() {
    Start start = start();
    Action rest = rest();
    Path file = folder.resolve("a.safetensors");
    try (EncodedStart encoded = model.encode(start);
        WorldSession session = encoded.start(1)) {
      session.save(file);
      model.close();
      for (Executable use :
          new Executable[] {
            () -> session.step(rest),
            session::fork,
            () -> encoded.start(2),
            () -> model.start(start),
            () -> model.encode(start),
            () -> model.resume(file)
          }) {
        assertEquals(
            "the model is closed: " + model.description(),
            assertThrows(IllegalStateException.class, use).getMessage());
      }
    }
  }

  @Test
  void whatIsMissingIsNamed() {
    ModelFolder opened = Families.ALL.open(folder);
    assertMissing("folder", () -> Families.ALL.open(null));
    assertMissing("backend", () -> opened.load(null));
    assertMissing("image", () -> model.start((RgbImage) null, 1));
    assertMissing("image", () -> model.encode((RgbImage) null));
    assertMissing("start", () -> model.encode((Start) null));
    assertMissing("file", () -> model.resume(null));
    assertMissing("file", () -> RgbImage.read(null));
    assertMissing("in", () -> RgbImage.read(null, ImageLimits.UPLOAD));
    assertMissing("limits", () -> RgbImage.read(InputStream.nullInputStream(), null));
    assertMissing("held", () -> model.actionSpace().controls().action(null));
    try (WorldSession session = model.start(start())) {
      assertMissing("action", () -> session.step((Action) null));
    }
  }

  private static void assertMissing(String name, Executable use) {
    assertEquals(name, assertThrows(NullPointerException.class, use).getMessage());
  }

  @Test
  void aFolderOfAnotherFamilySaysWhichItIs() throws Exception {
    for (ModelFamily family : Families.ALL.list()) {
      Path other = folder.resolve(family.id());
      SyntheticWorld.write(family, other, "");
      if (family != MatrixGame2.FAMILY) {
        assertOther("matrix-game-2", family, () -> MatrixGame2.open(other), other);
      }
      if (family != WorldPlay.FAMILY) {
        assertOther("worldplay-wan5b", family, () -> WorldPlay.open(other), other);
      }
    }
  }

  private static void assertOther(String expected, ModelFamily found, Executable use, Path folder) {
    assertEquals(
        folder.resolve("config.json")
            + ": family: expected "
            + expected
            + ", found \""
            + found.id()
            + "\"",
        assertThrows(CheckpointException.class, use).getMessage());
  }
}
