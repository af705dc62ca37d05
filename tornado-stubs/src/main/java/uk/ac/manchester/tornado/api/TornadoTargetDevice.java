package uk.ac.manchester.tornado.api;

/** What a device says about itself; sizes of memory in bytes. */
public interface TornadoTargetDevice {
  String getDeviceName();

  long getDeviceGlobalMemorySize();

  long getDeviceLocalMemorySize();

  long[] getDeviceMaxWorkGroupSize();

  long getDeviceMaxAllocationSize();
}
