package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: one element at a time. */
public final class ModulationCpu implements Modulation {
  @Override
  public void launch(Tensor table, Tensor embedding, Tensor out) {
    int vectors = out.size(0);
    int frames = out.size(1);
    int channels = out.size(2);
    boolean shared = embedding.size(0) == 1;
    FloatView tables = FloatView.of(table);
    FloatView embeddings = FloatView.of(embedding);
    FloatView outs = FloatView.of(out);
    for (int n = 0; n < vectors; n++) {
      for (int f = 0; f < frames; f++) {
        long to = ((long) n * frames + f) * channels;
        long from = shared ? (long) f * channels : to;
        for (int c = 0; c < channels; c++) {
          double learned = tables.get((long) n * channels + c);
          outs.set(to + c, learned + embeddings.get(from + c));
        }
      }
    }
  }
}
