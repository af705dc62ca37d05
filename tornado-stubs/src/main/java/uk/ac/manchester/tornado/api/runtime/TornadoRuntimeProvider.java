package uk.ac.manchester.tornado.api.runtime;

import uk.ac.manchester.tornado.api.TornadoRuntime;

/** Starts TornadoVM. */
public class TornadoRuntimeProvider {
  private TornadoRuntimeProvider() {}

  public static TornadoRuntime getTornadoRuntime() {
    throw new UnsupportedOperationException("TornadoVM is not on the module path");
  }
}
