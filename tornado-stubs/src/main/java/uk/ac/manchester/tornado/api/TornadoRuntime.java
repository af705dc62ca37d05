package uk.ac.manchester.tornado.api;

import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/** TornadoVM as it runs in this process. */
public interface TornadoRuntime {
  int getNumBackends();

  TornadoBackend getBackend(int index);

  TornadoVMBackendType getBackendType(int index);
}
