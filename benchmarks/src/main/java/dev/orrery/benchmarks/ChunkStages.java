package dev.orrery.benchmarks;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.WorldSession;
import java.util.ArrayList;
import java.util.List;

/**
 * What the parts of a chunk took one after the other, each waited for, in milliseconds.
 *
 * @param conditioning what precedes the first pass, such as encoding the actions
 * @param passes each pass that makes what is decoded
 * @param decoding all frames
 * @param completing what is left for later chunks, such as a pass that fills the caches
 */
record ChunkStages(double conditioning, List<Double> passes, double decoding, double completing) {

  /** Makes the next chunk of a session. */
  static ChunkStages of(WorldSession session, List<? extends Action> actions, Backend backend) {
    List<Long> marks = new ArrayList<>();
    backend.synchronize();
    marks.add(System.nanoTime());
    session.step(
        actions,
        (stage, done, total) -> {
          backend.synchronize();
          marks.add(System.nanoTime());
        });
    List<Double> parts = new ArrayList<>();
    for (int i = 0; i + 1 < marks.size(); i++) {
      parts.add((marks.get(i + 1) - marks.get(i)) / 1e6);
    }
    int decoding = parts.size() - 2;
    return new ChunkStages(
        parts.getFirst(),
        List.copyOf(parts.subList(1, decoding)),
        parts.get(decoding),
        parts.getLast());
  }

  /** All passes together. */
  double denoising() {
    return passes.stream().mapToDouble(it -> it).sum();
  }

  /** The whole chunk. */
  double total() {
    return conditioning + denoising() + decoding + completing;
  }
}
