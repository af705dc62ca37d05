package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.attention.Cameras;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.position.Rope;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.CameraAttention;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.WindowAttention;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/**
 * Attention of video tokens to the text, to the remembered frames and to each other, in two
 * branches: one that knows cameras and one that knows slots. To both the text has neither; so what
 * the text says to a frame depends on where its camera stands in the world, while between frames
 * only the way from camera to camera counts.
 *
 * <pre>
 * x [T, C] ─ q, k: RMS by head, v
 * keys [text | remembered | x], values alike
 *   ─ PRoPE attention ─ img_attn_prope_proj ─ (· gate + residual)
 *   ─ RoPE, attention ─ img_attn_proj ─────── (· gate + residual)
 * </pre>
 */
final class VideoAttention {
  private final Backend backend;
  private final HeadProjections projections;
  private final Linear propeOutput;
  private final Rope rope;
  private final WindowAttention attention;
  private final CameraAttention propeAttention;

  /**
   * @param projections those of the video stream
   */
  VideoAttention(Parameters p, HeadProjections projections, WorldPlayHyTransformerConfig config) {
    this.projections = projections;
    backend = p.backend();
    propeOutput = Linear.of(p.at("img_attn_prope_proj"), config.dim(), config.dim());
    rope = p.kernel(Rope.class);
    attention = WindowAttention.of(backend, config.attention());
    propeAttention = CameraAttention.of(backend, config.attention());
  }

  /** Leaves the keys and values of the frames {@code x [T, C]} in the memory. */
  void remember(Tensor x, KvCache.View memory, Workspace.Frame outer) {
    try (Workspace.Frame frame = outer.inner()) {
      projections.keysAndValuesInto(
          LinearInput.of(x, frame),
          memory.keys().slice(0, x.size(0)),
          memory.values().slice(0, x.size(0)));
    }
  }

  /**
   * Attends to all that the tokens see.
   *
   * @param residual {@code [T, C]}, to which both branches are added
   * @param gate {@code [F, C]}
   * @param x {@code [T, C]}; in the memory already, if no frames are remembered before them
   * @param text keys and values of the text
   * @param remembers whether x are the frames that the memory was filled with, by {@link #remember}
   */
  void addTo(
      Tensor residual,
      Tensor gate,
      Tensor x,
      SeenFrames seen,
      KvCache.View text,
      KvCache.View memory,
      boolean remembers,
      Workspace.Frame outer,
      Trace trace) {
    int firstFrame = text.keys().size(0);
    int firstOwn = firstFrame + seen.firstToken();
    int end = firstOwn + x.size(0);
    try (Workspace.Frame frame = outer.inner()) {
      Tensor own = text.keys();
      Tensor keys = frame.like(own, end, own.size(1), own.size(2));
      Tensor values = frame.like(keys);
      // What comes from the memory ends where the frames of this pass do, if they are in it.
      int copied = remembers ? end : firstOwn;
      gather(text.keys(), memory.keys(), copied, keys);
      gather(text.values(), memory.values(), copied, values);
      LinearInput input = LinearInput.of(x, frame);
      Tensor q;
      if (remembers) {
        q = projections.queries(input);
      } else {
        q = projections.byHead(frame.like(x));
        projections.allInto(input, q, keys.slice(firstOwn, end), values.slice(firstOwn, end));
      }
      Tensor attended = frame.like(q);
      double scale = projections.scale();
      Cameras cameras = new Cameras(seen.imageFromWorld(), seen.worldFromImage(), firstFrame);
      propeAttention.run(q, keys, values, cameras, scale, attended, frame);
      trace.tap("prope_attn", attended);
      propeOutput.addTo(residual, gate, projections.flat(attended), frame);
      // The other branch needs the keys without positions no more.
      Tensor ofFrames = keys.slice(firstFrame, end);
      rope.run(ofFrames, seen.rotary(), ofFrames);
      rope.run(q, seen.rotary().slice(seen.firstToken(), seen.rotary().size(0)), q);
      attention.run(q, keys, values, scale, attended, frame);
      trace.tap("rope_attn", attended);
      projections.addTo(residual, gate, attended, frame);
    }
  }

  /** Copies the rows of the text and the first ones of the memory, so many together. */
  private void gather(Tensor text, Tensor memory, int count, Tensor out) {
    int rows = text.size(0);
    backend.copy(text, out.slice(0, rows));
    if (count > rows) {
      backend.copy(memory.slice(0, count - rows), out.slice(rows, count));
    }
  }
}
