package uk.ac.manchester.tornado.api.common;

import uk.ac.manchester.tornado.api.TornadoDeviceContext;
import uk.ac.manchester.tornado.api.TornadoTargetDevice;

/** A device that tasks can run on. */
public interface TornadoDevice {
  TornadoTargetDevice getPhysicalDevice();

  TornadoDeviceContext getDeviceContext();
}
