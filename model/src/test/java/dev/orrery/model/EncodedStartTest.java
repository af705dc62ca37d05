package dev.orrery.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.Prompts;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.CountingBackend;
import dev.orrery.model.session.EncodedStart;
import dev.orrery.model.session.ForwardingBackend;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.OwnMemoryBackend;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.model.text.EncodedPrompt;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Worlds that start from what was encoded once are those that start alone, in every family. */
class EncodedStartTest {
  private static final int CHUNKS = 3;

  private static final Map<String, SyntheticWorld> WORLDS = new HashMap<>();

  @TempDir static Path models;

  @TempDir Path folder;

  @BeforeAll
  static void write() throws IOException {
    try (Backend backend = CpuBackend.simd(2)) {
      for (ModelFamily family : Families.ALL.list()) {
        Path model = models.resolve(family.id());
        WORLDS.put(family.id(), SyntheticWorld.write(family, model, ""));
        Optional<Prompts> prompts = family.open(model).prompts();
        if (prompts.isPresent()) {
          EncodedPrompt prompt = prompts.get().encode("A castle by a lake", backend);
          prompt.save(model.resolve("prompt.safetensors"));
        }
      }
    }
  }

  static List<String> families() {
    return Families.ALL.list().stream().map(ModelFamily::id).toList();
  }

  private static WorldModel load(String family, Backend backend) {
    return WORLDS.get(family).load(backend);
  }

  private static Start start(String family, WorldModel model, long seed) {
    ModelFolder opened = Families.ALL.open(models.resolve(family));
    int images = Math.max(1, opened.startRequirements().images().least());
    return SyntheticWorld.begin(model, images, seed);
  }

