package dev.orrery.kernels.linear;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MatmulSpeedTest {
  /** A single product of a kernel that is not compiled yet is slow, but no machine is this fast. */
  @Test
  void isASpeed() {
    try (Backend backend = CpuBackend.simd(1)) {
      double found = MatmulSpeed.measure(backend, Duration.ZERO);
      assertTrue(found > 1e5 && found < 1e14, () -> found + " operations per second");
    }
  }
}
