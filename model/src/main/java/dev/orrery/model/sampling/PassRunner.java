package dev.orrery.model.sampling;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.trace.Trace;

/**
 * Runs the forward passes of a sampler: brings what differs from pass to pass to the backend, and
 * makes each pass one batch.
 */
public final class PassRunner {
  private final Backend backend;
  private final NoiseSource noise;

  /** A runner on a backend. */
  public PassRunner(Backend backend, NoiseSource noise) {
    this.backend = backend;
    this.noise = noise;
  }

  /** Brings values to the backend. */
  public void upload(float[] values, Tensor to) {
    backend.copy(Tensor.of(values, to.shape().extents()), to);
  }

  /** Fills a tensor with noise, see {@link NoiseSource#fill}. */
  public void draw(long stream, Tensor out) {
    float[] values = new float[Math.toIntExact(out.elements())];
    noise.fill(stream, values);
    upload(values, out);
  }

  /**
   * Runs a forward pass.
   *
   * @param calls may neither read nor write host memory
   * @param trace what the pass shows its activations to
   */
  public void run(Runnable calls, Trace trace) {
    if (trace == Trace.NONE) {
      backend.batch(calls);
    } else {
      // A trace looks at every activation, which a batch does not allow.
      calls.run();
    }
  }
}
