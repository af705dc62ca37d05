package dev.orrery.model.golden;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.model.session.ForwardingBackend;

/** A backend whose linear layers compute one activation where another is asked for. */
public final class OtherActivationBackend extends ForwardingBackend {
  private final Activation asked;
  private final Activation computed;

  /**
   * @param asked the activation that is never computed
   * @param computed what is computed in its place
   */
  public OtherActivationBackend(Backend backend, Activation asked, Activation computed) {
    super(backend);
    this.asked = asked;
    this.computed = computed;
  }

  @Override
  public <K extends Kernel> K kernel(Class<K> contract) {
    K kernel = backend.kernel(contract);
    if (kernel instanceof Matmul matmul) {
      Matmul other =
          (x, weight, bias, activation, out) ->
              matmul.run(x, weight, bias, activation == asked ? computed : activation, out);
      return contract.cast(other);
    }
    return kernel;
  }
}
