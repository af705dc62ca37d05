package dev.orrery.model.oasis;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AdaptiveLayerNorm.ShiftScaleGate;
import dev.orrery.runtime.memory.SessionState;
import java.util.ArrayList;
import java.util.List;

/**
 * What timestep and action of some frames say to every layer of the transformer. It is the same for
 * all tokens of a frame and does not depend on the latents: the vectors of a frame's steps can be
 * computed together, those of context frames once for all.
 *
 * @param vectors {@code [V, R, C]}, fp32: a shift, a scale and a gate for each of a block's four
 *     layers, at last a shift and a scale of the head
 * @param from first of the rows that this is about
 * @param to behind the last of them; rows are frames
 */
record OasisModulation(Tensor vectors, int from, int to) implements SessionState.Part {
  /** Layers of a block: attention and MLP of its spatial half, then of its temporal half. */
  static final int LAYERS = 4;

  /** A shift, a scale and a gate. */
  static final int VECTORS_OF_LAYER = 3;

  private static final int VECTORS_OF_HEAD = 2;

  /**
   * Memory for some rows, of unknown content.
   *
   * @param rows how many
   * @param arena owner of the memory
   */
  static OasisModulation empty(OasisTransformerConfig config, int rows, TensorArena arena) {
    int vectors = config.layers() * LAYERS * VECTORS_OF_LAYER + VECTORS_OF_HEAD;
    return new OasisModulation(arena.empty(DType.F32, vectors, rows, config.dim()), 0, rows);
  }

  /** How many rows this is about. */
  int rows() {
    return to - from;
  }

  /** Some of the rows, counted from the first one of these. */
  OasisModulation rows(int first, int end) {
    return new OasisModulation(vectors, from + first, from + end);
  }

  /** Shift, scale and gate of a layer, from 0 to 3, of a block. */
  ShiftScaleGate layer(int block, int layer) {
    int first = (block * LAYERS + layer) * VECTORS_OF_LAYER;
    return new ShiftScaleGate(vector(first), vector(first + 1), vector(first + 2));
  }

  /** The vectors of some successive layers of a block. */
  List<Tensor> vectors(int block, int layer, int layers) {
    int first = (block * LAYERS + layer) * VECTORS_OF_LAYER;
    List<Tensor> found = new ArrayList<>();
    for (int i = first; i < first + layers * VECTORS_OF_LAYER; i++) {
      found.add(vector(i));
    }
    return found;
  }

  /** Shift and scale of the head. */
  ShiftScaleGate head() {
    int first = vectors.size(0) - VECTORS_OF_HEAD;
    return new ShiftScaleGate(vector(first), vector(first + 1), null);
  }

  private Tensor vector(int index) {
    return vectors.row(index).slice(from, to);
  }

  /** Copies rows to others of the same memory that they do not overlap. */
  void copy(int first, int to, int count, Backend backend) {
    for (int i = 0; i < vectors.size(0); i++) {
      Tensor rows = vectors.row(i);
      backend.copy(rows.slice(first, first + count), rows.slice(to, to + count));
    }
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    for (int i = 0; i < vectors.size(0); i++) {
      state.tensor("vector" + i, vector(i));
    }
  }
}