  /** Makes some chunks while nobody steers. */
  private static byte[] play(WorldModel model, WorldSession session, int chunks) {
    ActionSpace space = model.actionSpace();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < chunks; i++) {
      bytes.writeBytes(session.step(space.action(space.rest())).rgb());
    }
    return bytes.toByteArray();
  }

  private static byte[] alone(String family, WorldModel model, long seed) {
    try (WorldSession session = model.start(start(family, model, seed))) {
      return play(model, session, CHUNKS);
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void worldsAreThoseThatStartAloneOnTheCpu(String family) {
    assertAlike(family, () -> CpuBackend.simd(2));
  }

  @ParameterizedTest
  @MethodSource("families")
  void worldsAreThoseThatStartAloneWhereDecodingOverlaps(String family) {
    assertAlike(family, OwnMemoryBackend::new);
  }

  /** Chunk about, so that each would see what the other did to what they share. */
  private void assertAlike(String family, Supplier<Backend> opener) {
    try (Backend backend = opener.get();
        WorldModel model = load(family, backend)) {
      byte[] first = alone(family, model, 1);
      byte[] second = alone(family, model, 2);
      assertFalse(Arrays.equals(first, second), "the seed changes nothing");
      try (EncodedStart encoded = model.encode(start(family, model, 77));
          WorldSession one = encoded.start(1);
          WorldSession two = encoded.start(2)) {
        byte[][] found = {new byte[0], new byte[0]};
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
          found[0] = joined(found[0], play(model, one, 1));
          found[1] = joined(found[1], play(model, two, 1));
        }
        assertArrayEquals(first, found[0], "seed 1");
        assertArrayEquals(second, found[1], "seed 2");
        try (WorldSession again = encoded.start(1);
            WorldSession fork = again.fork()) {
          assertArrayEquals(first, play(model, again, CHUNKS), "seed 1 again");
          assertArrayEquals(first, play(model, fork, CHUNKS), "a fork");
        }
      }
    }
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /** What is encoded is there before the first world is, and a world takes what a fork does. */
  @ParameterizedTest
  @MethodSource("families")
  void theImageIsEncodedOnce(String family) {
    try (CountingBackend backend = new CountingBackend(CpuBackend.simd(2));
        WorldModel model = load(family, backend)) {
      MemoryPlan plan = WORLDS.get(family).plan();
      long loaded = backend.heldBytes();
      List<String> encoding = new ArrayList<>();
      long before = backend.takenBytes();
      EncodedStart encoded =
          model.encode(start(family, model, 1), (stage, done, total) -> encoding.add(stage));
      long condition = plan.session() + plan.workspace() - plan.fork();
      // Besides, the image is resized.
      assertTrue(backend.takenBytes() >= before + condition + plan.start());
      assertEquals(loaded + condition, backend.heldBytes());
      int reports = encoding.size();
      assertTrue(reports > 0 && encoding.getFirst().startsWith("encoding"), encoding.toString());
      for (long seed = 1; seed <= 3; seed++) {
        before = backend.takenBytes();
        // The first chunks make the histories of the decoder.
        play(model, encoded.start(seed), 2);
        assertEquals(before + plan.fork(), backend.takenBytes(), "seed " + seed);
        assertEquals(loaded + condition + seed * plan.fork(), backend.heldBytes());
      }
      assertEquals(reports, encoding.size());
    }
  }

  /** In whatever order they are closed, the last one takes along what they share. */
  @ParameterizedTest
  @MethodSource("families")
  void memoryComesBackWithTheLast(String family) {
    try (CountingBackend backend = new CountingBackend(CpuBackend.simd(2));
        WorldModel model = load(family, backend)) {
      long loaded = backend.heldBytes();
      byte[] expected = alone(family, model, 5);
      assertEquals(loaded, backend.heldBytes());
      EncodedStart encoded = model.encode(start(family, model, 0));
      encoded.start(4).close();
      WorldSession session = encoded.start(5);
      encoded.close();
      encoded.close();
      assertEquals(
          "the encoded start is closed",
          assertThrows(IllegalStateException.class, () -> encoded.start(6)).getMessage());
      assertArrayEquals(expected, play(model, session, CHUNKS), "after the start was closed");
      session.close();
      assertEquals(loaded, backend.heldBytes());
      EncodedStart unused = model.encode(start(family, model, 0));
      unused.start(5).close();
      unused.close();
      assertEquals(loaded, backend.heldBytes());
      assertEquals(1, backend.openArenas());
    }
  }

  /** A saved session does not show whether it started alone. */
  @ParameterizedTest
  @MethodSource("families")
  void savesTheSame(String family) throws IOException {
    Path one = folder.resolve("one.safetensors");
    Path other = folder.resolve("other.safetensors");
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = load(family, backend)) {
      try (WorldSession session = model.start(start(family, model, 3))) {
        play(model, session, 2);
        session.save(one);
      }
      try (EncodedStart encoded = model.encode(start(family, model, 8));
          WorldSession session = encoded.start(3)) {
        play(model, session, 2);
        session.save(other);
        try (WorldSession resumed = model.resume(other)) {
          assertArrayEquals(play(model, session, 2), play(model, resumed, 2));
        }
      }
    }
    assertArrayEquals(Files.readAllBytes(one), Files.readAllBytes(other));
  }

  @ParameterizedTest
  @MethodSource("families")
  void severalThreadsMayStartWorlds(String family) throws Exception {
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = load(family, backend);
        EncodedStart encoded = model.encode(start(family, model, 0));
        ExecutorService threads = Executors.newFixedThreadPool(3)) {
      List<Future<byte[]>> made = new ArrayList<>();
      for (long seed = 1; seed <= 3; seed++) {
        long own = seed;
        made.add(
            threads.submit(
                () -> {
                  try (WorldSession session = encoded.start(own)) {
                    return play(model, session, CHUNKS);
                  }
                }));
      }
      for (int i = 0; i < 3; i++) {
        assertArrayEquals(alone(family, model, i + 1), made.get(i).get(), "seed " + (i + 1));
      }
    }
  }

  /** Where there is no memory for a second world, the first goes on and nothing is left. */
  @ParameterizedTest
  @MethodSource("families")
  void aWorldWithoutMemoryLeavesNothing(String family) {
    FullBackend full = new FullBackend();
    try (CountingBackend backend = new CountingBackend(full);
        WorldModel model = load(family, backend)) {
      byte[] expected = alone(family, model, 1);
      try (EncodedStart encoded = model.encode(start(family, model, 0));
          WorldSession session = encoded.start(1)) {
        long held = backend.heldBytes();
        int arenas = backend.openArenas();
        for (int allowed = 0; allowed < 3; allowed++) {
          full.allowed = allowed;
          assertThrows(OutOfMemoryError.class, () -> encoded.start(2));
          full.allowed = allowed;
          assertThrows(OutOfMemoryError.class, session::fork);
          full.allowed = allowed;
          assertThrows(OutOfMemoryError.class, () -> model.encode(start(family, model, 0)));
          assertEquals(held, backend.heldBytes());
          assertEquals(arenas, backend.openArenas());
        }
        full.allowed = Integer.MAX_VALUE;
        assertArrayEquals(expected, play(model, session, CHUNKS));
      }
      assertEquals(1, backend.openArenas());
    }
  }

  /** The CPU, whose memory ends after some more tensors. */
  private static final class FullBackend extends ForwardingBackend {
    private int allowed = Integer.MAX_VALUE;

    FullBackend() {
      super(CpuBackend.simd(2));
    }

    @Override
    public TensorArena newArena() {
      TensorArena arena = backend.newArena();
      return new TensorArena() {
        @Override
        public Tensor empty(DType dtype, long... extents) {
          if (allowed-- <= 0) {
            throw new OutOfMemoryError("the memory is full");
          }
          return arena.empty(dtype, extents);
        }

        @Override
        public boolean reinterprets() {
          return arena.reinterprets();
        }

        @Override
        public long byteSize() {
          return arena.byteSize();
        }

        @Override
        public void close() {
          arena.close();
        }
      };
    }
  }
}
