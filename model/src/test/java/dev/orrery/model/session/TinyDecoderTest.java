package dev.orrery.model.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.trace.ActivationTrace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models whose frames either the decoder of their autoencoder makes or a tiny one. */
public abstract class TinyDecoderTest {
  private static final int CHUNKS = 2;

  @TempDir Path results;

  /** A model that has both, and by its configuration uses its own. */
  protected abstract TinyWorld world();

  /** The same before it is loaded. */
  protected abstract ModelFolder open();

  /** What is looked for where the weights are missing, and the page that tells about them. */
  protected abstract String wanted();

  private ModelFolder open(LatentDecoder decoder) {
    return open().withDecoder(decoder);
  }

  private WorldModel load(LatentDecoder decoder, Backend backend) {
    return open(decoder).load(backend);
  }

  /** What the transformer says, and the frames. */
  private record Played(List<float[]> velocities, List<VideoFrames> frames) {}

  private Played play(WorldModel model, WorldSession session, Backend backend) {
    IntFunction<? extends Action> actions = world().actions(model);
    List<float[]> velocities = new ArrayList<>();
    List<VideoFrames> frames = new ArrayList<>();
    int first = 0;
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      ActivationTrace trace = new ActivationTrace(backend, name -> name.endsWith("velocity"));
      session.trace(trace);
      List<? extends Action> held =
          IntStream.range(first, first + session.nextFrames()).mapToObj(actions).toList();
      frames.add(session.step(held));
      first += held.size();
      velocities.addAll(trace.values().values());
    }
    return new Played(velocities, frames);
  }

  private Played play(LatentDecoder decoder) {
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = load(decoder, backend);
        WorldSession session = world().start(model)) {
      return play(model, session, backend);
    }
  }

  @Test
  void onlyTheFramesAreOthers() {
    Played own = play(LatentDecoder.VAE);
    Played tiny = play(LatentDecoder.TAEHV);
    assertTrue(own.velocities().size() > 2, "nothing was recorded");
    assertEquals(own.velocities().size(), tiny.velocities().size());
    for (int i = 0; i < own.velocities().size(); i++) {
      assertArrayEquals(own.velocities().get(i), tiny.velocities().get(i), "velocity " + i);
    }
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      VideoFrames one = own.frames().get(chunk);
      VideoFrames other = tiny.frames().get(chunk);
      assertEquals(
          List.of(one.count(), one.height(), one.width()),
          List.of(other.count(), other.height(), other.width()));
      assertFalse(Arrays.equals(one.rgb(), other.rgb()), "the same frames");
    }
  }

  @Test
  void holdsWhatWasPlanned() {
    MemoryPlan plan = open(LatentDecoder.TAEHV).plan(PlanningBackend.cpu());
    try (CountingBackend backend = new CountingBackend(CpuBackend.simd(2));
        WorldModel model = load(LatentDecoder.TAEHV, backend)) {
      assertEquals(plan.copiedWeights(), backend.heldBytes());
      try (WorldSession session = world().start(model)) {
        play(model, session, backend);
        assertTrue(
            backend.heldBytes() <= plan.copiedWeights() + plan.session() + plan.workspace(),
            "more than was planned");
      }
    }
  }

  @Test
  void saysWhichOneItUses() {
    ModelFolder own = open();
    assertEquals(LatentDecoder.VAE, own.decoder());
    ModelFolder tiny = own.withDecoder(LatentDecoder.TAEHV);
    assertEquals(LatentDecoder.TAEHV, tiny.decoder());
    assertEquals(own.description() + ", decoded by TAEHV", tiny.description());
    assertEquals(own.description(), tiny.withDecoder(LatentDecoder.VAE).description());
    assertTrue(own.tinyDecoder().orElseThrow().exist());
    for (ModelFolder each : List.of(own, tiny)) {
      assertEquals(
          1,
          each.networks().stream().filter(net -> net.name().equals("tiny decoder")).count(),
          "its tensors are compared in either case");
    }
  }

  @Test
  void aSessionGoesOnWithItsOwn() {
    for (LatentDecoder decoder : LatentDecoder.values()) {
      LatentDecoder other = decoder == LatentDecoder.VAE ? LatentDecoder.TAEHV : LatentDecoder.VAE;
      Path file = results.resolve(decoder.id() + ".safetensors");
      try (Backend backend = CpuBackend.simd(2)) {
        byte[] expected;
        try (WorldModel model = load(decoder, backend);
            WorldSession session = world().start(model)) {
          play(model, session, backend);
          session.save(file, Progress.NONE);
          expected = play(model, session, backend).frames().getFirst().rgb();
        }
        try (WorldModel model = load(decoder, backend);
            WorldSession session = model.resume(file, Progress.NONE)) {
          assertArrayEquals(expected, play(model, session, backend).frames().getFirst().rgb());
        }
        try (WorldModel model = load(other, backend)) {
          assertEquals(
              file + ": decoder: expected " + other.id() + ", found " + decoder.id(),
              assertThrows(CheckpointException.class, () -> model.resume(file, Progress.NONE))
                  .getMessage());
        }
      }
    }
  }

  @Test
  void itsWeightsMustBeThere() throws Exception {
    Path weights = open().tinyDecoder().orElseThrow().path();
    Path away = results.resolve("away");
    Files.move(weights, away);
    try (Backend backend = CpuBackend.simd(1)) {
      ModelFolder tiny = open(LatentDecoder.TAEHV);
      for (Runnable use :
          List.<Runnable>of(() -> tiny.plan(PlanningBackend.cpu()), () -> tiny.load(backend))) {
        assertEquals(
            weights.getParent()
                + ": expected the weights of the tiny decoder as "
                + wanted()
                + " tells where they come from",
            assertThrows(CheckpointException.class, use::run).getMessage());
      }
      open().load(backend).close();
      assertFalse(open().tinyDecoder().orElseThrow().exist());
    } finally {
      Files.move(away, weights);
    }
  }
}
