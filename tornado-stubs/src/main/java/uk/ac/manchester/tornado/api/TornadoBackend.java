package uk.ac.manchester.tornado.api;

import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** One kind of driver with its devices. */
public interface TornadoBackend {
  int getNumDevices();

  TornadoDevice getDevice(int index);
}
